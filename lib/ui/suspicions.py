"""Records that somebody should look at, each in a sentence with the records that show it.

Looking changes nothing but the mark that somebody has looked.
"""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.permissions import Actor
from lib.domain.suspicions import Minutes, Rule
from lib.domain.vocab import ServiceKind, StatusToken
from lib.i18n import formats
from lib.queries import service, suspicions
from lib.services.reviews import review_records, undo_review
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import empty, escaped, status_html
from lib.ui.place import Place
from lib.ui.session import called, language, name_of, t

_DAYS, _SHOWN, _RECORDS, _PEOPLE = 90, 20, 8, 6
_WAITING, _LOOKED = "waiting", "looked"


def screen(actor: Actor, place: Place) -> None:
    """What was found in the last months, waiting or looked at, by rule."""
    rows = read(
        suspicions.listing,
        actor,
        area_id=place.area_id,
        first=today() - timedelta(days=_DAYS),
        last=today(),
    )
    st.caption(t("suspicion.note", n=_DAYS))
    looked = rows["review_id"].notna()
    with st.container(horizontal=True, vertical_alignment="bottom", key="suspicion_filters"):
        state = st.segmented_control(
            t("records.state"),
            (_WAITING, _LOOKED),
            default=_WAITING,
            format_func=lambda one: t(
                f"suspicion.{one}", n=int((looked if one == _LOOKED else ~looked).sum())
            ),
            key="suspicion_state",
            required=True,
            label_visibility="collapsed",
        )
        rule = st.selectbox(
            t("suspicion.rule"),
            list(Rule),
            index=None,
            format_func=lambda one: t(f"Rule.{one}"),
            placeholder=t("suspicion.any_rule"),
            key="suspicion_rule",
            label_visibility="collapsed",
            width=230,
        )
    found = rows[looked if state == _LOOKED else ~looked]
    if rule is not None:
        found = found[found["rule"] == rule]
    if found.empty:
        empty(t("suspicion.none"), good=True)
        return
    shown = found.head(int(st.session_state.get("suspicion_shown", _SHOWN)))
    numbers = tuple(sorted({n for ids in shown["service_ids"] for n in ids[:_RECORDS]}))
    records = read(service.records, actor, area_id=None, service_ids=numbers, limit=len(numbers))
    by_id = {int(row["service_id"]): row for _, row in records.iterrows()}
    for _, row in shown.iterrows():
        _card(actor, row, by_id)
    if len(found) > len(shown):

        def more() -> None:
            st.session_state["suspicion_shown"] = len(shown) + _SHOWN

        st.button(t("library.more"), key="suspicion_more", on_click=more)


def _card(actor: Actor, row: pd.Series, records: dict[int, pd.Series]) -> None:
    key = str(row["digest"])[:12]
    numbers = row["service_ids"]
    lines = "".join(_record(records[n]) for n in numbers[:_RECORDS] if n in records)
    more = t("list.and_more", n=len(numbers) - _RECORDS) if len(numbers) > _RECORDS else ""
    title = t(f"Rule.{row['rule']}")
    with st.container(border=True, key=f"card_suspicion_{key}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(
            f'<div class="gv-record"><div class="gv-t">{escaped(title)}'
            f"{_status(row)}</div><p>{escaped(sentence(row))}</p>{_looked(row)}</div>"
            f'<div class="gv-match"><ul>{lines}</ul><small>{escaped(more)}</small></div>'
        )
        with right:
            if pd.isna(row["review_id"]):
                _review(actor, row, key)
            elif st.button(t("suspicion.undo"), key=f"suspicion_undo_{key}", width="stretch"):
                act.perform(
                    undo_review,
                    actor,
                    done="suspicion.undone",
                    review_id=int(row["review_id"]),
                    version=int(row["review_version"]),
                )


def _status(row: pd.Series) -> str:
    if pd.isna(row["review_id"]):
        return status_html(StatusToken.SOON, t("suspicion.to_look"))
    return status_html(StatusToken.DONE, t("suspicion.looked_at"))


def _looked(row: pd.Series) -> str:
    if pd.isna(row["review_id"]):
        return ""
    by = t(
        "suspicion.by",
        name=name_of(row["reviewed_by_zh"], row["reviewed_by_en"]),
        at=formats.instant(row["reviewed_at"], language()),
    )
    return f"<em>{escaped(row['review_words'])}</em><small>{escaped(by)}</small>"


def sentence(row: pd.Series) -> str:
    """What is odd, in one sentence, from a row of `lib.queries.suspicions`."""
    values: dict[str, Any] = dict(row["values"])
    names = [name for name in row["people"] if name][:_PEOPLE]
    values["names"] = t("list.separator").join(names) or t("suspicion.somebody")
    values["day"] = formats.day(row["day"], language())
    if pd.notna(row["recorder_zh"]):
        values["recorder"] = name_of(row["recorder_zh"], row["recorder_en"])
    if "at" in values:
        values["at"] = formats.instant(values["at"], language())
    if "minutes" in values:
        values["hours"] = formats.hours(values["minutes"])
    if "times" in values:
        values["one"], values["other"] = (_clock(times) for times in values.pop("times"))
    return t(f"suspicion.{row['rule']}", **values)


def _clock(times: Minutes) -> str:
    """A window after midnight as people read it; what goes on into the next day ends at 24:00."""
    begin, end = (divmod(min(minute, 24 * 60), 60) for minute in times)
    return f"{begin[0]:02d}:{begin[1]:02d}–{end[0]:02d}:{end[1]:02d}"


def _record(row: pd.Series) -> str:
    facts = [
        formats.day(row["day"], language()),
        *([f"{row['starts_at']:%H:%M}"] if row["starts_at"] else []),
        name_of(row["area_zh"], row["area_en"]),
        *([str(row["place"])] if row["place"] else []),
        t("profile.n_hours", n=formats.hours(row["minutes"])),
        t(
            "confirm.recorded_by",
            name=name_of(row["recorded_by_zh"], row["recorded_by_en"]),
            at=formats.instant(row["recorded_at"], language()),
        ),
    ]
    kind = called(ServiceKind(row["kind"]))
    note = f"<small>{escaped(row['note'])}</small>" if row["note"] else ""
    return f"<li><b>{escaped(kind)}</b> {escaped(' · '.join(facts))}{note}</li>"


def _review(actor: Actor, row: pd.Series, key: str) -> None:
    with st.popover(t("suspicion.look"), width="stretch", key=f"suspicion_box_{key}"):
        words = st.text_area(
            t("field.review_words"),
            key=f"suspicion_words_{key}",
            placeholder=t("suspicion.hint"),
        )
        if st.button(t("suspicion.keep"), key=f"suspicion_keep_{key}"):
            form = f"suspicion_{key}"
            act.perform(
                review_records,
                actor,
                done="suspicion.kept",
                then=lambda: act.renew(form),
                rule=Rule(row["rule"]),
                service_ids=tuple(row["service_ids"]),
                words=words,
                request_id=act.request_id(form),
            )
