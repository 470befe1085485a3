"""The street's map: folium with local assets, shapes by URL, and one small message per change.

It draws what it is given: it queries nothing, checks no rights and translates no word.

How a page draws it, with the control and the map in one fragment (only that fragment reruns):

    @st.fragment
    def area_map(actor: Actor) -> None:
        key = st.segmented_control(..., key="measure", required=True)
        url = f"/map/shapes/{root}-{version}.json"
        out = st_folium(
            base_map(url, bounds),
            key="area_map",
            height=600,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            feature_group_to_add=paint_layer(url, PaintSpec(...)),
            render=False,               # st_folium renders what it needs; this would do it twice
        )
        clicked = clicked_shape(out)        # Clicked(id="310109001003", kind="area", at=…)

Rules that keep a change fast and the view still:

* `base_map` gets the same arguments at every rerun. Anything else reloads the frame and loses zoom
  and centre; so language, theme, measure, selection and filters belong in `PaintSpec`.
* Cache the GeoJSON, never the map: st_folium alters the map object it is given.
* st_folium drops `_abc123` from what it compares: no underscore in the part of a URL that changes.

The GeoJSON under `url` (one FeatureCollection, WGS-84, one URL per version of the geometry, served
compressed with `Cache-Control: private, max-age=31536000, immutable`):

| feature | geometry | `id` | properties |
| --- | --- | --- | --- |
| painted area | (Multi)Polygon or null | area id, text | kind "area", level, parent, at |
| border of an area above | (Multi)Polygon, (Multi)LineString | area id | kind "border", level, … |
| unit, centre household … | Point or null | text, unique in its kind | kind, category, at |

* Every feature carries `name_zh` and, where there is one, `name_en` (else Chinese is shown).
* Areas are painted by position: the k-th feature of kind "area", with or without a geometry, takes
  the k-th value of every sequence in `PaintSpec`. So each area of the scope is in the file, sorted
  in the one order that the queries use too.
* `level` is the area's level ("grid", "community", "street", …). The outermost border may be of any
  level; "community" borders are drawn thin, all others heavy.
* Round tiles stand borders of level "frame", drawn faintly. Tiles carry `short_zh` and, with an
  English name, `short_en`: the name without what their frame's says already.
* `parent` is the id of the area above: of an area or a border. It decides what lies inside `focus`.
* `at` is `[lon, lat]`, a point inside the shape for its label and badge (else the middle of its
  box). Names of points need none.
* Every other kind ("unit", "centre", …) is a point layer; `category` is what its filter looks at.
* Order: areas, borders, points.
"""

import base64
import hashlib
import json
import math
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import folium
from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from lib.visuals.palette import Ramp, Status, Theme, ramp, tokens

Column = str | list[float | int | None]
"""One figure per area as it travels, see `_column`."""

File = tuple[str, str]
"""Kind and address of a file, as a `Link` header names it."""

Bounds = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner, each (lat, lon) in degrees, WGS-84."""

_STATIC: Final = Path(__file__).parents[2] / "static"
_FRAME: Final = "/component/streamlit_folium.st_folium/"
_ASSETS: Final = "../../assets/"  # seen from /component/<name>/index.html
_MAX_ZOOM: Final = 19
_ONE_CHARACTER: Final = 1000
_MAP_TOKENS: Final = (
    *("bg", "surface", "line", "ink", "ink2", "ink3", "brand", "on_status"),
    *("halo", "grid_edge", "community_edge", "street_edge"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What colours the map: a ramp and five fixed lower limits, the same in every month.

    A value's class is the number of limits it reaches: 0 (no fill) to 5, after rounding to what the
    reader is shown: 59.6 % is written as 60 % and coloured so. Where the value is unknown the area
    is hatched, never mistaken for zero. With `limits[0] == 0` no area is left unfilled, as for a
    share that is bad when low.

    Attributes:
        key: Name in code and in the URL.
        ramp: Colours, least to most.
        limits: Five ascending lower limits of classes 1 to 5, in the measure's unit.
        unit: Glossary key of the unit word.
        suffix: Sign that follows each figure in the legend and tooltip, such as "%".
        decimals: Digits after the point in tooltips and labels.
    """

    key: str
    ramp: Ramp
    limits: tuple[float, float, float, float, float]
    unit: str
    suffix: str = ""
    decimals: int = 0

    def ranges(self) -> tuple[tuple[int, str], ...]:
        """Return (class, range in figures) for the legend: `(0, "0"), (3, "3–4"), (5, "7+")`."""
        first, *_, last = self.limits
        named = [] if first == 0 else [(0, "0" if first == 1 else f"<{first:g}{self.suffix}")]
        for k, (low, above) in enumerate(pairwise(self.limits), start=1):
            if low == 0:
                named.append((k, f"<{above:g}{self.suffix}"))
            else:
                named.append((k, f"{low:g}" if above - low == 1 else f"{low:g}–{above - 1:g}"))
        named.append((5, f"≥{last:g}{self.suffix}" if self.suffix else f"{last:g}+"))
        return tuple(named)


HOURS: Final = Measure("hours", "teal", (1, 10, 25, 50, 100), "unit_hours")
SERVED: Final = Measure("served", "blue", (1, 10, 25, 50, 100), "unit_people")
COVERAGE: Final = Measure("coverage", "teal", (0, 60, 70, 80, 90), "unit_percent", suffix="%")
WAITING: Final = Measure("waiting", "plum", (1, 2, 3, 5, 7), "unit_records")
SERVICES: Final = Measure("services", "blue", (1, 2, 3, 5, 7), "unit_records")
VACANCIES: Final = Measure("vacancies", "plum", (1, 2, 3, 4, 5), "unit_posts")
GAPS: Final = Measure("gaps", "plum", (1, 2, 3, 4, 5), "unit_gaps")

COVERED: Final = Measure("covered", "teal", (1, 2, 3, 4, 5), "unit_records")
"""Filled or not: an area is 0 or `FILLED`, and no legend is shown."""

FILLED: Final = 4.0

PROJECTS: Final = Measure("projects", "teal", (1, 2, 3, 5, 8), "unit_projects")

FEW: Final = -1.0
"""In the place of a figure: there are some, and no more is told; drawn as class 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tooltip or the second line of a label: a text around a figure per area.

    Attributes:
        text: Wording with `{n}` where the figure stands: "{n} open", "未结 {n}".
        values: One figure per area, in GeoJSON order; None shows `MapWords.no_data` in a tooltip
            and nothing in a label, `FEW` shows `MapWords.few` in both.
        decimals: Digits after the point.
        suffix: Sign set right behind the figure.
    """

    text: str
    values: Sequence[float | None]
    decimals: int = 0
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class PointLayer:
    """A kind of point that is shown, and which of its points.

    Attributes:
        kind: The features' `kind`.
        label: Word for the legend and tooltip.
        shape: Ink square (units) or seal-red dot (centre households).
        categories: Only these values of `category`; None for all.
        ids: Only these feature ids, such as search hits; None for all.
        named: Write names beside the points where there is room.
    """

    kind: str
    label: str
    shape: Literal["square", "dot"] = "square"
    categories: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """Names written on the map.

    Attributes:
        on: "border" names the borders of `level`; "area" names the painted areas, inside the focus
            if there is one, and names the neighbours of the focus faintly.
        level: Level of the borders that are named.
        second: A second line under each area's name.
        heads: Name the frames round tiles too: there is room for both.
    """

    on: Literal["border", "area"] = "border"
    level: str = "community"
    second: Line | None = None
    heads: bool = False


@dataclass(frozen=True, slots=True)
class MapWords:
    """The map's own words in the reader's language.

    `label` names the map for screen readers, `no_data` stands for an unknown figure, `few` for one
    that may not be told.
    """

    label: str
    zoom_in: str
    zoom_out: str
    no_data: str
    few: str = "<5"


@dataclass(frozen=True, slots=True)
class Ground:
    """The drawn town under the areas: an SVG for one theme and language, and where it lies."""

    url: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class PaintSpec:
    """Everything that can change between two reruns; what did not change is not drawn again.

    Attributes:
        measure: Ramp and class limits.
        values: The measure, one figure per area in GeoJSON order; None where unknown, or `FEW`.
        title: Heading of the legend, with the unit: "Open cases (cases)"; empty for no legend.
        words: The map's own words.
        lang: Language of the names.
        theme: Which colours.
        tooltip: Lines under the name when the pointer rests on an area.
        labels: Names on the map; None for none.
        badges: Area id → count in the badge; areas with 0 may be left out.
        badge_label: Word for the badge in the legend.
        badge_status: Colour of the badge.
        points: Point layers that are shown; the others are hidden.
        selected: Id of the outlined area.
        selected_point: Kind and id of the marked point, as "unit 12".
        focus: Id of an area or border: everything outside it is dimmed.
        ground: Base picture; None shows plain paper.
        fit: View to show; the map moves only when `fit` or `fit_token` differs from before.
        fit_token: Any text; a new one shows `fit` again.
        source: Attribution of the geometry, shown bottom right; empty for none.
    """

    measure: Measure
    values: Sequence[float | None]
    title: str
    words: MapWords
    lang: Literal["zh", "en"] = "zh"
    theme: Theme = "light"
    tooltip: tuple[Line, ...] = ()
    labels: Labels | None = field(default_factory=Labels)
    badges: Mapping[str, int] = field(default_factory=dict)
    badge_label: str = ""
    badge_status: Status = "overdue"
    points: tuple[PointLayer, ...] = ()
    selected: str | None = None
    selected_point: str | None = None
    focus: str | None = None
    ground: Ground | None = None
    fit: Bounds | None = None
    fit_token: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Clicked:
    """A shape the reader clicked: an area (`kind == "area"`) or a point of some kind.

    `at` is the moment, in milliseconds of the browser's clock. st_folium returns the last click at
    every rerun: a page acts on it only when `at` differs from the one it acted on before.
    """

    id: str
    kind: str
    at: int


def clicked_shape(returned: Mapping[str, Any] | None) -> Clicked | None:
    """Return the shape last clicked, from what st_folium returned; None before the first click.

    The value comes from a browser: an id is text to look up within the reader's scope, no more.
    """
    drawing = (returned or {}).get("last_active_drawing")
    if not isinstance(drawing, dict):
        return None
    properties = drawing.get("properties")
    if not isinstance(properties, dict):
        return None
    match drawing.get("id"), properties.get("kind"), properties.get("at"):
        case str(shape), str(kind), int(at):
            return Clicked(shape, kind, at)
    return None


def base_map(url: str, bounds: Bounds) -> folium.Map:
    """Return the map that never changes between reruns: frame, panes, and the shapes under `url`.

    Args:
        url: Address of the GeoJSON; a new version of the geometry has a new address.
        bounds: Box of everything that can be shown; panning stops a little outside it.
    """
    # At the least zoom the box is about 250 px wide.
    least = max(0, math.floor(math.log2(360 / max(bounds[1][1] - bounds[0][1], 1e-4))))
    area_map = LocalMap(zoom_start=least + 2, **bounded(bounds))
    area_map.options |= {"minZoom": least, "maxZoom": _MAX_ZOOM}  # folium drops both without tiles
    area_map.add_child(Shapes(url))
    return area_map


def bounded(bounds: Bounds) -> dict[str, Any]:
    """Return the options of every map of ours; panning stops a little outside the bounds."""
    (south, west), (north, east) = bounds
    lat, lon = (north - south) * 0.4, (east - west) * 0.4
    return {
        "location": [(south + north) / 2, (west + east) / 2],
        "tiles": None,
        "prefer_canvas": True,
        "attribution_control": False,
        "zoom_control": "bottomright",
        "zoom_snap": 0,
        "zoom_delta": 0.5,
        "wheel_px_per_zoom_level": 140,
        "max_bounds": True,
        "min_lat": south - lat,
        "max_lat": north + lat,
        "min_lon": west - lon,
        "max_lon": east + lon,
        "max_bounds_viscosity": 0.6,
    }


def paint_layer(url: str, spec: PaintSpec) -> folium.FeatureGroup:
    """Return what goes into `feature_group_to_add`: the one message of this rerun."""
    group = folium.FeatureGroup(name="paint")
    group.add_child(Paint(url, spec))
    return group


class Shapes(Layer):
    """The shapes of one GeoJSON, fetched once and drawn on one canvas, clickable."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        var {{ this.get_name() }} = gv.shapes({{ this.url|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, url: str) -> None:
        """Take the address of the GeoJSON, as the browser will ask for it."""
        super().__init__(name="shapes")
        self._name = "Shapes"
        self.url = url


class Paint(MacroElement):
    """Colours, labels, filters and words for shapes that are already there."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        gv.paint({{ this.url|tojson }}, {{ this.message|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, url: str, spec: PaintSpec) -> None:
        """Pack the spec for the shapes under `url`."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Paint"
        self.url = url
        self.message = pack(spec)


def pack(spec: PaintSpec) -> str:
    """Return the spec as the browser reads it: JSON, zlib, base64."""
    text = json.dumps(_message(spec), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def asset(path: str) -> str:
    """Return the address of a file under `static/`, with its checksum so that no old copy is used.

    Raises:
        FileNotFoundError: There is no such file.
    """
    digest = hashlib.sha256((_STATIC / path).read_bytes()).hexdigest()
    return f"{_ASSETS}{path}?v={digest[:10]}"


def registered() -> bool:
    """Whether a screen with a map has run: before it the frame's address answers 404."""
    return "streamlit_folium" in sys.modules


def frame_files() -> list[File]:
    """Return what the map's frame asks for, as seen from it: scripts and styles."""
    return list(_files(_ASSETS))


def page_files() -> list[File]:
    """Return what the map's frame is going to ask for, as seen from the page around it.

    Raises:
        KeyError: No screen with a map has run, see `registered`.
    """
    component = sys.modules["streamlit_folium"]
    built = Path(component.__file__ or "").parent / "frontend/build/asset-manifest.json"
    scripts = json.loads(built.read_text("utf-8"))["entrypoints"]
    return [*(("script", f"{_FRAME}{path}") for path in scripts), *_files("/assets/")]


def _files(assets: str) -> Iterator[File]:
    for kind, links in (("script", LocalMap.default_js), ("style", LocalMap.default_css)):
        for _, url in links:
            yield kind, assets + url.removeprefix(_ASSETS)


class LocalMap(folium.Map):
    """A folium map whose scripts and styles come from this server alone."""

    default_js = [  # noqa: RUF012  folium declares it so
        ("leaflet", asset("vendor/leaflet/leaflet.js")),
        ("gv_map", asset("map.js")),
    ]
    default_css = [  # noqa: RUF012
        ("leaflet_css", asset("vendor/leaflet/leaflet.css")),
        ("gv_fonts", asset("fonts/sans.css")),
        ("gv_map_css", asset("map.css")),
    ]


def _message(spec: PaintSpec) -> dict[str, Any]:
    """Return the spec in the terms of `static/map.js`."""
    colours = tokens(spec.theme)
    columns: list[Column] = []

    def place(values: Sequence[float | None], decimals: int) -> int:
        column = _column(values, decimals)
        if column not in columns:
            columns.append(column)
        return columns.index(column)

    def line(asked: Line) -> dict[str, Any]:
        return {
            "text": asked.text,
            "column": place(asked.values, asked.decimals),
            "decimals": asked.decimals,
            "suffix": asked.suffix,
        }

    return {
        "columns": columns,
        "lang": spec.lang,
        "theme": spec.theme,
        "tokens": {name: getattr(colours, name) for name in _MAP_TOKENS},
        "ramp": ramp(spec.measure.ramp, spec.theme),
        "measure": {
            "column": place(spec.values, spec.measure.decimals),
            "limits": spec.measure.limits,
        },
        "legend": {"title": spec.title, "ranges": spec.measure.ranges()},
        "words": asdict(spec.words),
        "tooltip": [line(each) for each in spec.tooltip],
        "labels": spec.labels
        and {
            "on": spec.labels.on,
            "level": spec.labels.level,
            "heads": spec.labels.heads,
            "second": spec.labels.second and line(spec.labels.second),
        },
        "badges": {
            "counts": {area: n for area, n in spec.badges.items() if n > 0},
            "label": spec.badge_label,
            "colour": getattr(colours, spec.badge_status),
        },
        "points": [asdict(layer) for layer in spec.points],
        "selected": spec.selected,
        "selected_point": spec.selected_point,
        "focus": spec.focus,
        "ground": spec.ground and asdict(spec.ground),
        "fit": spec.fit,
        "fit_token": spec.fit_token,
        "source": spec.source,
    }


def _column(values: Sequence[float | None], decimals: int) -> Column:
    """Return figures as briefly as they go.

    Small whole numbers take one character each, `!` for 0 and a blank for unknown, which packs to
    half of a list; others are a list of rounded numbers.
    """
    figures = [None if v is None or math.isnan(v) else round(v, decimals) for v in values]
    if all(v is None or (0 <= v <= _ONE_CHARACTER and v == int(v)) for v in figures):
        return "".join(" " if v is None else chr(33 + int(v)) for v in figures)
    return [None if v is None else int(v) if v == int(v) else v for v in figures]
