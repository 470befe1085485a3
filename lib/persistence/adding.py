"""Rows that add up: an insert whose amounts are added where the row is there already.

The one statement that each engine says in its own dialect; what is added is decided elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_Insert = postgresql.Insert | sqlite.Insert
_INSERTS: Mapping[str, Callable[[Table], _Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def add_rows(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Add the rows one after the other, in the order given; columns outside the key add up."""
    if rows:
        statement = _statement(_dialect(session), table)
        session.connection().execute(statement, rows[0] if len(rows) == 1 else rows)


def add_selected(session: Session, table: Table, rows: Select[*tuple[Any, ...]]) -> None:
    """Add what a query finds; its columns are those of the table, in the same order.

    SQLite takes ON CONFLICT for a join where the query ends without a condition.
    """
    insert = _INSERTS[_dialect(session)](table).from_select(table.columns.keys(), rows)
    session.connection().execute(_adding(insert, table))


@cache
def _statement(dialect: str, table: Table) -> _Insert:
    return _adding(_INSERTS[dialect](table), table)


def _adding(insert: _Insert, table: Table) -> _Insert:
    amounts = {c.name: c + insert.excluded[c.name] for c in table.columns if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=amounts)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
