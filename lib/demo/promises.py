"""What else becomes of needs and claims: merged, waiting, handed over, by teams and by units.

It adds to what `lib.demo.pipeline` told, with draws of its own, so that nothing there changes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lib.demo.people import Crew
from lib.demo.pipeline import SINCE_DAYS, Claimant, Pipeline, Taken
from lib.demo.units import Unit
from lib.domain.vocab import ClaimAction, ClaimState, NeedState, ProjectState
from lib.persistence.models import (
    Claim,
    ClaimService,
    Participation,
    Service,
    ServiceStep,
)

WAITING, HANDED_OVER, MERGED, TOGETHER = 4, 4, 6, 5
"""So many projects with a waiting list, claims handed over, needs merged, projects claimed open."""

KEPT_TOGETHER: Mapping[str, int] = {"team_id": 16, "organisation_id": 10}
"""So many services told as the end of a team's or a unit's claim."""

_C, _A = ClaimState, ClaimAction


@dataclass(frozen=True, slots=True)
class Promises:
    """The rest of the course, in the making."""

    pipeline: Pipeline
    crews: Sequence[Crew]
    units: Sequence[Unit]

    def add(self) -> None:
        """Add each of these, all over the street."""
        self._kept_together()
        for n in range(WAITING):
            self._waiting(own=n == 0)
        for _ in range(HANDED_OVER):
            self._handed_over()
        for _ in range(MERGED):
            self._merged()
        for n in range(TOGETHER):
            self._together(by_team=n % 2 == 0)

    def _kept_together(self) -> None:
        """Services in which a team or a unit took part as one, told from their need on."""
        rows = self.pipeline.rows
        taken = {row["service_id"] for row in rows.tables[ClaimService.__tablename__]}
        courses: defaultdict[object, list[dict[str, Any]]] = defaultdict(list)
        for step in rows.tables[ServiceStep.__tablename__]:
            courses[step["service_id"]].append(step)
        first = self.pipeline.as_of - timedelta(days=SINCE_DAYS)
        grids = set(self.pipeline.territory.grid_ids)
        made: list[dict[str, Any]] = rows.tables[Service.__tablename__]
        services = {
            row["id"]: row
            for row in made
            if str(row["state"]) == "confirmed" and row["id"] not in taken and row["day"] >= first
        }
        kinds = self.pipeline.kinds()
        for column, n in KEPT_TOGETHER.items():
            fitting = [
                (services[part["service_id"]], int(str(part[column])))
                for part in rows.tables[Participation.__tablename__]
                if part[column] is not None and part["service_id"] in services
            ]
            fitting = [
                one for one in fitting if one[0]["area_id"] in grids and one[0]["kind"] in kinds
            ]
            for service, number in self.pipeline.rng.sample(fitting, min(n, len(fitting))):
                if services.pop(service["id"], None) is not None:
                    self.pipeline.kept(service, (column, number), courses[service["id"]])

    def _offered(self, capacity: int, grid: int | None = None, *, collective: bool = False) -> int:
        line = self.pipeline
        wish = line.wish(grid)
        made = line.at(line.as_of - timedelta(days=line.rng.randint(3, 9)))
        answered = line.after(made, 1, 2)
        number = line.project(
            wish, answered, ProjectState.PUBLISHED, capacity, 40, collective=collective
        )
        line.need(wish, made, NeedState.ADOPTED, answered, number)
        return number

    def _people(self, n: int) -> list[Claimant]:
        line = self.pipeline
        home = line.territory.town.grids[line.stage.grid].community
        near = [
            one.person_id
            for one in line.volunteers
            if line.territory.town.grids[one.grid].community == home
            and one.person_id != line.stage.volunteer.person_id
        ]
        return [("person_id", number) for number in line.rng.sample(near, min(n, len(near)))]

    def _claimed(self, number: int, who: Claimant, *steps: tuple[ClaimAction, ClaimState]) -> int:
        line = self.pipeline
        home = line.territory.town.grids[line.stage.grid].community
        at, taken = line.at(line.as_of - timedelta(days=1)), list[Taken]()
        for action, target in steps:
            taken.append((action, target, at, line.accounts.recorders[home], None))
            at = line.after(at, 0, 0)
        day = line.as_of + timedelta(days=line.rng.randint(1, 9))
        return line.claim(number, who, day, taken)

    def _waiting(self, *, own: bool) -> None:
        number = self._offered(1, self.pipeline.stage.grid)
        people = self._people(3)
        if own:
            people[-1] = ("person_id", self.pipeline.stage.volunteer.person_id)
        self._claimed(number, people[0], (_A.CLAIM, _C.ACTIVE))
        for who in people[1:]:
            self._claimed(number, who, (_A.QUEUE, _C.WAITING))

    def _handed_over(self) -> None:
        line = self.pipeline
        number = self._offered(1, line.stage.grid)
        one, other = self._people(2)
        first = self._claimed(number, one, (_A.CLAIM, _C.ACTIVE), (_A.HAND_OVER, _C.HANDED_OVER))
        before: dict[str, Any] = line.rows.tables[Claim.__tablename__][-1]
        at = line.after(before["claimed_at"], 0, 0)
        step: Taken = (_A.CLAIM, _C.ACTIVE, at, before["claimed_by_id"], None)
        line.claim(number, other, before["promised_on"], [step], first)

    def _merged(self) -> None:
        line = self.pipeline
        wish = line.wish()
        made = line.at(line.as_of - timedelta(days=line.rng.randint(2, 8)))
        into = line.need(wish, made, NeedState.COLLECTED, None, None)
        again = line.after(made, 0, 1)
        line.need(wish, again, NeedState.MERGED, line.after(again, 0, 1), None, into)

    def _together(self, *, by_team: bool) -> None:
        line = self.pipeline
        number = self._offered(2, line.stage.grid, collective=True)
        who = (
            ("team_id", line.rng.choice(self.crews).id)
            if by_team
            else ("organisation_id", line.rng.choice(self.units).id)
        )
        self._claimed(number, who, (_A.CLAIM, _C.ACTIVE))
