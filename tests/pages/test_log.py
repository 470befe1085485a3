"""The log's screen: words in both languages, filters, pages and the file to take away."""

import ast
import re

import pytest
from sqlalchemy import text

from lib.domain.permissions import Permission
from lib.domain.vocab import Language, Net, Topic, UnitKind
from lib.i18n.glossary import catalogue, say
from lib.persistence.engine import Reads
from lib.persistence.guards import append_only_lifted
from lib.persistence.transaction import enter_refused, transaction
from lib.services.chain import seal_all
from lib.services.units import UnitEntry, edit_unit
from tests.factories import SmallStreet
from tests.pages.conftest import ROOT, Browser, Door


@pytest.fixture
def kept(town: SmallStreet) -> SmallStreet:
    """A unit edited, its liaison's telephone too, and an attempt that was refused."""
    edit_unit(
        town.actors["street_committee"],
        unit_id=town.units["school"],
        version=1,
        entry=UnitEntry(
            name_zh="石桥小学",
            name_en="Shiqiao School",
            kind=UnitKind.HOSPITAL,
            net=Net.ADMINISTRATIVE,
            area_id=town.areas.g1,
            liaison_phone="555-0199",
        ),
    )
    enter_refused(town.actors["visitor"], Permission.UNIT_EDIT, page="/imports")
    return town


def table(browser: Browser) -> str:
    (frame,) = browser.app.dataframe
    return str(frame.value.to_csv())


@pytest.mark.parametrize("language", list(Language))
def test_log__what_was_done_in_words_and_no_personal_value(
    kept: SmallStreet, door: Door, language: Language
) -> None:
    seal_all()
    browser = door.enter(kept.actors["administrator"], language)
    app = browser.open("desk/log.py")
    assert not app.exception
    shown = table(browser)
    assert say("action.unit.edit", language) in shown
    assert say("UnitKind.hospital", language) in shown
    assert say("log.refused", language, what=say("attempt.unit:edit", language)) in shown
    assert "555-0199" not in shown
    assert "unit.edit" not in shown
    assert [say("log.sound", language, seals=1, n=1, unsealed=0)] == [
        one.value.replace("\\", "") for one in app.caption
    ]


def test_log__refused_only_and_back(kept: SmallStreet, door: Door) -> None:
    browser = door.enter(kept.actors["administrator"])
    browser.open("desk/log.py")
    browser.app.toggle(key="log_refused").set_value(True)
    browser.run()
    assert "修改单位" not in table(browser)
    assert "被拒绝：维护单位" in table(browser)
    browser.app.text_input(key="log_who").set_value("没有这个人")
    assert not browser.run().dataframe


def test_log__more_than_a_page__older_and_newest(kept: SmallStreet, door: Door) -> None:
    with transaction(None) as tx:
        for number in range(120):
            tx.record(
                "area.edit", "area", topic=Topic.AREAS, area_ids=frozenset(), label=f"第{number}"
            )
    browser = door.enter(kept.actors["administrator"])
    browser.open("desk/log.py")
    assert "第119" in table(browser)
    browser.app.button(key="log_older").click()
    browser.run()
    assert "第119" not in table(browser)
    assert "第3" in table(browser)
    browser.app.button(key="log_newest").click()
    browser.run()
    assert "第119" in table(browser)


def test_log__tampered_with__the_screen_says_so(kept: SmallStreet, door: Door) -> None:
    seal_all()
    engine = Reads.kw["bind"]
    with engine.begin() as connection, append_only_lifted(connection, "audit_entry"):
        connection.execute(text("update audit_entry set role = 'visitor' where id = 1"))
    browser = door.enter(kept.actors["administrator"])
    app = browser.open("desk/log.py")
    assert [one.value for one in app.error] == [say("log.broken", Language.ZH, seal=1)]


def test_words__every_permission_can_be_told_of() -> None:
    told = {key.partition(".")[2] for key in catalogue() if key.startswith("attempt.")}
    assert {permission.value for permission in Permission} <= told


def test_words__every_action_that_commands_enter_can_be_told_of() -> None:
    entered = {
        node.value
        for path in (ROOT / "lib" / "services").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("record")
        for node in call.args[:2]
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    actions = {one for one in entered if re.fullmatch(r"\w+[.:]\w+", one)}
    assert len(actions) > 15
    assert {one for one in actions if f"action.{one}" not in catalogue()} == set()
