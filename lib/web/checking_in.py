"""The form that the code at a check-in point opens on a phone; it needs no account.

What is sent waits until the community answers it (`lib.services.check_in_requests`).
"""

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.domain.check_in import CERTIFICATE_MAX, PLEDGE_TEXT
from lib.domain.errors import NotFound, Refusal
from lib.domain.origin import origin
from lib.domain.public_codes import OPENS
from lib.domain.retention import CONSENT_TEXT
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.vocab import CodeFor, Language, Skill
from lib.i18n.glossary import named, problem_sentence, word
from lib.queries import check_in, units
from lib.queries.public_codes import Opened, opened
from lib.services.check_in_requests import RequestEntry, ask_to_check_in
from lib.services.public_codes import new_token
from lib.services.throttle import take_turn
from lib.web.paper import Fields, chosen_language, read_form, see_other, show, switch

_BYTES_MAX = 131_072
"""Ten thousand Chinese characters, encoded, and some more: they are told to be too many."""
_SKILL = "skill_"


async def form(request: Request) -> Response:
    """``GET /c/{code}``: the empty form of the community that the code names."""
    return await _form(request, request.query_params)


async def sent(request: Request) -> Response:
    """``POST /c/{code}``: take the request and say what comes next."""
    typed = await read_form(request, most=_BYTES_MAX, fields=12 + len(Skill))
    code, address = request.path_params["code"], origin().address
    place = await run_in_threadpool(opened, CodeFor.CHECK_IN, code)
    if place is None:
        return await _gone(request, typed)
    entry = RequestEntry(
        typed.get("name", ""),
        agreed="agreed" in typed,
        pledged="pledged" in typed,
        organisation_id=_number(typed.get("unit")),
        certificate_number=typed.get("certificate", ""),
        home_area_id=_number(typed.get("home")),
        skills=frozenset(one for one in Skill if f"{_SKILL}{one}" in typed),
    )
    asking = partial(
        ask_to_check_in,
        area_id=place.area_id,
        entry=entry,
        request_id=typed.get("token", "")[:36] or new_token(),
    )
    try:
        if seconds := await run_in_threadpool(take_turn, CodeFor.CHECK_IN.value, code, address):
            minutes = -(-seconds // 60)
            return await _form(request, typed, 429, "checkinform.wait", minutes=minutes)
        await run_in_threadpool(asking)
    except NotFound:
        return await _form(request, typed, 400, "refusal.not_found")
    except Refusal as refusal:
        return await _form(request, typed, 400, refusal)
    spoken = chosen_language(request, typed)
    return see_other(f"{request.url.path}?sent=1" + (f"&lang={spoken}" if spoken else ""))


async def _form(
    request: Request,
    fields: Fields,
    status: int = 200,
    problem: str | Refusal | None = None,
    **values: object,
) -> Response:
    place = await run_in_threadpool(opened, CodeFor.CHECK_IN, request.path_params["code"])
    if place is None:
        return await _gone(request, fields)
    language = chosen_language(request, fields) or Language.ZH
    problems = problem.problems if isinstance(problem, Refusal) else ()
    skills = [(f"{_SKILL}{one}", word(one, language), f"{_SKILL}{one}" in fields) for one in Skill]
    return await show(
        request,
        "checking_in.html",
        language,
        status=status,
        problem=problem,
        values=values,
        problems=[problem_sentence(one, language) for one in problems],
        switch=switch(request.url.path),
        place=named(place.area_zh, place.area_en, language),
        sent="sent" in fields,
        typed=fields,
        token=fields.get("token") or new_token(),
        versions={"consent": CONSENT_TEXT, "pledge": PLEDGE_TEXT},
        limits={"name": PERSON_NAME_MAX, "certificate": CERTIFICATE_MAX},
        skills=skills,
        chosen_any=any(chosen for *_, chosen in skills),
        **await run_in_threadpool(_choices, place, fields, language),
    )


async def _gone(request: Request, fields: Fields) -> Response:
    language = chosen_language(request, fields) or Language.ZH
    return await show(
        request,
        "gone.html",
        language,
        status=404,
        problem="checkinform.code_over",
        switch=switch(request.url.path),
    )


def _choices(place: Opened, fields: Fields, language: Language) -> dict[str, Any]:
    """Units of the street and grids of the community, with what was chosen before."""
    found: dict[str, Any] = {}
    for name, rows in (
        ("units", units.names_around(place.area_id)),
        ("grids", check_in.grids_of(place.area_id)),
    ):
        chosen = fields.get("unit" if name == "units" else "home") or ""
        found[name] = [
            (str(number), named(zh, en, language), str(number) == chosen)
            for number, zh, en in rows.itertuples(index=False)
        ]
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None


ROUTES = [
    Route(f"/{OPENS[CodeFor.CHECK_IN]}/{{code}}", form),
    Route(f"/{OPENS[CodeFor.CHECK_IN]}/{{code}}", sent, methods=["POST"]),
]
