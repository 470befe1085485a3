"""Photos that nobody took: a wall with drawn faces, as bytes of a file with what a camera notes."""

import io
from collections.abc import Sequence

from PIL import ExifTags, Image, ImageDraw, ImageFilter

Place = tuple[int, int, int]
"""Left, top and side of a drawn face."""


def face(side: int, skin: int = 200) -> Image.Image:
    """A face as a detector sees one: light and dark where they belong, and nobody's."""
    drawn = Image.new("L", (side, side), 90)
    pen, s = ImageDraw.Draw(drawn), side / 100

    def oval(left: int, top: int, right: int, bottom: int, light: float) -> None:
        pen.ellipse((left * s, top * s, right * s, bottom * s), fill=int(light))

    oval(15, 5, 85, 98, 60)
    oval(20, 14, 80, 96, skin)
    pen.rectangle((22 * s, 34 * s, 78 * s, 41 * s), fill=int(skin * 0.75))
    for eye in (36, 64):
        oval(eye - 11, 36, eye + 11, 50, skin * 0.55)
        pen.rectangle(((eye - 11) * s, 33 * s, (eye + 11) * s, 37 * s), fill=50)
        oval(eye - 7, 40, eye + 7, 48, 235)
        oval(eye - 4, 40, eye + 4, 48, 20)
    oval(45, 42, 55, 68, skin + 35)
    oval(41, 62, 59, 71, skin * 0.7)
    oval(34, 76, 66, 84, skin * 0.45)
    oval(24, 52, 40, 70, skin + 20)
    oval(60, 52, 76, 70, skin + 20)
    return drawn.filter(ImageFilter.GaussianBlur(side / 90)).convert("RGB")


def wall(faces: Sequence[Place] = (), size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A grey wall with faces on it."""
    picture = Image.new("RGB", size, (90, 90, 90))
    for left, top, side in faces:
        picture.paste(face(side), (left, top))
    return picture


def as_file(picture: Image.Image, kind: str = "JPEG", *, turned: bool = False) -> bytes:
    """The picture as a camera writes it: with its place on earth, its maker and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRETCAMERA"
    if turned:
        exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (31.0, 12.0, 30.0)
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, quality=95)
    return out.getvalue()
