"""The three-tier structure inside a grid, who holds the grid, and who held what when.

A null person is a vacancy: it is shown, counted and never guessed.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import Office, PostKind
from lib.persistence.models.base import Name, Requested, Row, Versioned, vocabulary


class Post(Requested, Row):
    """An office that holds a grid: its head or one of its workers."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_area_id_kind", "area_id", "kind"),)

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[PostKind] = mapped_column(vocabulary(PostKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class Branch(Versioned, Requested, Row):
    """The grid branch (网格党支部); one in a grid."""

    __tablename__ = "branch"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), unique=True)
    name_zh: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str | None] = mapped_column(Name)
    secretary_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class BuildingGroup(Requested, Row):
    """A building group (楼院党小组) of a branch."""

    __tablename__ = "building_group"
    __table_args__ = (UniqueConstraint("branch_id", "number"),)

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    number: Mapped[int]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class CentreHousehold(Requested, Row):
    """A centre household (党员中心户) of a building group, known by its building, not its door."""

    __tablename__ = "centre_household"
    __table_args__ = (UniqueConstraint("building_group_id", "building_id"),)

    building_group_id: Mapped[int] = mapped_column(ForeignKey("building_group.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class Appointment(Requested, Row):
    """A person's term in an office: who held it from when to when.

    `until` is the last day agreed upon, `ended_on` the last day in office; a term without an end
    is held now, and the office's own person column says the same. `since` is null where nobody
    noted it. `area_id` is the office's grid. Terms stay when they end.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint('since is null or "until" is null or "until" >= since', name="term"),
        CheckConstraint("since is null or ended_on is null or ended_on >= since", name="ended"),
        Index(
            "uq_appointment_held",
            "office",
            "office_id",
            unique=True,
            sqlite_where=text("ended_on is null"),
            postgresql_where=text("ended_on is null"),
        ),
    )

    office: Mapped[Office] = mapped_column(vocabulary(Office))
    office_id: Mapped[int]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[date | None]
    until: Mapped[date | None]
    ended_on: Mapped[date | None]
