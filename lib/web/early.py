"""The map's files on their way before its frame asks for them.

Headers only: what is drawn with them is `lib.visuals.maps`, who may have them is `lib.web.gate`.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.visuals.maps import prefetch, preload

_NAMED_BY_CONTENT = re.compile(r"/component/[^/]+/static/.*\.[0-9a-f]{8}\.\w+$")


class Early:
    """ASGI middleware: pages name the files that the map's frame will want, the frame asks at once.

    The frame starts only when its page is done, and asks for one file after the other. Its own
    script has the hash of its content in its name, so that a browser may keep it.
    """

    def __init__(self, app: ASGIApp, silent: frozenset[str] = frozenset()) -> None:
        """Wrap the next application; nothing is announced on the `silent` paths."""
        self.app = app
        self.silent = silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the answer's headers."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                _announce(scope["path"], MutableHeaders(scope=message))
            await send(message)

        announces = scope["type"] == "http" and scope["path"] not in self.silent
        await self.app(scope, receive, send_on if announces else send)


def _announce(path: str, headers: MutableHeaders) -> None:
    if _NAMED_BY_CONTENT.fullmatch(path):
        headers["Cache-Control"] = "private, max-age=31536000, immutable"
    elif headers.get("content-type", "").startswith("text/html"):
        links = preload() if path.startswith("/component/") else prefetch()
        if links:
            headers["Link"] = links
