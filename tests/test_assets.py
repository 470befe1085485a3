"""What the browser is given: known files, each with a licence, and nothing from another host."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from lib.visuals.maps import SERVICES, MapWords, PaintSpec, base_map, paint_layer

STATIC = Path(__file__).parents[1] / "static"
VENDOR = tomllib.loads((STATIC / "VENDOR.toml").read_text("utf-8"))["package"]
OWN = {"map.js", "map.css", "draw.js", "draw.css", "VENDOR.toml"}
URL = "/map/shapes/310109-7.json"


def rendered():
    area_map = base_map(URL, ((31.02, 112.40), (31.05, 112.45)))
    words = MapWords("网格地图", "放大", "缩小", "无数据")
    area_map.add_child(paint_layer(URL, PaintSpec(SERVICES, [1], "服务（件）", words)))
    return area_map, area_map.get_root().render()


def test_every_vendored_file_is_the_one_that_was_fetched():
    listed = {path: digest for package in VENDOR for path, digest in package["sha256"].items()}
    found = {p: hashlib.sha256((STATIC / p).read_bytes()).hexdigest() for p in listed}
    assert found == listed


def test_every_package_names_version_source_and_a_licence_that_is_there():
    for package in VENDOR:
        assert package["version"] and package["source"] and package["licence"]
        assert package["integrity"].startswith("sha512-")
        assert (STATIC / package["licence_file"]).stat().st_size > 500


def test_no_third_party_file_is_unlisted():
    listed = {path for package in VENDOR for path in package["sha256"]}
    folders = ("vendor", "fonts")
    there = {
        path.relative_to(STATIC).as_posix()
        for folder in folders
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert there == listed
    assert listed.isdisjoint(OWN)


def test_a_rendered_map_asks_no_other_host():
    _, page = rendered()
    asked = re.findall(r"""(?:src|href)=["']([^"']+)["']|url\(["']?([^"')]+)""", page)
    links = [a or b for a, b in asked]
    assert len(links) == 5
    assert [link for link in links if "//" in link] == []


def test_every_file_a_map_asks_for_is_served():
    area_map, _ = rendered()
    for _, link in [*area_map.default_js, *area_map.default_css]:
        assert link.startswith("../../assets/")
        assert (STATIC / link.removeprefix("../../assets/").split("?")[0]).is_file()


def test_style_sheets_reach_only_files_that_are_there():
    for sheet in STATIC.rglob("*.css"):
        for target in re.findall(r"url\(([^)]+)\)", sheet.read_text("utf-8")):
            if not target.strip("'").startswith(("#", "%23", "data:")):
                assert (sheet.parent / target).is_file(), target


def test_the_served_font_covers_what_the_screens_say_and_keeps_to_its_letters():
    sheet = (STATIC / "fonts/sans.css").read_text("utf-8")
    ranges = [
        (int(low, 16), int(high or low, 16))
        for low, high in re.findall(r"U\+([0-9a-f]+)(?:-([0-9a-f]+))?", sheet)
    ]
    for letter in "网格街道社区服务诉求单位志愿者确认退回覆盖镕喆":
        assert any(low <= ord(letter) <= high for low, high in ranges), letter
    assert sheet.count("@font-face") == sheet.count("unicode-range") > 50


@pytest.mark.parametrize("name", ["map.js", "draw.js"])
def test_our_script_never_builds_html_from_data(name):
    script = (STATIC / name).read_text("utf-8")
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", script)
    assert not re.search(r"https?://", script)
