"""Ledgers of the small street, as a test says them in a line, and how they are brought in."""

from lib.domain.permissions import Actor
from lib.services.imports import LedgerReport, import_ledger
from tests.exchange.files import SERVICES, UNITS, opened, text

NEW = ("青石书店", "非公企业", "综合党委", "第1网格")
PEOPLE = ("姓名", "区域", "本人同意日期", "单位")
NEEDS = ("内容", "类别", "区域")
TEAMS = ("服务队名称", "类别", "区域", "队长", "队员")
DAY = "2026-03-01"


def bring(actor: Actor | None, kind: str, content: str | bytes, **options: object) -> LedgerReport:
    with opened(content, kind, area_given=options.get("area_id") is not None) as ledger:
        return import_ledger(actor, kind=ledger.kind, file=ledger.file, rows=ledger.rows, **options)


def units(*rows: tuple[str, ...]) -> str:
    return text([UNITS, *rows])


def services(*rows: tuple[object, ...]) -> str:
    return text([SERVICES, *rows])
