"""What happens once per process before the first request, and the upkeep while it serves.

Schema, guards and the demonstration street come first. A start that fails says why in one
sentence per language and ends the process.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date

from filelock import Timeout
from sqlalchemy import make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError
from starlette.concurrency import run_in_threadpool

from lib import settings
from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes, connect
from lib.persistence.migrate import upgrade
from lib.persistence.models import Area, Installation
from lib.persistence.transaction import database_refusal
from lib.queries.local_settings import current
from lib.services.chain import seal_all
from lib.services.people import forget_due

_DRIVERS = frozenset({"sqlite", "postgresql+psycopg"})
SEAL_SECONDS = 60
log = logging.getLogger(__name__)
_FAILURES = (Refusal, ArgumentError, DBAPIError, Timeout, OSError)


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Prepare the database, say where to open the browser, and serve.

    Raises:
        SystemExit: the database cannot be used; the reason has been said.
    """
    try:
        await run_in_threadpool(prepare)
    except _FAILURES as failure:
        reason = reason_of(failure)
        if reason is None:
            raise
        for language in Language:
            _tell("start.failed", language, reason=say(reason[0], language, **reason[1]))
        # The server would print the whole trace of it and bury the sentence.
        logging.getLogger("uvicorn.error").disabled = True
        raise SystemExit(1) from failure
    address = f"http://localhost:{settings.port()}"
    for language in Language:
        _tell("start.ready", language, address=address)
    upkeep = asyncio.create_task(_keep_up())
    try:
        yield
    finally:
        upkeep.cancel()
        with suppress(asyncio.CancelledError):
            await upkeep


async def _keep_up() -> None:
    """Seal the trail every `SEAL_SECONDS` and forget once a day; what fails is done next time."""
    forgot: date | None = None
    while True:
        await asyncio.sleep(SEAL_SECONDS)
        try:
            await run_in_threadpool(seal_all)
            if forgot != today():
                await run_in_threadpool(_forget)
                forgot = today()
        except (Refusal, DBAPIError) as failure:
            log.warning("the upkeep could not be done: %s", failure)


def _forget() -> None:
    forget_due(current(None).retention)


def prepare() -> None:
    """Open the database named by the settings, bring it up to date, and fill an empty one.

    Raises:
        Refusal: the schema is newer than this product or an upgrade broke references.
        ArgumentError: the address names no database.
        DBAPIError: the database is away, read-only or no database at all.
        OSError: its folder cannot be written to.
    """
    for language in Language:
        _tell("start.preparing", language)
    url = settings.database_url()
    if make_url(url).drivername not in _DRIVERS:
        raise ArgumentError("neither SQLite nor PostgreSQL")
    upgrade(connect(url), then=_fill)


def reason_of(failure: Exception) -> tuple[str, dict[str, object]] | None:
    """The word key and values that say why the start failed; None for what nobody foresaw."""
    if isinstance(failure, Refusal):
        return failure.code.replace("refusal.", "start."), dict(failure.values)
    if isinstance(failure, Timeout):
        return "start.database_busy", {}
    if isinstance(failure, ArgumentError):
        return "start.bad_address", {}
    if isinstance(failure, OSError):
        return "start.database_read_only", {}
    if isinstance(failure, DBAPIError):
        if "not a database" in str(failure.orig) or "malformed" in str(failure.orig):
            return "start.not_a_database", {}
        refusal = database_refusal(failure)
        return None if refusal is None else reason_of(refusal)
    return None


def _fill() -> None:
    # A write that changes nothing: a database that cannot be written to is told of now, not when
    # the first person signs in.
    with Writes.begin() as session:
        session.execute(update(Installation).values(demonstration=Installation.demonstration))
    if not settings.demonstration() or not _is_empty():
        return
    # The generator and its geometry are needed once in the life of a database.
    from lib.demo.load import load_demonstration

    for language in Language:
        _tell("start.filling", language)
    load_demonstration(progress=_tell_progress)


def _is_empty() -> bool:
    with Reads() as session:
        started = session.scalar(select(Installation.started_on))
        return started is None and session.scalar(select(Area.id).limit(1)) is None


def _tell_progress(step: str, share: float) -> None:
    for language in Language:
        _tell("start.progress", language, percent=round(share * 100), step=say(step, language))


def _tell(key: str, language: Language, **values: object) -> None:
    sys.stdout.write(say(key, language, **values) + "\n")
    sys.stdout.flush()
