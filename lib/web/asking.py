"""The public form for needs, and the page of a resident's own link; both without an account.

A code on paper opens the form of one grid, a token the page of one need. What they may do stands
in `lib.services.resident`.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.domain.calendar import today
from lib.domain.errors import NotFound, Refusal
from lib.domain.origin import origin
from lib.domain.permissions import Actor
from lib.domain.public_codes import OPENS, RESIDENT
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.rules import SATISFACTION_MAX
from lib.domain.text import NAME_MAX, NOTE_MAX
from lib.domain.vocab import (
    Beneficiary,
    CodeFor,
    Language,
    NeedStage,
    ServiceKind,
    ServiceState,
    StatusToken,
)
from lib.i18n import formats
from lib.i18n.glossary import named, problem_sentence, say, word
from lib.queries.local_settings import current
from lib.queries.public_codes import Opened, opened
from lib.queries.resident import Given, Standing, standing
from lib.queries.sessions import actor_of
from lib.services.public_codes import new_token
from lib.services.resident import Filing, confirm_by_link, file_need, refuse_by_link
from lib.services.sessions import COOKIE
from lib.services.settling import Feedback
from lib.services.steps import REASON_MAX
from lib.services.throttle import take_turn
from lib.web.paper import Fields, chosen_language, drawn, read_form, see_other, show, site, switch

_BYTES_MAX = 131_072
"""Ten thousand Chinese characters, encoded, and some more: they are told to be too many."""

_STATUS = {
    NeedStage.COLLECTED: StatusToken.PROGRESS,
    NeedStage.ADOPTED: StatusToken.PROGRESS,
    NeedStage.CLAIMED: StatusToken.PROGRESS,
    NeedStage.IN_SERVICE: StatusToken.PROGRESS,
    NeedStage.SERVED: StatusToken.SOON,
    NeedStage.CONFIRMED: StatusToken.DONE,
    NeedStage.DECLINED: StatusToken.NEUTRAL,
    NeedStage.CALLED_OFF: StatusToken.NEUTRAL,
}


async def form(request: Request) -> Response:
    """``GET /n/{code}``: the empty form of the grid that the code names."""
    return await _form(request, request.query_params)


async def filed(request: Request) -> Response:
    """``POST /n/{code}``: take the need and go on to the page of its link."""
    typed = await read_form(request, most=_BYTES_MAX, fields=12)
    code, address = request.path_params["code"], origin().address
    filing = Filing(
        words=typed.get("words", ""),
        kind=_member(ServiceKind, typed.get("kind"), ServiceKind.OTHER),
        beneficiary=_member(Beneficiary, typed.get("beneficiary"), Beneficiary.ALL_RESIDENTS),
        wished_on=_day(typed.get("wished_on")),
        micro_wish="micro_wish" in typed,
        name=typed.get("name", ""),
        phone=typed.get("phone", ""),
        agreed="agreed" in typed,
    )
    filing_it = partial(file_need, code, filing=filing, token=typed.get("token", ""))
    if await run_in_threadpool(opened, CodeFor.NEED, code) is None:
        return await _gone(request, typed, "asking.code_over")
    try:
        if seconds := await run_in_threadpool(take_turn, CodeFor.NEED.value, code, address):
            minutes = -(-seconds // 60)
            return await _form(request, typed, 429, "asking.wait", minutes=minutes)
        token = await run_in_threadpool(filing_it)
    except NotFound:
        return await _gone(request, typed, "asking.code_over")
    except Refusal as refusal:
        return await _form(request, typed, 400, refusal)
    spoken = chosen_language(request, typed)
    return see_other(f"/{RESIDENT}/{token}?filed=1" + (f"&lang={spoken}" if spoken else ""))


async def page(request: Request) -> Response:
    """``GET /r/{token}``: where it stands, and what can be said about it."""
    return await _page(request, request.query_params)


async def answered(request: Request) -> Response:
    """``POST /r/{token}``: it was done, or it was not."""
    typed = await read_form(request, most=_BYTES_MAX)
    token = request.path_params["token"]
    signed_in = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
    done = typed.get("answer") == "done"
    answering = _answer(token, typed, signed_in, done=done)
    try:
        await run_in_threadpool(answering)
    except NotFound:
        return await _gone(request, typed, "link.over")
    except Refusal as refusal:
        return await _page(request, typed, 400, refusal)
    spoken = chosen_language(request, typed)
    said = "done" if done else "not_done"
    return see_other(f"/{RESIDENT}/{token}?said={said}" + (f"&lang={spoken}" if spoken else ""))


def _answer(
    token: str, typed: Fields, signed_in: Actor | None, *, done: bool
) -> Callable[[], None]:
    numbers = {name: _number(typed.get(name)) for name in ("service", "version")}
    to = {"service_id": numbers["service"], "version": numbers["version"]}
    if not done:
        reason = typed.get("reason", "")
        return partial(refuse_by_link, token, reason=reason, signed_in=signed_in, **to)
    satisfaction = typed.get("satisfaction", "")
    given = int(satisfaction) if satisfaction in map(str, range(1, SATISFACTION_MAX + 1)) else None
    feedback = Feedback(given, typed.get("word", ""))
    return partial(confirm_by_link, token, feedback=feedback, signed_in=signed_in, **to)


async def _form(
    request: Request,
    fields: Fields,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    code = request.path_params["code"]
    place = await run_in_threadpool(opened, CodeFor.NEED, code)
    if place is None:
        return await _gone(request, fields, "asking.code_over")
    language = chosen_language(request, fields) or Language.ZH
    return await show(
        request,
        "asking.html",
        language,
        status=status,
        problem=problem,
        values=values,
        problems=_problems(problem, language),
        switch=switch(request.url.path),
        place=_place(place, language),
        typed=fields,
        token=fields.get("token") or new_token(),
        least_day=today().isoformat(),
        limits={"words": NOTE_MAX, "name": PERSON_NAME_MAX},
        **await run_in_threadpool(_choices, fields, language),
    )


async def _page(
    request: Request, fields: Fields, status: int = 200, problem: Refusal | None = None
) -> Response:
    found = await run_in_threadpool(standing, request.path_params["token"])
    if found is None:
        return await _gone(request, fields, "link.over")
    language = chosen_language(request, fields) or Language.ZH
    address = f"{site(request)}{request.url.path}"
    said = fields.get("said")
    told = "link.filed" if fields.get("filed") else ""
    if said in ("done", "not_done"):
        told = f"link.said_{said}"
    return await show(
        request,
        "link.html",
        language,
        status=status,
        problem=problem,
        problems=_problems(problem, language),
        switch=switch(request.url.path),
        address=address,
        drawing=drawn(address) if told == "link.filed" else None,
        told=say(told, language) if told else "",
        typed=fields,
        grades=[(n, say(f"link.grade_{n}", language)) for n in range(SATISFACTION_MAX, 0, -1)],
        limits={"reason": REASON_MAX, "word": NAME_MAX},
        **await run_in_threadpool(_told, found, language),
    )


async def _gone(request: Request, fields: Fields, key: str) -> Response:
    language = chosen_language(request, fields) or Language.ZH
    switched = switch(request.url.path)
    return await show(request, "gone.html", language, status=404, problem=key, switch=switched)


def _problems(problem: str | Refusal | None, language: Language) -> list[str]:
    problems = problem.problems if isinstance(problem, Refusal) else ()
    return [problem_sentence(one, language) for one in problems]


def _place(place: Opened, language: Language) -> str:
    names = (
        named(place.above_zh, place.above_en, language),
        named(place.area_zh, place.area_en, language),
    )
    return " ".join(name for name in names if name)


def _choices(fields: Fields, language: Language) -> dict[str, Any]:
    """What can be chosen, as the street calls it, with what was chosen before."""
    local = current(None)
    found = {}
    for name, members, usual in (
        ("kinds", ServiceKind, ServiceKind.OTHER.value),
        ("beneficiaries", Beneficiary, Beneficiary.ALL_RESIDENTS.value),
    ):
        chosen = fields.get("kind" if members is ServiceKind else "beneficiary") or usual
        found[name] = [
            (one.value, local.own_word(one, language) or word(one, language), one.value == chosen)
            for one in local.offered(members)
        ]
    return found


def _told(found: Standing, language: Language) -> dict[str, Any]:
    """The page's sentences: nothing that names anybody."""
    local = current(None)

    def in_words(one: Given) -> dict[str, Any]:
        kind = local.own_word(one.kind, language) or word(one.kind, language)
        facts = (formats.day(one.day, language), kind, one.place)
        return {
            "number": one.service_id,
            "version": one.version,
            "facts": " · ".join(fact for fact in facts if fact),
            "waits": one.state is ServiceState.RECORDED,
            "said": ""
            if one.state is ServiceState.RECORDED
            else say(f"link.is_{one.state}", language),
        }

    day = formats.day(found.promised_on, language) if found.promised_on else ""
    return {
        "area": named(found.area_zh, found.area_en, language),
        "words": found.words,
        "asked": formats.instant(found.asked_at, language) if found.asked_at else "",
        "stage": word(found.stage, language),
        "shape": _STATUS[found.stage].value,
        "explained": say(f"link.stage_{found.stage}", language),
        "promised": say("link.promised", language, day=day) if day else "",
        "merged": found.merged,
        "reason": found.reason,
        "until": formats.day(found.expires_at.date(), language),
        "services": [in_words(one) for one in found.services],
    }


def _member(members: Any, text: str | None, usual: Any) -> Any:  # noqa: ANN401 - any vocabulary
    return members(text) if text in list(members) else usual


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0


ROUTES = [
    Route(f"/{OPENS[CodeFor.NEED]}/{{code}}", form),
    Route(f"/{OPENS[CodeFor.NEED]}/{{code}}", filed, methods=["POST"]),
    Route(f"/{RESIDENT}/{{token}}", page),
    Route(f"/{RESIDENT}/{{token}}", answered, methods=["POST"]),
]
