"""Emblems that people upload: judged by content, made small, and written anew as a plain PNG.

Only rasters: an SVG can carry scripts and links, and nobody needs one at this size.
"""

import base64
import io

from PIL import Image

from lib.domain.errors import Refusal
from lib.geo.rasters import Flaw, UnfitRasterError, read_raster

FILE_MAX_MB = 2
PIXELS_MAX = 4_000
SIDE = 96
"""Pixels of a side as kept: twice the height of the head of the page."""


def emblem_of(file: bytes) -> str:
    """The picture as a square PNG of SIDE pixels, in base64, without what else the file held.

    Raises:
        Refusal: ``emblem.too_large``, ``emblem.no_picture`` for anything but a whole PNG or
            JPEG whatever its name says, ``emblem.too_many_pixels``.
    """
    try:
        upright = read_raster(
            file,
            formats=("PNG", "JPEG"),
            bytes_max=FILE_MAX_MB << 20,
            pixels_max=PIXELS_MAX**2,
            side_max=PIXELS_MAX,
        )
    except UnfitRasterError as error:
        raise _refusal(error) from error
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", (SIDE, SIDE))
    plain.paste(upright, ((SIDE - upright.width) // 2, (SIDE - upright.height) // 2))
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def _refusal(error: UnfitRasterError) -> Refusal:
    if error.flaw is Flaw.LARGE:
        return Refusal("emblem.too_large", limit=FILE_MAX_MB)
    if error.flaw is Flaw.PIXELS and any(error.size):
        width, height = error.size
        return Refusal("emblem.too_many_pixels", width=width, height=height, limit=PIXELS_MAX)
    return Refusal("emblem.no_picture")
