"""The three tiers and the posts: set up, appointed, handed over, ended; the columns agree."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import Office, PostKind
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Appointment,
    AuditEntry,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Person,
    Post,
)
from lib.queries.check import problems
from lib.services.appointments import Holder, appoint, change_term, end_appointment, hand_over
from lib.services.structure import (
    add_centre,
    add_group,
    add_post,
    remove_office,
    rename_branch,
    set_up_branch,
)
from lib.services.tree import close_area
from tests.factories import OPENED, SmallStreet
from tests.services.written import count, counters, everything

DAY = date(2026, 3, 1)
EDITORS = ("administrator", "street_committee", "community_secretary", "grid_secretary")
OTHERS = ("unit_liaison", "volunteer", "visitor", "neighbour")


def one(model: type, **values: object) -> object:
    with Reads() as session:
        return session.scalars(select(model).filter_by(**values).order_by(model.id)).first()


def office_of(street: SmallStreet, office: Office, *, held: bool) -> int:
    """An office in G1 of each table, held or vacant where the small street has one."""
    group = one(BuildingGroup, number=1 if held else 2).id
    return {
        Office.POST: lambda: (
            one(Post, area_id=street.areas.g1, kind=PostKind.HEAD if held else PostKind.WORKER).id
        ),
        Office.BRANCH: lambda: one(Branch, area_id=street.areas.g1 if held else street.areas.g3).id,
        Office.BUILDING_GROUP: lambda: group,
        Office.CENTRE_HOUSEHOLD: lambda: one(CentreHousehold, building_group_id=group).id,
    }[office]()


def term_of(office: Office, number: int) -> Appointment | None:
    return one(Appointment, office=office, office_id=number, ended_on=None)


def terms_of(office: Office, number: int) -> list[tuple[object, ...]]:
    with Reads() as session:
        rows = session.scalars(
            select(Appointment).filter_by(office=office, office_id=number).order_by(Appointment.id)
        )
        return [(t.person_id, t.since, t.until, t.ended_on) for t in rows]


def holder_of(office: Office, number: int) -> int | None:
    column = {"branch": "secretary_id", "building_group": "leader_id"}.get(office, "person_id")
    model = {
        Office.POST: Post,
        Office.BRANCH: Branch,
        Office.BUILDING_GROUP: BuildingGroup,
        Office.CENTRE_HOUSEHOLD: CentreHousehold,
    }[office]
    return getattr(one(model, id=number), column)


def agree() -> bool:
    """Whether every office's column says what its terms say."""
    found = problems()
    return not len(found[found["kind"] == "offices"])


def latest() -> AuditEntry:
    with Reads() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


@pytest.mark.parametrize("office", list(Office))
def test_terms__appointed_handed_over_ended(street: SmallStreet, office: Office) -> None:
    admin, people = street.actors["administrator"], street.people
    number = office_of(street, office, held=False)
    before = counters()
    first = appoint(
        admin,
        office=office,
        office_id=number,
        holder=Holder(people["qin"]),
        since=DAY,
        until=date(2029, 3, 1),
    )
    assert (holder_of(office, number), agree()) == (people["qin"], True)
    assert latest().changes == {
        "person_id": None,
        "since": [None, "2026-03-01"],
        "until": [None, "2029-03-01"],
    }
    assert latest().subject_kind == office
    second = hand_over(
        admin, appointment_id=first, holder=Holder(people["serving"]), day=date(2026, 4, 1)
    )
    assert (holder_of(office, number), agree()) == (people["serving"], True)
    end_appointment(admin, appointment_id=second, day=date(2026, 5, 1))
    assert (holder_of(office, number), agree()) == (None, True)
    assert terms_of(office, number) == [
        (people["qin"], DAY, date(2029, 3, 1), date(2026, 3, 31)),
        (people["serving"], date(2026, 4, 1), None, date(2026, 5, 1)),
    ]
    moved = ("structure", street.areas.s)
    assert counters()[moved] == before.get(moved, 0) + 3
    actions = ["office.appoint", "office.hand_over", "office.end"]
    with Reads() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == actions
    assert not any("秦望" in str(entry.changes) + entry.subject_label for entry in entries)


@pytest.mark.parametrize("who", EDITORS)
def test_appoint__somebody_new__is_registered_as_no_volunteer(
    street: SmallStreet, who: str
) -> None:
    number = office_of(street, Office.POST, held=False)
    appoint(
        street.actors[who],
        office=Office.POST,
        office_id=number,
        holder=Holder(new_name=" <i>𠮷䶮</i> "),
        since=today(),
    )
    person = one(Person, name="<i>𠮷䶮</i>")
    assert (person.area_id, person.volunteer_since) == (street.areas.g1, None)
    assert person.consented_on == today()
    assert holder_of(Office.POST, number) == person.id


BAD_TERMS: dict[str, tuple[dict[str, object], str, str]] = {
    "days reversed": ({"until": DAY - timedelta(days=1)}, "until", "problem.before"),
    "an endless term": ({"until": date(9999, 12, 31)}, "until", "problem.after"),
    "a day ahead": ({"since": today() + timedelta(days=1)}, "since", "problem.after"),
    "a day long ago": ({"since": date(1, 1, 1)}, "since", "problem.before"),
    "nobody": ({"holder": Holder()}, "person_id", "problem.missing"),
    "an empty name": ({"holder": Holder(new_name=" \u200b ")}, "person_id", "problem.missing"),
    "a long name": ({"holder": Holder(new_name="名" * 10_000)}, "person_id", "problem.too_long"),
}


@pytest.mark.parametrize(("values", "field", "code"), BAD_TERMS.values(), ids=BAD_TERMS)
def test_appoint_and_hand_over__what_cannot_be_kept__named(
    street: SmallStreet, values: dict[str, object], field: str, code: str
) -> None:
    before, admin = everything(), street.actors["administrator"]
    given = {"holder": Holder(street.people["qin"]), "since": DAY} | values
    with pytest.raises(Invalid) as vacant:
        appoint(
            admin,
            office=Office.POST,
            office_id=office_of(street, Office.POST, held=False),
            **given,
        )
    number = office_of(street, Office.POST, held=True)
    given["day"] = given.pop("since")
    with pytest.raises(Invalid) as held:
        hand_over(admin, appointment_id=term_of(Office.POST, number).id, **given)
    for caught in (vacant, held):
        assert (field, code) in [(p.field, p.code) for p in caught.value.problems]
    assert everything() == before


def test_appoint__an_office_that_is_held__refused(street: SmallStreet) -> None:
    with pytest.raises(Refusal) as caught:
        appoint(
            street.actors["administrator"],
            office=Office.BRANCH,
            office_id=office_of(street, Office.BRANCH, held=True),
            holder=Holder(street.people["qin"]),
            since=DAY,
        )
    assert caught.value.code == "structure.held"


def test_appoint__within_the_last_holders_term__refused(street: SmallStreet) -> None:
    admin, number = street.actors["administrator"], office_of(street, Office.POST, held=True)
    end_appointment(admin, appointment_id=term_of(Office.POST, number).id, day=DAY)
    given = {"office": Office.POST, "office_id": number, "holder": Holder(street.people["qin"])}
    with pytest.raises(Invalid) as caught:
        appoint(admin, **given, since=DAY)
    assert [(p.field, p.values["day"]) for p in caught.value.problems] == [("since", "2026-03-02")]
    term = appoint(admin, **given, since=DAY + timedelta(days=1))
    with pytest.raises(Invalid):
        change_term(admin, appointment_id=term, since=DAY)


def test_hand_over__to_the_holder_or_on_the_first_day__refused(street: SmallStreet) -> None:
    admin, number = street.actors["administrator"], office_of(street, Office.POST, held=True)
    term = term_of(Office.POST, number)
    with pytest.raises(Invalid) as caught:
        hand_over(admin, appointment_id=term.id, holder=Holder(term.person_id), day=OPENED)
    assert {(p.field, p.code) for p in caught.value.problems} == {
        ("since", "problem.before"),
        ("person_id", "problem.same_holder"),
    }


def test_terms__already_ended__refused(street: SmallStreet) -> None:
    admin, number = street.actors["administrator"], office_of(street, Office.POST, held=True)
    term = term_of(Office.POST, number).id
    end_appointment(admin, appointment_id=term, day=DAY)
    before = everything()
    for refused in (
        lambda: end_appointment(admin, appointment_id=term, day=DAY),
        lambda: change_term(admin, appointment_id=term, since=DAY),
        lambda: hand_over(admin, appointment_id=term, holder=Holder(street.people["qin"]), day=DAY),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code == "refusal.changed_meanwhile"
    assert everything() == before


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (today() + timedelta(days=1), "problem.after"),
        (OPENED - timedelta(days=1), "problem.before"),
    ],
)
def test_end__a_day_out_of_range__refused(street: SmallStreet, day: date, code: str) -> None:
    number = office_of(street, Office.POST, held=True)
    with pytest.raises(Invalid) as caught:
        end_appointment(
            street.actors["administrator"],
            appointment_id=term_of(Office.POST, number).id,
            day=day,
        )
    assert [p.code for p in caught.value.problems] == [code]


def test_change_term__first_day_and_agreed_end(street: SmallStreet) -> None:
    admin, number = street.actors["administrator"], office_of(street, Office.POST, held=True)
    term = term_of(Office.POST, number)
    change_term(admin, appointment_id=term.id, since=DAY, until=date(2029, 3, 1))
    change_term(admin, appointment_id=term.id, since=DAY, until=date(2029, 3, 1))
    assert terms_of(Office.POST, number) == [(term.person_id, DAY, date(2029, 3, 1), None)]
    assert count(AuditEntry, action="office.term") == 1


def test_appoint__somebody_of_another_street__refused(street: SmallStreet) -> None:
    with Writes.begin() as session:
        stranger = Person(name="远方", area_id=street.areas.t, consented_on=OPENED)
        session.add(stranger)
        session.flush()
        number = stranger.id
    vacant = office_of(street, Office.POST, held=False)
    given = {"office": Office.POST, "office_id": vacant, "since": DAY}
    with pytest.raises(Invalid) as caught:
        appoint(street.actors["administrator"], holder=Holder(number), **given)
    assert [p.code for p in caught.value.problems] == ["problem.other_street"]
    with pytest.raises(NotPermitted):
        appoint(street.actors["street_committee"], holder=Holder(number), **given)
    with pytest.raises(NotPermitted):
        appoint(street.actors["grid_secretary"], holder=Holder(street.people["namesake"]), **given)
    with pytest.raises(NotFound):
        appoint(street.actors["administrator"], holder=Holder(404_404), **given)


def every_command(street: SmallStreet, who: str) -> list[Callable[[], object]]:
    actor, grid = street.actors[who], street.areas.g1
    held = office_of(street, Office.POST, held=True)
    vacant = office_of(street, Office.POST, held=False)
    term = term_of(Office.POST, held).id
    branch = one(Branch, area_id=grid)
    group = one(BuildingGroup, number=1).id
    building = one(Building, area_id=grid).id
    new = Holder(new_name="新人")
    return [
        lambda: set_up_branch(actor, area_id=grid, name_zh="支部"),
        lambda: rename_branch(actor, branch_id=branch.id, version=branch.version, name_zh="支部"),
        lambda: add_group(actor, branch_id=branch.id),
        lambda: add_centre(actor, group_id=group, building_id=building),
        lambda: add_post(actor, area_id=grid, kind=PostKind.WORKER),
        lambda: remove_office(actor, office=Office.POST, office_id=vacant),
        lambda: appoint(actor, office=Office.POST, office_id=vacant, holder=new, since=DAY),
        lambda: hand_over(actor, appointment_id=term, holder=new, day=DAY),
        lambda: end_appointment(actor, appointment_id=term, day=DAY),
        lambda: change_term(actor, appointment_id=term, since=DAY),
    ]


@pytest.mark.parametrize("who", OTHERS)
def test_commands__of_other_roles_and_places__refused(street: SmallStreet, who: str) -> None:
    before = everything()
    for command in every_command(street, who):
        with pytest.raises(NotPermitted):
            command()
    assert everything() == before


def test_set_up__a_grid_from_nothing(street: SmallStreet) -> None:
    secretary, grid = street.actors["community_secretary"], street.areas.g2
    branch = set_up_branch(secretary, area_id=grid, name_zh=" 第2网格\n党支部 ", name_en="Two")
    assert (one(Branch, id=branch).name_zh, one(Branch, id=branch).name_en) == (
        "第2网格 党支部",
        "Two",
    )
    groups = [add_group(secretary, branch_id=branch) for _ in range(2)]
    assert [one(BuildingGroup, id=group).number for group in groups] == [1, 2]
    building = one(Building, area_id=grid).id
    centre = add_centre(secretary, group_id=groups[0], building_id=building)
    assert one(CentreHousehold, id=centre).person_id is None
    post = add_post(secretary, area_id=grid, kind=PostKind.WORKER)
    assert (one(Post, id=post).kind, one(Post, id=post).person_id) == (PostKind.WORKER, None)
    assert agree()


def test_set_up__a_second_branch_or_head__refused(street: SmallStreet) -> None:
    admin, before = street.actors["administrator"], everything()
    for refused, code in (
        (
            lambda: set_up_branch(admin, area_id=street.areas.g1, name_zh="又一支部"),
            "structure.branch_there",
        ),
        (
            lambda: add_post(admin, area_id=street.areas.g1, kind=PostKind.HEAD),
            "structure.head_there",
        ),
        (
            lambda: set_up_branch(admin, area_id=street.areas.c1, name_zh="社区支部"),
            "structure.not_a_grid",
        ),
        (
            lambda: add_post(admin, area_id=street.areas.c1, kind=PostKind.HEAD),
            "structure.not_a_grid",
        ),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code == code
    assert everything() == before


def test_set_up__in_a_closed_grid__refused(street: SmallStreet) -> None:
    admin, yesterday = street.actors["administrator"], today() - timedelta(days=1)
    close_area(admin, area_id=street.areas.g2, version=1, day=yesterday)
    with pytest.raises(Refusal) as caught:
        set_up_branch(admin, area_id=street.areas.g2, name_zh="支部")
    assert caught.value.code == "structure.not_a_grid"


def test_add_centre__of_another_grid_or_twice__refused(street: SmallStreet) -> None:
    admin, group = street.actors["administrator"], one(BuildingGroup, number=1).id
    for area, code in (
        (street.areas.g2, "problem.other_grid"),
        (street.areas.g1, "problem.centre_there"),
    ):
        with pytest.raises(Invalid) as caught:
            add_centre(admin, group_id=group, building_id=one(Building, area_id=area).id)
        assert [p.code for p in caught.value.problems] == [code]


@pytest.mark.parametrize("name", ["", " \u200b ", "支" * 10_000])
def test_branch__a_name_that_cannot_be_kept__refused(street: SmallStreet, name: str) -> None:
    admin, branch = street.actors["administrator"], one(Branch, area_id=street.areas.g1)
    with pytest.raises(Invalid):
        set_up_branch(admin, area_id=street.areas.g2, name_zh=name)
    with pytest.raises(Invalid):
        rename_branch(admin, branch_id=branch.id, version=branch.version, name_zh=name)


def test_rename__somebody_was_first__told(street: SmallStreet) -> None:
    admin, branch = street.actors["administrator"], one(Branch, area_id=street.areas.g1)
    rename_branch(admin, branch_id=branch.id, version=1, name_zh="石桥支部", name_en="Shiqiao")
    with pytest.raises(Changed) as caught:
        rename_branch(admin, branch_id=branch.id, version=1, name_zh="别的支部")
    assert caught.value.current == {"name_zh": "石桥支部", "name_en": "Shiqiao"}
    rename_branch(admin, branch_id=branch.id, version=2, name_zh="石桥支部", name_en="Shiqiao")
    assert count(AuditEntry, action="branch.rename") == 1


def test_remove__only_what_nobody_held_and_nothing_hangs_on(street: SmallStreet) -> None:
    admin = street.actors["administrator"]
    for office, number, code in (
        (Office.POST, office_of(street, Office.POST, held=True), "structure.has_terms"),
        (
            Office.BUILDING_GROUP,
            office_of(street, Office.BUILDING_GROUP, held=False),
            "structure.has_offices_below",
        ),
    ):
        with pytest.raises(Refusal) as caught:
            remove_office(admin, office=office, office_id=number)
        assert caught.value.code == code
    never_held = (Office.CENTRE_HOUSEHOLD, Office.BUILDING_GROUP, Office.BRANCH, Office.POST)
    for office, number in [(kind, office_of(street, kind, held=False)) for kind in never_held]:
        remove_office(admin, office=office, office_id=number)
        with pytest.raises(NotFound):
            remove_office(admin, office=office, office_id=number)
    assert (count(Post), count(Branch), agree()) == (2, 1, True)


def test_appoint__across_communities_of_one_street__allowed_from_above(
    street: SmallStreet,
) -> None:
    number = office_of(street, Office.POST, held=False)
    appoint(
        street.actors["street_committee"],
        office=Office.POST,
        office_id=number,
        holder=Holder(street.people["qin"]),
        since=DAY,
    )
    assert holder_of(Office.POST, number) == street.people["qin"]
