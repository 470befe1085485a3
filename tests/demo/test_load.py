import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from lib.demo.load import last_day, load_demonstration
from lib.domain.errors import Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import (
    Language,
    Level,
    Net,
    PostKind,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Topic,
    Trust,
    UnitKind,
)
from lib.geo.shapes import from_geojson_geometry
from lib.i18n.glossary import say
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    AuditEntry,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    ChangeCounter,
    Claim,
    Ground,
    Installation,
    Membership,
    MembershipRequest,
    Need,
    Organisation,
    Participation,
    Person,
    Post,
    Project,
    Service,
    ServiceStep,
    Team,
    TeamEvent,
)
from tests.demo.conftest import AS_OF, DemoTemplate
from tests.demo.rows_digest import digest

ROOT = Path(__file__).resolve().parents[2]
# Written by hand, apart from the workflow's table.
MOVES = {
    (None, "record", "recorded"),
    ("recorded", "confirm", "confirmed"),
    ("recorded", "return", "returned"),
    ("recorded", "void", "voided"),
    ("returned", "correct", "recorded"),
    ("confirmed", "correct", "confirmed"),
}


def count(model: type, *where: object) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a load in another process, whose sets are ordered otherwise."""
    url = f"sqlite:///{tmp_path_factory.mktemp('again') / 'again.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo.rows_digest", url, AS_OF.isoformat()],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_load__same_seed_and_day__same_rows_on_both_engines(
    demo_view: Engine, elsewhere: str
) -> None:
    assert digest(demo_view) == elsewhere


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [
        (Building, 800, 4000),
        (Person, 1900, 2800),
        (Membership, 1200, 2200),
        (Team, 56, 66),
        (Organisation, 58, 62),
        (Service, 5600, 6400),
        (Participation, 23_000, 27_000),
        (Account, 40, 60),
        (Ground, 4, 4),
        (AuditEntry, 7, 7),
        (Need, 220, 260),
        (Project, 170, 200),
        (Claim, 200, 250),
        (MembershipRequest, 3, 6),
        (TeamEvent, 80, 140),
    ],
)
def test_load__counts(demo_view: Engine, model: type, least: int, most: int) -> None:
    assert least <= count(model) <= most


def test_load__tree_with_closure_shapes_and_codes(demo_view: Engine) -> None:
    with Reads() as session:
        areas = {a.id: a for a in session.scalars(select(Area))}
        links = set(session.execute(select(AreaLink.ancestor_id, AreaLink.descendant_id)).tuples())
    levels = Counter(a.level for a in areas.values())
    assert levels[Level.STREET] == 1
    assert 18 <= levels[Level.COMMUNITY] <= 22
    assert 90 <= levels[Level.GRID] <= 110
    digits = {Level.STREET: 9, Level.COMMUNITY: 12, Level.GRID: 15}
    expected = set()
    for area in areas.values():
        assert len(area.code) == digits[area.level]
        assert area.code.startswith("99")
        assert area.source == "demonstration"
        shape = from_geojson_geometry(area.geometry or "")
        assert shape.is_valid
        assert shape.bounds == (area.west, area.south, area.east, area.north)
        above: Area | None = area
        while above:
            expected.add((above.id, area.id))
            above = areas[above.parent_id] if above.parent_id else None
    assert links == expected
    grid = next(a for a in areas.values() if a.level is Level.GRID)
    assert grid.name_zh.endswith("网格")
    assert " Grid " in (grid.name_en or "")
    assert grid.initials.endswith("wg")


def test_load__vacancies_are_few_and_real(demo_view: Engine) -> None:
    grids = count(Area, Area.level == Level.GRID)
    assert count(Post, Post.kind == PostKind.HEAD) == grids == count(Branch)
    assert count(Post, Post.kind == PostKind.HEAD, Post.person_id.is_(None)) == 3
    for model, column, share in (
        (Branch, Branch.secretary_id, 0.03),
        (BuildingGroup, BuildingGroup.leader_id, 0.06),
        (CentreHousehold, CentreHousehold.person_id, 0.08),
    ):
        assert count(model, column.is_(None)) == round(count(model) * share)
    workers = count(Post, Post.kind == PostKind.WORKER)
    assert count(Post, Post.kind == PostKind.WORKER, Post.person_id.is_(None)) == round(
        workers * 0.1
    )


def test_load__centre_households_stand_in_homes_of_their_grid(demo_view: Engine) -> None:
    with Reads() as session:
        rows = session.execute(
            select(Branch.area_id, Building.area_id, Building.households)
            .join(BuildingGroup, BuildingGroup.branch_id == Branch.id)
            .join(CentreHousehold, CentreHousehold.building_group_id == BuildingGroup.id)
            .join(Building, Building.id == CentreHousehold.building_id)
        ).all()
        groups = session.execute(
            select(func.count()).select_from(BuildingGroup).group_by(BuildingGroup.branch_id)
        ).scalars()
    assert len(rows) > 500
    assert all(grid == standing and households > 0 for grid, standing, households in rows)
    sizes = Counter(groups)
    assert sizes.keys() <= {1, 2, 3, 4}
    assert sizes[3] + sizes[4] > 0.9 * sizes.total()


def test_load__units_of_every_kind_and_net(demo_view: Engine) -> None:
    with Reads() as session:
        units = session.scalars(select(Organisation)).all()
    assert {u.kind for u in units} == set(UnitKind)
    assert {u.net for u in units} == set(Net)
    assert 4 <= sum(u.name_en is None for u in units) <= 10
    for unit in units:
        assert unit.liaison_phone[3:9] == " 0000 "
        assert unit.offers
        assert unit.initials
        assert unit.lon
    assert len({u.name_zh for u in units}) == len(units)


def test_load__people_agreed_and_members_joined(demo_view: Engine) -> None:
    with Reads() as session:
        people = session.scalars(select(Person)).all()
        joined = set(session.scalars(select(Membership.person_id)))
        sizes = (
            session.execute(
                select(func.count()).select_from(Membership).group_by(Membership.team_id)
            )
            .scalars()
            .all()
        )
        leaders = session.execute(
            select(Team.id, Team.leader_id, Membership.until)
            .join(Membership, (Membership.team_id == Team.id))
            .where(Membership.person_id == Team.leader_id)
        ).all()
    volunteers = [p for p in people if p.volunteer_since]
    members = [p for p in people if p.checked_in_on]
    assert len(volunteers) == 1500
    assert 300 <= len(members) <= 450
    assert all(p.organisation_id and p.id in joined for p in members)
    assert all(p.consented_on <= AS_OF for p in people)
    assert len({p.name for p in people}) == len(people)
    assert min(sizes) >= 8
    assert max(sizes) <= 60
    assert len(leaders) == len(sizes) - 1, "one team waits for a leader"
    assert all(until is None for *_, until in leaders)


def test_load__states_are_explained_by_their_steps(demo_view: Engine) -> None:
    moment = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 1, 30, tzinfo=UTC)
    with Reads() as session:
        services = {s.id: s for s in session.scalars(select(Service))}
        steps = defaultdict(list)
        for step in session.scalars(select(ServiceStep).order_by(ServiceStep.id)):
            steps[step.service_id].append(step)
    assert steps.keys() == services.keys()
    for number, held in steps.items():
        service = services[number]
        assert {(s.source, s.action, s.target) for s in held} <= MOVES
        assert [s.source for s in held] == [None, *(s.target for s in held[:-1])]
        assert held[-1].target is service.state
        # A correction that was asked for amends the record where it stands.
        settled = [s for s in held if s.source is not s.target]
        assert settled[-1].reason == service.reason
        assert service.version == len(held)
        assert [s.at for s in held] == sorted(s.at for s in held)
        assert held[-1].at <= moment
        assert held[0].at == service.recorded_at
        assert service.recorded_at.date() >= service.day - timedelta(days=1)
        assert held[0].account_id == service.recorded_by_id
        if service.state is not ServiceState.RECORDED:
            decided = (settled[-1].account_id, settled[-1].at)
            assert decided == (service.decided_by_id, service.decided_at)
            assert service.decided_by_id != service.recorded_by_id
        else:
            assert service.decided_by_id is None
    assert {s.action for held in steps.values() for s in held} == set(ServiceAction)


def test_load__nobody_decides_on_what_they_served_in(demo_view: Engine) -> None:
    with Reads() as session:
        own = session.scalars(
            select(Service.id)
            .join(Account, Account.id == Service.decided_by_id)
            .join(Participation, Participation.service_id == Service.id)
            .where(Participation.person_id == Account.person_id)
        ).all()
    assert own == []


def test_load__trust_follows_the_state(demo_view: Engine) -> None:
    with Reads() as session:
        found = session.execute(
            select(Service.state, Participation.trust, func.count())
            .join(Participation, Participation.service_id == Service.id)
            .group_by(Service.state, Participation.trust)
        ).all()
        empty = session.scalar(
            select(func.count())
            .select_from(Service)
            .where(Service.id.not_in(select(Participation.service_id)))
        )
    by_state: dict[ServiceState, dict[Trust, int]] = defaultdict(dict)
    for state, trust, n in found:
        by_state[state][trust] = n
    assert by_state.pop(ServiceState.CONFIRMED).keys() == {Trust.CONFIRMED, Trust.CERTIFIED}
    assert all(trusts.keys() == {Trust.SELF_REPORTED} for trusts in by_state.values())
    assert empty == 0


def test_load__nobody_serves_before_volunteering(demo_view: Engine) -> None:
    with Reads() as session:
        early = session.scalar(
            select(func.count())
            .select_from(Participation)
            .join(Service, Service.id == Participation.service_id)
            .join(Person, Person.id == Participation.person_id)
            .where(Service.day < Person.volunteer_since)
        )
    assert early == 0
    with Reads() as session:
        first, last = session.execute(select(func.min(Service.day), func.max(Service.day))).one()
    assert (first, last) == (date(2024, 6, 1), AS_OF)


def test_load__something_waits_and_some_of_it_too_long(demo_view: Engine) -> None:
    waiting = Service.state == ServiceState.RECORDED
    assert 40 <= count(Service, waiting) <= 85
    assert 4 <= count(Service, waiting, Service.day < AS_OF - timedelta(days=7)) <= 20
    assert count(Service, waiting, Service.day < AS_OF - timedelta(days=10)) == 0
    settled = count(Service, Service.day < AS_OF - timedelta(days=10))
    confirmed = count(
        Service,
        Service.day < AS_OF - timedelta(days=10),
        Service.state == ServiceState.CONFIRMED,
    )
    assert 0.95 < confirmed / settled < 0.99


def test_load__the_day_itself_has_confirmed_and_waiting_services(demo_view: Engine) -> None:
    for state in (ServiceState.CONFIRMED, ServiceState.RECORDED):
        assert count(Service, Service.day == AS_OF, Service.state == state) >= 2


def test_load__some_grids_are_silent(demo_view: Engine) -> None:
    lately = select(Service.area_id).where(Service.day > AS_OF - timedelta(days=30))
    silent = count(Area, Area.level == Level.GRID, Area.id.not_in(lately))
    assert 8 <= silent <= 28


def test_load__seasons_show(demo_view: Engine) -> None:
    with Reads() as session:
        days = session.execute(select(Service.day, Service.kind, Service.goods)).all()
    per_day = Counter(day for day, *_ in days)
    usual = len(days) / len(per_day)
    assert per_day[date(2026, 3, 5)] > 2 * usual
    first_days_of_spring_festival = [date(2026, 2, 17) + timedelta(days=n) for n in range(4)]
    assert sum(per_day[day] for day in first_days_of_spring_festival) < 4 * usual
    weekdays = Counter(day.weekday() for day, *_ in days)
    assert weekdays[5] > 1.2 * weekdays[2]
    tutoring = [day for day, kind, _ in days if kind is ServiceKind.TUTORING]
    assert tutoring
    assert all(day.weekday() < 5 and day.month not in (7, 8) for day in tutoring)
    relief = [goods for day, _, goods in days if date(2026, 2, 1) <= day < date(2026, 2, 17)]
    others = [goods for day, _, goods in days if day.month == 4]
    assert sum(relief) / len(relief) > 1.3 * sum(others) / len(others)
    assert len([d for d in per_day.elements() if d >= date(2025, 6, 1)]) > 0.55 * len(days)


def test_load__an_account_for_every_role_with_something_to_do(demo_view: Engine) -> None:
    with Reads() as session:
        found = {
            account.name: (account, grant)
            for account, grant in session.execute(
                select(Account, AccountGrant).join(
                    AccountGrant, AccountGrant.account_id == Account.id
                )
            )
        }
        levels = dict(session.execute(select(Area.id, Area.level)).tuples().all())
    reach = {
        Role.ADMINISTRATOR: None,
        Role.STREET_COMMITTEE: Level.STREET,
        Role.STREET_STAFF: Level.STREET,
        Role.COMMUNITY_SECRETARY: Level.COMMUNITY,
        Role.GRID_SECRETARY: Level.GRID,
        Role.GRID_WORKER: Level.GRID,
        Role.UNIT_LIAISON: Level.STREET,
        Role.TEAM_LEADER: Level.COMMUNITY,
        Role.VOLUNTEER: Level.COMMUNITY,
        Role.AUDITOR: None,
        Role.VISITOR: None,
    }
    for role, level in reach.items():
        account, grant = found[f"demo-{role.value}"]
        assert grant.role is role
        assert (levels[grant.area_id] if grant.area_id else None) == level
        assert (account.person_id is not None) == (role in (Role.VOLUNTEER, Role.TEAM_LEADER))
        assert (grant.organisation_id is not None) == (role is Role.UNIT_LIAISON)
        assert (grant.team_id is not None) == (role is Role.TEAM_LEADER)
    assert all(a.demonstration and a.password_hash is None for a, _ in found.values())
    for role in (Role.VOLUNTEER, Role.UNIT_LIAISON, Role.GRID_SECRETARY):
        own = Service.recorded_by_id == found[f"demo-{role.value}"][0].id
        for state in (ServiceState.CONFIRMED, ServiceState.RECORDED, ServiceState.RETURNED):
            assert count(Service, own, Service.state == state) > 0
    grid_id = found["demo-grid_secretary"][1].area_id
    assert (
        count(
            Service,
            Service.area_id == grid_id,
            Service.state == ServiceState.RECORDED,
            Service.recorded_by_id != found["demo-grid_secretary"][0].id,
        )
        >= 4
    )


def test_load__one_audit_entry_and_one_count_for_each_batch(demo_view: Engine) -> None:
    with Reads() as session:
        street_id = session.scalar(select(Area.id).where(Area.level == Level.STREET))
        counters = session.execute(
            select(ChangeCounter.topic, ChangeCounter.street_id, ChangeCounter.n)
        ).all()
        entries = session.scalars(select(AuditEntry)).all()
        installation = session.get_one(Installation, 1)
    assert {tuple(c) for c in counters} == {
        (topic, street_id, 1) for topic in set(Topic) - {Topic.SETTINGS}
    }
    assert {e.subject_kind for e in entries} == {"demonstration"}
    assert any("services" in e.subject_label for e in entries)
    assert (installation.demonstration, installation.started_on) == (True, AS_OF)


def test_load__pictures_in_two_themes_and_languages(demo_view: Engine) -> None:
    with Reads() as session:
        grounds = session.scalars(select(Ground)).all()
        street = session.scalars(select(Area).where(Area.level == Level.STREET)).one()
    assert {(g.theme, g.language) for g in grounds} == {
        (theme, language) for theme in ("light", "dark") for language in Language
    }
    for ground in grounds:
        assert ground.picture[:2] == b"\x1f\x8b"
        assert ground.west < (street.west or 0) < (street.east or 0) < ground.east
        assert ground.south < (street.south or 0) < (street.north or 0) < ground.north


def test_load__numbering_goes_on_afterwards(demo_database: Engine) -> None:
    with Writes.begin() as session:
        highest = session.scalar(select(func.max(Person.id)))
        area_id = session.scalars(select(Area.id).limit(1)).one()
        person = Person(name="新来者", area_id=area_id, consented_on=AS_OF)
        session.add(person)
        session.flush()
        assert highest
        assert person.id == highest + 1


def test_load__tells_its_progress_in_known_words(demo_template: DemoTemplate) -> None:
    shares = [share for _, share in demo_template.told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len({say(key, Language.EN) for key, _ in demo_template.told}) == len(shares)


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, 31), (1, 31), (2, 1)], ids=["08:29", "09:29", "10:29"]
)
def test_last_day__before_its_work_is_done__the_day_before(hour: int, expected: int) -> None:
    day = last_day(datetime(2026, 6, 1, hour, 29, tzinfo=UTC))
    assert day == date(2026, 5 if expected == 31 else 6, expected)


def test_load__twice__refused(demo_view: Engine) -> None:
    before = count(Service)
    with pytest.raises(Refusal) as caught:
        load_demonstration(as_of=AS_OF)
    assert caught.value.code == "refusal.demonstration_present"
    assert count(Service) == before


def test_load__beside_a_real_account__refused(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(
            text(
                "insert into account (name, appearance, display_zh, display_en, password_hash,"
                " language, demonstration) values ('real', 'real', '真', 'Real', 'x', 'zh', false)"
            )
        )
    with pytest.raises(Refusal) as caught:
        load_demonstration(as_of=AS_OF)
    assert caught.value.code == "refusal.demonstration_beside_accounts"
    assert count(Area) == 0
