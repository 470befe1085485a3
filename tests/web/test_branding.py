"""The door in the street's own name, emblem and colour."""

import base64
import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from lib.domain.local_settings import Accent, Pair, SettingKey
from lib.domain.permissions import Actor, Role
from lib.queries.sessions import actor_of
from lib.services.local_settings import change_setting, set_emblem
from lib.services.sessions import open_session
from tests.web.conftest import PASSWORD, add_account


@pytest.fixture
def admin(browser: TestClient) -> Actor:
    add_account("first", Role.ADMINISTRATOR, None, password=PASSWORD)
    actor = actor_of(open_session("first", PASSWORD))
    assert actor is not None
    return actor


def test_door__nothing_set__the_product(browser: TestClient) -> None:
    assert "/assets/logo/seal.svg" in browser.get("/login").text
    assert browser.get("/assets/branding.css").text == ""


def test_door__name_and_emblem__escaped_and_inline(browser: TestClient, admin: Actor) -> None:
    name = Pair("<i>临江街道", "Linjiang")
    change_setting(admin, key=SettingKey.STREET_NAME, value=name, reason="挂牌", version=0)
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "#b3332a").save(out, "PNG")
    set_emblem(admin, file=out.getvalue(), reason="徽标", version=0)
    door = browser.get("/login").text
    assert "<b>&lt;i&gt;临江街道</b>" in door
    assert "<b>Linjiang</b>" in browser.get("/login?lang=en").text
    picture = door.split("data:image/png;base64,", 1)[1].split('"', 1)[0]
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_colours__both_themes_by_address_for_everybody(browser: TestClient, admin: Actor) -> None:
    accent = Accent("#1B5F9C", "#8CC6FA")
    change_setting(admin, key=SettingKey.ACCENT, value=accent, reason="换色", version=0)
    answer = browser.get("/assets/branding.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "no-cache"
    assert "--brand:#1B5F9C;--button:#1B5F9C" in answer.text
    assert "--brand:#8CC6FA" in answer.text
