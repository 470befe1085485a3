"""The screens that keep the tree, the structure and the buildings, used as a secretary would."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib.domain.calendar import today
from lib.domain.vocab import Language, Office
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import Appointment, Area, Branch, Building, Estate, Person, Post
from lib.services.tree import AreaEntry, edit_area
from tests.factories import OPENED, SmallStreet
from tests.pages.conftest import Browser, Door
from tests.pages.test_access import faults, html
from tests.services.test_structure import one, terms_of
from tests.services.test_tree import closure, loaded, upwards

G1, G2 = "310109001001001", "310109001001002"
KINDS = (
    "text_input",
    "number_input",
    "date_input",
    "selectbox",
    "multiselect",
    "checkbox",
    "button_group",
    "button",
)
OPENERS: dict[str, tuple[str, ...]] = {
    "areas": ("administrator", "street_committee"),
    "structure": (
        "administrator",
        "street_committee",
        "community_secretary",
        "grid_secretary",
    ),
}


class Box:
    """A dialog; every run presses what opened it, as a dialog stays open."""

    def __init__(self, browser: Browser, opener: str, **query: str) -> None:
        self.browser, self.opener, self.query = browser, opener, query
        self.run()

    @property
    def app(self) -> AppTest:
        return self.browser.app

    def run(self) -> AppTest:
        for name, value in self.query.items():
            self.app.query_params[name] = value
        if self.opener:
            self.app.button(key=self.opener).click()
        return self.browser.run()

    def widget(self, ending: str) -> object:
        found = [
            element
            for kind in KINDS
            for element in self.app.get(kind)
            if str(element.key).endswith(ending)
        ]
        assert len(found) == 1, [element.key for element in found]
        return found[0]

    def type(self, **values: object) -> AppTest:
        for ending, value in values.items():
            self.widget(f"_{ending}").set_value(value)
            self.run()
        return self.app

    def press(self, ending: str) -> AppTest:
        self.widget(ending).click()
        return self.run()


def toasts(app: AppTest) -> list[str]:
    return [element.value for element in app.toast]


def said(key: str, **values: object) -> str:
    return say(key, Language.ZH, **values)


def opened(door: Door, town: SmallStreet, who: str, file: str, **query: str) -> Browser:
    browser = door.enter(town.actors[who])
    assert faults(browser.open(f"grids/{file}.py", **query)) == []
    return browser


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("file", "who"), [(f, w) for f, ws in OPENERS.items() for w in ws])
def test_screens__every_place_as_every_role(
    town: SmallStreet, door: Door, file: str, who: str, language: Language
) -> None:
    browser = door.enter(town.actors[who], language)
    for code in (G1, "310109001", "310109001001", "310109002", "all", "<b>"):
        app = browser.open(f"grids/{file}.py", area=code, node="²", building="9" * 30)
        assert faults(app) == [], code


def test_areas__a_grid_added_edited_closed_reopened_moved(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "street_committee", "areas", area="310109001001")
    box = Box(browser, "tree_add")
    box.type(name_zh="", code="<b>")
    app = box.press("save")
    assert "请填写" in app.error[0].value
    box.type(name_zh="<b>𠮷网格</b>", code="")
    assert toasts(box.press("save")) == [said("tree.added")]
    number = one(Area, name_zh="<b>𠮷网格</b>").id
    assert (loaded(number).code, closure()) == ("L000001", upwards())

    browser = opened(door, town, "street_committee", "areas", node=str(number))
    assert "<b>𠮷" not in html(browser.app)
    box = Box(browser, "tree_edit", node=str(number))
    box.type(name_en="New grid", level_label_zh="微网格")
    assert toasts(box.press("save")) == [said("tree.saved")]
    assert (loaded(number).name_en, loaded(number).level_label_zh) == ("New grid", "微网格")

    box = Box(browser, "tree_move", node=str(number))
    box.widget("_parent").select(town.areas.c2)
    box.run()
    assert toasts(box.press("save")) == [said("tree.moved")]
    assert (loaded(number).parent_id, closure()) == (town.areas.c2, upwards())

    box = Box(browser, "tree_close", node=str(number))
    box.type(valid_until=OPENED - timedelta(days=9))
    assert "不能早于" in box.press("save").error[0].value
    box.type(valid_until=today())
    assert toasts(box.press("save")) == [said("tree.closed_done")]
    assert loaded(number).valid_until == today()
    browser.app.query_params["node"] = str(number)
    browser.run().button(key="tree_reopen").click()
    assert toasts(browser.run()) == [said("tree.reopened")]
    shown = html(browser.run())
    assert "移动区域" in shown
    assert "石桥社区 → 青石社区" in shown


def test_areas__days__only_beside_closed_and_planned_ones(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "street_committee", "areas")
    days = {said("field.valid_from"), said("field.valid_until")}
    assert days.isdisjoint(browser.app.dataframe[0].value.columns)
    browser.app.toggle(key="tree_closed").set_value(True)
    assert days <= set(browser.run().dataframe[0].value.columns)


def test_areas__with_children_open__the_reason(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "street_committee", "areas", area="310109001001")
    box = Box(browser, "tree_close")
    assert "下级区域 2 个" in box.app.info[0].value
    assert "下面还有 2 个启用的区域" in box.press("save").error[0].value


def test_areas__two_at_one_form__told_what_changed(town: SmallStreet, door: Door) -> None:
    number = town.areas.g1
    box = Box(opened(door, town, "street_committee", "areas", area=G1), "tree_edit")
    box.type(name_en="Mine")
    entry = AreaEntry("第1网格", OPENED, code=G1, level_label_zh="片区")
    edit_area(town.actors["administrator"], area_id=number, version=1, entry=entry)
    app = box.press("save")
    assert "别人刚刚修改了同一内容" in app.error[0].value
    assert "本地层级名称：— → 片区" in app.warning[0].value.replace("\\", "")
    box.press("mine")
    assert box.widget("_name_en").value == "Mine"
    box.press("save")
    assert (loaded(number).name_en, loaded(number).version) == ("Mine", 3)


def test_areas__the_committees_own_street__is_not_for_moving(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "street_committee", "areas", area="310109001")
    keys = {element.key for element in browser.app.button}
    assert {"tree_edit", "tree_add"} <= keys
    assert not keys & {"tree_move", "tree_close", "tree_add_root"}


def test_structure__a_grid_set_up_from_nothing(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "community_secretary", "structure", area=G2)
    box = Box(browser, "")
    box.type(name_zh="第2网格党支部")
    assert toasts(box.press("branch_new_save")) == [said("structure.added")]
    for beginning in ("group_add_", "group_add_", "post_add_worker_"):
        keys = [str(element.key) for element in browser.app.button]
        (key,) = (key for key in keys if key.startswith(beginning))
        browser.app.button(key=key).click()
        assert toasts(browser.run()) == [said("structure.added")]
        # The second click of a double click finds no such button any more.
        assert key not in {element.key for element in browser.app.button}
    saves = [element for element in browser.app.button if str(element.key).endswith("_save")]
    saves[0].click()
    assert toasts(browser.run()) == [said("structure.added")]
    assert "4号楼" in html(browser.run())
    with Reads() as session:
        assert session.scalar(select(Branch.name_zh).filter_by(area_id=town.areas.g2)) == (
            "第2网格党支部"
        )


def test_structure__appointed_then_handed_over_then_vacant(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "grid_secretary", "structure", area=G1)
    number = one(Post, area_id=town.areas.g1, person_id=None).id
    opener = f"office_post_{number}_open"
    box = Box(browser, opener)
    assert "请填写" in box.press("_appoint_save").error[0].value
    box.type(appoint_text="<i>新</i>")
    box.widget("_person_<i>新</i>").select(0)
    box.run()
    assert "请填写" in box.press("_appoint_save").error[0].value
    box.type(**{"agreed_<i>新</i>": True})
    box.type(until=date(2020, 1, 1))
    assert "不能早于" in box.press("_appoint_save").error[0].value
    box.type(until=None, since=date(2026, 3, 1))
    assert toasts(box.press("_appoint_save")) == [said("structure.done_appoint")]
    person = one(Person, name="<i>新</i>")
    assert terms_of(Office.POST, number) == [(person.id, date(2026, 3, 1), None, None)]

    box = Box(browser, opener)
    box.type(hand_over_text="林小满")
    box.type(since=date(2026, 4, 1))
    assert toasts(box.press("_hand_over_save")) == [said("structure.done_hand_over")]
    assert terms_of(Office.POST, number)[1][0] == town.people["lin"]
    box = Box(browser, opener)
    box.widget("_what").set_value("end")
    box.run()
    assert toasts(box.press("_end_save")) == [said("structure.ended")]
    assert one(Post, id=number).person_id is None
    assert one(Appointment, office_id=number, office=Office.POST, ended_on=None) is None
    shown = html(Box(browser, opener).app)
    assert "林小满" in shown
    assert "<i>新" not in shown
    assert said("history.personal", field=said("field.person_id")) in shown


def test_structure__names__not_of_another_community(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "neighbour", "structure", area=G1)
    assert "第1网格党支部" not in html(browser.app)
    assert "书记甲" not in html(browser.app)


def test_buildings__added_edited_removed(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "community_secretary", "structure", area=G2)
    box = Box(browser, "building_add")
    box.type(label="𠮷楼", households=-3, count_source="入户统计")
    assert "0 到 10,000" in box.press("building_new_save").error[0].value.replace("\\", "")
    box.type(households=24)
    assert toasts(box.press("building_new_save")) == [said("buildings.added")]
    number = one(Building, label="𠮷楼").id
    box = Box(browser, "", building=str(number))
    box.type(households=30)
    assert toasts(box.press(f"building_{number}_save")) == [said("buildings.saved")]
    assert one(Building, id=number).households == 30
    box = Box(browser, "", building=str(number))
    assert toasts(box.press(f"building_{number}_remove")) == [said("buildings.removed")]
    assert one(Building, id=number) is None


def test_buildings__grid__is_named_where_there_are_several(town: SmallStreet, door: Door) -> None:
    for area, several in (("310109001001", True), (G1, False)):
        app = opened(door, town, "street_committee", "structure", area=area).app
        named = [said("column.area") in one.value.columns for one in app.dataframe]
        assert any(named) == several


def test_estates__added_and_edited(town: SmallStreet, door: Door) -> None:
    browser = opened(door, town, "community_secretary", "structure", area=G2)
    box = Box(browser, "estate_add")
    box.type(new_0_name_zh="新园")
    assert toasts(box.press("estate_new_save")) == [said("buildings.estate_added")]
    number = one(Estate, name_zh="新园").id
    box = Box(browser, f"estate_{number}_open")
    box.type(area_ids=[])
    assert "请填写" in box.press(f"estate_{number}_save").error[0].value
    box.type(area_ids=[town.areas.g1, town.areas.g2])
    assert toasts(box.press(f"estate_{number}_save")) == [said("buildings.estate_saved")]
