"""What the street set for itself: every change a row of its own, the last one holds."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lib.persistence.models.base import Row


class LocalSetting(Row):
    """One change of one setting; only ever added to. `value` null brings the default back.

    `version` counts the changes of a key from 1, so that two who save at once collide.
    """

    __tablename__ = "local_setting"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
