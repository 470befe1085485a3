"""The structure on the screen: a grid's posts and three tiers, each office with its terms.

Estates and buildings are drawn by `lib.ui.buildings`; the profile shows the same tiers to read.
"""

from collections.abc import Callable
from datetime import date

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Office, PostKind
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import buildings, offices
from lib.services.appointments import Holder, appoint, change_term, end_appointment, hand_over
from lib.services.structure import (
    add_centre,
    add_group,
    add_post,
    remove_office,
    rename_branch,
    set_up_branch,
)
from lib.ui import act, history
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title, empty, escaped
from lib.ui.place import Place, choose
from lib.ui.session import language, name_of, t
from lib.ui.tables import take_row

_NEW = 0
"""The choice that registers the typed name instead of somebody known."""


def grids(actor: Actor, place: Place) -> None:
    """The grids below the place with what is set up and vacant; a chosen row goes there."""
    rows = read(offices.by_grid, actor, area_id=place.area_id)
    with st.container(border=True, key="card_grids"):
        card_title(t("structure.grids"), t("structure.vacant_total", n=int(rows["vacant"].sum())))
        if rows.empty:
            empty(t("structure.none"))
            return
        names = [name_of(zh, en) for zh, en in zip(rows["name_zh"], rows["name_en"], strict=True)]
        columns = ("vacant", "posts", "branches", "groups", "centres")
        table = {t("column.area"): names} | {
            t(f"structure.n_{column}"): rows[column] for column in columns
        }
        picked = take_row(
            pd.DataFrame(table),
            form="grids_table",
            key=place.code,
            alt=t("structure.grids"),
            height=560,
        )
    if picked is not None:
        choose(str(rows.iloc[picked]["code"]))
        st.rerun()


def posts(actor: Actor, place: Place) -> None:
    """The grid's head and workers."""
    rows = _offices(actor, place)
    own = rows[rows["office"] == Office.POST]
    with st.container(border=True, key="card_posts", gap="small"):
        card_title(t("structure.posts"), t("structure.posts_note"))
        if own.empty:
            empty(t("structure.no_posts"))
        for _, row in own.iterrows():
            _row(actor, place, row)
        with st.container(horizontal=True):
            kinds = [PostKind.WORKER] if PostKind.HEAD in set(own["kind"]) else list(PostKind)
            for kind in kinds:
                label = t("structure.add_post", kind=word(kind, language()))
                form = f"post_add_{kind}_{place.area_id}"
                if _add(label, form):
                    _added(add_post, actor, form, area_id=place.area_id, kind=kind)


def tiers(actor: Actor, place: Place) -> None:
    """Branch, building groups and centre households, and what sets them up."""
    rows = _offices(actor, place)
    branch = rows[rows["office"] == Office.BRANCH]
    with st.container(border=True, key="card_tiers", gap="small"):
        card_title(t("profile.tiers"), t("profile.tiers_note"))
        if branch.empty:
            empty(t("profile.no_tiers"))
            _set_up(actor, place)
            return
        _row(actor, place, branch.iloc[0])
        groups = rows[rows["office"] == Office.BUILDING_GROUP]
        for _, group in groups.iterrows():
            below = rows[
                (rows["office"] == Office.CENTRE_HOUSEHOLD)
                & (rows["upper_id"] == group["office_id"])
            ]
            with st.container(border=True, key=f"card_group_{group['office_id']}", gap="small"):
                _row(actor, place, group)
                for _, home in below.iterrows():
                    _row(actor, place, home)
                _add_centre(actor, place, group)
        number = int(branch.iloc[0]["office_id"])
        form = f"group_add_{number}"
        if _add(t("structure.add_group"), form):
            _added(add_group, actor, form, branch_id=number)


def _add(label: str, form: str) -> bool:
    """A button whose second click meets a key that is gone, and so adds nothing."""
    return st.button(label, icon=":material/add:", key=f"{form}_{act.generation(form)}")


def _added(command: Callable[..., int], actor: Actor, form: str, **values: object) -> None:
    act.perform(
        command,
        actor,
        done="structure.added",
        done_values=None,
        then=lambda: act.renew(form),
        request_id=act.request_id(form),
        **values,
    )


def _offices(actor: Actor, place: Place) -> pd.DataFrame:
    return read(offices.of_grid, actor, area_id=place.area_id or 0)


def _set_up(actor: Actor, place: Place) -> None:
    form = f"branch_new_{place.area_id}"
    fields = Fields(f"{form}_{act.generation(form)}", {})
    left, right = st.columns(2)
    name_zh = fields.text(left, "name_zh", t("structure.branch_hint", name=place.name))
    name_en = fields.text(right, "name_en", t("unit.optional"))
    if st.button(t("structure.set_up"), type="primary", key="branch_new_save"):
        names = {"name_zh": name_zh, "name_en": name_en}
        _added(set_up_branch, actor, form, area_id=place.area_id, **names)


def _add_centre(actor: Actor, place: Place, group: pd.Series) -> None:
    number = int(group["office_id"])
    with st.popover(t("structure.add_centre"), icon=":material/add:", key=f"centre_{number}_box"):
        homes = read(buildings.buildings, actor, area_id=place.area_id)
        if homes.empty:
            st.caption(t("structure.no_buildings"))
            return
        names = {int(r["building_id"]): _building(r) for _, r in homes.iterrows()}
        building = st.selectbox(
            t("field.building_id"),
            list(names),
            format_func=names.__getitem__,
            key=f"centre_{number}_building",
        )
        if st.button(t("unit.save"), type="primary", key=f"centre_{number}_save"):
            form = f"centre_{number}"
            _added(add_centre, actor, form, group_id=number, building_id=building)


def _building(row: pd.Series) -> str:
    if row["estate_zh"] is None:
        return str(row["label"])
    return f"{name_of(row['estate_zh'], row['estate_en'])} {row['label']}"


def _title(row: pd.Series) -> str:
    office = Office(row["office"])
    if office is Office.POST:
        return word(PostKind(row["kind"]), language())
    if office is Office.BUILDING_GROUP:
        return t("structure.group", n=int(row["number"]))
    return f"{name_of(row['name_zh'], row['name_en'])} · {word(office, language())}"


def _row(actor: Actor, place: Place, row: pd.Series) -> None:
    """One office: what it is, who holds it since when, and the button that opens it."""
    key = f"office_{row['office']}_{row['office_id']}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.html(
            f'<div class="gv-row two wrap gv-tree"><div><b>{escaped(_title(row))}</b>'
            f"{_state(row)}</div></div>",
            width="stretch",
        )
        if st.button(t("structure.open"), key=f"{key}_open", type="tertiary"):
            _office(actor, place, row)


def _state(row: pd.Series) -> str:
    if row["appointment_id"] is None:
        return f'<span class="vacant">{escaped(t("profile.vacant"))}</span>'
    words = f"{row['person']} {_days(row['since'], row['until'])}".strip()
    over = row["until"] is not None and row["until"] < today()
    late = f' <span class="vacant">{escaped(t("structure.term_over"))}</span>' if over else ""
    return f"<em>{escaped(words)}{late}</em>"


def _days(since: date | None, until: date | None) -> str:
    parts = []
    if since is not None:
        parts.append(t("structure.since", day=formats.day(since, language())))
    if until is not None:
        parts.append(t("structure.until", day=formats.day(until, language())))
    return " · ".join(parts)


@dialog("structure.office")
def _office(actor: Actor, place: Place, row: pd.Series) -> None:
    """One office: its forms, who held it when, and what was changed."""
    office, number = Office(row["office"]), int(row["office_id"])
    key = f"term_{office}_{number}"
    st.html(f'<div class="gv-t">{escaped(_title(row))}<small>{escaped(place.name)}</small></div>')
    past = read(offices.terms, actor, office=office, office_id=number)
    if row["appointment_id"] is None:
        _appoint(actor, place, row, key)
        if past.empty:
            _remove(actor, office, number, key)
    else:
        _change(actor, place, row, key)
    if office is Office.BRANCH:
        _rename(actor, row)
    if len(past):
        with st.expander(t("structure.terms", n=len(past))):
            st.html("".join(_term(term) for _, term in past.iterrows()))
    with st.expander(t("history.title")):
        history.office(actor, int(place.area_id or 0), office.value, number)


def _term(term: pd.Series) -> str:
    person = term["person"] or formats.UNKNOWN
    first, last = (formats.day(term[name], language()) for name in ("since", "ended_on"))
    held = t("structure.held_now") if term["ended_on"] is None else last
    days = t("list.days", first=first, last=held)
    return (
        f'<div class="gv-row two"><div><b>{escaped(person)}</b></div><em>{escaped(days)}</em></div>'
    )


def _change(actor: Actor, place: Place, row: pd.Series, key: str) -> None:
    """The three things that can happen to a term."""
    forms: dict[str, Callable[[Actor, Place, pd.Series, str], None]] = {
        "hand_over": _hand_over,
        "end": _end,
        "term": _change_term,
    }
    st.html(f'<div class="gv-tree">{_state(row)}</div>')
    chosen = st.segmented_control(
        t("structure.what"),
        list(forms),
        format_func=lambda name: t(f"structure.do_{name}"),
        default="hand_over",
        required=True,
        key=f"{key}_what",
        label_visibility="collapsed",
    )
    forms[chosen or "hand_over"](actor, place, row, key)


def _appoint(actor: Actor, place: Place, row: pd.Series, key: str) -> None:
    office = {"office": Office(row["office"]), "office_id": int(row["office_id"])}
    _taken_over(actor, place, key, "appoint", appoint, "since", **office)


def _hand_over(actor: Actor, place: Place, row: pd.Series, key: str) -> None:
    st.caption(t("structure.hand_over_note"))
    term = int(row["appointment_id"])
    _taken_over(actor, place, key, "hand_over", hand_over, "day", appointment_id=term)


def _taken_over(
    actor: Actor,
    place: Place,
    form: str,
    name: str,
    command: Callable[..., int],
    first_day: str,
    **what: object,
) -> None:
    """Who takes the office from when to when; `first_day` is what the command calls the first."""
    key = f"{form}_{act.generation(form)}_{name}"
    holder = _taker(actor, place, key)
    left, right = st.columns(2)
    fields = Fields(key, {})
    since, until = fields.any_day(left, "since", today()), fields.any_day(right, "until")
    if st.button(t(f"structure.do_{name}"), type="primary", key=f"{key}_save"):
        act.perform(
            command,
            actor,
            done=f"structure.done_{name}",
            done_values=None,
            then=lambda: act.renew(form),
            request_id=act.request_id(form),
            holder=holder,
            until=until,
            **what,
            **{first_day: since or today()},
        )


def _end(actor: Actor, place: Place, row: pd.Series, key: str) -> None:
    st.caption(t("structure.end_note"))
    day = Fields(f"{key}_end", {}).any_day(st.container(), "ended_on", today())
    if st.button(t("structure.do_end"), type="primary", key=f"{key}_end_save"):
        act.perform(
            end_appointment,
            actor,
            done="structure.ended",
            appointment_id=int(row["appointment_id"]),
            day=day or today(),
        )


def _change_term(actor: Actor, place: Place, row: pd.Series, key: str) -> None:
    fields = Fields(f"{key}_term", {"since": row["since"], "until": row["until"]})
    left, right = st.columns(2)
    since, until = fields.any_day(left, "since", today()), fields.any_day(right, "until")
    if st.button(t("structure.do_term"), type="primary", key=f"{key}_term_save"):
        act.perform(
            change_term,
            actor,
            done="structure.term_changed",
            appointment_id=int(row["appointment_id"]),
            since=since or today(),
            until=until,
        )


def _taker(actor: Actor, place: Place, key: str) -> Holder:
    """Who is to take the office: found by name, or registered with consent."""
    left, right = st.columns(2)
    text = left.text_input(
        t("structure.search"), placeholder=t("structure.search_hint"), key=f"{key}_text"
    ).strip()
    if not text:
        return Holder()
    found = read(offices.takers, actor, text=text, area_id=place.area_id)
    names = {
        int(r["person_id"]): f"{r['name']} · {name_of(r['area_zh'], r['area_en'])}"
        for _, r in found.iterrows()
    }
    if actor.may(Permission.PERSON_REGISTER):
        names[_NEW] = t("structure.register", name=text)
    exact = found[(found["name"] == text) & found["here"]]
    first = int(exact.iloc[0]["person_id"]) if len(exact) == 1 else None
    person = right.selectbox(
        t("field.person_id"),
        list(names),
        index=None if first is None else list(names).index(first),
        format_func=names.__getitem__,
        placeholder=t("structure.choose_person"),
        key=f"{key}_person_{text}",
    )
    if person != _NEW:
        return Holder(person_id=person)
    agreed = st.checkbox(t("structure.agreed"), key=f"{key}_agreed_{text}")
    return Holder(new_name=text) if agreed else Holder()


def _remove(actor: Actor, office: Office, number: int, key: str) -> None:
    with st.popover(t("structure.remove"), key=f"{key}_remove_box"):
        st.write(t("structure.remove_ask"))
        if st.button(t("structure.remove_do"), key=f"{key}_remove"):
            act.perform(
                remove_office,
                actor,
                done="structure.removed",
                office=office,
                office_id=number,
            )


def _rename(actor: Actor, row: pd.Series) -> None:
    number = int(row["office_id"])
    editing = Editing(f"branch_{number}", row.to_dict)
    with st.expander(t("structure.rename")):
        left, right = st.columns(2)
        fields = Fields(editing.key, editing.loaded)
        name_zh = fields.text(left, "name_zh")
        name_en = fields.text(right, "name_en", t("unit.optional"))
        if st.button(t("unit.save"), type="primary", key=f"{editing.form}_save"):
            editing.save(
                rename_branch,
                actor,
                done="structure.renamed",
                branch_id=number,
                name_zh=name_zh,
                name_en=name_en,
            )
        editing.show_changed()
