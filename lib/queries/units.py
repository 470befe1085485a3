"""Reads of resident units."""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, func, or_, select, true

from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Level, Net, Topic, UnitKind
from lib.persistence.engine import Reads
from lib.persistence.masking import contact_for, masked_phone
from lib.persistence.models import Area, AreaLink, Organisation, UnitOffer
from lib.persistence.scope import owned, seen
from lib.queries.counters import reads

UNIT_COLUMNS = (
    "unit_id",
    "version",
    "name_zh",
    "name_en",
    "kind",
    "net",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "address",
    "lon",
    "lat",
    "offers",
    "liaison_name",
    "liaison_phone",
    "closed_on",
    "editable",
)
NAME_COLUMNS = ("unit_id", "name_zh", "name_en")
OFFER_COLUMNS = (
    "offer_id",
    "version",
    "kind",
    "words",
    "capacity",
    "area_id",
    "area_zh",
    "area_en",
    "first_day",
    "last_day",
    "ended_on",
)


@reads(Topic.UNITS, Topic.AREAS)
def listing(
    actor: Actor,
    *,
    area_id: int | None,
    text: str = "",
    kinds: tuple[UnitKind, ...] = (),
    nets: tuple[Net, ...] = (),
    closed: bool = False,
) -> pd.DataFrame:
    """UNIT_COLUMNS of the units below the area, by name; `text` is found in names and initials."""
    conditions: list[ColumnElement[bool]] = [
        seen(Organisation.area_id, actor, Permission.UNIT_VIEW, area_id),
        Organisation.closed_on.is_not(None) if closed else Organisation.closed_on.is_(None),
    ]
    wanted = line(text)
    if wanted:
        conditions.append(
            or_(
                Organisation.name_zh.contains(wanted, autoescape=True),
                func.lower(Organisation.name_en).contains(wanted.lower(), autoescape=True),
                Organisation.initials.startswith(wanted.lower(), autoescape=True),
                Organisation.offers.contains(wanted, autoescape=True),
            )
        )
    if kinds:
        conditions.append(Organisation.kind.in_(kinds))
    if nets:
        conditions.append(Organisation.net.in_(nets))
    statement = _rows(actor).where(*conditions).order_by(Organisation.name_zh, Organisation.id)
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(UNIT_COLUMNS))


@reads(Topic.UNITS, Topic.AREAS)
def unit(actor: Actor, *, unit_id: int) -> pd.DataFrame:
    """One row of UNIT_COLUMNS, none when there is no such unit within the actor's sight."""
    statement = _rows(actor).where(
        Organisation.id == unit_id, seen(Organisation.area_id, actor, Permission.UNIT_VIEW, None)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(UNIT_COLUMNS))


@reads(Topic.UNITS, Topic.AREAS)
def names(actor: Actor, *, permission: Permission) -> pd.DataFrame:
    """NAME_COLUMNS of the open units of every street that the permission reaches a part of.

    Whoever lives in one community may belong to a unit in another.
    """
    scope = actor.scope(permission)
    return _names(true() if scope.whole_tree else _in_streets(sorted(scope.area_ids)))


def names_around(area_id: int) -> pd.DataFrame:
    """NAME_COLUMNS of the open units of the area's street, for forms that anybody may fill in."""
    return _names(_in_streets([area_id]))


def _in_streets(area_ids: list[int]) -> ColumnElement[bool]:
    streets = (
        select(AreaLink.ancestor_id)
        .join(Area, Area.id == AreaLink.ancestor_id)
        .where(AreaLink.descendant_id.in_(area_ids), Area.level == Level.STREET)
    )
    above = or_(AreaLink.ancestor_id.in_(streets), AreaLink.ancestor_id.in_(area_ids))
    return Organisation.area_id.in_(select(AreaLink.descendant_id).where(above))


def _names(where: ColumnElement[bool]) -> pd.DataFrame:
    statement = (
        select(Organisation.id, Organisation.name_zh, Organisation.name_en)
        .where(where, Organisation.closed_on.is_(None))
        .order_by(Organisation.name_zh, Organisation.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(NAME_COLUMNS))


@reads(Topic.UNITS, Topic.AREAS)
def offers(actor: Actor, *, unit_id: int, ended: bool = False) -> pd.DataFrame:
    """OFFER_COLUMNS of a unit's service menu, what stands first; `ended` also tells what ended."""
    statement = (
        select(
            UnitOffer.id,
            UnitOffer.version,
            UnitOffer.kind,
            UnitOffer.words,
            UnitOffer.capacity,
            UnitOffer.area_id,
            Area.name_zh,
            Area.name_en,
            UnitOffer.first_day,
            UnitOffer.last_day,
            UnitOffer.ended_on,
        )
        .join(Organisation, Organisation.id == UnitOffer.organisation_id)
        .join(Area, Area.id == UnitOffer.area_id)
        .where(
            UnitOffer.organisation_id == unit_id,
            seen(Organisation.area_id, actor, Permission.UNIT_VIEW, None),
            *(() if ended else (UnitOffer.ended_on.is_(None),)),
        )
        .order_by(UnitOffer.ended_on.is_not(None), UnitOffer.id)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(OFFER_COLUMNS))


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return select(
        Organisation.id,
        Organisation.version,
        Organisation.name_zh,
        Organisation.name_en,
        Organisation.kind,
        Organisation.net,
        Organisation.area_id,
        Area.code,
        Area.name_zh,
        Area.name_en,
        Organisation.address,
        Organisation.lon,
        Organisation.lat,
        Organisation.offers,
        contact_for(actor, Organisation.liaison_name, Organisation.liaison_name),
        contact_for(actor, Organisation.liaison_phone, masked_phone(Organisation.liaison_phone)),
        Organisation.closed_on,
        owned(Organisation, actor, Permission.UNIT_EDIT),
    ).join(Area, Area.id == Organisation.area_id)
