"""What was changed, by whom and when: the audit trail of one area and what stands in it.

Reads only; values of personal fields are not in the trail and so cannot be shown.
"""

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import (
    Account,
    AuditEntry,
    Branch,
    Building,
    BuildingGroup,
    CentreHousehold,
    EstateGrid,
    Post,
)
from lib.persistence.scope import reaches
from lib.queries.counters import reads

ENTRY_COLUMNS = (
    "entry_id",
    "at",
    "who_zh",
    "who_en",
    "role",
    "action",
    "subject_kind",
    "subject_id",
    "label",
    "changes",
)
"""`who_…` is None for the command line; `changes` maps a field to its value before and after, or
to None where the field is personal."""


@reads(Topic.AREAS, Topic.STRUCTURE, Topic.PEOPLE)
def of_area(
    actor: Actor, *, area_id: int, subject: tuple[str, int] | None = None, limit: int = 100
) -> pd.DataFrame:
    """ENTRY_COLUMNS of the area, its offices, buildings and estates, the latest first.

    `subject`, a table's name and a row's id, leaves only the entries of one of them. Empty for
    actors who may edit neither the area nor its structure.
    """
    gone = aliased(AuditEntry)
    # A number that was freed by a removal may be given again: what was before is another's.
    removed = (
        select(func.max(gone.id))
        .where(
            gone.subject_kind == AuditEntry.subject_kind,
            gone.subject_id == AuditEntry.subject_id,
            gone.action == gone.subject_kind + ".remove",
        )
        .correlate(AuditEntry)
        .scalar_subquery()
    )
    statement = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            Account.display_zh,
            Account.display_en,
            AuditEntry.role,
            AuditEntry.action,
            AuditEntry.subject_kind,
            AuditEntry.subject_id,
            AuditEntry.subject_label,
            AuditEntry.changes,
        )
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(_of(area_id), or_(removed.is_(None), AuditEntry.id > removed))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if subject is not None:
        kind, number = subject
        statement = statement.where(
            AuditEntry.subject_kind == kind, AuditEntry.subject_id == number
        )
    with Reads() as session:
        may = any(
            reaches(session, actor, permission, area_id)
            for permission in (Permission.AREA_EDIT, Permission.STRUCTURE_EDIT)
        )
        rows = [tuple(row) for row in session.execute(statement)] if may else []
    return pd.DataFrame(rows, columns=list(ENTRY_COLUMNS), dtype=object)


def _of(area_id: int) -> ColumnElement[bool]:
    def subjects(kind: str, numbers: Select[int]) -> ColumnElement[bool]:
        return and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(numbers))

    groups = select(BuildingGroup.id).join(Branch, Branch.id == BuildingGroup.branch_id)
    centres = (
        select(CentreHousehold.id)
        .join(BuildingGroup, BuildingGroup.id == CentreHousehold.building_group_id)
        .join(Branch, Branch.id == BuildingGroup.branch_id)
    )
    return or_(
        and_(AuditEntry.subject_kind == "area", AuditEntry.subject_id == area_id),
        subjects("post", select(Post.id).where(Post.area_id == area_id)),
        subjects("branch", select(Branch.id).where(Branch.area_id == area_id)),
        subjects("building_group", groups.where(Branch.area_id == area_id)),
        subjects("centre_household", centres.where(Branch.area_id == area_id)),
        subjects("building", select(Building.id).where(Building.area_id == area_id)),
        subjects("estate", select(EstateGrid.estate_id).where(EstateGrid.area_id == area_id)),
    )
