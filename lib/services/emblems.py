"""Emblems that people upload: judged by content, made small, and written anew as a plain PNG.

Only rasters: an SVG can carry scripts and links, and nobody needs one at this size.
"""

import base64
import io

from PIL import Image, ImageOps, UnidentifiedImageError

from lib.domain.errors import Refusal

FILE_MAX_MB = 2
PIXELS_MAX = 4_000
SIDE = 96
"""Pixels of a side as kept: twice the height of the head of the page."""

_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
)


def emblem_of(file: bytes) -> str:
    """The picture as a square PNG of SIDE pixels, in base64, without what else the file held.

    Raises:
        Refusal: ``emblem.too_large``, ``emblem.no_picture`` for anything but a whole PNG or
            JPEG whatever its name says, ``emblem.too_many_pixels``.
    """
    if len(file) > FILE_MAX_MB << 20:
        raise Refusal("emblem.too_large", limit=FILE_MAX_MB)
    try:
        with Image.open(io.BytesIO(file), formats=("PNG", "JPEG")) as opened:
            if max(opened.size) > PIXELS_MAX:
                width, height = opened.size
                raise Refusal(
                    "emblem.too_many_pixels", width=width, height=height, limit=PIXELS_MAX
                )
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except _UNREADABLE as error:
        raise Refusal("emblem.no_picture") from error
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", (SIDE, SIDE))
    plain.paste(upright, ((SIDE - upright.width) // 2, (SIDE - upright.height) // 2))
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()
