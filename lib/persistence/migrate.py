"""Bring a database to the newest schema, one process at a time.

What fills an empty database is handed in and runs inside the same lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection, Engine, text

from lib.domain.errors import Refusal
from lib.persistence.guards import create_guards

_LOCK_NUMBER = 727_001
_LOCK_SECONDS = 300


def upgrade(engine: Engine, then: Callable[[], None] | None = None) -> None:
    """Upgrade to the newest schema, make the guards, then run `then`, all inside one lock.

    Raises:
        Refusal: ``refusal.newer_schema`` when a newer product made this database,
            ``refusal.broken_references`` when an upgrade left rows that point nowhere.
    """
    with _alone(engine):
        with engine.connect() as connection:
            _upgrade(connection)
        if then is not None:
            then()


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    if engine.dialect.name == "sqlite":
        with FileLock(f"{engine.url.database}.lock", timeout=_LOCK_SECONDS):
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as lock:
        lock.execute(text("select pg_advisory_lock(:n)"), {"n": _LOCK_NUMBER})
        try:
            yield
        finally:
            lock.execute(text("select pg_advisory_unlock(:n)"), {"n": _LOCK_NUMBER})


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if present is not None and present not in {s.revision for s in known.walk_revisions()}:
        raise Refusal("refusal.newer_schema", revision=present)
    if present == known.get_current_head():
        return
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:  # a batch migration drops and recreates tables: nothing may cascade
        _foreign_keys(connection, on=False)
    command.upgrade(config, "head")
    create_guards(connection)
    connection.commit()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        connection.rollback()
        _foreign_keys(connection, on=True)
        if broken:
            raise Refusal("refusal.broken_references", n=len(broken))


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    # Outside a transaction, where alone the pragma has an effect.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
