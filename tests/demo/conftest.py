"""A database with the demonstration loaded, made once per engine and copied for every test."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url

from lib.demo.load import load_demonstration
from lib.demo.town import Town, build_town
from lib.persistence.engine import connect
from tests.conftest import Template

AS_OF = date(2026, 6, 1)
"""A Monday and the first of its month: week and month begin with it."""

SEED = 2
"""What the town of the tests is drawn from."""

_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "set default_transaction_read_only = on",
}


@pytest.fixture(scope="session")
def town() -> Town:
    """The town of `SEED`, drawn once."""
    return build_town(SEED)


class DemoTemplate(Template):
    """A template that holds the demonstration of `AS_OF`, and what was told while it loaded."""

    told: list[tuple[str, float]]


@pytest.fixture(scope="session")
def demo_template(template: Template) -> DemoTemplate:
    """A database that holds the demonstration of `AS_OF`, on each engine."""
    loaded = DemoTemplate(template.kind, template.folder, template.admin)
    engine = connect(template.copy())
    loaded.name = Path(str(make_url(engine.url).database)).stem
    loaded.told = []
    load_demonstration(as_of=AS_OF, progress=lambda key, share: loaded.told.append((key, share)))
    loaded.seal(engine)
    return loaded


@pytest.fixture
def demo_database(demo_template: DemoTemplate) -> Iterator[Engine]:
    """A fresh copy of the demonstration, connected as the process's database."""
    engine = connect(demo_template.copy())
    yield engine
    demo_template.drop(engine)


@pytest.fixture
def demo_view(demo_template: DemoTemplate) -> Iterator[Engine]:
    """The demonstration itself, for tests that only read: a write is refused."""
    engine = connect(demo_template.url(demo_template.name))

    @event.listens_for(engine, "connect")
    def _forbid_writing(connection: Any, _record: object) -> None:
        connection.execute(_READ_ONLY[demo_template.kind])
        connection.commit()

    yield engine
    engine.dispose()
