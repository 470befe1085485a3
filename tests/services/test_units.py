"""Commands on resident units: who may, what is kept, and two people at one form."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import Net, UnitKind
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry, Organisation
from lib.services.units import UnitEntry, add_unit, close_unit, edit_unit, reopen_unit
from tests.factories import SIDE, SOUTH, WEST, SmallStreet
from tests.services.written import ROLES, count, counters, everything, together

ADDS_AT = {
    "administrator": "g1 g3 s t",
    "street_committee": "g1 g3 s",
    "street_staff": "g1 g3 s",
    "community_secretary": "g1",
    "grid_secretary": "",
    "grid_worker": "",
    "unit_liaison": "",
    "team_leader": "",
    "volunteer": "",
    "auditor": "",
    "visitor": "",
}
"""Where each role may add a unit, by hand."""

EDITS = {
    "administrator": "school clinic",
    "street_committee": "school clinic",
    "street_staff": "school clinic",
    "community_secretary": "school",
    "grid_secretary": "",
    "grid_worker": "",
    "unit_liaison": "school",
    "team_leader": "",
    "volunteer": "",
    "auditor": "",
    "visitor": "",
}
"""Which units each role may edit, by hand; the liaison only the own one."""


def entry(area_id: int, **values: object) -> UnitEntry:
    made = UnitEntry("新单位", UnitKind.SOCIAL_ORGANISATION, Net.COMPREHENSIVE, area_id)
    return replace(made, **values)


def unit(unit_id: int) -> Organisation:
    with Reads() as session:
        return session.get_one(Organisation, unit_id)


def as_it_is(unit_id: int, **values: object) -> UnitEntry:
    """The form of a unit as somebody opened it, with what they changed in it."""
    row = unit(unit_id)
    made = UnitEntry(
        name_zh=row.name_zh,
        kind=row.kind,
        net=row.net,
        area_id=row.area_id,
        name_en=row.name_en or "",
        address=row.address,
        lon=row.lon,
        lat=row.lat,
        offers=row.offers,
        liaison_name=row.liaison_name,
        liaison_phone=row.liaison_phone,
    )
    return replace(made, **values)


@pytest.mark.parametrize("role", ROLES)
def test_add__every_role_and_area(street: SmallStreet, role: str) -> None:
    for place in ("g1", "g3", "s", "t"):
        before = everything()
        area = getattr(street.areas, place)

        def add(area: int = area) -> int:
            return add_unit(street.actors[role], entry=entry(area), request_id=f"{area}")

        if place in ADDS_AT[role].split():
            assert unit(add()).area_id == area
        else:
            with pytest.raises(NotPermitted):
                add()
            assert everything() == before


@pytest.mark.parametrize("role", ROLES)
def test_edit__every_role_and_unit(street: SmallStreet, role: str) -> None:
    for name in ("school", "clinic"):
        number = street.units[name]
        before = everything()
        if name in EDITS[role].split():
            form = as_it_is(number, offers="场地")
            edit_unit(street.actors[role], unit_id=number, version=1, entry=form)
            close_unit(street.actors[role], unit_id=number, version=2)
            assert (unit(number).offers, unit(number).version) == ("场地", 3)
        else:
            actor, form = street.actors[role], as_it_is(number)
            for command in (
                partial(edit_unit, actor, unit_id=number, version=1, entry=form),
                partial(close_unit, actor, unit_id=number, version=1),
                partial(reopen_unit, actor, unit_id=number, version=1),
            ):
                with pytest.raises(NotPermitted):
                    command()
            assert everything() == before


def test_edit__to_an_area_out_of_reach__refused(street: SmallStreet) -> None:
    number = street.units["school"]
    before = everything()
    with pytest.raises(NotPermitted):
        edit_unit(
            street.actors["community_secretary"],
            unit_id=number,
            version=1,
            entry=as_it_is(number, area_id=street.areas.g3),
        )
    assert everything() == before


def test_add__what_is_written(street: SmallStreet) -> None:
    number = add_unit(
        street.actors["community_secretary"],
        entry=entry(
            street.areas.g1,
            name_zh=" 重庆路 小学 ",
            offers="一行\n二行",
            liaison_name="联络丙",
            liaison_phone="555-0103",
            lon=WEST + SIDE / 2,
            lat=SOUTH + SIDE / 2,
        ),
        request_id="once",
    )
    row = unit(number)
    assert (row.name_zh, row.initials, row.name_en, row.offers) == (
        "重庆路 小学",
        "cqlxx",
        None,
        "一行\n二行",
    )
    with Reads() as session:
        (audit,) = session.query(AuditEntry).all()
    assert (audit.action, audit.subject_id) == ("unit.add", number)
    assert counters() == {("units", street.areas.s): 1}


def test_add__sent_eight_times_at_once__written_once(street: SmallStreet) -> None:
    answers = together(
        8,
        lambda _: add_unit(
            street.actors["community_secretary"], entry=entry(street.areas.g1), request_id="once"
        ),
    )
    assert len(set(answers)) == 1
    assert unit(int(str(answers[0]))).name_zh == "新单位"
    assert (count(Organisation, name_zh="新单位"), count(AuditEntry)) == (1, 1)
    assert counters() == {("units", street.areas.s): 1}


def test_edit__names_what_changed_and_hides_the_contact(street: SmallStreet) -> None:
    number = street.units["school"]
    edit_unit(
        street.actors["street_committee"],
        unit_id=number,
        version=1,
        entry=as_it_is(
            number,
            offers="操场",
            liaison_name="别人",
            liaison_phone="555-0199",
            name_zh="重庆路小学",
        ),
    )
    with Reads() as session:
        (audit,) = session.query(AuditEntry).all()
    assert audit.changes == {
        "name_zh": ["石桥小学", "重庆路小学"],
        "offers": ["会议室、操场", "操场"],
        "liaison_name": None,
        "liaison_phone": None,
    }
    assert "555" not in str(audit.changes)
    assert unit(number).initials == "cqlxx"
    assert counters() == {("units", street.areas.s): 1}


def test_edit__to_another_street__both_streets_are_told(street: SmallStreet) -> None:
    number = street.units["clinic"]
    edit_unit(
        street.actors["administrator"],
        unit_id=number,
        version=1,
        entry=as_it_is(number, area_id=street.areas.t),
    )
    assert counters() == {("units", street.areas.s): 1, ("units", street.areas.t): 1}


def test_edit__nothing_changed__nothing_written(street: SmallStreet) -> None:
    number, before = street.units["school"], everything()
    edit_unit(street.actors["street_committee"], unit_id=number, version=1, entry=as_it_is(number))
    assert everything() == before


def test_edit__somebody_saved_first__told_what_stands_there_now(street: SmallStreet) -> None:
    number = street.units["school"]
    mine = as_it_is(number, offers="我的")
    edit_unit(
        street.actors["street_committee"],
        unit_id=number,
        version=1,
        entry=as_it_is(number, address="石桥路1号"),
    )
    before = everything()
    with pytest.raises(Changed) as caught:
        edit_unit(street.actors["second"], unit_id=number, version=1, entry=mine)
    assert everything() == before
    assert caught.value.version == 2
    assert caught.value.current["address"] == "石桥路1号"
    assert caught.value.current["offers"] == "会议室、操场"
    edit_unit(
        street.actors["second"],
        unit_id=number,
        version=caught.value.version,
        entry=replace(mine, address=str(caught.value.current["address"])),
    )
    assert (unit(number).address, unit(number).offers) == ("石桥路1号", "我的")


def test_edit__by_eight_at_once__one_wins(street: SmallStreet) -> None:
    number = street.units["school"]
    forms = [as_it_is(number, offers=f"第{n}份") for n in range(8)]
    answers = together(
        8,
        lambda n: edit_unit(
            street.actors["street_committee"], unit_id=number, version=1, entry=forms[n]
        ),
    )
    won = [n for n, answer in enumerate(answers) if answer is None]
    assert len(won) == 1
    assert set(answers) <= {None, "refusal.changed", "refusal.changed_meanwhile"}
    assert (unit(number).offers, unit(number).version) == (f"第{won[0]}份", 2)
    assert counters() == {("units", street.areas.s): 1}


def test_close__and_reopen__stale_or_absent_refused(street: SmallStreet) -> None:
    actor, number = street.actors["street_committee"], street.units["school"]
    close_unit(actor, unit_id=number, version=1)
    assert unit(number).closed_on == today()
    with pytest.raises(Refusal) as caught:
        reopen_unit(actor, unit_id=number, version=1)
    assert caught.value.code == "refusal.changed_meanwhile"
    reopen_unit(actor, unit_id=number, version=2)
    assert unit(number).closed_on is None
    with pytest.raises(NotFound):
        close_unit(actor, unit_id=404, version=1)
    assert counters() == {("units", street.areas.s): 2}


def test_reopen__its_name_was_given_again__refused(street: SmallStreet) -> None:
    actor, number = street.actors["street_committee"], street.units["closed"]
    add_unit(actor, entry=entry(street.areas.g1, name_zh="旧书店"), request_id="once")
    before = everything()
    with pytest.raises(Invalid) as caught:
        reopen_unit(actor, unit_id=number, version=1)
    assert [p.code for p in caught.value.problems] == ["problem.unit_exists"]
    assert everything() == before


BAD = [
    ({"name_zh": ""}, [("name_zh", "problem.missing")]),
    ({"name_zh": " \u200b "}, [("name_zh", "problem.missing")]),
    ({"name_zh": "长" * 10_000}, [("name_zh", "problem.too_long")]),
    ({"name_en": "x" * 201}, [("name_en", "problem.too_long")]),
    ({"address": "长" * 10_000}, [("address", "problem.too_long")]),
    ({"offers": "长" * 501}, [("offers", "problem.too_long")]),
    ({"liaison_name": "长" * 61}, [("liaison_name", "problem.too_long")]),
    ({"liaison_phone": "5" * 41}, [("liaison_phone", "problem.too_long")]),
    ({"lon": WEST}, [("position", "problem.half_position")]),
    ({"lat": SOUTH}, [("position", "problem.half_position")]),
    ({"lon": 181.0, "lat": 0.0}, [("position", "problem.not_on_earth")]),
    ({"lon": SOUTH, "lat": WEST}, [("position", "problem.not_on_earth")]),
    ({"lon": float("nan"), "lat": 1.0}, [("position", "problem.not_on_earth")]),
    ({"lon": float("inf"), "lat": 1.0}, [("position", "problem.not_on_earth")]),
    ({"lon": WEST + 3 * SIDE, "lat": SOUTH}, [("position", "problem.outside_area")]),
    ({"name_zh": "石桥小学"}, [("name_zh", "problem.unit_exists")]),
    ({"name_zh": " 石桥小学 "}, [("name_zh", "problem.unit_exists")]),
    (
        {"name_zh": "", "offers": "长" * 501, "lon": 1.0},
        [
            ("name_zh", "problem.missing"),
            ("offers", "problem.too_long"),
            ("position", "problem.half_position"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), BAD)
def test_add__bad_input__every_problem_named_nothing_written(
    street: SmallStreet, values: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    before = everything()
    with pytest.raises(Invalid) as caught:
        add_unit(
            street.actors["administrator"],
            entry=entry(street.areas.g1, **values),
            request_id="once",
        )
    assert [(p.field, p.code) for p in caught.value.problems] == expected
    assert everything() == before


def test_add__area_without_a_polygon__any_position_on_earth(street: SmallStreet) -> None:
    number = add_unit(
        street.actors["administrator"],
        entry=entry(street.areas.g4, lon=1.0, lat=1.0),
        request_id="once",
    )
    assert unit(number).lon == 1.0


@pytest.mark.parametrize(
    "command",
    [
        lambda actor, area: add_unit(actor, entry=entry(area), request_id="once"),
        lambda actor, area: edit_unit(actor, unit_id=1, version=1, entry=entry(area)),
    ],
)
def test_unit__area_not_there__refused_in_words(
    street: SmallStreet, command: Callable[..., object]
) -> None:
    before = everything()
    with pytest.raises(NotFound):
        command(street.actors["administrator"], 404)
    assert everything() == before


@pytest.mark.parametrize(
    "text", ["<b>粗</b>&amp;", "👩‍👧‍👦", "𠮷祥里䶮", "'; drop table organisation"]
)
def test_add__strange_text__kept_as_it_is(street: SmallStreet, text: str) -> None:
    number = add_unit(
        street.actors["administrator"],
        entry=entry(street.areas.g1, name_zh=text, name_en=text, offers=text, address=text),
        request_id="once",
    )
    row = unit(number)
    assert (row.name_zh, row.name_en, row.offers, row.address) == (text, text, text, text)
