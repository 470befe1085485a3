"""How far each topic has moved within what an actor sees, and which topics a query reads."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import func, or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import AreaLink, ChangeCounter

Query = TypeVar("Query", bound=Callable[..., object])


def reads(*topics: Topic) -> Callable[[Query], Query]:
    """Declare the topics that a query's answer depends on; its cached answer lives until then."""

    def declare(query: Query) -> Query:
        query.topics = frozenset(topics)  # type: ignore[attr-defined]
        return query

    return declare


def topics_of(query: Callable[..., object]) -> frozenset[Topic]:
    """The topics declared by `reads`.

    Raises:
        AttributeError: the query declares none and so could never be refreshed.
    """
    topics: frozenset[Topic] = query.topics  # type: ignore[attr-defined]
    return topics


def positions(actor: Actor) -> Mapping[Topic, int]:
    """Every topic's counter, summed over the streets that the actor sees any part of.

    What concerns the whole installation counts under 0 and is seen by everybody.
    """
    scope = actor.scope(Permission.AREA_VIEW)
    statement = select(ChangeCounter.topic, func.sum(ChangeCounter.n)).group_by(ChangeCounter.topic)
    if not scope.whole_tree:
        areas = sorted(scope.area_ids)
        above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id.in_(areas))
        within = select(AreaLink.descendant_id).where(AreaLink.ancestor_id.in_(areas))
        street = ChangeCounter.street_id
        statement = statement.where(or_(street == 0, street.in_(above), street.in_(within)))
    with Reads() as session:
        moved = {topic: int(n) for topic, n in session.execute(statement)}
    return {topic: moved.get(topic, 0) for topic in Topic}
