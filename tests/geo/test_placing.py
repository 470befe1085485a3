import io
import math

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from lib.geo.pictures import MAX_BYTES, SIDE, UnfitPictureError, north_up, take_in
from lib.geo.placing import Pin, Placing, misplaced
from lib.geo.shapes import LocalPlane

LON, LAT = 121.48, 31.27
PLANE = LocalPlane(LON, LAT)
pixels = st.floats(0, 4000)


@st.composite
def placings(draw: st.DrawFn) -> Placing:
    scale, turn = draw(st.floats(0.05, 5)), draw(st.floats(-180, 180))
    east, north = draw(st.floats(-3000, 3000)), draw(st.floats(-3000, 3000))
    angle = -math.radians(turn)
    factor = complex(scale * math.cos(angle), scale * math.sin(angle))
    return Placing(PLANE, factor, complex(east, north))


def pin(placing: Placing, x: float, y: float) -> Pin:
    return Pin(x, y, *placing.place(x, y))


@given(placings(), pixels, pixels)
def test_place_and_pixel__there_and_back(placing: Placing, x: float, y: float) -> None:
    assert placing.pixel(*placing.place(x, y)) == pytest.approx((x, y), abs=1e-3)


@given(placings(), pixels, pixels, pixels, pixels, pixels, pixels)
def test_by__two_points_of_a_placing__give_it_again(placing, ax, ay, bx, by, x, y) -> None:
    assume(math.hypot(ax - bx, ay - by) > 200)
    found = Placing.by(pin(placing, ax, ay), pin(placing, bx, by))
    assert found.metres_per_pixel == pytest.approx(placing.metres_per_pixel, rel=2e-3)
    turned = (found.turn - placing.turn + 180) % 360 - 180
    assert turned == pytest.approx(0, abs=0.2)
    # Planes around different middles differ by their curvature: 0.2 % over some kilometres.
    metres = abs(
        complex(*(a - b for a, b in zip(found.pixel(*placing.place(x, y)), (x, y), strict=True)))
    )
    assert metres < 15


def test_turn__said_as_a_person_sees_it() -> None:
    """The picture's right edge points north: it was turned to the left to lie like that."""
    south, north = Pin(0, 500, LON, LAT), Pin(1000, 500, LON, LAT + 0.01)
    found = Placing.by(south, north)
    assert found.turn == pytest.approx(-90)
    assert found.metres_per_pixel == pytest.approx(1.1087, rel=1e-3)


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (Pin(5, 5, LON, LAT), Pin(5, 5, LON + 0.01, LAT), "placing.points_close"),
        (Pin(5, 5, LON, LAT), Pin(60, 5, LON + 0.01, LAT), "placing.points_close"),
        (Pin(0, 0, LON, LAT), Pin(900, 0, LON, LAT), "placing.places_close"),
        (Pin(0, 0, LON, LAT), Pin(900, 0, LON + 1e-5, LAT), "placing.places_close"),
        (Pin(0, 0, LON, LAT), Pin(900, 0, LON + 5, LAT), "placing.size_odd"),
    ],
)
def test_misplaced__says_which_points_to_mend(one: Pin, other: Pin, code: str) -> None:
    assert [flaw.code for flaw in misplaced(one, other, 1000, 800)] == [code]


def test_misplaced__sound_points__nothing() -> None:
    assert misplaced(Pin(0, 0, LON, LAT), Pin(900, 0, LON + 0.01, LAT), 1000, 800) == []


def file_of(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_take_in__photo_held_sideways__upright_and_without_notes() -> None:
    photo = Image.new("RGB", (80, 40), "white")
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "secret camera"
    kept = take_in(file_of(photo, "JPEG", exif=notes))
    assert (kept.width, kept.height) == (40, 80)
    assert not opened(kept.content).getexif()
    assert b"secret" not in kept.content


def test_take_in__large_scan__made_smaller() -> None:
    kept = take_in(file_of(Image.new("L", (6000, 3000), 128)))
    assert (kept.width, kept.height) == (SIDE, SIDE // 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "placing.not_picture"),
        (b"<svg/>", "placing.not_picture"),
        (file_of(Image.new("RGB", (9, 9)), "GIF"), "placing.not_picture"),
        (file_of(Image.new("RGB", (99, 99)))[:60], "placing.not_picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "placing.not_picture"),
        (bytes(MAX_BYTES + 1), "placing.file_large"),
        (file_of(Image.new("1", (9000, 9000))), "placing.pixels_many"),
        (file_of(Image.new("1", (11000, 11000))), "placing.pixels_many"),
        (file_of(Image.new("1", (20000, 20000))), "placing.pixels_many"),
    ],
    ids=["empty", "svg", "gif", "cut off", "garbled", "bytes", "81 MP", "121 MP", "400 MP"],
)
def test_take_in__unfit__refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(UnfitPictureError) as caught:
        take_in(content)
    assert caught.value.code == code


def test_north_up__what_was_marked_lies_where_it_belongs() -> None:
    """A red spot of a turned picture must come out at the place that the placing says."""
    image = Image.new("RGB", (400, 300), "white")
    image.paste("red", (300, 60, 320, 80))
    picture = take_in(file_of(image))
    placing = Placing(PLANE, complex(1.2, 0.9), 0)
    turned = opened(north_up(picture, placing)).convert("RGBA")
    west, south, east, north = placing.box(picture.width, picture.height)
    lon, lat = placing.place(310, 70)
    spot = PLANE.to_metres(shapely.Point(lon, lat))
    x = (spot.x - west) / (east - west) * turned.width
    y = (north - spot.y) / (north - south) * turned.height
    red, green, _, alpha = turned.getpixel((round(x), round(y)))
    assert red > 200 > 100 > green
    assert alpha > 250
    assert turned.getpixel((0, 0))[3] == 0
