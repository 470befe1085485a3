"""How far a street's first set-up has come, told by what is there and by nothing else."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import ColumnElement, false, func, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    Appointment,
    Area,
    Organisation,
    Person,
    Service,
    Team,
)
from lib.persistence.scope import AreaColumn, reached
from lib.queries.counters import reads

STREET_COLUMNS = ("area_id", "name_zh", "name_en", "code")
_VIEW = Permission.AREA_VIEW


@dataclass(frozen=True)
class Progress:
    """What there is so far: counts of areas and accounts, and whether there is any of the rest.

    `accounts` are people's own that are open, the demonstration's not among them.
    """

    streets: int
    communities: int
    grids: int
    accounts: int
    offices: bool
    units: bool
    volunteers: bool
    teams: bool
    services: bool


@reads(*Topic)
def progress(actor: Actor) -> Progress:
    """How far the set-up has come within what the actor sees."""

    def areas(level: Level) -> ColumnElement[int]:
        present = (Area.level == level, Area.valid_until.is_(None))
        return select(func.count()).where(*present, _seen(Area.id, actor)).scalar_subquery()

    def any_of(column: AreaColumn, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(column).where(_seen(column, actor), *where).exists()

    own = (Account.demonstration == false(), Account.closed_on.is_(None))
    statement = select(
        areas(Level.STREET).label("streets"),
        areas(Level.COMMUNITY).label("communities"),
        areas(Level.GRID).label("grids"),
        select(func.count()).select_from(Account).where(*own).scalar_subquery().label("accounts"),
        any_of(Appointment.area_id, Appointment.ended_on.is_(None)).label("offices"),
        any_of(Organisation.area_id, Organisation.closed_on.is_(None)).label("units"),
        any_of(Person.area_id, Person.volunteer_since.is_not(None)).label("volunteers"),
        any_of(Team.area_id).label("teams"),
        any_of(Service.area_id).label("services"),
    )
    with Reads() as session:
        row = session.execute(statement).one()
    counts, there = row[:4], row[4:]
    streets_, communities, grids, accounts = (int(n) for n in counts)
    return Progress(streets_, communities, grids, accounts, *(bool(one) for one in there))


@reads(Topic.AREAS)
def streets(actor: Actor) -> pd.DataFrame:
    """STREET_COLUMNS of the streets that the actor may give communities and grids."""
    statement = (
        select(Area.id, Area.name_zh, Area.name_en, Area.code)
        .where(
            Area.level == Level.STREET,
            Area.valid_until.is_(None),
            reached(Area.id, actor, Permission.AREA_EDIT),
        )
        .order_by(Area.code)
    )
    with Reads() as session:
        return pd.DataFrame(session.execute(statement).all(), columns=list(STREET_COLUMNS))


def _seen(column: AreaColumn, actor: Actor) -> ColumnElement[bool]:
    return reached(column, actor, _VIEW)
