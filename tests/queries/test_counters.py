"""Where each topic stands for an actor: by the streets of which it sees any part."""

import pkgutil
from importlib import import_module
from inspect import signature

import pytest

from lib import queries
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.vocab import Language, Level, Topic
from lib.persistence.engine import Writes
from lib.persistence.transaction import transaction
from lib.queries.counters import positions, topics_of
from tests.factories import SmallStreet, add_area


def move(topic: Topic, *area_ids: int) -> None:
    with transaction(None) as tx:
        tx.record("tried", "area", topic=topic, area_ids=frozenset(area_ids))


def moved(actor: Actor, topic: Topic, *area_ids: int) -> set[Topic]:
    """Which positions of the actor differ after a move."""
    before = positions(actor)
    move(topic, *area_ids)
    after = positions(actor)
    return {topic for topic in Topic if before[topic] != after[topic]}


WITHIN = ("street_committee", "community_secretary", "grid_secretary", "unit_liaison", "volunteer")


@pytest.mark.parametrize("who", ["administrator", "visitor", *WITHIN])
def test_positions__a_write_in_the_street__moves_its_topic_alone(
    street: SmallStreet, who: str
) -> None:
    actor = street.actors[who]
    assert moved(actor, Topic.SERVICE, street.areas.g1) == {Topic.SERVICE}
    assert moved(actor, Topic.UNITS, street.areas.g3, street.areas.s) == {Topic.UNITS}


@pytest.mark.parametrize("who", WITHIN)
def test_positions__a_write_in_another_street__nothing_moves(street: SmallStreet, who: str) -> None:
    assert moved(street.actors[who], Topic.SERVICE, street.areas.t) == set()
    assert moved(street.actors["visitor"], Topic.SERVICE, street.areas.t) == {Topic.SERVICE}


def test_positions__of_the_installation__everybodys(street: SmallStreet) -> None:
    assert moved(street.actors["volunteer"], Topic.SETTINGS, 0) == {Topic.SETTINGS}


def test_positions__nobodys_grants__nothing(street: SmallStreet) -> None:
    move(Topic.SERVICE, street.areas.g1)
    assert set(positions(Actor(1, "", "", Language.ZH, None, ())).values()) == {""}


def test_positions__two_grants_in_one_street__the_same_as_one(street: SmallStreet) -> None:
    move(Topic.UNITS, street.areas.g1)
    both = tuple(Grant(Role.GRID_SECRETARY, area) for area in (street.areas.g1, street.areas.g3))
    one = positions(Actor(1, "", "", Language.ZH, None, both[:1]))
    assert positions(Actor(1, "", "", Language.ZH, None, both)) == one


def test_positions__equal_sums_of_other_streets__differ(street: SmallStreet) -> None:
    """As when an area moves to a street whose counter stands where that of the old one stood."""
    move(Topic.SERVICE, street.areas.s)
    move(Topic.SERVICE, street.areas.t)
    here, there = (
        Actor(1, "", "", Language.ZH, None, (Grant(Role.STREET_COMMITTEE, area),))
        for area in (street.areas.s, street.areas.t)
    )
    assert positions(here)[Topic.SERVICE] != positions(there)[Topic.SERVICE]


def test_positions__an_area_above_streets__stands_for_itself(street: SmallStreet) -> None:
    with Writes.begin() as session:
        district = add_area(session, Level.DISTRICT, "310100", "临海区")
        other = add_area(session, Level.STREET, "310100001", "北街", parent=district)
        numbers = district.id, other.id
    for number in numbers:
        who = Actor(1, "", "", Language.ZH, None, (Grant(Role.COMMUNITY_SECRETARY, number),))
        assert moved(who, Topic.AREAS, *numbers) == {Topic.AREAS}
    assert moved(street.actors["street_committee"], Topic.AREAS, *numbers) == set()


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
