"""Rules of teams: who may come in how, and the limits of a head-count."""

from lib.domain.errors import Refusal
from lib.domain.vocab import MembershipAction, MembershipState, TeamJoining

HEADS_MAX = 2_000
"""More people than that come to no team's event; it is a typing slip."""

UNANSWERED = frozenset({MembershipState.ASKED, MembershipState.INVITED})
"""States in which somebody waits for somebody else's word."""


def way_in(joining: TeamJoining) -> MembershipAction:
    """What a volunteer who wants to come into such a team does.

    Raises:
        Refusal: ``team.by_invitation`` where only the team asks.
    """
    if joining is TeamJoining.INVITED:
        raise Refusal("team.by_invitation")
    return MembershipAction.JOIN if joining is TeamJoining.OPEN else MembershipAction.ASK
