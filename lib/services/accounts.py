"""Commands on accounts: add one with its role and scope.

Signing in stands in `lib.services.sessions`.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.permissions import WITHOUT_AREA, Role
from lib.domain.text import line
from lib.domain.vocab import Language, Topic
from lib.persistence.models import Account, AccountGrant, Area
from lib.persistence.transaction import transaction
from lib.services.installation import mark_started
from lib.services.sessions import password_hash

NAME_LIMIT = 64
PASSWORD_LEAST = 8
PASSWORD_LIMIT = 1024
"""Longer passwords only cost the hash time."""


def add_account(
    *,
    name: str,
    password: str,
    role: Role = Role.ADMINISTRATOR,
    area_code: str | None = None,
    display_zh: str = "",
    display_en: str = "",
    language: Language = Language.ZH,
) -> int:
    """Add somebody who can sign in, for the command line alone; returns the account's id.

    `name` is what is typed at the door; without display names it is shown as it is.

    Raises:
        Refusal: ``account.name_unfit``, ``account.name_taken``, ``account.password_short``,
            ``account.password_long``, ``account.area_needed``, ``account.unit_needed``,
            ``account.no_area`` or ``areas.unknown``.
    """
    shown = line(name)
    if not shown or shown != name or len(name) > NAME_LIMIT:
        raise Refusal("account.name_unfit", limit=NAME_LIMIT)
    if len(password) < PASSWORD_LEAST:
        raise Refusal("account.password_short", least=PASSWORD_LEAST)
    if len(password) > PASSWORD_LIMIT:
        raise Refusal("account.password_long", limit=PASSWORD_LIMIT)
    if role in (Role.UNIT_LIAISON, Role.TEAM_LEADER):
        raise Refusal("account.unit_needed", role=role)
    if role is Role.AUDITOR and area_code is not None:
        raise Refusal("account.no_area", role=role)
    if area_code is None and role not in WITHOUT_AREA:
        raise Refusal("account.area_needed", role=role)
    hashed = password_hash(password)
    with transaction(None) as tx:
        if tx.session.scalar(select(Account.id).where(Account.name == name)) is not None:
            raise Refusal("account.name_taken", name=name)
        area_id = None if area_code is None else _area_id(tx.session, area_code)
        account = Account(
            name=name,
            display_zh=line(display_zh)[:60] or shown[:60],
            display_en=line(display_en)[:60] or shown[:60],
            password_hash=hashed,
            language=language,
            demonstration=False,
        )
        tx.session.add(account)
        tx.session.flush()
        tx.session.add(
            AccountGrant(account_id=account.id, role=role, area_id=area_id, since=today())
        )
        mark_started(tx.session)
        tx.record(
            "account.add",
            account,
            topic=Topic.PEOPLE,
            area_ids=frozenset() if area_id is None else frozenset({area_id}),
            label=name,
            changes={"role": (None, role), "area": (None, area_code)},
        )
        return account.id


def _area_id(session: Session, code: str) -> int:
    found = session.scalar(select(Area.id).where(Area.code == code))
    if found is None:
        raise Refusal("areas.unknown", area=code)
    return found
