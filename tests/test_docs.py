"""What the READMEs say is there, and what is there they say."""

import argparse
import ast
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.domain.vocab import Language
from lib.manage.parser import PROGRAM, build_parser

ROOT = Path(__file__).parents[1]
LIB = ROOT / "lib"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
HOUSE = LIB / "README.md"
SECURITY = ROOT / "docs" / "security.md"
PAGES = (*READMES, HOUSE, ROOT / "CHANGELOG.md", SECURITY)
SCREENS = "docs/screens/"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
_ENDINGS = (".css", ".js", ".md", ".py", ".toml", ".txt", "/")


def said(page: Path) -> str:
    return page.read_text("utf-8")


def prose(page: Path) -> str:
    return _FENCE.sub("", said(page))


def quoted(page: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", prose(page)))


def code(page: Path) -> list[str]:
    """Every line of the page's commands, comments left out."""
    blocks = (body for kind, body in _FENCE.findall(said(page)) if kind in ("sh", "bat"))
    return [line.split(" #")[0].strip() for body in blocks for line in body.splitlines()]


def variables() -> set[str]:
    """The environment variables that the settings read."""
    found = set()
    for node in ast.walk(ast.parse(said(LIB / "settings.py"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            found.add(ast.literal_eval(node.args[0]))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(ast.literal_eval(node.slice))
    return found


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield before.strip()
    for group in groups:
        for word, below in group.choices.items():
            yield from commands(below, f"{before} {word}")


def rooms() -> set[str]:
    return {path.parent.name for path in LIB.glob("*/__init__.py")}


def imported(room: str) -> set[str]:
    """The rooms and modules of `lib` that a room imports."""
    found = set()
    for path in (LIB / room).rglob("*.py"):
        for node in ast.walk(ast.parse(said(path))):
            if isinstance(node, ast.ImportFrom) and node.module == "lib":
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lib."):
                found.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.Import):
                parts = [alias.name.split(".") for alias in node.names]
                found |= {part[1] for part in parts if part[0] == "lib" and len(part) > 1}
    return found - {room}


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme__settings__every_variable_is_told(page: Path) -> None:
    assert len(variables()) >= 4
    assert variables() - quoted(page) == set()


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme__commands__each_is_told_and_every_line_is_one(page: Path) -> None:
    parser = build_parser(Language.EN, {})
    assert set(commands(parser)) - quoted(page) == set()
    called = [line.split("<")[0] for line in code(page) if PROGRAM in line]
    assert len(called) >= 10
    for line in called:
        parser.parse_args(shlex.split(line.removeprefix(PROGRAM)))


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_readme__make__every_target_is_there(page: Path) -> None:
    makefile = said(ROOT / "Makefile")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    told = set(re.findall(r"\bmake (\w+)", "\n".join([*quoted(page), *code(page)])))
    assert told >= {"run", "test"}
    assert told <= targets
    assert set(re.findall(r"^(\w+) \?=", makefile, re.MULTILINE)) >= {"PORT", "PYTHON"}


def test_readmes__both_languages__same_commands_settings_and_headings() -> None:
    english, chinese = READMES
    assert code(english) == code(chinese)
    for pattern in (r"^#+(?= )", r"^\| `([^|]+)`", r"\]\((?!README)([^)]+)\)"):
        first, second = (re.findall(pattern, prose(page), re.MULTILINE) for page in READMES)
        assert len(first) >= 5
        assert [t.replace("`、`", "`, `") for t in second] == first


def test_house__rooms__each_has_a_row_with_what_it_imports() -> None:
    rows = dict(re.findall(r"^\| `lib/(\w+)/` \|[^|]*\| *([^|]*?) *\|$", said(HOUSE), re.MULTILINE))
    assert {room: set(uses.split()) for room, uses in rows.items()} == {
        room: imported(room) for room in rooms()
    }


def test_house__ladder__is_the_contract() -> None:
    contracts = tomllib.loads(said(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (c["layers"] for c in contracts if c["type"] == "layers")
    wanted = [{name.strip().removeprefix("lib.") for name in rung.split("|")} for rung in layers]
    rungs = re.findall(r"^ [┌├└]─ (.+)$", said(HOUSE), re.MULTILINE)
    names = {name for rung in wanted for name in rung}
    found = [set(re.findall(r"\w+", re.split(r" {2,}", rung)[0])) & names for rung in rungs]
    assert found == wanted


def test_house__paths_in_backticks__are_there() -> None:
    paths = {q for q in quoted(HOUSE) if _FILE.fullmatch(q) and ("/" in q or q.endswith(_ENDINGS))}
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not any(ROOT.glob(path.rstrip("/")))] == []


def test_house__names_in_backticks__are_there() -> None:
    names = {q for q in quoted(HOUSE) if re.fullmatch(r"lib(\.\w+)+", q)} - {PROGRAM}
    assert len(names) > 10
    for name in sorted(names):
        assert pkgutil.resolve_name(name) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page__links_within_the_project__lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(prose(page)) if "://" not in link]
    if not any((ROOT / SCREENS).glob("*.png")):
        links = [link for link in links if not link.startswith(SCREENS)]
    assert [link for link in links if not (page.parent / link.split("#")[0]).exists()] == []


def test_security__every_line_has_a_state_and_every_named_test_is_there() -> None:
    lines = re.findall(
        r"^\| (\d+\.\d+\.\d+) \| .+? \| (.+?) \| (.+) \|$", said(SECURITY), re.MULTILINE
    )
    assert len(lines) > 100
    assert {state for _, state, _ in lines} <= {"met", "not met", "n/a"}
    assert len({number for number, _, _ in lines}) == len(lines)
    named = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", said(SECURITY))
    assert len(named) > 60
    for path, name in named:
        assert name == "" or f"def {name}(" in said(ROOT / path), f"{path}::{name}"
        assert (ROOT / path).exists()


def test_security__paths_in_backticks_are_there() -> None:
    paths = {q for q in quoted(SECURITY) if _FILE.fullmatch(q) and "/" in q}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
