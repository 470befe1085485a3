"""Ledgers into the small street, on both engines: what is written, refused, unchanged."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from lib.domain.calendar import today
from lib.domain.errors import NotPermitted, Refusal
from lib.domain.ledgers import FINDINGS_MAX
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Beneficiary, Language, ServiceState, Trust
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Area,
    AuditEntry,
    Membership,
    Organisation,
    Participation,
    Person,
    Service,
    ServiceStep,
    Team,
)
from lib.queries.check import problems
from lib.queries.imports import batches
from lib.services.imports import (
    PORTION,
    LedgerReport,
    area_of,
    recorder_of,
)
from lib.services.service import confirm_service
from lib.services.units import close_unit
from tests.exchange.files import SERVICES, UNITS, text
from tests.factories import SmallStreet, service_given
from tests.services.ledgers import DAY, NEW, PEOPLE, TEAMS, bring, services, units
from tests.services.written import count, counters, everything


def codes(report: LedgerReport) -> list[tuple[int, str | None, str]]:
    return [(one.row, one.column, one.code) for one in report.findings]


@pytest.fixture
def secretary(street: SmallStreet) -> Actor:
    return street.actors["community_secretary"]


def test_units__new_then_again__unchanged(street: SmallStreet, secretary: Actor) -> None:
    before = counters()
    content = units(NEW, ("石桥小学", "学校", "行政党组", "310109001001001"))
    report = bring(secretary, "units", content)
    assert (report.added, report.unchanged, report.refused, report.written) == (1, 1, 0, True)
    with Reads() as session:
        unit = session.scalars(select(Organisation).filter_by(name_zh="青石书店")).one()
        audit = session.scalars(select(AuditEntry).filter_by(action="ledger.import")).one()
    assert (unit.area_id, unit.version, unit.initials, unit.address) == (
        street.areas.g1,
        1,
        "qssd",
        "",
    )
    assert (audit.subject_id, audit.changes["added"]) == (report.batch_id, [None, 1])
    moved = {key: n - before.get(key, 0) for key, n in counters().items() if n != before.get(key)}
    assert moved == {("units", street.areas.s): 1}
    after = everything()
    again = bring(secretary, "units", content)
    assert (again.added, again.unchanged, again.written) == (0, 2, False)
    assert again.earlier == report.batch_id
    assert everything() == after


def test_dry_run__writes_nothing(secretary: Actor) -> None:
    before = everything()
    report = bring(secretary, "units", units(NEW), dry_run=True)
    assert (report.added, report.written, report.batch_id) == (1, False, None)
    assert everything() == before


def test_one_bad_row__nothing_unless_skipped(secretary: Actor) -> None:
    content = units(("", *NEW[1:]), NEW)
    before = everything()
    report = bring(secretary, "units", content)
    assert (report.added, report.refused, report.written) == (1, 1, False)
    assert codes(report) == [(2, "unit_name", "missing")]
    assert everything() == before
    assert bring(secretary, "units", content, skip_bad=True).written
    assert count(Organisation) == 4


def test_a_bad_row_after_many_good_ones__everything_is_taken_back(secretary: Actor) -> None:
    rows = [(f"单位{n}", *NEW[1:]) for n in range(PORTION + 5)]
    before = everything()
    report = bring(secretary, "units", units(*rows, ("甲", "?", "?", "?")))
    assert (report.refused, report.written) == (1, False)
    assert everything() == before


@pytest.mark.parametrize(
    ("area", "code"),
    [
        ("第3网格", "area_near"),
        ("火星", "area_unknown"),
        ("310109001002001", "area_unknown"),
        ("青石社区/第1网格", "area_near"),
    ],
)
def test_area__not_within_reach__refused(secretary: Actor, area: str, code: str) -> None:
    report = bring(secretary, "units", units((*NEW[:3], area)))
    assert codes(report) == [(2, "area", code)]


def test_area__same_name_twice__candidates_told_and_a_path_decides(street: SmallStreet) -> None:
    committee = street.actors["street_committee"]
    with Writes.begin() as session:
        session.execute(update(Area).where(Area.id == street.areas.g3).values(name_zh="第1网格"))
    report = bring(committee, "units", units(NEW))
    assert codes(report) == [(2, "area", "area_ambiguous")]
    assert report.findings[0].values["candidates"] == "石桥社区/第1网格、青石社区/第1网格"
    content = units((*NEW[:3], "青石社区／第1网格"), (*NEW[:3], "临江街道/石桥社区/第1网格"))
    assert bring(committee, "units", content).added == 2


def test_area__closed__refused_for_what_is_new_and_open_for_its_own_days(
    street: SmallStreet, secretary: Actor
) -> None:
    closed = today() - timedelta(days=10)
    with Writes.begin() as session:
        session.execute(update(Area).where(Area.id == street.areas.g2).values(valid_until=closed))
    assert codes(bring(secretary, "units", units((*NEW[:3], "第2网格")))) == [
        (2, "area", "area_closed")
    ]
    rows = [(day, "走访慰问", "第2网格", "林小满", 60, 1) for day in (closed, today())]
    report = bring(secretary, "services", services(*rows), skip_bad=True)
    assert (report.added, codes(report)) == (1, [(3, "area", "area_closed")])


def test_area__empty__the_chosen_one(street: SmallStreet, secretary: Actor) -> None:
    content = text([UNITS[:3], NEW[:3]])
    assert bring(secretary, "units", content, area_id=street.areas.g2).added == 1
    with Reads() as session:
        unit = session.scalars(select(Organisation).filter_by(name_zh="青石书店")).one()
    assert unit.area_id == street.areas.g2


def test_unit__far_from_its_area_or_half_a_position__refused(secretary: Actor) -> None:
    heads = (*UNITS, "经度", "纬度")
    content = text(
        [
            heads,
            (*NEW, "31.27", "121.48"),
            ("乙", *NEW[1:], "121.48", ""),
            ("丙", *NEW[1:], "121.485", "31.275"),
        ]
    )
    report = bring(secretary, "units", content)
    assert codes(report) == [
        (2, "lat", "out_of_range"),
        (3, "lon", "half_position"),
    ]
    far = text([heads, (*NEW, "120", "30")])
    assert codes(bring(secretary, "units", far)) == [(2, "lon", "outside_area")]


def test_unit__closed_since__is_not_brought_back(street: SmallStreet, secretary: Actor) -> None:
    bring(secretary, "units", units(NEW))
    with Reads() as session:
        number = session.scalar(select(Organisation.id).filter_by(name_zh="青石书店"))
    close_unit(secretary, unit_id=number, version=1)
    assert bring(secretary, "units", units(NEW)).unchanged == 1


def test_people__a_name_twice__refused_unless_unit_or_area_differ(
    street: SmallStreet, secretary: Actor
) -> None:
    rows = [
        ("赵一", "第1网格", DAY, ""),
        ("赵一", "第1网格", DAY, ""),
        ("赵一", "第2网格", DAY, ""),
        ("赵一", "第1网格", DAY, "石桥小学"),
        ("钱二", "第1网格", DAY, "没有的单位"),
        ("孙三", "第1网格", "", ""),
        ("林小满", "第1网格", DAY, ""),
    ]
    report = bring(secretary, "people", text([PEOPLE, *rows]), skip_bad=True)
    assert (report.added, report.unchanged, report.refused) == (3, 1, 3)
    assert codes(report) == [
        (3, None, "repeated"),
        (6, "unit", "unit_unknown"),
        (7, "consented_on", "missing"),
    ]
    assert report.findings[0].values == {"other": 2}
    with Reads() as session:
        found = session.scalars(select(Person).filter_by(name="赵一").order_by(Person.id)).all()
    assert [one.organisation_id for one in found] == [None, None, street.units["school"]]
    assert {one.volunteer_since for one in found} == {date(2026, 3, 1)}


def test_teams__leader_and_members_by_name__and_a_team_that_moved_is_told(
    street: SmallStreet,
) -> None:
    committee = street.actors["street_committee"]
    rows = [
        ("新队", "健康义诊", "石桥社区", "林小满", "林小满、周一诺（第2网格）"),
        ("石桥巡防队", "治安巡防", "青石社区", "", ""),
        ("坏队", "治安巡防", "青石社区", "周一诺", "林小满、林小满，无名"),
    ]
    report = bring(committee, "teams", text([TEAMS, *rows]), skip_bad=True)
    assert (report.added, report.refused) == (2, 1)
    assert [(one.row, one.code, one.error) for one in report.findings] == [
        (3, "elsewhere", False),
        (4, "twice", True),
        (4, "person_unknown", True),
        (4, "ambiguous", True),
    ]
    assert report.findings[0].values["candidates"] == "临江街道/石桥社区"
    with Reads() as session:
        team = session.scalars(select(Team).filter_by(name_zh="新队")).one()
        members = session.scalars(select(Membership).filter_by(team_id=team.id)).all()
    assert team.leader_id == street.people["lin"]
    assert {one.person_id for one in members} == {street.people["lin"], street.people["namesake"]}
    assert {one.since for one in members} == {today()}


def test_services__recorded_by_the_importer_to_be_confirmed_by_another(
    street: SmallStreet, secretary: Actor
) -> None:
    heads = (*SERVICES, "服务队", "参与单位", "地点", "资金（元）")
    row = (
        DAY,
        "走访慰问",
        "第1网格",
        "林小满 90、周一诺（第1网格）",
        60,
        12,
        "石桥巡防队",
        "石桥小学",
        "3号楼",
        "12.5",
    )
    report = bring(secretary, "services", text([heads, row]))
    assert (report.added, report.refused) == (1, 0)
    with Reads() as session:
        service = session.scalars(select(Service)).one()
        parts = session.scalars(select(Participation).order_by(Participation.id)).all()
        step = session.scalars(select(ServiceStep)).one()
    assert (service.state, service.recorded_by_id) == (ServiceState.RECORDED, secretary.account_id)
    assert (service.place, service.money_fen, service.people_served) == ("3号楼", 1250, 12)
    assert service.beneficiary is Beneficiary.ALL_RESIDENTS
    assert [(p.person_id, p.team_id, p.organisation_id, p.minutes) for p in parts] == [
        (street.people["lin"], None, None, 90),
        (street.people["zhou"], None, None, 60),
        (None, street.teams["patrol"], None, 60),
        (None, None, street.units["school"], 60),
    ]
    assert {part.trust for part in parts} == {Trust.SELF_REPORTED}
    assert (step.service_id, step.target) == (service.id, ServiceState.RECORDED)
    with pytest.raises(Refusal, match="own_service"):
        confirm_service(secretary, service_id=service.id, version=1)
    confirm_service(street.actors["second"], service_id=service.id, version=1)
    assert problems().empty


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("周一诺", "ambiguous"),
        ("无此人", "person_unknown"),
        ("秦望", "person_unknown"),
        ("林小满、林小满", "twice"),
        ("林小满 0", "bad_roster"),
        ("林小满 9999", "bad_roster"),
        ("x" * 70, "bad_roster"),
        ("", "nobody"),
        ("、".join(f"人{n}" for n in range(301)), "too_many"),
        ("<b>林小满</b>", "person_unknown"),
    ],
)
def test_services__participants_that_are_not_clear__refused(
    secretary: Actor, who: str, code: str
) -> None:
    report = bring(secretary, "services", services((DAY, "走访慰问", "第1网格", who, 60, 3)))
    assert [(one.column, one.code) for one in report.findings] == [("participants", code)]


def test_services__the_same_as_recorded_by_hand__unchanged_in_any_state(
    street: SmallStreet, secretary: Actor
) -> None:
    for number, state in enumerate(ServiceState):
        service_given(
            street, street.areas.g1, day=date(2026, 3, 1 + number), state=state,
            persons=[("lin", 90), ("zhou", 60)], place="院", recorder="second",
            decider="street_committee",
        )  # fmt: skip
    heads = (*SERVICES, "地点")
    rows = [
        (f"2026-03-0{n}", "治安巡防", "第1网格", "周一诺（第1网格）、林小满 90", 60, 3, "院")
        for n in range(1, 6)
    ]
    report = bring(secretary, "services", text([heads, *rows]))
    assert (report.added, report.unchanged) == (1, 4)


def test_services__corrected_since__delivered_again_unchanged(
    street: SmallStreet, secretary: Actor
) -> None:
    content = services((DAY, "走访慰问", "第1网格", "林小满", 60, 3))
    bring(secretary, "services", content)
    with Writes.begin() as session:
        session.execute(update(Service).values(place="改过的地点", version=2))
    assert bring(secretary, "services", content).unchanged == 1


def test_services__rows_that_repeat__also_across_portions(secretary: Actor) -> None:
    heads = (*SERVICES, "地点")
    rows = [(DAY, "走访慰问", "第1网格", "林小满", 60, 3, f"{n}号楼") for n in range(PORTION + 1)]
    report = bring(secretary, "services", text([heads, *rows, rows[0]]), dry_run=True)
    repeated = [one for one in report.findings if one.code == "repeated"]
    assert [(one.row, one.values) for one in repeated] == [(PORTION + 3, {"other": 2})]


def test_findings__only_the_first_are_kept_and_all_are_counted(secretary: Actor) -> None:
    rows = [(f"单位{n}", "?", "?", "第1网格") for n in range(FINDINGS_MAX)]
    report = bring(secretary, "units", units(*rows))
    assert (report.refused, len(report.findings)) == (FINDINGS_MAX, FINDINGS_MAX)


@pytest.mark.parametrize("role", ["grid_secretary", "unit_liaison", "volunteer", "visitor"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_import__without_the_permission__refused(
    street: SmallStreet, role: str, dry_run: bool
) -> None:
    before = everything()
    with pytest.raises(NotPermitted):
        bring(street.actors[role], "units", units(NEW), area_id=street.areas.g1, dry_run=dry_run)
    assert everything() == before


def test_import__into_somebody_elses_area__refused(street: SmallStreet) -> None:
    with pytest.raises(NotPermitted):
        bring(street.actors["neighbour"], "units", units(NEW), area_id=street.areas.g1)


def test_import__several_areas_and_none_chosen__asked(
    street: SmallStreet, secretary: Actor
) -> None:
    role = Role.COMMUNITY_SECRETARY
    both = Actor(
        secretary.account_id, "甲", "A", Language.ZH, None,
        (Grant(role, street.areas.c1), Grant(role, street.areas.c2)),
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        bring(both, "units", units(NEW))
    assert caught.value.code == "ledger.choose_area"
    assert bring(both, "units", units(NEW), area_id=street.areas.c1).added == 1


def test_batches__only_those_within_reach(street: SmallStreet, secretary: Actor) -> None:
    report = bring(secretary, "units", units(NEW))
    bring(street.actors["neighbour"], "units", units((*NEW[:3], "第3网格")))
    everywhere = bring(street.actors["administrator"], "units", units((*NEW[:3], "第2网格")))
    seen = {name: list(batches(actor)["batch_id"]) for name, actor in street.actors.items()}
    assert seen["community_secretary"] == seen["second"] == [report.batch_id]
    assert seen["administrator"] == [everywhere.batch_id, 2, report.batch_id]
    assert seen["street_committee"] == [2, report.batch_id]
    assert seen["grid_secretary"] == seen["visitor"] == []
    assert list(batches(None)["batch_id"]) == seen["administrator"]


def test_command_line__records_in_the_name_of_an_account(street: SmallStreet) -> None:
    administrator = street.actors["administrator"].account_id
    assert recorder_of(None) == administrator
    assert recorder_of("second") == street.actors["second"].account_id
    with pytest.raises(Refusal, match="account_unknown"):
        recorder_of("nobody")
    assert area_of("310109001001") == street.areas.c1
    with pytest.raises(Refusal, match="unknown_area"):
        area_of("nowhere")
    row = (DAY, "走访慰问", "第1网格", "林小满", 60, 3)
    assert bring(None, "services", services(row), account_id=administrator).added == 1


CELLS = st.text(max_size=30) | st.sampled_from(
    ["林小满", "周一诺", "第1网格", "走访慰问", DAY, "60", "-1", "0", "=1+1", "𠮷😀", "x" * 10_000]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=8))
def test_services__whatever_the_rows_say__every_row_is_counted_once(
    street: SmallStreet, rows: list[list[str]]
) -> None:
    actor = street.actors["community_secretary"]
    content = services(*rows)
    try:
        report = bring(actor, "services", content, skip_bad=True)
    except Refusal as refusal:
        assert refusal.code == "ledger.no_rows"
        return
    assert report.added + report.unchanged + report.refused <= len(rows)
    assert {one.row for one in report.findings} <= set(range(2, len(rows) + 2))
    assert report.refused == len({one.row for one in report.findings if one.error})
    assert problems().empty
