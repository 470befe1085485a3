"""A certificate as a document: one page, words in, PDF out, with its own letters and QR code.

What stands on it is decided by who calls; nothing is fetched, and no font of the system is used.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import segno
from fpdf import FPDF
from fpdf.enums import TextMode

from lib.visuals.palette import LIGHT
from lib.visuals.typeface import fonts_of

_MARGIN, _WIDTH = 22.0, 210.0
_QR_SIDE = 34.0
_QR_SCALE = 6


@dataclass(frozen=True, slots=True)
class Page:
    """The words of a certificate in one language, in the order in which they stand.

    `address` is what the QR code says, `crossed` a word across the page, empty for none.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    head: tuple[str, str, str]
    rows: Sequence[tuple[str, str, str]]
    foot: Sequence[tuple[str, str]]
    seal: str
    note: str
    check: str
    address: str
    crossed: str
    day: date


def draw_certificate(page: Page) -> bytes:
    """The certificate as a PDF of one page A4, or more where there are many kinds of service."""
    pdf = _Sheet(page)
    pdf.add_page()
    pdf.heading()
    pdf.pairs(page.facts)
    pdf.kinds(page.head, page.rows)
    pdf.paragraph(page.note)
    pdf.signed(page)
    return bytes(pdf.output())


class _Sheet(FPDF):
    """The page in the making, in millimetres."""

    def __init__(self, page: Page) -> None:
        super().__init__(format="A4")
        self.page_words = page
        self.set_margins(_MARGIN, 24, _MARGIN)
        self.set_auto_page_break(True, 20)
        self.set_title(page.title)
        self.set_creation_date(datetime(page.day.year, page.day.month, page.day.day, tzinfo=UTC))
        names = []
        for font in fonts_of("".join(_words(page))):
            self.add_font(font.stem, fname=font)
            names.append(font.stem)
        self.set_fallback_fonts(names)
        self.family = names[-1]

    def voice(self, size: float, colour: str, *, bold: bool = False) -> None:
        """Let what follows be written so."""
        self.set_font(self.family, size=size)
        self.set_text_color(*_rgb(colour))
        self.set_draw_color(*_rgb(colour))
        # One weight is carried along: what stands out is drawn with an edge.
        self.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        self.set_line_width(0.012 * size)

    def heading(self) -> None:
        """The title over a line in the colour of the seal."""
        self.voice(26, LIGHT.ink, bold=True)
        self.cell(0, 16, self.page_words.title, align="C", new_x="LMARGIN", new_y="NEXT")
        self._line(LIGHT.brand, 0.8)
        self.line(_MARGIN, self.get_y() + 2, _WIDTH - _MARGIN, self.get_y() + 2)
        self.ln(9)

    def pairs(self, facts: Sequence[tuple[str, str]], width: float = 0) -> None:
        """Names with their values, one below the other."""
        for name, value in facts:
            self.voice(10.5, LIGHT.ink3)
            self.cell(44, 8, name)
            self.voice(12, LIGHT.ink)
            self.multi_cell(width, 8, value, align="L", new_x="LMARGIN", new_y="NEXT")

    def _line(self, colour: str, width: float) -> None:
        self.set_draw_color(*_rgb(colour))
        self.set_line_width(width)

    def kinds(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """What was done, a row for each kind of service."""
        widths = (86.0, 40.0, 40.0)
        self.ln(3)
        for n, cells in enumerate((head, *rows)):
            self.voice(10.5, LIGHT.ink3 if n == 0 else LIGHT.ink, bold=n == 0)
            for width, cell in zip(widths, cells, strict=True):
                self.cell(width, 8, cell, align="L" if width > 40 else "R")
            self.ln()
            self._line(LIGHT.line, 0.2)
            self.line(_MARGIN, self.get_y(), _WIDTH - _MARGIN, self.get_y())
        self.ln(4)

    def paragraph(self, text: str) -> None:
        """A few lines in a quiet voice."""
        self.voice(9.5, LIGHT.ink3)
        self.multi_cell(0, 5.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(5)

    def signed(self, page: Page) -> None:
        """Who vouches, the place for the seal, and the code that tells whether it still stands."""
        if self.get_y() > 210:
            self.add_page()
        top = self.get_y()
        self.pairs(page.foot, 78)
        left = _WIDTH - _MARGIN - _QR_SIDE
        picture = io.BytesIO()
        segno.make(page.address, error="m", micro=False).save(
            picture, kind="png", scale=_QR_SCALE, border=2
        )
        picture.seek(0)
        self.image(picture, left, top, _QR_SIDE, _QR_SIDE)
        self.set_xy(left - 8, top + _QR_SIDE + 1)
        self.voice(8.5, LIGHT.ink3)
        self.multi_cell(_QR_SIDE + 16, 4.5, page.check, align="C")
        self.set_xy(_MARGIN, max(top + 54, self.get_y() + 4))
        self.voice(10.5, LIGHT.ink3)
        self.cell(0, 8, page.seal, align="R")
        if page.crossed:
            with self.rotation(35, _WIDTH / 2, 148):
                self.voice(64, LIGHT.overdue, bold=True)
                with self.local_context(fill_opacity=0.35):
                    self.set_xy(0, 134)
                    self.cell(_WIDTH, 28, page.crossed, align="C")


def _words(page: Page) -> list[str]:
    pairs = [*page.facts, *page.foot, page.head, *page.rows]
    return [
        *(word for pair in pairs for word in pair),
        *(page.title, page.seal, page.note, page.check, page.crossed),
        "-",
    ]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
