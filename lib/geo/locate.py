"""Which areas hold a point: an index over many polygons, built once and asked often.

It knows identifiers and WGS-84 shapes only; levels and names belong to the caller.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Id = TypeVar("Id", bound=Hashable)

# About one millimetre: a point computed to lie on a slanting border misses it by rounding alone.
BORDER_DEGREES = 1e-8


class Locator(Generic[Id]):
    """Answers which of the given areas cover a point; a point on a border is in both areas."""

    def __init__(self, areas: Iterable[tuple[Id, BaseGeometry | None]]) -> None:
        """Index the areas; those without a shape are never found."""
        held = [(key, shape) for key, shape in areas if shape is not None and not shape.is_empty]
        self._ids: list[Id] = [key for key, _ in held]
        self._tree = shapely.STRtree([shape for _, shape in held])

    def covering(self, lon: float, lat: float) -> list[Id]:
        """Give the ids of the areas that cover the point (degrees), in the order given."""
        return self.covering_many([lon], [lat])[0]

    def covering_many(self, lons: Sequence[float], lats: Sequence[float]) -> list[list[Id]]:
        """Give, per point, the ids of the areas that cover it.

        Raises:
            ValueError: the two lists differ in length, or a coordinate is not finite.
        """
        if len(lons) != len(lats):
            raise ValueError("as many longitudes as latitudes are needed")
        places = np.column_stack([np.asarray(lons, float), np.asarray(lats, float)])
        if not np.isfinite(places).all():
            raise ValueError("coordinates must be finite")
        found: list[list[Id]] = [[] for _ in range(len(places))]
        hits = self._tree.query(
            shapely.points(places), predicate="dwithin", distance=BORDER_DEGREES
        )
        for point, area in sorted(hits.T.tolist()):
            found[point].append(self._ids[area])
        return found
