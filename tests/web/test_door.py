import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from lib.domain.calendar import now
from lib.domain.permissions import Role
from lib.persistence.engine import Writes
from lib.persistence.models import WebSession
from lib.queries.sessions import actor_of
from lib.services.sessions import COOKIE
from tests.web.conftest import HTML, PASSWORD

RIGHT = {"name": "shu", "password": PASSWORD}


def test_sign_in__sets_the_cookie_and_goes_on(browser: TestClient, shu: str) -> None:
    answer = browser.post("/session/open", data=RIGHT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age=43200" in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/grids").text == "inside as account shu"


def test_sign_in__deep_link_is_kept_from_gate_to_page(browser: TestClient, shu: str) -> None:
    wanted = "/grid?grid=36&period=month"
    door = browser.get(browser.get(wanted, headers=HTML).headers["location"]).text
    hidden = re.findall(r'name="next" value="([^"]*)"', door)
    assert hidden == ["/grid?grid=36&amp;period=month"]
    answer = browser.post("/session/open", data=RIGHT | {"next": wanted})
    assert answer.headers["location"] == wanted


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_sign_in__address_elsewhere__home(browser: TestClient, shu: str, wanted: str) -> None:
    assert "evil" not in browser.get(f"/login?next={quote(wanted)}").text
    answer = browser.post("/session/open", data=RIGHT | {"next": wanted})
    assert answer.headers["location"] == "/"


def test_sign_in__wrong_password__a_sentence_and_the_name_kept(
    browser: TestClient, shu: str
) -> None:
    wrong = {"name": 'shu"><i>', "password": "x", "next": "/grid?grid=1"}
    answer = browser.post("/session/open", data=wrong)
    assert answer.status_code == 401
    assert "账号或密码不正确" in answer.text
    assert "shu&#34;&gt;&lt;i&gt;" in answer.text
    assert 'value="/grid?grid=1"' in answer.text
    assert "set-cookie" not in answer.headers
    english = browser.post("/session/open", data=wrong | {"lang": "en"})
    assert "The account or password is not right" in english.text


def test_sign_in__five_wrong__wait_even_with_the_right_one(browser: TestClient, shu: str) -> None:
    for _ in range(5):
        assert browser.post("/session/open", data=RIGHT | {"password": "x"}).status_code == 401
    answer = browser.post("/session/open", data=RIGHT)
    assert answer.status_code == 429
    assert "请 5 分钟后再试" in answer.text


def test_sign_in__replaces_the_session_before(browser: TestClient, shu: str) -> None:
    browser.post("/session/open", data=RIGHT)
    first = browser.cookies[COOKIE]
    browser.post("/session/open", data=RIGHT)
    assert browser.cookies[COOKIE] != first
    assert actor_of(first) is None


@pytest.mark.parametrize(
    ("body", "status"), [("name=" + "x" * 20_000, 413), ("&".join(["a=1"] * 20), 400)]
)
def test_sign_in__not_our_form__refused(browser: TestClient, body: str, status: int) -> None:
    assert browser.post("/session/open", content=body).status_code == status


def test_sign_out__ends_the_session_and_empties_the_cache(signed_in: TestClient, shu: str) -> None:
    answer = signed_in.post("/session/close")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert f"{COOKIE}=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert actor_of(shu) is None
    assert signed_in.post("/session/close").status_code == 303


def test_session__expired__back_to_the_door(signed_in: TestClient) -> None:
    with Writes.begin() as session:
        session.execute(update(WebSession).values(expires_at=now() - timedelta(seconds=1)))
    assert signed_in.get("/grids", headers=HTML).headers["location"] == "/login?next=/grids"


@pytest.mark.parametrize(
    ("query", "accept", "language"),
    [
        ("", "", "zh-CN"),
        ("?lang=en", "", "en"),
        ("?lang=xx", "", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("?lang=zh", "en", "zh-CN"),
    ],
)
def test_door__language(browser: TestClient, query: str, accept: str, language: str) -> None:
    page = browser.get(f"/login{query}", headers={"Accept-Language": accept}).text
    assert f'<html lang="{language}">' in page


def test_door__language_goes_into_the_session(browser: TestClient, shu: str) -> None:
    browser.post("/session/open", data=RIGHT | {"lang": "en"})
    actor = actor_of(browser.cookies[COOKIE])
    assert actor is not None
    assert actor.language == "en"
    assert browser.post("/session/close").headers["location"] == "/login?lang=en"


def test_door__switch_keeps_the_address(browser: TestClient) -> None:
    page = browser.get("/login?next=/grid%3Fgrid%3D36").text
    assert 'href="/login?lang=en&amp;next=%2Fgrid%3Fgrid%3D36"' in page


def test_door__real_database__only_name_and_password(browser: TestClient, shu: str) -> None:
    page = browser.get("/login").text
    assert 'action="/session/open"' in page
    assert "/session/enter" not in page
    assert "青石街道" not in page
    assert "非涉密" in page


def test_door__demonstration__every_role_and_every_place(
    browser: TestClient, demonstration: None
) -> None:
    page = browser.get("/login").text
    roles = re.findall(r'name="role" value="(\w+)"', page)
    assert roles[:3] == ["street_committee", "administrator", "community_secretary"]
    assert sorted(roles) == sorted(Role)
    assert re.findall(r'<option value="(c-\w+)"', page) == [
        "c-other",
        "c-street",
        "c-community",
        "c-grid",
    ]
    assert "演示数据" in page
    assert "&lt;grid&gt;" in page
    english = browser.get("/login?lang=en").text
    assert "all names and figures are invented" in english
    assert "Street &amp; Co" in english
    assert "<script" not in page


@pytest.mark.parametrize("role", list(Role))
def test_enter__one_click__inside_in_that_role(
    browser: TestClient, demonstration: None, role: Role
) -> None:
    answer = browser.post("/session/enter", data={"role": role, "next": "/grid?grid=2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/grid?grid=2")
    actor = actor_of(browser.cookies[COOKIE])
    assert actor is not None
    assert actor.role is role


def test_enter__at_a_place__scope_is_that_place(
    browser: TestClient, demonstration: None, tree: dict[str, int]
) -> None:
    browser.post(
        "/session/enter", data={"role": "street_committee", "place": "c-other", "lang": "en"}
    )
    actor = actor_of(browser.cookies[COOKIE])
    assert actor is not None
    assert [grant.area_id for grant in actor.grants] == [tree["other"]]
    assert actor.name_en == "Street committee, Other & Co"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"role": "emperor"}, 400),
        ({}, 400),
        ({"role": "visitor", "place": "no-such-place"}, 404),
    ],
)
def test_enter__nothing_of_the_kind__said(
    browser: TestClient, demonstration: None, data: dict[str, str], status: int
) -> None:
    answer = browser.post("/session/enter", data=data)
    assert answer.status_code == status
    assert "这个入口不存在" in answer.text
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("role", list(Role))
def test_enter__real_database__refused(browser: TestClient, shu: str, role: Role) -> None:
    answer = browser.post("/session/enter", data={"role": role, "place": "c-street"})
    assert answer.status_code == 403
    assert "这不是演示系统" in answer.text
    assert COOKIE not in browser.cookies
