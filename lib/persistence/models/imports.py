"""Ledgers that were imported: each file as a batch, and which rows came with it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.ledgers import BatchState, LedgerKind
from lib.persistence.models.base import Base, Name, Row, vocabulary


class ImportBatch(Row):
    """One imported file; `digest` is the SHA-256 of its content.

    `account_id` is null where the command line acted in nobody's name; `area_id` is the area
    below which its rows lie, null for the whole tree.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("added >= 0 and unchanged >= 0 and refused >= 0", name="counts"),
        CheckConstraint("(state = 'undone') = (undone_at is not null)", name="undone"),
        Index("ix_import_batch_kind_digest", "kind", "digest"),
    )

    kind: Mapped[LedgerKind] = mapped_column(vocabulary(LedgerKind))
    file_name: Mapped[str] = mapped_column(Name)
    digest: Mapped[str] = mapped_column(String(64))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id", ondelete="SET NULL"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    added: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    state: Mapped[BatchState] = mapped_column(vocabulary(BatchState))
    undone_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row that came with a batch; `digest` is its natural key as imported, as 64 bits.

    `row_id` refers to the table `subject`; what was deleted since leaves its link behind.
    """

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_subject_digest", "subject", "digest"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(24), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[int | None] = mapped_column(BigInteger)
