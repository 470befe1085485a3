import asyncio
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.testclient import TestClient
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from lib.domain.calendar import now
from lib.persistence.engine import Reads, Writes, connect
from lib.persistence.models import WebSession
from lib.services.sessions import COOKIE, close_session
from lib.web.gate import Gate, is_same_site, safe_next
from lib.web.routes import ROUTES
from tests.web.conftest import HTML, STUB

SHUT = [
    "/",
    "/grids",
    "/grids",
    "/map/shapes/0-x.json",
    "/map/ground/1/light-zh-x.svg",
    "/media/x.png",
    "/component/streamlit_folium.st_folium/index.html",
    "/_stcore/upload_file/a/b",
    "/_stcore/host-config",
    "/_stcore/health/",
    "/_stcore/metrics",
    "/_stcore/agent/mcp",
    "/app/static/x",
    "/auth/login",
    "/oauth2callback",
    "/login/",
    "/LOGIN",
    "/loginx",
    "/session",
    "/session/open/x",
    "/assets",
    "/assetsx/y",
    "/staticx",
    "/favicon.svg",
    "/certificate/1.pdf",
    "/photo/1-x.webp",
    "/verify/",
    "/verify/x",
]

TRICKS = [
    "//login",
    "/assets//x",
    "/assets/../map/shapes/0-x.json",
    "/assets/./door.css",
    "/assets/../app.py",
    "/assets/..\\app.py",
    "/assets/%2e%2e/app.py",
    "/static/..",
    "/login\x00",
    "/assets/\r\n",
    "/login\\",
    "login",
    "",
]
"""Paths as a server hands them on: decoded once."""


@pytest.mark.parametrize("path", SHUT)
def test_gate__without_session__shut(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 401
    assert browser.get(path, headers=HTML).status_code == 303
    assert browser.post(path, headers=HTML).status_code == 401


async def _asked(path: str, cookie: str) -> int:
    """The status that a request for exactly this path gets; clients tidy paths up before."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept", b"text/html"), (b"cookie", f"{COOKIE}={cookie}".encode())]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
    await Gate(Starlette(routes=[*ROUTES, *STUB]))(scope | {"headers": headers}, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize("path", TRICKS)
def test_gate__path_with_a_trick__refused_for_everybody(shu: str, path: str) -> None:
    assert asyncio.run(_asked(path, "")) == 404
    assert asyncio.run(_asked(path, shu)) == 404
    assert asyncio.run(_asked("/grids", shu)) == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/_stcore/health", 200),
        ("/favicon.ico", 200),
        ("/favicon.png", 200),
        ("/assets/door.css", 200),
        ("/assets/leave.js", 200),
        ("/assets/nothing.css", 404),
        ("/session/open", 303),
    ],
)
def test_gate__open_path__needs_no_session(browser: TestClient, path: str, status: int) -> None:
    assert browser.get(path).status_code == status


def test_gate__session__lets_through_as_the_actor(signed_in: TestClient) -> None:
    answer = signed_in.get("/grids")
    assert (answer.status_code, answer.text) == (200, "inside as account shu")


def test_gate__session_closed__shut_at_once(signed_in: TestClient, shu: str) -> None:
    close_session(shu)
    assert signed_in.get("/grids").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "令牌".encode().decode("latin-1")])
def test_gate__made_up_cookie__shut(browser: TestClient, token: str) -> None:
    answer = browser.get("/", headers={"Cookie": f"{COOKIE}={token}".encode("latin-1")})
    assert answer.status_code == 401


def test_gate__websocket__only_with_a_session(browser: TestClient, shu: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        browser.websocket_connect("/_stcore/stream"),
    ):
        pass
    assert caught.value.code == 4401
    cookie = {"Cookie": f"{COOKIE}={shu}"}
    with browser.websocket_connect("/_stcore/stream", headers=cookie) as socket:
        assert socket.receive_text() == "inside"


@pytest.mark.parametrize(
    ("wanted", "door"),
    [
        ("/", "/login"),
        ("/grid?grid=36&period=month", "/login?next=/grid%3Fgrid%3D36%26period%3Dmonth"),
        ("/grids", "/login?next=/grids"),
        ("/session/x?y", "/login"),
    ],
)
def test_gate__page_without_session__the_door_keeps_the_address(
    browser: TestClient, wanted: str, door: str
) -> None:
    answer = browser.get(wanted, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, door)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "overview",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "//[evil",
        "/a/../..//evil.example",
        "/%2f/evil.example",
        "/ /evil",
        "/login?next=/x",
        "/login/second",
        "javascript:alert(1)//",
        "/javascript:alert(1)//",
        "%2f%2fevil.example",
        "/%5cevil.example",
        "/a%0d%0aSet-Cookie:x",
        "data:text/html,x",
        "/session/close",
        "/x" * 2000,
    ],
)
def test_safe_next__elsewhere__home(wanted: str) -> None:
    assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/grids", "/grid?grid=36&q=竹园", "/a?b=//c#d"])
def test_safe_next__here__kept(wanted: str) -> None:
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize("path", ["/login", "/assets/door.css", "/grids", "/_stcore/health"])
def test_headers__on_every_answer(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "content-security-policy" in headers


def policy(browser: TestClient, path: str) -> dict[str, str]:
    parts = browser.get(path).headers["content-security-policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_policy__shell__only_our_scripts_and_streamlits_inline_one(browser: TestClient) -> None:
    scripts = policy(browser, "/grids")["script-src"]
    assert scripts.startswith("'self' 'sha256-")
    assert "unsafe" not in scripts
    assert policy(browser, "/grids")["frame-ancestors"] == "'self'"


def test_policy__component_frame__may_evaluate_and_call_nobody_else(browser: TestClient) -> None:
    rules = policy(browser, "/component/x/index.html")
    assert rules["script-src"] == "'self' 'unsafe-inline' 'unsafe-eval'"
    assert rules["connect-src"] == "'self'"
    assert rules["default-src"] == "'none'"


def test_policy__door__no_script_at_all(browser: TestClient) -> None:
    rules = policy(browser, "/login")
    assert "script-src" not in rules
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"


CROSS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:81"},
]


@pytest.mark.parametrize("headers", CROSS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/session/open"),
        ("POST", "/session/enter"),
        ("POST", "/session/close"),
        ("POST", "/session/first"),
        ("POST", "/session/code"),
        ("POST", "/session/second"),
        ("POST", "/account/password"),
        ("POST", "/account/sessions"),
        ("POST", "/account/second/begin"),
        ("PUT", "/_stcore/upload_file/a/b"),
        ("DELETE", "/_stcore/upload_file/a/b"),
    ],
)
def test_gate__writing_from_another_site__refused(
    signed_in: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    assert signed_in.request(method, path, headers=headers).status_code == 403
    assert signed_in.get("/grids").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://street.example:8501", "host": "street.example:8501"},
    ],
)
def test_is_same_site__own_pages(headers: dict[str, str]) -> None:
    assert is_same_site(Headers(headers))


def test_gate__database_away__says_so(
    browser: TestClient, database: Engine, tmp_path: object
) -> None:
    connect(f"sqlite:///{tmp_path}/empty.db")
    browser.cookies.set(COOKIE, "x")
    answer = browser.get("/grids", headers=HTML)
    assert answer.status_code == 503
    assert "数据库暂时无法访问" in answer.text
    assert "cannot be reached" in answer.text


def test_gate__websocket_of_another_site__refused(browser: TestClient, shu: str) -> None:
    for headers in CROSS:
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(
                "/_stcore/stream", headers={"Cookie": f"{COOKIE}={shu}"} | headers
            ),
        ):
            pass


def test_gate__idle__opening_a_page_keeps_the_session_alive_asking_for_data_does_not(
    signed_in: TestClient,
) -> None:
    def unused(minutes: int) -> None:
        with Writes.begin() as session:
            session.execute(update(WebSession).values(seen_at=now() - timedelta(minutes=minutes)))

    unused(119)
    assert signed_in.get("/map/shapes/0-x.json").status_code == 200
    assert signed_in.get("/grids", headers=HTML).status_code == 200
    with Reads() as session:
        assert session.scalars(select(WebSession.seen_at)).one() > now() - timedelta(minutes=1)
    unused(121)
    assert signed_in.get("/grids", headers=HTML).status_code == 303


def test_secure__behind_https__host_cookie_and_strict_transport() -> None:
    script = (
        "from lib.services.sessions import COOKIE; from lib.web.gate import headers_for;"
        "print(COOKIE, headers_for('/')['Strict-Transport-Security'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"SECURE_COOKIE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["__Host-session", "max-age=31536000"]
    assert COOKIE == "session"
