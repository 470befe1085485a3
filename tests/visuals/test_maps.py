"""The map's classes, legend, messages and clicks."""

import base64
import dataclasses
import json
import math
import re
import zlib

import pytest

from lib.visuals.maps import (
    COVERAGE,
    HOURS,
    SERVED,
    SERVICES,
    VACANCIES,
    WAITING,
    Clicked,
    Ground,
    Labels,
    Line,
    MapWords,
    PaintSpec,
    PointLayer,
    asset,
    base_map,
    clicked_shape,
    frame_files,
    pack,
    paint_layer,
)
from lib.visuals.palette import DARK, LIGHT, ramp

WORDS = MapWords("网格地图", "放大", "缩小", "无数据")
BOUNDS = ((31.02, 112.40), (31.05, 112.45))
URL = "/map/shapes/310109-7.json"
MEASURES = [HOURS, SERVED, COVERAGE, WAITING, SERVICES, VACANCIES]


def spec(**changes):
    return dataclasses.replace(PaintSpec(SERVICES, [0, 1, 7], "服务（件）", WORDS), **changes)


def message(asked):
    return json.loads(zlib.decompress(base64.b64decode(pack(asked))))


def test_the_legend_names_every_class_without_gap_or_overlap():
    assert SERVICES.ranges() == ((0, "0"), (1, "1"), (2, "2"), (3, "3–4"), (4, "5–6"), (5, "7+"))
    assert COVERAGE.ranges() == (
        (1, "<60%"),
        (2, "60–69"),
        (3, "70–79"),
        (4, "80–89"),
        (5, "≥90%"),
    )


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.key)
def test_the_limits_of_a_measure_ascend_and_each_class_stands_in_the_legend(measure):
    assert list(measure.limits) == sorted(set(measure.limits))
    named = [k for k, _ in measure.ranges()]
    assert named == list(range(1 if measure.limits[0] == 0 else 0, 6))


def test_the_message_carries_everything_once():
    sent = message(
        spec(
            theme="dark",
            lang="en",
            tooltip=(Line("{n} services", [0, None, 7.0]),),
            badges={"g2": 3, "g1": 0},
            points=(PointLayer("unit", "Unit", categories=("school",)),),
            ground=Ground("/assets/town-dark-en.svg", BOUNDS),
            fit=BOUNDS,
        )
    )
    assert sent["measure"] == {"column": 0, "limits": list(SERVICES.limits)}
    assert sent["columns"] == ['!"(', "! ("]
    assert sent["ramp"] == list(ramp("blue", "dark"))
    assert sent["tokens"]["ink"] == DARK.ink
    assert sent["tooltip"][0]["column"] == 1
    assert sent["badges"]["counts"] == {"g2": 3}
    assert sent["points"][0]["categories"] == ["school"]
    assert sent["fit"] == [list(corner) for corner in BOUNDS]
    assert sent["ground"]["url"] == "/assets/town-dark-en.svg"


def test_figures_are_rounded_before_they_travel():
    line = Line("{n}", [2 / 3, math.nan, 4.0], decimals=1)
    assert message(spec(tooltip=(line,)))["columns"][1] == [0.7, None, 4]


def test_negative_and_huge_figures_travel_as_numbers():
    line = Line("{n}", [-1, None, 5_000_000])
    assert message(spec(tooltip=(line,)))["columns"][1] == [-1, None, 5_000_000]


def test_figures_that_are_shown_twice_travel_once():
    values = [0, 1, 7]
    second = Labels("area", second=Line("{n}", values))
    sent = message(spec(values=values, tooltip=(Line("{n}", values),), labels=second))
    assert sent["columns"] == ['!"(']
    assert sent["tooltip"][0]["column"] == sent["labels"]["second"]["column"] == 0


def test_labels_can_be_left_out():
    assert message(spec(labels=None))["labels"] is None
    second = Labels("area", second=Line("{n}", [1, 2, 3]))
    sent = message(spec(labels=second))
    assert sent["columns"][sent["labels"]["second"]["column"]] == '"#$'


def test_equal_specs_make_equal_messages_so_that_nothing_is_drawn_again():
    assert pack(spec()) == pack(spec())
    assert pack(spec()) != pack(spec(selected="g1"))


def test_the_base_map_is_the_same_whatever_is_painted():
    def script(area_map):
        area_map.get_root().render()
        return re.sub(r"[0-9a-f]{32}", "", area_map.get_root().script.render())

    assert script(base_map(URL, BOUNDS)) == script(base_map(URL, BOUNDS))
    painted = base_map(URL, BOUNDS)
    painted.add_child(paint_layer(URL, spec(theme="dark")))
    assert "gv.paint(" in script(painted)


def test_a_url_cannot_break_out_of_the_script():
    area_map = base_map("/map/shapes/x'</script><script>alert(1)//.json", BOUNDS)
    area_map.get_root().render()
    assert "<script>alert" not in area_map.get_root().script.render()


def test_a_wide_area_may_be_zoomed_out_further():
    near = base_map(URL, BOUNDS).options["minZoom"]
    far = base_map(URL, ((30.0, 112.0), (32.0, 115.0))).options["minZoom"]
    assert far < near
    assert base_map(URL, ((31.0, 112.0), (31.0, 112.0))).options["minZoom"] <= 22


def test_a_click_names_the_shape():
    returned = {
        "last_active_drawing": {
            "type": "Feature",
            "id": "310109001003",
            "properties": {"kind": "area", "at": 1_700_000_000_000},
            "geometry": None,
        }
    }
    assert clicked_shape(returned) == Clicked("310109001003", "area", 1_700_000_000_000)


@pytest.mark.parametrize(
    "returned",
    [
        None,
        {},
        {"last_active_drawing": None},
        {"last_active_drawing": "g1"},
        {"last_active_drawing": {"id": "g1"}},
        {"last_active_drawing": {"id": "g1", "properties": {"kind": "area"}}},
        {"last_active_drawing": {"id": 5, "properties": {"kind": "area", "at": 1}}},
        {"last_active_drawing": {"id": "g1", "properties": {"kind": "area", "at": "now"}}},
    ],
)
def test_what_is_no_click_is_none(returned):
    assert clicked_shape(returned) is None


def test_the_frames_files_are_known_beforehand():
    html = base_map(URL, BOUNDS).get_root().render()
    files = frame_files()
    assert len(files) == 5
    assert all(address in html and kind in ("script", "style") for kind, address in files)


def test_an_asset_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError):
        asset("vendor/nothing.js")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_a_card(theme):
    words = ["ink", "ink2", "ink3", *(f"{s}_text" for s in STATUSES)]
    assert {w: contrast(getattr(theme, w), theme.surface) >= 4.5 for w in words} == dict.fromkeys(
        words, True
    )
    assert contrast(theme.on_status, theme.overdue) >= 4.5


STATUSES = ("neutral", "progress", "done", "soon", "overdue")


@pytest.mark.parametrize("name", ["blue", "plum", "teal"])
def test_a_ramp_runs_one_way(name):
    light = [luminance(c) for c in ramp(name, "light")]
    dark = [luminance(c) for c in ramp(name, "dark")]
    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)
