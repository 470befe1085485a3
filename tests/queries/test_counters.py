"""Where each topic stands for an actor: the sum over the streets of which it sees any part."""

import pkgutil
from importlib import import_module
from inspect import signature

import pytest

from lib import queries
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language, Level, Topic
from lib.persistence.engine import Writes
from lib.persistence.models import Area
from lib.persistence.transaction import transaction
from lib.queries.counters import positions, topics_of
from tests.factories import SmallStreet, add_area


def move(topic: Topic, *area_ids: int) -> None:
    with transaction(None) as tx:
        tx.record("tried", "area", topic=topic, area_ids=frozenset(area_ids))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("administrator", 3),
        ("visitor", 3),
        ("street_committee", 2),
        ("community_secretary", 2),
        ("grid_secretary", 2),
        ("neighbour", 2),
        ("unit_liaison", 2),
        ("auditor", 0),
        ("volunteer", 2),
    ],
)
def test_positions__of_every_role(street: SmallStreet, who: str, expected: int) -> None:
    move(Topic.SERVICE, street.areas.g1)
    move(Topic.SERVICE, street.areas.g3, street.areas.s)
    move(Topic.SERVICE, street.areas.t)
    assert positions(street.actors[who]) == dict.fromkeys(Topic, 0) | {Topic.SERVICE: expected}


def test_positions__nobodys_grants__nothing(street: SmallStreet) -> None:
    move(Topic.SERVICE, street.areas.g1)
    assert set(positions(Actor(1, "", "", Language.ZH, None, ())).values()) == {0}


def test_positions__two_grants_in_one_street__counted_once(street: SmallStreet) -> None:
    move(Topic.UNITS, street.areas.g1)
    both = tuple(Grant(Role.GRID_SECRETARY, area) for area in (street.areas.g1, street.areas.g3))
    assert positions(Actor(1, "", "", Language.ZH, None, both))[Topic.UNITS] == 1


def test_positions__an_area_above_streets__stands_for_itself(street: SmallStreet) -> None:
    with Writes.begin() as session:
        district = add_area(session, Level.DISTRICT, "310100", "临海区")
        other = add_area(session, Level.STREET, "310100001", "北街", parent=district)
        numbers = district.id, other.id
    move(Topic.AREAS, *numbers)
    above = Actor(1, "", "", Language.ZH, None, (Grant(Role.COMMUNITY_SECRETARY, numbers[0]),))
    below = Actor(1, "", "", Language.ZH, None, (Grant(Role.COMMUNITY_SECRETARY, numbers[1]),))
    assert positions(above)[Topic.AREAS] == 2
    assert positions(below)[Topic.AREAS] == 2
    assert positions(street.actors["street_committee"])[Topic.AREAS] == 0
    with Writes.begin() as session:
        assert session.get_one(Area, numbers[1]).parent_id == numbers[0]


@pytest.mark.parametrize("module", ["areas", "service", "people", "structure", "units", "overview"])
def test_queries__each_declares_its_topics(module: str) -> None:
    assert module in {found.name for found in pkgutil.iter_modules(queries.__path__)}
    loaded = import_module(f"lib.queries.{module}")
    public = [
        one
        for name, one in vars(loaded).items()
        if callable(one)
        and getattr(one, "__module__", "") == loaded.__name__
        and not name.startswith("_")
        and not isinstance(one, type)
        and "actor" in signature(one).parameters
    ]
    assert public
    assert all(topics_of(query) <= set(Topic) and topics_of(query) for query in public)
