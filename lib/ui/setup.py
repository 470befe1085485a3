"""The first set-up, led by the hand: what is done, what comes next, and where to do it.

What is done is told by what is there; how lists of places are brought in stands in
`lib.ui.place_list`, and the way out of the demonstration in `lib.ui.demonstration`.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from lib.domain.calendar import today
from lib.domain.local_settings import NAME_MAX, Pair, SettingKey
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level
from lib.queries import areas, local_settings
from lib.queries.setup import Progress, progress, streets
from lib.services.local_settings import change_setting
from lib.services.tree import AreaEntry, add_area
from lib.ui import act, place_list
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import empty, escaped
from lib.ui.pages import link, offers
from lib.ui.session import t

STEPS = ("street", "places", "offices", "units", "people", "accounts", "service")
LEADS: Mapping[str, tuple[str, ...]] = {
    "street": ("settings",),
    "places": ("drawing", "areas"),
    "offices": ("structure",),
    "units": ("imports", "units"),
    "people": ("imports", "records"),
    "accounts": ("accounts",),
    "service": ("record", "confirm"),
}
"""Where each step is done, by screen; a screen that this product does not have is left out."""

_SKIPPED = "setup_skipped"
_ICONS = {"done": "check_circle", "skipped": "redo", "open": "radio_button_unchecked"}


def needed(actor: Actor) -> bool:
    """Whether there is nothing yet that the Overview could show."""
    return bool(read(areas.roots, actor).empty)


def done_steps(so_far: Progress) -> frozenset[str]:
    """The steps that are done."""
    done = {
        "street": so_far.streets > 0,
        "places": so_far.grids > 0,
        "offices": so_far.offices,
        "units": so_far.units,
        "people": so_far.volunteers and so_far.teams,
        "accounts": so_far.accounts > 1,
        "service": so_far.services,
    }
    return frozenset(step for step in STEPS if done[step])


def guide(actor: Actor) -> None:
    """The steps in their order; the next one stands open."""
    if not actor.may(Permission.SETTINGS_EDIT):
        empty(t("setup.others"))
        return
    so_far = read(progress, actor)
    done = done_steps(so_far)
    skipped: set[str] = st.session_state.setdefault(_SKIPPED, set())
    following = next((s for s in STEPS if s not in done and s not in skipped), None)
    words = t("setup.done_of", n=len(done), all=len(STEPS))
    st.progress(len(done) / len(STEPS), text=words)
    upcoming = t(f"setup.next_{following}") if following else t("setup.complete")
    st.html(f'<div class="gv-lead" role="status">{escaped(upcoming)}</div>')
    with st.container(key="setup_steps"):
        for number, step in enumerate(STEPS, start=1):
            state = "done" if step in done else "skipped" if step in skipped else "open"
            title = t("setup.step", n=number, title=t(f"setup.title_{step}"))
            with st.expander(
                t("setup.skipped_step", step=title) if state == "skipped" else title,
                expanded=step == following,
                icon=f":material/{_ICONS[state]}:",
            ):
                _step(actor, step, so_far, open_=state == "open")


def _step(actor: Actor, step: str, so_far: Progress, *, open_: bool) -> None:
    st.write(t(f"setup.what_{step}"))
    body = _BODIES.get(step)
    if body is not None:
        body(actor, so_far)
    with st.container(horizontal=True, vertical_alignment="center"):
        for key in LEADS[step]:
            if offers(key):
                link(actor, key, t("setup.go", screen=t(f"screen.{key}")))
        if open_ and st.button(t("setup.skip"), key=f"setup_skip_{step}", type="tertiary"):
            st.session_state[_SKIPPED] = {*st.session_state[_SKIPPED], step}
            st.rerun()


def _street(actor: Actor, so_far: Progress) -> None:
    """Name the street: its area, and the name at the head of every page."""
    if so_far.streets:
        names = read(streets, actor)["name_zh"]
        if len(names):
            st.caption(t("setup.street_there", names=t("list.separator").join(names[:5])))
        return
    if not actor.scope(Permission.AREA_EDIT).whole_tree:
        st.caption(t("setup.street_by_administrator"))
        return
    fields = Fields(f"setup_street_{act.generation('setup_street')}", {})
    first, second, third = st.columns(3)
    zh = fields.text(first, "street_name_zh", t("setup.street_hint"))
    en = fields.text(second, "street_name_en", t("unit.optional"))
    code = fields.text(third, "code", t("setup.code_hint"))

    def found() -> None:
        entry = AreaEntry(name_zh=zh, name_en=en, code=code, valid_from=today())
        add_area(actor, parent_id=None, level=Level.STREET, entry=entry)
        settings = local_settings.current(None)
        if settings.street_name == Pair() and len(zh) <= NAME_MAX and len(en) <= 2 * NAME_MAX:
            change_setting(
                actor,
                key=SettingKey.STREET_NAME,
                value=Pair(zh, en),
                reason=t("setup.title"),
                version=settings.versions.get(SettingKey.STREET_NAME, 0),
            )

    if st.button(t("setup.street_do"), type="primary", key="setup_street_do"):
        act.perform(found, done="setup.street_done", then=lambda: act.renew("setup_street"))


def _places(actor: Actor, so_far: Progress) -> None:
    if so_far.communities or so_far.grids:
        counts = {"communities": so_far.communities, "grids": so_far.grids}
        st.caption(t("setup.places_there", **counts))
    place_list.form(actor)


_BODIES: Mapping[str, Callable[[Actor, Progress], None]] = {
    "street": _street,
    "places": _places,
}


def reminder(actor: Actor) -> None:
    """On the Overview, while nothing was served yet: how far the set-up is, and the way on."""
    if not actor.may(Permission.SETTINGS_EDIT):
        return
    so_far = read(progress, actor)
    if so_far.services:
        return
    done = done_steps(so_far)
    with st.container(horizontal=True, vertical_alignment="center", key="setup_reminder"):
        words = t("setup.done_of", n=len(done), all=len(STEPS))
        st.html(f'<span class="gv-chip">{escaped(words)}</span>', width="content")
        link(actor, "setup", t("setup.go_on"))
