from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from lib.settings import ROOT


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("door.css", "text/css"),
        ("leave.js", "text/javascript"),
        ("logo/seal.svg", "image/svg+xml"),
        ("fonts/sans-100.woff2", "font/woff2"),
    ],
)
def test_assets__type_that_nosniff_browsers_accept(
    browser: TestClient, path: str, media_type: str
) -> None:
    answer = browser.get(f"/assets/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("door.css", "public, max-age=3600"),
        ("fonts/sans-100.woff2", "public, max-age=31536000, immutable"),
        ("vendor/leaflet/leaflet.js", "public, max-age=31536000, immutable"),
    ],
)
def test_assets__how_long_they_are_kept(browser: TestClient, path: str, kept: str) -> None:
    first = browser.get(f"/assets/{path}")
    again = browser.get(f"/assets/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == kept
    assert (again.status_code, again.headers["cache-control"]) == (304, kept)


@pytest.mark.parametrize("path", ["/favicon.ico", "/favicon.png"])
def test_favicon__the_seal(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == (ROOT / "static" / "favicon.png").read_bytes()


def test_overview__has_no_address_of_its_own__leads_to_the_root(signed_in: TestClient) -> None:
    answer = signed_in.get("/overview?area=990103004", follow_redirects=False)
    assert answer.status_code == 307
    assert urlsplit(answer.headers["location"])[2:4] == ("/", "area=990103004")
