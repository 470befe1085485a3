"""What an account may be called, what will do as its password, and the codes handed out once.

Rules alone: keeping and checking passwords stands in `lib.services.passwords`.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from confusable_homoglyphs.confusables import confusables_data

from lib.domain.errors import Refusal

NAME_MOST = 64
PASSWORD_FLOOR = 8
PASSWORD_LEAST = 15
"""NIST SP 800-63B-4, 3.1.1.2: at least 15 characters where the password is the only factor."""
PASSWORD_MOST = 1024
"""Far above what NIST asks to accept (64); longer ones would only cost work."""

CODE_BITS = 80
RECOVERY_BITS = 120
"""So many that a plain SHA-256 keeps them (ASVS 6.5.2: at least 112)."""
RECOVERY_CODES = 8

_NAME = re.compile(
    r"[a-z0-9\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]"
    r"[a-z0-9._@·\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af-]*"
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("c1", "d"))
"""Two letters that read as one, where 1 stands for l too."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32 signs: none is taken for another when a code is read from paper."""


def account_name(typed: str) -> str:
    """A name as it is kept and looked up: compatibility forms and capitals count for nothing."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def fit_name(typed: str) -> str:
    """The name as it is kept, if an account may be called so.

    Letters a to z, digits, Chinese characters and ``. _ - @ ·``: other scripts hold letters that
    look like these.

    Raises:
        Refusal: ``account.name_unfit``.
    """
    name = account_name(typed) if len(typed) <= NAME_MOST else ""
    if not _NAME.fullmatch(name) or len(name) > NAME_MOST:
        raise Refusal("account.name_unfit", limit=NAME_MOST)
    return name


def is_name(name: str) -> bool:
    """Whether a normalised name may be asked of the database; older names may hold more signs."""
    return 0 < len(name) <= NAME_MOST and name.isprintable()


def appearance(name: str) -> str:
    """What the name looks like: the same for names that a person would take for one another.

    By the confusable characters of Unicode (UTS #39), and by pairs of letters read as one.
    """
    looks = _looks()
    shown = "".join(looks.get(sign, sign) for sign in account_name(name))
    for pair, one in _PAIRS:
        shown = shown.replace(pair, one)
    return shown[:NAME_MOST]


@lru_cache(maxsize=1)
def _looks() -> dict[str, str]:
    """Each allowed character that has look-alikes, to the first of them."""
    first: dict[str, str] = {}
    for sign, others in confusables_data.items():
        alike = {s.casefold() for s in (sign, *(other["c"] for other in others))}
        allowed = {s for s in alike if len(s) == 1 and _NAME.fullmatch(s)}
        allowed |= {first[s] for s in allowed if s in first}
        if len(allowed) > 1:
            first |= dict.fromkeys(allowed, min(allowed))
    return first


def password_text(typed: str) -> str:
    """The password as it is hashed: NIST asks for one normal form, so that keyboards agree."""
    whole = typed.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    return unicodedata.normalize("NFKC", whole)


def fit_password(
    typed: str,
    *,
    name: str,
    common: frozenset[str],
    product: Sequence[str] = (),
    least: int = PASSWORD_LEAST,
) -> str:
    """The password as it is hashed, if it will do for the account `name`.

    `common` holds passwords that everybody tries first, in small letters, `product` the words of
    the product's name. What signs it is made of is nobody's business (NIST SP 800-63B-4: no
    composition rules).

    Raises:
        Refusal: ``account.password_short``, ``…_long``, ``…_common`` or ``…_telling``.
    """
    if len(typed) > PASSWORD_MOST:
        raise Refusal("account.password_long", limit=PASSWORD_MOST)
    password = password_text(typed)
    if len(password) < least:
        raise Refusal("account.password_short", least=least)
    small = password.casefold()
    if _is_common(small, common):
        raise Refusal("account.password_common")
    squeezed = _squeezed(small)
    telling = (account_name(name), *(word.casefold() for word in product))
    if any(_squeezed(word) in squeezed for word in telling if len(word.encode()) > 2):
        raise Refusal("account.password_telling")
    return password


def _squeezed(text: str) -> str:
    return re.sub(r"[\s._-]", "", text)


def _is_common(small: str, common: frozenset[str]) -> bool:
    """Whether it is on the list, also with digits after it, repeated, or a mere sequence."""
    unit = small[: (small + small).index(small, 1)]
    round_off = 10 if small.isdecimal() else 0x110000
    steps = {(ord(b) - ord(a)) % round_off for a, b in pairwise(small)}
    return (
        small in common
        or small.rstrip("0123456789") in common
        or (len(unit) < len(small) and (unit in common or len(unit) <= 4))
        or steps in ({1}, {round_off - 1})
    )


def new_code(bits: int = CODE_BITS) -> str:
    """A fresh random code in groups of four signs, to be read out or copied from paper."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(bits // 5))
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def code_digest(typed: str) -> str:
    """The SHA-256 of a code as typed: capitals, spaces and dashes count for nothing."""
    plain = re.sub(r"[\s-]", "", typed[:200]).lower().replace("o", "0")
    return hashlib.sha256(plain.replace("i", "1").replace("l", "1").encode()).hexdigest()
