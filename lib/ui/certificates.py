"""Certificates on the screen: one's own, and the desk that issues, declines and revokes them.

The document itself is made at its own address, `lib.web.certificates`.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import months_back, today
from lib.domain.permissions import Actor
from lib.domain.vocab import CertificateState
from lib.domain.workflow import CERTIFICATE_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import certificate, personal
from lib.services.certificate import (
    Signature,
    ask_certificate,
    decline_certificate,
    issue_asked,
    issue_certificate,
    revoke_certificate,
)
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.place import Place
from lib.ui.session import language, name_of, t

_MONTHS = 12
_ASK = "certificate_ask"
_NEW = "certificate_new"
_DONE = (CertificateState.ISSUED, CertificateState.REVOKED, CertificateState.DECLINED)


def own(actor: Actor) -> None:
    """One's own certificates, and the form that asks for one."""
    rows = read(certificate.mine, actor)
    with st.container(border=True, key="card_my_certificates"):
        card_title(t("certificate.mine"), t("certificate.free"))
        for _, row in rows.iterrows():
            left, right = st.columns([4, 1.3], vertical_alignment="center")
            left.html(_summary(row, named=False))
            with right:
                _document(row)
        if (rows["state"] == CertificateState.ASKED).any():
            return
        with st.popover(t("certificate.ask"), key=f"{_ASK}_box"):
            first, last = _days(_ASK)
            if st.button(t("certificate.ask_do"), type="primary", key=f"{_ASK}_send"):
                act.perform(
                    ask_certificate,
                    actor,
                    done="certificate.asked",
                    then=lambda: act.renew(_ASK),
                    first_day=first,
                    last_day=last,
                    request_id=act.request_id(_ASK),
                )


def desk(actor: Actor, place: Place) -> None:
    """What waits below the place, a new certificate for somebody there, and those that are done."""
    waiting = read(
        certificate.listing, actor, area_id=place.area_id, states=(CertificateState.ASKED,)
    )
    left, right = st.columns([1.6, 1], gap="small")
    with left:
        with st.container(border=True, key="card_certificates_asked"):
            card_title(t("certificate.waiting"), t("certificate.waiting_note"))
            if waiting.empty:
                empty(t("certificate.none_waiting"), good=True)
            for _, row in waiting.iterrows():
                _asked(actor, row)
        _done(actor, place)
    with right:
        _new(actor)


def _asked(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["certificate_id"]), int(row["version"])
    left, right = st.columns([4, 1.3], vertical_alignment="center")
    left.html(_summary(row))
    with right:
        if row["own"]:
            st.caption(t("certificate.own"))
            return
        with st.popover(
            t("certificate.issue"), key=f"certificate_issue_box_{number}", width="stretch"
        ):
            signature = _signature(actor, f"certificate_{number}")
            if st.button(
                t("certificate.issue_do"), type="primary", key=f"certificate_issue_{number}"
            ):
                act.perform(
                    issue_asked,
                    actor,
                    done="certificate.issued",
                    certificate_id=number,
                    version=version,
                    signature=signature,
                )
        _with_reason(actor, row, "decline", decline_certificate)


def _done(actor: Actor, place: Place) -> None:
    rows = read(certificate.listing, actor, area_id=place.area_id, states=_DONE)
    with st.container(border=True, key="card_certificates_done"):
        card_title(t("certificate.done"))
        if rows.empty:
            empty(t("certificate.none_done"))
        for _, row in rows.iterrows():
            left, right = st.columns([4, 1.3], vertical_alignment="center")
            left.html(_summary(row))
            with right:
                _document(row)
                if row["state"] == CertificateState.ISSUED:
                    _with_reason(actor, row, "revoke", revoke_certificate)


def _with_reason(actor: Actor, row: pd.Series, action: str, command: Callable[..., object]) -> None:
    number = int(row["certificate_id"])
    with st.popover(
        t(f"certificate.{action}"), key=f"certificate_{action}_box_{number}", width="stretch"
    ):
        reason = st.text_area(
            t("field.reason"),
            key=f"certificate_{action}_reason_{number}",
            placeholder=t(f"certificate.{action}_hint"),
        )
        if st.button(t(f"certificate.{action}_do"), key=f"certificate_{action}_{number}"):
            act.perform(
                command,
                actor,
                done=f"certificate.{action}_done",
                certificate_id=number,
                version=int(row["version"]),
                reason=reason,
            )


def _new(actor: Actor) -> None:
    """A certificate for somebody who asks in person."""
    form = f"{_NEW}_{act.generation(_NEW)}"
    with st.container(border=True, key="card_certificate_new"):
        card_title(t("certificate.new"), t("certificate.new_note"))
        text = st.text_input(t("privacy.name"), key=f"{form}_text")
        rows = read(personal.found, actor, text=text.strip())
        names: Mapping[int, str] = {
            int(row["person_id"]): f"{row['name']} · {name_of(row['area_zh'], row['area_en'])} · "
            f"{t('record.number', n=int(row['person_id']))}"
            for _, row in rows.iterrows()
        }
        if text.strip() and rows.empty:
            empty(t("privacy.nobody"))
        chosen = st.selectbox(
            t("certificate.for"),
            list(names),
            index=None,
            format_func=lambda number: names.get(number, ""),
            placeholder=t("privacy.choose"),
            key=f"{form}_person",
        )
        first, last = _days(_NEW)
        signature = _signature(actor, form)
        if not st.button(t("certificate.issue_do"), type="primary", key=f"{form}_issue"):
            return
        if chosen is None:
            st.error(t("certificate.choose"), icon=":material/error:")
            return
        act.perform(
            issue_certificate,
            actor,
            done="certificate.issued",
            then=lambda: act.renew(_NEW),
            person_id=int(chosen),
            first_day=first,
            last_day=last,
            signature=signature,
            request_id=act.request_id(_NEW),
        )


def _days(form: str) -> tuple[date, date]:
    fields = Fields(f"{form}_{act.generation(form)}", {"first_day": months_back(today(), _MONTHS)})
    left, right = st.columns(2)
    first = fields.any_day(left, "first_day")
    last = fields.any_day(right, "last_day", today())
    return first or months_back(today(), _MONTHS), last or today()


def _signature(actor: Actor, form: str) -> Signature:
    """Who vouches; begun with what the actor wrote on the last certificate."""
    before = read(certificate.last_signature, actor)
    start: Mapping[str, Any] = {} if before.empty else before.iloc[0].to_dict()
    fields = Fields(form, start)
    return Signature(
        issuer=fields.text(st.container(), "issuer", t("certificate.issuer_hint")),
        responsible=fields.text(st.container(), "responsible"),
        contact=fields.text(st.container(), "contact", t("certificate.contact_hint")),
    )


def _document(row: pd.Series) -> None:
    """The way to the document, where there is one."""
    if row["number"]:
        st.link_button(
            t("certificate.document"),
            f"/certificate/{int(row['certificate_id'])}.pdf",
            icon=":material/download:",
            width="stretch",
        )


def _summary(row: pd.Series, *, named: bool = True) -> str:
    state = CertificateState(row["state"])
    status = status_html(CERTIFICATE_STATE_STATUS[state], word(state, language()))
    title = row["name"] if named else row["number"] or t("certificate.one")
    days = t(
        "certificate.days",
        first=formats.day(row["first_day"], language()),
        last=formats.day(row["last_day"], language()),
    )
    facts = [days]
    if row["number"]:
        facts.append(t("profile.n_hours", n=formats.hours(row["minutes"])))
        facts += [row["number"]] if named else []
        facts.append(t("certificate.issued_on", day=formats.day(row["issued_on"], language())))
    reason = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(title)}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p><small>{escaped(reason)}</small></div>"
    )
