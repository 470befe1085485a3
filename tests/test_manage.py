import io
import json
import re
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, func, select, text

from lib.domain.permissions import Role
from lib.manage.command import main
from lib.persistence import engine as engines
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Account, AccountGrant, Area, Installation
from lib.services.accounts import redeem_code
from lib.services.sessions import open_session
from tests.factories import SIDE, SOUTH, WEST, furnished_street, plant, square
from tests.services.pipeline import claimed, project_open, promised_before


@pytest.fixture(autouse=True)
def _address(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def boundary_file(folder: Path, **shapes: shapely.Polygon | None) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"label": name, "number": position},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for position, (name, shape) in enumerate(shapes.items(), start=1)
    ]
    path = folder / "areas.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    return str(path)


def import_streets(file: str, *options: str) -> int:
    return main(["import", "areas", file, "--level", "street", "--name-field", "label", *options])


def test_import_areas__twice__reported_listed_located(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = boundary_file(tmp_path, 东街=square(0), 西街=square(1))
    assert import_streets(file, "--id-field", "number") == 0
    assert "新增 2，更新 0，未变 0" in capsys.readouterr().out
    assert import_streets(file, "--id-field", "number", "--lang", "en") == 0
    assert "0 new, 0 changed, 2 unchanged" in capsys.readouterr().out
    assert main(["show", "areas", "--level", "street", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [set(area) for area in listed] == [{"code", "name", "level", "parent", "lon", "lat"}] * 2
    assert [(area["code"], area["name"]) for area in listed] == [
        ("L000001", "东街"),
        ("L000002", "西街"),
    ]
    assert listed[0]["parent"] is None
    place = [str(WEST + 0.5 * SIDE), str(SOUTH + 0.5 * SIDE)]
    assert main(["locate", *place, "--json"]) == 0
    assert [area["name"] for area in json.loads(capsys.readouterr().out)] == ["东街"]
    assert main(["check"]) == 0


def test_locate__tree__path_with_parents_and_other_crs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant()
    place = [str(WEST + 2.1 * SIDE), str(SOUTH + 0.5 * SIDE)]
    assert main(["locate", *place, "--json"]) == 0
    path = json.loads(capsys.readouterr().out)
    assert [area["level"] for area in path] == ["street", "community", "grid"]
    assert [area["parent"] for area in path] == [None, path[0]["code"], path[1]["code"]]
    assert main(["locate", *place, "--json", "--crs", "gcj02"]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["code"] != path[-1]["code"]
    assert main(["locate", "0", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["locate", "0", "0"]) == 0
    assert "没有区域包含这一点" in capsys.readouterr().err


def test_show_areas__table__names_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "areas"]) == 0
    assert "还没有区域" in capsys.readouterr().err
    plant()
    assert main(["show", "areas", "--lang", "en", "--level", "street"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["Code", "Level", "Name", "Parent", "Longitude", "Latitude"]
    assert shown[1].split()[:4] == ["310109001", "Street", "Linjiang", "-"]
    assert shown[2].split()[-2:] == ["-", "-"]


def test_import_areas__errors__each_row_told_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crossed = shapely.Polygon([(121.5, 31.2), (121.51, 31.21), (121.51, 31.2), (121.5, 31.21)])
    file = boundary_file(tmp_path, 东街=square(0), 坏街=crossed)
    assert import_streets(file) == 1
    said = capsys.readouterr().out
    assert "第 2 个要素 · 边界" in said
    assert "--skip-bad" in said
    assert import_streets(file, "--skip-bad", "--dry-run") == 0
    assert "试运行" in capsys.readouterr().out
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 0
    assert import_streets(file, "--skip-bad") == 0
    with Reads() as session:
        assert session.scalars(select(Area.name_zh)).all() == ["东街"]


def test_import_areas__nothing_left_to_import__code_1(tmp_path: Path) -> None:
    file = boundary_file(tmp_path, **{"长" * 300: None})
    assert import_streets(file, "--skip-bad") == 1


def test_import_areas__file_missing_or_a_folder__one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_streets(str(tmp_path / "none.geojson")) == 1
    assert "找不到文件" in capsys.readouterr().err
    assert import_streets(str(tmp_path)) == 1
    assert "无法读取" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\xff", b"\x81\x20\xff", b"{", b"[]", b"null", b"[" * 100_000]
)
def test_import_areas__not_a_boundary_file__one_sentence(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.geojson"
    file.write_bytes(content)
    assert import_streets(str(file)) == 1
    assert "整个文件" in capsys.readouterr().out


def test_import_areas__unknown_parent__one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = boundary_file(tmp_path, 东街=square(0))
    assert import_streets(file, "--parent", "nowhere", "--lang", "en") == 1
    assert 'no parent area with code "nowhere"' in capsys.readouterr().err


def add_user(password: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    return main(["user", "add", *options, "--password-stdin"])


def test_user_add__administrator__can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    password = "一二三四五，正确的密码上山打虎"
    assert add_user(password, monkeypatch, "wang", "--display", "王站长") == 0
    assert open_session("wang", password) is not None
    assert open_session("wang", "一二三四五，正确的密码上山打兔") is None
    with Reads() as session:
        account = session.scalars(select(Account)).one()
        grant = session.scalars(select(AccountGrant)).one()
        assert session.get(Installation, 1).started_on is not None
    assert (account.display_zh, account.demonstration) == ("王站长", False)
    assert password not in account.password_hash
    assert (grant.role, grant.area_id) == (Role.ADMINISTRATOR, None)


def test_user_add__role_within_an_area(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = plant()
    scope = ("--role", "community_secretary", "--area", "310109001001")
    assert add_user("quite long enough", monkeypatch, "li", *scope) == 0
    with Reads() as session:
        assert session.scalars(select(AccountGrant.area_id)).one() == tree.c1


@pytest.mark.parametrize(
    ("password", "options", "said"),
    [
        ("short", ("li",), "至少要 15 个字符"),
        ("x" * 2000, ("li",), "最多 1024 个字符"),
        ("", ("li",), "至少要 15 个字符"),
        ("quite long enough", (" ",), "账号名"),
        ("quite long enough", ("l" * 65,), "账号名"),
        ("quite long enough", ("li\u202e",), "账号名"),
        ("quite long enough", ("li", "--role", "volunteer"), "必须指定管辖区域"),
        ("quite long enough", ("li", "--role", "unit_liaison"), "单位联络员"),
        ("quite long enough", ("li", "--area", "nowhere"), "没有代码为“nowhere”的区域"),
    ],
)
def test_user_add__unfit__one_sentence_and_no_account(
    password: str,
    options: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert add_user(password, monkeypatch, *options) == 1
    assert said in capsys.readouterr().err
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_user_add__name_taken__refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add_user("quite long enough", monkeypatch, "li") == 0
    assert add_user("quite long enough", monkeypatch, "li") == 1
    assert "已被使用" in capsys.readouterr().err


def test_user_add__code__reset_and_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "list"]) == 0
    assert "还没有账号" in capsys.readouterr().err
    assert main(["user", "add", "Li.Xia", "--code", "--lang", "en"]) == 0
    first = re.findall(r"\w{4}(?:-\w{4}){3}", capsys.readouterr().out)
    assert main(["user", "reset", "li.xia", "--second-factor"]) == 0
    second = re.findall(r"\w{4}(?:-\w{4}){3}", capsys.readouterr().out)
    assert (len(first), len(second), first == second) == (1, 1, False)
    token = redeem_code(name="li.xia", code=second[0], password="quite long enough")
    assert token is not None
    assert main(["user", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["name"], told["roles"], told["password"]) == ("li.xia", ["administrator"], "set")
    assert told["closed_on"] is None
    assert main(["user", "list"]) == 0
    assert "系统管理员" in capsys.readouterr().out
    assert main(["user", "reset", "nobody"]) == 1
    assert "没有账号“nobody”" in capsys.readouterr().err


def test_start_empty__empty_then_filled__begins_once_then_refuses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["start-empty"]) == 0
    assert main(["start-empty"]) == 0
    with Reads() as session:
        installation = session.get(Installation, 1)
        assert (installation.demonstration, installation.started_on is None) == (False, False)
    plant()
    assert main(["start-empty"]) == 1
    assert "已有 8 个区域" in capsys.readouterr().err


def test_check__something_wrong__listed_and_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    plant()
    with Writes.begin() as session:
        session.execute(text("update area set east = 0, label_lon = 0 where id = 5"))
        session.execute(text("insert into change_counter values ('areas', 1, -1)"))
    assert main(["check", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(row["problem"], row["subject"], row["id"]) for row in found] == [
        ("check.box", "area", 5),
        ("check.label", "area", 5),
        ("check.counter_negative", "area", 1),
    ]
    assert main(["check", "--lang", "en"]) == 1
    assert "3 problems were found." in capsys.readouterr().out


def test_release_claims__says_how_many_lapsed(capsys: pytest.CaptureFixture[str]) -> None:
    street = furnished_street()
    forgotten = claimed(street, project_open(street))
    promised_before(forgotten, 1)
    assert main(["release-claims"]) == 0
    assert "释放了 1 项过期认领" in capsys.readouterr().out
    assert main(["release-claims", "--lang", "en"]) == 0
    assert "0 claims lapsed" in capsys.readouterr().out


def test_newer_schema__every_command__one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with Writes.begin() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    for command in (["migrate"], ["check"], ["show", "areas"]):
        assert main(command) == 1
        assert "9999" in capsys.readouterr().err


def test_database_away_or_misnamed__one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"no database " * 1000)
    for url in (
        "postgresql://nobody@127.0.0.1:1/none",
        "mysql://x",
        "nonsense",
        f"sqlite:///{garbage}",
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        assert main(["migrate"]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "Traceback" not in said


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SQLite database of its own, whichever engine the other tests use."""
    path = tmp_path / "own" / "street.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    assert main(["migrate"]) == 0
    engines.engine().dispose()
    return path


def test_database_locked__one_sentence_and_nothing_written(
    own_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(own_file, isolation_level=None)
    holder.execute("begin immediate")
    assert import_streets(boundary_file(tmp_path, 东街=square(0))) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "占用" in said or "忙" in said
    holder.execute("rollback")
    holder.close()
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 0


def test_database_read_only__one_sentence(
    own_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)  # the lock file of an address with options stands beside us
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///file:{own_file}?mode=ro&uri=true")
    assert import_streets(boundary_file(tmp_path, 东街=square(0))) == 1
    said = capsys.readouterr().err
    assert "只读" in said
    assert "Traceback" not in said


def test_older_schema__brought_up_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new/street.db")
    assert main(["show", "areas", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_demo__loaded_checked_and_removed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    day = date(2026, 3, 1).isoformat()
    assert main(["demo", "--seed", "3", "--as-of", day]) == 0
    assert main(["check"]) == 0
    assert main(["demo", "--seed", "3"]) == 1
    assert main(["demo", "--remove"]) == 0
    assert main(["demo", "--remove", "--yes"]) == 1
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_as_a_program__json_in_utf8_and_exit_code(own_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lib.manage", "show", "areas", "--json"],
        capture_output=True,
        cwd=Path(__file__).parents[1],
        timeout=60,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout.decode("utf-8"))) == (0, [])
