"""Commands on what a volunteer can do: skills, free times, radius, home grid, and duties.

Whether somebody is checked in stands in `lib.services.check_in`, which begins a profile too.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, select, update

from lib.domain.calendar import today
from lib.domain.check_in import OPEN, radius_problems
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import DayPart, Level, Skill, Topic, VolunteerDuty
from lib.persistence.bulk import insert_rows
from lib.persistence.models import (
    CheckIn,
    Person,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
)
from lib.persistence.scope import community_of
from lib.persistence.transaction import Transaction, transaction
from lib.services.steps import area_of

_REGISTER = Permission.CHECKIN_REGISTER


@dataclass(frozen=True)
class ProfileEntry:
    """What a volunteer offers; a time is a weekday, Monday being 0, and a part of the day.

    `radius_m` is how far from home they help, in metres, None for anywhere.
    """

    skills: Set[Skill] = field(default_factory=frozenset)
    times: Set[tuple[int, DayPart]] = field(default_factory=frozenset)
    radius_m: int | None = None


def update_profile(
    actor: Actor,
    *,
    person_id: int,
    version: int,
    entry: ProfileEntry,
    home_area_id: int | None = None,
) -> None:
    """Save a profile whose form was opened at `version`, 0 where there was none.

    The volunteer saves the own one; others those of their area. `home_area_id` is the grid they
    live in, None leaves it as it is.

    Raises:
        Invalid: naming every field to mend; a home outside the community that they checked in
            with is one: that is a move.
        NotPermitted: somebody else's profile, out of reach.
        Refusal: ``refusal.changed_meanwhile`` when somebody saved in between.
    """
    with transaction(actor) as tx:
        person = _volunteer(tx, person_id)
        if actor.person_id != person_id:
            tx.permit(_REGISTER, person.area_id)
        profile = tx.session.get(VolunteerProfile, person_id)
        if (profile.version if profile else 0) != version:
            raise Refusal("refusal.changed_meanwhile")
        problems = profile_problems(entry)
        if home_area_id is not None:
            problems += _home_problems(tx, person, home_area_id)
        if problems:
            raise Invalid(problems)
        left = person.area_id
        if home_area_id is not None:
            person.area_id = home_area_id
        home = home_area_id or (profile.home_area_id if profile else None)
        keep_profile(tx, person_id, entry, home)
        tx.record(
            "person.profile",
            person,
            topic=Topic.PEOPLE,
            area_ids=frozenset({left, person.area_id}),
            changes={"skills": (None, len(entry.skills)), "times": (None, len(entry.times))},
        )


def set_duties(
    actor: Actor, *, person_id: int, duties: Set[VolunteerDuty], day: date | None = None
) -> None:
    """Let a volunteer hold exactly these duties from `day` on; those that end stay in history.

    Raises:
        NotPermitted: the volunteer does not live where the actor registers.
    """
    with transaction(actor) as tx:
        person = _volunteer(tx, person_id)
        tx.permit(_REGISTER, person.area_id)
        begun, ended = change_duties(tx, person, duties, day or today())
        if begun or ended:
            tx.record(
                "person.duties",
                person,
                topic=Topic.PEOPLE,
                area_ids=frozenset({person.area_id}),
                changes={"duties": (" ".join(sorted(ended)), " ".join(sorted(begun)))},
            )


def profile_problems(entry: ProfileEntry) -> list[Problem]:
    """What is wrong with what a volunteer offers."""
    problems = radius_problems(entry.radius_m)
    if any(not 0 <= weekday <= 6 for weekday, _ in entry.times):
        problems.append(Problem("times", "problem.weekday"))
    return problems


def keep_profile(
    tx: Transaction,
    person_id: int,
    entry: ProfileEntry | None,
    home_area_id: int | None,
    *,
    new: bool = False,
) -> None:
    """Write what a volunteer offers in the place of what stood there; None leaves that.

    Nothing can stand there of somebody `new`.
    """
    session = tx.session
    profile = None if new else session.get(VolunteerProfile, person_id)
    if profile is None:
        values = {
            "person_id": person_id,
            "home_area_id": home_area_id,
            "radius_m": entry.radius_m if entry else None,
            "version": 1,
        }
        insert_rows(session, VolunteerProfile, [values])
    else:
        # The version moves also where only the skills do: they belong to the same form.
        session.execute(
            update(VolunteerProfile)
            .where(VolunteerProfile.person_id == person_id)
            .values(
                home_area_id=home_area_id,
                radius_m=entry.radius_m if entry else VolunteerProfile.radius_m,
                version=VolunteerProfile.version + 1,
            )
        )
    if entry is None:
        return
    if profile is not None:
        session.execute(delete(VolunteerSkill).where(VolunteerSkill.person_id == person_id))
        session.execute(delete(VolunteerTime).where(VolunteerTime.person_id == person_id))
    if entry.skills:
        skills = [{"person_id": person_id, "skill": skill} for skill in sorted(entry.skills)]
        insert_rows(session, VolunteerSkill, skills)
    if entry.times:
        times = [
            {"person_id": person_id, "weekday": weekday, "part": part}
            for weekday, part in sorted(entry.times)
        ]
        insert_rows(session, VolunteerTime, times)


def change_duties(
    tx: Transaction,
    person: Person,
    duties: Set[VolunteerDuty],
    day: date,
    *,
    new: bool = False,
) -> tuple[Set[VolunteerDuty], Set[VolunteerDuty]]:
    """Begin and end duties so that exactly `duties` are held; those that began and ended.

    Somebody `new` holds none.
    """
    standing = select(VolunteerRole).where(
        VolunteerRole.person_id == person.id, VolunteerRole.until.is_(None)
    )
    held = {} if new else {one.role: one for one in tx.session.scalars(standing)}
    begun, ended = duties - held.keys(), held.keys() - duties
    for duty in ended:
        held[duty].until = max(day, held[duty].since)
    rows = [
        {"person_id": person.id, "role": duty, "area_id": person.area_id, "since": day}
        for duty in sorted(begun)
    ]
    if rows:
        insert_rows(tx.session, VolunteerRole, rows)
    return begun, ended


def _volunteer(tx: Transaction, person_id: int) -> Person:
    person = tx.session.get(Person, person_id, with_for_update=True)
    if person is None or person.forgotten_on is not None or person.volunteer_since is None:
        raise NotFound
    return person


def _home_problems(tx: Transaction, person: Person, home_area_id: int) -> list[Problem]:
    home = area_of(tx, home_area_id)
    if home.level is not Level.GRID or home.valid_until is not None:
        return [Problem("home_area_id", "problem.no_grid")]
    with_community = tx.session.scalar(
        select(CheckIn.area_id).where(CheckIn.person_id == person.id, CheckIn.state.in_(OPEN))
    )
    belongs = with_community or community_of(tx.session, person.area_id)
    if community_of(tx.session, home.id) != belongs:
        return [Problem("home_area_id", "problem.home_elsewhere")]
    return []
