"""What a visitor reads of few people: "<5" on every screen that counts, in both languages."""

import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.few import FEW
from lib.domain.vocab import Language
from lib.i18n import formats
from lib.i18n.glossary import say
from lib.ui import tables
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door

GRID, STREET = "310109001001001", "310109001"


def texts(app: AppTest) -> str:
    metrics = [f"<b>{one.value}</b>" for one in app.metric]
    return "\n".join([*(one.body for one in app.get("html")), *metrics])


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("file", "cells"),
    [
        ("overview/street.py", ("<b><5</b>",)),
        ("grids/map.py", ("<b>&lt;5</b>",)),
        ("grids/profile.py", ("<b>&lt;5</b>",)),
        ("service/activity.py", ("<b>&lt;5</b>",)),
    ],
)
def test_screen__few_people__a_visitor_reads_less_than_five(
    town: SmallStreet, door: Door, file: str, cells: tuple[str, ...], language: Language
) -> None:
    service_given(town, town.areas.g1, people_served=3)
    service_given(town, town.areas.g1, people_served=1, state="recorded")

    def shown(who: str) -> tuple[str, str]:
        app = door.enter(town.actors[who], language).open(file, area=GRID)
        assert not app.exception
        return texts(app), say("page.in_steps", language, n=5, few="&lt;5")

    heard, note = shown("visitor")
    assert all(cell in heard for cell in cells)
    assert note in heard
    assert "<b>3</b>" not in heard
    assert not re.search(r"\d\.0/\d", heard)
    exact, note = shown("street_committee")
    assert "<b>3</b>" in exact
    assert note not in exact
    assert not any(cell in exact for cell in cells)


@pytest.mark.parametrize("view", ["months", "kinds", "trust", "served", "teams", "compare"])
def test_charts__of_few__in_words(town: SmallStreet, door: Door, view: str) -> None:
    service_given(town, town.areas.g1, people_served=3, goods=1)
    app = door.enter(town.actors["visitor"]).open("service/activity.py", area=STREET, view=view)
    assert not app.exception
    sent = b"\n".join(chart.proto.SerializeToString() for chart in app.get("vega_lite_chart"))
    assert (formats.FEW.encode() in sent) == (view == "served")
    if view == "compare":
        rows = app.dataframe[0].value.set_index(say("compare.measure", Language.ZH))
        served = rows.loc[say("profile.served", Language.ZH)].tolist()
        assert served == ["<5", "0", formats.UNKNOWN]


def test_coverage__few_services__in_words_and_no_gap(town: SmallStreet, door: Door) -> None:
    service_given(town, town.areas.g1)
    app = door.enter(town.actors["visitor"]).open("grids/coverage.py", area=STREET)
    assert not app.exception
    figure = say("coverage.figure_service", Language.ZH)
    assert sorted(app.dataframe[0].value[figure]) == ["0", "0", "0", "<5"]


def test_counted__words_only_where_something_is_not_told() -> None:
    assert tables.counted(pd.Series([FEW, 0, 1005.0])).tolist() == ["<5", "0", "1,005"]
    whole = tables.counted(pd.Series([0.0, 5.0]))
    assert (whole.tolist(), whole.dtype.kind) == ([0, 5], "i")
