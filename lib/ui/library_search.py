"""What somebody looks for in the library: filters and order, all of them in the address.

The list itself is drawn by `lib.ui.library`, the map beside it by `lib.ui.library_map`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Beneficiary, Bringing, Entry, ProjectState, ServiceKind, Skill
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, project
from lib.queries.project import Near, Order, Wanted
from lib.ui import address
from lib.ui.live import read
from lib.ui.page import escaped
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, plain, t

METRES = (500, 1000, 2000, 5000)
_PUBLISHED = (ProjectState.PUBLISHED, ProjectState.CLOSED, ProjectState.WITHDRAWN)


@dataclass(frozen=True)
class Search:
    """Which projects are looked for, and how they are sorted."""

    states: tuple[ProjectState, ...]
    wanted: Wanted
    order: Order


def controls(actor: Actor, place: Place) -> Search:
    """The filters and the order, as they stand in the address."""
    published = _published()
    with st.container(horizontal=True, vertical_alignment="bottom", key="library_filters"):
        states = _PUBLISHED if published else (_state(actor),)
        kind, skill = _one(ServiceKind, "kind"), _one(Skill, "skill")
        entry = _one(Entry, "entry")
        near = _near(actor, place)
        on = _on()
        micro_wish = _micro_wish()
        order = _order(near is not None)
    wanted = Wanted(
        kind=kind,
        skill=skill,
        entry=entry,
        beneficiary=_asked(Beneficiary, "beneficiary"),
        brings=_asked(Bringing, "brings"),
        on=on,
        micro_wish=micro_wish,
        near=near,
        published=published,
    )
    if near is not None:
        found = read(areas.area, actor, area_id=near.area_id)
        where = name_of(found.iloc[0]["name_zh"], found.iloc[0]["name_en"]) if len(found) else ""
        st.caption(plain(t("library.near_where", name=where, metres=near.metres)))
    return Search(states, wanted, order)


def _published() -> tuple[date, date] | None:
    """The days of publishing that a mark of a chart asks for."""
    try:
        days = tuple(date.fromisoformat(st.query_params.get(n, "")) for n in ("first", "last"))
    except ValueError:
        return None

    def all_again() -> None:
        for name in ("first", "last", "beneficiary", "brings"):
            st.query_params.pop(name, None)

    first, last = (formats.day(day, language()) for day in days)
    parts = [t("library.published_in", days=t("list.days", first=first, last=last))]
    for members, name in ((Beneficiary, "beneficiary"), (Bringing, "brings")):
        value = _asked(members, name)
        if value is not None:
            parts.append(called(members(value)))
    with st.container(horizontal=True, vertical_alignment="center", key="library_of"):
        words = t("list.separator").join(parts)
        st.html(f'<span class="gv-chip">{escaped(words)}</span>', width="content")
        st.button(t("library.all_again"), key="library_all", type="tertiary", on_click=all_again)
    return days[0], days[1]


def _asked(members: type[StrEnum], name: str) -> str | None:
    said = st.query_params.get(name)
    return said if said in list(members) else None


def _state(actor: Actor) -> ProjectState:
    """Others than those open to claims are for who looks after them."""
    state, key = ProjectState.PUBLISHED, "library_state"
    if not actor.may(Permission.PROJECT_EDIT):
        return state
    address.begin(key, "state", list(ProjectState), state)
    chosen = st.segmented_control(
        t("records.state"),
        list(ProjectState),
        format_func=lambda s: word(s, language()),
        key=key,
        on_change=address.keep(key, "state"),
        required=True,
        label_visibility="collapsed",
    )
    return ProjectState(chosen or state)


def _one(members: type[StrEnum], name: str) -> str | None:
    """A filter for one member of a vocabulary."""
    return _box(f"filter_{name}", name, list(members), t(f"library.any_{name}"))


def _box(key: str, name: str, options: Sequence[str], hint: str, said: object = None) -> str | None:
    address.begin(key, name, options)
    words = said if callable(said) else called
    return st.selectbox(
        hint,
        options,
        index=None,
        format_func=words,
        placeholder=hint,
        key=key,
        on_change=address.keep(key, name),
        width=150,
        label_visibility="collapsed",
    )


def _near(actor: Actor, place: Place) -> Near | None:
    """Round the grid that is looked at, else round the volunteer's home."""
    centre = place.area_id if place.leaf else read(project.home, actor)
    if centre is None:
        return None
    chosen = _box(
        "library_near",
        "near",
        [str(metres) for metres in METRES],
        t("library.any_near"),
        lambda metres: t("library.within", n=f"{int(metres):,}"),
    )
    return None if chosen is None else Near(centre, int(chosen))


def _on() -> date | None:
    key = "library_on"
    if address.moved(key, "on"):
        st.session_state[key] = _day(st.query_params.get("on", ""))
    chosen = st.date_input(
        t("library.on"),
        min_value=today(),
        format="YYYY-MM-DD",
        key=key,
        on_change=address.keep(key, "on"),
        width=150,
    )
    return chosen if isinstance(chosen, date) else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= today() else None


def _micro_wish() -> bool:
    key = "library_micro"
    address.begin(key, "micro", ("1",))
    chosen = st.pills(
        t("field.micro_wish"),
        ["1"],
        format_func=lambda _: t("field.micro_wish"),
        key=key,
        on_change=address.keep(key, "micro"),
        label_visibility="collapsed",
    )
    return chosen is not None


def _order(near: bool) -> Order:
    key, options = "library_order", [one for one in Order if near or one is not Order.NEAREST]
    address.begin(key, "order", options, Order.ENDING)
    if st.session_state.get(key) not in options:
        st.session_state[key] = Order.ENDING
    return Order(
        st.selectbox(
            t("library.order"),
            options,
            format_func=lambda one: t(f"library.order_{one}"),
            key=key,
            on_change=address.keep(key, "order"),
            width=150,
            label_visibility="collapsed",
        )
    )
