"""Pictures of maps: taken in safely from people's files, and turned north up.

Bytes in, bytes out, always WebP; where a picture belongs is decided by `lib.services.pictures`.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from lib.geo.placing import Placing
from lib.geo.rasters import Flaw, UnfitRasterError, on_paper, read_raster

MAX_BYTES = 12 * 2**20
MAX_PIXELS = 60_000_000
SIDE = 3000
"""Longest side kept, in pixels: a wall map stays legible and the database small."""

_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as kept: WebP without anything the camera wrote beside it."""

    width: int
    height: int
    content: bytes


class UnfitPictureError(ValueError):
    """The file is not a picture that can be taken; `code` is a word key, `values` fill it."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.code = code
        self.values: dict[str, Any] = dict(values)


_UNFIT: Mapping[Flaw, tuple[str, dict[str, int]]] = {
    Flaw.LARGE: ("placing.file_large", {"limit": MAX_BYTES // 2**20}),
    Flaw.PIXELS: ("placing.pixels_many", {"limit": MAX_PIXELS // 1_000_000}),
    Flaw.UNREADABLE: ("placing.not_picture", {}),
}


def take_in(content: bytes) -> Picture:
    """Read a PNG or JPEG, known by its content and not by its name; set upright, made small.

    What the camera noted (place, time, owner) is left behind.

    Raises:
        UnfitPictureError: too large in bytes or pixels, of another kind, or damaged.
    """
    try:
        upright = read_raster(
            content,
            formats=("PNG", "JPEG"),
            bytes_max=MAX_BYTES,
            pixels_max=MAX_PIXELS,
            draft=SIDE,
        )
    except UnfitRasterError as error:
        code, values = _UNFIT[error.flaw]
        raise UnfitPictureError(code, **values) from error
    paper = on_paper(upright, SIDE)
    return Picture(paper.width, paper.height, _webp(paper))


def north_up(picture: Picture, placing: Placing) -> bytes:
    """Give the picture turned so that north is up, see-through where it does not reach."""
    west, south, east, north = placing.box(picture.width, picture.height)
    # Never finer than the picture itself, nor larger than what is kept.
    step = max(placing.metres_per_pixel, (east - west) / SIDE, (north - south) / SIDE)
    size = (max(1, round((east - west) / step)), max(1, round((north - south) / step)))
    # Pillow asks the other way round: which pixel of the picture is at each pixel of the result.
    turn = step / placing.factor
    corner = (complex(west, north) - placing.shift) / placing.factor
    data = (turn.real, turn.imag, corner.real, -turn.imag, turn.real, -corner.imag)
    with Image.open(io.BytesIO(picture.content), formats=("WEBP",)) as image:
        turned = image.convert("RGBA").transform(
            size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC
        )
    return _webp(turned)


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()
