"""Where a request comes from: the address and the family of the browser, for the audit trail.

A fact of the surroundings and not of who acts: set where requests arrive, read where entries are
written. The full name of a browser is not kept, for it would tell its user apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

ADDRESS_MAX = 45
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""What to look for in the header, in this order: Edge also says Chrome, Chrome also says Safari."""


@dataclass(frozen=True)
class Origin:
    """The network address and the browser's family (``Edge · Windows``); empty if unknown."""

    address: str = ""
    agent: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin")


def origin() -> Origin:
    """Where the present request comes from; nowhere outside a request."""
    return _origin.get(NOWHERE)


def come_from(address: str | None, user_agent: str | None) -> None:
    """Note where the present request comes from, for everything it leads to."""
    plain = (address or "").removeprefix("::ffff:")  # version 4, as a socket of version 6 tells it
    _origin.set(Origin(plain[:ADDRESS_MAX], family(user_agent or "")))


@contextmanager
def nowhere() -> Iterator[None]:
    """What is done in the block comes from nowhere: who stays anonymous leaves no address."""
    before = _origin.set(NOWHERE)
    try:
        yield
    finally:
        _origin.reset(before)


def family(user_agent: str) -> str:
    """The family of browser and system that a ``User-Agent`` header names, as far as known."""
    known = (
        next((name for mark, name in table if mark in user_agent), "")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(name for name in known if name)
