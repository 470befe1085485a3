"""The forms of checking in: one person, a pasted list, and what a volunteer offers.

What was typed stays where a check-in is refused; where it is refused for another one that is open,
the way to move that one is offered.
"""

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.check_in import PLEDGE_TEXT, RADII, parse_members
from lib.domain.errors import Invalid, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.retention import CONSENT_TEXT
from lib.domain.vocab import DayPart, Skill, VolunteerDuty
from lib.i18n import formats
from lib.i18n.glossary import sentence, word
from lib.queries import areas, check_in, people, units
from lib.services import check_in as commands
from lib.services.check_in import CheckInEntry, MoveEntry
from lib.services.volunteers import ProfileEntry, set_duties, update_profile
from lib.ui import act
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.place import Place
from lib.ui.session import language, name_of, plain, t
from lib.ui.setting_words import WEEKDAYS

_FORM, _MANY, _TWICE = "check_in", "check_in_many", "check_in_twice"
_NEW = 0
"""In the place of a person's number: somebody who is not on the list yet."""

_OPEN_ALREADY = ("refusal.checked_in", "refusal.certificate_used")


@dialog("checkin.one")
def register(actor: Actor, place: Place) -> None:
    """One person: who, where they live, what they brought, what they offer, and the pledge."""
    start = {"area_id": place.area_id} if place.leaf else {}
    fields = Fields(f"{_FORM}_{act.generation(_FORM)}", start)
    left, right = st.columns(2)
    name = fields.text(left, "person_name")
    area_id = fields.area(right, read(areas.painted, actor, root_id=place.area_id))
    person_id = _who(actor, fields, name, area_id)
    left, middle, right = st.columns([2, 1, 1])
    unit_id = unit_choice(actor, left, fields.key)
    number = fields.text(middle, "certificate_number", t("unit.optional"))
    day = fields.any_day(right, "checked_in_on", today())
    with st.expander(t("checkin.offers")):
        profile = _offered(fields.key, check_in.Profile())
        duties = _duties(fields.key, check_in.Profile())
    consented = True
    if person_id is None:
        st.caption(t("consent.text"))
        consented = st.checkbox(
            t("checkin.consented", version=CONSENT_TEXT), key=f"{fields.key}_consented"
        )
    st.caption(t("pledge.text"))
    pledged = st.checkbox(t("pledge.given", version=PLEDGE_TEXT), key=f"{fields.key}_pledged")
    if st.button(t("checkin.save"), type="primary", key=f"{fields.key}_save"):
        if area_id is None:
            st.error(t("record.choose_area"), icon=":material/error:")
            return
        entry = CheckInEntry(
            area_id=area_id,
            person_id=person_id,
            new_name=name,
            organisation_id=unit_id,
            certificate_number=number,
            day=day,
            pledged=pledged,
            consented=consented,
            duties=duties or None,
            profile=profile if profile != ProfileEntry() else None,
        )
        _save(actor, entry)
    _offer_move(actor)


@dialog("checkin.many")
def register_many(actor: Actor, place: Place) -> None:
    """A pasted list of one unit's members who live in one grid, all of them or none."""
    st.caption(t("checkin.many_note"))
    start = {"area_id": place.area_id} if place.leaf else {}
    fields = Fields(f"{_MANY}_{act.generation(_MANY)}", start)
    left, right = st.columns(2)
    unit_id = unit_choice(actor, left, fields.key)
    area_id = fields.area(right, read(areas.painted, actor, root_id=place.area_id))
    pasted = fields.words(st.container(), "members", t("checkin.many_hint"))
    members, problems = parse_members(pasted)
    st.caption(t("checkin.many_count", n=len(members)))
    agreed = st.checkbox(
        t("checkin.many_agreed", consent=CONSENT_TEXT, pledge=PLEDGE_TEXT),
        key=f"{fields.key}_agreed",
    )
    if not st.button(t("checkin.save"), type="primary", key=f"{fields.key}_save"):
        return
    if area_id is None:
        st.error(t("record.choose_area"), icon=":material/error:")
        return
    if problems:
        act.show_refusal(Invalid(problems))
        return
    entries = [
        CheckInEntry(
            area_id=area_id,
            new_name=name,
            organisation_id=unit_id,
            certificate_number=number,
            pledged=agreed,
            consented=agreed,
        )
        for name, number in members
    ]
    act.perform(
        commands.check_in_many,
        actor,
        done="checkin.many_saved",
        done_values={"n": len(entries)},
        then=lambda: act.renew(_MANY),
        entries=entries,
        request_id=act.request_id(_MANY),
    )


@dialog("checkin.profile")
def edit_profile(actor: Actor, person_id: int) -> None:
    """What a volunteer offers; the duties they hold for who gives them, not for oneself."""
    form = f"profile_{person_id}"
    key = f"{form}_{act.generation(form)}"
    loaded = st.session_state.setdefault(
        f"{key}_loaded", read(check_in.profile, actor, person_id=person_id)
    )
    profile = _offered(key, loaded)
    gives = actor.may(Permission.CHECKIN_REGISTER)
    duties = _duties(key, loaded) if gives else loaded.duties

    def save() -> None:
        update_profile(actor, person_id=person_id, version=loaded.version, entry=profile)
        if duties != loaded.duties:
            set_duties(actor, person_id=person_id, duties=duties)

    if st.button(t("checkin.profile_save"), type="primary", key=f"{key}_save"):
        act.perform(save, done="checkin.profile_saved", then=lambda: act.renew(form))


def unit_choice(actor: Actor, column: st.delta_generator.DeltaGenerator, key: str) -> int | None:
    """One of the open units of the street, or none."""
    rows = read(units.names, actor, permission=Permission.CHECKIN_REGISTER)
    names = {int(row.unit_id): name_of(str(row.name_zh), row.name_en) for row in rows.itertuples()}
    chosen: int | None = column.selectbox(
        t("field.organisation_id"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("checkin.no_unit"),
        key=f"{key}_organisation_id",
    )
    return chosen


def _who(actor: Actor, fields: Fields, name: str, area_id: int | None) -> int | None:
    """Somebody known of that name, None for somebody new; nobody is known without an area."""
    if not name.strip() or area_id is None:
        return None
    same = read(people.candidates, actor, names=(name,), area_id=area_id)
    return which(same, name, fields.key)


def which(same: pd.DataFrame, name: str, key: str) -> int | None:
    """Which of the people of one name it is, None for somebody new; asked where there is one."""
    if same.empty:
        return None
    who = {
        int(row["person_id"]): f"{row['name']} · {name_of(row['area_zh'], row['area_en'])} · "
        f"{t('record.number', n=int(row['person_id']))}"
        for _, row in same.iterrows()
    } | {_NEW: t("checkin.somebody_new")}
    chosen: int = st.selectbox(
        plain(t("record.which", name=name)),
        list(who),
        format_func=who.__getitem__,
        key=f"{key}_who_{name}",
    )
    return None if chosen == _NEW else chosen


def _offered(key: str, start: check_in.Profile) -> ProfileEntry:
    skills = st.multiselect(
        t("field.skills_own"),
        list(Skill),
        default=sorted(start.skills, key=list(Skill).index),
        format_func=lambda one: word(one, language()),
        placeholder=t("checkin.choose_any"),
        key=f"{key}_skills",
    )
    every = [(weekday, part) for weekday in range(7) for part in DayPart]
    left, right = st.columns([3, 1])
    times = left.multiselect(
        t("field.times"),
        every,
        default=[one for one in every if one in start.times],
        format_func=lambda one: t(
            "checkin.time",
            day=t(f"weekday.{WEEKDAYS[one[0]]}"),
            part=word(one[1], language()),
        ),
        placeholder=t("checkin.choose_any"),
        key=f"{key}_times",
    )
    radius: int | None = right.selectbox(
        t("field.radius_m"),
        RADII,
        index=RADII.index(start.radius_m) if start.radius_m in RADII else None,
        format_func=lambda metres: t("checkin.metres", n=formats.count(metres)),
        placeholder=t("checkin.anywhere"),
        key=f"{key}_radius_m",
    )
    return ProfileEntry(frozenset(skills), frozenset(times), radius)


def _duties(key: str, start: check_in.Profile) -> frozenset[VolunteerDuty]:
    return frozenset(
        st.multiselect(
            t("field.duties"),
            list(VolunteerDuty),
            default=sorted(start.duties, key=list(VolunteerDuty).index),
            format_func=lambda one: word(one, language()),
            placeholder=t("checkin.choose_any"),
            key=f"{key}_duties",
        )
    )


def _save(actor: Actor, entry: CheckInEntry) -> None:
    def afresh() -> None:
        act.renew(_FORM)
        st.session_state.pop(_TWICE, None)

    st.session_state.pop(_TWICE, None)
    refusal = act.perform(
        commands.check_in,
        actor,
        done="checkin.saved",
        then=afresh,
        entry=entry,
        request_id=act.request_id(_FORM),
    )
    if refusal.code in _OPEN_ALREADY:
        st.session_state[_TWICE] = (refusal, entry)


def _offer_move(actor: Actor) -> None:
    """The way on from a check-in that is open elsewhere: move it here."""
    held: tuple[Refusal, CheckInEntry] | None = st.session_state.get(_TWICE)
    if held is None:
        return
    refusal, entry = held
    st.info(plain(sentence(refusal, language())), icon=":material/move_item:")
    if st.button(t("checkin.move_here"), key="check_in_move_here"):

        def afresh() -> None:
            act.renew(_FORM)
            st.session_state.pop(_TWICE, None)

        act.perform(
            commands.move,
            actor,
            done="checkin.moved",
            then=afresh,
            check_in_id=refusal.values["check_in_id"],
            version=refusal.values["version"],
            entry=MoveEntry(
                entry.area_id, entry.organisation_id, entry.certificate_number, entry.day
            ),
            request_id=act.request_id(_FORM),
        )


def home_choice(actor: Actor, place: Place, key: str) -> int | None:
    """One of the grids below the place, to move to."""
    rows: pd.DataFrame = read(areas.painted, actor, root_id=place.area_id)
    return Fields(key, {}).area(st.container(), rows)
