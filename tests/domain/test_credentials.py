"""Names that look alike, passwords that will not do, and codes read from paper."""

import pytest

from lib.domain.credentials import (
    account_name,
    appearance,
    code_digest,
    fit_name,
    fit_password,
    new_code,
)
from lib.domain.errors import Refusal
from lib.services.passwords import common_passwords, product_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("li", "li"),
        ("Wang.Wei-2", "wang.wei-2"),
        ("王站长", "王站长"),
        ("ｌｉ", "li"),
        ("li@street.example", "li@street.example"),
        (" li ", "li"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
    ],
)
def test_fit_name__one_form(typed: str, kept: str) -> None:
    assert fit_name(typed) == kept
    assert account_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "l i",
        "-li",
        "li\u202e",
        "li\x00",
        "li\u200b",
        "аdmin",  # Cyrillic a
        "αdmin",
        "ad‐min",
        "<b>li</b>",
        "li'; drop table account; --",
        "x" * 65,
        "x" * 10_000,
        "㋿" * 64,
    ],
)
def test_fit_name__unfit__refused(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        fit_name(typed)
    assert caught.value.code == "account.name_unfit"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "ADMIN"),
        ("admin", "ａｄｍｉｎ"),
        ("li1", "lil"),
        ("bo", "b0"),
        ("morn", "mom"),
        ("王土", "王士"),
        ("戶口", "戸囗"),
        ("clerk", "derk"),
    ],
)
def test_appearance__taken_for_one_another__the_same(one: str, other: str) -> None:
    assert appearance(one) == appearance(other)


@pytest.mark.parametrize(
    ("one", "other"), [("li", "lin"), ("王伟", "王玮"), ("wang1", "wang2"), ("a.b", "a-b")]
)
def test_appearance__told_apart__differs(one: str, other: str) -> None:
    assert appearance(one) != appearance(other)


@pytest.mark.parametrize(
    "typed",
    [
        "correct horse battery",
        "一二三四五，上山打老虎，老虎没打到",
        "               \u3000nur Leerraum?",
        "🐯🐻🦊🐼🐨🐸🐵🐔🐧🐦🐤🦆🦅🦉🦇",
        "x\x00y" + "z0" * 10 + "!",
        "ab" * 3 + "long tail of words" * 50,
    ],
)
def test_fit_password__any_signs__kept(typed: str) -> None:
    assert fit_password(typed, name="li", common=common_passwords())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "short"),
        ("fourteen chars", "short"),
        ("x" * 1025, "long"),
        ("x" * 10_000, "long"),
        ("1" * 20, "common"),
        ("1234567890123456", "common"),
        ("9876543210987654", "common"),
        ("abcdefghijklmnop", "common"),
        ("passwordpassword", "common"),
        ("Password12345678", "common"),
        ("abcabcabcabcabcabc", "common"),
        ("shuzhang is my account", "telling"),
        ("my Shu.Zhang account", "telling"),
        ("this governance matters", "telling"),
        ("我爱邻里治理一张图，天天都要用它", "telling"),
    ],
)
def test_fit_password__unfit__says_why(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        fit_password(typed, name="shuzhang", common=common_passwords(), product=product_words())
    assert caught.value.code == f"account.password_{code}"


def test_fit_password__shorter_by_setting__the_list_still_holds() -> None:
    assert fit_password("tr0mbone", name="li", common=common_passwords(), least=8)
    with pytest.raises(Refusal) as caught:
        fit_password("Iloveyou", name="li", common=common_passwords(), least=8)
    assert caught.value.code == "account.password_common"


def test_common_passwords__the_ten_thousand_and_more() -> None:
    assert len(common_passwords()) > 10_000
    assert {"123456", "password", "qwerty", "iloveyou"} <= common_passwords()


def test_code__copied_from_paper__the_same() -> None:
    code = new_code()
    assert len(code) == 19
    assert code_digest(code) == code_digest(f" {code.upper().replace('-', ' ')} ")
    assert code_digest("O0Il") == code_digest("0011")
    assert new_code() != code
