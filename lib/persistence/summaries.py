"""Keep `DaySummary` in step with the services: what a change adds, what a recount says.

Whoever writes services hands in each one as it was and as it is; nothing else writes the table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from lib.domain.vocab import ServiceKind, ServiceState, Trust
from lib.persistence.adding import add_rows, add_selected
from lib.persistence.models import Base, DaySummary, Participation, Service

KEY = ("area_id", "day", "kind")
AMOUNTS = (
    *("waiting", "services", "people_served", "goods", "money_fen"),
    *("participations", "minutes", "waiting_minutes"),
    *(trust.value for trust in Trust),
)

Key = tuple[int, date, ServiceKind]
Work = tuple[Trust, int]
"""How one participation is vouched for, and its minutes."""

_TABLE = Base.metadata.tables[DaySummary.__tablename__]
_COUNTING = (ServiceState.RECORDED, ServiceState.CONFIRMED)


class Held(Protocol):
    """A service as it stands: a row, or something that reads like one."""

    area_id: int
    day: date
    kind: ServiceKind
    state: ServiceState
    people_served: int
    goods: int
    money_fen: int


@dataclass
class Sums:
    """What one transaction adds to the summaries and takes away, written once at its end."""

    _changes: dict[Key, list[int]] = field(default_factory=dict)
    _wheres: list[ColumnElement[bool]] = field(default_factory=list)

    def put(self, service: Held, work: Iterable[Work]) -> None:
        """Count a service as it stands now with who took part."""
        self._change(service, work, 1)

    def take(self, service: Held, work: Iterable[Work]) -> None:
        """Count a service no more as it stood until now."""
        self._change(service, work, -1)

    def put_where(self, where: ColumnElement[bool]) -> None:
        """Count every service that matches at the end of the transaction."""
        self._wheres.append(where)

    def take_where(self, session: Session, where: ColumnElement[bool]) -> None:
        """Count the services that match no more, as they stand at this moment."""
        for area_id, day, kind, *amounts in session.execute(recount(where)):
            self._add((area_id, day, kind), [-int(n) for n in amounts])

    def write(self, session: Session) -> None:
        """Change the summaries, rows in one order for everybody, so that nobody waits in a ring."""
        for where in self._wheres:
            _add_ordered(session, recount(where))
        changes = [(key, amounts) for key, amounts in sorted(self._changes.items()) if any(amounts)]
        names = (*KEY, *AMOUNTS)
        rows = [dict(zip(names, (*key, *amounts), strict=True)) for key, amounts in changes]
        add_rows(session, _TABLE, rows)
        fewer = [
            {f"of_{name}": row[name] for name in KEY}
            for row, (_, amounts) in zip(rows, changes, strict=True)
            if min(amounts) < 0
        ]
        if fewer:
            session.connection().execute(_delete_empty(of_key=True), fewer)

    def _change(self, service: Held, work: Iterable[Work], sign: int) -> None:
        if service.state in _COUNTING:
            amounts = [sign * n for n in _amounts(service, work)]
            self._add((service.area_id, service.day, service.kind), amounts)

    def _add(self, key: Key, amounts: Sequence[int]) -> None:
        held = self._changes.get(key)
        self._changes[key] = (
            list(amounts) if held is None else [a + b for a, b in zip(held, amounts, strict=True)]
        )


def recount(where: ColumnElement[bool] | None = None) -> Select[*tuple[Any, ...]]:
    """KEY and AMOUNTS of the services that match, from the services themselves."""
    wanted = and_(Service.state.in_(_COUNTING), *([] if where is None else [where]))
    minutes = func.sum(Participation.minutes)
    by_trust = [
        func.sum(case((Participation.trust == trust, Participation.minutes), else_=0)).label(trust)
        for trust in Trust
    ]
    work = (
        select(
            Participation.service_id,
            func.count().label("participations"),
            minutes.label("minutes"),
            *by_trust,
        )
        .join(Service, Service.id == Participation.service_id)
        .where(wanted)
        .group_by(Participation.service_id)
        .subquery()
    )
    confirmed = Service.state == ServiceState.CONFIRMED
    sums = (
        case((confirmed, 0), else_=1),
        case((confirmed, 1), else_=0),
        *(
            case((confirmed, amount), else_=0)
            for amount in (
                Service.people_served,
                Service.goods,
                Service.money_fen,
                work.c.participations,
                work.c.minutes,
            )
        ),
        case((confirmed, 0), else_=work.c.minutes),
        *(work.c[trust] for trust in Trust),
    )
    key = (Service.area_id, Service.day, Service.kind)
    return (
        select(
            *key,
            *(
                func.coalesce(func.sum(amount), 0).label(name)
                for name, amount in zip(AMOUNTS, sums, strict=True)
            ),
        )
        .select_from(Service)
        .outerjoin(work, work.c.service_id == Service.id)
        .where(wanted)
        .group_by(*key)
    )


def differences() -> Select[*tuple[Any, ...]]:
    """KEY, and by how much a recount says more than the summaries, where they differ."""
    counted = recount().subquery()
    standing = select(*(_TABLE.c[k] for k in KEY), *((-_TABLE.c[a]).label(a) for a in AMOUNTS))
    both = union_all(select(counted), standing).subquery()
    key = [both.c[name] for name in KEY]
    sums = {name: func.sum(both.c[name]) for name in AMOUNTS}
    return (
        select(*key, *(total.label(name) for name, total in sums.items()))
        .group_by(*key)
        .having(or_(*(total != 0 for total in sums.values())))
    )


def mend(session: Session) -> None:
    """Make the summaries equal a recount, also while others write: only differences are added."""
    _add_ordered(session, differences())
    session.connection().execute(_delete_empty())


def _add_ordered(session: Session, rows: Select[*tuple[Any, ...]]) -> None:
    held = rows.subquery()
    postgres = session.get_bind().dialect.name == "postgresql"
    # Both orders are by code point, as in Python.
    kind = held.c.kind.collate("C") if postgres else held.c.kind
    ordered = select(held).where(true()).order_by(held.c.area_id, held.c.day, kind)
    add_selected(session, _TABLE, ordered)


def _delete_empty(*, of_key: bool = False) -> Delete:
    """Let rows go in which nothing counts any more, all or those of one key."""
    key = [_TABLE.c[name] == bindparam(f"of_{name}") for name in KEY] if of_key else []
    return delete(_TABLE).where(_TABLE.c.services == 0, _TABLE.c.waiting == 0, *key)


def _amounts(service: Held, work: Iterable[Work]) -> list[int]:
    minutes = dict.fromkeys(Trust, 0)
    n = 0
    for trust, spent in work:
        minutes[trust] += spent
        n += 1
    total = sum(minutes.values())
    if service.state is ServiceState.CONFIRMED:
        given = (service.people_served, service.goods, service.money_fen)
        return [0, 1, *given, n, total, 0, *minutes.values()]
    return [1, 0, 0, 0, 0, 0, 0, total, *minutes.values()]
