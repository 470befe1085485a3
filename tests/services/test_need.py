"""Needs: collected, and every one answered; projects made, edited, published and ended."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import today
from lib.domain.errors import Changed, Invalid, NotPermitted, Refusal
from lib.domain.vocab import Skill
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import AuditEntry, Need, NeedStep, ProjectStep
from lib.services.need import (
    adopt_into,
    adopt_need,
    collect_need,
    decline_need,
    edit_need,
    merge_need,
)
from lib.services.project import (
    close_project,
    create_project,
    edit_project,
    publish_project,
    withdraw_project,
)
from tests.factories import SmallStreet
from tests.services.pipeline import plan, project, project_open, request, wish
from tests.services.written import counters, everything, together


def collected(street: SmallStreet, by: str = "grid_secretary", **values: object) -> int:
    return collect_need(
        street.actors[by], entry=wish(street.areas.g1, **values), request_id=request()
    )


def need(number: int) -> Need:
    with Reads() as session:
        return session.get_one(Need, number)


def history(number: int) -> list[tuple[str, str | None]]:
    with Reads() as session:
        rows = session.scalars(select(NeedStep).filter_by(need_id=number).order_by(NeedStep.id))
        return [(row.target.value, row.reason) for row in rows]


def test_collect__written_with_its_step(street: SmallStreet) -> None:
    number = collected(street, words="  想要\u200b一个书包 ", place="3号楼院", micro_wish=True)
    stands = need(number)
    assert (stands.words, stands.state.value, stands.micro_wish) == (
        "想要一个书包",
        "collected",
        True,
    )
    assert history(number) == [("collected", None)]
    assert counters() == {("need", street.areas.s): 1}


def test_collect__what_is_wrong_is_named(street: SmallStreet) -> None:
    with pytest.raises(Invalid) as caught:
        collected(street, words=" ", wished_on=today() - timedelta(days=1))
    assert [(p.field, p.code) for p in caught.value.problems] == [
        ("words", "problem.missing"),
        ("wished_on", "problem.past_day"),
    ]
    for role in ("volunteer", "unit_liaison", "visitor", "neighbour"):
        with pytest.raises(NotPermitted):
            collected(street, by=role)


def test_edit__until_it_is_answered(street: SmallStreet) -> None:
    number = collected(street)
    second, secretary = street.actors["second"], street.actors["grid_secretary"]
    better = wish(street.areas.g2, words="想要一个新书包", micro_wish=True)
    with pytest.raises(NotPermitted):  # the other grid is not this secretary's
        edit_need(secretary, need_id=number, version=1, entry=better)
    edit_need(second, need_id=number, version=1, entry=better)
    stands = need(number)
    assert (stands.words, stands.area_id, stands.micro_wish, stands.version) == (
        "想要一个新书包",
        street.areas.g2,
        True,
        2,
    )
    assert history(number) == [("collected", None)] * 2
    with Reads() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.action == "need.edit"
    assert entry.changes["words"] is None
    assert entry.changes["micro_wish"] == [False, True]
    with pytest.raises(Changed) as caught:
        edit_need(second, need_id=number, version=1, entry=wish(street.areas.g1))
    assert (caught.value.version, caught.value.current["words"]) == (2, "想要一个新书包")
    before = everything()
    edit_need(second, need_id=number, version=2, entry=better)
    assert everything() == before
    decline_need(second, need_id=number, version=2, reason="已送")
    with pytest.raises(Refusal) as late:
        edit_need(second, need_id=number, version=3, entry=wish(street.areas.g1))
    assert late.value.code == "refusal.wrong_state"


def test_collect__one_request_at_one_moment__one_need(street: SmallStreet) -> None:
    actor = street.actors["grid_secretary"]
    answers = together(
        4,
        lambda _: collect_need(actor, entry=wish(street.areas.g1), request_id="double"),
    )
    assert len(set(answers)) == 1
    assert need(int(str(answers[0]))).state.value == "collected"


def test_adopt__by_a_project_of_its_own_or_one_that_is_there(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    one, other = collected(street), collected(street)
    made = adopt_need(
        secretary,
        need_id=one,
        version=1,
        entry=plan(street.areas.g1),
        request_id=request(),
        publish=True,
    )
    assert (need(one).state.value, need(one).project_id) == ("adopted", made)
    assert project(made).state.value == "published"
    adopt_into(secretary, need_id=other, version=1, project_id=made)
    assert need(other).project_id == made
    with pytest.raises(Refusal) as caught:
        adopt_into(secretary, need_id=other, version=2, project_id=made)
    assert caught.value.code == "refusal.wrong_state"


def test_adopt__what_cannot_answer_it(street: SmallStreet) -> None:
    secretary, everywhere = street.actors["community_secretary"], street.actors["administrator"]
    number, done = collected(street), project_open(street)
    close_project(secretary, project_id=done, version=project(done).version)
    far = create_project(everywhere, entry=plan(street.areas.t), request_id=request())
    before = everything()
    for project_id, code in ((done, "project_over"), (far, "other_street"), (404, "not_found")):
        with pytest.raises(Refusal) as caught:
            adopt_into(everywhere, need_id=number, version=1, project_id=project_id)
        assert caught.value.code == f"refusal.{code}"
    with pytest.raises(Invalid):
        adopt_need(
            secretary,
            need_id=number,
            version=1,
            entry=plan(street.areas.g1, title=""),
            request_id=request(),
        )
    assert everything() == before


def test_merge__into_one_that_is_open(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    one, other, gone = (collected(street) for _ in range(3))
    decline_need(secretary, need_id=gone, version=1, reason="已由民政解决")
    for into, code in ((one, "merge_itself"), (gone, "merge_settled"), (404, "not_found")):
        with pytest.raises(Refusal) as caught:
            merge_need(secretary, need_id=one, version=1, into_id=into)
        assert caught.value.code == f"refusal.{code}"
    merge_need(secretary, need_id=one, version=1, into_id=other)
    assert (need(one).state.value, need(one).merged_into_id) == ("merged", other)


def test_merge__into_each_other_at_one_moment__one_stays(street: SmallStreet) -> None:
    pair = [collected(street) for _ in range(2)]
    secretary = street.actors["community_secretary"]
    together(
        2,
        lambda n: merge_need(secretary, need_id=pair[n], version=1, into_id=pair[1 - n]),
    )
    assert sorted(need(n).state.value for n in pair) == ["collected", "merged"]


def test_decline__with_a_reason_that_stays(street: SmallStreet) -> None:
    number = collected(street)
    secretary = street.actors["community_secretary"]
    with pytest.raises(Invalid):
        decline_need(secretary, need_id=number, version=1, reason="")
    with pytest.raises(NotPermitted):
        decline_need(street.actors["grid_worker"], need_id=number, version=1, reason="不行")
    decline_need(secretary, need_id=number, version=1, reason="超出街道权限，已告知居民")
    assert history(number)[-1] == ("declined", "超出街道权限，已告知居民")


@pytest.mark.parametrize("values", [{"state": "declined"}, {"state": "adopted"}, {"words": ""}])
def test_database__no_answer_without_what_it_says(
    street: SmallStreet, values: dict[str, str]
) -> None:
    number = collected(street)
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(update(Need).where(Need.id == number).values(values))


@pytest.mark.parametrize("table", [NeedStep, ProjectStep])
def test_database__history_cannot_be_changed(street: SmallStreet, table: type[NeedStep]) -> None:
    collected(street)
    project_open(street)
    with pytest.raises(DBAPIError, match="append-only"), Writes.begin() as session:
        session.execute(update(table).values(reason="x"))


def test_project__drafted_edited_published_closed(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    number = create_project(secretary, entry=plan(street.areas.g1), request_id=request())
    entry = plan(street.areas.g2, capacity=5, skills=frozenset({Skill.REPAIR}))
    edit_project(secretary, project_id=number, version=1, entry=entry)
    assert (project(number).capacity, project(number).area_id) == (5, street.areas.g2)
    with pytest.raises(Changed) as caught:
        edit_project(secretary, project_id=number, version=1, entry=entry)
    assert caught.value.current["capacity"] == 5
    version = project(number).version
    edit_project(secretary, project_id=number, version=version, entry=entry)
    assert project(number).version == version
    publish_project(secretary, project_id=number, version=version)
    assert project(number).published_at is not None
    with pytest.raises(Refusal) as refused:
        edit_project(secretary, project_id=number, version=version + 1, entry=plan(street.areas.g1))
    assert refused.value.code == "refusal.wrong_state"
    close_project(secretary, project_id=number, version=version + 1)
    with pytest.raises(Refusal):
        withdraw_project(secretary, project_id=number, version=version + 2, reason="不办了")
    with Reads() as session:
        rows = session.scalars(select(ProjectStep).order_by(ProjectStep.id)).all()
    assert [row.action.value for row in rows] == ["create", "edit", "publish", "close"]


def test_project__what_is_wrong_is_named(street: SmallStreet) -> None:
    secretary = street.actors["community_secretary"]
    yesterday = today() - timedelta(days=1)
    for values, problem in (
        ({"title": " "}, ("title", "problem.missing")),
        ({"capacity": 0}, ("capacity", "problem.out_of_range")),
        ({"last_day": yesterday}, ("last_day", "problem.days_turned")),
        ({"opens_on": today() + timedelta(days=99)}, ("opens_on", "problem.opens_late")),
        ({"starts_at": time(9)}, ("ends_at", "problem.half_hours")),
        ({"starts_at": time(9), "ends_at": time(9)}, ("ends_at", "problem.hours_turned")),
        ({"first_day": yesterday, "last_day": yesterday}, ("last_day", "problem.project_over")),
    ):
        with pytest.raises(Invalid) as caught:
            create_project(
                secretary,
                entry=plan(street.areas.g1, **values),
                request_id=request(),
                publish=True,
            )
        assert [(p.field, p.code) for p in caught.value.problems] == [problem]
    for role in ("grid_worker", "volunteer", "visitor", "neighbour"):
        with pytest.raises(NotPermitted):
            create_project(street.actors[role], entry=plan(street.areas.g1), request_id=request())
