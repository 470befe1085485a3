import asyncio
import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from lib import start
from lib.domain.vocab import Level
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Account, Area, Ground, Installation, Participation
from lib.settings import ROOT


def started(url: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the lifespan alone says and returns for a database, in a process of its own."""
    script = "import asyncio; from lib.start import lifespan\nasync def run():\n"
    script += " async with lifespan(None): pass\nasyncio.run(run())"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=os.environ
        | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT), "DEMONSTRATION": "0"}
        | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_start__empty_database__ready_at_the_port_and_twice_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/street.db"
    for _ in range(2):
        run = started(url, tmp_path, STREAMLIT_SERVER_PORT="8599")
        assert run.returncode == 0
        assert "已启动，请在浏览器打开：http://localhost:8599" in run.stdout
        assert "Ready. Open in a browser: http://localhost:8599" in run.stdout
        assert run.stderr == ""


def newer(path: Path) -> str:
    started(f"sqlite:///{path}/street.db", path)
    with sqlite3.connect(path / "street.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    return f"sqlite:///{path}/street.db"


def read_only(path: Path) -> str:
    started(f"sqlite:///{path}/street.db", path)
    return f"sqlite:///file:{path}/street.db?mode=ro&uri=true"


def no_database(path: Path) -> str:
    (path / "street.db").write_bytes(b"a picture, not a database" * 100)
    return f"sqlite:///{path}/street.db"


def folder_is_a_file(path: Path) -> str:
    (path / "data").write_text("")
    return f"sqlite:///{path}/data/street.db"


def server_away(_path: Path) -> str:
    return "postgresql://nobody:secret@127.0.0.1:9/street"


def not_an_address(_path: Path) -> str:
    return "street.db"


def other_product(_path: Path) -> str:
    return "mysql://root:secret@localhost/street"


@pytest.mark.parametrize(
    ("make", "zh", "en"),
    [
        (newer, "数据库由更新的版本创建（9999）", "A newer version"),
        (read_only, "数据库文件只读", "The database is read-only"),
        (no_database, "该文件不是本程序可用的数据库", "not a database this product can use"),
        (folder_is_a_file, "数据库文件只读", "The database is read-only"),
        (server_away, "连不上数据库", "cannot be reached"),
        (not_an_address, "DATABASE_URL 不是", "DATABASE_URL is not"),
        (other_product, "DATABASE_URL 不是", "DATABASE_URL is not"),
    ],
)
def test_start__database_unusable__one_sentence_in_both_languages(
    tmp_path: Path, make: object, zh: str, en: str
) -> None:
    assert callable(make)
    run = started(make(tmp_path), tmp_path)
    assert run.returncode != 0
    assert f"未能启动：{zh}" in run.stdout
    assert en in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "secret" not in run.stdout + run.stderr


def test_server__start_fails__ends_with_a_code_and_without_a_trace(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": newer(tmp_path), "STREAMLIT_SERVER_PORT": "0"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert run.returncode != 0
    assert "未能启动：数据库由更新的版本创建（9999）" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_app__imported__touches_no_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/street.db"
    subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        check=True,
        timeout=120,
    )
    assert list(tmp_path.iterdir()) == []


def test_cookie__behind_https__bound_to_host_and_secure() -> None:
    script = "from lib.services.sessions import COOKIE; print(COOKIE)"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"SECURE_COOKIE": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.strip() == "__Host-session"


def prepared(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    url = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    async def run() -> None:
        async with start.lifespan(None):
            pass

    asyncio.run(run())


def count(model: type[object]) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_fill__empty_database__the_demonstration_once(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(database, monkeypatch)
    areas, served = count(Area), count(Participation)
    assert areas > 100
    assert served > 10_000
    assert count(Ground) == 4
    prepared(database, monkeypatch)
    assert (count(Area), count(Participation)) == (areas, served)


def an_area() -> None:
    with Writes.begin() as session:
        session.add(
            Area(
                code="1",
                level=Level.STREET,
                name_zh="青石街道",
                initials="qsjd",
                valid_from=date(2020, 1, 1),
            )
        )


def begun() -> None:
    with Writes.begin() as session:
        session.execute(update(Installation).values(started_on=func.current_date()))


@pytest.mark.parametrize("before", [an_area, begun])
def test_fill__database_in_use__left_alone(
    database: Engine, monkeypatch: pytest.MonkeyPatch, before: object
) -> None:
    assert callable(before)
    before()
    areas = count(Area)
    prepared(database, monkeypatch)
    assert (count(Area), count(Account)) == (areas, 0)


def test_fill__told_not_to__stays_empty(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMONSTRATION", "0")
    prepared(database, monkeypatch)
    assert count(Area) == 0
