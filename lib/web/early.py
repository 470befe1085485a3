"""What a map needs, on its way before it asks for it.

Headers only: what is drawn with them is `lib.visuals.maps`, who may have them is `lib.web.gate`.
"""

import re
from collections.abc import Awaitable, Callable
from importlib.resources import files

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.visuals.maps import File, frame_files, page_files, registered

Expected = Callable[[Request], Awaitable[str | None]]
"""The address of the shapes that a page's map shows first; None for no map."""

_NAMED_BY_CONTENT = re.compile(r"/component/[^/]+/static/.*\.[0-9a-f]{8}\.\w+$")

_CHUNKS = ("ComponentInstance", "IFrameUtil", "urls", "withCalculatedWidth")
"""Parts of Streamlit's own script that a page asks for when it meets its first frame."""


def _chunks() -> list[File]:
    """The addresses of the chunks, as far as this Streamlit has them."""
    scripts = (files("streamlit") / "static/static/js").iterdir()
    names = sorted(script.name for script in scripts)
    return [("script", f"/static/js/{n}") for n in names if n.partition(".")[0] in _CHUNKS]


_CHUNK_FILES = _chunks()


class Early:
    """ASGI middleware: pages name what the map's frame will want, the frame asks at once.

    The frame starts only when its page is done, and asks for one file after the other, for the
    shapes last of all. Its own script has the hash of its content in its name, so that a browser
    may keep it.
    """

    def __init__(self, app: ASGIApp, *, shapes: Expected, silent: Callable[[str], bool]) -> None:
        """Wrap the next application; nothing is announced on paths that are `silent`."""
        self.app = app
        self.shapes = shapes
        self.silent = silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the answer's headers."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                await self._announce(Request(scope), MutableHeaders(scope=message))
            await send(message)

        announces = scope["type"] == "http" and not self.silent(scope["path"])
        await self.app(scope, receive, send_on if announces else send)

    async def _announce(self, request: Request, headers: MutableHeaders) -> None:
        path = request.url.path
        if _NAMED_BY_CONTENT.fullmatch(path):
            headers["Cache-Control"] = "private, max-age=31536000, immutable"
        elif not headers.get("content-type", "").startswith("text/html") or not registered():
            return
        elif path.startswith("/component/"):
            headers["Link"] = _links("preload", frame_files())
        elif (shapes := await self.shapes(request)) is not None:
            ahead = [*_CHUNK_FILES, *page_files(), ("fetch; crossorigin", shapes)]
            headers["Link"] = _links("prefetch", ahead)


def _links(relation: str, wanted: list[File]) -> str:
    return ", ".join(f"<{url}>; rel={relation}; as={kind}" for kind, url in wanted)
