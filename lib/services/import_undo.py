"""Taking an imported batch out again: what depends on its rows, and their removal.

References are read from the tables themselves, so that a table added later is asked too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from lib.domain.vocab import NeedState, ServiceState
from lib.persistence.guards import append_only_lifted
from lib.persistence.models import (
    Base,
    CheckIn,
    CheckInStep,
    ImportRow,
    Need,
    NeedStep,
    Organisation,
    Participation,
    Person,
    Service,
    ServiceStep,
)
from lib.persistence.models.base import Row

_OWN: Mapping[type[Row], tuple[type[Participation | NeedStep | ServiceStep | CheckInStep], ...]] = {
    Service: (Participation, ServiceStep),
    Need: (NeedStep,),
    CheckIn: (CheckInStep,),
}
"""Tables whose rows belong to the record they refer to and go with it."""

_GROUPS = {
    "participation": "participations",
    "check_in": "checkins",
    **dict.fromkeys(("volunteer_profile", "volunteer_skill", "volunteer_time"), "checkins"),
    "volunteer_role": "checkins",
    "person": "people",
    "membership": "memberships",
    "account": "accounts",
    "account_grant": "accounts",
    "team": "teams",
    "need": "needs",
    "resident_link": "links",
}


def dependents(session: Session, batch_id: int, model: type[Row]) -> dict[str, int]:
    """How much depends on a batch's rows, by ending of ``ledger.depended_``; empty when nothing."""
    found: Counter[str] = Counter()
    found["changed"] = session.scalar(_changed(batch_id, model)) or 0
    for table, columns in _references(model):
        if table.name in {own.__tablename__ for own in _OWN.get(model, ())}:
            continue
        refers = or_(*(column.in_(_ids(batch_id, model.__tablename__)) for column in columns))
        statement = select(func.count()).select_from(table).where(refers)
        if "id" in table.c:
            statement = statement.where(table.c.id.not_in(_ids(batch_id, table.name)))
        found[_GROUPS.get(table.name, "offices")] += session.scalar(statement) or 0
    return {key: n for key, n in found.items() if n}


def areas_of(batch_id: int, model: type[Row]) -> Select[int]:
    """The areas of a batch's rows."""
    table = _table(model)
    return select(table.c.area_id).where(_in_batch(batch_id, table)).distinct()


def take_out(session: Session, batch_id: int, model: type[Row], linked: Iterable[type[Row]]) -> int:
    """Delete a batch's rows with what belongs to them, and the links; how many rows they were."""
    n = [_delete_whole(session, batch_id, one) for one in (*linked, model)][-1]
    _delete(session, _table(ImportRow), ImportRow.batch_id == batch_id)
    return n


def _delete_whole(session: Session, batch_id: int, model: type[Row]) -> int:
    """Delete the model's rows of a batch, after those that belong to them."""
    for own in _OWN.get(model, ()):
        column = _table(own).c[f"{model.__tablename__}_id"]
        with append_only_lifted(session.connection(), own.__tablename__):
            _delete(session, _table(own), column.in_(_ids(batch_id, model.__tablename__)))
    return _delete(session, _table(model), _in_batch(batch_id, _table(model)))


def _changed(batch_id: int, model: type[Row]) -> Select[int]:
    """Rows that somebody edited or decided since."""
    table = _table(model)
    since: ColumnElement[bool] = table.c.id < 0
    if model is Service:
        since = or_(Service.version != 1, Service.state != ServiceState.RECORDED)
    elif model is Need:
        since = or_(Need.version != 1, Need.state != NeedState.COLLECTED)
    elif model is Organisation:
        since = or_(Organisation.version != 1, Organisation.closed_on.is_not(None))
    elif model is Person:
        moved = select(CheckIn.person_id).where(_in_batch(batch_id, _table(CheckIn)))
        since = table.c.id.in_(moved.where(CheckIn.version != 1))
    return select(func.count()).select_from(table).where(_in_batch(batch_id, table), since)


def _references(model: type[Row]) -> list[tuple[Table, list[Column[Any]]]]:
    """Every table with the columns that refer to the model's rows."""
    goal = _table(model)
    found = []
    for table in Base.metadata.sorted_tables:
        # What goes with a row by the database's own rule, such as a consent, depends on nothing.
        columns = [
            key.parent
            for key in table.foreign_keys
            if key.column.table is goal and key.ondelete != "CASCADE"
        ]
        if columns:
            found.append((table, list(columns)))
    return found


def _in_batch(batch_id: int, table: Table) -> ColumnElement[bool]:
    return table.c.id.in_(_ids(batch_id, table.name))


def _ids(batch_id: int, subject: str) -> Select[int]:
    return select(ImportRow.row_id).where(
        ImportRow.batch_id == batch_id, ImportRow.subject == subject
    )


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _delete(session: Session, table: Table, where: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(where)).rowcount
