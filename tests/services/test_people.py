"""What people may ask about what is held on them, and what goes when its time is over."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from lib.domain.calendar import now, today
from lib.domain.errors import Invalid, NotFound, NotPermitted, Refusal
from lib.domain.retention import CONSENT_TEXT, USUAL_YEARS, Kept
from lib.domain.vocab import Language
from lib.exchange.personal import held_csv, held_json
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import (
    Account,
    AuditEntry,
    Consent,
    Membership,
    Participation,
    Person,
    Service,
    Team,
)
from lib.queries import service
from lib.queries.personal import found, held_on
from lib.services.people import correct_name, erase_person, forget_due, note_export
from lib.services.service import Participant, record_service
from tests.factories import SmallStreet, service_given
from tests.services.pipeline import claimed, project_open
from tests.services.written import count, entry, everything

LONG_AGO = date(2015, 3, 1)


def person(number: int) -> Person:
    with Reads() as session:
        return session.get_one(Person, number)


def last_entry() -> AuditEntry:
    with Reads() as session:
        return session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one()


def totals(street: SmallStreet) -> list[tuple[int, ...]]:
    frame = service.totals(
        street.actors["administrator"], area_id=None, first=date(2010, 1, 1), last=today()
    )
    return [tuple(row) for row in frame.to_numpy().tolist()]


def test_register__the_consent_is_noted_with_its_text_and_by_whom(street: SmallStreet) -> None:
    actor = street.actors["grid_secretary"]
    record_service(
        actor,
        entry=entry(street.areas.g1),
        participants=[Participant(30, new_name="新来的人")],
        request_id="one",
    )
    with Reads() as session:
        agreed = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert agreed is not None
        registered = session.get_one(Person, agreed.person_id)
    assert (agreed.text_version, agreed.given_on) == (CONSENT_TEXT, registered.consented_on)
    assert agreed.account_id == actor.account_id
    assert agreed.recorded_at is not None


def test_erase__nothing_that_tells_who_is_left_and_the_statistics_are_as_before(
    street: SmallStreet,
) -> None:
    zhou = street.people["zhou"]
    service_given(street, street.areas.g1, state="confirmed", persons=[("zhou", 90)])
    with Writes.begin() as session:
        session.add(Consent(person_id=zhou, text_version="", given_on=LONG_AGO))
        account = session.scalars(select(Account).limit(1)).one()
        account.person_id, account.display_zh = zhou, "周一诺"
        session.get_one(Team, street.teams["patrol"]).leader_id = None
        number = account.id
    before = totals(street)
    actor = street.actors["community_secretary"]
    with pytest.raises(Invalid):
        erase_person(actor, person_id=zhou, typed="周")
    erase_person(actor, person_id=zhou, typed=" 周一诺 ")
    gone = person(zhou)
    assert (gone.name, gone.organisation_id, gone.forgotten_on) == ("", None, today())
    assert totals(street) == before
    assert count(Participation, person_id=zhou) == 1
    assert count(Consent, person_id=zhou) == 0
    assert count(Membership, person_id=zhou, until=None) == 0
    with Reads() as session:
        account = session.get_one(Account, number)
    assert (account.display_zh, account.closed_on) == (account.name, today())
    left = last_entry()
    assert (left.action, left.subject_id, left.changes) == ("person.erase", zhou, {"name": None})
    everything_else = {name: rows for name, rows in everything().items() if name != "person"}
    assert "周一诺" not in str(everything_else)
    with pytest.raises(NotFound):
        erase_person(actor, person_id=zhou, typed="")
    with pytest.raises(NotFound):
        held_on(actor, person_id=zhou)


@pytest.mark.parametrize("who", ["head", "secretary", "leader", "home"])
def test_erase__while_in_office__asks_to_hand_over_first(street: SmallStreet, who: str) -> None:
    number, before = street.people[who], everything()
    with pytest.raises(Refusal) as caught:
        erase_person(street.actors["administrator"], person_id=number, typed=person(number).name)
    assert caught.value.code == "people.holds_office"
    assert everything() == before


def test_erase__of_another_community__refused(street: SmallStreet) -> None:
    with pytest.raises(NotPermitted):
        erase_person(street.actors["neighbour"], person_id=street.people["zhou"], typed="周一诺")
    with pytest.raises(NotPermitted):
        note_export(street.actors["grid_secretary"], person_id=street.people["zhou"])


def test_correct__with_its_trail_and_not_over_somebody_elses_correction(
    street: SmallStreet,
) -> None:
    actor, zhou = street.actors["community_secretary"], street.people["zhou"]
    correct_name(actor, person_id=zhou, before="周一诺", name=" 周以诺 ")
    assert person(zhou).name == "周以诺"
    assert (last_entry().action, last_entry().changes) == ("person.correct", {"name": None})
    with pytest.raises(Refusal) as caught:
        correct_name(actor, person_id=zhou, before="周一诺", name="周亦诺")
    assert caught.value.code == "refusal.changed_meanwhile"
    with pytest.raises(Invalid):
        correct_name(actor, person_id=zhou, before="周以诺", name="  ")


def test_held_on__everything_in_one_document_and_harmless_in_a_spreadsheet(
    street: SmallStreet,
) -> None:
    lin = street.people["lin"]
    service_given(street, street.areas.g1, persons=[("lin", 45)])
    claimed(street, project_open(street))
    with Writes.begin() as session:
        session.get_one(Person, lin).name = "=林()"
    held = held_on(street.actors["community_secretary"], person_id=lin)
    assert {part: len(rows) for part, rows in held.items()} == {
        "person": 1,
        "consent": 0,
        "membership": 1,
        "membership_request": 0,
        "appointment": 1,
        **dict.fromkeys(("check_in", "profile", "skill", "free_time", "duty"), 0),
        "participation": 1,
        "claim": 1,
        "place_check_in": 0,
        "correction": 0,
        "certificate": 0,
        "account": 1,
        "trail": 0,
    }
    assert json.loads(held_json(held))["participation"][0]["minutes"] == 45
    for language in Language:
        text = held_csv(held, language).decode("utf-8-sig")
        assert "'=林()" in text
        assert ",=" not in text
    with pytest.raises(NotFound):
        held_on(street.actors["neighbour"], person_id=lin)
    assert held_on(None, person_id=lin)["person"][0]["name"] == "=林()"


def test_found__within_the_own_area(street: SmallStreet) -> None:
    assert list(found(street.actors["community_secretary"], text="周")["name"]) == ["周一诺"] * 2
    for who, text in (("neighbour", "周"), ("visitor", "周"), ("administrator", " ")):
        assert found(street.actors[who], text=text).empty


def test_forget__only_whose_time_is_over_and_who_is_not_needed(street: SmallStreet) -> None:
    service_given(street, street.areas.g1, state="confirmed", persons=[("teacher", 60)])
    with Writes.begin() as session:
        session.get_one(Team, street.teams["patrol"]).leader_id = street.people["namesake"]
    before = everything()
    due = forget_due(USUAL_YEARS, dry_run=True)
    assert everything() == before
    figures = totals(street)
    assert forget_due(USUAL_YEARS) == due
    with Reads() as session:
        gone = set(session.scalars(select(Person.id).where(Person.forgotten_on.is_not(None))))
    # All agreed in 2020; the others serve, lead, hold an office or sign in.
    assert gone == {street.people["qin"]}
    assert due == {Kept.VOLUNTEER: 1, Kept.OFFICE: 0}
    assert totals(street) == figures
    left = last_entry()
    assert (left.action, left.account_id) == ("person.forget", None)
    assert left.changes["name"] is None
    assert forget_due(USUAL_YEARS) == dict.fromkeys(Kept, 0)


def test_forget__served_long_ago__the_years_count_from_the_last_service(
    street: SmallStreet,
) -> None:
    years = dict(USUAL_YEARS) | {Kept.VOLUNTEER: 3}
    everybody = forget_due(years, dry_run=True)[Kept.VOLUNTEER]
    number = service_given(street, street.areas.g1, state="confirmed", persons=[("qin", 60)])
    for day, spared in ((date(today().year - 2, 1, 1), 1), (date(today().year - 5, 1, 1), 0)):
        with Writes.begin() as session:
            session.get_one(Service, number).day = day
        assert forget_due(years, dry_run=True)[Kept.VOLUNTEER] == everybody - spared


def test_forget__noted_here_only_lately__kept(street: SmallStreet) -> None:
    everybody = forget_due(USUAL_YEARS, dry_run=True)[Kept.VOLUNTEER]
    with Writes.begin() as session:
        session.add(
            Consent(
                person_id=street.people["qin"],
                text_version="",
                given_on=LONG_AGO,
                recorded_at=now(),
            )
        )
    assert forget_due(USUAL_YEARS, dry_run=True)[Kept.VOLUNTEER] == everybody - 1
