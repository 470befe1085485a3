"""Who suits what is to be done: the one formula behind every suggestion, and its reasons.

It suggests and never decides. It knows what volunteers offered to do, when and how far from home;
of residents who ask it knows nothing, and nobody's hours count.

A suggestion's score is the sum over `Part` of weight times share, out of 100:

=========  ======  ==================================================================
part       weight  share, from 0 to 1
=========  ======  ==================================================================
kind           20  1 with a team of the kind, or such a service given within a year
skill          25  1 with every skill asked for by name; where none is, with one that
                   suits the kind, or where the kind needs none
time           20  1 when free at a time it can be done, 1/2 when nobody said
distance       20  1 at home, falling evenly to 0 at `FAR_METRES`; 1/2 when unknown
load           10  1 / (1 + open claims)
fairness        5  days since the last claim / `RESTED_DAYS`, 1 when there was none
=========  ======  ==================================================================

A share of None rules the suggestion out: a skill asked for is lacking, nothing speaks for the kind,
the times told do not fit, it is beyond the radius told, or the open claims are at their limit.
Weights and limits are ours; streets have published none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from lib.domain.vocab import DayPart, ServiceKind, Skill


class Part(StrEnum):
    """What a score is made of."""

    KIND = "kind"
    SKILL = "skill"
    TIME = "time"
    DISTANCE = "distance"
    LOAD = "load"
    FAIRNESS = "fairness"


WEIGHTS: Mapping[Part, int] = {
    Part.KIND: 20,
    Part.SKILL: 25,
    Part.TIME: 20,
    Part.DISTANCE: 20,
    Part.LOAD: 10,
    Part.FAIRNESS: 5,
}

FAR_METRES = 2000
"""From here on nearness counts nothing: some half an hour on foot."""

OPEN_CLAIMS_MAX = 3
"""Whoever has promised so much already is asked for no more."""

RESTED_DAYS = 180
"""Whoever has claimed nothing for so long comes first among equals."""

GAVE_DAYS = 365
"""A kind counts as known that was given so recently."""

UNKNOWN = 0.5

Share = float | None

_K, _S = ServiceKind, Skill

SUITS: Mapping[ServiceKind, frozenset[Skill]] = {
    _K.PATROL: frozenset(),
    _K.VISIT: frozenset(),
    _K.MEDIATION: frozenset({_S.MEDIATION, _S.LAW}),
    _K.OPINION_TALK: frozenset(),
    _K.COUNSELLING: frozenset({_S.COUNSELLING}),
    _K.LECTURE: frozenset({_S.TEACHING, _S.LAW, _S.NURSING, _S.FIRST_AID}),
    _K.CULTURE_SPORT: frozenset({_S.MUSIC_DANCE, _S.SPORT, _S.CALLIGRAPHY, _S.PHOTOGRAPHY}),
    _K.CIVILITY: frozenset(),
    _K.TUTORING: frozenset({_S.TEACHING, _S.LANGUAGES, _S.COMPUTERS}),
    _K.CLEAN_UP: frozenset(),
    _K.HEALTH: frozenset({_S.NURSING, _S.FIRST_AID}),
    _K.REPAIR: frozenset({_S.REPAIR, _S.ELECTRICS, _S.COMPUTERS}),
    _K.OTHER: frozenset(),
}
"""Which skills suit a kind that asks for none by name; where there is none, anybody can help."""


class Wanted(StrEnum):
    """What somebody is looked for: an open need, or a project with free places."""

    NEED = "need"
    PROJECT = "project"


class Offering(StrEnum):
    """Who can be suggested."""

    PERSON = "person"
    TEAM = "team"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is suggested: a word key below ``match`` and its values."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is to be done in an area, and for how many claimants there is place.

    `skills` are those asked for by name. `occasions` are masks of times of the week (`mask`) in
    which it can be done, each as a whole; none means at any time. `day` is set where it can be
    done on one local day only.
    """

    wanted: Wanted
    number: int
    area_id: int
    kind: ServiceKind
    skills: frozenset[Skill] = frozenset()
    occasions: tuple[int, ...] = ()
    day: date | None = None
    places: int = 1
    collective: bool = False


@dataclass(frozen=True, slots=True)
class Volunteer:
    """What a volunteer told of themselves; `free` is a `mask`, 0 where no times were told.

    `teams` are the kinds of their teams, `gave` those of services given within `GAVE_DAYS`.
    """

    person_id: int
    home_id: int
    radius_m: int | None = None
    skills: frozenset[Skill] = frozenset()
    free: int = 0
    teams: frozenset[ServiceKind] = frozenset()
    gave: frozenset[ServiceKind] = frozenset()
    open_claims: int = 0
    claimed_on: date | None = None


def mask(times: Collection[tuple[int, DayPart]]) -> int:
    """Times of the week as bits; weekdays count from Monday, 0."""
    parts = list(DayPart)
    bits = 0
    for weekday, part in times:
        bits |= 1 << (weekday * len(parts) + parts.index(part))
    return bits


def times_of(bits: int) -> Iterator[tuple[int, DayPart]]:
    """The times that a `mask` holds, from Monday morning on."""
    for weekday in range(7):
        for part in DayPart:
            if bits & mask([(weekday, part)]):
                yield weekday, part


def occasions(
    first: date, last: date, starts_at: time | None = None, ends_at: time | None = None
) -> tuple[int, ...]:
    """When something can be done that is done between two local days, in hours or at any hour.

    Hours that reach over two parts of the day need both of them free.
    """
    days = min((last - first).days + 1, 7)
    weekdays = sorted({(first + timedelta(days=n)).weekday() for n in range(days)})
    if starts_at is None or ends_at is None:
        return tuple(mask([(weekday, part)]) for weekday in weekdays for part in DayPart)
    within = [part for part in DayPart if _ENDS[part] > starts_at and _BEGINS[part] < ends_at]
    return tuple(mask([(weekday, part) for part in within]) for weekday in weekdays)


_BEGINS = {DayPart.MORNING: time(0), DayPart.AFTERNOON: time(12), DayPart.EVENING: time(18)}
_ENDS = {DayPart.MORNING: time(12), DayPart.AFTERNOON: time(18), DayPart.EVENING: time.max}


def kind_share(known: Collection[ServiceKind], kind: ServiceKind) -> float:
    """Whether the kind is among those known from teams and services."""
    return float(kind in known)


def skill_share(
    skills: Collection[Skill],
    known: Collection[ServiceKind],
    asked: Collection[Skill],
    kind: ServiceKind,
) -> Share:
    """Whether the skills asked for are there, or else those that suit the kind."""
    if asked:
        return 1.0 if set(asked) <= set(skills) else None
    suiting = SUITS[kind]
    if not suiting or not suiting.isdisjoint(skills):
        return 1.0
    return 0.0 if kind in known else None


def time_share(free: int, when: Sequence[int]) -> Share:
    """Whether one of the occasions is free as a whole."""
    if not free or not when:
        return UNKNOWN
    return 1.0 if any(free & one == one for one in when) else None


def distance_share(metres: float | None, radius_m: int | None) -> Share:
    """How near it is; None beyond the radius that was told."""
    if metres is None:
        return UNKNOWN
    if radius_m is not None and metres > radius_m:
        return None
    return max(0.0, 1 - metres / FAR_METRES)


def load_share(open_claims: int) -> Share:
    """The fewer promises are open, the more; None at `OPEN_CLAIMS_MAX`."""
    return None if open_claims >= OPEN_CLAIMS_MAX else 1 / (1 + open_claims)


def fairness_share(claimed_on: date | None, day: date) -> float:
    """The longer ago the last claim, the more."""
    if claimed_on is None:
        return 1.0
    return min(max((day - claimed_on).days, 0) / RESTED_DAYS, 1.0)


def score(shares: Mapping[Part, Share]) -> Share:
    """The score of one suggestion out of 100, None when a share rules it out."""
    total = 0.0
    for part, weight in WEIGHTS.items():
        share = shares[part]
        if share is None:
            return None
        total += weight * share
    return total


def shares(
    opening: Opening, volunteer: Volunteer, metres: float | None, day: date
) -> Mapping[Part, Share]:
    """Every part of the score of a volunteer for what is to be done, `metres` from home."""
    known = volunteer.teams | volunteer.gave
    return {
        Part.KIND: kind_share(known, opening.kind),
        Part.SKILL: skill_share(volunteer.skills, known, opening.skills, opening.kind),
        Part.TIME: time_share(volunteer.free, opening.occasions),
        Part.DISTANCE: distance_share(metres, volunteer.radius_m),
        Part.LOAD: load_share(volunteer.open_claims),
        Part.FAIRNESS: fairness_share(volunteer.claimed_on, day),
    }


def reasons(
    opening: Opening, volunteer: Volunteer, metres: float | None, day: date
) -> tuple[Reason, ...]:
    """What speaks for a volunteer, the strongest first; distances in steps of 100 m."""
    found = []
    suiting = [s for s in Skill if s in volunteer.skills & (opening.skills or SUITS[opening.kind])]
    if suiting:
        found.append(Reason("skill", {"skills": tuple(suiting)}))
    if opening.kind in volunteer.teams:
        found.append(Reason("team", {"kind": opening.kind}))
    elif opening.kind in volunteer.gave:
        found.append(Reason("gave", {"kind": opening.kind}))
    if metres is not None:
        found.append(near(metres))
    free = [one for one in opening.occasions if one & volunteer.free == one]
    if free:
        times = tuple(dict.fromkeys(slot for one in free for slot in times_of(one)))
        found.append(Reason("free", {"times": times}))
    found.append(promised(volunteer.open_claims))
    if volunteer.claimed_on is None:
        found.append(Reason("never_asked"))
    elif (day - volunteer.claimed_on).days >= RESTED_DAYS:
        found.append(Reason("rested", {"day": volunteer.claimed_on}))
    return tuple(found)


def near(metres: float) -> Reason:
    """How far it is from home, in steps of 100 m; 0 is the same area."""
    if metres == 0:
        return Reason("here")
    return Reason("metres", {"metres": max(100, round(metres / 100) * 100)})


def promised(open_claims: int) -> Reason:
    """How much is promised already."""
    return Reason("open_claims", {"n": open_claims}) if open_claims else Reason("no_claim")


def offered_score(open_claims: int, claimed_on: date | None, day: date) -> float:
    """What tells teams and units apart that offer the very kind there: load and fairness."""
    return WEIGHTS[Part.LOAD] / (1 + open_claims) + WEIGHTS[Part.FAIRNESS] * fairness_share(
        claimed_on, day
    )
