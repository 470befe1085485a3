"""Photos of a service before and after, as they are kept: small, without traces, faces blurred."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import PhotoMoment
from lib.persistence.models.base import Requested, Row, vocabulary


class Photo(Requested, Row):
    """A WebP of at most 1600 pixels a side in which every face is blurred for good.

    `sha256` is of the picture's pixels before anything was blurred, `likeness` 64 bits of its light
    and dark: by them the same photo is known again, and nobody's face from them. `digest` is of
    `content`. `blurred` counts the places that were blurred, found or marked by hand.
    """

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("width between 1 and 1600 and height between 1 and 1600", name="size"),
        CheckConstraint("blurred >= 0", name="blurred"),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    moment: Mapped[PhotoMoment] = mapped_column(vocabulary(PhotoMoment))
    width: Mapped[int]
    height: Mapped[int]
    blurred: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    likeness: Mapped[str] = mapped_column(String(16), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    added_at: Mapped[datetime]
