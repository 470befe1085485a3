"""A change of post: everything that is open with one account moves to its successor, with a note.

Days away with an end are `lib.services.grants.lend_grant`.
"""

from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import select

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotFound, Refusal
from lib.domain.permissions import Actor
from lib.domain.text import clean, required
from lib.domain.vocab import ServiceState, Topic
from lib.persistence.grants import in_force
from lib.persistence.models import (
    Account,
    AccountGrant,
    Appointment,
    ChangeOfPost,
    Service,
    Team,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.accounts import looked_after
from lib.services.appointments import Holder, take_over
from lib.services.grants import keep_an_administrator, permit_giving

NOTE_MAX = 1000


@dataclass(frozen=True)
class Moved:
    """How much moved: grants, offices held, teams led, and records returned for correction."""

    grants: int = 0
    offices: int = 0
    teams: int = 0
    records: int = 0


def change_post(actor: Actor, *, account_id: int, successor_id: int, note: str) -> Moved:
    """Let a successor take over everything that is open with an account, from today on.

    Grants in force end yesterday and go on with the successor, with the unit or team they name;
    so the records that wait for this office wait for the successor. Offices held by the
    account's person and teams it leads go to the successor's person, where both are known. A
    record returned for correction is the successor's to correct; its trail keeps who recorded
    it. What was lent ends with the grant it came from.

    Raises:
        Invalid: the note is missing or too long.
        NotFound: no such account.
        NotPermitted: an account, or a grant of the predecessor, is not the actor's to look after.
        Refusal: ``account.same_successor``, ``account.nothing_open``.
    """
    if account_id == successor_id:
        raise Refusal("account.same_successor")
    words = clean(note)
    problems = required("handover_note", words, NOTE_MAX)
    if problems:
        raise Invalid(problems)
    with transaction(actor) as tx:
        before, after = looked_after(tx, account_id), looked_after(tx, successor_id)
        if after.closed_on is not None:
            raise NotFound
        moved = Moved(
            grants=_grants(tx, before, after),
            **_person(tx, before, after),
            records=_records(tx, before, after),
        )
        if moved == Moved():
            raise Refusal("account.nothing_open", name=before.display_zh)
        tx.session.add(
            ChangeOfPost(
                predecessor_id=before.id,
                successor_id=after.id,
                day=today(),
                note=words,
                made_by_id=actor.account_id,
                made_at=now(),
            )
        )
        counts = {f.name: (None, getattr(moved, f.name)) for f in fields(moved)}
        tx.record(
            "account.hand_over",
            before,
            topic=Topic.PEOPLE,
            area_ids=frozenset(),
            label=before.name,
            changes={"successor": (None, after.name), **counts},
        )
        return moved


def _grants(tx: Transaction, before: Account, after: Account) -> int:
    yesterday = today() - timedelta(days=1)
    held = tx.session.scalars(
        select(AccountGrant)
        .where(
            AccountGrant.account_id == before.id,
            AccountGrant.origin_id.is_(None),
            in_force(today()),
        )
        .with_for_update()
    ).all()
    for grant in held:
        permit_giving(tx, grant)
        tx.session.add(
            AccountGrant(
                account_id=after.id,
                role=grant.role,
                area_id=grant.area_id,
                organisation_id=grant.organisation_id,
                team_id=grant.team_id,
                since=today(),
                until=grant.until,
            )
        )
        if grant.since > yesterday:
            tx.session.delete(grant)
        else:
            grant.until = yesterday
        keep_an_administrator(tx, grant.role)
    return len(held)


def _person(tx: Transaction, before: Account, after: Account) -> dict[str, int]:
    """Offices and teams, where both accounts are known people."""
    if None in (before.person_id, after.person_id) or before.person_id == after.person_id:
        return {}
    terms = tx.session.scalars(
        select(Appointment.id).where(
            Appointment.person_id == before.person_id, Appointment.ended_on.is_(None)
        )
    ).all()
    for number in terms:
        take_over(tx, number, Holder(person_id=after.person_id), today())
    teams = tx.session.scalars(select(Team).where(Team.leader_id == before.person_id)).all()
    for team in teams:
        team.leader_id = after.person_id
        tx.record(
            "team.leader",
            team,
            topic=Topic.PEOPLE,
            area_ids=frozenset({team.area_id}),
            label=team.name_zh,
            changes={"person_id": (None, None)},
        )
    return {"offices": len(terms), "teams": len(teams)}


def _records(tx: Transaction, before: Account, after: Account) -> int:
    returned = tx.session.scalars(
        select(Service).where(
            Service.recorded_by_id == before.id,
            Service.state == ServiceState.RETURNED,
            # Whoever returned a record cannot be the one who recorded it.
            Service.decided_by_id.is_distinct_from(after.id),
        )
    ).all()
    for service in returned:
        service.recorded_by_id = after.id
        tx.record(
            "service.hand_over",
            service,
            topic=Topic.SERVICE,
            area_ids=frozenset({service.area_id}),
            label=service.day.isoformat(),
        )
    return len(returned)
