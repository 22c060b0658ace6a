"""What a caller may do: the grants of each method's .proto rule, matched to the caller's roles.

Deny unless declared: a method without a rule keeps the server from starting.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dondoc.authz.v1 import authz_pb2
from google.protobuf.descriptor import ServiceDescriptor
from sqlalchemy import ColumnElement, and_, false, or_, select, true

from services.kernel.runtime.errors import permission_denied
from services.kernel.runtime.identity import Principal
from services.kernel.runtime.tables import party

# Open to everybody: they tell nothing of the business.
WITHOUT_RULE = frozenset(
    {
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }
)


class Scope(StrEnum):
    """SCOPE_* of dondoc.authz.v1."""

    ANY = "ANY"
    LEAD = "LEAD"
    PARTY = "PARTY"
    SUBTREE = "SUBTREE"
    SELF = "SELF"


class Part(StrEnum):
    """Part of an agency in an object."""

    LEAD = "LEAD"
    COORDINATING = "COORDINATING"
    MONITORING = "MONITORING"
    SUBMITTING = "SUBMITTING"
    CONCERNED = "CONCERNED"


@dataclass(frozen=True, slots=True)
class Grant:
    roles: frozenset[str]
    position: str  # "head", "officer", or empty for any
    scope: Scope

    def reaches(self, principal: Principal) -> bool:
        return bool(self.roles & principal.roles) and (
            not self.position or self.position in principal.roles
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule of one method: its own grants, and those that say what its caller may see."""

    grants: tuple[Grant, ...]
    visible: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do in one call.

    `act`: scopes in which the method may be carried out; `see`: scopes in which objects exist for the
    caller at all; `subtree`: slugs of the caller's agency and its subordinates (only if a scope asks).
    """

    principal: Principal
    act: frozenset[Scope]
    see: frozenset[Scope]
    subtree: tuple[str, ...] = ()

    @property
    def agency(self) -> str:
        return self.principal.agency

    def may_act(self, parts: Mapping[str, Collection[str]]) -> bool:
        """`parts`: agency slug → its parts in the object."""
        own = parts.get(self.agency, ())
        return (
            Scope.ANY in self.act
            or (Scope.LEAD in self.act and Part.LEAD in own)
            or (Scope.PARTY in self.act and bool(own))
            or (Scope.SUBTREE in self.act and any(agency in parts for agency in self.subtree))
            or (Scope.SELF in self.act and self.agency in parts)
        )

    def require(self, parts: Mapping[str, Collection[str]]) -> None:
        """PERMISSION_DENIED for an object that the caller sees but may not act on."""
        if not self.may_act(parts):
            raise permission_denied(
                "Bạn xem được nhưng không có quyền thực hiện việc này.",
                "you may see this but not do that to it",
            )


# For workers, which act for nobody: what they tell is decided by what they are, not by who asks.
EVERYTHING = Access(
    Principal("", "", frozenset(), math.inf), act=frozenset(), see=frozenset({Scope.ANY})
)


def seen(access: Access, subject: Any, *, owner: Any = None) -> ColumnElement[bool]:
    """The SQL clause that keeps what the caller may see; `subject` is the column of resource names.

    `owner`, a column of agency slugs, serves SELF and SUBTREE where objects belong to one agency.
    """
    if Scope.ANY in access.see:
        return true()
    if not access.agency:
        return false()
    clauses: list[ColumnElement[bool]] = []
    part_of = party.c.agency == access.agency
    if Scope.LEAD in access.see:
        part_of = and_(part_of, party.c.part == Part.LEAD)
    if access.see & {Scope.LEAD, Scope.PARTY}:
        if Scope.PARTY in access.see:
            part_of = party.c.agency == access.agency
        clauses.append(select(1).where(party.c.subject == subject, part_of).exists())
    if Scope.SUBTREE in access.see:
        if owner is None:
            below = party.c.agency.in_(access.subtree)
            clauses.append(select(1).where(party.c.subject == subject, below).exists())
        else:
            clauses.append(owner.in_(access.subtree))
    if Scope.SELF in access.see and owner is not None:
        clauses.append(owner == access.agency)
    return or_(false(), *clauses)


class MissingRuleError(Exception):
    """A served method declares no rule."""


def _grants(rule: authz_pb2.Rule) -> tuple[Grant, ...]:
    grants = []
    for grant in rule.grants:
        if not grant.roles or not grant.scope:
            raise MissingRuleError("a grant without roles or scope")
        position = authz_pb2.Position.Name(grant.position).removeprefix("POSITION_").lower()
        grants.append(
            Grant(
                frozenset(grant.roles),
                "" if position == "unspecified" else position,
                Scope(authz_pb2.Scope.Name(grant.scope).removeprefix("SCOPE_")),
            )
        )
    return tuple(grants)


def rules_of(services: Iterable[ServiceDescriptor]) -> dict[str, Rule]:
    """Rules by path (`/dondoc.tasks.v1.TaskService/GetTask`); MissingRuleError names what lacks one."""
    declared: dict[str, authz_pb2.Rule] = {}
    missing = []
    for service in services:
        if service.full_name in WITHOUT_RULE:
            continue
        for method in service.methods:
            options = method.GetOptions()
            if options.HasExtension(authz_pb2.rule) and options.Extensions[authz_pb2.rule].grants:
                declared[method.full_name] = options.Extensions[authz_pb2.rule]
            else:
                missing.append(method.full_name)
    if missing:
        raise MissingRuleError("no rule is declared for " + ", ".join(sorted(missing)))
    rules = {}
    for name, rule in declared.items():
        seen_as = rule.visible_as or name
        if seen_as not in declared:
            raise MissingRuleError(f"{name}: visible_as names {seen_as}, which is not served")
        service_name, method_name = name.rsplit(".", 1)
        rules[f"/{service_name}/{method_name}"] = Rule(_grants(rule), _grants(declared[seen_as]))
    return rules


def admit(rule: Rule, principal: Principal) -> Access:
    """The caller's scopes; PERMISSION_DENIED before any look-up when no grant names his roles."""
    act = frozenset(grant.scope for grant in rule.grants if grant.reaches(principal))
    if not act:
        raise permission_denied(
            "Vai trò của bạn không được gọi chức năng này.",
            "your roles may not call this method",
            "ROLE_NOT_GRANTED",
        )
    see = act | frozenset(grant.scope for grant in rule.visible if grant.reaches(principal))
    return Access(principal, act, see)
