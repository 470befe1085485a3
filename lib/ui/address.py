"""Widgets whose value stands in the address, so that the browser's Back and Forward move them too.

What a value means is the caller's to say.
"""

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
