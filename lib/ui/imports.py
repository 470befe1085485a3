"""Importing ledgers on the screen: template, check, what is wrong row by row, import and undo.

A file is checked as soon as it is chosen; nothing is written before somebody says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.domain.errors import Refusal
from lib.domain.ledgers import FINDINGS_MAX, BatchState, LedgerKind
from lib.domain.permissions import Actor
from lib.domain.vocab import Language, StatusToken
from lib.exchange.ledgers import Ledger, open_ledger
from lib.exchange.reports import REPORT_COLUMNS, in_words, report_csv
from lib.exchange.tables import UPLOAD_MAX_MB
from lib.exchange.templates import template_csv, template_xlsx
from lib.i18n import formats
from lib.queries.imports import batches
from lib.services.imports import LedgerReport, import_ledger, undo_import
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title, empty, escaped, status_html, uploader_words
from lib.ui.place import Place
from lib.ui.session import language, local, name_of, plain, t

_CHECKED = "ledger_checked"
_FORM = "ledger"
_LISTED = 10
_WIDTHS = (48, 92, 110, 280, 240)
"""Of the report's columns, in pixels: the words on what to do need most."""
_ENDINGS = ("xlsx", "csv", "txt", "xls")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class _Checked:
    """What the check of one file said: its report and the headers it ignored, or a refusal."""

    key: tuple[object, ...]
    report: LedgerReport | None
    ignored: tuple[str, ...] = ()
    refusal: Refusal | None = None


def desk(actor: Actor, place: Place) -> None:
    """Choose what to import and the file, see what would happen, import."""
    with st.container(border=True, key="card_ledger"):
        card_title(t("imports.choose"), t("imports.choose_note"))
        kind = st.segmented_control(
            t("imports.kind"),
            list(LedgerKind),
            default=LedgerKind.UNITS,
            format_func=lambda one: t(f"ledgerkind.{one}"),
            key="ledger_kind",
            required=True,
            label_visibility="collapsed",
        )
        kind = LedgerKind(kind or LedgerKind.UNITS)
        _templates(kind)
        uploaded = st.file_uploader(
            t("imports.file"), type=_ENDINGS, key=f"ledger_file_{act.generation(_FORM)}"
        )
        uploader_words("card_ledger", UPLOAD_MAX_MB)
        st.caption(plain(t("imports.below", area=place.name)))
    if uploaded is None:
        st.session_state.pop(_CHECKED, None)
        return
    skip_bad = bool(st.session_state.get("ledger_skip_bad", False))
    checked = _check(actor, place, kind, uploaded, skip_bad)
    with st.container(border=True, key="card_ledger_report"):
        card_title(t("imports.check"), uploaded.name)
        if checked.refusal is not None:
            act.show_refusal(checked.refusal)
        elif checked.report is not None:
            _show(checked.report, checked.ignored)
            _offer(actor, place, kind, uploaded, checked.report)


def history(actor: Actor) -> None:
    """The imports so far, newest first, each with its way back."""
    rows = read(batches, actor, limit=_LISTED)
    with st.container(border=True, key="card_imports"):
        card_title(t("imports.history"), t("imports.history_note"))
        if rows.empty:
            empty(t("imports.none_yet"))
        for _, row in rows.iterrows():
            left, right = st.columns([4, 1], vertical_alignment="center")
            left.html(_line(row))
            if row["state"] == BatchState.IMPORTED:
                with right.popover(t("imports.undo"), key=f"undo_box_{row['batch_id']}"):
                    _undo(actor, row)


def _undo(actor: Actor, row: pd.Series) -> None:
    st.write(plain(t("imports.undo_ask", file=row["file_name"], n=row["added"])))
    if st.button(t("imports.undo_do"), key=f"undo_{row['batch_id']}"):
        act.perform(
            undo_import,
            actor,
            done="imports.undone",
            done_values={"n": row["added"]},
            batch_id=int(row["batch_id"]),
        )


def _templates(kind: LedgerKind) -> None:
    name = t(f"ledgerkind.{kind}")
    with st.container(horizontal=True):
        st.download_button(
            t("imports.template_xlsx"),
            _template(kind, "xlsx", language()),
            file_name=f"{name}.xlsx",
            mime=_XLSX,
            icon=":material/download:",
            key="ledger_template_xlsx",
            on_click="ignore",
        )
        st.download_button(
            t("imports.template_csv"),
            _template(kind, "csv", language()),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="ledger_template_csv",
            on_click="ignore",
        )


@st.cache_data(show_spinner=False)
def _template(kind: LedgerKind, ending: str, spoken: Language) -> bytes:
    return template_csv(kind, spoken) if ending == "csv" else template_xlsx(kind, spoken)


def _check(
    actor: Actor, place: Place, kind: LedgerKind, uploaded: UploadedFile, skip_bad: bool
) -> _Checked:
    """The check of this file, done once however often the page runs again."""
    key = (uploaded.file_id, kind, place.area_id, skip_bad, language())
    known = st.session_state.get(_CHECKED)
    if isinstance(known, _Checked) and known.key == key:
        return known
    try:
        with _opened(kind, place, uploaded) as ledger:
            report = _import(actor, ledger, place, skip_bad=skip_bad, dry_run=True)
            checked = _Checked(key, report, ledger.ignored)
    except Refusal as refusal:
        checked = _Checked(key, None, refusal=refusal)
    st.session_state[_CHECKED] = checked
    return checked


@contextmanager
def _opened(kind: LedgerKind, place: Place, uploaded: UploadedFile) -> Iterator[Ledger]:
    if uploaded.size > UPLOAD_MAX_MB << 20:
        raise Refusal("ledger.too_large", file=uploaded.name[:100], limit=UPLOAD_MAX_MB)
    with open_ledger(
        uploaded,
        kind=kind,
        name=uploaded.name,
        language=language(),
        area_given=place.area_id is not None,
        settings=local(),
    ) as ledger:
        yield ledger


def _import(
    actor: Actor, ledger: Ledger, place: Place, *, skip_bad: bool, dry_run: bool
) -> LedgerReport:
    bar = st.progress(0.0)

    def tell(stage: str, part: float) -> None:
        bar.progress(part, text=t(stage))

    try:
        return import_ledger(
            actor,
            kind=ledger.kind,
            file=ledger.file,
            rows=ledger.rows,
            part=ledger.part,
            area_id=place.area_id,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=tell,
        )
    finally:
        bar.empty()


def _show(report: LedgerReport, ignored: tuple[str, ...]) -> None:
    """How many rows would be new, and each that would not do."""
    counts = (
        (StatusToken.DONE, "added", report.added),
        (StatusToken.NEUTRAL, "unchanged", report.unchanged),
        (StatusToken.OVERDUE, "refused", report.refused),
    )
    st.html(
        '<div class="gv-line">'
        + "　".join(status_html(s, f"{t(f'imports.head_{k}')} {n:,}") for s, k, n in counts)
        + "</div>"
    )
    if ignored:
        st.caption(plain(t("imports.ignored", columns="、".join(ignored)[:300])))
    if report.earlier is not None:
        st.caption(t("imports.earlier", batch=report.earlier))
    if not report.findings:
        return
    heads = [t(f"imports.report_{name}") for name in REPORT_COLUMNS]
    table = pd.DataFrame([in_words(one, language()) for one in report.findings], columns=heads)
    if len(report.findings) >= FINDINGS_MAX:
        st.caption(t("imports.only_first", n=len(report.findings)))
    st.dataframe(
        table,
        hide_index=True,
        key="ledger_findings",
        height=min(420, 42 + 36 * len(table)),
        alt=t("imports.findings", n=len(table)),
        column_config={
            head: st.column_config.Column(width=width)
            for head, width in zip(heads, _WIDTHS, strict=True)
        },
    )
    st.download_button(
        t("imports.download_report"),
        report_csv(report.findings, language()),
        file_name=f"{t('imports.findings_file')}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="ledger_report_csv",
        on_click="ignore",
    )


def _offer(
    actor: Actor, place: Place, kind: LedgerKind, uploaded: UploadedFile, report: LedgerReport
) -> None:
    """The button that imports, and leave to go without the rows that will not do."""
    skip_bad = False
    if report.refused:
        skip_bad = st.toggle(t("imports.skip_bad", n=report.refused), key="ledger_skip_bad")
    if report.added == 0:
        st.caption(t("imports.nothing_new"))
        return

    def bring() -> None:
        with _opened(kind, place, uploaded) as ledger:
            done = _import(actor, ledger, place, skip_bad=skip_bad, dry_run=False)
        if not done.written:
            raise Refusal("imports.changed_meanwhile")

    if st.button(
        t("imports.do", n=report.added),
        type="primary",
        key="ledger_import",
        disabled=bool(report.refused) and not skip_bad,
    ):
        act.perform(
            bring,
            done="imports.done",
            done_values={"n": report.added},
            then=lambda: act.renew(_FORM),
        )


def _line(row: pd.Series) -> str:
    """One import: which file, when, by whom, how many rows, and whether it stands."""
    state = BatchState(row["state"])
    status = StatusToken.DONE if state is BatchState.IMPORTED else StatusToken.NEUTRAL
    facts = (
        t("imports.number", batch=row["batch_id"]),
        t(f"ledgerkind.{row['kind']}"),
        formats.instant(row["at"], language()),
        name_of(row["account_zh"] or "", row["account_en"]),
        t("imports.rows", n=row["added"]),
    )
    return (
        f'<div class="gv-record"><b>{escaped(row["file_name"])}</b> '
        f"{status_html(status, t(f'imports.state_{state}'))}<br>"
        f"<small>{' · '.join(escaped(fact) for fact in facts if fact)}</small></div>"
    )
