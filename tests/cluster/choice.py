"""On which cluster the tests run: the one that kubectl reaches, else a new one by kind, else none."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Cluster(Enum):
    """`THERE` is left as it was found; one by `KIND` is made and deleted."""

    THERE = "that of kubectl"
    KIND = "a new one by kind"


class NoClusterError(RuntimeError):
    """There is none and none can be made; the text says what is missing."""


def choose(has: Callable[[str], bool], reaches: Callable[[], bool]) -> Cluster:
    """`has`: whether a program is on the PATH. `reaches`: whether kubectl gets an answer.

    Raises NoClusterError.
    """
    if not has("kubectl"):
        raise NoClusterError("kubectl is missing: make test-cluster needs it, helm and a cluster.")
    if reaches():
        return Cluster.THERE
    missing = [program for program in ("kind", "docker") if not has(program)]
    if missing:
        raise NoClusterError(
            f"There is no cluster: kubectl reaches none, and {' and '.join(missing)}, needed to make one, "
            "cannot be found. Set KUBECONFIG, or install https://kind.sigs.k8s.io and docker."
        )
    return Cluster.KIND
