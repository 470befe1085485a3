"""The form of a project: made by itself, or as the answer to a need."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.vocab import Beneficiary, Bringing, Entry, ServiceKind, Skill
from lib.queries import areas, project
from lib.services.need import adopt_need
from lib.services.project import ProjectEntry, create_project, edit_project
from lib.ui import act
from lib.ui.editing import Editing
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.place import Place
from lib.ui.session import name_of, t

_USUAL_DAYS = 14
_TITLE = 30


def create_here(actor: Actor, place: Place) -> None:
    """The button that opens the form of a new project in a dialog."""
    if st.button(t("library.create"), icon=":material/add:", key="project_create"):
        _create(actor, place)


@dialog("library.create")
def _create(actor: Actor, place: Place) -> None:
    form, start = "project", {"area_id": place.area_id}
    entry, publish = _entry(actor, place, form, start)
    if entry is not None:
        act.perform(
            create_project,
            actor,
            done="library.created",
            then=lambda: act.renew(form),
            entry=entry,
            request_id=act.request_id(form),
            publish=publish,
        )


@dialog("needs.adopt")
def adopt(actor: Actor, place: Place, need: pd.Series) -> None:
    """Answer a need, a row of `lib.queries.need`, by a project that begins with its words."""
    form = f"adopt_{need['need_id']}"
    wished = need["wished_on"]
    start = {
        "title": str(need["words"])[:_TITLE],
        **{name: need[name] for name in ("kind", "area_id", "beneficiary", "words", "place")},
        **({"last_day": wished} if pd.notna(wished) and wished >= today() else {}),
        "entry": Entry.FAMILY if need["micro_wish"] else Entry.GRID,
    }
    entry, publish = _entry(actor, place, form, start)
    if entry is not None:
        act.perform(
            adopt_need,
            actor,
            done="needs.adopted",
            then=lambda: act.renew(form),
            need_id=int(need["need_id"]),
            version=int(need["version"]),
            entry=entry,
            request_id=act.request_id(form),
            publish=publish,
        )


@dialog("library.edit")
def edit(actor: Actor, place: Place, number: int) -> None:
    """Change a draft; the version that was read travels with the form."""

    def fetch() -> dict[str, Any]:
        rows = project.project(actor, project_id=number, day=today())
        return rows.iloc[0].to_dict() if len(rows) else {}

    leaves = read(areas.painted, actor, root_id=place.area_id)
    names = {int(row.area_id): name_of(row.name_zh, row.name_en) for row in leaves.itertuples()}
    editing = Editing(f"edit_project_{number}", fetch, {"area_id": names})
    if not editing.loaded:
        return
    fields = Fields(editing.key, editing.loaded)
    editing.show_changed()
    entry = _typed(actor, place, fields)
    if not st.button(t("library.save"), type="primary", key=f"{fields.key}_save"):
        return
    if entry is None:
        st.error(t("record.choose_area"), icon=":material/error:")
        return
    editing.save(edit_project, actor, done="library.edited", project_id=number, entry=entry)


def _entry(
    actor: Actor, place: Place, form: str, start: Mapping[str, Any]
) -> tuple[ProjectEntry | None, bool]:
    """What stands in the form once a button to save it was pressed, and whether to publish it."""
    fields = Fields(f"{form}_{act.generation(form)}", start)
    made = _typed(actor, place, fields)
    left, right = st.columns(2)
    publish = left.button(t("library.save_publish"), type="primary", key=f"{fields.key}_publish")
    if not publish and not right.button(t("library.save_draft"), key=f"{fields.key}_draft"):
        return None, False
    if made is None:
        st.error(t("record.choose_area"), icon=":material/error:")
    return made, publish


def _typed(actor: Actor, place: Place, fields: Fields) -> ProjectEntry | None:
    """The form's fields and what stands in them; None while no area is chosen."""
    title = fields.text(st.container(), "title", t("library.title_hint"))
    left, right = st.columns(2)
    area_id = fields.area(left, read(areas.painted, actor, root_id=place.area_id))
    kind = fields.choice(right, "kind", ServiceKind, ServiceKind.VISIT)
    left, right = st.columns(2)
    entry = fields.choice(left, "entry", Entry, Entry.COMMUNITY)
    brings = fields.choice(right, "brings", Bringing, Bringing.SERVICE)
    left, right = st.columns(2)
    first_day = fields.any_day(left, "first_day", today())
    last_day = fields.any_day(right, "last_day", today() + timedelta(days=_USUAL_DAYS))
    left, right = st.columns(2)
    starts_at, ends_at = fields.hour(left, "starts_at"), fields.hour(right, "ends_at")
    left, right = st.columns(2)
    capacity = fields.whole(left, "capacity", default=1)
    beneficiary = fields.choice(right, "beneficiary", Beneficiary, Beneficiary.ALL_RESIDENTS)
    left, right = st.columns(2)
    where = fields.text(left, "place", t("record.place_hint"))
    opens_on = fields.any_day(right, "opens_on")
    skills = fields.several(st.container(), "skills", Skill)
    words = fields.words(st.container(), "words", t("record.note_hint"))
    collective = fields.flag(st.container(), "collective")
    if area_id is None:
        return None
    return ProjectEntry(
        title=title,
        kind=kind,
        area_id=area_id,
        first_day=first_day or today(),
        last_day=last_day or today(),
        capacity=capacity,
        beneficiary=beneficiary,
        entry=entry,
        brings=brings,
        collective=collective,
        words=words,
        place=where,
        skills=skills,
        starts_at=starts_at,
        ends_at=ends_at,
        opens_on=opens_on,
    )
