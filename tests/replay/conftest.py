"""One replay at one tenth for all tests; each works on a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.domain.permissions import Actor
from lib.persistence.engine import connect
from lib.replay.zhongshan import play
from tests.conftest import Template

SCALE = 10


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, Actor]:
    template = Template("sqlite", tmp_path_factory.mktemp("replay"), None).make()
    engine = connect(template.url(template.name))
    actor = play(scale=SCALE, progress=lambda _stage, _share: None)
    template.seal(engine)
    return template, actor


@pytest.fixture
def administrator(replayed: tuple[Template, Actor]) -> Iterator[Actor]:
    """Who sees all of a fresh copy, connected as the process's database."""
    template, actor = replayed
    engine = connect(template.copy())
    yield actor
    template.drop(engine)


@pytest.fixture
def copied(replayed: tuple[Template, Actor]) -> Iterator[tuple[Path, Actor]]:
    """The file of a fresh copy, so that a test can take out of it what no command takes out."""
    template, actor = replayed
    engine = connect(template.copy())
    yield Path(str(engine.url.database)), actor
    template.drop(engine)
