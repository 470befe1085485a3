"""The screens on which accounts are looked after, as Streamlit runs them."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.permissions import GRANTED, Permission, Role
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Writes
from lib.queries.sessions import actor_of
from tests.factories import SmallStreet, enrolled, signed_in
from tests.pages.conftest import Door
from tests.pages.test_upkeep import Box


def words(app: AppTest) -> str:
    texts = [one.value for kind in (app.error, app.markdown, app.caption) for one in kind]
    return "\n".join([*texts, *(one.body for one in app.get("html"))])


def test_matrix__every_cell_of_the_table_is_the_tables(town: SmallStreet, door: Door) -> None:
    app = door.enter(town.actors["auditor"]).open("desk/matrix.py")
    shown = app.dataframe[0].value
    assert list(shown.columns[1:]) == [say(f"Role.{role}", Language.ZH) for role in Role]
    for number, permission in enumerate(Permission):
        row = shown.iloc[number]
        assert row.iloc[0].lower() == say(f"attempt.{permission}", Language.ZH).lower()
        assert [cell == "✓" for cell in row.iloc[1:]] == [r in GRANTED[permission] for r in Role]


def test_invite__a_code_is_shown_once_with_a_note_to_copy(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["community_secretary"])
    browser.open("desk/accounts.py")
    box = Box(browser, "account_invite")
    box.type(account_name="xinren", display_zh="第1网格网格员", area=town.areas.g1)
    box.app.button(key="account_new_do").click()
    box.run()
    assert not box.app.exception
    app = browser.run()
    assert "xinren" in app.code[0].value
    app.button(key="account_code_done").click()
    app = browser.run()
    assert not app.code
    assert "xinren" in app.dataframe[0].value.to_csv()


def test_stand_in__lent_and_got_back(town: SmallStreet, door: Door) -> None:
    lender, colleague = town.actors["grid_secretary"], town.actors["grid_worker"]
    token = signed_in(colleague)
    app = door.enter(lender).open("desk/standin.py")
    app.selectbox(key="lend_0_to").set_value(colleague.account_id).run()
    app.button(key="lend_do").click().run()
    assert not app.exception
    acting = actor_of(token)
    assert acting is not None
    assert acting.may(Permission.SERVICE_CONFIRM)
    assert colleague.name_zh in words(app)
    next(one for one in app.button if (one.key or "").startswith("loan_end_")).click().run()
    assert actor_of(token) == colleague


@pytest.mark.parametrize("file", ["grids/map.py", "desk/log.py", "desk/standin.py"])
def test_page__without_any_grant__says_whom_to_ask(
    town: SmallStreet, door: Door, file: str
) -> None:
    with Writes.begin() as session:
        nobody = enrolled(session, "nobody")
    app = door.enter(nobody).open(file)
    assert [one.value for one in app.error] == [say("page.no_grant", Language.ZH)]
    assert not app.exception
