"""Keeping and checking passwords: argon2id, few at a time, as slow for unknown names as known.

What will do as a password is decided in `lib.domain.credentials`.
"""

import gzip
import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from lib import settings
from lib.domain.credentials import PASSWORD_MOST, fit_password, password_text
from lib.domain.sessions import TOKEN_BYTES
from lib.domain.vocab import Language
from lib.i18n.glossary import say

_COMMON = settings.ROOT / "data" / "passwords" / "common.txt.gz"

# One check takes 64 MiB: a storm of sign-ins must not exhaust the machine.
_checking = BoundedSemaphore(4)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash no password fits, checked for unknown names so that they take as long as known."""
    return _hasher().hash(secrets.token_urlsafe(TOKEN_BYTES))


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The 19,640 passwords most often seen in breaches, in small letters."""
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode().split())


def password_hash(password: str) -> str:
    """The hash of a password, as `account.password_hash` keeps it (argon2id)."""
    with _checking:
        return _hasher().hash(password_text(password))


def chosen_hash(typed: str, *, name: str) -> str:
    """The hash of a password somebody chooses for the account `name`.

    Raises:
        Refusal: it will not do, as `lib.domain.credentials.fit_password` says.
    """
    fit = fit_password(
        typed,
        name=name,
        common=common_passwords(),
        product=product_words(),
        least=settings.password_least(),
    )
    return password_hash(fit)


@lru_cache(maxsize=1)
def product_words() -> tuple[str, ...]:
    """What the product is called, in every language, word by word."""
    return tuple(part for language in Language for part in say("door.product", language).split())


def check_password(typed: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether the password fits `kept`, and a new hash where the old one is outdated.

    Without `kept` nothing fits, after the same work.
    """
    text = password_text(typed) if len(typed) <= PASSWORD_MOST else ""
    with _checking:
        fits, renewed = _hasher().verify_and_update(text, kept or _nobody())
    known = fits and kept is not None
    return known, renewed if known else None
