import uuid
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import Refusal
from lib.persistence import migrate
from lib.persistence.engine import connect
from lib.persistence.guards import missing_guards
from lib.persistence.migrate import upgrade
from lib.persistence.models import Base
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


def test_upgrade__offices_held_before_there_were_terms__each_has_its_term(
    template: Template,
) -> None:
    engine = connect(template.url(f"before_{uuid.uuid4().hex[:8]}"))
    if template.admin is not None:
        with template.admin.connect() as connection:
            connection.execute(text(f'create database "{engine.url.database}"'))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in HELD_BEFORE:
            connection.execute(text(statement))
        connection.commit()
    upgrade(engine)
    with engine.connect() as connection:
        terms = connection.execute(
            text("select office, office_id, person_id, since from appointment order by office")
        ).all()
        versions = connection.execute(text("select version from branch")).scalars().all()
    template.drop(engine)
    assert [(*term[:3], str(term[3])) for term in terms] == [
        ("branch", 1, 1, "None"),
        ("post", 1, 1, "2024-05-01"),
    ]
    assert versions == [1]
