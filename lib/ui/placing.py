"""The picture to trace over: uploading it, saying where two of its points are, and its strength.

Where a pin lies comes from a known place, typed coordinates or a click on the map beside.
"""

import json
from dataclasses import dataclass

import streamlit as st
from streamlit_folium import st_folium

from lib.domain.permissions import Actor
from lib.geo.crs import Crs, to_wgs84
from lib.geo.pictures import MAX_BYTES
from lib.geo.placing import Pin, Placing
from lib.i18n import formats
from lib.queries import areas, drawing
from lib.queries.drawing import Kept
from lib.services.pictures import keep_picture, place_picture, remove_picture
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title, escaped
from lib.ui.place import Place
from lib.ui.session import name_of, plain, t
from lib.visuals import drawing as canvas
from lib.visuals import maps

_FORM = "placing"
_WAYS = ("known", "degrees", "map")
_HEIGHT = 300


@dataclass(frozen=True)
class Tracing:
    """What the map shows of the picture, and whether its next click sets a pin."""

    kept: Kept | None
    opacity: float
    picking: int | None
    pins: tuple[canvas.MapPin, ...]

    @property
    def ground(self) -> maps.Ground | None:
        """The picture as it lies under the drawing, once placed."""
        kept = self.kept
        if kept is None or kept.turned_url is None or kept.bounds is None:
            return None
        return maps.Ground(kept.turned_url, kept.bounds)


def take(actor: Actor, place: Place, map_key: str) -> Tracing:
    """What stands for this place, after taking what was clicked since the last run."""
    kept = read(drawing.picture, actor, area_id=place.area_id)
    if kept is None:
        return Tracing(None, 0, None, ())
    state = f"{_FORM}_{kept.digest[:8]}"
    told = canvas.picked(st.session_state.get(map_key))
    if told is not None and st.session_state.get(f"{state}_told") != told.at:
        st.session_state[f"{state}_told"] = told.at
        st.session_state[f"{state}_map_{told.n}"] = (told.lon, told.lat)
    if _placed(kept, state):
        return Tracing(kept, float(st.session_state.get(f"{state}_opacity", 60)) / 100, None, ())
    on_map = [
        canvas.MapPin(n, *at) for n in (1, 2) if (at := _where(actor, place, state, n)) is not None
    ]
    active = int(st.session_state.get(f"{state}_point", 1))
    by_map = st.session_state.get(f"{state}_way_{active}") == "map"
    return Tracing(kept, 0.6, active if by_map else None, tuple(on_map))


def card(actor: Actor, place: Place, tracing: Tracing) -> None:
    """The card of the picture: upload, place by two points, or how strong it is."""
    kept = tracing.kept
    with st.container(border=True, key="card_picture"):
        card_title(t("placing.title"), t("placing.note"))
        if kept is None:
            _upload(actor, place)
            return
        state = f"{_FORM}_{kept.digest[:8]}"
        if _placed(kept, state):
            _strength(kept, state)
        elif kept.area_id == place.area_id:
            _points(actor, place, kept, state)
        if kept.area_id != place.area_id:
            above = read(areas.area, actor, area_id=kept.area_id).iloc[0]
            name = name_of(above["name_zh"], above["name_en"])
            st.caption(plain(t("placing.of_above", name=name)))
            return
        _change(actor, place, kept, state)


def degrees(key: str) -> tuple[float, float] | None:
    """Longitude and latitude typed in a system of one's choice, as WGS-84, once both are there."""
    left, right = st.columns(2)
    lon, lat = (
        column.number_input(
            t(f"field.{name}"),
            value=None,
            min_value=-limit,
            max_value=limit,
            format="%.6f",
            step=0.001,
            key=f"{key}_{name}",
        )
        for column, name, limit in ((left, "lon", 180.0), (right, "lat", 90.0))
    )
    crs = st.segmented_control(
        t("placing.crs"),
        list(Crs),
        default=Crs.WGS84,
        format_func=lambda one: one.label,
        key=f"{key}_crs",
        required=True,
        help=t("placing.crs_note"),
    )
    if lon is None or lat is None:
        return None
    return to_wgs84(lon, lat, Crs(crs or Crs.WGS84))


def _placed(kept: Kept, state: str) -> bool:
    return kept.turned_url is not None and not st.session_state.get(f"{state}_anew")


def _upload(actor: Actor, place: Place) -> None:
    uploaded = st.file_uploader(
        t("placing.upload"),
        type=["png", "jpg", "jpeg"],
        key=f"picture_file_{place.code}_{act.generation(_FORM)}",
    )
    zone = '.st-key-card_picture [data-testid="stFileUploaderDropzone'
    rules = (
        f"{where}{{font-size:0}}{where}::after{{font-size:.875rem;content:"
        f"{json.dumps(t(key, limit=MAX_BYTES // 2**20), ensure_ascii=False)}}}"
        for where, key in (
            (f'{zone}"] button p', "placing.upload"),
            (f'{zone}Instructions"] span', "placing.upload_limit"),
        )
    )
    # Streamlit words its uploader in English only: ours stand in the place of its words.
    st.html(f"<style>{''.join(rules)}</style>")
    if uploaded is not None and st.button(t("placing.use"), type="primary", key="picture_use"):
        act.perform(
            keep_picture,
            actor,
            done="placing.kept",
            then=lambda: act.renew(_FORM),
            area_id=place.area_id,
            file_name=uploaded.name,
            content=uploaded.getvalue(),
        )


def _points(actor: Actor, place: Place, kept: Kept, state: str) -> None:
    st.html(f'<p class="gv-how">{escaped(t("placing.kept"))}</p>')
    active = st.segmented_control(
        t("placing.turn_to"),
        (1, 2),
        default=1,
        format_func=lambda n: t("placing.point", n=n),
        key=f"{state}_point",
        required=True,
        label_visibility="collapsed",
    )
    n = int(active or 1)
    _pick(kept, state, n)
    # Both stay drawn, or what was typed for the other point would be forgotten.
    for one in (1, 2):
        with st.container(key=f"pinform_{one}_{'on' if one == n else 'off'}"):
            _way(actor, place, state, one)
    pins = [_pin(actor, place, state, one) for one in (1, 2)]
    ready = all(pins)
    if st.button(t("placing.do"), type="primary", key="picture_place", disabled=not ready):
        act.perform(
            place_picture,
            actor,
            done="placing.done",
            then=lambda: st.session_state.pop(f"{state}_anew", None),
            area_id=kept.area_id,
            digest=kept.digest,
            pins=tuple(pins),
        )


def _pick(kept: Kept, state: str, n: int) -> None:
    """The picture to click on; each click sets the pin whose turn it is."""
    key = f"{state}_picture"
    clicked = canvas.pixel(st.session_state.get(key), kept.width, kept.height)
    if clicked is not None and clicked != st.session_state.get(f"{state}_clicked"):
        st.session_state[f"{state}_clicked"] = clicked
        st.session_state[f"{state}_xy_{n}"] = clicked
    chosen = {one: st.session_state.get(f"{state}_xy_{one}") for one in (1, 2)}
    st.caption(t("placing.picked" if chosen[n] else "placing.pick", n=n))
    pins = [canvas.MapPin(one, *at) for one, at in chosen.items() if at is not None]
    with st.container(key="picturebox", gap=None):
        st_folium(
            canvas.picture_map(kept.url, kept.width, kept.height),
            key=key,
            height=_HEIGHT,
            use_container_width=True,
            returned_objects=["last_clicked"],
            render=False,
            feature_group_to_add=canvas.pins_layer(pins, kept.height),
        )


def _way(actor: Actor, place: Place, state: str, n: int) -> None:
    way = st.segmented_control(
        t("placing.by"),
        _WAYS,
        default="known",
        format_func=lambda one: t(f"placing.by_{one}"),
        key=f"{state}_way_{n}",
        required=True,
    )
    if way == "known":
        places = _known(actor, place)
        st.selectbox(
            t("placing.known"),
            list(places),
            index=None,
            format_func=lambda key: places[key][0],
            placeholder=t("placing.known_hint"),
            key=f"{state}_known_{n}",
        )
    elif way == "degrees":
        st.session_state[f"{state}_degrees_{n}"] = degrees(f"{state}_typed_{n}")
    else:
        st.caption(t("placing.on_map"))
    at = _where(actor, place, state, n)
    if at is not None:
        st.caption(t("placing.at", lon=f"{at[0]:.6f}", lat=f"{at[1]:.6f}"))


def _known(actor: Actor, place: Place) -> dict[str, tuple[str, tuple[float, float]]]:
    path = read(areas.path, actor, area_id=place.area_id)
    rows = read(drawing.known_places, actor, root_id=int(path.iloc[0]["area_id"]))
    return {
        f"{row.kind} {row.id}": (
            t(f"placing.known_{row.kind}", name=name_of(row.name_zh, row.name_en)),
            (row.lon, row.lat),
        )
        for row in rows.itertuples()
    }


def _where(actor: Actor, place: Place, state: str, n: int) -> tuple[float, float] | None:
    """Where the pin is said to be, in the way chosen for it."""
    way = st.session_state.get(f"{state}_way_{n}", "known")
    if way == "known":
        key = st.session_state.get(f"{state}_known_{n}")
        found = _known(actor, place).get(str(key)) if key else None
        return None if found is None else found[1]
    told: tuple[float, float] | None = st.session_state.get(f"{state}_{way}_{n}")
    return told


def _pin(actor: Actor, place: Place, state: str, n: int) -> Pin | None:
    xy, at = st.session_state.get(f"{state}_xy_{n}"), _where(actor, place, state, n)
    return None if xy is None or at is None else Pin(xy[0], xy[1], at[0], at[1])


def _strength(kept: Kept, state: str) -> None:
    if kept.pins is not None:
        placing = Placing.by(*kept.pins)
        turn = round(placing.turn)
        words = "upright" if turn == 0 else "turned_right" if turn > 0 else "turned_left"
        width, height = (
            formats.count(round(side * placing.metres_per_pixel))
            for side in (kept.width, kept.height)
        )
        said = t(
            "placing.said",
            width=width,
            height=height,
            turn=t(f"placing.{words}", n=abs(turn)),
        )
        st.html(f'<p class="gv-how">{escaped(said)}</p>')
    st.slider(t("placing.opacity"), 10, 100, 60, 10, format="%d%%", key=f"{state}_opacity")


def _change(actor: Actor, place: Place, kept: Kept, state: str) -> None:
    with st.container(horizontal=True):
        if _placed(kept, state) and st.button(t("placing.again"), key="picture_again"):
            st.session_state[f"{state}_anew"] = True
            st.rerun(scope="fragment")
        with st.popover(t("placing.replace"), key="picture_replace"):
            _upload(actor, place)
        if st.button(t("placing.remove"), key="picture_remove"):
            act.perform(remove_picture, actor, done="placing.removed", area_id=kept.area_id)
