"""A transaction in bad days: an error half way, a database that cannot be written to."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError

from lib.domain.errors import Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads, Writes, connect
from lib.persistence.models import Organisation, Service
from lib.persistence.transaction import once, transaction
from lib.services.units import close_unit
from tests.factories import SmallStreet
from tests.services.written import counters, everything


def move_school(street: SmallStreet, *, fail: Exception | None = None) -> None:
    with transaction(street.actors[Role.STREET_COMMITTEE]) as tx:
        unit = tx.session.get_one(Organisation, street.units["school"])
        unit.address = "石桥路1号"
        tx.record(
            "unit.edit", unit, topic=Topic.UNITS, area_ids=frozenset({unit.area_id}), label="x"
        )
        if fail is not None:
            raise fail


@pytest.mark.parametrize("error", [Refusal("refusal.wrong_state"), KeyError("slip"), ValueError()])
def test_transaction__an_error_half_way__nothing_written(
    street: SmallStreet, error: Exception
) -> None:
    before = everything()
    with pytest.raises(type(error)):
        move_school(street, fail=error)
    assert everything() == before
    move_school(street)
    assert counters() == {("units", street.areas.s): 1}


def test_transaction__a_broken_constraint__is_not_called_an_outage(street: SmallStreet) -> None:
    before = everything()
    with (
        pytest.raises(IntegrityError),
        transaction(street.actors[Role.STREET_COMMITTEE]) as tx,
    ):
        tx.session.execute(text("update organisation set lon = 1, lat = null"))
    assert everything() == before


def test_once__a_constraint_but_no_first_try__raised(street: SmallStreet) -> None:
    @once(Service)
    def write(*, request_id: str | None) -> int:
        with transaction(street.actors[Role.ADMINISTRATOR]) as tx:
            tx.session.execute(text("insert into area_link values (404, 404)"))
        return 1

    for request_id in ("unknown", None):
        with pytest.raises(IntegrityError):
            write(request_id=request_id)


def test_record__areas_of_several_streets_and_none__each_street_once(street: SmallStreet) -> None:
    areas = street.areas
    with transaction(None) as tx:
        tx.record(
            "areas.tried",
            "area",
            topic=Topic.AREAS,
            area_ids=frozenset({areas.g1, areas.g2, areas.c2, areas.t}),
        )
        tx.record("nothing.tried", "area", topic=Topic.PEOPLE, area_ids=frozenset())
    assert counters() == {("areas", areas.s): 1, ("areas", areas.t): 1}


@contextmanager
def read_only(engine: Engine) -> Iterator[None]:
    """The database refuses writes: a file opened for reading, or a server on standby."""
    if engine.dialect.name == "sqlite":
        connect(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true")
        yield
        return
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        name = engine.url.database
        connection.execute(text(f'alter database "{name}" set default_transaction_read_only = on'))
    engine.dispose()
    yield


def test_transaction__read_only_database__said_and_nothing_written(street: SmallStreet) -> None:
    before = everything()
    engine = Reads.kw["bind"]
    with read_only(engine):
        with pytest.raises(Refusal) as caught:
            close_unit(
                street.actors[Role.STREET_COMMITTEE], unit_id=street.units["school"], version=1
            )
        assert caught.value.code == "refusal.database_read_only"
        assert everything() == before


def impatient(engine: Engine) -> None:
    """Writers wait a moment instead of ten seconds."""

    @event.listens_for(Writes.kw["bind"], "begin", insert=False)
    def _shorten(connection: object) -> None:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("set local lock_timeout = '50ms'")  # type: ignore[attr-defined]

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "checkout")
        def _hurry(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA busy_timeout=50")


def test_transaction__locked_database__said_and_nothing_written(street: SmallStreet) -> None:
    before = everything()
    engine = Reads.kw["bind"]
    with engine.execution_options(begin="IMMEDIATE").connect() as other:
        other.execute(text("update organisation set address = '别人'"))
        impatient(engine)
        with pytest.raises(Refusal) as caught:
            close_unit(
                street.actors[Role.STREET_COMMITTEE], unit_id=street.units["school"], version=1
            )
        other.rollback()
    assert caught.value.code == "refusal.database_busy"
    assert everything() == before
    close_unit(street.actors[Role.STREET_COMMITTEE], unit_id=street.units["school"], version=1)


def test_transaction__read_only_file_of_the_system__said(
    street: SmallStreet, tmp_path: Path
) -> None:
    """A file that was copied from a read-only medium answers reads and refuses writes."""
    engine = Reads.kw["bind"]
    if engine.dialect.name == "postgresql":
        # The same medium for a server: the transaction itself is read-only.
        with (
            pytest.raises(Refusal) as caught,
            transaction(street.actors[Role.STREET_COMMITTEE]) as tx,
        ):
            tx.session.execute(text("set transaction read only"))
            tx.session.execute(text("update organisation set address = '别人'"))
        assert caught.value.code == "refusal.database_read_only"
        return
    path = tmp_path / "medium.db"
    engine.dispose()
    shutil.copy(str(engine.url.database), path)
    connect(f"sqlite:///file:{path}?immutable=1&uri=true")
    with pytest.raises(Refusal) as caught:
        move_school(street)
    assert caught.value.code == "refusal.database_read_only"
