"""Certificates of voluntary service: the numbers on them, as made and as typed from paper.

Order 67 of the Ministry of Civil Affairs (in force since 2021-02-01) says what a certificate holds.
"""

import re
from datetime import date

from lib.domain.credentials import new_code

NUMBER_BITS = 60
"""With fifty tries in five minutes nobody finds one; and it can still be typed from paper."""

_SIGNS = NUMBER_BITS // 5


def volunteer_number(person_id: int) -> str:
    """The volunteer's number, which is not the identity number: ``V0000042``."""
    return f"V{person_id:07d}"


def new_number(day: date) -> str:
    """A fresh number of a certificate issued on a day: ``2026-7KQ2-M9XD-4TZA``."""
    return f"{day.year}-{new_code(NUMBER_BITS).upper()}"


def number_typed(text: str) -> str | None:
    """The number as it is kept, from one as typed; None for what can be none.

    Capitals, spaces and dashes count for nothing, and O, I and L are taken for the digits that
    they look like: the alphabet has none of them.
    """
    plain = re.sub(r"[\s-]", "", text[:60]).upper()
    plain = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    year, signs = plain[:4], plain[4:]
    if not re.fullmatch(r"[0-9]{4}", year) or not re.fullmatch(rf"[0-9A-Z]{{{_SIGNS}}}", signs):
        return None
    return "-".join([year, *(signs[at : at + 4] for at in range(0, _SIGNS, 4))])
