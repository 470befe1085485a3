"""A small street for tests: two communities, three drawn grids and one without a polygon.

The tree: street S -> community C1 (grids G1, G2), community C2 (grids G3, G4 without a shape),
and beside it a street T without anything below. Grids are squares of 0.01 degrees in a row.
"""

from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy.orm import Session

from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language, Level
from lib.geo.shapes import bounding_box, label_point, to_geojson_geometry
from lib.i18n.pinyin import initials
from lib.persistence.engine import Writes
from lib.persistence.models import Account, Area, AreaLink

WEST, SOUTH, SIDE = 121.48, 31.27, 0.01
OPENED = date(2020, 1, 1)


@dataclass(frozen=True)
class Tree:
    """Ids of the areas of the small street."""

    s: int
    t: int
    c1: int
    c2: int
    g1: int
    g2: int
    g3: int
    g4: int


def square(column: float, row: float = 0, width: float = 1) -> shapely.Polygon:
    """A rectangle `width` sides wide, `column` sides east and `row` sides north of the corner."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + width * SIDE, south + SIDE)


def add_area(
    session: Session,
    level: Level,
    code: str,
    name: str,
    *,
    parent: Area | None = None,
    shape: shapely.Polygon | None = None,
    **columns: object,
) -> Area:
    """One area with its closure rows."""
    area = Area(
        code=code,
        level=level,
        name_zh=name,
        initials=initials(name),
        parent_id=parent.id if parent else None,
        valid_from=OPENED,
        **columns,
    )
    if shape is not None:
        area.geometry = to_geojson_geometry(shape)
        area.west, area.south, area.east, area.north = bounding_box(shape)
        area.label_lon, area.label_lat = label_point(shape)
    session.add(area)
    session.flush()
    above = session.query(AreaLink.ancestor_id).filter_by(descendant_id=area.parent_id).all()
    for ancestor in [*(row[0] for row in above), area.id]:
        session.add(AreaLink(ancestor_id=ancestor, descendant_id=area.id))
    session.flush()
    return area


def plant() -> Tree:
    """Write the small street into the connected database."""
    with Writes.begin() as session:
        s = add_area(
            session,
            Level.STREET,
            "310109001",
            "临江街道",
            shape=square(0, width=4),
            name_en="Linjiang",
        )
        t = add_area(session, Level.STREET, "310109002", "望海街道")
        c1 = add_area(
            session, Level.COMMUNITY, "310109001001", "石桥社区", parent=s, shape=square(0, width=2)
        )
        c2 = add_area(
            session, Level.COMMUNITY, "310109001002", "青石社区", parent=s, shape=square(2, width=2)
        )
        grids = [
            add_area(
                session,
                Level.GRID,
                f"31010900100{1 + n // 2}00{1 + n % 2}",
                f"第{n + 1}网格",
                parent=(c1, c1, c2, c2)[n],
                shape=square(n) if n < 3 else None,
            )
            for n in range(4)
        ]
        return Tree(s.id, t.id, c1.id, c2.id, *(grid.id for grid in grids))


def actor(role: Role = Role.ADMINISTRATOR, area_id: int | None = None) -> Actor:
    """Somebody with one grant; None is the whole tree."""
    return Actor(1, "测试", "Tester", Language.ZH, None, (Grant(role, area_id),))


def enrol() -> None:
    """Write the account of `actor`, which audit entries refer to."""
    with Writes.begin() as session:
        session.add(
            Account(
                name="tester",
                display_zh="测试",
                display_en="Tester",
                language=Language.ZH,
                demonstration=False,
            )
        )
