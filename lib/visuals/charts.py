"""Charts of volunteer activity (Altair): data in, picture out.

Words come in as arguments; nothing here knows a language, a query or Streamlit.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from lib.visuals.palette import CATEGORIES, FONT_STACK, Theme, ramp, tokens

MARK = "mark"
"""The selection of a clicked mark: it names the ``id`` of its row. Rows without that column give
marks that cannot be clicked."""

CALENDAR_CLASSES = 5
"""Fills of a day above none."""

_LABEL_SIZE = 12.5


def month_bars(
    months: pd.DataFrame,
    *,
    value: str,
    label: str,
    today: date,
    theme: Theme,
    height: int,
) -> alt.LayerChart:
    """Bars by month, the running month lighter; highest, lowest and latest are labelled.

    Args:
        months: columns ``month`` (first day), ``axis`` (its word) and `value`; perhaps ``id``.
        value: the column drawn.
        label: what the value is called in the tooltip.
        today: tells which month still runs.
        theme: colours.
        height: in px.
    """
    colours = tokens(theme)
    data = months.assign(
        running=[m.year == today.year and m.month == today.month for m in months["month"]]
    )
    data["shown"] = _extremes(data[value])
    order = list(data["axis"])
    x = alt.X("axis:N", sort=order, axis=_axis(theme))
    top = float(data[value].max() or 1)
    y_scale = alt.Scale(domain=[0, top * 1.18])
    tooltip = [
        alt.Tooltip("axis:N", title=""),
        alt.Tooltip(f"{value}:Q", title=label, format=",.0f"),
    ]
    bars = (
        alt.Chart(data)
        .mark_bar(cornerRadiusTopLeft=3, cornerRadiusTopRight=3, color=colours.done)
        .encode(
            x=x,
            y=alt.Y(f"{value}:Q", axis=None, scale=y_scale),
            opacity=alt.condition("datum.running", alt.value(0.4), alt.value(1)),
            tooltip=tooltip,
        )
    )
    words = (
        alt.Chart(data[data["shown"]])
        .mark_text(dy=-8, fontSize=_LABEL_SIZE, fontWeight=600, color=colours.ink)
        .encode(
            x=x, y=alt.Y(f"{value}:Q", scale=y_scale), text=alt.Text(f"{value}:Q", format=",.0f")
        )
    )
    drawn: alt.LayerChart = _finish(_clickable(bars, data) + words, height)
    return drawn


def ranked_bars(
    rows: pd.DataFrame, *, name: str, value: str, label: str, theme: Theme, height: int
) -> alt.LayerChart:
    """Horizontal bars, longest first, each with its figure at its end.

    Args:
        rows: columns `name` (text) and `value`, already sorted; perhaps ``id``, and ``said``, the
            figures as words where they are not to be read off.
        name: column of the bars' names.
        value: column drawn.
        label: what the value is called in the tooltip.
        theme: colours.
        height: in px.
    """
    colours = tokens(theme)
    figure, form = _figure(rows, value, ",.0f")
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{name}:N", sort=None, axis=_axis(theme, limit=150)),
        x=alt.X(
            f"{value}:Q",
            axis=None,
            scale=alt.Scale(domain=[0, float(rows[value].max() or 1) * 1.15]),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=""),
            alt.Tooltip(figure, title=label, format=form),
        ],
    )
    bars = _clickable(base.mark_bar(cornerRadiusEnd=3, color=colours.progress), rows)
    words = base.mark_text(align="left", dx=6, fontSize=_LABEL_SIZE, color=colours.ink2).encode(
        text=alt.Text(figure, format=form)
    )
    drawn: alt.LayerChart = _finish(bars + words, height)
    return drawn


def stacked_months(
    rows: pd.DataFrame, *, parts: Sequence[str], label: str, theme: Theme, height: int
) -> alt.Chart:
    """Bars by month, one fill for each part, never one figure for their sum.

    Args:
        rows: columns ``axis`` (the month's word), ``part``, ``value``, perhaps ``id``, by month.
        parts: names of up to five parts, lowest in the bar and lightest first.
        label: what the value is called in the tooltip.
        theme: colours.
        height: in px.
    """
    data = rows.assign(rank=[list(parts).index(part) for part in rows["part"]])
    order = list(dict.fromkeys(data["axis"]))
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("axis:N", sort=order, axis=_axis(theme)),
            y=alt.Y("value:Q", axis=_scale_axis(theme)),
            color=_series("part", parts, ramp("teal", theme)[-len(parts) :], theme),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("axis:N", title=""),
                alt.Tooltip("part:N", title=""),
                alt.Tooltip("value:Q", title=label, format=",.1f"),
            ],
        )
    )
    drawn: alt.Chart = _finish(_clickable(bars, data), height)
    return drawn


def month_lines(
    rows: pd.DataFrame, *, parts: Sequence[str], label: str, theme: Theme, height: int
) -> alt.LayerChart:
    """Lines by month, one for each part, with a dot for every figure.

    Args:
        rows: columns ``axis`` (the month's word), ``part``, ``value``, by month; perhaps ``id``,
            and ``said`` as in `ranked_bars`.
        parts: names of up to five parts.
        label: what the value is called in the tooltip.
        theme: colours.
        height: in px.
    """
    figure, form = _figure(rows, "value", ",.0f")
    order = list(dict.fromkeys(rows["axis"]))
    base = alt.Chart(rows).encode(
        x=alt.X("axis:N", sort=order, axis=_axis(theme)),
        y=alt.Y("value:Q", axis=_scale_axis(theme)),
        color=_series("part", parts, CATEGORIES[: len(parts)], theme),
        tooltip=[
            alt.Tooltip("axis:N", title=""),
            alt.Tooltip("part:N", title=""),
            alt.Tooltip(figure, title=label, format=form),
        ],
    )
    dots = _clickable(base.mark_point(filled=True, size=70, opacity=1), rows)
    drawn: alt.LayerChart = _finish(base.mark_line(strokeWidth=2) + dots, height)
    return drawn


def grouped_bars(
    rows: pd.DataFrame, *, sides: Sequence[str], label: str, theme: Theme, height: int
) -> alt.LayerChart:
    """Horizontal bars in pairs on one axis, to compare two sides.

    Args:
        rows: columns ``name``, ``side``, ``value``, already sorted; perhaps ``id``, and ``said`` as
            in `ranked_bars`.
        sides: names of the sides, the upper bar first.
        label: what the value is called in the tooltip.
        theme: colours.
        height: in px.
    """
    figure, form = _figure(rows, "value", ",.1f")
    order = list(dict.fromkeys(rows["name"]))
    base = alt.Chart(rows).encode(
        y=alt.Y("name:N", sort=order, axis=_axis(theme, limit=150)),
        yOffset=alt.YOffset("side:N", sort=list(sides)),
        x=alt.X(
            "value:Q",
            axis=None,
            scale=alt.Scale(domain=[0, float(rows["value"].max() or 1) * 1.15]),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=""),
            alt.Tooltip("side:N", title=""),
            alt.Tooltip(figure, title=label, format=form),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=_series("side", sides, CATEGORIES[: len(sides)], theme)
    )
    figure, form = _figure(rows, "value", ",.0f")
    words = base.mark_text(
        align="left", dx=5, fontSize=_LABEL_SIZE, color=tokens(theme).ink2
    ).encode(text=alt.Text(figure, format=form))
    drawn: alt.LayerChart = _finish(_clickable(bars, rows) + words, height)
    return drawn


def calendar(
    days: pd.DataFrame,
    *,
    months: pd.DataFrame,
    weekdays: Sequence[str],
    classes: Sequence[str],
    label: str,
    theme: Theme,
) -> alt.LayerChart:
    """Days as squares, a column for each week, the first weekday on top.

    Args:
        days: columns ``week`` (a number), ``weekday``, ``shown`` (the day's word), ``value`` and
            ``class`` (one of `classes`), perhaps ``id``.
        months: columns ``week`` and ``axis``: where each month's word stands.
        weekdays: words of the weekdays in order.
        classes: words of the classes: none, then `CALENDAR_CLASSES` from least to most.
        label: what the value is called in the tooltip.
        theme: colours.
    """
    colours = tokens(theme)
    weeks = list(range(int(days["week"].max()) + 1))
    x = alt.X("week:O", axis=None, scale=alt.Scale(domain=weeks))
    y = alt.Y(
        "weekday:N",
        scale=alt.Scale(domain=["", *weekdays]),
        axis=alt.Axis(
            title=None,
            values=list(weekdays[::2]),
            labelColor=colours.ink3,
            labelFontSize=11,
            ticks=False,
            domain=False,
        ),
    )
    squares = (
        alt.Chart(days)
        .mark_rect(stroke=colours.surface, strokeWidth=1.5, cornerRadius=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=list(classes), range=[colours.sunk, *ramp("teal", theme)]),
                legend=_legend(theme),
            ),
            tooltip=[
                alt.Tooltip("shown:N", title=""),
                alt.Tooltip("value:Q", title=label, format=",.1f"),
            ],
        )
    )
    words = (
        alt.Chart(months.assign(weekday=""))
        .mark_text(align="left", fontSize=11, color=colours.ink3)
        .encode(x=x, y=y, text="axis:N")
    )
    drawn: alt.LayerChart = _finish(_clickable(squares, days) + words, 8 * 20)
    return drawn


def _figure(rows: pd.DataFrame, value: str, form: str) -> tuple[str, Any]:
    """Where a figure is read and its format: as words where it is not to be read off."""
    return ("said:N", alt.Undefined) if "said" in rows else (f"{value}:Q", form)


def _clickable(chart: alt.Chart, rows: pd.DataFrame) -> alt.Chart:
    if "id" not in rows:
        return chart
    picked: alt.Chart = chart.add_params(
        alt.selection_point(name=MARK, fields=["id"], on="click", toggle=False)
    )
    return picked


def _series(name: str, words: Sequence[str], fills: Sequence[str], theme: Theme) -> alt.Color:
    return alt.Color(
        f"{name}:N",
        scale=alt.Scale(domain=list(words), range=list(fills)),
        legend=_legend(theme),
    )


def _legend(theme: Theme) -> alt.Legend:
    return alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        columns=3,
        labelColor=tokens(theme).ink2,
        labelFontSize=_LABEL_SIZE,
        labelLimit=220,
        symbolType="square",
        symbolStrokeWidth=0,
    )


def _scale_axis(theme: Theme) -> alt.Axis:
    return alt.Axis(
        title=None,
        labelColor=tokens(theme).ink3,
        labelFontSize=11,
        format=",.0f",
        tickCount=4,
        ticks=False,
        domain=False,
        gridColor=tokens(theme).line,
    )


def _extremes(values: pd.Series) -> pd.Series:
    shown = pd.Series(False, index=values.index)
    if len(values):
        shown[values.idxmax()] = True
        shown[values.idxmin()] = True
        shown.iloc[-1] = True
    return shown


def _axis(theme: Theme, limit: int = 80) -> alt.Axis:
    return alt.Axis(
        title=None,
        labelAngle=0,
        labelColor=tokens(theme).ink3,
        labelFontSize=_LABEL_SIZE,
        labelLimit=limit,
        labelOverlap=True,
        ticks=False,
        domain=False,
        grid=False,
    )


def _finish(chart: alt.Chart | alt.LayerChart, height: int) -> Any:  # noqa: ANN401 - as it came
    return chart.properties(height=height, background="transparent", padding=0).configure(
        font=FONT_STACK, view=alt.ViewConfig(stroke="transparent")
    )
