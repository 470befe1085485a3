"""The charts of volunteer activity: months and days, kinds and areas, trust, for whom, teams.

Teams are sorted by confirmed hours; persons appear nowhere here.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span, months_back, today
from lib.domain.few import is_few
from lib.domain.permissions import Actor
from lib.domain.rules import OLDEST_SERVICE_YEARS
from lib.domain.vocab import Beneficiary, Level, ServiceKind, ServiceState, Trust
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import activity, people, service
from lib.ui import chart_card, comparison
from lib.ui.address import moved
from lib.ui.chart_card import Chart, Query, records_of, said
from lib.ui.live import read
from lib.ui.page import escaped, period_control
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t
from lib.ui.tables import counted
from lib.visuals import charts

TREND_MONTHS = 12
_ROW = 26
_BARS = 30

_DAY_HOURS: Mapping[Level, tuple[int, ...]] = {
    Level.GRID: (1, 2, 4, 8, 16),
    Level.COMMUNITY: (1, 5, 10, 20, 40),
    Level.STREET: (1, 25, 50, 100, 200),
    Level.DISTRICT: (1, 250, 500, 1000, 2000),
    Level.PREFECTURE: (1, 1000, 2000, 5000, 10000),
}
"""Lower limits of a day's five fills, in hours: fixed, so that a colour means the same each month,
and chosen by level (ours), because a street's quiet day is a grid's busiest."""


def days_control() -> Span:
    """The period and, beside it, the exact days, kept in the URL; a new period sets them anew."""
    period, span = period_control()
    asked = _asked()
    start = asked or span
    # Other days in the address are another widget: a range takes its value when it is made.
    key = f"activity_days_{period}_{asked}"

    def remember() -> None:
        chosen = st.session_state[key]
        if len(chosen) == 2:
            st.query_params["first"], st.query_params["last"] = map(str, chosen)

    chosen = st.date_input(
        t("records.days"),
        value=(start.first, start.last),
        min_value=_oldest(),
        max_value=today(),
        format="YYYY-MM-DD",
        key=key,
        on_change=remember,
        width=250,
        label_visibility="collapsed",
    )
    return Span(*chosen) if isinstance(chosen, tuple) and len(chosen) == 2 else start


def _oldest() -> date:
    return date(today().year - OLDEST_SERVICE_YEARS, 1, 1)


def _asked() -> Span | None:
    """The days that the URL names, if they are days that can be looked at."""
    try:
        first, last = (date.fromisoformat(st.query_params.get(n, "")) for n in ("first", "last"))
    except ValueError:
        return None
    return Span(first, last) if _oldest() <= first <= last <= today() else None


def totals(actor: Actor, place: Place, span: Span) -> None:
    """Confirmed hours, people served, services, goods and money of the days."""
    done = read(
        service.totals, actor, area_id=place.area_id, first=span.first, last=span.last
    ).iloc[0]
    cells = (
        (formats.hours(done["minutes"]), t("activity.confirmed_hours")),
        (formats.count(done["people_served"]), t("profile.served")),
        (formats.count(done["services"]), t("profile.services")),
        (formats.count(done["goods"]), t("activity.goods")),
        (formats.money(int(done["money_fen"]), language()), t("activity.money")),
        *_content(actor, place, span),
    )
    with st.container(key="linked_activity"):
        with st.container(border=True, key="card_activity_totals"):
            st.html(
                '<div class="gv-four gv-five">'
                + "".join(
                    f"<div><b>{escaped(value)}</b><small>{escaped(unit)}</small></div>"
                    for value, unit in cells
                )
                + "</div>"
            )
        link(actor, "records", t("activity.all_records"), **records_of(place, span))


def _content(actor: Actor, place: Place, span: Span) -> list[tuple[str, str]]:
    """How content the people served are, where enough of them said so."""
    said = read(
        service.satisfaction, actor, area_id=place.area_id, first=span.first, last=span.last
    ).iloc[0]
    if pd.isna(said["mean"]):
        return []
    answers, median = formats.count(said["answers"]), f"{said['median']:g}"
    words = t("activity.satisfaction", n=answers, median=median)
    return [(f"{said['mean']:.1f}", words)]


def views(actor: Actor, place: Place, span: Span) -> None:
    """One view at a time, kept in the URL as ``?view=``."""
    draw = {
        "months": _months,
        "kinds": _kinds_and_areas,
        "trust": _trust,
        "served": _served,
        "teams": _teams,
        "compare": comparison.compare,
    }

    def remember() -> None:
        st.query_params["view"] = st.session_state["activity_view"]

    if moved("activity_view", "view"):
        wanted = st.query_params.get("view", "")
        st.session_state["activity_view"] = wanted if wanted in draw else "months"
    chosen = st.segmented_control(
        t("activity.view"),
        list(draw),
        format_func=lambda view: t(f"activity.view_{view}"),
        key="activity_view",
        on_change=remember,
        required=True,
        label_visibility="collapsed",
    )
    draw[str(chosen)](actor, place, span)


def _year(span: Span) -> Span:
    """The twelve months that end with the days, or all of them when they are more."""
    return Span(min(span.first.replace(day=1), months_back(span.last, TREND_MONTHS - 1)), span.last)


def _month(month: date, span: Span) -> Span:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return Span(max(month, span.first), min(last, span.last))


def _axis(months: pd.Series) -> list[str]:
    """Words of months, with their year where more than a year of them would repeat."""
    if len(set(months)) <= TREND_MONTHS:
        return [formats.month(month, language()) for month in months]
    return [f"{month:%y}-{month:%m}" for month in months]


def _months(actor: Actor, place: Place, span: Span) -> None:
    year = _year(span)
    days = read(activity.by_day, actor, area_id=place.area_id, first=year.first, last=year.last)
    if days.empty:
        chart_card.nothing("months", t("activity.by_month"), t("activity.none_in_days"))
        return
    months = activity.months(days, first=year.first, last=year.last)
    _by_month(actor, place, year, months, "hours", months["minutes"] / 60, height=220)
    _calendar(actor, place, days, span.last)


def _by_month(
    actor: Actor,
    place: Place,
    year: Span,
    months: pd.DataFrame,
    name: str,
    values: pd.Series,
    *,
    height: int,
) -> None:
    """One card with bars by month; `name` is the key of its words."""
    axis = _axis(months["month"])
    top = int(values.to_numpy().argmax())
    label = t(f"activity.{name}")
    chart = Chart(
        key=f"month_{name}_{place.code}",
        title=t(f"activity.by_month_{name}"),
        note=t("activity.confirmed_in", days=said(year)),
        sentence=t(
            "activity.sentence_months",
            what=label,
            name=axis[top],
            n=formats.count(values.iloc[top]),
            total=formats.count(values.sum()),
        ),
        rows=pd.DataFrame({"month": months["month"], "axis": axis, "value": values.round(1)}),
        table=pd.DataFrame({t("chart.month"): axis, label: values.round(2)}),
        queries=tuple(records_of(place, _month(month, year)) for month in months["month"]),
    )
    chart_card.show(
        actor, chart, charts.month_bars, value="value", label=label, today=today(), height=height
    )


def _calendar(actor: Actor, place: Place, days: pd.DataFrame, last: date) -> None:
    """A square for every day of the last twelve months, weeks beginning on Monday."""
    first = months_back(last, TREND_MONTHS - 1)
    limits = _DAY_HOURS[place.level or Level.STREET]
    words = [t("activity.no_hours"), *_ranges(limits)]
    weekdays = t("chart.weekdays").split()
    hours = dict(zip(days["day"], days["minutes"] / 60, strict=True))
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    monday = first - timedelta(days=first.weekday())
    values = [round(hours.get(day, 0.0), 1) for day in every]
    rows = pd.DataFrame(
        {
            "week": [(day - monday).days // 7 for day in every],
            "weekday": [weekdays[day.weekday()] for day in every],
            "shown": [formats.day(day, language()) for day in every],
            "value": values,
            "class": [words[_class(value, limits)] for value in values],
        }
    )
    begins = [(k, day) for k, day in enumerate(every) if day.day == 1]
    months = pd.DataFrame(
        {
            "week": [int(rows["week"].iloc[k]) for k, _ in begins],
            "axis": [formats.month(day, language()) for _, day in begins],
        }
    )
    top = int(rows["value"].argmax())
    label = t("activity.hours")
    chart = Chart(
        key=f"calendar_{place.code}",
        title=t("activity.calendar"),
        note=t("activity.confirmed_in", days=said(Span(first, last))),
        sentence=t(
            "activity.sentence_days",
            n=sum(value > 0 for value in values),
            all=len(every),
            day=rows["shown"].iloc[top],
            hours=formats.count(rows["value"].iloc[top]),
        ),
        rows=rows,
        table=pd.DataFrame({t("field.day"): every, label: values}),
        queries=tuple(records_of(place, Span(day, day)) for day in every),
    )
    chart_card.show(
        actor,
        chart,
        charts.calendar,
        months=months,
        weekdays=tuple(weekdays),
        classes=tuple(words),
        label=label,
    )


def _class(hours: float, limits: tuple[int, ...]) -> int:
    """0 for none, else how many limits are reached; less than the first is still something."""
    return max(sum(hours >= limit for limit in limits), int(hours > 0))


def _ranges(limits: tuple[int, ...]) -> list[str]:
    spans = [f"<{limits[1]}", *(f"{a}-{b}" for a, b in pairwise(limits[1:]))]
    return [t("activity.range_hours", n=n) for n in (*spans, f"≥{limits[-1]}")]


def _kinds_and_areas(actor: Actor, place: Place, span: Span) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        _kinds(actor, place, span)
    with right:
        _areas(actor, place, span)


def _kinds(actor: Actor, place: Place, span: Span) -> None:
    found = read(service.by_kind, actor, area_id=place.area_id, first=span.first, last=span.last)
    names = [called(ServiceKind(kind)) for kind in found["kind"]]
    table = {
        t("field.kind"): names,
        t("activity.hours"): (found["minutes"] / 60).round(2),
        t("activity.services"): counted(found["services"]),
    }
    queries = [records_of(place, span, kind=str(kind)) for kind in found["kind"]]
    _ranked(actor, f"kind_{place.code}", "kind", span, table, queries)


def _areas(actor: Actor, place: Place, span: Span) -> None:
    found = read(
        activity.by_area_below, actor, area_id=place.area_id, first=span.first, last=span.last
    )
    itself = t("activity.at_itself", name=place.name)
    names = [
        name_of(row["name_zh"], row["name_en"]) if row["code"] else itself
        for _, row in found.iterrows()
    ]
    table = {
        t("column.area"): names,
        t("activity.hours"): (found["minutes"] / 60).round(2),
        t("profile.served"): counted(found["people_served"]),
    }
    queries = [
        records_of(place, span, **({"area": str(code)} if code else {"below": "none"}))
        for code in found["code"]
    ]
    _ranked(actor, f"area_{place.code}", "area", span, table, queries)


def _teams(actor: Actor, place: Place, span: Span) -> None:
    found = read(people.teams, actor, area_id=place.area_id, first=span.first, last=span.last)
    table = {
        t("activity.team"): [
            name_of(zh, en) for zh, en in zip(found["name_zh"], found["name_en"], strict=True)
        ],
        t("activity.hours"): (found["minutes"] / 60).round(2),
        t("field.kind"): [called(ServiceKind(kind)) for kind in found["kind"]],
        t("activity.members"): counted(found["members"]),
    }
    queries = [records_of(place, span, team=str(team)) for team in found["team_id"]]
    _ranked(actor, f"team_{place.code}", "team", span, table, queries)


def _ranked(
    actor: Actor,
    key: str,
    name: str,
    span: Span,
    table: Mapping[str, object],
    queries: list[Query],
) -> None:
    """A card of bars, longest first; the first two columns of the table are drawn."""
    shown = pd.DataFrame(table)
    label, value = shown.columns[:2]
    title = t(f"activity.by_{name}")
    if not shown[value].sum():
        chart_card.nothing(key, title, t("activity.none_in_days"))
        return
    rows = _distinct(shown[label]).to_frame("name").assign(value=shown[value]).head(_BARS)
    if rows["value"].map(is_few).any():
        rows["said"] = counted(rows["value"])
    more = t("activity.first_bars", n=_BARS, all=len(shown)) if len(shown) > _BARS else ""
    chart = Chart(
        key=key,
        title=title,
        note=" · ".join(filter(None, (t("activity.confirmed_in", days=said(span)), more))),
        sentence=t(
            f"activity.sentence_{name}",
            name=shown[label].iloc[0],
            n=formats.count(shown[value].iloc[0]),
            all=len(shown),
        ),
        rows=rows,
        table=shown.assign(**{value: counted(shown[value])}),
        queries=tuple(queries),
    )
    chart_card.show(
        actor,
        chart,
        charts.ranked_bars,
        name="name",
        value="value",
        label=value,
        height=_ROW * len(rows) + 10,
    )


def _distinct(names: pd.Series) -> pd.Series:
    """Namesakes told apart: bars of one name would be drawn on top of each other."""
    again = names.groupby(names).cumcount()
    return names.where(again == 0, names + " (" + (again + 1).astype(str) + ")")


def _trust(actor: Actor, place: Place, span: Span) -> None:
    year = _year(span)
    found = read(activity.by_trust, actor, area_id=place.area_id, first=year.first, last=year.last)
    title = t("activity.by_trust")
    if found.empty:
        chart_card.nothing("trust", title, t("activity.none_in_days"))
        return
    levels = {level.value: word(level, language()) for level in Trust}
    sums = found.groupby("trust")["minutes"].sum()
    label = t("activity.hours")
    rows = pd.DataFrame(
        {
            "axis": _axis(found["month"]),
            "part": [levels[str(trust)] for trust in found["trust"]],
            "value": (found["minutes"] / 60).round(1),
        }
    )
    each = (
        t("activity.of_level", level=name, n=formats.hours(sums.get(value, 0)))
        for value, name in levels.items()
    )
    states = f"{ServiceState.CONFIRMED},{ServiceState.RECORDED}"
    chart = Chart(
        key=f"trust_{place.code}",
        title=title,
        note=t("activity.trust_note", days=said(year)),
        sentence=t("activity.sentence_trust", each=t("list.separator").join(each)),
        rows=rows,
        table=rows.set_axis([t("chart.month"), t("field.trust"), label], axis=1),
        queries=tuple(
            records_of(place, _month(month, year), trust=str(trust), state=states)
            for month, trust in zip(found["month"], found["trust"], strict=True)
        ),
    )
    chart_card.show(
        actor, chart, charts.stacked_months, parts=tuple(levels.values()), label=label, height=280
    )


def _served(actor: Actor, place: Place, span: Span) -> None:
    area = place.area_id
    found = read(activity.by_beneficiary, actor, area_id=area, first=span.first, last=span.last)
    names = [called(Beneficiary(kind)) for kind in found["beneficiary"]]
    table = {
        t("field.beneficiary"): names,
        t("profile.served"): found["people_served"],
        t("activity.services"): counted(found["services"]),
        t("activity.goods"): found["goods"],
        t("activity.yuan"): found["money_fen"] / 100,
    }
    queries = [records_of(place, span, beneficiary=str(b)) for b in found["beneficiary"]]
    _ranked(actor, f"beneficiary_{place.code}", "beneficiary", span, table, queries)
    year = _year(span)
    days = read(activity.by_day, actor, area_id=area, first=year.first, last=year.last)
    if days.empty:
        return
    months = activity.months(days, first=year.first, last=year.last)
    left, right = st.columns(2, gap="small")
    with left:
        _by_month(actor, place, year, months, "goods", months["goods"], height=150)
    with right:
        _by_month(actor, place, year, months, "yuan", months["money_fen"] / 100, height=150)
