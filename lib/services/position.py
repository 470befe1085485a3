"""Whether a marker may stand where somebody put it.

Shared by the commands on units and buildings; boundaries themselves are judged in `lib.geo`.
"""

from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from lib.domain.errors import Problem
from lib.geo.shapes import from_geojson_geometry
from lib.persistence.models import Area

_NEAR_DEGREES = 0.003
"""About 300 m: how far a marker may stand outside its area's border."""


def position_problems(
    session: Session, area_id: int, lon: float | None, lat: float | None
) -> list[Problem]:
    """Problems of a position in WGS-84 degrees: half given, not on earth, far from its area."""
    if lon is None and lat is None:
        return []
    if lon is None or lat is None:
        return [Problem("position", "problem.half_position")]
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return [Problem("position", "problem.not_on_earth")]
    shape = session.scalar(select(Area.geometry).where(Area.id == area_id))
    if shape is None:
        return []
    if from_geojson_geometry(shape).distance(Point(lon, lat)) > _NEAR_DEGREES:
        return [Problem("position", "problem.outside_area")]
    return []
