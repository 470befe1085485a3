"""Which accounts may sign in and which of their grants hold, as SQL.

One place, because the look-up at every rerun and the sign-in must never disagree.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from lib.domain.permissions import GIVES, GRANTED, Actor, Grant, Permission, Role
from lib.domain.vocab import Level
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    Installation,
    WebSession,
)
from lib.persistence.scope import below

_Origin = aliased(AccountGrant, name="origin")
_Away = aliased(Account, name="away")
_Place = aliased(Area, name="place")
_Judged = aliased(AccountGrant, name="judged")

HELD = (
    AccountGrant.role,
    AccountGrant.area_id,
    AccountGrant.organisation_id,
    AccountGrant.team_id,
    select(_Origin.account_id)
    .where(_Origin.id == AccountGrant.origin_id)
    .scalar_subquery()
    .label("on_behalf_of"),
)
"""The columns of a grant that `grant_of` reads."""


def grant_of(row: Row[Any]) -> Grant:
    """The grant of a row with the columns `HELD`."""
    return Grant(row.role, row.area_id, row.organisation_id, row.team_id, row.on_behalf_of)


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a grant holds on `day`, both ends included.

    Not when its area is closed, nor, if delegated, when the account it comes from is closed or
    no longer holds it.
    """
    closed = select(_Place.id).where(_Place.id == AccountGrant.area_id, _Place.valid_until < day)
    held = (
        select(_Origin.id)
        .join(_Away, _Away.id == _Origin.account_id)
        .where(_Origin.id == AccountGrant.origin_id, _term(_Origin, day), is_open(_Away, day))
    )
    return and_(
        _term(AccountGrant, day),
        ~closed.exists(),
        or_(AccountGrant.origin_id.is_(None), held.exists()),
    )


def is_open(account: type[Account], day: date) -> ColumnElement[bool]:
    """Whether an account is not closed on `day`."""
    return or_(account.closed_on.is_(None), account.closed_on > day)


def enterable(day: date) -> ColumnElement[bool]:
    """Whether an account is open on `day`; demonstration accounts only in a demonstration."""
    demonstration = select(Installation.id).where(Installation.demonstration).exists()
    return and_(is_open(Account, day), or_(Account.demonstration == false(), demonstration))


def _term(grant: type[AccountGrant], day: date) -> ColumnElement[bool]:
    return and_(grant.since <= day, or_(grant.until.is_(None), grant.until >= day))


def alive(at: datetime, idle: timedelta) -> ColumnElement[bool]:
    """Whether a web session is signed in, not past its end, and used within `idle` before `at`."""
    return and_(
        WebSession.pending == false(), WebSession.expires_at > at, WebSession.seen_at > at - idle
    )


def awaits_first_account(session: Session) -> bool:
    """Whether there is no account at all, save those of a demonstration that was taken out."""
    anybody = select(Account.id).where(Account.demonstration == false()).exists()
    return not session.scalar(select(or_(Installation.demonstration, anybody)))


def giveable(grant: type[AccountGrant], actor: Actor) -> ColumnElement[bool]:
    """Whether the actor could give this grant: a role it gives, within its own area.

    What was lent to the actor gives nothing.
    """
    ways = [
        and_(
            grant.role.in_(sorted(GIVES[own.role])),
            true()
            if own.area_id is None
            else and_(grant.area_id.is_not(None), below(grant.area_id, own.area_id)),
        )
        for own in actor.in_own_name().grants
        if own.role in GIVES
    ]
    return or_(false(), *ways)


def cared_for(actor: Actor, day: date) -> ColumnElement[bool]:
    """Whether the actor looks after an account: it could give every grant that is held there.

    Grants that ended count only where no other is held; lent ones never. An account without any
    is the whole tree's administrator's.
    """
    if any(g.role is Role.ADMINISTRATOR and g.area_id is None for g in actor.in_own_name().grants):
        return true()

    def present(grant: type[AccountGrant]) -> ColumnElement[bool]:
        return and_(
            grant.account_id == Account.id,
            grant.origin_id.is_(None),
            or_(grant.until.is_(None), grant.until >= day),
        )

    other = aliased(AccountGrant, name="other")
    held = and_(
        _Judged.account_id == Account.id,
        _Judged.origin_id.is_(None),
        or_(present(_Judged), ~select(other.id).where(present(other)).exists()),
    )
    judged = select(_Judged.id).where(held)
    return and_(judged.exists(), ~judged.where(~giveable(_Judged, actor)).exists())


def colleague_of(grant_id: int, day: date) -> ColumnElement[bool]:
    """Whether an account holds an office of its own in the street of the grant.

    Where there is no street above, in the area of the grant itself.
    """
    lent, office = aliased(AccountGrant, name="lent"), aliased(AccountGrant, name="office")
    around, within = aliased(AreaLink, name="around"), aliased(AreaLink, name="within")
    street = (
        select(around.ancestor_id)
        .join(Area, Area.id == around.ancestor_id)
        .join(lent, lent.area_id == around.descendant_id)
        .where(lent.id == grant_id, Area.level == Level.STREET)
    )
    own = select(lent.area_id).where(lent.id == grant_id)
    held = (
        select(office.id)
        .join(within, within.descendant_id == office.area_id)
        .where(
            office.account_id == Account.id,
            office.origin_id.is_(None),
            office.role.in_(sorted(GRANTED[Permission.PERSON_REGISTER])),
            _term(office, day),
            or_(
                within.ancestor_id.in_(street), and_(~street.exists(), within.ancestor_id.in_(own))
            ),
        )
    )
    return held.exists()
