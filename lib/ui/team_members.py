"""Into a team and out of it: join, ask, be invited, leave; who waits and who belongs.

Members are named to those who record for them or look after the team, and never sorted by hours.
"""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Permission
from lib.domain.teams import UNANSWERED
from lib.domain.vocab import MembershipState, TeamJoining
from lib.domain.workflow import MEMBERSHIP_STATE_STATUS
from lib.i18n.glossary import word
from lib.queries import people, team
from lib.services.team import (
    accept_membership,
    decline_membership,
    invite_member,
    join_team,
    leave_team,
    withdraw_membership,
)
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title, escaped, status_html
from lib.ui.session import language, name_of, plain, t


def mine(actor: Actor) -> None:
    """What waits for this actor's word, and what the actor waits for, in any team."""
    if actor.person_id is None:
        return
    rows = read(team.my_requests, actor)
    waiting = rows[rows["state"].isin(UNANSWERED)]
    if waiting.empty:
        return
    with st.container(border=True, key="card_my_requests"):
        card_title(t("team.my_requests"), t("team.count_waiting", n=len(waiting)))
        for _, row in waiting.iterrows():
            st.html(_line(row, name_of(row["team_zh"], row["team_en"])))
            _own_answer(actor, row)


def own_way(actor: Actor, one: pd.Series) -> None:
    """The one button by which this actor comes in or leaves; nothing for who cannot."""
    if actor.person_id is None or not actor.may(Permission.TEAM_JOIN):
        return
    team_id = int(one["team_id"])
    if one["own"]:
        with st.popover(t("team.leave"), key="team_leave_box"):
            st.write(plain(t("team.leave_ask", name=name_of(one["name_zh"], one["name_en"]))))
            if st.button(t("team.leave_do"), key="team_leave"):
                act.perform(
                    leave_team,
                    actor,
                    done="team.left",
                    team_id=team_id,
                    person_id=actor.person_id,
                )
        return
    asked = read(team.my_requests, actor)
    waits = ((asked["team_id"] == team_id) & asked["state"].isin(UNANSWERED)).any()
    joining = TeamJoining(one["joining"])
    if waits or not one["offered"] or joining is TeamJoining.INVITED:
        return
    form, at_once = f"team_join_{team_id}", joining is TeamJoining.OPEN
    if st.button(t("team.join" if at_once else "team.ask"), type="primary", key="team_join"):
        act.perform(
            join_team,
            actor,
            done="team.joined" if at_once else "team.asked",
            then=lambda: act.renew(form),
            team_id=team_id,
            person_id=actor.person_id,
            request_id=act.request_id(form),
        )


def members(actor: Actor, one: pd.Series) -> None:
    """Who belongs, for whom names are meant; who waits and the invitation, for who looks after."""
    team_id = int(one["team_id"])
    rows = read(people.team_members, actor, team_id=team_id)
    if len(rows):
        with st.expander(t("team.members", n=len(rows))):
            names = t("list.separator").join(str(name) for name in rows["name"])
            st.html(f'<div class="gv-record"><p>{escaped(names)}</p></div>')
    if not one["editable"]:
        return
    for _, row in read(team.requests, actor, team_id=team_id).iterrows():
        st.html(_line(row, str(row["name"])))
        _teams_answer(actor, row)
    _invite(actor, team_id)


def _line(row: pd.Series, name: str) -> str:
    state = MembershipState(row["state"])
    status = status_html(MEMBERSHIP_STATE_STATUS[state], word(state, language()))
    return f'<div class="gv-record"><div class="gv-t">{escaped(name)}{status}</div></div>'


def _own_answer(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["membership_request_id"]), int(row["version"])
    values: dict[str, Any] = {"membership_request_id": number, "version": version}
    with st.container(horizontal=True, key=f"request_bar_{number}"):
        if row["state"] == MembershipState.ASKED:
            if st.button(t("team.take_back"), key=f"request_withdraw_{number}"):
                act.perform(withdraw_membership, actor, done="team.taken_back", **values)
            return
        if st.button(t("team.accept"), type="primary", key=f"request_accept_{number}"):
            act.perform(accept_membership, actor, done="team.joined", **values)
        if st.button(t("team.decline"), key=f"request_decline_{number}"):
            act.perform(decline_membership, actor, done="team.declined", **values)


def _teams_answer(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["membership_request_id"]), int(row["version"])
    values: dict[str, Any] = {"membership_request_id": number, "version": version}
    with st.container(horizontal=True, key=f"request_team_bar_{number}"):
        if row["state"] == MembershipState.INVITED:
            if st.button(t("team.uninvite"), key=f"request_uninvite_{number}"):
                act.perform(withdraw_membership, actor, done="team.taken_back", **values)
            return
        if st.button(t("team.take_in"), type="primary", key=f"request_take_{number}"):
            act.perform(accept_membership, actor, done="team.taken_in", **values)
        with st.popover(t("team.decline"), key=f"request_decline_box_{number}"):
            reason = st.text_area(
                t("field.reason"),
                key=f"request_reason_{number}",
                placeholder=t("team.decline_hint"),
            )
            if st.button(t("team.decline"), key=f"request_refuse_{number}"):
                act.perform(
                    decline_membership, actor, done="team.declined", reason=reason, **values
                )


def _invite(actor: Actor, team_id: int) -> None:
    form = f"team_invite_{team_id}"
    with st.popover(t("team.invite"), icon=":material/person_add:", key="team_invite_box"):
        name = st.text_input(
            t("team.full_name"),
            placeholder=t("team.full_name_hint"),
            key=f"{form}_name_{act.generation(form)}",
        )
        if not name.strip():
            return
        found = read(team.invitable, actor, team_id=team_id, name=name.strip())
        if found.empty:
            st.info(t("team.nobody_found"), icon=":material/person_search:")
            return
        where = {
            int(row["person_id"]): f"{name_of(row['area_zh'], row['area_en'])} · "
            f"{t('record.number', n=int(row['person_id']))}"
            for _, row in found.iterrows()
        }
        person_id = next(iter(where))
        if len(where) > 1:
            person_id = st.radio(
                t("team.which"),
                list(where),
                format_func=lambda number: where[number],
                key=f"{form}_which_{act.generation(form)}",
            )
        if st.button(t("team.invite"), type="primary", key=f"{form}_do"):
            act.perform(
                invite_member,
                actor,
                done="team.invited",
                then=lambda: act.renew(form),
                team_id=team_id,
                person_id=person_id,
                request_id=act.request_id(form),
            )
