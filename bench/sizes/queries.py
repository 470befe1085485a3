"""What one street's queries cost while it is alone, and while it is one of a hundred.

The street that every size has is asked in both databases, by its street committee.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from lib.domain.calendar import Period, months_back, running, today
from lib.domain.permissions import Actor, Role
from lib.persistence.engine import connect, engine
from lib.queries import activity, areas, counters, coverage, overview, people, service, structure
from lib.queries.sessions import actor_of
from lib.services import sessions

Work = Mapping[str, Callable[[], object]]


def screens(actor: Actor, street: int) -> Mapping[str, Work]:
    """The queries of each screen, uncached."""
    span = running(Period.MONTH, today())
    year = {"first": months_back(today(), 11), "last": span.last}
    month = {"first": span.first, "last": span.last}
    here = {"area_id": street}
    return {
        "Overview": {
            "counters.positions": lambda: counters.positions(actor),
            "areas.path": lambda: areas.path(actor, area_id=street),
            "areas.painted": lambda: areas.painted(actor, root_id=street),
            "areas.shapes_version": lambda: areas.shapes_version(actor, root_id=street),
            "structure.size": lambda: structure.size(actor, area_id=street),
            "structure.vacancies": lambda: structure.vacancies(actor, area_id=street),
            "people.volunteers": lambda: people.volunteers(actor, area_id=street),
            "service.totals": lambda: service.totals(actor, **here, **month),
            "service.by_month": lambda: service.by_month(actor, **here, **year),
            "service.waiting_count": lambda: service.waiting_count(actor, area_id=street),
            "overview.measures": lambda: overview.measures(actor, root_id=street, **month),
            "overview.unsettled": lambda: overview.unsettled(
                actor, **here, late_before=today() - timedelta(days=7)
            ),
        },
        "Volunteers and activity": {
            "activity.by_day": lambda: activity.by_day(actor, **here, **year),
            "activity.by_trust": lambda: activity.by_trust(actor, **here, **year),
            "activity.by_beneficiary": lambda: activity.by_beneficiary(actor, **here, **year),
            "activity.by_area_below": lambda: activity.by_area_below(actor, **here, **year),
            "service.by_kind": lambda: service.by_kind(actor, **here, **year),
            "people.teams": lambda: people.teams(actor, **here, **year),
        },
        "Grids": {
            "coverage.homes": lambda: coverage.homes(actor, root_id=street, reach_m=300),
            "coverage.offices": lambda: coverage.offices(actor, root_id=street),
            "areas.children": lambda: areas.children(actor, area_id=street),
            "service.records": lambda: service.records(actor, area_id=street, limit=200),
        },
    }


def measured(url: str, rounds: int) -> dict[tuple[str, str], float]:
    """Milliseconds of the quickest round by screen and query."""
    connect(url)
    actor = actor_of(sessions.enter_demonstration(Role.STREET_COMMITTEE))
    assert actor is not None
    street = actor.grants[0].area_id
    assert street is not None
    found = {}
    for screen, queries in screens(actor, street).items():
        for name, work in queries.items():
            work()
            taken = []
            for _ in range(rounds):
                start = time.perf_counter()
                work()
                taken.append((time.perf_counter() - start) * 1000)
            found[screen, name] = min(taken)
    engine().dispose()
    return found
