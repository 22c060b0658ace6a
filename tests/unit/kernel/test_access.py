"""Grants of the .proto files, matched to callers."""

from __future__ import annotations

import pytest
from dondoc.authz.v1 import authz_pb2
from google.protobuf import descriptor_pb2, descriptor_pool

from services.kernel.runtime.access import (
    Access,
    Grant,
    MissingRuleError,
    Part,
    Rule,
    Scope,
    admit,
    rules_of,
)
from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.identity import Principal


def caller(agency: str, *roles: str) -> Principal:
    return Principal("someone", agency, frozenset(roles), 0)


def service_with(rule: authz_pb2.Rule | None) -> object:
    """A service of one method with this rule, in a pool of its own."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(authz_pb2.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(name="x.proto", package="x", syntax="proto3")
    file.message_type.add(name="M")
    service = file.service.add(name="S")
    method = service.method.add(name="Do", input_type=".x.M", output_type=".x.M")
    if rule is not None:
        method.options.Extensions[authz_pb2.rule].CopyFrom(rule)
    pool.Add(file)
    return pool.FindServiceByName("x.S")


def test_a_method_without_a_rule_keeps_the_server_from_starting() -> None:
    with pytest.raises(MissingRuleError, match=r"x\.S\.Do"):
        rules_of([service_with(None)])


def test_a_rule_without_grants_counts_as_none() -> None:
    with pytest.raises(MissingRuleError):
        rules_of([service_with(authz_pb2.Rule())])


def test_a_grant_without_scope_is_refused() -> None:
    with pytest.raises(MissingRuleError):
        rules_of([service_with(authz_pb2.Rule(grants=[authz_pb2.Grant(roles=["office"])]))])


def test_visibility_must_name_a_served_method() -> None:
    grant = authz_pb2.Grant(roles=["office"], scope=authz_pb2.SCOPE_ANY)
    with pytest.raises(MissingRuleError, match="visible_as"):
        rules_of([service_with(authz_pb2.Rule(grants=[grant], visible_as="x.S.Get"))])


OFFICE = Grant(frozenset({"office"}), "", Scope.ANY)
LEAD = Grant(frozenset({"department"}), "", Scope.LEAD)
HEAD = Grant(frozenset({"department"}), "head", Scope.ANY)
PARTY = Grant(frozenset({"department"}), "", Scope.PARTY)


def test_grants_are_united() -> None:
    access = admit(Rule((OFFICE, LEAD), (OFFICE,)), caller("a", "office", "department"))
    assert access.act == {Scope.ANY, Scope.LEAD}


def test_a_role_without_grant_is_denied_before_any_look_up() -> None:
    with pytest.raises(DondocError) as denied:
        admit(Rule((OFFICE,), (OFFICE,)), caller("a", "district"))
    assert denied.value.reason == "ROLE_NOT_GRANTED"


@pytest.mark.parametrize(
    ("roles", "allowed"), [(("department",), False), (("department", "head"), True)]
)
def test_a_position_is_asked_for_where_the_grant_names_one(
    roles: tuple[str, ...], allowed: bool
) -> None:
    rule = Rule((HEAD,), (HEAD,))
    if allowed:
        assert admit(rule, caller("a", *roles)).act == {Scope.ANY}
    else:
        with pytest.raises(DondocError):
            admit(rule, caller("a", *roles))


@pytest.mark.parametrize(
    ("part", "allowed"), [(Part.LEAD, True), (Part.COORDINATING, False), (None, False)]
)
def test_what_is_seen_may_still_not_be_acted_on(part: Part | None, allowed: bool) -> None:
    access = admit(Rule((LEAD,), (PARTY,)), caller("a", "department"))
    assert access.see == {Scope.LEAD, Scope.PARTY}
    assert access.may_act({"a": {part}} if part else {}) is allowed


def test_subordinate_agencies_count_in_a_subtree_only() -> None:
    own = caller("top", "department")
    parts = {"below": {Part.LEAD}}
    inside = Access(own, frozenset({Scope.SUBTREE}), frozenset({Scope.SUBTREE}), ("below", "top"))
    outside = Access(own, frozenset({Scope.PARTY}), frozenset({Scope.PARTY}), ("below", "top"))
    assert inside.may_act(parts)
    assert not outside.may_act(parts)
