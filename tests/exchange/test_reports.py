import io

import pandas as pd
from openpyxl import load_workbook

from lib.exchange.reports import table_csv, table_xlsx


def test_table_csv__formulas_are_text_and_figures_stay_figures() -> None:
    table = pd.DataFrame(
        {"单位": ["=1+1", "@sum", "石桥中学"], "时长": [-1.5, 2, 3], "备注": ["-x", "", None]}
    )
    text = table_csv(table).decode("utf-8-sig")
    assert text.splitlines() == ["单位,时长,备注", "'=1+1,-1.5,'-x", "'@sum,2.0,", "石桥中学,3.0,"]


def test_table_xlsx__is_read_back_and_computes_nothing() -> None:
    table = pd.DataFrame({"姓名": ["=1+1", "余安"], "小时": [1.5, 2.0]})
    sheet = load_workbook(io.BytesIO(table_xlsx("A/B [台账] " * 9, table))).active
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["姓名", "小时"],
        ["'=1+1", 1.5],
        ["余安", 2],
    ]
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}
