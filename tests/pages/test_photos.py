"""Photos on the screen: what was found is shown, what is no photo is said, what is used is kept."""

from sqlalchemy import select

from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.persistence.engine import Reads
from lib.persistence.models import Photo
from tests.factories import SmallStreet
from tests.geo.drawn import as_file, wall
from tests.pages.conftest import Browser, Door
from tests.pages.test_access import faults, html

FACES = ((100, 80, 160), (520, 300, 120))


def upload(browser: Browser, content: bytes) -> None:
    browser.app.get("file_uploader")[0].set_value(("a.jpg", content, "image/jpeg"))
    browser.run()


def said(browser: Browser) -> list[str]:
    return [one.value for one in browser.app.caption]


def test_record__with_a_photo__faces_found_and_one_let_be(town: SmallStreet, door: Door) -> None:
    browser = door.enter(town.actors["volunteer"])
    app = browser.open("service/record.py", area="310109001001001")
    upload(browser, b"no photo at all")
    assert [one.value for one in app.error] == [say("photo.no_picture", Language.ZH)]
    upload(browser, as_file(wall(FACES)))
    assert faults(app) == []
    assert say("photo.found", Language.ZH, n=2) in said(browser)
    (places,) = [group for group in app.button_group if "_places_" in str(group.key)]
    places.set_value([0])
    (use,) = [one for one in app.button if str(one.key).endswith("_keep")]
    use.click()
    browser.run()
    assert faults(app) == []
    (save,) = [one for one in app.button if one.label == say("record.save", Language.ZH)]
    save.click()
    browser.run()
    assert faults(app) == []
    with Reads() as session:
        kept = session.scalars(select(Photo)).one()
    assert (kept.blurred, kept.moment.value, kept.width) == (1, "after", 800)
    app = browser.open("service/records.py", area="310109001001001")
    assert faults(app) == []
    assert "/photo/" not in html(app)  # nothing is fetched before a record is opened
