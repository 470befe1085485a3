"""Needs, the library and one's claims as read: scope, pages, and what the clock has ended."""

from datetime import timedelta

import pytest

from lib.domain.calendar import today
from lib.domain.vocab import NeedState, ProjectState, Skill
from lib.queries import claim, need, project
from lib.queries.project import Near, Order, Wanted, position
from lib.services.claim import hand_over_claim, start_claim
from lib.services.need import adopt_into, collect_need, decline_need
from lib.services.project import create_project
from lib.services.service import Participant, record_service
from tests.factories import SmallStreet
from tests.services.pipeline import (
    claimed,
    person,
    plan,
    project_open,
    promised_before,
    request,
    wish,
)
from tests.services.written import act, entry, loaded


def collected(street: SmallStreet, words: str, area_id: int | None = None, **values: object) -> int:
    return collect_need(
        street.actors["administrator"],
        entry=wish(area_id or street.areas.g1, words=words, **values),
        request_id=request(),
    )


def library(street: SmallStreet, who: str, **values: object) -> list[int]:
    frame = project.library(street.actors[who], area_id=None, day=today(), **values)
    return [int(number) for number in frame["project_id"]]


def test_needs__by_state_words_and_page_within_scope(street: SmallStreet) -> None:
    first = collected(street, "想要一个书包")
    second = collected(street, "楼道灯坏了", place="3号楼")
    far = collected(street, "想学手机", street.areas.g3)
    secretary = street.actors["community_secretary"]
    decline_need(secretary, need_id=second, version=1, reason="物业已修")

    def listed(who: str, **values: object) -> list[int]:
        rows = need.listing(street.actors[who], area_id=None, **values)
        return [int(number) for number in rows["need_id"]]

    assert listed("street_committee") == [far, second, first]
    assert listed("community_secretary") == [second, first]
    assert listed("volunteer") == listed("visitor") == []
    assert listed("grid_worker", states=(NeedState.COLLECTED,)) == [first]
    assert listed("administrator", text="3号楼") == [second]
    assert listed("administrator", before=far, limit=1) == [second]
    history = need.steps(secretary, need_id=second)
    assert history["reason"].tolist() == ["", "物业已修"]
    assert need.steps(street.actors["neighbour"], need_id=second).empty


def test_needs__alike__open_ones_of_the_community(street: SmallStreet) -> None:
    near = collected(street, "想要一个新书包", street.areas.g2)
    collected(street, "楼道的灯坏了两个月")
    collected(street, "想要一个新书包", street.areas.g3)
    settled = collected(street, "想要一个新书包")
    decline_need(street.actors["second"], need_id=settled, version=1, reason="已送")
    secretary = street.actors["community_secretary"]
    found = need.alike(
        secretary, area_id=street.areas.g1, kind="visit", words="想要一个书包", place=""
    )
    assert found["need_id"].tolist() == [near]
    nothing = need.alike(secretary, area_id=street.areas.g1, kind="visit", words="", place="")
    assert nothing.empty


def test_library__who_sees_which(street: SmallStreet) -> None:
    own, street_wide = project_open(street), None
    street_wide = create_project(
        street.actors["street_committee"],
        entry=plan(street.areas.s),
        request_id=request(),
        publish=True,
    )
    far = create_project(
        street.actors["neighbour"], entry=plan(street.areas.g3), request_id=request(), publish=True
    )
    draft = create_project(
        street.actors["second"], entry=plan(street.areas.g1), request_id=request()
    )
    assert library(street, "street_committee") == [own, street_wide, far]
    assert library(street, "volunteer") == [own, street_wide]
    assert library(street, "visitor") == library(street, "auditor") == []
    drafts = (ProjectState.DRAFT,)
    assert library(street, "volunteer", states=drafts) == []
    assert library(street, "community_secretary", states=drafts) == [draft]
    within = project.library(street.actors["administrator"], area_id=street.areas.g3, day=today())
    assert within["project_id"].tolist() == [street_wide, far]


def test_library__filters_and_pages(street: SmallStreet) -> None:
    days = [today() + timedelta(days=n) for n in (9, 3, 3, 6)]
    late, one, two, mid = (
        project_open(street, last_day=day, first_day=day - timedelta(days=2)) for day in days
    )
    other = project_open(street, kind="repair", last_day=days[0])
    assert library(street, "volunteer") == [one, two, mid, late, other]
    assert library(street, "volunteer", wanted=Wanted(kind="repair")) == [other]
    assert library(street, "volunteer", wanted=Wanted(on=days[3])) == [mid, other]
    assert library(street, "volunteer", limit=2) == [one, two]
    assert library(street, "volunteer", after=(days[1], one), limit=2) == [two, mid]
    tomorrow = project.library(street.actors["volunteer"], area_id=None, day=days[3])
    assert tomorrow["project_id"].tolist() == [mid, late, other]


def test_library__by_skill_entry_and_micro_wish(street: SmallStreet) -> None:
    skilled = project_open(street, skills=frozenset({Skill.REPAIR, Skill.LAW}))
    family = project_open(street, entry="family")
    wished = collected(street, "想要一个书包", micro_wish=True)
    adopt_into(street.actors["second"], need_id=wished, version=1, project_id=family)
    assert library(street, "volunteer", wanted=Wanted(skill="law")) == [skilled]
    assert library(street, "volunteer", wanted=Wanted(entry="family")) == [family]
    assert library(street, "volunteer", wanted=Wanted(micro_wish=True)) == [family]
    rows = project.library(street.actors["volunteer"], area_id=None, day=today())
    assert rows["skills"].tolist() == [("law", "repair"), ()]
    assert rows["micro_wish"].tolist() == [False, True]
    assert rows["distance_m"].isna().all()


def test_library__newest_first_a_page_at_a_time(street: SmallStreet) -> None:
    numbers = [project_open(street) for _ in range(5)]
    found: list[int] = []
    after = None
    for _ in range(3):
        rows = project.library(
            street.actors["volunteer"],
            area_id=None,
            day=today(),
            order=Order.NEWEST,
            after=after,
            limit=2,
        )
        found += [int(one) for one in rows["project_id"]]
        after = position(rows.iloc[-1], Order.NEWEST)
    assert found == numbers[::-1]


def test_library__near__the_nearest_first(street: SmallStreet) -> None:
    here, beside = project_open(street), project_open(street, street.areas.g2)
    round_ = project_open(street, street.areas.c1)

    def found(metres: int, **values: object) -> list[tuple[int, float]]:
        rows = project.library(
            street.actors["volunteer"],
            area_id=None,
            day=today(),
            wanted=Wanted(near=Near(street.areas.g1, metres)),
            order=Order.NEAREST,
            **values,
        )
        return list(zip(rows["project_id"], rows["distance_m"], strict=True))

    assert found(1) == [(here, 0), (round_, 0)]
    wide = found(5000)
    assert [number for number, _ in wide] == [here, round_, beside]
    assert 10 < wide[2][1] < 5000
    assert found(5000, after=(0.0, here), limit=1) == [(round_, 0)]
    counted = project.by_area(
        street.actors["volunteer"],
        area_id=None,
        day=today(),
        wanted=Wanted(near=Near(street.areas.g1, 1)),
    )
    assert counted.to_numpy().tolist() == sorted([[street.areas.g1, 1], [street.areas.c1, 1]])


def test_library__all_places_confirmed__no_longer_open(street: SmallStreet) -> None:
    number = project_open(street, capacity=2)
    for who in ("lin", "zhou"):
        service = record_service(
            street.actors["community_secretary"],
            entry=entry(street.areas.g1),
            participants=[Participant(60, person_id=street.people[who])],
            request_id=request(),
            claim_id=claimed(street, number, who),
        )
        assert library(street, "volunteer") == [number]
        act("confirm", street.actors["second"], street, service, loaded(service).version)
    assert library(street, "volunteer") == []
    closed, committee = (ProjectState.CLOSED,), "community_secretary"
    assert library(street, committee, states=closed) == [number]
    counted = project.by_area(street.actors["volunteer"], area_id=None, day=today())
    assert counted.empty
    act("void", street.actors["second"], street, service, loaded(service).version)
    assert library(street, "volunteer") == [number]
    later = project.library(
        street.actors[committee], area_id=None, day=today() + timedelta(days=11), states=closed
    )
    assert later["project_id"].tolist() == [number]


def test_project__progress_from_its_claims_and_the_clock(street: SmallStreet) -> None:
    number = project_open(street, capacity=2)
    kept, lapsed = claimed(street, number), claimed(street, number, "zhou")
    claimed(street, number, "namesake", wait=True)

    def counts(day: int = 0) -> tuple[int, int, bool]:
        (row,) = project.project(
            street.actors["volunteer"], project_id=number, day=today() + timedelta(days=day)
        ).itertuples()
        return row.taken, row.waiting, row.own

    assert counts() == (2, 1, True)
    promised_before(lapsed, 1)
    assert counts() == (1, 1, True)
    start_claim(street.actors["volunteer"], claim_id=kept, version=1)
    assert counts(day=1) == (1, 0, True)
    assert project.project(street.actors["visitor"], project_id=number, day=today()).empty


def test_mine__what_is_to_be_done_first(street: SmallStreet) -> None:
    far = claimed(street, project_open(street, title="远"), on=today() + timedelta(days=3))
    near = claimed(street, project_open(street, title="近"))
    over = claimed(street, project_open(street, title="过"))
    promised_before(over, 1)
    claimed(street, project_open(street), "zhou")
    rows = claim.mine(street.actors["volunteer"], day=today())
    assert rows["claim_id"].tolist() == [near, far, over]
    assert [str(one) for one in rows["state"]] == ["active", "active", "lapsed"]
    assert rows["claimant_zh"].tolist() == ["林小满"] * 3


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("community_secretary", ["林小满", "周一诺"]),
        ("neighbour", []),
        ("volunteer", []),
        ("visitor", []),
    ],
)
def test_of_project__names_for_whoever_looks_after_it(
    street: SmallStreet, who: str, names: list[str]
) -> None:
    number = project_open(street, capacity=2)
    held = claimed(street, number)
    claimed(street, number, "zhou")
    rows = claim.of_project(street.actors[who], project_id=number, day=today())
    assert rows["claimant_zh"].tolist() == names
    steps = claim.steps(street.actors[who], claim_id=held)
    assert len(steps) == (1 if names or who == "volunteer" else 0)


def test_of_area__by_what_is_to_be_looked_after(street: SmallStreet) -> None:
    full, late = project_open(street), project_open(street)
    held, waits, more = (
        claimed(street, full, who, wait=True) for who in ("lin", "zhou", "namesake")
    )
    begun = claimed(street, late)
    start_claim(street.actors["volunteer"], claim_id=begun, version=1)
    promised_before(begun, 1)

    def listed(who: str, which: str) -> list[tuple[int, int]]:
        rows = claim.of_area(
            street.actors[who], area_id=None, day=today(), which=claim.Which(which)
        )
        return list(zip(rows["claim_id"], rows["ahead"], strict=True))

    assert listed("community_secretary", "standing") == [(begun, 0), (held, 0)]
    assert listed("community_secretary", "overdue") == [(begun, 0)]
    assert listed("community_secretary", "waiting") == [(waits, 0), (more, 1)]
    assert listed("community_secretary", "ended") == []
    assert listed("neighbour", "standing") == listed("volunteer", "standing") == []
    promised_before(held, 1)
    assert listed("community_secretary", "ended") == [(held, 0)]


def test_claimants__teams_and_units_one_may_act_for(street: SmallStreet) -> None:
    def offered(who: str) -> list[tuple[str, int]]:
        rows = claim.claimants(street.actors[who], area_id=street.areas.g1)
        return list(zip(rows["kind"], rows["claimant_id"], strict=True))

    patrol, school = ("team", street.teams["patrol"]), ("unit", street.units["school"])
    assert {patrol, school} <= set(offered("street_committee"))
    assert offered("team_leader") == [patrol]
    assert offered("unit_liaison") == [school]
    assert offered("volunteer") == offered("visitor") == []


def test_steps__of_a_claim_that_was_handed_over_begin_before_it(street: SmallStreet) -> None:
    number = project_open(street)
    first = claimed(street, number)
    secretary = street.actors["community_secretary"]
    second = hand_over_claim(
        secretary,
        claim_id=first,
        version=1,
        to=person(street, "zhou"),
        request_id=request(),
    )
    rows = claim.steps(secretary, claim_id=second)
    assert [str(one) for one in rows["target"]] == ["active", "handed_over", "active"]
    assert len(claim.steps(secretary, claim_id=first)) == 2
    told = project.steps(street.actors["volunteer"], project_id=number)
    assert [str(one) for one in told["action"]] == ["create", "publish"]
    assert project.steps(street.actors["neighbour"], project_id=number).empty


def test_adopted__the_list_names_its_project(street: SmallStreet) -> None:
    number, answer = collected(street, "想要书包"), project_open(street, title="送书包")
    adopt_into(street.actors["second"], need_id=number, version=1, project_id=answer)
    (row,) = need.listing(street.actors["second"], area_id=None).itertuples()
    assert (row.project_id, row.project_title) == (answer, "送书包")
