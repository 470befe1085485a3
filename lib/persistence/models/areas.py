"""The area tree, estates and buildings: where everything stands."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import Level
from lib.persistence.models.base import Base, Initials, Name, Requested, Row, Versioned, vocabulary


class Area(Versioned, Requested, Row):
    """One area of the tree, from prefecture to grid; geometry is GeoJSON text in WGS-84.

    An area is never redrawn in place once closed: `valid_until` ends it and history stays.
    `label_lon` and `label_lat` are a point inside the shape; without a shape all are null.
    """

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint("valid_until is null or valid_until >= valid_from", name="validity"),
        CheckConstraint("parent_id is null or parent_id <> id", name="not_own_parent"),
        Index("ix_area_parent_id_name_zh", "parent_id", "name_zh"),
        Index("ix_area_source_source_id", "source", "source_id"),
    )

    code: Mapped[str] = mapped_column(String(24), unique=True)
    level: Mapped[Level] = mapped_column(vocabulary(Level))
    name_zh: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str | None] = mapped_column(Name)
    initials: Mapped[str] = mapped_column(Initials)
    level_label_zh: Mapped[str | None] = mapped_column(Name)
    level_label_en: Mapped[str | None] = mapped_column(Name)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    geometry: Mapped[str | None] = mapped_column(Text)
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    label_lon: Mapped[float | None]
    label_lat: Mapped[float | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(String(64))
    source_id: Mapped[str | None] = mapped_column(String(64))


class AreaLink(Base):
    """The closure of the tree: every area below (or equal to) every area above it."""

    __tablename__ = "area_link"

    ancestor_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, index=True)


class AreaBoundary(Row):
    """An earlier boundary of an area, kept when another took its place at `replaced_at`."""

    __tablename__ = "area_boundary"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    geometry: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class AreaPicture(Base):
    """A picture of a wall map to draw over, one per area; `picture` and `turned` are WebP.

    Once placed by two points (`pins`: x, y, lon, lat of each) it is kept turned north up too, in
    the box west to north.
    """

    __tablename__ = "area_picture"
    __table_args__ = (
        CheckConstraint(
            "(turned is null and west is null and south is null and east is null and north is null)"
            " or (turned is not null and west < east and south < north)",
            name="placed_whole",
        ),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    file_name: Mapped[str] = mapped_column(Name)
    width: Mapped[int]
    height: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    pins: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    turned_digest: Mapped[str | None] = mapped_column(String(64))
    turned: Mapped[bytes | None] = mapped_column(LargeBinary)


class Estate(Versioned, Requested, Row):
    """What people call home: a compound, often larger than a grid."""

    __tablename__ = "estate"

    name_zh: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str | None] = mapped_column(Name)
    lon: Mapped[float | None]
    lat: Mapped[float | None]


class EstateGrid(Base):
    """Which grids an estate reaches into; an estate may span grids, a grid hold estates."""

    __tablename__ = "estate_grid"

    estate_id: Mapped[int] = mapped_column(ForeignKey("estate.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, index=True)


class Building(Versioned, Requested, Row):
    """A building in one grid and one estate, with a count of households and no list of who."""

    __tablename__ = "building"
    __table_args__ = (CheckConstraint("households >= 0", name="households"),)

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"), index=True)
    label: Mapped[str] = mapped_column(String(40))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    households: Mapped[int]
    counted_on: Mapped[date]
    count_source: Mapped[str] = mapped_column(Name)
