"""A small Streamlit server that draws the bench's towns exactly as the product draws its own."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.map.data import town
from lib.visuals.maps import preload

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


class Preload:
    """Send the map's files along with its frame."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the next application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to the frame's page."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"link", preload().encode())]
            await send(message)

        frame = scope["type"] == "http" and scope["path"].startswith("/component/")
        page = frame and scope["path"].endswith("index.html")
        await self.app(scope, receive, send_with if page else send)


app = st.App(
    HERE / "screen.py",
    routes=[
        Route("/map/shapes/{size}.json", shapes),
        Route("/raw", raw),
        Mount("/assets", Assets(directory=STATIC)),
    ],
    middleware=[Middleware(Preload)],
)
