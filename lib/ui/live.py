"""Live screens: reads are cached until their topic moves, and a small fragment notices when.

A rerun closes dialogs, so while one is open the screen only says that there is new data.
"""

import html
import random
from collections.abc import Callable, Sequence
from time import monotonic
from typing import ParamSpec, TypeVar, cast

import streamlit as st

from lib.domain.permissions import Actor
from lib.queries.counters import positions, topics_of
from lib.services.sessions import note_use
from lib.ui.session import current_actor, session_token, t

SECONDS = 1.5
"""How often a screen asks; each session's own pace differs by up to `JITTER` of it."""

JITTER = 0.2
REFRESHES, WITHIN = 3, 10.0
"""A screen is refreshed by others' writes at most so often in so many seconds.

What a person or two write shows at once; a storm of writes is shown in gusts.
"""

_SEEN, _DIALOG, _DISMISSED = "topics_seen", "dialog_open", "dialog_dismissed"
_FOLLOWED, _USED = "run_by_following", "use_noted_at"
_USE_SECONDS = 60
_PACE, _REFRESHED = "live_pace", "live_refreshed"

Filters = ParamSpec("Filters")
Answer = TypeVar("Answer")


def begin_run(actor: Actor) -> None:
    """Forget which topics the last run read and note where all counters stand."""
    st.session_state[_SEEN] = {}
    st.session_state[_DIALOG] = False
    st.session_state["positions"] = positions(actor)


def read(query: Callable[..., Answer], actor: Actor, **filters: object) -> Answer:
    """The query's answer, cached until one of its topics moves within what the actor sees.

    Filters must be plain values. The answer is the caller's own copy.
    """
    _note_use()
    at = st.session_state["positions"]
    position = tuple((topic, at[topic]) for topic in sorted(topics_of(query)))
    st.session_state[_SEEN].update(position)
    # One text is hashed many times faster than the objects that it speaks of.
    asked = sorted(filters.items())
    key = f"{query.__module__}.{query.__qualname__} {position} {actor} {asked}"
    return cast(Answer, _answer(key, query, actor, filters))


def end_run() -> None:
    """The page stands; whatever runs next, until it follows again, somebody did."""
    st.session_state[_FOLLOWED] = False


def _note_use() -> None:
    """Keep the session alive for what somebody does, not for what a page does by itself."""
    if st.session_state.get(_FOLLOWED) or monotonic() < st.session_state.get(_USED, 0):
        return
    note_use(session_token())
    st.session_state[_USED] = monotonic() + _USE_SECONDS


@st.cache_data(max_entries=2000, ttl=3600, show_spinner=False)
def _answer(
    key: str, _query: Callable[..., object], _actor: Actor, _filters: dict[str, object]
) -> object:
    return _query(_actor, **_filters)


def follow() -> None:
    """Rerun the page when a topic that it read has moved, or its session has ended.

    A change shows within two seconds, unless more keep coming than `REFRESHES` allows. Fifty
    screens that were opened together soon ask at moments of their own.
    """
    st.fragment(run_every=st.session_state.setdefault(_PACE, pace()))(_look)()


def pace() -> float:
    """Seconds between two looks of one session, drawn once for each."""
    return SECONDS * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nothing to guess


def rested(now: float, refreshed: Sequence[float]) -> bool:
    """Whether a refresh is due at a moment after the earlier ones; seconds of one clock."""
    return sum(now - moment < WITHIN for moment in refreshed) < REFRESHES


def _look() -> None:
    actor = current_actor()
    if actor is None:
        st.rerun()
    now = positions(actor)
    moved = any(now[topic] != n for topic, n in st.session_state.get(_SEEN, {}).items())
    if not moved:
        return
    if st.session_state.get(_DIALOG):
        # A toast would take the dialog's place on the page and close it.
        st.html(f'<div class="gv-fresh" role="status">{html.escape(t("page.new_data"))}</div>')
        return
    moment = monotonic()
    refreshed = st.session_state.get(_REFRESHED, ())
    if rested(moment, refreshed):
        st.session_state[_REFRESHED] = (*refreshed[1 - REFRESHES :], moment)
        st.session_state[_FOLLOWED] = True
        st.rerun()


def dialog(
    title_key: str, dismissed: Callable[..., None] | None = None
) -> Callable[[Callable[Filters, None]], Callable[Filters, None]]:
    """Like `st.dialog`, with a title by key; while it is open the page is not rerun.

    `dismissed` is called, with what the dialog was called with, when it is closed unsaved.
    """

    def decorate(function: Callable[Filters, None]) -> Callable[Filters, None]:
        def show(*args: Filters.args, **kwargs: Filters.kwargs) -> None:
            def closed() -> None:
                st.session_state[_DISMISSED] = True
                st.session_state[_DIALOG] = False
                if dismissed is not None:
                    dismissed(*args, **kwargs)

            def content() -> None:
                # Closing reruns the content once more, when nobody sees it.
                st.session_state[_DIALOG] = not st.session_state.get(_DISMISSED)
                function(*args, **kwargs)

            st.session_state[_DISMISSED] = False
            content.__qualname__ = function.__qualname__
            st.dialog(t(title_key), width="large", on_dismiss=closed)(content)()

        return show

    return decorate
