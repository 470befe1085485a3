"""Coverage and health as a page: every measure with its sentence, and a grid's card of six."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.coverage import Measure
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door

FILE, STREET, GRID = "grids/coverage.py", "310109001", "310109001001001"
ZH = Language.ZH


def html(app: AppTest) -> str:
    return "\n".join(one.body for one in app.get("html"))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("measure", list(Measure))
def test_measure__lists_every_grid_with_its_status_as_a_word(
    town: SmallStreet, door: Door, measure: Measure, language: Language
) -> None:
    service_given(town, town.areas.g1)
    app = door.enter(town.actors["street_committee"], language).open(
        FILE, area=STREET, measure=measure.value
    )
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == 4
    words = {say(f"coverage.status_{s}", language) for s in ("done", "soon", "overdue", "neutral")}
    words.add(say("coverage.status_progress", language))
    for one in Measure:
        assert set(table[say(f"coverage.measure_{one}", language)]) <= words
    assert say("coverage.name_reach", language) in html(app)


def test_only_gaps__leaves_the_others_out(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    app = browser.open(FILE, area=STREET, measure="centres")
    names = app.dataframe[0].value[say("column.area", ZH)].tolist()
    assert names[0] == "第2网格"
    assert len(names) == 4
    app.toggle(key="only_gaps_centres").set_value(True)
    app = browser.run()
    assert app.dataframe[0].value[say("column.area", ZH)].tolist() == ["第2网格"]


def test_reach__another_distance__other_households(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    for reach in ("500", "300", "7", "²", "x"):
        app = browser.open(FILE, area=STREET, reach=reach)
        assert not app.exception
        assert app.selectbox(key="coverage_reach").value in (300, 500)


@pytest.mark.parametrize("who", ["visitor", "street_committee"])
@pytest.mark.parametrize(
    ("measure", "column", "expected"),
    [
        # Two of the four buildings have no held centre household; the far one has 46 households.
        ("centres", "field.households", 46),
        ("vacancies", "coverage.figure_vacancies", 5),
    ],
)
def test_behind_a_figure__its_buildings_and_offices_add_up_to_it(
    town: SmallStreet, door: Door, who: str, measure: str, column: str, expected: int
) -> None:
    app = door.enter(town.actors[who]).open(FILE, area=STREET, measure=measure)
    assert not app.exception
    grids, behind = (one.value for one in app.dataframe[:2])
    homes = who == "visitor" and measure == "centres"  # told in steps of five
    assert behind[say(column, ZH)].sum() == (expected // 5 * 5 if homes else expected)
    figure = {"centres": "coverage.lacking_centres", "vacancies": column}[measure]
    counted = len(behind) if measure == "centres" else expected
    assert grids[say(figure, ZH)].sum() == counted


def test_behind_a_figure__services_lead_to_the_records_of_the_days(
    town: SmallStreet, door: Door
) -> None:
    service_given(town, town.areas.g1)
    app = door.enter(town.actors["street_committee"]).open(FILE, area=STREET)
    (link,) = (one for one in app.get("page_link") if one.proto.page.endswith("records"))
    assert link.proto.label == say("coverage.its_records", ZH)
    for word in ("state=confirmed%2Crecorded", f"area={STREET}", "first=", "last="):
        assert word in link.proto.query_string
    grids = app.dataframe[0].value
    assert grids[say("coverage.figure_service", ZH)].sum() == 1


def test_reach__volunteers_of_each_grid_are_counted_beside_it(
    town: SmallStreet, door: Door
) -> None:
    app = door.enter(town.actors["street_committee"]).open(FILE, area=STREET, measure="reach")
    grids = app.dataframe[0].value.set_index(say("column.area", ZH))
    assert grids[say("coverage.volunteers", ZH)].to_dict() == {
        "第1网格": 3,
        "第2网格": 2,
        "第3网格": 1,
        "第4网格": 0,
    }


def test_address__gone_back__measure_and_distance_follow(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["street_committee"])
    app = browser.open(FILE, area=STREET, measure="reach", reach="800", period="year")
    links = [one.proto.query_string for one in app.get("page_link")]
    assert sum("reach=800" in query and "period=year" in query for query in links) >= 7
    app.selectbox(key="coverage_reach").select(1200)
    app = browser.run()
    assert app.query_params["reach"] == "1200"
    app.query_params["reach"], app.query_params["measure"] = "300", "head"
    app = browser.run()
    assert app.selectbox(key="coverage_reach").value == 300
    assert say("coverage.figure_head", ZH) in app.dataframe[0].value.columns


def test_health_card__six_measures_on_a_grid_and_none_on_a_wider_area(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["street_committee"])
    page = html(browser.open("grids/profile.py", area=GRID))
    for measure in Measure:
        sentence = say(f"coverage.of_grid_{measure}", ZH, metres=500)
        assert sentence in page
    assert say("coverage.health", ZH) in page
    assert say("coverage.health", ZH) not in html(browser.open("grids/profile.py", area=STREET))
