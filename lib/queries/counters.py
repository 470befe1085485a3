"""How far each topic has moved within what an actor sees, and which topics a query reads."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import AreaLink, ChangeCounter

Query = TypeVar("Query", bound=Callable[..., object])


def reads(*topics: Topic) -> Callable[[Query], Query]:
    """Declare the topics that a query's answer depends on; its cached answer lives until then.

    The tree of areas is always one: what an actor sees of anything depends on it.
    """

    def declare(query: Query) -> Query:
        query.topics = frozenset({*topics, Topic.AREAS})  # type: ignore[attr-defined]
        return query

    return declare


def topics_of(query: Callable[..., object]) -> frozenset[Topic]:
    """The topics declared by `reads`.

    Raises:
        AttributeError: the query declares none and so could never be refreshed.
    """
    topics: frozenset[Topic] = query.topics  # type: ignore[attr-defined]
    return topics


def positions(actor: Actor) -> Mapping[Topic, str]:
    """Where every topic stands in the streets that the actor sees any part of.

    A position tells of each street and its counter, so that it changes too where a sum would not:
    an area moves from one street to another, a scope loses one street and wins another. What
    concerns the whole installation counts under 0 and is seen by everybody. A topic that never
    moved has the empty position.
    """
    scope = actor.scope(Permission.AREA_VIEW)
    street = ChangeCounter.street_id
    statement = select(ChangeCounter.topic, street, ChangeCounter.n).order_by(street)
    if not scope.whole_tree:
        areas = sorted(scope.area_ids)
        above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id.in_(areas))
        within = select(AreaLink.descendant_id).where(AreaLink.ancestor_id.in_(areas))
        statement = statement.where(or_(street == 0, street.in_(above), street.in_(within)))
    found: dict[Topic, list[str]] = {topic: [] for topic in Topic}
    with Reads() as session:
        for topic, street_id, n in session.execute(statement):
            found[topic].append(f"{street_id}:{n}")
    return {topic: _digest(" ".join(parts)) if parts else "" for topic, parts in found.items()}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
