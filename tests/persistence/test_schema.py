import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lib.domain.errors import Refusal
from lib.persistence import migrate
from lib.persistence.engine import connect
from lib.persistence.guards import missing_guards
from lib.persistence.migrate import upgrade
from lib.persistence.models import Base, DaySummary
from lib.persistence.summaries import differences
from tests.conftest import Template

MIGRATIONS = Path(migrate.__file__).parent / "migrations"
HELD_BEFORE = (
    "insert into area (id, code, level, name_zh, initials, valid_from, version)"
    " values (1, '1', 'grid', '第1网格', 'd1wg', '2020-01-01', 1)",
    "insert into person (id, name, area_id, consented_on) values (1, '江雨', 1, '2020-01-01')",
    "insert into post (id, area_id, kind, person_id, since)"
    " values (1, 1, 'head', 1, '2024-05-01'), (2, 1, 'worker', null, null)",
    "insert into branch (id, area_id, name_zh, secretary_id) values (1, 1, '支部', 1)",
)
"""A grid as the first schema kept it: one post and the branch held, one post vacant."""

_SERVICE = (
    "insert into service (id, kind, area_id, place, day, people_served, beneficiary, goods,"
    " money_fen, note, state, reason, recorded_by_id, recorded_at, decided_by_id, request_id,"
    " version) values ({0}, 'visit', 1, '', '2024-05-01', 7, 'disabled', 2, 300, '', '{1}', 'x',"
    " 1, '2024-05-01', 2, 'r{0}', 1)"
)
_PART = (
    "insert into participation (service_id, person_id, minutes, trust) values ({}, {}, {}, '{}')"
)
SERVED_BEFORE = (
    *HELD_BEFORE[:2],
    "insert into person (id, name, area_id, consented_on) values (2, '江小雨', 1, '2020-01-01')",
    *(
        "insert into account (id, name, display_zh, display_en, language, demonstration)"
        f" values ({n}, 'a{n}', '', '', 'zh', false)"
        for n in (1, 2)
    ),
    *(
        _SERVICE.format(n, state)
        for n, state in enumerate(("confirmed", "recorded", "returned", "voided"), start=1)
    ),
    _PART.format(1, 1, 20, "certified"),
    _PART.format(1, 2, 30, "confirmed"),
    _PART.format(2, 1, 45, "self_reported"),
    _PART.format(3, 1, 60, "self_reported"),
)
"""One confirmed service, one that waits, one returned, one voided without anybody."""


def test_migrations__match_the_models(database: Engine) -> None:
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_guards__all_there_after_an_upgrade(database: Engine) -> None:
    with database.connect() as connection:
        assert missing_guards(connection) == frozenset()


def test_upgrade__twice__changes_nothing(database: Engine) -> None:
    upgrade(database)
    upgrade(database)


def test_upgrade__newer_schema__refused_and_untouched(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(Refusal) as caught:
        upgrade(database)
    assert caught.value.code == "refusal.newer_schema"


def test_foreign_keys__hold(database: Engine) -> None:
    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(
            text("insert into area_link (ancestor_id, descendant_id) values (404, 404)")
        )


@pytest.mark.parametrize("verb", ["update audit_entry set action = 'x'", "delete from audit_entry"])
def test_audit_entry__cannot_be_changed(database: Engine, verb: str) -> None:
    with database.begin() as connection:
        connection.execute(
            text(
                "insert into audit_entry (at, action, subject_kind, subject_label, changes)"
                " values ('2026-01-01', 'made', 'area', '', '{}')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(verb))


@contextmanager
def upgraded(template: Template, revision: str, filled: Sequence[str]) -> Iterator[Engine]:
    """A database of an earlier schema with these rows, brought to the newest."""
    engine = connect(template.url(f"before_{uuid.uuid4().hex[:8]}"))
    if template.admin is not None:
        with template.admin.connect() as connection:
            connection.execute(text(f'create database "{engine.url.database}"'))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in filled:
            connection.execute(text(statement))
        connection.commit()
    upgrade(engine)
    yield engine
    template.drop(engine)


def test_upgrade__offices_held_before_there_were_terms__each_has_its_term(
    template: Template,
) -> None:
    with upgraded(template, "0001", HELD_BEFORE) as engine, engine.connect() as connection:
        terms = connection.execute(
            text("select office, office_id, person_id, since from appointment order by office")
        ).all()
        versions = connection.execute(text("select version from branch")).scalars().all()
    assert [(*term[:3], str(term[3])) for term in terms] == [
        ("branch", 1, 1, "None"),
        ("post", 1, 1, "2024-05-01"),
    ]
    assert versions == [1]


def test_upgrade__services_before_there_were_summaries__added_up(template: Template) -> None:
    with upgraded(template, "0005", SERVED_BEFORE) as engine, Session(engine) as session:
        (row,) = session.scalars(select(DaySummary))
        assert (row.services, row.waiting, row.minutes, row.waiting_minutes) == (1, 1, 50, 45)
        assert (row.people_served, row.goods, row.money_fen) == (7, 2, 300)
        assert session.execute(differences()).all() == []
