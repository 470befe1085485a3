"""What the holder of a centre household confirms for the neighbours of the own grid."""

import streamlit as st

from lib.domain.permissions import Actor
from lib.queries import service
from lib.services.service import confirm_as_household
from lib.ui import act
from lib.ui.feedback import by_phone
from lib.ui.live import read
from lib.ui.page import card_title
from lib.ui.records import waiting_summary
from lib.ui.session import t


def neighbours(actor: Actor) -> None:
    """What waits in the grids where the actor holds a centre household; nothing for others."""
    rows = read(service.to_vouch, actor)
    if rows.empty:
        return
    numbers = tuple(int(number) for number in rows["service_id"])
    names = read(service.participants, actor, service_ids=numbers)
    card_title(t("households.title"), t("households.note"))
    for _, row in rows.iterrows():
        number = int(row["service_id"])
        with st.container(border=True, key=f"card_neighbour_{number}"):
            left, right = st.columns([5, 1], vertical_alignment="center")
            left.html(waiting_summary(row, names[names["service_id"] == number]))
            with right:
                if st.button(t("confirm.confirm"), key=f"vouch_{number}", width="stretch"):
                    act.perform(
                        confirm_as_household,
                        actor,
                        done="confirm.confirmed",
                        service_id=number,
                        version=int(row["version"]),
                    )
                by_phone(actor, row, confirm_as_household)
