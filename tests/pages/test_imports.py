"""The screen of imports: template, check, what is wrong, import, and the way back."""

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from lib.domain.ledgers import BatchState
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import ImportBatch, Organisation
from tests.exchange.files import UNITS, book, text
from tests.factories import SmallStreet
from tests.pages.conftest import Browser, Door

PAGE = "desk/imports.py"
NEW = ("青石书店<b>", "非公企业", "综合党委", "第1网格")


def upload(browser: Browser, name: str, content: bytes | str, mime: str = "text/csv") -> AppTest:
    data = content.encode() if isinstance(content, str) else content
    browser.open(PAGE)
    browser.app.get("file_uploader")[0].set_value((name, data, mime))
    return browser.run()


def press(browser: Browser, key: str) -> AppTest:
    next(one for one in browser.app.button if one.key == key).click()
    return browser.run()


def units() -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(Organisation)) or 0


@pytest.mark.parametrize("language", list(Language))
def test_good_file__checked_imported_undone(
    town: SmallStreet, door: Door, language: Language
) -> None:
    browser = door.enter(town.actors["community_secretary"], language)
    app = upload(browser, "u.xlsx", book([UNITS, NEW]))
    assert not app.exception
    assert not app.error
    assert units() == 3
    app = press(browser, "ledger_import")
    assert [one.value for one in app.toast] == [say("imports.done", language, n=1)]
    assert units() == 4
    with Reads() as session:
        batch = session.scalars(select(ImportBatch)).one()
    assert batch.account_id == town.actors["community_secretary"].account_id
    app = press(browser, f"undo_{batch.id}")
    assert [one.value for one in app.toast] == [say("imports.undone", language, n=1)]
    assert units() == 3
    with Reads() as session:
        assert session.scalars(select(ImportBatch.state)).one() is BatchState.UNDONE


def test_bad_rows__told_one_by_one__imported_without_them(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["community_secretary"])
    app = upload(
        browser, "u.csv", text([(*UNITS, "颜色"), (*NEW, ""), ("乙", "中学", "?", "火星", "")])
    )
    (table,) = app.dataframe
    assert list(table.value["行"]) == [3, 3, 3]
    assert list(table.value["列"]) == ["类别", "所属组织网", "区域"]
    assert any("颜色" in one.value for one in app.caption)
    assert next(one for one in app.button if one.key == "ledger_import").disabled
    app.toggle(key="ledger_skip_bad").set_value(True)
    browser.run()
    press(browser, "ledger_import")
    assert units() == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls"),
        ("甲,乙\n1,2\n", "没有找到表头"),
        ("单位名称,类别,组织,区域\n1,2,3,4\n", "所属组织网"),
    ],
)
def test_no_ledger__one_sentence_and_nothing_to_press(
    town: SmallStreet, door: Door, content: bytes | str, said: str
) -> None:
    browser = door.enter(town.actors["community_secretary"])
    app = upload(browser, "u.csv", content)
    assert not app.exception
    assert len(app.error) == 1
    assert said in app.error[0].value
    assert "ledger_import" not in {one.key for one in app.button}


def test_everything_there_already__nothing_to_press(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["community_secretary"])
    content = text([UNITS, ("石桥小学", "学校", "行政党组", "第1网格")])
    app = upload(browser, "u.csv", content)
    assert say("imports.nothing_new", Language.ZH) in [one.value for one in app.caption]
    assert "ledger_import" not in {one.key for one in app.button}
