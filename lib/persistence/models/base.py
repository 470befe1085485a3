"""What all tables share: naming of constraints and the column types of our own."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Enum, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from lib.domain.text import NAME_MAX


class Instant(TypeDecorator[datetime]):
    """An instant, always aware and in UTC, also where the engine keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value: nobody could know which clock it was read from."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite hands back what it was given, without the zone."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def vocabulary(members: type[StrEnum], length: int = 24, name: str | None = None) -> Enum:
    """A column type that holds a vocabulary's values as text, checked by the database.

    `name` tells two columns of one table apart that hold the same vocabulary.
    """
    return Enum(
        members,
        native_enum=False,
        create_constraint=True,
        length=length,
        name=name or members.__name__.lower(),
        values_callable=lambda e: [m.value for m in e],
    )


Name = String(NAME_MAX)
Initials = String(NAME_MAX)


class Base(DeclarativeBase):
    """The declarative base; constraint names follow one convention on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    type_annotation_map: ClassVar[Any] = {datetime: Instant}


class Row(Base):
    """A table whose rows have a number of their own."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)


class Requested:
    """A row that a form adds; a double click sends one request twice, and it is added once.

    Null where no form was, as in an import.
    """

    request_id: Mapped[str | None] = mapped_column(String(36), unique=True, index=True)


class Versioned:
    """A row that two people may edit: a save that started from an older version is refused."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands the class
        return {"version_id_col": cls.version}
