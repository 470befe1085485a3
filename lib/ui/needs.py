"""Needs on the screen: the form that collects one, what is like it, and the answers."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import local as on_clock
from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import (
    Beneficiary,
    NeedAction,
    NeedSource,
    NeedState,
    ServiceKind,
    Stage,
    StatusToken,
    Urgency,
)
from lib.domain.workflow import NEED_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, need, project
from lib.services.need import (
    NeedEntry,
    adopt_into,
    collect_need,
    decline_need,
    edit_need,
    merge_need,
)
from lib.ui import act, address, askers, history, project_form
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.records import one_of
from lib.ui.session import called, language, local, name_of, plain, t

_PAGE = 20
_FORM = "need"
_URGENT = {Urgency.URGENT: StatusToken.OVERDUE, Urgency.SOON: StatusToken.SOON}


def collect(actor: Actor, place: Place) -> None:
    """The form, and under its words what has been asked already near by."""
    start = {"area_id": place.area_id} if place.leaf else {}
    fields = Fields(f"{_FORM}_{act.generation(_FORM)}", start)
    with st.container(border=True, key="card_collect"):
        card_title(t("needs.collect"), t("needs.collect_note"))
        entry = _typed(actor, place, fields)
        if entry is not None and entry.words.strip():
            _alike(actor, entry.area_id, entry.kind, entry.words, entry.place)
        if not st.button(t("needs.save"), type="primary", key=f"{fields.key}_save"):
            return
        if entry is None:
            st.error(t("record.choose_area"), icon=":material/error:")
            return
        act.perform(
            collect_need,
            actor,
            done="needs.saved",
            then=lambda: act.renew(_FORM),
            entry=entry,
            request_id=act.request_id(_FORM),
        )


def _typed(actor: Actor, place: Place, fields: Fields) -> NeedEntry | None:
    """The form's fields and what stands in them; None while no area is chosen."""
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
    micro = fields.flag(st.container(), "micro_wish")
    if area_id is None:
        return None
    return NeedEntry(
        words=words,
        kind=kind,
        area_id=area_id,
        beneficiary=beneficiary,
        place=where,
        wished_on=wished_on,
        urgency=urgency,
        micro_wish=micro,
        source=source,
    )


@dialog("needs.edit")
def _edit(actor: Actor, place: Place, number: int) -> None:
    """Change what a need says until it is answered; the version that was read travels along."""

    def fetch() -> dict[str, Any]:
        rows = need.need(actor, need_id=number)
        if rows.empty:
            return {}
        row = rows.iloc[0]
        wished = row["wished_on"]
        return {**row.to_dict(), "heard": row["source"], "wished_on": wished if wished else None}

    editing = Editing(f"edit_need_{number}", fetch)
    if not editing.loaded:
        return
    fields = Fields(editing.key, editing.loaded)
    editing.show_changed()
    entry = _typed(actor, place, fields)
    if not st.button(t("library.save"), type="primary", key=f"{fields.key}_save"):
        return
    if entry is None:
        st.error(t("record.choose_area"), icon=":material/error:")
        return
    editing.save(edit_need, actor, done="needs.edited", need_id=number, entry=entry)


def _alike(actor: Actor, area_id: int, kind: str, words: str, where: str) -> None:
    rows = read(need.alike, actor, area_id=area_id, kind=kind, words=words, place=where)
    if rows.empty:
        return
    st.warning(t("needs.alike", n=len(rows)), icon=":material/content_copy:")
    for _, row in rows.iterrows():
        st.html(_summary(row))


def _narrowed() -> dict[str, Any]:
    """What a mark of the funnel asks for in the URL: how far needs of some days came."""
    query = st.query_params
    try:
        days = {name: date.fromisoformat(query.get(name, "")) for name in ("first", "last")}
        stage = Stage(query.get("reached", ""))
    except ValueError:
        return {}

    def all_again() -> None:
        for name in ("reached", *days):
            st.query_params.pop(name, None)

    with st.container(horizontal=True, vertical_alignment="center", key="needs_of"):
        said = t(
            "list.days",
            first=formats.day(days["first"], language()),
            last=formats.day(days["last"], language()),
        )
        words = t("needs.narrowed", days=said, stage=word(stage, language()))
        st.html(f'<span class="gv-chip">{escaped(words)}</span>', width="content")
        st.button(t("needs.all_again"), key="needs_all", type="tertiary", on_click=all_again)
    return {"came_to": stage, "day": today(), **days}


def listing(actor: Actor, place: Place) -> None:
    """The needs below the place, those to be answered unless asked otherwise, a page at a time."""
    narrowed = _narrowed()
    with st.container(horizontal=True, vertical_alignment="bottom", key="need_filters"):
        states, collected_by = tuple(NeedState), None
        if not narrowed:
            state, collected_by = _state_and_due()
            states = (state,)
        kind = one_of(ServiceKind, "kind")
        text = st.text_input(
            t("place.search"),
            placeholder=t("needs.search_hint"),
            key="need_search",
            width=200,
            label_visibility="collapsed",
        )
    view = f"{place.code} {states} {collected_by} {narrowed} {kind} {text}"
    if st.session_state.get("need_view") != view:
        st.session_state["need_view"], st.session_state["need_shown"] = view, _PAGE
    shown = int(st.session_state["need_shown"])
    rows = read(
        need.listing,
        actor,
        area_id=place.area_id,
        states=states,
        kind=kind,
        text=text,
        collected_by=collected_by,
        **narrowed,
        limit=shown + 1,
    )
    if rows.empty:
        empty(t("needs.none"), good=states == (NeedState.COLLECTED,))
    listed = rows.head(shown)
    near = _near(actor, listed)
    for _, row in listed.iterrows():
        _card(actor, place, row, near[near["need_id"] == row["need_id"]])
    if len(rows) > shown:

        def more() -> None:
            st.session_state["need_shown"] = shown + _PAGE

        st.button(t("library.more"), key="need_more", on_click=more)


def _state_and_due() -> tuple[NeedState, date | None]:
    """Which needs are listed: their state and, of those that wait, only the late or near ones."""
    address.begin("need_state", "state", list(NeedState), NeedState.COLLECTED)
    state = st.segmented_control(
        t("records.state"),
        list(NeedState),
        format_func=lambda s: word(s, language()),
        key="need_state",
        on_change=address.keep("need_state", "state"),
        required=True,
        label_visibility="collapsed",
    )
    if state is not NeedState.COLLECTED:
        return NeedState(state or NeedState.COLLECTED), None
    clock = local().clock(today())
    days = {"overdue": clock.answers_over, "soon": clock.answers_soon}
    address.begin("need_due", "due", list(days))
    due = st.pills(
        t("needs.due"),
        list(days),
        format_func=lambda one: t(f"needs.due_{one}"),
        key="need_due",
        on_change=address.keep("need_due", "due"),
        label_visibility="collapsed",
    )
    return NeedState.COLLECTED, days[due] if due else None


def _near(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    """What is like the needs that wait, for whoever answers them."""
    waiting = rows[rows["state"] == NeedState.COLLECTED]
    if waiting.empty or not actor.may(Permission.NEED_SETTLE):
        return pd.DataFrame(columns=list(need.NEAR_COLUMNS))
    return read(need.near, actor, need_ids=tuple(int(number) for number in waiting["need_id"]))


def _card(actor: Actor, place: Place, row: pd.Series, near: pd.DataFrame) -> None:
    number = int(row["need_id"])
    with st.container(border=True, key=f"card_need_{number}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.html(_summary(row))
            if pd.notna(row["project_id"]):
                link(actor, "library", t("needs.project", title=row["project_title"]))
            if len(near):
                st.caption(plain(t("needs.near", n=len(near), words=near.iloc[0]["words"][:40])))
            if actor.may(Permission.NEED_SETTLE):
                askers.box(actor, row)
        with right:
            key = f"need_history_{number}"
            history.steps_box(actor, need.steps, NEED_STATE_STATUS, key=key, need_id=number)
            if row["state"] != NeedState.COLLECTED:
                return
            if st.button(
                word(NeedAction.EDIT, language()), key=f"need_edit_{number}", width="stretch"
            ):
                _edit(actor, place, number)
            if not actor.may(Permission.NEED_SETTLE):
                return
            if st.button(
                word(NeedAction.ADOPT, language()), key=f"need_adopt_{number}", width="stretch"
            ):
                project_form.adopt(actor, place, row)
            with st.popover(t("needs.other"), key=f"need_box_{number}", width="stretch"):
                _join(actor, place, row, near)
                _decline(actor, row)


def _join(actor: Actor, place: Place, row: pd.Series, near: pd.DataFrame) -> None:
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
    words = dict(zip(near["other_id"].astype(int), near["words"], strict=True))
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


def _waiting(row: pd.Series, status: str) -> str:
    """How near the end of the answer's time is, in the place of the state's word."""
    clock, collected = local().clock(today()), on_clock(row["collected_at"]).date()
    due = clock.answer_due(collected)
    match clock.answer(collected):
        case StatusToken.OVERDUE:
            return status_html(StatusToken.OVERDUE, t("needs.overdue", n=(today() - due).days))
        case StatusToken.SOON:
            words = t("needs.soon", day=formats.short_day(due, language()))
            return status_html(StatusToken.SOON, words)
    return status


def _summary(row: pd.Series) -> str:
    state, urgency = NeedState(row["state"]), Urgency(row["urgency"])
    status = status_html(NEED_STATE_STATUS[state], word(state, language()))
    if state is NeedState.COLLECTED:
        status = _waiting(row, status)
    if state is NeedState.COLLECTED and urgency in _URGENT:
        status += status_html(_URGENT[urgency], word(urgency, language()))
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
