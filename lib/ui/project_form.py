"""The form of a project: made by itself, or as the answer to a need."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.vocab import Beneficiary, Bringing, Entry, ServiceKind
from lib.queries import areas
from lib.services.need import adopt_need
from lib.services.project import ProjectEntry, create_project
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.place import Place
from lib.ui.session import t

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


def _entry(
    actor: Actor, place: Place, form: str, start: Mapping[str, Any]
) -> tuple[ProjectEntry | None, bool]:
    """What stands in the form once a button to save it was pressed, and whether to publish it."""
    fields = Fields(f"{form}_{act.generation(form)}", start)
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
    where = fields.text(st.container(), "place", t("record.place_hint"))
    skills = fields.text(st.container(), "skills")
    words = fields.words(st.container(), "words", t("record.note_hint"))
    collective = st.toggle(t("field.collective"), key=f"{fields.key}_collective")
    left, right = st.columns(2)
    publish = left.button(t("library.save_publish"), type="primary", key=f"{fields.key}_publish")
    if not publish and not right.button(t("library.save_draft"), key=f"{fields.key}_draft"):
        return None, False
    if area_id is None:
        st.error(t("record.choose_area"), icon=":material/error:")
        return None, False
    made = ProjectEntry(
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
    )
    return made, publish
