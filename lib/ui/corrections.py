"""Corrections on the screen: asking for one, what became of it, and the answers of the office."""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.vocab import CorrectionState, ServiceAction, ServiceKind, ServiceState, StatusToken
from lib.domain.workflow import CORRECTION_STATE_STATUS, SERVICE_STEPS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import correction
from lib.services.correction import (
    accept_correction,
    ask_correction,
    decline_correction,
    withdraw_correction,
)
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, escaped, status_html
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t

_AMENDED = frozenset(
    step.source
    for step in SERVICE_STEPS
    if step.action is ServiceAction.CORRECT and not step.own_only
)
"""States in which somebody else than the recorder may correct a record."""


def offer(actor: Actor, *, service_id: int, state: ServiceState, minutes: int, asked: bool) -> None:
    """The popover that asks for a correction of one's own part; `minutes` 0 for none."""
    if state not in _AMENDED:
        return
    if asked:
        st.caption(t("correction.waits"))
        return
    form = f"correction_{service_id}"
    with st.popover(t("correction.ask"), key=f"{form}_box", width="stretch"):
        fields = Fields(f"{form}_{act.generation(form)}", {"my_minutes": minutes})
        wanted = fields.whole(st.container(), "my_minutes", step=15)
        st.caption(t("correction.none_at_all"))
        words = fields.words(st.container(), "correction_words", t("correction.hint"))
        if st.button(t("correction.send"), type="primary", key=f"{form}_send"):
            act.perform(
                ask_correction,
                actor,
                done="correction.sent",
                then=lambda: act.renew(form),
                service_id=service_id,
                minutes=wanted,
                words=words,
                request_id=act.request_id(form),
            )


def own(actor: Actor) -> None:
    """What the actor asked for, and what became of it."""
    rows = read(correction.mine, actor)
    if rows.empty:
        return
    with st.container(border=True, key="card_my_corrections"):
        card_title(t("correction.mine"))
        for _, row in rows.iterrows():
            number, state = int(row["correction_id"]), CorrectionState(row["state"])
            left, right = st.columns([4, 1.3], vertical_alignment="center")
            left.html(_summary(row, word(state, language()), CORRECTION_STATE_STATUS[state]))
            if state is CorrectionState.ASKED and right.button(
                t("correction.withdraw"), key=f"correction_withdraw_{number}", width="stretch"
            ):
                act.perform(
                    withdraw_correction,
                    actor,
                    done="correction.withdrawn",
                    correction_id=number,
                    version=int(row["version"]),
                )


def to_answer(actor: Actor, place: Place) -> None:
    """The corrections that wait for an answer below the place; nothing where none does."""
    rows = read(correction.waiting, actor, area_id=place.area_id)
    if rows.empty:
        return
    with st.container(border=True, key="card_corrections"):
        card_title(t("correction.to_answer"), t("correction.to_answer_note"))
        for _, row in rows.iterrows():
            _answer(actor, row)


def _answer(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["correction_id"]), int(row["version"])
    left, right = st.columns([5, 1], vertical_alignment="center")
    asked = formats.instant(row["asked_at"], language())
    left.html(_summary(row, t("correction.asked_at", at=asked), StatusToken.PROGRESS))
    with right:
        if row["own"]:
            st.caption(t("refusal.own_service"))
            return
        if st.button(t("correction.accept"), key=f"correction_accept_{number}", width="stretch"):
            act.perform(
                accept_correction,
                actor,
                done="correction.accepted",
                correction_id=number,
                version=version,
            )
        with st.popover(
            t("correction.decline"), width="stretch", key=f"correction_decline_box_{number}"
        ):
            reason = st.text_area(
                t("field.reason"),
                key=f"correction_reason_{number}",
                placeholder=t("correction.decline_hint"),
            )
            if st.button(t("correction.decline_do"), key=f"correction_decline_{number}"):
                act.perform(
                    decline_correction,
                    actor,
                    done="correction.declined",
                    correction_id=number,
                    version=version,
                    reason=reason,
                )


def _summary(row: pd.Series, words: str, status: StatusToken) -> str:
    facts = (
        formats.day(row["day"], language()),
        called(ServiceKind(row["kind"])),
        name_of(row["area_zh"], row["area_en"]),
    )
    change = t(
        "correction.change",
        before=_said(int(row["minutes_before"])),
        wanted=_said(int(row["minutes_wanted"])),
    )
    reason = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["name"])}'
        f"{status_html(status, words)}</div>"
        f"<p>{escaped(' · '.join(facts))}</p><p><b>{escaped(change)}</b></p>"
        f"<em>{escaped(row['words'])}</em><small>{escaped(reason)}</small></div>"
    )


def _said(minutes: int) -> str:
    return t("correction.minutes", n=minutes) if minutes else t("correction.absent")
