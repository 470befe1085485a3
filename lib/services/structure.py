"""Commands on the three-tier structure and on posts: set up, rename, take back.

Who holds an office and when is `lib.services.appointments`; estates and buildings are
`lib.services.buildings`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from lib.domain.errors import Changed, Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.text import line, required, too_long
from lib.domain.vocab import Office, PostKind, Topic
from lib.persistence.models import (
    Appointment,
    Area,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    Post,
)
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.tree import open_grid

Holdable = Post | Branch | BuildingGroup | CentreHousehold

HOLDERS: Mapping[Office, tuple[type[Any], str]] = {
    Office.POST: (Post, "person_id"),
    Office.BRANCH: (Branch, "secretary_id"),
    Office.BUILDING_GROUP: (BuildingGroup, "leader_id"),
    Office.CENTRE_HOUSEHOLD: (CentreHousehold, "person_id"),
}
"""Each office's table, and its column that says who holds it now."""


@once(Branch)
def set_up_branch(
    actor: Actor, *, area_id: int, name_zh: str, name_en: str = "", request_id: str | None = None
) -> int:
    """Set up the grid's branch. The same request adds it once.

    Returns:
        Its id.

    Raises:
        Invalid: the name is missing or too long.
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.branch_there``, ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        area = open_grid(tx, area_id)
        if tx.session.scalar(select(Branch.id).where(Branch.area_id == area_id)) is not None:
            raise Refusal("structure.branch_there", area=area.name_zh)
        branch = Branch(area_id=area_id, request_id=request_id, **_names(name_zh, name_en))
        tx.session.add(branch)
        record_office(tx, "branch.set_up", branch, area_id, {"name_zh": (None, branch.name_zh)})
        return branch.id


def rename_branch(
    actor: Actor, *, branch_id: int, version: int, name_zh: str, name_en: str = ""
) -> None:
    """Save a branch's names from a form that was opened at `version`.

    Raises:
        Changed: somebody saved in between.
        Invalid: the name is missing or too long.
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        branch = _branch(tx, branch_id)
        names = ("name_zh", "name_en")
        if branch.version != version:
            raise Changed({name: getattr(branch, name) for name in names}, branch.version)
        values = _names(name_zh, name_en)
        changes = {
            n: (getattr(branch, n), values[n]) for n in names if getattr(branch, n) != values[n]
        }
        if changes:
            for name, value in values.items():
                setattr(branch, name, value)
            record_office(tx, "branch.rename", branch, branch.area_id, changes)


@once(BuildingGroup)
def add_group(actor: Actor, *, branch_id: int, request_id: str | None = None) -> int:
    """Add a building group under the branch's next number; once for each request.

    Returns:
        Its id.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        branch = _branch(tx, branch_id)
        last = tx.session.scalar(
            select(func.max(BuildingGroup.number)).where(BuildingGroup.branch_id == branch_id)
        )
        number = (last or 0) + 1
        group = BuildingGroup(branch_id=branch_id, number=number, request_id=request_id)
        tx.session.add(group)
        record_office(
            tx, "building_group.add", group, branch.area_id, {"number": (None, group.number)}
        )
        return group.id


@once(CentreHousehold)
def add_centre(
    actor: Actor, *, group_id: int, building_id: int, request_id: str | None = None
) -> int:
    """Add a centre household of the group at a building of its grid; once for each request.

    Returns:
        Its id.

    Raises:
        Invalid: the building stands in another grid, or the group has one there already.
        NotPermitted: the grid is not within the actor's reach.
    """
    with transaction(actor) as tx:
        group = tx.session.get(BuildingGroup, group_id, with_for_update=True)
        if group is None:
            raise NotFound
        branch = _branch(tx, group.branch_id)
        building = tx.session.get(Building, building_id)
        if building is None:
            raise NotFound
        if building.area_id != branch.area_id:
            raise Invalid([Problem("building_id", "problem.other_grid")])
        same = select(CentreHousehold.id).where(
            CentreHousehold.building_group_id == group_id,
            CentreHousehold.building_id == building_id,
        )
        if tx.session.scalar(same) is not None:
            raise Invalid([Problem("building_id", "problem.centre_there")])
        centre = CentreHousehold(
            building_group_id=group_id, building_id=building_id, request_id=request_id
        )
        tx.session.add(centre)
        where = {"building_id": (None, building.label)}
        record_office(tx, "centre_household.add", centre, branch.area_id, where)
        return centre.id


@once(Post)
def add_post(actor: Actor, *, area_id: int, kind: PostKind, request_id: str | None = None) -> int:
    """Add a post that holds the grid; a grid has one head and any number of workers.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.head_there``, ``structure.not_a_grid``.
    """
    with transaction(actor) as tx:
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        area = open_grid(tx, area_id)
        heads = select(Post.id).where(Post.area_id == area_id, Post.kind == PostKind.HEAD)
        if kind is PostKind.HEAD and tx.session.scalar(heads.limit(1)) is not None:
            raise Refusal("structure.head_there", area=area.name_zh)
        post = Post(area_id=area_id, kind=kind, request_id=request_id)
        tx.session.add(post)
        record_office(tx, "post.add", post, area_id, {"kind": (None, kind)})
        return post.id


def remove_office(actor: Actor, *, office: Office, office_id: int) -> None:
    """Take back an office that nobody ever held, such as one set up by mistake.

    Raises:
        NotPermitted: the grid is not within the actor's reach.
        Refusal: ``structure.has_terms`` when somebody held it, ``structure.has_offices_below``.
    """
    with transaction(actor) as tx:
        row, area_id = locked_office(tx, office, office_id)
        tx.permit(Permission.STRUCTURE_EDIT, area_id)
        terms = select(Appointment.id).where(
            Appointment.office == office, Appointment.office_id == office_id
        )
        if tx.session.scalar(terms.limit(1)) is not None:
            raise Refusal("structure.has_terms")
        below = {
            Office.BRANCH: select(BuildingGroup.id).where(BuildingGroup.branch_id == office_id),
            Office.BUILDING_GROUP: select(CentreHousehold.id).where(
                CentreHousehold.building_group_id == office_id
            ),
        }.get(office)
        if below is not None and tx.session.scalar(below.limit(1)) is not None:
            raise Refusal("structure.has_offices_below")
        record_office(tx, f"{office}.remove", row, area_id, {})
        tx.session.delete(row)


def _names(name_zh: str, name_en: str) -> dict[str, str | None]:
    zh, en = line(name_zh), line(name_en)
    problems = [*required("name_zh", zh), *too_long("name_en", en, 200)]
    if problems:
        raise Invalid(problems)
    return {"name_zh": zh, "name_en": en or None}


def _branch(tx: Transaction, branch_id: int) -> Branch:
    branch = tx.session.get(Branch, branch_id, with_for_update=True)
    if branch is None:
        raise NotFound
    tx.permit(Permission.STRUCTURE_EDIT, branch.area_id)
    return branch


def locked_office(tx: Transaction, office: Office, office_id: int) -> tuple[Holdable, int]:
    """The office's row, locked, and its grid.

    Raises:
        NotFound: there is no such office.
    """
    row: Holdable | None = tx.session.get(HOLDERS[office][0], office_id, with_for_update=True)
    if row is None:
        raise NotFound
    if isinstance(row, Post | Branch):
        return row, row.area_id
    branches = select(Branch.area_id).join(BuildingGroup, BuildingGroup.branch_id == Branch.id)
    group = row.id if isinstance(row, BuildingGroup) else row.building_group_id
    return row, tx.session.scalars(branches.where(BuildingGroup.id == group)).one()


def record_office(
    tx: Transaction,
    action: str,
    row: Holdable,
    area_id: int,
    changes: Mapping[str, tuple[object, object]],
) -> None:
    """Add the audit entry of a change to an office of this grid."""
    area = tx.session.get_one(Area, area_id)
    tx.record(
        action,
        row,
        topic=Topic.STRUCTURE,
        area_ids=frozenset({area_id}),
        label=row.name_zh if isinstance(row, Branch) else area.name_zh,
        changes=changes,
    )
