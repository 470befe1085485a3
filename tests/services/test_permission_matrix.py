"""Every cell of ``tests/expected_permissions.csv``, asked of the command or query it guards.

The table is written by hand. `own`, `other_grid` and `other_community` are G1, G2 and G3;
`parent` lies directly above the own area, beside the street for who holds a street or all;
`nothing` is the own grid for somebody whose grant of this role ended yesterday.
"""

import csv
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lib.demo.load import removal_toll
from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotPermitted, Refusal
from lib.domain.ledgers import LedgerKind
from lib.domain.local_settings import Pair, SettingKey
from lib.domain.permissions import Actor, Grant, Permission, Role
from lib.domain.suspicions import Rule
from lib.domain.vocab import (
    Net,
    PostKind,
    RevealReason,
    ServiceKind,
    ServiceState,
    TeamJoining,
    UnitKind,
)
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    AccountGrant,
    Area,
    AuditEntry,
    LocalSetting,
    Organisation,
    Participation,
    Person,
    Team,
)
from lib.queries import areas, audit, grants, personal, project, service, unit_ledger, units
from lib.queries.sessions import actor_of
from lib.services.certificate import Signature, issue_certificate
from lib.services.check_in import CheckInEntry, check_in
from lib.services.claim import Claimant, claim_project
from lib.services.grants import GrantEntry, give_grant, lend_grant
from lib.services.imports import import_ledger
from lib.services.local_settings import change_setting
from lib.services.need import collect_need, decline_need
from lib.services.people import note_export
from lib.services.personal import reveal_name
from lib.services.project import create_project, publish_project
from lib.services.reviews import review_records
from lib.services.service import Participant, confirm_service, record_service, void_service
from lib.services.structure import add_post
from lib.services.team import TeamEntry, edit_team, join_team
from lib.services.tree import AreaEntry, edit_area
from lib.services.units import UnitEntry, edit_unit
from tests.exchange.files import UNITS, opened, text
from tests.factories import OPENED, SmallStreet, enrolled, service_given, signed_in
from tests.services.pipeline import plan, request, wish
from tests.services.written import entry

ROWS = list(
    csv.DictReader(
        (Path(__file__).parents[1] / "expected_permissions.csv").open(encoding="utf-8", newline="")
    )
)
SCOPES = ("own", "other_grid", "other_community", "parent", "nothing")
PLACES = ("g1", "g2", "g3", "c1", "s", "t")
PARENT = {
    Role.GRID_SECRETARY: "c1",
    Role.GRID_WORKER: "c1",
    Role.COMMUNITY_SECRETARY: "s",
    Role.TEAM_LEADER: "s",
    Role.VOLUNTEER: "s",
}
"""What lies above each role's own area; T, the street beside, for all others."""

NEW = ("青石书店", "非公企业", "综合党委", "第1网格")

_numbers = itertools.count(1)


def test_expected__names_every_role_and_permission_once() -> None:
    named = [(row["role"], row["permission"]) for row in ROWS]
    assert sorted(named) == sorted((r.value, p.value) for r, p in product(Role, Permission))
    assert {row[scope] for row in ROWS for scope in SCOPES} == {"yes", "no"}


@dataclass(frozen=True)
class Subject:
    """What a place holds for the probes, and whose place it is."""

    street: SmallStreet
    place: str
    area_id: int
    unit_id: int
    person_id: int
    volunteer_id: int
    colleague_id: int


@pytest.fixture
def subjects(street: SmallStreet) -> dict[str, Subject]:
    """In every place a unit, a resident, two accounts and an entry in the log."""
    with Writes.begin() as session:
        made = {}
        for place in PLACES:
            area_id = getattr(street.areas, place)
            unit = Organisation(
                name_zh=f"{place}单位",
                initials=place,
                kind=UnitKind.SCHOOL,
                net=Net.ADMINISTRATIVE,
                area_id=area_id,
                liaison_name="联络丙",
            )
            person = Person(
                name=f"{place}居民", area_id=area_id, consented_on=OPENED, volunteer_since=OPENED
            )
            done = AuditEntry(
                at=now(), action="area.edit", subject_kind="area", area_id=area_id, changes={}
            )
            session.add_all([unit, person, done])
            session.flush()
            volunteer = enrolled(session, f"volunteer-{place}", Grant(Role.VOLUNTEER, area_id))
            office = enrolled(session, f"office-{place}", Grant(Role.GRID_SECRETARY, area_id))
            made[place] = Subject(
                street,
                place,
                area_id,
                unit.id,
                person.id,
                volunteer.account_id,
                office.account_id,
            )
    return made


def own_things(actor: Actor, subject: Subject) -> tuple[int, Participant]:
    """The unit to edit and whom to record for: in the own grid what a unit or team grant names."""
    if subject.place == "g1" and actor.role is Role.UNIT_LIAISON:
        street = subject.street
        return street.units["school"], Participant(30, person_id=street.people["teacher"])
    if subject.place == "g1" and actor.role is Role.TEAM_LEADER:
        return subject.unit_id, Participant(30, person_id=subject.street.people["lin"])
    return subject.unit_id, Participant(30, person_id=subject.person_id)


def recorded(actor: Actor, subject: Subject, *participants: Participant) -> int:
    number = next(_numbers)
    return record_service(
        actor,
        entry=entry(subject.area_id, people_served=number),
        participants=participants,
        request_id=f"matrix-{number}",
    )


def waiting(subject: Subject) -> int:
    return service_given(
        subject.street,
        subject.area_id,
        state=ServiceState.RECORDED,
        persons=[("teacher", 60)],
        recorder="second",
        decider="neighbour",
    )


def given(actor: Actor, subject: Subject) -> bool:
    day = today() + timedelta(days=next(_numbers))
    wanted = GrantEntry(
        Role.UNIT_LIAISON, subject.area_id, day, until=day, organisation_id=subject.unit_id
    )
    give_grant(actor, account_id=subject.volunteer_id, entry=wanted)
    return True


def area_edited(actor: Actor, subject: Subject) -> bool:
    with Reads() as session:
        area = session.get_one(Area, subject.area_id)
    edit_area(
        actor,
        area_id=area.id,
        version=area.version,
        entry=AreaEntry(f"更名{next(_numbers)}", area.valid_from, code=area.code),
    )
    return True


def lent(actor: Actor, subject: Subject) -> bool:
    """The own grant to somebody of the place; who holds none has none to lend."""
    with Reads() as session:
        own = session.scalar(
            select(AccountGrant.id).where(AccountGrant.account_id == actor.account_id)
        )
    assert own is not None
    try:
        lend_grant(actor, grant_id=own, to=subject.colleague_id, since=today(), until=today())
    except NotPermitted:
        return False
    except Refusal as refusal:
        if refusal.code != "account.lend_elsewhere":
            raise
        return False
    return True


def imported(actor: Actor, subject: Subject) -> bool:
    with opened(text([UNITS, NEW]), LedgerKind.UNITS, area_given=True) as ledger:
        import_ledger(
            actor,
            kind=ledger.kind,
            file=ledger.file,
            rows=ledger.rows,
            area_id=subject.area_id,
            dry_run=True,
        )
    return True


def named(actor: Actor, subject: Subject) -> bool:
    rows = service.participants(actor, service_ids=(waiting(subject),))
    return set(rows["name_zh"]) == {"石新"}


def handed_out(actor: Actor, subject: Subject) -> bool:
    note_export(actor, person_id=subject.person_id)
    return not personal.found(actor, text=f"{subject.place}居民").empty


def masked(actor: Actor, subject: Subject) -> bool:
    rows = service.participants(actor, service_ids=(waiting(subject),))
    return set(rows["name_zh"]) <= {"石新", "石**"} and not rows.empty


def revealed(actor: Actor, subject: Subject) -> bool:
    name = reveal_name(actor, person_id=subject.person_id, reason=RevealReason.VERIFY)
    return name == f"{subject.place}居民"


def registered(actor: Actor, subject: Subject) -> bool:
    return recorded(actor, subject, Participant(30, new_name=f"新人{next(_numbers)}")) > 0


def records(actor: Actor, subject: Subject) -> bool:
    if actor.role is Role.VOLUNTEER:
        return recorded(actor, subject, Participant(30, person_id=actor.person_id)) > 0
    if actor.role is Role.UNIT_LIAISON:
        school = Participant(30, organisation_id=subject.street.units["school"])
        return recorded(actor, subject, school) > 0
    if actor.role is Role.TEAM_LEADER:
        return recorded(actor, subject, Participant(30, person_id=actor.person_id)) > 0
    return recorded(actor, subject, Participant(30, person_id=subject.person_id)) > 0


def records_others(actor: Actor, subject: Subject) -> bool:
    return recorded(actor, subject, own_things(actor, subject)[1]) > 0


def settings_changed(actor: Actor, _subject: Subject) -> bool:
    with Reads() as session:
        last = session.scalar(
            select(LocalSetting.version)
            .where(LocalSetting.key == SettingKey.STREET_NAME)
            .order_by(LocalSetting.version.desc())
        )
    change_setting(
        actor,
        key=SettingKey.STREET_NAME,
        value=Pair(f"街道{next(_numbers)}", "Street"),
        reason="更名",
        version=last or 0,
    )
    return True


def unit_edited(actor: Actor, subject: Subject) -> bool:
    with Reads() as session:
        unit = session.get_one(Organisation, own_things(actor, subject)[0])
    edit_unit(
        actor,
        unit_id=unit.id,
        version=unit.version,
        entry=UnitEntry(
            unit.name_zh, unit.kind, unit.net, unit.area_id, offers=f"会议室{next(_numbers)}"
        ),
    )
    return True


def done(command: Callable[..., object], **values: object) -> Callable[[Actor, Subject], bool]:
    def probe(actor: Actor, subject: Subject) -> bool:
        command(actor, service_id=waiting(subject), version=1, **values)
        return True

    return probe


def post_added(actor: Actor, subject: Subject) -> bool:
    return add_post(actor, area_id=subject.area_id, kind=PostKind.WORKER) > 0


def contact_shown(actor: Actor, subject: Subject) -> bool:
    rows = units.unit(actor, unit_id=subject.unit_id)
    return set(rows["liaison_name"]) == {"联络丙"}


def counted(actor: Actor, subject: Subject) -> bool:
    day, area = today() - timedelta(days=400), subject.area_id
    service_given(subject.street, area, day=day, people_served=3)
    asked = {"area_id": area, "first": day, "last": day}
    admin = subject.street.actors[Role.ADMINISTRATOR]
    served = [service.totals(one, **asked).iloc[0]["people_served"] for one in (actor, admin)]
    return bool(served[0] == served[1])


def offered(subject: Subject, *, publish: bool = True) -> int:
    """A project of the place, made by who may everywhere."""
    return create_project(
        subject.street.actors[Role.ADMINISTRATOR],
        entry=plan(subject.area_id),
        request_id=request(),
        publish=publish,
    )


def claims(actor: Actor, subject: Subject) -> bool:
    people, school = subject.street.people, subject.street.units["school"]
    claimant = Claimant(person_id=actor.person_id or people["zhou"])
    if actor.role is Role.UNIT_LIAISON:
        claimant = Claimant(organisation_id=school)
    number = claim_project(
        actor,
        project_id=offered(subject),
        claimant=claimant,
        promised_on=today(),
        request_id=request(),
    )
    return number > 0


def need_declined(actor: Actor, subject: Subject) -> bool:
    number = collect_need(
        subject.street.actors[Role.ADMINISTRATOR], entry=wish(subject.area_id), request_id=request()
    )
    decline_need(actor, need_id=number, version=1, reason="已另行解决")
    return True


def need_collected(actor: Actor, subject: Subject) -> bool:
    return collect_need(actor, entry=wish(subject.area_id), request_id=request()) > 0


def comer(subject: Subject, **values: object) -> CheckInEntry:
    entry = CheckInEntry(subject.area_id, new_name="新人", pledged=True, consented=True)
    return replace(entry, **values)


def checked_in(actor: Actor, subject: Subject) -> bool:
    """Nobody checks in with a street; who may there is told so, and nobody else."""
    try:
        return check_in(actor, entry=comer(subject), request_id=request()) > 0
    except Invalid as refusal:
        return [one.code for one in refusal.problems] == ["problem.no_check_in_here"]


def ledger_read(actor: Actor, subject: Subject) -> bool:
    unit_id = own_things(actor, subject)[0]
    administrator, grid = subject.street.actors[Role.ADMINISTRATOR], subject.street.areas.g1
    entry = comer(subject, area_id=grid, organisation_id=unit_id)
    check_in(administrator, entry=entry, request_id=request())
    rows = unit_ledger.ledger(actor, organisation_id=unit_id, year=today().year)
    return set(rows["name"]) == {"新人"}


def team_there(subject: Subject) -> int:
    """A team of the place, made by who may everywhere."""
    with Writes.begin() as session:
        team = Team(
            name_zh=f"队{next(_numbers)}",
            initials="d",
            kind=ServiceKind.VISIT,
            area_id=subject.area_id,
            joining=TeamJoining.OPEN,
        )
        session.add(team)
        session.flush()
        return team.id


def team_edited(actor: Actor, subject: Subject) -> bool:
    led = subject.place == "g1" and actor.role is Role.TEAM_LEADER
    team_id = subject.street.teams["patrol"] if led else team_there(subject)
    with Reads() as session:
        team = session.get_one(Team, team_id)
    wanted = TeamEntry(f"队{next(_numbers)}", team.kind, team.area_id, leader_id=team.leader_id)
    edit_team(actor, team_id=team_id, version=team.version, entry=wanted)
    return True


def joined(actor: Actor, subject: Subject) -> bool:
    people = subject.street.people
    person_id = actor.person_id or people["zhou"]
    if actor.role is Role.UNIT_LIAISON:
        person_id = people["teacher"]
    team_id = team_there(subject)
    return join_team(actor, team_id=team_id, person_id=person_id, request_id=request()) > 0


def project_published(actor: Actor, subject: Subject) -> bool:
    publish_project(actor, project_id=offered(subject, publish=False), version=1)
    return True


def certificate_issued(actor: Actor, subject: Subject) -> bool:
    given = service_given(
        subject.street,
        subject.area_id,
        persons=[("teacher", 60)],
        recorder="second",
        decider="neighbour",
    )
    with Writes.begin() as session:
        theirs = update(Participation).where(Participation.service_id == given)
        session.execute(theirs.values(person_id=subject.person_id))
    number = issue_certificate(
        actor,
        person_id=subject.person_id,
        first_day=today(),
        last_day=today(),
        signature=Signature("居民委员会", "负责人", "办公室"),
        request_id=request(),
    )
    return number > 0


def reviewed(actor: Actor, subject: Subject) -> bool:
    asked = {"rule": Rule.LONG_DAY, "service_ids": (waiting(subject),), "words": "已核对"}
    return review_records(actor, **asked, request_id=request()) > 0


PROBES: Mapping[Permission, Callable[[Actor, Subject], bool]] = {
    Permission.ACCOUNT_EDIT: given,
    Permission.AREA_EDIT: area_edited,
    Permission.AREA_VIEW: lambda actor, one: len(areas.area(actor, area_id=one.area_id)) == 1,
    Permission.AUDIT_READ: lambda actor, one: (
        not audit.entries(actor, wanted=audit.LogFilter(area_id=one.area_id), limit=1).empty
    ),
    Permission.CHECKIN_LEDGER: ledger_read,
    Permission.CHECKIN_REGISTER: checked_in,
    Permission.CERTIFICATE_ISSUE: certificate_issued,
    Permission.CLAIM_TAKE: claims,
    Permission.COUNT_EXACT: counted,
    Permission.DEMONSTRATION_REMOVE: lambda actor, _one: removal_toll(actor)[0] == (),
    Permission.GRANT_DELEGATE: lent,
    Permission.LEDGER_IMPORT: imported,
    Permission.MATRIX_VIEW: lambda actor, _one: not grants.matrix(actor).empty,
    Permission.NEED_COLLECT: need_collected,
    Permission.NEED_SETTLE: need_declined,
    Permission.PERSON_KEEP: handed_out,
    Permission.PERSON_MASKED: masked,
    Permission.PERSON_NAME: named,
    Permission.PERSON_REGISTER: registered,
    Permission.PERSON_REVEAL: revealed,
    Permission.PROJECT_EDIT: project_published,
    Permission.PROJECT_VIEW: lambda actor, one: (
        len(project.project(actor, project_id=offered(one), day=today())) == 1
    ),
    Permission.SERVICE_CONFIRM: done(confirm_service),
    Permission.SERVICE_RECORD: records,
    Permission.SERVICE_RECORD_OTHERS: records_others,
    Permission.SERVICE_REVIEW: reviewed,
    Permission.SERVICE_VIEW: lambda actor, one: (
        len(service.record(actor, service_id=waiting(one))) == 1
    ),
    Permission.SERVICE_VOID: done(void_service, reason="重复登记"),
    Permission.SETTINGS_EDIT: settings_changed,
    Permission.STRUCTURE_EDIT: post_added,
    Permission.TEAM_EDIT: team_edited,
    Permission.TEAM_JOIN: joined,
    Permission.UNIT_CONTACT: contact_shown,
    Permission.UNIT_EDIT: unit_edited,
    Permission.UNIT_VIEW: lambda actor, one: len(units.unit(actor, unit_id=one.unit_id)) == 1,
}


def test_probes__one_for_every_permission() -> None:
    assert set(PROBES) == set(Permission)


def permitted(permission: Permission, actor: Actor, subject: Subject) -> bool:
    try:
        return PROBES[permission](actor, subject)
    except NotPermitted:
        return False


@pytest.mark.parametrize("role", list(Role))
def test_matrix__every_cell_of_a_role(
    street: SmallStreet, subjects: dict[str, Subject], role: Role
) -> None:
    actor = street.actors[role]
    places = {
        "own": "g1",
        "other_grid": "g2",
        "other_community": "g3",
        "parent": PARENT.get(role, "t"),
    }
    expected = {
        (row["permission"], scope): row[scope] == "yes"
        for row in ROWS
        for scope in SCOPES
        if row["role"] == role
    }
    found = {
        (permission.value, scope): permitted(permission, actor, subjects[place])
        for permission in Permission
        for scope, place in places.items()
    }
    with Writes.begin() as session:
        session.execute(
            update(AccountGrant)
            .where(AccountGrant.account_id == actor.account_id)
            .values(until=today() - timedelta(days=1))
        )
    former = actor_of(signed_in(actor))
    assert former is not None
    for permission in Permission:
        found[permission.value, "nothing"] = permitted(permission, former, subjects["g1"])
    assert {cell: may for cell, may in found.items() if may != expected[cell]} == {}
    assert found.keys() == expected.keys()
