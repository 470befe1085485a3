"""Faces: found where they are drawn, and nothing of them left where they were blurred."""

import pytest
from PIL import Image, ImageChops, ImageStat

from lib.geo.faces import BLOCKS, Box, blurred, faces_in
from tests.geo.drawn import wall

FACES = ((100, 80, 160), (520, 300, 120))


def holds(box: Box, place: tuple[int, int, int]) -> bool:
    left, top, side = place
    middle = (left + side / 2, top + side / 2)
    return (
        box.left <= middle[0] <= box.left + box.width
        and box.top <= middle[1] <= box.top + box.height
        and box.width >= 0.7 * side
    )


def test_faces__each_once_and_none_on_a_wall() -> None:
    found = faces_in(wall(FACES))
    assert len(found) == 2
    assert all(holds(box, place) for box, place in zip(found, FACES, strict=True))
    assert faces_in(wall()) == ()


def test_blurred__nothing_is_found_again_and_the_rest_stays() -> None:
    before = wall(FACES)
    boxes = faces_in(before)
    after = blurred(before, boxes)
    assert faces_in(after) == ()
    changed = ImageChops.difference(before, after).getbbox()
    assert changed is not None
    around = boxes[0].around(boxes[1])
    assert changed[0] >= around.left
    assert changed[3] <= around.top + around.height


def test_blurred__keeps_no_more_than_a_few_squares() -> None:
    """Two faces that differ in every detail but not in these squares become the same picture."""
    plain = Image.effect_noise((100, 100), 90).convert("RGB")
    box = Box(0, 0, 100, 100)
    few = plain.resize((BLOCKS, BLOCKS), Image.Resampling.BOX)
    stand_in = few.resize((100, 100), Image.Resampling.NEAREST)
    one, other = blurred(plain, [box]), blurred(stand_in, [box])
    assert ImageStat.Stat(ImageChops.difference(one, other)).mean == pytest.approx([0, 0, 0], abs=1)


@pytest.mark.parametrize(
    "box", [Box(-50, -50, 80, 80), Box(790, 590, 500, 500), Box(900, 900, 5, 5), Box(5, 5, 1, 1)]
)
def test_blurred__boxes_over_the_edge__are_cut(box: Box) -> None:
    assert blurred(wall(), [box]).size == (800, 600)
