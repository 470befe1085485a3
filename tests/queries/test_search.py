from datetime import date

import pytest
from sqlalchemy import Engine

from lib.domain.permissions import Role
from lib.domain.vocab import Net, ServiceKind, UnitKind
from lib.persistence.engine import Writes
from lib.persistence.models import Organisation, Team
from lib.queries.search import SEARCH_COLUMNS, find
from tests.factories import Tree, actor, plant

ADMIN = actor()


@pytest.fixture
def tree(database: Engine) -> Tree:
    tree = plant()
    with Writes.begin() as session:
        for name, english, area_id, closed in (
            ("石桥小学", "Long Bridge School", tree.g1, None),
            ("100%_折扣店", None, tree.g3, None),
            ("石桥旧厂", None, tree.g1, date(2024, 1, 1)),
        ):
            session.add(
                Organisation(
                    name_zh=name,
                    name_en=english,
                    initials={"石": "sqxx", "1": "100zkd"}[name[0]],
                    kind=UnitKind.SCHOOL,
                    net=Net.ADMINISTRATIVE,
                    area_id=area_id,
                    closed_on=closed,
                )
            )
        session.add(
            Team(
                name_zh="大石桥巡防队", initials="dsqxfd", kind=ServiceKind.PATROL, area_id=tree.c1
            )
        )
    return tree


def names(text: str, who=ADMIN, limit: int = 20) -> list[str]:
    return find(who, text=text, limit=limit)["name_zh"].tolist()


def test_find__name__beginnings_before_the_rest(tree: Tree) -> None:
    found = find(ADMIN, text="石桥")
    assert tuple(found.columns) == SEARCH_COLUMNS
    assert found["name_zh"].tolist() == ["石桥社区", "石桥小学", "大石桥巡防队"]
    assert found["kind"].tolist() == ["area", "unit", "team"]
    assert found["where_zh"].tolist() == ["临江街道", "第1网格", "石桥社区"]
    assert found["where_en"].tolist() == ["Linjiang", None, None]
    assert found["level"].tolist() == ["community", None, None]


def test_find__exact_name__first(tree: Tree) -> None:
    assert names("大石桥巡防队") == ["大石桥巡防队"]
    assert names("第2网格") == ["第2网格"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqsq", ["石桥社区"]),
        ("SQSQ", ["石桥社区"]),
        ("  LINJIANG ", ["临江街道"]),
        ("bridge", ["石桥小学"]),
        ("310109002", ["望海街道"]),
        ("%", ["100%_折扣店"]),
        ("_", ["100%_折扣店"]),
        ("\\", []),
        ("' or 1=1 --", []),
        ("", []),
        ("长" * 10_000, []),
        ("𠮷䶮😀", []),
    ],
)
def test_find__text__what_it_means(tree: Tree, text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_find__code_prefix__areas_below(tree: Tree) -> None:
    assert names("3101090010")[:3] == ["石桥社区", "青石社区", "第1网格"]
    assert names("3101090010", limit=1) == ["石桥社区"]


def test_find__scope__nothing_beyond(tree: Tree) -> None:
    assert names("石桥", actor(Role.COMMUNITY_SECRETARY, tree.c2)) == []
    assert names("石桥", actor(Role.GRID_SECRETARY, tree.g1)) == ["石桥小学"]
