"""A certificate by its address: the document for few, whether it stands for everybody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.domain.calendar import today
from lib.domain.certificates import new_number, number_typed
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import Certificate
from lib.queries import certificate
from lib.services.certificate import revoke_certificate
from lib.services.sessions import COOKIE
from lib.services.throttle import FREE_BY_ADDRESS
from lib.web.certificates import page_of
from lib.web.gate import MIDDLEWARE
from lib.web.routes import ROUTES
from tests.factories import SmallStreet, signed_in
from tests.services.test_certificate import given, issued
from tests.web.conftest import HTML, STUB


@pytest.fixture
def browser(street: SmallStreet) -> Iterator[TestClient]:
    application = Starlette(routes=[*ROUTES, *STUB], middleware=MIDDLEWARE)
    with TestClient(application, follow_redirects=False) as client:
        yield client


@pytest.fixture
def number(street: SmallStreet) -> int:
    given(street, 125, day=today() - timedelta(days=3))
    return issued(street)


def code_of(number: int) -> str:
    with Reads() as session:
        return session.get_one(Certificate, number).number or ""


def test_document__a_whole_pdf_with_letters_of_its_own(
    browser: TestClient, street: SmallStreet, number: int
) -> None:
    browser.cookies.set(COOKIE, signed_in(street.actors["volunteer"]))
    answer = browser.get(f"/certificate/{number}.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert f'filename="{code_of(number)}.pdf"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF-")
    assert b"/FontFile2" in answer.content
    assert b"/Type1" not in answer.content
    assert len(answer.content) < 300_000


def test_document__for_nobody_else(browser: TestClient, street: SmallStreet, number: int) -> None:
    address = f"/certificate/{number}.pdf"
    assert browser.get(address).status_code == 401
    assert browser.get(address, headers=HTML).headers["location"].startswith("/login?next=")
    for name in ("team_leader", "grid_secretary", "neighbour", "auditor", "visitor"):
        browser.cookies.set(COOKIE, signed_in(street.actors[name]))
        answer = browser.get(address)
        assert (answer.status_code, answer.text) == (404, "no such certificate"), name
    browser.cookies.set(COOKIE, signed_in(street.actors["administrator"]))
    assert browser.get(address).status_code == 200
    assert browser.get("/certificate/404.pdf").status_code == 404


@pytest.mark.parametrize("language", list(Language))
def test_page__every_field_of_order_67(
    street: SmallStreet, number: int, language: Language
) -> None:
    sheet = certificate.sheet(street.actors["volunteer"], certificate_id=number)
    assert sheet is not None
    page = page_of(sheet, language, "https://street.example")
    told = dict([*page.facts, *page.foot])
    values = {
        "field.volunteer": "林小满",
        "field.volunteer_number": f"V{street.people['lin']:07d}",
        "field.issuer": "石桥社区居民委员会",
        "field.responsible": "负责人甲",
        "field.handler": "账号community_secretary",
        "field.contact": "社区党群服务中心",
        "certificate.number": code_of(number),
    }
    for key, value in values.items():
        assert told[say(key, language)] == value
    hours = say("certificate.exactly", language, hours="2", minutes=5)
    assert told[say("certificate.total", language)].startswith(hours)
    assert page.address == f"https://street.example/verify?number={code_of(number)}"
    assert page.seal
    assert page.crossed == ""


@pytest.mark.parametrize("language", list(Language))
def test_verify__valid_revoked_unknown_and_nothing_of_anybody(
    browser: TestClient, street: SmallStreet, number: int, language: Language
) -> None:
    code = code_of(number)

    def told(typed: str) -> tuple[int, str]:
        answer = browser.get("/verify", params={"number": typed, "lang": language})
        assert answer.headers["cache-control"] == "no-store"
        for secret in ("林小满", "石桥", "负责人甲", "党群", "小时 5", "125"):
            assert secret not in answer.text
        return answer.status_code, answer.text

    status, text = told(code.lower().replace("-", " "))
    assert (status, say("certificate.is_valid", language) in text) == (200, True)
    assert code in text
    revoke_certificate(
        street.actors["administrator"], certificate_id=number, version=1, reason="时长有误"
    )
    status, text = told(code)
    assert (status, say("certificate.is_revoked", language) in text) == (200, True)
    assert "时长有误" not in text
    for unknown in (new_number(today()), "<script>", "x" * 500):
        status, text = told(unknown)
        assert (status, say("certificate.is_unknown", language) in text) == (404, True)
        assert "<script>" not in text
    empty = browser.get("/verify")
    assert empty.status_code == 200
    assert "verdict" not in empty.text


def test_verify__guessing_is_slowed_and_keeps_nobody_from_a_right_number(
    browser: TestClient, street: SmallStreet, number: int
) -> None:
    for _ in range(3):  # a number that is right counts for nothing, however often it is asked
        assert browser.get("/verify", params={"number": code_of(number)}).status_code == 200
    answers = [
        browser.get("/verify", params={"number": new_number(today())}).status_code
        for _ in range(FREE_BY_ADDRESS + 1)
    ]
    assert answers == [404] * FREE_BY_ADDRESS + [429]


def test_number__typed_from_paper__is_the_one_that_was_made() -> None:
    made = new_number(today())
    assert number_typed(made) == made
    assert number_typed(f" {made.lower().replace('-', ' ').replace('0', 'o')} ") == made
    assert number_typed("2026-7kq2-m9xd-4tza") == "2026-7KQ2-M9XD-4TZA"
    for wrong in ("", "2026", "2026-7KQ2-M9XD-4TZ", "20Z6-7KQ2-M9XD-4TZA", "二〇二六"):
        assert number_typed(wrong) is None
