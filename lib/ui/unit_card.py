"""Resident units on the screen: the card of one, the list, and the form to add or edit one."""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.masking import is_masked
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Net, UnitKind
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import areas, units
from lib.services.personal import reveal_contact
from lib.services.units import UnitEntry, add_unit, close_unit, edit_unit, reopen_unit
from lib.ui import act, reveal, unit_offers
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, download, empty, escaped
from lib.ui.place import Place, follow_click
from lib.ui.session import language, name_of, plain, t
from lib.ui.tables import choose_row, newly
from lib.visuals.maps import Clicked

_CHOSEN = "unit_id"


def follow_map(actor: Actor, clicked: Clicked | None) -> None:
    """Answer a click on the map: a unit opens its card, an area becomes the place."""
    if clicked is None:
        return
    if clicked.kind == "unit" and clicked.id.isdecimal():
        st.session_state[_CHOSEN] = int(clicked.id)
    else:
        st.session_state.pop(_CHOSEN, None)
        follow_click(actor, clicked.kind, clicked.id)


def show_chosen(actor: Actor) -> None:
    """The card of the unit last clicked or named in the URL; nothing when there is none."""
    asked = st.query_params.get("unit", "")
    if asked.isdecimal() and len(asked) < 16:
        st.session_state[_CHOSEN] = int(asked)
        del st.query_params["unit"]
    number = st.session_state.get(_CHOSEN)
    if number is None:
        return
    found = read(units.unit, actor, unit_id=number)
    if len(found):
        _card(actor, found.iloc[0])


def chosen_id() -> int | None:
    """The unit whose card is open."""
    number: int | None = st.session_state.get(_CHOSEN)
    return number


def _card(actor: Actor, unit: pd.Series) -> None:
    facts = [
        (t("field.kind"), word(UnitKind(unit["kind"]), language())),
        (t("field.net"), word(Net(unit["net"]), language())),
        (t("column.area"), name_of(unit["area_zh"], unit["area_en"])),
        (t("field.address"), unit["address"] or formats.UNKNOWN),
        (t("field.offers"), unit["offers"] or formats.UNKNOWN),
    ]
    if actor.may(Permission.UNIT_CONTACT):
        facts.append((t("unit.liaison"), f"{unit['liaison_name']} {unit['liaison_phone']}".strip()))
    cells = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts)
    with st.container(border=True, key="card_unit"):
        card_title(name_of(unit["name_zh"], unit["name_en"]), t("unit.one"))
        st.html(f'<dl class="gv-kv">{cells}</dl>')
        unit_offers.menu(actor, unit)
        with st.container(horizontal=True):
            if is_masked(unit["liaison_phone"]):
                reveal.offer(
                    actor, reveal_contact, t("field.liaison_phone"), unit_id=int(unit["unit_id"])
                )
            if bool(unit["editable"]):
                if st.button(t("unit.edit"), icon=":material/edit:", key="unit_edit"):
                    _edit(actor, int(unit["unit_id"]))
                _close_or_reopen(actor, unit)
            st.button(t("page.close"), key="unit_dismiss", type="tertiary", on_click=_dismiss)


def _close_or_reopen(actor: Actor, unit: pd.Series) -> None:
    unit_id, version = int(unit["unit_id"]), int(unit["version"])
    if pd.notna(unit["closed_on"]):
        if st.button(t("unit.reopen"), key="unit_reopen"):
            act.perform(reopen_unit, actor, done="unit.reopened", unit_id=unit_id, version=version)
        return
    with st.popover(t("unit.close"), key="unit_close_box"):
        st.write(plain(t("unit.close_ask", name=name_of(unit["name_zh"], unit["name_en"]))))
        if st.button(t("unit.close_do"), key="unit_close"):
            act.perform(
                close_unit,
                actor,
                done="unit.closed",
                then=_dismiss,
                unit_id=unit_id,
                version=version,
            )


def _dismiss() -> None:
    st.session_state.pop(_CHOSEN, None)


def add_here(actor: Actor, place: Place) -> None:
    """The button that opens the form for a new unit."""
    if _may_add(actor) and st.button(
        t("unit.add"), type="primary", icon=":material/add:", key="unit_add"
    ):
        _add(actor, place)


def listing(actor: Actor, place: Place) -> tuple[int, ...]:
    """The list with its search; returns the ids listed, for the map beside it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="unit_filters"):
        text = st.text_input(
            t("unit.search"),
            key="unit_text",
            placeholder=t("unit.search_hint"),
            label_visibility="collapsed",
            width=190,
        )
        kinds = st.multiselect(
            t("field.kind"),
            list(UnitKind),
            format_func=lambda k: word(k, language()),
            placeholder=t("unit.any_kind"),
            key="unit_kinds",
            label_visibility="collapsed",
            width=170,
        )
        closed = _may_add(actor) and st.toggle(t("unit.show_closed"), key="unit_closed")
    rows = read(
        units.listing,
        actor,
        area_id=place.area_id,
        text=text.strip(),
        kinds=tuple(kinds),
        closed=closed,
    )
    with st.container(border=True, key="card_unitlist"):
        card_title(t("unit.list"), t("profile.count_units", n=len(rows)))
        if rows.empty:
            filtered = bool(text.strip() or kinds)
            empty(t("unit.none_found" if filtered else "unit.none"))
        else:
            _table(rows)
    return tuple(int(n) for n in rows["unit_id"])


def _may_add(actor: Actor) -> bool:
    return actor.scope(Permission.UNIT_EDIT).has_area


def _table(rows: pd.DataFrame) -> None:
    table = pd.DataFrame(
        {
            t("column.unit"): [
                name_of(zh, en) for zh, en in zip(rows["name_zh"], rows["name_en"], strict=True)
            ],
            t("field.kind"): [word(UnitKind(k), language()) for k in rows["kind"]],
            t("column.area"): [
                name_of(zh, en) for zh, en in zip(rows["area_zh"], rows["area_en"], strict=True)
            ],
            t("field.offers"): rows["offers"],
        }
    )
    alt = t("profile.count_units", n=len(rows))
    picked = choose_row(table, key="units_table", alt=alt, height=420)
    download("units", t("unit.list"), table)
    number = None if picked is None else int(rows.iloc[picked]["unit_id"])
    if newly("unit_row", number):
        st.session_state[_CHOSEN] = number
        st.rerun()


@dialog("unit.add")
def _add(actor: Actor, place: Place) -> None:
    entry = _form(actor, f"unit_new_{act.generation('unit_new')}", place, None)
    if st.button(t("unit.save"), type="primary", key="unit_new_save") and entry is not None:
        act.perform(
            add_unit,
            actor,
            done="unit.added",
            then=lambda: act.renew("unit_new"),
            entry=entry,
            request_id=act.request_id("unit_new"),
        )


def _dismissed(actor: Actor, unit_id: int) -> None:
    _editing(actor, unit_id).forget()


@dialog("unit.edit", dismissed=_dismissed)
def _edit(actor: Actor, unit_id: int) -> None:
    editing = _editing(actor, unit_id)
    entry = _form(actor, editing.key, None, editing.loaded)
    if st.button(t("unit.save"), type="primary", key=f"{editing.form}_save") and entry is not None:
        editing.save(edit_unit, actor, done="unit.saved", unit_id=unit_id, entry=entry)
    editing.show_changed()


def _editing(actor: Actor, unit_id: int) -> Editing:
    leaves = read(areas.painted, actor, root_id=None)
    names = {int(row.area_id): name_of(row.name_zh, row.name_en) for row in leaves.itertuples()}
    return Editing(
        f"unit_{unit_id}",
        lambda: read(units.unit, actor, unit_id=unit_id).iloc[0].to_dict(),
        {"area_id": names},
    )


def _form(
    actor: Actor, key: str, place: Place | None, loaded: dict[str, Any] | None
) -> UnitEntry | None:
    here = {"area_id": place.area_id} if place and place.leaf else {}
    fields = Fields(key, loaded or here)
    leaves = read(areas.painted, actor, root_id=place.area_id if place else None)
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh")
    name_en = fields.text(right, "name_en", t("unit.optional"))
    left, right = st.columns(2)
    kind = fields.choice(left, "kind", UnitKind, UnitKind.SOCIAL_ORGANISATION)
    net = fields.choice(right, "net", Net, Net.COMPREHENSIVE)
    left, right = st.columns(2)
    area_id = fields.area(left, leaves)
    address = fields.text(right, "address")
    left, right = st.columns(2)
    lon, lat = fields.degrees(left, "lon"), fields.degrees(right, "lat")
    offers = fields.words(st.container(), "offers", t("unit.offers_hint"))
    left, right = st.columns(2)
    liaison_name = fields.text(left, "liaison_name")
    liaison_phone = fields.text(right, "liaison_phone")
    if area_id is None:
        st.caption(t("record.choose_area"))
        return None
    return UnitEntry(
        name_zh=name_zh,
        kind=kind,
        net=net,
        area_id=area_id,
        name_en=name_en,
        address=address,
        lon=lon,
        lat=lat,
        offers=offers,
        liaison_name=liaison_name,
        liaison_phone=liaison_phone,
    )
