"""Many rows at once, the fastest way that each engine has: executemany, or COPY on PostgreSQL.

Values pass through the columns' types and the database's own checks; nothing else looks at them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from lib.persistence.models import Base
from lib.persistence.models.base import Row

_FEW = 100
"""So many rows go faster in one batch of inserts than by COPY, which takes more round trips."""


def numbers(session: Session, model: type[Row], n: int) -> Sequence[int]:
    """Numbers for new rows: the next ones of the table, which nobody else is given."""
    name = model.__tablename__
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(name, "id")
        series = func.generate_series(1, n).table_valued("n")
        return session.scalars(select(func.nextval(sequence)).select_from(series)).all()
    last: int = session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0
    return range(last + 1, last + n + 1)


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all name the same columns; one left out becomes its default or null.

    Raises:
        DBAPIError: the database refuses a row; the transaction is lost.
    """
    if not rows:
        return
    connection = session.connection()
    table = Base.metadata.tables[model.__tablename__]
    left_out = [c for c in table.columns if c.default is not None and c.name not in rows[0]]
    constant = {
        c.name: c.default.arg for c in left_out if isinstance(c.default, ScalarElementColumnDefault)
    }
    postgres = connection.dialect.name == "postgresql"
    if len(constant) < len(left_out) or (postgres and len(rows) <= _FEW):
        connection.execute(insert(table), list(rows))
        return
    keys = [*rows[0], *constant]
    quoted = connection.dialect.identifier_preparer
    columns = ", ".join(quoted.format_column(table.c[key]) for key in keys)
    into = f"{quoted.format_table(table)} ({columns})"
    bound = zip(*(_bound(connection, table.c[key], rows, constant) for key in keys), strict=True)
    if postgres:
        _copy(connection, f"copy {into} from stdin", bound)
    else:
        marks = ", ".join("?" * len(keys))
        connection.exec_driver_sql(f"insert into {into} values ({marks})", list(bound))  # noqa: S608 - names of ours


def _bound(
    connection: Connection,
    column: Column[Any],
    rows: Sequence[Mapping[str, object]],
    constant: Mapping[str, object],
) -> list[object]:
    """A column's values as its type hands them to the driver, each different one asked once."""
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if column.name in constant:
        value = constant[column.name]
        return [value if process is None else process(value)] * len(rows)
    values = [row[column.name] for row in rows]
    if process is None:
        return values
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("a connection in use has its driver's connection")
    error = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except error as failure:  # outside SQLAlchemy's own statements nobody else wraps it
        raise DBAPIError.instance(
            "copy", None, failure, error, hide_parameters=True, dialect=connection.dialect
        ) from failure
