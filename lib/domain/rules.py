"""Limits and rules of a service record, each with its reason."""

from datetime import date

from lib.domain.errors import Problem

MINUTES_MAX = 16 * 60
"""Nobody serves more than sixteen hours in one go; more is a typing slip."""

SATISFACTION_MAX = 5
"""From 1, not at all content, to 5."""

PEOPLE_SERVED_MAX = 100_000
GOODS_MAX = 1_000_000
MONEY_FEN_MAX = 10_000_000_00
"""Ten million yuan; larger sums are not given in one service."""

OLDEST_SERVICE_YEARS = 10


def day_problems(day: date, today: date) -> list[Problem]:
    """A service happened: not tomorrow, and not longer ago than anyone would enter."""
    if day > today:
        return [Problem("day", "problem.future_day", {"today": today.isoformat()})]
    if day.year < today.year - OLDEST_SERVICE_YEARS:
        return [Problem("day", "problem.too_old", {"years": OLDEST_SERVICE_YEARS})]
    return []


def amount_problems(field: str, amount: int, limit: int, least: int = 0) -> list[Problem]:
    """A whole number between `least` and `limit`."""
    if least <= amount <= limit:
        return []
    return [Problem(field, "problem.out_of_range", {"least": least, "limit": f"{limit:,}"})]
