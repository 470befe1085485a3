"""The public form, the resident's link, the sheet of codes and the place's code, in a browser."""

import re
from datetime import date

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from lib.domain.calendar import now, today
from lib.domain.permissions import Role
from lib.domain.vocab import CodeFor, Language
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    Need,
    NeedFiling,
    Person,
    PublicCode,
    ResidentLink,
    Service,
)
from lib.queries.sessions import actor_of
from lib.services.claim import Claimant, claim_project
from lib.services.need import adopt_need
from lib.services.project import ProjectEntry
from lib.services.public_codes import issue_codes, issue_project_code, new_token
from lib.services.service import Participant, ServiceEntry, record_service
from lib.services.sessions import COOKIE, open_session
from lib.services.throttle import FREE_TURNS
from tests.web.conftest import HTML, PASSWORD, add_account

WORDS = "想要一个书包 <b>&"
FORM = {"words": WORDS, "kind": "visit", "beneficiary": "left_behind_child", "agreed": "1"}


@pytest.fixture
def code(tree: dict[str, int], shu: str) -> str:
    actor = actor_of(shu)
    assert actor is not None
    assert issue_codes(actor, purpose=CodeFor.NEED, area_id=tree["community"]) == 1
    with Reads() as session:
        return session.scalars(select(PublicCode.code)).one()


def said(page: str) -> str:
    found = re.findall(r'role="(?:alert|status)">([^<]*)', page)
    return found[0].strip() if found else ""


def protected(answer: object) -> bool:
    headers = answer.headers  # type: ignore[attr-defined]
    return (
        headers["cache-control"] == "no-store"
        and "frame-ancestors 'none'" in headers["content-security-policy"]
        and headers["x-content-type-options"] == "nosniff"
        and "link" not in headers
    )


def filed(browser: TestClient, code: str, **values: str) -> str:
    """The path of the link that came with a need."""
    answer = browser.post(f"/n/{code}", data=FORM | values)
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


def served(shu: str, tree: dict[str, int], *, language: Language = Language.ZH) -> int:
    """The only need adopted, claimed by a volunteer and served; the id of the service."""
    secretary = actor_of(shu)
    add_account("li", Role.VOLUNTEER, tree["community"], password=PASSWORD)
    with Writes.begin() as session:
        person = Person(name="李四", area_id=tree["grid"], consented_on=date(2020, 1, 1))
        session.add(person)
        session.flush()
        session.execute(update(Account).where(Account.name == "li").values(person_id=person.id))
        need, number = session.scalars(select(Need)).one(), person.id
    volunteer = actor_of(open_session("li", PASSWORD))
    assert secretary is not None
    assert volunteer is not None
    project = adopt_need(
        secretary,
        need_id=need.id,
        version=need.version,
        entry=ProjectEntry("送书包", need.kind, tree["grid"], today(), today()),
        request_id="adopt",
        publish=True,
    )
    claim = claim_project(
        volunteer,
        project_id=project,
        claimant=Claimant(person_id=number),
        promised_on=today(),
        request_id="claim",
    )
    return record_service(
        volunteer,
        entry=ServiceEntry(need.kind, tree["grid"], today(), 1, need.beneficiary, place="3号楼院"),
        participants=[Participant(60, person_id=number)],
        request_id="serve",
        claim_id=claim,
    )


def test_form__without_a_session__plain_in_both_languages(browser: TestClient, code: str) -> None:
    page = browser.get(f"/n/{code}")
    assert page.status_code == 200
    assert protected(page)
    assert "<script" not in page.text
    assert "有什么需要帮忙的" in page.text
    assert "&lt;grid&gt;" in page.text
    english = browser.get(f"/n/{code}?lang=en").text
    assert "What do you need?" in english
    assert "Grid &amp; Co" in english
    assert browser.get(f"/n/{new_token()}").status_code == 404
    for path in (f"/n/{code}/", f"/n/{code}x", f"/n/{code}/x", "/n/", "/r/x", f"/s/{code}"):
        assert browser.get(path, headers=HTML).status_code == 303, path


def test_form__filed__a_link_to_keep(browser: TestClient, code: str) -> None:
    answer = browser.post(f"/n/{code}", data=FORM | {"lang": "en"})
    assert re.fullmatch(r"/r/[\w-]{22}\?filed=1&lang=en", answer.headers["location"])
    page = browser.get(answer.headers["location"])
    assert protected(page)
    assert said(page.text) == "Sent. Thank you."
    assert "<svg" in page.text
    assert WORDS not in page.text
    assert "想要一个书包 &lt;b&gt;&amp;" in page.text
    assert "<svg" not in browser.get(answer.headers["location"].partition("?")[0]).text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"words": " "}, "请填写"),
        ({"words": "长" * 10_000}, "10000 个字太长"),
        ({"phone": "明天打"}, "请只写数字"),
        ({"agreed": None}, "请看过说明后打勾"),
        ({"wished_on": "2020-01-01"}, "这一天已经过去"),
    ],
)
def test_form__refused__a_sentence_and_what_was_typed(
    browser: TestClient, code: str, values: dict[str, str | None], sentence: str
) -> None:
    typed = FORM | {"name": "王", "phone": "13800000000", "micro_wish": "1"} | values
    page = browser.post(f"/n/{code}", data={k: v for k, v in typed.items() if v is not None})
    assert page.status_code == 400
    assert protected(page)
    assert sentence in page.text
    assert 'value="王"' in page.text
    assert '<option value="left_behind_child" selected>' in page.text
    assert 'name="micro_wish" value="1" checked' in page.text
    if "长" in str(values.get("words")):
        assert "长" * 10_000 in page.text
    with Reads() as session:
        assert session.scalars(select(Need)).all() == []


def test_form__too_often__waits_and_keeps_what_was_typed(browser: TestClient, code: str) -> None:
    for _ in range(FREE_TURNS):
        filed(browser, code)
    page = browser.post(f"/n/{code}", data=FORM)
    assert page.status_code == 429
    assert "分钟后再试" in said(page.text)
    assert "想要一个书包 &lt;b&gt;&amp;</textarea>" in page.text


def test_form__from_another_site_or_not_a_form__refused(browser: TestClient, code: str) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert browser.post(f"/n/{code}", data=FORM, headers=elsewhere).status_code == 403
    assert browser.post(f"/n/{code}", content=b"a=" + b"x" * 200_000).status_code == 413
    assert browser.post(f"/n/{code}", content=b"&".join([b"a=b"] * 50)).status_code == 400
    assert browser.post(f"/n/{new_token()}", data=FORM).status_code == 404
    assert browser.post(f"/n/{code}", content=b"\xff\x00&&==").status_code == 400


def test_form__anonymous_stays_so__also_when_signed_in(signed_in: TestClient, code: str) -> None:
    filed(signed_in, code)
    with Reads() as session:
        need, filing = (
            session.scalars(select(Need)).one(),
            session.scalars(select(NeedFiling)).one(),
        )
    assert (need.collected_by_id, filing.name, filing.phone) == (None, "", "")


def test_link__guessed_or_ended__one_sentence(browser: TestClient, code: str) -> None:
    path = filed(browser, code)
    with Writes.begin() as session:
        session.execute(update(ResidentLink).values(revoked_at=now()))
    for gone in (path, f"/r/{new_token()}"):
        for page in (browser.get(gone), browser.post(gone, data={"answer": "done"})):
            assert page.status_code == 404
            assert protected(page)
            assert "已过期、已停用" in said(page.text)


def test_link__one_tap_confirms(
    browser: TestClient, code: str, shu: str, tree: dict[str, int]
) -> None:
    path = filed(browser, code)
    assert "等待答复" in browser.get(path).text
    service = served(shu, tree)
    page = browser.get(path).text
    assert "办好了" in page
    assert "李四" not in page
    answer = browser.post(
        path, data={"service": str(service), "version": "1", "answer": "done", "satisfaction": "5"}
    )
    assert answer.headers["location"] == f"{path}?said=done"
    assert said(browser.get(answer.headers["location"]).text) == "已确认，谢谢您。"
    with Reads() as session:
        row = session.get_one(Service, service)
    assert (row.state.value, row.confirmed_by, row.satisfaction) == (
        "confirmed",
        "resident_link",
        5,
    )
    again = browser.post(path, data={"service": str(service), "version": "1", "answer": "done"})
    assert again.status_code == 400


def test_link__not_done__with_a_reason_that_survives(
    browser: TestClient, code: str, shu: str, tree: dict[str, int]
) -> None:
    path = filed(browser, code)
    service = served(shu, tree)
    form = {"service": str(service), "version": "1", "answer": "not_done"}
    long = browser.post(path, data=form | {"reason": "久" * 600})
    assert long.status_code == 400
    assert "久" * 600 in long.text
    answer = browser.post(path, data=form | {"reason": "没有人来"})
    assert answer.headers["location"] == f"{path}?said=not_done"
    with Reads() as session:
        row = session.get_one(Service, service)
    assert (row.state.value, row.reason) == ("returned", "没有人来")
    assert "正在重新安排" in browser.get(path).text


def test_link__in_the_browser_of_who_served__refused(
    browser: TestClient, code: str, shu: str, tree: dict[str, int]
) -> None:
    path = filed(browser, code)
    service = served(shu, tree)
    browser.cookies.set(COOKIE, str(open_session("li", PASSWORD)))
    page = browser.post(path, data={"service": str(service), "version": "1", "answer": "done"})
    assert page.status_code == 400
    assert "须由他人确认" in said(page.text)


def test_sheet__codes_of_the_place_for_who_hands_them_out(
    signed_in: TestClient, code: str, tree: dict[str, int]
) -> None:
    page = signed_in.get(f"/sheet/need?area={tree['community']}")
    assert page.status_code == 200
    assert page.text.count("<svg") == 1
    for path in (f"need?area={tree['other']}", "check_in", "service", "x", "need?area=9e9"):
        answer = signed_in.get(f"/sheet/{path}")
        assert (answer.status_code, answer.text.count("<svg")) == (
            (200, 1) if path == "need?area=9e9" else (404, 0)
        )
    signed_in.cookies.clear()
    assert signed_in.get("/sheet/need", headers=HTML).status_code == 303


def test_place__a_tap_checks_in__others_read_why_not(
    browser: TestClient, code: str, shu: str, tree: dict[str, int]
) -> None:
    filed(browser, code)
    served(shu, tree)
    secretary = actor_of(shu)
    assert secretary is not None
    with Reads() as session:
        need = session.scalars(select(Need)).one()
    number = issue_project_code(secretary, project_id=int(need.project_id or 0))
    with Reads() as session:
        path = f"/s/{session.get_one(PublicCode, number).code}"
    assert browser.get(path, headers=HTML).headers["location"] == f"/login?next={path}"
    browser.cookies.set(COOKIE, str(open_session("li", PASSWORD)))
    assert "我到了" in browser.get(path).text
    answer = browser.post(path)
    assert said(browser.get(answer.headers["location"]).text).startswith("已签到")
    browser.cookies.set(COOKIE, shu)
    refused = browser.post(path)
    assert refused.status_code == 400
    assert "没有对应的志愿者" in said(refused.text)
    assert browser.get(f"/s/{new_token()}").status_code == 404
