"""Single sign-on by OpenID Connect: out to the provider and back, with state, nonce and PKCE.

An option of the settings; sessions, linking and the trail stand in `lib.services.single_sign_on`.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lib import settings
from lib.domain.errors import Refusal
from lib.domain.vocab import Language
from lib.queries.sessions import actor_of, pending_account
from lib.services import single_sign_on as trips
from lib.services.sessions import COOKIE
from lib.web.gate import safe_next
from lib.web.paper import (
    Fields,
    chosen_language,
    enter,
    read_form,
    see_other,
    show,
    site,
    with_query,
)

_TRIP = "__Host-trip" if settings.secure_cookie() else "trip"
_SECONDS = 10
_LEEWAY_SECONDS = 60
_SIGNATURES = ["RS256", "PS256", "ES256"]
_HERE = frozenset({"127.0.0.1", "localhost"})
_FAILURES = (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError)
"""What a provider that is away, or says what it must not, ends in."""


async def out(request: Request) -> Response:
    """``POST /session/sso``: off to the provider, to sign in."""
    form = await read_form(request)
    language = chosen_language(request, form)
    return await _leave(request, form, language, connecting=False)


async def connecting(request: Request) -> Response:
    """``POST /account/sso``: off to the provider, to connect the own account with it."""
    form = await read_form(request)
    return await _leave(request, form, request.state.actor.language, connecting=True)


async def back(request: Request) -> Response:
    """``GET /login/sso``: back from the provider, with a code that is good once."""
    asked = request.query_params
    state, kept = asked.get("state", ""), request.cookies.get(_TRIP, "")
    known = bool(state) and hmac.compare_digest(state.encode(), kept.encode())
    trip = await run_in_threadpool(trips.come_back, state) if known else None
    if trip is None:
        return await _failed(request, None)
    provider = settings.single_sign_on()
    try:
        if provider is None:
            raise ValueError("switched off meanwhile")
        subject = await _subject(request, provider, asked["code"], trip)
    except _FAILURES:
        return await _failed(request, trip.language)
    try:
        if trip.account_id is not None:
            return await _connected(request, provider, subject, trip.account_id)
        token = await run_in_threadpool(trips.sign_in_as, provider.issuer, subject, trip.language)
    except Refusal as refusal:
        return await _failed(request, trip.language, refusal)
    if token is None:
        return await _failed(request, trip.language, "door.sso_unknown", 403, subject=subject[:80])
    pending = await run_in_threadpool(pending_account, token) is not None
    answer = await enter(request, {"next": trip.wanted}, token, pending=pending)
    _forget(answer)
    return answer


async def _leave(
    request: Request, form: Fields, language: Language | None, *, connecting: bool
) -> Response:
    provider = settings.single_sign_on()
    if provider is None:
        return await _failed(request, language)
    try:
        about = await _about(provider)
    except _FAILURES:
        return await _failed(request, language)
    actor = request.state.actor if connecting else None
    wanted = safe_next(form.get("next") or "/")
    trip = await run_in_threadpool(trips.set_out, wanted, language, actor)
    async with _client(request, provider) as client:
        address, _ = client.create_authorization_url(
            about["authorization_endpoint"],
            state=trip.state,
            nonce=trip.nonce,
            code_verifier=trip.verifier,
        )
    answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    answer.set_cookie(
        _TRIP,
        trip.state,
        max_age=trips.TRIP_MINUTES * 60,
        path="/",
        secure=settings.secure_cookie(),
        httponly=True,
        samesite="lax",
    )
    return answer


async def _subject(
    request: Request, provider: settings.Provider, code: str, trip: trips.Trip
) -> str:
    """Who the provider says it is: the code against a token, and the token's every claim."""
    about = await _about(provider)
    async with _client(request, provider) as client:
        token = await client.fetch_token(
            about["token_endpoint"], code=code, code_verifier=trip.verifier
        )
    found: Any = await _fetched(about["jwks_uri"])
    keys = KeySet.import_key_set(found)
    signed = jwt.decode(token["id_token"], keys, algorithms=_SIGNATURES)
    claims = CodeIDToken(
        signed.claims,
        signed.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "nonce": {"essential": True, "value": trip.nonce},
        },
        params={"nonce": trip.nonce, "client_id": provider.client_id},
    )
    claims.validate(leeway=_LEEWAY_SECONDS)
    return str(claims["sub"])


async def _connected(
    request: Request, provider: settings.Provider, subject: str, account_id: int
) -> Response:
    actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
    if actor is None or actor.account_id != account_id:
        return await _failed(request, None)
    await run_in_threadpool(trips.connect, account_id, provider.issuer, subject)
    answer = see_other("/account")
    _forget(answer)
    return answer


async def _about(provider: settings.Provider) -> dict[str, Any]:
    """What the provider says of itself; every address of it encrypted, or on this machine."""
    about = await _fetched(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about["issuer"] != provider.issuer:
        raise ValueError("another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _guarded(about[name])
    return about


async def _fetched(address: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=_SECONDS) as client:
        answer = (await client.get(_guarded(address))).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _guarded(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _HERE:
        raise ValueError("an address in the clear")
    return address


def _client(request: Request, provider: settings.Provider) -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        scope="openid",
        redirect_uri=f"{site(request)}/login/sso",
        code_challenge_method="S256",
        timeout=_SECONDS,
    )


async def _failed(
    request: Request,
    language: Language | None,
    problem: str | Refusal = "door.sso_failed",
    status: int = 502,
    **values: object,
) -> Response:
    chosen = language or chosen_language(request, {}) or Language.ZH
    answer = await show(
        request,
        "refused.html",
        chosen,
        status=status,
        problem=problem,
        values=values,
        to_door=with_query("/login", lang=chosen),
        switch=[],
    )
    _forget(answer)
    return answer


def _forget(answer: Response) -> None:
    answer.delete_cookie(
        _TRIP, path="/", secure=settings.secure_cookie(), httponly=True, samesite="lax"
    )


ROUTES = [
    Route("/login/sso", back),
    Route("/session/sso", out, methods=["POST"]),
    Route("/account/sso", connecting, methods=["POST"]),
]
