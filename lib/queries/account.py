"""The account in figures: what a place can tell of itself, each figure counted from its records.

A figure is read by the queries of the screens that show it; only what none of them counts is
counted here. Keys and counting rules are those of ``data/figures.csv``.
"""

from collections.abc import Mapping

import pandas as pd
from sqlalchemy import distinct, func, select

from lib.domain.calendar import Span, today
from lib.domain.permissions import Actor, Permission
from lib.domain.rules import OLDEST_SERVICE_YEARS
from lib.domain.vocab import Beneficiary, ServiceKind, ServiceState, Side, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import DaySummary, Service, Team
from lib.persistence.scope import seen
from lib.queries import check_in, pipeline, service
from lib.queries.counters import reads
from lib.queries.few import frame_for

COLUMNS = ("mechanism", "key", "value")

MECHANISMS: Mapping[str, tuple[str, ...]] = {
    "check_in": ("member_organisations", "members_checked_in", "residents_committees"),
    "pipeline": ("projects_claimed", "projects_completed"),
    "teams": ("service_teams", "team_leaders_min", "team_claims"),
    "firms": (
        *("firms_and_social_organisations", "firm_projects"),
        *("firm_people_served", "firm_money"),
    ),
    "patrol": ("patrols", "patrol_attendance", "patrol_beneficiaries"),
    "activity": (
        *("mediations", "opinion_talks", "counselling", "lectures"),
        *("culture_sport", "civility_supervision"),
    ),
    "roles": ("three_chiefs",),
    "beneficiary": (
        *("families_in_difficulty", "elders_living_alone"),
        *("left_behind_children", "disabled_people"),
    ),
    "giving": ("goods", "money"),
}
"""The figures of each mechanism, in the order in which they are told."""

AMOUNTS = frozenset({"firm_money", "money"})
"""Figures in yuan; all others count."""

_KINDS: Mapping[str, ServiceKind] = {
    "patrols": ServiceKind.PATROL,
    "mediations": ServiceKind.MEDIATION,
    "opinion_talks": ServiceKind.OPINION_TALK,
    "counselling": ServiceKind.COUNSELLING,
    "lectures": ServiceKind.LECTURE,
    "culture_sport": ServiceKind.CULTURE_SPORT,
    "civility_supervision": ServiceKind.CIVILITY,
}
_HELPED: Mapping[str, tuple[Beneficiary, str]] = {
    # One service goes to one household.
    "families_in_difficulty": (Beneficiary.FAMILY_IN_DIFFICULTY, "services"),
    "elders_living_alone": (Beneficiary.ELDER_ALONE, "services"),
    "left_behind_children": (Beneficiary.LEFT_BEHIND_CHILD, "people_served"),
    "disabled_people": (Beneficiary.DISABLED, "services"),
}
_VIEW = Permission.AREA_VIEW


def everything() -> Span:
    """All days on which something can have been recorded, up to the present one."""
    last = today()
    return Span(last.replace(year=last.year - OLDEST_SERVICE_YEARS, month=1, day=1), last)


@reads(Topic.PEOPLE, Topic.UNITS, Topic.SERVICE, Topic.NEED, Topic.PROJECT, Topic.AREAS)
def figures(actor: Actor, *, area_id: int | None, span: Span) -> pd.DataFrame:
    """COLUMNS of every figure below the area; money in yuan, everything else a count.

    Claims are those made in the days of the span, services those held in them; check-ins, duties
    and teams are as they stand. Whoever may not count exactly is told steps of five.
    """
    values = (
        _checked_in(actor, area_id)
        | _claimed(actor, area_id, span)
        | _helped(actor, area_id, span)
        | _active(actor, area_id, span)
        | _teams(actor, area_id)
    )
    rows = [(of, key, values[key]) for of, keys in MECHANISMS.items() for key in keys]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = ~frame["key"].isin(AMOUNTS)
    told = frame_for(actor, area_id, frame[counts], "value")
    return pd.concat([told, frame[~counts]]).sort_index()


def _checked_in(actor: Actor, area_id: int | None) -> dict[str, float]:
    row = check_in.totals(actor, area_id=area_id).iloc[0]
    return {
        "member_organisations": int(row["organisations"]),
        "members_checked_in": int(row["members"]),
        "residents_committees": int(row["communities"]),
        "three_chiefs": int(row["chiefs"]),
    }


def _claimed(actor: Actor, area_id: int | None, span: Span) -> dict[str, float]:
    first, last = span.first, span.last
    found = pipeline.by_claimant(actor, area_id=area_id, first=first, last=last, day=last)
    rows = found.set_index("claimant")
    given = pipeline.given(actor, area_id=area_id, first=first, last=last, side=Side.FIRMS)
    return {
        "projects_claimed": float(rows.loc["members", "projects"]),
        "projects_completed": float(rows.loc["members", "completed"]),
        "team_claims": float(rows.loc["team", "projects"]),
        "firms_and_social_organisations": float(rows.loc["firm", "claimants"]),
        "firm_projects": float(rows.loc["firm", "projects"]),
        "firm_people_served": float(given["people_served"].sum()),
        "firm_money": float(given["money_fen"].sum()) / 100,
    }


def _helped(actor: Actor, area_id: int | None, span: Span) -> dict[str, float]:
    """Within completed projects of members."""
    given = pipeline.given(
        actor,
        area_id=area_id,
        first=span.first,
        last=span.last,
        side=Side.MEMBERS,
        only_completed=True,
    )
    rows = given.set_index("beneficiary")
    helped = {key: float(rows[column].get(who.value, 0)) for key, (who, column) in _HELPED.items()}
    sums = {
        "goods": float(given["goods"].sum()),
        "money": float(given["money_fen"].sum()) / 100,
    }
    return helped | sums


def _active(actor: Actor, area_id: int | None, span: Span) -> dict[str, float]:
    found = service.by_kind(actor, area_id=area_id, first=span.first, last=span.last)
    services = found.set_index("kind")["services"]
    attended = select(func.coalesce(func.sum(DaySummary.participations), 0)).where(
        DaySummary.kind == ServiceKind.PATROL,
        DaySummary.day.between(span.first, span.last),
        seen(DaySummary.area_id, actor, _VIEW, area_id),
    )
    # However often it is patrolled, an area's residents benefit once.
    by_area = (
        select(func.max(Service.people_served).label("people"))
        .where(
            Service.kind == ServiceKind.PATROL,
            Service.state == ServiceState.CONFIRMED,
            Service.day.between(span.first, span.last),
            seen(Service.area_id, actor, _VIEW, area_id),
        )
        .group_by(Service.area_id)
        .subquery()
    )
    with Reads() as session:
        heads = session.scalar(attended) or 0
        residents = session.scalar(select(func.coalesce(func.sum(by_area.c.people), 0))) or 0
    return {
        **{key: float(services.get(kind.value, 0)) for key, kind in _KINDS.items()},
        "patrol_attendance": float(heads),
        "patrol_beneficiaries": float(residents),
    }


def _teams(actor: Actor, area_id: int | None) -> dict[str, float]:
    """Teams that somebody leads; one person may lead several."""
    led = select(func.count(Team.leader_id), func.count(distinct(Team.leader_id))).where(
        seen(Team.area_id, actor, _VIEW, area_id)
    )
    with Reads() as session:
        teams, leaders = session.execute(led).one()
    return {"service_teams": float(teams), "team_leaders_min": float(leaders)}
