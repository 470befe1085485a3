"""Scope as SQL: which rows lie below an area, and which an actor's permission reaches.

The only place that reads `area_link`; recursion over the tree happens nowhere.
"""

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from lib.domain.errors import NotPermitted
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Level
from lib.persistence.models import Area, AreaLink, Membership, Organisation, Person, Team

AreaColumn = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

INSTALLATION = frozenset({0})
"""In the place of areas: what concerns the installation and so every screen in it."""

# Every write asks these two: built once, they cost half as much.
_REACHED = (
    select(AreaLink.ancestor_id)
    .where(
        AreaLink.descendant_id == bindparam("area"),
        AreaLink.ancestor_id.in_(bindparam("above", expanding=True)),
    )
    .limit(1)
)
_STREETS = (
    select(AreaLink.descendant_id, AreaLink.ancestor_id)
    .join(Area, Area.id == AreaLink.ancestor_id)
    .where(
        AreaLink.descendant_id.in_(bindparam("areas", expanding=True)),
        Area.level == Level.STREET,
    )
)


def below(column: AreaColumn, area_id: int | None) -> ColumnElement[bool]:
    """Whether the column's area is `area_id` or lies below it; None is the whole tree."""
    if area_id is None:
        return true()
    return column.in_(select(AreaLink.descendant_id).where(AreaLink.ancestor_id == area_id))


def reached(column: AreaColumn, actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Whether the actor's `permission` reaches the column's area."""
    scope = actor.scope(permission)
    if scope.whole_tree:
        return true()
    if not scope.area_ids:
        return false()
    return column.in_(
        select(AreaLink.descendant_id).where(AreaLink.ancestor_id.in_(sorted(scope.area_ids)))
    )


def seen(
    column: AreaColumn, actor: Actor, permission: Permission, area_id: int | None
) -> ColumnElement[bool]:
    """Rows below `area_id` as far as the actor's permission reaches."""
    return and_(below(column, area_id), reached(column, actor, permission))


def owned(
    model: type[Organisation] | type[Person] | type[Team], actor: Actor, permission: Permission
) -> ColumnElement[bool]:
    """Whether the permission reaches a unit, person or team, by its area or by a grant on it.

    A person is reached by a grant on the unit or a team they belong to.
    """
    scope = actor.scope(permission)
    ways = [reached(model.area_id, actor, permission)]
    units, teams = sorted(scope.unit_ids), sorted(scope.team_ids)
    if units and model is not Team:
        ways.append(
            (Organisation.id if model is Organisation else Person.organisation_id).in_(units)
        )
    if teams and model is Team:
        ways.append(Team.id.in_(teams))
    if teams and model is Person:
        belongs = select(Membership.person_id).where(
            Membership.team_id.in_(teams), Membership.until.is_(None)
        )
        ways.append(Person.id.in_(belongs))
    return or_(*ways)


def reaches(session: Session, actor: Actor, permission: Permission, area_id: int) -> bool:
    """Whether the actor's permission reaches this one area."""
    scope = actor.scope(permission)
    if scope.whole_tree:
        return True
    asked = {"area": area_id, "above": sorted(scope.area_ids)}
    return session.execute(_REACHED, asked).first() is not None


def permit(session: Session, actor: Actor, permission: Permission, area_id: int | None) -> None:
    """Go on only if the actor's permission reaches `area_id`; None asks for the whole tree.

    Raises:
        NotPermitted: it does not.
    """
    allowed = (
        actor.scope(permission).whole_tree
        if area_id is None
        else reaches(session, actor, permission, area_id)
    )
    if not allowed:
        raise NotPermitted(permission, area_id)


def reaches_every_street(session: Session, actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission in every street, so for the whole installation."""
    if not actor.may(permission):
        return False
    elsewhere = select(Area.id).where(
        Area.level == Level.STREET, ~reached(Area.id, actor, permission)
    )
    return session.scalar(elsewhere.limit(1)) is None


def permit_owned(
    session: Session,
    actor: Actor,
    permission: Permission,
    of: tuple[type[Organisation] | type[Team], int],
) -> None:
    """Go on only if the permission reaches the unit or team, by its area or by a grant on it.

    Raises:
        NotPermitted: it does not.
    """
    model, number = of
    found = select(model.area_id, owned(model, actor, permission))
    area_id, allowed = session.execute(found.where(model.id == number)).one()
    if not allowed:
        raise NotPermitted(permission, area_id)


def streets_of(session: Session, area_ids: frozenset[int]) -> list[int]:
    """The streets that the areas belong to; an area above every street stands for itself."""
    if not area_ids:
        return []
    found = session.execute(_STREETS, {"areas": sorted(area_ids)}).all()
    streets = {street for _, street in found}
    return sorted(streets | (area_ids - {area for area, _ in found}))


def around(column: AreaColumn, actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Whether the column's area is within the permission's reach or holds an area that is.

    What is offered to a whole community is offered to whoever belongs to one of its grids.
    """
    scope = actor.scope(permission)
    above = select(AreaLink.ancestor_id).where(AreaLink.descendant_id.in_(sorted(scope.area_ids)))
    return or_(reached(column, actor, permission), column.in_(above))


def community_of(session: Session, area_id: int) -> int | None:
    """The community that a grid or community belongs to; None for wider areas.

    A grid of a tree without communities stands for itself.
    """
    above = session.execute(
        select(Area.id, Area.level)
        .join(AreaLink, AreaLink.ancestor_id == Area.id)
        .where(
            AreaLink.descendant_id == area_id,
            Area.level.in_((Level.COMMUNITY, Level.GRID)),
        )
    ).all()
    by_level = {level: number for number, level in above}
    return by_level.get(Level.COMMUNITY, by_level.get(Level.GRID))
