"""A small Streamlit server that draws the bench's towns exactly as the product draws its own."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bench.map.data import town
from lib.web.early import Early
from lib.web.shell import Shell

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "static"


def shapes(request: Request) -> Response:
    """Answer with a town's GeoJSON, compressed beforehand."""
    headers = {
        "Content-Encoding": "gzip",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    found = town(request.path_params["size"])
    return Response(found.packed, media_type="application/geo+json", headers=headers)


def raw(request: Request) -> HTMLResponse:
    """Answer with the page that draws the same town with Leaflet alone."""
    return HTMLResponse((HERE / "raw.html").read_text("utf-8"))


class Assets(StaticFiles):
    """Files that the browser may keep for an hour, as the product's are."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file and how long it may be kept."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


async def expected(request: Request) -> str | None:
    """Say which shapes the page will draw, as the product does; none for the empty page."""
    page = request.query_params
    return None if page.get("page") == "empty" else f"/map/shapes/{page.get('size', 'M')}.json"


app = st.App(
    HERE / "screen.py",
    routes=[
        Route("/map/shapes/{size}.json", shapes),
        Route("/raw", raw),
        Mount("/assets", Assets(directory=STATIC)),
    ],
    middleware=[Middleware(Shell), Middleware(Early, shapes=expected, silent=lambda path: False)],
)
