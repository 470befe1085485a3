"""Certificates by address: the document for those it concerns, its validity for everybody.

What may be seen is decided by `lib.queries.certificate`; how it is drawn by `lib.visuals`.
"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib import settings
from lib.domain.certificates import number_typed, volunteer_number
from lib.domain.origin import origin
from lib.domain.permissions import Actor
from lib.domain.vocab import Language
from lib.i18n import formats
from lib.i18n.glossary import say, word
from lib.queries import certificate
from lib.queries.certificate import Sheet, Validity
from lib.queries.local_settings import current
from lib.services.throttle import forgive, take_try
from lib.visuals.certificate import Page, draw_certificate
from lib.web.paper import chosen_language, show, with_query

VERIFY = "/verify"


async def document(request: Request) -> Response:
    """``GET /certificate/{id}.pdf``: for its volunteer and those who may issue there.

    Authorised at each fetch and kept by nobody; for anybody else it does not exist.
    """
    actor: Actor = request.state.actor
    found = await run_in_threadpool(
        partial(certificate.sheet, actor, certificate_id=request.path_params["certificate_id"])
    )
    if found is None:
        return PlainTextResponse("no such certificate", 404, {"Cache-Control": "no-store"})
    scheme = "https" if settings.secure_cookie() else request.url.scheme
    here = f"{scheme}://{request.headers.get('host', '')}"
    page = await run_in_threadpool(page_of, found, actor.language, here)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{found.number}.pdf"',
    }
    made = await run_in_threadpool(draw_certificate, page)
    return Response(made, media_type="application/pdf", headers=headers)


def page_of(sheet: Sheet, language: Language, here: str) -> Page:
    """The words of a certificate in a language; `here` is where its number can be checked."""
    say_ = partial(say, language=language)
    own = current(None)
    days = say_(
        "certificate.days",
        first=formats.day(sheet.first_day, language),
        last=formats.day(sheet.last_day, language),
    )
    times = say_("certificate.times", n=sheet.services)
    rows = [
        (
            own.own_word(one.kind, language) or word(one.kind, language),
            say_("certificate.times", n=one.services),
            _exactly(one.minutes, language),
        )
        for one in sheet.content
    ]
    facts = [
        (say_("field.volunteer"), sheet.name),
        (say_("field.volunteer_number"), volunteer_number(sheet.person_id)),
        (say_("certificate.period"), days),
        (say_("certificate.total"), f"{_exactly(sheet.minutes, language)} · {times}"),
    ]
    foot = [
        (say_("field.issuer"), sheet.issuer),
        (say_("field.responsible"), sheet.responsible),
        (say_("field.handler"), sheet.handler),
        (say_("field.contact"), sheet.contact),
        (say_("certificate.number"), sheet.number),
        (say_("field.issued_on"), formats.day(sheet.issued_on, language)),
    ]
    return Page(
        title=say_("certificate.title"),
        facts=facts,
        head=(say_("field.kind"), say_("certificate.services"), say_("certificate.hours")),
        rows=rows,
        foot=foot,
        seal=say_("certificate.seal"),
        note=say_("certificate.basis"),
        check=say_("certificate.check"),
        address=here + with_query(VERIFY, number=sheet.number),
        crossed=say_("certificate.revoked_mark") if sheet.revoked else "",
        day=sheet.issued_on,
    )


def _exactly(minutes: int, language: Language) -> str:
    """Hours and minutes as they are: a document rounds nothing."""
    return say("certificate.exactly", language, hours=f"{minutes // 60:,}", minutes=minutes % 60)


async def verify(request: Request) -> Response:
    """``GET /verify?number=…``: whether a certificate stands; open to all and slowed for guessing.

    It tells the number, valid or not, and the day of issue: nothing of anybody.
    """
    fields = request.query_params
    language = chosen_language(request, fields) or Language.ZH
    typed = fields.get("number", "")[:60].strip()
    page = partial(
        show, request, "verify.html", language, typed=typed, switch=_switch(typed, language)
    )
    if not typed:
        return await page(found=None)
    # A way of its own: whoever guesses numbers here keeps nobody from signing in.
    key, address = f"verify {typed}", f"verify {origin().address}"
    if seconds := await run_in_threadpool(take_try, key, address):
        values = {"minutes": -(-seconds // 60)}
        return await page(status=429, problem="certificate.wait", values=values, found=None)
    number = number_typed(typed)
    found = await run_in_threadpool(certificate.validity, number) if number else None
    if found is None:
        verdict = say("certificate.is_unknown", language)
        return await page(status=404, found="unknown", verdict=verdict)
    await run_in_threadpool(forgive, key, address)
    state = "valid" if found.valid else "revoked"
    verdict = say(f"certificate.is_{state}", language)
    return await page(found=state, verdict=verdict, told=_told(found, language))


def _told(found: Validity, language: Language) -> list[tuple[str, str]]:
    return [
        (say("certificate.number", language), found.number),
        (say("field.issued_on", language), formats.day(found.issued_on, language)),
    ]


def _switch(typed: str, language: Language) -> list[dict[str, str]]:
    return [
        {
            "language": other,
            "word": word(other, other),
            "href": with_query(VERIFY, number=typed, lang=other),
        }
        for other in Language
    ]


ROUTES = [
    Route("/certificate/{certificate_id:int}.pdf", document),
    Route(VERIFY, verify),
]
