"""A team's events on the screen: planned, held with a head-count, called off, made a record.

The record itself is `lib.ui.record_form`'s.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceKind, StatusToken
from lib.i18n import formats
from lib.queries import areas, team
from lib.services.team_event import EventEntry, call_off_event, hold_event, plan_event
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import go, link
from lib.ui.session import called, language, name_of, plain, t

_HEADS = 10


def card(actor: Actor, one: pd.Series) -> None:
    """The events of the team; whoever looks after it plans them and notes how many came."""
    team_id = int(one["team_id"])
    rows = read(team.events, actor, team_id=team_id)
    if rows.empty and not one["editable"]:
        return
    with st.container(border=True, key="card_team_events"):
        card_title(t("team.events"), t("team.heads_note"))
        if one["editable"] and st.button(
            t("team.plan"), icon=":material/event:", key="team_event_plan"
        ):
            _plan(actor, team_id, int(one["area_id"]), str(one["kind"]))
        if rows.empty:
            empty(t("team.no_events"))
        for _, row in rows.iterrows():
            st.html(_summary(row))
            if one["editable"]:
                _look_after(actor, row)


def recordable(actor: Actor) -> pd.Series | None:
    """The event that the URL asks to record as a service, if this actor may and it was held."""
    asked, of = st.query_params.get("event", ""), st.query_params.get("team", "")
    if not (asked.isdecimal() and of.isdecimal() and len(asked) < 16 and len(of) < 16):
        return None
    if not actor.may(Permission.TEAM_EDIT):
        return None
    rows = read(team.events, actor, team_id=int(of))
    rows = rows[(rows["event_id"] == int(asked)) & rows["actual"].notna()]
    rows = rows[rows["service_id"].isna()]
    return rows.iloc[0] if len(rows) else None


def event_note(row: pd.Series) -> None:
    """Which event the form records, above it."""
    day = formats.day(row["day"], language())
    st.info(plain(t("team.recording", day=day, n=int(row["actual"]))), icon=":material/event:")


def _summary(row: pd.Series) -> str:
    if row["reason"]:
        status = status_html(StatusToken.NEUTRAL, t("team.called_off"))
    elif pd.notna(row["actual"]):
        status = status_html(StatusToken.DONE, t("team.held", n=int(row["actual"])))
    elif row["day"] < today():
        status = status_html(StatusToken.OVERDUE, t("team.uncounted"))
    else:
        status = status_html(StatusToken.PROGRESS, t("team.planned"))
    facts = [
        *([formats.clock_span(row["starts_at"], row["ends_at"])] if row["starts_at"] else []),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
        t("team.planned_heads", n=int(row["planned_heads"])),
    ]
    why = t("records.reason", reason=row["reason"]) if row["reason"] else str(row["note"])
    title = f"{formats.day(row['day'], language())} · {called(ServiceKind(row['kind']))}"
    last = f"<em>{escaped(why)}</em>" if why else ""
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(title)}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>{last}</div>"
    )


def _look_after(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["event_id"]), int(row["version"])
    if row["reason"]:
        return
    if pd.notna(row["service_id"]):
        link(actor, "records", t("team.see_record"), team=str(int(row["team_id"])))
        return
    with st.container(horizontal=True, key=f"event_bar_{number}"):
        if row["day"] <= today():
            _hold(actor, row)
        if pd.notna(row["actual"]):
            if st.button(t("team.record"), type="primary", key=f"event_record_{number}"):
                go("record", event=str(number), team=str(int(row["team_id"])))
            return
        with st.popover(t("team.call_off"), key=f"event_off_box_{number}"):
            reason = st.text_area(t("field.reason"), key=f"event_reason_{number}")
            if st.button(t("team.call_off"), key=f"event_off_{number}"):
                act.perform(
                    call_off_event,
                    actor,
                    done="team.was_called_off",
                    event_id=number,
                    version=version,
                    reason=reason,
                )


def _hold(actor: Actor, row: pd.Series) -> None:
    number = int(row["event_id"])
    known = int(row["actual"]) if pd.notna(row["actual"]) else int(row["planned_heads"])
    with st.popover(t("team.count_heads"), key=f"event_hold_box_{number}"):
        fields = Fields(f"event_{number}_{int(row['version'])}", {"actual": known})
        actual = fields.whole(st.container(), "actual")
        note = fields.words(st.container(), "note")
        if st.button(t("team.save"), key=f"event_hold_{number}"):
            act.perform(
                hold_event,
                actor,
                done="team.counted",
                event_id=number,
                version=int(row["version"]),
                actual=actual,
                note=note,
            )


@dialog("team.plan")
def _plan(actor: Actor, team_id: int, area_id: int, kind: str) -> None:
    form = f"team_event_{team_id}"
    start = {"area_id": area_id, "kind": kind}
    fields = Fields(f"{form}_{act.generation(form)}", start)
    left, right = st.columns(2)
    what = fields.choice(left, "kind", ServiceKind, ServiceKind.OTHER)
    day = fields.day(right, "day")
    left, right = st.columns(2)
    starts_at, ends_at = fields.hour(left, "starts_at"), fields.hour(right, "ends_at")
    left, right = st.columns(2)
    where_id = fields.area(left, read(areas.painted, actor, root_id=area_id))
    planned_heads = fields.whole(right, "planned_heads", default=_HEADS)
    place = fields.text(st.container(), "place", t("record.place_hint"))
    note = fields.words(st.container(), "note")
    if st.button(t("team.save"), type="primary", key=f"{form}_save"):
        act.perform(
            plan_event,
            actor,
            done="team.was_planned",
            then=lambda: act.renew(form),
            team_id=team_id,
            entry=EventEntry(
                kind=what,
                area_id=where_id or area_id,
                day=day,
                planned_heads=planned_heads,
                place=place,
                starts_at=starts_at,
                ends_at=ends_at,
                note=note,
            ),
            request_id=act.request_id(form),
        )
