"""Small invented shapes and files, and one file per finding that a reader must give."""

import json
from typing import Any

from shapely import Polygon, box

Json = Any

# An invented place inland, where every coordinate system differs from the others.
LON, LAT = 113.0, 29.0
# About one kilometre.
KM_EAST, KM_NORTH = 0.01027, 0.00902


def square(east_km: float = 0, north_km: float = 0, side_km: float = 1) -> Polygon:
    west, south = LON + east_km * KM_EAST, LAT + north_km * KM_NORTH
    return box(west, south, west + side_km * KM_EAST, south + side_km * KM_NORTH)


def ring(east_km: float = 0, north_km: float = 0, side_km: float = 1) -> list[list[float]]:
    outline = square(east_km, north_km, side_km).exterior.coords
    return [[round(lon, 7), round(lat, 7)] for lon, lat in outline]


def polygon(*rings: Json) -> Json:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(name: Json = "云溪社区", geometry: Json = None, **properties: Json) -> Json:
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": polygon(ring()) if geometry is None else geometry,
    }


def collection(*features: Json, **members: Json) -> str:
    document = {"type": "FeatureCollection", "features": list(features), **members}
    return json.dumps(document, ensure_ascii=False)


def pair(one: Json, two: Json) -> str:
    """Two neighbours that differ in name and place, with further properties each."""
    return collection(
        feature("甲社区", polygon(ring(0)), **one), feature("乙社区", polygon(ring(1)), **two)
    )


BOW_TIE = [[113.0, 29.0], [113.02, 29.02], [113.02, 29.0], [113.0, 29.02], [113.0, 29.0]]
HOLE_OUTSIDE = polygon(ring(0), ring(5, 5))
MANY = [[113 + i * 1e-7, 29.0] for i in range(200_001)]
WITH_CODE = {"code_field": "code"}
WITH_ID = {"id_field": "osm_id"}
STREET = {"code_field": "code", "level": "street"}

# finding -> (file, options of the reader, row, severity)
FILES: dict[str, tuple[str | bytes, dict[str, Any], int, str]] = {
    "file_empty": ("\ufeff \r\n", {}, 0, "error"),
    "file_large": (" " * (64 * 1024 * 1024 + 1), {}, 0, "error"),
    "not_text": (b"\x89PNG\r\n\xff\xfe\x00\x81", {}, 0, "error"),
    "not_json": ('{"type": "FeatureCollection",\r\n "features": [', {}, 0, "error"),
    "nested_too_deep": ("[" * 200_000 + "]" * 200_000, {}, 0, "error"),
    "number_huge": ('{"type": "FeatureCollection", "n": ' + "9" * 5_000 + "}", {}, 0, "error"),
    "not_geojson": ('{"type": "Topology", "objects": {}}', {}, 0, "error"),
    "no_features": (collection(), {}, 0, "error"),
    "too_many_features": (collection(*[0] * 20_001), {}, 0, "error"),
    "crs_declared": (
        collection(feature(), crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
        {},
        0,
        "warning",
    ),
    "field_absent": (collection(feature()), {"name_field": "名称"}, 0, "error"),
    "not_feature": (collection(feature(), {"type": "Polygon"}), {}, 2, "error"),
    "name_empty": (collection(feature(" \u3000")), {}, 1, "error"),
    "name_not_text": (collection(feature(["云溪"])), {}, 1, "error"),
    "name_control": (collection(feature("云溪\n社区")), {}, 1, "error"),
    "name_long": (collection(feature("云" * 201)), {}, 1, "error"),
    "name_markup": (collection(feature("<b>云溪</b>")), {}, 1, "warning"),
    "name_repeated": (
        collection(feature("甲", polygon(ring(0))), feature("甲", polygon(ring(1)))),
        {},
        2,
        "warning",
    ),
    "code_unfit": (collection(feature(code=True)), WITH_CODE, 1, "error"),
    "code_not_digits": (collection(feature(code="YX-01")), WITH_CODE, 1, "warning"),
    "code_length": (collection(feature(code="430602")), STREET, 1, "warning"),
    "code_repeated": (
        pair({"code": 990602009}, {"code": "990602009000"}),
        STREET,
        2,
        "error",
    ),
    "id_empty": (pair({"osm_id": "1"}, {"osm_id": None}), WITH_ID, 2, "warning"),
    "id_unfit": (collection(feature(osm_id={"a": 1})), WITH_ID, 1, "error"),
    "source_id_repeated": (pair({"osm_id": 7}, {"osm_id": "7"}), WITH_ID, 2, "error"),
    "geometry_absent": (
        collection({"type": "Feature", "properties": {"name": "云溪"}, "geometry": None}),
        {},
        1,
        "warning",
    ),
    "geometry_empty": (collection(feature(geometry=polygon())), {}, 1, "error"),
    "not_polygon": (
        collection(feature(geometry={"type": "Point", "coordinates": [113, 29]})),
        {},
        1,
        "error",
    ),
    "coordinate_not_number": (
        collection(feature(geometry=polygon([[113, "29"], *ring()]))),
        {},
        1,
        "error",
    ),
    "coordinates_out_of_range": (
        collection(feature(geometry=polygon([[x * 1e5, y * 1e5] for x, y in ring()]))),
        {},
        1,
        "error",
    ),
    "axes_swapped": (
        collection(feature(geometry=polygon([[y, x] for x, y in ring()]))),
        {},
        1,
        "error",
    ),
    "outside_china": (
        collection(feature(geometry=polygon([[x - 113, y] for x, y in ring()]))),
        {},
        1,
        "warning",
    ),
    "ring_unclosed": (collection(feature(geometry=polygon(ring()[:-1]))), {}, 1, "error"),
    "ring_short": (
        collection(feature(geometry=polygon([[113, 29], [113, 29.1], [113, 29]]))),
        {},
        1,
        "error",
    ),
    "self_intersection": (collection(feature(geometry=polygon(BOW_TIE))), {}, 1, "error"),
    "rings_misplaced": (collection(feature(geometry=HOLE_OUTSIDE)), {}, 1, "error"),
    "too_many_points": (
        collection(feature(geometry=polygon([*MANY, [113.0, 29.1], MANY[0]]))),
        {},
        1,
        "error",
    ),
    "area_huge": (
        collection(feature(geometry=polygon([[80, 20], [120, 20], [120, 50], [80, 50], [80, 20]]))),
        {},
        1,
        "error",
    ),
    "overlap": (
        collection(feature("甲", polygon(ring(0))), feature("乙", polygon(ring(0.8)))),
        {},
        2,
        "warning",
    ),
}
