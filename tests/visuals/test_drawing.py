"""The map to draw on: what it asks for, and what it makes of what a browser answers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.visuals.drawing import (
    Drawn,
    DrawSpec,
    DrawWords,
    MapPin,
    Picked,
    drawing_layer,
    drawing_map,
    drawn,
    picked,
    picture_map,
    pins_layer,
    pixel,
)
from lib.visuals.maps import SERVICES, MapWords, PaintSpec

URL = "/map/shapes/1-7.json"
BOUNDS = ((31.02, 112.40), (31.05, 112.45))
SPEC = DrawSpec("new1-x", DrawWords(*"abcdefg"), pins=(MapPin(1, 112.4, 31.0),))
PAINT = PaintSpec(SERVICES, [1], "", MapWords("画", "放大", "缩小", "无数据"))
RING = {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}


def said(kind: str, number: object, geometry: object, **properties: object):
    feature = {"id": number, "properties": {"kind": kind, **properties}, "geometry": geometry}
    return {"last_active_drawing": feature}


@pytest.mark.parametrize(
    ("made", "layer"),
    [
        (drawing_map(URL, BOUNDS), drawing_layer(URL, PAINT, SPEC)),
        (picture_map("/map/picture/1/plain-x.webp", 90, 60), pins_layer(SPEC.pins, 60)),
    ],
    ids=["map", "picture"],
)
def test_rendered__asks_no_other_host(made, layer) -> None:
    made.add_child(layer)
    page = made.get_root().render()
    links = [
        a or b for a, b in re.findall(r"""(?:src|href)=["']([^"']+)|url\(["']?([^"')]+)""", page)
    ]
    assert len(links) >= 6
    assert [link for link in links if "//" in link] == []


def test_script__a_token_cannot_break_out() -> None:
    made = drawing_map(URL, BOUNDS)
    evil = DrawSpec("'</script><script>alert(1)//", SPEC.words)
    made.add_child(drawing_layer(URL, PAINT, evil))
    made.get_root().render()
    assert "<script>alert" not in made.get_root().script.render()


def test_answers__drawing_pin_and_pixel__each_its_own() -> None:
    drawing, pin = (
        said("drawing", "t", RING, at=1),
        said("pin", "2", {"coordinates": [9, 8.5]}, at=7),
    )
    assert (drawn(drawing), picked(drawing)) == (Drawn("t", RING), None)
    assert (drawn(pin), picked(pin)) == (None, Picked(2, 9.0, 8.5, 7))
    assert pixel({"last_clicked": {"lat": 50.0, "lng": 10}}, 90, 60) == (10.0, 10.0)
    assert pixel({"last_clicked": {"lat": 61.0, "lng": 10}}, 90, 60) is None
    assert picked(said("pin", "3", {"coordinates": [9, 8]}, at=7)) is None
    assert picked(said("pin", "1", {"coordinates": [900, 8]}, at=7)) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(JUNK, JUNK, JUNK)
def test_answers__anything_else__none_and_no_fault(number, geometry, properties) -> None:
    feature = {"id": number, "properties": properties, "geometry": geometry}
    for returned in (None, {}, {"last_active_drawing": feature}, {"last_clicked": geometry}):
        assert drawn(returned) is None
        assert picked(returned) is None
        assert pixel(returned, 9, 9) is None
