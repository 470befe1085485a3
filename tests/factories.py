"""A small street for tests, bare as `plant` leaves it or furnished with offices, units and people.

The tree: street S -> community C1 (grids G1, G2), community C2 (grids G3, G4 without a shape),
and beside it a street T without anything below. Grids are squares of 0.01 degrees in a row.
"""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from lib.domain.calendar import now, today
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import (
    Beneficiary,
    ConfirmedBy,
    Language,
    Level,
    Net,
    PostKind,
    ServiceAction,
    ServiceKind,
    ServiceState,
    Trust,
    UnitKind,
)
from lib.geo.shapes import bounding_box, label_point, to_geojson_geometry
from lib.i18n.pinyin import initials
from lib.persistence.engine import Writes
from lib.persistence.models import (
    Account,
    AccountGrant,
    Appointment,
    Area,
    AreaLink,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Estate,
    EstateGrid,
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
from lib.persistence.summaries import Sums
from lib.queries.structure import offices

WEST, SOUTH, SIDE = 121.48, 31.27, 0.01
OPENED = date(2020, 1, 1)

_numbers = itertools.count(1)
_S, _A = ServiceState, ServiceAction

HISTORY = {
    _S.RECORDED: ((None, _A.RECORD, _S.RECORDED),),
    _S.CONFIRMED: ((None, _A.RECORD, _S.RECORDED), (_S.RECORDED, _A.CONFIRM, _S.CONFIRMED)),
    _S.RETURNED: ((None, _A.RECORD, _S.RECORDED), (_S.RECORDED, _A.RETURN, _S.RETURNED)),
    _S.VOIDED: ((None, _A.RECORD, _S.RECORDED), (_S.RECORDED, _A.VOID, _S.VOIDED)),
}
"""The shortest way to each state."""


@dataclass(frozen=True)
class Tree:
    """Ids of the areas of the small street."""

    s: int
    t: int
    c1: int
    c2: int
    g1: int
    g2: int
    g3: int
    g4: int


def square(column: float, row: float = 0, width: float = 1) -> shapely.Polygon:
    """A rectangle `width` sides wide, `column` sides east and `row` sides north of the corner."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + width * SIDE, south + SIDE)


def add_area(
    session: Session,
    level: Level,
    code: str,
    name: str,
    *,
    parent: Area | None = None,
    shape: shapely.Polygon | None = None,
    **columns: object,
) -> Area:
    """One area with its closure rows."""
    area = Area(
        code=code,
        level=level,
        name_zh=name,
        initials=initials(name),
        parent_id=parent.id if parent else None,
        valid_from=OPENED,
        **columns,
    )
    if shape is not None:
        area.geometry = to_geojson_geometry(shape)
        area.west, area.south, area.east, area.north = bounding_box(shape)
        area.label_lon, area.label_lat = label_point(shape)
    session.add(area)
    session.flush()
    above = session.query(AreaLink.ancestor_id).filter_by(descendant_id=area.parent_id).all()
    for ancestor in [*(row[0] for row in above), area.id]:
        session.add(AreaLink(ancestor_id=ancestor, descendant_id=area.id))
    session.flush()
    return area


def plant() -> Tree:
    """Write the small street into the connected database."""
    with Writes.begin() as session:
        s = add_area(
            session,
            Level.STREET,
            "310109001",
            "临江街道",
            shape=square(0, width=4),
            name_en="Linjiang",
        )
        t = add_area(session, Level.STREET, "310109002", "望海街道")
        c1 = add_area(
            session, Level.COMMUNITY, "310109001001", "石桥社区", parent=s, shape=square(0, width=2)
        )
        c2 = add_area(
            session, Level.COMMUNITY, "310109001002", "青石社区", parent=s, shape=square(2, width=2)
        )
        grids = [
            add_area(
                session,
                Level.GRID,
                f"31010900100{1 + n // 2}00{1 + n % 2}",
                f"第{n + 1}网格",
                parent=(c1, c1, c2, c2)[n],
                shape=square(n) if n < 3 else None,
            )
            for n in range(4)
        ]
        return Tree(s.id, t.id, c1.id, c2.id, *(grid.id for grid in grids))


def actor(role: Role = Role.ADMINISTRATOR, area_id: int | None = None) -> Actor:
    """Somebody with one grant; None is the whole tree."""
    return Actor(1, "测试", "Tester", Language.ZH, None, (Grant(role, area_id),))


def enrol() -> None:
    """Write the account of `actor`, which audit entries refer to."""
    with Writes.begin() as session:
        session.add(
            Account(
                name="tester",
                display_zh="测试",
                display_en="Tester",
                language=Language.ZH,
                demonstration=False,
            )
        )


@dataclass(frozen=True)
class SmallStreet:
    """Where the furnished street keeps what: ids by name, and the people who sign in."""

    areas: Tree
    people: Mapping[str, int]
    teams: Mapping[str, int]
    units: Mapping[str, int]
    actors: Mapping[str, Actor]

    def actor(self, role: Role) -> Actor:
        """The one actor of a role."""
        return self.actors[role]


def furnished_street() -> SmallStreet:
    """Write the small street with everything in it into the connected database."""
    tree = plant()
    with Writes.begin() as session:
        units = _units(session, tree)
        people = _people(session, tree, units["school"])
        teams = _teams(session, tree, people)
        _structure(session, tree, people)
        actors = _actors(session, tree, people, units["school"], teams["patrol"])
    return SmallStreet(tree, people, teams, units, actors)


def _units(session: Session, tree: Tree) -> dict[str, int]:
    rows = {
        "school": Organisation(
            name_zh="石桥小学",
            name_en="Shiqiao School",
            kind=UnitKind.SCHOOL,
            net=Net.ADMINISTRATIVE,
            area_id=tree.g1,
            offers="会议室、操场",
            liaison_name="联络甲",
            liaison_phone="555-0101",
            lon=WEST + SIDE / 2,
            lat=SOUTH + SIDE / 2,
        ),
        "clinic": Organisation(
            name_zh="青石诊所",
            name_en=None,
            kind=UnitKind.HOSPITAL,
            net=Net.COMPREHENSIVE,
            area_id=tree.g3,
            offers="义诊",
            liaison_name="联络乙",
            liaison_phone="555-0102",
        ),
        "closed": Organisation(
            name_zh="旧书店",
            name_en=None,
            kind=UnitKind.PRIVATE_FIRM,
            net=Net.COMPREHENSIVE,
            area_id=tree.g1,
            closed_on=date(2024, 1, 1),
        ),
    }
    for row in rows.values():
        row.initials = initials(row.name_zh)
    session.add_all(rows.values())
    session.flush()
    return {key: row.id for key, row in rows.items()}


def _people(session: Session, tree: Tree, school: int) -> dict[str, int]:
    """Volunteers, two of them namesakes, a teacher of the school, and holders of offices."""
    lives = {
        "lin": ("林小满", tree.g1, None),
        "zhou": ("周一诺", tree.g1, None),
        "namesake": ("周一诺", tree.g2, None),
        "qin": ("秦望", tree.g3, None),
        "teacher": ("石新", tree.g1, school),
        "secretary": ("书记甲", tree.g1, None),
        "leader": ("组长甲", tree.g1, None),
        "head": ("网格长甲", tree.g1, None),
        "home": ("中心户甲", tree.g1, None),
        "serving": ("江雨", tree.g2, None),
    }
    offices = {"secretary", "leader", "head", "home"}
    rows = {
        key: Person(
            name=name,
            area_id=area,
            organisation_id=unit,
            consented_on=OPENED,
            volunteer_since=None if key in offices else OPENED,
        )
        for key, (name, area, unit) in lives.items()
    }
    session.add_all(rows.values())
    session.flush()
    return {key: row.id for key, row in rows.items()}


def _teams(session: Session, tree: Tree, people: Mapping[str, int]) -> dict[str, int]:
    rows = {
        "patrol": Team(
            name_zh="石桥巡防队",
            name_en="Shiqiao Patrol",
            kind=ServiceKind.PATROL,
            area_id=tree.c1,
            leader_id=people["zhou"],
        ),
        "tutors": Team(name_zh="临江辅导队", kind=ServiceKind.TUTORING, area_id=tree.s),
        "visitors": Team(name_zh="青石走访队", kind=ServiceKind.VISIT, area_id=tree.c2),
    }
    for row in rows.values():
        row.initials = initials(row.name_zh)
    session.add_all(rows.values())
    session.flush()
    members = (("patrol", "lin"), ("patrol", "zhou"), ("tutors", "qin"), ("visitors", "qin"))
    for team, person in members:
        session.add(Membership(team_id=rows[team].id, person_id=people[person], since=OPENED))
    session.add(
        Membership(
            team_id=rows["patrol"].id,
            person_id=people["qin"],
            since=OPENED,
            until=date(2023, 1, 1),
        )
    )
    return {key: row.id for key, row in rows.items()}


def _structure(session: Session, tree: Tree, people: Mapping[str, int]) -> None:
    """G1: branch, one group led, one not, three centre households, one vacant. G3: no secretary."""
    estate = Estate(name_zh="柳岸小区", name_en="Willow Bank")
    branch = Branch(area_id=tree.g1, name_zh="第1网格党支部", secretary_id=people["secretary"])
    session.add_all([estate, branch, Branch(area_id=tree.g3, name_zh="第3网格党支部")])
    session.flush()
    buildings = [
        Building(
            area_id=area,
            estate_id=estate.id,
            label=f"{n}号楼",
            households=households,
            counted_on=OPENED,
            count_source="入户统计",
            lon=WEST + SIDE / 3,
            lat=SOUTH + SIDE / 3,
        )
        for n, (area, households) in enumerate(
            ((tree.g1, 24), (tree.g1, 30), (tree.g1, 0), (tree.g2, 46)), start=1
        )
    ]
    session.add_all(EstateGrid(estate_id=estate.id, area_id=area) for area in (tree.g1, tree.g2))
    led = BuildingGroup(branch_id=branch.id, number=1, leader_id=people["leader"])
    unled = BuildingGroup(branch_id=branch.id, number=2)
    session.add_all([*buildings, led, unled])
    session.flush()
    for group, building, holder in (
        (led, buildings[0], people["home"]),
        (led, buildings[1], people["lin"]),
        (unled, buildings[2], None),
    ):
        session.add(
            CentreHousehold(building_group_id=group.id, building_id=building.id, person_id=holder)
        )
    session.add_all(
        [
            Post(area_id=tree.g1, kind=PostKind.WORKER),
            Post(area_id=tree.g1, kind=PostKind.HEAD, person_id=people["head"]),
            Post(area_id=tree.g2, kind=PostKind.HEAD),
        ]
    )
    session.flush()
    held = offices()
    terms = session.execute(select(held).where(held.c.person_id.is_not(None))).mappings()
    session.add_all([Appointment(**term, since=OPENED) for term in terms])


def _actors(
    session: Session, tree: Tree, people: Mapping[str, int], school: int, patrol: int
) -> dict[str, Actor]:
    """One actor for every role, and three more secretaries: C1's second and third, and C2's.

    The third secretary of C1 is a volunteer too: the person ``serving``.
    """
    secretary = Role.COMMUNITY_SECRETARY
    holders: dict[str, tuple[Grant, int | None]] = {
        Role.ADMINISTRATOR: (Grant(Role.ADMINISTRATOR, None), None),
        Role.STREET_COMMITTEE: (Grant(Role.STREET_COMMITTEE, tree.s), None),
        secretary: (Grant(secretary, tree.c1), None),
        Role.STREET_STAFF: (Grant(Role.STREET_STAFF, tree.s), None),
        Role.GRID_SECRETARY: (Grant(Role.GRID_SECRETARY, tree.g1), None),
        Role.GRID_WORKER: (Grant(Role.GRID_WORKER, tree.g1), None),
        Role.UNIT_LIAISON: (Grant(Role.UNIT_LIAISON, tree.s, school), None),
        Role.TEAM_LEADER: (Grant(Role.TEAM_LEADER, tree.c1, team_id=patrol), people["zhou"]),
        Role.VOLUNTEER: (Grant(Role.VOLUNTEER, tree.c1), people["lin"]),
        Role.AUDITOR: (Grant(Role.AUDITOR, None), None),
        Role.VISITOR: (Grant(Role.VISITOR, None), None),
        "second": (Grant(secretary, tree.c1), None),
        "serving": (Grant(secretary, tree.c1), people["serving"]),
        "neighbour": (Grant(secretary, tree.c2), None),
    }
    return {
        str(name): enrolled(session, str(name), grant, person_id=person)
        for name, (grant, person) in holders.items()
    }


def enrolled(session: Session, name: str, *grants: Grant, person_id: int | None = None) -> Actor:
    """An account with its grants, as the actor it signs in as."""
    account = Account(
        name=name,
        display_zh=f"账号{name}",
        display_en=f"Account {name}",
        person_id=person_id,
        language=Language.ZH,
        demonstration=False,
    )
    session.add(account)
    session.flush()
    session.add_all(
        AccountGrant(
            account_id=account.id,
            role=grant.role,
            area_id=grant.area_id,
            organisation_id=grant.organisation_id,
            team_id=grant.team_id,
            since=OPENED,
        )
        for grant in grants
    )
    return Actor(account.id, account.display_zh, account.display_en, Language.ZH, person_id, grants)


def bound(session: Session, role: Role, area_id: int | None) -> dict[str, int]:
    """A new unit or team, for a grant of a role that must name one."""
    if area_id is None or role not in (Role.UNIT_LIAISON, Role.TEAM_LEADER):
        return {}
    if role is Role.UNIT_LIAISON:
        unit = Organisation(
            name_zh="单位",
            initials="dw",
            kind=UnitKind.SCHOOL,
            net=Net.ADMINISTRATIVE,
            area_id=area_id,
        )
        session.add(unit)
        session.flush()
        return {"organisation_id": unit.id}
    team = Team(name_zh="队伍", initials="dw", kind=ServiceKind.PATROL, area_id=area_id)
    session.add(team)
    session.flush()
    return {"team_id": team.id}


def signed_in(actor: Actor, language: Language = Language.ZH) -> str:
    """The token of a fresh web session of the actor."""
    token = f"token-{next(_numbers)}"
    with Writes.begin() as session:
        session.add(
            WebSession(
                token_hash=hashlib.sha256(token.encode()).hexdigest(),
                account_id=actor.account_id,
                language=language,
                opened_at=now(),
                expires_at=now() + timedelta(hours=1),
            )
        )
    return token


def service_given(
    street: SmallStreet,
    area_id: int,
    *,
    day: date | None = None,
    state: ServiceState = ServiceState.CONFIRMED,
    persons: Sequence[tuple[str, int]] = (("lin", 60),),
    teams: Sequence[tuple[str, int]] = (),
    units: Sequence[tuple[str, int]] = (),
    people_served: int = 10,
    kind: ServiceKind = ServiceKind.PATROL,
    goods: int = 0,
    money_fen: int = 0,
    recorder: str = "community_secretary",
    decider: str = "second",
    place: str = "",
) -> int:
    """A service in a state with the steps that lead there; who took part is given by name."""
    by, other = street.actors[recorder].account_id, street.actors[decider].account_id
    decided = state is not ServiceState.RECORDED
    reason = "数目不符" if state in (_S.RETURNED, _S.VOIDED) else None
    trust = Trust.CONFIRMED if state is ServiceState.CONFIRMED else Trust.SELF_REPORTED
    with Writes.begin() as session:
        service = Service(
            kind=kind,
            area_id=area_id,
            place=place,
            day=day or today(),
            people_served=people_served,
            beneficiary=Beneficiary.ALL_RESIDENTS,
            goods=goods,
            money_fen=money_fen,
            state=state,
            reason=reason,
            recorded_by_id=by,
            recorded_at=now(),
            decided_by_id=other if decided else None,
            decided_at=now() if decided else None,
            confirmed_by=ConfirmedBy.SECRETARY if state == ServiceState.CONFIRMED else None,
            request_id=f"factory-{next(_numbers)}",
        )
        session.add(service)
        session.flush()
        for column, ids, given in (
            ("person_id", street.people, persons),
            ("team_id", street.teams, teams),
            ("organisation_id", street.units, units),
        ):
            for name, minutes in given:
                part = {"service_id": service.id, column: ids[name], "minutes": minutes}
                session.add(Participation(**part, trust=trust))
        for source, action, target in HISTORY[state]:
            recorded = action is _A.RECORD
            step = ServiceStep(service_id=service.id, action=action, source=source, target=target)
            step.account_id, step.at = by if recorded else other, now()
            step.reason = None if recorded else reason
            session.add(step)
        sums = Sums()
        sums.put(service, [(trust, minutes) for _, minutes in (*persons, *teams, *units)])
        sums.write(session)
        return service.id
