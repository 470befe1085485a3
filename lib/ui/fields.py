"""The widgets that forms are made of: labelled by ``field.<name>``, keyed, and started once.

A form that is refused keeps what was typed, because every widget keeps its key.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from lib.domain.calendar import today
from lib.ui.session import called, local, name_of, t

_OLDEST, _LATEST = date(1949, 10, 1), date(2100, 1, 1)
"""What the calendar offers; its limits are the service's to say."""

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True)
class Fields:
    """One form: `key` sets its widgets apart, `start` holds the values it begins with."""

    key: str
    start: Mapping[str, Any]

    def text(self, column: DeltaGenerator, name: str, hint: str = "") -> str:
        """A line of text."""
        return column.text_input(
            t(f"field.{name}"),
            value=str(self.start.get(name) or ""),
            placeholder=hint,
            key=f"{self.key}_{name}",
        )

    def words(self, column: DeltaGenerator, name: str, hint: str = "") -> str:
        """A few lines of text."""
        return column.text_area(
            t(f"field.{name}"),
            value=str(self.start.get(name) or ""),
            placeholder=hint,
            key=f"{self.key}_{name}",
            height=80,
        )

    def flag(self, column: DeltaGenerator, name: str) -> bool:
        """Yes or no."""
        start = bool(self.start.get(name, False))
        return column.toggle(t(f"field.{name}"), value=start, key=f"{self.key}_{name}")

    def whole(self, column: DeltaGenerator, name: str, default: int = 0, step: int = 1) -> int:
        """A whole number; its limits are the service's to say."""
        return int(
            column.number_input(
                t(f"field.{name}"),
                value=int(self.start.get(name, default)),
                step=step,
                key=f"{self.key}_{name}",
            )
        )

    def money(self, column: DeltaGenerator, name: str) -> int:
        """An amount typed in yuan, returned in fen."""
        yuan: float = column.number_input(
            t(f"field.{name}"),
            value=self.start.get(f"{name}_fen", 0) / 100,
            step=10.0,
            format="%.2f",
            key=f"{self.key}_{name}",
        )
        return round(yuan * 100)

    def degrees(self, column: DeltaGenerator, name: str) -> float | None:
        """A coordinate in degrees, or nothing."""
        value = self.start.get(name)
        known = isinstance(value, float) and not math.isnan(value)
        return column.number_input(
            t(f"field.{name}"),
            value=value if known else None,
            format="%.6f",
            step=0.0001,
            key=f"{self.key}_{name}",
        )

    def day(self, column: DeltaGenerator, name: str) -> date:
        """A local day; today when it is cleared."""
        chosen = column.date_input(
            t(f"field.{name}"),
            value=self.start.get(name, today()),
            format="YYYY-MM-DD",
            key=f"{self.key}_{name}",
        )
        return chosen if isinstance(chosen, date) else today()

    def hour(self, column: DeltaGenerator, name: str) -> time | None:
        """A time of the local day, or nothing."""
        known = self.start.get(name)
        return column.time_input(
            t(f"field.{name}"),
            value=known if isinstance(known, time) else None,
            step=900,
            key=f"{self.key}_{name}",
        )

    def any_day(
        self, column: DeltaGenerator, name: str, default: date | None = None
    ) -> date | None:
        """A local day, long ago or far ahead, or none."""
        chosen = column.date_input(
            t(f"field.{name}"),
            value=self.start.get(name) or default,
            min_value=_OLDEST,
            max_value=_LATEST,
            format="YYYY-MM-DD",
            key=f"{self.key}_{name}",
        )
        return chosen if isinstance(chosen, date) else None

    def choice(
        self, column: DeltaGenerator, name: str, members: type[Member], default: Member
    ) -> Member:
        """One member of a vocabulary that the street offers, or the one that stands there."""
        offered, start = local().offered(members), self.start.get(name)
        options = [m for m in members if m in offered or m == start]
        wanted = default if start is None else members(start)
        return column.selectbox(
            t(f"field.{name}"),
            options,
            index=options.index(wanted) if wanted in options else 0,
            format_func=called,
            key=f"{self.key}_{name}",
        )

    def several(
        self, column: DeltaGenerator, name: str, members: type[Member]
    ) -> frozenset[Member]:
        """Any number of a vocabulary's members."""
        start = self.start.get(name) or ()
        chosen: list[Member] = column.multiselect(
            t(f"field.{name}"),
            list(members),
            default=[member for member in members if member in start],
            format_func=called,
            placeholder=t("form.any"),
            key=f"{self.key}_{name}",
        )
        return frozenset(chosen)

    def area(self, column: DeltaGenerator, areas: pd.DataFrame) -> int | None:
        """One of the areas (columns ``area_id``, ``name_zh``, ``name_en``), or none yet."""
        names = {int(row.area_id): name_of(row.name_zh, row.name_en) for row in areas.itertuples()}
        options, start = list(names), self.start.get("area_id")
        return column.selectbox(
            t("field.area_id"),
            options,
            index=options.index(start) if start in options else None,
            format_func=lambda number: names[number],
            placeholder=t("record.choose_area"),
            key=f"{self.key}_area_id",
        )
