"""Certificates: what they count, who issues and revokes them, and what the database holds fast."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from lib.domain.calendar import today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.permissions import Actor
from lib.domain.vocab import ServiceState, Trust
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AuditEntry,
    Certificate,
    CertificateService,
    CertificateStep,
    Participation,
)
from lib.persistence.summaries import differences
from lib.queries import certificate as queries
from lib.queries.check import problems
from lib.services.certificate import (
    Signature,
    ask_certificate,
    decline_certificate,
    issue_asked,
    issue_certificate,
    revoke_certificate,
)
from lib.services.correction import ask_correction
from lib.services.people import erase_person
from lib.services.service import void_service
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import request
from tests.services.written import everything

SIGNED = Signature("石桥社区居民委员会", "负责人甲", "社区党群服务中心")
FIRST, LAST = today() - timedelta(days=300), today()


def issued(street: SmallStreet, who: str = "lin", by: str = "community_secretary") -> int:
    return issue_certificate(
        street.actors[by],
        person_id=street.people[who],
        first_day=FIRST,
        last_day=LAST,
        signature=SIGNED,
        request_id=request(),
    )


def asked(actor: Actor) -> int:
    return ask_certificate(actor, first_day=FIRST, last_day=LAST, request_id=request())


def given(street: SmallStreet, minutes: int = 60, **values: object) -> int:
    made: dict[str, object] = {"persons": [("lin", minutes), ("zhou", 45)]}
    return service_given(street, street.areas.g1, **made | values)


def trusts(street: SmallStreet, who: str = "lin") -> dict[int, str]:
    with Reads() as session:
        rows = session.execute(
            select(Participation.service_id, Participation.trust).where(
                Participation.person_id == street.people[who]
            )
        )
        return {number: trust.value for number, trust in rows}


def agrees() -> bool:
    with Reads() as session:
        summed = session.execute(differences()).all() == []
    return summed and problems().empty


def test_issue__counts_confirmed_hours_alone_and_certifies_them(street: SmallStreet) -> None:
    one, other = given(street), given(street, 30, day=today() - timedelta(days=9))
    waits = given(street, 20, state=ServiceState.RECORDED)
    voided = given(street, 10, state=ServiceState.VOIDED)
    old = given(street, 25, day=FIRST - timedelta(days=1))
    number = issued(street)
    assert trusts(street) == {
        one: "certified",
        other: "certified",
        waits: "self_reported",
        voided: "self_reported",
        old: "confirmed",
    }
    assert trusts(street, "zhou")[one] == "confirmed"
    sheet = queries.sheet(street.actors["volunteer"], certificate_id=number)
    assert sheet is not None
    assert (sheet.name, sheet.minutes, sheet.services) == ("林小满", 90, 2)
    assert [(c.kind.value, c.services, c.minutes) for c in sheet.content] == [("patrol", 2, 90)]
    assert (sheet.issuer, sheet.responsible, sheet.contact) == (
        "石桥社区居民委员会",
        "负责人甲",
        "社区党群服务中心",
    )
    assert sheet.handler == "账号community_secretary"
    assert (sheet.issued_on, sheet.revoked) == (today(), False)
    assert agrees()


def test_issue__twice__numbers_differ_and_hours_stay_certified(street: SmallStreet) -> None:
    service = given(street)
    first, second = issued(street), issued(street)
    with Reads() as session:
        numbers = set(session.scalars(select(Certificate.number)))
    assert len(numbers) == 2
    secretary = street.actors["community_secretary"]
    revoke_certificate(secretary, certificate_id=first, version=1, reason="重复开具")
    assert trusts(street) == {service: "certified"}
    assert agrees()
    with Reads() as session:
        version = session.get_one(Certificate, second).version
    revoke_certificate(secretary, certificate_id=second, version=version, reason="时长有误")
    assert trusts(street) == {service: "confirmed"}
    assert agrees()


def test_asked__issued_or_declined_with_its_trail(street: SmallStreet) -> None:
    given(street)
    volunteer, secretary = street.actors["volunteer"], street.actors["community_secretary"]
    number = asked(volunteer)
    with pytest.raises(Refusal, match="asked_already"):
        asked(volunteer)
    waiting = queries.listing(secretary, area_id=None, states=("asked",))
    assert waiting["certificate_id"].tolist() == [number]
    with pytest.raises(Invalid):
        decline_certificate(secretary, certificate_id=number, version=1, reason="")
    decline_certificate(secretary, certificate_id=number, version=1, reason="请先更正时长")
    again = asked(volunteer)
    issue_asked(secretary, certificate_id=again, version=1, signature=SIGNED)
    assert queries.mine(volunteer)["state"].tolist() == ["issued", "declined"]
    with Reads() as session:
        steps = session.scalars(select(CertificateStep).order_by(CertificateStep.id)).all()
        entries = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject_kind == "certificate")
            .order_by(AuditEntry.id)
        ).all()
    assert [(s.action.value, s.account_id) for s in steps] == [
        ("ask", volunteer.account_id),
        ("decline", secretary.account_id),
        ("ask", volunteer.account_id),
        ("issue", secretary.account_id),
    ]
    assert entries == [f"certificate.{s.action}" for s in steps]


def test_issue__refused_in_words(street: SmallStreet) -> None:
    with pytest.raises(Refusal, match="no_hours"):
        issued(street)
    with pytest.raises(Refusal, match="no_hours"):
        asked(street.actors["volunteer"])
    given(street)
    turned = partial(ask_certificate, first_day=LAST, last_day=FIRST, request_id=request())
    with pytest.raises(Invalid):
        turned(street.actors["volunteer"])
    for name in ("issuer", "responsible", "contact"):
        bad = Signature(**vars(SIGNED) | {name: " "})
        with pytest.raises(Invalid) as caught:
            issue_certificate(
                street.actors["community_secretary"],
                person_id=street.people["lin"],
                first_day=FIRST,
                last_day=LAST,
                signature=bad,
                request_id=request(),
            )
        assert [p.field for p in caught.value.problems] == [name]
    with pytest.raises(NotPermitted):
        issued(street, by="grid_secretary")
    with pytest.raises(NotPermitted):
        issued(street, by="neighbour")
    with pytest.raises(NotPermitted):  # nobody stands behind the account
        asked(street.actors["community_secretary"])
    given(street, persons=[("serving", 60)])
    with pytest.raises(Refusal, match=r"certificate.own"):
        issued(street, "serving", by="serving")
    with pytest.raises(NotFound):
        issue_certificate(
            street.actors["administrator"],
            person_id=404,
            first_day=FIRST,
            last_day=LAST,
            signature=SIGNED,
            request_id=request(),
        )


def test_certified__neither_voided_nor_corrected_until_it_is_revoked(street: SmallStreet) -> None:
    service = given(street)
    number = issued(street)
    before = everything()
    secretary = street.actors["community_secretary"]
    with pytest.raises(Refusal, match=r"refusal.certified"):
        void_service(secretary, service_id=service, version=1, reason="重复")
    with pytest.raises(Refusal, match=r"refusal.certified"):
        ask_correction(
            street.actors["volunteer"],
            service_id=service,
            minutes=90,
            words="少记了",
            request_id=request(),
        )
    assert everything() == before
    revoke_certificate(secretary, certificate_id=number, version=1, reason="时长有误")
    void_service(secretary, service_id=service, version=1, reason="重复")
    assert agrees()


def test_sheet__only_for_the_volunteer_and_who_may_issue(street: SmallStreet) -> None:
    given(street)
    number = issued(street)
    for name, actor in street.actors.items():
        sees = queries.sheet(actor, certificate_id=number) is not None
        assert sees == (
            name
            in {
                "administrator",
                "street_committee",
                "community_secretary",
                "second",
                "serving",
                "volunteer",
            }
        ), name


def test_validity__says_no_more_than_it_must(street: SmallStreet) -> None:
    given(street)
    number = issued(street)
    with Reads() as session:
        code = session.get_one(Certificate, number).number or ""
    found = queries.validity(code)
    assert found is not None
    assert vars(found) == {"valid": True, "number": code, "issued_on": today()}
    revoke_certificate(
        street.actors["administrator"], certificate_id=number, version=1, reason="作废"
    )
    after = queries.validity(code)
    assert after is not None
    assert not after.valid
    assert queries.validity("2026-0000-0000-0000") is None


def test_erased__the_number_stays_valid_and_the_document_is_gone(street: SmallStreet) -> None:
    given(street)
    number = issued(street)
    with Reads() as session:
        code = session.get_one(Certificate, number).number or ""
    with Writes.begin() as session:  # who holds an office is not erased yet
        session.execute(text("delete from appointment"))
        session.execute(text("update centre_household set person_id = null"))
    erase_person(street.actors["administrator"], person_id=street.people["lin"], typed="林小满")
    assert queries.sheet(street.actors["administrator"], certificate_id=number) is None
    found = queries.validity(code)
    assert found is not None
    assert found.valid


@pytest.mark.parametrize(
    "change",
    [
        "update participation set minutes = 61 where trust = 'certified'",
        "update participation set trust = 'confirmed' where trust = 'certified'",
        "update certificate set minutes = 999",
        "update certificate set number = '2026-0000-0000-0000'",
        "update certificate set state = 'asked', number = null",
        "delete from certificate_step",
    ],
)
def test_database__what_was_issued_stays_as_it_is(street: SmallStreet, change: str) -> None:
    given(street)
    issued(street)
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(text(change))


def test_database__nobody_issues_their_own(street: SmallStreet) -> None:
    given(street)
    number = asked(street.actors["volunteer"])
    lin = select(Account.id).where(Account.person_id == street.people["lin"]).scalar_subquery()
    with pytest.raises(DBAPIError, match="their own"), Writes.begin() as session:
        session.execute(
            update(Certificate)
            .where(Certificate.id == number)
            .values(
                state="issued",
                number="2026-0000-0000-0001",
                issuer="甲",
                issued_on=today(),
                issued_by_id=lin,
                minutes=60,
                services=1,
            )
        )


def test_check__finds_hours_that_no_certificate_counts(street: SmallStreet) -> None:
    service = given(street)
    issued(street)
    assert problems().empty
    with Writes.begin() as session:
        session.execute(
            update(Participation)
            .where(Participation.service_id == service)
            .values(trust=Trust.CERTIFIED)
        )
        session.execute(text("delete from certificate_service"))
    found = problems()
    assert set(found["kind"]) >= {"certificates"}
    assert set(found.loc[found["kind"] == "certificates", "key"]) == {
        "check.certificate",
        "check.certified",
    }
    with Reads() as session:
        assert session.scalars(select(CertificateService)).all() == []
