"""The commands on ledgers: templates, imports with their reports, the list, and undoing."""

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lib.domain.ledgers import LedgerKind
from lib.manage.command import main
from lib.persistence.engine import Reads, engine
from lib.persistence.models import Organisation, Service
from tests.exchange.files import SERVICES, UNITS, book, text
from tests.factories import SmallStreet

NEW = ("青石书店", "非公企业", "综合党委", "石桥社区/第1网格")


@pytest.fixture(autouse=True)
def _address(street: SmallStreet, monkeypatch: pytest.MonkeyPatch) -> None:
    url = engine().url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def count(model: type) -> int:
    with Reads() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_import__reported_listed_again_and_undone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "u.xlsx", book([(*UNITS, "颜色"), (*NEW, "红")]))
    assert main(["import", "units", file, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "新增 1，未变 0，有错误 0" in said.out
    assert "试运行" in said.out
    assert "“颜色”" in said.err
    assert main(["import", "list"]) == 0
    assert "还没有导入过台账" in capsys.readouterr().err
    assert main(["import", "units", file]) == 0
    assert "已导入，编号 1" in capsys.readouterr().out
    assert main(["import", "units", file, "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert "0 new, 1 unchanged" in said.out
    assert "as number 1" in said.out
    assert main(["import", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["1", "驻区单位", "u.xlsx"]
    assert main(["import", "undo", "1"]) == 0
    assert "取出 1 条" in capsys.readouterr().out
    assert main(["import", "undo", "1"]) == 1
    assert "已经撤销过" in capsys.readouterr().err
    assert count(Organisation) == 3


def test_import__errors__every_row_told_code_1_and_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "u.csv", text([UNITS, NEW, ("=1+1", "中学", "?", "火星")]))
    report = tmp_path / "report.csv"
    assert main(["import", "units", file, "--report", str(report)]) == 1
    said = capsys.readouterr().out
    assert "第 3 行 · 类别 · 中学 · 不在列表中。" in said
    assert "没有导入任何行" in said
    rows = list(csv.reader(report.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["行", "列", "值", "原因", "怎么办"]
    assert [row[1] for row in rows[1:]] == ["类别", "所属组织网", "区域"]
    assert count(Organisation) == 3
    assert main(["import", "units", file, "--skip-bad"]) == 0
    assert count(Organisation) == 4


def test_import__only_bad_rows__code_1(tmp_path: Path) -> None:
    file = written(tmp_path / "u.csv", text([UNITS, ("", *NEW[1:])]))
    assert main(["import", "units", file, "--skip-bad"]) == 1


def test_import__services__by_an_account_within_an_area(
    tmp_path: Path, street: SmallStreet, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [SERVICES, ("2026-03-01", "走访慰问", "", "林小满", "60", "3")]
    file = written(tmp_path / "s.csv", text(rows))
    assert main(["import", "services", file]) == 1
    assert "第 2 行 · 区域" in capsys.readouterr().out
    there = ["--area", "310109001001001", "--account", "second"]
    assert main(["import", "services", file, *there]) == 0
    with Reads() as session:
        service = session.scalars(select(Service)).one()
    assert service.area_id == street.areas.g1
    assert service.recorded_by_id == street.actors["second"].account_id
    assert main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.split("\n", 2)[-1] or "[]") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["units", "none.xlsx"], "找不到文件"),
        (["units", "."], "无法读取"),
        (["units", "{file}", "--area", "nowhere"], "没有代码为“nowhere”的区域"),
        (["units", "{file}", "--sheet", "x"], "工作簿里没有名为“x”的工作表"),
        (["services", "{file}", "--account", "nobody"], "没有名为“nobody”的可用账号"),
        (["services", "{file}"], "没有“日期”这一列"),
    ],
)
def test_import__cannot_begin__one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "u.xlsx", book([UNITS, NEW]))
    before = count(Organisation)
    assert main(["import", *(one.format(file=file) for one in arguments)]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert said in told[0]
    assert count(Organisation) == before


@pytest.mark.parametrize("kind", list(LedgerKind))
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_template__written_then_imported__adds_nothing(
    kind: LedgerKind, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"t.{ending}"
    assert main(["import", "template", kind, str(out)]) == 0
    assert (out.read_bytes()[:2] == b"PK") is (ending == "xlsx")
    assert main(["import", kind, str(out)]) == 0
    assert "没有需要写入的内容" in capsys.readouterr().out
    assert main(["import", "template", kind, str(tmp_path / "no" / "t.csv")]) == 1
    assert "无法写入" in capsys.readouterr().err
