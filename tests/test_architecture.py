"""What no linter holds: pages are guarded and thin, and words stand in the catalogue alone."""

import ast
import re
from pathlib import Path

import pytest

from lib.domain.permissions import Permission

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
CODE = sorted(
    [
        *(p for p in (ROOT / "lib").rglob("*.py") if not {"i18n", "demo"} & set(p.parts)),
        *PAGES,
        ROOT / "app.py",
    ]
)
TYPED_BY_PEOPLE = {
    "lib/domain/roster.py": {"分钟", "分"},
    "lib/exchange/cells.py": {"年", "月", "日", "点", "时", "分"},
}
"""Chinese that the code reads in what people type, and never shows."""

PAGES_IMPORT = {"streamlit", "lib.ui", "lib.domain"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module))
    return names


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_page__imports_only_ui_domain_and_streamlit(path: Path) -> None:
    assert {name for name in imported(tree(path)) if not within(name, PAGES_IMPORT)} == set()


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_page__its_first_statement_is_the_guard(path: Path) -> None:
    docstring, *rest = tree(path).body
    assert isinstance(docstring, ast.Expr)
    first = next(node for node in rest if not isinstance(node, (ast.Import, ast.ImportFrom)))
    guard = re.fullmatch(r"actor = open_page\(Permission\.(\w+)\)", ast.unparse(first))
    assert guard is not None
    assert guard[1] in Permission.__members__


def docstrings(module: ast.Module) -> set[int]:
    """The string nodes that document or stand as a statement of their own."""
    return {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def chinese(path: Path) -> set[str]:
    module = tree(path)
    documents = docstrings(module)
    return {
        words
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents
        for words in re.findall(r"[\u3400-\u9fff\U00020000-\U0003ffff]+", node.value)
    }


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_code__no_chinese_outside_the_catalogue(path: Path) -> None:
    assert chinese(path) == TYPED_BY_PEOPLE.get(relative(path), set())


def test_packages__none_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [relative(path) for path in CODE if path.stem in drawers] == []
