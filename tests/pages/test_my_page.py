"""A volunteer's own page: the card by the street's levels, and a correction asked and answered."""

import pytest

from lib.domain.local_settings import SettingKey
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.services.local_settings import change_setting
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import Door
from tests.pages.test_access import faults, html
from tests.services.written import taking_part


@pytest.mark.parametrize("language", list(Language))
def test_my_page__card_and_stars_by_the_streets_levels(
    town: SmallStreet, door: Door, language: Language
) -> None:
    for _ in range(2):
        service_given(town, town.areas.g1, persons=[("lin", 600)])
    change_setting(
        town.actors["administrator"],
        key=SettingKey.STAR_LEVELS,
        value=(10, 20, 30, 40, 50),
        reason="本市办法",
        version=0,
    )
    browser = door.enter(town.actors["volunteer"], language)
    app = browser.open("desk/my_page.py")
    assert faults(app) == []
    shown = html(app)
    assert "★★☆☆☆" in shown
    assert "林小满" in shown
    assert f"V{town.people['lin']:07d}" in shown
    assert say("mine.stars", language, n=2) in shown


def test_certificate__asked_on_the_own_page_issued_and_revoked_at_the_desk(
    town: SmallStreet, door: Door
) -> None:
    service_given(town, town.areas.g1, persons=[("lin", 90)])
    volunteer = door.enter(town.actors["volunteer"])
    app = volunteer.open("desk/my_page.py")
    app.button(key="certificate_ask_send").click()
    assert faults(volunteer.run()) == []
    desk = door.enter(town.actors["community_secretary"])
    app = desk.open("desk/certificates.py")
    app.button(key="certificate_issue_1").click()
    assert [one.value for one in desk.run().error]  # nobody vouches yet
    for name, words in (("issuer", "居委会"), ("responsible", "书记"), ("contact", "办公室")):
        app.text_input(key=f"certificate_1_{name}").set_value(words)
    app.button(key="certificate_issue_1").click()
    app = desk.run()
    assert faults(app) == []
    assert "林小满" in html(app)
    assert say("CertificateState.issued", Language.ZH) in html(volunteer.run())
    app.text_area(key="certificate_revoke_reason_1").set_value("时长有误")
    app.button(key="certificate_revoke_1").click()
    assert faults(desk.run()) == []
    shown = html(volunteer.run())
    assert say("CertificateState.revoked", Language.ZH) in shown
    assert "时长有误" in shown


def test_correction__asked_on_the_own_page_accepted_by_the_secretary(
    town: SmallStreet, door: Door
) -> None:
    number = service_given(
        town,
        town.areas.g1,
        persons=[("lin", 60)],
        recorder="grid_secretary",
        decider="second",
    )
    volunteer = door.enter(town.actors["volunteer"])
    app = volunteer.open("desk/my_page.py")
    form = f"correction_{number}"
    app.number_input(key=f"{form}_0_my_minutes").set_value(120)
    app.button(key=f"{form}_send").click()
    app = volunteer.run()
    assert [one.value for one in app.error]  # the words are missing, what was typed stays
    assert app.number_input(key=f"{form}_0_my_minutes").value == 120
    app.text_area(key=f"{form}_0_correction_words").set_value("做到十一点")
    app.button(key=f"{form}_send").click()
    assert faults(volunteer.run()) == []
    secretary = door.enter(town.actors["community_secretary"])
    app = secretary.open("service/to_confirm.py")
    assert "做到十一点" in html(app)
    app.button(key="correction_accept_1").click()
    assert faults(secretary.run()) == []
    assert [p.minutes for p in taking_part(number)] == [120]
