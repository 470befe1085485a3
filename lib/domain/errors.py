"""Refusals: why something was not done, as a code and values that become a sentence.

Codes are keys of the word catalogue (`lib.i18n`); nothing here knows a language.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field of a form or row.

    `field` is the name of the command's parameter, `code` a word key, `values` its placeholders.
    """

    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """A name in a sentence, said in the reader's language; a missing English one in Chinese."""

    zh: str
    en: str | None = None


class Refusal(Exception):  # noqa: N818 - the domain's word
    """A command was refused and nothing was written.

    `code` is a word key such as ``refusal.not_permitted``; `problems` names the fields to mend.
    """

    def __init__(self, code: str, *, problems: Sequence[Problem] = (), **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
        self.problems = tuple(problems)


class Invalid(Refusal):
    """A form or row is not acceptable as it stands; every problem is named."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("refusal.invalid", problems=problems, n=len(problems))


class NotPermitted(Refusal):
    """The actor's role or scope does not cover this.

    `permission` is what was asked for, `area_id` where; None is the whole tree or no area at all.
    """

    def __init__(
        self, permission: str, area_id: int | None = None, code: str = "refusal.not_permitted"
    ) -> None:
        super().__init__(code)
        self.permission = permission
        self.area_id = area_id


class NotFound(Refusal):
    """The thing does not exist, or not for this actor."""

    def __init__(self) -> None:
        super().__init__("refusal.not_found")


class Changed(Refusal):
    """Somebody else changed the same thing first; `current` holds what it says now."""

    def __init__(self, current: Mapping[str, object], version: int) -> None:
        super().__init__("refusal.changed")
        self.current = current
        self.version = version
