"""How often somebody may try, on both engines."""

from datetime import timedelta

from sqlalchemy import Engine, func, select, update

from lib.domain.calendar import now
from lib.persistence.engine import Reads, Writes, connect
from lib.persistence.models import AuditEntry, SignInTry
from lib.services.throttle import FREE_BY_ADDRESS, FREE_BY_NAME, WINDOW, forgive, take_try


def past(seconds: float) -> None:
    """Let time pass: every try was made so much earlier."""
    with Writes.begin() as session:
        for row in session.scalars(select(SignInTry)):
            session.execute(
                update(SignInTry)
                .where(SignInTry.key == row.key)
                .values(since=row.since - timedelta(seconds=seconds))
            )


def test_take_try__per_name__until_the_window_has_passed(database: Engine) -> None:
    assert [take_try("li", "1.1.1.1") for _ in range(FREE_BY_NAME)] == [0] * FREE_BY_NAME
    assert 0 < take_try("LI ", "2.2.2.2") <= WINDOW.total_seconds()
    assert take_try("wang", "1.1.1.1") == 0
    past(WINDOW.total_seconds() - 100)
    assert 90 < take_try("li", "2.2.2.2") <= 100
    past(101)
    assert take_try("li", "2.2.2.2") == 0


def test_take_try__per_address__softer(database: Engine) -> None:
    for number in range(FREE_BY_ADDRESS):
        assert take_try(f"name{number}", "1.1.1.1") == 0
    assert take_try("fresh", "1.1.1.1") > 0
    assert take_try("fresh", "2.2.2.2") == 0


def test_take_try__hundred_wrong__waits_not_longer_told_once(database: Engine) -> None:
    waits = [take_try("li", f"10.0.0.{n}") for n in range(100)]
    assert waits[:FREE_BY_NAME] == [0] * FREE_BY_NAME
    assert min(waits[FREE_BY_NAME:]) > 0
    assert max(waits) <= WINDOW.total_seconds()
    with Reads() as session:
        told = session.scalars(select(AuditEntry.action)).all()
    assert told == ["session.throttled"]


def test_take_try__another_process__counts_on(database: Engine) -> None:
    for _ in range(FREE_BY_NAME):
        take_try("li", "1.1.1.1")
    connect(database.url.render_as_string(hide_password=False))
    assert take_try("li", "1.1.1.1") > 0


def test_forgive__the_name_starts_anew_the_address_gets_one_back(database: Engine) -> None:
    for _ in range(FREE_BY_ADDRESS * 2):
        assert take_try("li", "1.1.1.1") == 0
        forgive("li", "1.1.1.1")


def test_take_try__old_tries_are_swept(database: Engine) -> None:
    take_try("li", "1.1.1.1")
    past(WINDOW.total_seconds() + 1)
    take_try("wang", "2.2.2.2")
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(SignInTry)) == 2
        assert session.scalar(select(func.min(SignInTry.since))) > now() - WINDOW


def test_take_try__anything_typed__is_counted(database: Engine) -> None:
    for name in ("", "\x00", "x" * 10_000, "' or 1=1 --", "\ud800"):
        assert take_try(name, "1.1.1.1") == 0
