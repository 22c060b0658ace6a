"""`make test-cluster` takes the cluster that is there, else makes one, else says what is missing."""

from __future__ import annotations

import pytest

from tests.cluster.choice import Cluster, NoClusterError, choose

ALL = {"kubectl", "kind", "docker"}


def test_the_cluster_that_kubectl_reaches_is_taken() -> None:
    assert choose(ALL.__contains__, lambda: True) is Cluster.THERE
    assert choose({"kubectl"}.__contains__, lambda: True) is Cluster.THERE


def test_without_one_a_cluster_is_made_by_kind() -> None:
    assert choose(ALL.__contains__, lambda: False) is Cluster.KIND


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ({"kubectl", "kind"}, "docker"),
        ({"kubectl", "docker"}, "kind"),
        ({"kubectl"}, "kind and docker"),
    ],
)
def test_without_a_cluster_and_without_the_means_it_is_told_what_is_missing(
    there: set[str], missing: str
) -> None:
    with pytest.raises(NoClusterError, match=f"reaches none, and {missing}, needed"):
        choose(there.__contains__, lambda: False)


def test_without_kubectl_nothing_is_asked() -> None:
    def asked() -> bool:
        raise AssertionError

    with pytest.raises(NoClusterError, match="kubectl is missing"):
        choose({"kind", "docker"}.__contains__, asked)
