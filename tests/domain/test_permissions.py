"""Who may do what, checked against a table written by hand, role by role."""

from itertools import product

import pytest

from lib.domain.permissions import GRANTED, Actor, Grant, Permission, Role, Scope
from lib.domain.vocab import Language

EXPECTED = {
    "administrator": (
        "area:edit area:view ledger:import person:name person:register service:confirm"
        " service:record service:record_others service:view service:void settings:edit"
        " structure:edit unit:contact unit:edit unit:view"
    ),
    "street_committee": (
        "area:edit area:view ledger:import person:name person:register service:confirm"
        " service:record service:record_others service:view service:void settings:edit"
        " structure:edit unit:contact unit:edit unit:view"
    ),
    "community_secretary": (
        "area:view ledger:import person:name person:register service:confirm"
        " service:record service:record_others service:view service:void structure:edit"
        " unit:contact unit:edit unit:view"
    ),
    "grid_secretary": (
        "area:view person:name person:register service:confirm service:record"
        " service:record_others service:view service:void structure:edit unit:contact unit:view"
    ),
    "unit_liaison": (
        "area:view person:name service:record service:record_others service:view"
        " unit:contact unit:edit unit:view"
    ),
    "volunteer": "area:view person:name service:record service:view unit:view",
    "visitor": "area:view unit:view",
}


def somebody(*grants: Grant) -> Actor:
    return Actor(1, "测试", "Tester", Language.ZH, None, grants)


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_may__every_role_and_permission(role: Role, permission: Permission) -> None:
    expected = permission.value in EXPECTED[role.value].split()
    assert somebody(Grant(role, 1)).may(permission) is expected
    assert (role in GRANTED[permission]) is expected


def test_expected__names_every_role() -> None:
    assert set(EXPECTED) == {role.value for role in Role}


def test_may__without_a_grant__nothing() -> None:
    assert not any(somebody().may(permission) for permission in Permission)
    assert somebody().role is Role.VISITOR


def test_scope__only_grants_that_carry_the_permission() -> None:
    actor = somebody(Grant(Role.VISITOR, None), Grant(Role.COMMUNITY_SECRETARY, 7))
    assert actor.scope(Permission.SERVICE_CONFIRM) == Scope(False, frozenset({7}))
    assert actor.scope(Permission.AREA_VIEW) == Scope(True, frozenset({7}))
    assert actor.scope(Permission.AREA_EDIT) == Scope(False, frozenset())
    assert actor.role is Role.COMMUNITY_SECRETARY


def test_only_unit__a_liaison_alone_is_bound_to_the_unit() -> None:
    liaison = Grant(Role.UNIT_LIAISON, 7, 3)
    assert somebody(liaison).only_unit(Permission.UNIT_EDIT) == 3
    assert somebody(liaison, Grant(Role.VISITOR, None)).only_unit(Permission.UNIT_EDIT) == 3
    secretary = Grant(Role.COMMUNITY_SECRETARY, 7)
    assert somebody(liaison, secretary).only_unit(Permission.UNIT_EDIT) is None
    assert somebody(secretary).only_unit(Permission.UNIT_EDIT) is None
