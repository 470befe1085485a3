"""Streamlit's own files: the same bytes, compressed once, kept by browsers."""

from importlib.resources import files
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lib.web.shell import Shell

STATIC = Path(str(files("streamlit"))) / "static"


def inner(request):
    return PlainTextResponse("inner")


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/{path:path}", inner)])
    return TestClient(Shell(app))


def largest(pattern):
    return max(STATIC.glob(pattern), key=lambda file: file.stat().st_size)


def address(file):
    return "/" + file.relative_to(STATIC).as_posix()


@pytest.mark.parametrize("pattern", ["static/js/*.js", "static/css/*.css"])
def test_script_or_style__travels_compressed_and_is_the_same(client, pattern):
    file = largest(pattern)
    for _ in range(2):
        answer = client.get(address(file))
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.content == file.read_bytes()
        assert int(answer.headers["Content-Length"]) < file.stat().st_size / 2
        assert "immutable" in answer.headers["Cache-Control"]


def test_script__is_sent_plain_to_who_reads_nothing_else(client):
    file = largest("static/js/*.js")
    answer = client.get(address(file), headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.content == file.read_bytes()
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_font__is_compressed_already(client):
    file = largest("static/media/*.woff2")
    answer = client.get(address(file))
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "font/woff2"
    assert answer.content == file.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/static/js/none.01234567.js",
        "/static/js/../../index.html",
        "/static/js/%2e%2e/%2e%2e/index.01234567.js",
        "/static/index.html",
        "/assets/map.js",
    ],
)
def test_anything_else__is_somebody_elses(client, path):
    assert client.get(path).text == "inner"


def test_writing__is_somebody_elses(client):
    file = largest("static/js/*.js")
    assert client.post(address(file)).status_code == 405
