"""In whose name a project is claimed: oneself, a volunteer by name, a team or a unit.

For whom somebody may act is decided by the queries here and by the commands.
"""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor, Permission
from lib.i18n import formats
from lib.queries import claim, people
from lib.services.claim import Claimant
from lib.ui.live import read
from lib.ui.session import name_of, plain, t

_OTHERS = Permission.SERVICE_RECORD_OTHERS


def choose(actor: Actor, *, area_id: int, key: str, collective: bool = False) -> Claimant | None:
    """The widgets that ask who claims; None until it is clear. `area_id` is the project's."""
    together = read(claim.claimants, actor, area_id=area_id)
    kinds = [
        *(["person"] if actor.person_id is not None and not collective else []),
        *(["volunteer"] if not collective else []),
        *(kind for kind in ("team", "unit") if (together["kind"] == kind).any()),
    ]
    if not kinds:
        return None
    kind = st.radio(
        t("claimant.choose"),
        kinds,
        format_func=lambda one: t(f"claimant.{one}"),
        key=f"{key}_kind",
        horizontal=True,
    )
    if kind == "person":
        return Claimant(person_id=actor.person_id)
    if kind == "volunteer":
        number = _volunteer(actor, area_id, key)
        return None if number is None else Claimant(person_id=number)
    number = _together(together[together["kind"] == kind], f"{key}_{kind}")
    if number is None:
        return None
    return Claimant(team_id=number) if kind == "team" else Claimant(organisation_id=number)


def for_others(actor: Actor) -> bool:
    """Whether the actor may act for anybody but themselves."""
    return actor.may(_OTHERS)


def _volunteer(actor: Actor, area_id: int, key: str) -> int | None:
    """Somebody by name: a name is no identity, so namesakes are chosen between."""
    name = st.text_input(
        t("claimant.name"), placeholder=t("claimant.name_hint"), key=f"{key}_name"
    ).strip()
    if not name:
        return None
    found = read(people.candidates, actor, names=(name,), area_id=area_id)
    if found.empty:
        st.caption(plain(t("claimant.nobody", name=name)))
        return None
    where = {
        int(row["person_id"]): " · ".join(
            (
                str(row["name"]),
                name_of(row["area_zh"], row["area_en"]),
                t("record.number", n=int(row["person_id"])),
            )
        )
        for _, row in found.iterrows()
    }
    return _one(where, f"{key}_person_{name}", alone=len(where) == 1)


def _together(rows: pd.DataFrame, key: str) -> int | None:
    names = {
        int(row["claimant_id"]): name_of(row["name_zh"], row["name_en"])
        for _, row in rows.iterrows()
    }
    return _one(names, key, alone=len(names) == 1)


def _one(names: dict[int, str], key: str, *, alone: bool) -> int | None:
    chosen: int | None = st.selectbox(
        t("claimant.which"),
        list(names),
        index=0 if alone else None,
        format_func=lambda number: names.get(number, formats.UNKNOWN),
        placeholder=t("claimant.which"),
        key=key,
        label_visibility="collapsed",
    )
    return chosen
