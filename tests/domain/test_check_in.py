"""A pasted list of members: what is read, and what is told to be wrong."""

import pytest

from lib.domain.check_in import MANY_MAX, parse_members


def test_parse_members__names_and_numbers_by_comma_or_tab() -> None:
    members, problems = parse_members("余安，0012-003\n\n 何文\tA 7 \n秦望\n")
    assert members == [("余安", "0012-003"), ("何文", "A 7"), ("秦望", "")]
    assert problems == []


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("长" * 61, "problem.bad_name"),
        ("，A-1", "problem.bad_name"),
        ("余安," + "9" * 41, "problem.bad_name"),
        ("余安,A-1\n何文,A-1", "problem.twice"),
        ("余安\n" * (MANY_MAX + 1), "problem.too_many_members"),
    ],
)
def test_parse_members__what_is_wrong_is_named(pasted: str, code: str) -> None:
    assert [problem.code for problem in parse_members(pasted)[1]] == [code]
