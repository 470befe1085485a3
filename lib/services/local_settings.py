"""Commands on the street's own settings: change one with a reason, bring an earlier value back.

What can be set and by which rules stands in `lib.domain.local_settings`.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lib.domain.calendar import now
from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Problem, Refusal
from lib.domain.local_settings import SETTINGS, WORDED, SettingKey, default_of, differences
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line, required
from lib.domain.vocab import Language, Topic
from lib.i18n.glossary import word
from lib.persistence.models import LocalSetting
from lib.persistence.scope import INSTALLATION, reaches_every_street
from lib.persistence.transaction import Transaction, transaction
from lib.services.emblems import emblem_of

REASON_MAX = 200


def change_setting(
    actor: Actor, *, key: SettingKey, value: object, reason: str, version: int
) -> None:
    """Set a value whose form was opened at `version`, 0 where nothing was ever set.

    An emblem is set by `set_emblem` alone. A value that is there already changes nothing.

    Raises:
        Changed: somebody saved in between; `current` holds what stands there now.
        Invalid: naming what to mend, of an accent the ratio and the nearest colour that does.
        NotPermitted: the actor does not hold the permission in every street.
    """
    if key is SettingKey.EMBLEM and value:
        raise Refusal("emblem.no_picture")
    _change(actor, key, value, reason, version)


def set_emblem(actor: Actor, *, file: bytes, reason: str, version: int) -> None:
    """Set the emblem from an uploaded PNG or JPEG.

    Raises:
        Refusal: what `lib.services.emblems.emblem_of` says, and as `change_setting`.
    """
    _change(actor, SettingKey.EMBLEM, emblem_of(file), reason, version)


def restore_setting(
    actor: Actor, *, key: SettingKey, number: int | None, reason: str, version: int
) -> None:
    """Bring back the value that change `number` of this key had set, None for the default.

    Raises:
        Changed, Invalid, NotPermitted: as `change_setting`.
        NotFound: no such change of this key.
    """
    with transaction(actor) as tx:
        _permit(tx)
        value = default_of(key)
        if number is not None:
            change = tx.session.get(LocalSetting, number)
            if change is None or change.key != key:
                raise NotFound
            value = _loaded(key, change.value)
        _write(tx, key, value, reason, version)


def _change(actor: Actor, key: SettingKey, value: object, reason: str, version: int) -> None:
    with transaction(actor) as tx:
        _permit(tx)
        _write(tx, key, value, reason, version)


def _permit(tx: Transaction) -> None:
    """Settings hold in every street, so who changes them must reach every street there is."""
    actor = tx.actor
    if actor is None or not reaches_every_street(tx.session, actor, Permission.SETTINGS_EDIT):
        raise NotPermitted(Permission.SETTINGS_EDIT)


def _write(tx: Transaction, key: SettingKey, value: Any, reason: str, version: int) -> None:  # noqa: ANN401
    setting = SETTINGS[key]
    last = tx.session.scalar(
        select(LocalSetting).where(LocalSetting.key == key).order_by(LocalSetting.version.desc())
    )
    before = default_of(key) if last is None else _loaded(key, last.value)
    present = 0 if last is None else last.version
    if present != version:
        raise Changed(_told(key, before), present)
    words, value = line(reason), setting.tidy(value)
    problems = [
        *required("setting_reason", words, REASON_MAX),
        *setting.problems(value),
        *_clashes(key, value),
    ]
    if problems:
        raise Invalid(problems)
    changes = differences(key, before, value)
    if setting.dump(value) == setting.dump(before):
        return
    tx.session.add(
        LocalSetting(
            key=key,
            version=present + 1,
            value=None if value == default_of(key) else setting.dump(value),
            reason=words,
            account_id=tx.actor.account_id if tx.actor else None,
            at=now(),
        )
    )
    _flush(tx, key)
    tx.record(
        "setting.change",
        "local_setting",
        topic=Topic.SETTINGS,
        area_ids=INSTALLATION,
        label=f"{key}: {words}",
        changes=dict(changes),
    )


def _clashes(key: SettingKey, value: Any) -> list[Problem]:  # noqa: ANN401 - by setting
    """Own words that are the usual word of another member: nobody could tell the two apart."""
    if key not in WORDED:
        return []
    usual = {word(m, one): m for m in WORDED[key] for one in Language}
    return [
        Problem("kind_name", "problem.usual_word", {"name": own, "other": usual[own]})
        for member, named in value.items()
        for own in (named.zh, named.en)
        if usual.get(own, member) is not member
    ]


def _flush(tx: Transaction, key: SettingKey) -> None:
    """Two first changes at once collide on the version alone."""
    try:
        tx.session.flush()
    except IntegrityError as error:
        raise Refusal("refusal.changed_meanwhile") from error


def _loaded(key: SettingKey, stored: object) -> Any:  # noqa: ANN401 - each setting has its type
    return default_of(key) if stored is None else SETTINGS[key].load(stored)


def _told(key: SettingKey, value: object) -> dict[str, object]:
    """The value as one text, for whoever was second."""
    parts = differences(key, default_of(key), value)
    return {key.value: "; ".join(after for _, after in parts.values())}
