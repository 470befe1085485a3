"""The own account, as a page of ours: password, second factor, open sessions, language.

Every address here needs a session; the gate has put its actor into the request.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lib import settings
from lib.domain.errors import Refusal
from lib.domain.origin import origin
from lib.domain.permissions import Actor
from lib.domain.vocab import Language
from lib.i18n import formats
from lib.i18n.glossary import named, say, word
from lib.queries import sessions as asking
from lib.services import second_factor
from lib.services.accounts import change_password, choose_language, end_sessions
from lib.services.sessions import COOKIE, end_session
from lib.services.throttle import forgive, take_try
from lib.web.paper import drawn, read_form, see_other, show


async def page(request: Request) -> Response:
    """``GET /account``: the page."""
    return await _page(request)


async def password(request: Request) -> Response:
    """``POST /account/password``: change it; every other session ends."""
    form = await read_form(request)
    if form.get("password") != form.get("again"):
        return await _page(request, Refusal("door.differ"))
    change = partial(
        change_password,
        request.state.actor,
        current=form.get("current", ""),
        new=form.get("password", ""),
        token=request.cookies.get(COOKIE),
    )
    return await _tried(request, change, "me.password_done")


async def language(request: Request) -> Response:
    """``POST /account/language``: speak it here and at every later signing in."""
    form = await read_form(request)
    if form.get("lang") in list(Language):
        token, chosen = request.cookies.get(COOKIE), Language(form["lang"])
        await run_in_threadpool(choose_language, request.state.actor, token, chosen)
    return see_other("/account")


async def session_ended(request: Request) -> Response:
    """``POST /account/session``: end one of the own sessions."""
    form = await read_form(request)
    await run_in_threadpool(end_session, request.state.actor, form.get("session", "")[:64])
    return see_other("/account")


async def sessions_ended(request: Request) -> Response:
    """``POST /account/sessions``: end all of them, but this one if `keep` is asked for."""
    form = await read_form(request)
    actor: Actor = request.state.actor
    keep = request.cookies.get(COOKIE) if form.get("keep") else None
    await run_in_threadpool(partial(end_sessions, actor, actor.account_id, keep=keep))
    return see_other("/account")


async def second_begun(request: Request) -> Response:
    """``POST /account/second/begin``: show a fresh secret; the password is asked for again."""
    form = await read_form(request)
    begin = partial(
        second_factor.begin_second_factor, request.state.actor, password=form.get("password", "")
    )
    return await _tried(request, begin, "")


async def second_confirmed(request: Request) -> Response:
    """``POST /account/second/confirm``: the first code turns it on; recovery codes are shown."""
    return await _with_code(request, second_factor.confirm_second_factor, "me.second_done")


async def second_renewed(request: Request) -> Response:
    """``POST /account/second/codes``: fresh recovery codes, for a code of the authenticator."""
    return await _with_code(request, second_factor.renew_recovery_codes, "me.codes_done")


async def second_ended(request: Request) -> Response:
    """``POST /account/second/end``: turn it off, for a code of the authenticator."""
    return await _with_code(request, second_factor.end_second_factor, "me.second_ended")


async def _with_code(
    request: Request, command: Callable[..., tuple[str, ...]], done: str
) -> Response:
    form = await read_form(request)
    return await _tried(
        request, partial(command, request.state.actor, code=form.get("code", "")[:100]), done
    )


async def _tried(request: Request, command: Callable[[], Any], done: str) -> Response:
    """Run a command that proves who is there; a few wrong proofs, and the account must wait."""
    actor: Actor = request.state.actor
    key, address = f"account {actor.account_id}", origin().address
    try:
        if seconds := await run_in_threadpool(take_try, key, address):
            return await _page(request, Refusal("door.wait", minutes=-(-seconds // 60)))
        given = await run_in_threadpool(command)
        await run_in_threadpool(forgive, key, address)
    except Refusal as refusal:
        return await _page(request, refusal)
    return await _page(request, done=done, codes=given or ())


async def _page(
    request: Request, problem: Refusal | None = None, done: str = "", codes: tuple[str, ...] = ()
) -> Response:
    actor: Actor = request.state.actor
    token = request.cookies.get(COOKIE)
    try:
        shown = await run_in_threadpool(_shown, actor, token)
    except Refusal as refusal:
        shown, problem = await run_in_threadpool(_bare, actor, token), problem or refusal
    return await show(
        request,
        "account.html",
        status=400 if problem else 200,
        problem=problem,
        done=say(done, actor.language) if done else "",
        codes=codes,
        **shown,
    )


def _shown(actor: Actor, token: str | None) -> dict[str, Any]:
    issuer = say("door.product", actor.language)
    waiting = second_factor.enrolment(actor, issuer=issuer)
    return _bare(actor, token) | {"enrolment": waiting and _drawn(waiting)}


def _bare(actor: Actor, token: str | None) -> dict[str, Any]:
    facts = asking.own_account(actor)
    return {
        "language": actor.language,
        "shown_as": named(actor.name_zh, actor.name_en, actor.language),
        "roles": [word(role, actor.language) for role in sorted({g.role for g in actor.grants})],
        "languages": [(other, word(other, other)) for other in Language],
        "sessions": [_told(row, actor.language) for row in _rows(actor, token)],
        "least": settings.password_least(),
        "enrolment": None,
        "sso": settings.single_sign_on() is not None,
        **facts,
    }


def _rows(actor: Actor, token: str | None) -> list[dict[str, Any]]:
    return [
        {str(k): v for k, v in row.items()}
        for row in asking.sessions_of(actor.account_id, token).to_dict("records")
    ]


def _told(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    device = row["device"] or say("me.unknown_device", language)
    return {
        "session": row["session"],
        "device": device,
        "address": row["address"],
        "opened": formats.instant(row["opened_at"], language),
        "seen": formats.instant(row["seen_at"], language),
        "own": row["own"],
    }


def _drawn(waiting: second_factor.Enrolment) -> dict[str, Any]:
    """The secret in groups of four, and its QR code as a drawing."""
    spelled = " ".join(waiting.secret[at : at + 4] for at in range(0, len(waiting.secret), 4))
    return {"drawing": drawn(waiting.address), "secret": spelled}


async def back_to_page(_request: Request) -> RedirectResponse:
    """``GET /account/…``: somebody reloaded the answer to a form."""
    return see_other("/account")


ROUTES = [
    Route("/account", page),
    Route("/account/password", password, methods=["POST"]),
    Route("/account/language", language, methods=["POST"]),
    Route("/account/session", session_ended, methods=["POST"]),
    Route("/account/sessions", sessions_ended, methods=["POST"]),
    Route("/account/second/begin", second_begun, methods=["POST"]),
    Route("/account/second/confirm", second_confirmed, methods=["POST"]),
    Route("/account/second/codes", second_renewed, methods=["POST"]),
    Route("/account/second/end", second_ended, methods=["POST"]),
    Route("/account/{rest:path}", back_to_page),
]
