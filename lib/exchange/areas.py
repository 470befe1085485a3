"""Boundary files as people hand them over, read into areas to import.

Which fields hold what is said by whoever has the file; what becomes of the areas is decided by
`lib.services.areas`.
"""

from dataclasses import dataclass, replace

from lib.domain.vocab import Level
from lib.geo.boundaries import Reading, read_features
from lib.geo.crs import Crs


@dataclass(frozen=True)
class Fields:
    """Names of the properties that hold an area's names, code and source id."""

    name: str
    name_en: str | None = None
    code: str | None = None
    source_id: str | None = None


def read_areas(data: bytes, *, fields: Fields, level: Level, crs: Crs = Crs.WGS84) -> Reading:
    """Read a GeoJSON file into candidates and findings; whatever is wrong is a finding.

    Without `fields.name_en` the usual fields are tried, as `lib.geo.boundaries` says; an English
    name that is absent or unfit is None.
    """
    reading = read_features(
        data,
        name_field=fields.name,
        code_field=fields.code,
        id_field=fields.source_id,
        crs=crs,
        level=level,
    )
    if fields.name_en is None:
        return reading
    english = read_features(data, name_field=fields.name_en)
    names = {candidate.row: candidate.name or None for candidate in english.candidates}
    absent = [finding for finding in english.errors if finding.code == "boundary.field_absent"]
    return Reading(
        [replace(one, name_en=names.get(one.row)) for one in reading.candidates],
        [*absent, *reading.findings],
    )
