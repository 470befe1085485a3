import pytest

from lib.domain.text import clean, line, required, too_long


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  石桥  ", "石桥"),
        ("𠮷祥里 䶮", "𠮷祥里 䶮"),
        ("👩‍👧‍👦🏳️‍🌈", "👩‍👧‍👦🏳️‍🌈"),
        ("<script>alert(1)</script> & \"'", "<script>alert(1)</script> & \"'"),
        ("一行\n二行\t格", "一行\n二行\t格"),
        ("a\x00b\x07c\u200bd\u202ee\ufefff\x7f", "abcdef"),
        ("e\u0301", "é"),
        (None, ""),
    ],
)
def test_clean__what_is_kept(typed: str | None, kept: str) -> None:
    assert clean(typed) == kept


def test_line__one_line_one_space() -> None:
    assert line(" 石桥 \n\t 社区　甲 ") == "石桥 社区 甲"


@pytest.mark.parametrize(
    ("text", "code"), [("", "problem.missing"), ("长" * 201, "problem.too_long")]
)
def test_required(text: str, code: str) -> None:
    assert [problem.code for problem in required("name_zh", text)] == [code]


def test_too_long__says_how_long_and_how_long_it_may_be() -> None:
    assert too_long("note", "长" * 10, 10) == []
    (problem,) = too_long("note", "长" * 10_000, 2000)
    assert (problem.field, problem.values) == ("note", {"n": 10_000, "limit": 2000})
