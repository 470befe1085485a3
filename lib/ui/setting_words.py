"""What a change of a setting altered, in words: one line for each part of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lib.domain.local_settings import Accent, Choice, Pair, SettingKey
from lib.i18n import formats
from lib.i18n.glossary import word
from lib.ui.session import language, t

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_TOLD = 6


def lines(key: SettingKey, before: Any, after: Any) -> list[str]:  # noqa: ANN401 - by setting
    """The parts that differ, each as ``part: before → after``."""
    if key is SettingKey.STREET_NAME:
        return [_change(_pair(before), _pair(after))]
    if key is SettingKey.EMBLEM:
        return [t("settings.emblem_set") if after else t("settings.emblem_none")]
    if key is SettingKey.ACCENT:
        return [_change(_colours(before), _colours(after))]
    if key is SettingKey.WORK_WEEK:
        return [_change(_week(before), _week(after))]
    if key is SettingKey.SPECIAL_DAYS:
        return [line for year in sorted({*before, *after}) for line in _days(year, before, after)]
    if key is SettingKey.STAR_LEVELS:
        return [
            t(
                "settings.part",
                part=t("settings.stars_n", n=n),
                change=_change(f"{one:,}", f"{other:,}"),
            )
            for n, (one, other) in enumerate(zip(before, after, strict=True), start=1)
            if one != other
        ]
    if key in (SettingKey.RETENTION, SettingKey.DEADLINES):
        return [
            t(
                "settings.part",
                part=word(one, language()),
                change=_change(str(before[one]), str(after[one])),
            )
            for one in after
            if before[one] != after[one]
        ]
    parts = [member for member in {**before, **after} if before.get(member) != after.get(member)]
    return [
        t(
            "settings.part",
            part=word(member, language()),
            change=_change(_kind(before.get(member)), _kind(after.get(member))),
        )
        for member in parts
    ]


def _change(before: str, after: str) -> str:
    return f"{before or formats.UNKNOWN} → {after or formats.UNKNOWN}"


def _pair(value: Pair) -> str:
    return " / ".join(part for part in (value.zh, value.en) if part)


def _colours(value: Accent) -> str:
    return f"{value.light} / {value.dark}"


def _week(value: tuple[int, ...]) -> str:
    return t("list.separator").join(t(f"weekday.{WEEKDAYS[day]}") for day in value)


def _kind(value: Pair | Choice | None) -> str:
    if value is None:
        return t("settings.usual")
    own = _pair(Pair(value.zh, value.en)) or t("settings.usual")
    if isinstance(value, Choice) and value.hidden:
        return t("settings.hidden")
    return own


def _days(
    year: int, before: Mapping[int, Mapping[date, bool]], after: Mapping[int, Mapping[date, bool]]
) -> list[str]:
    """Days of the year that were set otherwise; the first few by name."""
    was, now = before.get(year), after.get(year)
    if was == now:
        return []
    if now is None:
        return [t("settings.year_published", year=year)]
    differ = [day for day in sorted({*(was or {}), *now}) if (was or {}).get(day) != now.get(day)]
    told = [
        f"{formats.short_day(day, language())} {t(_state(now.get(day)))}"
        for day in differ[:_DAYS_TOLD]
    ]
    more = [t("settings.more_days", n=len(differ) - _DAYS_TOLD)] if len(differ) > _DAYS_TOLD else []
    return [t("settings.part", part=str(year), change=t("list.separator").join(told + more))]


def _state(works: bool | None) -> str:
    if works is None:
        return "settings.day_usual"
    return "settings.day_work" if works else "settings.day_off"
