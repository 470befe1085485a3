"""The survey's file: needs that wait for their answer; a row without a grid is told."""

from sqlalchemy import select

from lib.domain.calendar import today
from lib.persistence.engine import Reads
from lib.persistence.models import Need
from lib.queries.check import problems
from tests.exchange.files import text
from tests.factories import SmallStreet
from tests.services.ledgers import NEEDS, bring
from tests.services.written import everything

ROW = ("想要一个书包", "走访慰问", "第1网格")
HEAD = (*NEEDS, "希望日期", "微心愿", "来源")


def needs() -> list[Need]:
    with Reads() as session:
        return list(session.scalars(select(Need).order_by(Need.id)))


def test_import__survey__each_waits_with_its_first_step(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    day = today().isoformat()
    file = text(
        [HEAD, (*ROW, day, "是", ""), ("楼道灯坏了", "便民维修", "第2网格", "", "", "电话")]
    )
    report = bring(secretary, "needs", file)
    assert (report.added, report.refused) == (2, 0)
    first, second = needs()
    assert (first.source.value, first.micro_wish, first.wished_on) == ("survey", True, today())
    assert (second.source.value, second.micro_wish, second.area_id) == (
        "phone",
        False,
        street.areas.g2,
    )
    assert {n.collected_by_id for n in needs()} == {secretary.account_id}
    assert bring(secretary, "needs", file).unchanged == 2
    assert problems().empty


def test_import__row_without_a_grid__told_and_not_dropped(street: SmallStreet) -> None:
    secretary, before = street.actors["community_secretary"], everything()
    file = text([HEAD, (*ROW, "", "", ""), ("修水龙头", "便民维修", "", "2020-01-01", "也许", "")])
    for options in ({}, {"area_id": street.areas.c1}):
        report = bring(secretary, "needs", file, **options)
        assert (report.written, report.refused) == (False, 1)
        told = [(f.row, f.column, f.code) for f in report.findings]
        assert ((3, "area", "missing") in told) is (not options)
        assert (3, "wished_on", "past_day") in told
        assert (3, "micro_wish", "not_a_choice") in told
    chosen = bring(
        secretary,
        "needs",
        text([HEAD, ("修水龙头", "便民维修", "", "", "", "")]),
        area_id=street.areas.c1,
    )
    assert [(f.column, f.code) for f in chosen.findings] == [("area", "missing")]
    assert everything() == before
    grid = bring(
        secretary,
        "needs",
        text([HEAD, ("修水龙头", "便民维修", "", "", "", "")]),
        area_id=street.areas.g1,
    )
    assert grid.added == 1
