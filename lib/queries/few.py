"""The last step of every query that counts people: who may not count exactly is told steps of five.

What the steps are stands in `lib.domain.few`. Sums are made before they are told, never after.
"""

import pandas as pd

from lib.domain.few import told
from lib.domain.permissions import Actor, Permission
from lib.persistence.engine import Reads
from lib.persistence.scope import reaches

_EXACT = Permission.COUNT_EXACT


def exact(actor: Actor, area_id: int | None) -> bool:
    """Whether the actor is told exact counts of all that they see below the area.

    Who sees more than they may count exactly is told so only below an area that they may.
    """
    if not actor.may(_EXACT):
        return False
    if actor.scope(_EXACT) == actor.scope(Permission.AREA_VIEW):
        return True
    if area_id is None:
        return False
    with Reads() as session:
        return reaches(session, actor, _EXACT, area_id)


def frame_for(
    actor: Actor, area_id: int | None, frame: pd.DataFrame, *columns: str
) -> pd.DataFrame:
    """The frame with its counts in `columns` as the actor is told them."""
    if exact(actor, area_id):
        return frame
    return frame.assign(**{name: frame[name].map(told).astype("float64") for name in columns})


def count_for(actor: Actor, area_id: int | None, n: int) -> float:
    """One count as the actor is told it."""
    return n if exact(actor, area_id) else told(n)
