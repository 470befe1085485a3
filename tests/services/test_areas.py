import json
from collections.abc import Mapping, Sequence

import pytest
import shapely
from sqlalchemy import Engine, func, select

from lib.domain.errors import NotPermitted, Refusal
from lib.domain.permissions import Role
from lib.domain.vocab import Level, Topic
from lib.exchange.areas import Fields, read_areas
from lib.geo.crs import Crs, geometry_from_wgs84
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Area, AreaLink, AuditEntry, ChangeCounter, Installation
from lib.services.areas import ImportReport, import_areas, link_area
from tests.factories import OPENED, Tree, actor, enrol, plant, square

ADMIN = actor()

FIELDS = Fields(name="name", code="code", source_id="osm_id")


@pytest.fixture(autouse=True)
def _account(database: Engine) -> None:
    enrol()


def feature(shape: shapely.Polygon | None = None, **properties: object) -> dict[str, object]:
    geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def bring(
    features: Sequence[Mapping[str, object]],
    *,
    level: Level = Level.STREET,
    fields: Fields = FIELDS,
    crs: Crs = Crs.WGS84,
    who=ADMIN,
    **options: object,
) -> ImportReport:
    known = {key for one in features for key in one["properties"]}
    fields = Fields(
        fields.name,
        fields.name_en,
        fields.code if fields.code in known else None,
        fields.source_id if fields.source_id in known else None,
    )
    text = json.dumps({"type": "FeatureCollection", "features": list(features)})
    reading = read_areas(text.encode(), fields=fields, level=level, crs=crs)
    return import_areas(who, reading=reading, level=level, source=fields.source_id, **options)


def counts(report: ImportReport) -> tuple[int, int, int, int, bool]:
    return report.added, report.updated, report.unchanged, report.refused, report.written


def said(report: ImportReport) -> set[tuple[int, str]]:
    return {(finding.row, finding.code) for finding in report.errors}


def stored(code: str) -> Area:
    with Reads() as session:
        return session.scalars(select(Area).where(Area.code == code)).one()


def total(model) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model))


TWO = (
    feature(square(0), name="东街街道", osm_id="11"),
    feature(square(1), name="西街街道", osm_id="12"),
)


def test_import__uncoded_roots__local_codes_and_closure(database: Engine) -> None:
    report = bring(TWO)
    assert counts(report) == (2, 0, 0, 0, True)
    east = stored("L000001")
    assert (east.name_zh, east.name_en, east.initials) == ("东街街道", None, "djjd")
    assert (east.level, east.parent_id, east.source_id) == (Level.STREET, None, "11")
    assert (east.west, east.south, east.east, east.north) == pytest.approx(square(0).bounds)
    assert shapely.Point(east.label_lon, east.label_lat).within(square(0))
    with Reads() as session:
        links = session.execute(select(AreaLink.ancestor_id, AreaLink.descendant_id)).all()
        assert {tuple(link) for link in links} == {(1, 1), (2, 2)}
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.changes) == (
            "area.import",
            {"added": [None, 2], "updated": [None, 0]},
        )
        streets = session.scalars(
            select(ChangeCounter.street_id).where(ChangeCounter.topic == Topic.AREAS)
        )
        assert set(streets) == {1, 2}
        assert session.get(Installation, 1).started_on is not None


@pytest.mark.parametrize("drop", ["osm_id", "nothing"])
def test_import__twice__adds_and_writes_nothing(database: Engine, drop: str) -> None:
    features = [
        one | {"properties": {k: v for k, v in one["properties"].items() if k != drop}}
        for one in TWO
    ]
    bring(features)
    before = total(AuditEntry)
    assert counts(bring(features)) == (0, 0, 2, 0, False)
    assert (total(Area), total(AuditEntry)) == (2, before)


def test_import__two_of_one_name_without_ids__twice_adds_nothing(database: Engine) -> None:
    features = [feature(square(n), name="街道") for n in range(2)]
    assert bring(features).added == 2
    assert counts(bring(features)) == (0, 0, 2, 0, False)


def test_import__renamed_with_the_same_source_id__updated(database: Engine) -> None:
    bring(TWO)
    report = bring([feature(square(0), name="东街新街道", osm_id="11", name_en="East")])
    assert counts(report) == (0, 1, 0, 0, True)
    area = stored("L000001")
    assert (area.name_zh, area.name_en, area.initials) == ("东街新街道", "East", "djxjd")
    with Reads() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "area.edit")).one()
    assert entry.subject_id == area.id
    assert entry.changes == {"name_zh": ["东街街道", "东街新街道"], "name_en": [None, "East"]}


def test_import__redrawn__audit_names_the_change_without_coordinates(database: Engine) -> None:
    bring(TWO)
    wider = shapely.box(*square(0).bounds[:3], square(0).bounds[3] + 0.0005)
    assert counts(bring([feature(wider, name="东街街道", osm_id="11")])) == (0, 1, 0, 0, True)
    assert stored("L000001").north == pytest.approx(wider.bounds[3])
    with Reads() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "area.edit")).one()
    assert entry.changes == {"geometry": [None, "changed"]}


def test_import__same_number_other_name_other_place__another_area(database: Engine) -> None:
    bring(TWO)
    assert bring([feature(square(0, 5), name="别处街道", osm_id="11")]).added == 1
    assert stored("L000003").name_zh == "别处街道"


def test_import__file_leaves_shape_and_english_out__kept(database: Engine) -> None:
    bring([feature(square(0), name="东街街道", name_en="East")])
    assert counts(bring([feature(None, name="东街街道")])) == (0, 0, 1, 0, False)
    assert stored("L000001").geometry is not None


def test_import__real_code_later__replaces_the_local_one(database: Engine) -> None:
    bring(TWO)
    report = bring(
        [
            feature(square(0), name="东街街道", osm_id="11", code="310109009000"),
            feature(square(1), name="西街街道", code="310109010"),
        ]
    )
    assert counts(report) == (0, 2, 0, 0, True)
    assert stored("310109009").name_zh == "东街街道"
    assert stored("310109010").source_id == "12"


def test_import__known_source_id_with_another_code__refused(database: Engine) -> None:
    bring([feature(square(0), name="东街街道", osm_id="11", code="310109009")])
    report = bring([feature(square(0), name="东街街道", osm_id="11", code="310109010")])
    assert said(report) == {(1, "areas.code_differs")}
    assert not report.written


def test_import__english_field_named__taken(database: Engine) -> None:
    fields = Fields(name="name", name_en="label")
    assert bring([feature(None, name="东街街道", label="East")], fields=fields).written
    assert stored("L000001").name_en == "East"
    absent = bring([feature(None, name="东街街道", other="East")], fields=fields)
    assert said(absent) == {(0, "boundary.field_absent")}


def test_import__below_a_parent__closure_to_the_top(database: Engine) -> None:
    tree = plant()
    report = bring([feature(None, name="第9网格")], level=Level.GRID, parent_code="310109001002")
    assert report.written
    grid = stored("L000001")
    assert grid.parent_id == tree.c2
    with Reads() as session:
        above = session.scalars(
            select(AreaLink.ancestor_id).where(AreaLink.descendant_id == grid.id)
        )
        assert set(above) == {tree.s, tree.c2, grid.id}
        moved = session.scalars(select(ChangeCounter.street_id))
        assert set(moved) == {tree.s}


def test_import__unknown_closed_or_narrow_parent__refused(database: Engine) -> None:
    plant()
    with Writes.begin() as session:
        session.scalars(select(Area).where(Area.code == "310109002")).one().valid_until = OPENED
    grid = [feature(None, name="第9网格")]
    for code in ("nowhere", "310109002"):
        with pytest.raises(Refusal) as caught:
            bring(grid, level=Level.GRID, parent_code=code)
        assert caught.value.code == "areas.unknown_parent"
    with pytest.raises(Refusal) as caught:
        bring(grid, level=Level.STREET, parent_code="310109001")
    assert caught.value.code == "areas.level_not_below"


@pytest.mark.parametrize("dry_run", [True, False])
def test_import_permissions__other_roles_and_other_places__refused(
    database: Engine, dry_run: bool
) -> None:
    tree = plant()
    for who in (actor(Role.COMMUNITY_SECRETARY, tree.s), actor(Role.STREET_COMMITTEE, tree.t)):
        with pytest.raises(NotPermitted):
            bring(
                [feature(None, name="新社区")],
                level=Level.COMMUNITY,
                parent_code="310109001",
                who=who,
                dry_run=dry_run,
            )
    with pytest.raises(NotPermitted):
        bring(TWO, who=actor(Role.ADMINISTRATOR, tree.s), dry_run=dry_run)


def test_import__dry_run__says_all_and_writes_nothing(database: Engine) -> None:
    assert counts(bring(TWO, dry_run=True)) == (2, 0, 0, 0, False)
    assert (total(Area), total(AuditEntry)) == (0, 0)


CROSSED = shapely.Polygon([(121.5, 31.2), (121.51, 31.21), (121.51, 31.2), (121.5, 31.21)])


def test_import__one_bad_row__all_or_nothing_unless_skipped(database: Engine) -> None:
    features = [*TWO, feature(CROSSED, name="坏街道", osm_id="13")]
    report = bring(features)
    assert counts(report) == (2, 0, 0, 1, False)
    assert said(report) == {(3, "boundary.self_intersection")}
    assert total(Area) == 0
    assert counts(bring(features, skip_bad=True)) == (2, 0, 0, 1, True)
    assert total(Area) == 2


def test_import__code_of_another_place__refused(database: Engine) -> None:
    plant()
    report = bring([feature(None, name="别的街道", code="310109001001")])
    assert said(report) == {(1, "areas.code_elsewhere")}
    long = bring([feature(None, name="别的街道", code="9" * 30)])
    assert said(long) == {(1, "areas.code_long")}
    twice = bring([feature(None, name=name, code="310109003") for name in ("甲", "乙")])
    assert said(twice) == {(2, "boundary.code_repeated")}
    assert total(Area) == 8


def test_import__grid_outside_its_community__refused(database: Engine) -> None:
    plant()
    report = bring(
        [feature(square(2.9, 1), name="第9网格")], level=Level.GRID, parent_code="310109001002"
    )
    assert said(report) == {(1, "boundary.outside_parent")}
    over = bring([feature(square(2), name="第9网格")], level=Level.GRID, parent_code="310109001002")
    assert said(over) == {(1, "boundary.overlaps_siblings")}


def shifted(shape: shapely.Polygon) -> shapely.Polygon:
    return geometry_from_wgs84(shape, Crs.GCJ02)


def test_import__gcj02_taken_for_wgs84_below_a_parent__told_which(database: Engine) -> None:
    plant()
    with Writes.begin() as session:
        for area in session.scalars(select(Area).where(Area.level == Level.GRID)):
            area.valid_until = OPENED
    grids = [feature(shifted(square(n)), name=f"新{n}网格") for n in (2, 3)]
    options = {"level": Level.GRID, "parent_code": "310109001002"}
    report = bring(grids, **options, skip_bad=True)
    whole = next(finding for finding in report.errors if finding.row == 0)
    assert whole.code == "boundary.outside_parent_other_crs"
    assert whole.values["crs"] == "GCJ-02"
    assert whole.values["metres"] > 200
    assert counts(report) == (0, 0, 0, 2, False)
    assert bring(grids, **options, crs=Crs.GCJ02).added == 2


def test_import__gcj02_copy_of_what_is_there__told_by_how_much(database: Engine) -> None:
    bring(TWO)
    copy = [
        feature(shifted(square(n)), name=one["properties"]["name"]) for n, one in enumerate(TWO)
    ]
    report = bring(copy)
    assert said(report) == {(1, "boundary.moved_other_crs"), (2, "boundary.moved_other_crs")}
    assert all(finding.values["metres"] > 200 for finding in report.errors)
    again = bring(copy, crs=Crs.GCJ02)
    assert not again.errors
    assert again.added == 0


def test_import__markup_emoji_rare_characters__kept_as_text(database: Engine) -> None:
    names = ["<b>街道</b>", "😀街道", "𠮷䶮街道"]
    assert bring([feature(None, name=name) for name in names]).written
    with Reads() as session:
        assert list(session.scalars(select(Area.name_zh).order_by(Area.id))) == names
    assert not bring([feature(None, name="长" * 10_000)]).written


def test_import__no_features__said_of_the_file(database: Engine) -> None:
    report = bring([])
    assert said(report) == {(0, "boundary.no_features")}
    assert counts(report) == (0, 0, 0, 0, False)


def test_import__progress__told_by_stage(database: Engine) -> None:
    heard: list[tuple[str, float]] = []
    bring(TWO, progress=lambda stage, part: heard.append((stage, part)))
    assert heard[0] == ("areas.stage_compare", 0)
    assert heard[-1] == ("areas.stage_write", 1)


def test_link_area__new_area__reaches_from_all_above(database: Engine) -> None:
    tree: Tree = plant()
    with Writes.begin() as session:
        area = Area(
            code="x",
            level=Level.GRID,
            name_zh="新网格",
            initials="xwg",
            parent_id=tree.c1,
            valid_from=OPENED,
        )
        session.add(area)
        link_area(session, area)
        above = session.scalars(
            select(AreaLink.ancestor_id).where(AreaLink.descendant_id == area.id)
        )
        assert set(above) == {tree.s, tree.c1, area.id}
