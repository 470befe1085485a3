"""Reads of records that somebody should look at, found by `lib.domain.suspicions` when asked.

They are shown to who may review records there, and to nobody else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, time
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.suspicions import DAY_MINUTES, Given, overlaps, suspicions, window
from lib.domain.vocab import ServiceState, Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import (
    Account,
    Area,
    ImportRow,
    Participation,
    Person,
    Photo,
    RecordReview,
    Service,
)
from lib.persistence.scope import seen
from lib.queries.counters import reads

SUSPICION_COLUMNS = (
    "rule",
    "digest",
    "service_ids",
    "day",
    "values",
    "people",
    "recorder_zh",
    "recorder_en",
    "review_id",
    "review_version",
    "review_words",
    "reviewed_by_zh",
    "reviewed_by_en",
    "reviewed_at",
)
"""`values` fill the sentence of the rule, `people` are names as the actor may read them; the
columns of the review are null while nobody has looked."""

OVERLAP_COLUMNS = ("name", "day", "starts_at", "area_zh", "area_en", "place", "minutes")

_REVIEW = Permission.SERVICE_REVIEW


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def listing(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """SUSPICION_COLUMNS about records of the local days `first` to `last`, the latest first.

    What is voided shows nothing any more; what was imported has no moment of its own.
    """
    within = and_(
        seen(Service.area_id, actor, _REVIEW, area_id),
        Service.day.between(first, last),
        Service.state != ServiceState.VOIDED,
    )
    with Reads() as session:
        found = suspicions(_given(session, within))
        people = _people(session, actor, {n for one in found for n in one.people})
        recorders = _recorders(session, {one.recorder_id for one in found})
        reviews = _reviews(session, actor)
    rows = [
        (
            one.rule,
            one.digest,
            one.service_ids,
            one.day,
            dict(one.values),
            tuple(people.get(n, "") for n in one.people),
            *recorders.get(one.recorder_id, (None, None)),
            *reviews.get(one.digest, (None,) * 6),
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(SUSPICION_COLUMNS))


@reads(Topic.SERVICE, Topic.PEOPLE, Topic.AREAS)
def overlapping(
    actor: Actor,
    *,
    participants: tuple[tuple[int, int], ...],
    day: date,
    starts_at: time | None,
    but: int | None = None,
) -> pd.DataFrame:
    """OVERLAP_COLUMNS of other records of that day that share time with one about to be made.

    `participants` are persons and their minutes. Where the whole day would come to more than
    `DAY_MINUTES`, all records of that person and day are told. `but` is the record in the making
    when one is corrected. Only records that the actor may see are told of.
    """
    minutes = dict(participants)
    statement = (
        select(
            Participation.person_id,
            name_for(actor, Service.area_id),
            Service.day,
            Service.starts_at,
            Area.name_zh,
            Area.name_en,
            Service.place,
            Participation.minutes,
        )
        .join(Service, Service.id == Participation.service_id)
        .join(Area, Area.id == Service.area_id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.person_id.in_(sorted(minutes)),
            Service.day == day,
            Service.state != ServiceState.VOIDED,
            Service.id != (but or 0),
            seen(Service.area_id, actor, Permission.SERVICE_VIEW, None),
        )
        .order_by(Service.starts_at, Service.id)
    )
    with Reads() as session:
        rows: list[Any] = list(session.execute(statement))
    total: defaultdict[int, int] = defaultdict(int, minutes)
    for person, *_, given in rows:
        total[person] += given
    odd = [
        row[1:]
        for row in rows
        if total[row[0]] > DAY_MINUTES
        or overlaps(window(row[3], row[-1]), window(starts_at, minutes[row[0]]))
    ]
    return pd.DataFrame(odd, columns=list(OVERLAP_COLUMNS))


def _given(session: Session, within: ColumnElement[bool]) -> list[Given]:
    imported = select(ImportRow.row_id).where(ImportRow.subject == Service.__tablename__)
    took_part: defaultdict[int, dict[int, int]] = defaultdict(dict)
    parts = (
        select(Participation.service_id, Participation.person_id, Participation.minutes)
        .join(Service, Service.id == Participation.service_id)
        .where(within, Participation.person_id.is_not(None))
    )
    for service_id, person_id, minutes in session.execute(parts):
        took_part[service_id][int(person_id or 0)] = minutes
    photos: defaultdict[int, list[str]] = defaultdict(list)
    pictures = select(Photo.service_id, Photo.sha256).join(Service, Service.id == Photo.service_id)
    for service_id, sha256 in session.execute(pictures.where(within)):
        photos[service_id].append(sha256)
    columns = (
        Service.id,
        Service.day,
        Service.starts_at,
        Service.recorded_by_id,
        Service.recorded_at,
        Service.note,
        Service.id.not_in(imported),
    )
    rows = session.execute(select(*columns).where(within).order_by(Service.id))
    return [
        Given(
            number,
            day,
            at,
            by,
            recorded_at,
            note,
            took_part.get(number, {}),
            bool(typed),
            tuple(photos.get(number, ())),
        )
        for number, day, at, by, recorded_at, note, typed in rows
    ]


def _people(session: Session, actor: Actor, numbers: Collection[int]) -> dict[int, str]:
    rows = select(Person.id, name_for(actor, Person.area_id)).where(Person.id.in_(numbers))
    return dict(session.execute(rows).tuples().all())


def _recorders(
    session: Session, numbers: Iterable[int | None]
) -> dict[int | None, tuple[str, str]]:
    wanted = [number for number in numbers if number is not None]
    rows = select(Account.id, Account.display_zh, Account.display_en).where(Account.id.in_(wanted))
    return {number: (zh, en) for number, zh, en in session.execute(rows)}


def _reviews(session: Session, actor: Actor) -> dict[str, Sequence[Any]]:
    by = aliased(Account)
    rows = (
        select(
            RecordReview.digest,
            RecordReview.id,
            RecordReview.version,
            RecordReview.words,
            by.display_zh,
            by.display_en,
            RecordReview.reviewed_at,
        )
        .join(by, by.id == RecordReview.reviewed_by_id)
        .where(RecordReview.undone_at.is_(None), seen(RecordReview.area_id, actor, _REVIEW, None))
    )
    return {key: tuple(review) for key, *review in session.execute(rows)}
