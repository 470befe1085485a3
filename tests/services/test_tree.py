"""Single areas: added, edited, closed, reopened, moved; the closure always fits the tree."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Refusal
from lib.domain.vocab import Level
from lib.persistence.engine import Reads
from lib.persistence.models import Area, AreaLink, AuditEntry, Service
from lib.queries import areas
from lib.services.tree import AreaEntry, add_area, close_area, edit_area, move_area, reopen_area
from tests.factories import OPENED, SmallStreet, service_given
from tests.services.written import count, counters, everything

ENTRY = AreaEntry(name_zh="新网格", valid_from=OPENED)
EDITORS = ("administrator", "street_committee")
OTHERS = ("community_secretary", "grid_secretary", "unit_liaison", "volunteer", "visitor")


def loaded(area_id: int) -> Area:
    with Reads() as session:
        return session.get_one(Area, area_id)


def entry_of(area_id: int) -> AreaEntry:
    area = loaded(area_id)
    return AreaEntry(
        name_zh=area.name_zh, name_en=area.name_en or "", code=area.code, valid_from=area.valid_from
    )


def closure() -> set[tuple[int, int]]:
    with Reads() as session:
        return set(session.execute(select(AreaLink.ancestor_id, AreaLink.descendant_id)).tuples())


def upwards() -> set[tuple[int, int]]:
    """What the closure must be, walked from each area to its root."""
    with Reads() as session:
        above = dict(session.execute(select(Area.id, Area.parent_id)).tuples().all())

    def walk(area: int) -> Iterator[int]:
        at: int | None = area
        while at is not None:
            yield at
            at = above[at]

    return {(ancestor, area) for area in above for ancestor in walk(area)}


def latest() -> AuditEntry:
    with Reads() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


@pytest.mark.parametrize("who", EDITORS)
def test_add__a_grid(street: SmallStreet, who: str) -> None:
    before = counters()
    words = replace(
        ENTRY, name_zh=" <b>第9\n网格</b> 𠮷䶮🏮 ", level_label_zh="片区", level_label_en="Patch"
    )
    number = add_area(street.actors[who], parent_id=street.areas.c1, level=Level.GRID, entry=words)
    area = loaded(number)
    assert (area.name_zh, area.name_en) == ("<b>第9 网格</b> 𠮷䶮🏮", None)
    assert (area.code, area.level, area.parent_id) == ("L000001", Level.GRID, street.areas.c1)
    assert (area.level_label_zh, area.level_label_en) == ("片区", "Patch")
    assert closure() == upwards()
    assert (latest().action, latest().subject_id) == ("area.add", number)
    street_key = ("areas", street.areas.s)
    assert counters()[street_key] == before.get(street_key, 0) + 1


def test_add__a_second_without_a_code__gets_the_next(street: SmallStreet) -> None:
    editor = street.actors["street_committee"]
    for name, code in (("甲", "L000001"), ("乙", "L000002")):
        number = add_area(
            editor,
            parent_id=street.areas.c1,
            level=Level.GRID,
            entry=replace(ENTRY, name_zh=name),
        )
        assert loaded(number).code == code


def test_add__a_root__only_for_the_whole_tree(street: SmallStreet) -> None:
    entry = replace(ENTRY, name_zh="新街道", code="310109003")
    with pytest.raises(NotPermitted):
        add_area(street.actors["street_committee"], parent_id=None, level=Level.STREET, entry=entry)
    number = add_area(
        street.actors["administrator"], parent_id=None, level=Level.STREET, entry=entry
    )
    assert loaded(number).parent_id is None
    assert (number, number) in closure()


@pytest.mark.parametrize("who", OTHERS)
def test_commands__of_other_roles__refused(street: SmallStreet, who: str) -> None:
    before, actor = everything(), street.actors[who]
    grid, community = street.areas.g1, street.areas.c1
    for refused in (
        lambda: add_area(actor, parent_id=community, level=Level.GRID, entry=ENTRY),
        lambda: edit_area(actor, area_id=grid, version=1, entry=ENTRY),
        lambda: close_area(actor, area_id=grid, version=1, day=today()),
        lambda: reopen_area(actor, area_id=grid, version=1),
        lambda: move_area(actor, area_id=grid, version=1, parent_id=street.areas.c2),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert everything() == before


def test_commands__beyond_the_committees_street__refused(street: SmallStreet) -> None:
    before, actor = everything(), street.actors["street_committee"]
    own, other = street.areas.s, street.areas.t
    for refused in (
        lambda: add_area(actor, parent_id=other, level=Level.GRID, entry=ENTRY),
        lambda: edit_area(actor, area_id=other, version=1, entry=ENTRY),
        lambda: close_area(actor, area_id=own, version=1, day=today()),
        lambda: move_area(actor, area_id=street.areas.c1, version=1, parent_id=other),
        lambda: move_area(actor, area_id=own, version=1, parent_id=other),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert everything() == before


BAD = {
    "no name": ({"name_zh": " \u200b "}, "name_zh", "problem.missing"),
    "ten thousand characters": ({"name_zh": "网" * 10_000}, "name_zh", "problem.too_long"),
    "a long English name": ({"name_en": "g" * 201}, "name_en", "problem.too_long"),
    "a long label": ({"level_label_zh": "片" * 41}, "level_label_zh", "problem.too_long"),
    "a sibling's name": ({"name_zh": "第2网格"}, "name_zh", "problem.sibling_name"),
    "a taken code": ({"code": "310109001002"}, "code", "problem.code_taken"),
    "a long code": ({"code": "1" * 25}, "code", "problem.too_long"),
    "markup as code": ({"code": "<b>1"}, "code", "problem.bad_code"),
    "an address's word as code": ({"code": "all"}, "code", "problem.bad_code"),
    "a day long ago": ({"valid_from": date(1, 1, 1)}, "valid_from", "problem.day_range"),
    "a day far ahead": ({"valid_from": date(9999, 12, 31)}, "valid_from", "problem.day_range"),
}


@pytest.mark.parametrize(("values", "field", "code"), BAD.values(), ids=BAD)
def test_add_and_edit__what_cannot_be_kept__named(
    street: SmallStreet, values: dict[str, object], field: str, code: str
) -> None:
    before, editor = everything(), street.actors["street_committee"]
    with pytest.raises(Invalid) as added:
        add_area(
            editor, parent_id=street.areas.c1, level=Level.GRID, entry=replace(ENTRY, **values)
        )
    with pytest.raises(Invalid) as edited:
        edit_area(
            editor,
            area_id=street.areas.g1,
            version=1,
            entry=replace(entry_of(street.areas.g1), **values),
        )
    for caught in (added, edited):
        assert [(p.field, p.code) for p in caught.value.problems] == [(field, code)]
    assert everything() == before


@pytest.mark.parametrize("level", [Level.DISTRICT, Level.STREET, Level.COMMUNITY])
def test_add__a_level_that_is_not_narrower__refused(street: SmallStreet, level: Level) -> None:
    with pytest.raises(Invalid) as caught:
        add_area(
            street.actors["administrator"], parent_id=street.areas.c1, level=level, entry=ENTRY
        )
    assert [p.code for p in caught.value.problems] == ["problem.level_not_narrower"]


def test_edit__names_code_label_and_first_day(street: SmallStreet) -> None:
    entry = AreaEntry(
        name_zh="石桥东网格",
        name_en="East",
        code="310109001001009",
        level_label_zh="微网格",
        valid_from=date(2021, 5, 1),
    )
    edit_area(street.actors["street_committee"], area_id=street.areas.g1, version=1, entry=entry)
    area = loaded(street.areas.g1)
    assert (area.name_zh, area.name_en, area.code) == ("石桥东网格", "East", "310109001001009")
    assert (area.initials, area.version) == ("sqdwg", 2)
    assert latest().changes["valid_from"] == ["2020-01-01", "2021-05-01"]
    assert set(latest().changes) == {
        "name_zh",
        "name_en",
        "code",
        "level_label_zh",
        "valid_from",
    }


def test_edit__without_a_code_or_a_change(street: SmallStreet) -> None:
    editor, grid = street.actors["street_committee"], street.areas.g1
    edit_area(editor, area_id=grid, version=1, entry=replace(entry_of(grid), code=""))
    assert (loaded(grid).version, count(AuditEntry)) == (1, 0)


def test_edit__somebody_was_first__told_what_stands_there(street: SmallStreet) -> None:
    grid = street.areas.g1
    first = replace(entry_of(grid), name_en="First")
    edit_area(street.actors["administrator"], area_id=grid, version=1, entry=first)
    with pytest.raises(Changed) as caught:
        edit_area(
            street.actors["street_committee"],
            area_id=grid,
            version=1,
            entry=replace(entry_of(grid), name_en="Second"),
        )
    assert (caught.value.version, caught.value.current["name_en"]) == (2, "First")
    assert loaded(grid).name_en == "First"


def test_close__leaves_forms_and_stays_in_records(street: SmallStreet) -> None:
    editor, grid = street.actors["street_committee"], street.areas.g1
    service_given(street, grid)
    yesterday = today() - timedelta(days=1)
    close_area(editor, area_id=grid, version=1, day=yesterday)
    assert grid not in set(areas.painted(editor, root_id=None)["area_id"])
    assert areas.area(editor, area_id=grid).empty
    assert len(areas.area(editor, area_id=grid, day=yesterday)) == 1
    assert (count(Service), closure()) == (1, upwards())
    reopen_area(editor, area_id=grid, version=2)
    assert grid in set(areas.painted(editor, root_id=None)["area_id"])
    assert latest().changes == {"valid_until": [yesterday.isoformat(), None]}


def test_close__while_children_are_open__refused(street: SmallStreet) -> None:
    editor, tree = street.actors["street_committee"], street.areas
    with pytest.raises(Refusal) as caught:
        close_area(editor, area_id=tree.c1, version=1, day=today())
    assert (caught.value.code, caught.value.values["n"]) == ("tree.children_open", 2)
    close_area(editor, area_id=tree.g1, version=1, day=today())
    close_area(editor, area_id=tree.g2, version=1, day=today() + timedelta(days=5))
    with pytest.raises(Refusal):
        close_area(editor, area_id=tree.c1, version=1, day=today())
    close_area(editor, area_id=tree.c1, version=1, day=today() + timedelta(days=5))
    for refused in (
        lambda: reopen_area(editor, area_id=tree.g1, version=2),
        lambda: add_area(editor, parent_id=tree.c1, level=Level.GRID, entry=ENTRY),
        lambda: move_area(editor, area_id=tree.g3, version=1, parent_id=tree.c1),
        lambda: move_area(editor, area_id=tree.g1, version=2, parent_id=tree.c2),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code == "tree.closed"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (OPENED - timedelta(days=1), "problem.before"),
        (today() + timedelta(days=367), "problem.day_range"),
    ],
)
def test_close__a_day_out_of_range__refused(street: SmallStreet, day: date, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        close_area(street.actors["street_committee"], area_id=street.areas.g1, version=1, day=day)
    assert [p.code for p in caught.value.problems] == [code]


def test_edit__a_closed_area__not_after_its_last_day(street: SmallStreet) -> None:
    editor, grid = street.actors["street_committee"], street.areas.g1
    close_area(editor, area_id=grid, version=1, day=date(2022, 1, 1))
    entry = replace(entry_of(grid), valid_from=date(2022, 1, 2))
    with pytest.raises(Invalid) as caught:
        edit_area(editor, area_id=grid, version=2, entry=entry)
    assert [p.code for p in caught.value.problems] == ["problem.after"]


def test_reopen__a_sibling_bears_the_name__refused(street: SmallStreet) -> None:
    editor, grid = street.actors["street_committee"], street.areas.g1
    close_area(editor, area_id=grid, version=1, day=today() - timedelta(days=1))
    heir = replace(ENTRY, name_zh="第1网格")
    add_area(editor, parent_id=street.areas.c1, level=Level.GRID, entry=heir)
    with pytest.raises(Invalid):
        reopen_area(editor, area_id=grid, version=2)


@pytest.mark.parametrize("command", [close_area, reopen_area, move_area])
def test_steps__from_an_old_page__refused(street: SmallStreet, command: object) -> None:
    more = {close_area: {"day": today()}, move_area: {"parent_id": street.areas.c2}}
    with pytest.raises(Refusal) as caught:
        command(
            street.actors["street_committee"],
            area_id=street.areas.g1,
            version=7,
            **more.get(command, {}),
        )
    assert caught.value.code == "refusal.changed_meanwhile"


def test_move__between_streets__both_counters_and_the_trail(street: SmallStreet) -> None:
    admin, tree = street.actors["administrator"], street.areas
    before = counters()
    move_area(admin, area_id=tree.c1, version=1, parent_id=tree.t)
    assert closure() == upwards()
    assert {(tree.t, tree.g1), (tree.c1, tree.g1)} <= closure()
    assert (tree.s, tree.g1) not in closure()
    for moved in (tree.s, tree.t):
        assert counters()[("areas", moved)] == before.get(("areas", moved), 0) + 1
    assert latest().changes == {"parent": ["临江街道", "望海街道"]}
    assert tree.g1 not in set(
        areas.painted(street.actors["street_committee"], root_id=None)["area_id"]
    )


def test_move__where_it_cannot_hang__refused(street: SmallStreet) -> None:
    admin, tree = street.actors["administrator"], street.areas
    before = everything()
    for area, parent in ((tree.s, tree.s), (tree.s, tree.g1), (tree.c1, tree.g2)):
        with pytest.raises(Refusal) as caught:
            move_area(admin, area_id=area, version=1, parent_id=parent)
        assert caught.value.code == "tree.into_itself"
    with pytest.raises(Invalid) as narrower:
        move_area(admin, area_id=tree.c1, version=1, parent_id=tree.c2)
    assert [p.code for p in narrower.value.problems] == ["problem.level_not_narrower"]
    with pytest.raises(NotFound):
        move_area(admin, area_id=tree.c1, version=1, parent_id=404_404)
    move_area(admin, area_id=tree.c1, version=1, parent_id=tree.s)
    assert everything() == before


def test_move__the_name_is_taken_there__refused(street: SmallStreet) -> None:
    admin, tree = street.actors["administrator"], street.areas
    entry = replace(ENTRY, name_zh="第1网格")
    add_area(admin, parent_id=tree.c2, level=Level.GRID, entry=entry)
    with pytest.raises(Invalid) as caught:
        move_area(admin, area_id=tree.g1, version=1, parent_id=tree.c2)
    assert [p.code for p in caught.value.problems] == ["problem.sibling_name"]


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=8))
def test_move__at_random__the_closure_is_the_tree(
    street: SmallStreet, moves: list[tuple[int, int]]
) -> None:
    admin, tree = street.actors["administrator"], street.areas
    numbers = (tree.s, tree.t, tree.c1, tree.c2, tree.g1, tree.g2, tree.g3, tree.g4)
    for area, parent in moves:
        try:
            move_area(
                admin,
                area_id=numbers[area],
                version=loaded(numbers[area]).version,
                parent_id=numbers[parent],
            )
        except Refusal:
            continue
    assert closure() == upwards()
