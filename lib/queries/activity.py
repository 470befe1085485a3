"""Reads for the charts of volunteer activity: by day, trust level, area below, and for whom.

By kind and in total stand in `lib.queries.service`, by team in `lib.queries.people`; a sum here
equals the total there. No query here tells of a person.
"""

from collections import Counter
from datetime import date

import pandas as pd
from sqlalchemy import func, select

from lib.domain.calendar import months_back
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import ServiceState, Topic, Trust
from lib.persistence.engine import Reads
from lib.persistence.models import Area, AreaLink, DaySummary, Service
from lib.persistence.scope import reached, seen
from lib.queries import areas, service
from lib.queries.counters import reads
from lib.queries.few import frame_for
from lib.queries.summaries import summed

DAY_COLUMNS = ("day", "minutes", "people_served", "services", "goods", "money_fen")
MONTH_COLUMNS = ("month", *DAY_COLUMNS[1:])
TRUST_COLUMNS = ("month", "trust", "minutes")
BENEFICIARY_COLUMNS = ("beneficiary", "people_served", "services", "goods", "money_fen")
BELOW_COLUMNS = ("area_id", "code", "name_zh", "name_en", "minutes", "people_served")

_VIEW = Permission.AREA_VIEW


@reads(Topic.SERVICE, Topic.AREAS)
def by_day(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """DAY_COLUMNS of confirmed services, oldest first, days without any left out."""
    statement = (
        select(DaySummary.day, *(func.sum(getattr(DaySummary, n)) for n in DAY_COLUMNS[1:]))
        .where(summed(actor, area_id=area_id, first=first, last=last), DaySummary.services > 0)
        .group_by(DaySummary.day)
        .order_by(DaySummary.day)
    )
    with Reads() as session:
        rows = [(day, *map(int, n)) for day, *n in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(DAY_COLUMNS))
    return frame_for(actor, area_id, frame, "people_served", "services")


def months(days: pd.DataFrame, *, first: date, last: date) -> pd.DataFrame:
    """MONTH_COLUMNS from `by_day`, every month from that of `first` to that of `last` present."""
    count = (last.year - first.year) * 12 + last.month - first.month
    every = [months_back(last, n) for n in range(count, -1, -1)]
    starts = pd.Series([day.replace(day=1) for day in days["day"]], dtype=object)
    summed = days.drop(columns="day").groupby(starts.to_numpy()).sum()
    whole = summed.reindex(every, fill_value=0).astype("int64")
    return whole.rename_axis("month").reset_index()[list(MONTH_COLUMNS)]


@reads(Topic.SERVICE, Topic.AREAS)
def by_trust(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """TRUST_COLUMNS: minutes of each trust level by first day of month, weakest level first.

    Of confirmed services and of those that wait; returned and voided ones count nowhere. The
    levels are claims of different worth and are not to be added to one figure.
    """
    statement = (
        select(DaySummary.day, *(func.sum(getattr(DaySummary, trust)) for trust in Trust))
        .where(summed(actor, area_id=area_id, first=first, last=last))
        .group_by(DaySummary.day)
    )
    minutes: Counter[tuple[date, int]] = Counter()
    with Reads() as session:
        for day, *levels in session.execute(statement):
            for place, n in enumerate(levels):
                minutes[day.replace(day=1), place] += int(n)
    order = list(Trust)
    rows = [(month, order[place].value, n) for (month, place), n in sorted(minutes.items()) if n]
    return pd.DataFrame(rows, columns=list(TRUST_COLUMNS))


@reads(Topic.SERVICE, Topic.AREAS)
def by_beneficiary(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """BENEFICIARY_COLUMNS of confirmed services, most people served first."""
    people = func.sum(Service.people_served)
    statement = (
        select(
            Service.beneficiary,
            people,
            func.count(),
            func.sum(Service.goods),
            func.sum(Service.money_fen),
        )
        .where(
            seen(Service.area_id, actor, _VIEW, area_id),
            Service.day.between(first, last),
            Service.state == ServiceState.CONFIRMED,
        )
        .group_by(Service.beneficiary)
        .order_by(people.desc(), Service.beneficiary)
    )
    with Reads() as session:
        rows = [(kind.value, *map(int, n)) for kind, *n in session.execute(statement)]
    frame = pd.DataFrame(rows, columns=list(BENEFICIARY_COLUMNS))
    return frame_for(actor, area_id, frame, "people_served", "services")


@reads(Topic.SERVICE, Topic.AREAS)
def by_area_below(actor: Actor, *, area_id: int | None, first: date, last: date) -> pd.DataFrame:
    """BELOW_COLUMNS of confirmed services for each area directly below, most minutes first.

    An area sums up all that lies below it; a place without services is there with zero. What was
    recorded for the place itself and for none below it is a last row without a code.
    """
    found = service.exact_by_area(actor, area_id=area_id, first=first, last=last)
    named = list(BELOW_COLUMNS[:4])
    parts = areas.roots(actor)[named] if area_id is None else _children(actor, area_id=area_id)
    holds = select(AreaLink.descendant_id, AreaLink.ancestor_id).where(
        AreaLink.ancestor_id.in_([int(n) for n in parts["area_id"]]),
        reached(AreaLink.descendant_id, actor, _VIEW),
    )
    with Reads() as session:
        part_of = {row.descendant_id: row.ancestor_id for row in session.execute(holds)}
    sums: Counter[tuple[int, str]] = Counter()
    amounts = ("minutes", "people_served")
    for row in found.to_dict("records"):
        for name in amounts:
            sums[part_of.get(int(row["area_id"]), 0), name] += int(row[name])
    rows = [
        (int(n), code, zh, en, *(sums[int(n), name] for name in amounts))
        for n, code, zh, en in parts.to_numpy().tolist()
    ]
    rows.sort(key=lambda row: (-row[4], row[1]))
    if any(sums[0, name] for name in amounts):
        rows.append((0, "", "", None, *(sums[0, name] for name in amounts)))
    frame = pd.DataFrame(rows, columns=list(BELOW_COLUMNS))
    return frame_for(actor, area_id, frame, "people_served")


def _children(actor: Actor, *, area_id: int) -> pd.DataFrame:
    """The areas directly below, closed ones too: their services still count."""
    statement = (
        select(Area.id.label("area_id"), Area.code, Area.name_zh, Area.name_en)
        .where(Area.parent_id == area_id, reached(Area.id, actor, _VIEW))
        .order_by(Area.code)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    return pd.DataFrame(rows, columns=list(BELOW_COLUMNS[:4]))
