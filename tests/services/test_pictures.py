import io

import pytest
from PIL import Image
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import Role
from lib.geo.placing import Pin
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry
from lib.queries import drawing
from lib.services.pictures import keep_picture, place_picture, remove_picture
from tests.factories import SOUTH, WEST, Tree, actor, enrol, plant

ADMIN = actor()
PINS = (Pin(0, 100, WEST, SOUTH), Pin(200, 100, WEST + 0.02, SOUTH))


@pytest.fixture
def tree(database: Engine) -> Tree:
    planted = plant()
    enrol()
    return planted


def scan(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 100), colour).save(out, "PNG")
    return out.getvalue()


def keep(area_id: int, colour: str = "white", who=ADMIN) -> None:
    keep_picture(who, area_id=area_id, file_name="墙图.png", content=scan(colour))


def kept(area_id: int) -> drawing.Kept:
    found = drawing.picture(ADMIN, area_id=area_id)
    assert found is not None
    return found


def test_picture__kept_placed_replaced_removed(tree: Tree) -> None:
    keep(tree.c1)
    first = kept(tree.c1)
    assert (first.width, first.height, first.turned_url, first.bounds) == (200, 100, None, None)
    place_picture(ADMIN, area_id=tree.c1, digest=first.digest, pins=PINS)
    placed = kept(tree.c1)
    assert placed.pins == PINS
    assert placed.bounds is not None
    (south, west), (north, east) = placed.bounds
    assert (south, west) == pytest.approx((SOUTH, WEST), abs=1e-6)
    assert (north, east) == pytest.approx((SOUTH + 0.01 * 0.8587, WEST + 0.02), abs=1e-5)
    plain, turned = (
        drawing.picture_file(ADMIN, area_id=tree.c1, kind=kind) for kind in ("plain", "turned")
    )
    assert plain is not None and turned is not None
    assert plain[0] in placed.url and turned[0] in str(placed.turned_url)
    assert Image.open(io.BytesIO(turned[1])).size == (200, 100)
    keep(tree.c1, "black")
    assert kept(tree.c1).turned_url is None
    assert kept(tree.c1).digest != first.digest
    remove_picture(ADMIN, area_id=tree.c1)
    assert drawing.picture(ADMIN, area_id=tree.c1) is None
    with pytest.raises(NotFound):
        remove_picture(ADMIN, area_id=tree.c1)
    with Reads() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["picture.keep", "picture.place", "picture.keep", "picture.remove"]


def test_picture__of_the_street__serves_its_communities_until_they_have_their_own(
    tree: Tree,
) -> None:
    keep(tree.s)
    assert kept(tree.c1).area_id == tree.s
    keep(tree.c1, "black")
    assert (kept(tree.c1).area_id, kept(tree.c2).area_id) == (tree.c1, tree.s)


def test_place__same_point_twice_or_a_picture_gone_by__refused(tree: Tree) -> None:
    keep(tree.c1)
    digest = kept(tree.c1).digest
    with pytest.raises(Refusal) as caught:
        place_picture(ADMIN, area_id=tree.c1, digest=digest, pins=(PINS[0], PINS[0]))
    assert caught.value.code == "placing.points_close"
    keep(tree.c1, "black")
    with pytest.raises(Refusal) as caught:
        place_picture(ADMIN, area_id=tree.c1, digest=digest, pins=PINS)
    assert caught.value.code == "refusal.changed_meanwhile"
    assert kept(tree.c1).turned_url is None


def test_keep__no_picture__refused_and_the_earlier_one_stays(tree: Tree) -> None:
    keep(tree.c1)
    with pytest.raises(Refusal) as caught:
        keep_picture(ADMIN, area_id=tree.c1, file_name="a.png", content=b"<svg/>")
    assert caught.value.code == "placing.not_picture"
    assert kept(tree.c1).file_name == "墙图.png"


def test_picture_permissions__other_roles_and_places__neither_write_nor_see(tree: Tree) -> None:
    keep(tree.c1)
    for who in (actor(Role.COMMUNITY_SECRETARY, tree.s), actor(Role.STREET_COMMITTEE, tree.t)):
        with pytest.raises(NotPermitted):
            keep(tree.c1, who=who)
        with pytest.raises(NotPermitted):
            remove_picture(who, area_id=tree.c1)
        assert drawing.picture(who, area_id=tree.c1) is None
        assert drawing.picture_file(who, area_id=tree.c1, kind="plain") is None


def test_picture__half_placed__impossible_in_the_database(tree: Tree, database: Engine) -> None:
    keep(tree.c1)
    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(text("update area_picture set west = 1"))
