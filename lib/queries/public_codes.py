"""Reads of codes on paper: those of a place for its sheet, and what one of them opens."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from lib.domain.permissions import Actor
from lib.domain.public_codes import HANDED_OUT_BY, LEVEL
from lib.domain.vocab import CodeFor, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Project, PublicCode
from lib.persistence.scope import seen
from lib.queries.counters import reads

CODE_COLUMNS = (
    "code_id",
    "code",
    "area_id",
    "area_code",
    "area_zh",
    "area_en",
    "above_zh",
    "above_en",
    "made_at",
)


@dataclass(frozen=True)
class Opened:
    """What a code opens: an open area with the name of the one above, or a project of it."""

    area_id: int
    area_zh: str
    area_en: str | None
    above_zh: str
    above_en: str | None
    project_id: int | None = None
    title: str = ""


@reads(Topic.NEED, Topic.PEOPLE, Topic.AREAS)
def codes(actor: Actor, *, purpose: CodeFor, area_id: int | None) -> pd.DataFrame:
    """CODE_COLUMNS of every open area below this one that can have a code; `code` may be null."""
    above = aliased(Area)
    statement = (
        select(
            PublicCode.id,
            PublicCode.code,
            Area.id,
            Area.code,
            Area.name_zh,
            Area.name_en,
            above.name_zh,
            above.name_en,
            PublicCode.made_at,
        )
        .select_from(Area)
        .outerjoin(above, above.id == Area.parent_id)
        .outerjoin(PublicCode, and_(PublicCode.area_id == Area.id, PublicCode.purpose == purpose))
        .where(
            seen(Area.id, actor, HANDED_OUT_BY[purpose], area_id),
            Area.level == LEVEL[purpose],
            Area.valid_until.is_(None),
        )
        .order_by(Area.code, Area.id)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    return pd.DataFrame(rows, columns=list(CODE_COLUMNS), dtype=object)


@reads(Topic.PROJECT)
def project_code(actor: Actor, *, project_id: int) -> str | None:
    """The code that stands where a project is served, None where none was made."""
    statement = (
        select(PublicCode.code)
        .join(Project, Project.id == PublicCode.project_id)
        .where(
            PublicCode.project_id == project_id,
            seen(Project.area_id, actor, HANDED_OUT_BY[CodeFor.SERVICE], None),
        )
    )
    with Reads() as session:
        return session.scalar(statement)


def opened(purpose: CodeFor, code: str) -> Opened | None:
    """What the code opens, for anybody who has it; None where it was renewed or never was."""
    above = aliased(Area)
    area = Project.area_id if purpose is CodeFor.SERVICE else PublicCode.area_id
    statement = (
        select(
            Area.id,
            Area.name_zh,
            Area.name_en,
            above.name_zh,
            above.name_en,
            Project.id,
            Project.title,
        )
        .select_from(PublicCode)
        .outerjoin(Project, Project.id == PublicCode.project_id)
        .join(Area, Area.id == area)
        .outerjoin(above, above.id == Area.parent_id)
        .where(PublicCode.code == code, PublicCode.purpose == purpose, Area.valid_until.is_(None))
    )
    with Reads() as session:
        row = session.execute(statement).first()
    if row is None:
        return None
    number, zh, en, above_zh, above_en, project_id, title = row
    return Opened(number, zh, en, above_zh or "", above_en, project_id, title or "")
