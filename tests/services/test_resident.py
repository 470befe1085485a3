"""What residents do without an account: filing, their link, what they say of a service."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.origin import come_from
from lib.domain.permissions import Actor
from lib.domain.public_codes import LINK_DAYS
from lib.domain.retention import ASKER_DAYS, ASKING_TEXT
from lib.domain.vocab import (
    Beneficiary,
    CodeFor,
    NeedStage,
    RevealReason,
    ServiceKind,
    ServiceState,
)
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    AuditEntry,
    ClaimStep,
    Need,
    NeedFiling,
    NeedStep,
    PublicCode,
    ResidentLink,
    ServiceStep,
)
from lib.queries.check import problems
from lib.queries.resident import Standing, standing
from lib.services.claim import start_claim
from lib.services.need import adopt_into, decline_need, merge_need
from lib.services.project import withdraw_project
from lib.services.public_codes import issue_codes, new_token, renew_code
from lib.services.resident import (
    Filing,
    confirm_by_link,
    file_need,
    forget_askers,
    hand_out_link,
    refuse_by_link,
    reveal_asker,
    revoke_links,
)
from lib.services.service import confirm_as_household, confirm_service
from lib.services.settling import Feedback
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import claimed, project, project_open, state, steps, taken
from tests.services.test_claim_served import serve
from tests.services.written import everything, loaded, taking_part, together

FILING = Filing(
    words="想要一个书包",
    kind=ServiceKind.VISIT,
    beneficiary=Beneficiary.LEFT_BEHIND_CHILD,
    micro_wish=True,
    agreed=True,
)


@pytest.fixture
def code(street: SmallStreet) -> str:
    """The code of the first grid's form."""
    secretary = street.actors["community_secretary"]
    assert issue_codes(secretary, purpose=CodeFor.NEED, area_id=street.areas.c1) == 2
    with Reads() as session:
        of_grid = select(PublicCode.code).where(PublicCode.area_id == street.areas.g1)
        return session.scalars(of_grid).one()


def filed(code: str, **values: object) -> str:
    return file_need(code, filing=replace(FILING, **values), token=new_token())


def need_of(token: str) -> Need:
    with Reads() as session:
        latest = select(Need).order_by(Need.id.desc())
        found = session.scalars(latest).first()
    assert found is not None
    assert standing(token) is not None
    return found


def stands(token: str) -> Standing:
    found = standing(token)
    assert found is not None
    return found


def adopted(street: SmallStreet, token: str) -> int:
    """A project of one place that answers the need of the link."""
    number, need = project_open(street), need_of(token)
    adopt_into(street.actors["second"], need_id=need.id, version=need.version, project_id=number)
    return number


def served(street: SmallStreet, token: str) -> tuple[int, int, int]:
    """Project, claim and service of the link's need, waiting to be confirmed."""
    number = adopted(street, token)
    made = claimed(street, number, by="volunteer")
    return number, made, serve(street, made)


def test_file__anonymous__need_step_consent_and_no_origin(street: SmallStreet, code: str) -> None:
    come_from("10.1.2.3", "Mozilla/5.0 (iPhone) Safari/604")
    need = need_of(filed(code, words="  想要\u200b一个书包 "))
    come_from(None, None)
    assert (need.area_id, need.words, need.source.value) == (
        street.areas.g1,
        "想要一个书包",
        "resident",
    )
    with Reads() as session:
        filing = session.get_one(NeedFiling, need.id)
        step = session.scalars(select(NeedStep)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "need.collect")).one()
        link = session.scalars(select(ResidentLink)).one()
    assert (filing.name, filing.phone, filing.text_version) == ("", "", ASKING_TEXT)
    assert (step.account_id, need.collected_by_id, link.made_by_id) == (None, None, None)
    assert (entry.account_id, entry.address, entry.agent) == (None, "", "")
    assert link.expires_at - link.made_at == timedelta(days=LINK_DAYS)
    assert problems().empty


def test_file__what_is_wrong_is_named_and_nothing_written(street: SmallStreet, code: str) -> None:
    before = everything()
    with pytest.raises(Invalid) as caught:
        filed(
            code,
            words="长" * 10_000,
            wished_on=today() - timedelta(days=1),
            name="名" * 61,
            phone="call me",
            agreed=False,
        )
    assert [(p.field, p.code) for p in caught.value.problems] == [
        ("words", "problem.too_long"),
        ("wished_on", "problem.past_day"),
        ("asker_name", "problem.too_long"),
        ("asker_phone", "problem.bad_phone"),
        ("agreed", "problem.not_agreed"),
    ]
    assert everything() == before


def test_file__sent_twice__once_with_one_link__other_words_a_link_of_their_own(
    street: SmallStreet, code: str
) -> None:
    token = new_token()
    answers = together(4, lambda _: file_need(code, filing=FILING, token=token))
    assert set(answers) == {token}
    other = file_need(code, filing=replace(FILING, words="修水龙头"), token=token)
    assert other != token
    assert file_need(code, filing=replace(FILING, words="看病"), token="short") != "short"
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Need)) == 3
    assert stands(token).words == "想要一个书包"
    assert stands(other).words == "修水龙头"


def test_code__renewed_or_made_up__opens_nothing(street: SmallStreet, code: str) -> None:
    with Reads() as session:
        number = session.scalars(select(PublicCode.id).where(PublicCode.code == code)).one()
    with pytest.raises(NotPermitted):
        renew_code(street.actors["neighbour"], code_id=number)
    with pytest.raises(NotPermitted):
        issue_codes(street.actors["grid_worker"], purpose=CodeFor.NEED, area_id=street.areas.g1)
    renew_code(street.actors["grid_secretary"], code_id=number)
    for gone in (code, new_token(), ""):
        with pytest.raises(NotFound):
            filed(gone)
    secretary = street.actors["community_secretary"]
    assert issue_codes(secretary, purpose=CodeFor.NEED, area_id=street.areas.c1) == 0


def test_link__guessed_expired_revoked__nothing(street: SmallStreet, code: str) -> None:
    token = filed(code)
    need = need_of(token)
    assert standing(new_token()) is None
    assert standing("") is None
    with pytest.raises(NotPermitted):
        hand_out_link(street.actors["neighbour"], need_id=need.id)
    fresh = hand_out_link(street.actors["grid_secretary"], need_id=need.id)
    assert standing(token) is None
    assert standing(fresh) is not None
    revoke_links(street.actors["grid_secretary"], need_id=need.id)
    assert standing(fresh) is None
    fresh = hand_out_link(street.actors["grid_secretary"], need_id=need.id)
    with Writes.begin() as session:
        past = {"made_at": now() - timedelta(days=2), "expires_at": now() - timedelta(days=1)}
        session.execute(update(ResidentLink).values(**past))
        kept = session.scalars(select(ResidentLink.token_hash)).all()
    assert standing(fresh) is None
    assert not {token, fresh} & set(kept)


def test_standing__each_stage_in_turn(street: SmallStreet, code: str) -> None:
    token = filed(code)
    assert stands(token).stage is NeedStage.COLLECTED
    number = adopted(street, token)
    assert stands(token).stage is NeedStage.ADOPTED
    made = claimed(street, number, by="volunteer", on=today() + timedelta(days=2))
    found = stands(token)
    assert (found.stage, found.promised_on) == (NeedStage.CLAIMED, today() + timedelta(days=2))
    start_claim(street.actors["volunteer"], claim_id=made, version=1)
    assert stands(token).stage is NeedStage.IN_SERVICE
    service = serve(street, made)
    found = stands(token)
    assert (found.stage, [one.service_id for one in found.services]) == (
        NeedStage.SERVED,
        [service],
    )
    confirm_service(street.actors["second"], service_id=service, version=1)
    assert stands(token).stage is NeedStage.CONFIRMED


def test_standing__declined_merged_called_off(street: SmallStreet, code: str) -> None:
    first, second = filed(code), filed(code, words="书包一个")
    secretary = street.actors["second"]
    with Reads() as session:
        one, other = session.scalars(select(Need).order_by(Need.id)).all()
    merge_need(secretary, need_id=other.id, version=1, into_id=one.id)
    number = project_open(street)
    adopt_into(secretary, need_id=one.id, version=1, project_id=number)
    found = stands(second)
    assert (found.stage, found.merged, found.words) == (NeedStage.ADOPTED, True, "书包一个")
    withdraw_project(
        secretary, project_id=number, version=project(number).version, reason="下雨取消"
    )
    assert [(stands(t).stage.value, stands(t).reason) for t in (first, second)] == [
        ("called_off", "下雨取消")
    ] * 2
    third = filed(code, words="别的")
    decline_need(secretary, need_id=need_of(third).id, version=1, reason="已有公益课")
    assert (stands(third).stage.value, stands(third).reason) == ("declined", "已有公益课")


def test_confirm_by_link__counts_and_the_trail_says_by_whom(street: SmallStreet, code: str) -> None:
    token = filed(code)
    _, made, service = served(street, token)
    confirm_by_link(token, service_id=service, version=1, feedback=Feedback(5, " 谢谢 "))
    row = loaded(service)
    assert (row.state.value, row.confirmed_by, row.decided_by_id) == (
        "confirmed",
        "resident_link",
        None,
    )
    assert (row.satisfaction, row.satisfaction_word) == (5, "谢谢")
    assert [p.trust.value for p in taking_part(service)] == ["confirmed"]
    assert state(made) == "confirmed"
    with Reads() as session:
        step = session.scalars(select(ServiceStep).order_by(ServiceStep.id.desc())).first()
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "service.confirm")
        ).one()
    assert step is not None
    assert (step.account_id, entry.account_id, entry.address) == (None, None, "")
    assert entry.changes["confirmed_by"] == [None, "resident_link"]
    assert problems().empty
    with pytest.raises(Refusal) as caught:
        confirm_by_link(token, service_id=service, version=2, feedback=Feedback())
    assert caught.value.code == "refusal.wrong_state"


def test_confirm_by_link__never_who_served(street: SmallStreet, code: str) -> None:
    token = filed(code)
    need, number = need_of(token), adopted(street, token)
    made = claimed(street, number, "serving")
    service = serve(street, made, who="serving", by="community_secretary")

    def confirm(by: str, signed_in: Actor | None = None) -> None:
        told = {"service_id": service, "version": 1, "feedback": Feedback()}
        confirm_by_link(by, **told, signed_in=signed_in)

    before = everything()
    for name in ("serving", "community_secretary"):
        with pytest.raises(Refusal) as caught:
            confirm(token, street.actors[name])
        assert caught.value.code == "refusal.own_service"
        with pytest.raises(Refusal) as caught:
            hand_out_link(street.actors[name], service_id=service)
        assert caught.value.code == "refusal.own_service"
    assert everything() == before
    own = hand_out_link(street.actors["serving"], need_id=need.id)
    with pytest.raises(Refusal) as caught:
        confirm(own)
    assert caught.value.code == "refusal.own_service"
    confirm(hand_out_link(street.actors["second"], service_id=service))
    assert loaded(service).confirmed_by == "resident_link"


def test_by_link__only_what_it_reaches(street: SmallStreet, code: str) -> None:
    token, other = filed(code), filed(code, words="修水龙头")
    _, _, service = served(street, other)
    before = everything()
    with pytest.raises(NotFound):
        confirm_by_link(token, service_id=service, version=1, feedback=Feedback())
    with pytest.raises(NotFound):
        refuse_by_link(new_token(), service_id=service, version=1, reason="没有来")
    with pytest.raises(Invalid):
        confirm_by_link(other, service_id=service, version=1, feedback=Feedback(6))
    with pytest.raises(Invalid):
        refuse_by_link(other, service_id=service, version=1, reason=" ")
    with pytest.raises(Refusal) as caught:
        confirm_by_link(other, service_id=service, version=7, feedback=Feedback())
    assert caught.value.code == "refusal.changed_meanwhile"
    assert everything() == before


def test_refuse_by_link__returned_and_the_place_goes_to_who_waits(
    street: SmallStreet, code: str
) -> None:
    token = filed(code)
    number, made, service = served(street, token)
    waiting = claimed(street, number, "zhou", wait=True)
    refuse_by_link(token, service_id=service, version=1, reason="没有人来")
    assert (loaded(service).state.value, loaded(service).reason) == ("returned", "没有人来")
    assert steps(made) == ["active", "served", "returned", "withdrawn"]
    assert state(waiting) == "active"
    assert taken(number) == 1
    with Reads() as session:
        last = session.scalars(select(ClaimStep.account_id).where(ClaimStep.claim_id == made))
        assert list(last)[-1] is None
    assert stands(token).stage is NeedStage.CLAIMED
    assert problems().empty


def test_refuse_by_link__one_of_two_services__the_promise_stands(
    street: SmallStreet, code: str
) -> None:
    token = filed(code)
    _, made, service = served(street, token)
    second = serve(street, made)
    confirm_by_link(token, service_id=service, version=1, feedback=Feedback())
    refuse_by_link(token, service_id=second, version=1, reason="第二次没来")
    assert state(made) == "returned"


def test_confirm__by_phone_and_by_a_centre_household(street: SmallStreet) -> None:
    first, second, own, elsewhere = (
        service_given(
            street,
            area,
            state=ServiceState.RECORDED,
            persons=[(who, 60)],
            recorder="grid_worker",
        )
        for area, who in (
            (street.areas.g1, "teacher"),
            (street.areas.g1, "teacher"),
            (street.areas.g1, "lin"),
            (street.areas.g2, "teacher"),
        )
    )
    told = Feedback(4, "很好")
    confirm_service(
        street.actors["second"], service_id=first, version=1, by_phone=True, feedback=told
    )
    row = loaded(first)
    assert (row.confirmed_by, row.satisfaction, row.satisfaction_word) == (
        "on_behalf_by_phone",
        4,
        "很好",
    )
    household = street.actors["volunteer"]
    confirm_as_household(household, service_id=second, version=1)
    row = loaded(second)
    assert (row.confirmed_by, row.decided_by_id) == ("centre_household", household.account_id)
    with pytest.raises(Refusal) as caught:
        confirm_as_household(household, service_id=own, version=1)
    assert caught.value.code == "refusal.own_service"
    with pytest.raises(NotPermitted):
        confirm_as_household(household, service_id=elsewhere, version=1)
    with pytest.raises(NotPermitted):
        confirm_as_household(street.actors["team_leader"], service_id=own, version=1)
    assert problems().empty


def test_asker__looked_at_with_a_reason_and_forgotten_in_time(
    street: SmallStreet, code: str
) -> None:
    need = need_of(filed(code, name="王", phone="13800000000"))
    filed(code, words="匿名的")
    told = {"need_id": need.id, "reason": RevealReason.CONTACT}
    assert reveal_asker(street.actors["grid_secretary"], **told) == "王 13800000000"
    for role in ("grid_worker", "neighbour", "volunteer"):
        with pytest.raises(NotPermitted):
            reveal_asker(street.actors[role], **told)
    assert forget_askers() == 0
    with Writes.begin() as session:
        long_ago = now() - timedelta(days=ASKER_DAYS + 1)
        session.execute(update(NeedFiling).values(filed_at=long_ago))
    assert forget_askers(dry_run=True) == 1
    assert forget_askers() == 1
    assert forget_askers() == 0
    assert reveal_asker(street.actors["grid_secretary"], **told) == ""
    with Reads() as session:
        kept = session.scalars(select(AuditEntry.changes)).all()
    assert "13800000000" not in str(kept)
