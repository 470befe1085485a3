"""Suggestions on the screen: where helpers are lacking, who could help, and a proposal for all.

Everything here is suggested; a person decides, and what is decided is an ordinary claim.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.matching import OPEN_CLAIMS_MAX, Offering, Reason, Wanted
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import DayPart, ServiceKind, StatusToken
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import matching
from lib.services.claim import Claimant, claim_project
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title, download, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t
from lib.ui.tables import choose_row, newly

_SHOWN, _TIMES = 10, 2
_CELL, _VIEW = "match_cell", "match_view"


class View(StrEnum):
    """The three views of the screen, in the order in which they are used."""

    GAPS = "gaps"
    HELPERS = "helpers"
    PROPOSAL = "proposal"


def screen(actor: Actor, place: Place) -> None:
    """The switch between the views, and the one chosen."""
    if st.session_state.pop("match_go", False):
        st.session_state[_VIEW] = View.HELPERS
    view = st.segmented_control(
        t("match.view"),
        list(View),
        default=View.GAPS,
        format_func=lambda one: t(f"match.view_{one}"),
        key=_VIEW,
        required=True,
        label_visibility="collapsed",
    )
    if view == View.HELPERS:
        _helpers(actor, place)
    elif view == View.PROPOSAL:
        _proposal(actor, place)
    else:
        _gaps(actor, place)


def _gaps(actor: Actor, place: Place) -> None:
    """Kinds and areas in which more is needed than offered; a row leads to its needs."""
    rows = read(matching.gaps, actor, area_id=place.area_id, day=today())
    lacking = rows[rows["needs"] > rows["offers"]]
    with st.container(border=True, key="card_gaps"):
        card_title(t("match.gaps"), t("match.gaps_note", n=len(lacking)))
        everything = st.toggle(t("match.all_cells", n=len(rows)), key="match_all")
        shown = rows if everything else lacking
        if shown.empty:
            empty(t("match.no_gap" if len(rows) else "match.nothing_open"), good=True)
            return
        table = pd.DataFrame(
            {
                t("column.area"): _names(shown, "area_zh", "area_en"),
                t("field.kind"): [called(ServiceKind(kind)) for kind in shown["kind"]],
                t("match.needs"): shown["needs"].tolist(),
                t("match.offers"): shown["offers"].tolist(),
                t("match.said"): [
                    t("match.cell", needs=t("match.n_needs", n=n), offers=t("match.n_offers", n=m))
                    for n, m in zip(shown["needs"], shown["offers"], strict=True)
                ],
            }
        )
        alt = t("match.gaps_note", n=len(lacking))
        picked = choose_row(table, key="match_gaps", alt=alt, height=460)
        st.caption(t("match.gaps_formula"))
        download("gaps", t("match.gaps"), table)
    if newly("match_gap_row", picked) and picked is not None:
        cell = shown.iloc[picked]
        st.session_state[_CELL] = (int(cell["area_id"]), str(cell["kind"]))
        st.session_state["match_go"] = True
        st.rerun()


def _helpers(actor: Actor, place: Place) -> None:
    """What is open, whom fewest suit first, each with who could help."""
    area_id, kind = st.session_state.get(_CELL, (None, None))
    rows = read(matching.openings, actor, area_id=area_id or place.area_id, day=today(), kind=kind)
    if kind is not None:
        rows = rows[rows["area_id"] == area_id]
        _chip(rows, kind)
    if rows.empty:
        empty(t("match.nothing_open"), good=True)
        return
    shown = rows.head(int(st.session_state.get("match_shown", _SHOWN)))
    wanted = tuple(
        (Wanted(what), int(number))
        for what, number in zip(shown["wanted"], shown["number"], strict=True)
    )
    found = read(
        matching.suggestions,
        actor,
        area_id=area_id or place.area_id,
        day=today(),
        wanted=wanted,
    )
    for _, row in shown.iterrows():
        own = found[(found["wanted"] == row["wanted"]) & (found["number"] == row["number"])]
        _opening(actor, row, own)
    if len(rows) > len(shown):

        def more() -> None:
            st.session_state["match_shown"] = len(shown) + _SHOWN

        st.button(t("library.more"), key="match_more", on_click=more)


def _chip(rows: pd.DataFrame, kind: str) -> None:
    """What the list is narrowed to by a gap that was chosen, and the way back to all of it."""

    def all_again() -> None:
        st.session_state.pop(_CELL, None)

    where = name_of(rows.iloc[0]["area_zh"], rows.iloc[0]["area_en"]) if len(rows) else ""
    words = " · ".join(one for one in (where, called(ServiceKind(kind))) if one)
    with st.container(horizontal=True, vertical_alignment="center", key="match_of"):
        st.html(f'<span class="gv-chip">{escaped(words)}</span>', width="content")
        st.button(t("match.all"), key="match_all_again", type="tertiary", on_click=all_again)


def _opening(actor: Actor, row: pd.Series, found: pd.DataFrame) -> None:
    key = f"{row['wanted']}_{row['number']}"
    with st.container(border=True, key=f"card_match_{key}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(_summary(row) + _suggested(found))
        with right:
            if row["wanted"] == Wanted.NEED:
                link(actor, "needs", t("match.answer"), area=str(row["area_code"]))
            elif len(found) and actor.may(Permission.CLAIM_TAKE):
                _on_behalf(actor, row, found, key)


def _summary(row: pd.Series) -> str:
    suited = int(row["suited"])
    status = status_html(
        StatusToken.PROGRESS if suited else StatusToken.OVERDUE, t("match.suited", n=suited)
    )
    facts = [
        t(f"Wanted.{row['wanted']}"),
        called(ServiceKind(row["kind"])),
        name_of(row["area_zh"], row["area_en"]),
    ]
    if row["wanted"] == Wanted.PROJECT:
        facts.append(t("match.places", n=int(row["places"])))
        days = (formats.day(row[name], language()) for name in ("first_day", "last_day"))
        facts.append(t("list.days", first=next(days), last=next(days)))
    elif pd.notna(row["first_day"]):
        facts.append(t("needs.wished", day=formats.day(row["first_day"], language())))
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(row["title"])}{status}</div>'
        f"<p>{escaped(' · '.join(facts))}</p></div>"
    )


def _suggested(found: pd.DataFrame) -> str:
    """Persons, teams and units under their headings, each with its reasons."""
    parts = []
    for offering in Offering:
        own = found[found["offering"] == offering]
        if own.empty:
            continue
        lines = "".join(
            f"<li><b>{escaped(name_of(row['name_zh'], row['name_en']))}</b>"
            f" {escaped(why(row['reasons']))}</li>"
            for _, row in own.iterrows()
        )
        parts.append(f"<small>{escaped(t(f'Offering.{offering}'))}</small><ul>{lines}</ul>")
    return f'<div class="gv-match">{"".join(parts)}</div>' if parts else ""


def _on_behalf(actor: Actor, row: pd.Series, found: pd.DataFrame, key: str) -> None:
    """A claim for somebody suggested, once they have said yes."""
    who = [
        (Offering(offering), int(number))
        for offering, number in zip(found["offering"], found["claimant_id"], strict=True)
    ]
    named = dict(zip(who, _names(found, "name_zh", "name_en"), strict=True))
    with st.popover(t("match.claim_for"), width="stretch", key=f"match_box_{key}"):
        st.caption(t("match.claim_note"))
        chosen = st.selectbox(
            t("field.claimant"),
            who,
            index=None,
            format_func=lambda one: named[one],
            key=f"match_who_{key}",
        )
        first, last = max(row["first_day"], today()), row["last_day"]
        day = st.date_input(
            t("field.promised_on"),
            value=first,
            min_value=first,
            max_value=last,
            format="YYYY-MM-DD",
            key=f"match_day_{key}",
        )
        pressed = st.button(t("match.claim_do"), key=f"match_do_{key}")
        if pressed and chosen and isinstance(day, date):
            form = f"match_{key}"
            act.perform(
                claim_project,
                actor,
                done="match.claimed",
                then=lambda: act.renew(form),
                project_id=int(row["number"]),
                claimant=_claimant(*chosen),
                promised_on=day,
                request_id=act.request_id(form),
            )


def _claimant(offering: Offering, number: int) -> Claimant:
    if offering is Offering.PERSON:
        return Claimant(person_id=number)
    if offering is Offering.TEAM:
        return Claimant(team_id=number)
    return Claimant(organisation_id=number)


def _proposal(actor: Actor, place: Place) -> None:
    """One volunteer for as many places as can be filled, to be taken away and talked over."""
    rows = read(matching.proposal, actor, area_id=place.area_id, day=today())
    there = read(matching.openings, actor, area_id=place.area_id, day=today())
    places = int(there["places"].sum())
    with st.container(border=True, key="card_proposal"):
        card_title(t("match.proposal"), t("match.filled", n=len(rows), places=places))
        if rows.empty:
            empty(t("match.no_proposal"))
            return
        table = pd.DataFrame(
            {
                t("match.wanted"): rows["title"],
                t("match.what"): [t(f"Wanted.{one}") for one in rows["wanted"]],
                t("field.kind"): [called(ServiceKind(kind)) for kind in rows["kind"]],
                t("column.area"): _names(rows, "area_zh", "area_en"),
                t("match.volunteer"): rows["name"],
                t("match.why"): [why(reasons) for reasons in rows["reasons"]],
            }
        )
        st.dataframe(table, hide_index=True, key="match_proposal", height=460)
        st.caption(t("match.proposal_formula", n=OPEN_CLAIMS_MAX))
        download("proposal", t("match.proposal"), table)


def mine(actor: Actor) -> None:
    """The projects that suit this actor best, on a page of their own claims."""
    rows = read(matching.for_me, actor, day=today())
    if actor.person_id is None or rows.empty:
        return
    with st.container(border=True, key="card_match_mine"):
        card_title(t("match.for_you"), t("match.for_you_note"))
        lines = "".join(
            f"<li><b>{escaped(row['title'])}</b>"
            f" {escaped(called(ServiceKind(row['kind'])))} ·"
            f" {escaped(name_of(row['area_zh'], row['area_en']))}"
            f"<small>{escaped(why(row['reasons']))}</small></li>"
            for _, row in rows.iterrows()
        )
        st.html(f'<div class="gv-match"><ul>{lines}</ul></div>')
        link(actor, "library", t("screen.library"))


def why(reasons: Iterable[Reason]) -> str:
    """Reasons in words, one after the other."""
    return t("match.separator").join(_said(one) for one in reasons)


def _said(reason: Reason) -> str:
    values: dict[str, Any] = dict(reason.values)
    if "skills" in values:
        values["skills"] = _joined(word(skill, language()) for skill in values["skills"])
    if "kind" in values:
        values["kind"] = called(ServiceKind(str(values["kind"])))
    if "times" in values:
        values["times"] = _times(values["times"])
    if "day" in values:
        values["day"] = formats.day(values["day"], language())
    return t(f"match.{reason.code}", **values)


def _times(times: tuple[tuple[int, DayPart], ...]) -> str:
    days, parts = t("match.weekdays").split(), t("match.parts").split()
    named = [
        t("match.time", day=days[weekday], part=parts[list(DayPart).index(part)])
        for weekday, part in times
    ]
    return _joined(named[:_TIMES]) + (t("match.times_more") if len(named) > _TIMES else "")


def _joined(words: Iterable[str]) -> str:
    return t("list.separator").join(words)


def _names(rows: pd.DataFrame, zh: str, en: str) -> list[str]:
    return [name_of(one, other) for one, other in zip(rows[zh], rows[en], strict=True)]
