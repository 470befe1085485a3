"""Reads of accounts in one's care, what they hold, and the table of who may do what.

Never cached: what somebody may do is looked at as it is now.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import now, today
from lib.domain.permissions import GRANTED, Actor, Permission, Role
from lib.persistence.engine import Reads
from lib.persistence.grants import (
    alive,
    cared_for,
    colleague_of,
    enterable,
    giveable,
    in_force,
    is_open,
)
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    ChangeOfPost,
    Organisation,
    Team,
    WebSession,
)
from lib.persistence.scope import reached, seen
from lib.queries.sessions import idle

ACCOUNT_COLUMNS = ("account_id", "name", "display_zh", "display_en", "closed_on", "demonstration")
GRANT_COLUMNS = (
    "grant_id",
    "account_id",
    "role",
    "area_zh",
    "area_en",
    "bound_zh",
    "bound_en",
    "since",
    "until",
    "state",
    "lender_zh",
    "lender_en",
    "givable",
)
LOAN_COLUMNS = ("grant_id", "role", "area_zh", "area_en", "since", "until", "other_zh", "other_en")
AREA_COLUMNS = ("area_id", "name_zh", "name_en", "level")
BOUND_COLUMNS = ("id", "name_zh", "name_en")
COLLEAGUE_COLUMNS = ("account_id", "display_zh", "display_en")
TAKEN_COLUMNS = ("day", "note", "left", "other_zh", "other_en")
SESSION_COLUMNS = (
    "session",
    "account_id",
    "name",
    "display_zh",
    "display_en",
    "device",
    "address",
    "opened_at",
    "seen_at",
)
MATRIX_COLUMNS = ("permission", *(role.value for role in Role))


def listing(
    actor: Actor,
    *,
    text: str = "",
    role: Role | None = None,
    closed: bool = False,
    limit: int = 500,
) -> pd.DataFrame:
    """ACCOUNT_COLUMNS of the accounts the actor looks after, by name; without the own one.

    `text` is found in names, `role` is held today; `closed` asks for the suspended ones.
    """
    if not actor.may(Permission.ACCOUNT_EDIT):
        return pd.DataFrame(columns=list(ACCOUNT_COLUMNS))
    shut = Account.closed_on.is_not(None)
    conditions: list[ColumnElement[bool]] = [
        cared_for(actor, today()),
        Account.id != actor.account_id,
        shut if closed else ~shut,
    ]
    wanted = text.strip()
    if wanted:
        conditions.append(
            or_(
                *(
                    func.lower(column).contains(wanted.lower(), autoescape=True)
                    for column in (Account.name, Account.display_zh, Account.display_en)
                )
            )
        )
    if role is not None:
        conditions.append(
            exists().where(
                AccountGrant.account_id == Account.id,
                AccountGrant.role == role,
                in_force(today()),
            )
        )
    statement = (
        select(
            Account.id,
            Account.name,
            Account.display_zh,
            Account.display_en,
            Account.closed_on,
            Account.demonstration,
        )
        .where(*conditions)
        .order_by(Account.name)
        .limit(limit)
    )
    with Reads() as session:
        return _table(session.execute(statement).all(), ACCOUNT_COLUMNS)


def grants(actor: Actor, *, account_id: int | None = None) -> pd.DataFrame:
    """GRANT_COLUMNS of what those accounts hold, held or will hold; of one, or of all in care.

    `state` is ``held``, ``coming`` or ``ended``; `bound_*` name the unit or team, `lender_*` the
    account a lent grant comes from; `givable` tells whether the actor may change it. The own
    account's grants are shown too.
    """
    lent, lender = aliased(AccountGrant), aliased(Account)
    day = today()
    statement = (
        select(
            AccountGrant.id,
            AccountGrant.account_id,
            AccountGrant.role,
            Area.name_zh,
            Area.name_en,
            func.coalesce(Organisation.name_zh, Team.name_zh),
            func.coalesce(Organisation.name_en, Team.name_en),
            AccountGrant.since,
            AccountGrant.until,
            _state(day),
            lender.display_zh,
            lender.display_en,
            and_(giveable(AccountGrant, actor), AccountGrant.account_id != actor.account_id),
        )
        .join(Account, Account.id == AccountGrant.account_id)
        .outerjoin(Area, Area.id == AccountGrant.area_id)
        .outerjoin(Organisation, Organisation.id == AccountGrant.organisation_id)
        .outerjoin(Team, Team.id == AccountGrant.team_id)
        .outerjoin(lent, lent.id == AccountGrant.origin_id)
        .outerjoin(lender, lender.id == lent.account_id)
        .where(_visible(actor))
        .order_by(AccountGrant.account_id, AccountGrant.since.desc(), AccountGrant.id.desc())
    )
    if account_id is not None:
        statement = statement.where(AccountGrant.account_id == account_id)
    with Reads() as session:
        return _table(session.execute(statement).all(), GRANT_COLUMNS)


def loans(actor: Actor) -> pd.DataFrame:
    """LOAN_COLUMNS of what the actor has lent and not got back, `other_*` to whom."""
    origin = aliased(AccountGrant)
    statement = (
        select(
            AccountGrant.id,
            AccountGrant.role,
            Area.name_zh,
            Area.name_en,
            AccountGrant.since,
            AccountGrant.until,
            Account.display_zh,
            Account.display_en,
        )
        .join(origin, origin.id == AccountGrant.origin_id)
        .join(Account, Account.id == AccountGrant.account_id)
        .outerjoin(Area, Area.id == AccountGrant.area_id)
        .where(origin.account_id == actor.account_id, AccountGrant.until >= today())
        .order_by(AccountGrant.since)
    )
    with Reads() as session:
        return _table(session.execute(statement).all(), LOAN_COLUMNS)


def matrix(actor: Actor) -> pd.DataFrame:
    """MATRIX_COLUMNS: whether each role may, one row for each permission; for who may look."""
    if not actor.may(Permission.MATRIX_VIEW):
        return pd.DataFrame(columns=list(MATRIX_COLUMNS))
    rows = [
        (permission.value, *(role in GRANTED[permission] for role in Role))
        for permission in Permission
    ]
    return _table(rows, MATRIX_COLUMNS)


def areas(actor: Actor) -> pd.DataFrame:
    """AREA_COLUMNS of the present areas in which the actor gives roles, as the tree is ordered."""
    statement = (
        select(Area.id, Area.name_zh, Area.name_en, Area.level)
        .where(
            Area.valid_until.is_(None),
            reached(Area.id, actor.in_own_name(), Permission.ACCOUNT_EDIT),
        )
        .order_by(Area.code)
    )
    with Reads() as session:
        return _table(session.execute(statement).all(), AREA_COLUMNS)


def bound_to(actor: Actor, *, role: Role, area_id: int) -> pd.DataFrame:
    """BOUND_COLUMNS of the units or teams below the area that a grant of the role may name."""
    model = Organisation if role is Role.UNIT_LIAISON else Team
    statement = (
        select(model.id, model.name_zh, model.name_en)
        .where(seen(model.area_id, actor.in_own_name(), Permission.ACCOUNT_EDIT, area_id))
        .order_by(model.name_zh)
    )
    if model is Organisation:
        statement = statement.where(Organisation.closed_on.is_(None))
    with Reads() as session:
        return _table(session.execute(statement).all(), BOUND_COLUMNS)


def colleagues(actor: Actor, *, grant_id: int) -> pd.DataFrame:
    """COLLEAGUE_COLUMNS of who may stand in for an own grant, by name."""
    statement = (
        select(Account.id, Account.display_zh, Account.display_en)
        .where(
            colleague_of(grant_id, today()),
            Account.id != actor.account_id,
            is_open(Account, today()),
        )
        .order_by(Account.display_zh)
    )
    own = select(AccountGrant.id).where(
        AccountGrant.id == grant_id, AccountGrant.account_id == actor.account_id
    )
    with Reads() as session:
        rows = session.execute(statement).all() if session.scalar(own) is not None else []
        return _table(rows, COLLEAGUE_COLUMNS)


def signed_in(actor: Actor, *, limit: int = 500) -> pd.DataFrame:
    """SESSION_COLUMNS of the live sessions of the accounts in care, the last used first.

    `session` names one to `lib.services.grants.end_one_session`.
    """
    statement = (
        select(
            WebSession.token_hash,
            Account.id,
            Account.name,
            Account.display_zh,
            Account.display_en,
            WebSession.device,
            WebSession.address,
            WebSession.opened_at,
            WebSession.seen_at,
        )
        .join(Account, Account.id == WebSession.account_id)
        .where(cared_for(actor, today()), alive(now(), idle()), enterable(today()))
        .order_by(WebSession.seen_at.desc())
        .limit(limit)
    )
    with Reads() as session:
        rows = session.execute(statement).all() if actor.may(Permission.ACCOUNT_EDIT) else []
        return _table(rows, SESSION_COLUMNS)


def taken_over(actor: Actor, *, account_id: int) -> pd.DataFrame:
    """TAKEN_COLUMNS of the changes of post an account was part of, the last first.

    Its own, or those of an account in the actor's care. `left` says whether it was the one that
    handed over; `other_*` is the other account.
    """
    other = aliased(Account)
    left = ChangeOfPost.predecessor_id == account_id
    statement = (
        select(ChangeOfPost.day, ChangeOfPost.note, left, other.display_zh, other.display_en)
        .join(
            other,
            other.id == case((left, ChangeOfPost.successor_id), else_=ChangeOfPost.predecessor_id),
        )
        .where(or_(left, ChangeOfPost.successor_id == account_id))
        .where(exists().where(Account.id == account_id, _visible(actor)))
        .order_by(ChangeOfPost.id.desc())
    )
    with Reads() as session:
        return _table(session.execute(statement).all(), TAKEN_COLUMNS)


def _table(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    """The rows as they are: a missing name or day stays None."""
    return pd.DataFrame([tuple(row) for row in rows], columns=list(columns), dtype=object)


def _visible(actor: Actor) -> ColumnElement[bool]:
    own = Account.id == actor.account_id
    if not actor.may(Permission.ACCOUNT_EDIT):
        return own
    return or_(own, cared_for(actor, today()))


def _state(day: date) -> ColumnElement[str]:
    return case(
        (in_force(day), literal("held")),
        (AccountGrant.since > day, literal("coming")),
        else_=literal("ended"),
    )
