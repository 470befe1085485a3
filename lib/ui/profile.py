"""A grid's (or any area's) profile: figures, who holds it, the three tiers, units, teams, services.

The same parts make the panel beside the map and the page of their own.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import Span, months_back, today
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level, PostKind, ServiceKind, ServiceState, UnitKind
from lib.domain.workflow import SERVICE_STATE_STATUS
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.queries import people, service, structure, units
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html
from lib.ui.pages import link
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t

_SHORT = 5


def figures(actor: Actor, place: Place) -> None:
    """Households, centre households, units, volunteers."""
    size = read(structure.size, actor, area_id=place.area_id).iloc[0]
    number_of_units = len(read(units.listing, actor, area_id=place.area_id))
    volunteers = read(people.volunteers, actor, area_id=place.area_id)
    cells = (
        (formats.count(size["households"]), t("profile.households")),
        (f"{size['centres_held']:.0f}/{size['centres']:.0f}", t("profile.centres")),
        (formats.count(number_of_units), t("profile.units")),
        (formats.count(volunteers), t("profile.volunteers")),
    )
    with st.container(border=True, key="card_figures"):
        st.html(
            '<div class="gv-four">'
            + "".join(
                f"<div><b>{escaped(value)}</b><small>{escaped(unit)}</small></div>"
                for value, unit in cells
            )
            + "</div>"
        )


def month_figures(actor: Actor, place: Place, span: Span) -> None:
    """What happened in the period: hours, people served, services, waiting."""
    done = read(
        service.totals, actor, area_id=place.area_id, first=span.first, last=span.last
    ).iloc[0]
    waiting = read(service.waiting_count, actor, area_id=place.area_id)
    cells = (
        (formats.hours(done["minutes"]), t("profile.hours")),
        (formats.count(done["people_served"]), t("profile.served")),
        (formats.count(done["services"]), t("profile.services")),
        (formats.count(waiting), t("profile.waiting")),
    )
    with st.container(border=True, key="card_month"):
        card_title(t("profile.in_period"), _days(span))
        st.html(
            '<div class="gv-four">'
            + "".join(
                f"<div><b>{escaped(value)}</b><small>{escaped(unit)}</small></div>"
                for value, unit in cells
            )
            + "</div>"
        )


def tiers(actor: Actor, place: Place) -> None:
    """Branch → building groups → centre households as a tree with its vacancies."""
    rows = read(structure.tiers, actor, area_id=place.area_id)
    if rows.empty and place.level is not Level.GRID:
        return
    with st.container(border=True, key="card_tiers"):
        card_title(t("profile.tiers"), t("profile.tiers_note"))
        if rows.empty:
            empty(t("profile.no_tiers"))
            return
        for _, branch in rows[rows["tier"] == "branch"].iterrows():
            st.html(f'<div class="gv-tree">{_branch(branch, rows)}</div>')


def _branch(branch: pd.Series, rows: pd.DataFrame) -> str:
    groups = rows[(rows["tier"] == "group") & (rows["parent_id"] == branch["id"])]
    return (
        f'<div class="r"><b>{escaped(name_of(branch["name_zh"], branch["name_en"]))}</b>'
        f"{_holder(branch, 'profile.secretary')}</div>"
        f'<div class="gs">{"".join(_group(g, rows) for _, g in groups.iterrows())}</div>'
    )


def _group(group: pd.Series, rows: pd.DataFrame) -> str:
    homes = rows[(rows["tier"] == "centre") & (rows["parent_id"] == group["id"])]
    chips = "".join(
        f'<i class="vacant">{escaped(t("profile.vacant_at", name=h["name_zh"]))}</i>'
        if h["vacant"]
        else f"<i>{escaped(h['name_zh'])}</i>"
        for _, h in homes.iterrows()
    )
    return (
        f'<div class="g"><b>{escaped(t("profile.group", n=int(group["number"])))}</b>'
        f'{_holder(group, "profile.leader")}<div class="h">{chips}</div></div>'
    )


def _holder(row: pd.Series, key: str) -> str:
    if row["vacant"]:
        return f'<span class="vacant">{escaped(t("profile.vacant"))}</span>'
    return f"<span>{escaped(t(key, name=row['person']))}</span>" if row["person"] else ""


def posts(actor: Actor, place: Place) -> None:
    """Who holds the grid, and the estates it is home to; nothing where neither is known."""
    if place.area_id is None or not place.leaf:
        return
    rows = read(structure.posts, actor, area_id=place.area_id)
    homes = read(structure.estates, actor, area_id=place.area_id)
    lines = [_office(str(kind), of_kind) for kind, of_kind in rows.groupby("kind", sort=True)]
    if len(homes):
        names = t("list.separator").join(_estate(row) for _, row in homes.iterrows())
        lines.append(f"<dt>{escaped(t('profile.estates'))}</dt><dd>{escaped(names)}</dd>")
    if lines:
        with st.container(border=True, key="card_posts"):
            st.html(f'<dl class="gv-kv gv-tree">{"".join(lines)}</dl>')


def _office(kind: str, rows: pd.DataFrame) -> str:
    held = rows[~rows["vacant"]]
    names = t("list.separator").join(n for n in held["person"] if n)
    vacant = int(rows["vacant"].sum())
    words = escaped(names or (t("profile.held", n=len(held)) if len(held) else ""))
    gap = f' <span class="vacant">{escaped(t("profile.vacancies", n=vacant))}</span>'
    title = escaped(word(PostKind(kind), language()))
    return f"<dt>{title}</dt><dd>{words}{gap if vacant else ''}</dd>"


def _estate(row: pd.Series) -> str:
    name = name_of(row["name_zh"], row["name_en"])
    return t("profile.across", name=name, n=int(row["grids"])) if row["grids"] > 1 else name


def unit_rows(actor: Actor, place: Place, *, limit: int = _SHORT) -> None:
    """The units of the place and what they offer."""
    rows = read(units.listing, actor, area_id=place.area_id)
    with st.container(border=True, key="card_units", gap=None):
        card_title(t("screen.units"), t("profile.count_units", n=len(rows)))
        if rows.empty:
            empty(t("profile.no_units"))
        for _, row in rows.head(limit).iterrows():
            with st.container(key=f"linkedrow_unit_{row['unit_id']}"):
                name = name_of(row["name_zh"], row["name_en"])
                kind = word(UnitKind(row["kind"]), language())
                st.html(
                    f'<div class="gv-row two"><div><b>{escaped(name)}</b>'
                    f"<em>{escaped(row['offers'] or row['address'])}</em></div>"
                    f'<span class="gv-chip">{escaped(kind)}</span></div>'
                )
                link(actor, "units", name, area=place.code, unit=str(row["unit_id"]))
        if len(rows) > limit:
            link(actor, "units", t("list.all", n=len(rows)), area=place.code)


def team_rows(actor: Actor, place: Place, *, limit: int = _SHORT) -> None:
    """The teams that serve here, by confirmed hours of the last twelve months."""
    rows = read(
        people.teams,
        actor,
        area_id=place.area_id,
        first=months_back(today(), 11),
        last=today(),
    )
    with st.container(border=True, key="card_teams", gap=None):
        card_title(t("profile.teams"), t("profile.teams_note"))
        if rows.empty:
            empty(t("profile.no_teams"))
        for _, row in rows.head(limit).iterrows():
            kind = called(ServiceKind(row["kind"]))
            members = t("profile.members", n=formats.count(row["members"]))
            name = name_of(row["name_zh"], row["name_en"])
            hours = t("profile.n_hours", n=formats.hours(row["minutes"]))
            st.html(
                f'<div class="gv-row two"><div><b>{escaped(name)}</b>'
                f"<em>{escaped(kind)} · {escaped(members)}</em></div>"
                f'<span class="n">{escaped(hours)}</span></div>'
            )


def latest(actor: Actor, place: Place, *, limit: int = _SHORT) -> None:
    """The last services here; only for those who may read records."""
    if not actor.may(Permission.SERVICE_VIEW):
        return
    rows = read(
        service.records,
        actor,
        area_id=place.area_id,
        states=(ServiceState.RECORDED, ServiceState.CONFIRMED, ServiceState.RETURNED),
        limit=limit,
    )
    with st.container(border=True, key="card_latest", gap=None):
        card_title(t("profile.latest"))
        if rows.empty:
            empty(t("profile.no_services"))
        for _, row in rows.iterrows():
            st.html(service_row(row))
        if len(rows) == limit:
            link(actor, "records", t("list.more"), area=place.code)


def service_row(row: pd.Series) -> str:
    """One line for a service: day, kind and place, people served, status."""
    state = ServiceState(row["state"])
    kind = called(ServiceKind(row["kind"]))
    where = row["place"] or name_of(row["area_zh"], row["area_en"])
    people_served = t("profile.n_people", n=int(row["people_served"]))
    return (
        f'<div class="gv-row day"><em>{escaped(formats.short_day(row["day"], language()))}</em>'
        f"<div><b>{escaped(kind)}</b><em>{escaped(where)} · {escaped(people_served)}</em></div>"
        f"{status_html(SERVICE_STATE_STATUS[state], word(state, language()))}</div>"
    )


def _days(span: Span) -> str:
    first = formats.short_day(span.first, language())
    return t("list.days", first=first, last=formats.short_day(span.last, language()))
