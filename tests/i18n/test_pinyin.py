import pytest

from lib.i18n.pinyin import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("石桥社区", "sqsq"),
        ("石桥第3网格", "sqd3wg"),
        ("Tower B 大厦", "towerbds"),
        ("重庆路12号", "cql12h"),
        ("ＡＢＣ中心", "abczx"),
        ("《荷汀》·公园", "htgy"),
        ("𠮷祥里", "xl"),
        ("", ""),
    ],
)
def test_initials__first_letters_and_what_is_latin(name: str, letters: str) -> None:
    assert initials(name) == letters
