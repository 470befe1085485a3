"""Load the demonstration into a migrated database, and take it out again.

Loading is the one documented bulk path of the product: plain rows made in memory street by
street, written in bulk inside one transaction, one audit entry and one move of the counter per
batch. All other writing goes through `lib.services`.
"""

import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from lib.demo.above import Above
from lib.demo.accounts import add_accounts, choose_stage
from lib.demo.activity import Activity, draw_liveliness, first_day
from lib.demo.certificates import Certificates
from lib.demo.check_ins import CheckIns
from lib.demo.ground import Language as GroundLanguage
from lib.demo.ground import Theme, render_ground
from lib.demo.history import LAST_MOMENT
from lib.demo.names import person_names
from lib.demo.oddities import make_odd
from lib.demo.offers import add_offers
from lib.demo.people import People, add_teams, add_volunteers
from lib.demo.pipeline import Pipeline
from lib.demo.promises import Promises
from lib.demo.removal import LOADED, Toll, remove_rows, toll
from lib.demo.rows import Rows
from lib.demo.sizes import Size, Street, moved, streets
from lib.demo.structure import add_structure
from lib.demo.team_life import TeamLife
from lib.demo.territory import SOURCE, Site, add_territory
from lib.demo.town import Town, build_town
from lib.demo.units import add_units
from lib.domain.calendar import local, now
from lib.domain.errors import Invalid, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Language, Level, Topic
from lib.persistence.bulk import insert_rows
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    Area,
    Base,
    BuildingGroup,
    CheckIn,
    Claim,
    Ground,
    Installation,
    Need,
    Organisation,
    Participation,
    Person,
    Project,
    Service,
)
from lib.persistence.models.base import Row
from lib.persistence.transaction import Transaction, transaction

Progress = Callable[[str, float], None]
"""Told a word key of what begins and the share done, from 0 to 1."""

Pictures = Mapping[tuple[Theme, GroundLanguage], bytes]
"""The gzipped pictures under the map of a street."""

CHUNK = 5000
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES: tuple[GroundLanguage, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A town with its pictures; `number` is what was added to the seed."""

    number: int
    town: Town
    pictures: Pictures


def load_demonstration(
    *,
    seed: int = 2,
    as_of: date | None = None,
    plan: Sequence[Street] = streets(Size.STREET),
    progress: Progress | None = None,
) -> None:
    """Fill the process's migrated database with the demonstration, one street or many.

    The same `seed`, `as_of` (`last_day` of this instant when left out) and `plan` make the same
    rows, numbers included, in a database that was empty; only the audit entries' time differs.
    Areas that were imported before stay as they are. All streets are written in one transaction;
    no more than one of them is in memory at a time.

    Raises:
        Refusal: ``refusal.demonstration_present`` when it is loaded already,
            ``refusal.demonstration_beside_accounts`` when somebody has an account of their own:
            a demonstration opens the whole tree to everybody.
    """
    tell = progress or _silent
    day = as_of or last_day(now())
    with Reads() as session:
        _refuse_unfit(session)
    drawn = _draw(seed, tell)
    with transaction(None) as tx:
        _refuse_unfit(tx.session)
        _Filling(tx, Rows(_taken(tx.session)), seed, day, tell).fill(plan, drawn)
        tx.session.execute(
            update(Installation)
            .where(Installation.id == 1)
            .values(demonstration=True, started_on=day)
        )
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


@dataclass
class _Filling:
    """The demonstration on its way into the database, street by street."""

    tx: Transaction
    rows: Rows
    seed: int
    as_of: date
    tell: Progress
    area_ids: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def fill(self, plan: Sequence[Street], drawn: _Drawn) -> None:
        """Write every street of the plan, then the shapes of what lies above them."""
        above = Above(self.rows, plan, self.as_of)
        self._write()
        for n, street in enumerate(plan):
            if street.town != drawn.number:
                drawn = _draw(self.seed, _silent, street.town)
            town = drawn.town if street.first else moved(drawn.town, street)
            site = Site(street.code, above.of(street.district))
            salt = "" if street.first else f" {street.code}"
            street_id = add_street(
                self.rows, town, site, f"{self.seed}{salt}", self.as_of, drawn.pictures
            )
            above.hold(street.district, town)
            self.area_ids.add(street_id)
            self._write(self.tell if len(plan) == 1 else _silent)
            if len(plan) > 1:
                self.tell("demo.write_streets", 0.6 + 0.39 * (n + 1) / len(plan))
        for area_id, values in above.shapes():
            self.area_ids.add(area_id)
            self.tx.session.execute(update(Area).where(Area.id == area_id).values(**values))
        if self.tx.session.get_bind().dialect.name == "postgresql":
            _advance_sequences(self.tx.session)
        self._record()

    def _write(self, tell: Progress | None = None) -> None:
        """Write the rows made so far table by table, referred tables first, and forget them."""
        steps = {model.__tablename__: step for model, step in _STEPS.items()}
        tables = self.rows.release()
        for table in Base.metadata.sorted_tables:
            held = tables.get(table.name, [])
            self.counts[table.name] += len(held)
            if tell is not None and table.name in steps:
                tell(*steps[table.name])
            for start in range(0, len(held), CHUNK):
                insert_rows(self.tx.session, _MODELS[table.name], held[start : start + CHUNK])
        areas = [row["id"] for row in tables.get(Area.__tablename__, [])]
        self.tx.sums.put_where(Service.area_id.in_(areas))

    def _record(self) -> None:
        """One audit entry for each topic, and one move of each street's counter."""
        n = {model: self.counts[model.__tablename__] for model in _COUNTED}
        labels = {
            Topic.AREAS: f"{n[Area]:,} areas",
            Topic.STRUCTURE: f"{n[BuildingGroup]:,} building groups",
            Topic.UNITS: f"{n[Organisation]:,} units",
            Topic.PEOPLE: f"{n[Person]:,} people, {n[CheckIn]:,} check-ins",
            Topic.SERVICE: f"{n[Service]:,} services, {n[Participation]:,} participations",
            Topic.NEED: f"{n[Need]:,} needs",
            Topic.PROJECT: f"{n[Project]:,} projects, {n[Claim]:,} claims",
        }
        for topic, label in labels.items():
            self.tx.record(
                LOADED,
                "demonstration",
                topic=topic,
                area_ids=frozenset(self.area_ids),
                label=label,
            )


def add_street(
    rows: Rows, town: Town, site: Site, seed: str, as_of: date, pictures: Pictures
) -> int:
    """Add all rows of one street and give its number; reads no clock and no database."""

    def stream(part: str) -> Random:
        return Random(f"{seed} {part}")

    first = first_day(as_of)
    territory = add_territory(rows, town, as_of=as_of, rng=stream("territory"), site=site)
    _add_ground(rows, town, territory.street_id, pictures)
    names = person_names(stream("names"))
    units = add_units(rows, territory, names, stream("units"))
    add_offers(rows, territory, units, as_of=as_of, rng=stream("offers"))
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
    make_odd(rows, stream("oddities"))
    line = Pipeline(rows, territory, volunteers, accounts, stage, as_of, stream("pipeline"))
    line.add()
    Promises(replace(line, rng=stream("promises")), crews, units).add()
    CheckIns(rows, territory, volunteers, accounts, stage, names, as_of, stream("check-ins")).add()
    TeamLife(rows, territory, volunteers, crews, accounts, stage, as_of, stream("team life")).add()
    vouched = stream("certificates")
    Certificates(rows, territory, volunteers, accounts, stage, as_of, vouched).add()
    return territory.street_id


def _silent(_word: str, _share: float) -> None:
    """Tell nobody."""


def _draw(seed: int, tell: Progress, number: int = 0) -> _Drawn:
    tell("demo.draw_town", 0.0)
    town = build_town(seed + number)
    tell("demo.draw_ground", 0.3)
    pictures = _pictures(town)
    tell("demo.draw_people", 0.55)
    return _Drawn(number, town, pictures)


def _pictures(town: Town) -> Pictures:
    return {
        (theme, language): gzip.compress(render_ground(town, theme, language), mtime=0)
        for theme in THEMES
        for language in LANGUAGES
    }


def _add_ground(rows: Rows, town: Town, street_id: int, pictures: Pictures) -> None:
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


_MODELS: Mapping[str, type[Base]] = {
    mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers
}
_COUNTED = (
    *(Area, BuildingGroup, Organisation, Person, Service, Participation),
    *(Need, Project, Claim, CheckIn),
)


def _advance_sequences(session: Session) -> None:
    """Let PostgreSQL go on counting after the numbers that were given here."""
    for model in _numbered():
        name = model.__tablename__
        if last := session.scalar(select(func.max(model.id))):
            session.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), last)))
