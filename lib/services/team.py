"""Commands on service teams: found, edit, and the way in and out of one.

What a team holds together stands in `lib.services.team_event`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.teams import UNANSWERED, way_in
from lib.domain.text import line, required, too_long
from lib.domain.vocab import (
    MembershipAction,
    MembershipState,
    ServiceKind,
    TeamJoining,
    Topic,
)
from lib.domain.workflow import Step, membership_step
from lib.i18n.pinyin import initials
from lib.persistence.bulk import insert_rows, numbers
from lib.persistence.models import (
    Membership,
    MembershipRequest,
    MembershipStep,
    Person,
    Team,
)
from lib.persistence.scope import around, below
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.acting import act_for
from lib.services.steps import area_of, at_version, keep_step, reason_given

_EDIT, _JOIN = Permission.TEAM_EDIT, Permission.TEAM_JOIN


@dataclass(frozen=True)
class TeamEntry:
    """What the form says of a team; without `leader_id` it waits for a leader and cannot claim."""

    name_zh: str
    kind: ServiceKind
    area_id: int
    name_en: str = ""
    joining: TeamJoining = TeamJoining.APPROVED
    leader_id: int | None = None

    def cleaned(self) -> dict[str, object]:
        """The values as stored: one-line names, a missing English name null."""
        values = asdict(self) | {"name_zh": line(self.name_zh)}
        return values | {"name_en": line(self.name_en) or None}


@once(Team)
def found_team(actor: Actor, *, entry: TeamEntry, request_id: str) -> int:
    """Found a team; whoever leads it belongs to it. The same request writes once.

    Raises:
        Invalid: naming every field to mend.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        tx.permit(_EDIT, area_of(tx, entry.area_id).id)
        values = _acceptable(entry)
        team = Team(**values, initials=initials(str(values["name_zh"])), request_id=request_id)
        tx.session.add(team)
        tx.session.flush()
        if entry.leader_id is not None:
            _permit_volunteer(tx, team, entry.leader_id)
            tx.session.add(Membership(team_id=team.id, person_id=entry.leader_id, since=today()))
        _record(tx, "team.found", team, {"name_zh": (None, team.name_zh)})
        return team.id


def found_many(actor: Actor, *, teams: Sequence[tuple[TeamEntry, Sequence[int]]]) -> list[int]:
    """Found many teams with those who belong to them from today on, as a list on paper brings them.

    One transaction and one audit entry; every team is judged as `found_team` judges it, and a
    leader is one of its people.

    Returns:
        The teams' ids, in the order given.
    """
    with transaction(actor) as tx:
        for area_id in {entry.area_id for entry, _ in teams}:
            tx.permit(_EDIT, area_of(tx, area_id).id)
        everybody = {person for _, people in teams for person in people}
        act_for(tx, teams[0][0].area_id, persons=everybody)
        ids = numbers(tx.session, Team, len(teams))
        rows = []
        for number, (entry, people) in zip(ids, teams, strict=True):
            values = _acceptable(entry)
            if entry.leader_id is not None and entry.leader_id not in people:
                raise Invalid([Problem("leader_id", "problem.leader_elsewhere")])
            names = {"initials": initials(str(values["name_zh"])), "request_id": None}
            rows.append({"id": number, **values, **names, "version": 1})
        insert_rows(tx.session, Team, rows)
        members = [
            {"team_id": number, "person_id": person, "since": today(), "until": None}
            for number, (_, people) in zip(ids, teams, strict=True)
            for person in dict.fromkeys(people)
        ]
        insert_rows(tx.session, Membership, members)
        tx.record(
            "team.found_many",
            Team.__tablename__,
            topic=Topic.PEOPLE,
            area_ids=frozenset(entry.area_id for entry, _ in teams),
            changes={"teams": (None, len(teams)), "members": (None, len(members))},
        )
        return list(ids)


def edit_team(actor: Actor, *, team_id: int, version: int, entry: TeamEntry) -> None:
    """Save the form of a team that was opened at `version`; only a member can lead it.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming every field to mend.
        NotPermitted: the team, or the area it is to move to, is not within reach.
    """
    with transaction(actor) as tx:
        team = _team(tx, team_id)
        tx.permit_team(_EDIT, team_id)
        if team.version != version:
            raise Changed({name: getattr(team, name) for name in entry.cleaned()}, team.version)
        if entry.area_id != team.area_id:
            tx.permit(_EDIT, area_of(tx, entry.area_id).id)
        values, left = _acceptable(entry), team.area_id
        if entry.leader_id is not None and _membership(tx, team_id, entry.leader_id) is None:
            raise Invalid([Problem("leader_id", "problem.leader_elsewhere")])
        changes = {
            name: (getattr(team, name), value)
            for name, value in values.items()
            if getattr(team, name) != value
        }
        if not changes:
            return
        for name, (_, value) in changes.items():
            setattr(team, name, value)
        team.initials = initials(team.name_zh)
        _record(tx, "team.edit", team, changes, also=left)


@once(MembershipRequest)
def join_team(actor: Actor, *, team_id: int, person_id: int, request_id: str) -> int:
    """Come into an open team at once, or ask one that approves; for oneself or whom one acts for.

    Returns:
        The id of the request, which is settled at once where the team is open.

    Raises:
        NotPermitted: the team is not offered in the actor's area, or the actor may not act for
            the person.
        Refusal: ``team.by_invitation``, ``team.member_already``, ``team.asked_already``.
    """
    with transaction(actor) as tx:
        team = _team(tx, team_id, lock=True)
        step = membership_step(None, way_in(team.joining))
        offered = around(Team.area_id, actor, _JOIN)
        if tx.session.scalar(select(Team.id).where(Team.id == team_id, offered)) is None:
            raise NotPermitted(_JOIN, team.area_id, code="team.elsewhere")
        _act_for(tx, team, person_id)
        return _begin(tx, team, person_id, step, request_id)


@once(MembershipRequest)
def invite_member(actor: Actor, *, team_id: int, person_id: int, request_id: str) -> int:
    """Invite a volunteer who lives where the team serves; they accept or decline.

    Raises:
        NotPermitted: the team is not the actor's to look after, or the person lives elsewhere.
        Refusal: as in `join_team`.
    """
    with transaction(actor) as tx:
        team = _team(tx, team_id, lock=True)
        tx.permit_team(_EDIT, team_id)
        _permit_volunteer(tx, team, person_id)
        step = membership_step(None, MembershipAction.INVITE)
        return _begin(tx, team, person_id, step, request_id)


def accept_membership(actor: Actor, *, membership_request_id: int, version: int) -> None:
    """Take in who asked, or accept an invitation: from today on the person belongs to the team.

    Raises:
        NotPermitted: it is not the actor who answers this one; nobody takes in themselves.
        Refusal: ``refusal.wrong_state`` or ``refusal.changed_meanwhile`` when it was answered.
    """
    _answer(actor, membership_request_id, version, MembershipAction.ACCEPT, None)


def decline_membership(
    actor: Actor, *, membership_request_id: int, version: int, reason: str = ""
) -> None:
    """Decline who asked, saying why, or decline an invitation; see `accept_membership`."""
    _answer(actor, membership_request_id, version, MembershipAction.DECLINE, reason)


def withdraw_membership(actor: Actor, *, membership_request_id: int, version: int) -> None:
    """Take back one's request, or the team's invitation; see `accept_membership`."""
    _answer(actor, membership_request_id, version, MembershipAction.WITHDRAW, None)


def leave_team(actor: Actor, *, team_id: int, person_id: int) -> None:
    """Leave a team today; when its leader leaves, the team waits for another one.

    Raises:
        NotPermitted: the actor may not act for the person.
        Refusal: ``team.no_member`` when they do not belong to it.
    """
    with transaction(actor) as tx:
        team = _team(tx, team_id, lock=True)
        step = membership_step(MembershipState.MEMBER, MembershipAction.LEAVE)
        _act_for(tx, team, person_id)
        membership = _membership(tx, team_id, person_id)
        if membership is None:
            raise Refusal("team.no_member")
        membership.until = today()
        if team.leader_id == person_id:
            team.leader_id = None
        of = MembershipRequest.membership_id == membership.id
        asked = tx.session.scalar(select(MembershipRequest).where(of))
        if asked is not None:
            asked.state = step.target
            _keep(tx, asked, step, None)
        _record(tx, "team.leave", team, {"person_id": (None, None)})


def end_requests(session: Session, person_ids: Iterable[int]) -> None:
    """End what waits for an answer of people who are being forgotten; for `lib.services.people`."""
    waiting = (
        MembershipRequest.person_id.in_(list(person_ids)),
        MembershipRequest.state.in_(UNANSWERED),
    )
    rows = session.execute(select(MembershipRequest.id, MembershipRequest.state).where(*waiting))
    steps = [
        {
            "membership_request_id": number,
            "action": MembershipAction.WITHDRAW,
            "source": state,
            "target": MembershipState.WITHDRAWN,
            "account_id": None,
            "at": now(),
            "reason": None,
        }
        for number, state in rows
    ]
    if steps:
        session.execute(
            update(MembershipRequest).where(*waiting).values(state=MembershipState.WITHDRAWN)
        )
        session.execute(insert(MembershipStep), steps)


def _begin(
    tx: Transaction,
    team: Team,
    person_id: int,
    step: Step[MembershipState, MembershipAction],
    request_id: str,
) -> int:
    person = tx.session.get(Person, person_id)
    if person is None or person.forgotten_on is not None:
        raise NotFound
    if _membership(tx, team.id, person_id) is not None:
        raise Refusal("team.member_already")
    waiting = select(MembershipRequest.id).where(
        MembershipRequest.team_id == team.id,
        MembershipRequest.person_id == person_id,
        MembershipRequest.state.in_(UNANSWERED),
    )
    if tx.session.scalar(waiting) is not None:
        raise Refusal("team.asked_already")
    asked = MembershipRequest(
        team_id=team.id, person_id=person_id, made_at=now(), request_id=request_id
    )
    _take(tx, team, asked, step, None)
    return asked.id


def _answer(
    actor: Actor,
    membership_request_id: int,
    version: int,
    action: MembershipAction,
    reason: str | None,
) -> None:
    with transaction(actor) as tx:
        asked = at_version(tx, MembershipRequest, membership_request_id, version)
        team = _team(tx, asked.team_id, lock=True)
        step = membership_step(asked.state, action)
        if step.permission is _EDIT:
            tx.permit_team(_EDIT, team.id)
        else:
            _act_for(tx, team, asked.person_id)
        if step.not_own and actor.person_id == asked.person_id:
            raise NotPermitted(step.permission, team.area_id, code="team.own_request")
        _take(tx, team, asked, step, reason_given(step, reason))


def _take(
    tx: Transaction,
    team: Team,
    asked: MembershipRequest,
    step: Step[MembershipState, MembershipAction],
    reason: str | None,
) -> None:
    if step.target is MembershipState.MEMBER:
        membership = Membership(team_id=team.id, person_id=asked.person_id, since=today())
        tx.session.add(membership)
        tx.session.flush()
        asked.membership_id = membership.id
    asked.state, asked.reason = step.target, reason
    tx.session.add(asked)
    tx.session.flush()
    _keep(tx, asked, step, reason)
    _record(tx, f"team.{step.action}", team, {"person_id": (None, None)})


def _keep(
    tx: Transaction,
    asked: MembershipRequest,
    step: Step[MembershipState, MembershipAction],
    reason: str | None,
) -> None:
    by = tx.actor.account_id if tx.actor else None
    keep_step(tx, MembershipStep, step, reason, by, membership_request_id=asked.id)


def _team(tx: Transaction, team_id: int, *, lock: bool = False) -> Team:
    team = tx.session.get(Team, team_id, with_for_update=lock or None)
    if team is None:
        raise NotFound
    return team


def _membership(tx: Transaction, team_id: int, person_id: int) -> Membership | None:
    return tx.session.scalar(
        select(Membership).where(
            Membership.team_id == team_id,
            Membership.person_id == person_id,
            Membership.until.is_(None),
        )
    )


def _act_for(tx: Transaction, team: Team, person_id: int) -> None:
    act_for(tx, team.area_id, persons={person_id}, code="team.join_yourself")


def _permit_volunteer(tx: Transaction, team: Team, person_id: int) -> None:
    """Go on only for a volunteer of the team's area, or one whom the actor may act for."""
    near = select(Person.id).where(
        Person.id == person_id,
        Person.volunteer_since.is_not(None),
        below(Person.area_id, team.area_id),
    )
    if tx.session.scalar(near) is None:
        _act_for(tx, team, person_id)


def _acceptable(entry: TeamEntry) -> dict[str, object]:
    values = entry.cleaned()
    problems = [
        *required("name_zh", str(values["name_zh"])),
        *too_long("name_en", str(values["name_en"] or ""), 200),
    ]
    if problems:
        raise Invalid(problems)
    return values


def _record(
    tx: Transaction,
    action: str,
    team: Team,
    changes: dict[str, tuple[object, object]],
    *,
    also: int | None = None,
) -> None:
    said = {name: pair if name != "leader_id" else (None, None) for name, pair in changes.items()}
    tx.record(
        action,
        team,
        topic=Topic.PEOPLE,
        area_ids=frozenset({team.area_id, also or team.area_id}),
        label=team.name_zh,
        changes=said,
    )
