"""The service menu (服务菜单) on a unit's card: what it offers, and for its keepers a line more.

The card itself, and who may open it, is `lib.ui.unit_card`'s.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceKind
from lib.i18n import formats
from lib.queries import areas, units
from lib.services.unit_offers import OfferEntry, add_offer, end_offer, resume_offer
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import read
from lib.ui.page import card_title, escaped
from lib.ui.session import called, language, name_of, t

_FORM = "unit_offer"


def menu(actor: Actor, unit: pd.Series) -> None:
    """The unit's offers; who looks after the unit adds one, ends one or puts it back."""
    editable = bool(unit["editable"]) and pd.isna(unit["closed_on"])
    rows = read(units.offers, actor, unit_id=int(unit["unit_id"]), ended=editable)
    if rows.empty and not editable:
        return
    card_title(t("offer.menu"))
    if rows.empty:
        st.caption(t("offer.none"))
    for _, row in rows.iterrows():
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(_line(row))
        if editable:
            with right:
                _end_or_resume(actor, row)
    if editable:
        with st.popover(t("offer.add"), key="offer_box"):
            _form(actor, unit)


def _line(row: pd.Series) -> str:
    until = row["last_day"]
    first = formats.day(row["first_day"], language())
    facts = [
        called(ServiceKind(row["kind"])),
        name_of(row["area_zh"], row["area_en"]),
        t("offer.capacity", n=int(row["capacity"])),
        t("offer.from", day=first)
        if pd.isna(until)
        else t("list.days", first=first, last=formats.day(until, language())),
    ]
    words = escaped(row["words"])
    if pd.notna(row["ended_on"]):
        words = f"<s>{words}</s>"
    return (
        f'<div class="gv-record"><b>{words}</b><small> {escaped(" · ".join(facts))}</small></div>'
    )


def _end_or_resume(actor: Actor, row: pd.Series) -> None:
    number, version = int(row["offer_id"]), int(row["version"])
    ended = pd.notna(row["ended_on"])
    if st.button(t("offer.resume" if ended else "offer.end"), key=f"offer_{number}"):
        act.perform(
            resume_offer if ended else end_offer,
            actor,
            done="offer.resumed" if ended else "offer.ended",
            offer_id=number,
            version=version,
        )


def _form(actor: Actor, unit: pd.Series) -> None:
    start = {"area_id": int(unit["area_id"]), "first_day": today()}
    fields = Fields(f"{_FORM}_{act.generation(_FORM)}", start)
    words = fields.text(st.container(), "menu_words", t("offer.hint"))
    left, right = st.columns(2)
    kind = fields.choice(left, "kind", ServiceKind, ServiceKind.LECTURE)
    capacity = fields.whole(right, "capacity", default=10)
    area_id = fields.area(st.container(), read(areas.painted, actor, root_id=None))
    left, right = st.columns(2)
    first_day = fields.day(left, "first_day")
    last_day = fields.any_day(right, "last_day")
    if st.button(t("offer.save"), type="primary", key=f"{fields.key}_save"):
        if area_id is None:
            st.error(t("record.choose_area"), icon=":material/error:")
            return
        act.perform(
            add_offer,
            actor,
            done="offer.saved",
            then=lambda: act.renew(_FORM),
            unit_id=int(unit["unit_id"]),
            entry=OfferEntry(kind, words, area_id, first_day, capacity, last_day),
            request_id=act.request_id(_FORM),
        )
