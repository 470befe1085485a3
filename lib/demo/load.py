"""Load the demonstration street into a migrated database, and take it out again.

Loading is the one documented bulk path of the product: plain rows made in memory, Core inserts
in chunks inside one transaction, one audit entry and one move of the counter per batch. All
other writing goes through `lib.services`.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from lib.demo.accounts import add_accounts, choose_stage
from lib.demo.activity import Activity, draw_liveliness, first_day
from lib.demo.ground import Language as GroundLanguage
from lib.demo.ground import Theme, render_ground
from lib.demo.history import LAST_MOMENT
from lib.demo.names import person_names
from lib.demo.people import People, add_teams, add_volunteers
from lib.demo.removal import LOADED, Toll, remove_rows, toll
from lib.demo.rows import Rows
from lib.demo.structure import add_structure
from lib.demo.territory import SOURCE, add_territory
from lib.demo.town import Town, build_town
from lib.demo.units import add_units
from lib.domain.calendar import local, now
from lib.domain.errors import Invalid, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Language, Level, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    Area,
    Base,
    BuildingGroup,
    Ground,
    Installation,
    Organisation,
    Participation,
    Person,
    Service,
)
from lib.persistence.models.base import Row
from lib.persistence.transaction import Transaction, transaction

Progress = Callable[[str, float], None]
"""Told a word key of what begins and the share done, from 0 to 1."""

CHUNK = 5000
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES: tuple[GroundLanguage, ...] = ("zh", "en")


def load_demonstration(
    *, seed: int = 2, as_of: date | None = None, progress: Progress | None = None
) -> None:
    """Fill the process's migrated database with the demonstration street.

    The same `seed` and `as_of` (`last_day` of this instant when left out) make the same rows,
    numbers included, in a database that was empty; only the audit entries' time differs. Areas
    that were imported before stay as they are.

    Raises:
        Refusal: ``refusal.demonstration_present`` when it is loaded already,
            ``refusal.demonstration_beside_accounts`` when somebody has an account of their own:
            a demonstration opens the whole tree to everybody.
    """
    tell = progress or _silent
    day = as_of or last_day(now())
    with Reads() as session:
        _refuse_unfit(session)
    tell("demo.draw_town", 0.0)
    town = build_town(seed)
    tell("demo.draw_ground", 0.3)
    pictures = _pictures(town)
    tell("demo.draw_people", 0.55)
    with transaction(None) as tx:
        _refuse_unfit(tx.session)
        rows, street_id = demonstration_rows(
            town, seed=seed, as_of=day, taken=_taken(tx.session), pictures=pictures
        )
        _insert(tx.session, rows, tell)
        tx.sums.put_where(Service.area_id.in_([row["id"] for row in rows.tables["area"]]))
        tx.session.execute(
            update(Installation)
            .where(Installation.id == 1)
            .values(demonstration=True, started_on=day)
        )
        _record_batches(tx, rows, street_id)
        tx.session.flush()
        tx.session.execute(text("analyze"))
    tell("demo.done", 1.0)


def last_day(instant: datetime) -> date:
    """The last day that a demonstration can have at an instant without telling of the future.

    Its last day's work goes on until half past nine.
    """
    at = local(instant)
    return at.date() if at.time() >= LAST_MOMENT else at.date() - timedelta(days=1)


def remove_demonstration(
    actor: Actor | None = None, *, typed: str = "", progress: Progress | None = None
) -> None:
    """Take the demonstration street out of the database; see `lib.demo.removal` for what goes.

    Imported areas, what was done in them and the audit trail stay. The database is no
    demonstration any more, so that nobody enters by one click; the demonstration's accounts,
    whoever sits at one of them included, are signed out.

    Args:
        actor: Who asks; None is the command line, which has asked already.
        typed: The street's name as an actor typed it to confirm, in either language.
        progress: Told what begins and how far it is.

    Raises:
        Invalid: `typed` is not the name of the demonstration's street.
        NotPermitted: the actor is no administrator of the whole tree.
        Refusal: ``refusal.demonstration_absent`` when there is none.
    """
    tell = progress or _silent
    tell("demo.remove", 0.0)
    with transaction(actor) as tx:
        tx.permit(Permission.DEMONSTRATION_REMOVE, None)
        if not tx.session.scalar(select(Installation.demonstration)):
            raise Refusal("refusal.demonstration_absent")
        if actor is not None and line(typed) not in street_names(tx.session):
            raise Invalid([Problem("typed_name", "problem.not_the_name")])
        tell("demo.remove", 0.1)
        remove_rows(tx)
        tx.session.execute(update(Installation).values(demonstration=False))
    tell("demo.done", 1.0)


def removal_toll(actor: Actor) -> tuple[tuple[str, ...], tuple[Toll, ...]]:
    """The demonstration street's names, and what its removal would take of each kind.

    Raises:
        NotPermitted: the actor is no administrator of the whole tree.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.DEMONSTRATION_REMOVE, None)
        return street_names(tx.session), toll(tx)


def street_names(session: Session) -> tuple[str, ...]:
    """What the demonstration's street is called, in both languages."""
    rows = session.execute(
        select(Area.name_zh, Area.name_en).where(Area.source == SOURCE, Area.level == Level.STREET)
    )
    return tuple(name for row in rows for name in row if name)


def demonstration_rows(
    town: Town,
    *,
    seed: int,
    as_of: date,
    taken: Mapping[str, int],
    pictures: Mapping[tuple[Theme, GroundLanguage], bytes],
) -> tuple[Rows, int]:
    """All rows of the demonstration and the number of its street; reads no clock and no database.

    `taken` holds the highest number each table has already; `pictures` are gzipped.
    """

    def stream(part: str) -> Random:
        return Random(f"{seed} {part}")

    rows = Rows(taken)
    first = first_day(as_of)
    territory = add_territory(rows, town, as_of=as_of, rng=stream("territory"))
    _add_ground(rows, town, territory.street_id, pictures)
    names = person_names(stream("names"))
    units = add_units(rows, territory, names, stream("units"))
    volunteers = add_volunteers(
        rows, territory, units, names, first=first, as_of=as_of, rng=stream("volunteers")
    )
    crews = add_teams(rows, territory, volunteers, as_of=as_of, rng=stream("teams"))
    add_structure(rows, territory, volunteers, names, as_of=as_of, rng=stream("structure"))
    liveliness = draw_liveliness(territory, stream("liveliness"))
    stage = choose_stage(territory, volunteers, units, crews, liveliness.lively)
    accounts = add_accounts(rows, territory, stage, since=first)
    Activity(
        rows,
        territory,
        People(volunteers, crews),
        units,
        accounts,
        stage,
        liveliness,
        as_of=as_of,
        rng=stream("activity"),
    ).add()
    return rows, territory.street_id


def _silent(_word: str, _share: float) -> None:
    """Tell nobody."""


def _pictures(town: Town) -> dict[tuple[Theme, GroundLanguage], bytes]:
    return {
        (theme, language): gzip.compress(render_ground(town, theme, language), mtime=0)
        for theme in THEMES
        for language in LANGUAGES
    }


def _add_ground(
    rows: Rows,
    town: Town,
    street_id: int,
    pictures: Mapping[tuple[Theme, GroundLanguage], bytes],
) -> None:
    (south, west), (north, east) = town.bounds
    for (theme, language), picture in pictures.items():
        rows.link(
            Ground,
            area_id=street_id,
            theme=theme,
            language=Language(language),
            west=west,
            south=south,
            east=east,
            north=north,
            digest=hashlib.sha256(picture).hexdigest(),
            picture=picture,
        )


def _refuse_unfit(session: Session) -> None:
    if session.scalar(select(Installation.demonstration)):
        raise Refusal("refusal.demonstration_present")
    own = select(Account.id).where(Account.demonstration.is_(False)).limit(1)
    if session.scalar(own) is not None:
        raise Refusal("refusal.demonstration_beside_accounts")


def _numbered() -> list[type[Row]]:
    return [m.class_ for m in Base.registry.mappers if issubclass(m.class_, Row)]


def _taken(session: Session) -> dict[str, int]:
    return {
        model.__tablename__: session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0
        for model in _numbered()
    }


_STEPS = {
    Area: ("demo.write_areas", 0.6),
    Organisation: ("demo.write_units", 0.65),
    Person: ("demo.write_people", 0.7),
    BuildingGroup: ("demo.write_structure", 0.75),
    Service: ("demo.write_service", 0.8),
}


def _insert(session: Session, rows: Rows, tell: Progress) -> None:
    """Write all rows table by table, referred tables first, in chunks."""
    steps = {model.__tablename__: step for model, step in _STEPS.items()}
    for table in Base.metadata.sorted_tables:
        held = rows.tables.get(table.name, [])
        if table.name in steps:
            tell(*steps[table.name])
        for start in range(0, len(held), CHUNK):
            session.execute(insert(table), held[start : start + CHUNK])
    if session.get_bind().dialect.name == "postgresql":
        _advance_sequences(session, rows)


def _advance_sequences(session: Session, rows: Rows) -> None:
    """Let PostgreSQL go on counting after the numbers that were given here."""
    for model in _numbered():
        if rows.count(model):
            name = model.__tablename__
            last = func.pg_get_serial_sequence(name, "id")
            session.execute(select(func.setval(last, select(func.max(model.id)).scalar_subquery())))


def _record_batches(tx: Transaction, rows: Rows, street_id: int) -> None:
    """One audit entry and one move of the counter for each topic."""
    labels = {
        Topic.AREAS: f"{rows.count(Area):,} areas",
        Topic.STRUCTURE: f"{rows.count(BuildingGroup):,} building groups",
        Topic.UNITS: f"{rows.count(Organisation):,} units",
        Topic.PEOPLE: f"{rows.count(Person):,} people",
        Topic.SERVICE: f"{rows.count(Service):,} services,"
        f" {rows.count(Participation):,} participations",
    }
    for topic, label in labels.items():
        tx.record(
            LOADED,
            "demonstration",
            topic=topic,
            area_ids=frozenset({street_id}),
            label=label,
        )
