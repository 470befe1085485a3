"""Charts of volunteer activity (Altair): data in, picture out.

Words come in as arguments; nothing here knows a language, a query or Streamlit.
"""

from datetime import date

import altair as alt
import pandas as pd

from lib.visuals.palette import FONT_STACK, Theme, tokens

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
        months: columns ``month`` (first day), ``axis`` (its word) and `value`.
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
    return _finish(bars + words, height)


def ranked_bars(
    rows: pd.DataFrame, *, name: str, value: str, label: str, theme: Theme, height: int
) -> alt.LayerChart:
    """Horizontal bars, longest first, each with its figure at its end.

    Args:
        rows: columns `name` (text) and `value`, already sorted.
        name: column of the bars' names.
        value: column drawn.
        label: what the value is called in the tooltip.
        theme: colours.
        height: in px.
    """
    colours = tokens(theme)
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{name}:N", sort=None, axis=_axis(theme, limit=150)),
        x=alt.X(
            f"{value}:Q",
            axis=None,
            scale=alt.Scale(domain=[0, float(rows[value].max() or 1) * 1.15]),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=""),
            alt.Tooltip(f"{value}:Q", title=label, format=",.0f"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, color=colours.progress)
    words = base.mark_text(align="left", dx=6, fontSize=_LABEL_SIZE, color=colours.ink2).encode(
        text=alt.Text(f"{value}:Q", format=",.0f")
    )
    return _finish(bars + words, height)


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


def _finish(chart: alt.LayerChart, height: int) -> alt.LayerChart:
    finished: alt.LayerChart = chart.properties(
        height=height, background="transparent", padding=0
    ).configure(font=FONT_STACK, view=alt.ViewConfig(stroke="transparent"))
    return finished
