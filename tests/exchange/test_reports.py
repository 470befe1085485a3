import pandas as pd

from lib.exchange.reports import table_csv


def test_table_csv__formulas_are_text_and_figures_stay_figures() -> None:
    table = pd.DataFrame(
        {"单位": ["=1+1", "@sum", "石桥中学"], "时长": [-1.5, 2, 3], "备注": ["-x", "", None]}
    )
    text = table_csv(table).decode("utf-8-sig")
    assert text.splitlines() == ["单位,时长,备注", "'=1+1,-1.5,'-x", "'@sum,2.0,", "石桥中学,3.0,"]
