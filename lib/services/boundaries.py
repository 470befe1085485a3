"""Commands on one area's boundary: draw it, draw it anew, bring an earlier one back.

Whole files of boundaries are `lib.services.areas`; how a drawing is judged is `lib.geo.drawing`.
"""

from collections.abc import Mapping
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import NotFound, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level, Topic
from lib.geo.drawing import Neighbour, Surroundings, judge, knit, read_drawing
from lib.geo.findings import Finding
from lib.geo.shapes import area_m2, from_geojson_geometry, to_geojson_geometry
from lib.persistence.models import Area, AreaBoundary
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.areas import redraw
from lib.services.tree import AreaEntry, alone, open_area, planted

_HECTARE_M2 = 10_000


def draw_area(
    actor: Actor, *, area_id: int, version: int, drawing: Mapping[str, object] | None
) -> float:
    """Give an area the boundary drawn for it; returns the share that was cut at its neighbours'.

    The drawing (GeoJSON, WGS-84) is joined to the borders beside it, see `lib.geo.drawing.knit`.
    What was recorded in the area stays with it, wherever the border runs now.

    Raises:
        NotPermitted: the area is not within the actor's reach.
        Refusal: ``drawing.…`` or ``boundary.…`` saying what to draw otherwise, ``tree.closed``,
            ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        area = _loaded(tx, area_id, version)
        return _draw(tx, area, _read(drawing))


@once(Area)
def draw_new_area(
    actor: Actor,
    *,
    parent_id: int,
    level: Level,
    entry: AreaEntry,
    drawing: Mapping[str, object] | None,
    request_id: str | None = None,
) -> int:
    """Add an area with the boundary drawn for it, both or nothing; once for each request.

    Returns:
        Its id.

    Raises:
        Invalid: as `lib.services.tree.add_area`.
        NotPermitted: the parent is not within the actor's reach.
        Refusal: as `draw_area`.
    """
    shape = _read(drawing)
    with transaction(actor) as tx:
        area = planted(tx, parent_id=parent_id, level=level, entry=entry, request_id=request_id)
        _draw(tx, area, shape)
        return area.id


def restore_boundary(actor: Actor, *, area_id: int, version: int, boundary_id: int) -> None:
    """Bring an earlier boundary of the area back; the present one is kept as an earlier one.

    Raises:
        NotFound: it is no boundary of this area.
        NotPermitted: the area is not within the actor's reach.
        Refusal: ``drawing.…`` where it no longer fits among its neighbours, ``tree.closed``,
            ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        area = _loaded(tx, area_id, version)
        earlier = tx.session.get(AreaBoundary, boundary_id)
        if earlier is None or earlier.area_id != area_id:
            raise NotFound
        _draw(tx, area, from_geojson_geometry(earlier.geometry))


def _loaded(tx: Transaction, area_id: int, version: int) -> Area:
    alone(tx)
    tx.permit(Permission.AREA_EDIT, area_id)
    area = open_area(tx, area_id)
    if area.version != version:
        raise Refusal("refusal.changed_meanwhile")
    return area


def _read(drawing: Mapping[str, object] | None) -> BaseGeometry:
    shape, flaws = read_drawing(drawing)
    if shape is None:
        raise refusal(flaws[0])
    return shape


def _draw(tx: Transaction, area: Area, shape: BaseGeometry) -> float:
    around = _surroundings(tx, area, shape)
    for flaw in judge(shape, around):
        raise refusal(flaw)
    joined, cut = knit(shape, around)
    if joined.is_empty or not joined.is_valid:
        raise Refusal("drawing.nothing_left")
    if to_geojson_geometry(joined) == area.geometry:
        return cut
    before = None if area.geometry is None else _hectares(from_geojson_geometry(area.geometry))
    redraw(tx.session, area, joined)
    tx.record(
        "area.draw",
        area,
        topic=Topic.AREAS,
        area_ids=frozenset({area.id}),
        label=area.name_zh,
        # The coordinates themselves say nothing to a reader of the audit.
        changes={"hectares": (before, _hectares(joined))},
    )
    return cut


def _surroundings(tx: Transaction, area: Area, shape: BaseGeometry) -> Surroundings:
    """The area above, those of the same level nearby whoever they belong to, those below."""
    west, south, east, north = shape.bounds
    lasting = Area.valid_until.is_(None) | (Area.valid_until >= today())
    beside = select(Area).where(
        Area.level == area.level,
        Area.id != area.id,
        lasting,
        Area.west <= east,
        Area.east >= west,
        Area.south <= north,
        Area.north >= south,
    )
    below = select(Area).where(Area.parent_id == area.id, lasting, Area.geometry.is_not(None))
    parent = None if area.parent_id is None else tx.session.get(Area, area.parent_id)
    return Surroundings(
        _neighbour(parent),
        [one for each in tx.session.scalars(beside) if (one := _neighbour(each)) is not None],
        [one for each in tx.session.scalars(below) if (one := _neighbour(each)) is not None],
    )


def _neighbour(area: Area | None) -> Neighbour | None:
    if area is None or area.geometry is None:
        return None
    return Neighbour(area.name_zh, from_geojson_geometry(area.geometry))


def _hectares(shape: BaseGeometry) -> float:
    return round(area_m2(shape) / _HECTARE_M2, 2)


def refusal(flaw: Finding) -> Refusal:
    """What is wrong with a drawing, as the reason why it is not saved."""
    values: dict[str, Any] = dict(flaw.values)
    return Refusal(flaw.code, **values)
