"""Where a real street's database begins, so that nothing fills it with the demonstration.

The demonstration itself is made and removed by `lib.demo`.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.vocab import Topic
from lib.persistence.models import Account, Area, Installation
from lib.persistence.summaries import differences, mend
from lib.persistence.transaction import transaction


def start_empty() -> None:
    """Begin a real street's database: from now on nothing fills it with the demonstration.

    Raises:
        Refusal: ``installation.not_empty`` when areas or accounts are there already.
    """
    with transaction(None) as tx:
        areas = tx.session.scalar(select(func.count()).select_from(Area))
        accounts = tx.session.scalar(select(func.count()).select_from(Account))
        if areas or accounts:
            raise Refusal("installation.not_empty", areas=areas, accounts=accounts)
        if mark_started(tx.session):
            tx.record(
                "installation.start_empty",
                "installation",
                topic=Topic.AREAS,
                area_ids=frozenset(),
            )


def repair_summaries() -> None:
    """Count the daily summaries anew from the services, also while others go on writing."""
    with transaction(None) as tx:
        areas = frozenset(row.area_id for row in tx.session.execute(differences()))
        if areas:
            mend(tx.session)
            tx.record(
                "installation.repair_summaries",
                "installation",
                topic=Topic.SERVICE,
                area_ids=areas,
                changes={"areas": (None, len(areas))},
            )


def mark_started(session: Session) -> bool:
    """Note that somebody's own data begin here; False when the database was begun before."""
    installation = session.get(Installation, 1)
    if installation is None or installation.started_on is not None:
        return False
    installation.started_on = today()
    return True
