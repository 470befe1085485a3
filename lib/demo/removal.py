"""What goes when the demonstration is taken out: statements over whole sets, in one transaction.

It goes by the source of areas and the mark of accounts, not by a list kept at loading, so that
what visitors added below the demonstration's areas goes too.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from lib.demo.territory import SOURCE
from lib.domain.calendar import today
from lib.domain.vocab import Topic
from lib.persistence.guards import STEP_TABLES, append_only_lifted
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    AuditEntry,
    Base,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Certificate,
    CheckIn,
    CheckInRequest,
    Claim,
    CorrectionRequest,
    Estate,
    EstateGrid,
    ImportRow,
    MembershipRequest,
    Need,
    Organisation,
    Participation,
    Person,
    Post,
    Project,
    Service,
    Team,
    TeamEvent,
    WebSession,
)
from lib.persistence.summaries import mend
from lib.persistence.transaction import Transaction

Reference = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

_MARKED = frozenset(
    model.__tablename__
    for model in (
        *(Area, Estate, Building, Branch, BuildingGroup),
        *(Person, Team, Organisation, Service),
        *(Need, Project, Claim, CheckIn, CorrectionRequest, MembershipRequest, Certificate),
    )
)

_marks = MetaData()
_doomed: dict[str, Table] = {
    name: Table(
        f"doomed_{name}",
        _marks,
        Column("id", Integer, primary_key=True, autoincrement=False),
        prefixes=["temporary"],
    )
    for name in (*sorted(_MARKED), Account.__tablename__)
}

_VACATED: tuple[Reference, ...] = (
    CentreHousehold.person_id,
    BuildingGroup.leader_id,
    Branch.secretary_id,
    Post.person_id,
    Team.leader_id,
    Account.person_id,
    Claim.from_claim_id,
    TeamEvent.service_id,
    Person.organisation_id,
    Organisation.estate_id,
    Building.estate_id,
    CheckInRequest.organisation_id,
    CheckInRequest.home_area_id,
)
"""References from what stays to what goes: they become vacancies."""


LOADED = "demonstration.load"
"""What the trail calls the loading."""

_ACCOUNTS_OWN = (AccountGrant, WebSession)
"""What goes with an account; whatever else refers to one keeps it, closed."""

_TOUCHED = tuple(topic for topic in Topic if topic is not Topic.SETTINGS)
"""What the demonstration consists of; the street's settings stay as they are."""


def _goes_by(table: Table) -> list[Column[Any]]:
    """By which columns a row of the table goes: a marked row by its number, others by references.

    A reference that the database empties itself (``on delete set null``) takes no row along.
    """
    if table.name in _MARKED:
        return [table.c.id]
    vacated = {_column(reference) for reference in _VACATED}
    return [
        key.parent
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column.table.name in _MARKED and not key.ondelete and key.parent not in vacated
    ]


@dataclass(frozen=True)
class Toll:
    """What a removal takes of one kind: rows that go, those people touched since, rows that stay.

    `touched` were added or altered after the demonstration was loaded, by a person or a ledger.
    """

    kind: str
    goes: int
    touched: int
    stays: int


TOLLED = ("area", "organisation", "person", "team", "service")
"""What a toll is told of, in this order."""


def toll(tx: Transaction) -> tuple[Toll, ...]:
    """What `remove_rows` would take now; writes nothing that lasts."""
    session = tx.session
    _marks.create_all(session.connection(), checkfirst=False)
    _mark_all(session)
    loaded = select(func.max(AuditEntry.id)).where(AuditEntry.action == LOADED).scalar_subquery()
    found = []
    for kind in TOLLED:
        marks, table = _doomed[kind], Base.metadata.tables[kind]
        by_hand = select(AuditEntry.subject_id).where(
            AuditEntry.subject_kind == kind, AuditEntry.id > loaded
        )
        by_file = select(ImportRow.row_id).where(ImportRow.subject == kind)
        goes, touched, total = session.execute(
            select(
                select(func.count()).select_from(marks).scalar_subquery(),
                select(func.count())
                .select_from(marks)
                .where(or_(marks.c.id.in_(by_hand), marks.c.id.in_(by_file)))
                .scalar_subquery(),
                select(func.count()).select_from(table).scalar_subquery(),
            )
        ).one()
        found.append(Toll(kind, goes, touched, total - goes))
    _marks.drop_all(session.connection(), checkfirst=False)
    return tuple(found)


def remove_rows(tx: Transaction) -> None:
    """Delete the demonstration's areas and everything below them.

    A service elsewhere goes when only people, teams and units of the demonstration took part
    in it. Accounts that the trail or a kept record names stay, closed, under another name and
    without grants; all others go. Audit entries and change counters stay.
    """
    session = tx.session
    _marks.create_all(session.connection(), checkfirst=False)
    _mark_all(session)
    _record(tx)
    for reference in _VACATED:
        column = _column(reference)
        vacant = update(column.table).where(_is_doomed(column)).values({column: None})
        session.connection().execute(vacant)
    with ExitStack() as lifted:
        for name in STEP_TABLES:
            lifted.enter_context(append_only_lifted(session.connection(), name))
        for table in reversed(Base.metadata.sorted_tables):
            if columns := _goes_by(table):
                gone = or_(*(_is_doomed(column) for column in columns))
                session.connection().execute(delete(table).where(gone))
    # What stays of services elsewhere has lost those of the demonstration who took part.
    mend(session)
    _remove_accounts(session)
    _marks.drop_all(session.connection(), checkfirst=False)


def _column(reference: Reference) -> Column[Any]:
    column: Column[Any] = reference.property.columns[0]
    return column


def _is_doomed(column: Column[Any] | Reference) -> ColumnElement[bool]:
    """Whether the marked row that a reference speaks of goes; a number speaks of its own row."""
    bare = column if isinstance(column, Column) else _column(column)
    goal = next((key.column.table for key in bare.foreign_keys), bare.table)
    return column.in_(select(_doomed[goal.name].c.id))


def _mark(session: Session, model: type[Base], numbers: Select[int]) -> None:
    marks = _doomed[model.__tablename__]
    session.execute(insert(marks).from_select(["id"], numbers.distinct()))


def _mark_all(session: Session) -> None:
    below = (
        select(AreaLink.descendant_id)
        .join(Area, Area.id == AreaLink.ancestor_id)
        .where(Area.source == SOURCE)
    )
    _mark(session, Area, below)
    elsewhere = select(EstateGrid.estate_id).where(~_is_doomed(EstateGrid.area_id))
    estates = select(EstateGrid.estate_id).where(
        _is_doomed(EstateGrid.area_id), EstateGrid.estate_id.not_in(elsewhere)
    )
    _mark(session, Estate, estates)
    for model in (Building, Branch, Person, Team, Organisation):
        _mark(session, model, select(model.id).where(_is_doomed(model.area_id)))
    groups = select(BuildingGroup.id).where(_is_doomed(BuildingGroup.branch_id))
    _mark(session, BuildingGroup, groups)
    participants: tuple[Reference, ...] = (
        Participation.person_id,
        Participation.team_id,
        Participation.organisation_id,
    )
    # An empty reference must be false, not null, for its negation to hold.
    demonstration = or_(*(and_(one.is_not(None), _is_doomed(one)) for one in participants))
    own = Participation.service_id == Service.id
    nobody_else = and_(exists().where(own, demonstration), ~exists().where(own, ~demonstration))
    services = select(Service.id).where(or_(_is_doomed(Service.area_id), nobody_else))
    _mark(session, Service, services)
    _mark(session, Need, select(Need.id).where(_is_doomed(Need.area_id)))
    _mark(session, Project, select(Project.id).where(_is_doomed(Project.area_id)))
    claimants: tuple[Reference, ...] = (Claim.person_id, Claim.team_id, Claim.organisation_id)
    gone = or_(*(_is_doomed(one) for one in (Claim.project_id, *claimants)))
    claims = select(Claim.id).where(gone)
    _mark(session, Claim, claims)
    stood: tuple[Reference, ...] = (CheckIn.person_id, CheckIn.area_id, CheckIn.organisation_id)
    ended = or_(*(_is_doomed(one) for one in stood))
    _mark(session, CheckIn, select(CheckIn.id).where(ended))
    asked = or_(_is_doomed(CorrectionRequest.service_id), _is_doomed(CorrectionRequest.person_id))
    _mark(session, CorrectionRequest, select(CorrectionRequest.id).where(asked))
    led_in = (MembershipRequest.team_id, MembershipRequest.person_id)
    requests = select(MembershipRequest.id).where(or_(*(_is_doomed(one) for one in led_in)))
    _mark(session, MembershipRequest, requests)
    whose = or_(_is_doomed(Certificate.area_id), _is_doomed(Certificate.person_id))
    _mark(session, Certificate, select(Certificate.id).where(whose))


def _record(tx: Transaction) -> None:
    """Enter the removal in the trail, once for each topic, while the tree still stands."""
    roots = frozenset(tx.session.scalars(select(Area.id).where(Area.source == SOURCE)))
    served = tx.session.scalars(select(Service.area_id).where(_is_doomed(Service.id)).distinct())
    touched = {Topic.SERVICE: roots | frozenset(served)}
    for topic in _TOUCHED:
        tx.record(
            "demonstration.remove",
            "demonstration",
            topic=topic,
            area_ids=touched.get(topic, roots),
            label=f"demonstration {topic}",
        )
    tx.session.flush()


def _delete(session: Session, model: type[Base], where: ColumnElement[bool]) -> None:
    session.execute(delete(model).where(where), execution_options={"synchronize_session": False})


def _remove_accounts(session: Session) -> None:
    """Delete the demonstration's accounts, or close those that something kept refers to."""
    accounts = select(Account.id).where(Account.demonstration)
    for model in _ACCOUNTS_OWN:
        _delete(session, model, model.account_id.in_(accounts))
    own = {Base.metadata.tables[model.__tablename__] for model in _ACCOUNTS_OWN}
    named = [
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == Account.__tablename__ and not key.ondelete and table not in own
    ]
    unnamed = (~exists().where(column == Account.id) for column in named)
    _mark(session, Account, accounts.where(*unnamed))
    _delete(session, Account, _is_doomed(Account.id))
    freed = literal("removed-") + cast(Account.id, String)
    session.execute(
        update(Account)
        .where(Account.demonstration, Account.closed_on.is_(None))
        # The names are free again for a demonstration loaded later.
        .values(name=freed, appearance=freed, closed_on=today()),
        execution_options={"synchronize_session": False},
    )
