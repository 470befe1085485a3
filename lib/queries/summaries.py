"""Which daily summaries a query adds up; the sums themselves stand with what they are about."""

from datetime import date

from sqlalchemy import ColumnElement, and_

from lib.domain.permissions import Actor, Permission
from lib.persistence.models import DaySummary
from lib.persistence.scope import seen


def summed(actor: Actor, *, area_id: int | None, first: date, last: date) -> ColumnElement[bool]:
    """The summaries of the days `first` to `last` below the area, as far as the actor sees."""
    here = seen(DaySummary.area_id, actor, Permission.AREA_VIEW, area_id)
    return and_(here, DaySummary.day.between(first, last))
