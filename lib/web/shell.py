"""Streamlit's own scripts, styles and fonts, answered from memory and compressed once.

A first visit asks for some seventy of them, more than three megabytes: Streamlit reads each from
the disk at every request and sends it as it is. Who may have them is `lib.web.gate`.
"""

import gzip
import mimetypes
import re
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT: Final = Path(str(files("streamlit"))) / "static"
_NAMED_BY_CONTENT: Final = re.compile(r"/static/(?:css|js|media)/[\w.-]+\.[\w-]{8}\.\w+")
_PACKED: Final = frozenset({".js", ".css", ".svg"})
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


class Shell:
    """ASGI middleware that answers for those files of Streamlit whose names tell their content.

    Such a file never changes, so browsers may keep it, and so may this.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the next application."""
        self.app = app
        self._held: dict[tuple[Path, bool], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a file of Streamlit's, pass everything else on."""
        file = _file(scope) if scope["type"] == "http" else None
        if file is None:
            await self.app(scope, receive, send)
            return
        packs = file.suffix in _PACKED and "gzip" in Headers(scope=scope).get("accept-encoding", "")
        content = self._held.get((file, packs))
        if content is None:
            content = await run_in_threadpool(_read, file, packs)
            self._held[file, packs] = content
        headers = _KEPT | {"Content-Encoding": "gzip"} if packs else _KEPT
        kind = mimetypes.guess_type(file)[0]
        await Response(content, media_type=kind, headers=headers)(scope, receive, send)


def _file(scope: Scope) -> Path | None:
    """Streamlit's file that a request asks for, if its name tells its content."""
    path = scope["path"]
    if scope["method"] != "GET" or not _NAMED_BY_CONTENT.fullmatch(path):
        return None
    file = _ROOT / path.removeprefix("/")
    return file if file.is_file() else None


def _read(file: Path, packs: bool) -> bytes:
    content = file.read_bytes()
    return gzip.compress(content) if packs else content
