"""The project library: what can be claimed, with its free places, and the claim itself.

Whoever looks after projects also finds the drafts here, publishes them and calls them off.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import (
    Beneficiary,
    Bringing,
    Entry,
    ProjectAction,
    ProjectState,
    ServiceKind,
    Skill,
    StatusToken,
)
from lib.domain.workflow import PROJECT_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import claim, project
from lib.services.claim import Claimant, claim_project
from lib.services.project import close_project, publish_project, withdraw_project
from lib.ui import (
    act,
    claimant,
    history,
    library_map,
    library_search,
    my_claims,
    project_form,
    public_codes,
)
from lib.ui.library_search import Search
from lib.ui.live import dialog, read
from lib.ui.page import download, empty, escaped, status_html
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t

_PAGE = 20
_EXPORTED = 5000
_PAGES = "library_pages"


def screen(actor: Actor, place: Place) -> None:
    """Filters above, the map at the left, the list with its pages beside it."""
    search = library_search.controls(actor, place)
    view = f"{place.code} {search}"
    if st.session_state.get("library_view") != view:
        st.session_state["library_view"], st.session_state[_PAGES] = view, [None]
    left, right = st.columns([1, 1.4], gap="small")
    with left:
        library_map.draw(actor, place, search)
    with right:
        with st.container(horizontal=True, key="library_bar"):
            if actor.may(Permission.PROJECT_EDIT):
                project_form.create_here(actor, place)
            _take_away(actor, place, search)
        _list(actor, place, search)


def _list(actor: Actor, place: Place, search: Search) -> None:
    pages: list[tuple[Any, int] | None] = st.session_state[_PAGES]
    rows = pd.DataFrame()
    for after in pages:
        rows = _read(actor, place, search, after, _PAGE)
        for _, row in rows.iterrows():
            _card(actor, place, row)
    if rows.empty and pages == [None]:
        empty(t("library.none"))
    if len(rows) == _PAGE:
        last = project.position(rows.iloc[-1], search.order)
        st.button(t("library.more"), key="library_more", on_click=pages.append, args=(last,))


def _read(
    actor: Actor, place: Place, search: Search, after: tuple[Any, int] | None, limit: int
) -> pd.DataFrame:
    return read(
        project.library,
        actor,
        area_id=place.area_id,
        day=today(),
        states=search.states,
        wanted=search.wanted,
        order=search.order,
        after=after,
        limit=limit,
    )


def _take_away(actor: Actor, place: Place, search: Search) -> None:
    """All that match as a file; they are read only when somebody asks for it."""
    box = st.popover(
        t("library.take_away"),
        icon=":material/download:",
        key="library_export",
        on_change="rerun",
    )
    if not box.open:
        return
    rows = _read(actor, place, search, None, _EXPORTED)
    table = pd.DataFrame(
        {
            t("field.title"): rows["title"],
            t("field.kind"): [called(ServiceKind(one)) for one in rows["kind"]],
            t("field.beneficiary"): [called(Beneficiary(one)) for one in rows["beneficiary"]],
            t("field.entry"): [called(Entry(one)) for one in rows["entry"]],
            t("field.brings"): [called(Bringing(one)) for one in rows["brings"]],
            t("column.area"): [
                name_of(zh, en) for zh, en in zip(rows["area_zh"], rows["area_en"], strict=True)
            ],
            t("field.place"): rows["place"],
            t("field.first_day"): rows["first_day"],
            t("field.last_day"): rows["last_day"],
            t("field.capacity"): rows["capacity"],
            t("library.free_column"): rows["capacity"] - rows["taken"],
            t("field.skills"): [_listed(one) for one in rows["skills"]],
            t("column.state"): [called(ProjectState(one)) for one in rows["state"]],
        }
    )
    with box:
        st.caption(t("library.taken_away", n=len(table)))
        download("library", t("screen.library"), table)


def _card(actor: Actor, place: Place, row: pd.Series) -> None:
    number = int(row["project_id"])
    with st.container(border=True, key=f"card_project_{number}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.html(_summary(row))
        with right:
            if row["state"] == ProjectState.PUBLISHED:
                _claim(actor, row)
            if row["editable"]:
                _look_after(actor, place, row)
            key = f"project_history_{number}"
            history.steps_box(
                actor, project.steps, PROJECT_STATE_STATUS, key=key, project_id=number
            )


def _summary(row: pd.Series) -> str:
    state = ProjectState(row["state"])
    free = int(row["capacity"]) - int(row["taken"])
    if state is not ProjectState.PUBLISHED:
        status = status_html(PROJECT_STATE_STATUS[state], word(state, language()))
    elif row["own"]:
        status = status_html(StatusToken.DONE, t("library.own"))
    elif free > 0:
        status = status_html(StatusToken.PROGRESS, t("library.free", n=free))
    else:
        status = status_html(StatusToken.NEUTRAL, t("library.full"))
    days = t(
        "list.days",
        first=formats.day(row["first_day"], language()),
        last=formats.day(row["last_day"], language()),
    )
    facts = [
        days,
        *([formats.clock_span(row["starts_at"], row["ends_at"])] if row["starts_at"] else []),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
        called(Beneficiary(row["beneficiary"])),
        *([t("library.away", n=f"{row['distance_m']:,.0f}")] if row["distance_m"] > 0 else []),
        *([t("field.micro_wish")] if row["micro_wish"] else []),
    ]
    more = [
        called(ServiceKind(row["kind"])),
        f"{called(Entry(row['entry']))}{t('library.and')}{called(Bringing(row['brings']))}",
        t(
            "library.places",
            taken=int(row["taken"]),
            n=int(row["capacity"]),
            confirmed=int(row["confirmed"]),
        ),
        *([t("library.waiting", n=int(row["waiting"]))] if row["waiting"] else []),
        *([t("library.skills", skills=_listed(row["skills"]))] if row["skills"] else []),
        *([t("library.collective")] if row["collective"] else []),
    ]
    words = f"<em>{escaped(row['words'])}</em>" if row["words"] else ""
    last = f"<small>{escaped(' · '.join(more))}</small>"
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["title"])}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p>{words}{last}</div>"
    )


def _claim(actor: Actor, row: pd.Series) -> None:
    """A place for oneself, and one for whoever the actor may act for."""
    if not actor.may(Permission.CLAIM_TAKE):
        return
    if claimant.for_others(actor) and st.button(
        t("claims.on_behalf"), width="stretch", key=f"claim_others_{row['project_id']}"
    ):
        _for_others(actor, row)
    if actor.person_id is None or row["own"] or row["collective"]:
        return
    number, full = int(row["project_id"]), _full(row)
    label = t("library.queue") if full else t("library.claim")
    with st.popover(label, width="stretch", key=f"claim_box_{number}"):
        day = _promised_day(row, f"claim_day_{number}")
        form = f"claim_{number}"
        if st.button(label, type="primary", key=f"claim_{number}", width="stretch"):
            act.perform(
                claim_project,
                actor,
                done="library.queued" if full else "library.claimed",
                then=lambda: act.renew(form),
                project_id=number,
                claimant=Claimant(person_id=actor.person_id),
                promised_on=day,
                request_id=act.request_id(form),
                wait=full,
            )


@dialog("claims.on_behalf")
def _for_others(actor: Actor, row: pd.Series) -> None:
    number, full = int(row["project_id"]), _full(row)
    form = f"claim_others_{number}"
    st.html(_summary(row))
    who = claimant.choose(
        actor,
        area_id=int(row["area_id"]),
        key=f"{form}_{act.generation(form)}",
        collective=bool(row["collective"]),
    )
    day = _promised_day(row, f"{form}_day")
    label = t("library.queue") if full else t("library.claim")
    if st.button(label, type="primary", key=f"{form}_do", disabled=who is None):
        act.perform(
            claim_project,
            actor,
            done="claims.done_on_behalf",
            then=lambda: act.renew(form),
            project_id=number,
            claimant=who,
            promised_on=day,
            request_id=act.request_id(form),
            wait=full,
        )


def _listed(skills: Sequence[str]) -> str:
    return t("list.separator").join(called(Skill(skill)) for skill in skills)


def _full(row: pd.Series) -> bool:
    return int(row["taken"]) >= int(row["capacity"])


def _promised_day(row: pd.Series, key: str) -> date:
    first = max(row["first_day"], today())
    chosen = st.date_input(
        t("field.promised_on"),
        value=first,
        min_value=first,
        max_value=max(first, row["last_day"]),
        format="YYYY-MM-DD",
        key=key,
    )
    return chosen if isinstance(chosen, date) else first


def _look_after(actor: Actor, place: Place, row: pd.Series) -> None:
    number, version, state = (
        int(row["project_id"]),
        int(row["version"]),
        ProjectState(row["state"]),
    )
    values: dict[str, Any] = {"project_id": number, "version": version}
    if state is ProjectState.DRAFT and st.button(
        word(ProjectAction.PUBLISH, language()), key=f"publish_{number}", width="stretch"
    ):
        act.perform(publish_project, actor, done="library.published", **values)
    if state is ProjectState.DRAFT and st.button(
        word(ProjectAction.EDIT, language()), key=f"edit_{number}", width="stretch"
    ):
        project_form.edit(actor, place, number)
    if state not in (ProjectState.DRAFT, ProjectState.PUBLISHED):
        return
    with st.popover(t("library.look_after"), width="stretch", key=f"project_box_{number}"):
        for _, one in read(claim.of_project, actor, project_id=number, day=today()).iterrows():
            name = name_of(one["claimant_zh"], one["claimant_en"])
            st.html(
                f'<div class="gv-row">{my_claims.status_of(one)}<div><b>{escaped(name)}</b></div>'
                f"<em>{escaped(formats.day(one['promised_on'], language()))}</em></div>"
            )
        public_codes.of_project(actor, number)
        if state is ProjectState.PUBLISHED and st.button(
            word(ProjectAction.CLOSE, language()), key=f"close_{number}"
        ):
            act.perform(close_project, actor, done="library.closed", **values)
        reason = st.text_area(
            t("field.reason"),
            key=f"withdraw_reason_{number}",
            placeholder=t("library.withdraw_hint"),
        )
        if st.button(word(ProjectAction.WITHDRAW, language()), key=f"withdraw_{number}"):
            act.perform(withdraw_project, actor, done="library.withdrawn", reason=reason, **values)
