"""Service records on the screen: those that wait, the list of all, and one in full."""

from datetime import date

import pandas as pd
import streamlit as st

from lib.domain.calendar import months_back, today
from lib.domain.masking import is_masked
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import (
    Beneficiary,
    ConfirmedBy,
    ServiceAction,
    ServiceKind,
    ServiceState,
    StatusToken,
    Trust,
)
from lib.domain.workflow import SERVICE_STATE_STATUS, SERVICE_STEPS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import people, service, units
from lib.services.personal import reveal_name
from lib.services.service import confirm_service, return_service, void_service
from lib.ui import act, corrections, history, photos, reveal
from lib.ui.feedback import by_phone
from lib.ui.fields import Member
from lib.ui.live import read
from lib.ui.page import card_title, download, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, local, name_of, plain, t
from lib.ui.tables import choose_row

_AT_ONCE = 20
_LISTED = 500
_MASKED = 6


def to_confirm(actor: Actor, place: Place) -> None:
    """The records that wait below the place, each with its two answers; newest first or oldest."""
    rows = read(
        service.records,
        actor,
        area_id=place.area_id,
        states=(ServiceState.RECORDED,),
        oldest_first=True,
        limit=_LISTED,
    )
    if rows.empty:
        empty(t("confirm.nothing"), good=True)
        return
    mine = int(rows["own"].sum())
    with st.container(horizontal=True, vertical_alignment="center", key="confirm_bar"):
        newest = st.segmented_control(
            t("confirm.order"),
            ("newest", "oldest"),
            default="newest",
            format_func=lambda order: t(f"confirm.{order}"),
            key="confirm_order",
            required=True,
            label_visibility="collapsed",
        )
        st.caption(t("confirm.count", n=len(rows)) + (t("confirm.own", n=mine) if mine else ""))
    if newest == "newest":
        rows = rows.sort_values("recorded_at", ascending=False, kind="stable")
    at_once = int(st.session_state.get("confirm_shown", _AT_ONCE))
    fresh, known = _slots(rows, at_once, f"{place.code} {newest}")
    cards = {int(row["service_id"]): row for _, row in rows.iterrows()}
    shown = tuple(number for number in (*fresh, *known) if number in cards)
    names = read(service.participants, actor, service_ids=shown)
    first = next((n for n in shown if not cards[n]["own"]), None)
    for block, numbers in (("fresh", fresh), ("known", known)):
        with st.container(key=f"confirm_{block}"):
            for number in numbers:
                with st.container(key=f"slot_{number}"):
                    if number in cards:
                        served = names[names["service_id"] == number]
                        _waiting(actor, cards[number], served, first=number == first)
    if len(rows) > len(shown):

        def more() -> None:
            st.session_state["confirm_shown"] = at_once + _AT_ONCE

        st.button(t("confirm.more", n=len(rows) - len(shown)), key="confirm_more", on_click=more)


def _slots(rows: pd.DataFrame, at_once: int, view: str) -> tuple[list[int], list[int]]:
    """Records that came since the list was opened, and those of its opening, each in its place.

    A card that moves would lose a reason half typed into it: so what is decided leaves an
    empty slot, what is new stands above in the order of its coming, and others follow below.
    """
    present = [int(number) for number in rows["service_id"]]
    if st.session_state.get("confirm_view") != view:
        st.session_state["confirm_view"] = view
        st.session_state["confirm_slots"] = ([], [], max(present))
    fresh, known, last = st.session_state["confirm_slots"]
    fresh += sorted(number for number in present if number > last and number not in fresh)
    older = [number for number in present if number <= last]
    room = at_once - len([number for number in known if number in older])
    known += [number for number in older if number not in known][: max(room, 0)]
    return fresh, known


def _waiting(actor: Actor, row: pd.Series, participants: pd.DataFrame, first: bool) -> None:
    number = int(row["service_id"])
    with st.container(border=True, key=f"card_waiting_{number}"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            st.html(waiting_summary(row, participants))
        with right:
            if row["own"]:
                st.caption(t("refusal.own_service"))
                return
            if st.button(
                t("confirm.confirm"),
                type="primary" if first else "secondary",
                key=f"confirm_{number}",
                width="stretch",
            ):
                act.perform(
                    confirm_service,
                    actor,
                    done="confirm.confirmed",
                    service_id=number,
                    version=int(row["version"]),
                )
            by_phone(actor, row)
            _with_reason(actor, row, ServiceAction.RETURN)


def _with_reason(actor: Actor, row: pd.Series, action: ServiceAction) -> None:
    """An answer that needs words: they are typed in a popover and kept if it is refused."""
    number = int(row["service_id"])
    command = return_service if action is ServiceAction.RETURN else void_service
    with st.popover(word(action, language()), width="stretch", key=f"{action}_box_{number}"):
        reason = st.text_area(
            t("field.reason"),
            key=f"{action}_reason_{number}",
            placeholder=t(f"confirm.reason_hint_{action}"),
        )
        if st.button(t(f"confirm.do_{action}"), key=f"{action}_{number}"):
            act.perform(
                command,
                actor,
                done=f"confirm.done_{action}",
                service_id=number,
                version=int(row["version"]),
                reason=reason,
            )


def waiting_summary(row: pd.Series, participants: pd.DataFrame) -> str:
    """A record that waits: what was done, by whom, and for how long it has waited."""
    kind = called(ServiceKind(row["kind"]))
    area = name_of(row["area_zh"], row["area_en"])
    late = row["day"] < local().clock(today()).confirmed_before
    status = status_html(
        StatusToken.OVERDUE if late else StatusToken.PROGRESS,
        t("confirm.waits", n=(today() - row["day"]).days) if late else t("confirm.waiting"),
    )
    facts = [
        formats.day(row["day"], language()),
        area,
        *([str(row["place"])] if row["place"] else []),
        t("profile.n_people", n=int(row["people_served"])),
        called(Beneficiary(row["beneficiary"])),
    ]
    who = _who(participants)
    total = t("profile.n_hours", n=formats.hours(row["minutes"]))
    note = f"<em>{escaped(row['note'])}</em>" if row["note"] else ""
    recorded = t(
        "confirm.recorded_by",
        name=name_of(row["recorded_by_zh"], row["recorded_by_en"]),
        at=formats.instant(row["recorded_at"], language()),
    )
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(kind)}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>"
        f"<p><b>{escaped(total)}</b> {escaped(who)}</p>{note}"
        f"<small>{escaped(recorded)}</small></div>"
    )


def _who(participants: pd.DataFrame) -> str:
    names = [
        name_of(row["name_zh"], row["name_en"])
        for _, row in participants.iterrows()
        if row["name_zh"]
    ]
    shown = t("list.separator").join(names[:12])
    hidden = len(participants) - min(len(names), 12)
    return (
        shown + (t("list.and_more", n=hidden) if hidden else "")
        if names
        else t("confirm.participants", n=len(participants))
    )


def listing(actor: Actor, place: Place) -> None:
    """All records below the place with filters, one opened in full, and the list as a file."""
    rows = _filtered(actor, place)
    if rows.empty:
        empty(t("records.none"))
        return
    table = _table(rows)
    st.caption(t("records.first" if len(rows) == _LISTED else "records.count", n=len(rows)))
    alt = t("records.alt", n=len(rows))
    picked = choose_row(table, key="records_table", alt=alt, height=700)
    download("records", t("records.file"), table)
    if picked is not None:
        in_full(actor, rows.iloc[picked])


def _filtered(actor: Actor, place: Place) -> pd.DataFrame:
    query = st.query_params
    wanted = [s for s in query.get("state", "").split(",") if s in list(ServiceState)]
    _narrowed(actor, place)
    with st.container(horizontal=True, vertical_alignment="bottom", key="record_filters"):
        states = st.pills(
            t("records.state"),
            list(ServiceState),
            selection_mode="multi",
            default=[ServiceState(state) for state in wanted] or None,
            format_func=lambda s: word(s, language()),
            key="filter_state",
            label_visibility="collapsed",
        )
        days = st.date_input(
            t("records.days"),
            value=(
                _day(query.get("first")) or months_back(today(), 2),
                _day(query.get("last")) or today(),
            ),
            format="YYYY-MM-DD",
            key="filter_days",
            width=260,
            label_visibility="collapsed",
        )
        kind = one_of(ServiceKind, "kind")
        beneficiary = one_of(Beneficiary, "beneficiary")
        trust = one_of(Trust, "trust")
        mine = st.toggle(t("records.mine"), key="filter_mine")
    first, last = days if isinstance(days, tuple) and len(days) == 2 else (None, None)
    return read(
        service.records,
        actor,
        area_id=place.area_id,
        states=tuple(states) or tuple(ServiceState),
        first=first,
        last=last,
        kind=kind,
        beneficiary=beneficiary,
        trust=trust,
        team_id=number_of(query.get("team")),
        unit_id=number_of(query.get("unit")),
        itself=_itself(place),
        mine=mine,
        limit=_LISTED,
    )


def one_of(members: type[Member], name: str) -> Member | None:
    """A filter for one member of a vocabulary, begun with what the URL says under `name`."""
    options, wanted = list(members), st.query_params.get(name)
    return st.selectbox(
        t(f"field.{name}"),
        options,
        index=options.index(members(wanted)) if wanted in options else None,
        format_func=called,
        placeholder=t(f"records.any_{name}"),
        key=f"filter_{name}",
        width=160,
        label_visibility="collapsed",
    )


def _itself(place: Place) -> bool:
    """Whether the URL asks for the place alone, without the areas below it."""
    return place.area_id is not None and st.query_params.get("below") == "none"


def _narrowed(actor: Actor, place: Place) -> None:
    """Say whose records these are when the URL narrows them otherwise than by a filter."""
    names = []
    if _itself(place):
        names.append(t("activity.at_itself", name=place.name))
    team, unit = number_of(st.query_params.get("team")), number_of(st.query_params.get("unit"))
    if team is not None:
        found = read(people.team, actor, team_id=team)
    elif unit is not None:
        found = read(units.unit, actor, unit_id=unit)
    else:
        found = pd.DataFrame()
    if len(found):
        names.append(name_of(found.iloc[0]["name_zh"], found.iloc[0]["name_en"]))
    elif team is not None or unit is not None:
        names.append(formats.UNKNOWN)
    if not names:
        return

    def all_again() -> None:
        for name in ("team", "unit", "below"):
            st.query_params.pop(name, None)

    with st.container(horizontal=True, vertical_alignment="center", key="records_of"):
        words = t("records.of", name=t("list.separator").join(names))
        st.html(f'<span class="gv-chip">{escaped(words)}</span>', width="content")
        st.button(t("records.of_all"), key="records_all", type="tertiary", on_click=all_again)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    def words(column: str, members: type[ServiceState | ServiceKind | Beneficiary]) -> list[str]:
        return [called(members(value)) for value in rows[column]]

    return pd.DataFrame(
        {
            t("field.day"): rows["day"],
            t("field.kind"): words("kind", ServiceKind),
            t("column.area"): [
                name_of(zh, en) for zh, en in zip(rows["area_zh"], rows["area_en"], strict=True)
            ],
            t("field.place"): rows["place"],
            t("column.hours"): (rows["minutes"].astype(float) / 60).round(1),
            t("column.participants"): rows["participants"],
            t("field.people_served"): rows["people_served"],
            t("field.beneficiary"): words("beneficiary", Beneficiary),
            t("column.state"): words("state", ServiceState),
        }
    )


def in_full(actor: Actor, row: pd.Series) -> None:
    """One record: what it says, who took part, its history, and what may be done with it."""
    number, state = int(row["service_id"]), ServiceState(row["state"])
    names = read(service.participants, actor, service_ids=(number,))
    steps = read(service.steps, actor, service_id=number)
    with st.container(border=True, key=f"card_record_{number}"):
        left, right = st.columns([3, 1])
        with left:
            st.html(
                waiting_summary(row, names)
                if state is ServiceState.RECORDED
                else _settled(row, names)
            )
            confirms = actor.may(Permission.SERVICE_CONFIRM)
            standing = state is not ServiceState.VOIDED
            photos.panel(actor, number, may_add=standing and (confirms or bool(row["own"])))
            card_title(t("records.history"))
            history.steps(steps, SERVICE_STATE_STATUS)
        with right:
            _offers(actor, row, state)
            _ask(actor, number, state, names)
            _masked(actor, names)


def _ask(actor: Actor, number: int, state: ServiceState, names: pd.DataFrame) -> None:
    """The way to say that one's own part is told wrongly, also where one is not listed."""
    if actor.person_id is None or not actor.may(Permission.SERVICE_RECORD):
        return
    own = names[(names["kind"] == "person") & (names["participant_id"] == actor.person_id)]
    minutes = int(own["minutes"].sum())
    corrections.offer(actor, service_id=number, state=state, minutes=minutes, asked=False)


def _masked(actor: Actor, names: pd.DataFrame) -> None:
    """For each name that is masked to this actor, the way to look at it."""
    if not actor.may(Permission.PERSON_REVEAL):
        return
    people = names[names["kind"] == "person"]
    for _, one in people[people["name_zh"].map(is_masked)].head(_MASKED).iterrows():
        reveal.offer(actor, reveal_name, one["name_zh"], person_id=int(one["participant_id"]))


def _settled(row: pd.Series, names: pd.DataFrame) -> str:
    state = ServiceState(row["state"])
    reason = t("records.reason", reason=row["reason"]) if row["reason"] else ""
    return (
        f"{status_html(SERVICE_STATE_STATUS[state], word(state, language()))}"
        f"<p>{escaped(reason)}</p>{_facts(row, names)}"
    )


def _facts(row: pd.Series, names: pd.DataFrame) -> str:
    facts = (
        (t("field.day"), formats.day(row["day"], language())),
        (t("field.kind"), called(ServiceKind(row["kind"]))),
        (t("column.area"), name_of(row["area_zh"], row["area_en"])),
        (t("field.place"), row["place"] or formats.UNKNOWN),
        (t("field.people_served"), formats.count(row["people_served"])),
        (t("field.beneficiary"), called(Beneficiary(row["beneficiary"]))),
        (t("column.hours"), formats.hours(row["minutes"])),
        (t("field.goods"), formats.count(row["goods"])),
        (t("field.money"), formats.money(int(row["money_fen"]), language())),
        (t("column.participants"), _who(names)),
        (t("field.note"), row["note"] or formats.UNKNOWN),
        *_answered(row),
    )
    cells = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts)
    return f'<dl class="gv-kv">{cells}</dl>'


def _answered(row: pd.Series) -> list[tuple[str, str]]:
    """Who vouched for a confirmed record, and how content the person served is."""
    if not row["confirmed_by"]:
        return []
    told = [(t("records.confirmed_by"), word(ConfirmedBy(row["confirmed_by"]), language()))]
    if pd.notna(row["satisfaction"]):
        grade = t("records.grade", n=int(row["satisfaction"]))
        said = f"{grade} {row['satisfaction_word']}".strip()
        told.append((t("field.satisfaction"), said))
    return told


def _offers(actor: Actor, row: pd.Series, state: ServiceState) -> None:
    """The steps that the workflow table allows here for this actor."""
    for step in SERVICE_STEPS:
        if step.source is not state or not actor.may(step.permission):
            continue
        if step.action is ServiceAction.VOID:
            _with_reason(actor, row, ServiceAction.VOID)
        elif step.action is ServiceAction.CORRECT and step.own_only and row["own"]:
            link(actor, "record", t("records.correct"), correct=str(row["service_id"]))
        elif step.action is ServiceAction.CONFIRM and not row["own"]:
            link(actor, "confirm", t("records.to_confirm"), area=str(row["area_code"]))


def correctable(actor: Actor) -> pd.Series | None:
    """The returned record that the URL asks to correct, if this actor recorded it."""
    number = number_of(st.query_params.get("correct"))
    if number is None or not actor.may(Permission.SERVICE_RECORD):
        return None
    rows = read(service.record, actor, service_id=number)
    rows = rows[(rows["state"] == ServiceState.RETURNED) & rows["own"]]
    return rows.iloc[0] if len(rows) else None


def returned_note(row: pd.Series) -> None:
    """Why the record came back, above the form that corrects it."""
    st.warning(plain(t("records.reason", reason=row["reason"])), icon=":material/undo:")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def number_of(text: str | None) -> int | None:
    """A row's number as the URL holds it, None for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 16 else None
