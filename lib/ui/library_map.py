"""The library on the map: how many projects each grid has, by one message; a click goes there."""

import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.queries import project, sheets
from lib.ui import area_map
from lib.ui.library_search import Search
from lib.ui.live import read
from lib.ui.place import Place, follow_click
from lib.ui.session import t
from lib.visuals import maps

_KEY = "library_map"


def take_click(actor: Actor) -> None:
    """Look at the grid that was clicked since the last run; call it before anything is drawn."""
    clicked = area_map.take_click(_KEY)
    if clicked is not None:
        follow_click(actor, clicked.kind, clicked.id)


def draw(actor: Actor, place: Place, search: Search) -> None:
    """The projects that are looked for, over all of the actor's map: the list shows the place's."""
    root_id = read(sheets.root_id, actor, area_id=place.area_id)
    found = read(
        project.by_area,
        actor,
        area_id=root_id,
        day=today(),
        states=search.states,
        wanted=search.wanted,
    )
    counts = dict(zip(found["area_id"].astype(int), found["projects"].astype(int), strict=True))
    drawn = area_map.draw_counts(
        actor, place, key=_KEY, measure=maps.PROJECTS, counts=counts, height=430
    )
    above = sum(n for area, n in counts.items() if area not in drawn)
    st.caption(t("library.map_note", n=above) if above else t("library.map_click"))
