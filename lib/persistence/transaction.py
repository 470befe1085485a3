"""The one way to write: a transaction that ends with its audit entry and change counters.

Only `lib.services` and `lib.demo` open it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec

from sqlalchemy import select, true
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from lib.domain.calendar import now
from lib.domain.errors import NotPermitted, Refusal
from lib.domain.origin import origin
from lib.domain.permissions import GRANTED, Actor, Permission
from lib.domain.text import NAME_MAX
from lib.domain.vocab import Topic
from lib.persistence.adding import add_rows
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    Area,
    AuditEntry,
    ChangeCounter,
    Organisation,
    Team,
)
from lib.persistence.models.base import Base, Row
from lib.persistence.scope import permit, permit_owned, streets_of
from lib.persistence.summaries import Sums

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")

PERSONAL = frozenset({"name", "phone", "liaison_name", "liaison_phone", "person_id", "words"})
"""Fields whose change an audit entry names without the values.

Words of a need may hold a name typed by mistake: the trail must not keep it when it is taken out.
"""

REFUSED_ONCE_IN = timedelta(minutes=1)
"""The same attempt of one account is entered once in this time: clicking on floods nothing."""


@dataclass(frozen=True)
class Transaction:
    """An open write transaction of one actor; its four beats are load, permit, decide, record.

    Who changes services tells `sums` of each one as it was and as it is.
    """

    session: Session
    actor: Actor | None
    sums: Sums = field(default_factory=Sums)
    behalf: set[int] = field(default_factory=set)
    """Accounts in whose place the actor acts: their delegated grants alone permitted it."""
    _moved: Counter[tuple[Topic, int]] = field(default_factory=Counter)
    _streets: dict[frozenset[int], list[int]] = field(default_factory=dict)
    """What was looked up before: a list of many records asks for the same few areas."""

    def permit(self, permission: Permission, area_id: int | None) -> None:
        """Go on only if the actor's permission reaches the area.

        Raises:
            NotPermitted: it does not. The command line acts without an actor and may.
        """
        self._permit(permit, permission, area_id)

    def permit_unit(self, permission: Permission, unit_id: int) -> None:
        """Go on only if the actor's permission reaches the unit, by area or by a grant on it.

        Raises:
            NotPermitted: it does not.
        """
        self._permit(permit_owned, permission, (Organisation, unit_id))

    def permit_team(self, permission: Permission, team_id: int) -> None:
        """Go on only if the actor's permission reaches the team, by area or by a grant on it.

        Raises:
            NotPermitted: it does not.
        """
        self._permit(permit_owned, permission, (Team, team_id))

    def _permit(
        self,
        ask: Callable[[Session, Actor, Permission, Any], None],
        permission: Permission,
        of: Any,  # noqa: ANN401 - an area's number, or which unit or team
    ) -> None:
        actor = self.actor
        if actor is None:
            return
        ask(self.session, actor, permission, of)
        others = {g.on_behalf_of: g for g in actor.grants if g.on_behalf_of is not None}
        if not others:
            return
        try:
            ask(self.session, actor.in_own_name(), permission, of)
        except NotPermitted:
            self.behalf.update(n for n, g in others.items() if g.role in GRANTED[permission])

    def record(
        self,
        action: str,
        subject: Row | str,
        *,
        topic: Topic | None,
        area_ids: frozenset[int],
        label: str = "",
        changes: Mapping[str, tuple[object, object]] | None = None,
    ) -> None:
        """Add the audit entry and note whose counters move: those of every street concerned.

        `topic` is None where nothing changed that a screen shows. `changes` maps a field to its
        value before and after; of personal fields only the name is kept. An act by a delegated
        grant names the account in whose place it was done.
        """
        if isinstance(subject, Row) and subject.id is None:
            self.session.flush()
        said = dict(changes or {})
        if self.behalf:
            names = select(Account.name).where(Account.id.in_(self.behalf)).order_by(Account.name)
            said["on_behalf_of"] = (None, " ".join(self.session.scalars(names)))
        kind, number = (
            (subject.__tablename__, subject.id) if isinstance(subject, Row) else (subject, None)
        )
        streets = self._streets.get(area_ids)
        if streets is None:
            streets = self._streets[area_ids] = streets_of(self.session, area_ids)
        entry = _entry(self.actor, action, kind, number, label)
        entry.area_id = _one_of(area_ids) or _one_of(streets)
        entry.changes = {
            name: None if name in PERSONAL else [_plain(before), _plain(after)]
            for name, (before, after) in said.items()
        }
        self.session.add(entry)
        if topic is not None:
            self._moved.update((topic, street) for street in streets)

    def finish(self) -> None:
        """Write the summaries and then the counters, the last that the transaction does.

        Everybody who writes in a street meets in these rows: they are locked for as short as
        can be, and in one order, so that nobody waits in a ring.
        """
        self.session.flush()
        self.sums.write(self.session)
        moves = [
            {"topic": topic, "street_id": street, "n": n}
            for (topic, street), n in sorted(self._moved.items())
        ]
        add_rows(self.session, Base.metadata.tables[ChangeCounter.__tablename__], moves)


@contextmanager
def transaction(actor: Actor | None) -> Iterator[Transaction]:
    """Open a write transaction; it commits when the block ends and rolls back when it raises.

    Raises:
        Refusal: ``refusal.changed_meanwhile`` when a row was changed by somebody else in
            between, or a sentence about the database when that is read-only, busy or away.
    """
    try:
        with refusals_entered(actor), Writes.begin() as session:
            tx = Transaction(session, actor)
            yield tx
            tx.finish()
    except StaleDataError as error:
        raise Refusal("refusal.changed_meanwhile") from error
    except IntegrityError:
        raise
    except DBAPIError as error:
        refusal = database_refusal(error)
        if refusal is None:
            raise
        log.warning("the database refused a write: %s", type(error.orig).__name__)
        raise refusal from error


@contextmanager
def refusals_entered(actor: Actor | None) -> Iterator[None]:
    """Enter in the trail what the block refuses the actor for lack of permission, and go on."""
    try:
        yield
    except NotPermitted as refusal:
        if actor is not None:
            enter_refused(actor, refusal.permission, area_id=refusal.area_id)
        raise


def enter_refused(
    actor: Actor, permission: str, *, area_id: int | None = None, page: str = ""
) -> None:
    """Enter an attempt that was refused: the permission asked for, at an area or on a page.

    It has a transaction of its own, for that of the attempt is rolled back. The same attempt is
    entered once within `REFUSED_ONCE_IN`. Where the database cannot be written to, the refusal
    stands without an entry.
    """
    kind = "page" if page else "area" if area_id is not None else "tree"
    attempt = (
        AuditEntry.account_id == actor.account_id,
        AuditEntry.at > now() - REFUSED_ONCE_IN,
        AuditEntry.refused,
        AuditEntry.action == permission,
        AuditEntry.subject_kind == kind,
        AuditEntry.subject_id == area_id if area_id is not None else true(),
        AuditEntry.subject_label == page if page else true(),
    )
    try:
        with Writes.begin() as session:
            if session.scalar(select(AuditEntry.id).where(*attempt).limit(1)) is not None:
                return
            area = session.get(Area, area_id) if area_id is not None else None
            label = area.name_zh if area else page
            entry = _entry(actor, permission, kind, area_id, label)
            entry.refused, entry.area_id = True, area_id
            session.add(entry)
    except DBAPIError as error:
        log.warning("a refusal could not be entered: %s", type(error.orig).__name__)


def _entry(
    actor: Actor | None, action: str, kind: str, number: int | None, label: str
) -> AuditEntry:
    here = origin()
    return AuditEntry(
        at=now(),
        account_id=actor.account_id if actor else None,
        role=actor.role if actor else None,
        action=action,
        refused=False,
        subject_kind=kind,
        subject_id=number,
        subject_label=label[:NAME_MAX],
        changes={},
        address=here.address,
        agent=here.agent,
    )


def _one_of(numbers: Collection[int]) -> int | None:
    return next(iter(numbers)) if len(numbers) == 1 else None


def once(
    model: type[Any],
) -> Callable[[Callable[Arguments, int]], Callable[Arguments, int]]:
    """For a command that adds a row of the model under its keyword ``request_id``.

    A double click sends one request twice; the unique `request_id` lets the first one win, and
    the second returns the same id. It may be refused too, for what the first one wrote.
    """

    def decorate(command: Callable[Arguments, int]) -> Callable[Arguments, int]:
        @wraps(command)
        def run(*args: Arguments.args, **values: Arguments.kwargs) -> int:
            try:
                return command(*args, **values)
            except (IntegrityError, Refusal):
                request = values.get("request_id")
                same = select(model.id).where(model.request_id == request)
                with Reads() as session:
                    first: int | None = None if request is None else session.scalar(same)
                if first is None:
                    raise
                return first

        return run

    return decorate


def database_refusal(error: DBAPIError) -> Refusal | None:
    """The sentence for a database that cannot answer now, None for any other error."""
    words = str(error.orig).lower()
    if "readonly" in words or "read-only" in words or "read only" in words:
        return Refusal("refusal.database_read_only")
    if any(word in words for word in ("locked", "lock timeout", "lock_timeout", "deadlock")):
        return Refusal("refusal.database_busy")
    if "disk is full" in words or "no space left" in words:
        return Refusal("refusal.database_full")
    if isinstance(error, OperationalError):
        return Refusal("refusal.database_away")
    return None


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
