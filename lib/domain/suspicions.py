"""Records that somebody should look at: what counts as odd, and which records show it.

Nothing is decided here and nobody accused: an odd record may well be true, and a person looks.
Limits are ours; streets have published none.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

from lib.domain.likeness import likeness

AT_ONCE, AT_ONCE_SECONDS = 6, 60
"""So many records of one recorder within so many seconds cannot each have been typed."""

DAY_MINUTES = 16 * 60
"""Nobody serves longer on one day."""

SAME_NOTES, NOTE_LENGTH, SAME_NOTE = 3, 12, 0.9
"""So many notes of one recorder for one day, each so long, are the same when so alike."""


class Rule(StrEnum):
    """What is odd about some records."""

    AT_ONCE = "at_once"
    LONG_DAY = "long_day"
    TWO_PLACES = "two_places"
    SAME_NOTE = "same_note"
    SAME_PHOTO = "same_photo"


@dataclass(frozen=True, slots=True)
class Given:
    """A service as recorded; `minutes` are those of each person who took part.

    `typed` is false where a ledger brought it: its moment says nothing. `photos` are the digests
    of its pictures as they were taken.
    """

    service_id: int
    day: date
    starts_at: time | None
    recorded_by_id: int
    recorded_at: datetime
    note: str
    minutes: Mapping[int, int]
    typed: bool = True
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Records that belong together under a rule, and the values of the sentence about them.

    `people` and `recorder_id` are numbers, to be named to whoever may read the names.
    """

    rule: Rule
    service_ids: tuple[int, ...]
    day: date
    values: Mapping[str, object] = field(default_factory=dict)
    people: tuple[int, ...] = ()
    recorder_id: int | None = None

    @property
    def digest(self) -> str:
        """What it is known by; one more record makes it another suspicion."""
        return digest(self.rule, self.service_ids)


def digest(rule: Rule, service_ids: Collection[int]) -> str:
    """The SHA-256 of a rule and the records it was found in, whatever their order."""
    text = f"{rule} {' '.join(str(number) for number in sorted(service_ids))}"
    return hashlib.sha256(text.encode()).hexdigest()


def suspicions(records: Sequence[Given]) -> list[Suspicion]:
    """Everything odd about the records, the latest day first."""
    found = [
        *_at_once(records),
        *_long_days(records),
        *_two_places(records),
        *_same_notes(records),
        *_same_photos(records),
    ]
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.rule, one.service_ids))


def _at_once(records: Sequence[Given]) -> Iterator[Suspicion]:
    typed = [one for one in records if one.typed]
    for recorder, own in _grouped((one.recorded_by_id, one) for one in typed).items():
        own.sort(key=lambda one: (one.recorded_at, one.service_id))
        moments = [one.recorded_at for one in own]
        start = 0
        while start < len(own):
            until = moments[start] + timedelta(seconds=AT_ONCE_SECONDS)
            burst = own[start : bisect_left(moments, until)]
            if len(burst) >= AT_ONCE:
                yield Suspicion(
                    Rule.AT_ONCE,
                    _numbers(burst),
                    max(one.day for one in burst),
                    {"n": len(burst), "at": burst[0].recorded_at},
                    recorder_id=recorder,
                )
                start += len(burst)
            else:
                start += 1


def _long_days(records: Sequence[Given]) -> Iterator[Suspicion]:
    for (person, day), own in _by_person_day(records).items():
        minutes = sum(one.minutes[person] for one in own)
        if minutes > DAY_MINUTES:
            yield Suspicion(
                Rule.LONG_DAY, _numbers(own), day, {"minutes": minutes}, people=(person,)
            )


def _two_places(records: Sequence[Given]) -> Iterator[Suspicion]:
    both: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    known: dict[int, Given] = {}
    for (person, _), own in _by_person_day(records).items():
        for one, other in combinations(own, 2):
            if overlaps(span(one, person), span(other, person)):
                first, second = sorted((one, other), key=lambda given: given.service_id)
                known |= {given.service_id: given for given in (first, second)}
                both[first.service_id, second.service_id].append(person)
    for pair, people in both.items():
        yield Suspicion(
            Rule.TWO_PLACES,
            pair,
            known[pair[0]].day,
            {"n": len(people), "times": tuple(span(known[n], people[0]) for n in pair)},
            people=tuple(sorted(people)),
        )


Minutes = tuple[int, int]
"""From and until, as minutes after midnight of one local day."""


def span(one: Given, person: int) -> Minutes | None:
    """When a person was there, None where no time was recorded."""
    return window(one.starts_at, one.minutes[person])


def window(starts_at: time | None, minutes: int) -> Minutes | None:
    """From a beginning on for so many minutes, None without a beginning."""
    if starts_at is None:
        return None
    begin = starts_at.hour * 60 + starts_at.minute
    return begin, begin + minutes


def overlaps(one: Minutes | None, other: Minutes | None) -> bool:
    """Whether two windows share time; unknown ones share none."""
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]


def _same_notes(records: Sequence[Given]) -> Iterator[Suspicion]:
    noted = (
        ((one.recorded_by_id, one.day), one)
        for one in records
        if one.typed and len(one.note.strip()) >= NOTE_LENGTH
    )
    for (recorder, day), own in _grouped(noted).items():
        for alike in _alike(own):
            if len(alike) >= SAME_NOTES:
                yield Suspicion(
                    Rule.SAME_NOTE,
                    _numbers(alike),
                    day,
                    {"n": len(alike), "note": alike[0].note.strip()},
                    recorder_id=recorder,
                )


def _same_photos(records: Sequence[Given]) -> Iterator[Suspicion]:
    for own in _grouped((photo, one) for one in records for photo in set(one.photos)).values():
        if len(own) > 1:
            last = max(one.day for one in own)
            yield Suspicion(Rule.SAME_PHOTO, _numbers(own), last, {"n": len(own)})


def _alike(records: Sequence[Given]) -> list[list[Given]]:
    """Records gathered around the first note that theirs is like."""
    groups: list[list[Given]] = []
    for one in records:
        for group in groups:
            if group[0].note == one.note or likeness(group[0].note, one.note) >= SAME_NOTE:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _by_person_day(records: Sequence[Given]) -> dict[tuple[int, date], list[Given]]:
    return _grouped(((person, one.day), one) for one in records for person in one.minutes)


Key = TypeVar("Key", bound=Hashable)


def _grouped(pairs: Iterable[tuple[Key, Given]]) -> dict[Key, list[Given]]:
    groups: defaultdict[Key, list[Given]] = defaultdict(list)
    for key, one in pairs:
        groups[key].append(one)
    return groups


def _numbers(records: Sequence[Given]) -> tuple[int, ...]:
    return tuple(sorted(one.service_id for one in records))
