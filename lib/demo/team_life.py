"""How the demonstration's teams take people in, who waits to come in, and what they hold together.

Who belongs to them is drawn in `lib.demo.people`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from lib.demo.accounts import Accounts, Stage
from lib.demo.people import Crew, Member
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.domain.calendar import STREET_TIME
from lib.domain.vocab import MembershipAction, MembershipState, TeamJoining
from lib.persistence.models import MembershipRequest, MembershipStep, Team, TeamEvent

EVENTS = (-40, -12, -3, 5, 19)
"""Days of a team's events, seen from the last day; every third team holds them."""

CALLED_OFF = "大雨，改日再办"
DECLINED = "本队暂时满员，请先加入社区巡防队"

_A, _S = MembershipAction, MembershipState
_COURSES: tuple[tuple[tuple[MembershipAction, MembershipState], ...], ...] = (
    ((_A.ASK, _S.ASKED),),
    ((_A.INVITE, _S.INVITED),),
    ((_A.ASK, _S.ASKED), (_A.DECLINE, _S.DECLINED)),
)


@dataclass(frozen=True, slots=True)
class TeamLife:
    """The ways into teams and the events of one street in the making."""

    rows: Rows
    territory: Territory
    volunteers: Sequence[Member]
    crews: Sequence[Crew]
    accounts: Accounts
    stage: Stage
    as_of: date
    rng: Random

    def add(self) -> None:
        """Add them all; the last team waits for a leader, and its volunteers may still join."""
        added = {row["id"]: row for row in self.rows.tables[Team.__tablename__]}
        for n, crew in enumerate(self.crews):
            added[crew.id]["joining"] = list(TeamJoining)[n % len(TeamJoining)]
            if n % 3 == 0 or crew is self.stage.team:
                self._events(crew)
        added[self.stage.team.id]["joining"] = TeamJoining.APPROVED
        if self.crews[-1] is not self.stage.team:
            added[self.crews[-1].id]["leader_id"] = None
        own = self.stage.volunteer
        for n, crew in enumerate((self.stage.team, *self._neighbours())):
            self._request(crew, self._outsider(crew, own), n)

    def _neighbours(self) -> list[Crew]:
        here = self.stage.community
        others = [c for c in self.crews if c is not self.stage.team]
        return [c for c in others if c.community in (here, None)][: len(_COURSES)]

    def _outsider(self, crew: Crew, own: Member) -> Member:
        """A volunteer of the place who does not belong; the one who is entered, where possible."""
        inside = {m.person_id for m in crew.pool.members}
        if crew is not self.stage.team and own.person_id not in inside:
            return own
        grids = self.territory.town.grids
        near = [
            m
            for m in self.volunteers
            if grids[m.grid].community == self.stage.community
            and m.person_id not in inside
            and m.person_id != own.person_id
        ]
        return self.rng.choice(near)

    def _request(self, crew: Crew, member: Member, n: int) -> None:
        course = _COURSES[n % len(_COURSES)]
        account = self.accounts.deciders[crew.community]
        made = datetime.combine(self.as_of - timedelta(days=3 + n), time(9), STREET_TIME)
        reason = DECLINED if course[-1][1] is _S.DECLINED else None
        number = self.rows.add(
            MembershipRequest,
            team_id=crew.id,
            person_id=member.person_id,
            state=course[-1][1],
            reason=reason,
            membership_id=None,
            made_at=made,
            version=len(course),
        )
        source: MembershipState | None = None
        for step, (action, target) in enumerate(course):
            self.rows.add(
                MembershipStep,
                membership_request_id=number,
                action=action,
                source=source,
                target=target,
                account_id=account,
                at=made + timedelta(hours=step),
                reason=reason if target is _S.DECLINED else None,
            )
            source = target

    def _events(self, crew: Crew) -> None:
        territory, rng = self.territory, self.rng
        area_id = (
            territory.street_id
            if crew.community is None
            else territory.community_ids[crew.community]
        )
        for offset in EVENTS:
            planned_heads, off = rng.randint(8, 24), offset == EVENTS[1] and rng.random() < 0.3
            held = offset < 0 and not off
            self.rows.add(
                TeamEvent,
                team_id=crew.id,
                kind=crew.kind,
                area_id=area_id,
                place="",
                day=self.as_of + timedelta(days=offset),
                starts_at=time(19),
                ends_at=time(20, 30),
                planned_heads=planned_heads,
                actual=max(1, planned_heads - rng.randint(0, 5)) if held else None,
                note="",
                reason=CALLED_OFF if off else None,
                service_id=None,
                planned_by_id=self.accounts.recorders[crew.community],
                version=2 if held or off else 1,
            )
