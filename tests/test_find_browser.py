import sys

import pytest

from tests import find_browser


def test_browser_path__named_by_setting__taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert find_browser.browser_path() == sys.executable


def test_browser_path__none_installed__says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(find_browser, "_PLACES", ())
    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        find_browser.browser_path()
