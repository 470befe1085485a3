"""Forms on what two people may edit at once: the version travels along, what changed is told.

Nothing typed is lost when somebody else was first; the reader chooses whose words stay.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import streamlit as st

from lib.domain.errors import Changed
from lib.i18n import formats
from lib.ui import act
from lib.ui.session import called, language, plain, t


@dataclass(frozen=True)
class Editing:
    """One form on one thing; `names` holds words for values that are numbers, by field."""

    form: str
    fetch: Callable[[], Mapping[str, Any]]
    names: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the form's widgets begin their keys with."""
        return f"{self.form}_{act.generation(self.form)}"

    @property
    def loaded(self) -> dict[str, Any]:
        """The thing as it was when the form was opened, ``version`` included."""
        place = f"loaded_{self.form}"
        if place not in st.session_state:
            st.session_state[place] = dict(self.fetch())
        values: dict[str, Any] = st.session_state[place]
        return values

    def forget(self) -> None:
        """Begin afresh, with what stands there now."""
        st.session_state.pop(f"loaded_{self.form}", None)
        st.session_state.pop(f"changed_{self.form}", None)
        act.renew(self.form)

    def save(
        self, command: Callable[..., object], *args: object, done: str, **values: object
    ) -> None:
        """Run the command with the version that was loaded."""
        refusal = act.perform(
            command,
            *args,
            done=done,
            done_values=None,
            then=self.forget,
            version=int(self.loaded["version"]),
            **values,
        )
        if isinstance(refusal, Changed):
            st.session_state[f"changed_{self.form}"] = refusal

    def show_changed(self) -> None:
        """What somebody else saved meanwhile, and the two ways on; what was typed stays."""
        refusal = st.session_state.get(f"changed_{self.form}")
        if not isinstance(refusal, Changed):
            return
        lines = [
            t(
                "form.changed_line",
                field=t(f"field.{name}"),
                before=self._said(name, was),
                now=self._said(name, value),
            )
            for name, value in refusal.current.items()
            if not _same(was := self.loaded.get(name), value)
        ]
        st.warning(t("form.changed") + "\n\n" + "\n".join(f"- {plain(one)}" for one in lines))
        with st.container(horizontal=True):
            if st.button(t("form.keep_mine"), key=f"{self.form}_mine"):
                self.loaded.update({"version": refusal.version, **refusal.current})
                st.session_state.pop(f"changed_{self.form}")
                st.rerun(scope="fragment")
            if st.button(t("form.take_theirs"), key=f"{self.form}_theirs"):
                self.forget()
                st.rerun(scope="fragment")

    def _said(self, name: str, value: object) -> str:
        known = self.names.get(name, {})
        if isinstance(value, frozenset):
            words = [known[one] for one in sorted(value) if one in known]
            return t("list.separator").join(words) or formats.UNKNOWN
        return known[value] if value in known else said(value)


def said(value: object) -> str:
    """A stored value as people read it; nothing is a dash."""
    if isinstance(value, StrEnum):
        return called(value)
    if isinstance(value, date):
        return formats.day(value, language())
    return formats.UNKNOWN if _nothing(value) else str(value)


def _nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _same(one: object, other: object) -> bool:
    return (_nothing(one) and _nothing(other)) or one == other
