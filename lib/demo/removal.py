"""What goes when the demonstration is taken out: statements over whole sets, in one transaction.

It goes by the source of areas and the mark of accounts, not by a list kept at loading, so that
what visitors added below the demonstration's areas goes too.
"""

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
from lib.persistence.guards import append_only_lifted
from lib.persistence.models import (
    Account,
    AccountGrant,
    Appointment,
    Area,
    AreaLink,
    AuditEntry,
    Base,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Estate,
    EstateGrid,
    Ground,
    LocalSetting,
    Membership,
    Organisation,
    Participation,
    Person,
    Post,
    Service,
    ServiceStep,
    Team,
    WebSession,
)
from lib.persistence.transaction import Transaction

Reference = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

_MARKED = (Area, Estate, Building, Branch, BuildingGroup, Person, Team, Organisation, Service)

_marks = MetaData()
_doomed: dict[type[Base], Table] = {
    model: Table(
        f"doomed_{model.__tablename__}",
        _marks,
        Column("id", Integer, primary_key=True, autoincrement=False),
        prefixes=["temporary"],
    )
    for model in (*_MARKED, Account)
}

_DELETED: tuple[tuple[type[Base], tuple[tuple[Reference, type[Base]], ...]], ...] = (
    (
        Participation,
        (
            (Participation.service_id, Service),
            (Participation.person_id, Person),
            (Participation.team_id, Team),
            (Participation.organisation_id, Organisation),
        ),
    ),
    (ServiceStep, ((ServiceStep.service_id, Service),)),
    (Service, ((Service.id, Service),)),
    (
        CentreHousehold,
        (
            (CentreHousehold.building_group_id, BuildingGroup),
            (CentreHousehold.building_id, Building),
        ),
    ),
    (BuildingGroup, ((BuildingGroup.id, BuildingGroup),)),
    (Branch, ((Branch.id, Branch),)),
    (Post, ((Post.area_id, Area),)),
    (Appointment, ((Appointment.area_id, Area), (Appointment.person_id, Person))),
    (Membership, ((Membership.team_id, Team), (Membership.person_id, Person))),
    (Team, ((Team.id, Team),)),
    (
        AccountGrant,
        ((AccountGrant.area_id, Area), (AccountGrant.organisation_id, Organisation)),
    ),
    (Person, ((Person.id, Person),)),
    (Organisation, ((Organisation.id, Organisation),)),
    (Building, ((Building.id, Building),)),
    (EstateGrid, ((EstateGrid.area_id, Area), (EstateGrid.estate_id, Estate))),
    (Estate, ((Estate.id, Estate),)),
    (Ground, ((Ground.area_id, Area),)),
    (AreaLink, ((AreaLink.descendant_id, Area),)),
    (Area, ((Area.id, Area),)),
)
"""What is deleted, referring tables first, and by which references to marked rows."""

_VACATED: tuple[tuple[type[Base], Reference, type[Base]], ...] = (
    (CentreHousehold, CentreHousehold.person_id, Person),
    (BuildingGroup, BuildingGroup.leader_id, Person),
    (Branch, Branch.secretary_id, Person),
    (Post, Post.person_id, Person),
    (Team, Team.leader_id, Person),
    (Account, Account.person_id, Person),
    (Person, Person.organisation_id, Organisation),
    (Organisation, Organisation.estate_id, Estate),
    (Building, Building.estate_id, Estate),
)
"""References from what stays to what goes: they become vacancies."""


_TOUCHED = (Topic.AREAS, Topic.STRUCTURE, Topic.UNITS, Topic.PEOPLE, Topic.SERVICE)
"""What the demonstration consists of; the street's settings stay as they are."""


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
    for model, column, goal in _VACATED:
        session.execute(
            update(model).where(_is_doomed(column, goal)).values({column.key: None}),
            execution_options={"synchronize_session": False},
        )
    with append_only_lifted(session.connection(), ServiceStep.__tablename__):
        for model, references in _DELETED:
            _delete(session, model, or_(*(_is_doomed(*reference) for reference in references)))
    _remove_accounts(session)
    _marks.drop_all(session.connection(), checkfirst=False)


def _is_doomed(column: Reference, goal: type[Base]) -> ColumnElement[bool]:
    return column.in_(select(_doomed[goal].c.id))


def _mark(session: Session, model: type[Base], numbers: Select[int]) -> None:
    session.execute(insert(_doomed[model]).from_select(["id"], numbers.distinct()))


def _mark_all(session: Session) -> None:
    below = (
        select(AreaLink.descendant_id)
        .join(Area, Area.id == AreaLink.ancestor_id)
        .where(Area.source == SOURCE)
    )
    _mark(session, Area, below)
    elsewhere = select(EstateGrid.estate_id).where(~_is_doomed(EstateGrid.area_id, Area))
    estates = select(EstateGrid.estate_id).where(
        _is_doomed(EstateGrid.area_id, Area), EstateGrid.estate_id.not_in(elsewhere)
    )
    _mark(session, Estate, estates)
    for model in (Building, Branch, Person, Team, Organisation):
        _mark(session, model, select(model.id).where(_is_doomed(model.area_id, Area)))
    groups = select(BuildingGroup.id).where(_is_doomed(BuildingGroup.branch_id, Branch))
    _mark(session, BuildingGroup, groups)
    participants: tuple[tuple[Reference, type[Base]], ...] = (
        (Participation.person_id, Person),
        (Participation.team_id, Team),
        (Participation.organisation_id, Organisation),
    )
    # An empty reference must be false, not null, for its negation to hold.
    demonstration = or_(*(and_(c.is_not(None), _is_doomed(c, m)) for c, m in participants))
    own = Participation.service_id == Service.id
    nobody_else = and_(exists().where(own, demonstration), ~exists().where(own, ~demonstration))
    services = select(Service.id).where(or_(_is_doomed(Service.area_id, Area), nobody_else))
    _mark(session, Service, services)


def _record(tx: Transaction) -> None:
    """Enter the removal in the trail, once for each topic, while the tree still stands."""
    roots = frozenset(tx.session.scalars(select(Area.id).where(Area.source == SOURCE)))
    served = tx.session.scalars(
        select(Service.area_id).where(_is_doomed(Service.id, Service)).distinct()
    )
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
    for model in (AccountGrant, WebSession):
        _delete(session, model, model.account_id.in_(accounts))
    named = (
        AuditEntry.account_id,
        LocalSetting.account_id,
        Service.recorded_by_id,
        Service.decided_by_id,
        ServiceStep.account_id,
    )
    unnamed = (~exists().where(column == Account.id) for column in named)
    _mark(session, Account, accounts.where(*unnamed))
    _delete(session, Account, _is_doomed(Account.id, Account))
    session.execute(
        update(Account)
        .where(Account.demonstration, Account.closed_on.is_(None))
        # The names are free again for a demonstration loaded later.
        .values(name=literal("removed-") + cast(Account.id, String), closed_on=today()),
        execution_options={"synchronize_session": False},
    )
