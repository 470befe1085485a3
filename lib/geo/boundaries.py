"""A boundary file in GeoJSON, read into areas to import and precise findings about it.

It looks at one file by itself and never raises on what that file holds; how the areas lie
to a parent, to neighbours or to what was there before is asked in `lib.geo.fit`.
"""

import codecs
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lib.geo.crs import Crs
from lib.geo.findings import FILE, Finding, Severity, Value, shorten
from lib.geo.polygons import read_geometry
from lib.geo.shapes import LocalPlane
from lib.geo.texts import read_code, read_name, read_optional_name, read_source_id

MAX_BYTES = 64 * 1024 * 1024
MAX_FEATURES = 20_000
# Neighbours drawn from different sources cross by slivers; below this share nobody need look.
OVERLAP_SHARE = 0.01
_MAX_PAIRS = 200_000
_LEAST_M2 = 1e-6
_DEGREE_CRS = ("CRS84", "4326", "4490")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One area read from a file.

    Attributes:
        row: the feature's number in the file, counted from 1, as in `Finding.row`.
        name: Chinese (or only) name; "" where it was refused.
        name_en: English name, if the file has one.
        code: area code as kept, if any.
        source_id: the id its source gives the area, if asked for.
        geometry: WGS-84 Polygon or MultiPolygon, valid; None without one.
        crs: the system its coordinates were read in.
    """

    row: int
    name: str
    name_en: str | None
    code: str | None
    source_id: str | None
    geometry: BaseGeometry | None
    crs: Crs = Crs.WGS84


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: every feature that is one, and all there is to say about them."""

    candidates: list[Candidate]
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop their feature, or the whole file where `row` is `FILE`."""
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def accepted(self) -> list[Candidate]:
        """The candidates without an error; none where the file as a whole has one."""
        refused = {finding.row for finding in self.errors}
        if FILE in refused:
            return []
        return [candidate for candidate in self.candidates if candidate.row not in refused]


class _Unreadable(Exception):  # noqa: N818 - carried within this module only, never an outcome
    def __init__(self, code: str, value: object = "", **values: Value) -> None:
        super().__init__(code)
        self.finding = Finding(FILE, "file", shorten(value), f"boundary.{code}", values)


def _decode(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        megabytes = len(text) // 2**20
        raise _Unreadable("file_large", f"{megabytes} MB", size=megabytes, limit=MAX_BYTES // 2**20)
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    utf16 = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Office software in China still writes GB 18030.
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _Unreadable("not_text")


def _parse(text: str) -> object:
    if not text.strip():
        raise _Unreadable("file_empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise _Unreadable("not_json", text[error.pos : error.pos + 20], **place) from error
    except RecursionError as error:
        raise _Unreadable("nested_too_deep") from error
    except ValueError as error:
        # A whole number of thousands of digits, which Python refuses to read.
        raise _Unreadable("number_huge") from error


def _features(document: object) -> list[object]:
    if not isinstance(document, dict):
        raise _Unreadable("not_geojson", document, kind=shorten(document))
    if document.get("type") == "Feature":
        return [document]
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        kind = shorten(document.get("type"))
        raise _Unreadable("not_geojson", kind, kind=kind)
    if not features:
        raise _Unreadable("no_features")
    if len(features) > MAX_FEATURES:
        count = len(features)
        raise _Unreadable("too_many_features", count, count=count, limit=MAX_FEATURES)
    return features


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature"


def _properties(feature: object) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _known_fields(features: list[object]) -> dict[str, None]:
    """Give the property names of the file, in the order met."""
    return dict.fromkeys(key for feature in features for key in _properties(feature))


def _absent_fields(features: list[object], wanted: Mapping[str, str | None]) -> Iterator[Finding]:
    """Say which of the named fields no feature has, and which there are instead."""
    if not features:
        return
    known = _known_fields(features)
    listed = ", ".join(shorten(key) for key in list(known)[:12]) or "-"
    for part, name in wanted.items():
        if name is None or name in known or (part == "source_id" and _holds_ids(features, name)):
            continue
        values = {"field": shorten(name), "fields": listed}
        yield Finding(FILE, part, shorten(name), "boundary.field_absent", values)


def _holds_ids(features: list[object], id_field: str) -> bool:
    return id_field == "id" and any(isinstance(f, dict) and "id" in f for f in features)


def _declared_crs(document: object) -> Iterator[Finding]:
    """Warn where the file itself names a system that is not in degrees of WGS-84 or CGCS2000."""
    declared = document.get("crs") if isinstance(document, dict) else None
    inner = declared.get("properties") if isinstance(declared, dict) else None
    name = inner.get("name") if isinstance(inner, dict) else None
    if isinstance(name, str) and not name.endswith(_DEGREE_CRS):
        values = {"name": shorten(name)}
        yield Finding(FILE, "file", shorten(name), "boundary.crs_declared", values, "warning")


@dataclass(frozen=True, slots=True)
class _Columns:
    name: str
    code: str | None
    source_id: str | None
    crs: Crs
    level: str | None


def _candidate(
    feature: object, row: int, columns: _Columns
) -> tuple[Candidate | None, list[Finding]]:
    if not isinstance(feature, dict) or not _is_feature(feature):
        kind = shorten(feature.get("type")) if isinstance(feature, dict) else shorten(feature)
        return None, [Finding(row, "file", kind, "boundary.not_feature", {"kind": kind})]
    properties = _properties(feature)
    name, findings = read_name(properties.get(columns.name), row)
    code: str | None = None
    source_id: str | None = None
    if columns.code is not None:
        code, said = read_code(properties.get(columns.code), row, columns.level)
        findings += said
    if columns.source_id is not None:
        own = feature.get("id") if columns.source_id == "id" else None
        source_id, said = read_source_id(properties.get(columns.source_id, own), row)
        findings += said
    geometry, said = read_geometry(feature.get("geometry"), row, columns.crs)
    english = (properties.get(key) for key in (f"{columns.name}_en", "name_en", "name:en"))
    name_en = next(filter(None, map(read_optional_name, english)), None)
    candidate = Candidate(row, name, name_en, code, source_id, geometry, columns.crs)
    return candidate, findings + said


def _repeats(
    candidates: list[Candidate],
    part: str,
    value: Callable[[Candidate], Hashable],
    severity: Severity,
) -> Iterator[Finding]:
    """Say which candidates repeat a value that an earlier one has."""
    first: dict[Hashable, int] = {}
    for candidate in candidates:
        key = value(candidate)
        if not key:
            continue
        if key in first:
            code = f"boundary.{part}_repeated"
            yield Finding(candidate.row, part, shorten(key), code, {"first": first[key]}, severity)
        first.setdefault(key, candidate.row)


def _overlaps(candidates: list[Candidate]) -> Iterator[Finding]:
    """Warn, per candidate, of the earlier one whose area it shares the most of."""
    drawn = [candidate for candidate in candidates if candidate.geometry is not None]
    if len(drawn) < 2:
        return
    shapes = np.array([candidate.geometry for candidate in drawn], dtype=object)
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later, earlier = pairs[:, pairs[0] > pairs[1]][:, :_MAX_PAIRS]
    plane = LocalPlane.around(shapely.box(*shapely.total_bounds(shapes)))
    flat = np.array([plane.to_metres(shape) for shape in shapes], dtype=object)
    areas = shapely.area(flat)
    common = shapely.area(shapely.intersection(flat[later], flat[earlier]))
    shares = common / np.maximum(np.minimum(areas[later], areas[earlier]), _LEAST_M2)
    worst: dict[int, tuple[float, int]] = {}
    for one, other, share in zip(later.tolist(), earlier.tolist(), shares.tolist(), strict=True):
        if share >= OVERLAP_SHARE and share > worst.get(one, (0.0, 0))[0]:
            worst[one] = share, other
    for one, (share, other) in sorted(worst.items()):
        percent = round(100 * share, 1)
        values: dict[str, Value] = {
            "name": drawn[other].name or str(drawn[other].row),
            "other": drawn[other].row,
            "percent": percent,
        }
        yield Finding(
            drawn[one].row, "geometry", f"{percent}%", "boundary.overlap", values, "warning"
        )


def read_features(
    text: str | bytes,
    *,
    name_field: str,
    code_field: str | None = None,
    id_field: str | None = None,
    crs: Crs = Crs.WGS84,
    level: str | None = None,
) -> Reading:
    """Read a GeoJSON file: a FeatureCollection of polygons, or one Feature.

    UTF-8 (with or without mark), UTF-16 with mark and GB 18030 are understood. The English name
    is taken from "<name_field>_en", "name_en" or "name:en". An `id_field` of "id" also means the
    member that GeoJSON puts beside the properties. With a `level` (a domain level word) codes are
    brought to that level's form and their length is looked at.

    Whatever is wrong becomes a finding; nothing that the text holds makes this raise.
    """
    columns = _Columns(name_field, code_field, id_field, crs, level)
    try:
        document = _parse(_decode(text))
        features = _features(document)
    except _Unreadable as unreadable:
        return Reading([], [unreadable.finding])
    findings = list(_declared_crs(document))
    wanted = {"name": name_field, "code": code_field, "source_id": id_field}
    absent = list(_absent_fields(list(filter(_is_feature, features)), wanted))
    if absent:
        return Reading([], findings + absent)
    candidates: list[Candidate] = []
    for row, feature in enumerate(features, start=1):
        candidate, said = _candidate(feature, row, columns)
        findings += said
        if candidate is not None:
            candidates.append(candidate)
    findings += _repeats(candidates, "code", lambda one: one.code, "error")
    findings += _repeats(candidates, "source_id", lambda one: one.source_id, "error")
    findings += _repeats(candidates, "name", lambda one: one.name, "warning")
    findings += _overlaps(candidates)
    return Reading(candidates, sorted(findings, key=lambda finding: finding.row))
