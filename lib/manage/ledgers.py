"""The commands on ledgers: import a file, make a template, list imports and take one back.

They open files, call services and queries, and print; rules stand elsewhere.
"""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.domain.errors import Refusal
from lib.domain.ledgers import FINDINGS_MAX, RECORDED, BatchState, LedgerKind
from lib.exchange.ledgers import Ledger, open_ledger
from lib.exchange.reports import in_words, report_csv
from lib.exchange.templates import template_csv, template_xlsx
from lib.i18n import formats
from lib.i18n.glossary import named, say
from lib.manage.console import Console
from lib.queries.imports import batches
from lib.queries.local_settings import current
from lib.services.imports import (
    LedgerReport,
    area_of,
    import_ledger,
    recorder_of,
    undo_import,
)


def import_rows(options: Namespace, console: Console) -> int:
    """Import a ledger and print its report; 1 where errors stopped it."""
    kind = LedgerKind(options.kind)
    area_id = area_of(options.area)
    account_id = recorder_of(options.account) if kind in RECORDED else None
    with _opened(options, kind, console) as ledger:
        for head in ledger.ignored:
            console.note("imports.ignored_one", column=head)
        report = import_ledger(
            None,
            kind=kind,
            file=ledger.file,
            rows=ledger.rows,
            part=ledger.part,
            area_id=area_id,
            account_id=account_id,
            dry_run=options.dry_run,
            skip_bad=options.skip_bad,
            progress=console.progress,
        )
    if options.report:
        Path(options.report).write_bytes(report_csv(report.findings, console.language))
    return _tell(report, options, console)


def template(options: Namespace, console: Console) -> int:
    """Write the template of a ledger, as a workbook or as .csv by the file's ending."""
    make = template_csv if options.out.lower().endswith(".csv") else template_xlsx
    content = make(LedgerKind(options.kind), console.language)
    try:
        Path(options.out).write_bytes(content)
    except OSError as error:
        raise Refusal("manage.file_unwritable", file=options.out) from error
    console.say("manage.template_written", file=options.out)
    return 0


def undo(options: Namespace, console: Console) -> int:
    """Take an import back."""
    console.say("imports.undone", n=undo_import(None, batch_id=options.batch))
    return 0


def show_imports(_options: Namespace, console: Console) -> int:
    """Print the imports, newest first."""
    listed = batches(None)
    if listed.empty:
        console.note("imports.none_yet")
        return 0
    language = console.language
    heads = ("batch", "kind", "file", "at", "by", "added", "unchanged", "refused", "state")
    console.table(
        [say(f"imports.head_{head}", language) for head in heads],
        [
            [
                str(row.batch_id),
                say(f"ledgerkind.{row.kind}", language),
                row.file_name,
                formats.instant(row.at, language),
                named(row.account_zh or formats.UNKNOWN, row.account_en, language),
                *(str(n) for n in (row.added, row.unchanged, row.refused)),
                say(f"imports.state_{BatchState(row.state)}", language),
            ]
            for row in listed.itertuples()
        ],
    )
    return 0


@contextmanager
def _opened(options: Namespace, kind: LedgerKind, console: Console) -> Iterator[Ledger]:
    path = Path(options.file)
    if not path.exists():
        raise Refusal("manage.no_file", file=path)
    try:
        path.open("rb").close()
    except OSError as error:
        raise Refusal("manage.file_unreadable", file=path) from error
    with open_ledger(
        path,
        kind=kind,
        name=path.name,
        language=console.language,
        area_given=options.area is not None,
        sheet=options.sheet,
        settings=current(None),
    ) as ledger:
        yield ledger


def _tell(report: LedgerReport, options: Namespace, console: Console) -> int:
    for finding in report.findings:
        row, column, value, reason, advice = in_words(finding, console.language)
        console.say(
            "manage.ledger_finding" if column else "manage.ledger_finding_of_row",
            row=row,
            column=column,
            value=value,
            reason=reason,
            advice=advice,
        )
    if len(report.findings) >= FINDINGS_MAX:
        console.say("imports.only_first", n=len(report.findings))
    if report.earlier is not None:
        console.say("imports.earlier", batch=report.earlier)
    console.say(
        "imports.counts",
        added=report.added,
        unchanged=report.unchanged,
        refused=report.refused,
    )
    stopped = report.refused > 0 and not options.skip_bad
    if stopped:
        console.say("imports.nothing_imported")
    elif options.dry_run:
        console.say("manage.dry_run")
    elif report.written:
        console.say("imports.imported", batch=report.batch_id)
    else:
        console.say("manage.nothing_new")
    left_out = report.refused > 0 and report.added + report.unchanged == 0
    return 1 if stopped or left_out else 0
