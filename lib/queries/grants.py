"""Reads of accounts in one's care, what they hold, and the table of who may do what.

Never cached: what somebody may do is looked at as it is now.
"""

from datetime import date

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from lib.domain.calendar import today
from lib.domain.permissions import GRANTED, Actor, Permission, Role
from lib.persistence.engine import Reads
from lib.persistence.grants import cared_for, giveable, in_force
from lib.persistence.models import Account, AccountGrant, Area, Organisation, Team

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
        return pd.DataFrame(session.execute(statement).all(), columns=list(ACCOUNT_COLUMNS))


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
        return pd.DataFrame(session.execute(statement).all(), columns=list(GRANT_COLUMNS))


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
        return pd.DataFrame(session.execute(statement).all(), columns=list(LOAN_COLUMNS))


def matrix(actor: Actor) -> pd.DataFrame:
    """MATRIX_COLUMNS: whether each role may, one row for each permission; for who may look."""
    if not actor.may(Permission.MATRIX_VIEW):
        return pd.DataFrame(columns=list(MATRIX_COLUMNS))
    rows = [
        (permission.value, *(role in GRANTED[permission] for role in Role))
        for permission in Permission
    ]
    return pd.DataFrame(rows, columns=list(MATRIX_COLUMNS))


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
