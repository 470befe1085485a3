"""What the map fetches by address: the shapes of an area, as tiles too, and pictures under them.

Authorised at each fetch; kept by the browser for as long as the address stands for them.
"""

import gzip
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.domain.permissions import Actor, Permission, Scope
from lib.domain.vocab import Language
from lib.queries import areas, drawing, ground, sheets

_KEPT = "private, max-age=31536000, immutable"
_PASSING = "no-store"

# A picture opened on its own is a document: it may style itself and do nothing else.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class _Sheet:
    """Which shapes: those of one root and version, for everybody with the same scope."""

    root_id: int | None
    version: str
    tiled: bool
    scopes: tuple[Scope, Scope]
    actor: Actor = field(compare=False)


@dataclass(frozen=True)
class _File:
    packed: bytes
    etag: str


@lru_cache(maxsize=16)
def _shapes(sheet: _Sheet) -> _File:
    return _file(
        gzip.compress(areas.shapes(sheet.actor, root_id=sheet.root_id, tiled=sheet.tiled), 6)
    )


def _file(packed: bytes) -> _File:
    return _File(packed, f'"{hashlib.sha256(packed).hexdigest()[:32]}"')


async def shapes(request: Request) -> Response:
    """``GET /map/shapes/{root}-{version}.json``: the shapes below an area, 0 for the whole tree.

    Under ``/map/tiles/`` every area is a tile.

    An address whose version has passed is answered with the present shapes, to be kept by
    nobody; an area beyond the actor's scope does not exist.
    """
    root_id = request.path_params["root"] or None
    tiled = request.url.path.startswith("/map/tiles/")
    found = await run_in_threadpool(_present_shapes, request.state.actor, root_id, tiled)
    if found is None:
        return _missing()
    version, file = found
    current = version == request.path_params["version"]
    return _answer(request, file, "application/geo+json", _KEPT if current else _PASSING)


def _present_shapes(actor: Actor, root_id: int | None, tiled: bool) -> tuple[str, _File] | None:
    if root_id is not None and areas.area(actor, area_id=root_id).empty:
        return None
    version = areas.shapes_version(actor, root_id=root_id)
    scopes = (actor.scope(Permission.AREA_VIEW), actor.scope(Permission.UNIT_VIEW))
    return version, _shapes(_Sheet(root_id, version, tiled, scopes, actor))


async def expected(request: Request) -> str | None:
    """The address of the shapes that a page's map shows first, by the page's query."""
    code = request.query_params.get("area")
    return await run_in_threadpool(sheets.first_address, request.state.actor, code=code)


async def picture(request: Request) -> Response:
    """``GET /map/ground/{area_id}/{theme}-{language}-{digest}.svg``: the picture under the map."""
    wanted = request.path_params
    if wanted["language"] not in list(Language):
        return _missing()
    found = await run_in_threadpool(
        ground.picture_file,
        request.state.actor,
        area_id=wanted["area_id"],
        theme=wanted["theme"],
        language=Language(wanted["language"]),
    )
    if found is None:
        return _missing()
    digest, packed = found
    kept = _KEPT if digest == wanted["digest"] else _PASSING
    answer = _answer(request, _File(packed, f'"{digest}"'), "image/svg+xml", kept)
    answer.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return answer


async def wall_picture(request: Request) -> Response:
    """``GET /map/picture/{area_id}/{kind}-{digest}.webp``: a picture to trace borders over.

    For those who may draw there; `kind` is ``plain`` or ``turned``.
    """
    wanted = request.path_params
    if wanted["kind"] not in ("plain", "turned"):
        return _missing()
    found = await run_in_threadpool(
        drawing.picture_file,
        request.state.actor,
        area_id=wanted["area_id"],
        kind=wanted["kind"],
    )
    if found is None:
        return _missing()
    digest, content = found
    kept = _KEPT if digest == wanted["digest"] else _PASSING
    headers = {"ETag": f'"{digest}"', "Cache-Control": kept, "Vary": "Cookie"}
    if _known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    policy = {"Content-Security-Policy": _PICTURE_POLICY}
    return Response(content, media_type="image/webp", headers=headers | policy)


def _known(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return etag in (tag.strip().removeprefix("W/") for tag in known.split(","))


def _answer(request: Request, file: _File, media_type: str, kept: str) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": kept, "Vary": "Accept-Encoding, Cookie"}
    if _known(request, file.etag):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = headers | {"Content-Encoding": "gzip"}
        return Response(file.packed, media_type=media_type, headers=packed)
    return Response(gzip.decompress(file.packed), media_type=media_type, headers=headers)


def _missing() -> Response:
    return PlainTextResponse("no such map", 404, {"Cache-Control": _PASSING})


ROUTES = [
    Route("/map/shapes/{root:int}-{version}.json", shapes),
    Route("/map/tiles/{root:int}-{version}.json", shapes),
    Route("/map/picture/{area_id:int}/{kind}-{digest}.webp", wall_picture),
    Route("/map/ground/{area_id:int}/{theme}-{language}-{digest}.svg", picture),
]
