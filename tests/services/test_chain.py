"""The trail under its seals: what was tampered with, behind the triggers' back, is told."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import now
from lib.domain.vocab import Topic
from lib.persistence import chain as persistence
from lib.persistence.engine import Reads, Writes
from lib.persistence.guards import append_only_lifted, missing_guards
from lib.persistence.models import AuditEntry, AuditSeal, Installation
from lib.persistence.transaction import transaction
from lib.queries.chain import newest, status
from lib.queries.check import problems
from lib.services import chain
from lib.services.chain import seal_all
from tests.services.written import together


def write(n: int) -> None:
    """Entries as commands leave them."""
    for number in range(n):
        with transaction(None) as tx:
            tx.record(
                "area.edit",
                "area",
                topic=Topic.AREAS,
                area_ids=frozenset(),
                label=f"石桥<{number}>",
                changes={"name_zh": ("甲", "乙"), "phone": ("1", "2"), "households": (None, 3)},
            )


def seals() -> list[AuditSeal]:
    with Reads() as session:
        return list(session.scalars(select(AuditSeal).order_by(AuditSeal.number)))


def flaws() -> list[tuple[str, int | None]]:
    return [(key, number) for key, number, _ in status().flaws]


@pytest.fixture
def three(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Nine entries under three seals of four, four and one, and one entry not sealed yet."""
    monkeypatch.setattr(chain, "BATCH", 4)
    write(9)
    assert seal_all() == 3
    write(1)
    return database


def test_seal_all__every_entry_once_and_again_nothing(three: Engine) -> None:
    assert [(s.first_id, s.last_id, s.missing, s.late) for s in seals()] == [
        (1, 4, [], []),
        (5, 8, [], []),
        (9, 9, [], []),
    ]
    before = status()
    assert (before.seals, before.recomputed, before.unsealed, before.flaws) == (3, 3, 1, ())
    assert before.oldest is not None
    assert seal_all() == 1
    assert seal_all() == 0
    assert (status().unsealed, status().oldest, status().flaws) == (0, None, ())
    last = seals()[-1]
    assert newest() == (4, last.digest)


def test_seal_all__nothing_to_seal__no_seal(database: Engine) -> None:
    assert seal_all() == 0
    assert newest() is None
    assert status().flaws == ()


TAMPERED: dict[str, tuple[str, list[tuple[str, int | None]]]] = {
    "an entry changed": (
        "update audit_entry set subject_label = '别处' where id = 6",
        [("check.seal_digest", 2)],
    ),
    "a time changed": (
        "update audit_entry set at = '2020-01-01 00:00:00+00:00' where id = 1",
        [("check.seal_digest", 1)],
    ),
    "an address changed": (
        "update audit_entry set address = '192.0.2.9' where id = 9",
        [("check.seal_digest", 3)],
    ),
    "an entry removed": ("delete from audit_entry where id = 2", [("check.seal_digest", 1)]),
    "an entry moved": ("update audit_entry set id = 77 where id = 3", [("check.seal_digest", 1)]),
    "a seal removed": (
        "delete from audit_seal where number = 2",
        [("check.seal_gone", 2)],
    ),
    "the first seal removed": ("delete from audit_seal where number = 1", [("check.seal_gone", 1)]),
    "the last seal removed": ("delete from audit_seal where number = 3", [("check.seal_gone", 3)]),
    "all seals removed": (
        "delete from audit_seal",
        [("check.seal_gone", n) for n in (1, 2, 3)],
    ),
    "a hash changed": (
        "update audit_seal set digest = 'beef' where number = 2",
        [("check.seal_digest", 2), ("check.seal_link", 3)],
    ),
    "a range changed": (
        "update audit_seal set last_id = 7 where number = 2",
        [("check.seal_digest", 2)],
    ),
}


def tamper(engine: Engine, statement: str) -> None:
    """What somebody with the database's own password could do."""
    with (
        engine.begin() as connection,
        append_only_lifted(connection, "audit_entry"),
        append_only_lifted(connection, "audit_seal"),
    ):
        connection.execute(text(statement))


@pytest.mark.parametrize("what", TAMPERED)
def test_check__tampered_with__names_the_batch(three: Engine, what: str) -> None:
    statement, expected = TAMPERED[what]
    tamper(three, statement)
    assert sorted(flaws(), key=str) == sorted(expected, key=str)
    found = problems()
    told = found[found["kind"] == "chain"]
    assert sorted(zip(told["key"], told["id"], strict=True), key=str) == sorted(expected, key=str)


def test_check__seal_removed_and_made_again__the_hole_is_still_told(three: Engine) -> None:
    tamper(three, "delete from audit_seal where number = 3")
    tamper(three, "delete from audit_entry where id = 9")
    seal_all()
    assert flaws() == [("check.seal_gone", 3)]


def entered(connection: Connection, number: int) -> None:
    connection.execute(
        text(
            "insert into audit_entry (id, at, action, subject_kind, subject_label, changes)"
            " values (:n, '2026-03-01 00:00:00+00:00', 'area.edit', 'area', '', '{}')"
        ),
        {"n": number},
    )


def leave_a_gap(engine: Engine) -> None:
    """Entries 1, 2 and 5 under one seal; 3 and 4 are missing."""
    with engine.begin() as connection:
        for number in (1, 2, 5):
            entered(connection, number)
    assert seal_all() == 1
    assert [seal.missing for seal in seals()] == [[[3, 4]]]


def test_seal_all__an_entry_that_came_late__is_sealed_with_the_next(database: Engine) -> None:
    leave_a_gap(database)
    with database.begin() as connection:
        entered(connection, 4)
    assert (status().unsealed, flaws()) == (1, [])
    assert seal_all() == 1
    assert [(s.first_id, s.last_id, s.late) for s in seals()] == [(1, 5, []), (6, 5, [4])]
    assert (status().unsealed, flaws()) == (0, [])
    tamper(database, "update audit_entry set action = 'x' where id = 4")
    assert flaws() == [("check.seal_digest", 2)]


def test_check__an_entry_put_into_an_old_gap__is_told(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_a_gap(database)
    monkeypatch.setattr(persistence, "OPEN_FOR", timedelta(0))
    with database.begin() as connection:
        entered(connection, 3)
    assert seal_all() == 0
    assert [(key, dict(values)) for key, _, values in status().flaws] == [
        ("check.seal_put_in", {"number": 3})
    ]


def test_seal_all__a_writer_that_ends_later__is_neither_lost_nor_waited_for(
    database: Engine,
) -> None:
    """PostgreSQL gives out numbers before transactions end; SQLite lets one writer in at a time."""
    if database.dialect.name == "sqlite":
        assert together(6, lambda _: write(3)) == [None] * 6
        seal_all()
        assert (status().unsealed, flaws()) == (0, [])
        return
    written, finish = Event(), Event()

    def slow() -> None:
        with transaction(None) as tx:
            tx.record("area.edit", "area", topic=Topic.AREAS, area_ids=frozenset())
            tx.session.flush()
            written.set()
            finish.wait(30)

    writer = Thread(target=slow)
    writer.start()
    assert written.wait(30)
    write(2)
    assert seal_all() == 1
    assert [(s.missing, s.late) for s in seals()] == [([[1, 1]], [])]
    finish.set()
    writer.join(30)
    assert seal_all() == 1
    assert seals()[-1].late == [1]
    assert (status().unsealed, flaws()) == (0, [])


def test_seal_all__many_sealers_at_once__every_entry_under_one_seal(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    write(10)
    made = together(4, lambda _: seal_all())
    assert sum(n for n in made if isinstance(n, int)) == 4
    assert [(s.first_id, s.last_id) for s in seals()] == [(1, 3), (4, 6), (7, 9), (10, 10)]
    assert flaws() == []
    with Reads() as session:
        assert session.scalar(select(Installation.last_seal)) == 4


@pytest.mark.parametrize("verb", ["update audit_seal set digest = 'x'", "delete from audit_seal"])
def test_audit_seal__cannot_be_changed(database: Engine, verb: str) -> None:
    write(1)
    seal_all()
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(verb))
    with database.connect() as connection:
        assert missing_guards(connection) == frozenset()


def test_seal__entries_as_the_database_keeps_them__hash_the_same_later(database: Engine) -> None:
    with Writes.begin() as session:
        session.add(
            AuditEntry(
                at=now(),
                action="x",
                refused=False,
                subject_kind="area",
                subject_label='\u2028"引号"\n',
                changes={"z": [1.5, None], "a": [True, "é\U0001f600"], "name": None},
                address="2001:db8::1",
                agent="",
            )
        )
        session.execute(update(Installation).values(demonstration=False))
    seal_all()
    assert flaws() == []
