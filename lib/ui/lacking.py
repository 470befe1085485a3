"""What stands behind a coverage figure: its records, buildings or vacant offices.

Grids by measure are `lib.ui.coverage`; persons are counted there and never listed.
"""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span
from lib.domain.coverage import Measure
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceState
from lib.i18n import formats
from lib.queries import coverage, structure
from lib.ui.chart_card import records_of
from lib.ui.live import read
from lib.ui.page import card_title, download, empty
from lib.ui.pages import go, link
from lib.ui.place import Place
from lib.ui.session import name_of, t
from lib.ui.tables import counted, take_row

_HEIGHT = 420
_COUNTED = f"{ServiceState.CONFIRMED},{ServiceState.RECORDED}"


def card(actor: Actor, place: Place, span: Span, measure: Measure, reach: int) -> None:
    """The things that the measure counts or misses; nothing where the grids themselves are."""
    if measure is Measure.SERVICE:
        records = records_of(place, span, state=_COUNTED)
        link(actor, "records", t("coverage.its_records"), **records)
    elif measure in (Measure.CENTRES, Measure.REACH):
        rows = read(coverage.dwellings, actor, root_id=place.area_id, reach_m=reach)
        bare = ~rows["held"] if measure is Measure.CENTRES else rows["placed"] & ~rows["reached"]
        _listed(actor, place, measure, rows[bare], _buildings)
    elif measure is Measure.VACANCIES:
        rows = read(structure.vacancies, actor, area_id=place.area_id)
        _listed(actor, place, measure, rows, _vacant)


def _listed(
    actor: Actor,
    place: Place,
    measure: Measure,
    rows: pd.DataFrame,
    table_of: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    """The rows with a way to each: to the structure for those who keep it, else to the grid."""
    title = t(f"coverage.list_{measure}")
    with st.container(border=True, key="card_lacking"):
        card_title(title, formats.count(len(rows)))
        if rows.empty:
            empty(t("coverage.no_gaps"), good=True)
            return
        table = table_of(rows)
        picked = take_row(
            table, form=f"lacking_{measure}", key=place.code, alt=title, height=_HEIGHT
        )
        download(f"lacking_{measure}", title, table)
    if picked is not None:
        row = rows.iloc[picked]
        query = {"area": str(row["code"])}
        if "building_id" in row:
            query["building"] = str(row["building_id"])
        keeps = actor.may(Permission.STRUCTURE_EDIT)
        go("structure" if keeps else "grid", **query)


def _buildings(rows: pd.DataFrame) -> pd.DataFrame:
    estates = zip(rows["estate_zh"], rows["estate_en"], strict=True)
    return pd.DataFrame(
        {
            t("field.label"): rows["label"],
            t("field.estate_id"): [name_of(zh, en) if zh else "" for zh, en in estates],
            t("column.area"): _grids(rows),
            t("field.households"): counted(rows["households"]),
        }
    )


def _vacant(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("column.area"): _grids(rows),
            t("coverage.office"): [t(f"coverage.post_{kind}") for kind in rows["kind"]],
            t("coverage.figure_vacancies"): rows["n"],
        }
    )


def _grids(rows: pd.DataFrame) -> list[str]:
    return [name_of(zh, en) for zh, en in zip(rows["name_zh"], rows["name_en"], strict=True)]
