"""Replays requests that a real Keycloak answered, and compares the answers.

tests/contract/keycloak holds requests and answers of Keycloak 26.7.3 with its secrets replaced by
`***`, ids by `<uuid>`, times by `<exp>`/`<iat>` and its address by `{BASE}`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
from joserfc import jws

ANSWERS = Path(__file__).parents[2] / "contract" / "keycloak"
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Not ours: the recorded realm also had clearances; the rest is Keycloak's own inside of its
# refresh tokens, which clients never read.
NOT_OURS = {"clearance", "aud_x", "prov", "reuse_id"}


def recorded(name: str) -> dict[str, Any]:
    """One recorded request with its answer."""
    return json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


def assert_same_answer(
    answer: dict[str, Any], response: httpx.Response, base: str, ignore: frozenset[str]
) -> None:
    """Status, recorded headers and body are those of Keycloak."""
    assert response.status_code == answer["status"]
    for header, value in answer["headers"].items():
        assert response.headers[header] == value, header
    if isinstance(answer["body"], str):
        assert response.text == answer["body"]
    else:
        _same(answer["body"], response.json(), base, NOT_OURS | ignore, "body")


def _same(expected: Any, actual: Any, base: str, ignore: set[str], where: str) -> None:
    if isinstance(expected, dict) and "__jwt__" in expected:
        _same(expected["__jwt__"], _decoded(actual), base, ignore, where)
    elif isinstance(expected, dict):
        assert expected.keys() - ignore == actual.keys(), where
        for key in actual:
            _same(expected[key], actual[key], base, ignore, f"{where}.{key}")
    elif isinstance(expected, list) and all(isinstance(item, str) for item in expected):
        assert sorted(expected) == sorted(actual), where
    elif isinstance(expected, list):
        assert len(expected) == len(actual), where
        for position, item in enumerate(expected):
            _same(item, actual[position], base, ignore, f"{where}[{position}]")
    elif isinstance(expected, str):
        _same_text(expected, actual, base, where)
    else:
        assert (type(expected), expected) == (type(actual), actual), where


def _same_text(expected: str, actual: Any, base: str, where: str) -> None:
    if expected in ("<exp>", "<iat>"):
        assert isinstance(actual, int), where
    else:
        assert isinstance(actual, str), where
        pattern = re.escape(expected.replace("{BASE}", base))
        pattern = pattern.replace(re.escape("***"), ".+").replace(re.escape("<uuid>"), _UUID)
        assert re.fullmatch(pattern, actual), f"{where}: {actual} is not {expected}"


def _decoded(token: str) -> dict[str, Any]:
    extracted = jws.extract_compact(token.encode("ascii"))
    return {"header": extracted.headers(), "claims": json.loads(extracted.payload)}
