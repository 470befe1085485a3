"""The form at the check-in point: open to anybody who has the code, plain, and counted."""

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from lib.domain.vocab import CodeFor, Language, Net, Skill, UnitKind
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import CheckInRequest, Organisation, PublicCode
from lib.queries.sessions import actor_of
from lib.services.check_in_requests import accept_request
from lib.services.public_codes import issue_codes, new_token
from lib.services.sessions import COOKIE
from lib.services.throttle import FREE_TURNS

NAME = "何文 <b>&"
FORM = {"name": NAME, "agreed": "1", "pledged": "1"}


@pytest.fixture
def code(tree: dict[str, int], shu: str) -> str:
    """The code of the community, in a street with one unit."""
    with Writes.begin() as session:
        session.add(
            Organisation(
                name_zh="青石<小学>",
                initials="qsxx",
                kind=UnitKind.SCHOOL,
                net=Net.COORDINATION,
                area_id=tree["street"],
            )
        )
    actor = actor_of(shu)
    assert actor is not None
    assert issue_codes(actor, purpose=CodeFor.CHECK_IN, area_id=tree["community"]) == 1
    with Reads() as session:
        return session.scalars(select(PublicCode.code)).one()


def waiting() -> list[CheckInRequest]:
    with Reads() as session:
        return list(session.scalars(select(CheckInRequest)))


def test_form__without_a_session__plain_in_both_languages(browser: TestClient, code: str) -> None:
    page = browser.get(f"/c/{code}")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    for words in ("&lt;community&gt;", "&lt;grid&gt;", "青石&lt;小学&gt;"):
        assert words in page.text
    for key in ("pledge.text", "consent.text"):
        assert say(key, Language.ZH) in page.text
        assert say(key, Language.EN) in browser.get(f"/c/{code}?lang=en").text
    assert browser.get(f"/c/{new_token()}").status_code == 404


def test_form__sent__waits_until_the_community_accepts(
    browser: TestClient, code: str, tree: dict[str, int], shu: str
) -> None:
    with Reads() as session:
        unit = session.scalars(select(Organisation.id)).one()
    values = {
        "unit": str(unit),
        "certificate": "A-1",
        "home": str(tree["grid"]),
        f"skill_{Skill.LAW}": "1",
        "token": "twice",
    }
    for _ in range(2):
        answer = browser.post(f"/c/{code}", data=FORM | values)
        assert answer.status_code == 303
    page = browser.get(answer.headers["location"])
    assert 'role="status"' in page.text
    assert "<form" not in page.text
    (one,) = waiting()
    assert (one.name, one.organisation_id, one.home_area_id, one.skills) == (
        NAME,
        unit,
        tree["grid"],
        "law",
    )
    actor = actor_of(shu)
    assert actor is not None
    assert accept_request(actor, number=one.id, request_id="accept") > 0
    assert waiting() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " "}, "请填写"),
        ({"name": "长" * 10_000}, "10000 个字太长"),
        ({"agreed": None}, "须本人同意登记"),
        ({"pledged": None}, "服务承诺书"),
        ({"certificate": "A-1"}, "请选单位"),
        ({"unit": "999999"}, "没有这个单位"),
        ({"home": "999999"}, "没有找到"),
    ],
)
def test_form__wrong__said_and_nothing_typed_is_lost(
    browser: TestClient, code: str, values: dict[str, str | None], sentence: str
) -> None:
    data = {k: v for k, v in (FORM | values).items() if v is not None}
    answer = browser.post(f"/c/{code}", data=data)
    assert answer.status_code == 400
    assert sentence in answer.text
    if "name" not in values:
        assert "何文 &lt;b&gt;&amp;" in answer.text
    assert waiting() == []


def test_form__too_often_or_from_elsewhere__refused(browser: TestClient, code: str) -> None:
    other = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(f"/c/{code}", data=FORM, headers=other).status_code == 403
    for _ in range(FREE_TURNS):
        assert browser.post(f"/c/{code}", data=FORM).status_code == 303
    assert browser.post(f"/c/{code}", data=FORM).status_code == 429
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(CheckInRequest)) == FREE_TURNS


def test_sheet__prints_the_code_for_who_registers(
    browser: TestClient, code: str, tree: dict[str, int], shu: str
) -> None:
    path = f"/sheet/check_in?area={tree['community']}"
    assert browser.get(path, headers={"Accept": "text/html"}).status_code == 303
    browser.cookies.set(COOKIE, shu)
    sheet = browser.get(path)
    assert sheet.status_code == 200
    assert "<svg" in sheet.text
