"""The browser that the browser tests drive: Chromium, Chrome or Edge, whatever is installed.

`python tests/find_browser.py` prints its path, or says what to install and fails.
"""

import os
import shutil
import sys
from pathlib import Path

ADVICE = (
    "No Chromium, Chrome or Edge found: install one (Debian: apt-get install chromium"
    " fonts-noto-cjk), or set CHROMIUM to its path.\n"
    "未找到 Chromium、Chrome 或 Edge：请安装其中之一（Debian：apt-get install chromium"
    " fonts-noto-cjk），或用 CHROMIUM 指明其路径。"
)

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)

_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "${PROGRAMFILES}/Google/Chrome/Application/chrome.exe",
    "${PROGRAMFILES(X86)}/Google/Chrome/Application/chrome.exe",
    "${LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
    "${PROGRAMFILES}/Microsoft/Edge/Application/msedge.exe",
    "${PROGRAMFILES(X86)}/Microsoft/Edge/Application/msedge.exe",
)


def browser_path() -> str:
    """Path of an installed browser, `CHROMIUM` first.

    Raises:
        FileNotFoundError: none is installed; the message says what to install.
    """
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [path for name in _NAMES if (path := shutil.which(name))]
    found += [os.path.expandvars(place) for place in _PLACES]
    for path in found:
        if Path(path).is_file():
            return str(path)
    raise FileNotFoundError(ADVICE)


if __name__ == "__main__":
    try:
        sys.stdout.write(browser_path() + "\n")
    except FileNotFoundError as error:
        sys.exit(str(error))
