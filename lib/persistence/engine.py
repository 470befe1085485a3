"""One engine per process and the two kinds of session on it: reads, and writes.

Dialect differences that the rest of the code must not know about end here.
"""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_SECONDS = 10

Reads: sessionmaker[Session] = sessionmaker()
Writes: sessionmaker[Session] = sessionmaker(expire_on_commit=False)


def open_engine(url: str) -> Engine:
    """An engine for the database at `url`, SQLite or PostgreSQL; its folder is made.

    SQL parameters never appear in errors or logs: they may hold personal data.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    return create_engine(
        address, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=15
    )


def _open_sqlite(address: URL) -> Engine:
    if address.database and not address.database.startswith("file:"):  # a URI, as for read-only
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads first and writes later fails under contention.
        how = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")

    return engine


def connect(url: str) -> Engine:
    """Open the process's database; an engine opened before is closed."""
    bound = Reads.kw.get("bind")
    if bound is not None:
        bound.dispose()
    engine = open_engine(url)
    Reads.configure(bind=engine)
    Writes.configure(bind=engine.execution_options(begin="IMMEDIATE"))
    return engine


def engine() -> Engine:
    """The process's engine.

    Raises:
        RuntimeError: `connect` was not called.
    """
    bound: Engine | None = Reads.kw.get("bind")
    if bound is None:
        raise RuntimeError("connect() first")
    return bound
