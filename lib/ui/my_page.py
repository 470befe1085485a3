"""What a volunteer sees of themselves: a card to show, hours apart by trust, what comes next.

Made for a phone. Nobody is ranked here or anywhere: hours stand beside nobody else's.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.certificates import volunteer_number
from lib.domain.permissions import Actor
from lib.domain.stars import STARS, missing, stars
from lib.domain.vocab import ClaimState, ServiceKind, ServiceState, Skill, Trust
from lib.domain.workflow import SERVICE_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import check_in, claim, volunteer
from lib.ui import certificates, check_in_form, corrections
from lib.ui.live import read
from lib.ui.my_claims import status_of
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.session import called, language, local, name_of, t

_AT_ONCE = 10
_NEXT = 5
_TO_KEEP = frozenset({ClaimState.ACTIVE, ClaimState.IN_SERVICE, ClaimState.WAITING})
_COUNTED = (Trust.CONFIRMED, Trust.CERTIFIED)


def everything(actor: Actor) -> None:
    """The whole page; an account behind which nobody stands is told so."""
    found = read(volunteer.oneself, actor)
    if found.empty:
        empty(t("mine.nobody"))
        return
    hours = read(volunteer.hours, actor)
    left, right = st.columns([1, 1.6], gap="small")
    with left:
        _card(found.iloc[0], hours)
        _hours(hours)
        _teams(actor)
        _offers(actor, int(found.iloc[0]["person_id"]))
    with right:
        _next(actor)
        _took_part(actor)
        certificates.own(actor)
        corrections.own(actor)


def _card(me: pd.Series, hours: pd.DataFrame) -> None:
    """The card to show on a phone: name, number and stars, and nothing else."""
    minutes = _minutes(hours, *_COUNTED)
    levels = local().star_levels
    earned, left = stars(minutes, levels), missing(minutes, levels)
    more = t("mine.to_next", n=formats.hours(left)) if left is not None else t("mine.all_stars")
    drawn = "★" * earned + "☆" * (STARS - earned)
    with st.container(border=True, key="card_volunteer"):
        st.html(
            '<div class="gv-pass">'
            f"<small>{escaped(t('mine.card'))}</small><b>{escaped(me['name'])}</b>"
            f"<span>{escaped(volunteer_number(int(me['person_id'])))}</span>"
            f'<i role="img" aria-label="{escaped(t("mine.stars", n=earned))}">{drawn}</i>'
            f"<em>{escaped(name_of(me['area_zh'], me['area_en']))}</em></div>"
        )
        st.caption(f"{t('mine.stars', n=earned)} · {more}")


def _minutes(hours: pd.DataFrame, *levels: Trust) -> int:
    return int(hours.loc[hours["trust"].isin(levels), "minutes"].sum())


def _hours(hours: pd.DataFrame) -> None:
    services = int(hours.loc[hours["trust"].isin(_COUNTED), "services"].sum())
    with st.container(border=True, key="card_my_hours"):
        card_title(t("mine.hours"), t("mine.hours_note"))
        st.metric(
            t("mine.confirmed", n=services),
            t("profile.n_hours", n=formats.hours(_minutes(hours, *_COUNTED))),
        )
        rows = "".join(
            f'<div class="gv-row two"><em>{escaped(word(trust, language()))}</em>'
            f'<div class="n">{escaped(t("profile.n_hours", n=formats.hours(spent)))}</div></div>'
            for trust in reversed(Trust)
            if (spent := _minutes(hours, trust))
        )
        if rows:
            st.html(rows)


def _teams(actor: Actor) -> None:
    rows = read(volunteer.teams, actor)
    if rows.empty:
        return
    with st.container(border=True, key="card_my_teams"):
        card_title(t("mine.teams"))
        since = [formats.day(day, language()) for day in rows["since"]]
        st.html(
            "".join(
                f'<div class="gv-row two"><b>{escaped(name_of(zh, en))}</b>'
                f"<em>{escaped(t('mine.since', day=day))}</em></div>"
                for zh, en, day in zip(rows["name_zh"], rows["name_en"], since, strict=True)
            )
        )


def _offers(actor: Actor, person_id: int) -> None:
    """What I can do, for the suggestions made to me."""
    offered = read(check_in.profile, actor, person_id=person_id)
    skills = [word(one, language()) for one in Skill if one in offered.skills]
    with st.container(border=True, key="card_my_offers"):
        card_title(t("checkin.profile"))
        if skills:
            st.caption(t("list.separator").join(skills))
        if st.button(t("checkin.profile_edit"), icon=":material/edit:", key="my_profile"):
            check_in_form.edit_profile(actor, person_id)


def _next(actor: Actor) -> None:
    """What is promised and still to be kept, the nearest day first."""
    rows = read(claim.mine, actor, day=today())
    rows = rows[(rows["claimant_kind"] == "person") & rows["state"].isin(_TO_KEEP)]
    with st.container(border=True, key="card_my_next"):
        card_title(t("mine.next"))
        if rows.empty:
            empty(t("mine.nothing_next"))
            link(actor, "library", t("claims.to_library"))
            return
        for _, row in rows.sort_values("promised_on").head(_NEXT).iterrows():
            st.html(
                f'<div class="gv-row day"><b>'
                f"{escaped(formats.short_day(row['promised_on'], language()))}</b>"
                f"<div><b>{escaped(row['title'])}</b>"
                f"<em>{escaped(name_of(row['area_zh'], row['area_en']))}</em></div>"
                f"{status_of(row)}</div>"
            )
        link(actor, "claims", t("mine.all_claims"))


def _took_part(actor: Actor) -> None:
    rows = read(volunteer.participations, actor)
    with st.container(border=True, key="card_my_parts"):
        card_title(t("mine.parts"))
        if rows.empty:
            empty(t("mine.no_parts"))
            return
        shown = int(st.session_state.get("my_parts_shown", _AT_ONCE))
        for _, row in rows.head(shown).iterrows():
            left, right = st.columns([4, 1.3], vertical_alignment="center")
            left.html(_part(row))
            with right:
                corrections.offer(
                    actor,
                    service_id=int(row["service_id"]),
                    state=ServiceState(row["state"]),
                    minutes=int(row["minutes"]),
                    asked=bool(row["asked"]),
                )

        def more() -> None:
            st.session_state["my_parts_shown"] = shown + _AT_ONCE

        if len(rows) > shown:
            st.button(t("library.more"), key="my_parts_more", on_click=more)


def _part(row: pd.Series) -> str:
    state, trust = ServiceState(row["state"]), Trust(row["trust"])
    words = word(trust, language()) if trust in _COUNTED else word(state, language())
    facts = (
        formats.day(row["day"], language()),
        name_of(row["area_zh"], row["area_en"]),
        t("profile.n_hours", n=formats.hours(row["minutes"])),
    )
    return (
        f'<div class="gv-record"><div class="gv-t">{escaped(called(ServiceKind(row["kind"])))}'
        f"{status_html(SERVICE_STATE_STATUS[state], words)}</div>"
        f"<p>{escaped(' · '.join(facts))}</p></div>"
    )
