"""Photos of services by address: authorised at each fetch, kept by the browser that fetched them.

Visitors see no services, and so no photos.
"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.queries import photo

_KEPT = "private, max-age=31536000, immutable"
_POLICY = "default-src 'none'; sandbox"


async def picture(request: Request) -> Response:
    """``GET /photo/{id}-{digest}.webp``: a photo of a service that the actor sees."""
    wanted = request.path_params
    read = partial(photo.photo_file, request.state.actor, photo_id=wanted["photo_id"])
    found = await run_in_threadpool(read)
    if found is None or found[0] != wanted["digest"]:
        return PlainTextResponse("no such photo", 404, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": _KEPT, "Vary": "Cookie", "Content-Security-Policy": _POLICY}
    return Response(found[1], media_type="image/webp", headers=headers)


ROUTES = [Route("/photo/{photo_id:int}-{digest}.webp", picture)]
"""What it says never changes: the address holds the digest of the content."""
