"""What somebody claimed, or their unit or team: when it is promised, and what can be done now.

Made for a phone: a card for each claim, its next step as the first button.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.claims import SERVICEABLE, reminder
from lib.domain.deadlines import Deadline
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimAction, ClaimState, ServiceKind, StatusToken
from lib.domain.workflow import CLAIM_STATE_STATUS, CLAIM_STEPS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import claim
from lib.queries.claim import Which
from lib.services.claim import hand_over_claim, start_claim, withdraw_claim
from lib.ui import act, address, claimant, history
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import go, link
from lib.ui.place import Place
from lib.ui.records import number_of
from lib.ui.session import called, language, local, name_of, plain, t

_PAGE = 20
_LAPSED_TOLD_DAYS = 14
"""So long a released place is told to whoever had claimed it."""

_ENDED = frozenset(
    {ClaimState.CONFIRMED, ClaimState.LAPSED, ClaimState.WITHDRAWN, ClaimState.HANDED_OVER}
)


def screen(actor: Actor, place: Place) -> None:
    """One's own claims; whoever looks after projects may turn to all of the place."""
    if not actor.may(Permission.PROJECT_EDIT):
        mine(actor)
        return
    start = "mine" if actor.person_id is not None else "here"
    address.begin("claims_whose", "whose", ("mine", "here"), start)
    whose = st.segmented_control(
        t("claims.whose"),
        ["mine", "here"],
        format_func=lambda one: t(f"claims.whose_{one}"),
        key="claims_whose",
        on_change=address.keep("claims_whose", "whose"),
        required=True,
        label_visibility="collapsed",
    )
    if whose == "here":
        _here(actor, place)
    else:
        mine(actor)


def _here(actor: Actor, place: Place) -> None:
    address.begin("claims_show", "show", list(Which), Which.STANDING)
    which = st.segmented_control(
        t("claims.show"),
        list(Which),
        format_func=lambda one: t(f"claims.show_{one}"),
        key="claims_show",
        on_change=address.keep("claims_show", "show"),
        required=True,
        label_visibility="collapsed",
    )
    view = f"{place.code} {which}"
    if st.session_state.get("claims_view") != view:
        st.session_state["claims_view"], st.session_state["claims_shown"] = view, _PAGE
    shown = int(st.session_state["claims_shown"])
    rows = read(
        claim.of_area,
        actor,
        area_id=place.area_id,
        day=today(),
        which=Which(which or Which.STANDING),
        limit=shown + 1,
    )
    if rows.empty:
        empty(t("claims.none_here"), good=which == Which.OVERDUE)
    for _, row in rows.head(shown).iterrows():
        _card(actor, row, named=True)
    if len(rows) > shown:

        def more() -> None:
            st.session_state["claims_shown"] = shown + _PAGE

        st.button(t("library.more"), key="claims_more", on_click=more)


def mine(actor: Actor) -> None:
    """The actor's claims: what is due, those to be kept, and those that ended."""
    rows = read(claim.mine, actor, day=today())
    _reminders(rows)
    if rows.empty:
        empty(t("claims.none"))
        link(actor, "library", t("claims.to_library"))
        return
    ended = rows["state"].isin(_ENDED)
    st.caption(t("claims.count", n=int((~ended).sum())))
    for _, row in rows[~ended].iterrows():
        _card(actor, row)
    if ended.any():
        with st.expander(t("claims.ended", n=int(ended.sum()))):
            for _, row in rows[ended].iterrows():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.html(_summary(row))
                    _history(actor, int(row["claim_id"]))


def _reminders(rows: pd.DataFrame) -> None:
    """What the clock says of one's own claims, in sentences, most pressing first."""
    days_before = local().deadlines[Deadline.REMIND]
    found: list[tuple[int, StatusToken, str]] = []
    for _, row in rows.iterrows():
        state, left = ClaimState(row["state"]), (row["promised_on"] - today()).days
        near = reminder(state, row["promised_on"], today(), days_before)
        if near is StatusToken.OVERDUE:
            found.append((0, near, t("claims.remind_late", title=row["title"], n=-left)))
        elif state is ClaimState.RETURNED:
            found.append((1, StatusToken.SOON, t("claims.remind_returned", title=row["title"])))
        elif near is StatusToken.SOON:
            words = "claims.remind_soon" if left else "claims.remind_today"
            found.append((2 + left, near, t(words, title=row["title"], n=left)))
        elif state is ClaimState.LAPSED and left >= -_LAPSED_TOLD_DAYS:
            words = t("claims.remind_lapsed", title=row["title"])
            found.append((99, StatusToken.NEUTRAL, words))
    if not found:
        return
    with st.container(border=True, key="card_reminders"):
        card_title(t("claims.reminders"), t("claims.reminders_note"))
        lines = sorted(found, key=lambda one: one[0])
        st.html("".join(f"<p>{status_html(status, words)}</p>" for _, status, words in lines))


def serviceable(actor: Actor) -> pd.Series | None:
    """The claim that the URL asks to record a service for, if it is one of this actor's."""
    number = number_of(st.query_params.get("claim"))
    if number is None or not actor.may(Permission.CLAIM_TAKE):
        return None
    rows = read(claim.mine, actor, day=today())
    rows = rows[(rows["claim_id"] == number) & rows["state"].isin(SERVICEABLE)]
    return rows.iloc[0] if len(rows) else None


def promise_note(row: pd.Series) -> None:
    """Which promise the form keeps, above it."""
    day = formats.day(row["promised_on"], language())
    st.info(plain(t("claims.serving", title=row["title"], day=day)), icon=":material/handshake:")


def status_of(row: pd.Series) -> str:
    """Shape and word of a claim's state; a near or missed promised day says so instead."""
    state = ClaimState(row["state"])
    days_before = local().deadlines[Deadline.REMIND]
    near = reminder(state, row["promised_on"], today(), days_before)
    left = (row["promised_on"] - today()).days
    if state is ClaimState.WAITING:
        words = t("claims.ahead", n=int(row["ahead"])) if row["ahead"] else t("claims.next_in_line")
        return status_html(CLAIM_STATE_STATUS[state], words)
    if near is StatusToken.OVERDUE:
        return status_html(near, t("claims.late", n=-left))
    if near is StatusToken.SOON:
        return status_html(near, t("claims.left", n=left) if left else t("claims.today"))
    return status_html(CLAIM_STATE_STATUS[state], word(state, language()))


def _card(actor: Actor, row: pd.Series, *, named: bool = False) -> None:
    number, state = int(row["claim_id"]), ClaimState(row["state"])
    offered = {step.action for step in CLAIM_STEPS if step.source is state}
    with st.container(border=True, key=f"card_claim_{number}"):
        st.html(_summary(row, named=named))
        with st.container(horizontal=True, key=f"claim_bar_{number}"):
            if state in SERVICEABLE and st.button(
                word(ClaimAction.SERVE, language()), type="primary", key=f"claim_serve_{number}"
            ):
                go("record", claim=str(number))
            if ClaimAction.START in offered and st.button(
                word(ClaimAction.START, language()), key=f"claim_start_{number}"
            ):
                act.perform(
                    start_claim,
                    actor,
                    done="claims.started",
                    claim_id=number,
                    version=int(row["version"]),
                )
            others = ClaimAction.HAND_OVER in offered and claimant.for_others(actor)
            if others and st.button(t("claims.hand_over"), key=f"claim_hand_over_{number}"):
                _hand_over(actor, row)
            if ClaimAction.WITHDRAW in offered:
                _withdraw(actor, row)
            _history(actor, number)
            if state is ClaimState.RETURNED:
                link(actor, "records", t("claims.see_returned"), state="returned")


def _history(actor: Actor, number: int) -> None:
    key = f"claim_history_{number}"
    history.steps_box(actor, claim.steps, CLAIM_STATE_STATUS, key=key, claim_id=number)


@dialog("claims.hand_over")
def _hand_over(actor: Actor, row: pd.Series) -> None:
    number = int(row["claim_id"])
    form = f"hand_over_{number}"
    st.html(_summary(row, named=True))
    st.caption(t("claims.hand_over_note"))
    to = claimant.choose(actor, area_id=int(row["area_id"]), key=f"{form}_{act.generation(form)}")
    if st.button(t("claims.hand_over"), type="primary", key=f"{form}_do", disabled=to is None):
        act.perform(
            hand_over_claim,
            actor,
            done="claims.handed_over",
            then=lambda: act.renew(form),
            claim_id=number,
            version=int(row["version"]),
            to=to,
            request_id=act.request_id(form),
        )


def _withdraw(actor: Actor, row: pd.Series) -> None:
    number = int(row["claim_id"])
    with st.popover(word(ClaimAction.WITHDRAW, language()), key=f"claim_withdraw_box_{number}"):
        reason = st.text_area(
            t("field.reason"),
            key=f"claim_reason_{number}",
            placeholder=t("claims.withdraw_hint"),
        )
        if st.button(t("claims.withdraw"), key=f"claim_withdraw_{number}"):
            act.perform(
                withdraw_claim,
                actor,
                done="claims.withdrawn",
                claim_id=number,
                version=int(row["version"]),
                reason=reason,
            )


def _summary(row: pd.Series, *, named: bool = False) -> str:
    facts = [
        t("claims.promised", day=formats.day(row["promised_on"], language())),
        *([formats.clock_span(row["starts_at"], row["ends_at"])] if row["starts_at"] else []),
        called(ServiceKind(row["kind"])),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
    ]
    oneself = row["claimant_kind"] == "person" and not named
    who = "" if oneself else name_of(row["claimant_zh"], row["claimant_en"])
    reason = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    lines = "".join(f"<small>{escaped(one)}</small>" for one in (who, reason) if one)
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["title"])}{status_of(row)}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>{lines}</div>"
    )
