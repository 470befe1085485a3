"""The catalogue of words: complete, used, and the same in both languages."""

import ast
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from lib.domain import calendar, deadlines, permissions, retention, vocab
from lib.domain.errors import Problem, Refusal
from lib.domain.vocab import Language, ServiceAction, ServiceState
from lib.i18n.glossary import catalogue, named, problem_sentence, say, sentence, word

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
TEMPLATES = sorted((ROOT / "lib").rglob("*.html"))

INTERNAL = {"Topic", "StatusToken", "StateType", "Permission"}
"""Vocabularies that nobody reads."""

SPOKEN = {
    one.__name__: one
    for module in (vocab, permissions, calendar, retention, deadlines)
    for one in vars(module).values()
    if isinstance(one, type)
    and issubclass(one, StrEnum)
    and one is not StrEnum
    and one.__name__ not in INTERNAL
}

IN_THE_TRAIL = {"action", "attempt", "subject"}
"""Sections whose keys the audit trail holds as text; old entries outlive what wrote them."""

KEY = re.compile(r"[A-Za-z]+\.\w+")


@cache
def nodes() -> tuple[ast.AST, ...]:
    return tuple(
        node for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def pattern(node: ast.JoinedStr) -> str:
    """The strings that an f-string may become."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"(\w+)"
        for part in node.values
    )


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def spoken_in(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are keys of words."""
    found = [keyword.value for keyword in call.keywords if keyword.arg == "done"]
    place = {"t": 0, "say": 0, "dialog": 0, "Refusal": 0, "Problem": 1}.get(name_of(call))
    if place is not None and len(call.args) > place:
        found.append(call.args[place])
    return found


def alternatives(argument: ast.expr) -> list[ast.expr]:
    if isinstance(argument, ast.IfExp):
        return [*alternatives(argument.body), *alternatives(argument.orelse)]
    return [argument]


@cache
def said() -> tuple[list[str], list[str]]:
    """Literal keys and patterns of keys that the code says."""
    literal, patterns = [], []
    for node in nodes():
        if not isinstance(node, ast.Call):
            continue
        for one in (a for argument in spoken_in(node) for a in alternatives(argument)):
            if isinstance(one, ast.Constant) and "." in str(one.value):
                literal.append(str(one.value))
            elif isinstance(one, ast.JoinedStr) and isinstance(one.values[0], ast.Constant):
                patterns.append(pattern(one))
    return literal, patterns


def test_said__every_literal_key_exists() -> None:
    literal, patterns = said()
    assert len(literal) > 150
    assert [key for key in literal if key not in catalogue()] == []
    assert [one for one in patterns if not any(re.fullmatch(one, k) for k in catalogue())] == []


def written() -> set[str]:
    """Every string and every name in the code, the places where a part of a key can stand."""
    found = {
        node.value
        for node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found |= {node.id for node in nodes() if isinstance(node, ast.Name)}
    found |= {node.attr for node in nodes() if isinstance(node, ast.Attribute)}
    found |= {str(node.arg) for node in nodes() if isinstance(node, (ast.arg, ast.keyword))}
    found |= {node.name for node in nodes() if isinstance(node, ast.FunctionDef)}
    found |= {
        node.target.id
        for node in nodes()
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return found | {
        words for path in TEMPLATES for words in re.findall(r"[\w.]+", path.read_text("utf-8"))
    }


def test_catalogue__no_unused_key() -> None:
    there = written()
    literal = {text for text in there if KEY.fullmatch(text)}
    # What stops a start is said with words of its own: refusal.x becomes start.x.
    literal |= {key.replace("refusal.", "start.") for key in literal}
    patterns = {pattern(node) for node in nodes() if isinstance(node, ast.JoinedStr)}
    keyed = {one for one in patterns if re.match(r"[A-Za-z]+\\\.", one)}
    parts = {one for one in patterns if re.search("[a-z]{5}", one)} - keyed

    def made(part: str, others: set[str]) -> bool:
        return part in there or any(
            match and all(made(piece, set()) for piece in match.groups())
            for match in (re.fullmatch(one, part) for one in others)
        )

    def used(key: str) -> bool:
        return (
            key in literal
            or key.split(".")[0] in SPOKEN
            or key.split(".")[0] in IN_THE_TRAIL
            or any(
                match and all(made(part, parts) for part in match.groups())
                for match in (re.fullmatch(one, key) for one in keyed)
            )
        )

    assert [key for key in catalogue() if not used(key)] == []


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("key", catalogue())
def test_catalogue__both_languages_hold_the_same_placeholders(key: str) -> None:
    chinese, *english = catalogue()[key]
    assert all(form.strip() for form in (chinese, *english))
    assert all(placeholders(form) == placeholders(chinese) for form in english)
    assert "" not in placeholders(chinese)


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize("language", list(Language))
def test_vocabulary__every_member_has_words_and_no_other(name: str, language: Language) -> None:
    words = [word(member, language) for member in SPOKEN[name]]
    assert all(words)
    assert len(set(words)) == len(words)
    section = {key for key in catalogue() if key.startswith(f"{name}.")}
    assert section == {f"{name}.{member.value}" for member in SPOKEN[name]}


@pytest.mark.parametrize(
    ("zh", "en", "language", "shown"),
    [
        ("石桥社区", "Shiqiao", Language.ZH, "石桥社区"),
        ("石桥社区", "Shiqiao", Language.EN, "Shiqiao"),
        ("石桥社区", None, Language.EN, "石桥社区"),
        ("石桥社区", "", Language.EN, "石桥社区"),
    ],
)
def test_named__a_missing_english_name__falls_back(
    zh: str, en: str | None, language: Language, shown: str
) -> None:
    assert named(zh, en, language) == shown


def test_say__plural_unless_one() -> None:
    assert say("figure.volunteers", Language.EN, n=1) == "1 volunteer"
    assert say("figure.volunteers", Language.EN, n="1") == "1 volunteer"
    assert say("figure.volunteers", Language.EN, n=0) == "0 volunteers"
    assert say("figure.volunteers", Language.ZH, n=1) == "志愿者 1 名"
    with pytest.raises(KeyError):
        say("figure.volunteers", Language.EN)
    with pytest.raises(KeyError):
        say("no.such", Language.EN)


def test_sentence__members_in_words() -> None:
    refusal = Refusal(
        "refusal.wrong_state", state=ServiceState.VOIDED, action=ServiceAction.CONFIRM
    )
    assert sentence(refusal, Language.EN) == (
        "This record is 'Voided' now, so 'Confirm' is no longer possible."
    )
    assert "已作废" in sentence(refusal, Language.ZH)


@pytest.mark.parametrize("language", list(Language))
def test_problem_sentence__names_the_field_and_keeps_what_was_typed(language: Language) -> None:
    problem = Problem("participants", "problem.twice", {"name": "{<b>𠮷}"})
    assert "{<b>𠮷}" in problem_sentence(problem, language)
    assert problem_sentence(problem, language).startswith(say("field.participants", language))


def problems() -> list[tuple[str, str]]:
    """Field and code of every problem the code can name, where both are written down."""
    return [
        (call.args[0].value, call.args[1].value)
        for call in nodes()
        if isinstance(call, ast.Call)
        and name_of(call) == "Problem"
        and all(isinstance(argument, ast.Constant) for argument in call.args[:2])
    ]


def test_problems__every_field_has_a_name() -> None:
    found = problems()
    assert len(found) > 8
    assert [field for field, _ in found if f"field.{field}" not in catalogue()] == []
