from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import pytest
from sqlalchemy import Engine, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from lib.domain.calendar import today
from lib.domain.permissions import WITHOUT_AREA, Role
from lib.domain.vocab import Language, Level
from lib.persistence.engine import Writes
from lib.persistence.models import Account, AccountGrant, Area, AreaLink, Installation
from lib.services.passwords import password_hash
from lib.services.sessions import COOKIE, open_session
from lib.web.gate import MIDDLEWARE
from lib.web.routes import ROUTES
from tests.factories import bound

PASSWORD = "correct horse"
HTML = {"Accept": "text/html,application/xhtml+xml"}
SQUARE = (
    '{"type":"Polygon","coordinates":'
    "[[[120.0,30.0],[120.1,30.0],[120.1,30.1],[120.0,30.1],[120.0,30.0]]]}"
)


async def inside(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside as {request.state.actor.name_en}")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


METHODS = ["GET", "POST", "PUT", "DELETE"]
STUB = [
    WebSocketRoute("/_stcore/stream", stream),
    Route("/_stcore/health", lambda _: PlainTextResponse("ok")),
    Route("/{path:path}", inside, methods=METHODS),
]


@pytest.fixture
def browser(database: Engine, cheap: None) -> Iterator[TestClient]:
    """A browser without a session before our routes and gate, with a stub behind them."""
    application = Starlette(routes=[*ROUTES, *STUB], middleware=MIDDLEWARE)
    with TestClient(application, follow_redirects=False) as client:
        yield client


@pytest.fixture
def tree(database: Engine, cheap: None) -> dict[str, int]:
    """Two streets, the first with a community of two grids; the account `shu` in the community."""
    with Writes.begin() as session:
        made: dict[str, Area] = {}
        for key, level, parent in (
            ("street", Level.STREET, None),
            ("other", Level.STREET, None),
            ("community", Level.COMMUNITY, "street"),
            ("grid", Level.GRID, "community"),
        ):
            area = Area(
                code=f"c-{key}",
                level=level,
                name_zh={"street": "青石街道", "other": "白塔街道"}.get(key, f"<{key}>"),
                name_en=f"{key.title()} & Co",
                initials="",
                parent_id=made[parent].id if parent else None,
                geometry=SQUARE,
                west=120.0,
                south=30.0,
                east=120.1,
                north=30.1,
                label_lon=120.05,
                label_lat=30.05,
                valid_from=date(2020, 1, 1),
            )
            session.add(area)
            session.flush()
            made[key] = area
            above: Area | None = area
            while above is not None:
                session.add(AreaLink(ancestor_id=above.id, descendant_id=area.id))
                above = next((a for a in made.values() if a.id == above.parent_id), None)
        return {key: area.id for key, area in made.items()}


@lru_cache
def hashed(password: str) -> str:
    """Made once: it is slow on purpose."""
    return password_hash(password)


def add_account(
    name: str,
    role: Role,
    area_id: int | None,
    *,
    demonstration: bool = False,
    password: str | None = None,
) -> None:
    with Writes.begin() as session:
        account = Account(
            name=name,
            display_zh=f"{name}的账号",
            display_en=f"account {name}",
            password_hash=hashed(password) if password else None,
            language=Language.ZH,
            demonstration=demonstration,
        )
        session.add(account)
        session.flush()
        session.add(
            AccountGrant(
                account_id=account.id,
                role=role,
                area_id=area_id,
                **bound(session, role, area_id),
                since=today(),
            )
        )


@pytest.fixture
def shu(tree: dict[str, int]) -> str:
    """The token of the community's secretary, whose account is `shu`."""
    add_account("shu", Role.COMMUNITY_SECRETARY, tree["community"], password=PASSWORD)
    token = open_session("shu", PASSWORD)
    assert token is not None
    return token


@pytest.fixture
def signed_in(browser: TestClient, shu: str) -> TestClient:
    """The browser of the community's secretary."""
    browser.cookies.set(COOKIE, shu)
    return browser


@pytest.fixture
def demonstration(tree: dict[str, int]) -> None:
    """A database marked demonstration, with a prepared account for every role."""
    with Writes.begin() as session:
        session.execute(update(Installation).values(demonstration=True))
    for role in Role:
        whole = role in WITHOUT_AREA
        add_account(f"demo-{role}", role, None if whole else tree["street"], demonstration=True)
