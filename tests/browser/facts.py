"""What the demonstration street holds, read from the server's own database."""

from dataclasses import dataclass

from tests.browser.house import House

# The grid in the middle of the street, clear of units: a click on its label hits it and no marker.
MIDDLE = """
select area.id, area.code, area.name_zh, area.name_en, label_lon, label_lat from area
where level = 'grid' and valid_until is null and label_lon is not null and not exists (
  select 1 from organisation as unit
  where abs(unit.lon - label_lon) < 0.0006 and abs(unit.lat - label_lat) < 0.0006
)
order by abs(label_lon - (select avg(label_lon) from area where level = 'grid'))
  + abs(label_lat - (select avg(label_lat) from area where level = 'grid'))
limit 1 offset ?
"""
UNIT = """
select unit.id, area.code, unit.name_zh, unit.name_en, unit.lon, unit.lat from organisation as unit
join area on area.id = unit.area_id
where unit.closed_on is null and unit.lon is not null
order by abs(unit.lon - (select avg(label_lon) from area where level = 'grid'))
  + abs(unit.lat - (select avg(label_lat) from area where level = 'grid'))
limit 1
"""


@dataclass(frozen=True)
class Found:
    """A grid or a unit: where a click hits it, its names, and the code of its area."""

    id: int
    code: str
    name_zh: str
    name_en: str | None
    lon: float
    lat: float

    @property
    def spot(self) -> tuple[float, float]:
        """Longitude and latitude."""
        return self.lon, self.lat


def middle_grid(house: House, number: int = 0) -> Found:
    """A grid in the middle of the street, the next one for each `number`."""
    return Found(*house.ask(MIDDLE, number)[0])


def middle_unit(house: House) -> Found:
    """The unit nearest to the middle of the street."""
    return Found(*house.ask(UNIT)[0])


def volunteers(house: House, grid: Found) -> list[str]:
    """Names of volunteers of a grid that nobody else in the street has."""
    rows = house.ask(
        "select name from person where area_id = ? and volunteer_since is not null"
        " and name in (select name from person group by name having count(*) = 1) order by id",
        grid.id,
    )
    return [str(name) for (name,) in rows]


def community_of(house: House, grid: Found) -> str:
    """The code of the community that a grid belongs to."""
    [(code,)] = house.ask(
        "select above.code from area join area as above on above.id = area.parent_id"
        " where area.id = ?",
        grid.id,
    )
    return str(code)
