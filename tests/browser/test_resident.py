"""From a code on paper to a confirmed service, as a resident goes it on a phone."""

import re

from sqlalchemy import select

from lib.domain.calendar import today
from lib.domain.permissions import Actor, Role
from lib.persistence.engine import Reads, connect
from lib.persistence.models import Area, Need, PublicCode
from lib.queries.sessions import actor_of
from lib.services.claim import Claimant, claim_project
from lib.services.need import adopt_need
from lib.services.project import ProjectEntry
from lib.services.service import Participant, ServiceEntry, record_service
from lib.services.sessions import enter_demonstration
from tests.browser.conftest import Visitors
from tests.browser.house import House

PHONE = {"width": 390, "height": 844}
WORDS = "想要一个画架"


def entered(role: Role) -> Actor:
    actor = actor_of(enter_demonstration(role))
    assert actor is not None
    return actor


def served(need: Need) -> int:
    """The need adopted, claimed and served by those of the demonstration; the service."""
    secretary, volunteer = entered(Role.STREET_COMMITTEE), entered(Role.VOLUNTEER)
    project = adopt_need(
        secretary,
        need_id=need.id,
        version=need.version,
        entry=ProjectEntry(WORDS, need.kind, need.area_id, today(), today()),
        request_id="browser-adopt",
        publish=True,
    )
    claim = claim_project(
        volunteer,
        project_id=project,
        claimant=Claimant(person_id=volunteer.person_id),
        promised_on=today(),
        request_id="browser-claim",
    )
    return record_service(
        volunteer,
        entry=ServiceEntry(need.kind, need.area_id, today(), 1, need.beneficiary),
        participants=[Participant(30, person_id=volunteer.person_id)],
        request_id="browser-serve",
        claim_id=claim,
    )


def test_resident__files_by_a_code_and_confirms_with_one_tap(visit: Visitors, house: House) -> None:
    connect(f"sqlite:///{house.database}")
    volunteer = entered(Role.VOLUNTEER)
    (community,) = {grant.area_id for grant in volunteer.grants}
    of_grids = select(PublicCode.code).join(Area, Area.id == PublicCode.area_id)
    with Reads() as session:
        code = session.scalars(of_grids.where(Area.parent_id == community)).first()
    phone = visit.context(viewport=PHONE).new_page()
    phone.goto(f"{house.url}/n/{code}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.get_by_label("需要什么").fill(WORDS)
    phone.get_by_label("我已看过，同意这样使用").check()
    phone.get_by_role("button", name="提交").click()
    phone.get_by_text("请保存这个链接").wait_for()
    link = phone.url.partition("?")[0]
    assert re.fullmatch(rf"{house.url}/r/[\w-]{{22}}", link)

    office = visit("street_committee", "/needs")
    office.get_by_text(WORDS).first.wait_for()
    assert office.get_by_text("公众需求表").first.is_visible()

    with Reads() as session:
        need = session.scalars(select(Need).where(Need.words == WORDS)).one()
    service = served(need)
    phone.goto(link)
    phone.get_by_role("button", name="办好了").click()
    phone.get_by_text("已确认，谢谢您。").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    told = house.ask("select state, confirmed_by from service where id = ?", service)
    assert told == [("confirmed", "resident_link")]
