"""A list of names becomes communities and grids, all or none, on both engines."""

import pytest
from sqlalchemy import select

from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import Role
from lib.domain.place_list import Place
from lib.domain.vocab import Level
from lib.persistence.engine import Reads
from lib.persistence.models import Area, AreaLink, AuditEntry
from lib.queries.setup import progress, streets
from lib.services.place_lists import PlacesReport, add_places
from lib.services.tree import close_area
from tests.factories import SmallStreet

LIST = (
    Place(1, "石桥社区", "第1网格"),
    Place(2, "石桥社区", "第9网格"),
    Place(3, "新桥社区"),
    Place(4, "新桥社区", "第1网格"),
)


def add(street: SmallStreet, *places: Place, dry_run: bool = False) -> PlacesReport:
    return add_places(
        street.actors["administrator"], street_id=street.areas.s, places=places, dry_run=dry_run
    )


def names() -> set[str]:
    with Reads() as session:
        return set(session.scalars(select(Area.name_zh)))


def test_add__new_ones_only_linked_and_in_the_trail(street: SmallStreet) -> None:
    before = names()
    assert add(street, *LIST, dry_run=True).grids == (
        ("石桥社区", "第9网格"),
        ("新桥社区", "第1网格"),
    )
    assert names() == before
    report = add(street, *LIST)
    assert (report.communities, report.known, report.written) == (("新桥社区",), 1, True)
    with Reads() as session:
        grid = session.scalars(select(Area).where(Area.name_zh == "第9网格")).one()
        above = set(
            session.scalars(select(AreaLink.ancestor_id).where(AreaLink.descendant_id == grid.id))
        )
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert above == {street.areas.s, street.areas.c1, grid.id}
    assert (grid.level, grid.code[0], grid.initials) == (Level.GRID, "L", "d9wg")
    assert entry is not None
    assert entry.changes == {"communities": [None, 1], "grids": [None, 2]}
    again = add(street, *LIST)
    assert (again.communities, again.grids, again.written) == ((), (), False)


def test_add__one_bad_line__nothing_is_written(street: SmallStreet) -> None:
    before = names()
    report = add(street, Place(1, "新桥社区"), Place(2, "", "第1网格"))
    assert [(one.line, one.problem.code) for one in report.problems] == [(2, "problem.missing")]
    assert not report.written
    assert names() == before


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ADMINISTRATOR])
def test_add__only_who_keeps_the_tree(street: SmallStreet, role: Role) -> None:
    actor = street.actors[role.value]
    where = street.areas.t if role is Role.STREET_COMMITTEE else street.areas.s
    for dry_run in (True, False):
        with pytest.raises(NotPermitted):
            add_places(actor, street_id=where, places=LIST, dry_run=dry_run)


def test_add__no_street_or_a_closed_one__refused(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    with pytest.raises(NotFound):
        add_places(admin, street_id=street.areas.c1, places=LIST)
    with Reads() as session:
        closing = session.get_one(Area, street.areas.t)
    close_area(admin, area_id=closing.id, version=closing.version, day=closing.valid_from)
    with pytest.raises(Refusal) as caught:
        add_places(admin, street_id=closing.id, places=LIST)
    assert caught.value.code == "tree.closed"


def test_progress__what_is_there_within_reach(street: SmallStreet) -> None:
    whole = progress(street.actors["administrator"])
    assert (whole.streets, whole.communities, whole.grids) == (2, 2, 4)
    assert whole.offices
    assert whole.units
    assert whole.volunteers
    assert whole.teams
    assert not whole.services
    below = progress(street.actors["street_committee"])
    assert (below.streets, below.communities, below.grids) == (1, 2, 4)
    assert list(streets(street.actors["street_committee"])["area_id"]) == [street.areas.s]
    assert list(streets(street.actors["grid_secretary"])["area_id"]) == []
