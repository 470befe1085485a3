"""A provider of single sign-on for tests: OpenID Connect with real signatures, on this machine.

It signs in whoever `subject` names without asking, and can be told to lie.
"""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "street", "the client's secret"


@dataclass
class TestProvider:
    """What it knows, whom it signs in, and the claims it changes on purpose."""

    __test__ = False

    issuer: str = ""
    subject: str = "sub-1"
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.lies.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 303)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.asked.pop(form["code"], None)
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        secret = base64.b64decode(packed).decode() if scheme == "Basic" else ""
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or CLIENT_ID not in secret:
            return JSONResponse({"error": "invalid_grant"}, 400)
        present = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.subject,
            "nonce": asked["nonce"],
            "iat": present,
            "exp": present + 300,
        } | {name: lie for name, lie in self.lies.items() if name != "issuer"}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with or self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    def keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    """The provider, answering on a free port of this machine."""
    provider = TestProvider()
    application = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.about),
            Route("/authorize", provider.authorize),
            Route("/token", provider.token, methods=["POST"]),
            Route("/keys", provider.keys),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    yield provider
    server.should_exit = True
    thread.join(10)
