"""The table of settings, contrast and working days, against values worked out by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.contrast import contrast, least_contrast, nearest_readable
from lib.domain.deadlines import Deadline
from lib.domain.local_settings import (
    GROUNDS,
    SETTINGS,
    Accent,
    Choice,
    LocalSettings,
    Pair,
    SettingKey,
    default_of,
    differences,
    gathered,
)
from lib.domain.retention import YEARS as KEPT_YEARS
from lib.domain.retention import Kept
from lib.domain.vocab import Beneficiary, Language, Level, ServiceKind
from lib.domain.workdays import PUBLISHED, USUAL_WEEK, WorkCalendar, published
from lib.visuals.palette import DARK, LIGHT

NOTICE_2026 = (
    ((1, 1), 3, ((1, 4),)),
    ((2, 15), 9, ((2, 14), (2, 28))),
    ((4, 4), 3, ()),
    ((5, 1), 5, ((5, 9),)),
    ((6, 19), 3, ()),
    ((9, 25), 3, ()),
    ((10, 1), 7, ((9, 20), (10, 10))),
)
"""The State Council's notice of 4 November 2025: first day off, days off, days worked instead."""


def test_published__2026__as_the_notice_says() -> None:
    expected = {}
    for (month, day), days, worked in NOTICE_2026:
        first = date(2026, month, day)
        expected |= {first + timedelta(days=n): False for n in range(days)}
        expected |= {date(2026, *one): True for one in worked}
    assert published(2026) == expected


def test_calendar__make_up_day_and_holiday_against_the_week() -> None:
    usual = WorkCalendar(USUAL_WEEK, {})
    assert usual.is_working(date(2026, 10, 10))
    assert not usual.is_working(date(2026, 10, 7))
    assert not usual.is_working(date(2026, 10, 11))
    assert usual.after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert usual.after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    own = WorkCalendar((0, 1, 2, 3, 4, 5), {2026: {date(2026, 10, 8): False}})
    assert own.after(date(2026, 9, 30), 1) == date(2026, 10, 1)
    assert own.is_working(date(2026, 11, 21))


def test_calendar__a_year_nobody_published__is_told() -> None:
    beyond = max(PUBLISHED) + 1
    assert not WorkCalendar(USUAL_WEEK, {}).knows(beyond)
    assert WorkCalendar(USUAL_WEEK, {beyond: {}}).knows(beyond)
    assert WorkCalendar(USUAL_WEEK, {}).knows(2026)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48), ("#FF0000", "#FFFFFF", 4.0)],
)
def test_contrast__known_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(st.integers(0, 0xFFFFFF), st.sampled_from(sorted(GROUNDS)))
def test_nearest_readable__any_colour__does(number: int, theme: str) -> None:
    found = nearest_readable(f"#{number:06X}", GROUNDS[theme])
    assert least_contrast(found, GROUNDS[theme]) >= 4.5
    assert nearest_readable(found, GROUNDS[theme]) == found


def test_grounds__are_those_of_the_palette() -> None:
    for theme, tokens in (("light", LIGHT), ("dark", DARK)):
        assert GROUNDS[theme] == (tokens.bg, tokens.surface, tokens.sunk)
    assert Accent() == Accent(LIGHT.brand, DARK.brand)


VALUES = {
    SettingKey.STREET_NAME: Pair("临江街道", "Linjiang"),
    SettingKey.EMBLEM: "aGVsbG8=",
    SettingKey.ACCENT: Accent("#1B5F9C", "#8CC6FA"),
    SettingKey.LEVEL_NAMES: {Level.GRID: Pair("片区", "Block")},
    SettingKey.WORK_WEEK: (0, 1, 2),
    SettingKey.SPECIAL_DAYS: {2027: {date(2027, 1, 1): False, date(2027, 1, 3): True}},
    SettingKey.SERVICE_KINDS: {ServiceKind.PATROL: Choice("夜巡", "", hidden=False)},
    SettingKey.BENEFICIARIES: {Beneficiary.DISABLED: Choice("", "", hidden=True)},
    SettingKey.RETENTION: dict.fromkeys(Kept, KEPT_YEARS[-1]),
    SettingKey.STAR_LEVELS: (50, 100, 200, 400, 800),
    SettingKey.DEADLINES: dict.fromkeys(Deadline, 9),
}


@pytest.mark.parametrize("key", SettingKey)
def test_setting__value_and_default__survive_storing(key: SettingKey) -> None:
    setting = SETTINGS[key]
    for value in (VALUES[key], default_of(key)):
        assert setting.load(setting.dump(value)) == value
        assert setting.tidy(value) == value
        assert setting.problems(value) == []
    stood = gathered([(key, 3, setting.dump(VALUES[key]))])
    assert getattr(stood, key) == VALUES[key]
    assert stood.versions == {key: 3}
    assert differences(key, default_of(key), VALUES[key])
    assert differences(key, VALUES[key], VALUES[key]) == {}


ALL_HIDDEN = {kind: Choice(hidden=True) for kind in ServiceKind}
BAD = [
    (SettingKey.STREET_NAME, Pair("街" * 17), "problem.too_long"),
    (SettingKey.STREET_NAME, Pair("", "Linjiang"), "problem.missing"),
    (SettingKey.ACCENT, Accent("red", "#8CC6FA"), "problem.no_colour"),
    (SettingKey.ACCENT, Accent("#FFFF00", "#8CC6FA"), "problem.contrast"),
    (SettingKey.ACCENT, Accent("#B3332A", "#B3332A"), "problem.contrast"),
    (SettingKey.LEVEL_NAMES, {Level.GRID: Pair("片" * 11)}, "problem.too_long"),
    (SettingKey.LEVEL_NAMES, dict.fromkeys(Level, Pair("片区")), "problem.same_word"),
    (SettingKey.WORK_WEEK, (), "problem.no_working_day"),
    (SettingKey.WORK_WEEK, (7,), "problem.no_working_day"),
    (SettingKey.SPECIAL_DAYS, {2027: {date(2026, 1, 1): True}}, "problem.other_year"),
    (SettingKey.SPECIAL_DAYS, {1999: {}}, "problem.out_of_range"),
    (SettingKey.SPECIAL_DAYS, {2027: {}}, "problem.empty_year"),
    (SettingKey.SERVICE_KINDS, ALL_HIDDEN, "problem.all_hidden"),
    (SettingKey.RETENTION, dict.fromkeys(Kept, 0), "problem.out_of_range"),
    (SettingKey.STAR_LEVELS, (100, 300, 300, 1000, 1500), "problem.not_ascending"),
    (SettingKey.STAR_LEVELS, (0, 300, 600, 1000, 1500), "problem.out_of_range"),
    (SettingKey.STAR_LEVELS, (100, 300, 600), "problem.out_of_range"),
    (SettingKey.DEADLINES, dict.fromkeys(Deadline, 0), "problem.out_of_range"),
]


@pytest.mark.parametrize(("key", "value", "code"), BAD)
def test_setting__what_will_not_do__is_named(key: SettingKey, value: object, code: str) -> None:
    assert code in {problem.code for problem in SETTINGS[key].problems(value)}


def test_contrast_problem__gives_the_ratio_and_a_colour_that_does() -> None:
    (problem,) = SETTINGS[SettingKey.ACCENT].problems(Accent("#FFFF00", "#8CC6FA"))
    assert problem.field == "accent_light"
    assert problem.values["ratio"] == "1.01"
    assert least_contrast(str(problem.values["better"]), GROUNDS["light"]) >= 4.5


def test_own_words__and_what_is_offered() -> None:
    settings = LocalSettings(
        level_names={Level.GRID: Pair("片区", "")},
        service_kinds={ServiceKind.PATROL: Choice("夜巡", "Night watch", hidden=True)},
    )
    assert settings.own_word(Level.GRID, Language.ZH) == "片区"
    assert settings.own_word(Level.GRID, Language.EN) == ""
    assert settings.own_word(ServiceKind.PATROL, Language.EN) == "Night watch"
    assert settings.own_word(Language.ZH, Language.ZH) == ""
    assert ServiceKind.PATROL not in settings.offered(ServiceKind)
    assert len(settings.offered(ServiceKind)) == len(ServiceKind) - 1
    assert settings.offered(Level) == list(Level)
