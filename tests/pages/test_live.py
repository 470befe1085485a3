"""Live screens: what is read again after which write, and how often."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import streamlit as st
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from lib.domain.vocab import Topic
from lib.persistence.engine import engine
from lib.persistence.transaction import transaction
from lib.services.sessions import COOKIE
from lib.ui import live
from tests.factories import SmallStreet, signed_in


def screen() -> None:
    """A page of one query, for the actor in its session."""
    import streamlit as st

    from lib.domain.calendar import today
    from lib.queries import service
    from lib.ui import live

    actor = st.session_state["actor"]
    live.begin_run(actor)
    live.read(service.totals, actor, area_id=None, first=today(), last=today())


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(engine(), "before_cursor_execute", note)
    yield asked
    event.remove(engine(), "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("where", "again"), [("t", False), ("g1", True), ("s", True), (None, False)]
)
def test_read__after_a_write__asked_again_only_in_its_own_street(
    town: SmallStreet, monkeypatch: pytest.MonkeyPatch, where: str | None, again: bool
) -> None:
    actor = town.actors["street_committee"]
    monkeypatch.setattr(type(st.context), "cookies", {COOKIE: signed_in(actor)})
    app = AppTest.from_function(screen)
    app.session_state["actor"] = actor
    app.run()
    if where is not None:
        with transaction(None) as tx:
            area = getattr(town.areas, where)
            tx.record("tried", "area", topic=Topic.SERVICE, area_ids=frozenset({area}))
    with statements() as asked:
        app.run()
    assert not app.exception
    assert any("day_summary" in statement for statement in asked) == again


def test_rested__what_a_few_write_at_once_and_a_storm_in_gusts() -> None:
    now = time.monotonic()
    few = [now - 3 * step for step in range(1, live.REFRESHES)]
    assert live.rested(now, [])
    assert live.rested(now, few)
    assert not live.rested(now, [now - 9, *few])
    assert live.rested(now, [now - live.WITHIN, *few])


def test_pace__sessions_differ_and_none_waits_two_seconds() -> None:
    paces = {live.pace() for _ in range(50)}
    assert len(paces) > 40
    assert 1 < min(paces) < live.SECONDS < max(paces) < 2
