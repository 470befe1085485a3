"""Sealing the few secrets that must be read back, with a key made of the setting `SECRET`.

Passwords, tokens and codes are not among them: of those only hashes are kept.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lib import settings
from lib.domain.errors import Refusal

_OPEN = "open:"


def seal(text: str) -> str:
    """The text so that only who knows `SECRET` reads it; readable where none is set."""
    key = _key()
    return _OPEN + text if key is None else key.encrypt(text.encode()).decode()


def unseal(kept: str) -> str:
    """What was sealed.

    Raises:
        Refusal: ``second.secret_lost`` when `SECRET` is not the one it was sealed with.
    """
    if kept.startswith(_OPEN):
        return kept.removeprefix(_OPEN)
    key = _key()
    if key is None:
        raise Refusal("second.secret_lost")
    try:
        return key.decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Refusal("second.secret_lost") from error


def _key() -> Fernet | None:
    secret = settings.secret()
    if not secret:
        return None
    derived = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
