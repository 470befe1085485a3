"""Settings of an installation, read from the environment; every one is listed in the README."""

import os
from dataclasses import dataclass
from pathlib import Path

from lib.domain.credentials import PASSWORD_FLOOR, PASSWORD_LEAST

ROOT = Path(__file__).resolve().parents[1]


def database_url() -> str:
    """`DATABASE_URL`, or a SQLite file under ``data/``; any PostgreSQL spelling is accepted."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{(ROOT / 'data' / 'street.db').as_posix()}"
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg"
    return scheme + separator + rest


def port() -> int:
    """The port the server listens on: `STREAMLIT_SERVER_PORT`, which the Makefile sets."""
    return int(os.environ.get("STREAMLIT_SERVER_PORT") or "8501")


def secure_cookie() -> bool:
    """`SECURE_COOKIE=1` behind HTTPS: the session cookie then never travels in the clear."""
    return os.environ.get("SECURE_COOKIE") == "1"


def session_hours() -> float:
    """`SESSION_HOURS`: how long a session lives at most, in hours."""
    return float(os.environ.get("SESSION_HOURS") or "12")


def session_idle_minutes() -> float:
    """`SESSION_IDLE_MINUTES`: after how long without a click a session ends, in minutes."""
    return float(os.environ.get("SESSION_IDLE_MINUTES") or "120")


def password_least() -> int:
    """`PASSWORD_LEAST`: how many characters a password has at least; never below eight."""
    asked = os.environ.get("PASSWORD_LEAST")
    return max(PASSWORD_FLOOR, int(asked)) if asked else PASSWORD_LEAST


def code_hours() -> float:
    """`CODE_HOURS`: how long a one-time code is good, in hours."""
    return float(os.environ.get("CODE_HOURS") or "72")


def secret() -> str:
    """`SECRET`, or what the file `SECRET_FILE` holds: seals what must be read back; may be empty.

    Raises:
        OSError: the file cannot be read.
    """
    return _kept(os.environ.get("SECRET"), os.environ.get("SECRET_FILE"))


@dataclass(frozen=True)
class Provider:
    """A provider of single sign-on, as it knows this installation."""

    issuer: str
    client_id: str
    client_secret: str


def single_sign_on() -> Provider | None:
    """The provider of single sign-on; None where it is not used.

    `OIDC_ISSUER` and `OIDC_CLIENT_ID`; the secret is `OIDC_CLIENT_SECRET`, or what the file
    `OIDC_CLIENT_SECRET_FILE` holds.

    Raises:
        OSError: the file cannot be read.
    """
    issuer, client_id = os.environ.get("OIDC_ISSUER"), os.environ.get("OIDC_CLIENT_ID")
    if not issuer or not client_id:
        return None
    secret = _kept(os.environ.get("OIDC_CLIENT_SECRET"), os.environ.get("OIDC_CLIENT_SECRET_FILE"))
    return Provider(issuer, client_id, secret)


def demonstration() -> bool:
    """`DEMONSTRATION=0` keeps an empty database empty instead of filling in the demo street."""
    return os.environ.get("DEMONSTRATION", "1") != "0"


def _kept(value: str | None, path: str | None) -> str:
    return Path(path).read_text(encoding="utf-8").strip() if path else value or ""
