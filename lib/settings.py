"""Settings of an installation, read from the environment; every one is listed in the README."""

import os
from pathlib import Path

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


def demonstration() -> bool:
    """`DEMONSTRATION=0` keeps an empty database empty instead of filling in the demo street."""
    return os.environ.get("DEMONSTRATION", "1") != "0"
