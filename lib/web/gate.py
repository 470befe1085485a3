"""The gate before every request: who passes without a session, and the headers of every answer.

A list of what is open; everything else, WebSocket and uploads included, needs a session.
"""

import base64
import hashlib
import re
from importlib.resources import files
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib import settings
from lib.domain.origin import come_from
from lib.domain.permissions import Actor
from lib.domain.public_codes import BY_CODE, CODE_SIGNS
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.queries.sessions import actor_of
from lib.services.sessions import COOKIE, note_use
from lib.web.early import Early
from lib.web.shapes import expected
from lib.web.shell import Shell

OPEN_EXACT = frozenset(
    {
        "/login",
        "/login/code",
        "/login/second",
        "/login/sso",
        "/session/open",
        "/session/first",
        "/session/code",
        "/session/second",
        "/session/sso",
        "/session/enter",
        "/session/close",
        "/verify",
        "/_stcore/health",
        "/favicon.ico",
        "/favicon.png",
    }
)
OPEN_UNDER = ("/assets/", "/static/")
OPEN_BY_CODE = re.compile(rf"/[{''.join(BY_CODE)}]/{CODE_SIGNS}")
"""Forms that a code on paper opens, and the pages of links that were handed out."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})

# An encoded percent sign would be decoded a second time by somebody further in.
_TRICK = re.compile(r"//|\\|%|[\x00-\x1f\x7f]|(?:^|/)\.{1,2}(?:/|$)")

_NEXT_MAX = 2000

_COMMON = "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"


def _inline_scripts() -> str:
    """The hashes of the scripts that Streamlit writes into its page, as CSP sources."""
    page = (files("streamlit") / "static" / "index.html").read_text(encoding="utf-8")
    digests = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    )
    return " ".join(f"'sha256-{digest}'" for digest in digests)


SHELL_POLICY = (
    f"default-src 'self'; script-src 'self' {_inline_scripts()};"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    f" connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; {_COMMON}"
)
FRAME_POLICY = (
    # streamlit-folium evaluates the map it is sent: escaping is the only wall inside its frame.
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    f" connect-src 'self'; {_COMMON}"
)


_OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000"} if settings.secure_cookie() else {}
"""Behind HTTPS a browser is told to come back by HTTPS alone, for a year."""


def headers_for(path: str) -> dict[str, str]:
    """The protective headers of an answer to `path`, where the answer has none of its own."""
    framed = path.startswith("/component/")
    return {
        "Content-Security-Policy": FRAME_POLICY if framed else SHELL_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    } | _OVER_HTTPS


def is_open(path: str) -> bool:
    """Whether the (decoded) path needs no session."""
    return (
        path in OPEN_EXACT
        or path.startswith(OPEN_UNDER)
        or OPEN_BY_CODE.fullmatch(path) is not None
    )


def is_plain(path: str) -> bool:
    """Whether the (decoded) path means what it says: no dot segments, no doubled slash."""
    return path.startswith("/") and _TRICK.search(path) is None


def safe_next(wanted: str) -> str:
    """`wanted` if it is an address within this site to go on to after signing in, else ``/``."""
    path = re.split("[?#]", wanted, maxsplit=1)[0]
    if (
        len(wanted) > _NEXT_MAX
        or not wanted.isprintable()
        or " " in wanted
        or "\\" in wanted
        or not is_plain(path)
        or path == "/login"
        or path.startswith(("/login/", "/session/"))
    ):
        return "/"
    return wanted


def is_same_site(headers: Headers) -> bool:
    """Whether a writing request was sent by a page of this very site, as far as browsers say."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


class Gate:
    """ASGI middleware that opens `scope["state"]["actor"]` to everything behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        come_from(client[0] if client else None, Headers(scope=scope).get("user-agent"))
        answer = await self._refusal(scope)
        if answer is None:
            await self.app(scope, receive, _with_headers(scope, send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401})
        else:
            await answer(scope, receive, _with_headers(scope, send))

    async def _refusal(self, scope: Scope) -> Response | None:
        connection, path = HTTPConnection(scope), scope["path"]
        if not is_plain(path):
            return PlainTextResponse("no such address", 404)
        # A socket carries whatever is done on the screens: it is no less than writing.
        writes = scope["type"] == "websocket" or scope["method"] not in _READING
        if writes and not is_same_site(connection.headers):
            return PlainTextResponse("sent from another site", 403)
        if is_open(path):
            return None
        token = connection.cookies.get(COOKIE)
        try:
            actor: Actor | None = await run_in_threadpool(actor_of, token)
            if actor is not None and _opens_a_page(connection):
                await run_in_threadpool(note_use, token)
        except DBAPIError:
            words = "\n".join(say("door.database_away", language) for language in Language)
            return PlainTextResponse(words, 503, {"Retry-After": "5"})
        if actor is None:
            return _to_the_door(connection)
        scope.setdefault("state", {})["actor"] = actor
        return None


def _opens_a_page(connection: HTTPConnection) -> bool:
    scope, accepted = connection.scope, connection.headers.get("accept", "")
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in accepted


def _to_the_door(connection: HTTPConnection) -> Response:
    if not _opens_a_page(connection):
        return PlainTextResponse("sign in first", 401, {"Cache-Control": "no-store"})
    query = connection.url.query
    wanted = safe_next(connection.scope["path"] + (f"?{query}" if query else ""))
    door = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}"
    return RedirectResponse(door, 303, {"Cache-Control": "no-store"})


def _with_headers(scope: Scope, send: Send) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in headers_for(scope["path"]).items():
                headers.setdefault(name, value)
        await send(message)

    return send_on


MIDDLEWARE = [
    Middleware(Gate),
    Middleware(Shell),
    Middleware(Early, shapes=expected, silent=is_open),
]
