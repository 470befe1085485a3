"""What our own HTML pages are made of: small forms in, plain pages without any script out.

The door, the account page and the forms for everybody use it; the screens are Streamlit's.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from lib import settings
from lib.domain.errors import Refusal
from lib.domain.sessions import PENDING_MINUTES
from lib.domain.vocab import Language
from lib.i18n.glossary import named, say, sentence, word
from lib.queries.local_settings import current
from lib.services.sessions import COOKIE, close_session
from lib.web.gate import safe_next

Fields = Mapping[str, str] | QueryParams

_FORM_BYTES_MAX = 16_384
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

_templates = Jinja2Templates(directory=settings.ROOT / "lib" / "web" / "templates")


async def read_form(
    request: Request, *, most: int = _FORM_BYTES_MAX, fields: int = 10
) -> Mapping[str, str]:
    """The fields of a small form, at most so many bytes and fields; anything larger is not ours.

    Raises:
        HTTPException: 413 for too many bytes, 400 for too many fields.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=fields))
    except ValueError as error:
        raise HTTPException(400) from error


async def _signed_in(request: Request, form: Mapping[str, str], token: str) -> Response:
    await run_in_threadpool(close_session, request.cookies.get(COOKIE))
    answer = RedirectResponse(safe_next(form.get("next", "/")), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.session_hours() * 3600),
        path="/",
        secure=settings.secure_cookie(),
        httponly=True,
        samesite="lax",
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def chosen_language(request: Request, fields: Fields) -> Language | None:
    """The language asked for by the switch, else by the browser; None leaves it to the account."""
    asked = fields.get("lang")
    if asked in list(Language):
        return Language(asked)
    english = request.headers.get("accept-language", "").lower().startswith("en")
    return Language.EN if english else None


async def show(
    request: Request,
    template: str,
    language: Language,
    *,
    status: int = 200,
    problem: str | Refusal | None = None,
    values: Mapping[str, object] | None = None,
    **context: Any,  # noqa: ANN401 - whatever the template asks for
) -> Response:
    """A page of ours, kept by no cache; `problem` is the sentence at its top, or a word key."""
    if isinstance(problem, Refusal):
        problem = sentence(problem, language)
    elif problem:
        problem = say(problem, language, **(values or {}))
    whole = {
        "say": partial(say, language=language),
        "language": language,
        "problem": problem,
        **await run_in_threadpool(_branding, language),
        **context,
    }
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY + _provider()}
    return _templates.TemplateResponse(request, template, whole, status, headers)


def _provider() -> str:
    """Where else a form of ours may lead: browsers ask of the redirect after it too."""
    provider = settings.single_sign_on()
    parts = urlsplit(provider.issuer) if provider else None
    return f" {parts.scheme}://{parts.netloc}" if parts else ""


async def enter(request: Request, fields: Fields, token: str, *, pending: bool = False) -> Response:
    """Hand the browser its new session and send it on; the session before it ends."""
    await run_in_threadpool(close_session, request.cookies.get(COOKIE))
    wanted = safe_next(fields.get("next") or "/")
    answer = see_other(second_step(wanted, fields) if pending else wanted)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=PENDING_MINUTES * 60 if pending else int(settings.session_hours() * 3600),
        path="/",
        secure=settings.secure_cookie(),
        httponly=True,
        samesite="lax",
    )
    return answer


def second_step(wanted: str, fields: Fields) -> str:
    """The address of the page that asks for the second factor and then goes on to `wanted`."""
    return with_query("/login/second", next=wanted, lang=fields.get("lang") or "")


def with_query(path: str, **fields: str) -> str:
    """The path with what of the fields says anything; going on to the first screen goes unsaid."""
    said = {k: v for k, v in fields.items() if v and not (k == "next" and v == "/")}
    return f"{path}?{urlencode(said)}" if said else path


def site(request: Request) -> str:
    """The address of this installation as the browser knows it, such as ``https://street.cn``."""
    scheme = "https" if settings.secure_cookie() else request.url.scheme
    return f"{scheme}://{request.headers.get('host', '')}"


def drawn(text: str) -> Markup:
    """A QR code of the text as a drawing within the page."""
    drawing = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704 - segno's own drawing
        drawing.svg_inline(scale=4, border=2, dark="#1d2330", light="#fff", omitsize=True)
    )


def switch(path: str, **kept: str) -> list[dict[str, str]]:
    """The links that show the page in each language; `kept` travels along in the query."""
    return [
        {
            "language": other.value,
            "word": word(other, other),
            "href": with_query(path, lang=other.value, **kept),
        }
        for other in Language
    ]


def see_other(address: str) -> RedirectResponse:
    """Send the browser on to an address of ours with a GET."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def _branding(language: Language) -> dict[str, str]:
    """The street's own name and emblem, or the product's."""
    settings = current(None)
    own = settings.street_name
    emblem = f"data:image/png;base64,{settings.emblem}" if settings.emblem else ""
    return {
        "product": named(own.zh, own.en, language) or say("door.product", language),
        "emblem": emblem or "/assets/logo/seal.svg",
    }
