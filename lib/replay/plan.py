"""What is played: how an account's figures are dealt out to committees, teams and projects.

Plain values without a database; the same scale makes the same plan. Names are invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from lib.domain.vocab import Beneficiary, ServiceKind

COMMITTEES_A_STREET = 10
PEOPLE_IN_A_CLASS = 5
"""So many left-behind children are looked after in one service."""

PATROLLED_OF = 2
"""Every area that is patrolled is patrolled so often, as far as the patrols go round."""

ACTIVITIES: Mapping[str, ServiceKind] = {
    "mediations": ServiceKind.MEDIATION,
    "opinion_talks": ServiceKind.OPINION_TALK,
    "counselling": ServiceKind.COUNSELLING,
    "lectures": ServiceKind.LECTURE,
    "culture_sport": ServiceKind.CULTURE_SPORT,
    "civility_supervision": ServiceKind.CIVILITY,
}


@dataclass(frozen=True, slots=True)
class Help:
    """What a completed project gave: to whom, to how many people, with what; money in fen."""

    beneficiary: Beneficiary
    people: int = 1
    goods: int = 0
    money_fen: int = 0


@dataclass(frozen=True, slots=True)
class Patrol:
    """One night patrol: which committee's area, how many took part, how many residents benefit."""

    committee: int
    attendance: int
    residents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How much there is of everything; a sequence has an entry for each committee."""

    members: Sequence[int]
    chiefs: Sequence[int]
    teams: Sequence[int]
    by_person: Sequence[int]
    by_team: Sequence[int]
    by_firm: Sequence[int]
    member_units: int
    firms: int
    helps: Sequence[Help]
    gifts: Sequence[Help]
    patrols: Sequence[Patrol]
    activities: Mapping[ServiceKind, Sequence[int]]

    @property
    def committees(self) -> int:
        """How many residents' committees there are."""
        return len(self.members)

    @property
    def streets(self) -> int:
        """How many streets hold them."""
        return -(-self.committees // COMMITTEES_A_STREET)


def make_plan(n: Mapping[str, int]) -> Plan:
    """Deal out the figures, given by their keys; the counting rules stand beside them.

    Raises:
        KeyError: a figure is missing.
    """
    committees = n["residents_committees"]

    def dealt(key: str) -> list[int]:
        return share(n[key], committees)

    return Plan(
        members=dealt("members_checked_in"),
        chiefs=dealt("three_chiefs"),
        teams=dealt("service_teams"),
        by_person=share(n["projects_claimed"] - n["team_claims"], committees),
        by_team=dealt("team_claims"),
        by_firm=dealt("firm_projects"),
        member_units=n["member_organisations"],
        firms=n["firms_and_social_organisations"],
        helps=_helps(n),
        gifts=_gifts(n),
        patrols=_patrols(n),
        activities={kind: dealt(key) for key, kind in ACTIVITIES.items()},
    )


def share(total: int, parts: int) -> list[int]:
    """The total in so many parts, none more than one larger than another, the larger first."""
    whole, rest = divmod(total, parts)
    return [whole + (k < rest) for k in range(parts)]


def committee_names(
    first: Sequence[tuple[str, str]], second: Sequence[tuple[str, str]], n: int
) -> list[tuple[str, str]]:
    """Invented names of two syllables in both languages, no two alike.

    Raises:
        ValueError: the syllables do not make so many.
    """
    made = [(f"{a}{b}", f"{x}{y}") for (b, y), (a, x) in product(second, first)][:n]
    if len(made) < n:
        raise ValueError(f"{n} names from {len(first) * len(second)}")
    return made


def _helps(n: Mapping[str, int]) -> list[Help]:
    """One for each completed project, those for named groups spread among the others."""
    children = n["left_behind_children"]
    classes = share(children, -(-children // PEOPLE_IN_A_CLASS))
    groups = [
        *[(Beneficiary.FAMILY_IN_DIFFICULTY, 3)] * n["families_in_difficulty"],
        *[(Beneficiary.ELDER_ALONE, 1)] * n["elders_living_alone"],
        *[(Beneficiary.LEFT_BEHIND_CHILD, size) for size in classes],
        *[(Beneficiary.DISABLED, 1)] * n["disabled_people"],
    ]
    goods, money = share(n["goods"], len(groups)), share(n["money"] * 100, len(groups))
    named = [
        Help(who, people, *given)
        for (who, people), given in zip(groups, zip(goods, money, strict=True), strict=True)
    ]
    others = [Help(Beneficiary.ALL_RESIDENTS, 6)] * (n["projects_completed"] - len(named))
    return _spread(named, others)


def _gifts(n: Mapping[str, int]) -> list[Help]:
    """What firms and social organisations gave, a project each."""
    projects = n["firm_projects"]
    people, money = share(n["firm_people_served"], projects), share(n["firm_money"] * 100, projects)
    return [
        Help(Beneficiary.ALL_RESIDENTS, served, money_fen=given)
        for served, given in zip(people, money, strict=True)
    ]


def _patrols(n: Mapping[str, int]) -> list[Patrol]:
    """Residents benefit by area once: every patrol of an area names all of them."""
    patrols = n["patrols"]
    areas = max(1, min(n["residents_committees"], patrols // PATROLLED_OF))
    residents = share(n["patrol_beneficiaries"], areas)
    heads = share(n["patrol_attendance"], patrols)
    return [Patrol(k % areas, heads[k], residents[k % areas]) for k in range(patrols)]


def _spread(few: Sequence[Help], many: Sequence[Help]) -> list[Help]:
    """Both in one order in which neither comes in a block, so that every committee has some."""
    longer, shorter = (few, many) if len(few) > len(many) else (many, few)
    every = len(longer) // max(1, len(shorter)) + 1
    spread: list[Help] = []
    rest = iter(shorter)
    for k, one in enumerate(longer):
        spread.append(one)
        if (k + 1) % every == 0:
            spread.extend(islice(rest, 1))
    return [*spread, *rest]
