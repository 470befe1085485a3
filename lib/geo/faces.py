"""Faces in a picture: found on this machine, and blurred so that nothing brings them back.

The detector is the one that OpenCV carries; what it misses is marked by hand. Pictures in, pictures
out; which of them are kept is decided by `lib.services.photos`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

BLOCKS = 5
"""So many squares are left of a face from side to side: too few for anybody to be known by."""

_MARGIN = 0.2
"""A found box ends at chin and brow; hair and ears tell as much."""

_CASCADES = (
    ("haarcascade_frontalface_alt2.xml", 4, False),
    ("haarcascade_frontalface_default.xml", 6, False),
    ("haarcascade_profileface.xml", 5, False),
    ("haarcascade_profileface.xml", 5, True),
)
"""File, how many neighbours must agree, and whether it looks at the mirrored picture."""

_SMALLEST = 40
"""Faces narrower than a fortieth of the picture's longer side are not looked for."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture in pixels, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def within(self, size: tuple[int, int], margin: float = 0.0) -> "Box":
        """The box, wider by a margin on each side, as far as it lies in a picture of this size."""
        more_x, more_y = round(self.width * margin), round(self.height * margin)
        left = min(max(self.left - more_x, 0), size[0])
        top = min(max(self.top - more_y, 0), size[1])
        right = min(max(self.left + self.width + more_x, left), size[0])
        bottom = min(max(self.top + self.height + more_y, top), size[1])
        return Box(left, top, right - left, bottom - top)

    def overlaps(self, other: "Box") -> bool:
        """Whether the boxes share at least a third of the smaller one."""
        wide = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        high = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        smaller = min(self.width * self.height, other.width * other.height)
        return wide > 0 and high > 0 and 3 * wide * high >= smaller

    def around(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        right = max(self.left + self.width, other.left + other.width)
        bottom = max(self.top + self.height, other.top + other.height)
        return Box(left, top, right - left, bottom - top)


def faces_in(picture: Image.Image) -> tuple[Box, ...]:
    """Where faces seem to be, from the front and from both sides, left to right.

    It rather blurs a lamp than leaves a face; what is too much is taken away by hand.
    """
    import cv2
    import numpy as np

    grey = cv2.equalizeHist(np.asarray(picture.convert("L")))
    least = max(24, max(picture.size) // _SMALLEST)
    found: list[Box] = []
    for name, neighbours, mirrored in _CASCADES:
        seen = grey[:, ::-1].copy() if mirrored else grey
        boxes = _cascade(name).detectMultiScale(
            seen, scaleFactor=1.1, minNeighbors=neighbours, minSize=(least, least)
        )
        for left, top, width, height in boxes:
            at = picture.width - int(left) - int(width) if mirrored else int(left)
            found.append(Box(at, int(top), int(width), int(height)))
    wider = (box.within(picture.size, _MARGIN) for box in found)
    return tuple(sorted(_joined(wider), key=lambda box: (box.left, box.top)))


def _joined(boxes: Iterable[Box]) -> list[Box]:
    """Boxes of one face made one."""
    apart: list[Box] = []
    for box in boxes:
        one = box
        while (other := next((b for b in apart if b.overlaps(one)), None)) is not None:
            apart.remove(other)
            one = one.around(other)
        apart.append(one)
    return apart


@cache
def _cascade(name: str) -> Any:  # noqa: ANN401 - OpenCV carries no types for it
    import cv2

    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))


def blurred(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """A copy in which each box is a few squares with soft edges; what was there is gone."""
    out = picture.copy()
    for box in boxes:
        here = box.within(picture.size)
        if not here.width or not here.height:
            continue
        place = (here.left, here.top, here.left + here.width, here.top + here.height)
        high = max(1, round(BLOCKS * here.height / here.width))
        few = picture.crop(place).resize((min(BLOCKS, here.width), high), Image.Resampling.BOX)
        coarse = few.resize((here.width, here.height), Image.Resampling.NEAREST)
        soft = max(1.0, here.width / BLOCKS / 3)
        out.paste(coarse.filter(ImageFilter.GaussianBlur(soft)), place[:2])
    return out
