"""The tree on the screen: its outline, the card of one area, and the forms that change it.

What stands inside a grid is kept on the structure screen.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Language, Level
from lib.i18n import formats
from lib.queries import tree
from lib.services.tree import (
    AreaEntry,
    add_area,
    close_area,
    edit_area,
    move_area,
    reopen_area,
)
from lib.ui import act
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, plain, t
from lib.ui.tables import choose_row, newly

_NODE = "tree_node"


def outline(actor: Actor, place: Place) -> None:
    """The tree below the place as a table; a chosen row opens its card."""
    with st.container(border=True, key="card_tree"):
        heading = st.container()
        closed = st.toggle(t("tree.show_closed"), key="tree_closed")
        rows = read(tree.outline, actor, area_id=place.area_id, closed=closed)
        with heading:
            card_title(t("tree.title"), t("tree.count", n=len(rows)))
        if rows.empty:
            empty(t("tree.none"))
            return
        table = _table(rows, closed=closed)
        # Other rows are another table: a chosen row must not slip to its neighbour.
        key = f"tree_table_{place.code}_{hash(tuple(rows['area_id']))}"
        picked = choose_row(table, key=key, alt=t("tree.count", n=len(rows)), height=640)
    number = None if picked is None else int(rows.iloc[picked]["area_id"])
    if newly("tree_row", number):
        st.session_state[_NODE] = number


def _table(rows: pd.DataFrame, *, closed: bool) -> pd.DataFrame:
    """The days are shown with closed and planned areas, where they tell these apart."""
    # Ideographic spaces: a table's cell keeps no others at its beginning.
    names = [
        "　" * row["depth"] + name_of(row["name_zh"], row["name_en"]) for _, row in rows.iterrows()
    ]
    other = "name_en" if language() is Language.ZH else "name_zh"
    table = pd.DataFrame(
        {
            t("column.area"): names,
            t("field.code"): rows["code"],
            t("field.level"): [_level(row) for _, row in rows.iterrows()],
            t("tree.head"): _holders(rows, "head"),
            t("tree.secretary"): _holders(rows, "secretary"),
            t("tree.buildings"): rows["buildings"],
            t("field.households"): rows["households"],
            t(f"field.{other}"): [name or "" for name in rows[other]],
        }
    )
    if closed:
        table[t("field.valid_from")] = [day.isoformat() for day in rows["valid_from"]]
        until = [day.isoformat() if day else "" for day in rows["valid_until"]]
        table[t("field.valid_until")] = until
    return table


def _level(row: pd.Series) -> str:
    own = name_of(row["level_label_zh"] or "", row["level_label_en"])
    return own or called(Level(row["level"]))


def _holders(rows: pd.DataFrame, office: str) -> list[str]:
    """Who holds the office in each area; areas above grids have none."""
    above = set(rows["parent_id"])
    return [
        "" if number in above else _held(name)
        for number, name in zip(rows["area_id"], rows[office], strict=True)
    ]


def _held(name: str | None) -> str:
    return t("profile.vacant") if name is None else name


def chosen(actor: Actor, place: Place) -> int | None:
    """The area whose card is open: the one chosen in the table, else the place."""
    asked = st.query_params.get("node", "")
    if asked.isdecimal() and len(asked) < 16:
        st.session_state[_NODE] = int(asked)
        del st.query_params["node"]
    number = st.session_state.get(_NODE)
    if number is not None and place.area_id is not None:
        below = read(tree.outline, actor, area_id=place.area_id, closed=True)["area_id"]
        number = number if number in set(below) else None
    return place.area_id if number is None else int(number)


def card(actor: Actor, area_id: int | None) -> None:
    """One area's facts and what can be done with it; on the whole tree, a new root."""
    found = None if area_id is None else read(tree.one, actor, area_id=area_id)
    with st.container(border=True, key="card_area"):
        if found is None or found.empty:
            card_title(t("place.whole"))
            if _governs(actor, None) and st.button(
                t("tree.add_root"), icon=":material/add:", key="tree_add_root"
            ):
                _add(actor, None)
            return
        area = found.iloc[0]
        card_title(name_of(area["name_zh"], area["name_en"]), _level(area))
        _facts(area)
        _actions(actor, area)
        link(actor, "structure", t("tree.to_structure"), area=str(area["code"]))


def _facts(area: pd.Series) -> None:
    until = area["valid_until"]
    facts = [
        (t("field.code"), area["code"]),
        (t("field.name_zh"), area["name_zh"]),
        (t("field.name_en"), area["name_en"] or formats.UNKNOWN),
        (t("field.valid_from"), formats.day(area["valid_from"], language())),
    ]
    if until is not None:
        facts.append((t("field.valid_until"), formats.day(until, language())))
    if Level(area["level"]) is Level.GRID:
        facts.append((t("tree.head"), _held(area["head"])))
        facts.append((t("tree.secretary"), _held(area["secretary"])))
        facts.append((t("field.households"), formats.count(area["households"])))
    cells = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in facts)
    st.html(f'<dl class="gv-kv">{cells}</dl>')


def _governs(actor: Actor, area_id: int | None) -> bool:
    """Whether the actor may decide where the area stands, not only what is below it."""
    scope = actor.scope(Permission.AREA_EDIT)
    return scope.whole_tree or (area_id is not None and area_id not in scope.area_ids)


def _actions(actor: Actor, area: pd.Series) -> None:
    number, version = int(area["area_id"]), int(area["version"])
    is_open = area["valid_until"] is None
    with st.container(horizontal=True):
        if st.button(t("tree.edit"), icon=":material/edit:", key="tree_edit"):
            _edit(actor, number)
        narrower = Level(area["level"]).depth + 1 < len(Level)
        fits = is_open and narrower
        if fits and st.button(t("tree.add"), icon=":material/add:", key="tree_add"):
            _add(actor, area)
        if not _governs(actor, number):
            return
        if is_open and st.button(t("tree.move"), key="tree_move"):
            _move(actor, area)
        if is_open and st.button(t("tree.close"), key="tree_close"):
            _close(actor, area)
        if not is_open and st.button(t("tree.reopen"), key="tree_reopen"):
            act.perform(reopen_area, actor, done="tree.reopened", area_id=number, version=version)


def _dismissed(actor: Actor, number: int) -> None:
    _editing(actor, number).forget()


@dialog("tree.edit_title", dismissed=_dismissed)
def _edit(actor: Actor, number: int) -> None:
    editing = _editing(actor, number)
    entry = _entry(Fields(editing.key, editing.loaded))
    if st.button(t("unit.save"), type="primary", key=f"{editing.form}_save"):
        editing.save(edit_area, actor, done="tree.saved", area_id=number, entry=entry)
    editing.show_changed()


def _editing(actor: Actor, number: int) -> Editing:
    return Editing(
        f"area_{number}", lambda: read(tree.one, actor, area_id=number).iloc[0].to_dict()
    )


@dialog("tree.add_title")
def _add(actor: Actor, above: pd.Series | None) -> None:
    parent = None if above is None else int(above["area_id"])
    form = f"area_new_{parent}"
    levels = list(Level) if above is None else list(Level)[Level(above["level"]).depth + 1 :]
    if above is not None:
        st.caption(plain(t("tree.below", name=name_of(above["name_zh"], above["name_en"]))))
    key = f"{form}_{act.generation(form)}"
    level = st.selectbox(
        t("field.level"),
        levels,
        index=levels.index(Level.STREET) if above is None else 0,
        format_func=called,
        key=f"{key}_level",
    )
    entry = _entry(Fields(key, {}))
    if st.button(t("unit.save"), type="primary", key=f"{form}_save"):
        act.perform(
            add_area,
            actor,
            done="tree.added",
            then=lambda: act.renew(form),
            parent_id=parent,
            level=level,
            entry=entry,
            request_id=act.request_id(form),
        )


def _entry(fields: Fields) -> AreaEntry:
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh")
    name_en = fields.text(right, "name_en", t("unit.optional"))
    left, right = st.columns(2)
    code = fields.text(left, "code", t("tree.code_hint"))
    valid_from = fields.any_day(right, "valid_from", today())
    left, right = st.columns(2)
    label_zh = fields.text(left, "level_label_zh", t("tree.label_hint"))
    label_en = fields.text(right, "level_label_en", t("unit.optional"))
    return AreaEntry(
        name_zh=name_zh,
        name_en=name_en,
        code=code,
        valid_from=valid_from or today(),
        level_label_zh=label_zh,
        level_label_en=label_en,
    )


@dialog("tree.close")
def _close(actor: Actor, area: pd.Series) -> None:
    number = int(area["area_id"])
    still = read(tree.standing, actor, area_id=number).iloc[0]
    name = name_of(area["name_zh"], area["name_en"])
    st.write(plain(t("tree.close_ask", name=name)))
    facts = [
        t(f"tree.standing_{kind}", n=int(still[kind]))
        for kind in ("children", "offices", "buildings", "services")
        if still[kind]
    ]
    if facts:
        st.info(plain(t("list.separator").join(facts)), icon=":material/info:")
    fields = Fields(f"area_close_{number}", {})
    day = fields.any_day(st.container(), "valid_until", today())
    if st.button(t("tree.close_do"), type="primary", key=f"area_close_{number}_save"):
        act.perform(
            close_area,
            actor,
            done="tree.closed_done",
            area_id=number,
            version=int(area["version"]),
            day=day or today(),
        )


@dialog("tree.move")
def _move(actor: Actor, area: pd.Series) -> None:
    number = int(area["area_id"])
    rows = read(tree.outline, actor, area_id=None)
    own = set(read(tree.outline, actor, area_id=number, closed=True)["area_id"])
    wider = [Level(one).depth < Level(area["level"]).depth for one in rows["level"]]
    fits = rows[pd.Series(wider, index=rows.index) & ~rows["area_id"].isin(own)]
    fits = fits[(fits["area_id"] != area["parent_id"]) & fits["valid_until"].isna()]
    if fits.empty:
        empty(t("tree.nowhere"))
        return
    names = _paths(fits, rows)
    parent = st.selectbox(
        t("field.parent"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("tree.choose_parent"),
        key=f"area_move_{number}_parent",
    )
    st.caption(t("tree.move_note"))
    if st.button(
        t("tree.move_do"),
        type="primary",
        key=f"area_move_{number}_save",
        disabled=parent is None,
    ):
        act.perform(
            move_area,
            actor,
            done="tree.moved",
            area_id=number,
            version=int(area["version"]),
            parent_id=parent,
        )


def _paths(fits: pd.DataFrame, rows: pd.DataFrame) -> dict[int, str]:
    """Areas with the names above them, so that namesakes can be told apart."""
    names = {int(r["area_id"]): name_of(r["name_zh"], r["name_en"]) for _, r in rows.iterrows()}
    above = {int(r["area_id"]): r["parent_id"] for _, r in rows.iterrows()}

    def upwards(number: int) -> Sequence[str]:
        parts = [names[number]]
        while (number := above[number]) in names:
            parts.append(names[number])
        return parts[::-1]

    return {int(number): " › ".join(upwards(int(number))) for number in fits["area_id"]}
