from hypothesis import given
from hypothesis import strategies as st

from lib.domain.vocab import Beneficiary
from lib.replay.figures import account
from lib.replay.plan import committee_names, make_plan, share
from lib.replay.words import words


def scaled(scale: int) -> dict[str, int]:
    return {figure.key: figure.scaled(scale) for figure in account("zhongshan")}


@given(st.integers(0, 10_000), st.integers(1, 400))
def test_share__all_of_it_and_fairly(total: int, parts: int) -> None:
    dealt = share(total, parts)
    assert (sum(dealt), len(dealt)) == (total, parts)
    assert max(dealt) - min(dealt) <= 1


@given(st.integers(1, 50))
def test_plan__at_any_scale__deals_out_the_account(scale: int) -> None:
    n = scaled(scale)
    plan = make_plan(n)
    assert plan == make_plan(n)
    assert sum(plan.members) == n["members_checked_in"]
    assert sum(plan.by_person) + sum(plan.by_team) == n["projects_claimed"]
    assert sum(plan.teams) == n["service_teams"]
    assert len(plan.helps) == n["projects_completed"]
    assert sum(one.goods for one in plan.helps) == n["goods"]
    assert sum(one.money_fen for one in plan.helps) == n["money"] * 100
    families = [one for one in plan.helps if one.beneficiary is Beneficiary.FAMILY_IN_DIFFICULTY]
    assert len(families) == n["families_in_difficulty"]
    areas = {one.committee: one.residents for one in plan.patrols}
    assert sum(areas.values()) == n["patrol_beneficiaries"]
    assert sum(one.attendance for one in plan.patrols) == n["patrol_attendance"]


@given(st.integers(1, 50))
def test_plan__no_committee_is_asked_for_more_than_it_has(scale: int) -> None:
    plan = make_plan(scaled(scale))
    for k, members in enumerate(plan.members):
        done = len(plan.helps[k :: plan.committees])
        assert done <= plan.by_person[k] + plan.by_team[k]
        assert plan.teams[k] <= members
        heads = [one.attendance for one in plan.patrols if one.committee == k]
        assert max(heads, default=0) <= members


def test_names__enough_and_no_two_alike() -> None:
    said = words()
    named = committee_names(said.committee_first, said.committee_second, 59)
    assert len(set(named)) == 59
