"""How an actor's grants add up; who may do what stands in ``tests/expected_permissions.csv``."""

import pytest

from lib.domain.permissions import GIVES, GRANTED, Actor, Grant, Permission, Role, Scope
from lib.domain.vocab import Language


def somebody(*grants: Grant) -> Actor:
    return Actor(1, "测试", "Tester", Language.ZH, None, grants)


def test_may__without_a_grant__nothing() -> None:
    assert not any(somebody().may(permission) for permission in Permission)
    assert somebody().role is Role.VISITOR


def test_scope__only_grants_that_carry_the_permission() -> None:
    actor = somebody(Grant(Role.VISITOR, None), Grant(Role.COMMUNITY_SECRETARY, 7))
    assert actor.scope(Permission.SERVICE_CONFIRM) == Scope(False, frozenset({7}))
    assert actor.scope(Permission.AREA_VIEW) == Scope(True, frozenset({7}))
    assert actor.scope(Permission.AREA_EDIT) == Scope(False, frozenset())
    assert actor.role is Role.COMMUNITY_SECRETARY


def test_scope__a_unit_and_a_grid__the_union_of_both() -> None:
    liaison, secretary = Grant(Role.UNIT_LIAISON, 7, 3), Grant(Role.GRID_SECRETARY, 8)
    leader = Grant(Role.TEAM_LEADER, 9, team_id=5)
    everything = somebody(liaison, secretary, leader)
    assert everything.scope(Permission.SERVICE_RECORD_OTHERS) == Scope(
        False, frozenset({8}), frozenset({3}), frozenset({5})
    )
    assert everything.scope(Permission.UNIT_EDIT) == Scope(False, frozenset(), frozenset({3}))
    assert not everything.scope(Permission.UNIT_EDIT).has_area
    assert everything.scope(Permission.SERVICE_RECORD).area_ids == {7, 8, 9}


def test_own_name__without_what_was_delegated() -> None:
    own, lent = Grant(Role.GRID_WORKER, 7), Grant(Role.GRID_SECRETARY, 8, on_behalf_of=2)
    actor = somebody(own, lent)
    assert actor.may(Permission.SERVICE_CONFIRM)
    assert actor.in_own_name().grants == (own,)
    assert not actor.in_own_name().may(Permission.SERVICE_CONFIRM)


@pytest.mark.parametrize(("giver", "given"), [(a, b) for a in GIVES for b in sorted(GIVES[a])])
def test_gives__nobody_but_the_administrator_gives_the_own_rank_or_a_higher_one(
    giver: Role, given: Role
) -> None:
    assert giver is Role.ADMINISTRATOR or list(Role).index(given) > list(Role).index(giver)


def test_gives__who_gives_may_manage_accounts() -> None:
    assert set(GIVES) == GRANTED[Permission.ACCOUNT_EDIT]
