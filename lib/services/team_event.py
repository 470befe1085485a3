"""Commands on what a team does together: plan, note how many came, call off.

That an event was a service is recorded by `lib.services.service.record_service`.
"""

from dataclasses import asdict, dataclass
from datetime import date, time

from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.rules import amount_problems
from lib.domain.teams import HEADS_MAX
from lib.domain.text import NAME_MAX, NOTE_MAX, clean, line, required, too_long
from lib.domain.vocab import ServiceKind, Topic
from lib.persistence.models import AreaLink, Service, Team, TeamEvent
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.steps import area_of, at_version

_EDIT = Permission.TEAM_EDIT


@dataclass(frozen=True)
class EventEntry:
    """What the form says of an event; `day` is a local day, `planned_heads` counts heads."""

    kind: ServiceKind
    area_id: int
    day: date
    planned_heads: int
    place: str = ""
    starts_at: time | None = None
    ends_at: time | None = None
    note: str = ""

    def cleaned(self) -> dict[str, object]:
        """The values as stored."""
        return asdict(self) | {"place": line(self.place), "note": clean(self.note)}


@once(TeamEvent)
def plan_event(actor: Actor, *, team_id: int, entry: EventEntry, request_id: str) -> int:
    """Plan an event of the team; it may be entered afterwards too. Writes once per request.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the team is not the actor's to look after.
        Refusal: ``team.event_elsewhere`` when the place is outside what the team covers.
    """
    with transaction(actor) as tx:
        team = tx.session.get(Team, team_id)
        if team is None:
            raise NotFound
        tx.permit_team(_EDIT, team_id)
        area = area_of(tx, entry.area_id)
        if tx.session.get(AreaLink, (team.area_id, area.id)) is None:
            raise Refusal("team.event_elsewhere")
        event = TeamEvent(
            **_acceptable(entry),
            team_id=team_id,
            planned_by_id=actor.account_id,
            request_id=request_id,
        )
        tx.session.add(event)
        tx.session.flush()
        _record(tx, "team_event.plan", event, {"planned_heads": (None, event.planned_heads)})
        return event.id


def hold_event(actor: Actor, *, event_id: int, version: int, actual: int, note: str = "") -> None:
    """Note that an event was held and how many heads came; it can be corrected until recorded.

    Raises:
        Invalid: naming every field to mend, also a day that is still to come.
        Refusal: ``team.event_over`` when it was called off or is a service already.
    """
    with transaction(actor) as tx:
        event = _open(tx, event_id, version)
        words = clean(note)
        problems = [
            *amount_problems("actual", actual, HEADS_MAX, 1),
            *too_long("note", words, NOTE_MAX),
        ]
        if event.day > today():
            problems.append(Problem("day", "problem.future_day", {"today": today().isoformat()}))
        if problems:
            raise Invalid(problems)
        before, event.actual = event.actual, actual
        event.note = words or event.note
        _record(tx, "team_event.hold", event, {"actual": (before, actual)})


def call_off_event(actor: Actor, *, event_id: int, version: int, reason: str) -> None:
    """Call a planned event off, saying why; see `hold_event`."""
    with transaction(actor) as tx:
        event = _open(tx, event_id, version)
        words = clean(reason)
        problems = required("reason", words, NOTE_MAX)
        if problems:
            raise Invalid(problems)
        if event.actual is not None:
            raise Refusal("team.event_over")
        event.reason = words
        _record(tx, "team_event.call_off", event, {})


def attach_event(tx: Transaction, event_id: int, service: Service) -> None:
    """Say that a service about to be recorded was an event of a team.

    Raises:
        NotPermitted: the team is not the actor's to look after.
        Refusal: ``team.event_not_held`` before anybody noted how many came,
            ``team.event_recorded`` when it is a service already.
    """
    event = tx.session.get(TeamEvent, event_id, with_for_update=True)
    if event is None:
        raise NotFound
    tx.permit_team(_EDIT, event.team_id)
    if event.actual is None:
        raise Refusal("team.event_not_held")
    if event.service_id is not None:
        raise Refusal("team.event_recorded")
    event.service_id = service.id
    tx.session.flush()


def _open(tx: Transaction, event_id: int, version: int) -> TeamEvent:
    event = at_version(tx, TeamEvent, event_id, version)
    tx.permit_team(_EDIT, event.team_id)
    if event.reason is not None or event.service_id is not None:
        raise Refusal("team.event_over")
    return event


def _acceptable(entry: EventEntry) -> dict[str, object]:
    values = entry.cleaned()
    hours = (entry.starts_at, entry.ends_at)
    problems = [
        *too_long("place", str(values["place"]), NAME_MAX),
        *too_long("note", str(values["note"]), NOTE_MAX),
        *amount_problems("planned_heads", entry.planned_heads, HEADS_MAX, 1),
    ]
    if (hours[0] is None) is not (hours[1] is None):
        problems.append(Problem("ends_at", "problem.half_hours"))
    elif hours[0] is not None and hours[1] is not None and hours[0] >= hours[1]:
        problems.append(Problem("ends_at", "problem.hours_turned"))
    if problems:
        raise Invalid(problems)
    return values


def _record(
    tx: Transaction, action: str, event: TeamEvent, changes: dict[str, tuple[object, object]]
) -> None:
    name = tx.session.scalar(select(Team.name_zh).where(Team.id == event.team_id))
    tx.record(
        action,
        event,
        topic=Topic.PEOPLE,
        area_ids=frozenset({event.area_id}),
        label=f"{name} {event.day.isoformat()}",
        changes=changes,
    )
