"""The page behind the code that hangs where a project is served: one tap, and you are checked in.

Needs a session, for it is said of somebody; see `lib.services.place`.
"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.domain.errors import NotFound, Refusal
from lib.domain.permissions import Actor
from lib.domain.public_codes import OPENS
from lib.domain.vocab import CodeFor
from lib.queries.public_codes import opened
from lib.services.place import check_in_here
from lib.web.paper import see_other, show


async def place(request: Request) -> Response:
    """``GET /s/{code}``: which project it is, and the button; ``done`` after it was pressed."""
    return await _page(request)


async def checked_in(request: Request) -> Response:
    """``POST /s/{code}``: check the actor in."""
    actor: Actor = request.state.actor
    command = partial(check_in_here, actor, code=request.path_params["code"])
    try:
        await run_in_threadpool(command)
    except NotFound:
        return await _page(request)
    except Refusal as refusal:
        return await _page(request, refusal)
    return see_other(f"{request.url.path}?done=1")


async def _page(request: Request, refusal: Refusal | None = None) -> Response:
    actor: Actor = request.state.actor
    code = request.path_params["code"]
    found = await run_in_threadpool(opened, CodeFor.SERVICE, code)
    problem: Refusal | str | None = refusal if found else "arrival.over"
    return await show(
        request,
        "place.html",
        actor.language,
        status=404 if found is None else 400 if refusal else 200,
        problem=problem,
        title=found.title if found else "",
        done="done" in request.query_params and found is not None,
    )


ROUTES = [
    Route(f"/{OPENS[CodeFor.SERVICE]}/{{code}}", place),
    Route(f"/{OPENS[CodeFor.SERVICE]}/{{code}}", checked_in, methods=["POST"]),
]
