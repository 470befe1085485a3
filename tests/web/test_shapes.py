import gzip
import json

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from lib.domain.permissions import Actor, Role
from lib.persistence.engine import Writes
from lib.persistence.models import Area, AreaPicture, Ground
from lib.queries import areas, ground
from lib.queries.sessions import actor_of
from lib.services.sessions import COOKIE, open_session
from tests.web.conftest import PASSWORD, add_account

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def actor(token: str) -> Actor:
    found = actor_of(token)
    assert found is not None
    return found


def address(token: str, root_id: int) -> str:
    version = areas.shapes_version(actor(token), root_id=root_id or None)
    return f"/map/shapes/{root_id}-{version}.json"


def names(body: bytes) -> set[str]:
    return {feature["properties"]["name_en"].split()[0] for feature in json.loads(body)["features"]}


def signed_in_as(browser: TestClient, role: Role, area_id: int | None) -> str:
    add_account(f"an {role}", role, area_id, password=PASSWORD)
    token = open_session(f"an {role}", PASSWORD)
    assert token is not None
    browser.cookies.set(COOKIE, token)
    return token


def test_shapes__own_area__kept_for_long_by_this_browser_only(
    signed_in: TestClient, shu: str, tree: dict[str, int]
) -> None:
    answer = signed_in.get(address(shu, tree["community"]))
    assert answer.status_code == 200
    assert names(answer.content) == {"Community", "Grid"}
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding, Cookie"


def test_shapes__whole_tree__only_what_the_actor_sees(
    signed_in: TestClient, shu: str, tree: dict[str, int]
) -> None:
    assert names(signed_in.get(address(shu, 0)).content) == {"Community", "Grid"}
    administrator = signed_in_as(signed_in, Role.ADMINISTRATOR, None)
    seen = names(signed_in.get(address(administrator, 0)).content)
    assert seen == {"Street", "Other", "Community", "Grid"}


def test_tiles__own_area__every_leaf_a_rectangle(
    signed_in: TestClient, shu: str, tree: dict[str, int]
) -> None:
    where = address(shu, tree["community"])
    answer = signed_in.get(where.replace("/shapes/", "/tiles/"))
    assert names(answer.content) == {"Community", "Grid"}
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.content != signed_in.get(where).content
    assert signed_in.get(f"/map/tiles/{tree['street']}-x.json").status_code == 404


def test_shapes__an_auditor__sees_no_area_at_all(
    signed_in: TestClient, tree: dict[str, int]
) -> None:
    auditor = signed_in_as(signed_in, Role.AUDITOR, None)
    assert names(signed_in.get(address(auditor, 0)).content) == set()
    for kind in ("shapes", "tiles"):
        assert signed_in.get(f"/map/{kind}/{tree['grid']}-x.json").status_code == 404


@pytest.mark.parametrize("root", ["street", "other"])
def test_shapes__beyond_the_scope__do_not_exist(
    signed_in: TestClient, tree: dict[str, int], root: str
) -> None:
    answer = signed_in.get(f"/map/shapes/{tree[root]}-x.json")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["999999-x.json", "x-x.json", "-1-x.json", "1.json", "1-x"])
def test_shapes__no_such_area__do_not_exist(browser: TestClient, tree: object, path: str) -> None:
    signed_in_as(browser, Role.ADMINISTRATOR, None)
    answer = browser.get(f"/map/shapes/{path}")
    assert answer.status_code == 404 or answer.text.startswith("inside")
    assert "FeatureCollection" not in answer.text


def test_shapes__known_to_the_browser__304(
    signed_in: TestClient, shu: str, tree: dict[str, int]
) -> None:
    where = address(shu, tree["community"])
    etag = signed_in.get(where).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        answer = signed_in.get(where, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    assert signed_in.get(where, headers={"If-None-Match": '"other"'}).status_code == 200


def test_shapes__without_gzip__plain(signed_in: TestClient, shu: str, tree: dict[str, int]) -> None:
    where = address(shu, tree["community"])
    answer = signed_in.get(where, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert names(answer.content) == {"Community", "Grid"}


def test_shapes__version_that_has_passed__present_ones_to_be_kept_by_nobody(
    signed_in: TestClient, shu: str, tree: dict[str, int]
) -> None:
    old = address(shu, tree["community"])
    assert names(signed_in.get(old).content) == {"Community", "Grid"}
    with Writes.begin() as session:
        session.execute(update(Area).where(Area.code == "c-grid").values(name_en="New", west=119))
    answer = signed_in.get(old)
    assert names(answer.content) == {"Community", "New"}
    assert answer.headers["cache-control"] == "no-store"


def test_shapes__signed_out__shut(signed_in: TestClient, shu: str, tree: dict[str, int]) -> None:
    where = address(shu, tree["community"])
    assert signed_in.get(where).status_code == 200
    signed_in.post("/session/close")
    assert signed_in.get(where).status_code == 401


@pytest.fixture
def pictures(tree: dict[str, int]) -> dict[str, int]:
    with Writes.begin() as session:
        session.add_all(
            Ground(
                area_id=tree[key],
                theme="light",
                language="zh",
                west=120.0,
                south=30.0,
                east=120.1,
                north=30.1,
                digest=f"d{key}",
                picture=gzip.compress(SVG),
            )
            for key in ("street", "other")
        )
    return tree


def test_ground__under_what_the_actor_sees(
    signed_in: TestClient, shu: str, pictures: dict[str, int]
) -> None:
    found = ground.picture(
        actor(shu), root_id=pictures["grid"], theme="light", language=actor(shu).language
    )
    assert found is not None
    assert found.bounds == ((30.0, 120.0), (30.1, 120.1))
    assert found.url == f"/map/ground/{pictures['street']}/light-zh-dstreet.svg"
    answer = signed_in.get(found.url)
    assert (answer.status_code, answer.content) == (200, SVG)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    known = {"If-None-Match": answer.headers["etag"]}
    assert signed_in.get(found.url, headers=known).status_code == 304


def test_ground__without_a_picture__none(shu: str, tree: dict[str, int]) -> None:
    for theme in ("light", "dark"):
        found = ground.picture(actor(shu), root_id=None, theme=theme, language=actor(shu).language)
        assert found is None


def test_ground__digest_that_has_passed__kept_by_nobody(
    signed_in: TestClient, pictures: dict[str, int]
) -> None:
    answer = signed_in.get(f"/map/ground/{pictures['street']}/light-zh-old.svg")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "rest", ["{other}/light-zh-dother", "{street}/dark-zh-x", "{street}/light-en-x", "0/light-xx-x"]
)
def test_ground__not_the_actors_or_not_there__does_not_exist(
    signed_in: TestClient, pictures: dict[str, int], rest: str
) -> None:
    answer = signed_in.get(f"/map/ground/{rest.format(**pictures)}.svg")
    assert answer.status_code == 404


@pytest.fixture
def wall_map(tree: dict[str, int]) -> int:
    with Writes.begin() as session:
        session.add(
            AreaPicture(
                area_id=tree["community"],
                file_name="wall.png",
                width=2,
                height=1,
                digest="d1",
                picture=b"RIFF plain",
                west=120.0,
                south=30.0,
                east=120.1,
                north=30.1,
                turned_digest="d2",
                turned=b"RIFF turned",
            )
        )
    return tree["community"]


def test_wall_map__for_who_draws_there__kept_by_this_browser_only(
    browser: TestClient, tree: dict[str, int], wall_map: int
) -> None:
    signed_in_as(browser, Role.STREET_COMMITTEE, tree["street"])
    for name, content in (("plain-d1", b"RIFF plain"), ("turned-d2", b"RIFF turned")):
        answer = browser.get(f"/map/picture/{wall_map}/{name}.webp")
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert "sandbox" in answer.headers["content-security-policy"]
        known = {"If-None-Match": answer.headers["etag"]}
        answer = browser.get(f"/map/picture/{wall_map}/{name}.webp", headers=known)
        assert (answer.status_code, answer.content) == (304, b"")
    passed = browser.get(f"/map/picture/{wall_map}/plain-old.webp")
    assert (passed.status_code, passed.headers["cache-control"]) == (200, "no-store")
    assert browser.get(f"/map/picture/{wall_map}/other-d1.webp").status_code == 404


def test_wall_map__others__does_not_exist(
    signed_in: TestClient, browser: TestClient, tree: dict[str, int], wall_map: int
) -> None:
    address = f"/map/picture/{wall_map}/plain-d1.webp"
    assert signed_in.get(address).status_code == 404
    signed_in_as(browser, Role.STREET_COMMITTEE, tree["other"])
    assert browser.get(address).status_code == 404
