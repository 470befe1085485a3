"""Sheets of QR codes to print and put up: one code for each area of a place, as a page of ours.

Needs a session; which codes there are is asked of `lib.queries.public_codes`.
"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.domain.permissions import Actor
from lib.domain.public_codes import LEVEL, address_of
from lib.domain.vocab import CodeFor
from lib.i18n.glossary import named, say
from lib.queries.public_codes import codes
from lib.web.paper import drawn, show, site


async def sheet(request: Request) -> Response:
    """``GET /sheet/{purpose}``: the codes below ``area``, a card each; none for who may not."""
    actor: Actor = request.state.actor
    wanted, area = request.path_params["purpose"], request.query_params.get("area", "")
    purpose = next((one for one in LEVEL if one.value == wanted), None)
    area_id = int(area) if area.isdecimal() and len(area) < 16 else None
    cards = (
        await run_in_threadpool(_cards, actor, purpose, area_id, site(request)) if purpose else []
    )
    status = 200 if cards else 404
    return await show(request, "sheet.html", actor.language, status=status, cards=cards)


def _cards(actor: Actor, purpose: CodeFor, area_id: int | None, here: str) -> list[dict[str, Any]]:
    rows = codes(actor, purpose=purpose, area_id=area_id)
    said = {
        "head": say(f"sheet.head_{purpose}", actor.language),
        "note": say(f"sheet.note_{purpose}", actor.language),
    }
    return [
        said
        | {
            "name": named(row.area_zh, row.area_en, actor.language),
            "above": named(row.above_zh or "", row.above_en, actor.language),
            "drawing": drawn(here + address_of(purpose, row.code)),
        }
        for row in rows[rows["code"].notna()].itertuples()
    ]


ROUTES = [Route("/sheet/{purpose}", sheet)]
