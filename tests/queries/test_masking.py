"""Who sees whose name and number, in full, masked or not at all; by hand."""

import pytest
from sqlalchemy import literal, select

from lib.domain.masking import is_masked, mask_name, mask_phone
from lib.persistence.engine import Reads
from lib.persistence.masking import masked_name, masked_phone
from lib.queries import structure, units
from lib.queries.service import participants
from tests.factories import SmallStreet, service_given

TEXTS = ("", "王", "王五", "欧阳娜娜", "A", "Li Wei", "\U00020000某")
NUMBERS = ("", "1", "12", "110", "5550101", "13812345678", "021-6555-0101", "+86 138 1234 5678")


@pytest.mark.parametrize("text", (*TEXTS, *NUMBERS))
def test_masked__the_database_and_the_rule_agree(street: SmallStreet, text: str) -> None:
    with Reads() as session:
        row = session.execute(select(masked_name(literal(text)), masked_phone(literal(text)))).one()
    assert tuple(row) == (mask_name(text), mask_phone(text))


def test_mask__enough_to_recognise_and_no_more() -> None:
    assert mask_name("王小明") == "王**"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("5550101") == "****01"
    assert [is_masked(one) for one in ("王**", "王小明", "", "138****5678")] == [
        True,
        False,
        False,
        True,
    ]


SERVED = {
    "administrator": ["林小满", "周一诺", "石新"],
    "street_committee": ["林小满", "周一诺", "石新"],
    "community_secretary": ["林小满", "周一诺", "石新"],
    "grid_secretary": ["林小满", "周一诺", "石新"],
    "unit_liaison": ["林**", "周**", "石新"],
    "volunteer": ["林小满", "周**", "石**"],
    "visitor": [],
    "auditor": [],
}
"""Who took part in a service of G1: Lin is the volunteer, Shi works at the liaison's school."""


@pytest.mark.parametrize("role", SERVED)
def test_participants__in_full_for_those_who_handle_them(street: SmallStreet, role: str) -> None:
    number = service_given(
        street, street.areas.g1, persons=[("lin", 30), ("zhou", 30), ("teacher", 30)]
    )
    shown = participants(street.actors[role], service_ids=(number,))
    assert list(shown["name_zh"]) == SERVED[role]


HEADS = {
    "community_secretary": "网格长甲",
    "grid_secretary": "网格长甲",
    "unit_liaison": "网**",
    "volunteer": "网**",
    "visitor": "",
    "auditor": None,
}


@pytest.mark.parametrize("role", HEADS)
def test_posts__who_holds_the_grid(street: SmallStreet, role: str) -> None:
    held = structure.posts(street.actors[role], area_id=street.areas.g1)
    assert (held.iloc[0]["person"] if len(held) else None) == HEADS[role]


PHONES = {
    "administrator": "****01",
    "community_secretary": "****01",
    "unit_liaison": "555-0101",
    "volunteer": "",
    "visitor": "",
}


@pytest.mark.parametrize("role", PHONES)
def test_unit__the_liaisons_number_is_masked_but_for_the_own_unit(
    street: SmallStreet, role: str
) -> None:
    shown = units.unit(street.actors[role], unit_id=street.units["school"])
    assert shown.iloc[0]["liaison_phone"] == PHONES[role]
