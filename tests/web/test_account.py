"""The account page and the door's further steps, as a browser without scripts uses them."""

import re

import pyotp
import pytest
from sqlalchemy import Engine, func, select, update
from starlette.testclient import TestClient

from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.i18n.glossary import word
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Account, AuditEntry, SecondFactor
from lib.queries.sessions import actor_of
from lib.services.accounts import invite, issue_code
from lib.services.sessions import COOKIE, open_session
from tests.web.conftest import HTML, PASSWORD, add_account

NEW = "another long sentence"
RIGHT = {"name": "shu", "password": PASSWORD}


def refused(page: str) -> str:
    found = re.findall(r'role="alert">([^<]*)<', page)
    return found[0] if found else ""


def test_account__without_a_session__to_the_door(browser: TestClient) -> None:
    answer = browser.get("/account", headers=HTML)
    assert answer.headers["location"] == "/login?next=/account"
    for path in ("password", "language", "session", "sessions", "second/begin", "second/end"):
        assert browser.post(f"/account/{path}").status_code == 401


def test_account__shows_name_roles_and_sessions(signed_in: TestClient, shu: str) -> None:
    open_session("shu", PASSWORD)
    page = signed_in.get("/account")
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "账号：shu" in page.text
    assert word(Role.COMMUNITY_SECRETARY, Language.ZH) in page.text
    assert page.text.count('action="/account/session"') == 1
    assert "本机" in page.text
    assert shu not in page.text
    assert "<script" not in page.text


def test_account__demonstration__no_password_to_change(
    browser: TestClient, demonstration: None
) -> None:
    browser.post("/session/enter", data={"role": "visitor"})
    page = browser.get("/account").text
    assert 'name="current"' not in page
    assert "本机" in page


def test_password__changed__other_sessions_end(signed_in: TestClient, shu: str) -> None:
    other = open_session("shu", PASSWORD)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    page = signed_in.post("/account/password", data=form)
    assert page.status_code == 200
    assert "密码已更改" in page.text
    assert actor_of(other) is None
    assert signed_in.get("/account").status_code == 200
    assert open_session("shu", NEW) is not None


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": "wrong", "password": NEW, "again": NEW}, "当前密码不正确"),
        ({"current": PASSWORD, "password": NEW, "again": "x"}, "两次输入的密码不一致"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "至少要 15 个字符"),
        ({"current": PASSWORD, "password": "1" * 20, "again": "1" * 20}, "太常见"),
        ({"current": PASSWORD, "password": "shu " + NEW, "again": "shu " + NEW}, "不能含有账号名"),
        ({}, "当前密码不正确"),
    ],
)
def test_password__unfit__one_sentence(
    signed_in: TestClient, form: dict[str, str], said: str
) -> None:
    page = signed_in.post("/account/password", data=form)
    assert page.status_code == 400
    assert said in refused(page.text)
    assert open_session("shu", PASSWORD) is not None


def test_password__tried_again_and_again__must_wait(signed_in: TestClient) -> None:
    wrong = {"current": "wrong", "password": NEW, "again": NEW}
    said = [refused(signed_in.post("/account/password", data=wrong).text) for _ in range(7)]
    assert "当前密码不正确" in said[4]
    assert "请 5 分钟后再试" in said[5]
    assert "请 5 分钟后再试" in said[6]


def test_language__here_and_at_the_next_signing_in(signed_in: TestClient, shu: str) -> None:
    answer = signed_in.post("/account/language", data={"lang": "en"})
    assert answer.headers["location"] == "/account"
    assert "My account" in signed_in.get("/account").text
    again = actor_of(open_session("shu", PASSWORD))
    assert again is not None
    assert again.language == "en"
    assert signed_in.post("/account/language", data={"lang": "xx"}).status_code == 303
    assert "My account" in signed_in.get("/account").text


def test_sessions__one_of_them__ended(signed_in: TestClient) -> None:
    other = open_session("shu", PASSWORD)
    (handle,) = re.findall(r'name="session" value="(\w+)"', signed_in.get("/account").text)
    signed_in.post("/account/session", data={"session": handle})
    assert actor_of(other) is None
    assert signed_in.get("/account").status_code == 200


def test_sessions__of_somebody_else__not_ended(signed_in: TestClient, tree: dict[str, int]) -> None:
    add_account("other", Role.VISITOR, None, password=PASSWORD)
    theirs = open_session("other", PASSWORD)
    browser = TestClient(signed_in.app, follow_redirects=False)
    browser.cookies.set(COOKIE, str(theirs))
    open_session("other", PASSWORD)
    (handle,) = re.findall(r'name="session" value="(\w+)"', browser.get("/account").text)
    signed_in.post("/account/session", data={"session": handle})
    (still,) = re.findall(r'name="session" value="(\w+)"', browser.get("/account").text)
    assert still == handle


def test_sessions__everywhere__and_all_others(signed_in: TestClient, shu: str) -> None:
    other = open_session("shu", PASSWORD)
    signed_in.post("/account/sessions", data={"keep": "1"})
    assert (actor_of(other), actor_of(shu) is not None) == (None, True)
    signed_in.post("/account/sessions")
    assert signed_in.get("/account", headers=HTML).status_code == 303


def turned_on(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator and the recovery codes, set up on the page."""
    begun = browser.post("/account/second/begin", data={"password": PASSWORD}).text
    assert "<svg" in begun
    (spelled,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", begun)
    phone = pyotp.TOTP(spelled.replace(" ", ""))
    page = browser.post("/account/second/confirm", data={"code": phone.now()}).text
    with Writes.begin() as session:  # the step that was spent, long ago
        session.execute(update(SecondFactor).values(last_step=0))
    return phone, re.findall(r"<li><code>([\w-]+)</code>", page)


def test_second__set_up_on_the_page__asked_at_the_door(
    signed_in: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, codes = turned_on(signed_in, monkeypatch)
    assert len(codes) == 8
    assert codes[0] not in signed_in.get("/account").text
    assert "还有 8 个备用码" in signed_in.get("/account").text
    signed_in.cookies.clear()
    wanted = RIGHT | {"next": "/grid?grid=1"}
    answer = signed_in.post("/session/open", data=wanted)
    assert answer.headers["location"] == "/login/second?next=%2Fgrid%3Fgrid%3D1"
    assert "Max-Age=300" in answer.headers["set-cookie"]
    half = signed_in.cookies[COOKIE]
    assert signed_in.get("/grids").status_code == 401
    assert signed_in.get("/login/second?next=/grid%3Fgrid%3D1").status_code == 200
    wrong = signed_in.post("/session/second", data={"code": "000000", "next": "/grid?grid=1"})
    assert (wrong.status_code, "验证码不正确" in refused(wrong.text)) == (401, True)
    answer = signed_in.post("/session/second", data={"code": phone.now(), "next": "/grid?grid=1"})
    assert answer.headers["location"] == "/grid?grid=1"
    assert signed_in.cookies[COOKIE] != half
    assert signed_in.get("/grids").status_code == 200


def test_second__without_a_password_first__to_the_door(browser: TestClient) -> None:
    assert browser.get("/login/second?next=/grids").headers["location"] == "/login?next=%2Fgrids"
    answer = browser.post("/session/second", data={"code": "123456"})
    assert answer.headers["location"] == "/login"


def test_second__tried_again_and_again__must_wait(
    signed_in: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, _ = turned_on(signed_in, monkeypatch)
    signed_in.cookies.clear()
    signed_in.post("/session/open", data=RIGHT)
    for _ in range(5):
        assert signed_in.post("/session/second", data={"code": "000000"}).status_code == 401
    assert signed_in.post("/session/second", data={"code": phone.now()}).status_code == 429


def test_second__ended_on_the_page(signed_in: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = turned_on(signed_in, monkeypatch)
    assert "验证码不正确" in signed_in.post("/account/second/end", data={"code": "1"}).text
    assert "两步验证已关闭" in signed_in.post("/account/second/end", data={"code": codes[0]}).text
    assert actor_of(open_session("shu", PASSWORD)) is not None


def test_code__invited__sets_a_password_and_is_in(
    browser: TestClient, tree: dict[str, int]
) -> None:
    issued = invite(None, name="li.xia")
    assert browser.get("/login/code").status_code == 200
    form = {"name": "Li.Xia", "code": issued.code, "password": NEW, "again": NEW}
    for change, status, said in (
        ({"again": "x"}, 400, "两次输入的密码不一致"),
        ({"code": "nonsense"}, 401, "账号与验证码不符"),
        ({"password": "short", "again": "short"}, 400, "至少要 15 个字符"),
    ):
        page = browser.post("/session/code", data=form | change)
        assert (page.status_code, said in refused(page.text)) == (status, True)
        assert 'value="Li.Xia"' in page.text
    answer = browser.post("/session/code", data=form | {"next": "/grids"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/grids")
    assert browser.get("/account").status_code == 200
    assert browser.post("/session/code", data=form).status_code == 401


def test_code__tried_again_and_again__must_wait(browser: TestClient, tree: dict[str, int]) -> None:
    issued = invite(None, name="li")
    form = {"name": "li", "password": NEW, "again": NEW}
    for _ in range(5):
        assert browser.post("/session/code", data=form | {"code": "x"}).status_code == 401
    assert browser.post("/session/code", data=form | {"code": issued.code}).status_code == 429


def test_code__reset_of_somebody_signed_in__ends_that(signed_in: TestClient, shu: str) -> None:
    with Reads() as session:
        number = session.scalar(select(Account.id).where(Account.name == "shu"))
    assert number is not None
    issued = issue_code(None, number)
    other = TestClient(signed_in.app, follow_redirects=False)
    form = {"name": "shu", "code": issued.code, "password": NEW, "again": NEW}
    assert other.post("/session/code", data=form).status_code == 303
    assert signed_in.get("/grids").status_code == 401


FIRST = {"name": "Chief", "password": NEW, "again": NEW, "display": "<b>主任</b>", "lang": "zh"}


def test_first__nobody_yet__makes_the_administrator_once(browser: TestClient) -> None:
    page = browser.get("/login").text
    assert 'action="/session/first"' in page
    assert 'action="/session/open"' not in page
    for change, said in (
        ({"again": "x"}, "两次输入的密码不一致"),
        ({"name": "<i>"}, "账号名可用"),
        ({"password": "short", "again": "short"}, "至少要 15 个字符"),
    ):
        answer = browser.post("/session/first", data=FIRST | change)
        assert (answer.status_code, said in refused(answer.text)) == (400, True)
    assert browser.post("/session/first", data=FIRST).headers["location"] == "/"
    actor = actor_of(browser.cookies[COOKIE])
    assert actor is not None
    assert (actor.role, actor.name_zh) == (Role.ADMINISTRATOR, "<b>主任</b>")
    assert "&lt;b&gt;主任" in browser.get("/account").text
    again = browser.post("/session/first", data=FIRST | {"name": "second"})
    assert (again.status_code, "已有管理员" in refused(again.text)) == (400, True)
    assert 'action="/session/first"' not in browser.get("/login").text


def test_first__demonstration_or_account_there__not_offered(
    browser: TestClient, demonstration: None
) -> None:
    assert 'action="/session/first"' not in browser.get("/login").text
    assert browser.post("/session/first", data=FIRST).status_code == 400


def test_sign_in__hundred_wrong__throttled_others_still_come_in(
    browser: TestClient, shu: str, tree: dict[str, int]
) -> None:
    add_account("other", Role.VISITOR, None, password=PASSWORD)
    said = [browser.post("/session/open", data=RIGHT | {"password": "x"}) for _ in range(100)]
    assert {answer.status_code for answer in said[:5]} == {401}
    assert {answer.status_code for answer in said[5:]} == {429}
    assert "请 5 分钟后再试" in refused(said[-1].text)
    elsewhere = TestClient(browser.app, client=("10.9.8.7", 1), follow_redirects=False)
    assert elsewhere.post("/session/open", data=RIGHT).status_code == 429
    right = elsewhere.post("/session/open", data={"name": "other", "password": PASSWORD})
    assert right.status_code == 303
    with Reads() as session:
        told = session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .where(AuditEntry.action == "session.throttled")
        )
    assert told == 2


@pytest.mark.parametrize(
    "form",
    [
        {"name": "\x00", "password": PASSWORD},
        {"name": "x" * 10_000, "password": PASSWORD},
        {"name": "' or 1=1 --", "password": PASSWORD},
        {"name": "<script>alert(1)</script>", "password": PASSWORD},
        {"name": "ｓｈｕ\u202e", "password": PASSWORD},
        {"name": "ѕhu", "password": PASSWORD},
        {"name": "shu", "password": "\x00"},
        {"name": "shu", "password": "x" * 10_000},
        {"name": "shu", "password": ""},
    ],
)
def test_sign_in__anything_typed__one_sentence(
    browser: TestClient, shu: str, form: dict[str, str]
) -> None:
    answer = browser.post("/session/open", data=form)
    assert answer.status_code == 401
    assert "账号或密码不正确" in refused(answer.text)
    assert "<script>" not in answer.text


@pytest.mark.parametrize("name", ["SHU", "ｓｈｕ", " shu "])
def test_sign_in__the_name_in_another_form__the_same_account(
    browser: TestClient, shu: str, name: str
) -> None:
    assert browser.post("/session/open", data={"name": name, "password": PASSWORD}).is_redirect


def test_sign_in__cookie_planted_before__is_not_the_session(
    browser: TestClient, shu: str, database: Engine
) -> None:
    browser.cookies.set(COOKIE, "planted", domain="testserver.local")
    browser.post("/session/open", data=RIGHT)
    assert actor_of("planted") is None
    assert "planted" not in browser.cookies.values()
