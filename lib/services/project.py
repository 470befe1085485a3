"""Commands on projects of the library: create, edit, publish, close, withdraw.

Claims on them stand in `lib.services.claim`.
"""

from dataclasses import asdict, dataclass
from datetime import date, time

from sqlalchemy import delete, insert, select
from sqlalchemy.orm.attributes import flag_modified

from lib.domain.calendar import now, today
from lib.domain.claims import CAPACITY_MAX
from lib.domain.errors import Invalid, Problem
from lib.domain.permissions import Actor
from lib.domain.rules import amount_problems
from lib.domain.text import NAME_MAX, NOTE_MAX, clean, line, required, too_long
from lib.domain.vocab import (
    Beneficiary,
    Bringing,
    ClaimAction,
    ClaimState,
    Entry,
    ProjectAction,
    ProjectState,
    ServiceKind,
    Skill,
    Topic,
)
from lib.domain.workflow import Step, claim_step, project_step
from lib.persistence.models import Claim, Project, ProjectSkill, ProjectStep
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.claim import take_step
from lib.services.steps import (
    area_of,
    at_version,
    at_version_or_told,
    keep_step,
    reason_given,
)

_UNBEGUN = (ClaimState.WAITING, ClaimState.ACTIVE, ClaimState.IN_SERVICE)
"""Claims that end with a withdrawn project; what was served stays."""


@dataclass(frozen=True)
class ProjectEntry:
    """What the form says of a project; days are local, `capacity` counts places to claim."""

    title: str
    kind: ServiceKind
    area_id: int
    first_day: date
    last_day: date
    capacity: int = 1
    beneficiary: Beneficiary = Beneficiary.ALL_RESIDENTS
    entry: Entry = Entry.COMMUNITY
    brings: Bringing = Bringing.SERVICE
    collective: bool = False
    words: str = ""
    place: str = ""
    skills: frozenset[Skill] = frozenset()
    opens_on: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None

    def cleaned(self) -> dict[str, object]:
        """The columns as stored: one-line texts without control marks."""
        values = asdict(self)
        for field in ("title", "place"):
            values[field] = line(values[field])
        values["words"] = clean(self.words)
        del values["skills"]  # they have a table of their own
        return values


@once(Project)
def create_project(
    actor: Actor, *, entry: ProjectEntry, request_id: str, publish: bool = False
) -> int:
    """Add a project as a draft, or published at once; the same request writes once.

    Returns:
        The id of the project.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        return add_project(tx, entry, request_id, publish=publish).id


def add_project(
    tx: Transaction, entry: ProjectEntry, request_id: str, *, publish: bool = False
) -> Project:
    """Like `create_project`, within a transaction that does more."""
    step = project_step(None, ProjectAction.CREATE)
    area = area_of(tx, entry.area_id)
    tx.permit(step.permission, area.id)
    values = _acceptable(entry)
    account = tx.actor.account_id if tx.actor else None
    project = Project(
        **values, state=step.target, created_by_id=account, created_at=now(), request_id=request_id
    )
    tx.session.add(project)
    tx.session.flush()
    _ask_for(tx, project, entry.skills)
    _record_step(tx, project, step, None, {"title": (None, project.title)})
    if publish:
        _publish(tx, project)
    return project


def edit_project(actor: Actor, *, project_id: int, version: int, entry: ProjectEntry) -> None:
    """Save the form of a draft that was opened at `version`.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend.
        NotPermitted: the project, or the area it is to move to, is not within reach.
        Refusal: ``refusal.wrong_state`` once it is published: people rely on what it says.
    """
    with transaction(actor) as tx:
        asked, fields = skills_of(tx, project_id), entry.cleaned()
        project = at_version_or_told(tx, Project, project_id, version, fields, skills=asked)
        step = project_step(project.state, ProjectAction.EDIT)
        tx.permit(step.permission, project.area_id)
        tx.permit(step.permission, area_of(tx, entry.area_id).id)
        changes: dict[str, tuple[object, object]] = {
            name: (getattr(project, name), value)
            for name, value in _acceptable(entry).items()
            if getattr(project, name) != value
        }
        left = project.area_id
        for name, (_, value) in changes.items():
            setattr(project, name, value)
        if entry.skills != asked:
            changes["skills"] = (" ".join(sorted(asked)), " ".join(sorted(entry.skills)))
            _ask_for(tx, project, entry.skills)
            # They belong to the form: its version moves also where nothing else does.
            flag_modified(project, "title")
        if not changes:
            return
        _record_step(tx, project, step, None, changes, also=left)


def publish_project(actor: Actor, *, project_id: int, version: int) -> None:
    """Put a draft into the library, where it can be claimed.

    Raises:
        Invalid: its days are over.
        Refusal: ``refusal.wrong_state`` or ``refusal.changed_meanwhile`` when it moved on.
    """
    with transaction(actor) as tx:
        project = at_version(tx, Project, project_id, version, lock=True)
        tx.permit(project_step(project.state, ProjectAction.PUBLISH).permission, project.area_id)
        _publish(tx, project)


def close_project(actor: Actor, *, project_id: int, version: int) -> None:
    """Take a project out of the library; what was claimed is still served and confirmed."""
    _end(actor, project_id, version, ProjectAction.CLOSE, None)


def withdraw_project(actor: Actor, *, project_id: int, version: int, reason: str) -> None:
    """Call a project off, saying why; claims that were not served end with the same reason."""
    _end(actor, project_id, version, ProjectAction.WITHDRAW, reason)


def skills_of(tx: Transaction, project_id: int) -> frozenset[Skill]:
    """What whoever claims the project must be able to do."""
    asked = select(ProjectSkill.skill).where(ProjectSkill.project_id == project_id)
    return frozenset(tx.session.scalars(asked))


def _ask_for(tx: Transaction, project: Project, skills: frozenset[Skill]) -> None:
    """Write the skills in the place of those that stood there."""
    of_project = ProjectSkill.project_id == project.id
    tx.session.execute(delete(ProjectSkill).where(of_project))
    if skills:
        rows = [{"project_id": project.id, "skill": skill} for skill in sorted(skills)]
        tx.session.execute(insert(ProjectSkill), rows)


def _publish(tx: Transaction, project: Project) -> None:
    step = project_step(project.state, ProjectAction.PUBLISH)
    if project.last_day < today():
        raise Invalid([Problem("last_day", "problem.project_over")])
    before, project.state, project.published_at = project.state, step.target, now()
    _record_step(tx, project, step, None, {"state": (before, step.target)})


def _end(
    actor: Actor, project_id: int, version: int, action: ProjectAction, reason: str | None
) -> None:
    with transaction(actor) as tx:
        project = at_version(tx, Project, project_id, version, lock=True)
        step = project_step(project.state, action)
        tx.permit(step.permission, project.area_id)
        words = reason_given(step, reason)
        before, project.state, project.reason = project.state, step.target, words
        _record_step(tx, project, step, words, {"state": (before, step.target)})
        if step.target is ProjectState.WITHDRAWN:
            ended = select(Claim).where(Claim.project_id == project.id, Claim.state.in_(_UNBEGUN))
            for claim in tx.session.scalars(ended.order_by(Claim.id)):
                take_step(tx, claim, project, claim_step(claim.state, ClaimAction.WITHDRAW), words)


def _acceptable(entry: ProjectEntry) -> dict[str, object]:
    values = entry.cleaned()
    hours = (entry.starts_at, entry.ends_at)
    problems = [
        *required("title", str(values["title"]), NAME_MAX),
        *too_long("words", str(values["words"]), NOTE_MAX),
        *too_long("place", str(values["place"]), NAME_MAX),
        *amount_problems("capacity", entry.capacity, CAPACITY_MAX, 1),
    ]
    if entry.last_day < entry.first_day:
        problems.append(Problem("last_day", "problem.days_turned"))
    if entry.opens_on is not None and entry.opens_on > entry.last_day:
        problems.append(Problem("opens_on", "problem.opens_late"))
    if (hours[0] is None) != (hours[1] is None):
        problems.append(Problem("ends_at", "problem.half_hours"))
    elif hours[0] is not None and hours[1] is not None and hours[0] >= hours[1]:
        problems.append(Problem("ends_at", "problem.hours_turned"))
    if problems:
        raise Invalid(problems)
    return values


def _record_step(
    tx: Transaction,
    project: Project,
    step: Step[ProjectState, ProjectAction],
    reason: str | None,
    changes: dict[str, tuple[object, object]],
    *,
    also: int | None = None,
) -> None:
    tx.session.flush()
    by = tx.actor.account_id if tx.actor else project.created_by_id
    keep_step(tx, ProjectStep, step, reason, by, project_id=project.id)
    tx.record(
        f"project.{step.action}",
        project,
        topic=Topic.PROJECT,
        area_ids=frozenset({project.area_id, also or project.area_id}),
        label=project.title,
        changes=changes,
    )
