"""Reads of the street's own settings: what holds now, and every change with its reason."""

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from lib.domain.local_settings import LocalSettings, SettingKey, gathered
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Account, LocalSetting
from lib.persistence.scope import reaches_every_street
from lib.queries.counters import reads

CHANGE_COLUMNS = (
    "number",
    "key",
    "version",
    "value",
    "before",
    "reason",
    "account_zh",
    "account_en",
    "at",
)
"""`value` and `before` are typed as `LocalSettings` has them; names are empty for nobody."""


@reads(Topic.SETTINGS)
def current(_actor: Actor | None) -> LocalSettings:
    """The settings as they stand; they are no secret, the door shows them too."""
    latest = (
        select(LocalSetting.key, func.max(LocalSetting.version).label("version"))
        .group_by(LocalSetting.key)
        .subquery()
    )
    statement = select(LocalSetting.key, LocalSetting.version, LocalSetting.value).join(
        latest,
        (latest.c.key == LocalSetting.key) & (latest.c.version == LocalSetting.version),
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    # A key that a newer version of the product brought says nothing to this one.
    known = set(SettingKey)
    return gathered((SettingKey(r.key), r.version, r.value) for r in rows if r.key in known)


@reads(Topic.SETTINGS)
def changes(actor: Actor, *, keys: tuple[SettingKey, ...]) -> pd.DataFrame:
    """CHANGE_COLUMNS of the changes of some settings, newest first; empty without permission."""
    if not actor.may(Permission.SETTINGS_EDIT):
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    statement = (
        select(LocalSetting, Account.display_zh, Account.display_en)
        .outerjoin(Account, Account.id == LocalSetting.account_id)
        .where(LocalSetting.key.in_(keys))
        .order_by(LocalSetting.id)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    held: dict[str, Any] = {}
    found = []
    for change, name_zh, name_en in rows:
        key = SettingKey(change.key)
        value = getattr(gathered([(key, change.version, change.value)]), key)
        before = held.get(key, getattr(LocalSettings(), key))
        held[key] = value
        found.append(
            (
                change.id,
                key,
                change.version,
                value,
                before,
                change.reason,
                name_zh,
                name_en,
                change.at,
            )
        )
    return pd.DataFrame(found[::-1], columns=list(CHANGE_COLUMNS), dtype=object)


@reads(Topic.AREAS)
def may_change(actor: Actor) -> bool:
    """Whether the actor may change settings: they hold in every street that there is."""
    with Reads() as session:
        return reaches_every_street(session, actor, Permission.SETTINGS_EDIT)
