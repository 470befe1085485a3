"""More than one street: where each stands, what lies above them, and two of them loaded."""

from itertools import combinations

import pytest
import shapely
from shapely.affinity import translate
from sqlalchemy import Engine, func, select

from lib.demo.load import load_demonstration, remove_demonstration
from lib.demo.sizes import Size, moved, streets
from lib.demo.territory import STREET_CODE
from lib.demo.town import Town
from lib.domain.permissions import Role
from lib.domain.vocab import Level
from lib.geo.shapes import from_geojson_geometry
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, AreaLink, DaySummary, Service
from lib.queries.check import problems
from lib.queries.sessions import actor_of
from lib.services import sessions
from tests.demo.conftest import AS_OF


@pytest.mark.parametrize(
    ("size", "n", "towns"), [(Size.STREET, 1, 1), (Size.DISTRICT, 10, 10), (Size.CITY, 100, 10)]
)
def test_streets__distinct_and_the_one_of_all_sizes_first(size: Size, n: int, towns: int) -> None:
    every = streets(size)
    assert (every[0].code, every[0].shift, every[0].town) == (STREET_CODE, (0, 0), 0)
    assert [street.first for street in every] == [True] + [False] * (n - 1)
    for distinct in ("code", "name", "shift"):
        assert len({getattr(street, distinct) for street in every}) == n
    order = [street.town for street in every]
    assert (len(set(order)), order) == (towns, sorted(order))


def test_moved__streets_beside_each_other__do_not_overlap(town: Town) -> None:
    box = shapely.box(*town.polygon.bounds)
    boxes = [translate(box, *street.shift) for street in streets(Size.CITY)]
    assert not any(a.intersects(b) for a, b in combinations(boxes, 2))
    one = moved(town, streets(Size.CITY)[1])
    assert one.name != town.name
    assert shapely.coverage_is_valid([grid.polygon for grid in one.grids])
    (south, west), (north, east) = one.bounds
    assert shapely.box(west, south, east, north).contains(one.polygon)
    for community in one.communities:
        assert community.polygon.contains(shapely.Point(community.label))


def test_load__two_streets__a_city_above_them_and_all_of_it_removed(database: Engine) -> None:
    told: list[tuple[str, float]] = []
    plan = streets(Size.CITY)[:2]
    load_demonstration(
        as_of=AS_OF, plan=plan, progress=lambda key, share: told.append((key, share))
    )
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert problems().empty
    with Reads() as session:
        every = {row.code: row for row in session.scalars(select(Area))}
        levels = dict(
            session.execute(select(Area.level, func.count()).group_by(Area.level)).tuples().all()
        )
        assert (levels[Level.PREFECTURE], levels[Level.DISTRICT], levels[Level.STREET]) == (1, 2, 2)
        assert session.scalar(select(func.sum(DaySummary.participations))) > 40_000
        for street in plan:
            below = select(AreaLink.descendant_id).where(
                AreaLink.ancestor_id == every[street.code].id
            )
            held = select(func.count()).where(Service.area_id.in_(below))
            assert session.scalar(held) > 5_000
            above = every[street.code[:6]]
            shape = from_geojson_geometry(above.geometry)
            assert shape.covers(from_geojson_geometry(every[street.code].geometry))
    prepared = actor_of(sessions.enter_demonstration(Role.STREET_COMMITTEE))
    other = actor_of(sessions.enter_demonstration(Role.STREET_COMMITTEE, plan[1].code))
    assert prepared.grants[0].area_id == every[STREET_CODE].id
    assert other.grants[0].area_id == every[plan[1].code].id
    with Reads() as session:
        made = select(func.count()).where(Account.id == other.account_id, Account.demonstration)
        assert session.scalar(made) == 1
    remove_demonstration()
    assert problems().empty
    with Reads() as session:
        for model in (Area, Service, DaySummary):
            assert session.scalar(select(func.count()).select_from(model)) == 0
