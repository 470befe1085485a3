import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import Refusal
from lib.persistence.guards import missing_guards
from lib.persistence.migrate import upgrade
from lib.persistence.models import Base


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
