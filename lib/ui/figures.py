"""Figures with their trend, rows that need attention, and the activity chart.

Each is a link to the records behind it.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from lib.domain.calendar import Period, Span, months_back, same_days_before, today
from lib.domain.few import is_few
from lib.domain.permissions import Actor
from lib.domain.vocab import Level, ServiceKind, StatusToken
from lib.i18n import formats
from lib.queries import areas, check_in, overview, people, pipeline, service, structure
from lib.ui.chart_card import specification
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, local, name_of, t
from lib.visuals import charts

TREND_MONTHS = 12
_ROWS = 5
_TARGETS = {
    **dict.fromkeys(("late", "waiting"), "confirm"),
    **dict.fromkeys(("need_late", "need_soon"), "needs"),
    **dict.fromkeys(("promise", "claim_late"), "claims"),
    **dict.fromkeys(("asked", "members_late"), "check_in"),
    "returned": "records",
    "draft_late": "library",
}
"""The screen behind each row that needs attention; all others are on the map."""

_QUERIES = {
    "returned": {"state": "returned"},
    "need_late": {"due": "overdue"},
    "need_soon": {"due": "soon"},
    "claim_late": {"whose": "here", "show": "overdue"},
    "draft_late": {"state": "draft"},
}


def key_figures(actor: Actor, place: Place, period: Period, span: Span) -> None:
    """Four figures with their trend: confirmed hours, people served, coverage, waiting."""
    before = same_days_before(period, span.last)
    area = place.area_id
    now_ = read(service.totals, actor, area_id=area, first=span.first, last=span.last).iloc[0]
    then = read(service.totals, actor, area_id=area, first=before.first, last=before.last).iloc[0]
    months = months_of(actor, place)
    covered, covered_then, grids = _coverage(actor, place, span, before)
    waiting = read(service.waiting_count, actor, area_id=area)
    late_before = local().clock(today()).confirmed_before
    late = read(service.waiting_count, actor, area_id=area, recorded_before=late_before)
    days = {"area": place.code, "first": span.first.isoformat(), "last": span.last.isoformat()}
    against = t(f"figure.against_{period}")
    left, right = st.columns(2, gap="small")
    with left:
        _figure(
            actor,
            "hours",
            formats.hours(now_["minutes"]),
            _change(now_["minutes"], then["minutes"]),
            against,
            (months["minutes"] / 60).round().tolist(),
            "records",
            days | {"state": "confirmed"},
        )
        _figure(
            actor,
            "coverage",
            formats.share(covered / grids if grids else None),
            _points(covered, covered_then, grids),
            against,
            months["areas"].tolist(),
            "grids",
            {"area": place.code, "measure": "services"},
        )
    with right:
        _figure(
            actor,
            "served",
            formats.count(now_["people_served"]),
            _change(now_["people_served"], then["people_served"]),
            against,
            months["people_served"].tolist(),
            "records",
            days | {"state": "confirmed"},
        )
        _figure(
            actor,
            "waiting",
            formats.count(waiting),
            t("figure.late", n=formats.count(late)) if late else t("figure.none_late"),
            "",
            (),
            "confirm",
            {"area": place.code},
        )


def _figure(
    actor: Actor,
    name: str,
    value: str,
    change: str | None,
    against: str,
    trend: Sequence[float],
    screen: str,
    query: dict[str, str],
) -> None:
    with st.container(key=f"linkedfigure_{name}"):
        st.metric(
            t(f"figure.{name}"),
            value,
            delta=f"{change} {against}" if change else None,
            border=True,
            chart_data=list(trend) if len(trend) > 1 else None,
            chart_type="bar" if name == "hours" else "area",
            delta_color="off" if name == "waiting" else "normal",
            delta_arrow="off" if name == "waiting" else "auto",
        )
        link(actor, screen, t("figure.open", name=t(f"figure.{name}")), **query)


def _change(value: float, before: float) -> str | None:
    if not before or is_few(value) or is_few(before):
        return None
    return f"{(value - before) / before * 100:+.1f}%"


def _points(covered: int, before: int, grids: int) -> str | None:
    if not grids:
        return None
    return t("figure.points", n=f"{(covered - before) / grids * 100:+.1f}")


def _coverage(actor: Actor, place: Place, span: Span, before: Span) -> tuple[int, int, int]:
    counts = []
    for days in (span, before):
        grids = read(
            overview.measures, actor, root_id=place.area_id, first=days.first, last=days.last
        )
        counts.append(int((grids["services"] > 0).sum()))
    return counts[0], counts[1], len(grids)


def months_of(actor: Actor, place: Place) -> pd.DataFrame:
    """The last twelve months with every month present, columns of `service.by_month`."""
    first = months_back(today(), TREND_MONTHS - 1)
    found = read(service.by_month, actor, area_id=place.area_id, first=first, last=today())
    every = pd.DataFrame(
        {"month": [months_back(today(), n) for n in reversed(range(TREND_MONTHS))]}
    )
    return every.merge(found, on="month", how="left").fillna(0)


def activity(actor: Actor, place: Place, *, height: int) -> None:
    """The chart of confirmed hours by month, with the same figures as a table on request."""
    months = months_of(actor, place)
    with st.container(border=True, key="card_activity"):
        card_title(t("activity.title"), t("activity.note"))
        if not months["services"].sum():
            empty(t("activity.empty"))
            return
        months["axis"] = [formats.month(m, language()) for m in months["month"]]
        months["hours"] = (months["minutes"] / 60).round()
        peak = months.loc[months["hours"].idxmax()]
        st.vega_lite_chart(
            specification(
                charts.month_bars,
                months[["month", "axis", "hours"]],
                value="hours",
                label=t("activity.hours"),
                today=today(),
                height=height,
            ),
            width="stretch",
            theme=None,
            key=f"activity_{place.code}",
            alt=t("activity.alt", month=peak["axis"], n=formats.count(peak["hours"])),
        )


def kinds(actor: Actor, place: Place, span: Span) -> None:
    """The chart of confirmed hours by kind of service in the period."""
    rows = read(service.by_kind, actor, area_id=place.area_id, first=span.first, last=span.last)
    with st.container(border=True, key="card_kinds"):
        card_title(t("activity.by_kind"), t("activity.by_kind_note"))
        if rows.empty:
            empty(t("activity.none_yet"))
            return
        rows["name"] = [called(ServiceKind(kind)) for kind in rows["kind"]]
        rows["hours"] = (rows["minutes"] / 60).round(1)
        top = rows.iloc[0]
        st.vega_lite_chart(
            specification(
                charts.ranked_bars,
                rows[["name", "hours"]],
                name="name",
                value="hours",
                label=t("activity.hours"),
                height=26 * len(rows) + 10,
            ),
            width="stretch",
            theme=None,
            key=f"kinds_{place.code}",
            alt=t("activity.kind_alt", name=top["name"], n=formats.count(top["hours"])),
        )


def attention(actor: Actor, place: Place, span: Span) -> None:
    """What needs attention, most pressing first; each row leads to its list."""
    area, clock = place.area_id, local().clock(today())
    waiting = (
        read(overview.unsettled, actor, area_id=area, late_before=clock.confirmed_before),
        read(pipeline.unsettled, actor, area_id=area, due=pipeline.due_on(clock)),
        read(check_in.waiting, actor, area_id=area, day=today()),
    )
    rows = overview.attention(
        pd.concat([frame for frame in waiting if len(frame)] or [waiting[0]]),
        read(structure.vacancies, actor, area_id=area),
        read(overview.measures, actor, root_id=area, first=span.first, last=span.last),
    )
    with st.container(border=True, key="card_attention", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", key="attention_head"):
            card_title(t("attention.title"))
            if len(rows) > _ROWS:
                with st.popover(
                    t("attention.all", n=len(rows)), type="tertiary", key="attention_all"
                ):
                    for _, row in rows.iloc[_ROWS:].iterrows():
                        _attention_row(actor, row, place)
        if rows.empty:
            empty(t("attention.nothing"), good=True)
        for _, row in rows.head(_ROWS).iterrows():
            _attention_row(actor, row, place)


def _attention_row(actor: Actor, row: pd.Series, place: Place) -> None:
    kind, n = str(row["kind"]), formats.count(row["n"])
    example = name_of(row["area_zh"], row["area_en"]) if row["area_zh"] else ""
    detail = ""
    if isinstance(row["since"], date):
        detail = t("attention.since", day=formats.short_day(row["since"], language()))
    elif example:
        detail = t("attention.such_as", area=example)
    with st.container(key=f"linkedrow_{kind}"):
        state = status_html(StatusToken(row["status"]), t(f"attention.state_{kind}"))
        st.html(
            f'<div class="gv-row">{state}<div><b>{escaped(t(f"attention.{kind}", n=n))}</b>'
            f"<em>{escaped(detail)}</em></div>"
            f'<span class="gv-chip">{escaped(t(f"attention.go_{_target(kind)}"))}</span></div>'
        )
        query = {"area": place.code}
        query |= _QUERIES.get(kind, {})
        if _target(kind) == "grids":
            query["measure"] = "services" if kind == "uncovered" else "vacancies"
        link(actor, _target(kind), t(f"attention.{kind}", n=n), **query)


def _target(kind: str) -> str:
    return _TARGETS.get(kind, "grids")


def size_note(actor: Actor, place: Place) -> str:
    """Communities, grids and households of the place, as one line."""
    leaves = read(areas.painted, actor, root_id=place.area_id)
    size = read(structure.size, actor, area_id=place.area_id).iloc[0]
    levels = leaves["level"].value_counts(sort=False)
    parts = [_leaves(Level(level), int(n)) for level, n in levels.items() if not place.leaf]
    if size["households"]:
        parts.append(t("figure.households", n=formats.count(size["households"])))
    volunteers = read(people.volunteers, actor, area_id=place.area_id)
    parts.append(t("figure.volunteers", n=formats.count(volunteers)))
    return " · ".join(parts)


def _leaves(level: Level, n: int) -> str:
    own = local().own_word(level, language())
    return t("figure.leaves_own", n=n, level=own) if own else t(f"figure.leaves_{level}", n=n)
