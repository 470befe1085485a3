"""The town's areas, estates and buildings as rows.

It copies geometry and names from the town; who lives and works there is added by others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from shapely import MultiPolygon, Polygon

from lib.demo.names import demonstration_names
from lib.demo.rows import Rows
from lib.demo.town import RESIDENTIAL_USES, Position, Town
from lib.domain.vocab import Level
from lib.geo.shapes import bounding_box, label_point, to_geojson_geometry
from lib.i18n.pinyin import initials
from lib.persistence.models import Area, AreaLink, Building, Estate, EstateGrid

SOURCE = "demonstration"
"""The source of every area of the demonstration; removal goes by it."""

STREET_CODE = "990103004"
"""An invented code: no province has the digits 99."""

_KEPT_USES = {"school": "school", "station": "station"} | dict.fromkeys(RESIDENTIAL_USES, "home")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a street stands: its code, and the numbers of the areas above it, widest first."""

    code: str = STREET_CODE
    above: tuple[int, ...] = ()

    @property
    def single(self) -> bool:
        """Whether this is the one street that every demonstration has."""
        return self.code == STREET_CODE

    def source_id(self, name: str) -> str:
        """What tells an area of this street apart from one of another."""
        return name if self.single else f"{self.code} {name}"


@dataclass(frozen=True, slots=True)
class Territory:
    """The numbers that the town's parts got as rows, by the town's index."""

    town: Town
    site: Site
    street_id: int
    community_ids: tuple[int, ...]
    community_codes: tuple[str, ...]
    grid_ids: tuple[int, ...]
    estate_ids: tuple[int, ...]
    homes: Mapping[int, tuple[int, ...]]
    """The numbers of a grid's residential buildings, neighbours beside each other."""


def _rounded(value: float) -> float:
    return round(value, 7)


def add_area(
    rows: Rows,
    *,
    code: str,
    level: Level,
    name: tuple[str, str],
    parent_id: int | None,
    polygon: Polygon | MultiPolygon,
    label: Position,
    source_id: str,
    valid_from: date,
) -> int:
    """Add an area; its closure rows are the caller's."""
    west, south, east, north = bounding_box(polygon)
    return rows.add(
        Area,
        code=code,
        level=level,
        name_zh=name[0],
        name_en=name[1],
        initials=initials(name[0]),
        parent_id=parent_id,
        geometry=to_geojson_geometry(polygon),
        west=_rounded(west),
        south=_rounded(south),
        east=_rounded(east),
        north=_rounded(north),
        label_lon=_rounded(label[0]),
        label_lat=_rounded(label[1]),
        valid_from=valid_from,
        source=SOURCE,
        source_id=source_id,
    )


def area_name(key: str, zh: str, en: str, number: int = 0) -> tuple[str, str]:
    """The name of an area or its branch in both languages, by the pattern `key`."""
    pattern = demonstration_names().areas[key]
    return pattern.zh.format(name=zh, number=number), pattern.en.format(name=en, number=number)


def standing_since(as_of: date) -> date:
    """The first day of the demonstration's areas."""
    return date(as_of.year - 5, 1, 1)


def _areas(
    rows: Rows, town: Town, site: Site, as_of: date
) -> tuple[int, list[int], list[str], list[int]]:
    since = standing_since(as_of)
    street_id = add_area(
        rows,
        code=site.code,
        level=Level.STREET,
        name=area_name("street", town.name.zh, town.name.en),
        parent_id=site.above[-1] if site.above else None,
        polygon=town.polygon,
        label=label_point(town.polygon),
        source_id=site.source_id("street"),
        valid_from=since,
    )
    codes = [f"{site.code}{c.index + 1:03d}" for c in town.communities]
    communities = [
        add_area(
            rows,
            code=codes[c.index],
            level=Level.COMMUNITY,
            name=area_name("community", c.name.zh, c.name.en),
            parent_id=street_id,
            polygon=c.polygon,
            label=c.label,
            source_id=site.source_id(f"community {c.index}"),
            valid_from=since,
        )
        for c in town.communities
    ]
    grids = []
    for g in town.grids:
        community = town.communities[g.community].name
        grids.append(
            add_area(
                rows,
                code=f"{codes[g.community]}{g.number:03d}",
                level=Level.GRID,
                name=area_name("grid", community.zh, community.en, g.number),
                parent_id=communities[g.community],
                polygon=g.polygon,
                label=g.label,
                source_id=site.source_id(f"grid {g.index}"),
                valid_from=since,
            )
        )
    return street_id, communities, codes, grids


def _links(
    rows: Rows, town: Town, site: Site, street_id: int, communities: list[int], grids: list[int]
) -> None:
    top = [*site.above, street_id]
    above = {street_id: top}
    above |= {number: [*top, number] for number in communities}
    above |= {grids[g.index]: [*top, communities[g.community], grids[g.index]] for g in town.grids}
    for descendant, ancestors in above.items():
        for ancestor in ancestors:
            rows.link(AreaLink, ancestor_id=ancestor, descendant_id=descendant)


def _buildings(
    rows: Rows, town: Town, grids: list[int], estates: list[int], as_of: date, rng: Random
) -> dict[int, tuple[int, ...]]:
    names = demonstration_names().buildings
    counted = [as_of - timedelta(days=rng.randint(60, 420)) for _ in town.grids]
    homes: dict[int, list[tuple[int, int, int]]] = {g.index: [] for g in town.grids}
    for b in town.buildings:
        if b.use not in _KEPT_USES:
            continue
        number = rows.add(
            Building,
            area_id=grids[b.grid],
            estate_id=None if b.estate is None else estates[b.estate],
            label=names[_KEPT_USES[b.use]].format(number=b.number),
            lon=b.label[0],
            lat=b.label[1],
            households=b.households,
            counted_on=counted[b.grid],
            count_source=names["count_source"],
        )
        if b.use in RESIDENTIAL_USES:
            homes[b.grid].append((-1 if b.estate is None else b.estate, b.number, number))
    return {g: tuple(number for *_, number in sorted(held)) for g, held in homes.items()}


def add_territory(
    rows: Rows, town: Town, *, as_of: date, rng: Random, site: Site | None = None
) -> Territory:
    """Add areas with their closure, estates and buildings; homes and a few others only."""
    site = site or Site()
    street_id, communities, codes, grids = _areas(rows, town, site, as_of)
    _links(rows, town, site, street_id, communities, grids)
    estates = [
        rows.add(Estate, name_zh=e.name.zh, name_en=e.name.en, lon=e.label[0], lat=e.label[1])
        for e in town.estates
    ]
    for e in town.estates:
        for grid in e.grids:
            rows.link(EstateGrid, estate_id=estates[e.index], area_id=grids[grid])
    homes = _buildings(rows, town, grids, estates, as_of, rng)
    return Territory(
        town=town,
        site=site,
        street_id=street_id,
        community_ids=tuple(communities),
        community_codes=tuple(codes),
        grid_ids=tuple(grids),
        estate_ids=tuple(estates),
        homes=homes,
    )
