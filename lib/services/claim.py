"""Commands on claims: claim, start, withdraw, hand over, release what lapsed.

Who changes how many places are taken locks the project first. What a claim's services become is
followed here, from the one place in `lib.services.service` where every step is recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import ColumnElement, and_, func, or_, select

from lib.domain.calendar import now, today
from lib.domain.claims import (
    FOLLOWED_BY,
    FOLLOWING,
    HOLDING,
    LEASED,
    SERVICEABLE,
    STANDING,
    overlap,
    served_state,
)
from lib.domain.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ClaimAction, ClaimState, ProjectState, ServiceState, Topic
from lib.domain.workflow import Step, claim_step
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Claim,
    ClaimService,
    ClaimStep,
    Membership,
    Participation,
    Person,
    Project,
    ProjectSkill,
    Service,
    Team,
    VolunteerSkill,
)
from lib.persistence.scope import around
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.acting import act_for
from lib.services.steps import at_version, keep_step, reason_given, requests_of, written

_BUSY = LEASED | {ClaimState.IN_SERVICE}
"""Claims whose promised day is still to be kept."""


@dataclass(frozen=True)
class Claimant:
    """Who claims: exactly one of a person, a team and a unit."""

    person_id: int | None = None
    team_id: int | None = None
    organisation_id: int | None = None

    def is_of(self) -> ColumnElement[bool]:
        """Whether a claim is this claimant's."""
        return and_(
            Claim.person_id.is_not_distinct_from(self.person_id),
            Claim.team_id.is_not_distinct_from(self.team_id),
            Claim.organisation_id.is_not_distinct_from(self.organisation_id),
        )


@dataclass(frozen=True)
class Promise:
    """Which project somebody promises to do, and on which local day."""

    project_id: int
    claimant: Claimant
    promised_on: date


@once(Claim)
def claim_project(
    actor: Actor,
    *,
    project_id: int,
    claimant: Claimant,
    promised_on: date,
    request_id: str,
    wait: bool = False,
) -> int:
    """Claim a place in a project for a promised local day; first come, first served.

    With `wait` the claimant queues where no place is free, and moves up when one becomes free.

    Returns:
        The id of the claim.

    Raises:
        Invalid: the promised day is over or none of the project's.
        NotPermitted: the project is not offered in the actor's area, or the actor may not act
            for the claimant.
        Refusal: the reason why it cannot be claimed: ``refusal.claim_full``, ``_collides``,
            ``_not_open``, ``_over``, ``_yours``, ``_collective``, ``_unled``, ``_skill``.
    """
    with transaction(actor) as tx:
        return _claim(tx, Promise(project_id, claimant, promised_on), request_id, wait=wait)


def claim_many(actor: Actor, *, promises: Sequence[Promise], request_id: str) -> list[int]:
    """Claim a whole list in its order, all or none, as `claim_project` does; the claims' ids."""
    with transaction(actor) as tx:
        requests = requests_of(request_id, len(promises))
        return written(tx, Claim, requests) or [
            _claim(tx, *one, wait=False) for one in zip(promises, requests, strict=True)
        ]


def start_claim(actor: Actor, *, claim_id: int, version: int) -> None:
    """Begin the service: from now on the claim does not lapse.

    Raises:
        Refusal: ``refusal.wrong_state``, also when the promised day has passed meanwhile.
    """
    with transaction(actor) as tx:
        claim, project = _own(tx, claim_id, version)
        take_step(tx, claim, project, claim_step(claim.state, ClaimAction.START), None)


def withdraw_claim(actor: Actor, *, claim_id: int, version: int, reason: str) -> None:
    """Give the place back, saying why; whoever waits longest moves up."""
    with transaction(actor) as tx:
        claim, project = _own(tx, claim_id, version)
        step = claim_step(claim.state, ClaimAction.WITHDRAW)
        take_step(tx, claim, project, step, reason_given(step, reason))
        _promote(tx, project)


@once(Claim)
def hand_over_claim(
    actor: Actor, *, claim_id: int, version: int, to: Claimant, request_id: str
) -> int:
    """Let another claimant keep the promise, on the same day; returns the new claim's id.

    Raises:
        NotPermitted: the actor may not act for both.
        Refusal: as in `claim_project`, for the new claimant.
    """
    with transaction(actor) as tx:
        claim, project = _own(tx, claim_id, version)
        step = claim_step(claim.state, ClaimAction.HAND_OVER)
        _permit(tx, project, to)
        _refuse_closed(project, to)
        _refuse_unskilled(tx, project, to)
        _refuse_unled(tx, to)
        promised_on = max(claim.promised_on, today())
        _refuse_twice(tx, project, to, promised_on)
        take_step(tx, claim, project, step, None)
        new = _add(tx, project, to, promised_on, ClaimAction.CLAIM, request_id, claim.id)
        return new.id


def release_claims(day: date | None = None) -> int:
    """Free the places of all claims whose promised day passed before `day`; how many lapsed.

    For the command line. Each project is a transaction of its own.
    """
    with Reads() as session:
        due = select(Claim.project_id).where(_due(day or today())).distinct()
        projects = list(session.scalars(due.order_by(Claim.project_id)))
    released = 0
    for project_id in projects:
        with transaction(None) as tx:
            released += _release_due(tx, _locked(tx, project_id), day)
    return released


def attach_service(tx: Transaction, claim_id: int, service: Service) -> None:
    """Say that a service about to be recorded was promised by the claim.

    Raises:
        NotPermitted: the actor may not act for the claimant.
        Refusal: ``refusal.wrong_state`` when the claim ended or was confirmed meanwhile.
    """
    claim, project = _with_project(tx, claim_id)
    _act_for(tx, project, _claimant(claim))
    _release_due(tx, project)
    if claim.state not in SERVICEABLE:
        raise Refusal("refusal.wrong_state", state=claim.state, action=ClaimAction.SERVE)
    tx.session.add(ClaimService(service_id=service.id, claim_id=claim.id))
    tx.session.flush()


def follow_service(tx: Transaction, service: Service) -> None:
    """Bring the claim of a service, if it has one, to where its services say it stands.

    Raises:
        Refusal: ``refusal.claimant_absent`` when the claimant had no part in the service.
    """
    link = tx.session.get(ClaimService, service.id)
    if link is None:
        return
    claim, project = _with_project(tx, link.claim_id, lock=False)
    if claim.state not in FOLLOWING:
        return
    kept = service.state in (ServiceState.RECORDED, ServiceState.CONFIRMED)
    if kept and not _took_part(tx, claim, service.id):
        raise Refusal("refusal.claimant_absent")
    of_claim = ClaimService.service_id == Service.id
    states = select(Service.state).join(ClaimService, of_claim)
    target = served_state(tx.session.scalars(states.where(ClaimService.claim_id == claim.id)).all())
    if target is not claim.state:
        take_step(tx, claim, project, claim_step(claim.state, FOLLOWED_BY[target]), None)


def lock_project_of(tx: Transaction, service: Service) -> None:
    """Let others who take or free places of the service's project wait until the end."""
    link = tx.session.get(ClaimService, service.id)
    if link is not None:
        _with_project(tx, link.claim_id)


def give_back(tx: Transaction, service: Service, reason: str) -> None:
    """Free the place of a claim whose only service, just returned, was not given at all.

    Whoever was served said so; whoever waits longest moves up. `lock_project_of` comes before.
    """
    link = tx.session.get(ClaimService, service.id)
    if link is None:
        return
    claim, project = _with_project(tx, link.claim_id)
    others = (
        select(Service.id)
        .join(ClaimService, ClaimService.service_id == Service.id)
        .where(ClaimService.claim_id == claim.id, Service.id != service.id)
        .where(Service.state.in_((ServiceState.RECORDED, ServiceState.CONFIRMED)))
    )
    if claim.state is not ClaimState.RETURNED or tx.session.scalar(others.limit(1)) is not None:
        return
    step = claim_step(claim.state, ClaimAction.WITHDRAW)
    take_step(tx, claim, project, step, reason, by_itself=True)
    _promote(tx, project)


def take_step(
    tx: Transaction,
    claim: Claim,
    project: Project,
    step: Step[ClaimState, ClaimAction],
    reason: str | None,
    *,
    by_itself: bool = False,
) -> None:
    """Move a claim and write it down; `by_itself` where nobody did it but the clock."""
    claim.state, claim.reason = step.target, reason
    tx.session.flush()
    by = None if by_itself or tx.actor is None else tx.actor.account_id
    keep_step(tx, ClaimStep, step, reason, by, claim_id=claim.id)
    tx.record(
        f"claim.{step.action}",
        claim,
        topic=Topic.PROJECT,
        area_ids=frozenset({project.area_id}),
        label=project.title,
        changes={"state": (step.source, step.target)},
    )


def _claim(tx: Transaction, promise: Promise, request_id: str, *, wait: bool) -> int:
    project, claimant = _locked(tx, promise.project_id), promise.claimant
    _permit(tx, project, claimant)
    _release_due(tx, project)
    _refuse_closed(project, claimant)
    _refuse_unskilled(tx, project, claimant)
    _refuse_unled(tx, claimant)
    _refuse_twice(tx, project, claimant, promise.promised_on)
    full = _taken(tx, project) >= project.capacity
    if full and not wait:
        raise Refusal("refusal.claim_full", n=project.capacity)
    action = ClaimAction.QUEUE if full else ClaimAction.CLAIM
    return _add(tx, project, claimant, promise.promised_on, action, request_id).id


def _add(
    tx: Transaction,
    project: Project,
    claimant: Claimant,
    promised_on: date,
    action: ClaimAction,
    request_id: str,
    from_claim_id: int | None = None,
) -> Claim:
    step = claim_step(None, action)
    claim = Claim(
        project_id=project.id,
        person_id=claimant.person_id,
        team_id=claimant.team_id,
        organisation_id=claimant.organisation_id,
        promised_on=promised_on,
        state=step.target,
        from_claim_id=from_claim_id,
        claimed_by_id=tx.actor.account_id if tx.actor else project.created_by_id,
        claimed_at=now(),
        request_id=request_id,
    )
    tx.session.add(claim)
    take_step(tx, claim, project, step, None)
    return claim


def _locked(tx: Transaction, project_id: int, *, lock: bool = True) -> Project:
    project = tx.session.get(Project, project_id, with_for_update=lock or None)
    if project is None:
        raise NotFound
    return project


def _with_project(tx: Transaction, claim_id: int, *, lock: bool = True) -> tuple[Claim, Project]:
    project_id = tx.session.scalar(select(Claim.project_id).where(Claim.id == claim_id))
    if project_id is None:
        raise NotFound
    project = _locked(tx, project_id, lock=lock)
    return tx.session.get_one(Claim, claim_id), project


def _own(tx: Transaction, claim_id: int, version: int) -> tuple[Claim, Project]:
    """The claim on the screen and its project, for whoever may act for the claimant."""
    _, project = _with_project(tx, claim_id)
    claim = at_version(tx, Claim, claim_id, version)
    _act_for(tx, project, _claimant(claim))
    _release_due(tx, project)
    return claim, project


def _claimant(claim: Claim) -> Claimant:
    return Claimant(claim.person_id, claim.team_id, claim.organisation_id)


def _permit(tx: Transaction, project: Project, claimant: Claimant) -> None:
    if tx.actor is None:
        return
    _act_for(tx, project, claimant)
    offered = around(Project.area_id, tx.actor, Permission.CLAIM_TAKE)
    if tx.session.scalar(select(Project.id).where(Project.id == project.id, offered)) is None:
        raise NotPermitted(Permission.CLAIM_TAKE, project.area_id, code="refusal.claim_area")


def _act_for(tx: Transaction, project: Project, claimant: Claimant) -> None:
    persons, teams, units = (
        {one for one in (number,) if one is not None}
        for number in (claimant.person_id, claimant.team_id, claimant.organisation_id)
    )
    if len(persons) + len(teams) + len(units) != 1:
        raise Invalid([Problem("claimant", "problem.one_claimant")])
    code = "refusal.claim_yourself"
    act_for(tx, project.area_id, persons=persons, teams=teams, units=units, code=code)


def _refuse_closed(project: Project, claimant: Claimant) -> None:
    if project.state is not ProjectState.PUBLISHED or project.last_day < today():
        raise Refusal("refusal.claim_over", state=project.state)
    if project.opens_on is not None and project.opens_on > today():
        raise Refusal("refusal.claim_not_open", day=project.opens_on.isoformat())
    if project.collective and claimant.person_id is not None:
        raise Refusal("refusal.claim_collective")


def _refuse_unled(tx: Transaction, claimant: Claimant) -> None:
    """A team without a leader has nobody who answers for its promise."""
    if claimant.team_id is None:
        return
    unled = select(Team.id).where(Team.id == claimant.team_id, Team.leader_id.is_(None))
    if tx.session.scalar(unled) is not None:
        raise Refusal("refusal.claim_unled")


def _refuse_unskilled(tx: Transaction, project: Project, claimant: Claimant) -> None:
    """A person needs every skill, a team has each in one of its members; units answer for theirs.

    Raises:
        Refusal: ``refusal.claim_skill``, naming those that are missing.
    """
    if claimant.organisation_id is not None:
        return
    members = select(Membership.person_id).where(
        Membership.team_id == claimant.team_id, Membership.until.is_(None)
    )
    who = members if claimant.person_id is None else [claimant.person_id]
    held = select(VolunteerSkill.skill).where(VolunteerSkill.person_id.in_(who))
    asked = select(ProjectSkill.skill).where(
        ProjectSkill.project_id == project.id, ProjectSkill.skill.not_in(held)
    )
    missing = tuple(tx.session.scalars(asked.order_by(ProjectSkill.skill)))
    if missing:
        raise Refusal("refusal.claim_skill", skills=missing)


def _refuse_twice(tx: Transaction, project: Project, claimant: Claimant, promised_on: date) -> None:
    own = claimant.is_of()
    standing = select(Claim.id).where(
        Claim.project_id == project.id, own, Claim.state.in_(STANDING)
    )
    if tx.session.scalar(standing.limit(1)) is not None:
        raise Refusal("refusal.claim_yours")
    first = max(project.first_day, today())
    if not first <= promised_on <= project.last_day:
        values = {"first": first.isoformat(), "last": project.last_day.isoformat()}
        raise Invalid([Problem("promised_on", "problem.promise_outside", values)])
    for title, starts_at, ends_at in _same_day(tx, own, promised_on):
        if overlap((starts_at, ends_at), (project.starts_at, project.ends_at)):
            raise Refusal("refusal.claim_collides", title=title, day=promised_on.isoformat())


def _same_day(
    tx: Transaction, own: ColumnElement[bool], day: date
) -> Iterator[tuple[str, time | None, time | None]]:
    rows = (
        select(Project.title, Project.starts_at, Project.ends_at)
        .join(Claim, Claim.project_id == Project.id)
        .where(own, Claim.promised_on == day, Claim.state.in_(_BUSY))
        .order_by(Claim.id)
    )
    yield from tx.session.execute(rows).tuples()


def _taken(tx: Transaction, project: Project) -> int:
    held = select(func.count()).where(Claim.project_id == project.id, Claim.state.in_(HOLDING))
    return tx.session.scalar(held) or 0


def _due(day: date) -> ColumnElement[bool]:
    return and_(Claim.state.in_(LEASED), Claim.promised_on < day)


def _release_due(tx: Transaction, project: Project, day: date | None = None) -> int:
    """Let claims lapse whose promised day passed, and others move up; how many lapsed."""
    due = select(Claim).where(Claim.project_id == project.id, _due(day or today()))
    lapsed = tx.session.scalars(due.order_by(Claim.id)).all()
    for claim in lapsed:
        step = claim_step(claim.state, ClaimAction.LAPSE)
        take_step(tx, claim, project, step, None, by_itself=True)
    if lapsed:
        _promote(tx, project)
    return len(lapsed)


def _promote(tx: Transaction, project: Project) -> None:
    """Give free places to whoever waits longest, as long as the project is in the library."""
    free = project.capacity - _taken(tx, project)
    if project.state is not ProjectState.PUBLISHED or free <= 0:
        return
    waiting = select(Claim).where(
        Claim.project_id == project.id,
        Claim.state == ClaimState.WAITING,
        Claim.promised_on >= today(),
    )
    for claim in tx.session.scalars(waiting.order_by(Claim.id).limit(free)):
        step = claim_step(claim.state, ClaimAction.PROMOTE)
        take_step(tx, claim, project, step, None, by_itself=True)


def _took_part(tx: Transaction, claim: Claim, service_id: int) -> bool:
    """Whether the claimant served: in person, or by the team's or the unit's people."""
    if claim.person_id is not None:
        by = Participation.person_id == claim.person_id
    elif claim.team_id is not None:
        members = select(Membership.person_id).where(Membership.team_id == claim.team_id)
        by = or_(Participation.team_id == claim.team_id, Participation.person_id.in_(members))
    else:
        unit = claim.organisation_id
        staff = select(Person.id).where(Person.organisation_id == unit)
        by = or_(Participation.organisation_id == unit, Participation.person_id.in_(staff))
    found = select(Participation.id).where(Participation.service_id == service_id, by)
    return tx.session.scalar(found.limit(1)) is not None
