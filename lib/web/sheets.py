"""Sheets of QR codes to print and put up: one code for each area of a place, as a page of ours.

Needs a session; which codes there are is asked of `lib.queries.public_codes`.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.domain.permissions import Actor
from lib.domain.public_codes import address_of
from lib.domain.vocab import CodeFor
from lib.i18n.glossary import named, say
from lib.queries.public_codes import codes, opened, project_code
from lib.web.paper import drawn, show, site


async def sheet(request: Request) -> Response:
    """``GET /sheet/{purpose}``: the codes below ``area``, or of a ``project``; a card each."""
    actor: Actor = request.state.actor
    wanted, asked = request.path_params["purpose"], request.query_params
    purpose = next((one for one in CodeFor if one.value == wanted), None)
    cards: list[dict[str, Any]] = []
    if purpose is CodeFor.SERVICE:
        number = _number(asked.get("project"))
        cards = await run_in_threadpool(_of_project, actor, number, site(request))
    elif purpose is not None:
        number = _number(asked.get("area"))
        cards = await run_in_threadpool(_of_areas, actor, purpose, number, site(request))
    status = 200 if cards else 404
    return await show(request, "sheet.html", actor.language, status=status, cards=cards)


def _of_areas(
    actor: Actor, purpose: CodeFor, area_id: int | None, here: str
) -> list[dict[str, Any]]:
    rows = codes(actor, purpose=purpose, area_id=area_id)
    return [
        _card(
            actor,
            purpose,
            here + address_of(purpose, row.code),
            f"{named(row.above_zh or '', row.above_en, actor.language)}"
            f" {named(row.area_zh, row.area_en, actor.language)}",
        )
        for row in rows[rows["code"].notna()].itertuples()
    ]


def _of_project(actor: Actor, project_id: int | None, here: str) -> list[dict[str, Any]]:
    code = project_code(actor, project_id=project_id or 0)
    found = opened(CodeFor.SERVICE, code) if code else None
    if code is None or found is None:
        return []
    address = here + address_of(CodeFor.SERVICE, code)
    return [_card(actor, CodeFor.SERVICE, address, found.title)]


def _card(actor: Actor, purpose: CodeFor, address: str, name: str) -> dict[str, Any]:
    return {
        "head": say(f"sheet.head_{purpose}", actor.language),
        "note": say(f"sheet.note_{purpose}", actor.language),
        "name": name.strip(),
        "drawing": drawn(address),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None


ROUTES = [Route("/sheet/{purpose}", sheet)]
