"""Volunteers, teams and names: counted for all, named only for those who record them."""

import pytest

from lib.domain.calendar import today
from lib.domain.vocab import ServiceKind, ServiceState
from lib.persistence.engine import Writes
from lib.persistence.models import Membership
from lib.queries import people
from tests.factories import OPENED, SmallStreet, service_given

ALL = {"area_id": None, "first": today(), "last": today()}

VOLUNTEERS = {
    "administrator": 6,
    "street_committee": 6,
    "street_staff": 6,
    "community_secretary": 5,
    "grid_secretary": 3,
    "grid_worker": 3,
    "unit_liaison": 6,
    "team_leader": 5,
    "volunteer": 5,
    "auditor": 0,
    "visitor": 5,
    "neighbour": 1,
}
"""lin, zhou and teacher live in G1, the namesake and serving in G2, qin in G3.

A visitor is told six as five."""


@pytest.mark.parametrize("who", VOLUNTEERS)
def test_volunteers__of_every_role(street: SmallStreet, who: str) -> None:
    assert people.volunteers(street.actors[who], area_id=None) == VOLUNTEERS[who]


def test_volunteers__below_an_area(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    for place, n in (("s", 6), ("c1", 5), ("g3", 1), ("g4", 0), ("t", 0)):
        assert people.volunteers(admin, area_id=getattr(street.areas, place)) == n
    assert people.volunteers(street.actors["neighbour"], area_id=street.areas.c1) == 0


TEAMS = {
    "administrator": "patrol tutors visitors",
    "street_committee": "patrol tutors visitors",
    "community_secretary": "patrol",
    "grid_secretary": "",
    "unit_liaison": "patrol tutors visitors",
    "team_leader": "patrol",
    "volunteer": "patrol",
    "auditor": "",
    "visitor": "patrol tutors visitors",
    "neighbour": "visitors",
}
"""Teams within each actor's own areas: patrol in C1, tutors in S, visitors in C2."""


@pytest.mark.parametrize("who", TEAMS)
def test_teams__of_every_role(street: SmallStreet, who: str) -> None:
    rows = people.teams(street.actors[who], **ALL)
    assert set(rows["team_id"]) == {street.teams[name] for name in TEAMS[who].split()}


@pytest.mark.parametrize(
    ("who", "place", "expected"),
    [
        ("community_secretary", "c1", "patrol tutors"),
        ("community_secretary", "g2", "patrol tutors"),
        ("grid_secretary", "g1", "patrol tutors"),
        ("administrator", "c2", "visitors tutors"),
        ("administrator", "t", ""),
        ("community_secretary", "c2", ""),
        ("neighbour", "g1", ""),
        ("grid_secretary", "g2", ""),
    ],
)
def test_teams__of_a_place__those_above_it_too_but_only_where_one_may_look(
    street: SmallStreet, who: str, place: str, expected: str
) -> None:
    rows = people.teams(
        street.actors[who], area_id=getattr(street.areas, place), first=today(), last=today()
    )
    assert set(rows["team_id"]) == {street.teams[name] for name in expected.split()}


def test_teams__minutes_of_members_and_of_the_team__confirmed_ones_of_its_kind(
    street: SmallStreet,
) -> None:
    g1 = street.areas.g1
    service_given(street, g1, persons=[("lin", 60), ("zhou", 30), ("qin", 500)])
    service_given(street, g1, persons=[], teams=[("patrol", 45)])
    service_given(street, g1, persons=[("lin", 500)], state=ServiceState.RECORDED)
    service_given(street, g1, persons=[("lin", 500)], kind=ServiceKind.CLEAN_UP)
    rows = people.teams(street.actors["administrator"], **ALL)
    assert rows[["team_id", "members", "minutes"]].to_numpy().tolist() == [
        [street.teams["patrol"], 2, 135],
        [street.teams["tutors"], 1, 0],
        [street.teams["visitors"], 1, 0],
    ]
    assert rows["name_en"].isna().tolist() == [False, True, True]


def test_teams__many_members_together__the_teams_minutes_once(street: SmallStreet) -> None:
    with Writes.begin() as session:
        for name in ("teacher", "namesake", "serving"):
            session.add(
                Membership(
                    team_id=street.teams["patrol"], person_id=street.people[name], since=OPENED
                )
            )
    service_given(street, street.areas.g1, persons=[("lin", 10)], teams=[("patrol", 100)])
    rows = people.teams(street.actors["administrator"], **ALL)
    assert rows.iloc[0][["members", "minutes"]].tolist() == [5, 110]


MEMBERS = {
    "administrator": "zhou lin",
    "street_committee": "zhou lin",
    "community_secretary": "zhou lin",
    "grid_secretary": "zhou lin",
    "grid_worker": "zhou lin",
    "unit_liaison": "",
    "team_leader": "zhou lin",
    "volunteer": "",
    "visitor": "",
    "neighbour": "",
}
"""Whose names of the patrol each actor may pick from; the liaison only those of the unit."""


@pytest.mark.parametrize("who", MEMBERS)
def test_team_members__of_every_role(street: SmallStreet, who: str) -> None:
    rows = people.team_members(street.actors[who], team_id=street.teams["patrol"])
    expected = {street.people[name] for name in MEMBERS[who].split()}
    assert set(rows["person_id"]) == expected


CANDIDATES = {
    "administrator": "lin zhou namesake qin teacher",
    "street_committee": "lin zhou namesake qin teacher",
    "community_secretary": "lin zhou namesake teacher",
    "grid_secretary": "lin zhou teacher",
    "grid_worker": "lin zhou teacher",
    "unit_liaison": "teacher",
    "team_leader": "lin zhou",
    "volunteer": "",
    "visitor": "",
    "neighbour": "qin",
}
NAMES = ("林小满", "周一诺", "秦望", "石新", "无此人", "' or 1=1 --")


@pytest.mark.parametrize("who", CANDIDATES)
def test_candidates__of_every_role(street: SmallStreet, who: str) -> None:
    rows = people.candidates(street.actors[who], names=NAMES, area_id=street.areas.g1)
    assert set(rows["person_id"]) == {street.people[name] for name in CANDIDATES[who].split()}


def test_candidates__namesakes__the_nearest_first(street: SmallStreet) -> None:
    admin = street.actors["administrator"]

    def near(place: str) -> list[tuple[int, int]]:
        rows = people.candidates(admin, names=("周一诺",), area_id=getattr(street.areas, place))
        return list(zip(rows["person_id"], rows["distance"], strict=True))

    zhou, namesake = street.people["zhou"], street.people["namesake"]
    assert near("g1") == [(zhou, 0), (namesake, 1)]
    assert near("g2") == [(namesake, 0), (zhou, 1)]
    assert near("g3") == [(zhou, 2), (namesake, 2)]
    assert near("t") == [(zhou, 2), (namesake, 2)]
    assert people.candidates(admin, names=(), area_id=street.areas.g1).empty
