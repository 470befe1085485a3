"""Estates and buildings on the screen: their lists and the forms that keep them."""

from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.i18n import formats
from lib.queries import areas, buildings
from lib.services.buildings import (
    BuildingEntry,
    EstateEntry,
    add_building,
    add_estate,
    edit_building,
    edit_estate,
    remove_building,
    remove_estate,
)
from lib.ui import act
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped
from lib.ui.place import Place
from lib.ui.session import name_of, plain, t
from lib.ui.tables import take_row

_HEIGHT, _SHORT = 420, 8


def cards(actor: Actor, place: Place) -> None:
    """Buildings and estates of the place; a chosen row opens its form."""
    _buildings(actor, place)
    _estates(actor, place)


def _buildings(actor: Actor, place: Place) -> None:
    rows = read(buildings.buildings, actor, area_id=place.area_id)
    with st.container(border=True, key="card_buildings"):
        households = formats.count(int(rows["households"].sum()))
        note = t("buildings.note", n=len(rows), households=households)
        card_title(t("buildings.title"), note)
        if place.leaf and st.button(t("buildings.add"), icon=":material/add:", key="building_add"):
            _add_building(actor, place)
        if rows.empty:
            empty(t("buildings.none"))
            return
        table = _table(rows).drop(columns=[t("column.area")] if place.leaf else [])
        picked = take_row(table, form="buildings_table", key=place.code, alt=note, height=_HEIGHT)
    asked = st.query_params.pop("building", "")
    if picked is not None:
        _edit_building(actor, int(rows.iloc[picked]["building_id"]))
    elif asked.isdecimal() and int(asked) in set(rows["building_id"]):
        _edit_building(actor, int(asked))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = zip(rows["estate_zh"], rows["estate_en"], strict=True)
    grids = zip(rows["area_zh"], rows["area_en"], strict=True)
    return pd.DataFrame(
        {
            t("field.label"): rows["label"],
            t("field.estate_id"): [name_of(zh, en) if zh else "" for zh, en in pairs],
            t("field.households"): rows["households"],
            t("structure.n_centres"): rows["centres"],
            t("field.counted_on"): rows["counted_on"],
            t("field.count_source"): rows["count_source"],
            t("column.area"): [name_of(zh, en) for zh, en in grids],
        }
    )


@dialog("buildings.add")
def _add_building(actor: Actor, place: Place) -> None:
    form = "building_new"
    key = f"{form}_{act.generation(form)}"
    entry = _building_form(actor, Fields(key, {"area_id": place.area_id}))
    if st.button(t("unit.save"), type="primary", key=f"{form}_save") and entry is not None:
        act.perform(
            add_building,
            actor,
            done="buildings.added",
            then=lambda: act.renew(form),
            entry=entry,
            request_id=act.request_id(form),
        )


def _dismissed(actor: Actor, number: int) -> None:
    _editing(actor, number).forget()


@dialog("buildings.edit", dismissed=_dismissed)
def _edit_building(actor: Actor, number: int) -> None:
    editing = _editing(actor, number)
    entry = _building_form(actor, Fields(editing.key, editing.loaded))
    with st.container(horizontal=True):
        save = st.button(t("unit.save"), type="primary", key=f"{editing.form}_save")
        name = str(editing.loaded["label"])
        with st.popover(t("buildings.remove"), key=f"{editing.form}_remove_box"):
            st.write(plain(t("buildings.remove_ask", name=name)))
            remove = st.button(t("buildings.remove_do"), key=f"{editing.form}_remove")
    if save and entry is not None:
        editing.save(edit_building, actor, done="buildings.saved", building_id=number, entry=entry)
    if remove:
        editing.save(remove_building, actor, done="buildings.removed", building_id=number)
    editing.show_changed()


def _editing(actor: Actor, number: int) -> Editing:
    def fetch() -> dict[str, Any]:
        rows = read(buildings.buildings, actor, area_id=None)
        return dict(rows[rows["building_id"] == number].iloc[0])

    names = {"area_id": _grids(actor), "estate_id": _estate_names(actor, None)}
    return Editing(f"building_{number}", fetch, names)


def _grids(actor: Actor) -> dict[int, str]:
    leaves = read(areas.painted, actor, root_id=None)
    return {int(row.area_id): name_of(row.name_zh, row.name_en) for row in leaves.itertuples()}


def _estate_names(actor: Actor, area_id: int | None) -> dict[int, str]:
    rows = read(buildings.estates, actor, area_id=area_id)
    return {int(r["estate_id"]): name_of(r["name_zh"], r["name_en"]) for _, r in rows.iterrows()}


def _building_form(actor: Actor, fields: Fields) -> BuildingEntry | None:
    left, right = st.columns(2)
    label = fields.text(left, "label")
    area_id = fields.area(right, read(areas.painted, actor, root_id=None))
    left, right = st.columns(2)
    names = {} if area_id is None else _estate_names(actor, area_id)
    start = fields.start.get("estate_id")
    options = [None, *names]
    estate_id = left.selectbox(
        t("field.estate_id"),
        options,
        index=options.index(start) if start in options else 0,
        format_func=lambda n: t("buildings.no_estate") if n is None else names[n],
        key=f"{fields.key}_estate_id_{area_id}",
    )
    households = fields.whole(right, "households")
    left, right = st.columns(2)
    counted_on = fields.any_day(left, "counted_on", today())
    count_source = fields.text(right, "count_source")
    left, right = st.columns(2)
    lon, lat = fields.degrees(left, "lon"), fields.degrees(right, "lat")
    if area_id is None:
        st.caption(t("record.choose_area"))
        return None
    return BuildingEntry(
        label=label,
        area_id=area_id,
        households=households,
        counted_on=counted_on or today(),
        count_source=count_source,
        estate_id=estate_id,
        lon=lon,
        lat=lat,
    )


def _estates(actor: Actor, place: Place) -> None:
    rows = read(buildings.estates, actor, area_id=place.area_id)
    long = len(rows) > _SHORT
    with st.container(border=True, key="card_estates", gap="small"):
        card_title(t("buildings.estates"))
        if st.button(t("buildings.add_estate"), icon=":material/add:", key="estate_add"):
            _add_estate(actor, place)
        if rows.empty:
            empty(t("buildings.no_estates"))
        with st.container(height=_HEIGHT if long else "content", key="estates_list"):
            for _, row in rows.iterrows():
                _estate(actor, row)


def _estate(actor: Actor, row: pd.Series) -> None:
    number = int(row["estate_id"])
    line = t("buildings.estate_line", n=len(row["area_ids"]), buildings=row["buildings"])
    with st.container(horizontal=True, vertical_alignment="center", key=f"estate_row_{number}"):
        st.html(
            f'<div class="gv-row two"><div><b>{escaped(name_of(row["name_zh"], row["name_en"]))}'
            f"</b><em>{escaped(line)}</em></div></div>",
            width="stretch",
        )
        if st.button(t("tree.edit"), key=f"estate_{number}_open", type="tertiary"):
            _edit_estate(actor, number)


@dialog("buildings.add_estate")
def _add_estate(actor: Actor, place: Place) -> None:
    form = "estate_new"
    start = {"area_ids": frozenset({place.area_id})} if place.leaf else {}
    entry = _estate_form(actor, Fields(f"{form}_{act.generation(form)}", start))
    if st.button(t("unit.save"), type="primary", key=f"{form}_save"):
        act.perform(
            add_estate,
            actor,
            done="buildings.estate_added",
            then=lambda: act.renew(form),
            entry=entry,
            request_id=act.request_id(form),
        )


def _estate_dismissed(actor: Actor, number: int) -> None:
    _estate_editing(actor, number).forget()


@dialog("buildings.edit_estate", dismissed=_estate_dismissed)
def _edit_estate(actor: Actor, number: int) -> None:
    editing = _estate_editing(actor, number)
    entry = _estate_form(actor, Fields(editing.key, editing.loaded))
    with st.container(horizontal=True):
        save = st.button(t("unit.save"), type="primary", key=f"{editing.form}_save")
        name = name_of(editing.loaded["name_zh"], editing.loaded["name_en"])
        with st.popover(t("buildings.remove"), key=f"{editing.form}_remove_box"):
            st.write(plain(t("buildings.remove_ask", name=name)))
            remove = st.button(t("buildings.remove_do"), key=f"{editing.form}_remove")
    if save:
        editing.save(
            edit_estate, actor, done="buildings.estate_saved", estate_id=number, entry=entry
        )
    if remove:
        editing.save(remove_estate, actor, done="buildings.removed", estate_id=number)
    editing.show_changed()


def _estate_editing(actor: Actor, number: int) -> Editing:
    def fetch() -> dict[str, Any]:
        rows = read(buildings.estates, actor, area_id=None)
        return dict(rows[rows["estate_id"] == number].iloc[0])

    return Editing(f"estate_{number}", fetch, {"area_ids": _grids(actor)})


def _estate_form(actor: Actor, fields: Fields) -> EstateEntry:
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh")
    name_en = fields.text(right, "name_en", t("unit.optional"))
    names = _grids(actor)
    start = fields.start.get("area_ids", frozenset())
    chosen = st.multiselect(
        t("field.area_ids"),
        list(names),
        default=[number for number in names if number in start],
        format_func=lambda number: names[number],
        placeholder=t("buildings.choose_grids"),
        key=f"{fields.key}_area_ids",
    )
    return EstateEntry(name_zh=name_zh, name_en=name_en, area_ids=frozenset(chosen))
