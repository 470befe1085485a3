"""Which role may open which page, by hand; and that every page runs for whom it is meant."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import AuditEntry
from lib.services.service import void_service
from tests.factories import SmallStreet, service_given
from tests.pages.conftest import ROOT, SECONDS, Door
from tests.services.written import ROLES

OFFICES = {
    "administrator",
    "street_committee",
    "street_staff",
    "community_secretary",
    "grid_secretary",
}
EVERYBODY = set(ROLES) - {"auditor"}
SERVE = EVERYBODY - {"visitor"}

FRONT = "overview/street.py"
OPENS = {
    "overview/street.py": EVERYBODY,
    "grids/map.py": EVERYBODY,
    "grids/profile.py": EVERYBODY,
    "grids/coverage.py": EVERYBODY,
    "grids/areas.py": {"administrator", "street_committee"},
    "grids/drawing.py": {"administrator", "street_committee"},
    "grids/structure.py": OFFICES,
    "service/record.py": SERVE,
    "service/to_confirm.py": OFFICES,
    "service/records.py": SERVE,
    "service/activity.py": EVERYBODY,
    "service/needs.py": OFFICES | {"grid_worker"},
    "service/matching.py": OFFICES,
    "desk/suspicious.py": OFFICES - {"street_staff"},
    "service/library.py": SERVE,
    "service/claims.py": SERVE,
    "desk/my_page.py": SERVE,
    "units/teams.py": EVERYBODY,
    "desk/tally.py": OFFICES,
    "service/pipeline.py": EVERYBODY,
    "units/check_in.py": OFFICES,
    "desk/certificates.py": {"administrator", "street_committee", "community_secretary"},
    "units/units.py": EVERYBODY,
    "units/ledger.py": {"administrator", "street_committee", "street_staff", "unit_liaison"},
    "desk/standin.py": OFFICES - {"administrator"},
    "desk/accounts.py": {"administrator", "street_committee", "community_secretary"},
    "desk/sessions.py": {"administrator", "street_committee", "community_secretary"},
    "desk/matrix.py": {"administrator", "auditor"},
    "desk/personal.py": {"administrator", "street_committee", "community_secretary"},
    "desk/log.py": {"administrator", "auditor"},
    "desk/imports.py": OFFICES - {"grid_secretary"},
    "desk/setup.py": {"administrator", "street_committee"},
    "desk/settings.py": {"administrator", "street_committee"},
}


def test_opens__names_every_page_file() -> None:
    pages = ROOT / "pages"
    assert set(OPENS) == {path.relative_to(pages).as_posix() for path in pages.rglob("*.py")}


def faults(app: AppTest) -> list[str]:
    """What a page must never show: an exception's trace, or a refusal nobody asked for."""
    return [one.value for one in (*app.exception, *app.error)]


def html(app: AppTest) -> str:
    """All HTML of the page as one text."""
    return "\n".join(one.body for one in app.get("html"))


def fill(town: SmallStreet) -> None:
    """Records in every state in several grids, so that no list is empty."""
    for area in (town.areas.g1, town.areas.g3, town.areas.g4):
        for state in ("recorded", "confirmed", "returned", "voided"):
            service_given(
                town, area, state=state, teams=[("patrol", 30)], units=[("school", 20)], place="<b>"
            )


@pytest.mark.parametrize(
    ("role", "language"),
    [
        *((role, Language.ZH) for role in ROLES),
        # Who sees most, who serves and who visits: what others read in English is among it.
        *((role, Language.EN) for role in ("administrator", "volunteer", "visitor")),
    ],
)
def test_page__every_one_as_every_role(
    town: SmallStreet, door: Door, role: str, language: Language
) -> None:
    fill(town)
    browser = door.enter(town.actors[role], language)
    for file, roles in OPENS.items():
        if role in roles:
            assert faults(browser.open(file)) == [], file
            shown = html(browser.app)
            assert "<b><" not in shown
            assert say("page.sign_out", language) in shown
            other = next(one for one in Language if one is not language)
            assert say("page.sign_out", other) not in shown
        else:
            app = browser.open(file)
            # The front page is where everybody arrives: it leads on to the first screen.
            refusals = [] if file == FRONT else [say("page.not_for_you", language)]
            assert [one.value for one in app.error] == refusals
            assert not app.exception


@pytest.mark.parametrize("role", ["administrator", "grid_secretary", "visitor"])
def test_page__on_an_empty_street__says_what_is_missing(
    town: SmallStreet, door: Door, role: str
) -> None:
    browser = door.enter(town.actors[role])
    for file, roles in OPENS.items():
        if role in roles:
            for area in ("310109001", "310109001002002", "310109002", "all", "nowhere"):
                assert faults(browser.open(file, area=area)) == [], (file, area)


@pytest.mark.parametrize("file", OPENS)
def test_page__a_query_nobody_wrote__is_no_fault(town: SmallStreet, door: Door, file: str) -> None:
    fill(town)
    role = "street_committee" if "street_committee" in OPENS[file] else "administrator"
    browser = door.enter(town.actors[role])
    for value in ("", "404", "-1", "²", "9" * 30, "<script>", "2026-13-45"):
        query = dict.fromkeys(
            (
                "area",
                "unit",
                "team",
                "state",
                "first",
                "last",
                "period",
                "measure",
                "correct",
                "kind",
                "beneficiary",
                "trust",
                "view",
                "reach",
            ),
            value,
        )
        assert faults(browser.open(file, **query)) == []


def test_page__names_and_telephones__not_for_visitors(town: SmallStreet, door: Door) -> None:
    fill(town)
    secret = ("书记甲", "组长甲", "网格长甲", "林小满", "联络甲", "555-0101")

    def shown(role: str) -> set[str]:
        browser = door.enter(town.actors[role])
        texts = [
            html(browser.open(file, area="310109001001001", unit=str(town.units["school"])))
            for file in ("overview/street.py", "grids/map.py", "grids/profile.py", "units/units.py")
        ]
        return {word for word in secret for text in texts if word in text}

    assert shown("visitor") == set()
    assert shown("community_secretary") == {"书记甲", "组长甲", "网格长甲", "联络甲"}
    assert shown("unit_liaison") == {"联络甲", "555-0101"}
    assert shown("volunteer") == set()


@pytest.mark.parametrize("token", [None, "forged", ""])
def test_main__without_a_session__only_the_way_to_the_door(
    town: SmallStreet, door: Door, token: str | None
) -> None:
    browser = door.stranger()
    browser.token = token
    app = browser.run()
    assert [one.value for one in app.error] == [say("page.sign_in_first", Language.ZH)]
    assert not app.exception
    assert say("page.sign_out", Language.ZH) not in html(app)
    assert "石桥" not in html(app)


def test_main__session_revoked__the_next_run_ends_at_the_door(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["administrator"])
    assert faults(browser.open("grids/profile.py")) == []
    browser.token = "closed-meanwhile"
    app = browser.run()
    assert [one.value for one in app.error] == [say("page.sign_in_first", Language.ZH)]
    assert "石桥" not in html(app)


@pytest.mark.parametrize("file", sorted(file for file in OPENS if "visitor" not in OPENS[file]))
def test_page_file__alone_without_the_role__only_the_reason(
    town: SmallStreet, door: Door, file: str
) -> None:
    browser = door.enter(town.actors["visitor"])
    browser.app = AppTest.from_file(str(ROOT / "pages" / file), default_timeout=SECONDS)
    app = browser.run()
    assert [one.value for one in app.error] == [say("page.not_for_you", Language.ZH)]
    assert [one.type for one in app.main.children.values()] == ["error", "html"]
    assert not app.exception


ALONE = """
import json, sys
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
type(st.context).cookies = {}
for file in sys.argv[1:]:
    app = AppTest.from_file(file, default_timeout=60).run()
    print(json.dumps({
        "errors": [one.value for one in app.error],
        "exceptions": [one.value for one in app.exception],
        "elements": sorted(one.type for one in app.main.children.values()),
    }))
"""


@pytest.mark.parametrize("section", sorted({file.partition("/")[0] for file in OPENS}))
def test_page_files__alone_in_a_fresh_process__only_the_sign_in(section: str) -> None:
    files = [str(ROOT / "pages" / file) for file in OPENS if file.startswith(f"{section}/")]
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALONE, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    alone = {"errors": ["请先登录。"], "exceptions": [], "elements": ["error", "html"]}
    said = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert said == [alone] * len(files)


def test_records__voided_meanwhile__the_page_goes_on(town: SmallStreet, door: Door) -> None:
    number = service_given(town, town.areas.g1, state="recorded")
    browser = door.enter(town.actors["second"])
    browser.open("service/to_confirm.py")
    void_service(town.actors["administrator"], service_id=number, version=1, reason="重复")
    browser.app.button(key=f"confirm_{number}").click()
    app = browser.run()
    assert not app.exception
    assert not [one for one in app.button if one.key == f"confirm_{number}"]


def test_page__opened_by_its_address_without_the_role__the_attempt_is_entered(
    town: SmallStreet, door: Door
) -> None:
    browser = door.enter(town.actors["visitor"])
    browser.open("desk/imports.py")
    browser.run()
    with Reads() as session:
        left = session.scalars(select(AuditEntry).where(AuditEntry.refused)).all()
    assert [(one.action, one.subject_kind, one.role) for one in left] == [
        ("ledger:import", "page", "visitor")
    ]
