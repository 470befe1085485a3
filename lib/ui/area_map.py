"""The street's map on a page: measure and layers as controls, one click as the answer.

Call it inside a fragment: a click then reruns that fragment alone.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from lib.domain.calendar import Span
from lib.domain.coverage import REACH_METRES
from lib.domain.few import STEP, is_few
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Language, Level
from lib.i18n import formats
from lib.queries import areas, coverage, ground, overview, sheets
from lib.ui.live import read
from lib.ui.page import empty
from lib.ui.pages import link
from lib.ui.place import Place, fitted
from lib.ui.session import language, name_of, t
from lib.ui.tables import counted
from lib.ui.theme import theme
from lib.visuals import maps

_NO_BOUNDS = ((17.0, 73.0), (54.0, 136.0))
"""China's box: what a tree without any polygon shows."""

MEASURES = {
    m.key: m
    for m in (maps.HOURS, maps.SERVICES, maps.SERVED, maps.WAITING, maps.VACANCIES, maps.GAPS)
}
_COLUMN = {
    "hours": "minutes",
    "services": "services",
    "served": "people_served",
    "waiting": "waiting",
    "vacancies": "vacancies",
    "gaps": "gaps",
}
_FINE = (maps.SERVICES.key, maps.WAITING.key)
"""Measures of counts whose classes are finer than what everybody is told."""

_TOGETHER_DEGREES = 1.0
"""Roots within about 100 km of each other are shown together."""

_TILES = "tiles"
_BAR_SHARE = 0.11
"""How much of the map's height the controls over it take."""

LAYERS = ("unit", "centre", "building")


def take_click(key: str) -> maps.Clicked | None:
    """What was clicked on the map of this key since the last run, None for nothing new.

    Call it before anything is drawn, so that one run is enough. st_folium repeats the last
    click at every rerun; only a new one counts.
    """
    clicked = maps.clicked_shape(st.session_state.get(key))
    before = st.session_state.get(f"{key}_clicked")
    st.session_state[f"{key}_clicked"] = clicked
    return clicked if clicked != before else None


def draw(
    actor: Actor,
    place: Place,
    span: Span,
    *,
    key: str,
    layers: tuple[str, ...],
    unit_id: int | None = None,
    unit_ids: tuple[int, ...] | None = None,
) -> None:
    """Draw the map with its controls.

    `layers` are the point layers shown at first, with the centre households as soon as the view
    is narrower than the whole, `unit_id` the unit to mark,
    `unit_ids` the only units to show. The view is
    kept while measure, layers, language, theme and selection change.
    """
    root_id = read(sheets.root_id, actor, area_id=place.area_id)
    version = read(areas.shapes_version, actor, root_id=root_id)
    leaves = read(areas.painted, actor, root_id=root_id)
    if leaves.empty:
        empty(t("coverage.no_grids"))
        return
    missing = int(leaves["lon"].isna().sum())
    with st.container(key=f"mapbox_{key}", gap=None):
        near = _inside(fitted(actor, place), root_id)
        choice = 0 < len(leaves) > missing
        measure, shown, tiled = _controls(
            key, (*layers, "centre") if near else layers, near=near, choice=choice
        )
        tiled = tiled or (missing > 0 and not choice)
        grids = read(overview.measures, actor, root_id=root_id, first=span.first, last=span.last)
        if measure is maps.GAPS:
            grids["gaps"] = _gaps(actor, root_id, span)
        url = sheets.address(root_id, version, tiled=tiled)
        spec = _spec(actor, place, root_id, grids, measure, _points(shown, unit_ids), unit_id)
        whole = _whole(actor, root_id, root_id, tiled=tiled)
        if tiled:
            spec = _as_tiles(spec, _whole(actor, root_id, fitted(actor, place).area_id, tiled=True))
        elif missing:
            within = _whole(actor, root_id, fitted(actor, place).area_id, tiled=False)
            spec = replace(spec, fit=within if fitted(actor, place).area_id else spec.fit)
        st_folium(
            maps.base_map(url, whole or _NO_BOUNDS),
            key=key,
            height=600,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            render=False,
            feature_group_to_add=maps.paint_layer(url, spec),
        )
        if measure is maps.GAPS:
            st.caption(t("map.formula_gaps", metres=REACH_METRES))
        if missing or tiled:
            _explain(actor, place, missing, tiled=tiled, choice=choice)


def draw_covered(actor: Actor, place: Place, covered: tuple[int, ...], label: str) -> None:
    """A quiet map on which the covered areas are filled; `label` says of what."""
    root_id = read(sheets.root_id, actor, area_id=place.area_id)
    version = read(areas.shapes_version, actor, root_id=root_id)
    leaves = read(areas.painted, actor, root_id=root_id)
    if leaves.empty:
        empty(t("coverage.no_grids"))
        return
    tiled = bool(leaves["lon"].isna().all())
    url = sheets.address(root_id, version, tiled=tiled)
    whole = _whole(actor, root_id, root_id, tiled=tiled)
    held = leaves["area_id"].isin(covered)
    spec = maps.PaintSpec(
        measure=maps.COVERED,
        values=[maps.FILLED if one else 0.0 for one in held],
        title="",
        words=map_words(label),
        lang="zh" if language() is Language.ZH else "en",
        theme=theme(),
        ground=None if tiled else ground_of(actor, root_id),
        fit=whole,
        fit_token=f"covered {root_id}",
    )
    st_folium(
        maps.base_map(url, whole or _NO_BOUNDS),
        key="covered",
        height=320,
        use_container_width=True,
        returned_objects=[],
        render=False,
        feature_group_to_add=maps.paint_layer(url, spec),
    )


def draw_counts(
    actor: Actor,
    place: Place,
    *,
    key: str,
    measure: maps.Measure,
    counts: Mapping[int, int],
    height: int,
) -> frozenset[int]:
    """Draw the map of one measure, given by area, without controls; the areas that it paints."""
    root_id = read(sheets.root_id, actor, area_id=place.area_id)
    leaves = read(areas.painted, actor, root_id=root_id)
    if leaves.empty:
        empty(t("coverage.no_grids"))
        return frozenset()
    numbers = [int(number) for number in leaves["area_id"]]
    values = [float(counts.get(number, 0)) for number in numbers]
    tiled = bool(leaves["lon"].isna().any())
    version = read(areas.shapes_version, actor, root_id=root_id)
    url = sheets.address(root_id, version, tiled=tiled)
    view = fitted(actor, place)
    box = _whole(actor, root_id, view.area_id, tiled=tiled) if tiled else _box(actor, view, place)
    line = maps.Line(t(f"map.line_{measure.key}", n="{n}"), values)
    spec = maps.PaintSpec(
        measure=measure,
        values=values,
        title=t(f"map.title_{measure.key}"),
        words=map_words(t("map.name", area=place.name)),
        lang="zh" if language() is Language.ZH else "en",
        theme=theme(),
        tooltip=(line,),
        labels=maps.Labels(on="area") if _inside(view, root_id) else maps.Labels(),
        selected=str(place.area_id) if place.leaf and place.area_id else None,
        focus=str(view.area_id) if _inside(view, root_id) else None,
        ground=None if tiled else ground_of(actor, root_id),
        fit=box,
        fit_token=view.code,
    )
    with st.container(key=f"mapbox_{key}", gap=None):
        st_folium(
            maps.base_map(url, _whole(actor, root_id, root_id, tiled=tiled) or _NO_BOUNDS),
            key=key,
            height=height,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            render=False,
            feature_group_to_add=maps.paint_layer(url, spec),
        )
    return frozenset(numbers)


def _whole(
    actor: Actor, root_id: int | None, view_id: int | None, *, tiled: bool
) -> maps.Bounds | None:
    """The box of what is shown below an area on the map of the root, tiles included."""
    drawn = None if tiled else read(areas.bounds, actor, root_id=view_id)
    tiles = read(areas.tile_boxes, actor, root_id=root_id, tiled=tiled)
    if len(tiles) and view_id != root_id:
        below = read(areas.painted, actor, root_id=view_id)
        tiles = tiles[tiles["area_id"].isin([*below["area_id"], *below["parent_id"].dropna()])]
    if tiles.empty:
        return drawn
    (south, west), (north, east) = drawn or ((90.0, 180.0), (-90.0, -180.0))
    return (
        (min(south, tiles["south"].min()), min(west, tiles["west"].min())),
        (max(north, tiles["north"].max()), max(east, tiles["east"].max())),
    )


def _as_tiles(spec: maps.PaintSpec, box: maps.Bounds | None) -> maps.PaintSpec:
    """The same figures on tiles: no town under them, and room for the names of both levels."""
    line = t(f"map.line_{spec.measure.key}", n="{n}")
    second = maps.Line(line, spec.values, spec.measure.decimals)
    return replace(
        spec,
        ground=None,
        badges={},
        labels=maps.Labels(on="area", second=second, heads=True),
        fit=below_bar(box),
        fit_token=f"tiles {spec.fit_token}",
    )


def below_bar(box: maps.Bounds | None) -> maps.Bounds | None:
    """The box with room at its top for the controls that lie over the map."""
    if box is None:
        return None
    (south, west), (north, east) = box
    return (south, west), (north + _BAR_SHARE * (north - south), east)


def _explain(actor: Actor, place: Place, missing: int, *, tiled: bool, choice: bool) -> None:
    """What the tiles are, and the way to draw what is missing."""
    with st.container(horizontal=True, key="tilenote", vertical_alignment="center"):
        if not choice:
            st.caption(t("tiles.all_missing"), width="content")
        elif not tiled:
            st.caption(t("tiles.missing", n=missing), width="content")
        else:
            st.caption(t("tiles.units_note"), width="content")
        if missing:
            link(actor, "drawing", t("tiles.draw"), area=place.code)


def _gaps(actor: Actor, root_id: int | None, span: Span) -> pd.Series:
    found = read(
        coverage.gaps,
        actor,
        root_id=root_id,
        first=span.first,
        last=span.last,
        reach_m=REACH_METRES,
    )
    return found["gaps"]


def _inside(view: Place, root_id: int | None) -> bool:
    return view.area_id is not None and view.area_id != root_id


def _controls(
    key: str, layers: tuple[str, ...], *, near: bool, choice: bool
) -> tuple[maps.Measure, tuple[str, ...], bool]:
    with st.container(horizontal=True, key="mapbar", horizontal_alignment="distribute"):
        wanted = st.query_params.get("measure", "hours")
        chosen = st.segmented_control(
            t("map.measure"),
            list(MEASURES),
            default=wanted if wanted in MEASURES else "hours",
            format_func=lambda m: t(f"map.{m}"),
            key=f"measure_{key}",
            required=True,
            label_visibility="collapsed",
        )
        tiled = st.session_state.get(f"tiled_{key}", st.query_params.get("show") == _TILES)
        shown = st.pills(
            t("map.layers"),
            (*LAYERS, _TILES) if choice else LAYERS,
            selection_mode="multi",
            default=(*layers, _TILES) if choice and tiled else layers,
            format_func=lambda layer: t(f"map.layer_{layer}"),
            key=f"layers_{key}_{near}",
            label_visibility="collapsed",
        )
    if choice:
        st.session_state[f"tiled_{key}"] = _TILES in shown
    return MEASURES[str(chosen)], tuple(shown), _TILES in shown


def _spec(
    actor: Actor,
    place: Place,
    root_id: int | None,
    grids: pd.DataFrame,
    measure: maps.Measure,
    points: tuple[maps.PointLayer, ...],
    unit_id: int | None,
) -> maps.PaintSpec:
    view = fitted(actor, place)
    inside = _inside(view, root_id)
    leaves = grids[["level", "parent_id"]].drop_duplicates()
    flat = len(leaves) == 1 or Level.STREET in set(leaves["level"])
    values = _values(grids, measure)
    second = maps.Line(t(f"map.line_{measure.key}", n="{n}"), values, measure.decimals)
    labels = (
        maps.Labels(on="area", second=second)
        if inside or flat
        else maps.Labels(on="border", level="community")
    )
    return maps.PaintSpec(
        measure=measure if actor.may(Permission.COUNT_EXACT) else _in_steps(measure),
        values=values,
        title=t(f"map.title_{measure.key}"),
        words=map_words(t("map.name", area=place.name)),
        lang="zh" if language() is Language.ZH else "en",
        theme=theme(),
        tooltip=(
            maps.Line(t("map.tip_hours", n="{n}"), _values(grids, maps.HOURS)),
            maps.Line(t("map.tip_services", n="{n}"), _told(grids["services"])),
            maps.Line(t("map.tip_waiting", n="{n}"), _told(grids["waiting"])),
        ),
        labels=labels,
        badges={} if measure is maps.WAITING or labels.on == "area" else _badges(grids),
        badge_label=t("map.badge_waiting"),
        badge_status="soon",
        points=points,
        selected=str(place.area_id) if place.leaf and place.area_id else None,
        selected_point=None if unit_id is None else f"unit {unit_id}",
        focus=str(view.area_id) if inside else None,
        ground=ground_of(actor, root_id),
        fit=_box(actor, view, place),
        fit_token=view.code,
    )


def map_words(label: str) -> maps.MapWords:
    """The words of any map of ours; `label` says what this one shows."""
    return maps.MapWords(
        label=label,
        zoom_in=t("map.zoom_in"),
        zoom_out=t("map.zoom_out"),
        no_data=t("map.no_data"),
        few=formats.FEW,
    )


def _values(grids: pd.DataFrame, measure: maps.Measure) -> list[float | None]:
    column = grids[_COLUMN[measure.key]]
    return _told((column / 60).round()) if measure.key == "hours" else _told(column)


def _in_steps(measure: maps.Measure) -> maps.Measure:
    """The measure with classes that hold what is told in steps."""
    if measure.key not in _FINE:
        return measure
    return replace(measure, limits=(1, STEP, 2 * STEP, 3 * STEP, 4 * STEP))


def _told(counts: pd.Series) -> list[float | None]:
    """Counts as the map takes them."""
    return [maps.FEW if is_few(n) else float(n) for n in counts]


def _badges(grids: pd.DataFrame) -> dict[str, int]:
    waiting = grids[grids["waiting"] >= 3]
    return dict(zip(waiting["area_id"].astype(str), waiting["waiting"].tolist(), strict=True))


def _points(
    shown: tuple[str, ...], unit_ids: tuple[int, ...] | None
) -> tuple[maps.PointLayer, ...]:
    ids = None if unit_ids is None else tuple(str(n) for n in unit_ids)
    named = {
        "unit": maps.PointLayer("unit", t("map.layer_unit"), "square", ids=ids, named=True),
        "centre": maps.PointLayer("centre", t("map.layer_centre"), "dot"),
        "building": maps.PointLayer("building", t("map.layer_building"), "square"),
    }
    return tuple(named[layer] for layer in LAYERS if layer in shown)


def ground_of(actor: Actor, root_id: int | None) -> maps.Ground | None:
    """The town drawn under the map of the root, if there is such a picture."""
    if root_id is None:
        return None
    picture = read(ground.picture, actor, root_id=root_id, theme=theme(), language=language())
    return maps.Ground(picture.url, picture.bounds) if picture else None


def _box(actor: Actor, view: Place, place: Place) -> maps.Bounds | None:
    """The view's box; of a whole tree the roots round the place, or else round the largest.

    Roots of different cities shown together would be dots.
    """
    if view.area_id is not None:
        return read(areas.bounds, actor, root_id=view.area_id)
    roots = read(areas.roots, actor).dropna(subset=["west"])
    if roots.empty:
        return None
    own = roots[roots["area_id"] == place.area_id]
    main = own.iloc[0] if len(own) else roots.loc[roots["children"].idxmax()]
    far = (roots["lon"] - main["lon"]).abs().combine((roots["lat"] - main["lat"]).abs(), max)
    near = roots[far < _TOGETHER_DEGREES]
    return (
        (float(near["south"].min()), float(near["west"].min())),
        (float(near["north"].max()), float(near["east"].max())),
    )


def figures_popover(actor: Actor, place: Place, span: Span) -> None:
    """The map's figures as a table, for keyboards and for those who cannot see the map."""
    table = st.popover(t("map.as_table"), icon=":material/table_rows:", on_change="rerun")
    if not table.open:
        return
    grids = read(overview.measures, actor, root_id=place.area_id, first=span.first, last=span.last)
    with table:
        st.dataframe(
            pd.DataFrame(
                {
                    t("column.area"): [
                        name_of(zh, en)
                        for zh, en in zip(grids["name_zh"], grids["name_en"], strict=True)
                    ],
                    t("map.hours"): (grids["minutes"] / 60).round(1),
                    t("map.services"): counted(grids["services"]),
                    t("map.served"): counted(grids["people_served"]),
                    t("map.waiting"): counted(grids["waiting"]),
                    t("map.vacancies"): grids["vacancies"],
                    t("map.gaps"): _gaps(actor, place.area_id, span),
                }
            ),
            hide_index=True,
            key="figures_table",
        )
