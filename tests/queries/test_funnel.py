"""From a need to a confirmed service in figures: each counted by hand over a few records."""

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import update

from lib.domain.calendar import now, today
from lib.domain.few import FEW
from lib.domain.local_settings import LocalSettings
from lib.domain.vocab import Side, Stage, UnitKind
from lib.persistence.engine import Writes
from lib.persistence.models import Claim, Need, Organisation, Project
from lib.queries import need, pipeline
from lib.services.claim import Claimant, claim_project, start_claim, withdraw_claim
from lib.services.need import adopt_into, adopt_need, collect_need, decline_need, merge_need
from lib.services.service import Participant, record_service
from tests.factories import SmallStreet
from tests.services.pipeline import claimed, plan, project_open, promised_before, request, wish
from tests.services.written import act, entry, loaded

ADMIN = "administrator"


def span() -> dict[str, date]:
    return {"first": today() - timedelta(days=40), "last": today()}


def collected(street: SmallStreet, area_id: int | None = None) -> int:
    made = wish(area_id or street.areas.g1)
    return collect_need(street.actors[ADMIN], entry=made, request_id=request())


def adopted(street: SmallStreet, number: int, *, publish: bool = True, **values: object) -> int:
    return adopt_need(
        street.actors["second"],
        need_id=number,
        version=1,
        entry=plan(street.areas.g1, **values),
        request_id=request(),
        publish=publish,
    )


def served(street: SmallStreet, claim_id: int, who: Participant, **values: object) -> int:
    return record_service(
        street.actors["street_committee"],
        entry=entry(street.areas.g1, **values),
        participants=[who],
        request_id=request(),
        claim_id=claim_id,
    )


def confirmed(
    street: SmallStreet, claim_id: int, who: Participant | None = None, **values: object
) -> int:
    lin = Participant(60, person_id=street.people["lin"])
    number = served(street, claim_id, who or lin, **values)
    act("confirm", street.actors["second"], street, number, loaded(number).version)
    return number


def counts(street: SmallStreet, who: str = ADMIN, area: int | None = None) -> list[float]:
    rows = pipeline.funnel(street.actors[who], area_id=area, day=today(), **span())
    assert rows["stage"].tolist() == [stage.value for stage in Stage]
    return [float(n) for n in rows["needs"]]


def by_list(street: SmallStreet) -> list[float]:
    """The same counts by the list that each mark of the funnel leads to."""
    admin = street.actors[ADMIN]
    return [
        float(len(need.listing(admin, area_id=None, came_to=stage, day=today(), **span())))
        for stage in Stage
    ]


def test_funnel__each_stage_holds_the_ones_after_it(street: SmallStreet) -> None:
    far, waits, drafted, listed, taken, kept, merged, refused = (
        collected(street, street.areas.g3 if n == 0 else None) for n in range(8)
    )
    adopted(street, drafted, publish=False)
    adopted(street, listed)
    held = claimed(street, adopted(street, taken))
    done = claimed(street, adopted(street, kept), "zhou")
    confirmed(street, done, Participant(60, person_id=street.people["zhou"]))
    merge_need(street.actors["second"], need_id=merged, version=1, into_id=kept)
    decline_need(street.actors["second"], need_id=refused, version=1, reason="已另行解决")
    assert counts(street) == by_list(street) == [8, 5, 4, 3, 2, 2]
    assert counts(street, "neighbour") == [1, 0, 0, 0, 0, 0]
    assert counts(street, area=street.areas.c1) == [7, 5, 4, 3, 2, 2]
    start_claim(street.actors["community_secretary"], claim_id=held, version=1)
    number = served(street, held, Participant(60, person_id=street.people["lin"]))
    assert counts(street) == by_list(street) == [8, 5, 4, 3, 3, 2]
    act("void", street.actors["second"], street, number, loaded(number).version)
    assert counts(street) == [8, 5, 4, 3, 2, 2]
    assert waits
    assert far


def test_funnel__a_place_that_was_given_back_is_claimed_no_more(street: SmallStreet) -> None:
    first, second = collected(street), collected(street)
    lapsed = claimed(street, adopted(street, first))
    given_back = claimed(street, adopted(street, second), by="volunteer", on=today())
    assert counts(street)[3] == 2
    promised_before(lapsed, 1)
    assert counts(street)[3] == 1
    withdraw_claim(street.actors["volunteer"], claim_id=given_back, version=1, reason="临时出差")
    assert counts(street) == [2, 2, 2, 0, 0, 0]


def test_funnel__median_days_between_the_stages(street: SmallStreet) -> None:
    for days in (9, 3, 4):
        number = collected(street)
        project_id = adopted(street, number)
        with Writes.begin() as session:
            moment = now() - timedelta(days=days)
            session.execute(update(Need).where(Need.id == number).values(collected_at=moment))
            session.execute(
                update(Project)
                .where(Project.id == project_id)
                .values(published_at=now() + timedelta(days=2))
            )
    rows = pipeline.funnel(street.actors[ADMIN], area_id=None, day=today(), **span())
    days = [None if pd.isna(n) else round(n, 2) for n in rows["median_days"]]
    assert days == [None, 4.0, 2.0, None, None, None]
    visitor = pipeline.funnel(street.actors["visitor"], area_id=None, day=today(), **span())
    assert visitor["needs"].tolist()[0] == FEW
    assert visitor["median_days"].isna().all()


def test_funnel__an_answer_that_was_there_before_took_no_time(street: SmallStreet) -> None:
    answer = project_open(street)
    claimed(street, answer)
    number = collected(street)
    adopt_into(street.actors["second"], need_id=number, version=1, project_id=answer)
    rows = pipeline.funnel(street.actors[ADMIN], area_id=None, day=today(), **span())
    assert rows["needs"].tolist() == [1, 1, 1, 1, 0, 0]
    assert rows["median_days"].round(3).tolist()[2:4] == [0, 0]


def test_by_part_and_area__published_claimed_completed(street: SmallStreet) -> None:
    collected(street, street.areas.g2)
    decline_need(street.actors["second"], need_id=collected(street), version=1, reason="已另行解决")
    half, whole = project_open(street, capacity=2), project_open(street, entry="family")
    confirmed(street, claimed(street, half))
    claimed(street, half, "zhou")
    confirmed(street, claimed(street, whole))
    project_open(street, entry="family")
    admin = street.actors[ADMIN]
    entries = pipeline.by_part(admin, area_id=None, part="entry", day=today(), **span())
    assert entries.to_numpy().tolist() == [["family", 2, 1, 1], ["community", 1, 1, 0]]
    areas = pipeline.by_area(admin, area_id=None, **span())
    g1, g2 = street.areas.g1, street.areas.g2
    assert areas.to_numpy().tolist() == sorted([[g1, 1, 1, 3, 2], [g2, 1, 0, 0, 0]])
    for part in pipeline.PARTS:
        rows = pipeline.by_part(admin, area_id=None, part=part, day=today(), **span())
        assert rows["projects"].sum() == 3
    assert pipeline.by_area(street.actors["neighbour"], area_id=None, **span()).empty


def test_by_month__each_in_its_own(street: SmallStreet) -> None:
    confirmed(street, claimed(street, adopted(street, collected(street))))
    rows = pipeline.by_month(street.actors[ADMIN], area_id=None, **span())
    assert rows.to_numpy().tolist() == [[today().replace(day=1), 1, 1, 1, 1]]
    long_ago = {"first": date(2020, 1, 1), "last": date(2020, 12, 31)}
    assert pipeline.by_month(street.actors[ADMIN], area_id=None, **long_ago).empty


def claims(street: SmallStreet, who: str = ADMIN) -> dict[str, list[float]]:
    rows = pipeline.by_claimant(street.actors[who], area_id=None, day=today(), **span())
    return {row.claimant: [float(n) for n in row[2:]] for row in rows.itertuples()}


def test_by_claimant_and_given__members_and_firms_apart(street: SmallStreet) -> None:
    both, single = project_open(street, capacity=4), project_open(street)
    team = Claimant(team_id=street.teams["patrol"])
    with Writes.begin() as session:
        session.get_one(Organisation, street.units["clinic"]).kind = UnitKind.PRIVATE_FIRM
    firm = Claimant(organisation_id=street.units["clinic"])
    school = Claimant(organisation_id=street.units["school"])

    def by(number: int, who: Claimant) -> int:
        return claim_project(
            street.actors["street_committee"],
            project_id=number,
            claimant=who,
            promised_on=today(),
            request_id=request(),
        )

    one, two, three = by(both, team), by(both, firm), by(both, school)
    alone = claimed(street, single)
    assert claims(street) == {
        "person": [1, 1, 1, 0],
        "team": [1, 1, 1, 0],
        "unit": [1, 1, 1, 0],
        "firm": [1, 1, 1, 0],
        "members": [3, 3, 2, 0],
    }
    confirmed(street, alone, people_served=7, goods=2, money_fen=500)
    confirmed(
        street, two, Participant(60, organisation_id=street.units["clinic"]), people_served=30
    )
    assert claims(street)["members"] == [3, 3, 2, 1]

    def sums(**values: object) -> list[list[object]]:
        rows = pipeline.given(street.actors[ADMIN], area_id=None, **span(), **values)
        return rows.drop(columns="beneficiary").to_numpy().tolist()

    assert sums() == [[2, 37, 2, 500]]
    assert sums(side=Side.MEMBERS) == sums(only_completed=True) == [[1, 7, 2, 500]]
    assert sums(side=Side.FIRMS) == [[1, 30, 0, 0]]
    confirmed(street, one, Participant(60, team_id=street.teams["patrol"]))
    confirmed(street, three, Participant(60, organisation_id=street.units["school"]))
    assert claims(street)["members"] == [3, 3, 2, 2]
    assert claims(street, "visitor")["members"] == [FEW] * 4


def unsettled(street: SmallStreet, who: str, day: date) -> dict[str, int]:
    every = {year: {} for year in (day.year, day.year + 1)}
    settings = LocalSettings(work_week=tuple(range(7)), special_days=every)
    due = pipeline.due_on(settings.clock(day))
    rows = pipeline.unsettled(street.actors[who], area_id=None, due=due)
    return dict(zip(rows["kind"], rows["n"].astype(int), strict=True))


def test_unsettled__late_and_soon_by_the_clock(street: SmallStreet) -> None:
    collected(street)
    adopted(street, collected(street), publish=False)
    held, begun = claimed(street, project_open(street)), claimed(street, project_open(street))
    start_claim(street.actors["community_secretary"], claim_id=begun, version=1)
    assert held
    assert unsettled(street, "community_secretary", today()) == {}
    assert unsettled(street, "volunteer", today()) == {"promise": 2}
    later = today() + timedelta(days=5)
    assert unsettled(street, "community_secretary", later) == {"need_soon": 1, "claim_late": 1}
    later = today() + timedelta(days=15)
    assert unsettled(street, "community_secretary", later) == {
        "need_late": 1,
        "claim_late": 1,
        "draft_late": 1,
    }
    for who in ("volunteer", "visitor", "neighbour"):
        assert unsettled(street, who, later) == {}


@pytest.mark.parametrize(("back", "shown"), [(0, 1), (1, 0)])
def test_needs__collected_by_a_day(street: SmallStreet, back: int, shown: int) -> None:
    collected(street)
    day = today() - timedelta(days=back)
    rows = need.listing(street.actors[ADMIN], area_id=None, collected_by=day)
    assert len(rows) == shown


def test_claims__counted_once_for_a_standing_claim(street: SmallStreet) -> None:
    number = project_open(street)
    held = claimed(street, number)
    with Writes.begin() as session:
        session.execute(
            update(Claim).where(Claim.id == held).values(claimed_at=now() - timedelta(days=60))
        )
    assert claims(street)["person"] == [0, 0, 0, 0]
