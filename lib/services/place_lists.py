"""The command that brings a list of communities and grids below a street, by name alone.

Files with boundaries are `lib.services.areas`; single areas are `lib.services.tree`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lib.domain.calendar import today
from lib.domain.errors import NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.place_list import LineProblem, Place
from lib.domain.text import required
from lib.domain.vocab import Level, Topic
from lib.i18n.pinyin import initials
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Installation
from lib.persistence.scope import permit
from lib.persistence.transaction import Transaction, transaction
from lib.services.areas import link_areas, local_codes
from lib.services.installation import mark_started


@dataclass(frozen=True)
class PlacesReport:
    """What a list adds, or would add: names of communities, then community and grid.

    `known` counts what was there before; with a problem nothing is `written`.
    """

    communities: tuple[str, ...]
    grids: tuple[tuple[str, str], ...]
    known: int
    problems: tuple[LineProblem, ...]
    written: bool = False


def add_places(
    actor: Actor, *, street_id: int, places: Sequence[Place], dry_run: bool = False
) -> PlacesReport:
    """Add the communities and grids that the street does not have yet, all or none.

    They have no boundary and a local code, which a file of boundaries may replace later. The
    same list twice adds nothing. A dry run only looks.

    Raises:
        NotFound: no such street.
        NotPermitted: it is not within the actor's reach.
        Refusal: ``tree.closed`` for a street that is closed.
    """
    if dry_run:
        with Reads() as session:
            permit(session, actor, Permission.AREA_EDIT, street_id)
            return _plan(session, _street(session, street_id), places)
    with transaction(actor) as tx:
        # One at a time: two would give out the same local codes.
        tx.session.get(Installation, 1, with_for_update=True)
        tx.permit(Permission.AREA_EDIT, street_id)
        street = _street(tx.session, street_id)
        plan = _plan(tx.session, street, places)
        if plan.problems or not (plan.communities or plan.grids):
            return plan
        _write(tx, street, plan)
        return PlacesReport(plan.communities, plan.grids, plan.known, (), written=True)


def _street(session: Session, street_id: int) -> Area:
    street = session.get(Area, street_id)
    if street is None or street.level is not Level.STREET:
        raise NotFound
    if street.valid_until is not None:
        raise Refusal("tree.closed", area=street.name_zh)
    return street


def _below(session: Session, parents: Sequence[int]) -> Sequence[Area]:
    lasting = or_(Area.valid_until.is_(None), Area.valid_until >= today())
    return session.scalars(select(Area).where(Area.parent_id.in_(parents), lasting)).all()


def _plan(session: Session, street: Area, places: Sequence[Place]) -> PlacesReport:
    there = {area.name_zh: area for area in _below(session, [street.id])}
    names = {area.id: area.name_zh for area in there.values()}
    grids_there = {
        (names[area.parent_id], area.name_zh)
        for area in _below(session, list(names))
        if area.parent_id is not None
    }
    communities: dict[str, None] = {}
    grids: dict[tuple[str, str], None] = {}
    problems: list[LineProblem] = []
    known = 0
    for place in places:
        found = _problems(place, there.get(place.community))
        problems += [LineProblem(place.line, problem) for problem in found]
        pair = (place.community, place.grid)
        if place.community not in there:
            communities[place.community] = None
        elif not place.grid or pair in grids_there:
            known += 1
        if place.grid and pair not in grids_there:
            grids[pair] = None
    return PlacesReport(tuple(communities), tuple(grids), known, tuple(problems))


def _problems(place: Place, community: Area | None) -> list[Problem]:
    found = required("community_name", place.community)
    if place.grid:
        found += required("grid_name", place.grid)
    if community is not None and community.level is not Level.COMMUNITY:
        found.append(Problem("community_name", "problem.other_level", {"level": community.level}))
    return found


def _write(tx: Transaction, street: Area, plan: PlacesReport) -> None:
    mark_started(tx.session)
    codes = local_codes(tx.session)

    def made(level: Level, name: str, parent: Area) -> Area:
        return Area(
            code=next(codes),
            level=level,
            name_zh=name,
            initials=initials(name),
            parent_id=parent.id,
            valid_from=today(),
        )

    communities = [made(Level.COMMUNITY, name, street) for name in plan.communities]
    tx.session.add_all(communities)
    link_areas(tx.session, communities)
    by_name = {area.name_zh: area for area in _below(tx.session, [street.id])}
    grids = [made(Level.GRID, grid, by_name[community]) for community, grid in plan.grids]
    tx.session.add_all(grids)
    link_areas(tx.session, grids)
    tx.record(
        "area.add_list",
        street,
        topic=Topic.AREAS,
        area_ids=frozenset({street.id, *(area.id for area in (*communities, *grids))}),
        label=street.name_zh,
        changes={"communities": (None, len(communities)), "grids": (None, len(grids))},
    )
