"""Bringing in communities and grids by name: paste a list or choose a file, look, add."""

import html

import pandas as pd
import streamlit as st

from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.domain.place_list import LineProblem, PlaceList
from lib.domain.vocab import StatusToken
from lib.exchange.place_list import read_file, read_text
from lib.exchange.tables import UPLOAD_MAX_MB
from lib.i18n.glossary import problem_sentence
from lib.queries.setup import streets
from lib.services.place_lists import PlacesReport, add_places
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import status_html, uploader_words
from lib.ui.session import language, name_of, plain, t

_FORM = "place_list"
_TOLD = 20


def form(actor: Actor) -> None:
    """Choose the street if there are several, give the list, see what it adds, add it."""
    rows = read(streets, actor)
    if rows.empty:
        st.caption(t("placelist.no_street"))
        return
    names = {int(row.area_id): name_of(row.name_zh, row.name_en) for row in rows.itertuples()}
    street_id = next(iter(names))
    if len(names) > 1:
        street_id = st.selectbox(
            t("placelist.street"),
            list(names),
            format_func=lambda number: names[number],
            key="place_list_street",
        )
    with st.container(key="place_list_box"):
        listed = _given()
    if listed is not None and (listed.places or listed.problems):
        _offer(actor, street_id, listed)


def _given() -> PlaceList | None:
    """The list as pasted or chosen; None while there is nothing, or it cannot be read."""
    number = act.generation(_FORM)
    text = st.text_area(
        t("placelist.paste"),
        placeholder=t("placelist.example"),
        help=t("placelist.help"),
        key=f"place_list_text_{number}",
        height=150,
    )
    file = st.file_uploader(
        t("placelist.file"), type=["xlsx", "csv", "txt"], key=f"place_list_file_{number}"
    )
    uploader_words("place_list_box", UPLOAD_MAX_MB)
    try:
        if file is not None:
            return read_file(file, file.name)
        return read_text(text) if text.strip() else None
    except Refusal as refusal:
        act.show_refusal(refusal)
        return None


def _offer(actor: Actor, street_id: int, listed: PlaceList) -> None:
    """What the list would add and what will not do, and the button."""
    try:
        report = add_places(actor, street_id=street_id, places=listed.places, dry_run=True)
    except Refusal as refusal:
        act.show_refusal(refusal)
        return
    problems = sorted((*listed.problems, *report.problems), key=lambda one: one.line)
    new = len(report.communities) + len(report.grids)
    counts = (
        (StatusToken.DONE, "new_communities", len(report.communities)),
        (StatusToken.DONE, "new_grids", len(report.grids)),
        (StatusToken.NEUTRAL, "known", report.known),
        (StatusToken.NEUTRAL, "repeated", listed.repeated),
        (StatusToken.OVERDUE, "wrong", len(problems)),
    )
    told = "　".join(
        status_html(status, t(f"placelist.{name}", n=n))
        for status, name, n in counts
        if n or name.startswith("new")
    )
    st.html(f'<div class="gv-line">{told}</div>')
    _problems(problems)
    _preview(report)
    if st.button(
        t("placelist.do", n=new),
        type="primary",
        key="place_list_do",
        disabled=bool(problems) or not new,
    ):

        def bring() -> None:
            done = add_places(actor, street_id=street_id, places=listed.places)
            if not done.written:
                raise Refusal("refusal.changed_meanwhile")

        act.perform(
            bring, done="placelist.done", done_values={"n": new}, then=lambda: act.renew(_FORM)
        )


def _problems(problems: list[LineProblem]) -> None:
    if not problems:
        return
    lines = [
        t("placelist.line", n=one.line, problem=problem_sentence(one.problem, language()))
        for one in problems[:_TOLD]
    ]
    if len(problems) > _TOLD:
        lines.append(t("placelist.more", n=len(problems) - _TOLD))
    st.error("\n".join(f"- {plain(one)}" for one in lines), icon=":material/error:")


def _preview(report: PlacesReport) -> None:
    """The names that would be added, a line for each community."""
    grids: dict[str, list[str]] = {name: [] for name in report.communities}
    for community, grid in report.grids:
        grids.setdefault(community, []).append(grid)
    if not grids:
        return
    table = pd.DataFrame(
        {
            t("field.community_name"): list(grids),
            t("placelist.is_new"): [
                t("placelist.yes") if name in report.communities else "" for name in grids
            ],
            t("field.grid_name"): [t("list.separator").join(names) for names in grids.values()],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="place_list_preview",
        height=min(300, 42 + 36 * len(table)),
        alt=html.escape(t("placelist.preview", n=len(table))),
    )
