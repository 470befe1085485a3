"""Reads what suggestions are made of: what is to be done, who volunteers, and how far apart.

It reads facts for `lib.queries.matching` and judges nothing; who may see them is decided there.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, hypot, radians
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from lib.domain.claims import HOLDING, LEASED, STANDING
from lib.domain.matching import GAVE_DAYS, Offering, Opening, Volunteer, Wanted, mask, occasions
from lib.domain.vocab import (
    CheckInState,
    ClaimState,
    NeedState,
    ProjectState,
    ServiceKind,
    ServiceState,
)
from lib.persistence.models import (
    Area,
    AreaLink,
    CheckIn,
    Claim,
    Membership,
    Need,
    Organisation,
    Participation,
    Person,
    Project,
    ProjectSkill,
    Service,
    Team,
    UnitOffer,
    VolunteerProfile,
    VolunteerSkill,
    VolunteerTime,
)
from lib.queries.project import kept

METRES_PER_DEGREE = 111_195
"""Of latitude, on a sphere of 6,371 km."""

BUSY = LEASED | {ClaimState.IN_SERVICE}
"""Claims that are still to be kept."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Group:
    """A team or a unit that offers a kind within an area, 0 claims open or more.

    `number` is the team's or unit's; `open_claims` and `claimed_on` are as for a volunteer.
    """

    number: int
    area_id: int
    kind: ServiceKind
    open_claims: int
    claimed_on: date | None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Distances:
    """How far areas are from each other, centre to centre; what holds another is 0 m from it."""

    centres: Mapping[int, tuple[float, float]]
    within: frozenset[tuple[int, int]]

    def metres(self, home_id: int, area_id: int) -> float | None:
        """From a home to where something is done; None when an area has no centre."""
        if home_id == area_id or (area_id, home_id) in self.within:
            return 0.0
        here, there = self.centres.get(home_id), self.centres.get(area_id)
        if here is None or there is None:
            return None
        across = (here[0] - there[0]) * cos(radians((here[1] + there[1]) / 2))
        return hypot(across, here[1] - there[1]) * METRES_PER_DEGREE


def openings(
    session: Session, *, needs: ColumnElement[bool], projects: ColumnElement[bool], day: date
) -> list[Opening]:
    """Needs that wait for an answer, and published projects with places free on `day`."""
    asked = select(Need.id, Need.area_id, Need.kind, Need.wished_on).where(
        Need.state == NeedState.COLLECTED, needs
    )
    found = [
        Opening(
            Wanted.NEED,
            number,
            area_id,
            kind,
            occasions=() if wished is None else occasions(wished, wished),
            day=wished,
        )
        for number, area_id, kind, wished in session.execute(asked.order_by(Need.id))
    ]
    return found + _projects(session, projects, day)


def _projects(session: Session, where: ColumnElement[bool], day: date) -> list[Opening]:
    taken = (
        select(func.count())
        .where(Claim.project_id == Project.id, Claim.state.in_(HOLDING), kept(day))
        .scalar_subquery()
    )
    offered = (
        select(Project, Project.capacity - taken)
        .where(Project.state == ProjectState.PUBLISHED, Project.last_day >= day, where)
        .order_by(Project.id)
    )
    rows = [(one, places) for one, places in session.execute(offered) if places > 0]
    asked = select(ProjectSkill.project_id, ProjectSkill.skill)
    numbers = [one.id for one, _ in rows]
    skills = _gathered(session.execute(asked.where(ProjectSkill.project_id.in_(numbers))))
    found = []
    for one, places in rows:
        first = max(one.first_day, day)
        found.append(
            Opening(
                Wanted.PROJECT,
                one.id,
                one.area_id,
                one.kind,
                frozenset(skills.get(one.id, ())),
                occasions(first, one.last_day, one.starts_at, one.ends_at),
                one.last_day if first == one.last_day else None,
                places,
                one.collective,
            )
        )
    return found


def volunteers(session: Session, *, where: ColumnElement[bool], day: date) -> list[Volunteer]:
    """Everybody who volunteers on `day`; whoever paused or left is asked for nothing."""
    resting = select(CheckIn.person_id).where(CheckIn.state == CheckInState.PAUSED)
    serving = and_(
        Person.volunteer_since.is_not(None),
        Person.volunteer_since <= day,
        Person.forgotten_on.is_(None),
        Person.id.not_in(resting),
        where,
    )
    people = select(Person.id).where(serving)
    home = func.coalesce(VolunteerProfile.home_area_id, Person.area_id)
    rows = session.execute(
        select(Person.id, home, VolunteerProfile.radius_m)
        .outerjoin(VolunteerProfile, VolunteerProfile.person_id == Person.id)
        .where(serving)
        .order_by(Person.id)
    ).all()
    skills = _gathered(session.execute(_of(people, VolunteerSkill.person_id, VolunteerSkill.skill)))
    times = defaultdict(list)
    told = _of(people, VolunteerTime.person_id, VolunteerTime.weekday, VolunteerTime.part)
    for number, weekday, part in session.execute(told):
        times[number].append((weekday, part))
    teams = _gathered(session.execute(_team_kinds(people)))
    gave = _gathered(session.execute(_given_kinds(people, day)))
    load = claims_of(session, Claim.person_id, Claim.person_id.in_(people), day)
    return [
        Volunteer(
            number,
            home_id,
            radius,
            frozenset(skills.get(number, ())),
            mask(times.get(number, ())),
            frozenset(teams.get(number, ())),
            frozenset(gave.get(number, ())),
            *load.get(number, (0, None)),
        )
        for number, home_id, radius in rows
    ]


def _of(people: Select[int], person_id: Any, *columns: Any) -> Select[Any]:  # noqa: ANN401
    return select(person_id, *columns).where(person_id.in_(people))


def _team_kinds(people: Select[int]) -> Select[int, ServiceKind]:
    return (
        select(Membership.person_id, Team.kind)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.until.is_(None), Membership.person_id.in_(people))
    )


def _given_kinds(people: Select[int], day: date) -> Select[int | None, ServiceKind]:
    return (
        select(Participation.person_id, Service.kind)
        .join(Service, Service.id == Participation.service_id)
        .where(
            Service.state == ServiceState.CONFIRMED,
            Service.day >= day - timedelta(days=GAVE_DAYS),
            Participation.person_id.in_(people),
        )
        .distinct()
    )


def claims_of(
    session: Session,
    claimant: Any,  # noqa: ANN401 - one of the claim's three claimant columns
    where: ColumnElement[bool],
    day: date,
) -> dict[int, tuple[int, date | None]]:
    """By claimant: how many claims are still to be kept, and the day of the last one made."""
    is_open = case((and_(Claim.state.in_(BUSY), kept(day)), 1), else_=0)
    statement = select(claimant, func.sum(is_open), func.max(Claim.claimed_at)).where(where)
    return {
        number: (int(n), at.date() if at else None)
        for number, n, at in session.execute(statement.group_by(claimant))
    }


def standing(session: Session, projects: Sequence[int]) -> list[tuple[int, int]]:
    """Project and person of every claim that stands: nobody is asked for it twice."""
    rows = select(Claim.project_id, Claim.person_id).where(
        Claim.project_id.in_(projects), Claim.person_id.is_not(None), Claim.state.in_(STANDING)
    )
    return [(project_id, number) for project_id, number in session.execute(rows) if number]


def standing_groups(session: Session, projects: Sequence[int]) -> set[tuple[int, Offering, int]]:
    """Project, offering and number of every team and unit whose claim stands."""
    rows = select(Claim.project_id, Claim.team_id, Claim.organisation_id).where(
        Claim.project_id.in_(projects), Claim.person_id.is_(None), Claim.state.in_(STANDING)
    )
    return {
        (project, Offering.UNIT, unit or 0) if team is None else (project, Offering.TEAM, team)
        for project, team, unit in session.execute(rows)
    }


def promised_days(session: Session, day: date) -> set[tuple[int, date]]:
    """Person and day of every promise still to be kept: that day they are taken."""
    rows = select(Claim.person_id, Claim.promised_on).where(
        Claim.person_id.is_not(None), Claim.state.in_(BUSY), Claim.promised_on >= day
    )
    return {(number, on) for number, on in session.execute(rows) if number}


def teams(session: Session, *, where: ColumnElement[bool], day: date) -> list[Group]:
    """Every team with somebody in it."""
    manned = select(Membership.team_id).where(Membership.until.is_(None))
    rows = session.execute(
        select(Team.id, Team.area_id, Team.kind).where(Team.id.in_(manned), where).order_by(Team.id)
    ).all()
    load = claims_of(session, Claim.team_id, Claim.team_id.is_not(None), day)
    return [Group(n, area_id, kind, *load.get(n, (0, None))) for n, area_id, kind in rows]


def offers(session: Session, *, where: ColumnElement[bool], day: date) -> list[Group]:
    """Every offer of a unit that stands on `day`."""
    rows = session.execute(
        select(UnitOffer)
        .join(Organisation, Organisation.id == UnitOffer.organisation_id)
        .where(
            UnitOffer.ended_on.is_(None),
            or_(UnitOffer.last_day.is_(None), UnitOffer.last_day >= day),
            Organisation.closed_on.is_(None),
            where,
        )
        .order_by(UnitOffer.id)
    ).scalars()
    load = claims_of(session, Claim.organisation_id, Claim.organisation_id.is_not(None), day)
    return [
        Group(
            one.organisation_id,
            one.area_id,
            one.kind,
            *load.get(one.organisation_id, (0, None)),
            one.first_day,
            one.last_day,
        )
        for one in rows
    ]


def distances(session: Session, homes: Iterable[int], places: Iterable[int]) -> Distances:
    """Between the homes and the places where something is done, read once for all."""
    here, there = set(homes), set(places)
    centres = select(Area.id, Area.label_lon, Area.label_lat).where(Area.id.in_(here | there))
    links = select(AreaLink.ancestor_id, AreaLink.descendant_id).where(
        AreaLink.ancestor_id.in_(there), AreaLink.descendant_id.in_(here)
    )
    return Distances(
        {
            number: (lon, lat)
            for number, lon, lat in session.execute(centres)
            if lon is not None and lat is not None
        },
        frozenset(session.execute(links).tuples()),
    )


def _gathered(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found
