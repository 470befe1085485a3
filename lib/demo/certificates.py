"""Certificates and corrections around the services that were drawn: what vouches for past hours.

Told from participations that are there: a certificate counts them, a correction changed one.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from lib.demo.accounts import Accounts, Stage
from lib.demo.people import Member
from lib.demo.rows import Rows
from lib.demo.territory import Territory
from lib.domain.calendar import STREET_TIME, months_back
from lib.domain.permissions import Role
from lib.domain.vocab import (
    CertificateAction,
    CertificateState,
    CorrectionAction,
    CorrectionState,
    ServiceAction,
    ServiceState,
    Trust,
)
from lib.persistence.models import (
    Certificate,
    CertificateService,
    CertificateStep,
    CorrectionRequest,
    CorrectionStep,
    Participation,
    Service,
    ServiceStep,
)

HOLDERS = 24
"""So many volunteers have a certificate; one more is revoked, and one is asked for."""
LEAST_SERVICES = 5
SETTLED_MONTHS = 3
"""A certificate counts what was done before this many months: corrections come earlier."""

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_T, _TA, _R, _RA = CertificateState, CertificateAction, CorrectionState, CorrectionAction


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificates and corrections in the making."""

    rows: Rows
    territory: Territory
    volunteers: Sequence[Member]
    accounts: Accounts
    stage: Stage
    as_of: date
    rng: Random
    _services: dict[object, dict[str, Any]] = field(default_factory=dict)

    def add(self) -> None:
        """Add what the prepared volunteer asked for and holds, and certificates of others."""
        self._services.update({row["id"]: row for row in self._table(Service)})
        parts: defaultdict[object, list[dict[str, Any]]] = defaultdict(list)
        until = months_back(self.as_of, SETTLED_MONTHS)
        fresh: list[dict[str, Any]] = []
        me = self.stage.volunteer
        for part in self._table(Participation):
            service = self._services[part["service_id"]]
            if part["person_id"] is None or service["state"] is not ServiceState.CONFIRMED:
                continue
            if service["day"] < until:
                parts[part["person_id"]].append(part)
            elif part["person_id"] == me.person_id:
                fresh.append(part)
        able = [m for m in self.volunteers if len(parts[m.person_id]) >= LEAST_SERVICES]
        others = [m for m in able if m.person_id != me.person_id]
        chosen = self.rng.sample(others, min(HOLDERS, len(others)))
        for member in [*([me] if me in able else []), *chosen]:
            self._issued(member, parts[member.person_id], until)
        if chosen:
            self._issued(chosen[-1], parts[chosen[-1].person_id][:3], until, revoked=True)
        self._asked(me)
        self._corrections(fresh)

    def _table(self, model: type[Service] | type[Participation]) -> list[dict[str, Any]]:
        return self.rows.tables[model.__tablename__]

    def _issued(
        self,
        member: Member,
        parts: Sequence[dict[str, Any]],
        until: date,
        *,
        revoked: bool = False,
    ) -> None:
        community = self.territory.town.grids[member.grid].community
        decider = self.accounts.deciders[community]
        name = self.territory.town.communities[community].name.zh
        issued = until + timedelta(days=self.rng.randint(1, 20))
        days = [self._services[part["service_id"]]["day"] for part in parts]
        code = "".join(self.rng.choice(_SIGNS) for _ in range(12))
        reason = "时长有误，已更正后重新开具" if revoked else None
        number = self.rows.add(
            Certificate,
            person_id=member.person_id,
            area_id=self.territory.grid_ids[member.grid],
            first_day=min(days),
            last_day=max(days),
            state=_T.REVOKED if revoked else _T.ISSUED,
            reason=reason,
            asked_by_id=None,
            asked_at=None,
            number=f"{issued.year}-{code[:4]}-{code[4:8]}-{code[8:]}",
            issuer=f"{name}居民委员会",
            responsible="社区书记",
            handler="社区书记",
            contact="社区党群服务中心",
            issued_on=issued,
            issued_by_id=decider,
            minutes=sum(part["minutes"] for part in parts),
            services=len(parts),
            request_id=self._request(),
            version=2 if revoked else 1,
        )
        at = self._at(issued)
        self._step(number, _TA.ISSUE, None, _T.ISSUED, decider, at)
        if revoked:
            later = at + timedelta(days=2)
            self._step(number, _TA.REVOKE, _T.ISSUED, _T.REVOKED, decider, later, reason)
        for part in parts:
            self.rows.link(
                CertificateService,
                certificate_id=number,
                service_id=part["service_id"],
                minutes=part["minutes"],
            )
            if not revoked:
                part["trust"] = Trust.CERTIFIED

    def _asked(self, member: Member) -> None:
        """The prepared volunteer asks for another one, which waits to be issued."""
        account = self.accounts.roles[Role.VOLUNTEER]
        at = self._at(self.as_of - timedelta(days=1))
        number = self.rows.add(
            Certificate,
            person_id=member.person_id,
            area_id=self.territory.grid_ids[member.grid],
            first_day=months_back(self.as_of, SETTLED_MONTHS),
            last_day=self.as_of - timedelta(days=1),
            state=_T.ASKED,
            reason=None,
            asked_by_id=account,
            asked_at=at,
            number=None,
            issuer="",
            responsible="",
            handler="",
            contact="",
            issued_on=None,
            issued_by_id=None,
            minutes=0,
            services=0,
            request_id=self._request(),
            version=1,
        )
        self._step(number, _TA.ASK, None, _T.ASKED, account, at)

    def _step(
        self,
        number: int,
        action: CertificateAction,
        source: CertificateState | None,
        target: CertificateState,
        account: int,
        at: datetime,
        reason: str | None = None,
    ) -> None:
        self.rows.add(
            CertificateStep,
            certificate_id=number,
            action=action,
            source=source,
            target=target,
            account_id=account,
            at=at,
            reason=reason,
        )

    def _corrections(self, parts: Sequence[dict[str, Any]]) -> None:
        """Three of the prepared volunteer's: one waits, one was accepted, one declined."""
        told = (
            (_R.ASKED, 30, "活动延长了半小时，签到表可查", None),
            (_R.ACCEPTED, 30, "少记了半小时", None),
            (_R.DECLINED, 60, "我记得做到中午", "签到表记录到十点半"),
        )
        settled = [p for p in parts if self._day(p) <= self.as_of - timedelta(days=12)]
        for part, (state, more, words, reason) in zip(settled[-len(told) :], told, strict=False):
            self._correction(part, state, more, words, reason)

    def _day(self, part: dict[str, Any]) -> date:
        day: date = self._services[part["service_id"]]["day"]
        return day

    def _correction(
        self,
        part: dict[str, Any],
        state: CorrectionState,
        more: int,
        words: str,
        reason: str | None,
    ) -> None:
        account = self.accounts.roles[Role.VOLUNTEER]
        decider = self.accounts.deciders[self.stage.community]
        service, before = self._services[part["service_id"]], part["minutes"]
        waits = state is _R.ASKED
        at = self._at(self.as_of - timedelta(days=2) if waits else self._day(part))
        at = max(at, service["decided_at"] or at)
        number = self.rows.add(
            CorrectionRequest,
            service_id=part["service_id"],
            person_id=part["person_id"],
            minutes_before=before,
            minutes_wanted=before + more,
            words=words,
            state=state,
            reason=reason,
            asked_by_id=account,
            asked_at=at,
            request_id=self._request(),
            version=1 if waits else 2,
        )
        steps: list[tuple[Any, ...]] = [(_RA.ASK, None, _R.ASKED, account, at, None)]
        if not waits:
            action = _RA.ACCEPT if state is _R.ACCEPTED else _RA.DECLINE
            answered = at + timedelta(hours=2)
            steps.append((action, _R.ASKED, state, decider, answered, reason))
        for action, source, target, by, when, why in steps:
            self.rows.add(
                CorrectionStep,
                correction_id=number,
                action=action,
                source=source,
                target=target,
                account_id=by,
                at=when,
                reason=why,
            )
        if state is _R.ACCEPTED:
            part["minutes"] = before + more
            service["version"] += 1
            self.rows.add(
                ServiceStep,
                service_id=service["id"],
                action=ServiceAction.CORRECT,
                source=ServiceState.CONFIRMED,
                target=ServiceState.CONFIRMED,
                account_id=decider,
                at=at + timedelta(hours=2),
                reason=words,
            )

    def _request(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(10 + self.rng.randrange(6), 5), STREET_TIME)
