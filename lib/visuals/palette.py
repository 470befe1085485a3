"""Colours and typefaces of the product, for both themes: the tokens that maps and charts draw with.

It knows no folium, no chart library and no data: it only names colours.
"""

from dataclasses import asdict, dataclass
from typing import Final, Literal

Theme = Literal["light", "dark"]
Ramp = Literal["blue", "plum", "teal"]
Status = Literal["neutral", "progress", "done", "soon", "overdue"]

FONT_STACK: Final = (
    "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','Source Sans',"
    "'GV Sans SC',sans-serif"
)
"""Chinese first, so that digits and Latin match it in size. The served font stands after every
installed one, so that a machine with Chinese fonts downloads nothing; and before the generic name,
behind which Chromium left words blank even after the font had arrived."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every colour of one theme, as CSS hex strings.

    `progress` … `overdue` are fills (shapes and bars, 3:1 or more); the same name with `_text` is
    for words (5:1 or more). The `*_edge` colours and `halo` are the lines of the map.
    """

    bg: str
    surface: str
    sunk: str
    line: str
    ink: str
    ink2: str
    ink3: str
    brand: str
    brand_button: str
    neutral: str
    progress: str
    done: str
    soon: str
    overdue: str
    neutral_text: str
    progress_text: str
    done_text: str
    soon_text: str
    overdue_text: str
    on_status: str
    halo: str
    grid_edge: str
    community_edge: str
    street_edge: str

    def as_css(self) -> str:
        """Return the tokens as CSS custom properties, `--ink2:#4A5160;…`, `_` written as `-`."""
        return ";".join(f"--{name.replace('_', '-')}:{c}" for name, c in asdict(self).items())


LIGHT: Final = Tokens(
    bg="#FAF9F6",
    surface="#FFFFFF",
    sunk="#F2F0EA",
    line="#E4E0D7",
    ink="#1D2330",
    ink2="#4A5160",
    ink3="#6A707C",
    brand="#B3332A",
    brand_button="#B3332A",
    neutral="#767676",
    progress="#2073BC",
    done="#28A197",
    soon="#F46A25",
    overdue="#801650",
    neutral_text="#5C6370",
    progress_text="#1B5F9C",
    done_text="#14746C",
    soon_text="#A8430D",
    overdue_text="#801650",
    on_status="#FFFFFF",
    halo="#FFFFFF",
    grid_edge="#4A5160",
    community_edge="#4A5160",
    street_edge="#1D2330",
)

DARK: Final = Tokens(
    bg="#0B141D",
    surface="#121E2A",
    sunk="#182736",
    line="#26384A",
    ink="#EAF0F5",
    ink2="#B6C2CE",
    ink3="#8C9BAA",
    brand="#E0685C",
    brand_button="#CC483C",
    neutral="#9AA3AD",
    progress="#5AA9F0",
    done="#3FC5BC",
    soon="#FF9A5C",
    overdue="#E27AA4",
    neutral_text="#B6C2CE",
    progress_text="#8CC6FA",
    done_text="#7FDDD6",
    soon_text="#FFB88C",
    overdue_text="#F2A6C4",
    on_status="#0B141D",
    halo="#0B141D",
    grid_edge="#0B141D",
    community_edge="#7C93A8",
    street_edge="#C6D6E4",
)

_TOKENS: Final[dict[Theme, Tokens]] = {"light": LIGHT, "dark": DARK}

_RAMPS: Final[dict[Theme, dict[Ramp, tuple[str, ...]]]] = {
    "light": {
        "blue": ("#D6E9FA", "#ABD1F3", "#74B0E6", "#3D86CC", "#1B5CA8"),
        "plum": ("#F6DCE7", "#E3ABC3", "#C87499", "#A53F70", "#801650"),
        "teal": ("#D3F1EE", "#9FDDD6", "#62C3BA", "#2C9F94", "#0F766E"),
    },
    "dark": {
        "blue": ("#16324A", "#1B4C73", "#24699F", "#3C8FD0", "#7CC0F5"),
        "plum": ("#33202D", "#5A2B45", "#8A3D66", "#BD5E8D", "#F0A3C6"),
        "teal": ("#12393B", "#155A57", "#1F837B", "#34AFA4", "#8BE3DA"),
    },
}

CATEGORIES: Final = ("#2073BC", "#28A197", "#F46A25", "#801650", "#767676", "#A8B8C8")
"""Series colours of charts that compare kinds, in order of use; the same in both themes."""


def tokens(theme: Theme) -> Tokens:
    """Return the colours of a theme."""
    return _TOKENS[theme]


def ramp(name: Ramp, theme: Theme) -> tuple[str, ...]:
    """Return the five class colours of a ramp, least to most (dark themes run dark to bright)."""
    return _RAMPS[theme][name]
