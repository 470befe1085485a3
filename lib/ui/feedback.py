"""Confirming a service for the person served, who said on the telephone that it was given."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.domain.rules import SATISFACTION_MAX
from lib.services.service import confirm_service
from lib.services.settling import Feedback
from lib.ui import act
from lib.ui.session import t


def by_phone(actor: Actor, row: pd.Series, command: Callable[..., None] = confirm_service) -> None:
    """The popover that confirms what the person served said on the telephone."""
    number = int(row["service_id"])
    with st.popover(t("feedback.by_phone"), width="stretch", key=f"phone_box_{number}"):
        st.caption(t("feedback.by_phone_note"))
        grade = st.segmented_control(
            t("field.satisfaction"),
            list(range(1, SATISFACTION_MAX + 1)),
            key=f"phone_grade_{number}",
        )
        said = st.text_input(t("field.satisfaction_word"), key=f"phone_word_{number}")
        if st.button(t("feedback.confirm_by_phone"), key=f"phone_{number}"):
            act.perform(
                command,
                actor,
                done="confirm.confirmed",
                service_id=number,
                version=int(row["version"]),
                by_phone=True,
                feedback=Feedback(grade, said),
            )
