"""The replayed account: its figures, what stands behind them, and that each hangs on records."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.manage.command import main
from lib.persistence.engine import connect
from lib.queries.account import MECHANISMS, everything, figures
from lib.queries.check import problems
from lib.queries.proof import Proof, proof
from lib.replay.figures import account
from lib.replay.zhongshan import play
from lib.services.installation import repair_summaries
from tests.replay.conftest import SCALE

FIGURES = {figure.key: figure for figure in account("zhongshan")}

_CLAIM = "select min(id) from claim where state = 'confirmed' and {}"
_ON_CLAIM = """
    select min(service.id) from service join claim_service on service_id = service.id
    join claim on claim.id = claim_id
    where service.state = 'confirmed' and beneficiary = '{}' and claim.organisation_id is null
"""
_FIRM = "select min(organisation_id) from claim"
REMOVED = {
    "check_in": (
        "delete from check_in where organisation_id = (select min(organisation_id) from check_in)",
        "delete from check_in where area_id = (select max(area_id) from check_in)",
    ),
    "roles": (
        "delete from volunteer_role where person_id = (select min(person_id) from volunteer_role)",
    ),
    "teams": (
        f"delete from claim where id = ({_CLAIM.format('team_id is not null')})",
        "delete from team where id = (select min(id) from team)",
    ),
    "pipeline": (f"delete from claim where id = ({_CLAIM.format('person_id is not null')})",),
    "firms": (
        "delete from service where id in (select service_id from claim_service join claim on"
        f" claim.id = claim_id where organisation_id = ({_FIRM}))",
        f"delete from claim where organisation_id = ({_FIRM})",
    ),
    "patrol": (
        "delete from service where kind = 'patrol' and area_id ="
        " (select min(area_id) from service where kind = 'patrol')",
    ),
    "activity": tuple(
        f"delete from service where id = (select min(id) from service where kind = '{kind}')"
        for kind in (
            *("mediation", "opinion_talk", "counselling", "lecture"),
            *("culture_sport", "civility"),
        )
    ),
    "beneficiary": tuple(
        f"delete from service where id = ({_ON_CLAIM.format(who)})"
        for who in ("family_in_difficulty", "elder_alone", "left_behind_child", "disabled")
    ),
}
"""What is taken out, by mechanism; goods and money go with whom they were given to."""


def values(actor: Actor) -> dict[str, float]:
    found = figures(actor, area_id=None, span=everything())
    return dict(zip(found["key"], found["value"], strict=True))


def test_figures__name_every_computed_row_of_the_account() -> None:
    assert set(FIGURES) == {key for keys in MECHANISMS.values() for key in keys}
    assert len(FIGURES) == 28


def test_figures__at_one_tenth__as_the_account_tells_them(administrator: Actor) -> None:
    found = values(administrator)
    exact = {k: f.scaled(SCALE) for k, f in FIGURES.items() if f.qualifier != "at_least"}
    assert {key: found[key] for key in exact} == exact
    least = {k: f.scaled(SCALE) for k, f in FIGURES.items() if f.qualifier == "at_least"}
    assert {key: found[key] for key in least if found[key] < least[key]} == {}


def test_figures__hang_on_records__less_with_each_removed(copied: tuple[Path, Actor]) -> None:
    file, actor = copied
    before = values(actor)
    with closing(sqlite3.connect(file)) as connection, connection:
        for statements in REMOVED.values():
            for statement in statements:
                assert connection.execute(statement).rowcount >= 1, statement
        connection.execute(
            "delete from participation where service_id not in (select id from service)"
        )
    repair_summaries()
    after = values(actor)
    assert {key for key in FIGURES if after[key] >= before[key]} == set()


def test_proof__every_confirmed_claim_has_everything_behind_it(
    copied: tuple[Path, Actor],
) -> None:
    file, _ = copied
    n = FIGURES["projects_completed"].scaled(SCALE) + FIGURES["firm_projects"].scaled(SCALE)
    assert proof() == Proof(n, n, n, n, n)
    assert problems().empty
    claim = f"({_CLAIM.format('person_id is not null')})"
    service = f"(select service_id from claim_service where claim_id = {claim})"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"delete from participation where service_id = {service}")
        connection.execute(
            f"delete from need where project_id = (select project_id from claim where id = {claim})"
        )
    assert proof() == Proof(n, n - 1, n, n - 1, n)
    assert "check.claim_absent" in set(problems()["key"])


def test_replay__of_a_database_that_holds_something__refused(administrator: Actor) -> None:
    with pytest.raises(Refusal) as caught:
        play(scale=SCALE, progress=lambda _stage, _share: None)
    assert caught.value.code == "installation.not_empty"


def test_command__empty_database__plays_and_prints_each_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'street.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    asked = ["replay", "zhongshan", "--scale", "50", "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in told] == list(FIGURES)
    assert {row["key"]: row["value"] for row in told}["projects_claimed"] == 59
    assert main(asked) == 1
    assert capsys.readouterr().out == ""
    connect(url).dispose()
