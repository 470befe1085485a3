"""One account: what it holds from when to when, its code, its sessions; and inviting another."""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import GIVES, WITHOUT_AREA, Actor, Role
from lib.domain.vocab import Language
from lib.i18n import formats
from lib.i18n.glossary import say, word
from lib.queries import grants
from lib.services.accounts import Issued, end_sessions, issue_code
from lib.services.change_of_post import change_post
from lib.services.grants import (
    GrantEntry,
    change_grant,
    end_grant,
    give_grant,
    invite_account,
    reactivate_account,
    suspend_account,
)
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import dialog
from lib.ui.page import card_title, empty, escaped
from lib.ui.session import called, language, name_of, plain, t
from lib.ui.standin import days, office, taken_line

_ISSUED = "account_issued"
_INVITE, _GIVE, _HAND = "account_new", "account_give", "account_hand_over"


def code_once() -> None:
    """The code that was just handed out, with a note to copy; it is shown this once."""
    issued = st.session_state.get(_ISSUED)
    if not isinstance(issued, Issued):
        return
    with st.container(border=True, key="card_code"):
        card_title(t("accounts.code"), t("accounts.code_note"))
        until = formats.instant(issued.expires_at, language())
        st.code(
            t("accounts.code_text", name=issued.name, code=issued.code, until=until),
            language=None,
            wrap_lines=True,
        )
        if st.button(t("accounts.code_done"), key="account_code_done"):
            st.session_state.pop(_ISSUED)
            st.rerun()


def card(actor: Actor, account: pd.Series | None) -> None:
    """The chosen account with everything that can be done to it."""
    if account is None:
        with st.container(border=True, key="card_account"):
            empty(t("accounts.choose"))
        return
    number = int(account["account_id"])
    with st.container(border=True, key="card_account"):
        card_title(name_of(account["display_zh"], account["display_en"]), account["name"])
        _buttons(actor, number, account)
    rows = grants.grants(actor, account_id=number)
    with st.container(border=True, key="card_grants", gap="small"):
        card_title(t("accounts.grants"), t("accounts.grants_note"))
        if rows.empty:
            empty(t("accounts.no_grants"))
        for _, row in rows.iterrows():
            _grant(actor, row)
        _taken_over(actor, number)
        with st.expander(t("accounts.give"), key=f"{_GIVE}_box"):
            key = f"{_GIVE}_{number}_{act.generation(_GIVE)}"
            entry = _entry(actor, key)
            if st.button(t("accounts.give_do"), type="primary", key=f"{_GIVE}_do"):
                act.perform(
                    give_grant,
                    actor,
                    done="accounts.given",
                    then=lambda: act.renew(_GIVE),
                    account_id=number,
                    entry=entry,
                )


def _buttons(actor: Actor, number: int, account: pd.Series) -> None:
    def code(*, remove_second: bool) -> None:
        st.session_state[_ISSUED] = issue_code(actor, number, remove_second=remove_second)

    with st.container(horizontal=True):
        if account["closed_on"] is not None:
            if st.button(t("accounts.reactivate"), key="account_reactivate"):
                act.perform(
                    reactivate_account, actor, done="accounts.reactivated", account_id=number
                )
            return
        if not account["demonstration"]:
            with st.popover(t("accounts.reset"), key="account_reset_box"):
                st.write(t("accounts.reset_ask"))
                second = st.checkbox(t("accounts.reset_second"), key="account_reset_second")
                if st.button(t("accounts.reset_do"), key="account_reset"):
                    act.perform(code, done="accounts.reset_done", remove_second=second)
        with st.popover(t("accounts.hand_over"), key="account_hand_over_box"):
            _hand_over(actor, number)
        if st.button(t("accounts.end_sessions"), key="account_end_sessions"):
            act.perform(end_sessions, actor, number, done="sessions.ended")
        with st.popover(t("accounts.suspend"), key="account_suspend_box"):
            st.write(t("accounts.suspend_ask"))
            if st.button(t("accounts.suspend_do"), key="account_suspend"):
                act.perform(suspend_account, actor, done="accounts.suspended", account_id=number)


def _hand_over(actor: Actor, number: int) -> None:
    """The form of a change of post: who takes over, and what the successor ought to know."""
    st.write(t("accounts.hand_over_ask"))
    key = f"{_HAND}_{number}_{act.generation(_HAND)}"
    others = grants.listing(actor)
    names = {
        int(r["account_id"]): f"{name_of(r['display_zh'], r['display_en'])} · {r['name']}"
        for _, r in others.iterrows()
        if r["account_id"] != number
    }
    to = st.selectbox(
        t("field.successor"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("accounts.choose_bound"),
        key=f"{key}_to",
    )
    note = Fields(key, {}).words(st.container(), "handover_note", t("accounts.hand_over_hint"))
    if st.button(t("accounts.hand_over_do"), key=f"{_HAND}_do", disabled=to is None):
        act.perform(
            change_post,
            actor,
            done="accounts.handed_over",
            then=lambda: act.renew(_HAND),
            account_id=number,
            successor_id=to,
            note=note,
        )


def _taken_over(actor: Actor, number: int) -> None:
    for _, row in grants.taken_over(actor, account_id=number).iterrows():
        st.html(taken_line(row))


def _grant(actor: Actor, row: pd.Series) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    lender = "" if row["lender_zh"] is None else name_of(row["lender_zh"], row["lender_en"])
    words = [days(row), t(f"accounts.state_{row['state']}")]
    if lender:
        words.append(t("standin.from", name=lender))
    left.html(
        f'<div class="gv-row two"><div><b>{escaped(office(row))}</b>'
        f"<em>{escaped(' · '.join(words))}</em></div></div>"
    )
    number = int(row["grant_id"])
    if not row["givable"] or row["state"] == "ended":
        return
    with right.popover(t("accounts.change"), key=f"grant_box_{number}"):
        if not lender:
            fields = Fields(f"grant_{number}", {k: row[k] for k in ("since", "until")})
            since = fields.any_day(st.container(), "since") or row["since"]
            until = fields.any_day(st.container(), "until")
            if st.button(t("accounts.change_do"), key=f"grant_change_{number}"):
                act.perform(
                    change_grant,
                    actor,
                    done="accounts.changed",
                    grant_id=number,
                    since=since,
                    until=until,
                )
        if st.button(t("accounts.end_grant"), key=f"grant_end_{number}"):
            act.perform(end_grant, actor, done="accounts.grant_ended", grant_id=number)


@dialog("accounts.invite")
def invite(actor: Actor) -> None:
    """The form for a new account and its first role; afterwards its code is shown once."""
    key = f"{_INVITE}_{act.generation(_INVITE)}"
    fields = Fields(key, {})
    left, right = st.columns(2)
    name = fields.text(left, "account_name", t("accounts.name_hint"))
    spoken = fields.choice(right, "account_language", Language, Language.ZH)
    left, right = st.columns(2)
    display_zh = fields.text(left, "display_zh", t("accounts.display_hint"))
    display_en = fields.text(right, "display_en", t("unit.optional"))
    entry = _entry(actor, key)

    def bring() -> None:
        st.session_state[_ISSUED] = invite_account(
            actor,
            name=name,
            display_zh=display_zh,
            display_en=display_en,
            language=spoken,
            entry=entry,
        )

    if st.button(t("accounts.invite_do"), type="primary", key=f"{_INVITE}_do"):
        act.perform(bring, done="accounts.invited", then=lambda: act.renew(_INVITE))


def _entry(actor: Actor, key: str) -> GrantEntry:
    """The fields of a grant: the role and what it needs, and the days."""
    fields = Fields(key, {})
    gives = frozenset[Role]().union(
        *(GIVES.get(grant.role, frozenset()) for grant in actor.in_own_name().grants)
    )
    roles = [role for role in Role if role in gives]
    role = st.selectbox(
        t("field.role"),
        roles,
        index=roles.index(Role.GRID_WORKER) if Role.GRID_WORKER in roles else 0,
        format_func=lambda one: word(one, language()),
        key=f"{key}_role",
    )
    area_id = None if role is Role.AUDITOR else _area(actor, key, role)
    unit = team = None
    if area_id is not None and role in (Role.UNIT_LIAISON, Role.TEAM_LEADER):
        bound = _bound(actor, key, role, area_id)
        unit, team = (bound, None) if role is Role.UNIT_LIAISON else (None, bound)
    left, right = st.columns(2)
    since = fields.any_day(left, "grant_since", today()) or today()
    until = fields.any_day(right, "grant_until")
    return GrantEntry(role, area_id, since, until, unit, team)


def _area(actor: Actor, key: str, role: Role) -> int | None:
    rows = grants.areas(actor)
    names = {
        int(row["area_id"]): f"{called(row['level'])} · {name_of(row['name_zh'], row['name_en'])}"
        for _, row in rows.iterrows()
    }
    whole = role in WITHOUT_AREA
    chosen: int | None = st.selectbox(
        t("field.area_id"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("accounts.whole_tree" if whole else "record.choose_area"),
        key=f"{key}_area",
    )
    return chosen


def _bound(actor: Actor, key: str, role: Role, area_id: int) -> int | None:
    rows = grants.bound_to(actor, role=role, area_id=area_id)
    names = {int(r["id"]): name_of(r["name_zh"], r["name_en"]) for _, r in rows.iterrows()}
    field = "organisation_id" if role is Role.UNIT_LIAISON else "team_id"
    chosen: int | None = st.selectbox(
        t(f"field.{field}"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=plain(say("accounts.choose_bound", language())),
        key=f"{key}_bound",
    )
    return chosen
