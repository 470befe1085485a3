"""The screens: one row each, from which navigation, links and guards are made."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib.domain.permissions import Actor, Permission
from lib.settings import ROOT
from lib.ui.session import plain, t


@dataclass(frozen=True)
class Screen:
    """One page file: its section, path below ``pages/``, URL, title key, icon and permission."""

    key: str
    section: str
    file: str
    permission: Permission
    icon: str


_P = Permission

SCREENS: tuple[Screen, ...] = (
    Screen("overview", "overview", "overview/street.py", _P.AREA_VIEW, "dashboard"),
    Screen("grids", "grids", "grids/map.py", _P.AREA_VIEW, "map"),
    Screen("grid", "grids", "grids/profile.py", _P.AREA_VIEW, "grid_view"),
    Screen("coverage", "grids", "grids/coverage.py", _P.AREA_VIEW, "radar"),
    Screen("areas", "grids", "grids/areas.py", _P.AREA_EDIT, "account_tree"),
    Screen("drawing", "grids", "grids/drawing.py", _P.AREA_EDIT, "draw"),
    Screen("structure", "grids", "grids/structure.py", _P.STRUCTURE_EDIT, "groups"),
    Screen("record", "service", "service/record.py", _P.SERVICE_RECORD, "edit_note"),
    Screen("confirm", "service", "service/to_confirm.py", _P.SERVICE_CONFIRM, "task_alt"),
    Screen("records", "service", "service/records.py", _P.SERVICE_VIEW, "list_alt"),
    Screen("needs", "service", "service/needs.py", _P.NEED_COLLECT, "inbox"),
    Screen("matching", "service", "service/matching.py", _P.NEED_SETTLE, "join_inner"),
    Screen("library", "service", "service/library.py", _P.PROJECT_VIEW, "volunteer_activism"),
    Screen("claims", "service", "service/claims.py", _P.CLAIM_TAKE, "handshake"),
    Screen("activity", "service", "service/activity.py", _P.AREA_VIEW, "monitoring"),
    Screen("pipeline", "service", "service/pipeline.py", _P.AREA_VIEW, "filter_alt"),
    Screen("units", "units", "units/units.py", _P.UNIT_VIEW, "apartment"),
    Screen("ledger", "units", "units/ledger.py", _P.CHECKIN_LEDGER, "menu_book"),
    Screen("check_in", "units", "units/check_in.py", _P.CHECKIN_REGISTER, "how_to_reg"),
    Screen("teams", "units", "units/teams.py", _P.AREA_VIEW, "groups_2"),
    Screen("mine", "desk", "desk/my_page.py", _P.SERVICE_RECORD, "badge"),
    Screen(
        "certificates",
        "desk",
        "desk/certificates.py",
        _P.CERTIFICATE_ISSUE,
        "workspace_premium",
    ),
    Screen("suspicious", "desk", "desk/suspicious.py", _P.SERVICE_REVIEW, "rule_folder"),
    Screen("tally", "desk", "desk/tally.py", _P.CHECKIN_REGISTER, "calculate"),
    Screen("standin", "desk", "desk/standin.py", _P.GRANT_DELEGATE, "handshake"),
    Screen("accounts", "desk", "desk/accounts.py", _P.ACCOUNT_EDIT, "manage_accounts"),
    Screen("sessions", "desk", "desk/sessions.py", _P.ACCOUNT_EDIT, "devices"),
    Screen("matrix", "desk", "desk/matrix.py", _P.MATRIX_VIEW, "rule"),
    Screen("personal", "desk", "desk/personal.py", _P.PERSON_KEEP, "shield_person"),
    Screen("log", "desk", "desk/log.py", _P.AUDIT_READ, "policy"),
    Screen("imports", "desk", "desk/imports.py", _P.LEDGER_IMPORT, "upload_file"),
    Screen("setup", "desk", "desk/setup.py", _P.SETTINGS_EDIT, "checklist"),
    Screen("settings", "desk", "desk/settings.py", _P.SETTINGS_EDIT, "tune"),
)

SECTIONS = ("overview", "grids", "service", "cases", "units", "centre", "desk")
"""The seven groups of navigation; a group appears when it has a screen that the actor may open."""

_BY_KEY: Mapping[str, Screen] = {screen.key: screen for screen in SCREENS}


def page(key: str, *, shown: bool = True) -> st.Page:
    """The Streamlit page of a screen; one that is not `shown` has an address but no link."""
    screen = _BY_KEY[key]
    return st.Page(
        ROOT / "pages" / screen.file,
        title=t(f"screen.{key}"),
        url_path=key,
        default=key == SCREENS[0].key,
        visibility="visible" if shown else "hidden",
    )


def navigation(actor: Actor) -> st.Page:
    """Show the groups this actor has screens in, and return the page to run.

    The other screens keep their addresses: their guard says why they do not open, and who tried.
    """
    groups: dict[str, list[st.Page]] = {}
    for section in SECTIONS:
        open_here = [s for s in SCREENS if s.section == section and actor.may(s.permission)]
        if open_here:
            # The first group, while it holds one screen, is a link and not a menu.
            alone = section == SECTIONS[0] and len(open_here) == 1
            title = "" if alone else t(f"section.{section}")
            groups[title] = [page(s.key) for s in open_here]
    closed = [page(s.key, shown=False) for s in SCREENS if not actor.may(s.permission)]
    groups.setdefault("", []).extend(closed)
    chosen = st.navigation(groups, position="top")
    first = next((s for s in SCREENS if actor.may(s.permission)), SCREENS[0])
    if chosen.url_path == "" and first is not SCREENS[0]:
        # Nobody tried anything: the front page is only where everybody arrives.
        st.switch_page(page(first.key))
    return chosen


def link(actor: Actor, key: str, label: str, **query: str) -> None:
    """A link to a screen; `query` is its URL's query. Nothing when the actor may not go there."""
    if opens(actor, key):
        st.page_link(page(key), label=plain(label), query_params=query or None)


def opens(actor: Actor, key: str) -> bool:
    """Whether the actor may go to a screen."""
    return actor.may(_BY_KEY[key].permission)


def offers(key: str) -> bool:
    """Whether the product has this screen at all."""
    return key in _BY_KEY


def go(key: str, **query: str) -> None:
    """Leave for another screen."""
    st.switch_page(page(key), query_params=query or None)
