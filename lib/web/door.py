"""The door: the page to sign in at, and the three addresses that open and close a session.

Works without any script. What a session is stands in `lib.services.sessions`.
"""

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from lib import settings
from lib.domain.contrast import nearest_readable
from lib.domain.errors import NotFound, Refusal
from lib.domain.local_settings import Accent
from lib.domain.origin import origin
from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.i18n.glossary import named, say, sentence, word
from lib.queries import sessions as asking
from lib.queries.local_settings import current
from lib.services.sessions import (
    COOKIE,
    close_session,
    enter_demonstration,
    open_session,
)
from lib.services.throttle import forgive, take_try
from lib.web.gate import safe_next

# Whom the product is for stands first and widest.
_FIRST = Role.STREET_COMMITTEE
_MAIN = frozenset(Role) - {
    Role.STREET_STAFF,
    Role.GRID_WORKER,
    Role.TEAM_LEADER,
    Role.AUDITOR,
}
"""Shown at once; the others stand behind one more click, so that the door stays calm."""

_FORM_BYTES_MAX = 16_384
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_templates = Jinja2Templates(directory=settings.ROOT / "lib" / "web" / "templates")


async def login(request: Request) -> Response:
    """``GET /login``: the door; ``next`` is kept, ``lang`` chooses the language."""
    return await _door(request, request.query_params)


async def session_open(request: Request) -> Response:
    """``POST /session/open``: sign in by name and password."""
    form = await _form(request)
    name, password = form.get("name", ""), form.get("password", "")
    chosen, address = _chosen(request, form), origin().address
    try:
        seconds = await run_in_threadpool(take_try, name, address)
        if seconds:
            return await _door(request, form, 429, "door.wait", minutes=-(-seconds // 60))
        token = await run_in_threadpool(open_session, name, password, chosen)
    except Refusal as refusal:
        return await _door(request, form, 503, refusal)
    if token is None:
        return await _door(request, form, 401, "door.wrong")
    await run_in_threadpool(forgive, name, address)
    return await _signed_in(request, form, token)


async def session_enter(request: Request) -> Response:
    """``POST /session/enter``: enter a demonstration as the pressed role, at the chosen place."""
    form = await _form(request)
    role = form.get("role", "")
    if role not in list(Role):
        return await _door(request, form, 400, "door.no_entry")
    place, language = form.get("place") or None, _chosen(request, form)
    try:
        token = await run_in_threadpool(enter_demonstration, Role(role), place, language)
    except NotFound:
        return await _door(request, form, 404, "door.no_entry")
    except Refusal as refusal:
        refused = refusal.code == "refusal.not_demonstration"
        return await _door(request, form, 403 if refused else 503, refusal)
    return await _signed_in(request, form, token)


async def session_close(request: Request) -> Response:
    """``POST /session/close``: sign out; what the browser kept of the map goes too."""
    token = request.cookies.get(COOKIE)
    actor = await run_in_threadpool(asking.actor_of, token)
    await run_in_threadpool(close_session, token)
    english = actor is not None and actor.language is Language.EN
    answer = RedirectResponse("/login?lang=en" if english else "/login", 303)
    answer.delete_cookie(
        COOKIE, path="/", secure=settings.secure_cookie(), httponly=True, samesite="lax"
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a small form; anything larger is not ours.

    Raises:
        HTTPException: 413 for too many bytes, 400 for too many fields.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES_MAX:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=8))
    except ValueError as error:
        raise HTTPException(400) from error


async def _signed_in(request: Request, form: Mapping[str, str], token: str) -> Response:
    await run_in_threadpool(close_session, request.cookies.get(COOKIE))
    answer = RedirectResponse(safe_next(form.get("next", "/")), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.session_hours() * 3600),
        path="/",
        secure=settings.secure_cookie(),
        httponly=True,
        samesite="lax",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _chosen(request: Request, fields: Mapping[str, str] | QueryParams) -> Language | None:
    """The language asked for by the switch, else by the browser; None leaves it to the account."""
    asked = fields.get("lang")
    if asked in list(Language):
        return Language(asked)
    english = request.headers.get("accept-language", "").lower().startswith("en")
    return Language.EN if english else None


async def _door(
    request: Request,
    fields: Mapping[str, str] | QueryParams,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    chosen = _chosen(request, fields)
    language = chosen or Language.ZH
    if isinstance(problem, Refusal):
        problem_words = sentence(problem, language)
    else:
        problem_words = say(problem, language, **values) if problem else ""
    wanted = safe_next(fields.get("next", "/"))
    context: dict[str, Any] = {
        "say": partial(say, language=language),
        "language": language,
        "chosen": chosen or "",
        "switch": [_switch(other, wanted) for other in Language],
        "wanted": wanted,
        "name": fields.get("name", ""),
        "problem": problem_words,
        **await run_in_threadpool(_branding, language),
        **await run_in_threadpool(_demonstration, language, fields.get("place", "")),
    }
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY}
    return _templates.TemplateResponse(request, "door.html", context, status, headers)


def _switch(language: Language, wanted: str) -> dict[str, str]:
    fields = {"lang": str(language)} | ({} if wanted == "/" else {"next": wanted})
    return {
        "language": language,
        "word": word(language, language),
        "href": f"/login?{urlencode(fields)}",
    }


def _branding(language: Language) -> dict[str, str]:
    """The street's own name and emblem, or the product's."""
    settings = current(None)
    own = settings.street_name
    emblem = f"data:image/png;base64,{settings.emblem}" if settings.emblem else ""
    return {
        "product": named(own.zh, own.en, language) or say("door.product", language),
        "emblem": emblem or "/assets/logo/seal.svg",
    }


async def colours(_request: Request) -> Response:
    """``GET /assets/branding.css``: the street's accent for the door, which has no inline style."""
    accent = (await run_in_threadpool(current, None)).accent
    if accent == Accent():
        return Response("", media_type="text/css", headers={"Cache-Control": "no-cache"})
    sides = [
        f"--brand:{colour};--button:{nearest_readable(colour, ('#FFFFFF',))}"
        for colour in (accent.light, accent.dark)
    ]
    sheet = f":root{{{sides[0]}}}@media (prefers-color-scheme:dark){{:root{{{sides[1]}}}}}"
    return Response(sheet, media_type="text/css", headers={"Cache-Control": "no-cache"})


def _demonstration(language: Language, chosen_place: str) -> dict[str, Any]:
    """What the page offers in a demonstration: roles, and the places to hold them at."""
    if not asking.demonstration():
        return {"demonstration": False}
    prepared = asking.entries(language).sort_values(
        "role", key=lambda role: role != _FIRST, kind="stable"
    )
    places = asking.places(language).to_dict("records")
    roles = [
        {
            "value": role,
            "word": word(role, language),
            "sees": say(f"door.sees_{role}", language),
            "place": place,
            "first": role is _FIRST,
            "main": role in _MAIN,
        }
        for role, place in zip(map(Role, prepared["role"]), prepared["place"], strict=True)
    ]
    return {
        "demonstration": True,
        "roles": roles,
        "chosen_place": chosen_place,
        "streets": [
            (street, list(members))
            for street, members in groupby(places, key=lambda place: place["street"])
        ],
    }


async def back_to_door(_request: Request) -> Response:
    """``GET /session/…``: somebody reloaded the answer to a form; the door is what they want."""
    return RedirectResponse("/login", 303)


ROUTES = [
    Route("/assets/branding.css", colours),
    Route("/login", login),
    Route("/session/open", session_open, methods=["POST"]),
    Route("/session/enter", session_enter, methods=["POST"]),
    Route("/session/close", session_close, methods=["POST"]),
    Route("/session/{action}", back_to_door),
]
