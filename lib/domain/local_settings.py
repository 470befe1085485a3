"""What a street may set for itself: one table of settings with type, default and rules.

A new setting is a member of `SettingKey`, a field of `LocalSettings` and a row of `SETTINGS`;
where values are kept stands in `lib.persistence`, who may change them in `lib.services`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from lib.domain.contrast import READABLE, is_colour, least_contrast, nearest_readable
from lib.domain.deadlines import LIMITS, USUAL_DAYS, Clock, Deadline
from lib.domain.errors import Problem
from lib.domain.retention import USUAL_YEARS, Kept
from lib.domain.retention import YEARS as KEPT_YEARS
from lib.domain.stars import USUAL_STARS
from lib.domain.stars import problems as star_problems
from lib.domain.text import line, too_long
from lib.domain.vocab import Beneficiary, Language, Level, ServiceKind
from lib.domain.workdays import USUAL_WEEK, WorkCalendar

Member = TypeVar("Member", bound=StrEnum)

NAME_MAX, WORD_MAX = 16, 10
"""Characters of a name at the head of the screens and of a local word; English gets twice."""
YEARS = range(2020, 2101)
GROUNDS: Mapping[str, tuple[str, ...]] = {
    "light": ("#FAF9F6", "#FFFFFF", "#F2F0EA"),
    "dark": ("#0B141D", "#121E2A", "#182736"),
}
"""What words in the accent colour stand on, by theme; the same as in `lib.visuals.palette`."""


class SettingKey(StrEnum):
    """What can be set, each with a row in `SETTINGS`."""

    STREET_NAME = "street_name"
    EMBLEM = "emblem"
    ACCENT = "accent"
    LEVEL_NAMES = "level_names"
    WORK_WEEK = "work_week"
    SPECIAL_DAYS = "special_days"
    SERVICE_KINDS = "service_kinds"
    BENEFICIARIES = "beneficiaries"
    RETENTION = "retention"
    STAR_LEVELS = "star_levels"
    DEADLINES = "deadlines"


WORDED: Mapping[SettingKey, type[StrEnum]] = {
    SettingKey.LEVEL_NAMES: Level,
    SettingKey.SERVICE_KINDS: ServiceKind,
    SettingKey.BENEFICIARIES: Beneficiary,
}
"""Settings that give a vocabulary the street's own words."""


@dataclass(frozen=True)
class Pair:
    """A name in both languages; empty ones leave the usual word."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Accent:
    """The street's colour on light and on dark ground."""

    light: str = "#B3332A"
    dark: str = "#E0685C"


@dataclass(frozen=True)
class Choice:
    """How a street offers one kind: under another name, or no longer."""

    zh: str = ""
    en: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class LocalSettings:
    """All settings as they stand; `versions` counts the changes of each that was ever changed.

    `emblem` is a PNG in base64, empty for the product's own seal. `star_levels` are the confirmed
    hours for one star and each further one.
    """

    street_name: Pair = Pair()
    emblem: str = ""
    accent: Accent = Accent()
    level_names: Mapping[Level, Pair] = field(default_factory=dict)
    work_week: tuple[int, ...] = USUAL_WEEK
    special_days: Mapping[int, Mapping[date, bool]] = field(default_factory=dict)
    service_kinds: Mapping[ServiceKind, Choice] = field(default_factory=dict)
    beneficiaries: Mapping[Beneficiary, Choice] = field(default_factory=dict)
    retention: Mapping[Kept, int] = field(default_factory=lambda: dict(USUAL_YEARS))
    star_levels: tuple[int, ...] = USUAL_STARS
    deadlines: Mapping[Deadline, int] = field(default_factory=lambda: dict(USUAL_DAYS))
    versions: Mapping[SettingKey, int] = field(default_factory=dict)

    def own_word(self, member: StrEnum, language: Language) -> str:
        """What the street calls a level or kind; empty where the usual word stands.

        Without an English name of its own the usual English word stays.
        """
        named = self._named(type(member)).get(member)
        return getattr(named, language.value) if named is not None else ""

    def offered(self, members: type[Member]) -> list[Member]:
        """The members that forms offer: those that the street has not hidden."""
        named = self._named(members)
        return [m for m in members if not getattr(named.get(m), "hidden", False)]

    @property
    def calendar(self) -> WorkCalendar:
        """The street's working days."""
        return WorkCalendar(self.work_week, self.special_days)

    def clock(self, day: date) -> Clock:
        """What is due on `day` by the street's deadlines and working days."""
        return Clock(day, self.deadlines, self.calendar)

    def _named(self, members: type[StrEnum]) -> Mapping[Any, Pair | Choice]:
        if members is Level:
            return self.level_names
        if members is ServiceKind:
            return self.service_kinds
        return self.beneficiaries if members is Beneficiary else {}


@dataclass(frozen=True)
class Setting:
    """One row: how a value is read from and written as JSON, tidied, and judged."""

    load: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    tidy: Callable[[Any], Any]
    problems: Callable[[Any], list[Problem]]


def default_of(key: SettingKey) -> Any:  # noqa: ANN401 - each setting has its own type
    """What holds while nobody set anything."""
    return getattr(LocalSettings(), key)


def gathered(stored: Iterable[tuple[SettingKey, int, Any]]) -> LocalSettings:
    """All settings from key, version and JSON value of those that were changed.

    A value of None stands for the default.
    """
    rows = list(stored)
    values = {key.value: SETTINGS[key].load(v) for key, _, v in rows if v is not None}
    return LocalSettings(**values, versions={key: version for key, version, _ in rows})


def differences(key: SettingKey, before: object, after: object) -> dict[str, tuple[str, str]]:
    """What a change altered, as texts by part: ``{"level_names.grid": ("", "片区 / Block")}``."""
    one, other = _parts(key, before), _parts(key, after)
    parts = sorted({*one, *other})
    return {
        part: (one.get(part, ""), other.get(part, ""))
        for part in parts
        if one.get(part, "") != other.get(part, "")
    }


def _parts(key: SettingKey, value: object) -> dict[str, str]:
    dumped = SETTINGS[key].dump(value)
    if key is SettingKey.EMBLEM:  # kilobytes of a picture say nothing to a reader
        return {key.value: f"PNG {len(dumped) * 3 // 4:,} B" if dumped else ""}
    if key in (SettingKey.STREET_NAME, SettingKey.ACCENT) or not isinstance(dumped, dict):
        return {key.value: _said(dumped)}
    return {f"{key.value}.{part}": _said(one) for part, one in dumped.items()}


def _said(value: object) -> str:
    if isinstance(value, dict):
        words = (
            f"{k} {v}" if isinstance(v, bool) else str(v)
            for k, v in value.items()
            if v or v is False
        )
        return " / ".join(words)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _tidy_pair(value: Pair) -> Pair:
    return Pair(line(value.zh), line(value.en))


def _pair_problems(value: Pair) -> list[Problem]:
    return [
        *too_long("street_name_zh", value.zh, NAME_MAX),
        *too_long("street_name_en", value.en, 2 * NAME_MAX),
        *([Problem("street_name_zh", "problem.missing")] if value.en and not value.zh else []),
    ]


def _accent_problems(value: Accent) -> list[Problem]:
    found = []
    for theme, colour in (("light", value.light), ("dark", value.dark)):
        name = f"accent_{theme}"
        if not is_colour(colour):
            found.append(Problem(name, "problem.no_colour"))
        elif (ratio := least_contrast(colour, GROUNDS[theme])) < READABLE:
            better = nearest_readable(colour, GROUNDS[theme])
            values = {"ratio": f"{int(ratio * 100) / 100:.2f}", "least": READABLE, "better": better}
            found.append(Problem(name, "problem.contrast", values))
    return found


def _tidy_names(value: Mapping[Level, Pair]) -> dict[Level, Pair]:
    tidy = {level: _tidy_pair(pair) for level, pair in value.items()}
    return {level: pair for level, pair in tidy.items() if pair != Pair()}


def _name_problems(value: Mapping[Level, Pair]) -> list[Problem]:
    return _word_problems("level_name", value)


def _tidy_choices(value: Mapping[Member, Choice]) -> dict[Member, Choice]:
    tidy = {m: Choice(line(one.zh), line(one.en), one.hidden) for m, one in value.items()}
    return {member: one for member, one in tidy.items() if one != Choice()}


def _choice_problems(members: type[StrEnum]) -> Callable[[Mapping[Any, Choice]], list[Problem]]:
    def judge(value: Mapping[Any, Choice]) -> list[Problem]:
        found = _word_problems("kind_name", value)
        if all(value.get(member, Choice()).hidden for member in members):
            found.append(Problem("kind_name", "problem.all_hidden"))
        return found

    return judge


def _word_problems(name: str, value: Mapping[Any, Pair | Choice]) -> list[Problem]:
    found: list[Problem] = []
    for side in ("zh", "en"):
        words = [getattr(one, side) for one in value.values() if getattr(one, side)]
        for word in dict.fromkeys(words):
            found += too_long(name, word, WORD_MAX * (2 if side == "en" else 1))
            if words.count(word) > 1:
                found.append(Problem(name, "problem.same_word", {"name": word[: 2 * NAME_MAX]}))
    return found


def _week_problems(value: tuple[int, ...]) -> list[Problem]:
    sound = value and set(value) <= set(range(7))
    return [] if sound else [Problem("work_week", "problem.no_working_day")]


def _day_problems(value: Mapping[int, Mapping[date, bool]]) -> list[Problem]:
    found = []
    for year, days in value.items():
        if year not in YEARS:
            limits = {"least": YEARS[0], "limit": str(YEARS[-1])}
            found.append(Problem("year", "problem.out_of_range", limits))
        if not days:  # every year has holidays: an empty one would only silence the warning
            found.append(Problem("special_day", "problem.empty_year", {"year": str(year)}))
        strays = [day for day in days if day.year != year]
        if strays:
            values = {"day": strays[0].isoformat(), "year": str(year)}
            found.append(Problem("special_day", "problem.other_year", values))
    return found


def _year_problems(value: Mapping[Kept, int]) -> list[Problem]:
    limits = {"least": KEPT_YEARS[0], "limit": KEPT_YEARS[-1]}
    return [
        Problem("retention", "problem.out_of_range", limits)
        for years in value.values()
        if years not in KEPT_YEARS
    ]


def _deadline_problems(value: Mapping[Deadline, int]) -> list[Problem]:
    return [
        Problem(
            f"deadline_{one}", "problem.out_of_range", {"least": limits[0], "limit": limits[-1]}
        )
        for one, limits in LIMITS.items()
        if value[one] not in limits
    ]


def _load_days(value: Mapping[str, Mapping[str, bool]]) -> dict[int, dict[date, bool]]:
    return {
        int(year): {date.fromisoformat(day): works for day, works in days.items()}
        for year, days in value.items()
    }


def _dump_days(value: Mapping[int, Mapping[date, bool]]) -> dict[str, dict[str, bool]]:
    return {
        str(year): {day.isoformat(): works for day, works in sorted(days.items())}
        for year, days in sorted(value.items())
    }


def _choices(members: type[StrEnum]) -> Setting:
    return Setting(
        load=lambda v: {m: Choice(**v[m.value]) for m in members if m.value in v},
        dump=lambda v: {m.value: vars(v[m]) for m in members if m in v},
        tidy=_tidy_choices,
        problems=_choice_problems(members),
    )


def _same(value: Any) -> Any:  # noqa: ANN401 - each setting has its own type
    return value


SETTINGS: Mapping[SettingKey, Setting] = {
    SettingKey.STREET_NAME: Setting(lambda v: Pair(**v), vars, _tidy_pair, _pair_problems),
    SettingKey.EMBLEM: Setting(str, str, _same, lambda _: []),
    SettingKey.ACCENT: Setting(
        lambda v: Accent(**v),
        vars,
        lambda v: Accent(v.light.strip().upper(), v.dark.strip().upper()),
        _accent_problems,
    ),
    SettingKey.LEVEL_NAMES: Setting(
        lambda v: {level: Pair(**v[level.value]) for level in Level if level.value in v},
        lambda v: {level.value: vars(v[level]) for level in Level if level in v},
        _tidy_names,
        _name_problems,
    ),
    SettingKey.WORK_WEEK: Setting(tuple, list, lambda v: tuple(sorted(set(v))), _week_problems),
    SettingKey.SPECIAL_DAYS: Setting(_load_days, _dump_days, _same, _day_problems),
    SettingKey.SERVICE_KINDS: _choices(ServiceKind),
    SettingKey.BENEFICIARIES: _choices(Beneficiary),
    SettingKey.RETENTION: Setting(
        lambda v: {kind: int(v.get(kind.value, USUAL_YEARS[kind])) for kind in Kept},
        lambda v: {kind.value: v[kind] for kind in Kept},
        _same,
        _year_problems,
    ),
    SettingKey.STAR_LEVELS: Setting(tuple, list, tuple, star_problems),
    SettingKey.DEADLINES: Setting(
        lambda v: {one: int(v.get(one.value, USUAL_DAYS[one])) for one in Deadline},
        lambda v: {one.value: v[one] for one in Deadline},
        _same,
        _deadline_problems,
    ),
}
