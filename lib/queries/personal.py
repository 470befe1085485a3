"""What is held on a person, for the person: everything, in one document.

Only for those who answer such requests; that it was handed out is entered by `lib.services.people`.
"""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, select, true

from lib.domain.errors import NotFound
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    AccountGrant,
    Appointment,
    Area,
    AuditEntry,
    Certificate,
    CheckIn,
    Claim,
    Consent,
    CorrectionRequest,
    Membership,
    MembershipRequest,
    Organisation,
    Participation,
    Person,
    PlaceCheckIn,
    Project,
    Service,
    Team,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
)
from lib.persistence.scope import reached
from lib.queries.counters import reads

FOUND_COLUMNS = ("person_id", "name", "area_zh", "area_en", "consented_on")
Held = dict[str, list[dict[str, Any]]]


@reads(Topic.PEOPLE, Topic.AREAS)
def found(actor: Actor, *, text: str, limit: int = 50) -> pd.DataFrame:
    """FOUND_COLUMNS of people whose names hold `text`, within the actor's sight; by name."""
    wanted = line(text)
    statement = (
        select(Person.id, Person.name, Area.name_zh, Area.name_en, Person.consented_on)
        .join(Area, Area.id == Person.area_id)
        .where(
            Person.name.contains(wanted, autoescape=True),
            Person.forgotten_on.is_(None),
            _kept(actor),
        )
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    with Reads() as session:
        rows = session.execute(statement).all() if wanted else []
    return pd.DataFrame(rows, columns=list(FOUND_COLUMNS))


@reads(Topic.PEOPLE, Topic.STRUCTURE, Topic.SERVICE, Topic.PROJECT, Topic.AREAS)
def held_on(actor: Actor | None, *, person_id: int) -> Held:
    """Everything held on a person, by part; without an actor for the command line.

    Raises:
        NotFound: there is no such person within the actor's sight.
    """
    with Reads() as session:
        there = select(Person.id).where(
            Person.id == person_id, Person.forgotten_on.is_(None), _kept(actor)
        )
        if session.scalar(there) is None:
            raise NotFound
        return {
            part: [dict(row) for row in session.execute(statement).mappings()]
            for part, statement in _parts(person_id).items()
        }


def _kept(actor: Actor | None) -> ColumnElement[bool]:
    return true() if actor is None else reached(Person.area_id, actor, Permission.PERSON_KEEP)


def _parts(person_id: int) -> dict[str, Select[*tuple[Any, ...]]]:
    """One statement for each part, its columns named as on the screens."""
    return _held(person_id) | _offered(person_id) | _done(person_id)


def _held(person_id: int) -> dict[str, Select[*tuple[Any, ...]]]:
    return {
        "person": select(
            Person.name,
            Area.name_zh.label("area"),
            Organisation.name_zh.label("unit"),
            Person.checked_in_on,
            Person.consented_on,
            Person.volunteer_since,
        )
        .join(Area, Area.id == Person.area_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id == person_id),
        "consent": select(Consent.text_version, Consent.given_on, Consent.recorded_at)
        .where(Consent.person_id == person_id)
        .order_by(Consent.id),
        "membership": select(Team.name_zh.label("team"), Membership.since, Membership.until)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.id),
        "membership_request": select(
            Team.name_zh.label("team"),
            MembershipRequest.state,
            MembershipRequest.made_at,
            MembershipRequest.reason,
        )
        .join(Team, Team.id == MembershipRequest.team_id)
        .where(MembershipRequest.person_id == person_id)
        .order_by(MembershipRequest.id),
        "appointment": select(
            Appointment.office,
            Area.name_zh.label("area"),
            Appointment.since,
            Appointment.until,
            Appointment.ended_on,
        )
        .join(Area, Area.id == Appointment.area_id)
        .where(Appointment.person_id == person_id)
        .order_by(Appointment.id),
    }


def _offered(person_id: int) -> dict[str, Select[*tuple[Any, ...]]]:
    return {
        "check_in": select(
            Area.name_zh.label("area"),
            Organisation.name_zh.label("unit"),
            CheckIn.certificate_number,
            CheckIn.state,
            CheckIn.reason,
            CheckIn.checked_in_on,
            CheckIn.ended_on,
            CheckIn.pledge_version,
            CheckIn.pledged_at,
        )
        .join(Area, Area.id == CheckIn.area_id)
        .outerjoin(Organisation, Organisation.id == CheckIn.organisation_id)
        .where(CheckIn.person_id == person_id)
        .order_by(CheckIn.id),
        "profile": select(Area.name_zh.label("area"), VolunteerProfile.radius_m)
        .outerjoin(Area, Area.id == VolunteerProfile.home_area_id)
        .where(VolunteerProfile.person_id == person_id),
        "skill": select(VolunteerSkill.skill)
        .where(VolunteerSkill.person_id == person_id)
        .order_by(VolunteerSkill.skill),
        "free_time": select(VolunteerTime.weekday, VolunteerTime.part)
        .where(VolunteerTime.person_id == person_id)
        .order_by(VolunteerTime.weekday, VolunteerTime.part),
        "duty": select(
            VolunteerRole.role.label("duty"),
            Area.name_zh.label("area"),
            VolunteerRole.since,
            VolunteerRole.until,
        )
        .join(Area, Area.id == VolunteerRole.area_id)
        .where(VolunteerRole.person_id == person_id)
        .order_by(VolunteerRole.id),
    }


def _done(person_id: int) -> dict[str, Select[*tuple[Any, ...]]]:
    return {
        "participation": select(
            Service.day,
            Service.kind,
            Area.name_zh.label("area"),
            Participation.minutes,
            Participation.trust,
            Service.state,
        )
        .join(Service, Service.id == Participation.service_id)
        .join(Area, Area.id == Service.area_id)
        .where(Participation.person_id == person_id)
        .order_by(Service.day, Service.id),
        "claim": select(
            Project.title,
            Claim.promised_on,
            Claim.state,
            Claim.reason,
            Claim.claimed_at,
        )
        .join(Project, Project.id == Claim.project_id)
        .where(Claim.person_id == person_id)
        .order_by(Claim.id),
        "place_check_in": select(Project.title, PlaceCheckIn.day, PlaceCheckIn.at.label("noted_at"))
        .join(Claim, Claim.id == PlaceCheckIn.claim_id)
        .join(Project, Project.id == Claim.project_id)
        .where(PlaceCheckIn.person_id == person_id)
        .order_by(PlaceCheckIn.id),
        "correction": select(
            Service.day,
            Service.kind,
            CorrectionRequest.minutes_before,
            CorrectionRequest.minutes_wanted,
            CorrectionRequest.words,
            CorrectionRequest.state,
            CorrectionRequest.reason,
            CorrectionRequest.asked_at,
        )
        .join(Service, Service.id == CorrectionRequest.service_id)
        .where(CorrectionRequest.person_id == person_id)
        .order_by(CorrectionRequest.id),
        "certificate": select(
            Certificate.number,
            Certificate.state,
            Certificate.first_day,
            Certificate.last_day,
            Certificate.minutes,
            Certificate.issuer,
            Certificate.issued_on,
            Certificate.reason,
        )
        .where(Certificate.person_id == person_id)
        .order_by(Certificate.id),
        "account": select(
            Account.name.label("account"), AccountGrant.role, AccountGrant.since, AccountGrant.until
        )
        .outerjoin(AccountGrant, AccountGrant.account_id == Account.id)
        .where(Account.person_id == person_id)
        .order_by(Account.id, AccountGrant.id),
        "trail": select(AuditEntry.at, AuditEntry.action, AuditEntry.role)
        .where(AuditEntry.subject_kind == "person", AuditEntry.subject_id == person_id)
        .order_by(AuditEntry.id),
    }
