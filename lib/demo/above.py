"""The areas above many streets: a city and its districts, drawn round the streets they hold.

A demonstration of one street has none.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import shapely
from shapely import Polygon

from lib.demo.rows import Rows
from lib.demo.sizes import CITY_CODE, Street, district_code
from lib.demo.territory import SOURCE, standing_since
from lib.demo.town import Town
from lib.demo.town_names import Name, town_names
from lib.domain.vocab import Level
from lib.geo.shapes import bounding_box, label_point, to_geojson_geometry
from lib.i18n.pinyin import initials
from lib.persistence.models import Area, AreaLink


class Above:
    """A city with its districts as rows; their shapes are known when all streets are."""

    def __init__(self, rows: Rows, streets: Sequence[Street], as_of: date) -> None:
        self._city: int | None = None
        self._districts: dict[int, int] = {}
        self._held: defaultdict[int, list[Polygon]] = defaultdict(list)
        if len(streets) == 1:
            return
        self._city = _add(rows, CITY_CODE, Level.PREFECTURE, town_names().city, (), as_of)
        for district in sorted({street.district for street in streets}):
            self._districts[district] = _add(
                rows,
                district_code(district),
                Level.DISTRICT,
                town_names().districts[district],
                (self._city,),
                as_of,
            )

    def of(self, district: int) -> tuple[int, ...]:
        """The numbers of what lies above the district's streets, widest first."""
        if self._city is None:
            return ()
        return self._city, self._districts[district]

    def hold(self, district: int, town: Town) -> None:
        """Note a street of the district."""
        self._held[district].append(town.polygon)

    def shapes(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Number and geometry columns of each area, all its streets taken together."""
        for district, number in self._districts.items():
            yield number, _shape(self._held[district])
        if self._city is not None:
            yield self._city, _shape([street for held in self._held.values() for street in held])


def _add(
    rows: Rows, code: str, level: Level, name: Name, above: tuple[int, ...], as_of: date
) -> int:
    number = rows.add(
        Area,
        code=code,
        level=level,
        name_zh=name.zh,
        name_en=name.en,
        initials=initials(name.zh),
        parent_id=above[-1] if above else None,
        valid_from=standing_since(as_of),
        source=SOURCE,
        source_id=f"{level} {code}",
    )
    for ancestor in (*above, number):
        rows.link(AreaLink, ancestor_id=ancestor, descendant_id=number)
    return number


def _shape(streets: list[Polygon]) -> dict[str, object]:
    whole = shapely.union_all(streets)
    box = dict(zip(("west", "south", "east", "north"), bounding_box(whole), strict=True))
    lon, lat = label_point(whole)
    return {**box, "label_lon": lon, "label_lat": lat, "geometry": to_geojson_geometry(whole)}
