"""What no form should be sent, sent to every field of every form, on both engines.

Each is kept as something harmless or refused in words of both languages; nothing else may happen,
and a refusal writes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lib.domain.calendar import today
from lib.domain.errors import Refusal
from lib.domain.vocab import Language, Level, Net, Office, ServiceState, UnitKind
from lib.i18n.glossary import problem_sentence, sentence
from lib.persistence.engine import Reads
from lib.persistence.models import Area, Base, Branch, Building, Estate, Organisation
from lib.queries import areas, offices, people, search, units
from lib.services.appointments import Holder, appoint, change_term, end_appointment, hand_over
from lib.services.buildings import (
    BuildingEntry,
    EstateEntry,
    add_building,
    add_estate,
    edit_building,
    edit_estate,
)
from lib.services.service import (
    Participant,
    correct_service,
    record_service,
    return_service,
    void_service,
)
from lib.services.structure import rename_branch, set_up_branch
from lib.services.tree import AreaEntry, add_area, close_area, edit_area
from lib.services.units import UnitEntry, add_unit, edit_unit
from tests.factories import OPENED, SmallStreet, service_given
from tests.services.test_structure import office_of, one, term_of
from tests.services.written import entry

HELD = Office.BUILDING_GROUP

REFUSED: Mapping[str, tuple[object, ...]] = {
    # A line that must be there.
    "name": ("", " \n\t ", "\x00", "\u202e\u200b", "长" * 10_000, "\ud800"),
    # A line or note that may be empty.
    "text": ("长" * 10_000, "<b>" * 4_000),
    "amount": (-1, 10**9 + 1, 10**30),
    "minutes": (0, -60, 961, 10**30),
    # A day that nobody can have come to yet, or that nobody remembers.
    "day": (today() + timedelta(days=1), date.max, date.min, date(1900, 1, 1)),
    "ahead": (date.min, date.max, date(1900, 1, 1)),
    "longitude": (-181.0, 181.0, 1e300, float("inf"), float("nan"), 0.0),
    "latitude": (-91.0, 91.0, 1e300, float("-inf"), float("nan"), 0.0),
}
"""By what a field holds, what is refused whatever else the form says."""

KEPT: Mapping[str, tuple[object, ...]] = {
    "name": (
        "<script>alert(1)</script>",
        "=HYPERLINK(0)",
        "@SUM(1)",
        "👩‍👩‍👧 志愿",
        "𠮷䶮",
        "\u202e反向",
        "a\x00b",
        "a\ud800b",
        "'; drop table area; --",
        "%_\\",
        "e\u0301" * 50,
    ),
    "text": ("", "\x00", "\ud800\udfff", "=1+1", "<i>", "𠮷", "\u202e\u2066", "行\r\n二"),
    "amount": (0,),
    "minutes": (1,),
    "day": (today(),),
    "ahead": (),
    "longitude": (),
    "latitude": (),
}
"""And what may well be kept, if the form is acceptable otherwise."""


HARMFUL = frozenset("\x00\u200b\u202e\u2066\ud800\udfff")
"""Of the signs that were typed, those that may not be kept."""


@dataclass(frozen=True)
class Form:
    """A form's command with everything else in order, and what each of its fields holds."""

    fields: Mapping[str, str]
    send: Callable[[SmallStreet, Mapping[str, object]], object]


def _who(street: SmallStreet) -> object:
    return street.actors["street_committee"]


def _recorded(street: SmallStreet, given: Mapping[str, object]) -> object:
    values = dict(given)
    part = {"minutes": values.pop("minutes", 60)}
    part |= {"new_name": values.pop("participants")} if "participants" in values else {}
    part |= {} if "new_name" in part else {"person_id": street.people["lin"]}
    if "money" in values:
        values["money_fen"] = values.pop("money")
    return entry(street.areas.g1, **values), [Participant(**part)]


def _record(street: SmallStreet, given: Mapping[str, object]) -> object:
    said, parts = _recorded(street, given)
    request_id = f"request-{hash(str(given)) % 10**12}"
    return record_service(_who(street), entry=said, participants=parts, request_id=request_id)


def _correct(street: SmallStreet, given: Mapping[str, object]) -> object:
    number = service_given(
        street, street.areas.g1, state=ServiceState.RETURNED, recorder="street_committee"
    )
    said, parts = _recorded(street, given)
    return correct_service(
        _who(street), service_id=number, version=1, entry=said, participants=parts
    )


def _return(street: SmallStreet, given: Mapping[str, object]) -> object:
    number = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    return return_service(_who(street), service_id=number, version=1, **given)


def _void(street: SmallStreet, given: Mapping[str, object]) -> object:
    number = service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    return void_service(_who(street), service_id=number, version=1, **given)


def _unit(street: SmallStreet, given: Mapping[str, object]) -> UnitEntry:
    values = {"name_zh": "新单位", "lon": None, "lat": None, **given}
    if values["lon"] is not None or values["lat"] is not None:
        values = {**values, "lon": values["lon"] or 121.485, "lat": values["lat"] or 31.275}
        values |= given
    return UnitEntry(kind=UnitKind.SCHOOL, net=Net.COMPREHENSIVE, area_id=street.areas.g1, **values)


def _add_unit(street: SmallStreet, given: Mapping[str, object]) -> object:
    request_id = f"request-{hash(str(given)) % 10**12}"
    return add_unit(_who(street), entry=_unit(street, given), request_id=request_id)


def _edit_unit(street: SmallStreet, given: Mapping[str, object]) -> object:
    with Reads() as session:
        row = session.get_one(Organisation, street.units["clinic"])
    said = _unit(street, given)
    return edit_unit(_who(street), unit_id=row.id, version=row.version, entry=said)


def _area(given: Mapping[str, object]) -> AreaEntry:
    return AreaEntry(**{"name_zh": "新网格", "valid_from": OPENED, **given})


def _add_area(street: SmallStreet, given: Mapping[str, object]) -> object:
    parent = street.areas.c1
    return add_area(_who(street), parent_id=parent, level=Level.GRID, entry=_area(given))


def _edit_area(street: SmallStreet, given: Mapping[str, object]) -> object:
    area = one(Area, id=street.areas.g4)
    return edit_area(_who(street), area_id=area.id, version=area.version, entry=_area(given))


def _close_area(street: SmallStreet, given: Mapping[str, object]) -> object:
    area = one(Area, id=street.areas.g4)
    return close_area(_who(street), area_id=area.id, version=area.version, **given)


def _building(street: SmallStreet, given: Mapping[str, object]) -> BuildingEntry:
    values = {"label": "新楼", "households": 3, "counted_on": OPENED, "count_source": "统计"}
    if {"lon", "lat"} & given.keys():
        values |= {"lon": 121.485, "lat": 31.275}
    return BuildingEntry(area_id=street.areas.g1, **values | given)


def _add_building(street: SmallStreet, given: Mapping[str, object]) -> object:
    return add_building(_who(street), entry=_building(street, given))


def _edit_building(street: SmallStreet, given: Mapping[str, object]) -> object:
    row = one(Building, label="3号楼") or one(Building, area_id=street.areas.g1)
    said = _building(street, given)
    return edit_building(_who(street), building_id=row.id, version=row.version, entry=said)


def _estate(street: SmallStreet, given: Mapping[str, object]) -> EstateEntry:
    both = frozenset({street.areas.g1, street.areas.g2})
    return EstateEntry(**{"name_zh": "新小区", "area_ids": both, **given})


def _add_estate(street: SmallStreet, given: Mapping[str, object]) -> object:
    return add_estate(_who(street), entry=_estate(street, given))


def _edit_estate(street: SmallStreet, given: Mapping[str, object]) -> object:
    row = one(Estate)
    said = _estate(street, given)
    return edit_estate(_who(street), estate_id=row.id, version=row.version, entry=said)


def _set_up(street: SmallStreet, given: Mapping[str, object]) -> object:
    values = {"name_zh": "新支部", **given}
    return set_up_branch(_who(street), area_id=street.areas.g2, **values)


def _rename(street: SmallStreet, given: Mapping[str, object]) -> object:
    row = one(Branch, area_id=street.areas.g3)
    values = {"name_zh": "新支部", **given}
    return rename_branch(_who(street), branch_id=row.id, version=row.version, **values)


def _holder(given: Mapping[str, object], first: str) -> dict[str, object]:
    values = {"since": today(), "person_id": "新人", **given}
    return {
        "holder": Holder(new_name=str(values.pop("person_id"))),
        first: values.pop("since"),
        **values,
    }


def _appoint(street: SmallStreet, given: Mapping[str, object]) -> object:
    number = office_of(street, Office.POST, held=False)
    values = _holder(given, "since")
    return appoint(_who(street), office=Office.POST, office_id=number, **values)


def _hand_over(street: SmallStreet, given: Mapping[str, object]) -> object:
    term = term_of(HELD, office_of(street, HELD, held=True))
    return hand_over(_who(street), appointment_id=term.id, **_holder(given, "day"))


def _end(street: SmallStreet, given: Mapping[str, object]) -> object:
    term = term_of(HELD, office_of(street, HELD, held=True))
    return end_appointment(_who(street), appointment_id=term.id, **given)


def _term(street: SmallStreet, given: Mapping[str, object]) -> object:
    term = term_of(HELD, office_of(street, HELD, held=True))
    return change_term(_who(street), appointment_id=term.id, **{"since": today(), **given})


_SERVICE = {
    "participants": "name",
    "place": "text",
    "note": "text",
    "day": "day",
    "people_served": "amount",
    "goods": "amount",
    "money": "amount",
    "minutes": "minutes",
}
_UNIT = {
    "name_zh": "name",
    **dict.fromkeys(("name_en", "address", "offers", "liaison_name", "liaison_phone"), "text"),
    "lon": "longitude",
    "lat": "latitude",
}
_AREA = {
    "name_zh": "name",
    **dict.fromkeys(("name_en", "code", "level_label_zh", "level_label_en"), "text"),
    "valid_from": "ahead",
}
_BUILDING = {
    "label": "name",
    "count_source": "name",
    "households": "amount",
    "counted_on": "day",
    "lon": "longitude",
    "lat": "latitude",
}
_NAMES = {"name_zh": "name", "name_en": "text"}
_HOLDER = {"person_id": "name", "since": "day", "until": "ahead"}

FORMS: Mapping[str, Form] = {
    "record": Form(_SERVICE, _record),
    "correct": Form(_SERVICE, _correct),
    "return": Form({"reason": "name"}, _return),
    "void": Form({"reason": "name"}, _void),
    "unit": Form(_UNIT, _add_unit),
    "unit edited": Form(_UNIT, _edit_unit),
    "area": Form(_AREA, _add_area),
    "area edited": Form(_AREA, _edit_area),
    "building": Form(_BUILDING, _add_building),
    "building edited": Form(_BUILDING, _edit_building),
    "estate": Form(_NAMES, _add_estate),
    "estate edited": Form(_NAMES, _edit_estate),
    "branch": Form(_NAMES, _set_up),
    "branch renamed": Form(_NAMES, _rename),
    "appointment": Form(_HOLDER, _appoint),
    "hand-over": Form(_HOLDER, _hand_over),
    "term": Form({"since": "day", "until": "ahead"}, _term),
    "end of a term": Form({"day": "day"}, _end),
    "area closed": Form({"day": "ahead"}, _close_area),
}


_ONE = {"service": 1, "participation": 1, "service_step": 1}
PREPARED = {"return": _ONE, "void": _ONE, "correct": {**_ONE, "service_step": 2}}
"""What is made beforehand, each time that a decision on a record is sent."""


def rows() -> dict[str, int]:
    """How many rows each table has."""
    tables = Base.metadata.sorted_tables
    counts = [select(func.count()).select_from(t).scalar_subquery().label(t.name) for t in tables]
    with Reads() as session:
        return dict(session.execute(select(*counts)).mappings().one())


def said(refusal: Refusal) -> None:
    """Why it was refused is said in both languages, with the name of each field."""
    for tell, told in ((sentence, [refusal]), (problem_sentence, refusal.problems)):
        for one_ in told:
            zh, en = (tell(one_, language) for language in Language)
            assert zh and en and zh != en
            zh.encode()
            en.encode()


def refused(form: str, street: SmallStreet, given: Mapping[str, object]) -> bool:
    """Send the form; whether it was refused, properly."""
    try:
        FORMS[form].send(street, given)
    except Refusal as refusal:
        said(refusal)
        return True
    return False


def test_forms__what_no_field_can_hold__refused_in_words_and_nothing_written(
    street: SmallStreet,
) -> None:
    service_given(street, street.areas.g1, state=ServiceState.RECORDED)
    for form in FORMS:
        made = PREPARED.get(form, {})
        before = rows()
        for field, holds in FORMS[form].fields.items():
            for value in REFUSED[holds]:
                assert refused(form, street, {field: value}), (form, field, value)
        tried = sum(len(REFUSED[holds]) for holds in FORMS[form].fields.values())
        after = {name: n + tried * made.get(name, 0) for name, n in before.items()}
        assert rows() == after, form


def test_forms__what_is_odd_but_no_fault__kept_or_refused_in_words(street: SmallStreet) -> None:
    for form in FORMS:
        for field, holds in FORMS[form].fields.items():
            for value in KEPT[holds]:
                refused(form, street, {field: value})
    with Reads() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for text in row:
                    assert not isinstance(text, str) or HARMFUL.isdisjoint(text), text


@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_form__anything_in_every_field_at_once__kept_or_refused(
    street: SmallStreet, data: st.DataObject
) -> None:
    anything = {
        **dict.fromkeys(("name", "text"), st.text(max_size=300)),
        **dict.fromkeys(("amount", "minutes"), st.integers()),
        **dict.fromkeys(("day", "ahead"), st.dates()),
        **dict.fromkeys(("longitude", "latitude"), st.floats()),
    }
    form = data.draw(st.sampled_from(list(FORMS)))
    fields = FORMS[form].fields
    refused(form, street, {one_: data.draw(anything[holds]) for one_, holds in fields.items()})


def test_search__whatever_is_typed_or_stands_in_an_address__an_answer(
    street: SmallStreet,
) -> None:
    who = street.actors["street_committee"]
    for text in (*REFUSED["name"], *KEPT["name"], *REFUSED["text"], *KEPT["text"]):
        search.find(who, text=text)
        areas.by_code(who, code=text)
        units.listing(who, area_id=street.areas.s, text=text)
        offices.takers(who, text=text, area_id=street.areas.g1)
        people.candidates(who, names=(text,), area_id=street.areas.g1)
    assert search.find(who, text="\x00石桥\ud800").iloc[0]["name_zh"] == "石桥社区"
    assert len(areas.by_code(who, code="310109001\x00")) == 1
