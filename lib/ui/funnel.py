"""The way from a need to a confirmed service in charts; every mark leads to its records.

What is counted and how stands in `lib.queries.pipeline`.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span, today
from lib.domain.few import is_few
from lib.domain.permissions import Actor
from lib.domain.vocab import Beneficiary, Bringing, Entry, ServiceKind, Stage
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, pipeline
from lib.ui import address, chart_card
from lib.ui.chart_card import Chart, Query, records_of, said
from lib.ui.live import read
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t
from lib.ui.tables import counted
from lib.visuals import charts

_ROW, _BARS = 30, 30
_VIEW = "pipeline_view"
_MEMBERS: Mapping[str, type[StrEnum]] = {
    "beneficiary": Beneficiary,
    "entry": Entry,
    "brings": Bringing,
    "kind": ServiceKind,
}
_SCREENS = {"collected": "needs", "published": "library", "claimed": "claims"}


def views(actor: Actor, place: Place, span: Span) -> None:
    """One view at a time, kept in the URL as ``?view=``."""
    draw = {
        "funnel": _funnel,
        "months": _months,
        "parts": _parts,
        "areas": _areas,
        "claimants": _claimants,
        "given": _given,
    }
    address.begin(_VIEW, "view", list(draw), "funnel")
    chosen = st.segmented_control(
        t("pipeline.view"),
        list(draw),
        format_func=lambda view: t(f"pipeline.view_{view}"),
        key=_VIEW,
        on_change=address.keep(_VIEW, "view"),
        required=True,
        label_visibility="collapsed",
    )
    draw[str(chosen)](actor, place, span)


def _days(span: Span) -> dict[str, date]:
    return {"first": span.first, "last": span.last}


def _asked(place: Place, span: Span, **more: str) -> Query:
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return {"area": place.code, **days, **more}


def _funnel(actor: Actor, place: Place, span: Span) -> None:
    found = read(pipeline.funnel, actor, area_id=place.area_id, day=today(), **_days(span))
    all_ = found["needs"].iloc[0]
    if not all_:
        chart_card.nothing("funnel", t("pipeline.funnel"), t("pipeline.none"))
        return
    names = [word(Stage(stage), language()) for stage in found["stage"]]
    counts = [formats.count(n) for n in found["needs"]]
    days = ["" if pd.isna(n) else f"{n:.1f}" for n in found["median_days"]]
    said_ = [
        t("pipeline.with_days", n=n, days=waited) if waited else n
        for n, waited in zip(counts, days, strict=True)
    ]
    shares = ["" if is_few(n) or is_few(all_) else formats.share(n / all_) for n in found["needs"]]
    chart = Chart(
        key=f"funnel_{place.code}",
        title=t("pipeline.funnel"),
        note=t("pipeline.funnel_note", days=said(span)),
        sentence=t("pipeline.funnel_sentence", n=counts[0], last=counts[-1]),
        rows=pd.DataFrame({"name": names, "value": found["needs"], "said": said_}),
        table=pd.DataFrame(
            {
                t("pipeline.stage"): names,
                t("pipeline.needs"): counted(found["needs"]),
                t("pipeline.share"): shares,
                t("pipeline.median"): found["median_days"].round(1),
            }
        ),
        queries=tuple(_asked(place, span, reached=str(stage)) for stage in found["stage"]),
        screens=("needs",) * len(found),
    )
    label = t("pipeline.needs")
    chart_card.show(
        actor, chart, charts.ranked_bars, name="name", value="value", label=label, height=300
    )


def _months(actor: Actor, place: Place, span: Span) -> None:
    found = read(pipeline.by_month, actor, area_id=place.area_id, **_days(span))
    if found.empty:
        chart_card.nothing("pipeline_months", t("pipeline.months"), t("pipeline.none"))
        return
    parts = {name: word(Stage(name), language()) for name in pipeline.MONTH_COLUMNS[1:]}
    axis = {month: f"{month:%Y-%m}" for month in found["month"]}
    rows = found.melt("month", list(parts), "part", "value").sort_values("month", kind="stable")
    shown = pd.DataFrame(
        {
            "axis": rows["month"].map(axis),
            "part": rows["part"].map(parts),
            "value": rows["value"],
        }
    ).reset_index(drop=True)
    table = shown.assign(value=counted(shown["value"]))
    if shown["value"].map(is_few).any():
        shown["said"] = table["value"]
    queries, screens = [], []
    for month, part in zip(rows["month"], rows["part"], strict=True):
        within = _month(month, span)
        if part == "confirmed":
            queries.append(records_of(place, within))
        else:
            queries.append(_asked(place, within, **_OF_MONTH[part]))
        screens.append(_SCREENS.get(part, chart_card.RECORDS))
    sums = {name: formats.count(found[name].sum()) for name in parts}
    chart = Chart(
        key=f"pipeline_months_{place.code}",
        title=t("pipeline.months"),
        note=t("pipeline.months_note", days=said(span)),
        sentence=t("pipeline.months_sentence", **sums),
        rows=shown,
        table=table.set_axis([t("chart.month"), t("pipeline.stage"), t("pipeline.count")], axis=1),
        queries=tuple(queries),
        screens=tuple(screens),
    )
    chart_card.show(
        actor,
        chart,
        charts.month_lines,
        parts=tuple(parts.values()),
        label=t("pipeline.count"),
        height=300,
    )


_OF_MONTH: Mapping[str, Query] = {
    "collected": {"reached": Stage.COLLECTED.value},
    "published": {},
    "claimed": {"whose": "here"},
}


def _month(month: date, span: Span) -> Span:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return Span(max(month, span.first), min(last, span.last))


def _parts(actor: Actor, place: Place, span: Span) -> None:
    left, right = st.columns(2, gap="small")
    for column, part in zip((left, right, left, right), _MEMBERS, strict=True):
        with column:
            _part(actor, place, span, part)


def _part(actor: Actor, place: Place, span: Span, part: str) -> None:
    """Projects published, claimed and completed, by one of their columns."""
    found = read(
        pipeline.by_part, actor, area_id=place.area_id, part=part, day=today(), **_days(span)
    )
    title = t(f"pipeline.part_{part}")
    if found.empty:
        chart_card.nothing(f"part_{part}", title, t("pipeline.none"))
        return
    names = [called(_MEMBERS[part](one)) for one in found["part"]]
    sentence = t(
        "pipeline.part_sentence", name=names[0], n=formats.count(found["projects"].iloc[0])
    )
    queries = [_asked(place, span, **{part: str(one)}) for one in found["part"]]
    _grouped(
        actor,
        _Card(
            f"part_{part}_{place.code}",
            title,
            t("pipeline.part_note", days=said(span)),
            sentence,
            t(f"field.{part}"),
        ),
        found[["projects", "claimed", "completed"]],
        names,
        [("library", query) for query in queries],
    )


def _areas(actor: Actor, place: Place, span: Span) -> None:
    """Every grid with its needs, the ones without any included: what is not asked is not heard."""
    grids = read(areas.painted, actor, root_id=place.area_id)
    found = read(pipeline.by_area, actor, area_id=place.area_id, **_days(span))
    sums = found.set_index("area_id").reindex(grids["area_id"], fill_value=0)
    if sums.empty or not sums.to_numpy().any():
        chart_card.nothing("pipeline_areas", t("pipeline.areas"), t("pipeline.none"))
        return
    rows = sums.assign(
        name=[name_of(zh, en) for zh, en in zip(grids["name_zh"], grids["name_en"], strict=True)],
        code=grids["code"].to_numpy(),
    ).sort_values("needs", ascending=False, kind="stable")
    some = int((rows["needs"] > 0).sum())
    _grouped(
        actor,
        _Card(
            f"pipeline_areas_{place.code}",
            t("pipeline.areas"),
            t("pipeline.areas_note", days=said(span)),
            t("pipeline.areas_sentence", n=some, all=len(rows), bare=len(rows) - some),
            t("column.area"),
        ),
        rows[["needs", "answered", "projects", "confirmed"]],
        list(rows["name"]),
        [
            ("needs", {**_asked(place, span, reached=Stage.COLLECTED.value), "area": str(code)})
            for code in rows["code"]
        ],
    )


def _claimants(actor: Actor, place: Place, span: Span) -> None:
    found = read(pipeline.by_claimant, actor, area_id=place.area_id, day=today(), **_days(span))
    if not found["claims"].sum():
        chart_card.nothing("claimants", t("pipeline.claimants"), t("pipeline.none"))
        return
    projects = dict(zip(found["claimant"], found["projects"], strict=True))
    _grouped(
        actor,
        _Card(
            f"claimants_{place.code}",
            t("pipeline.claimants"),
            t("pipeline.claimants_note", days=said(span)),
            t(
                "pipeline.claimants_sentence",
                n=formats.count(projects["members"]),
                firms=formats.count(projects["firm"]),
            ),
            t("pipeline.claimant"),
        ),
        found[["claims", "projects", "completed", "claimants"]],
        [t(f"pipeline.who_{one}") for one in found["claimant"]],
        [("claims", {"area": place.code, "whose": "here"})] * len(found),
    )


def _given(actor: Actor, place: Place, span: Span) -> None:
    """People served, goods and money of confirmed claims, each by whom they were for."""
    found = read(pipeline.given, actor, area_id=place.area_id, **_days(span))
    found["money"] = found["money_fen"] / 100
    columns = st.columns(3, gap="small")
    for column, name in zip(columns, ("people_served", "goods", "money"), strict=True):
        with column:
            _given_card(actor, place, span, found, name)


def _given_card(actor: Actor, place: Place, span: Span, found: pd.DataFrame, name: str) -> None:
    title = t(f"pipeline.given_{name}")
    rows = found.sort_values(name, ascending=False, kind="stable").reset_index(drop=True)
    if rows.empty or not rows[name].sum():
        chart_card.nothing(f"given_{name}", title, t("pipeline.none"))
        return
    names = [called(Beneficiary(one)) for one in rows["beneficiary"]]
    drawn = pd.DataFrame({"name": names, "value": rows[name]})
    if rows[name].map(is_few).any():
        drawn["said"] = counted(rows[name])
    chart = Chart(
        key=f"given_{name}_{place.code}",
        title=title,
        note=t("pipeline.given_note", days=said(span)),
        sentence=t("pipeline.given_sentence", name=names[0], n=formats.count(rows[name].iloc[0])),
        rows=drawn,
        table=pd.DataFrame(
            {
                t("field.beneficiary"): names,
                t("activity.services"): counted(rows["services"]),
                t("pipeline.given_people_served"): counted(rows["people_served"]),
                t("pipeline.given_goods"): rows["goods"],
                t("pipeline.given_money"): rows["money"],
            }
        ),
        queries=tuple(records_of(place, span, beneficiary=str(b)) for b in rows["beneficiary"]),
    )
    height = _ROW * len(rows) + 10
    chart_card.show(
        actor, chart, charts.ranked_bars, name="name", value="value", label=title, height=height
    )


@dataclass(frozen=True)
class _Card:
    """What stands round a chart of several figures for each name."""

    key: str
    title: str
    note: str
    sentence: str
    names: str


def _grouped(
    actor: Actor,
    card: _Card,
    figures: pd.DataFrame,
    names: Sequence[str],
    leads: Sequence[tuple[str, Query]],
) -> None:
    """A card of bars in groups, a bar for each column of the figures."""
    sides = {str(one): t(f"pipeline.{_WORDS.get(str(one), one)}") for one in figures.columns}
    first = range(min(len(names), _BARS))
    marks = [(k, one) for k in first for one in sides]
    values = pd.Series([float(figures[one].iloc[k]) for k, one in marks])
    rows = pd.DataFrame(
        {
            "name": [names[k] for k, _ in marks],
            "side": [sides[one] for _, one in marks],
            "value": values,
        }
    )
    label = t("pipeline.count")
    table = rows.assign(value=counted(values)).set_axis(
        [card.names, t("pipeline.figure"), label], axis=1
    )
    if values.map(is_few).any():
        rows["said"] = counted(values)
    chart = Chart(
        key=card.key,
        title=card.title,
        note=card.note,
        sentence=card.sentence,
        rows=rows,
        table=table,
        queries=tuple(leads[k][1] for k, _ in marks),
        screens=tuple(leads[k][0] for k, _ in marks),
    )
    height = (16 * len(sides) + 8) * len(first) + 40
    chart_card.show(
        actor,
        chart,
        charts.grouped_bars,
        sides=tuple(sides.values()),
        label=label,
        height=height,
    )


_WORDS = {"claimants": "number"}
"""Columns whose word stands under another key."""
