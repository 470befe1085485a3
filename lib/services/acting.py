"""For whom somebody may act: record a service, or claim a project.

One rule for both, so that nobody claims for whom they could not record.
"""

from collections.abc import Set

from sqlalchemy import func, select

from lib.domain.errors import NotPermitted
from lib.domain.permissions import Permission
from lib.persistence.models import Organisation, Person, Team
from lib.persistence.scope import owned
from lib.persistence.transaction import Transaction

_OTHERS = Permission.SERVICE_RECORD_OTHERS


def act_for(
    tx: Transaction,
    area_id: int,
    *,
    persons: Set[int | None] = frozenset(),
    teams: Set[int] = frozenset(),
    units: Set[int] = frozenset(),
    code: str = "refusal.only_yourself",
) -> None:
    """Go on only if the actor may act for every person, team and unit; oneself always.

    None among `persons` is somebody who is to be registered.

    Raises:
        NotPermitted: with `code` where the actor may act for nobody else at all.
    """
    actor = tx.actor
    if actor is None:
        return
    if not actor.may(_OTHERS):
        if teams or units or persons != {actor.person_id}:
            raise NotPermitted(_OTHERS, area_id, code=code)
        return
    for model, ids in (
        (Person, persons - {actor.person_id, None}),
        (Team, teams),
        (Organisation, units),
    ):
        if not ids:
            continue
        may = owned(model, actor, _OTHERS)
        count = tx.session.scalar(select(func.count()).where(model.id.in_(ids), may))
        if count != len(ids):
            raise NotPermitted(_OTHERS, area_id)
