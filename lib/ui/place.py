"""Where the screen looks: the chosen area, the way up and down the tree, and the search box.

The choice stands in the URL as ``?area=CODE`` and is remembered between pages.
"""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.vocab import Level
from lib.queries import areas, search, sheets
from lib.ui.live import read
from lib.ui.pages import go
from lib.ui.session import called, name_of, plain, t

_AREA, _FIT = "area_code", "fitted_code"


@dataclass(frozen=True)
class Place:
    """The chosen area; `area_id` None is the whole tree."""

    area_id: int | None
    code: str
    name: str
    level: Level | None
    leaf: bool
    parent_id: int | None


def chosen(actor: Actor) -> Place:
    """The area of the URL, else the one last looked at, else the actor's own."""
    code = st.query_params.get("area") or st.session_state.get(_AREA)
    place = _by_code(actor, str(code)) if code else None
    if place is None:
        place = _own(actor)
    if st.session_state.get(_AREA) != place.code:  # by the URL, not by a click on the map
        st.session_state[_AREA] = st.session_state[_FIT] = place.code
    if st.query_params.get("area") != place.code:
        st.query_params["area"] = place.code
    return place


def choose(code: str, *, fit: bool = True) -> None:
    """Look somewhere else from now on; with `fit` the map goes there too, else it stays."""
    st.session_state[_AREA] = code
    if fit:
        st.session_state[_FIT] = code
    st.query_params["area"] = code


def fitted(actor: Actor, place: Place) -> Place:
    """The area whose box the map shows: the last one gone to, a grid's parent for a grid.

    Choosing a grid by a click on the map keeps the view, so this is not always the place.
    """
    code = st.session_state.get(_FIT) or place.code
    view = _by_code(actor, str(code)) or place
    if not view.leaf or view.area_id is None:
        return view
    path = read(areas.path, actor, area_id=view.area_id)
    if len(path) > 1:
        return place_of(path.iloc[-2])
    return _whole() if len(read(areas.roots, actor)) > 1 else view


def place_of(row: pd.Series) -> Place:
    """A row of areas.AREA_COLUMNS as the place to look at."""
    parent = row["parent_id"]
    return Place(
        area_id=int(row["area_id"]),
        code=str(row["code"]),
        name=name_of(row["name_zh"], row["name_en"]),
        level=Level(row["level"]),
        leaf=int(row["children"]) == 0,
        parent_id=None if pd.isna(parent) else int(parent),
    )


def follow_click(actor: Actor, kind: str, number: str) -> None:
    """Look at the area that was clicked; the map's view stays as it is."""
    if kind == "area" and number.isdecimal():
        found = read(areas.area, actor, area_id=int(number))
        if len(found):
            choose(str(found.iloc[0]["code"]), fit=False)


def _by_code(actor: Actor, code: str) -> Place | None:
    if code == sheets.WHOLE:
        roots = read(areas.roots, actor)
        return _whole() if len(roots) > 1 else None
    found = read(areas.by_code, actor, code=code)
    return place_of(found.iloc[0]) if len(found) else None


def _own(actor: Actor) -> Place:
    found = read(sheets.own, actor)
    return place_of(found.iloc[0]) if len(found) else _whole()


def _whole() -> Place:
    return Place(None, sheets.WHOLE, t("place.whole"), None, leaf=False, parent_id=None)


def crumbs(actor: Actor, place: Place) -> None:
    """The way up as links, the areas below as a select box, and the search."""
    roots = read(areas.roots, actor)
    above = (
        read(areas.path, actor, area_id=place.area_id) if place.area_id is not None else roots[:0]
    )
    with st.container(horizontal=True, key="crumbs", vertical_alignment="center", width="content"):
        if len(roots) > 1 and place.area_id is not None:
            _crumb(sheets.WHOLE, t("place.whole"))
        for _, row in above.iterrows():
            if int(row["area_id"]) != place.area_id:
                _crumb(str(row["code"]), name_of(row["name_zh"], row["name_en"]))
        below = (
            roots if place.area_id is None else read(areas.children, actor, area_id=place.area_id)
        )
        if len(below):
            _descend(below, place)
        _search(actor)


def _crumb(code: str, name: str) -> None:
    st.button(f"{name} ›", key=f"crumb_{code}", type="tertiary", on_click=choose, args=(code,))


def _descend(below: pd.DataFrame, place: Place) -> None:
    names = {
        str(row["code"]): name_of(row["name_zh"], row["name_en"]) for _, row in below.iterrows()
    }
    key = f"descend_{place.code}"
    level = called(Level(below.iloc[0]["level"]))

    def down() -> None:
        code = st.session_state[key]
        if code:
            choose(code)

    st.selectbox(
        t("place.descend", level=level),
        list(names),
        index=None,
        format_func=lambda code: names[code],
        placeholder=t("place.descend", level=level),
        key=key,
        on_change=down,
        label_visibility="collapsed",
        width=190,
    )


def _search(actor: Actor) -> None:
    with st.popover(t("place.search"), icon=":material/search:", key="search_box"):
        text = st.text_input(
            t("place.search"),
            key="search_text",
            placeholder=t("place.search_hint"),
            label_visibility="collapsed",
        ).strip()
        if not text:
            st.caption(t("place.search_hint"))
            return
        found = read(search.find, actor, text=text, limit=12)
        if found.empty:
            st.caption(plain(t("place.nothing_found", text=text)))
        for _, hit in found.iterrows():
            where = name_of(hit["where_zh"] or "", hit["where_en"])
            label = name_of(hit["name_zh"], hit["name_en"])
            kind = t(f"place.kind_{hit['kind']}")
            if st.button(
                " · ".join(plain(part) for part in (label, where, kind) if part),
                key=f"hit_{hit['kind']}_{hit['id']}",
                type="tertiary",
                width="stretch",
            ):
                _open(str(hit["kind"]), hit)


def _open(kind: str, hit: pd.Series) -> None:
    if kind == "unit":
        go("units", unit=str(hit["id"]))
    elif kind == "team":
        go("records", team=str(hit["id"]))
    else:
        choose(str(hit["code"]))
        st.rerun()
