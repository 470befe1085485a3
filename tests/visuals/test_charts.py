"""Charts as the browser gets them: what is drawn, what can be clicked, nothing summed silently."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from lib.visuals import charts
from lib.visuals.palette import CATEGORIES, Theme, ramp, tokens

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
CLASSES = ("无", "1", "2", "3", "4", "5")


def spec(chart: Any) -> dict[str, Any]:
    made: dict[str, Any] = chart.to_dict()
    return made


def picks(drawn: dict[str, Any]) -> list[Any]:
    return [
        (one["name"], one["select"]["fields"])
        for one in drawn.get("params", [])
        if one["name"] == charts.MARK
    ]


def values(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in drawn["datasets"].values() for row in rows]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_calendar__monday_on_top_and_one_fill_for_each_class(theme: Theme) -> None:
    days = pd.DataFrame(
        [("2026-03-02", 0, "一", "3月2日", 0.0, "无"), ("2026-03-08", 0, "日", "3月8日", 9.5, "5")],
        columns=["id", "week", "weekday", "shown", "value", "class"],
    )
    months = pd.DataFrame([(0, "3月")], columns=["week", "axis"])
    drawn = spec(
        charts.calendar(
            days, months=months, weekdays=WEEKDAYS, classes=CLASSES, label="小时", theme=theme
        )
    )
    squares = drawn["layer"][0]["encoding"]
    assert squares["y"]["scale"]["domain"] == ["", *WEEKDAYS]
    assert squares["color"]["scale"]["domain"] == list(CLASSES)
    assert squares["color"]["scale"]["range"] == [tokens(theme).sunk, *ramp("teal", theme)]
    assert len(CLASSES) == charts.CALENDAR_CLASSES + 1
    assert picks(drawn) == [(charts.MARK, ["id"])]
    assert {"id": "2026-03-08", "value": 9.5}.items() <= values(drawn)[1].items()


def test_stacked_months__each_part_its_own_fill_and_no_sum() -> None:
    rows = pd.DataFrame(
        [("a", "3月", "自报", 2.0), ("b", "3月", "已确认", 7.0)],
        columns=["id", "axis", "part", "value"],
    )
    drawn = spec(
        charts.stacked_months(
            rows, parts=("自报", "已确认"), label="小时", theme="light", height=200
        )
    )
    bars = drawn["encoding"]
    assert bars["color"]["scale"]["domain"] == ["自报", "已确认"]
    assert bars["color"]["scale"]["range"] == list(ramp("teal", "light")[-2:])
    assert [row["rank"] for row in values(drawn)] == [0, 1]
    assert 9.0 not in [row["value"] for row in values(drawn)]
    assert drawn["mark"]["type"] == "bar"  # and no layer of labels that would carry a total


def test_grouped_bars__two_sides_on_one_axis() -> None:
    rows = pd.DataFrame(
        [("甲|x", "巡防", "甲", 3.0), ("乙|x", "巡防", "乙", 40.0)],
        columns=["id", "name", "side", "value"],
    )
    drawn = spec(
        charts.grouped_bars(rows, sides=("甲", "乙"), label="小时", theme="light", height=90)
    )
    for layer in drawn["layer"]:
        assert layer["encoding"]["yOffset"]["sort"] == ["甲", "乙"]
        assert layer["encoding"]["x"]["scale"]["domain"] == [0, pytest.approx(46)]
    bars = drawn["layer"][0]["encoding"]
    assert bars["color"]["scale"]["range"] == list(CATEGORIES[:2])
    assert picks(drawn) == [(charts.MARK, ["id"])]


@pytest.mark.parametrize("ids", [True, False])
def test_bars__clicked_only_where_rows_carry_ids(ids: bool) -> None:
    months = pd.DataFrame(
        [(date(2026, 3, 1), "3月", 4.0)], columns=["month", "axis", "hours"]
    ).assign(**({"id": ["2026-03"]} if ids else {}))
    drawn = spec(
        charts.month_bars(
            months, value="hours", label="小时", today=date(2026, 3, 9), theme="light", height=120
        )
    )
    rows = pd.DataFrame([("巡防", 0)], columns=["name", "hours"])
    if ids:
        rows["id"] = "patrol"
    ranked = spec(
        charts.ranked_bars(rows, name="name", value="hours", label="小时", theme="light", height=40)
    )
    expected = [(charts.MARK, ["id"])] if ids else []
    assert picks(drawn) == picks(ranked) == expected
