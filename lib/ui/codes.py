"""Codes on paper from the screen: make those that lack, open the sheet to print, renew one.

What they open stands in `lib.web`; who hands them out in `lib.domain.public_codes`.
"""

import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.public_codes import HANDED_OUT_BY, address_of
from lib.domain.vocab import CodeFor
from lib.queries import public_codes
from lib.services.public_codes import issue_codes, issue_project_code, renew_code
from lib.ui import act
from lib.ui.live import read
from lib.ui.place import Place
from lib.ui.session import name_of, t


def box(actor: Actor, place: Place, purpose: CodeFor) -> None:
    """The popover with the codes of the place, for whoever hands them out there."""
    if place.area_id is None or not actor.may(HANDED_OUT_BY[purpose]):
        return
    with st.popover(t("codes.box"), icon=":material/qr_code_2:", key=f"codes_{purpose}"):
        st.caption(t("codes.note"))
        rows = read(public_codes.codes, actor, purpose=purpose, area_id=place.area_id)
        made = rows[rows["code"].notna()]
        lacking = len(rows) - len(made)
        if lacking and st.button(t("codes.make", n=lacking), key=f"codes_make_{purpose}"):
            act.perform(
                issue_codes, actor, done="codes.made", purpose=purpose, area_id=place.area_id
            )
        if made.empty:
            return
        st.link_button(
            t("codes.sheet", n=len(made)),
            f"/sheet/{purpose}?area={place.area_id}",
            icon=":material/print:",
        )
        names = {
            int(row.code_id): " ".join(
                (name_of(row.above_zh or "", row.above_en), name_of(row.area_zh, row.area_en))
            )
            for row in made.itertuples()
        }
        chosen = st.selectbox(
            t("codes.renew_which"),
            list(names),
            index=None,
            format_func=lambda number: names[number],
            key=f"codes_which_{purpose}",
        )
        if chosen is not None and st.button(t("codes.renew"), key=f"codes_renew_{purpose}"):
            act.perform(renew_code, actor, done="codes.renewed", code_id=chosen)


def of_project(actor: Actor, project_id: int) -> None:
    """The code that hangs where a project is served: made here, shown as a page to print."""
    code = read(public_codes.project_code, actor, project_id=project_id)
    if code is None:
        if st.button(t("codes.make_place"), key=f"place_code_{project_id}"):
            act.perform(issue_project_code, actor, done="codes.made", project_id=project_id)
        return
    st.link_button(
        t("codes.sheet_place"),
        f"/sheet/{CodeFor.SERVICE}?project={project_id}",
        icon=":material/print:",
        help=address_of(CodeFor.SERVICE, code),
    )
