"""The map to draw on, and the picture to point at: folium with local assets, as `lib.visuals.maps`.

It draws what it is given and reads back what was drawn; nothing is judged here. The drawing lives
in the browser (`static/draw.js`, with Leaflet-Geoman for points and snapping) until
`DrawSpec.token` changes; every change of it comes back the way a click on a shape does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import folium
from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from lib.visuals.maps import (
    Bounds,
    Ground,
    LocalMap,
    Paint,
    PaintSpec,
    Shapes,
    asset,
    bounded,
)


@dataclass(frozen=True, slots=True)
class DrawWords:
    """The drawing tools' words in the reader's language.

    `area` holds ``{n}`` for hectares, `points` ``{n}`` for their number.
    """

    finish: str
    undo: str
    redo: str
    delete: str
    clear: str
    area: str
    points: str


@dataclass(frozen=True, slots=True)
class MapPin:
    """A numbered pin; on the map x is a longitude and y a latitude, on a picture pixels."""

    n: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DrawSpec:
    """What is drawn and how.

    Attributes:
        token: Names the drawing; another one begins afresh, the same one goes on.
        words: Of the tools.
        geometry: GeoJSON to begin with, None for an empty drawing.
        target: Id of the area whose present shape gives way to the drawing.
        picture: What to trace over.
        opacity: Of that picture, 0 to 1.
        picking: Number of the pin that a click sets; None while drawing.
        pins: Pins to show.
    """

    token: str
    words: DrawWords
    geometry: Mapping[str, Any] | None = None
    target: str | None = None
    picture: Ground | None = None
    opacity: float = 0.6
    picking: int | None = None
    pins: Sequence[MapPin] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a browser says was drawn: GeoJSON to be read with care, and which drawing it is."""

    token: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picked:
    """A click that sets a pin: which pin, where (degrees), when (the browser's milliseconds)."""

    n: int
    lon: float
    lat: float
    at: int


def drawn(returned: Mapping[str, Any] | None) -> Drawn | None:
    """Return the drawing last told of by the map, from what st_folium returned."""
    match _said(returned, "drawing"):
        case {"id": str(token), "geometry": dict(geometry)}:
            return Drawn(token, geometry)
    return None


def picked(returned: Mapping[str, Any] | None) -> Picked | None:
    """Return the pin last set on the map, from what st_folium returned."""
    match _said(returned, "pin"):
        case {
            "id": str(n),
            "properties": {"at": int(at)},
            "geometry": {"coordinates": [int() | float() as lon, int() | float() as lat]},
        } if n in ("1", "2") and abs(lon) <= 180 and abs(lat) <= 90:
            return Picked(int(n), float(lon), float(lat), at)
    return None


def pixel(
    returned: Mapping[str, Any] | None, width: int, height: int
) -> tuple[float, float] | None:
    """Return the pixel (x, y) of the picture last clicked; None before, and beside the picture."""
    match (returned or {}).get("last_clicked"):
        case {"lat": int() | float() as up, "lng": int() | float() as across}:
            x, y = float(across), height - float(up)
            return (x, y) if 0 <= x <= width and 0 <= y <= height else None
    return None


def drawing_map(url: str, bounds: Bounds) -> folium.Map:
    """Return the map to draw on; as with `base_map`, other arguments reload the frame."""
    area_map = DrawingMap(**bounded(bounds))
    area_map.options |= {"minZoom": 3, "maxZoom": 20}
    area_map.add_child(Shapes(url))
    return area_map


def drawing_layer(url: str, paint: PaintSpec, spec: DrawSpec) -> folium.FeatureGroup:
    """Return what goes into `feature_group_to_add`: the message of this rerun."""
    group = folium.FeatureGroup(name="drawing")
    group.add_child(Paint(url, paint))
    group.add_child(Drawing(url, spec))
    return group


def picture_map(url: str, width: int, height: int) -> folium.Map:
    """Return a frame that shows one picture to point at; a click gives its pixel, see `pixel`."""
    picture = PictureMap(
        location=[height / 2, width / 2],
        tiles=None,
        crs="Simple",
        attribution_control=False,
        zoom_control="bottomright",
        zoom_snap=0,
        zoom_delta=0.5,
    )
    picture.options |= {"minZoom": -6, "maxZoom": 3}
    picture.add_child(Sheet(url, width, height))
    return picture


def pins_layer(pins: Sequence[MapPin], height: int) -> folium.FeatureGroup:
    """Return the pins on a picture as what goes into `feature_group_to_add`."""
    group = folium.FeatureGroup(name="pins")
    group.add_child(Pins([MapPin(pin.n, pin.x, height - pin.y) for pin in pins]))
    return group


class PictureMap(LocalMap):
    """A local map that shows pins."""

    default_js = [*LocalMap.default_js, ("gv_draw", asset("draw.js"))]  # noqa: RUF012
    default_css = [*LocalMap.default_css, ("gv_draw_css", asset("draw.css"))]  # noqa: RUF012


class DrawingMap(LocalMap):
    """A local map with the drawing tools."""

    default_js = [  # noqa: RUF012  folium declares it so
        *LocalMap.default_js,
        ("geoman", asset("vendor/geoman/leaflet-geoman.min.js")),
        ("gv_draw", asset("draw.js")),
    ]
    default_css = [  # noqa: RUF012
        *LocalMap.default_css,
        ("geoman_css", asset("vendor/geoman/leaflet-geoman.css")),
        ("gv_draw_css", asset("draw.css")),
    ]


class Drawing(MacroElement):
    """The drawing on shapes that are already there."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        gv.draw({{ this.url|tojson }}, {{ this.message|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, url: str, spec: DrawSpec) -> None:
        """Pack the spec for the map of the shapes under `url`."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.url = url
        self.message = asdict(spec)


class Sheet(Layer):
    """One picture, laid out by its pixels."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        var {{ this.get_name() }} = gv.sheet({{ this.url|tojson }}, {{ this.size|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, url: str, width: int, height: int) -> None:
        """Take the picture's address and its size in pixels."""
        super().__init__(name="sheet")
        self._name = "Sheet"
        self.url = url
        self.size = [width, height]


class Pins(MacroElement):
    """Numbered pins."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        gv.pins({{ this.pins|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, pins: Sequence[MapPin]) -> None:
        """Take the pins to show; all others go."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Pins"
        self.pins = [asdict(pin) for pin in pins]


def _said(returned: Mapping[str, Any] | None, kind: str) -> Mapping[str, Any] | None:
    feature = (returned or {}).get("last_active_drawing")
    properties = feature.get("properties") if isinstance(feature, dict) else None
    said = isinstance(properties, dict) and properties.get("kind") == kind
    return feature if said and isinstance(feature, dict) else None
