"""Taking a ledger back: what becomes as before, what stops it, and who may."""

from collections.abc import Mapping

import pytest
from sqlalchemy import ColumnElement, Table, and_, select, update

from lib.domain.calendar import today
from lib.domain.errors import NotPermitted, Refusal
from lib.domain.ledgers import BatchState, LedgerKind
from lib.domain.permissions import Actor
from lib.domain.vocab import Language, TeamJoining, VolunteerDuty
from lib.i18n.glossary import sentence
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Base, ImportBatch, ImportRow, Membership, Person, Service, Team
from lib.queries import check_in
from lib.queries.check import problems
from lib.services.check_in import pause
from lib.services.imports import undo_import
from lib.services.place import check_in_here
from lib.services.service import void_service
from tests.exchange.files import text
from tests.factories import SmallStreet, service_given
from tests.services.ledgers import DAY, NEEDS, NEW, PEOPLE, TEAMS, bring, services, units
from tests.services.pipeline import claimed, project_open
from tests.services.test_certificate import asked as ask_certificate
from tests.services.test_check_in import HANDY, entered
from tests.services.test_correction import asked as ask_correction
from tests.services.test_place import code_of
from tests.services.test_team import joins, takes_in
from tests.services.written import count, everything

MEMBERS = (*PEOPLE, "报到日期")


@pytest.fixture
def secretary(street: SmallStreet) -> Actor:
    return street.actors["community_secretary"]


@pytest.mark.parametrize("kind", list(LedgerKind))
def test_undo__nothing_depends__as_before_and_importable_again(
    street: SmallStreet, secretary: Actor, kind: LedgerKind
) -> None:
    content = {
        LedgerKind.UNITS: units(NEW),
        LedgerKind.PEOPLE: text([MEMBERS, ("赵一", "第1网格", DAY, "石桥小学", DAY)]),
        LedgerKind.TEAMS: text([TEAMS, ("新队", "健康义诊", "石桥社区", "林小满", "林小满")]),
        LedgerKind.SERVICES: services((DAY, "走访慰问", "第1网格", "林小满", 60, 3)),
        LedgerKind.NEEDS: text([NEEDS, ("想要一个书包", "走访慰问", "第1网格")]),
    }[kind]
    kept = ("import_batch", "audit_entry", "change_counter")
    before = {name: rows for name, rows in everything().items() if name not in kept}
    report = bring(secretary, kind, content)
    assert undo_import(secretary, batch_id=report.batch_id) == 1
    assert {name: rows for name, rows in everything().items() if name not in kept} == before
    with Reads() as session:
        batch = session.get_one(ImportBatch, report.batch_id)
        assert (batch.state, batch.undone_at is not None) == (BatchState.UNDONE, True)
    with pytest.raises(Refusal) as caught:
        undo_import(secretary, batch_id=report.batch_id)
    assert caught.value.code == "ledger.already_undone"
    assert bring(secretary, kind, content).added == 1
    assert problems().empty


def refused_undo(actor: Actor, batch_id: int) -> str:
    before = everything()
    with pytest.raises(Refusal) as caught:
        undo_import(actor, batch_id=batch_id)
    assert everything() == before
    assert sentence(caught.value, Language.EN)
    return caught.value.code


def test_undo__something_depends__says_what(street: SmallStreet, secretary: Actor) -> None:
    unit = bring(secretary, "units", units(NEW)).batch_id
    person = bring(secretary, "people", text([PEOPLE, ("赵一", "第1网格", DAY, "青石书店")]))
    assert refused_undo(secretary, unit) == "ledger.depended_people"
    team = bring(secretary, "teams", text([TEAMS, ("新队", "健康义诊", "石桥社区", "赵一", "")]))
    assert refused_undo(secretary, person.batch_id) == "ledger.depended_teams"
    with Writes.begin() as session:
        number = session.scalar(select(Team.id).filter_by(name_zh="新队"))
        session.add(Membership(team_id=number, person_id=street.people["qin"], since=today()))
    assert refused_undo(secretary, team.batch_id) == "ledger.depended_memberships"
    service = bring(secretary, "services", services((DAY, "走访慰问", "第1网格", "赵一", 60, 3)))
    assert refused_undo(secretary, person.batch_id).startswith("ledger.depended_")
    with Reads() as session:
        number = session.scalar(select(Service.id))
    void_service(secretary, service_id=number, version=1, reason="重复登记")
    assert refused_undo(secretary, service.batch_id) == "ledger.depended_changed"


def _is(table: Table, row: Mapping[str, object]) -> ColumnElement[bool]:
    return and_(*(key == row[key.name] for key in table.primary_key))


def test_undo__whatever_refers_to_a_person__stops_it(street: SmallStreet, secretary: Actor) -> None:
    """Every foreign key of the schema is tried, so that none is forgotten."""
    volunteer, number = street.actors["volunteer"], project_open(street)
    served = service_given(street, street.areas.g1)
    claimed(street, number)
    check_in_here(volunteer, code=code_of(street, number))
    entered(street, duties=frozenset({VolunteerDuty.TUTOR}), profile=HANDY)
    ask_correction(volunteer, served)
    ask_certificate(volunteer)
    joins(street, takes_in(street, TeamJoining.APPROVED, "tutors"), volunteer)
    report = bring(secretary, "people", text([PEOPLE, ("赵一", "第1网格", DAY, "")]))
    with Reads() as session:
        person = session.scalars(select(Person.id).filter_by(name="赵一")).one()
    references = [
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "person" and not key.ondelete
    ]
    assert len(references) >= 9
    for column in references:
        table = column.table
        with Writes.begin() as session:
            rows = select(table).order_by(column.is_(None), *table.primary_key).limit(1)
            before = dict(session.execute(rows).mappings().one())
            session.execute(update(table).where(_is(table, before)).values({column: person}))
        assert refused_undo(secretary, report.batch_id).startswith("ledger.depended_"), column
        with Writes.begin() as session:
            after = before | {column.name: person}
            back = {column: before[column.name]}
            session.execute(update(table).where(_is(table, after)).values(back))
    assert undo_import(secretary, batch_id=report.batch_id) == 1


def test_import__a_member__is_checked_in_with_the_community(
    street: SmallStreet, secretary: Actor
) -> None:
    report = bring(secretary, "people", text([MEMBERS, ("赵一", "第1网格", DAY, "石桥小学", DAY)]))
    (one,) = check_in.listing(secretary, area_id=None).to_dict("records")
    assert (one["name"], one["area_id"], one["checked_in_on"].isoformat()) == (
        "赵一",
        street.areas.c1,
        DAY,
    )
    assert problems().empty
    pause(secretary, check_in_id=one["check_in_id"], version=1, reason="外出学习")
    with pytest.raises(Refusal) as caught:
        undo_import(secretary, batch_id=report.batch_id)
    assert caught.value.code == "ledger.depended_changed"


def test_undo__by_whom_it_does_not_concern__refused(street: SmallStreet, secretary: Actor) -> None:
    report = bring(secretary, "units", units(NEW))
    for name in ("neighbour", "grid_secretary", "visitor"):
        with pytest.raises(NotPermitted):
            undo_import(street.actors[name], batch_id=report.batch_id)
    with pytest.raises(Refusal, match="no_batch"):
        undo_import(secretary, batch_id=404)
    assert undo_import(street.actors["street_committee"], batch_id=report.batch_id) == 1


def test_undo__leaves_the_guard_of_steps_standing(street: SmallStreet, secretary: Actor) -> None:
    report = bring(secretary, "services", services((DAY, "走访慰问", "第1网格", "林小满", 60, 3)))
    undo_import(secretary, batch_id=report.batch_id)
    assert problems().empty
    assert count(ImportRow) == 0
