"""Commands on needs: collect, edit, adopt, merge, decline; every need is answered.

A need that is adopted is answered by a project: one made for it, or one that is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor
from lib.domain.text import NAME_MAX, NOTE_MAX, clean, line, required, too_long
from lib.domain.vocab import (
    Beneficiary,
    NeedAction,
    NeedSource,
    NeedState,
    ProjectState,
    ServiceKind,
    Topic,
    Urgency,
)
from lib.domain.workflow import Step, need_step
from lib.persistence.models import Need, NeedStep, Project
from lib.persistence.scope import streets_of
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.project import ProjectEntry, add_project
from lib.services.steps import (
    area_of,
    at_version,
    at_version_or_told,
    keep_step,
    reason_given,
    requests_of,
    written,
)


@dataclass(frozen=True)
class NeedEntry:
    """What the form says of a need; nobody is named in `words`. `wished_on` is a local day."""

    words: str
    kind: ServiceKind
    area_id: int
    beneficiary: Beneficiary = Beneficiary.ALL_RESIDENTS
    place: str = ""
    wished_on: date | None = None
    urgency: Urgency = Urgency.ORDINARY
    micro_wish: bool = False
    source: NeedSource = NeedSource.DOORSTEP

    def cleaned(self) -> dict[str, object]:
        """The values as stored, without control marks."""
        return asdict(self) | {"words": clean(self.words), "place": line(self.place)}


@once(Need)
def collect_need(actor: Actor, *, entry: NeedEntry, request_id: str) -> int:
    """Take down a need; the same request writes once.

    Returns:
        The id of the need.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        return _collect(tx, actor, entry, request_id)


def collect_many(actor: Actor, *, entries: Sequence[NeedEntry], request_id: str) -> list[int]:
    """Take down a whole list of needs, all or none; see `collect_need`. Ids in the list's order."""
    with transaction(actor) as tx:
        requests = requests_of(request_id, len(entries))
        return written(tx, Need, requests) or [
            _collect(tx, actor, *one) for one in zip(entries, requests, strict=True)
        ]


def edit_need(actor: Actor, *, need_id: int, version: int, entry: NeedEntry) -> None:
    """Save the form of a need that was opened at `version`, as long as nobody answered it.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend; a wished-for day that passed meanwhile may stay.
        NotPermitted: the need, or the area it is to move to, is not within reach.
        Refusal: ``refusal.wrong_state`` once it is answered.
    """
    with transaction(actor) as tx:
        need = at_version_or_told(tx, Need, need_id, version, entry.cleaned())
        step = need_step(need.state, NeedAction.EDIT)
        tx.permit(step.permission, need.area_id)
        tx.permit(step.permission, area_of(tx, entry.area_id).id)
        values = acceptable(entry, wished_before=need.wished_on)
        changes = {
            name: (getattr(need, name), value)
            for name, value in values.items()
            if getattr(need, name) != value
        }
        if not changes:
            return
        left = need.area_id
        for name, (_, value) in changes.items():
            setattr(need, name, value)
        record_need_step(tx, need, step, None, changes, also=left)


@once(Project)
def adopt_need(
    actor: Actor,
    *,
    need_id: int,
    version: int,
    entry: ProjectEntry,
    request_id: str,
    publish: bool = False,
) -> int:
    """Answer a need by a project made for it; returns the project's id.

    Raises:
        Invalid: naming every field to mend.
        Refusal: ``refusal.wrong_state`` or ``refusal.changed_meanwhile`` when the need moved on,
            ``refusal.other_street`` when the project is in another street.
    """
    with transaction(actor) as tx:
        need, step = _to_settle(tx, need_id, version, NeedAction.ADOPT)
        project = add_project(tx, entry, request_id, publish=publish)
        _answer_by(tx, need, project, step)
        return project.id


def adopt_many(
    actor: Actor,
    *,
    answers: Sequence[tuple[int, int, ProjectEntry]],
    request_id: str,
) -> list[int]:
    """Answer many needs, each by a project made and published for it, all or none.

    Each answer is the need's id, its version and the project; see `adopt_need`.

    Returns:
        The ids of the projects, in the order given.
    """
    with transaction(actor) as tx:
        requests = requests_of(request_id, len(answers))
        made = written(tx, Project, requests)
        if made:
            return made
        for (need_id, version, entry), own in zip(answers, requests, strict=True):
            need, step = _to_settle(tx, need_id, version, NeedAction.ADOPT)
            project = add_project(tx, entry, own, publish=True)
            _answer_by(tx, need, project, step)
            made.append(project.id)
        return made


def adopt_into(actor: Actor, *, need_id: int, version: int, project_id: int) -> None:
    """Answer a need by a project that is there; see `adopt_need`.

    Raises:
        Refusal: ``refusal.project_over`` when the project is closed or withdrawn.
    """
    with transaction(actor) as tx:
        need, step = _to_settle(tx, need_id, version, NeedAction.ADOPT)
        project = tx.session.get(Project, project_id, with_for_update=True)
        if project is None:
            raise NotFound
        if project.state not in (ProjectState.DRAFT, ProjectState.PUBLISHED):
            raise Refusal("refusal.project_over", state=project.state)
        _answer_by(tx, need, project, step)


def merge_need(actor: Actor, *, need_id: int, version: int, into_id: int) -> None:
    """Join a need to another that asks for the same; it is answered together with that one.

    Raises:
        Refusal: ``refusal.merge_itself`` or ``refusal.merge_settled`` when the other is the same
            one or was merged or declined itself, ``refusal.other_street``.
    """
    if need_id == into_id:
        raise Refusal("refusal.merge_itself")
    with transaction(actor) as tx:
        # Two needs that are merged into each other at one moment would both be lost.
        for number in sorted((need_id, into_id)):
            tx.session.get(Need, number, with_for_update=True)
        need, step = _to_settle(tx, need_id, version, NeedAction.MERGE)
        other = tx.session.get(Need, into_id)
        if other is None:
            raise NotFound
        if other.state not in (NeedState.COLLECTED, NeedState.ADOPTED):
            raise Refusal("refusal.merge_settled", state=other.state)
        _same_street(tx, need.area_id, other.area_id)
        need.merged_into_id = other.id
        _settle(tx, need, step, None)


def decline_need(actor: Actor, *, need_id: int, version: int, reason: str) -> None:
    """Decline a need, saying why: whoever asked is owed an answer."""
    with transaction(actor) as tx:
        need, step = _to_settle(tx, need_id, version, NeedAction.DECLINE)
        _settle(tx, need, step, reason_given(step, reason))


def _collect(tx: Transaction, actor: Actor, entry: NeedEntry, request_id: str) -> int:
    step = need_step(None, NeedAction.COLLECT)
    area = area_of(tx, entry.area_id)
    tx.permit(step.permission, area.id)
    need = Need(
        **acceptable(entry),
        state=step.target,
        collected_by_id=actor.account_id,
        collected_at=now(),
        request_id=request_id,
    )
    tx.session.add(need)
    record_need_step(tx, need, step, None)
    return need.id


def _to_settle(
    tx: Transaction, need_id: int, version: int, action: NeedAction
) -> tuple[Need, Step[NeedState, NeedAction]]:
    need = at_version(tx, Need, need_id, version)
    step = need_step(need.state, action)
    tx.permit(step.permission, need.area_id)
    return need, step


def _answer_by(
    tx: Transaction, need: Need, project: Project, step: Step[NeedState, NeedAction]
) -> None:
    _same_street(tx, need.area_id, project.area_id)
    need.project_id = project.id
    _settle(tx, need, step, None)


def _settle(
    tx: Transaction, need: Need, step: Step[NeedState, NeedAction], reason: str | None
) -> None:
    need.state, need.reason = step.target, reason
    record_need_step(tx, need, step, reason)


def _same_street(tx: Transaction, one: int, other: int) -> None:
    streets = [streets_of(tx.session, frozenset({area})) for area in (one, other)]
    if streets[0] != streets[1]:
        raise Refusal("refusal.other_street")


def acceptable(entry: NeedEntry, wished_before: date | None = None) -> dict[str, object]:
    """The values of a need as stored; the day wished for before may have passed meanwhile.

    Raises:
        Invalid: naming every field to mend.
    """
    values = entry.cleaned()
    problems = [
        *required("words", str(values["words"]), NOTE_MAX),
        *too_long("place", str(values["place"]), NAME_MAX),
    ]
    past = entry.wished_on is not None and entry.wished_on < today()
    if past and entry.wished_on != wished_before:
        problems.append(Problem("wished_on", "problem.past_day"))
    if problems:
        raise Invalid(problems)
    return values


def record_need_step(
    tx: Transaction,
    need: Need,
    step: Step[NeedState, NeedAction],
    reason: str | None,
    changes: Mapping[str, tuple[object, object]] | None = None,
    *,
    also: int | None = None,
) -> None:
    """Write down a step that was taken; without an actor the resident took it."""
    tx.session.flush()
    by = tx.actor.account_id if tx.actor else None
    keep_step(tx, NeedStep, step, reason, by, need_id=need.id)
    tx.record(
        f"need.{step.action}",
        need,
        topic=Topic.NEED,
        area_ids=frozenset({need.area_id, also or need.area_id}),
        changes=changes or {"state": (step.source, step.target)},
    )
