"""Checking in: register, pause, move, leave; twice is refused, and every step is kept."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import now, today
from lib.domain.check_in import MANY_MAX, PLEDGE_TEXT, REQUEST_DAYS, WAITING_MAX
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.retention import USUAL_YEARS
from lib.domain.vocab import DayPart, Language, Skill, VolunteerDuty
from lib.i18n.glossary import problem_sentence, sentence
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    AuditEntry,
    CheckIn,
    CheckInRequest,
    CheckInStep,
    Consent,
    Person,
    VolunteerRole,
)
from lib.queries import check_in as asking
from lib.queries.check import problems as disagreements
from lib.queries.personal import held_on
from lib.services.check_in import (
    CheckInEntry,
    MoveEntry,
    check_in,
    check_in_many,
    leave,
    move,
    pause,
    resume,
    return_slip,
)
from lib.services.check_in_requests import (
    RequestEntry,
    accept_request,
    ask_to_check_in,
    decline_request,
)
from lib.services.people import erase_person, forget_due
from lib.services.unit_deadlines import set_deadline
from lib.services.volunteers import ProfileEntry, set_duties, update_profile
from tests.factories import SmallStreet
from tests.services.pipeline import request

SECRETARY = "community_secretary"
HANDY = ProfileEntry(
    frozenset({Skill.REPAIR, Skill.LAW}), frozenset({(5, DayPart.MORNING)}), radius_m=1000
)


def member(street: SmallStreet, **values: object) -> CheckInEntry:
    """A new member of the school who lives in the first grid."""
    made = CheckInEntry(
        area_id=street.areas.g1,
        new_name="余安",
        organisation_id=street.units["school"],
        certificate_number="A-1",
        pledged=True,
        consented=True,
    )
    return replace(made, **values)


def entered(street: SmallStreet, by: str = SECRETARY, **values: object) -> int:
    return check_in(street.actors[by], entry=member(street, **values), request_id=request())


def row(number: int) -> CheckIn:
    with Reads() as session:
        return session.get_one(CheckIn, number)


def person_of(number: int) -> Person:
    with Reads() as session:
        return session.get_one(Person, row(number).person_id)


def course(number: int) -> list[str]:
    with Reads() as session:
        rows = session.scalars(
            select(CheckInStep).where(CheckInStep.check_in_id == number).order_by(CheckInStep.id)
        ).all()
    return [one.action.value for one in rows]


def wrong(caught: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in caught.value.problems]


def test_check_in__a_new_member__consent_pledge_profile_and_duties_are_kept(
    street: SmallStreet,
) -> None:
    due = today() + timedelta(days=9)
    set_deadline(
        street.actors["unit_liaison"],
        organisation_id=street.units["school"],
        due_on=due,
        expected=3,
        version=0,
    )
    duties = frozenset({VolunteerDuty.TUTOR, VolunteerDuty.YARD_CHIEF})
    number = entered(street, duties=duties, profile=HANDY)
    one, person = row(number), person_of(number)
    assert (one.area_id, one.state, one.certificate_number) == (
        street.areas.c1,
        "registered",
        "A-1",
    )
    assert (one.checked_in_on, one.due_on, one.pledge_version) == (today(), due, PLEDGE_TEXT)
    assert one.pledged_at is not None
    assert (person.name, person.area_id, person.organisation_id, person.checked_in_on) == (
        "余安",
        street.areas.g1,
        street.units["school"],
        today(),
    )
    with Reads() as session:
        agreed = session.scalars(select(Consent).where(Consent.person_id == person.id)).one()
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one()
    assert agreed.account_id == street.actors[SECRETARY].account_id
    assert (entry.action, entry.changes["name"]) == ("check_in.register", None)
    assert "余安" not in str(entry.changes)
    offered = asking.profile(street.actors[SECRETARY], person_id=person.id)
    assert (offered.skills, offered.times, offered.radius_m) == (
        HANDY.skills,
        HANDY.times,
        HANDY.radius_m,
    )
    assert (offered.home_area_id, offered.duties) == (street.areas.g1, duties)
    assert asking.profile(street.actors["neighbour"], person_id=person.id) == asking.Profile()
    assert course(number) == ["register"]


def test_check_in__the_same_request_twice__is_one(street: SmallStreet) -> None:
    entry, key = member(street), request()
    numbers = {check_in(street.actors[SECRETARY], entry=entry, request_id=key) for _ in range(2)}
    assert len(numbers) == 1


def test_check_in__somebody_known_without_unit_or_telephone(street: SmallStreet) -> None:
    number = entered(
        street,
        new_name="",
        person_id=street.people["lin"],
        organisation_id=None,
        certificate_number="",
        area_id=street.areas.c1,
        consented=False,
    )
    person = person_of(number)
    assert (person.id, person.checked_in_on, person.area_id) == (
        street.people["lin"],
        None,
        street.areas.c1,
    )
    assert row(number).area_id == street.areas.c1


def test_check_in__what_is_wrong_is_named(street: SmallStreet) -> None:
    tomorrow, school = today() + timedelta(days=1), street.units["school"]
    for values, problem in (
        ({"new_name": " "}, ("person_name", "problem.missing")),
        ({"new_name": "长" * 10_000}, ("person_name", "problem.too_long")),
        ({"certificate_number": "9" * 10_000}, ("certificate_number", "problem.too_long")),
        ({"consented": False}, ("consented", "problem.no_consent")),
        ({"pledged": False}, ("pledged", "problem.no_pledge")),
        ({"day": tomorrow}, ("checked_in_on", "problem.future")),
        ({"day": date(1900, 1, 1)}, ("checked_in_on", "problem.too_old")),
        ({"organisation_id": None}, ("certificate_number", "problem.certificate_without_unit")),
        ({"organisation_id": 999_999}, ("organisation_id", "problem.no_unit")),
        ({"organisation_id": street.units["closed"]}, ("organisation_id", "problem.unit_closed")),
        ({"profile": ProfileEntry(radius_m=5)}, ("radius_m", "problem.out_of_range")),
        (
            {"profile": ProfileEntry(times=frozenset({(7, DayPart.EVENING)}))},
            ("times", "problem.weekday"),
        ),
    ):
        with pytest.raises(Invalid) as caught:
            entered(street, **values)
        assert wrong(caught) == [problem]
    with pytest.raises(Invalid) as caught:
        entered(street, "street_committee", area_id=street.areas.s)
    assert wrong(caught) == [("area_id", "problem.no_check_in_here")]
    with pytest.raises(NotFound):
        entered(street, area_id=999_999)
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(CheckIn)) == 0
        members = select(func.count()).where(Person.organisation_id == school)
        assert session.scalar(members) == 1


def test_check_in__out_of_reach__refused(street: SmallStreet) -> None:
    for by in ("grid_worker", "volunteer", "unit_liaison", "visitor", "neighbour"):
        with pytest.raises(NotPermitted):
            entered(street, by)
    stranger = {"person_id": street.people["qin"], "new_name": ""}
    with pytest.raises(NotPermitted):
        entered(street, **stranger)


def test_check_in__twice_under_two_units__says_where_and_since_when_and_can_be_moved(
    street: SmallStreet,
) -> None:
    before = today() - timedelta(days=3)
    first = entered(street, day=before)
    again = {"person_id": row(first).person_id, "new_name": ""}
    with pytest.raises(Refusal) as caught:
        entered(street, organisation_id=street.units["clinic"], certificate_number="B-7", **again)
    refusal = caught.value
    assert refusal.code == "refusal.checked_in"
    assert "石桥社区" in sentence(refusal, Language.ZH)
    assert before.isoformat() in sentence(refusal, Language.EN)
    number, version = int(str(refusal.values["check_in_id"])), int(str(refusal.values["version"]))
    assert number == first
    new = move(
        street.actors[SECRETARY],
        check_in_id=number,
        version=version,
        entry=MoveEntry(street.areas.g1, street.units["clinic"], "B-7"),
        request_id=request(),
    )
    assert (row(first).state, row(first).ended_on) == ("moved", today())
    assert (row(new).organisation_id, row(new).certificate_number) == (
        street.units["clinic"],
        "B-7",
    )
    assert person_of(new).organisation_id == street.units["clinic"]
    assert (course(first), course(new)) == (["register", "move"], ["register"])
    assert disagreements().empty


def test_check_in__a_certificate_used_elsewhere__and_the_move_there(street: SmallStreet) -> None:
    first = entered(street, duties=frozenset({VolunteerDuty.HELPER}))
    there = {"area_id": street.areas.g3, "new_name": "余安"}
    with pytest.raises(Refusal) as caught:
        entered(street, "neighbour", **there)
    assert caught.value.code == "refusal.certificate_used"
    neighbour, version = street.actors["neighbour"], row(first).version
    for number in ("", "A-2"):
        with pytest.raises(NotPermitted):
            move(
                neighbour,
                check_in_id=first,
                version=version,
                entry=MoveEntry(street.areas.g3, certificate_number=number),
                request_id=request(),
            )
    new = move(
        neighbour,
        check_in_id=first,
        version=version,
        entry=MoveEntry(street.areas.g3, certificate_number="A-1"),
        request_id=request(),
    )
    assert (row(new).area_id, row(new).certificate_number) == (street.areas.c2, "A-1")
    assert person_of(new).area_id == street.areas.g3
    with Reads() as session:
        ended = session.scalars(select(VolunteerRole.until)).one()
    assert ended == today()
    with pytest.raises(Refusal) as refused:
        move(
            neighbour,
            check_in_id=new,
            version=1,
            entry=MoveEntry(street.areas.g3),
            request_id=request(),
        )
    assert refused.value.code == "refusal.same_place"


def test_check_in__two_at_one_moment__one_wins_and_the_other_is_told(street: SmallStreet) -> None:
    results: list[object] = []
    barrier = threading.Barrier(4)

    def come(unit: str) -> None:
        barrier.wait()
        try:
            results.append(
                entered(
                    street,
                    "street_committee",
                    person_id=street.people["zhou"],
                    new_name="",
                    organisation_id=street.units[unit],
                    certificate_number=unit,
                )
            )
        except Refusal as refusal:
            results.append(refusal.code)

    threads = [threading.Thread(target=come, args=(unit,)) for unit in ("school", "clinic") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert sum(isinstance(one, int) for one in results) == 1
    assert {one for one in results if not isinstance(one, int)} <= {
        "refusal.checked_in",
        "refusal.changed_meanwhile",
    }


def test_database__holds_one_open_check_in_of_a_person(street: SmallStreet) -> None:
    number = entered(street)
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(
            text(
                "insert into check_in (person_id, area_id, state, checked_in_on, pledge_version,"
                " version) select person_id, area_id, 'paused', checked_in_on, '', 1"
                f" from check_in where id = {number}"
            )
        )
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(text("update check_in set state = 'left'"))


def test_course__pause_resume_slip_leave(street: SmallStreet) -> None:
    actor, number = street.actors["grid_secretary"], entered(street, "grid_secretary")
    with pytest.raises(Invalid):
        pause(actor, check_in_id=number, version=1, reason=" ")
    pause(actor, check_in_id=number, version=1, reason="外出学习")
    assert (row(number).state, row(number).reason) == ("paused", "外出学习")
    return_slip(actor, check_in_id=number, version=2)
    assert (row(number).slip_returned_on, row(number).reason) == (today(), "外出学习")
    with pytest.raises(Refusal) as caught:
        resume(actor, check_in_id=number, version=2)
    assert caught.value.code == "refusal.changed_meanwhile"
    resume(actor, check_in_id=number, version=3)
    with pytest.raises(Invalid) as invalid:
        return_slip(actor, check_in_id=number, version=4, day=today() + timedelta(days=1))
    assert wrong(invalid) == [("slip_returned_on", "problem.future")]
    leave(actor, check_in_id=number, version=4, reason="退休回乡")
    assert (row(number).state, row(number).ended_on) == ("left", today())
    assert person_of(number).checked_in_on is None
    with pytest.raises(Refusal) as refused:
        resume(actor, check_in_id=number, version=5)
    assert refused.value.code == "refusal.wrong_state"
    assert course(number) == ["register", "pause", "return_slip", "resume", "leave"]
    told = asking.steps(street.actors[SECRETARY], check_in_id=number)
    assert list(told["reason"]) == ["", "外出学习", "", "", "退休回乡"]
    assert asking.steps(street.actors["neighbour"], check_in_id=number).empty
    again = entered(street)
    assert row(again).state == "registered"
    assert disagreements().empty


def test_return_slip__without_a_unit__there_is_none(street: SmallStreet) -> None:
    number = entered(street, organisation_id=None, certificate_number="")
    with pytest.raises(Refusal) as caught:
        return_slip(street.actors[SECRETARY], check_in_id=number, version=1)
    assert caught.value.code == "refusal.no_slip"


def test_many__all_or_none__and_the_wrong_one_is_named(street: SmallStreet) -> None:
    actor, key = street.actors[SECRETARY], request()
    names = ("甲一", "乙二", "丙三")
    entries = [member(street, new_name=n, certificate_number=n) for n in names]
    bad = [*entries, member(street, new_name="丁四", certificate_number="甲一")]
    with pytest.raises(Invalid) as caught:
        check_in_many(actor, entries=bad, request_id=key)
    (problem,) = caught.value.problems
    assert "4" in problem_sentence(problem, Language.EN)
    assert "石桥社区" in problem_sentence(problem, Language.ZH)
    made = check_in_many(actor, entries=entries, request_id=key)
    assert check_in_many(actor, entries=entries, request_id=key) == made
    assert [person_of(number).name for number in made] == list(names)
    with pytest.raises(Invalid):
        check_in_many(actor, entries=[entries[0]] * (MANY_MAX + 1), request_id=key)


def test_profile__the_volunteer_saves_the_own_one__and_nobody_elses(street: SmallStreet) -> None:
    lin, volunteer = street.people["lin"], street.actors["volunteer"]
    update_profile(volunteer, person_id=lin, version=0, entry=HANDY)
    assert asking.profile(volunteer, person_id=lin).skills == HANDY.skills
    with pytest.raises(Refusal) as caught:
        update_profile(volunteer, person_id=lin, version=0, entry=HANDY)
    assert caught.value.code == "refusal.changed_meanwhile"
    less = ProfileEntry(frozenset({Skill.LAW}))
    update_profile(volunteer, person_id=lin, version=1, entry=less, home_area_id=street.areas.g2)
    offered = asking.profile(volunteer, person_id=lin)
    assert (offered.version, offered.skills, offered.times) == (2, less.skills, frozenset())
    assert offered.home_area_id == street.areas.g2
    with pytest.raises(Invalid) as invalid:
        update_profile(
            volunteer, person_id=lin, version=2, entry=less, home_area_id=street.areas.g3
        )
    assert wrong(invalid) == [("home_area_id", "problem.home_elsewhere")]
    with pytest.raises(NotPermitted):
        update_profile(volunteer, person_id=street.people["zhou"], version=0, entry=HANDY)
    with pytest.raises(NotPermitted):
        set_duties(volunteer, person_id=lin, duties=frozenset({VolunteerDuty.MODEL}))


def test_duties__begin_and_end__history_stays(street: SmallStreet) -> None:
    actor, lin = street.actors[SECRETARY], street.people["lin"]
    start = today() - timedelta(days=30)
    set_duties(actor, person_id=lin, duties=frozenset({VolunteerDuty.MODEL}), day=start)
    set_duties(actor, person_id=lin, duties=frozenset({VolunteerDuty.TUTOR}))
    with Reads() as session:
        held = session.scalars(select(VolunteerRole).order_by(VolunteerRole.id)).all()
    assert [(one.role.value, one.since, one.until) for one in held] == [
        ("model", start, today()),
        ("tutor", today(), None),
    ]


def asked(street: SmallStreet, **values: object) -> int:
    entry = replace(
        RequestEntry(
            "何文",
            agreed=True,
            pledged=True,
            organisation_id=street.units["school"],
            certificate_number="A-9",
            home_area_id=street.areas.g2,
            skills=frozenset({Skill.FIRST_AID}),
        ),
        **values,
    )
    return ask_to_check_in(area_id=street.areas.c1, entry=entry, request_id=request())


def test_request__accepted__becomes_a_check_in_and_goes(street: SmallStreet) -> None:
    number, actor = asked(street), street.actors[SECRETARY]
    (told,) = asking.requests(actor, area_id=None).to_dict("records")
    assert (told["name"], told["home_zh"], told["skills"]) == (
        "何文",
        "第2网格",
        (Skill.FIRST_AID,),
    )
    assert asking.requests(street.actors["neighbour"], area_id=None).empty
    with pytest.raises(NotPermitted):
        accept_request(street.actors["neighbour"], number=number, request_id=request())
    new = accept_request(actor, number=number, request_id=request())
    assert person_of(new).area_id == street.areas.g2
    assert asking.profile(actor, person_id=row(new).person_id).skills == {Skill.FIRST_AID}
    with pytest.raises(NotFound):
        accept_request(actor, number=number, request_id=request())


def test_request__declined_or_forgotten__nothing_of_it_stays(street: SmallStreet) -> None:
    actor, number = street.actors[SECRETARY], asked(street)
    with pytest.raises(Invalid):
        decline_request(actor, number=number, reason="")
    decline_request(actor, number=number, reason="请带报到证到社区")
    asked(street)
    with Writes.begin() as session:
        session.execute(
            text("update check_in_request set asked_at = :at"),
            {"at": now() - timedelta(days=REQUEST_DAYS + 1)},
        )
    forget_due(dict(USUAL_YEARS))
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(CheckInRequest)) == 0
        trail = session.scalars(select(AuditEntry.changes)).all()
    assert "何文" not in str(trail)


def test_request__what_is_wrong_is_named__and_a_full_sheet_takes_no_more(
    street: SmallStreet,
) -> None:
    for values, problem in (
        ({"name": ""}, ("person_name", "problem.missing")),
        ({"agreed": False}, ("consented", "problem.no_consent")),
        ({"pledged": False}, ("pledged", "problem.no_pledge")),
        ({"organisation_id": 999_999}, ("organisation_id", "problem.no_unit")),
        ({"home_area_id": street.areas.g3}, ("home_area_id", "problem.home_elsewhere")),
    ):
        with pytest.raises(Invalid) as caught:
            asked(street, **values)
        assert wrong(caught) == [problem]
    asked(street)
    with Writes.begin() as session:
        session.execute(
            text(
                "insert into check_in_request (area_id, name, certificate_number, skills,"
                " text_version, pledge_version, asked_at)"
                " select r.area_id, '某', '', '', '', '', r.asked_at from check_in_request r,"
                " (select 1 from area_link a, area_link b limit :n) many"
            ),
            {"n": WAITING_MAX},
        )
    with pytest.raises(Refusal) as refused:
        asked(street)
    assert refused.value.code == "refusal.sheet_full"


def test_deadline__who_is_late_is_a_number(street: SmallStreet) -> None:
    liaison, school = street.actors["unit_liaison"], street.units["school"]
    before = today() - timedelta(days=1)
    values = {"organisation_id": school, "due_on": before, "expected": 3}
    set_deadline(liaison, version=0, **values)
    with pytest.raises(Refusal) as caught:
        set_deadline(liaison, version=0, **values)
    assert caught.value.code == "refusal.changed_meanwhile"
    with pytest.raises(Invalid):
        set_deadline(liaison, **{**values, "expected": -1}, version=1)
    with pytest.raises(NotPermitted):
        set_deadline(
            liaison,
            organisation_id=street.units["clinic"],
            due_on=before,
            expected=1,
            version=0,
        )
    entered(street)
    (unit,) = asking.units(liaison, area_id=None, day=today()).to_dict("records")
    assert (unit["checked_in"], unit["missing"], unit["late"], unit["slips"]) == (1, 2, True, 1)
    on_the_day = asking.units(liaison, area_id=None, day=before)
    assert not on_the_day["late"].any()


def test_erased__the_check_in_ends_and_what_was_offered_goes(street: SmallStreet) -> None:
    actor, number = street.actors[SECRETARY], entered(street, profile=HANDY)
    person_id = row(number).person_id
    parts = held_on(actor, person_id=person_id)
    assert parts["check_in"][0]["certificate_number"] == "A-1"
    assert {one["skill"] for one in parts["skill"]} == HANDY.skills
    erase_person(actor, person_id=person_id, typed="余安")
    assert (row(number).state, row(number).certificate_number) == ("left", None)
    assert course(number) == ["register", "leave"]
    with Reads() as session:
        for table in ("volunteer_profile", "volunteer_skill", "volunteer_time"):
            assert session.scalar(text(f"select count(*) from {table}")) == 0
    assert disagreements().empty
