"""Reads of suggestions: where needs outnumber offers, who could help, and all of it at once.

Nothing is written and nobody is ranked by hours; persons are named as `lib.persistence.masking`
lets the actor see them, and only to those who answer needs there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from lib.domain.matching import (
    OPEN_CLAIMS_MAX,
    Offering,
    Opening,
    Reason,
    Volunteer,
    Wanted,
    load_share,
    offered_score,
    promised,
    reasons,
)
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.masking import name_for
from lib.persistence.models import Area, Need, Organisation, Person, Project, Team, UnitOffer
from lib.persistence.scope import around, reached, seen
from lib.queries import candidates
from lib.queries.assignment import Pairs, assign
from lib.queries.candidates import Distances, Group
from lib.queries.counters import reads
from lib.queries.suited import Scores, scores

GAP_COLUMNS = ("area_id", "area_code", "area_zh", "area_en", "kind", "needs", "offers")
"""`needs` counts open needs and free places of projects; `offers` volunteers, teams and offers of
units that suit at least one of them."""

OPENING_COLUMNS = (
    "wanted",
    "number",
    "title",
    "kind",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "places",
    "first_day",
    "last_day",
    "suited",
)
"""`title` is the need's words or the project's title; `first_day` and `last_day` are null for a
need without a wished-for day. `suited` counts volunteers who suit it."""

SUGGESTION_COLUMNS = (
    "wanted",
    "number",
    "offering",
    "claimant_id",
    "name_zh",
    "name_en",
    "reasons",
)
"""The best first within each `offering`; `reasons` are tuples of `lib.domain.matching.Reason`."""

PROPOSAL_COLUMNS = (
    "wanted",
    "number",
    "title",
    "kind",
    "area_zh",
    "area_en",
    "person_id",
    "name",
    "reasons",
)

_SETTLE = Permission.NEED_SETTLE
_NAMED = Permission.PERSON_MASKED
_WORTH = 10
"""Scores are assigned in tenths of a point: a solver counts in whole numbers."""

_ALL = (Topic.NEED, Topic.PROJECT, Topic.PEOPLE, Topic.SERVICE, Topic.UNITS, Topic.AREAS)


@dataclass(frozen=True)
class Facts:
    """What is to be done below an area, who could do it, and what each pair is worth."""

    openings: list[Opening]
    volunteers: list[Volunteer]
    teams: Sequence[Group] = ()
    offers: Sequence[Group] = ()
    standing: Collection[tuple[int, Offering, int]] = ()
    apart: Distances = field(default_factory=lambda: Distances({}, frozenset()))
    worth: Scores = field(default_factory=lambda: np.empty((0, 0)))


@reads(*_ALL)
def gaps(actor: Actor, *, area_id: int | None, day: date) -> pd.DataFrame:
    """GAP_COLUMNS of areas and kinds with something open on `day`, the widest gap first.

    A volunteer who suits needs of several areas is counted in each.
    """
    with Reads() as session:
        facts = _facts(session, actor, area_id, day)
        areas = _areas(session, {o.area_id for o in facts.openings})
    cells: defaultdict[tuple[int, Any], list[int]] = defaultdict(list)
    for place, one in enumerate(facts.openings):
        cells[one.area_id, one.kind].append(place)
    suited = ~np.isnan(facts.worth)
    rows = []
    for (cell_area, kind), places in cells.items():
        needs = sum(facts.openings[n].places for n in places)
        groups = {
            (offering, group.number)
            for n in places
            for offering, group in _groups(facts, facts.openings[n])
        }
        offers = int(suited[places].any(axis=0).sum()) + len(groups)
        rows.append((cell_area, *areas[cell_area], kind, needs, offers))
    frame = pd.DataFrame(rows, columns=list(GAP_COLUMNS))
    lacking = (frame["needs"] - frame["offers"]).astype("int64")
    order = frame.assign(lacking=lacking).sort_values(
        ["lacking", "needs", "area_code", "kind"], ascending=[False, False, True, True]
    )
    return order[list(GAP_COLUMNS)].reset_index(drop=True)


@reads(*_ALL)
def openings(
    actor: Actor, *, area_id: int | None, day: date, kind: str | None = None
) -> pd.DataFrame:
    """OPENING_COLUMNS of what is open on `day` below the area; whom fewest suit comes first."""
    with Reads() as session:
        facts = _facts(session, actor, area_id, day, kind)
        areas = _areas(session, {o.area_id for o in facts.openings})
        titles = _titles(session, facts.openings)
    suited = (~np.isnan(facts.worth)).sum(axis=1)
    rows = [
        (
            one.wanted,
            one.number,
            titles[one.wanted, one.number][0],
            one.kind,
            one.area_id,
            *areas[one.area_id],
            one.places,
            *titles[one.wanted, one.number][1:],
            int(suited[n]),
        )
        for n, one in enumerate(facts.openings)
    ]
    frame = pd.DataFrame(rows, columns=list(OPENING_COLUMNS))
    return frame.sort_values(["suited", "number"], kind="stable").reset_index(drop=True)


@reads(*_ALL)
def suggestions(
    actor: Actor,
    *,
    area_id: int | None,
    day: date,
    wanted: tuple[tuple[Wanted, int], ...],
    limit: int = 5,
) -> pd.DataFrame:
    """SUGGESTION_COLUMNS for some of `openings`: at most `limit` of each offering for each."""
    rows: list[tuple[Wanted, int, Offering, int, tuple[Reason, ...]]] = []
    with Reads() as session:
        facts = _facts(session, actor, area_id, day, only=wanted)
        for n, one in enumerate(facts.openings):
            for place in _best(facts.worth[n], limit):
                volunteer = facts.volunteers[place]
                metres = facts.apart.metres(volunteer.home_id, one.area_id)
                why = reasons(one, volunteer, metres, day)
                rows.append((one.wanted, one.number, Offering.PERSON, volunteer.person_id, why))
            for offering, number, why in _best_groups(facts, one, day, limit):
                rows.append((one.wanted, one.number, offering, number, why))
        names = _names(session, actor, [(offering, number) for _, _, offering, number, _ in rows])
    return pd.DataFrame(
        [
            (what, number, offering, claimant, *names[offering, claimant], why)
            for what, number, offering, claimant, why in rows
        ],
        columns=list(SUGGESTION_COLUMNS),
    )


@reads(*_ALL)
def for_me(actor: Actor, *, day: date, limit: int = 5) -> pd.DataFrame:
    """OPENING_COLUMNS and ``reasons`` of the projects that suit this actor best, in person.

    Of what is offered where the actor may claim; none for an account without a person.
    `suited` is left at 1: a volunteer is told nothing of others.
    """
    with Reads() as session:
        offered = around(Project.area_id, actor, Permission.CLAIM_TAKE)
        may = or_(Project.opens_on.is_(None), Project.opens_on <= day)
        own = Person.id == (actor.person_id or 0)
        projects = and_(offered, may)
        found = candidates.openings(session, needs=false(), projects=projects, day=day)
        serving = candidates.volunteers(session, where=own, day=day)
        facts = _worth(session, Facts(found, serving), day)
        areas = _areas(session, {o.area_id for o in facts.openings})
        titles = _titles(session, facts.openings)
    rows = []
    for place in _best(facts.worth[:, 0], limit) if facts.volunteers else []:
        one, volunteer = facts.openings[place], facts.volunteers[0]
        title, *days = titles[one.wanted, one.number]
        why = reasons(one, volunteer, facts.apart.metres(volunteer.home_id, one.area_id), day)
        known = (one.wanted, one.number, title, one.kind, one.area_id, *areas[one.area_id])
        rows.append((*known, one.places, *days, 1, why))
    return pd.DataFrame(rows, columns=[*OPENING_COLUMNS, "reasons"])


@reads(*_ALL)
def proposal(actor: Actor, *, area_id: int | None, day: date) -> pd.DataFrame:
    """PROPOSAL_COLUMNS: one volunteer for as many open places below the area as can be filled.

    Of all ways to fill as many it is one with the highest sum of scores. Nobody gets more than
    `OPEN_CLAIMS_MAX` promises with those they have, and nobody two things of one day.
    """
    facts = facts_below(actor, area_id, day)
    pairs, bounds = problem(facts)
    taken = assign(pairs, **bounds)
    opening, volunteer = pairs.opening[taken].tolist(), pairs.volunteer[taken].tolist()
    with Reads() as session:
        people = {(Offering.PERSON, facts.volunteers[n].person_id) for n in volunteer}
        names = _names(session, actor, people)
        areas = _areas(session, {o.area_id for o in facts.openings})
        titles = _titles(session, facts.openings)
    rows = []
    for o, v in zip(opening, volunteer, strict=True):
        one, who = facts.openings[o], facts.volunteers[v]
        why = reasons(one, who, facts.apart.metres(who.home_id, one.area_id), day)
        title = titles[one.wanted, one.number][0]
        named = names[Offering.PERSON, who.person_id][0]
        where = areas[one.area_id][1:]
        rows.append((one.wanted, one.number, title, one.kind, *where, who.person_id, named, why))
    frame = pd.DataFrame(rows, columns=list(PROPOSAL_COLUMNS))
    return frame.sort_values(["wanted", "number", "name"], kind="stable").reset_index(drop=True)


def facts_below(actor: Actor, area_id: int | None, day: date) -> Facts:
    """All that is open below the area on `day`, who serves within sight, and their scores."""
    with Reads() as session:
        return _facts(session, actor, area_id, day)


def problem(facts: Facts) -> tuple[Pairs, Mapping[str, NDArray[np.int64]]]:
    """What `lib.queries.assignment.assign` is asked: the pairs, and its bounds by name."""
    opening, volunteer = np.nonzero(~np.isnan(facts.worth))
    worth = np.rint(facts.worth[opening, volunteer] * _WORTH).astype(np.int64)
    dates = {day: n for n, day in enumerate(sorted({o.day for o in facts.openings if o.day}))}
    bounds = {
        "places": [o.places for o in facts.openings],
        "limits": [OPEN_CLAIMS_MAX - v.open_claims for v in facts.volunteers],
        "days": [-1 if o.day is None else dates[o.day] for o in facts.openings],
    }
    return (
        Pairs(opening.astype(np.int64), volunteer.astype(np.int64), worth),
        {name: np.array(values, np.int64) for name, values in bounds.items()},
    )


def _facts(
    session: Session,
    actor: Actor,
    area_id: int | None,
    day: date,
    kind: str | None = None,
    only: Sequence[tuple[Wanted, int]] | None = None,
) -> Facts:
    """Everything open below the area, or `only` some of it, and who serves within sight."""
    chosen: dict[Wanted, ColumnElement[bool]] = {}
    for wanted, model in ((Wanted.NEED, Need), (Wanted.PROJECT, Project)):
        within = [seen(model.area_id, actor, _SETTLE, area_id)]
        if kind is not None:
            within.append(model.kind == kind)
        if only is not None:
            within.append(model.id.in_([number for what, number in only if what is wanted]))
        chosen[wanted] = and_(*within)
    found = candidates.openings(
        session, needs=chosen[Wanted.NEED], projects=chosen[Wanted.PROJECT], day=day
    )
    serving = candidates.volunteers(session, where=reached(Person.area_id, actor, _NAMED), day=day)
    teams = candidates.teams(session, where=around(Team.area_id, actor, _SETTLE), day=day)
    offers = candidates.offers(session, where=around(UnitOffer.area_id, actor, _SETTLE), day=day)
    projects = [one.number for one in found if one.wanted is Wanted.PROJECT]
    standing = candidates.standing_groups(session, projects)
    return _worth(session, Facts(found, serving, teams, offers, standing), day)


def _worth(session: Session, facts: Facts, day: date) -> Facts:
    """What each pair is worth; nobody twice in a project, nor on a day they have promised."""
    found, serving = facts.openings, facts.volunteers
    groups = {group.area_id for group in (*facts.teams, *facts.offers)}
    places = {o.area_id for o in found} | groups
    apart = candidates.distances(session, places | {v.home_id for v in serving}, places)
    worth = scores(found, serving, apart, day)
    row = {o.number: n for n, o in enumerate(found) if o.wanted is Wanted.PROJECT}
    column = {v.person_id: n for n, v in enumerate(serving)}
    for project_id, person_id in candidates.standing(session, list(row)):
        if person_id in column:
            worth[row[project_id], column[person_id]] = np.nan
    on_day: defaultdict[date, list[int]] = defaultdict(list)
    for n, one in enumerate(found):
        if one.day is not None:
            on_day[one.day].append(n)
    for person_id, promised_on in candidates.promised_days(session, day):
        if person_id in column and promised_on in on_day:
            worth[on_day[promised_on], column[person_id]] = np.nan
    return replace(facts, apart=apart, worth=worth)


def _best(worth: Scores, limit: int) -> list[int]:
    """The places of the highest numbers, the highest first; equals as they stand."""
    suited = np.nonzero(~np.isnan(worth))[0]
    order = np.argsort(-worth[suited], kind="stable")[:limit]
    return [int(n) for n in suited[order]]


def _groups(facts: Facts, one: Opening) -> Iterable[tuple[Offering, Group]]:
    """Teams and offers of the very kind whose area holds the opening's, or lies within it."""
    for offering, groups in ((Offering.TEAM, facts.teams), (Offering.UNIT, facts.offers)):
        for group in groups:
            mine = one.wanted is Wanted.PROJECT and (
                (one.number, offering, group.number) in facts.standing
            )
            if (
                group.kind is one.kind
                and not mine
                and load_share(group.open_claims) is not None
                and _on_that_day(group, one.day)
                and _covers(facts.apart, group.area_id, one.area_id)
            ):
                yield offering, group


def _on_that_day(group: Group, day: date | None) -> bool:
    """Whether an offer stands on the one day that is asked for; any day where none is."""
    return day is None or (
        (group.first_day is None or group.first_day <= day)
        and (group.last_day is None or group.last_day >= day)
    )


def _covers(apart: Distances, group_area: int, area_id: int) -> bool:
    return group_area == area_id or not apart.within.isdisjoint(
        {(group_area, area_id), (area_id, group_area)}
    )


def _best_groups(
    facts: Facts, one: Opening, day: date, limit: int
) -> Iterable[tuple[Offering, int, tuple[Reason, ...]]]:
    rated: defaultdict[Offering, dict[int, tuple[float, tuple[Reason, ...]]]] = defaultdict(dict)
    for offering, group in _groups(facts, one):
        value = offered_score(group.open_claims, group.claimed_on, day)
        code = "team_kind" if offering is Offering.TEAM else "unit_kind"
        why = (Reason(code, {"kind": one.kind}), promised(group.open_claims))
        rated[offering][group.number] = value, why
    for offering, groups in rated.items():
        order = sorted(groups, key=lambda number: (-groups[number][0], number))
        yield from ((offering, number, groups[number][1]) for number in order[:limit])


def _areas(session: Session, numbers: Iterable[int]) -> Mapping[int, tuple[str, str, str | None]]:
    rows = select(Area.id, Area.code, Area.name_zh, Area.name_en).where(Area.id.in_(set(numbers)))
    return {number: (code, zh, en) for number, code, zh, en in session.execute(rows)}


def _titles(
    session: Session, found: Sequence[Opening]
) -> Mapping[tuple[Wanted, int], tuple[str, date | None, date | None]]:
    numbers: defaultdict[Wanted, list[int]] = defaultdict(list)
    for one in found:
        numbers[one.wanted].append(one.number)
    needs = select(Need.id, Need.words, Need.wished_on, Need.wished_on)
    projects = select(Project.id, Project.title, Project.first_day, Project.last_day)
    rows = session.execute(needs.where(Need.id.in_(numbers[Wanted.NEED]))).all()
    told = {(Wanted.NEED, n): (words, first, last) for n, words, first, last in rows}
    for n, title, first, last in session.execute(
        projects.where(Project.id.in_(numbers[Wanted.PROJECT]))
    ):
        told[Wanted.PROJECT, n] = (title, first, last)
    return told


def _names(
    session: Session, actor: Actor, wanted: Iterable[tuple[Offering, int]]
) -> Mapping[tuple[Offering, int], tuple[str, str | None]]:
    numbers: defaultdict[Offering, set[int]] = defaultdict(set)
    for offering, number in wanted:
        numbers[offering].add(number)
    people = select(Person.id, name_for(actor, Person.area_id)).where(
        Person.id.in_(numbers[Offering.PERSON])
    )
    named: dict[tuple[Offering, int], tuple[str, str | None]] = {
        (Offering.PERSON, n): (name, None) for n, name in session.execute(people)
    }
    for offering, model in ((Offering.TEAM, Team), (Offering.UNIT, Organisation)):
        rows = select(model.id, model.name_zh, model.name_en).where(model.id.in_(numbers[offering]))
        named |= {(offering, n): (zh, en) for n, zh, en in session.execute(rows)}
    return named
