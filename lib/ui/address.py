"""Widgets whose value stands in the address, so that the browser's Back and Forward move them too.

What a value means is the caller's to say.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import streamlit as st


def moved(key: str, name: str) -> bool:
    """Whether the widget `key` is to say what the address says now under `name`.

    So at its first run, and when the address said something else in the last one. A link from
    another page that says nothing of it leaves the widget as it was.
    """
    said, page = st.query_params.get(name, ""), urlsplit(st.context.url or "").path
    place = f"{key}_address"
    before, st.session_state[place] = st.session_state.get(place), (page, said)
    if key not in st.session_state:
        return True
    return before is not None and before[1] != said and bool(said or before[0] == page)


def begin(key: str, name: str, options: Sequence[str], default: str | None = None) -> None:
    """Let the widget `key` begin with the one of its options that the address says under `name`."""
    if moved(key, name):
        said = st.query_params.get(name, "")
        st.session_state[key] = next((one for one in options if one == said), default)


def keep(key: str, name: str) -> Callable[[], None]:
    """What a changed widget `key` calls, so that the address says it under `name` from now on."""

    def remember() -> None:
        value = st.session_state[key]
        if value is None or value == "":
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(value)

    return remember
