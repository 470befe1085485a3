"""Two areas, or two spans of days, side by side: the same figures on the same axis."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span, today
from lib.domain.few import is_few
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceKind
from lib.i18n import formats
from lib.queries import activity, areas, service
from lib.ui import chart_card
from lib.ui.chart_card import Chart, records_of, said
from lib.ui.live import read
from lib.ui.page import card_title, download, empty
from lib.ui.place import Place, place_of
from lib.ui.session import called, t
from lib.visuals import charts

_ROW = 44


@dataclass(frozen=True)
class Side:
    """One of the two: what it is called, where and when it looks."""

    name: str
    place: Place
    span: Span


def compare(actor: Actor, place: Place, span: Span) -> None:
    """Choose what to compare, and see both sides in totals and by kind."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_bar"):
        by = st.segmented_control(
            t("compare.by"),
            ("areas", "days"),
            format_func=lambda what: t(f"compare.{what}"),
            default="areas" if not place.leaf else "days",
            key=f"compare_by_{place.code}",
            required=True,
            label_visibility="collapsed",
        )
        sides = _areas(actor, place, span) if by == "areas" else _days(place, span)
    if sides is None:
        empty(t("compare.too_few"))
        return
    left, right = st.columns([1, 1.4], gap="small")
    with left:
        _totals(actor, sides)
    with right:
        _kinds(actor, sides)


def _areas(actor: Actor, place: Place, span: Span) -> tuple[Side, Side] | None:
    """The two areas below with most hours, until others are chosen."""
    below = (
        read(areas.roots, actor)
        if place.area_id is None
        else read(areas.children, actor, area_id=place.area_id)
    )
    places = {p.code: p for p in (place_of(row) for _, row in below.iterrows())}
    if len(places) < 2:
        return None
    busy = read(
        activity.by_area_below, actor, area_id=place.area_id, first=span.first, last=span.last
    )
    first_two = [code for code in busy["code"] if code in places][:2]
    chosen = [
        st.selectbox(
            t(f"compare.{side}"),
            list(places),
            index=list(places).index(start),
            format_func=lambda code: places[code].name,
            key=f"compare_{side}_{place.code}",
            width=220,
        )
        for side, start in zip(("one", "other"), first_two, strict=True)
    ]
    one, other = (Side(places[code].name, places[code], span) for code in chosen)
    return _told_apart(one, other)


def _days(place: Place, span: Span) -> tuple[Side, Side]:
    """The chosen days, and as many before them until others are chosen."""
    before = Span(span.first - timedelta(days=span.days), span.first - timedelta(days=1))
    chosen = st.date_input(
        t("compare.against"),
        value=(before.first, before.last),
        max_value=today(),
        format="YYYY-MM-DD",
        key=f"compare_days_{span.first}_{span.last}",
        width=250,
    )
    other = Span(*chosen) if isinstance(chosen, tuple) and len(chosen) == 2 else before
    return _told_apart(Side(said(span), place, span), Side(said(other), place, other))


def _told_apart(one: Side, other: Side) -> tuple[Side, Side]:
    """Both sides may be chosen alike; their series still need two names."""
    return one, replace(other, name=f"{other.name} (2)") if other.name == one.name else other


def _totals(actor: Actor, sides: tuple[Side, Side]) -> None:
    one, other = (
        read(
            service.totals,
            actor,
            area_id=side.place.area_id,
            first=side.span.first,
            last=side.span.last,
        ).iloc[0]
        for side in sides
    )
    measures = (
        (t("activity.hours"), "minutes", 60),
        (t("profile.served"), "people_served", 1),
        (t("activity.services"), "services", 1),
        (t("activity.goods"), "goods", 1),
        (t("activity.yuan"), "money_fen", 100),
    )
    table = pd.DataFrame(
        [
            (
                name,
                *(formats.count(row[column] / unit) for row in (one, other)),
                _difference(one[column], other[column], unit),
            )
            for name, column, unit in measures
        ],
        columns=[t("compare.measure"), sides[0].name, sides[1].name, t("compare.difference")],
    )
    with st.container(border=True, key="card_compare_totals"):
        card_title(t("compare.totals"), t("compare.confirmed"))
        st.dataframe(table, hide_index=True, key="compare_totals", alt=t("compare.totals"))
        download("compare_totals", t("compare.totals"), table)


def _difference(one: float, other: float, unit: int) -> str:
    if is_few(one) or is_few(other):
        return formats.UNKNOWN
    return f"{(one - other) / unit:+,.0f}"


def _kinds(actor: Actor, sides: tuple[Side, Side]) -> None:
    hours = {
        side.name: read(
            service.by_kind,
            actor,
            area_id=side.place.area_id,
            first=side.span.first,
            last=side.span.last,
        ).set_index("kind")["minutes"]
        / 60
        for side in sides
    }
    both = pd.DataFrame(hours).fillna(0.0)
    title = t("compare.by_kind")
    if both.empty:
        chart_card.nothing("compare_kinds", title, t("activity.none_in_days"))
        return
    both = both.loc[both.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    marks = [(str(kind), side) for kind in both.index for side in sides]
    rows = pd.DataFrame(
        {
            "name": [called(ServiceKind(kind)) for kind, _ in marks],
            "side": [side.name for _, side in marks],
            "value": [round(both.loc[kind, side.name], 1) for kind, side in marks],
        }
    )
    label = t("activity.hours")
    sums = both.sum()
    chart = Chart(
        key="compare_kinds",
        title=title,
        note=t("compare.same_axis"),
        sentence=t(
            "compare.sentence",
            one=sides[0].name,
            other=sides[1].name,
            n=formats.count(sums[sides[0].name]),
            m=formats.count(sums[sides[1].name]),
        ),
        rows=rows,
        table=rows.set_axis([t("field.kind"), t("compare.side"), label], axis=1),
        queries=tuple(records_of(side.place, side.span, kind=kind) for kind, side in marks),
    )
    chart_card.show(
        actor,
        chart,
        charts.grouped_bars,
        sides=tuple(side.name for side in sides),
        label=label,
        height=_ROW * len(both) + 30,
    )
