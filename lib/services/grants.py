"""Commands on what accounts hold: give, change, end and lend a grant; suspend and reactivate.

Who gives which role stands in `lib.domain.permissions.GIVES`. Passwords, codes and sessions are
`lib.services.accounts`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, exists, func, or_, select

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.permissions import GRANTED, WIDEST, WITHOUT_AREA, Actor, Permission, Role
from lib.domain.vocab import Language, Topic
from lib.persistence.grants import colleague_of, giveable, in_force
from lib.persistence.models import (
    Account,
    AccountGrant,
    Area,
    AreaLink,
    Installation,
    Organisation,
    Team,
    WebSession,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.accounts import Issued, add_invited, looked_after

LOAN_DAYS_MAX = 92
"""A longer absence is a change of post."""

_EDIT = Permission.ACCOUNT_EDIT


@dataclass(frozen=True)
class GrantEntry:
    """What the form says of a grant; days are local and both included."""

    role: Role
    area_id: int | None
    since: date
    until: date | None = None
    organisation_id: int | None = None
    team_id: int | None = None


def invite_account(
    actor: Actor | None,
    *,
    name: str,
    display_zh: str,
    display_en: str = "",
    language: Language = Language.ZH,
    entry: GrantEntry,
) -> Issued:
    """Make an account with its first grant, and the code with which its owner sets a password.

    Raises:
        Invalid: naming every field of the grant to mend.
        NotPermitted: the role or the area is not the actor's to give.
        Refusal: ``account.name_unfit`` or ``account.name_taken``.
    """
    with transaction(actor) as tx:
        if actor is not None and not actor.may(_EDIT):
            raise NotPermitted(_EDIT, entry.area_id)
        issued = add_invited(
            tx, name=name, display_zh=display_zh, display_en=display_en, language=language
        )
        add_grant(tx, tx.session.get_one(Account, issued.account_id), entry)
        return issued


def give_grant(actor: Actor | None, *, account_id: int, entry: GrantEntry) -> int:
    """Give an account a role within a scope, from a day, until another if there is one.

    Returns:
        The id of the grant.

    Raises:
        Invalid: naming every field to mend.
        NotFound: no such account.
        NotPermitted: the role or the area is not the actor's to give, or it is the own account.
    """
    with transaction(actor) as tx:
        account = looked_after(tx, account_id)
        return add_grant(tx, account, entry)


def add_grant(tx: Transaction, account: Account, entry: GrantEntry) -> int:
    """Like `give_grant`, within an open transaction that has permitted the account."""
    problems = _problems(tx, account.id, entry)
    if problems:
        raise Invalid(problems)
    grant = AccountGrant(
        account_id=account.id,
        role=entry.role,
        area_id=entry.area_id,
        organisation_id=entry.organisation_id,
        team_id=entry.team_id,
        since=entry.since,
        until=entry.until,
    )
    tx.session.add(grant)
    tx.session.flush()
    permit_giving(tx, grant)
    _record(tx, "account.grant", account, grant, {"role": (None, entry.role)} | _days(grant))
    return grant.id


def change_grant(actor: Actor, *, grant_id: int, since: date, until: date | None) -> None:
    """Set the first and the last day of a grant.

    Raises:
        Invalid: the days are reversed.
        NotFound: no such grant, or a lent one.
        NotPermitted: the grant is not the actor's to give, or it is the own account's.
        Refusal: ``account.last_administrator``.
    """
    with transaction(actor) as tx:
        grant, account = _loaded(tx, grant_id)
        if grant.origin_id is not None:
            raise NotFound
        looked_after(tx, account.id)
        permit_giving(tx, grant)
        problems = _day_problems(since, until)
        if problems:
            raise Invalid(problems)
        changes: dict[str, tuple[object, object]] = {
            name: (before, after)
            for name, before, after in (
                ("since", grant.since, since),
                ("until", grant.until, until),
            )
            if before != after
        }
        if not changes:
            return
        grant.since, grant.until = since, until
        keep_an_administrator(tx, grant.role)
        _record(tx, "account.grant_change", account, grant, changes)


def end_grant(actor: Actor, *, grant_id: int) -> None:
    """End a grant at once; a lent one also by whom it was lent from, or to.

    Raises:
        NotFound: no such grant.
        NotPermitted: the grant is not the actor's to end.
        Refusal: ``account.last_administrator``.
    """
    with transaction(actor) as tx:
        grant, account = _loaded(tx, grant_id)
        if not _own_loan(tx, grant):
            looked_after(tx, account.id)
            permit_giving(tx, grant)
        before = grant.until
        yesterday = today() - timedelta(days=1)
        changes: dict[str, tuple[object, object]] = {
            "role": (grant.role, None),
            "until": (before, yesterday),
        }
        _record(tx, "account.grant_end", account, grant, changes)
        if grant.since > yesterday:  # it never held for a whole day: nothing is left to show
            tx.session.delete(grant)
        elif before is None or before > yesterday:
            grant.until = yesterday
        keep_an_administrator(tx, grant.role)


def lend_grant(actor: Actor, *, grant_id: int, to: int, since: date, until: date) -> int:
    """Let a colleague act in one's place for some days, by one of the own grants.

    What was lent cannot be lent again, nor gives anybody a role. It ends with its last day, with
    the grant it comes from, or earlier by `end_grant`.

    Returns:
        The id of the lent grant.

    Raises:
        Invalid: the days are reversed, past, too many, or outside of the own grant.
        NotFound: no such grant or account.
        NotPermitted: it is not the actor's own grant, was lent to the actor, or holds no office.
        Refusal: ``account.lend_to_yourself``, ``account.lend_elsewhere`` to an account that holds
            no office in the same street.
    """
    with transaction(actor) as tx:
        origin, _ = _loaded(tx, grant_id)
        held = tx.session.scalar(
            select(AccountGrant.id).where(AccountGrant.id == grant_id, in_force(today()))
        )
        lends = origin.role in GRANTED[Permission.GRANT_DELEGATE] and held is not None
        if origin.account_id != actor.account_id or origin.origin_id is not None or not lends:
            raise NotPermitted(Permission.GRANT_DELEGATE, origin.area_id)
        if to == actor.account_id:
            raise Refusal("account.lend_to_yourself")
        account = _open_account(tx, to)
        problems = _loan_problems(origin, since, until)
        if problems:
            raise Invalid(problems)
        colleague = select(Account.id).where(
            Account.id == account.id, colleague_of(origin.id, today())
        )
        if tx.session.scalar(colleague) is None:
            raise Refusal("account.lend_elsewhere", name=account.display_zh)
        loan = AccountGrant(
            account_id=account.id,
            role=origin.role,
            area_id=origin.area_id,
            origin_id=origin.id,
            since=since,
            until=until,
        )
        tx.session.add(loan)
        tx.session.flush()
        lender = tx.session.get_one(Account, actor.account_id)
        told = {"role": (None, origin.role), "on_behalf_of": (None, lender.name)}
        _record(tx, "account.lend", account, loan, told | _days(loan))
        return loan.id


def suspend_account(actor: Actor, *, account_id: int) -> None:
    """Let nobody sign in with an account any more; whoever is inside is out at the next click.

    Raises:
        NotFound: no such account.
        NotPermitted: the actor does not look after it, or it is the own one.
        Refusal: ``account.last_administrator``.
    """
    with transaction(actor) as tx:
        account = looked_after(tx, account_id)
        before, account.closed_on = account.closed_on, today()
        for role in tx.session.scalars(
            select(AccountGrant.role).where(AccountGrant.account_id == account.id)
        ).all():
            keep_an_administrator(tx, role)
        _record(tx, "account.suspend", account, None, {"closed_on": (before, today())})


def reactivate_account(actor: Actor, *, account_id: int) -> None:
    """Undo `suspend_account`.

    Raises:
        NotFound: no such account.
        NotPermitted: the actor does not look after it, or it is the own one.
    """
    with transaction(actor) as tx:
        account = looked_after(tx, account_id)
        before, account.closed_on = account.closed_on, None
        _record(tx, "account.reactivate", account, None, {"closed_on": (before, None)})


def end_one_session(actor: Actor, *, account_id: int, session: str) -> None:
    """End one session of an account, as `lib.queries.grants.signed_in` names it.

    Raises:
        NotFound: no such account.
        NotPermitted: the actor does not look after it, or it is the own one.
    """
    with transaction(actor) as tx:
        account = looked_after(tx, account_id)
        tx.session.execute(
            delete(WebSession).where(
                WebSession.token_hash == session, WebSession.account_id == account.id
            )
        )
        _record(tx, "session.end", account, None, {})


def _loaded(tx: Transaction, grant_id: int) -> tuple[AccountGrant, Account]:
    grant = tx.session.get(AccountGrant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound
    return grant, tx.session.get_one(Account, grant.account_id)


def _open_account(tx: Transaction, account_id: int) -> Account:
    account = tx.session.get(Account, account_id)
    if account is None or account.closed_on is not None:
        raise NotFound
    return account


def permit_giving(tx: Transaction, grant: AccountGrant) -> None:
    """Go on only if the actor could give this grant.

    Raises:
        NotPermitted: its role or area is not the actor's to give.
    """
    if tx.actor is None:
        return
    mine = select(AccountGrant.id).where(
        AccountGrant.id == grant.id, giveable(AccountGrant, tx.actor)
    )
    if tx.session.scalar(mine) is None:
        raise NotPermitted(_EDIT, grant.area_id)


def _own_loan(tx: Transaction, grant: AccountGrant) -> bool:
    if tx.actor is None or grant.origin_id is None:
        return False
    lender = tx.session.get_one(AccountGrant, grant.origin_id).account_id
    return tx.actor.account_id in (lender, grant.account_id)


def _problems(tx: Transaction, account_id: int, entry: GrantEntry) -> list[Problem]:
    problems = _day_problems(entry.since, entry.until)
    area = None if entry.area_id is None else tx.session.get(Area, entry.area_id)
    if area is None:
        if entry.area_id is not None or entry.role not in WITHOUT_AREA:
            problems.append(Problem("area_id", "problem.missing"))
    elif entry.role is Role.AUDITOR:
        problems.append(Problem("area_id", "problem.no_area"))
    elif area.valid_until is not None and area.valid_until < today():
        problems.append(
            Problem("area_id", "problem.area_closed", {"day": area.valid_until.isoformat()})
        )
    elif entry.role in WIDEST and area.level.depth < WIDEST[entry.role].depth:
        problems.append(Problem("area_id", "problem.too_wide", {"level": WIDEST[entry.role]}))
    problems += _bound_problems(tx, entry)
    same = select(AccountGrant.id).where(
        AccountGrant.account_id == account_id,
        AccountGrant.role == entry.role,
        func.coalesce(AccountGrant.area_id, 0) == (entry.area_id or 0),
        func.coalesce(AccountGrant.organisation_id, 0) == (entry.organisation_id or 0),
        func.coalesce(AccountGrant.team_id, 0) == (entry.team_id or 0),
        AccountGrant.origin_id.is_(None),
        or_(AccountGrant.until.is_(None), AccountGrant.until >= entry.since),
    )
    if tx.session.scalar(same.limit(1)) is not None:
        problems.append(Problem("role", "problem.grant_there"))
    return problems


def _bound_problems(tx: Transaction, entry: GrantEntry) -> list[Problem]:
    """The unit of a liaison and the team of a leader must be there, within the area."""
    problems = []
    session = tx.session
    unit = session.get(Organisation, entry.organisation_id) if entry.organisation_id else None
    team = session.get(Team, entry.team_id) if entry.team_id else None
    for field, row, role in (
        ("organisation_id", unit, Role.UNIT_LIAISON),
        ("team_id", team, Role.TEAM_LEADER),
    ):
        if (entry.role is role) != (row is not None):
            code = "problem.missing" if entry.role is role else "problem.not_with_role"
            problems.append(Problem(field, code))
        elif row is not None and entry.area_id is not None:
            within = exists().where(
                AreaLink.descendant_id == row.area_id, AreaLink.ancestor_id == entry.area_id
            )
            if not tx.session.scalar(select(within)):
                problems.append(Problem(field, "problem.elsewhere"))
    return problems


def _day_problems(since: date, until: date | None) -> list[Problem]:
    if until is not None and until < since:
        return [Problem("until", "problem.before", {"day": since.isoformat()})]
    return []


def _loan_problems(origin: AccountGrant, since: date, until: date) -> list[Problem]:
    problems = _day_problems(since, until)
    if since < today():
        problems.append(Problem("since", "problem.before", {"day": today().isoformat()}))
    last = since + timedelta(days=LOAN_DAYS_MAX - 1)
    if origin.until is not None:
        last = min(last, origin.until)
    if until > last:
        problems.append(Problem("until", "problem.after", {"day": last.isoformat()}))
    return problems


def keep_an_administrator(tx: Transaction, role: Role) -> None:
    """Go on only while somebody administers the whole tree for good; asked when `role` ended.

    The lock lets two administrators not take each other's role at the same moment.

    Raises:
        Refusal: ``account.last_administrator``.
    """
    if role is not Role.ADMINISTRATOR:
        return
    tx.session.get(Installation, 1, with_for_update=True)
    tx.session.flush()
    left = (
        select(AccountGrant.id)
        .join(Account, Account.id == AccountGrant.account_id)
        .where(
            AccountGrant.role == Role.ADMINISTRATOR,
            AccountGrant.area_id.is_(None),
            AccountGrant.origin_id.is_(None),
            AccountGrant.since <= today(),
            AccountGrant.until.is_(None),
            Account.closed_on.is_(None),
        )
    )
    if tx.session.scalar(left.limit(1)) is None:
        raise Refusal("account.last_administrator")


def _days(grant: AccountGrant) -> dict[str, tuple[object, object]]:
    days: dict[str, tuple[object, object]] = {"since": (None, grant.since)}
    return days if grant.until is None else days | {"until": (None, grant.until)}


def _record(
    tx: Transaction,
    action: str,
    account: Account,
    grant: AccountGrant | None,
    changes: dict[str, tuple[object, object]],
) -> None:
    area_id = None if grant is None else grant.area_id
    tx.record(
        action,
        account,
        topic=Topic.PEOPLE,
        area_ids=frozenset() if area_id is None else frozenset({area_id}),
        label=account.name,
        changes=changes,
    )
