"""The account in figures: what the place did, each figure with how it is counted."""

import pandas as pd
import streamlit as st

from lib.domain.permissions import Actor
from lib.i18n import formats
from lib.queries import account
from lib.ui.live import read
from lib.ui.page import card_title, download, escaped
from lib.ui.place import Place
from lib.ui.session import language, t


def screen(actor: Actor, place: Place) -> None:
    """One card for each mechanism, in two columns; the whole as a file."""
    found = read(account.figures, actor, area_id=place.area_id, span=account.everything())
    left, right = st.columns(2, gap="small")
    for n, mechanism in enumerate(account.MECHANISMS):
        rows = found[found["mechanism"] == mechanism]
        with (right if n % 2 else left).container(border=True, key=f"card_account_{mechanism}"):
            card_title(t(f"account.of_{mechanism}"))
            st.html("".join(_row(row) for _, row in rows.iterrows()))
    download("account", t("screen.tally"), _file(found))


def _row(row: pd.Series) -> str:
    key = str(row["key"])
    return (
        f'<div class="gv-row two wrap" data-figure="{escaped(key)}">'
        f"<div><b>{escaped(t(f'account.{key}'))}</b>"
        f"<em>{escaped(t(f'account.rule_{key}'))}</em></div>"
        f'<span class="n">{escaped(_said(row))}</span></div>'
    )


def _said(row: pd.Series) -> str:
    if row["key"] in account.AMOUNTS:
        return formats.money(round(row["value"] * 100), language())
    return formats.count(row["value"])


def _file(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("account.figure"): [t(f"account.{key}") for key in found["key"]],
            t("account.value"): [_said(row) for _, row in found.iterrows()],
            t("account.rule"): [t(f"account.rule_{key}") for key in found["key"]],
        }
    )
