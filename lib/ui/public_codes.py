"""Codes on paper as a card: how many areas have one, make the others, print, renew one."""

import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.public_codes import HANDED_OUT_BY, address_of
from lib.domain.vocab import CodeFor
from lib.i18n import formats
from lib.queries import public_codes
from lib.services.public_codes import issue_codes, issue_project_code, renew_code
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title
from lib.ui.place import Place
from lib.ui.session import name_of, t


def card(actor: Actor, place: Place, purpose: CodeFor) -> None:
    """The codes of the place's areas; nothing for who may not hand them out there."""
    if place.area_id is None or not actor.may(HANDED_OUT_BY[purpose]):
        return
    rows = read(public_codes.codes, actor, purpose=purpose, area_id=place.area_id)
    if rows.empty:
        return
    made = rows[rows["code"].notna()]
    with st.container(border=True, key=f"card_codes_{purpose}"):
        card_title(t("sheet.title"), formats.count(len(made)))
        with st.container(horizontal=True, key=f"codes_{purpose}"):
            if len(made) < len(rows) and st.button(
                t("sheet.issue", n=len(rows) - len(made)),
                icon=":material/qr_code_2:",
                key=f"codes_issue_{purpose}",
            ):
                act.perform(
                    issue_codes,
                    actor,
                    done="sheet.issued",
                    purpose=purpose,
                    area_id=place.area_id,
                )
            if len(made):
                st.link_button(
                    t("sheet.open"),
                    f"/sheet/{purpose}?area={place.area_id}",
                    icon=":material/print:",
                )
        if len(made):
            names = zip(made["area_zh"], made["area_en"], strict=True)
            numbers = made["code_id"].astype(int)
            _renew(actor, purpose, dict(zip(numbers, (name_of(*n) for n in names), strict=True)))


def _renew(actor: Actor, purpose: CodeFor, areas: dict[int, str]) -> None:
    with st.popover(t("sheet.renew"), key=f"codes_renew_{purpose}"):
        st.caption(t("sheet.renew_note"))
        code_id = st.selectbox(
            t("field.area_id"),
            list(areas),
            format_func=areas.__getitem__,
            key=f"codes_which_{purpose}",
        )
        if st.button(t("sheet.renew_do"), key=f"codes_renew_do_{purpose}"):
            act.perform(renew_code, actor, done="sheet.renewed", code_id=code_id)


def of_project(actor: Actor, project_id: int) -> None:
    """The code that hangs where a project is served: made here, shown as a page to print."""
    code = read(public_codes.project_code, actor, project_id=project_id)
    if code is None:
        if st.button(t("codes.make_place"), key=f"place_code_{project_id}"):
            act.perform(issue_project_code, actor, done="sheet.issued", project_id=project_id)
        return
    st.link_button(
        t("codes.sheet_place"),
        f"/sheet/{CodeFor.SERVICE}?project={project_id}",
        icon=":material/print:",
        help=address_of(CodeFor.SERVICE, code),
    )
