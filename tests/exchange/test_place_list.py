"""Lists of communities and grids as offices have them, and as they should not be."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.errors import Refusal
from lib.domain.place_list import LINES_MAX
from lib.exchange.place_list import read_file, read_text
from tests.exchange.files import book

TWO = [("石桥社区", "第1网格"), ("石桥社区", "第2网格")]


def pairs(text: str) -> list[tuple[str, str]]:
    listed = read_text(text)
    assert listed.problems == ()
    return [(place.community, place.grid) for place in listed.places]


@pytest.mark.parametrize(
    "text",
    [
        "石桥社区\t第1网格\n石桥社区\t第2网格",
        "石桥社区\t第1网格\n\t第2网格",
        "石桥社区，第1网格\n石桥社区、第2网格",
        "石桥社区,第1网格\r\n石桥社区；第2网格\r\n",
        "社区\t网格\n石桥社区\t第1网格\t\n\n石桥社区\t第2网格\n",
        "Community, Grid\n石桥社区 第1网格\n　石桥社区　　第2网格\n".replace("\n　石", "\n石"),
        "石桥社区\t第1网格\n石桥社区\u200b\t 第2网格 \ufeff",
    ],
)
def test_read__however_it_is_written(text: str) -> None:
    assert pairs(text) == TWO


def test_read__community_alone_repeated_and_english() -> None:
    listed = read_text("Stone Bridge\nStone Bridge, Grid 1\nStone Bridge, Grid 1\n")
    assert [(p.line, p.community, p.grid) for p in listed.places] == [
        (1, "Stone Bridge", ""),
        (2, "Stone Bridge", "Grid 1"),
    ]
    assert listed.repeated == 1


def test_read__markup_is_a_name_like_any_other() -> None:
    assert pairs("<b>石桥</b>\t<script>") == [("<b>石桥</b>", "<script>")]


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("\n\t第1网格", 2, "problem.no_community"),
        ("，第1网格\n石桥社区，第1网格", 1, "problem.no_community"),
        ("石桥社区\t第1网格\t林小满", 1, "problem.two_names"),
        ("石桥社区\n" + "桥" * 10_000, 2, "problem.too_long"),
        ("石桥社区\t" + "桥" * 201, 1, "problem.too_long"),
    ],
)
def test_read__what_will_not_do__is_told_by_line(text: str, number: int, code: str) -> None:
    (problem,) = read_text(text).problems
    assert (problem.line, problem.problem.code) == (number, code)


def test_read__too_many_lines__refused() -> None:
    assert len(read_text("\n".join(f"社区{n}" for n in range(LINES_MAX))).places) == LINES_MAX
    with pytest.raises(Refusal) as caught:
        read_text("桥\n" * (LINES_MAX + 1))
    assert caught.value.code == "placelist.too_long"


@given(st.text())
def test_read__any_text__is_no_fault(text: str) -> None:
    listed = read_text(text)
    assert all(place.community for place in listed.places)
    assert len({(p.community, p.grid) for p in listed.places}) == len(listed.places)


def test_read_file__workbook_with_a_head() -> None:
    file = io.BytesIO(book([("社区", "网格"), ("石桥社区", "第1网格"), (None, "第2网格")]))
    listed = read_file(file, "名单.xlsx")
    assert [(place.community, place.grid) for place in listed.places] == TWO


def test_read_file__gb18030_text() -> None:
    file = io.BytesIO("石桥社区,第1网格\n石桥社区,第2网格\n".encode("gb18030"))
    assert [(p.community, p.grid) for p in read_file(file, "名单.csv").places] == TWO
