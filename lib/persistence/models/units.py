"""Resident units (驻区单位): organisations located in an area, each in one net."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.domain.vocab import Net, ServiceKind, UnitKind
from lib.persistence.models.base import Initials, Name, Requested, Row, Versioned, vocabulary


class Organisation(Versioned, Row):
    """A resident unit; the liaison officer is named as an office contact, not as a resident.

    Open units of one area differ in name.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("(lon is null) = (lat is null)", name="position"),
        CheckConstraint("lon between -180 and 180 and lat between -90 and 90", name="on_earth"),
        Index(
            "uq_organisation_open_name",
            "area_id",
            "name_zh",
            unique=True,
            sqlite_where=text("closed_on is null"),
            postgresql_where=text("closed_on is null"),
        ),
    )

    name_zh: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str | None] = mapped_column(Name)
    initials: Mapped[str] = mapped_column(Initials)
    kind: Mapped[UnitKind] = mapped_column(vocabulary(UnitKind))
    net: Mapped[Net] = mapped_column(vocabulary(Net))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"), index=True)
    address: Mapped[str] = mapped_column(Name, default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    offers: Mapped[str] = mapped_column(String(500), default="")
    liaison_name: Mapped[str] = mapped_column(String(60), default="")
    liaison_phone: Mapped[str] = mapped_column(String(40), default="")
    closed_on: Mapped[date | None]
    request_id: Mapped[str | None] = mapped_column(String(36), unique=True)


class UnitOffer(Requested, Versioned, Row):
    """A line of a unit's service menu (服务菜单): what it can give, to how many and where.

    It stands from `first_day`, to `last_day` where that is given, until it is ended.
    """

    __tablename__ = "unit_offer"
    __table_args__ = (
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint("capacity between 1 and 10000", name="capacity"),
        CheckConstraint("last_day is null or last_day >= first_day", name="days"),
        Index("ix_unit_offer_area_id_kind", "area_id", "kind"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[ServiceKind] = mapped_column(vocabulary(ServiceKind))
    words: Mapped[str] = mapped_column(Name)
    capacity: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    ended_on: Mapped[date | None]
