"""The door: the page to sign in at, the first set-up, one-time codes, and the second factor.

Works without any script. What a session is stands in `lib.services.sessions`.
"""

from functools import partial
from itertools import groupby
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lib import settings
from lib.domain.contrast import nearest_readable
from lib.domain.errors import NotFound, Refusal
from lib.domain.local_settings import Accent
from lib.domain.origin import origin
from lib.domain.permissions import Role
from lib.domain.vocab import Language
from lib.i18n.glossary import say, word
from lib.queries import sessions as asking
from lib.queries.local_settings import current
from lib.services.accounts import redeem_code, set_up
from lib.services.sessions import (
    COOKIE,
    close_session,
    enter_demonstration,
    open_session,
    pass_second_factor,
)
from lib.services.throttle import forgive, take_try
from lib.web.gate import safe_next
from lib.web.paper import (
    Fields,
    chosen_language,
    enter,
    read_form,
    see_other,
    show,
    switch,
    with_query,
)

# Whom the product is for stands first and widest.
_FIRST = Role.STREET_COMMITTEE
_MAIN = frozenset(Role) - {
    Role.STREET_STAFF,
    Role.GRID_WORKER,
    Role.TEAM_LEADER,
    Role.AUDITOR,
}
"""Shown at once; the others stand behind one more click, so that the door stays calm."""


async def login(request: Request) -> Response:
    """``GET /login``: the door; ``next`` is kept, ``lang`` chooses the language."""
    return await _door(request, request.query_params)


async def session_open(request: Request) -> Response:
    """``POST /session/open``: sign in by name and password."""
    form = await read_form(request)
    name, password = form.get("name", ""), form.get("password", "")
    chosen, address = chosen_language(request, form), origin().address
    try:
        if seconds := await run_in_threadpool(take_try, name, address):
            return await _door(request, form, 429, "door.wait", minutes=-(-seconds // 60))
        token = await run_in_threadpool(open_session, name, password, chosen)
        if token is None:
            return await _door(request, form, 401, "door.wrong")
        await run_in_threadpool(forgive, name, address)
        pending = await run_in_threadpool(asking.pending_account, token) is not None
    except Refusal as refusal:
        return await _door(request, form, 503, refusal)
    return await enter(request, form, token, pending=pending)


async def session_first(request: Request) -> Response:
    """``POST /session/first``: make the first account, while there is none."""
    form = await read_form(request)
    if form.get("password") != form.get("again"):
        return await _door(request, form, 400, "door.differ")
    making = partial(
        set_up,
        name=form.get("name", ""),
        password=form.get("password", ""),
        display=form.get("display", ""),
        language=chosen_language(request, form) or Language.ZH,
    )
    try:
        token = await run_in_threadpool(making)
    except Refusal as refusal:
        return await _door(request, form, 400, refusal)
    return await enter(request, form, token)


async def code(request: Request) -> Response:
    """``GET /login/code``: the page on which a one-time code sets a password."""
    return await _code_page(request, request.query_params)


async def session_code(request: Request) -> Response:
    """``POST /session/code``: set a password by a one-time code and sign in."""
    form = await read_form(request)
    name, address = form.get("name", ""), origin().address
    if form.get("password") != form.get("again"):
        return await _code_page(request, form, 400, "door.differ")
    redeeming = partial(
        redeem_code,
        name=name,
        code=form.get("code", ""),
        password=form.get("password", ""),
        language=chosen_language(request, form),
    )
    try:
        if seconds := await run_in_threadpool(take_try, f"code {name}", address):
            return await _code_page(request, form, 429, "door.wait", minutes=-(-seconds // 60))
        token = await run_in_threadpool(redeeming)
        if token is None:
            return await _code_page(request, form, 401, "door.code_wrong")
        await run_in_threadpool(forgive, f"code {name}", address)
        pending = await run_in_threadpool(asking.pending_account, token) is not None
    except Refusal as refusal:
        await run_in_threadpool(forgive, f"code {name}", address)
        return await _code_page(request, form, 400, refusal)
    return await enter(request, form, token, pending=pending)


async def second(request: Request) -> Response:
    """``GET /login/second``: asks for the second factor of a session that has shown a password."""
    return await _second_page(request, request.query_params)


async def session_second(request: Request) -> Response:
    """``POST /session/second``: the code of the authenticator, or a recovery code."""
    form = await read_form(request)
    token, address = request.cookies.get(COOKIE), origin().address
    name = await run_in_threadpool(asking.pending_account, token)
    if name is None:
        return await _second_page(request, form)
    key = f"second {name}"
    try:
        if seconds := await run_in_threadpool(take_try, key, address):
            return await _second_page(request, form, 429, "door.wait", minutes=-(-seconds // 60))
        opened = await run_in_threadpool(pass_second_factor, token, form.get("code", "")[:100])
        if opened is None:
            return await _second_page(request, form, 401, "second.wrong")
        await run_in_threadpool(forgive, key, address)
    except Refusal as refusal:
        return await _second_page(request, form, 503, refusal)
    return await enter(request, form, opened)


async def session_enter(request: Request) -> Response:
    """``POST /session/enter``: enter a demonstration as the pressed role, at the chosen place."""
    form = await read_form(request)
    role = form.get("role", "")
    if role not in list(Role):
        return await _door(request, form, 400, "door.no_entry")
    place, language = form.get("place") or None, chosen_language(request, form)
    try:
        token = await run_in_threadpool(enter_demonstration, Role(role), place, language)
    except NotFound:
        return await _door(request, form, 404, "door.no_entry")
    except Refusal as refusal:
        refused = refusal.code == "refusal.not_demonstration"
        return await _door(request, form, 403 if refused else 503, refusal)
    return await enter(request, form, token)


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


async def _door(
    request: Request,
    fields: Fields,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    offered = await run_in_threadpool(_offered, request, fields)
    return await show(
        request, "door.html", status=status, problem=problem, values=values, **offered
    )


def _offered(request: Request, fields: Fields) -> dict[str, Any]:
    language = chosen_language(request, fields) or Language.ZH
    first = asking.awaits_set_up()
    return {
        **_kept(request, fields, "/login"),
        "name": fields.get("name", ""),
        "display": fields.get("display", ""),
        "first": first,
        "least": settings.password_least(),
        "sso": settings.single_sign_on() is not None,
        **_demonstration(language, fields.get("place", "")),
    }


async def _code_page(
    request: Request,
    fields: Fields,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    context = _kept(request, fields, "/login/code") | {
        "name": fields.get("name", ""),
        "code": fields.get("code", ""),
        "least": settings.password_least(),
    }
    return await show(
        request, "code.html", status=status, problem=problem, values=values, **context
    )


async def _second_page(
    request: Request,
    fields: Fields,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    token = request.cookies.get(COOKIE)
    if await run_in_threadpool(asking.pending_account, token) is None:
        wanted = safe_next(fields.get("next") or "/")
        return see_other(with_query("/login", next=wanted, lang=fields.get("lang") or ""))
    context = _kept(request, fields, "/login/second")
    return await show(
        request, "second.html", status=status, problem=problem, values=values, **context
    )


def _kept(request: Request, fields: Fields, path: str) -> dict[str, Any]:
    """What every page of the door carries on: the language, and where to go afterwards."""
    chosen = chosen_language(request, fields)
    wanted = safe_next(fields.get("next") or "/")
    return {
        "language": chosen or Language.ZH,
        "chosen": chosen or "",
        "wanted": wanted,
        "here": path,
        "switch": switch(path, next=wanted),
        "to_code": with_query("/login/code", lang=chosen or "", next=wanted),
        "to_door": with_query("/login", lang=chosen or "", next=wanted),
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
    Route("/login", login),
    Route("/login/code", code),
    Route("/login/second", second),
    Route("/session/open", session_open, methods=["POST"]),
    Route("/session/first", session_first, methods=["POST"]),
    Route("/session/code", session_code, methods=["POST"]),
    Route("/session/second", session_second, methods=["POST"]),
    Route("/session/enter", session_enter, methods=["POST"]),
    Route("/session/close", session_close, methods=["POST"]),
    Route("/session/{action}", back_to_door),
    Route("/assets/branding.css", colours),
]
