"""Pictures that people upload, taken in safely: known by content, bounded, upright, without traces.

What a picture is for, and which of these flaws is said in which words, is decided by who asks.
"""

import io
from enum import StrEnum

from PIL import Image, ImageOps

_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, MemoryError)


class Flaw(StrEnum):
    """Why a file is no picture that can be taken."""

    LARGE = "large"
    PIXELS = "pixels"
    UNREADABLE = "unreadable"


class UnfitRasterError(ValueError):
    """The file cannot be taken; `size` is its width and height where they are known."""

    def __init__(self, flaw: Flaw, size: tuple[int, int] = (0, 0)) -> None:
        super().__init__(flaw)
        self.flaw = flaw
        self.size = size


def read_raster(
    content: bytes,
    *,
    formats: tuple[str, ...],
    bytes_max: int,
    pixels_max: int,
    side_max: int | None = None,
    draft: int | None = None,
) -> Image.Image:
    """Read an uploaded picture, whatever its name says, as RGBA and the right way up.

    Nothing is unpacked before its size is known from the header. What the camera noted beside the
    picture (place, time, owner) is left behind. `draft` is a side in pixels below which nobody
    needs it: a JPEG is then unpacked smaller.

    Raises:
        UnfitRasterError: too many bytes or pixels, of another format, or damaged.
    """
    if len(content) > bytes_max:
        raise UnfitRasterError(Flaw.LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            if image.width * image.height > pixels_max or max(image.size) > (side_max or 2**31):
                raise UnfitRasterError(Flaw.PIXELS, image.size)
            if draft is not None:
                image.draft("RGB", (draft, draft))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except _BOMBS as error:
        raise UnfitRasterError(Flaw.PIXELS) from error
    except UnfitRasterError:
        raise
    except _DAMAGED as error:
        raise UnfitRasterError(Flaw.UNREADABLE) from error
    # Pixels alone go on: whatever else the file said stays with the file.
    upright.info.clear()
    return upright


def on_paper(picture: Image.Image, side: int) -> Image.Image:
    """The picture on white, no side longer than `side`: a see-through one vanishes in the dark."""
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    paper.thumbnail((side, side), Image.Resampling.LANCZOS)
    return paper
