"""Contrast of colours by WCAG 2.2, and the nearest colour that can be read.

Colours are CSS hex texts such as ``#B3332A``; which ones a theme has stands in `lib.visuals`.
"""

import colorsys
import re
from collections.abc import Sequence

READABLE = 4.5
"""The ratio that level AA asks of text (success criterion 1.4.3)."""

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def is_colour(text: str) -> bool:
    """Whether the text is a colour as ``#RRGGBB``."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: Sequence[str]) -> float:
    """The contrast on the ground that suits the colour least."""
    return min(contrast(colour, ground) for ground in grounds)


def nearest_readable(colour: str, grounds: Sequence[str], ratio: float = READABLE) -> str:
    """The colour of the same hue that reaches `ratio` on every ground with least change.

    A colour that does so already comes back as it is.
    """
    red, green, blue = (part / 255 for part in _parts(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(256):
        for shifted in (lightness - step / 255, lightness + step / 255):
            found = _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, shifted)), saturation))
            if step == 0:
                found = colour.upper()
            if least_contrast(found, grounds) >= ratio:
                return found
    return max(("#000000", "#FFFFFF"), key=lambda extreme: least_contrast(extreme, grounds))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)


def _luminance(colour: str) -> float:
    linear = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
