"""Codes that stand on paper and open a form on a phone, one for an area or a project."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import CodeFor
from lib.persistence.models.base import Row, vocabulary


class PublicCode(Row):
    """What stands in the address of a form: 128 random bits, in clear, to be printed again.

    A renewed code takes the place of the one before, which opens nothing from then on.
    """

    __tablename__ = "public_code"
    __table_args__ = (
        CheckConstraint("(area_id is null) <> (project_id is null)", name="one_place"),
        CheckConstraint("(purpose = 'service') = (project_id is not null)", name="of_its_kind"),
        UniqueConstraint("purpose", "area_id"),
        UniqueConstraint("purpose", "project_id"),
    )

    purpose: Mapped[CodeFor] = mapped_column(vocabulary(CodeFor))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
