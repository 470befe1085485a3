"""Photos by their address: for who sees the service, kept privately, and for nobody else."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.queries.photo import of_service
from lib.services.photos import add_photo
from lib.services.sessions import COOKIE
from lib.web.gate import MIDDLEWARE
from lib.web.routes import ROUTES
from tests.factories import SmallStreet, service_given, signed_in
from tests.services.pipeline import request
from tests.services.test_photos import ready
from tests.web.conftest import STUB


@pytest.fixture
def browser(street: SmallStreet) -> Iterator[TestClient]:
    application = Starlette(routes=[*ROUTES, *STUB], middleware=MIDDLEWARE)
    with TestClient(application, follow_redirects=False) as client:
        yield client


def test_photo__by_its_address__within_scope_alone(
    browser: TestClient, street: SmallStreet
) -> None:
    secretary = street.actors["community_secretary"]
    service = service_given(street, street.areas.g1)
    number = add_photo(secretary, service_id=service, photo=ready(), request_id=request())
    digest = of_service(secretary, service_id=service).iloc[0]["digest"]
    address = f"/photo/{number}-{digest}.webp"
    assert browser.get(address).status_code == 401
    browser.cookies.set(COOKIE, signed_in(street.actors["volunteer"]))
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["vary"] == "Cookie"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert browser.get(f"/photo/{number}-{'0' * 64}.webp").status_code == 404
    for name in ("neighbour", "visitor", "auditor"):
        browser.cookies.set(COOKIE, signed_in(street.actors[name]))
        assert browser.get(address).status_code == 404, name
