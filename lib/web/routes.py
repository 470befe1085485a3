"""Every address of ours beside the screens, in one list."""

import mimetypes
from os import PathLike, stat_result

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lib.settings import ROOT
from lib.web import (
    account,
    asking,
    certificates,
    checking_in,
    door,
    photos,
    place,
    shapes,
    sheets,
    single_sign_on,
)

_STATIC = ROOT / "static"
_ONE_HOUR = "public, max-age=3600"
_ONE_YEAR = "public, max-age=31536000, immutable"

# What the machine's own table lacks or says otherwise; `nosniff` makes browsers insist.
for _suffix, _type in (
    (".css", "text/css"),
    (".geojson", "application/geo+json"),
    (".js", "text/javascript"),
    (".svg", "image/svg+xml"),
    (".woff2", "font/woff2"),
):
    mimetypes.add_type(_type, _suffix)


class Assets(StaticFiles):
    """The vendored scripts, styles and fonts; public, and asked for again after an hour.

    Fonts and vendored libraries never change under their name and stay for a year.
    """

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file or 304, with how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        lasting = str(full_path).endswith(".woff2") or "/vendor/" in scope["path"]
        response.headers["Cache-Control"] = _ONE_YEAR if lasting else _ONE_HOUR
        return response


async def favicon(_request: Request) -> Response:
    """``GET /favicon.ico`` and ``/favicon.png``: the seal."""
    path = _STATIC / "favicon.png"
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": _ONE_HOUR})


async def overview(request: Request) -> Response:
    """``GET /overview``: the first screen stands at the root and has no address of its own."""
    return RedirectResponse(str(request.url.replace(path="/")), 307)


ROUTES = [
    *single_sign_on.ROUTES,
    *door.ROUTES,
    *account.ROUTES,
    *certificates.ROUTES,
    *asking.ROUTES,
    *place.ROUTES,
    *photos.ROUTES,
    *shapes.ROUTES,
    *sheets.ROUTES,
    *checking_in.ROUTES,
    Route("/overview", overview),
    Route("/favicon.ico", favicon),
    Route("/favicon.png", favicon),
    Mount("/assets", Assets(directory=_STATIC)),
]
