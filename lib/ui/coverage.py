"""Coverage and health: measures with their formulas, the grids behind each, and a grid's card.

Measures stand beside each other; there is no score, and none of them ranks people.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from lib.domain.calendar import Span
from lib.domain.coverage import REACH_METRES, REACHES_METRES, Measure
from lib.domain.permissions import Actor
from lib.domain.vocab import StatusToken
from lib.i18n import formats
from lib.queries import areas, coverage, overview, structure
from lib.ui import lacking
from lib.ui.address import moved
from lib.ui.live import read
from lib.ui.page import card_title, download, empty, escaped, status_html
from lib.ui.pages import go, link
from lib.ui.place import Place
from lib.ui.session import name_of, t
from lib.ui.tables import choose_row, counted

_WORST_FIRST = (
    StatusToken.OVERDUE,
    StatusToken.SOON,
    StatusToken.PROGRESS,
    StatusToken.NEUTRAL,
    StatusToken.DONE,
)
_SHARES = (Measure.CENTRES, Measure.REACH)
_HELD = {
    Measure.BRANCH: ("branch_none", "branch_unled", "branch_led"),
    Measure.HEAD: ("head_vacant", "head_held"),
}


def reach_control() -> int:
    """The distance within which a volunteer is within reach, kept in the URL as ``?reach=``."""
    if moved("coverage_reach", "reach"):
        wanted = st.query_params.get("reach", "")
        known = wanted in map(str, REACHES_METRES)
        st.session_state["coverage_reach"] = int(wanted) if known else REACH_METRES

    def remember() -> None:
        st.query_params["reach"] = str(st.session_state["coverage_reach"])

    return int(
        st.selectbox(
            t("coverage.reach_within"),
            REACHES_METRES,
            format_func=lambda metres: t("coverage.reach_option", n=metres),
            key="coverage_reach",
            on_change=remember,
            width=190,
            label_visibility="collapsed",
        )
    )


def _grids(actor: Actor, place: Place, span: Span, reach: int) -> pd.DataFrame:
    root = place.area_id
    return coverage.grids(
        read(overview.measures, actor, root_id=root, first=span.first, last=span.last),
        read(coverage.offices, actor, root_id=root),
        read(coverage.homes, actor, root_id=root, reach_m=reach),
    )


def screen(actor: Actor, place: Place, span: Span, reach: int) -> None:
    """The measures of the place at the left, the grids behind the chosen one at the right."""
    grids = _grids(actor, place, span, reach)
    if grids.empty:
        empty(t("coverage.no_grids"))
        return
    wanted = st.query_params.get("measure", "")
    chosen = Measure(wanted) if wanted in list(Measure) else Measure.SERVICE
    # A link to the page that it stands on changes what is shown, but not the browser's address.
    st.query_params["measure"] = chosen.value
    left, right = st.columns([1, 1.5], gap="small")
    with left:
        _measures(actor, place, grids, reach)
    with right:
        if chosen is Measure.REACH:
            known = read(coverage.volunteers, actor, root_id=place.area_id).set_index("area_id")
            grids["volunteers"] = grids["area_id"].map(known["volunteers"]).fillna(0)
        _behind(place, grids, chosen)
        lacking.card(actor, place, span, chosen, reach)


def _measures(actor: Actor, place: Place, grids: pd.DataFrame, reach: int) -> None:
    sums = {name: grids[name].sum() for name in coverage.GRID_COLUMNS[4:]}
    n = len(grids)
    kinds = read(structure.vacancies, actor, area_id=place.area_id).groupby("kind")["n"].sum()
    vacant = [
        t("coverage.vacant_kind", kind=t(f"coverage.post_{kind}"), n=int(kinds[kind]))
        for kind in structure.VACANCIES
        if kind in kinds
    ]
    served = int((grids["services"] > 0).sum())
    rows = (
        (Measure.SERVICE, formats.share(served / n), "service", {"n": served, "all": n}),
        (
            Measure.CENTRES,
            formats.count(sums["bare"]),
            "bare",
            {"all": formats.count(sums["buildings"])},
        ),
        (
            Measure.CENTRES,
            formats.share(_share(sums["covered"], sums["households"])),
            "centres",
            {"n": formats.count(sums["covered"]), "all": formats.count(sums["households"])},
        ),
        (Measure.BRANCH, formats.count((grids["branch"] == 0).sum()), "branch", {"all": n}),
        (Measure.HEAD, formats.count((grids["head"] == 0).sum()), "head", {"all": n}),
        (
            Measure.REACH,
            formats.count(sums["placed"] - sums["reached"]),
            "reach",
            {
                "metres": reach,
                "all": formats.count(sums["placed"]),
                "left_out": formats.count(sums["households"] - sums["placed"]),
            },
        ),
        (
            Measure.VACANCIES,
            formats.count(sums["vacancies"]),
            "vacancies",
            {"kinds": t("list.separator").join(vacant) or t("coverage.none_vacant")},
        ),
    )
    with st.container(border=True, key="card_coverage", gap=None):
        card_title(t("coverage.measures"), t("coverage.choose"))
        for measure, figure, name, values in rows:
            with st.container(key=f"linkedrow_{name}"):
                st.html(
                    f'<div class="gv-row two wrap"><div><b>{escaped(t(f"coverage.name_{name}"))}'
                    f"</b><em>{escaped(t(f'coverage.formula_{name}', **values))}</em></div>"
                    f'<span class="n">{escaped(figure)}</span></div>'
                )
                query = {**st.query_params.to_dict(), "measure": measure.value}
                link(actor, "coverage", t(f"coverage.name_{name}"), **query)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _behind(place: Place, grids: pd.DataFrame, measure: Measure) -> None:
    """All grids, the worst in the chosen measure first; a chosen row leads to its profile."""
    found = coverage.statuses(grids)
    order = [status.value for status in _WORST_FIRST]
    ranks = found[measure.value].map(order.index)
    table = _table(grids, found, measure).iloc[ranks.argsort(kind="stable")]
    lacking = found[measure.value].isin(order[:2])
    with st.container(border=True, key="card_grids"):
        card_title(
            t("coverage.grids_by", name=t(f"coverage.measure_{measure}")),
            t("coverage.lacking", n=int(lacking.sum()), all=len(grids)),
        )
        only = st.toggle(t("coverage.only_gaps"), key=f"only_gaps_{measure}")
        shown = table.loc[lacking.loc[table.index]] if only else table
        if shown.empty:
            empty(t("coverage.no_gaps"), good=True)
            return
        st.caption(t("coverage.row_leads"))
        picked = choose_row(
            shown,
            key=f"coverage_table_{measure}_{place.code}",
            alt=t("coverage.alt", n=len(shown)),
            height=560,
            column_config=_config(table, measure),
        )
        download("coverage", t("screen.coverage"), _file(grids, found))
        if picked is not None:
            go("grid", area=str(grids.loc[shown.index[picked], "code"]))


def _figure(measure: Measure) -> str:
    return t(f"coverage.figure_{measure}")


def _config(table: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    """How the figure is written; what is in words already stays so."""
    if not is_numeric_dtype(table[_figure(measure)]):
        return {}
    form = "percent" if measure in _SHARES else "%d"
    return {_figure(measure): st.column_config.NumberColumn(format=form)}


def _names(grids: pd.DataFrame) -> list[str]:
    return [name_of(zh, en) for zh, en in zip(grids["name_zh"], grids["name_en"], strict=True)]


def _values(grids: pd.DataFrame, measure: Measure) -> pd.Series:
    found = [coverage.value(row, measure) for row in grids.to_dict("records")]
    values = pd.Series(found, index=grids.index, dtype="float64")
    return counted(values) if measure is Measure.SERVICE else values


def _words(found: pd.DataFrame, measure: Measure) -> list[str]:
    return [t(f"coverage.status_{status}") for status in found[measure.value]]


def _table(grids: pd.DataFrame, found: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    columns: dict[str, object] = {
        t("column.area"): _names(grids),
        _figure(measure): _values(grids, measure),
    }
    if measure is Measure.CENTRES:
        columns[t("coverage.lacking_centres")] = grids["bare"]
    if measure is Measure.REACH:
        columns[t("coverage.lacking_reach")] = counted(grids["placed"] - grids["reached"])
        columns[t("coverage.volunteers")] = counted(grids["volunteers"])
    for one in (measure, *(other for other in Measure if other is not measure)):
        columns[t(f"coverage.measure_{one}")] = _words(found, one)
    return pd.DataFrame(columns, index=grids.index)


def _file(grids: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Every measure of every grid, its figure and its status as a word."""
    columns: dict[str, object] = {
        t("coverage.code"): grids["code"],
        t("column.area"): _names(grids),
    }
    for measure in Measure:
        columns[_figure(measure)] = _values(grids, measure)
        columns[t(f"coverage.measure_{measure}")] = _words(found, measure)
    return pd.DataFrame(columns)


def health_card(actor: Actor, place: Place, span: Span) -> None:
    """The six measures of one grid with their formulas and statuses; nothing for wider areas."""
    if place.area_id is None or not place.leaf:
        return
    grids = _grids(actor, place, span, REACH_METRES)
    if grids.empty:
        return
    grid = grids.iloc[0].to_dict()
    with st.container(border=True, key="card_health"):
        card_title(t("coverage.health"), t("coverage.health_note"))
        st.html("".join(_health_row(grid, measure) for measure in Measure))
        above = read(areas.area, actor, area_id=place.parent_id or place.area_id)
        if len(above):
            link(actor, "coverage", t("coverage.compare"), area=str(above.iloc[0]["code"]))


def _health_row(grid: Mapping[str, float], measure: Measure) -> str:
    value = coverage.value(grid, measure)
    status = coverage.status(grid, measure)
    figure = formats.share(value) if measure in _SHARES else formats.count(value)
    if measure in _HELD:
        figure = t(f"coverage.{_HELD[measure][int(grid[measure.value])]}")
    return (
        f'<div class="gv-row wrap">{status_html(status, t(f"coverage.status_{status}"))}'
        f"<div><b>{escaped(t(f'coverage.measure_{measure}'))}</b>"
        f"<em>{escaped(t(f'coverage.of_grid_{measure}', metres=REACH_METRES))}</em></div>"
        f'<span class="n">{escaped(figure)}</span></div>'
    )
