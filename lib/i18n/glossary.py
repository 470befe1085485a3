"""Every word a person reads, in both languages, by key.

Words stand in ``words/*.toml`` as ``key = ["中文", "English"]``; a third form, if there is one,
is the English plural, taken unless the placeholder ``n`` is 1. Formats of numbers and days
stand in `lib.i18n.formats`.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lib.domain.errors import Named, Problem, Refusal
from lib.domain.vocab import Language

WORDS = Path(__file__).parent / "words"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, tuple[str, ...]]:
    """All words, ``section.key`` to their forms.

    Raises:
        ValueError: a key stands in two files, or a word lacks a language.
    """
    words: dict[str, tuple[str, ...]] = {}
    for path in sorted(WORDS.glob("*.toml")):
        for section, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, forms in entries.items():
                key = f"{section}.{name}"
                if key in words or len(forms) not in (2, 3):
                    raise ValueError(f"{path.name}: {key}")
                words[key] = tuple(forms)
    return MappingProxyType(words)


def say(key: str, language: Language, **values: object) -> str:
    """The words of `key` in `language`, placeholders filled.

    Raises:
        KeyError: no such key, or a placeholder without a value.
    """
    forms = catalogue()[key]
    if language is Language.ZH:
        return forms[0].format(**values)
    plural = len(forms) == 3 and values.get("n") not in (1, "1")
    return forms[2 if plural else 1].format(**values)


def word(member: StrEnum, language: Language) -> str:
    """What a vocabulary's member is called: key ``<EnumName>.<value>``."""
    return say(f"{type(member).__name__}.{member.value}", language)


def named(zh: str, en: str | None, language: Language) -> str:
    """The name to show; a missing English name falls back to the Chinese one."""
    return en if language is Language.EN and en else zh


def sentence(refusal: Refusal, language: Language) -> str:
    """A refusal as a sentence."""
    return say(refusal.code, language, **_in_words(refusal.values, language))


def problem_sentence(problem: Problem, language: Language) -> str:
    """A field's problem as a sentence that begins with the field's name."""
    values = _in_words(problem.values, language)
    label = say(f"field.{problem.field}", language)
    return say(
        "problem.of_field", language, field=label, problem=say(problem.code, language, **values)
    )


def _in_words(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {k: _in_word(v, language) for k, v in values.items()}


def _in_word(value: object, language: Language) -> object:
    """A member as its word, and what was refused within something larger as its own sentence."""
    if isinstance(value, StrEnum):
        return word(value, language)
    if isinstance(value, Named):
        return named(value.zh, value.en, language)
    if isinstance(value, Problem):
        return problem_sentence(value, language)
    if isinstance(value, tuple):
        return say("list.separator", language).join(str(_in_word(one, language)) for one in value)
    return sentence(value, language) if isinstance(value, Refusal) else value
