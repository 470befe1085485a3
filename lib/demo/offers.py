"""What the units of the demonstration offer: a line or two of a service menu for most of them.

Which kind suits which unit is decided here; the words are those of the units' free text.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from lib.demo.names import demonstration_names
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.demo.units import Unit
from lib.domain.vocab import ServiceKind, UnitKind
from lib.persistence.models import UnitOffer

SILENT = 0.3
"""So many units have nothing on their menu."""

_K = ServiceKind

KINDS: Mapping[UnitKind, Sequence[ServiceKind]] = {
    UnitKind.GOVERNMENT: (_K.OTHER, _K.OTHER, _K.MEDIATION, _K.LECTURE, _K.OTHER),
    UnitKind.SCHOOL: (_K.CULTURE_SPORT, _K.LECTURE, _K.TUTORING, _K.CULTURE_SPORT, _K.OTHER),
    UnitKind.HOSPITAL: (_K.HEALTH, _K.LECTURE, _K.HEALTH, _K.LECTURE, _K.HEALTH),
    UnitKind.STATE_FIRM: (_K.REPAIR, _K.VISIT, _K.OTHER, _K.VISIT, _K.CLEAN_UP),
    UnitKind.PRIVATE_FIRM: (_K.REPAIR, _K.VISIT, _K.OTHER, _K.LECTURE, _K.CULTURE_SPORT),
    UnitKind.BUSINESS_CIRCLE: (_K.OPINION_TALK, _K.OTHER, _K.CULTURE_SPORT, _K.LECTURE, _K.OTHER),
    UnitKind.SOCIAL_ORGANISATION: (
        _K.COUNSELLING,
        _K.CULTURE_SPORT,
        _K.VISIT,
        _K.CULTURE_SPORT,
        _K.COUNSELLING,
    ),
}
"""The kind of each of the words in ``names.toml`` that such a unit offers, in their order."""


def add_offers(
    rows: Rows, territory: Territory, units: Sequence[Unit], *, as_of: date, rng: Random
) -> None:
    """Add the menus; a third of the lines end some day, a few ended already."""
    words = demonstration_names().offers
    for unit in units:
        if rng.random() < SILENT:
            continue
        for place in rng.sample(range(len(words[unit.kind])), rng.randint(1, 2)):
            first = as_of - timedelta(days=rng.randint(20, 300))
            until = as_of + timedelta(days=rng.randint(20, 200)) if rng.random() < 0.3 else None
            ended = as_of - timedelta(days=rng.randint(1, 15)) if rng.random() < 0.06 else None
            rows.add(
                UnitOffer,
                organisation_id=unit.id,
                area_id=territory.community_ids[unit.community],
                kind=KINDS[unit.kind][place],
                words=words[unit.kind][place],
                capacity=rng.choice((1, 5, 10, 20, 40)),
                first_day=first,
                last_day=until,
                ended_on=ended,
                request_id=None,
                version=1 if ended is None else 2,
            )
