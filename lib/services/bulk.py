"""Many rows at once, the fastest way that each engine has: executemany, or COPY on PostgreSQL.

Values pass through the columns' types and the database's own checks; nothing else looks at them.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lib.persistence.models import Base
from lib.persistence.models.base import Row


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
    """Insert rows that all name the same columns; a column left out becomes null.

    Raises:
        DBAPIError: the database refuses a row; the transaction is lost.
    """
    if not rows:
        return
    table = Base.metadata.tables[model.__tablename__]
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, rows)
    else:
        session.execute(insert(table), list(rows))


def _copy(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    connection = session.connection()
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("a connection in use has its driver's connection")
    keys = list(rows[0])
    processors = [table.c[key].type.bind_processor(connection.dialect) for key in keys]
    quoted = connection.dialect.identifier_preparer
    names = ", ".join(quoted.format_column(table.c[key]) for key in keys)
    error = connection.dialect.loaded_dbapi.Error
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f"copy {quoted.format_table(table)} ({names}) from stdin") as copy,
        ):
            for row in rows:
                values = (row[key] for key in keys)
                copy.write_row(
                    [
                        value if process is None else process(value)
                        for value, process in zip(values, processors, strict=True)
                    ]
                )
    except error as failure:  # outside SQLAlchemy's own statements nobody else wraps it
        raise DBAPIError.instance(
            "copy", None, failure, error, hide_parameters=True, dialect=connection.dialect
        ) from failure
