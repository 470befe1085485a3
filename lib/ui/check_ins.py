"""Check-ins on the screen: totals, requests from phones, late units, the list, and one in full."""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import CheckInAction, CheckInState, StatusToken
from lib.domain.workflow import CHECK_IN_STATE_STATUS, CHECK_IN_STEPS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import check_in, people
from lib.services import check_in as commands
from lib.services.check_in import MoveEntry
from lib.services.check_in_requests import accept_request, decline_request
from lib.ui import act, check_in_form
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, download, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import language, name_of, t
from lib.ui.tables import choose_row

_LISTED = 300
_A = CheckInAction


def bar(actor: Actor, place: Place) -> None:
    """The buttons that open the forms."""
    with st.container(horizontal=True, key="check_in_bar"):
        if st.button(
            t("checkin.one"), type="primary", icon=":material/how_to_reg:", key="check_in_one"
        ):
            check_in_form.register(actor, place)
        if st.button(t("checkin.many"), icon=":material/content_paste:", key="check_in_list"):
            check_in_form.register_many(actor, place)


def totals(actor: Actor, place: Place) -> None:
    """Who is checked in now, and the members, units, communities and chiefs there ever were."""
    row = read(check_in.totals, actor, area_id=place.area_id).iloc[0]
    names = ("open", "members", "organisations", "communities", "chiefs")
    cells = "".join(
        f"<div><b>{formats.count(row[name])}</b><small>{escaped(t(f'checkin.n_{name}'))}</small>"
        "</div>"
        for name in names
    )
    with st.container(border=True, key="card_check_in_totals"):
        st.html(f'<div class="gv-four gv-five">{cells}</div>')


def requests(actor: Actor, place: Place) -> None:
    """What was sent from phones, each to be accepted or declined."""
    rows = read(check_in.requests, actor, area_id=place.area_id)
    names = tuple(sorted(set(rows["name"])))
    known = read(people.candidates, actor, names=names, area_id=place.area_id or 0)
    with st.container(border=True, key="card_check_in_requests"):
        card_title(t("checkin.requests"), formats.count(len(rows)))
        if rows.empty:
            empty(t("checkin.no_requests"), good=True)
        for _, row in rows.iterrows():
            _request(actor, row, known[known["name"] == row["name"]])


def _request(actor: Actor, row: pd.Series, same: pd.DataFrame) -> None:
    number = int(row["number"])
    home = row["home_zh"] or row["area_zh"], row["home_en"] or row["area_en"]
    unit = name_of(row["unit_zh"], row["unit_en"]) if row["unit_zh"] else t("checkin.no_unit")
    skills = [word(skill, language()) for skill in row["skills"]]
    facts = [name_of(*home), unit, row["certificate_number"], *skills]
    at = formats.instant(row["asked_at"], language())
    st.html(
        f'<div class="gv-record"><div class="gv-t">{escaped(row["name"])}<small>{escaped(at)}'
        f"</small></div><p>{escaped(' · '.join(one for one in facts if one))}</p></div>"
    )
    form = f"accept_{number}"
    person_id = check_in_form.which(same, str(row["name"]), form)
    with st.container(horizontal=True, key=f"check_in_request_{number}"):
        if st.button(t("checkin.accept"), key=f"check_in_{form}"):
            act.perform(
                accept_request,
                actor,
                done="checkin.saved",
                number=number,
                person_id=person_id,
                request_id=act.request_id(form),
            )
        with st.popover(t("checkin.decline"), key=f"check_in_decline_{number}"):
            reason = st.text_area(
                t("field.reason"),
                key=f"check_in_why_{number}",
                placeholder=t("checkin.decline_hint"),
            )
            if st.button(t("checkin.decline_do"), key=f"check_in_decline_do_{number}"):
                act.perform(
                    decline_request, actor, done="checkin.declined", number=number, reason=reason
                )


def late_units(actor: Actor, place: Place) -> None:
    """Units whose members are late, as numbers: who they are is the unit's to know."""
    rows = read(check_in.units, actor, area_id=place.area_id, day=today())
    rows = rows[rows["late"].astype(bool)]
    if rows.empty:
        return
    with st.container(border=True, key="card_late_units"):
        card_title(t("checkin.late_units"), formats.count(len(rows)))
        for _, row in rows.iterrows():
            due = formats.short_day(row["due_on"], language())
            missing = t("checkin.missing", n=int(row["missing"]), expected=int(row["expected"]))
            st.html(
                '<div class="gv-row">'
                f"{status_html(StatusToken.OVERDUE, t('checkin.late'))}"
                f"<div><b>{escaped(name_of(row['unit_zh'], row['unit_en']))}</b>"
                f'<em>{escaped(missing)}</em></div><span class="n">{escaped(due)}</span></div>'
            )
        link(actor, "ledger", t("screen.ledger"))


def listing(actor: Actor, place: Place) -> None:
    """The check-ins with their search; the chosen one in full below."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="check_in_filters"):
        state = st.segmented_control(
            t("records.state"),
            list(CheckInState),
            default=CheckInState.REGISTERED,
            format_func=lambda one: word(one, language()),
            key="check_in_state",
            required=True,
            label_visibility="collapsed",
        )
        text = st.text_input(
            t("place.search"),
            placeholder=t("checkin.search_hint"),
            key="check_in_search",
            width=220,
            label_visibility="collapsed",
        )
    rows = read(
        check_in.listing,
        actor,
        area_id=place.area_id,
        states=(state,),
        text=text,
        limit=_LISTED,
    )
    with st.container(border=True, key="card_check_ins"):
        full = len(rows) == _LISTED
        said = t("checkin.first" if full else "checkin.count", n=len(rows))
        card_title(t("screen.check_in"), said)
        if rows.empty:
            empty(t("checkin.none"))
            return
        table = _table(rows)
        picked = choose_row(table, key=f"check_in_table_{state}", alt=said, height=420)
        download("check_ins", t("screen.check_in"), table)
    if picked is not None:
        _in_full(actor, place, rows.iloc[picked])


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("field.person_name"): rows["name"],
            t("field.home_area_id"): _names(rows, "home"),
            t("field.organisation_id"): _names(rows, "unit"),
            t("field.checked_in_on"): pd.to_datetime(rows["checked_in_on"]).dt.date,
            t("field.duties"): [_duties(duties) for duties in rows["duties"]],
            t("checkin.slip"): [
                formats.short_day(day, language()) if day else ""
                for day in rows["slip_returned_on"]
            ],
            t("checkin.team"): [
                t("checkin.in_team") if one else t("checkin.no_team") for one in rows["in_team"]
            ],
        }
    )


def _names(rows: pd.DataFrame, what: str) -> list[str]:
    pairs = zip(rows[f"{what}_zh"], rows[f"{what}_en"], strict=True)
    return [name_of(zh, en) if zh else "" for zh, en in pairs]


def _duties(duties: tuple[CheckInState, ...]) -> str:
    return t("list.separator").join(word(one, language()) for one in duties)


def _in_full(actor: Actor, place: Place, row: pd.Series) -> None:
    number, state = int(row["check_in_id"]), CheckInState(row["state"])
    unit = name_of(row["unit_zh"], row["unit_en"]) if row["unit_zh"] else t("checkin.no_unit")
    facts = (
        (t("field.home_area_id"), name_of(row["home_zh"], row["home_en"])),
        (t("checkin.with"), name_of(row["area_zh"], row["area_en"])),
        (t("field.organisation_id"), unit),
        (t("field.certificate_number"), row["certificate_number"] or formats.UNKNOWN),
        (t("field.checked_in_on"), formats.day(row["checked_in_on"], language())),
        (t("field.duties"), _duties(row["duties"]) or formats.UNKNOWN),
        (t("field.reason"), row["reason"] or formats.UNKNOWN),
    )
    cells = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts)
    steps = read(check_in.steps, actor, check_in_id=number)
    with st.container(border=True, key=f"card_check_in_{number}"):
        left, right = st.columns([3, 1])
        with left:
            status = status_html(CHECK_IN_STATE_STATUS[state], word(state, language()))
            st.html(f'<div class="gv-t">{escaped(row["name"])}{status}</div>')
            st.html(f'<dl class="gv-kv">{cells}</dl>')
            card_title(t("records.history"))
            st.html("".join(_step(step) for _, step in steps.iterrows()))
        with right:
            _offers(actor, place, row, state)


def _step(step: pd.Series) -> str:
    state = CheckInState(step["target"])
    by = name_of(step["by_zh"], step["by_en"]) if step["by_zh"] else ""
    what = word(CheckInAction(step["action"]), language())
    why = f"<em>{escaped(step['reason'])}</em>" if step["reason"] else ""
    return (
        f'<div class="gv-row">{status_html(CHECK_IN_STATE_STATUS[state], what)}'
        f"<div><b>{escaped(by)}</b>{why}</div>"
        f"<em>{escaped(formats.instant(step['at'], language()))}</em></div>"
    )


def _offers(actor: Actor, place: Place, row: pd.Series, state: CheckInState) -> None:
    """The steps that the workflow table allows here for this actor."""
    offered = {step.action for step in CHECK_IN_STEPS if step.source is state}
    if not offered or not actor.may(Permission.CHECKIN_REGISTER):
        return
    if st.button(t("checkin.profile"), key="check_in_profile", width="stretch"):
        check_in_form.edit_profile(actor, int(row["person_id"]))
    values: dict[str, Any] = {
        "check_in_id": int(row["check_in_id"]),
        "version": int(row["version"]),
    }
    if _A.RESUME in offered and st.button(_verb(_A.RESUME), key="check_in_resume"):
        act.perform(commands.resume, actor, done="checkin.resumed", **values)
    if row["organisation_id"] and row["slip_returned_on"] is None:
        _slip(actor, values)
    if _A.PAUSE in offered:
        _with_reason(actor, _A.PAUSE, values)
    _move(actor, place, values)
    _with_reason(actor, _A.LEAVE, values)


def _verb(action: CheckInAction) -> str:
    return word(action, language())


def _slip(actor: Actor, values: dict[str, Any]) -> None:
    with st.popover(_verb(_A.RETURN_SLIP), key="check_in_slip_box", width="stretch"):
        form = f"slip_{values['check_in_id']}"
        day = Fields(form, {}).any_day(st.container(), "slip_returned_on", today())
        if st.button(_verb(_A.RETURN_SLIP), key="check_in_slip"):
            act.perform(commands.return_slip, actor, done="checkin.slip_noted", day=day, **values)


def _with_reason(actor: Actor, action: CheckInAction, values: dict[str, Any]) -> None:
    command = commands.pause if action is _A.PAUSE else commands.leave
    with st.popover(_verb(action), key=f"check_in_{action}_box", width="stretch"):
        reason = st.text_area(
            t("field.reason"),
            key=f"check_in_reason_{action}_{values['check_in_id']}",
            placeholder=t(f"checkin.hint_{action}"),
        )
        if st.button(_verb(action), key=f"check_in_{action}"):
            act.perform(command, actor, done=f"checkin.done_{action}", reason=reason, **values)


def _move(actor: Actor, place: Place, values: dict[str, Any]) -> None:
    form = f"move_{values['check_in_id']}"
    with st.popover(_verb(_A.MOVE), key="check_in_move_box", width="stretch"):
        st.caption(t("checkin.move_note"))
        area_id = check_in_form.home_choice(actor, place, form)
        unit_id = check_in_form.unit_choice(actor, st.container(), form)
        number = Fields(form, {}).text(st.container(), "certificate_number", t("unit.optional"))
        if st.button(_verb(_A.MOVE), key="check_in_move") and area_id is not None:
            act.perform(
                commands.move,
                actor,
                done="checkin.moved",
                entry=MoveEntry(area_id, unit_id, number),
                request_id=act.request_id(form),
                **values,
            )
