"""Suspicious records that a secretary has looked at, with a word on each.

What is suspicious is not kept: it is found in the records whenever somebody looks.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.suspicions import Rule
from lib.persistence.models.base import Requested, Row, Versioned, vocabulary

_STANDS = text("undone_at is null")


class RecordReview(Requested, Versioned, Row):
    """What somebody wrote on a suspicion; `digest` is `lib.domain.suspicions.digest` of it.

    Taken back, the row stays and another may be written. `area_id` is where the records lie.
    """

    __tablename__ = "record_review"
    __table_args__ = (
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint("(undone_at is null) = (undone_by_id is null)", name="undone"),
        Index(
            "uq_record_review_standing",
            "digest",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    rule: Mapped[Rule] = mapped_column(vocabulary(Rule))
    digest: Mapped[str] = mapped_column(String(64))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    reviewed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    reviewed_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
