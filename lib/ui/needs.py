"""Needs on the screen: the form that collects one, what is like it, and the answers."""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import (
    Beneficiary,
    NeedAction,
    NeedSource,
    NeedState,
    ServiceKind,
    StatusToken,
    Urgency,
)
from lib.domain.workflow import NEED_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, need, project
from lib.services.need import NeedEntry, adopt_into, collect_need, decline_need, merge_need
from lib.ui import act, project_form
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.records import one_of
from lib.ui.session import called, language, name_of, t

_PAGE = 20
_FORM = "need"
_URGENT = {Urgency.URGENT: StatusToken.OVERDUE, Urgency.SOON: StatusToken.SOON}


def collect(actor: Actor, place: Place) -> None:
    """The form, and under its words what has been asked already near by."""
    start = {"area_id": place.area_id} if place.leaf else {}
    fields = Fields(f"{_FORM}_{act.generation(_FORM)}", start)
    with st.container(border=True, key="card_collect"):
        card_title(t("needs.collect"), t("needs.collect_note"))
        words = fields.words(st.container(), "words", t("needs.words_hint"))
        left, right = st.columns(2)
        area_id = fields.area(left, read(areas.painted, actor, root_id=place.area_id))
        kind = fields.choice(right, "kind", ServiceKind, ServiceKind.VISIT)
        left, right = st.columns(2)
        beneficiary = fields.choice(left, "beneficiary", Beneficiary, Beneficiary.ALL_RESIDENTS)
        urgency = fields.choice(right, "urgency", Urgency, Urgency.ORDINARY)
        left, right = st.columns(2)
        source = fields.choice(left, "heard", NeedSource, NeedSource.DOORSTEP)
        wished_on = fields.any_day(right, "wished_on")
        where = fields.text(st.container(), "place", t("record.place_hint"))
        micro = st.toggle(t("field.micro_wish"), key=f"{fields.key}_micro_wish")
        if area_id is not None and words.strip():
            _alike(actor, area_id, kind, words, where)
        if not st.button(t("needs.save"), type="primary", key=f"{fields.key}_save"):
            return
        if area_id is None:
            st.error(t("record.choose_area"), icon=":material/error:")
            return
        act.perform(
            collect_need,
            actor,
            done="needs.saved",
            then=lambda: act.renew(_FORM),
            entry=NeedEntry(
                words=words,
                kind=kind,
                area_id=area_id,
                beneficiary=beneficiary,
                place=where,
                wished_on=wished_on,
                urgency=urgency,
                micro_wish=micro,
                source=source,
            ),
            request_id=act.request_id(_FORM),
        )


def _alike(actor: Actor, area_id: int, kind: str, words: str, where: str) -> None:
    rows = read(need.alike, actor, area_id=area_id, kind=kind, words=words, place=where)
    if rows.empty:
        return
    st.warning(t("needs.alike", n=len(rows)), icon=":material/content_copy:")
    for _, row in rows.iterrows():
        st.html(_summary(row))


def listing(actor: Actor, place: Place) -> None:
    """The needs below the place, those to be answered unless asked otherwise, a page at a time."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="need_filters"):
        state = st.segmented_control(
            t("records.state"),
            list(NeedState),
            default=NeedState.COLLECTED,
            format_func=lambda s: word(s, language()),
            key="need_state",
            required=True,
            label_visibility="collapsed",
        )
        kind = one_of(ServiceKind, "kind")
        text = st.text_input(
            t("place.search"),
            placeholder=t("needs.search_hint"),
            key="need_search",
            width=200,
            label_visibility="collapsed",
        )
    view = f"{place.code} {state} {kind} {text}"
    if st.session_state.get("need_view") != view:
        st.session_state["need_view"], st.session_state["need_shown"] = view, _PAGE
    shown = int(st.session_state["need_shown"])
    rows = read(
        need.listing,
        actor,
        area_id=place.area_id,
        states=(state,),
        kind=kind,
        text=text,
        limit=shown + 1,
    )
    if rows.empty:
        empty(t("needs.none"), good=state is NeedState.COLLECTED)
    for _, row in rows.head(shown).iterrows():
        _card(actor, place, row)
    if len(rows) > shown:

        def more() -> None:
            st.session_state["need_shown"] = shown + _PAGE

        st.button(t("library.more"), key="need_more", on_click=more)


def _card(actor: Actor, place: Place, row: pd.Series) -> None:
    number = int(row["need_id"])
    with st.container(border=True, key=f"card_need_{number}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.html(_summary(row))
            if pd.notna(row["project_id"]):
                link(actor, "library", t("needs.project", title=row["project_title"]))
        if row["state"] != NeedState.COLLECTED or not actor.may(Permission.NEED_SETTLE):
            return
        with right:
            if st.button(
                word(NeedAction.ADOPT, language()), key=f"need_adopt_{number}", width="stretch"
            ):
                project_form.adopt(actor, place, row)
            with st.popover(t("needs.other"), key=f"need_box_{number}", width="stretch"):
                _join(actor, place, row)
                _decline(actor, row)


def _join(actor: Actor, place: Place, row: pd.Series) -> None:
    """Into a project that is there, or into another need that asks for the same."""
    number, version = int(row["need_id"]), int(row["version"])
    open_ones = read(project.library, actor, area_id=place.area_id, day=today(), limit=100)
    titles = dict(zip(open_ones["project_id"].astype(int), open_ones["title"], strict=True))
    chosen = st.selectbox(
        t("needs.into_project"),
        list(titles),
        index=None,
        format_func=lambda n: titles[n],
        key=f"need_project_{number}",
    )
    values: dict[str, Any] = {"need_id": number, "version": version}
    if chosen is not None and st.button(t("needs.join"), key=f"need_join_{number}"):
        act.perform(adopt_into, actor, done="needs.adopted", project_id=chosen, **values)
    alike = read(
        need.alike,
        actor,
        area_id=int(row["area_id"]),
        kind=str(row["kind"]),
        words=str(row["words"]),
        place=str(row["place"]),
    )
    alike = alike[alike["need_id"] != number]
    words = dict(zip(alike["need_id"].astype(int), alike["words"], strict=True))
    if not words:
        return
    other = st.selectbox(
        t("needs.into_need"),
        list(words),
        index=None,
        format_func=lambda n: str(words[n])[:40],
        key=f"need_other_{number}",
    )
    if other is not None and st.button(
        word(NeedAction.MERGE, language()), key=f"need_merge_{number}"
    ):
        act.perform(merge_need, actor, done="needs.merged", into_id=other, **values)


def _decline(actor: Actor, row: pd.Series) -> None:
    number = int(row["need_id"])
    reason = st.text_area(
        t("field.reason"), key=f"need_reason_{number}", placeholder=t("needs.decline_hint")
    )
    if st.button(word(NeedAction.DECLINE, language()), key=f"need_decline_{number}"):
        act.perform(
            decline_need,
            actor,
            done="needs.declined",
            need_id=number,
            version=int(row["version"]),
            reason=reason,
        )


def _summary(row: pd.Series) -> str:
    state, urgency = NeedState(row["state"]), Urgency(row["urgency"])
    status = status_html(NEED_STATE_STATUS[state], word(state, language()))
    if state is NeedState.COLLECTED and urgency in _URGENT:
        status = status_html(_URGENT[urgency], word(urgency, language()))
    facts = [
        called(ServiceKind(row["kind"])),
        called(Beneficiary(row["beneficiary"])),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
        *([t("field.micro_wish")] if row["micro_wish"] else []),
    ]
    if pd.notna(row["wished_on"]):
        facts.append(t("needs.wished", day=formats.day(row["wished_on"], language())))
    heard = t(
        "needs.heard",
        source=called(NeedSource(row["source"])),
        name=name_of(row["by_zh"], row["by_en"]),
        at=formats.instant(row["collected_at"], language()),
    )
    why = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    last = f"<em>{escaped(why)}</em><small>{escaped(heard)}</small>"
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["words"])}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>{last}</div>"
    )
