"""The town's base map as one SVG per theme and language, without script.

It paints the drawing of a town; data layers, labels of areas and the map itself come from
elsewhere. Zoom needs no script: strokes keep their width on the screen, and media queries read the
width at which the picture is shown.
"""

from functools import lru_cache
from html import escape
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from lib.demo.town import Town
from lib.demo.town_drawing import Drawing, LabelKind
from lib.demo.town_warp import Geometries

Theme = Literal["light", "dark"]
Language = Literal["zh", "en"]

_UNITS = 5  # drawing units a metre
_KEEP = 0.35  # metres a line may be off after thinning

_PALETTE: dict[Theme, dict[str, str]] = {
    "light": {
        "land": "#F5F3EE", "block": "#F0EDE6", "building": "#DCD6CA", "wall": "#C4BCAC",
        "green": "#D5E5C8", "field": "#C6DCB6", "water": "#C6DCE6", "shore": "#A9C8D6",
        "minor": "#FBFAF7", "road": "#FFFFFF", "secondary-case": "#E1DCD2",
        "arterial-case": "#DAD5CA", "secondary": "#FFFFFF", "trunk": "#FDF4DC",
        "trunk-case": "#E0CFA6", "rail": "#BDB7AB", "veil": "#F8F6F2", "haze": "0.66",
        "water-text": "#5E8CA3", "green-text": "#6E8F5B", "road-text": "#8B8576",
    },
    "dark": {
        "land": "#0F1B26", "block": "#13222F", "building": "#20374A", "wall": "#2B4559",
        "green": "#12312F", "field": "#174039", "water": "#0A2A40", "shore": "#16445F",
        "minor": "#1A2B3A", "road": "#2A3F52", "secondary-case": "#0E1A25",
        "arterial-case": "#0B151E", "secondary": "#223546", "trunk": "#3A5063",
        "trunk-case": "#0B151E", "rail": "#33475A", "veil": "#0B141D", "haze": "0.55",
        "water-text": "#4F86A6", "green-text": "#4E8A78", "road-text": "#6F8597",
    },
}  # fmt: skip

# Screen widths of the classes as (casing, surface) in px, from far to near; 0 hides.
_STEPS = (0, 1500, 2600, 4600, 8500)
_WIDTHS: dict[str, tuple[tuple[float, float], ...]] = {
    "path": ((0, 0), (0, 0), (0, 1.1), (0, 2.2), (0, 4.0)),
    "minor": ((0, 0.8), (0, 1.4), (0, 2.8), (0, 5.0), (0, 9.0)),
    "secondary": ((0, 1.6), (4.0, 2.8), (6.4, 5.0), (11.0, 9.0), (18.0, 15.5)),
    "narrow": ((3.6, 2.5), (5.6, 4.2), (9.2, 7.4), (15.5, 13.2), (26.0, 23.0)),
    "wide": ((4.6, 3.3), (7.2, 5.6), (12.0, 9.8), (20.0, 17.2), (33.0, 29.5)),
    "trunk": ((5.4, 3.9), (9.0, 7.0), (14.0, 11.6), (23.0, 20.0), (37.0, 33.5)),
}
# Letter height in px at the near end of each step's range; 0 hides.
_LETTERS: dict[LabelKind, tuple[float, ...]] = {
    "water": (15, 17, 18, 19, 20),
    "brook": (0, 0, 12, 13, 14),
    "green": (11, 12, 13, 14, 15),
    "spot": (0, 0, 12, 13, 14),
    "road": (0, 0, 11.5, 12.5, 13),
}


def _numbers(line: NDArray[np.int64], close: bool) -> str:
    """One ring or line as relative path data; empty when it shrinks to a point."""
    steps = np.diff(line, axis=0)
    steps = steps[steps.any(axis=1)]
    if close:
        steps = steps[:-1]
    if len(steps) < 1 + close:
        return ""
    tail = " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
    return f"M{line[0, 0]} {line[0, 1]}l{tail}" + ("z" if close else "")


class _Pen:
    """Turns geometries in metres into path data with the picture's corner as origin."""

    def __init__(self, drawing: Drawing) -> None:
        self.west, _, _, self.north = drawing.extent.bounds

    def units(self, metres: NDArray[np.float64]) -> NDArray[np.int64]:
        """Drawing units, y down."""
        moved = np.column_stack((metres[:, 0] - self.west, self.north - metres[:, 1]))
        return np.round(moved * _UNITS).astype(np.int64)

    def path(self, geometries: Geometries, keep: float = _KEEP) -> str:
        """Path data of polygons (all rings, closed) or lines; ``keep`` 0 keeps every vertex."""
        parts = shapely.get_parts(geometries)
        if keep:
            parts = shapely.simplify(parts, keep)
        close = bool(len(parts)) and parts[0].geom_type == "Polygon"
        lines = shapely.get_rings(parts) if close else parts
        points, owner = shapely.get_coordinates(lines, return_index=True)
        cuts = np.flatnonzero(np.diff(owner)) + 1
        return "".join(_numbers(line, close) for line in np.split(self.units(points), cuts))


@lru_cache(maxsize=2)
def _paths(drawing: Drawing) -> dict[str, str]:
    """Path data of every layer; the same for all themes and languages."""
    pen = _Pen(drawing)
    river = drawing.water[np.argmax(shapely.area(drawing.water))]
    veil = drawing.extent.difference(drawing.street).difference(river)
    paths = {kind: pen.path(lines) for kind, lines in drawing.roads.items()}
    return paths | {
        "blocks": pen.path(drawing.blocks),
        "greens": pen.path(drawing.greens),
        "fields": pen.path(drawing.fields),
        "waters": pen.path(drawing.water),
        "buildings": pen.path(drawing.buildings, 0),
        "rails": pen.path(drawing.rails),
        "veil": pen.path(np.array([veil])),
    }


def _style(theme: Theme, width: int) -> str:
    """The picture's style sheet: colours once, sizes once for each step of zoom."""
    c = _PALETTE[theme]
    fill = {"path": "minor", "minor": "minor", "secondary": "secondary", "trunk": "trunk"}
    case = {"secondary": "secondary-case", "trunk": "trunk-case"}
    rules = [
        "path{vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}",
        "path{fill:none}",
        'text{font-family:"Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",'
        "sans-serif;text-anchor:middle;paint-order:stroke;stroke-linejoin:round;"
        f"stroke:{c['land']};stroke-opacity:.8}}",
        f".water,.brook{{fill:{c['water-text']};font-style:italic;stroke:none}}",
        f".green{{fill:{c['green-text']};stroke:none}}",
        f".road,.spot{{fill:{c['road-text']};dominant-baseline:central}}",
        f".b{{fill:{c['building']}}}",
        f".r1{{stroke:{c['rail']}}}.r2{{stroke:{c['land']};stroke-dasharray:7 7;"
        "stroke-linecap:butt}",
    ]
    for kind in _WIDTHS:
        rules.append(f".{kind}{{stroke:{c[fill.get(kind, 'road')]}}}")
        rules.append(f".{kind}-c{{stroke:{c[case.get(kind, 'arterial-case')]}}}")
    for n, least in enumerate(_STEPS):
        sizes = _sizes(n, (least or 1000) / width, c)
        rules.append(sizes if not least else f"@media (min-width:{least}px){{{sizes}}}")
    return "".join(rules)


def _sizes(step: int, px_per_unit: float, c: dict[str, str]) -> str:
    """Stroke widths and letter heights for one step of zoom."""
    rules = []
    for kind, steps in _WIDTHS.items():
        for suffix, size in zip(("-c", ""), steps[step], strict=True):
            rules.append(
                f".{kind}{suffix}{{stroke-width:{size};display:{'inline' if size else 'none'}}}"
            )
    for label, letters in _LETTERS.items():
        units = round(letters[step] / px_per_unit / 1.25)
        spacing = round(units * (0.28 if label == "water" else 0.12))
        rules.append(
            f".{label}{{font-size:{units}px;letter-spacing:{spacing}px;stroke-width:"
            f"{round(units * 0.24)}px;display:{'inline' if units else 'none'}}}"
        )
    rail = (1.6, 2.4, 3.0, 4.0, 6.0)[step]
    rules.append(f".r1{{stroke-width:{rail}}}.r2{{stroke-width:{rail * 0.5}}}")
    if step == 0:
        rules.append(".b{opacity:.75}")
    elif step == 1:
        rules.append(".b{opacity:1}")
    elif step >= 3:
        rules.append(f".b{{stroke:{c['wall']};stroke-width:{0.8 if step == 3 else 1}}}")
    return "".join(rules)


def _names(town: Town, lang: Language) -> str:
    pen = _Pen(town.drawing)
    out = []
    for n, label in enumerate(town.drawing.labels):
        line: LineString = label.path
        data = _numbers(pen.units(shapely.get_coordinates(line)), False)
        name = label.name.zh if lang == "zh" else label.name.en
        out.append(
            f'<path id="n{n}" d="{data}"/><text class="{label.kind}"><textPath href="#n{n}" '
            f'startOffset="50%">{escape(name)}</textPath></text>'
        )
    return "".join(out)


def render_ground(town: Town, theme: Theme, lang: Language) -> bytes:
    """Paint the base map as SVG (UTF-8), under 1 MB, to be laid over ``town.bounds``.

    It shows land, blocks, greens, water, buildings, roads by class, railway, a veil over all that
    is outside the street (but not over the river), and names in ``lang``.
    """
    c, d = _PALETTE[theme], _paths(town.drawing)
    x0, y0, x1, y1 = town.drawing.extent.bounds
    width, height = round((x1 - x0) * _UNITS), round((y1 - y0) * _UNITS)
    order = ("secondary", "narrow", "wide", "trunk")
    cased = [(f"{kind}-c", kind) for kind in order] + [(kind, kind) for kind in order]
    roads = "".join(
        f'<path class="{name}" d="{d[kind]}"/>'
        for name, kind in [("path", "path"), ("minor", "minor"), *cased]
        if kind in d
    )
    body = (
        f'<rect width="{width}" height="{height}" fill="{c["land"]}"/>'
        f'<path style="fill:{c["block"]}" d="{d["blocks"]}"/>'
        f'<path style="fill:{c["green"]}" d="{d["greens"]}"/>'
        f'<path style="fill:{c["field"]}" d="{d["fields"]}"/>'
        f'<path style="fill:{c["water"]};stroke:{c["shore"]};stroke-width:1;fill-rule:evenodd" '
        f'd="{d["waters"]}"/>'
        f'<path class="b" style="fill-rule:evenodd" d="{d["buildings"]}"/>'
        f"{roads}"
        f'<path class="r1" d="{d["rails"]}"/><path class="r2" d="{d["rails"]}"/>'
        f'<path style="fill:{c["veil"]};fill-opacity:{c["haze"]};fill-rule:evenodd" '
        f'd="{d["veil"]}"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'preserveAspectRatio="none"><style>{_style(theme, width)}</style>'
        f"{body}{_names(town, lang)}</svg>"
    ).encode()
