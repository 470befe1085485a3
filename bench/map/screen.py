"""The bench's Streamlit page: empty, or with a control and the map in one fragment."""

from typing import Literal

import streamlit as st
from streamlit_folium import st_folium

from bench.map.data import figures, town
from lib.visuals.maps import (
    COVERAGE,
    SERVICES,
    Labels,
    Line,
    MapWords,
    PaintSpec,
    PointLayer,
    base_map,
    clicked_shape,
    paint_layer,
)

asked = st.query_params
size = asked.get("size", "M")
lang: Literal["zh", "en"] = "en" if asked.get("lang") == "en" else "zh"
theme: Literal["light", "dark"] = "dark" if asked.get("theme") == "dark" else "light"
WORDS = {
    "zh": MapWords("网格地图", "放大", "缩小", "无数据"),
    "en": MapWords("Map of grids", "Zoom in", "Zoom out", "No data"),
}
CATEGORIES = {"all": None, "school": ("school",), "firm": ("firm", "clinic")}


def spec(measure: str, points: str) -> PaintSpec:
    """Return what the controls ask for."""
    zh = lang == "zh"
    chosen = COVERAGE if measure == "coverage" else SERVICES
    values = figures(size, measure)
    name = (
        ("走访覆盖（%）" if zh else "Coverage (%)")
        if chosen is COVERAGE
        else ("服务（件）" if zh else "Services (records)")
    )
    focus = asked.get("focus")
    second = Line("服务 {n}" if zh else "{n} services", values)
    ids = town(size).ids
    return PaintSpec(
        measure=chosen,
        values=values,
        title=name,
        words=WORDS[lang],
        lang=lang,
        theme=theme,
        tooltip=(Line(f"{name} {{n}}", values, suffix=chosen.suffix),),
        labels=Labels("area", second=second) if focus else Labels(),
        badges={ids[i]: i % 3 + 1 for i in range(5, len(ids), 31)} if asked.get("badges") else {},
        badge_label="超期件数" if zh else "Overdue",
        points=(
            PointLayer(
                "unit", "驻区单位" if zh else "Unit", "square", CATEGORIES[points], None, True
            ),
            PointLayer("centre", "中心户" if zh else "Centre household", "dot"),
        )
        if asked.get("points") != "none"
        else (),
        selected=asked.get("selected"),
        focus=focus,
        fit=box(focus),
    )


def box(focus: str | None) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the view: the focused community, else the whole town."""
    if not focus:
        return town(size).bounds
    found = next(f for f in town(size).features if f["id"] == focus)
    lons, lats = zip(*found["geometry"]["coordinates"][0], strict=True)
    return (min(lats), min(lons)), (max(lats), max(lons))


@st.fragment
def empty() -> None:
    """Show one control and one text."""
    chosen = st.segmented_control("measure", ["services", "coverage"], default="services", key="m")
    st.html(f"<p id='said'>{chosen}</p>")


@st.fragment
def area_map() -> None:
    """Show a control and the map in one fragment, as a page of the product does."""
    # One control, as on the empty page that it is measured against.
    if asked.get("control") == "points":
        measure = "services"
        points = st.segmented_control(
            "points", list(CATEGORIES), default="all", key="p", required=True
        )
    else:
        points = "all"
        measure = st.segmented_control(
            "measure", ["services", "coverage"], default="services", key="m", required=True
        )
    url = f"/map/shapes/{size}.json"
    returned = st_folium(
        base_map(url, town(size).bounds),
        key="areas",
        height=int(asked.get("height", "600")),
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=paint_layer(url, spec(measure, points)),
        render=False,
    )
    st.text(f"clicked {clicked_shape(returned)}")


st.set_page_config(layout="wide")
if asked.get("page") == "empty":
    empty()
else:
    area_map()
