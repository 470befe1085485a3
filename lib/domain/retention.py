"""How long personal data are kept, and which text people agree to.

What is taken out when the time is over stands in `lib.services.people`; all of it is told in
`docs/privacy.md`.
"""

from collections.abc import Mapping
from enum import StrEnum

CONSENT_TEXT = "2026-11"
"""Version of the text that volunteers and holders of offices agree to (words: ``consent.text``)."""

ASKING_TEXT = "2026-11"
"""Version of the text on the public form for needs (words: ``asking.consent``)."""

ASKER_DAYS = 365
"""After so many days name and phone of who asked are emptied."""

YEARS = range(1, 31)


class Kept(StrEnum):
    """Kinds of people whose data are kept for a time of their own after they were last active."""

    VOLUNTEER = "volunteer"
    OFFICE = "office"


USUAL_YEARS: Mapping[Kept, int] = {Kept.VOLUNTEER: 5, Kept.OFFICE: 5}
"""Years after the last service, or after the last day in office, where a street sets no other."""
