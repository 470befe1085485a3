import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lib.geo.boundaries import Candidate, Reading, read_features
from lib.geo.crs import Crs, geometry_from_wgs84
from lib.geo.findings import VALUE_LENGTH, Finding
from tests.geo.made import BOW_TIE, FILES, collection, feature, polygon, ring, square


def read(text: str | bytes, **options: Any) -> Reading:
    return read_features(text, **{"name_field": "name", **options})


def only(text: str | bytes, **options: Any) -> Candidate:
    reading = read(text, **options)
    assert reading.findings == []
    (candidate,) = reading.accepted
    return candidate


def finding(text: str | bytes, code: str, **options: Any) -> Finding:
    (found,) = [one for one in read(text, **options).findings if one.code == f"boundary.{code}"]
    return found


@pytest.mark.parametrize("code", FILES)
def test_each_fault_is_found_where_it_is_and_alone(code: str):
    text, options, row, severity = FILES[code]
    reading = read(text, **options)
    assert [(one.code, one.row, one.severity) for one in reading.findings] == [
        (f"boundary.{code}", row, severity)
    ]
    refused = {row} if severity == "error" else set()
    kept = [one.row for one in reading.candidates if one.row not in refused and 0 not in refused]
    assert [one.row for one in reading.accepted] == kept


def test_a_sound_file_is_read_whole():
    text = collection(
        feature("云溪街道", code=990602009000, osm_id=17, name_en="Yunxi Subdistrict"),
        feature("松岭街道", polygon(ring(1)), code="990602010", osm_id=18, name_en=None),
    )
    reading = read(text, code_field="code", id_field="osm_id", level="street")
    assert reading.findings == []
    told = [(c.row, c.name, c.name_en, c.code, c.source_id) for c in reading.accepted]
    assert told == [
        (1, "云溪街道", "Yunxi Subdistrict", "990602009", "17"),
        (2, "松岭街道", None, "990602010", "18"),
    ]
    assert reading.accepted[0].geometry.equals_exact(square(), tolerance=1e-7)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("{", "{\r\n"),
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("gb18030"),
    ],
)
def test_every_usual_encoding_is_understood(encode: Any):
    assert only(encode(collection(feature("云溪社区𠮷䶮")))).name == "云溪社区𠮷䶮"


def test_a_single_feature_is_a_file_too():
    assert only(json.dumps(feature())).row == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("𠮷祥里 䶮庭", "𠮷祥里 䶮庭"),
        ("向阳🏘️👨‍👩‍👧", "向阳🏘️👨‍👩‍👧"),
        ("Cafe\u0301", "Caf\u00e9"),
        (" \u3000云溪\ufeff ", "云溪"),
        ("A < B & C > D", "A < B & C > D"),
    ],
)
def test_names_keep_every_sign_that_is_one(typed: str, kept: str):
    assert only(collection(feature(typed))).name == kept


@pytest.mark.parametrize("sign", ["\x00", "\t", "\x7f", "\x85", "\ud800", "\u202e", "\u2028"])
def test_names_with_invisible_signs_are_refused(sign: str):
    text = json.dumps({"type": "FeatureCollection", "features": [feature(f"云{sign}溪")]})
    reading = read(text)
    assert [one.code for one in reading.errors] == ["boundary.name_control"]
    assert reading.accepted == []
    reading.errors[0].value.encode()


def test_a_name_with_markup_is_kept_as_text():
    reading = read(collection(feature("<script>alert(1)</script>")))
    assert reading.accepted[0].name == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("value", "level", "code"),
    [
        (310109009000, "street", "310109009"),
        (310109009000.0, "street", "310109009"),
        ("310109009000", "street", "310109009"),
        ("３１０１０９００９", "street", "310109009"),
        ("310109009000", "community", "310109009000"),
        ("310109000000", "district", "310109"),
        ("310109009001", "community", "310109009001"),
        ("310109009001007", "grid", "310109009001007"),
        (" 310109009 ", "street", "310109009"),
        ("", "street", None),
        (None, "street", None),
    ],
)
def test_codes_are_text_in_the_form_of_their_level(value: Any, level: str, code: str | None):
    assert only(collection(feature(code=value)), code_field="code", level=level).code == code


def test_a_number_with_an_exponent_becomes_plain_digits():
    text = collection(feature(code="CODE")).replace('"CODE"', "3.10109009e8")
    assert only(text, code_field="code", level="street").code == "310109009"


@pytest.mark.parametrize("value", [3.5, [1], {"a": 1}, False, "1" * 41, "12\x003"])
def test_codes_that_are_none_are_refused(value: Any):
    assert finding(collection(feature(code=value)), "code_unfit", code_field="code").row == 1


def test_a_code_of_unusual_length_is_kept():
    reading = read(collection(feature(code="990602")), code_field="code", level="grid")
    assert reading.accepted[0].code == "990602"
    assert reading.findings[0].values == {"length": 6, "expected": 15}


def test_the_id_beside_the_properties_is_taken_only_when_asked_for():
    text = json.dumps({**feature(), "id": 5})
    assert only(text).source_id is None
    assert only(text, id_field="id").source_id == "5"


@pytest.mark.parametrize("key", ["name_en", "name:en"])
def test_the_english_name_is_found(key: str):
    assert only(collection(feature(**{key: "Yunxi"}))).name_en == "Yunxi"


def test_the_english_name_beside_another_name_field_is_found():
    text = collection(feature(label="云溪", label_en="Yunxi", name_en="Else"))
    assert only(text, name_field="label").name_en == "Yunxi"


@pytest.mark.parametrize("name_en", ["\x00", 5, "y" * 201, ""])
def test_an_unfit_english_name_is_left_out(name_en: Any):
    assert only(collection(feature(name_en=name_en))).name_en is None


def test_an_absent_field_names_those_there_are():
    found = finding(collection(feature(osm_id="1")), "field_absent", code_field="code")
    assert (found.field, found.values) == ("code", {"field": "code", "fields": "name, osm_id"})


def test_heights_are_left_out():
    raised = [[*place, 31.5] for place in ring()]
    assert not only(collection(feature(geometry=polygon(raised)))).geometry.has_z


def test_holes_and_parts_are_kept_and_turned_the_usual_way():
    outer, hole = ring(0, 0, 3), ring(1, 1, 1)
    parts = [[outer[::-1], hole], [ring(5)]]
    text = collection(feature(geometry={"type": "MultiPolygon", "coordinates": parts}))
    geometry = only(text).geometry
    assert geometry.geom_type == "MultiPolygon"
    assert [len(part.interiors) for part in geometry.geoms] == [1, 0]
    assert all(part.exterior.is_ccw for part in geometry.geoms)
    assert not geometry.geoms[0].interiors[0].is_ccw


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_coordinates_of_another_system_come_out_in_wgs84(crs: Crs):
    there = geometry_from_wgs84(square(), crs)
    text = collection(feature(geometry=shapely.geometry.mapping(there)))
    candidate = only(text, crs=crs)
    assert candidate.crs == crs
    assert candidate.geometry.equals_exact(square(), tolerance=1e-7)
    assert not only(text).geometry.equals_exact(square(), tolerance=1e-3)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "true", "null", '"1"'])
def test_coordinates_that_are_no_numbers_are_found(number: str):
    text = collection(feature(geometry=polygon([["X", 29], *ring()]))).replace('"X"', number)
    assert finding(text, "coordinate_not_number").row == 1


def test_a_whole_number_beyond_all_floats_is_found():
    text = collection(feature(geometry=polygon([["X", 29], *ring()]))).replace('"X"', "9" * 400)
    assert finding(text, "coordinate_not_number").row == 1


def test_the_report_says_where_a_border_crosses_itself():
    found = finding(collection(feature(geometry=polygon(BOW_TIE))), "self_intersection")
    assert found.values == {"place": "113.010000, 29.010000"}


def test_the_place_of_a_crossing_is_in_the_files_own_coordinates():
    text = collection(feature(geometry=polygon(BOW_TIE)))
    found = finding(text, "self_intersection", crs=Crs.GCJ02)
    assert found.values == {"place": "113.010000, 29.010000"}


def test_the_report_says_where_a_ring_is_open():
    found = finding(collection(feature(geometry=polygon(ring()[:-1]))), "ring_unclosed")
    lon, lat = ring()[0]
    assert found.values["start"] == f"{lon:.6f}, {lat:.6f}"
    assert found.values["end"] != found.values["start"]


def test_every_ring_at_fault_is_told_at_once():
    parts = [[ring(0)[:-1]], [ring(2)], [ring(4)[:2]]]
    text = collection(feature(geometry={"type": "MultiPolygon", "coordinates": parts}))
    assert [one.code for one in read(text).findings] == ["boundary.ring_unclosed"] * 2


@pytest.mark.parametrize("lon", [85.0, 113.0])
def test_swapped_axes_are_told_with_the_place_meant(lon: float):
    shape = [[lat, x - 113 + lon] for x, lat in ring()]
    found = finding(collection(feature(geometry=polygon(shape))), "axes_swapped")
    assert found.values["lat"] == pytest.approx(29.0, abs=0.02)
    assert found.values["lon"] == pytest.approx(lon, abs=0.02)


def test_one_wild_vertex_is_out_of_range_not_swapped():
    wild = ring()
    wild[1] = [29.0, 113.0]
    found = finding(collection(feature(geometry=polygon(wild))), "coordinates_out_of_range")
    assert found.value == "29.000000, 113.000000"


def test_an_overlap_is_told_with_its_share_and_partner():
    values = finding(FILES["overlap"][0], "overlap").values
    assert (values["name"], values["other"]) == ("甲", 1)
    assert values["percent"] == pytest.approx(20, abs=0.5)


def test_neighbours_with_a_shared_border_do_not_overlap():
    features = [feature(f"{x}-{y}", polygon(ring(x, y))) for x in range(3) for y in range(3)]
    assert read(collection(*features)).findings == []


def test_one_bad_feature_leaves_the_others():
    text = collection(feature("甲"), feature("", polygon(ring(1))), feature("丙", polygon(ring(2))))
    assert [one.row for one in read(text).accepted] == [1, 3]


def test_findings_come_in_the_order_of_the_file():
    text = collection(feature("甲"), feature("甲"), feature(""), feature("丁"))
    rows = [one.row for one in read(text).findings]
    assert rows == sorted(rows)


def test_values_are_short_and_on_one_line():
    found = finding(collection(feature("云\n" * 5_000)), "name_control")
    assert len(found.value) == VALUE_LENGTH
    assert "\n" not in found.value


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
WORDS = st.sampled_from(
    ["type", "features", "properties", "geometry", "coordinates", "name", "id", "crs", "code"]
)
KINDS = st.sampled_from(["FeatureCollection", "Feature", "Polygon", "MultiPolygon"])
ANYTHING = st.recursive(
    SCALARS | KINDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=30,
)
DEGREES = st.floats(-200, 200) | st.floats() | st.sampled_from([113.0, 29.0, 113.1, 29.1])
RINGS = st.lists(st.lists(DEGREES, min_size=2, max_size=2), max_size=6).map(
    lambda places: [*places, *places[:1]]
)
GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Polygon", "MultiPolygon"]),
        "coordinates": st.lists(RINGS | st.lists(RINGS, max_size=2) | ANYTHING, max_size=3),
    }
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "properties": st.dictionaries(WORDS, ANYTHING, max_size=4) | ANYTHING,
        "geometry": GEOMETRIES | ANYTHING,
    }
)
COLLECTIONS = st.fixed_dictionaries(
    {
        "type": st.just("FeatureCollection"),
        "features": st.lists(FEATURES | ANYTHING, max_size=5),
        "crs": ANYTHING,
    }
)


@given(ANYTHING | COLLECTIONS | FEATURES, st.sampled_from(Crs))
def test_no_json_makes_the_reader_raise(document: Any, crs: Crs):
    reading = read(json.dumps(document), code_field="code", id_field="id", crs=crs, level="grid")
    for one in reading.findings:
        assert len(one.value) <= VALUE_LENGTH
        one.value.encode()
    for candidate in reading.accepted:
        assert candidate.name
        assert candidate.geometry is None or candidate.geometry.is_valid
    assert reading.accepted or reading.errors


@given(st.text() | st.binary())
def test_no_text_makes_the_reader_raise(text: str | bytes):
    reading = read(text)
    assert reading.accepted or reading.errors
