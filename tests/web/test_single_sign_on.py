"""Single sign-on against a provider of our own, with real signatures and real requests."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from starlette.testclient import TestClient

from lib.domain.calendar import now
from lib.domain.permissions import Role
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import Account, AuditEntry, SingleSignOn
from lib.queries.sessions import actor_of
from lib.services.accounts import invite
from lib.services.sessions import COOKIE
from tests.web.conftest import PASSWORD, add_account
from tests.web.provider import CLIENT_ID, CLIENT_SECRET, TestProvider, running_provider


@pytest.fixture(scope="module")
def running() -> Iterator[TestProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: TestProvider, monkeypatch: pytest.MonkeyPatch) -> TestProvider:
    running.subject, running.lies, running.signs_with = "sub-1", {}, None
    monkeypatch.setenv("OIDC_ISSUER", running.issuer)
    monkeypatch.setenv("OIDC_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("OIDC_CLIENT_SECRET", CLIENT_SECRET)
    return running


def left(browser: TestClient, path: str = "/session/sso", **form: str) -> str:
    """The address at the provider that the browser is sent to."""
    answer = browser.post(path, data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def returned(address: str) -> str:
    """The way back that the provider sends the browser on."""
    sent = httpx.get(address)
    assert sent.status_code == 303, sent.text
    parts = urlsplit(sent.headers["location"])
    return f"{parts.path}?{parts.query}"


def problem(text: str) -> str:
    found = re.findall(r'role="alert">([^<]*)<', text)
    return found[0] if found else ""


def trail() -> list[str]:
    with Reads() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_sso__invited__signed_in_and_the_address_kept(
    browser: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    invited = invite(None, name="li", subject="sub-1")
    assert 'action="/session/sso"' in browser.get("/login").text
    address = left(browser, next="/grid?grid=1")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) > 30
    assert asked["redirect_uri"] == "http://testserver/login/sso"
    answer = browser.get(returned(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/grid?grid=1")
    actor = actor_of(browser.cookies[COOKIE])
    assert actor is not None
    assert actor.account_id == invited.account_id


def test_sso__nobody_invited__told_politely(
    browser: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    provider.subject = "sub-<b>unknown"
    answer = browser.get(returned(left(browser, lang="en")))
    assert answer.status_code == 403
    assert "Your identity (sub-&lt;b&gt;unknown) has no account here" in problem(answer.text)
    assert COOKIE not in browser.cookies
    assert trail()[-1] == "session.refused"


def test_sso__same_answer_again_or_from_another_browser__refused(
    browser: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    invite(None, name="li", subject="sub-1")
    back = returned(left(browser))
    stranger = TestClient(browser.app, follow_redirects=False)
    assert stranger.get(back).status_code == 502
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 502


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?state=&code=", "?error=access_denied"])
def test_sso__made_up_answer__refused(
    browser: TestClient, provider: TestProvider, query: str
) -> None:
    answer = browser.get(f"/login/sso{query}")
    assert (answer.status_code, "单点登录没有完成" in problem(answer.text)) == (502, True)


def test_sso__too_late__refused(
    browser: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    invite(None, name="li", subject="sub-1")
    back = returned(left(browser))
    with Writes.begin() as session:
        session.execute(update(SingleSignOn).values(expires_at=now() - timedelta(seconds=1)))
    assert browser.get(back).status_code == 502


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"nonce": "another nonce"},
        {"exp": 1},
        {"sub": None},
        {"azp": "another client"},
    ],
)
def test_sso__token_that_lies__refused(
    browser: TestClient, provider: TestProvider, tree: dict[str, int], lies: dict[str, object]
) -> None:
    invite(None, name="li", subject="sub-1")
    invite(None, name="nobody", subject="None")
    provider.lies = lies
    assert browser.get(returned(left(browser))).status_code == 502
    assert COOKIE not in browser.cookies


def test_sso__signed_by_another_key__refused(
    browser: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    invite(None, name="li", subject="sub-1")
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert browser.get(returned(left(browser))).status_code == 502


def test_sso__provider_away_or_another__refused(
    browser: TestClient, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.lies = {"issuer": "https://evil.example"}
    assert browser.post("/session/sso").status_code == 502
    for issuer in ("http://127.0.0.1:9", "http://provider.example"):
        monkeypatch.setenv("OIDC_ISSUER", issuer)
        assert browser.post("/session/sso").status_code == 502


def test_sso__not_set_up__not_offered(browser: TestClient, shu: str) -> None:
    assert "/session/sso" not in browser.get("/login").text
    assert browser.post("/session/sso").status_code == 502


def test_sso__connected_on_the_account_page(
    signed_in: TestClient, provider: TestProvider, shu: str
) -> None:
    assert 'action="/account/sso"' in signed_in.get("/account").text
    answer = signed_in.get(returned(left(signed_in, "/account/sso")))
    assert answer.headers["location"] == "/account"
    assert "已关联" in signed_in.get("/account").text
    other = TestClient(signed_in.app, follow_redirects=False)
    assert other.get(returned(left(other))).status_code == 303
    assert "account.subject" in trail()


def test_sso__identity_of_another_account__not_connected(
    signed_in: TestClient, provider: TestProvider, shu: str
) -> None:
    invite(None, name="li", subject="sub-1")
    answer = signed_in.get(returned(left(signed_in, "/account/sso")))
    assert "已关联另一个账号" in problem(answer.text)
    with Reads() as session:
        assert session.scalar(select(Account.subject).where(Account.name == "shu")) is None


def test_sso__signed_out_on_the_way__not_connected(
    signed_in: TestClient, provider: TestProvider, tree: dict[str, int]
) -> None:
    back = returned(left(signed_in, "/account/sso"))
    add_account("other", Role.VISITOR, None, password=PASSWORD)
    trip = signed_in.cookies["trip"]
    somebody = TestClient(signed_in.app, follow_redirects=False)
    somebody.post("/session/open", data={"name": "other", "password": PASSWORD})
    somebody.cookies.set("trip", trip)
    assert somebody.get(back).status_code == 502
    with Reads() as session:
        assert session.scalars(select(Account.subject)).all() == [None, None]
