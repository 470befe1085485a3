"""The editor's tree, offices, terms, buildings and history: what is shown, and to whom."""

from dataclasses import replace
from datetime import date, timedelta

from lib.domain.calendar import today
from lib.domain.vocab import Level, Office
from lib.persistence.engine import Writes
from lib.persistence.models import Person
from lib.queries import buildings, history, offices, tree
from lib.services.appointments import Holder, appoint, hand_over
from lib.services.buildings import BuildingEntry, add_building, remove_building
from lib.services.tree import AreaEntry, add_area, close_area, edit_area
from tests.factories import OPENED, SmallStreet, service_given

EDITORS = ("administrator", "street_committee", "community_secretary", "grid_secretary")


def test_outline__each_after_the_one_above(street: SmallStreet) -> None:
    rows = tree.outline(street.actors["administrator"], area_id=None)
    assert tuple(rows.columns) == tree.OUTLINE_COLUMNS
    areas = street.areas
    numbers = ("s", "c1", "g1", "g2", "c2", "g3", "g4", "t")
    assert rows["area_id"].tolist() == [getattr(areas, name) for name in numbers]
    assert rows["depth"].tolist() == [0, 1, 2, 2, 1, 2, 2, 0]
    first = rows.set_index("area_id").loc[areas.g1]
    assert (first["head"], first["secretary"]) == ("网格长甲", "书记甲")
    assert (first["buildings"], first["households"]) == (3, 54)
    assert rows["households"].tolist() == [100, 100, 54, 46, 0, 0, 0, 0]
    third = rows.set_index("area_id").loc[areas.g3]
    assert (third["head"], third["secretary"], third["households"]) == (None, None, 0)


def test_outline__a_visitor__no_names(street: SmallStreet) -> None:
    rows = tree.outline(street.actors["visitor"], area_id=street.areas.g1)
    assert rows[["head", "secretary", "depth"]].to_numpy().tolist() == [["", "", 0]]
    assert tree.outline(street.actors["neighbour"], area_id=street.areas.g1).empty


def test_outline__closed_and_planned_areas__on_request(street: SmallStreet) -> None:
    committee, areas = street.actors["street_committee"], street.areas
    close_area(committee, area_id=areas.g1, version=1, day=today() - timedelta(days=1))
    entry = AreaEntry("明年网格", today() + timedelta(days=30))
    planned = add_area(committee, parent_id=areas.c1, level=Level.GRID, entry=entry)
    known = tree.outline(committee, area_id=areas.c1)["area_id"].tolist()
    assert known == [areas.c1, areas.g2]
    shown = tree.outline(committee, area_id=areas.c1, closed=True)["area_id"].tolist()
    assert set(shown) == {areas.c1, areas.g1, areas.g2, planned}


def test_standing__what_an_area_still_holds(street: SmallStreet) -> None:
    committee = street.actors["street_committee"]
    service_given(street, street.areas.g1)
    one = tree.standing(committee, area_id=street.areas.g1).iloc[0]
    assert one.tolist() == [0, 5, 3, 1]
    assert tree.standing(committee, area_id=street.areas.c1).iloc[0].tolist() == [2, 0, 0, 0]
    nothing = tree.standing(street.actors["neighbour"], area_id=street.areas.g1).iloc[0]
    assert nothing.tolist() == [0, 0, 0, 0]


def test_offices__of_a_grid(street: SmallStreet) -> None:
    rows = offices.of_grid(street.actors["grid_secretary"], area_id=street.areas.g1)
    assert tuple(rows.columns) == offices.OFFICE_COLUMNS
    assert rows["office"].tolist() == [
        *["post"] * 2,
        "branch",
        *["building_group"] * 2,
        *["centre_household"] * 3,
    ]
    held = [True, False, True, True, False, True, True, False]
    assert [number is not None for number in rows["appointment_id"]] == held
    assert rows["person"].tolist()[:4] == ["网格长甲", "", "书记甲", "组长甲"]
    assert rows["since"].tolist()[0] == OPENED
    seen = offices.of_grid(street.actors["visitor"], area_id=street.areas.g1)
    assert set(seen["person"]) == {""}
    assert offices.of_grid(street.actors["neighbour"], area_id=street.areas.g1).empty


def test_offices__by_grid(street: SmallStreet) -> None:
    rows = offices.by_grid(street.actors["street_committee"], area_id=None)
    assert rows.drop(columns=["name_zh", "name_en", "code"]).to_numpy().tolist() == [
        [street.areas.g1, 1, 2, 3, 2, 3],
        [street.areas.g2, 0, 0, 0, 1, 1],
        [street.areas.g3, 1, 0, 0, 0, 1],
    ]
    assert offices.by_grid(street.actors["neighbour"], area_id=None)["area_id"].tolist() == [
        street.areas.g3
    ]


def test_terms__who_held_it_when(street: SmallStreet) -> None:
    admin, grid = street.actors["administrator"], street.areas.g1
    post = offices.of_grid(admin, area_id=grid).iloc[0]
    day = date(2026, 4, 1)
    hand_over(
        admin,
        appointment_id=int(post["appointment_id"]),
        holder=Holder(street.people["qin"]),
        day=day,
        until=date(2029, 4, 1),
    )
    asked = {"office": Office.POST, "office_id": int(post["office_id"])}
    rows = offices.terms(admin, **asked)
    assert rows.drop(columns="appointment_id").to_numpy().tolist() == [
        ["秦望", day, date(2029, 4, 1), None],
        ["网格长甲", OPENED, None, date(2026, 3, 31)],
    ]
    assert offices.terms(street.actors["visitor"], **asked)["person"].tolist() == ["", ""]
    assert offices.terms(street.actors["neighbour"], **asked).empty


def test_takers__of_the_street_and_within_reach(street: SmallStreet) -> None:
    areas = street.areas
    with Writes.begin() as session:
        session.add(Person(name="周一诺", area_id=areas.t, consented_on=OPENED))

    def found(who: str, text: str) -> list[int]:
        rows = offices.takers(street.actors[who], text=text, area_id=areas.g2)
        return rows["person_id"].tolist()

    people = street.people
    assert found("administrator", "一诺") == [people["namesake"], people["zhou"]]
    assert found("street_committee", " 秦 ") == [people["qin"]]
    assert found("community_secretary", "秦") == []
    assert found("grid_secretary", "周一诺") == [people["zhou"]]
    for nobody in ("unit_liaison", "volunteer", "visitor"):
        assert found(nobody, "周一诺") == []
    for text in ("", " ", "%", "_", "名" * 10_000, "<b>"):
        assert found("administrator", text) == []


def test_buildings_and_estates(street: SmallStreet) -> None:
    secretary, areas = street.actors["community_secretary"], street.areas
    rows = buildings.buildings(secretary, area_id=areas.c1)
    assert rows["label"].tolist() == ["1号楼", "2号楼", "3号楼", "4号楼"]
    assert rows["centres"].tolist() == [1, 1, 1, 0]
    assert set(rows["estate_zh"]) == {"柳岸小区"}
    homes = buildings.estates(secretary, area_id=areas.g2)
    assert homes["area_ids"].tolist() == [frozenset({areas.g1, areas.g2})]
    assert homes["buildings"].tolist() == [4]
    grid = buildings.estates(street.actors["grid_secretary"], area_id=None)
    assert grid[["area_ids", "buildings"]].to_numpy().tolist() == [[frozenset({areas.g1}), 3]]
    assert buildings.buildings(street.actors["neighbour"], area_id=None).empty
    assert buildings.estates(street.actors["neighbour"], area_id=None).empty


def test_history__of_an_area_its_offices_and_buildings(street: SmallStreet) -> None:
    admin, areas = street.actors["administrator"], street.areas
    entry = AreaEntry("新名网格", OPENED, code="310109001001001")
    edit_area(admin, area_id=areas.g1, version=1, entry=entry)
    vacant = offices.of_grid(admin, area_id=areas.g1).iloc[1]
    appoint(
        admin,
        office=Office.POST,
        office_id=int(vacant["office_id"]),
        holder=Holder(street.people["lin"]),
        since=OPENED,
    )
    building = BuildingEntry("9号楼", areas.g1, 12, OPENED, "入户统计")
    add_building(admin, entry=building)
    add_building(admin, entry=replace(building, area_id=areas.g3))
    rows = history.of_area(admin, area_id=areas.g1)
    assert rows["action"].tolist() == ["building.add", "office.appoint", "area.edit"]
    assert rows["changes"].tolist()[2] == {"name_zh": ["第1网格", "新名网格"]}
    assert rows["changes"].tolist()[1]["person_id"] is None
    assert set(rows["who_zh"]) == {"账号administrator"}
    post = ("post", int(vacant["office_id"]))
    only = history.of_area(admin, area_id=areas.g1, subject=post)
    assert only["action"].tolist() == ["office.appoint"]
    assert history.of_area(admin, area_id=areas.g3, subject=post).empty
    for who in EDITORS:
        assert len(history.of_area(street.actors[who], area_id=areas.g1)) == 3
    for who in ("unit_liaison", "volunteer", "visitor", "neighbour"):
        assert history.of_area(street.actors[who], area_id=areas.g1).empty


def test_history__a_number_given_again__begins_anew(street: SmallStreet) -> None:
    admin, grid = street.actors["administrator"], street.areas.g4
    entry = BuildingEntry("甲楼", grid, 12, OPENED, "入户统计")
    first = add_building(admin, entry=entry)
    remove_building(admin, building_id=first, version=1)
    add_building(admin, entry=replace(entry, label="乙楼"))
    rows = history.of_area(admin, area_id=grid)
    assert rows[["action", "label"]].to_numpy().tolist() == [["building.add", "乙楼"]]
