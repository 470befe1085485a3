"""Activity and coverage as pages: each view for each language, its table, and no person's name."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.calendar import Period, Span
from lib.domain.permissions import Permission
from lib.domain.vocab import Beneficiary, Language, Level, ServiceState
from lib.i18n.glossary import say
from lib.persistence.engine import Writes
from lib.persistence.models import Service
from lib.queries import activity
from lib.ui.chart_card import records_of
from lib.ui.place import Place
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door

VIEWS = ("months", "kinds", "trust", "served", "teams", "compare")
FILE, STREET, GRID = "service/activity.py", "310109001", "310109001001001"


def shown(app: AppTest) -> str:
    texts = [one.body for one in app.get("html")] + [one.value for one in app.caption]
    return "\n".join(texts)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("area", [STREET, GRID])
@pytest.mark.parametrize("view", VIEWS)
def test_view__draws_and_names_nobody(
    town: SmallStreet, door: Door, view: str, area: str, language: Language
) -> None:
    service_given(town, town.areas.g1, teams=[("patrol", 30)], goods=3, money_fen=12_00)
    service_given(town, town.areas.g3, state=ServiceState.RECORDED)
    browser = door.enter(town.actors["street_committee"], language)
    app = browser.open(FILE, area=area, view=view)
    assert not app.exception
    assert not app.error
    assert app.get("vega_lite_chart") or view == "compare"
    assert "林小满" not in shown(app)
    assert "林小满" not in str([one.value.to_dict() for one in app.dataframe])


def test_totals__of_the_days_in_the_address(town: SmallStreet, door: Door) -> None:
    service_given(town, town.areas.g1, day=date(2026, 3, 5), persons=[("lin", 90)])
    service_given(town, town.areas.g1, day=date(2026, 3, 9), persons=[("lin", 60)])
    browser = door.enter(town.actors["street_committee"])
    app = browser.open(FILE, area=STREET, first="2026-03-01", last="2026-03-05")
    assert "<b>1.5</b>" in shown(app)
    app = browser.open(FILE, area=STREET, first="2026-03-05", last="2026-03-09")
    assert not app.exception


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-09", "2026-03-01"), ("0001-01-01", "9999-12-31"), ("x", "y")]
)
def test_days_nobody_can_look_at__the_period_instead(
    town: SmallStreet, door: Door, first: str, last: str
) -> None:
    browser = door.enter(town.actors["street_committee"])
    app = browser.open(FILE, area=STREET, first=first, last=last)
    assert not app.exception
    assert len(app.date_input[0].value) == 2


def test_address__gone_back__period_days_and_view_follow(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    days = {"first": "2026-03-01", "last": "2026-03-05"}
    app = browser.open(FILE, area=STREET, period="year", view="kinds", **days)
    assert [str(day) for day in app.date_input[0].value] == list(days.values())
    app.button_group(key="period").set_value(Period.MONTH)
    app = browser.run()
    assert app.query_params["period"] == "month"
    assert "first" not in app.query_params
    assert app.date_input[0].value[0].day == 1
    # What the browser's Back does: the address of before, and a run.
    for name, value in {"period": "year", "view": "trust", **days}.items():
        app.query_params[name] = value
    app = browser.run()
    assert [app.button_group(key=key).value for key in ("period", "activity_view")] == [
        "year",
        "trust",
    ]
    assert [str(day) for day in app.date_input[0].value] == list(days.values())


@pytest.mark.parametrize(
    ("more", "n"),
    [
        ({}, 2),
        ({"kind": "patrol"}, 2),
        ({"kind": "visit"}, 0),
        ({"beneficiary": "disabled"}, 1),
        ({"trust": "self_reported", "state": "confirmed,recorded"}, 1),
        ({"trust": "confirmed", "state": "confirmed,recorded"}, 2),
        ({"kind": "<b>", "beneficiary": "x", "trust": "y"}, 2),
    ],
)
def test_records__narrowed_by_the_address(
    town: SmallStreet, door: Door, more: dict[str, str], n: int
) -> None:
    day = date(2026, 3, 5)
    wanted = service_given(town, town.areas.g1, day=day)
    service_given(town, town.areas.g3, day=day)
    service_given(town, town.areas.g1, day=day, state=ServiceState.RECORDED)
    with Writes.begin() as session:
        session.get_one(Service, wanted).beneficiary = Beneficiary.DISABLED
    place = Place(town.areas.s, STREET, "临江街道", Level.STREET, leaf=False, parent_id=None)
    browser = door.enter(town.actors["street_committee"])
    app = browser.open("service/records.py", **records_of(place, Span(day, day), **more))
    assert not app.exception
    assert (len(app.dataframe[0].value) if app.dataframe else 0) == n


def test_area_itself__leads_to_its_own_records_and_back_to_all(
    town: SmallStreet, door: Door
) -> None:
    day = date(2026, 3, 5)
    for area in (town.areas.s, town.areas.s, town.areas.g1):
        service_given(town, area, day=day)
    browser = door.enter(town.actors["street_committee"])
    rows = activity.by_area_below(
        town.actors["street_committee"], area_id=town.areas.s, first=day, last=day
    )
    assert (rows.iloc[-1]["code"], rows.iloc[-1]["minutes"]) == ("", 120)
    place = Place(town.areas.s, STREET, "临江街道", Level.STREET, leaf=False, parent_id=None)
    query = records_of(place, Span(day, day), below="none")
    app = browser.open("service/records.py", **query)
    assert len(app.dataframe[0].value) == 2
    assert say("activity.at_itself", Language.ZH, name="临江街道") in shown(app)
    app.button(key="records_all").click()
    assert len(browser.run().dataframe[0].value) == 3


@pytest.mark.parametrize("who", ["visitor", "street_committee"])
def test_marks__lead_to_records_only_for_those_who_may_read_them(
    town: SmallStreet, door: Door, who: str
) -> None:
    service_given(town, town.areas.g1)
    actor = town.actors[who]
    app = door.enter(actor).open(FILE, area=STREET, view="kinds")
    may = actor.may(Permission.SERVICE_VIEW)
    charts = app.get("vega_lite_chart")
    assert len(charts) == 2
    assert all(bool(chart.proto.selection_mode) == may for chart in charts)
