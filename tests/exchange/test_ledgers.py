"""Ledgers out of files: encodings, headers, cells, and files that are none."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.ledgers import LEDGERS, LedgerKind
from lib.domain.local_settings import Choice, LocalSettings
from lib.domain.vocab import Language, Net, ServiceKind, UnitKind
from lib.exchange.reports import harmless, in_words, report_csv
from lib.exchange.templates import template_csv, template_xlsx
from lib.i18n.glossary import say, sentence
from tests.exchange.files import SERVICES, UNITS, bomb, book, moment, opened, read, text

GOOD = ("青石小学", "学校", "行政党组", "第1网格")


def refused(content: bytes | str, kind: str = "units", **options: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(content, kind, **options)
    for language in Language:
        assert sentence(caught.value, language)
    return caught.value


def codes(content: bytes | str, kind: str = "units") -> list[str]:
    return [finding.code for row in read(content, kind) for finding in row.findings]


def service(**cells: object) -> str:
    values = dict(
        zip(SERVICES, ("2026-03-01", "走访慰问", "第1网格", "林小满", "60", "3"), strict=True)
    )
    values |= cells
    return text([tuple(values), tuple(values.values())])


def test_open__the_streets_own_words__beside_the_usual_ones() -> None:
    own = LocalSettings(service_kinds={ServiceKind.VISIT: Choice("上门看望", "House call")})
    for kind in ("上门看望", "house call", "走访慰问", "visit"):
        (row,) = read(service(类别=kind), "services", settings=own)
        assert (row.values["kind"], row.findings) == (ServiceKind.VISIT, ())
    assert codes(service(类别="上门看望"), "services") == ["not_a_choice"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_open__encodings_and_delimiters__the_same_row(encoding: str, delimiter: str) -> None:
    (row,) = read(text([UNITS, GOOD], delimiter).encode(encoding))
    assert row.number == 2
    assert row.findings == ()
    assert row.values == {
        "name_zh": "青石小学",
        "kind": UnitKind.SCHOOL,
        "net": Net.ADMINISTRATIVE,
        "area": "第1网格",
    }


def test_open__gb18030__signs_beyond_the_basic_plane_stay() -> None:
    (row,) = read(text([UNITS, ("𠮷祥😀", *GOOD[1:])]).encode("gb18030"))
    assert row.values["name_zh"] == "𠮷祥😀"


def test_open__workbook_named_csv_and_csv_named_xlsx__read_by_content() -> None:
    assert read(book([UNITS, GOOD]), name="x.csv") == read(text([UNITS, GOOD]), name="x.xlsx")


def test_open__english_headers_in_another_order__title_above__blank_rows() -> None:
    content = text(
        [
            ["2026 units"],
            [],
            ["Area", "extra", "NET", " unit name* ", "Kind"],
            ["G1", "?", "Comprehensive committee", "School", "school"],
            [],
            ["G2", "?", "comprehensive", "Clinic", "Hospital"],
        ]
    )
    with opened(content) as ledger:
        rows = list(ledger.rows)
        assert ledger.ignored == ("extra",)
    assert [row.number for row in rows] == [4, 6]
    assert [row.values["name_zh"] for row in rows] == ["School", "Clinic"]
    assert [row.values["kind"] for row in rows] == [UnitKind.SCHOOL, UnitKind.HOSPITAL]
    assert not any(row.findings for row in rows)


@pytest.mark.parametrize("n", [1, 9, 10, 11, 500])
def test_open__every_row_after_the_header_is_read(n: int) -> None:
    rows = [(f"单位{number}", *GOOD[1:]) for number in range(n)]
    for content in (text([["题目"], UNITS, *rows]), book([["题目"], UNITS, *rows])):
        assert [row.values["name_zh"] for row in read(content)] == [row[0] for row in rows]


def test_open__our_word_beside_another_for_it__ours_counts() -> None:
    content = text([("性质", *UNITS, "联系电话"), ("?", *GOOD, "555-0101")])
    with opened(content) as ledger:
        assert ledger.ignored == ("性质",)
        (row,) = ledger.rows
    assert (row.findings, row.values["liaison_phone"]) == ((), "555-0101")


def test_open__sheet__first_or_named() -> None:
    content = book([UNITS, GOOD], sheet="单位", before="封面")
    assert refused(content).code == "ledger.no_header"
    assert len(read(content, sheet="单位")) == 1
    missing = refused(content, sheet="没有")
    assert (missing.code, missing.values["found"]) == ("ledger.no_sheet", "封面, 单位")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n\t", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
        ("<html><table></table></html>", "web_page"),
        (b"PK\x03\x04 no archive", "not_a_workbook"),
        (book([UNITS, GOOD])[:3000], "not_a_workbook"),
        (text([UNITS]), "no_rows"),
        (book([UNITS]), "no_rows"),
        ("一,二,三\n1,2,3\n", "no_header"),
        ("\0\0\0", "no_header"),
        (
            "单位名称,类别\n".encode() + "甲乙丙,学校\n".encode("gb18030") + b"\xff\xff",
            "mixed_encoding",
        ),
        ("\ufeff单位名称\n".encode() + "甲".encode("gb18030"), "mixed_encoding"),
        (text([(*UNITS, "电话", "联系电话"), (*GOOD, "1", "2")]), "column_twice"),
        (text([(*UNITS, "区域"), (*GOOD, "1")]), "column_twice"),
        (f'{",".join(UNITS)}\n"{"x" * 200_000}', "broken_csv"),
    ],
)
def test_open__no_ledger__one_sentence(content: bytes | str, code: str) -> None:
    assert refused(content).code == f"ledger.{code}"


def test_open__another_archive__one_sentence() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refused(out.getvalue()).code == "ledger.not_a_workbook"


def test_open__a_bomb__refused_before_unpacking() -> None:
    assert refused(bomb(60 << 20)).code == "ledger.too_large_inside"
    assert refused(bomb(5 << 20)).code == "ledger.no_rows"


def repacked(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A sound workbook, one part of it changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([UNITS, GOOD]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for one in source.infolist():
            data = source.read(one.filename)
            target.writestr(one.filename, change(data) if one.filename == part else data)
    return out.getvalue()


ENTITIES = {
    "of this machine": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    "of another": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://203.0.113.9/x">]>',
    "that multiply": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY e "&a;&a;&a;&a;">]>',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_open__entities_in_a_workbook__none_is_followed(kind: str, part: str) -> None:
    def poison(data: bytes) -> bytes:
        head, _, rest = data.rpartition(b"?>")
        mark = head + b"?>" if head else b""
        return mark + ENTITIES[kind].encode() + rest

    assert refused(repacked(part, poison)).code == "ledger.not_a_workbook"


def test_open__more_parts_than_any_ledger__refused_before_unpacking() -> None:
    out = io.BytesIO(book([UNITS, GOOD]))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(2_001):
            archive.writestr(f"xl/media/{number}.bin", b"")
    assert refused(out.getvalue()).code == "ledger.too_large_inside"


def test_open__sheet_xml_broken__one_sentence() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([UNITS, GOOD]))) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for part in source.infolist():
            data = source.read(part.filename)
            cut = data[: len(data) // 2] if "sheet1" in part.filename else data
            target.writestr(part.filename, cut)
    assert refused(out.getvalue()).code == "ledger.not_a_workbook"


@pytest.mark.parametrize("column", [c for c in LEDGERS[LedgerKind.SERVICES] if c.required])
def test_open__a_required_column_renamed__named_with_the_nearest(column) -> None:
    wanted = say(f"ledgerhead.{column.words}", Language.ZH)
    renamed = {wanted: f"{wanted[0]}{wanted[1]}栏{wanted[2:]}"}
    heads = [renamed.get(head, head) for head in SERVICES]
    failure = refused(text([heads, ["x"] * len(heads)]), "services")
    assert failure.code == "ledger.column_missing"
    assert failure.values == {"column": wanted, "near": renamed[wanted]}


def test_open__a_required_column_missing__what_is_there_is_told() -> None:
    failure = refused(text([UNITS[:2] + UNITS[3:], GOOD[:2] + GOOD[3:]]))
    assert failure.code == "ledger.column_absent"
    assert failure.values == {"column": "所属组织网", "found": "单位名称, 类别, 区域"}


def test_open__area_chosen_beforehand__the_column_may_lack() -> None:
    (row,) = read(text([UNITS[:3], GOOD[:3]]), area_given=True)
    assert row.findings == ()
    assert refused(text([UNITS[:3], GOOD[:3]])).values["column"] == "区域"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026.3.1", date(2026, 3, 1)),
        ("2026年3月1日", date(2026, 3, 1)),
        ("２０２６年３月１日", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        (" 2026-03-01 08:30:00 ", date(2026, 3, 1)),
        ("46082", date(2026, 3, 1)),
    ],
)
def test_day__as_people_write_it(cell: str, day: date) -> None:
    (row,) = read(service(日期=cell), "services")
    assert (row.values["day"], row.findings) == (day, ())


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_day__cells_of_a_workbook__both_epochs(epoch_1904: bool) -> None:
    serial = 46082 - (1462 if epoch_1904 else 0)
    cells = [(day, "visit", "G", "林", 60.0, "３") for day in (moment(2026, 3, 1), serial)]
    rows = read(book([SERVICES, *cells], epoch_1904=epoch_1904), "services")
    assert [row.values["day"] for row in rows] == [date(2026, 3, 1)] * 2
    assert [(row.values["minutes"], row.values["people_served"]) for row in rows] == [(60, 3)] * 2


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("日期", "昨天", "not_a_day"),
        ("日期", "2026-02-30", "not_a_day"),
        ("日期", "2026-13-01", "not_a_day"),
        ("日期", "12", "not_a_day"),
        ("日期", "nan", "not_a_day"),
        ("日期", "9" * 10_000, "not_a_day"),
        ("日期", "", "missing"),
        ("日期", str(today().year + 1) + "-12-31", "future_day"),
        ("日期", "1999-01-01", "too_old"),
        ("类别", "走访", "not_a_choice"),
        ("类别", "<b>走访慰问</b>", "not_a_choice"),
        ("类别", " ", "missing"),
        ("区域", "x" * 201, "too_long"),
        ("参与者", "林" * 20_001, "too_long"),
        ("每人时长（分钟）", "0", "out_of_range"),
        ("每人时长（分钟）", "-30", "out_of_range"),
        ("每人时长（分钟）", "961", "out_of_range"),
        ("每人时长（分钟）", "1" + "0" * 100, "out_of_range"),
        ("每人时长（分钟）", "1e3", "not_a_number"),
        ("每人时长（分钟）", "inf", "not_a_number"),
        ("每人时长（分钟）", "一小时", "not_a_number"),
        ("每人时长（分钟）", "😀", "not_a_number"),
        ("每人时长（分钟）", "30.5", "not_whole"),
        ("每人时长（分钟）", "", "missing"),
        ("服务人次", "1,000,000", "out_of_range"),
        ("开始时间", "25:00", "not_a_time"),
        ("开始时间", "上午", "not_a_time"),
        ("资金（元）", "-1", "out_of_range"),
        ("资金（元）", "￥5", "not_a_number"),
    ],
)
def test_cell__unfit__named_with_what_to_do(column: str, cell: str, code: str) -> None:
    (row,) = read(service(**{column: cell}), "services")
    (finding,) = row.findings
    assert (finding.row, finding.code) == (2, code)
    assert len(finding.value) <= 60
    for language in Language:
        number, head, _, reason, advice = in_words(finding, language)
        assert number == 2
        assert reason
        assert advice
        assert head == say(f"ledgerhead.{finding.column}", language)


@pytest.mark.parametrize(
    ("column", "key", "cell", "value"),
    [
        ("开始时间", "starts_at", "9:30", time(9, 30)),
        ("开始时间", "starts_at", "９点", time(9)),
        ("开始时间", "starts_at", "0.5", time(12)),
        ("资金（元）", "money", "1,234.5", 123_450),
        ("物资（件）", "goods", "12.0", 12),
        ("服务人次", "people_served", " １，２００ ", 1200),
        ("类别", "kind", " VISIT ", ServiceKind.VISIT),
        ("地点", "place", "=1+1", "=1+1"),
        ("地点", "place", "  3号\u200b楼\n院 ", "3号楼 院"),
        ("备注", "note", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("备注", "note", "", None),
    ],
)
def test_cell__as_people_write_it(column: str, key: str, cell: str, value: object) -> None:
    (row,) = read(service(**{column: cell}), "services")
    assert row.findings == ()
    assert row.values[key] == value


def test_cell__numbers_as_text__without_a_point() -> None:
    heads, cells = (*UNITS, "联络电话"), (*GOOD, 13000003078.0)
    (row,) = read(book([heads, cells]))
    assert row.values["liaison_phone"] == "13000003078"


def test_cell__a_formula__read_as_its_value_or_empty() -> None:
    (row,) = read(book([UNITS, ("=1+1", *GOOD[1:])]))
    assert [finding.code for finding in row.findings] == ["missing"]


@pytest.mark.parametrize("kind", list(LedgerKind))
@pytest.mark.parametrize("language", list(Language))
def test_template__is_a_ledger_whose_example_is_skipped(
    kind: LedgerKind, language: Language
) -> None:
    from openpyxl import load_workbook

    for made in (template_xlsx(kind, language), template_csv(kind, language)):
        with opened(made, kind) as ledger:
            assert ledger.ignored == ()
            assert list(ledger.rows) == []
    workbook = load_workbook(io.BytesIO(template_xlsx(kind, language)))
    sheet, explained, lists = workbook.worksheets
    heads = [cell.value for cell in sheet[1]]
    assert [row[0].value for row in explained.iter_rows(min_row=2)] == heads
    assert all(row[2].value for row in explained.iter_rows(min_row=2))
    assert lists.sheet_state == "hidden"
    chosen = [c for c in LEDGERS[kind] if c.members]
    assert len(sheet.data_validations.dataValidation) == len(chosen)


@pytest.mark.parametrize("kind", list(LedgerKind))
def test_template__the_example_unmarked__is_a_good_row(kind: LedgerKind) -> None:
    made = template_csv(kind, Language.ZH).decode("utf-8-sig").replace("\n示例,", "\n,")
    (row,) = read(made, kind)
    assert row.findings == ()


def test_report__formulas_are_harmless_in_a_spreadsheet() -> None:
    (row,) = read(service(类别="=cmd|' /C calc'!A0"), "services")
    assert b"'=cmd" in report_csv(row.findings, Language.ZH)
    assert [harmless(sign + "1") for sign in "=+-@\t\r"] == ["'" + s + "1" for s in "=+-@\t\r"]
    assert harmless("青石") == "青石"


NASTY = st.text(max_size=80) | st.sampled_from(
    [
        "0",
        "-1",
        "1e999",
        "9" * 400,
        "=1+1",
        "<b>",
        "𠮷😀",
        "\u202e",
        "2026-02-29",
        "1900-01-01",
        '"',
        "\0",
    ]
)


@settings(max_examples=150)
@given(
    st.lists(st.lists(NASTY, max_size=9), max_size=6),
    st.permutations(SERVICES),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_read__whatever_the_cells_say__rows_and_findings(rows, heads, delimiter, encoding) -> None:
    content = text([heads, *rows], delimiter).encode(encoding, "replace")
    try:
        found = read(content, "services")
    except Refusal as refusal:
        assert sentence(refusal, Language.EN)
        return
    for row in found:
        for finding in row.findings:
            assert in_words(finding, Language.ZH)[3]


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe"]))
def test_read__any_bytes__a_ledger_or_one_sentence(content: bytes, start: bytes) -> None:
    try:
        read(start + content)
    except Refusal as refusal:
        assert sentence(refusal, Language.ZH)


@settings(max_examples=60)
@given(st.integers(0, 6000), st.integers(0, 255))
def test_read__a_damaged_workbook__a_ledger_or_one_sentence(at: int, byte: int) -> None:
    content = bytearray(book([UNITS, GOOD]))
    content[at % len(content)] = byte
    try:
        read(bytes(content))
    except Refusal as refusal:
        assert sentence(refusal, Language.ZH)
