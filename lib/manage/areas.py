"""The commands on areas: import a file, list them, locate a point.

They read files, call services and queries, and print; rules stand elsewhere.
"""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pandas as pd

from lib.domain.errors import Refusal
from lib.domain.vocab import Level
from lib.exchange.areas import Fields, read_areas
from lib.geo.crs import Crs, to_wgs84
from lib.geo.findings import FILE, Finding
from lib.i18n.glossary import named, say, word
from lib.manage.console import Console
from lib.queries import areas
from lib.services.areas import ImportReport
from lib.services.areas import import_areas as bring


def import_areas(options: Namespace, console: Console) -> int:
    """Import a boundary file and print its report; 1 where errors stopped it."""
    data = _content(Path(options.file))
    level = Level(options.level)
    console.progress("areas.stage_read", 0)
    fields = Fields(options.name_field, options.name_en_field, options.code_field, options.id_field)
    reading = read_areas(data, fields=fields, level=level, crs=Crs(options.crs))
    console.progress("areas.stage_read", 1)
    report = bring(
        None,
        reading=reading,
        level=level,
        parent_code=options.parent,
        source=options.id_field,
        dry_run=options.dry_run,
        skip_bad=options.skip_bad,
        progress=console.progress,
    )
    return _tell(report, options, console)


def show_areas(options: Namespace, console: Console) -> int:
    """Print every area, or those of one level."""
    listed = areas.listing(None, level=Level(options.level) if options.level else None)
    if options.json:
        console.json(_records(listed))
    elif listed.empty:
        console.note("manage.no_areas")
    else:
        _table(listed, console)
    return 0


def locate(options: Namespace, console: Console) -> int:
    """Print the path of areas that hold a point, widest first."""
    lon, lat = to_wgs84(options.lon, options.lat, Crs(options.crs))
    path = areas.locate(None, lon=lon, lat=lat)
    codes = dict(zip(path["area_id"], path["code"], strict=True))
    path["parent"] = path["parent_id"].map(codes).astype(object).where(lambda c: c.notna(), None)
    if options.json:
        console.json(_records(path))
    elif path.empty:
        console.note("manage.nowhere")
    else:
        _table(path, console)
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refusal("manage.no_file", file=path) from error
    except OSError as error:
        raise Refusal("manage.file_unreadable", file=path) from error


def _tell(report: ImportReport, options: Namespace, console: Console) -> int:
    for finding in report.findings:
        console.line(_sentence(finding, console))
    console.say(
        "manage.counts",
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        refused=report.refused,
    )
    accepted = report.added + report.updated + report.unchanged
    if report.errors and not (options.skip_bad and accepted):
        whole = any(finding.row == FILE for finding in report.errors) or not accepted
        console.say("manage.file_refused" if whole else "manage.nothing_imported")
        return 1
    if options.dry_run:
        console.say("manage.dry_run")
    else:
        console.say("manage.imported" if report.written else "manage.nothing_new")
    return 0


def _sentence(finding: Finding, console: Console) -> str:
    language = console.language
    return say(
        "manage.finding_of_file" if finding.row == FILE else "manage.finding",
        language,
        row=finding.row,
        field=say(f"boundary.field_{finding.field}", language),
        value=finding.value or "-",
        severity=say(f"boundary.severity_{finding.severity}", language),
        reason=say(finding.code, language, **finding.values),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Areas as programs read them; `name` is the Chinese one in every language."""
    return [
        {
            "code": row.code,
            "name": row.name_zh,
            "level": str(row.level),
            "parent": row.parent,
            "lon": None if pd.isna(row.lon) else row.lon,
            "lat": None if pd.isna(row.lat) else row.lat,
        }
        for row in frame.itertuples()
    ]


def _table(frame: pd.DataFrame, console: Console) -> None:
    language = console.language
    columns = ("code", "level", "name", "parent", "lon", "lat")
    console.table(
        [say(f"manage.head_{column}", language) for column in columns],
        [
            [
                row.code,
                word(row.level, language),
                named(row.name_zh, row.name_en, language),
                row.parent or "-",
                *("-" if pd.isna(v) else f"{v:.6f}" for v in (row.lon, row.lat)),
            ]
            for row in frame.itertuples()
        ],
    )
