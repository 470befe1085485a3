"""Which accounts may sign in and which of their grants hold, as SQL.

One place, because the look-up at every rerun and the sign-in must never disagree.
"""

from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_, select

from lib.persistence.models import Account, AccountGrant, Installation


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a grant holds on `day`, both ends included."""
    return and_(
        AccountGrant.since <= day,
        or_(AccountGrant.until.is_(None), AccountGrant.until >= day),
    )


def enterable(day: date) -> ColumnElement[bool]:
    """Whether an account is open on `day`; demonstration accounts only in a demonstration."""
    demonstration = select(Installation.id).where(Installation.demonstration).exists()
    return and_(
        or_(Account.closed_on.is_(None), Account.closed_on > day),
        or_(Account.demonstration == false(), demonstration),
    )
