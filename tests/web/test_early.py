"""What pages announce of the map's files, and what browsers may keep."""

import re
import sys
from importlib.resources import files

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from lib.web.early import Early

SCRIPT = "/component/streamlit_folium.st_folium/static/js/main.0123abcd.js"
FRAME = "/component/streamlit_folium.st_folium/index.html"


def page(request):
    return HTMLResponse("<p>here</p>")


def missing(request):
    return PlainTextResponse("not registered yet", 404)


def script(request):
    return Response("1", media_type="text/javascript", headers={"Cache-Control": "public"})


async def expected(request):
    area = request.query_params.get("area")
    return area and f"/map/shapes/{area}.json"


PAGES = [Route("/grids", page), Route("/login", page)]


@pytest.fixture
def client():
    routes = [Route(FRAME, page), Route(SCRIPT, script), Route("/gone.js", missing)]
    app = Starlette(routes=[*routes, *PAGES])
    return TestClient(Early(app, shapes=expected, silent={"/login"}.__contains__))


@pytest.fixture
def registered():
    import streamlit_folium

    return streamlit_folium


def test_page__announces_what_the_frame_will_ask_for(client, registered):
    links = client.get("/grids?area=7").headers["Link"].split(", ")
    kinds = r"script|style|fetch; crossorigin"
    assert all(re.fullmatch(rf"</\S+>; rel=prefetch; as=({kinds})", link) for link in links)
    own = [link for link in links if link.startswith("</component/streamlit_folium.st_folium/")]
    assert len(own) == 1
    assert sum(link.startswith("</assets/") for link in links) == 5
    assert links[-1].startswith("</map/shapes/7.json>")


def test_page__names_the_parts_of_streamlit_that_a_first_frame_needs(client, registered):
    links = client.get("/grids?area=7").headers["Link"]
    for name in re.findall(r"</static/js/(\S+)>", links):
        assert (files("streamlit") / "static/static/js" / name).is_file()
    assert "</static/js/ComponentInstance." in links


def test_page_without_a_map__announces_nothing(client, registered):
    assert "Link" not in client.get("/grids").headers


def test_page__announces_nothing_before_the_frame_has_an_address(client, monkeypatch):
    monkeypatch.delitem(sys.modules, "streamlit_folium", raising=False)
    assert "Link" not in client.get("/grids?area=7").headers


def test_frame__asks_for_its_files_at_once(client, registered):
    assert client.get(FRAME).headers["Link"].count("rel=preload") == 5


def test_frames_script__is_kept_for_its_name_says_its_content(client):
    assert "immutable" in client.get(SCRIPT).headers["Cache-Control"]


def test_missing_file__is_neither_announced_nor_kept(client):
    headers = client.get("/gone.js").headers
    assert "Link" not in headers
    assert "Cache-Control" not in headers


def test_door__announces_nothing_that_needs_a_session(client, registered):
    assert "Link" not in client.get("/login").headers
