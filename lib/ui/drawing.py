"""Drawing boundaries: which area, the map to draw it on, saving it, and its earlier boundaries.

The picture to trace over is `lib.ui.placing`; what is drawn lives in the browser until it is saved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.vocab import Language, Level
from lib.geo.drawing import count_points
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, drawing, sheets
from lib.services.boundaries import draw_area, draw_new_area, restore_boundary
from lib.services.tree import AreaEntry
from lib.ui import act, placing
from lib.ui.area_map import below_bar, ground_of, map_words
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped
from lib.ui.place import Place
from lib.ui.session import language, name_of, t
from lib.ui.theme import theme
from lib.visuals import drawing as canvas
from lib.visuals import maps

_MAP = "drawing"
_NEW = 0
_START_DEGREES = 0.01
"""Half the side of an empty sheet, about a kilometre."""

_FORM = "drawing"


@dataclass(frozen=True)
class _Target:
    """What is drawn: an area of the tree, or a new one below the place (`area` None)."""

    area: pd.Series | None
    token: str

    @property
    def area_id(self) -> int | None:
        return None if self.area is None else int(self.area["area_id"])


def screen(actor: Actor, place: Place) -> None:
    """The whole screen for a place: what to draw at the right, where to draw it at the left."""
    if place.area_id is None:
        empty(t("drawing.choose_place"))
        return
    rows = read(drawing.drawable, actor, area_id=place.area_id)
    if rows.empty:
        empty(t("drawing.not_yours"))
        return
    _take_drawing()
    left, right = st.columns([1.9, 1], gap="small")
    with right:
        target = _choose(place, rows)
        tracing = placing.take(actor, place, _MAP)
        _form(actor, place, target)
        placing.card(actor, place, tracing)
        if target.area_id is not None:
            _earlier(actor, target)
    with left:
        _sheet(actor, place, target, tracing)


def _take_drawing() -> None:
    """Keep what the map told since the last run, under the name of the drawing."""
    told = canvas.drawn(st.session_state.get(_MAP))
    if told is not None:
        st.session_state[f"drawn_{told.token}"] = dict(told.geometry)


def _choose(place: Place, rows: pd.DataFrame) -> _Target:
    known = {int(row["area_id"]): row for _, row in rows.iterrows()}
    below = [number for number in known if number != place.area_id]
    new = [_NEW] if place.level is not None and place.level.depth + 1 < len(Level) else []
    own = [place.area_id] if place.area_id in known else []
    options = [*new, *below, *(number for number in own if number is not None)]
    undrawn = [number for number in below if not known[number]["drawn"]]
    with st.container(border=True, key="card_target"):
        card_title(t("drawing.where"), t("drawing.where_note", name=place.name))
        chosen = st.selectbox(
            t("drawing.where"),
            options,
            index=options.index((undrawn or options)[0]),
            format_func=lambda number: _option(place, known, number),
            key=f"drawing_target_{place.code}",
            label_visibility="collapsed",
        )
    area = known.get(int(chosen or _NEW))
    name = f"new{place.area_id}" if area is None else f"{area['area_id']}v{area['version']}"
    return _Target(area, f"{name}-{act.request_id(_FORM)[:8]}")


def _option(place: Place, known: Mapping[int, pd.Series], number: int) -> str:
    if number == _NEW:
        return t("drawing.new", level=_narrower(place)[0][1])
    name = name_of(known[number]["name_zh"], known[number]["name_en"])
    if number == place.area_id:
        return t("drawing.own", name=name)
    return name if known[number]["drawn"] else t("drawing.undrawn", name=name)


def _narrower(place: Place) -> list[tuple[Level, str]]:
    depth = 0 if place.level is None else place.level.depth + 1
    return [(level, word(level, language())) for level in list(Level)[depth:]]


def _form(actor: Actor, place: Place, target: _Target) -> None:
    drawn = st.session_state.get(f"drawn_{target.token}")
    with st.container(border=True, key="card_save"):
        st.html(
            f'<p class="gv-how">{escaped(t("drawing.how"))}'
            f'<span class="gv-phone">{escaped(t("drawing.phone"))}</span></p>'
        )
        if target.area is None:
            entry, level = _entry(place)
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button(t("drawing.save"), type="primary", key="drawing_save")
            if drawn is not None:
                st.caption(t("drawing.unsaved", n=count_points(drawn)), width="content")
        if not pressed:
            return
        if target.area is None:
            act.perform(
                draw_new_area,
                actor,
                done="drawing.saved",
                then=lambda: act.renew(_FORM),
                parent_id=place.area_id,
                level=level,
                entry=entry,
                drawing=drawn,
                request_id=act.request_id(_FORM),
            )
        else:
            act.perform(
                draw_area,
                actor,
                done="drawing.saved",
                then=lambda: act.renew(_FORM),
                area_id=target.area_id,
                version=int(target.area["version"]),
                drawing=drawn or _stored(actor, target),
            )


def _entry(place: Place) -> tuple[AreaEntry, Level]:
    fields = Fields(f"{_FORM}_{place.code}_{act.generation(_FORM)}", {})
    levels = dict(_narrower(place))
    level = st.selectbox(
        t("field.level"),
        list(levels),
        format_func=levels.__getitem__,
        key=f"drawing_level_{place.code}",
    )
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh")
    name_en = fields.text(right, "name_en", t("unit.optional"))
    code = fields.text(left, "code", t("tree.code_hint"))
    entry = AreaEntry(name_zh=name_zh, name_en=name_en, code=code, valid_from=today())
    return entry, Level(level or next(iter(levels)))


def _stored(actor: Actor, target: _Target) -> dict[str, Any] | None:
    text = read(drawing.boundary, actor, area_id=target.area_id)
    return None if text is None else dict(json.loads(text))


def _earlier(actor: Actor, target: _Target) -> None:
    rows = read(drawing.earlier, actor, area_id=target.area_id)
    if rows.empty or target.area is None:
        return
    with st.container(border=True, key="card_earlier"):
        card_title(t("drawing.earlier"), t("drawing.earlier_note"))
        for _, row in rows.head(5).iterrows():
            at = formats.instant(row["replaced_at"], language())
            left, right = st.columns([2, 1], vertical_alignment="center")
            left.html(f'<p class="gv-how">{escaped(t("drawing.until", at=at))}</p>')
            if right.button(t("drawing.restore"), key=f"restore_{row['boundary_id']}"):
                act.perform(
                    restore_boundary,
                    actor,
                    done="drawing.restored",
                    then=lambda: act.renew(_FORM),
                    area_id=target.area_id,
                    version=int(target.area["version"]),
                    boundary_id=int(row["boundary_id"]),
                )


def _sheet(actor: Actor, place: Place, target: _Target, tracing: placing.Tracing) -> None:
    root_id = _root(actor, place)
    bounds = _bounds(actor, place, root_id, tracing)
    if bounds is None:
        _start(place)
        return
    version = read(areas.shapes_version, actor, root_id=root_id)
    url = sheets.address(root_id, version, tiled=False)
    box, around = bounds
    with st.container(key="mapbox_drawing", gap=None):
        st_folium(
            canvas.drawing_map(url, around),
            key=_MAP,
            height=640,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            render=False,
            feature_group_to_add=canvas.drawing_layer(
                url,
                _paint(actor, place, root_id, box, tracing),
                _drawing(actor, target, tracing),
            ),
        )


def _root(actor: Actor, place: Place) -> int:
    """The street that the place is in, so that neighbours across its communities are there too."""
    path = read(areas.path, actor, area_id=place.area_id)
    streets = path[path["level"] == Level.STREET]
    return int((streets if len(streets) else path.tail(1)).iloc[0]["area_id"])


def _bounds(
    actor: Actor, place: Place, root_id: int, tracing: placing.Tracing
) -> tuple[maps.Bounds, maps.Bounds] | None:
    """What to show first, and all that can be shown; None where there is nothing to begin with."""
    own = read(areas.bounds, actor, root_id=place.area_id)
    whole = read(areas.bounds, actor, root_id=root_id)
    picture = tracing.kept.bounds if tracing.kept is not None else None
    start = st.session_state.get(f"drawing_start_{place.code}")
    # The whole picture with what is drawn: what is still to be traced must stay in view.
    first = _around([own, picture]) or start or whole
    everything = _around([own, whole, picture, start])
    return None if first is None or everything is None else (first, everything)


def _around(boxes: Sequence[maps.Bounds | None]) -> maps.Bounds | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    (south, west), (north, east) = (
        tuple(edge(box[corner][side] for box in known) for side in (0, 1))
        for corner, edge in ((0, min), (1, max))
    )
    return (south, west), (north, east)


def _start(place: Place) -> None:
    """The empty sheet: nothing is there to draw beside, so somebody says where it is."""
    with st.container(border=True, key="card_start"):
        card_title(t("drawing.start"), t("drawing.start_note"))
        st.caption(t("drawing.start_hint"))
        at = placing.degrees(f"drawing_start_{place.code}")
        if st.button(t("drawing.start_do"), key="drawing_start_do", disabled=at is None) and at:
            lon, lat = at
            st.session_state[f"drawing_start_{place.code}"] = (
                (lat - _START_DEGREES, lon - _START_DEGREES),
                (lat + _START_DEGREES, lon + _START_DEGREES),
            )
            st.rerun(scope="fragment")


def _paint(
    actor: Actor, place: Place, root_id: int, box: maps.Bounds, tracing: placing.Tracing
) -> maps.PaintSpec:
    leaves = read(areas.painted, actor, root_id=root_id)
    near = (leaves["parent_id"] == place.area_id) | (leaves["area_id"] == place.area_id)
    return maps.PaintSpec(
        measure=maps.SERVICES,
        values=[1.0 if one else 0.0 for one in near],
        title="",
        words=map_words(t("drawing.map_name", area=place.name)),
        lang="zh" if language() is Language.ZH else "en",
        theme=theme(),
        labels=maps.Labels(on="area"),
        ground=None if tracing.ground else ground_of(actor, root_id),
        fit=below_bar(box),
        fit_token=place.code,
    )


def _drawing(actor: Actor, target: _Target, tracing: placing.Tracing) -> canvas.DrawSpec:
    return canvas.DrawSpec(
        token=target.token,
        words=canvas.DrawWords(
            finish=t("drawing.tool_finish"),
            undo=t("drawing.tool_undo"),
            redo=t("drawing.tool_redo"),
            delete=t("drawing.tool_delete"),
            clear=t("drawing.tool_clear"),
            area=t("drawing.tool_area", n="{n}"),
            points=t("drawing.tool_points", n="{n}"),
        ),
        geometry=None if target.area is None else _stored(actor, target),
        target=None if target.area_id is None else str(target.area_id),
        picture=tracing.ground,
        opacity=tracing.opacity,
        picking=tracing.picking,
        pins=tracing.pins,
    )
