"""Changing settings on both engines: reason, trail, two at once, who may, and bringing back."""

import base64
import io
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import Changed, Invalid, NotFound, NotPermitted, Refusal
from lib.domain.local_settings import Accent, Choice, LocalSettings, Pair, SettingKey
from lib.domain.permissions import Role
from lib.domain.vocab import Language, Level, ServiceKind, Topic
from lib.i18n.glossary import word
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import AuditEntry
from lib.queries.counters import positions
from lib.queries.local_settings import changes, current, may_change
from lib.services.emblems import SIDE
from lib.services.local_settings import change_setting, restore_setting, set_emblem
from tests.factories import SmallStreet

NAME, LEVELS = SettingKey.STREET_NAME, SettingKey.LEVEL_NAMES


def name_it(street: SmallStreet, zh: str, version: int, reason: str = "挂牌") -> None:
    actor = street.actors["administrator"]
    change_setting(actor, key=NAME, value=Pair(zh, "Linjiang"), reason=reason, version=version)


def picture(form: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#b3332a").save(out, form)
    return out.getvalue()


def test_current__nobody_set_anything__the_defaults(street: SmallStreet) -> None:
    assert current(None) == LocalSettings()


def test_change__trail_counter_and_history(street: SmallStreet) -> None:
    watcher = street.actors["volunteer"]
    before = positions(watcher)[Topic.SETTINGS]
    name_it(street, " 临江\u200b街道 ", 0)
    assert current(None).street_name == Pair("临江街道", "Linjiang")
    assert current(None).versions == {NAME: 1}
    assert positions(watcher)[Topic.SETTINGS] != before
    with Reads() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_label) == ("setting.change", "street_name: 挂牌")
    assert entry.changes == {"street_name": ["", "临江街道 / Linjiang"]}
    (row,) = changes(street.actors["administrator"], keys=(NAME,)).to_dict("records")
    assert (row["before"], row["value"], row["reason"]) == (
        Pair(),
        Pair("临江街道", "Linjiang"),
        "挂牌",
    )
    assert changes(watcher, keys=(NAME,)).empty


def test_change__second_of_two__is_told_what_stands_there(street: SmallStreet) -> None:
    name_it(street, "临江街道", 0)
    with pytest.raises(Changed) as caught:
        name_it(street, "望海街道", 0)
    assert caught.value.version == 1
    assert caught.value.current == {"street_name": "临江街道 / Linjiang"}
    name_it(street, "望海街道", 1)
    assert current(None).street_name.zh == "望海街道"


def test_change__the_same_again__writes_nothing(street: SmallStreet) -> None:
    name_it(street, "临江街道", 0)
    name_it(street, "临江街道", 1)
    assert current(None).versions == {NAME: 1}


@pytest.mark.parametrize("reason", ["", " \u200b ", "因" * 201])
def test_change__without_a_sound_reason__refused(street: SmallStreet, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        name_it(street, "临江街道", 0, reason)
    assert [problem.field for problem in caught.value.problems] == ["setting_reason"]
    assert current(None).versions == {}


def test_restore__earlier_value_and_default(street: SmallStreet) -> None:
    actor = street.actors["administrator"]
    name_it(street, "临江街道", 0)
    name_it(street, "望海街道", 1)
    first = int(changes(actor, keys=(NAME,)).iloc[-1]["number"])
    restore_setting(actor, key=NAME, number=first, reason="改回", version=2)
    assert current(None).street_name.zh == "临江街道"
    restore_setting(actor, key=NAME, number=None, reason="不用了", version=3)
    assert current(None).street_name == Pair()
    assert len(changes(actor, keys=(NAME,))) == 4
    with pytest.raises(NotFound):
        restore_setting(actor, key=LEVELS, number=first, reason="x", version=0)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_change__who_does_not_reach_every_street__refused(street: SmallStreet, role: Role) -> None:
    actor = street.actors[role.value]
    assert not may_change(actor)
    with pytest.raises(NotPermitted):
        change_setting(actor, key=NAME, value=Pair("我街道"), reason="x", version=0)
    assert current(None) == LocalSettings()


def test_change__the_committee_of_the_only_street__may(street: SmallStreet) -> None:
    with Writes.begin() as session:
        session.execute(
            text("update area set level = 'community' where id = :t"), {"t": street.areas.t}
        )
    actor = street.actors["street_committee"]
    assert may_change(actor)
    names = {Level.GRID: Pair("片区", "Block")}
    change_setting(actor, key=LEVELS, value=names, reason="本地叫法", version=0)
    days = {2027: {date(2027, 1, 1): False}}
    change_setting(actor, key=SettingKey.SPECIAL_DAYS, value=days, reason="元旦", version=0)
    assert current(None).level_names == names
    assert current(None).special_days == days


def test_change__unreadable_accent__refused_with_ratio(street: SmallStreet) -> None:
    with pytest.raises(Invalid) as caught:
        change_setting(
            street.actors["administrator"],
            key=SettingKey.ACCENT,
            value=Accent("#ffcc00", "#E0685C"),
            reason="换色",
            version=0,
        )
    assert [p.code for p in caught.value.problems] == ["problem.contrast"]


def test_change__the_usual_word_of_another_kind__refused(street: SmallStreet) -> None:
    actor, key = street.actors["administrator"], SettingKey.SERVICE_KINDS
    visit = word(ServiceKind.VISIT, Language.ZH)
    with pytest.raises(Invalid) as caught:
        value = {ServiceKind.PATROL: Choice(visit)}
        change_setting(actor, key=key, value=value, reason="改名", version=0)
    assert [p.code for p in caught.value.problems] == ["problem.usual_word"]
    own = {ServiceKind.VISIT: Choice(visit)}
    change_setting(actor, key=key, value=own, reason="照旧", version=0)
    assert current(None).service_kinds == own


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_set_emblem__is_written_anew_and_small(street: SmallStreet, form: str) -> None:
    actor = street.actors["administrator"]
    file = picture(form, (400, 200)) + b"<script>"
    set_emblem(actor, file=file, reason="徽标", version=0)
    kept = base64.b64decode(current(None).emblem)
    assert b"<script>" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert (opened.format, opened.size) == ("PNG", (SIDE, SIDE))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "emblem.no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "emblem.no_picture"),
        (picture("GIF", (9, 9)), "emblem.no_picture"),
        (picture("PNG", (99, 99))[:60], "emblem.no_picture"),
        (picture("PNG", (4001, 1)), "emblem.too_many_pixels"),
        (b"\x89PNG" + b"0" * (2 << 20), "emblem.too_large"),
    ],
)
def test_set_emblem__anything_else__refused(street: SmallStreet, file: bytes, code: str) -> None:
    actor = street.actors["administrator"]
    with pytest.raises(Refusal) as caught:
        set_emblem(actor, file=file, reason="x", version=0)
    assert caught.value.code == code
    with pytest.raises(Refusal):
        change_setting(actor, key=SettingKey.EMBLEM, value="PHN2Zz4=", reason="x", version=0)
    assert current(None).emblem == ""


def test_changes__cannot_be_altered(street: SmallStreet) -> None:
    name_it(street, "临江街道", 0)
    for verb in ("update local_setting set reason = 'x'", "delete from local_setting"):
        with pytest.raises(DBAPIError, match="append-only"), Writes.begin() as session:
            session.execute(text(verb))
