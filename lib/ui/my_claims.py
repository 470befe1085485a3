"""What somebody claimed, or their unit or team: when it is promised, and what can be done now.

Made for a phone: a card for each claim, its next step as the first button.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.claims import SERVICEABLE, reminder
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimAction, ClaimState, ServiceKind, StatusToken
from lib.domain.workflow import CLAIM_STATE_STATUS, CLAIM_STEPS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import claim
from lib.services.claim import start_claim, withdraw_claim
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import empty, escaped, status_html
from lib.ui.pages import go, link
from lib.ui.records import number_of
from lib.ui.session import called, language, name_of, plain, t

_ENDED = frozenset(
    {ClaimState.CONFIRMED, ClaimState.LAPSED, ClaimState.WITHDRAWN, ClaimState.HANDED_OVER}
)


def mine(actor: Actor) -> None:
    """The actor's claims: those to be kept first, then those that ended."""
    rows = read(claim.mine, actor, day=today())
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
                st.html(_summary(row))


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
    near = reminder(state, row["promised_on"], today())
    left = (row["promised_on"] - today()).days
    if near is StatusToken.OVERDUE:
        return status_html(near, t("claims.late", n=-left))
    if near is StatusToken.SOON:
        return status_html(near, t("claims.left", n=left) if left else t("claims.today"))
    return status_html(CLAIM_STATE_STATUS[state], word(state, language()))


def _card(actor: Actor, row: pd.Series) -> None:
    number, state = int(row["claim_id"]), ClaimState(row["state"])
    offered = {step.action for step in CLAIM_STEPS if step.source is state}
    with st.container(border=True, key=f"card_claim_{number}"):
        st.html(_summary(row))
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
            if ClaimAction.WITHDRAW in offered:
                _withdraw(actor, row)
            if state is ClaimState.RETURNED:
                link(actor, "records", t("claims.see_returned"), state="returned")


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


def _summary(row: pd.Series) -> str:
    facts = [
        t("claims.promised", day=formats.day(row["promised_on"], language())),
        *([formats.clock_span(row["starts_at"], row["ends_at"])] if row["starts_at"] else []),
        called(ServiceKind(row["kind"])),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
    ]
    who = (
        "" if row["claimant_kind"] == "person" else name_of(row["claimant_zh"], row["claimant_en"])
    )
    reason = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    lines = "".join(f"<small>{escaped(one)}</small>" for one in (who, reason) if one)
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["title"])}{status_of(row)}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>{lines}</div>"
    )
