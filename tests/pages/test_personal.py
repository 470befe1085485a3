"""The screen on personal data: found, handed out, corrected and erased, each entered."""

from sqlalchemy import select

from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, Person
from tests.factories import SmallStreet
from tests.pages.conftest import Browser, Door


def chosen(town: SmallStreet, door: Door, name: str, person: int) -> Browser:
    browser = door.enter(town.actors["community_secretary"])
    browser.open("desk/personal.py")
    browser.app.text_input(key="person_text").set_value(name)
    browser.run()
    browser.app.selectbox(key="person_chosen").set_value(person)
    browser.run()
    return browser


def actions() -> list[str]:
    with Reads() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))[-1:]


def test_personal__handed_out__entered_before_the_files_are_there(
    town: SmallStreet, door: Door
) -> None:
    browser = chosen(town, door, "林", town.people["lin"])
    assert not browser.app.get("download_button")
    browser.app.button(key="person_export").click()
    app = browser.run()
    assert not app.exception
    assert actions() == ["person.export"]
    assert len(app.get("download_button")) == 2


def test_personal__corrected_and_erased(town: SmallStreet, door: Door) -> None:
    namesake = town.people["namesake"]
    browser = chosen(town, door, "周一诺", namesake)
    browser.app.text_input(key=f"person_name_{namesake}").set_value("周以诺")
    browser.app.button(key="person_correct").click()
    browser.run()
    assert actions() == ["person.correct"]
    browser = chosen(town, door, "周以诺", namesake)
    browser.app.button(key="person_erase").click()
    app = browser.run()
    assert [say("problem.other_name", Language.ZH) in one.value for one in app.error] == [True]
    browser.app.text_input(key=f"person_typed_{namesake}").set_value("周以诺")
    browser.app.button(key="person_erase").click()
    app = browser.run()
    assert not app.exception
    with Reads() as session:
        assert session.get_one(Person, namesake).name == ""
    assert actions() == ["person.erase"]
