"""Being there: a volunteer opens the code that hangs where a claim is kept, on its day.

What they take part in is then vouched for as checked in, before or after it is recorded.
"""

from sqlalchemy import or_, select

from lib.domain.calendar import now, today
from lib.domain.claims import SERVICEABLE
from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimAction, ClaimState, CodeFor, ServiceState, Topic
from lib.domain.workflow import claim_step
from lib.persistence.models import (
    Claim,
    ClaimService,
    Membership,
    Person,
    PlaceCheckIn,
    Project,
    PublicCode,
    Service,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.claim import take_step
from lib.services.settling import standing_work, vouch

_BEGUN = frozenset({ClaimState.IN_SERVICE, ClaimState.SERVED})


def check_in_here(actor: Actor, *, code: str) -> str:
    """Note that the actor is where a project is served, for their claim of it; its title.

    The claim may be the actor's own, or of a team or unit that they belong to. An own claim that
    nobody had begun is begun. Doing it twice is the same as once.

    Raises:
        NotFound: the code was renewed.
        NotPermitted: the actor claims nothing.
        Refusal: ``refusal.place_no_person`` for an account without a person,
            ``refusal.place_no_claim`` without a claim for today.
    """
    if not actor.may(Permission.CLAIM_TAKE):
        raise NotPermitted(Permission.CLAIM_TAKE)
    if actor.person_id is None:
        raise Refusal("refusal.place_no_person")
    with transaction(actor) as tx:
        project = _project_behind(tx, code)
        claim = _claim_of(tx, project, actor.person_id)
        there = {"claim_id": claim.id, "person_id": actor.person_id, "day": today()}
        if tx.session.scalar(select(PlaceCheckIn.id).filter_by(**there)) is not None:
            return project.title
        tx.session.add(PlaceCheckIn(**there, at=now()))
        if claim.person_id == actor.person_id and claim.state is ClaimState.ACTIVE:
            take_step(tx, claim, project, claim_step(claim.state, ClaimAction.START), None)
        tx.session.flush()
        areas = _vouch_for_recorded(tx, claim)
        tx.record(
            "claim.check_in",
            claim,
            topic=Topic.SERVICE if areas else Topic.PROJECT,
            area_ids=frozenset({project.area_id}) | areas,
            label=project.title,
        )
        return project.title


def _project_behind(tx: Transaction, code: str) -> Project:
    # The lock keeps a second tap waiting, and comes before the claim's as everywhere.
    project = tx.session.scalar(
        select(Project)
        .join(PublicCode, PublicCode.project_id == Project.id)
        .where(PublicCode.code == code, PublicCode.purpose == CodeFor.SERVICE)
        .with_for_update(of=Project)
    )
    if project is None:
        raise NotFound
    return project


def _claim_of(tx: Transaction, project: Project, person_id: int) -> Claim:
    """The person's claim of the project for today, before that of a team or unit of theirs."""
    teams = select(Membership.team_id).where(
        Membership.person_id == person_id, Membership.until.is_(None)
    )
    unit = select(Person.organisation_id).where(Person.id == person_id)
    statement = (
        select(Claim)
        .where(
            Claim.project_id == project.id,
            or_(
                Claim.person_id == person_id,
                Claim.team_id.in_(teams),
                Claim.organisation_id.in_(unit),
            ),
            Claim.state.in_(SERVICEABLE),
            or_(Claim.promised_on == today(), Claim.state.in_(_BEGUN)),
        )
        .order_by(Claim.person_id.is_(None), Claim.id)
    )
    claim = tx.session.scalars(statement.limit(1)).first()
    if claim is None:
        raise Refusal("refusal.place_no_claim", title=project.title)
    return claim


def _vouch_for_recorded(tx: Transaction, claim: Claim) -> frozenset[int]:
    """Raise what is recorded for today and waits; the areas of it."""
    waiting = (
        select(Service)
        .join(ClaimService, ClaimService.service_id == Service.id)
        .where(
            ClaimService.claim_id == claim.id,
            Service.day == today(),
            Service.state == ServiceState.RECORDED,
        )
    )
    services = tx.session.scalars(waiting.order_by(Service.id)).all()
    for service in services:
        tx.sums.take(service, standing_work(tx.session, service))
        vouch(tx, service)
    return frozenset(service.area_id for service in services)
