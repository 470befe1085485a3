"""Counting wrong sign-ins, so that passwords cannot be tried by the thousand.

In memory of one process: a restart forgets, and each process counts for itself.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 20
"""An address may be a whole office behind one router, so it is given more tries than a name."""

WINDOW_SECONDS = 300
_KEYS_MAX = 10_000


class Throttle:
    """Wrong tries per key within a sliding window.

    A try is noted before the password is checked and forgiven when it fits, so that many
    simultaneous tries count too.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def seconds_to_wait(self, name: str, address: str) -> int:
        """How long until the next try may be made, 0 if now."""
        present = self._clock()
        longest = 0.0
        for key, free in _keys(name, address):
            tries = [at for at in self._tries.get(key, []) if at > present - WINDOW_SECONDS]
            if len(tries) >= free:
                longest = max(longest, tries[-free] + WINDOW_SECONDS - present)
        return int(longest) + 1 if longest > 0 else 0

    def note(self, name: str, address: str) -> None:
        """Count one try."""
        for key, free in _keys(name, address):
            self._tries[key] = [*self._tries.pop(key, [])[-(free - 1) :], self._clock()]
        while len(self._tries) > _KEYS_MAX:
            self._tries.popitem(last=False)

    def forgive(self, name: str, address: str) -> None:
        """The password was right: its name starts anew, the address gets this one try back."""
        (name_key, _), (address_key, _) = _keys(name, address)
        self._tries.pop(name_key, None)
        if tries := self._tries.get(address_key):
            tries.pop()


def _keys(name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (f"name {name[:64]}", FREE_BY_NAME), (f"address {address}", FREE_BY_ADDRESS)
