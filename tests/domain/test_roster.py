"""Pasted names: what is understood, what is refused, and that nothing is ever invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.roster import RosterLine, parse_roster
from lib.domain.text import line

SEPARATORS = "\n\r\t,，、;；:： "


def codes(problems: list) -> list[str]:
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("林小满\n周一诺", [("林小满", 60), ("周一诺", 60)]),
        (
            "林小满、周一诺，秦望;石新；江雨,安可",
            [(n, 60) for n in ["林小满", "周一诺", "秦望", "石新", "江雨", "安可"]],
        ),
        ("林小满 90", [("林小满", 90)]),
        (
            "林小满：90分钟\n周一诺: 45 min\n秦望 30分",
            [("林小满", 90), ("周一诺", 45), ("秦望", 30)],
        ),
        ("林小满\t90\r\n周一诺\t45\r\n", [("林小满", 90), ("周一诺", 45)]),
        ("Lin Xiaoman 90\nLin Xiaoman Junior", [("Lin Xiaoman", 90), ("Lin Xiaoman Junior", 60)]),
        ("  林小满  \n\n\n　周一诺　", [("林小满", 60), ("周一诺", 60)]),
        ("𠮷田䶮\n<b>林</b>", [("𠮷田䶮", 60), ("<b>林</b>", 60)]),
        ("林小满2", [("林小满2", 60)]),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_parse_roster__understood(pasted: str, expected: list[tuple[str, int]]) -> None:
    lines, problems = parse_roster(pasted, 60)
    assert lines == [RosterLine(name, minutes) for name, minutes in expected]
    assert problems == []


@pytest.mark.parametrize("minutes", ["0", "-5", "961", "99999999999", "1.5", "1..2", "."])
def test_parse_roster__impossible_minutes__named_and_left_out(minutes: str) -> None:
    lines, problems = parse_roster(f"林小满 {minutes}\n周一诺 960\n秦望 1", 60)
    assert lines == [RosterLine("周一诺", 960), RosterLine("秦望", 1)]
    assert codes(problems) == ["problem.minutes_of"]
    assert problems[0].field == "minutes"
    assert problems[0].values == {"name": "林小满", "limit": 960}


def test_parse_roster__minutes_that_are_no_number__stay_with_the_name() -> None:
    lines, problems = parse_roster("林小满 九十", 60)
    assert lines == [RosterLine("林小满 九十", 60)]
    assert problems == []


@pytest.mark.parametrize("minutes", [0, -1, 961])
def test_parse_roster__default_minutes_impossible__every_line_without_own(minutes: int) -> None:
    lines, problems = parse_roster("林小满\n周一诺 30", minutes)
    assert lines == [RosterLine("周一诺", 30)]
    assert codes(problems) == ["problem.minutes_of"]


def test_parse_roster__a_name_twice__once_and_said() -> None:
    lines, problems = parse_roster("林小满 30\n周一诺\n林小满 90", 60)
    assert lines == [RosterLine("林小满", 30), RosterLine("周一诺", 60)]
    assert codes(problems) == ["problem.twice"]
    assert problems[0].values == {"name": "林小满"}


def test_parse_roster__no_name_at_all__said() -> None:
    lines, problems = parse_roster("：90\n" + "长" * 61, 60)
    assert lines == []
    assert codes(problems) == ["problem.bad_name", "problem.bad_name"]


@pytest.mark.parametrize(("n", "expected"), [(300, []), (301, ["problem.too_many"])])
def test_parse_roster__a_whole_company(n: int, expected: list[str]) -> None:
    lines, problems = parse_roster("\n".join(f"志愿者{i}" for i in range(n)), 60)
    assert len(lines) == n
    assert codes(problems) == expected


@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from(SEPARATORS + "0123456789.+-分钟min\u200b\u202e<>&王小"),
            st.characters(exclude_categories=["Cs"]),
        )
    ),
    st.integers(),
)
def test_parse_roster__any_text__never_raises_and_never_invents(pasted: str, minutes: int) -> None:
    lines, _ = parse_roster(pasted, minutes)
    there = line(pasted)
    assert all(one.name and one.name in there for one in lines)
    assert all(one.name == one.name.strip() and len(one.name) <= 60 for one in lines)
    assert all(1 <= one.minutes <= 960 for one in lines)
    assert len({one.name for one in lines}) == len(lines)


@pytest.mark.parametrize("filling", [":", ": ", " 1", "长", "-", "."])
def test_parse_roster__a_line_without_end__refused_without_searching_it(filling: str) -> None:
    lines, problems = parse_roster(filling * 200_000 + "x", 60)
    assert lines == []
    assert codes(problems) == ["problem.bad_name"]
    assert len(problems[0].values["name"]) <= 30
