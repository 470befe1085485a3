"""Service teams on the screen: the list by confirmed hours, one team, and the form to edit one.

Who comes in and goes out stands in `lib.ui.team_members`, events in `lib.ui.team_events`.
"""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceKind, StatusToken, TeamJoining
from lib.i18n import formats
from lib.queries import people, team
from lib.services.team import TeamEntry, edit_team, found_team
from lib.ui import act, area_map, team_events, team_members
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, download, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, name_of, t
from lib.ui.tables import choose_row, counted, newly

_CHOSEN = "team_id"


def screen(actor: Actor, place: Place, span: Span) -> None:
    """The teams of the place at the left, the chosen one at the right."""
    asked = st.query_params.get("team", "")
    if asked.isdecimal() and len(asked) < 16:
        st.session_state[_CHOSEN] = int(asked)
        del st.query_params["team"]
    left, right = st.columns([1.4, 1], gap="small")
    with left:
        _listing(actor, place, span)
    with right:
        team_members.mine(actor)
        _chosen(actor, place)


def found_here(actor: Actor, place: Place) -> None:
    """The button that opens the form for a new team."""
    if actor.scope(Permission.TEAM_EDIT).has_area and st.button(
        t("team.found"), type="primary", icon=":material/group_add:", key="team_found"
    ):
        _found(actor, place)


def _listing(actor: Actor, place: Place, span: Span) -> None:
    text = st.text_input(
        t("team.search"),
        key="team_text",
        placeholder=t("team.search_hint"),
        label_visibility="collapsed",
        width=220,
    )
    rows = read(
        team.listing,
        actor,
        area_id=place.area_id,
        first=span.first,
        last=span.last,
        text=text.strip(),
    )
    with st.container(border=True, key="card_teamlist"):
        unled = int((~rows["led"].astype(bool)).sum())
        note = t("team.count", n=len(rows))
        card_title(t("team.list"), f"{note} · {t('team.unled_count', n=unled)}" if unled else note)
        if rows.empty:
            empty(t("team.none_found" if text.strip() else "team.none"))
            return
        table = pd.DataFrame(
            {
                t("activity.team"): _names(rows, "name"),
                t("activity.hours"): (rows["minutes"] / 60).round(1),
                t("field.kind"): [called(ServiceKind(kind)) for kind in rows["kind"]],
                t("activity.members"): counted(rows["members"]),
                t("field.joining"): [called(TeamJoining(one)) for one in rows["joining"]],
                t("team.leader"): [t("team.led" if led else "team.vacant") for led in rows["led"]],
                t("column.area"): _names(rows, "area"),
            }
        )
        alt = t("team.count", n=len(rows))
        picked = choose_row(table, key="teams_table", alt=alt, height=520)
        download("teams", t("team.list"), table)
    number = None if picked is None else int(rows.iloc[picked]["team_id"])
    if newly("team_row", number):
        st.session_state[_CHOSEN] = number
        st.rerun()


def _names(rows: pd.DataFrame, of: str) -> list[str]:
    return [name_of(zh, en) for zh, en in zip(rows[f"{of}_zh"], rows[f"{of}_en"], strict=True)]


def _chosen(actor: Actor, place: Place) -> None:
    number = st.session_state.get(_CHOSEN)
    found = None if number is None else read(team.team, actor, team_id=number)
    if found is None or found.empty:
        empty(t("team.choose"))
        return
    one = found.iloc[0]
    _card(actor, one)
    covered = read(team.covered, actor, area_id=int(one["area_id"]))
    with st.container(border=True, key="card_team_area"):
        name = name_of(one["area_zh"], one["area_en"])
        card_title(t("team.covers"), t("team.covers_grids", name=name, n=len(covered)))
        label = t("team.map_label", name=name_of(one["name_zh"], one["name_en"]))
        area_map.draw_covered(actor, place, covered, label)
    team_events.card(actor, one)


def _card(actor: Actor, one: pd.Series) -> None:
    leader = one["leader"] or t("team.led")
    status = (
        escaped(leader) if one["led"] else status_html(StatusToken.SOON, t("team.vacant_cannot"))
    )
    facts = [
        (t("field.kind"), escaped(called(ServiceKind(one["kind"])))),
        (t("team.leader"), status),
        (t("field.joining"), escaped(called(TeamJoining(one["joining"])))),
        (t("column.area"), escaped(name_of(one["area_zh"], one["area_en"]))),
    ]
    cells = "".join(f"<dt>{escaped(key)}</dt><dd>{said}</dd>" for key, said in facts)
    team_id = int(one["team_id"])
    with st.container(border=True, key="card_team"):
        card_title(name_of(one["name_zh"], one["name_en"]), t("team.one"))
        st.html(f'<dl class="gv-kv">{cells}</dl>')
        with st.container(horizontal=True, vertical_alignment="center", key="team_bar"):
            team_members.own_way(actor, one)
            if one["editable"] and st.button(
                t("team.edit"), icon=":material/edit:", key="team_edit"
            ):
                _edit(actor, team_id)
            link(actor, "records", t("team.records"), team=str(team_id))
        team_members.members(actor, one)


@dialog("team.found")
def _found(actor: Actor, place: Place) -> None:
    form = "team_new"
    entry = _form(actor, f"{form}_{act.generation(form)}", place, None)
    if st.button(t("team.save"), type="primary", key="team_new_save") and entry is not None:
        act.perform(
            found_team,
            actor,
            done="team.founded",
            then=lambda: act.renew(form),
            entry=entry,
            request_id=act.request_id(form),
        )


def _dismissed(actor: Actor, team_id: int) -> None:
    _editing(actor, team_id).forget()


@dialog("team.edit", dismissed=_dismissed)
def _edit(actor: Actor, team_id: int) -> None:
    editing = _editing(actor, team_id)
    entry = _form(actor, editing.key, None, editing.loaded)
    if st.button(t("team.save"), type="primary", key=f"{editing.form}_save") and entry is not None:
        editing.save(edit_team, actor, done="team.saved", team_id=team_id, entry=entry)
    editing.show_changed()


def _editing(actor: Actor, team_id: int) -> Editing:
    members = read(people.team_members, actor, team_id=team_id)
    named = dict(zip(members["person_id"].astype(int), members["name"], strict=True))
    return Editing(
        f"team_{team_id}",
        lambda: read(team.team, actor, team_id=team_id).iloc[0].to_dict(),
        {"leader_id": named},
    )


def _form(
    actor: Actor, key: str, place: Place | None, loaded: dict[str, Any] | None
) -> TeamEntry | None:
    here = {"area_id": place.area_id} if place else {}
    fields = Fields(key, loaded or here)
    root_id, own_id = (place.area_id, None) if place else (None, int(fields.start["area_id"]))
    options = read(team.areas_to_serve, actor, root_id=root_id, own_id=own_id)
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh", t("team.name_hint"))
    name_en = fields.text(right, "name_en", t("unit.optional"))
    left, right = st.columns(2)
    kind = fields.choice(left, "kind", ServiceKind, ServiceKind.PATROL)
    area_id = fields.area(right, options)
    left, right = st.columns(2)
    joining = fields.choice(left, "joining", TeamJoining, TeamJoining.APPROVED)
    leader_id = None
    if loaded is not None:
        leader_id = _leader(actor, fields, int(loaded["team_id"]), loaded["leader_id"])
    else:
        right.caption(t("team.leader_later"))
    if area_id is None:
        st.caption(t("record.choose_area"))
        return None
    return TeamEntry(
        name_zh=name_zh,
        kind=kind,
        area_id=area_id,
        name_en=name_en,
        joining=joining,
        leader_id=leader_id,
    )


def _leader(actor: Actor, fields: Fields, team_id: int, now: float | None) -> int | None:
    """One of the members, or nobody yet."""
    members = read(people.team_members, actor, team_id=team_id)
    named = dict(zip(members["person_id"].astype(int), members["name"], strict=True))
    held = None if now is None or pd.isna(now) else int(now)
    options = list(named)
    chosen: int | None = st.selectbox(
        t("team.leader"),
        options,
        index=options.index(held) if held in options else None,
        format_func=lambda number: named[number],
        placeholder=t("team.vacant") if held is None or held in options else formats.UNKNOWN,
        key=f"{fields.key}_leader_id",
    )
    return chosen
