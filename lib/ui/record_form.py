"""The form that records one service for everybody who took part, on its page or in a dialog.

Nothing typed is lost: every widget keeps its key until the record is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.domain.calendar import today
from lib.domain.errors import Problem
from lib.domain.permissions import Actor, Permission
from lib.domain.roster import RosterLine, parse_roster
from lib.domain.vocab import Beneficiary, ServiceKind
from lib.i18n import formats
from lib.i18n.glossary import problem_sentence
from lib.queries import areas, people, service, suspicions, units
from lib.services.photos import BlurredPhoto
from lib.services.service import Participant, ServiceEntry, correct_service, record_service
from lib.ui import act, photos
from lib.ui.fields import Fields
from lib.ui.live import dialog, read
from lib.ui.page import card_title
from lib.ui.place import Place
from lib.ui.session import language, name_of, plain, t

DEFAULT_MINUTES = 60
_WARNED = 5


@dataclass(frozen=True)
class _Roster:
    """Who is named so far, and what still stands in the way of saving."""

    participants: tuple[Participant, ...]
    problems: tuple[Problem, ...]


def record_here(actor: Actor, place: Place) -> None:
    """The button that opens the form for this place in a dialog."""
    if actor.may(Permission.SERVICE_RECORD) and st.button(
        t("record.title"), type="primary", icon=":material/add:", key="record_here"
    ):
        _in_dialog(actor, place)


@dialog("record.title")
def _in_dialog(actor: Actor, place: Place) -> None:
    form(actor, place, name="quick")


def form(
    actor: Actor,
    place: Place,
    *,
    name: str,
    returned: pd.Series | None = None,
    claim: pd.Series | None = None,
    event: pd.Series | None = None,
) -> None:
    """The whole form; `returned` is a record to correct, whose values it starts from.

    With `claim`, a row of `lib.queries.claim`, it records the service that was promised; with
    `event`, one of `lib.queries.team.events`, what the team's event was.
    """
    begun = next((one for one in (returned, claim, event) if one is not None), None)
    entry = _entry(actor, place, name, begun)
    team_id = None if event is None else int(event["team_id"])
    roster = _roster(actor, name, entry.area_id if entry else None, returned, team_id)
    pictures = photos.collect(name) if returned is None else ()
    if entry is not None:
        _warn_of_overlaps(actor, entry, roster.participants, returned)
    if st.button(t("record.save"), type="primary", key=_key(name, "save"), width="stretch"):
        if entry is None:
            st.error(t("record.choose_area"), icon=":material/error:")
        elif roster.problems:
            st.error(
                "\n".join(f"- {plain(problem_sentence(p, language()))}" for p in roster.problems),
                icon=":material/error:",
            )
        else:
            _save(actor, name, entry, roster.participants, returned, claim, event, pictures)


def _warn_of_overlaps(
    actor: Actor,
    entry: ServiceEntry,
    participants: Sequence[Participant],
    returned: pd.Series | None,
) -> None:
    """Other records of the day that cannot well be true beside this one; it may be saved."""
    named = tuple((p.person_id, p.minutes) for p in participants if p.person_id is not None)
    if not named:
        return
    rows = read(
        suspicions.overlapping,
        actor,
        participants=named,
        day=entry.day,
        starts_at=entry.starts_at,
        but=None if returned is None else int(returned["service_id"]),
    )
    lines = [
        t(
            "suspicion.overlap",
            name=row["name"] or t("suspicion.somebody"),
            time=f"{row['starts_at']:%H:%M}" if row["starts_at"] else formats.UNKNOWN,
            place=row["place"] or name_of(row["area_zh"], row["area_en"]),
            hours=formats.hours(row["minutes"]),
        )
        for _, row in rows.head(_WARNED).iterrows()
    ]
    if lines:
        st.warning("\n".join(f"- {plain(line)}" for line in lines), icon=":material/schedule:")


def _save(
    actor: Actor,
    name: str,
    entry: ServiceEntry,
    participants: Sequence[Participant],
    returned: pd.Series | None,
    claim: pd.Series | None,
    event: pd.Series | None,
    pictures: Sequence[BlurredPhoto],
) -> None:
    def afresh() -> None:
        act.renew(name)
        for asked in ("claim", "event"):
            st.query_params.pop(asked, None)

    if returned is None:
        act.perform(
            record_service,
            actor,
            done="record.done" if claim is None else "claims.served",
            then=afresh,
            entry=entry,
            participants=participants,
            request_id=act.request_id(name),
            claim_id=None if claim is None else int(claim["claim_id"]),
            event_id=None if event is None else int(event["event_id"]),
            photos=pictures,
        )
    else:
        act.perform(
            correct_service,
            actor,
            done="record.corrected",
            then=st.query_params.clear,
            service_id=int(returned["service_id"]),
            version=int(returned["version"]),
            entry=entry,
            participants=participants,
        )


def _key(name: str, widget: str) -> str:
    return f"{name}_{widget}_{act.generation(name)}"


def _entry(actor: Actor, place: Place, name: str, begun: pd.Series | None) -> ServiceEntry | None:
    here = {"area_id": place.area_id} if place.leaf else {}
    fields = Fields(f"{name}_{act.generation(name)}", here if begun is None else begun.to_dict())
    leaves = read(areas.painted, actor, root_id=place.area_id)
    with st.container(border=True, key=f"card_{name}_what"):
        card_title(t("record.what"))
        # A row for each pair: on a phone the columns stack, and the order must still make sense.
        left, right = st.columns(2)
        area_id = fields.area(left, leaves)
        kind = fields.choice(right, "kind", ServiceKind, ServiceKind.VISIT)
        left, right = st.columns(2)
        day = fields.day(left, "day")
        starts_at = fields.hour(right, "starts_at")
        where = fields.text(st.container(), "place", t("record.place_hint"))
        left, right = st.columns(2)
        group = fields.choice(left, "beneficiary", Beneficiary, Beneficiary.ALL_RESIDENTS)
        people_served = fields.whole(right, "people_served", default=1)
        left, right = st.columns(2)
        goods = fields.whole(left, "goods")
        money = fields.money(right, "money")
        note = fields.words(st.container(), "note", t("record.note_hint"))
    if area_id is None:
        return None
    return ServiceEntry(
        kind=kind,
        area_id=area_id,
        day=day,
        people_served=people_served,
        beneficiary=group,
        place=where,
        starts_at=starts_at,
        goods=goods,
        money_fen=money,
        note=note,
    )


def _roster(
    actor: Actor,
    name: str,
    area_id: int | None,
    returned: pd.Series | None,
    team_id: int | None = None,
) -> _Roster:
    before = _before(actor, returned)
    with st.container(border=True, key=f"card_{name}_who"):
        card_title(t("record.who"), t("record.who_note"))
        usual = int(before["minutes"].iloc[0]) if len(before) else DEFAULT_MINUTES
        minutes = int(
            st.number_input(t("field.minutes"), value=usual, step=15, key=_key(name, "minutes"))
        )
        if not actor.may(Permission.SERVICE_RECORD_OTHERS):
            st.caption(t("record.only_you"))
            return _Roster((Participant(minutes, person_id=actor.person_id),), ())
        picked = _from_team(actor, name, team_id)
        persons = before[before["kind"] == "person"]
        pasted = st.text_area(
            t("record.paste"),
            value="\n".join(f"{row.name_zh} {row.minutes}" for row in persons.itertuples()),
            placeholder=t("record.paste_hint"),
            key=_key(name, "paste"),
            height=110,
        )
        together = _together(name, before[before["kind"] != "person"])
        as_unit = _as_unit(actor, name, minutes, together)
        lines, problems = parse_roster(pasted, minutes)
        known = dict(zip(persons["name_zh"], persons["participant_id"].astype(int), strict=True))
        found, more = _matched(actor, name, lines, area_id, known)
        listed = {p.person_id for p in found if p.person_id}
        members = [Participant(minutes, person_id=n) for n in picked if n not in listed]
        everybody = (*found, *members, *together, *as_unit)
        st.caption(t("record.counted", n=len(everybody)))
        return _Roster(everybody, (*problems, *more))


def _before(actor: Actor, returned: pd.Series | None) -> pd.DataFrame:
    """Who took part in the record that is to be corrected; nobody for a new one."""
    if returned is None:
        return pd.DataFrame(columns=list(service.PARTICIPANT_COLUMNS))
    return read(service.participants, actor, service_ids=(int(returned["service_id"]),))


def _together(name: str, rows: pd.DataFrame) -> list[Participant]:
    """The teams and units of a record that is to be corrected, as far as they are kept."""
    if rows.empty:
        return []
    by_key = {f"{row.kind}{row.participant_id}": row for row in rows.itertuples()}
    kept = st.multiselect(
        t("record.together"),
        list(by_key),
        default=list(by_key),
        format_func=lambda key: name_of(by_key[key].name_zh, by_key[key].name_en),
        key=_key(name, "together"),
    )
    return [
        Participant(int(row.minutes), team_id=int(row.participant_id))
        if row.kind == "team"
        else Participant(int(row.minutes), organisation_id=int(row.participant_id))
        for row in (by_key[key] for key in kept)
    ]


def _from_team(actor: Actor, name: str, begin_with: int | None) -> list[int]:
    own = read(people.teams, actor, area_id=None, first=today(), last=today())
    if own.empty:
        return []
    names = {int(r["team_id"]): name_of(r["name_zh"], r["name_en"]) for _, r in own.iterrows()}
    left, right = st.columns([1, 2])
    options = sorted(names, key=names.__getitem__)
    team_id = left.selectbox(
        t("record.team"),
        options,
        index=options.index(begin_with) if begin_with in options else None,
        format_func=lambda n: names[n],
        placeholder=t("record.team_hint"),
        key=_key(name, "team"),
    )
    if team_id is None:
        return []
    members = read(people.team_members, actor, team_id=team_id)
    named = dict(zip(members["person_id"].astype(int), members["name"], strict=True))
    chosen: list[int] = right.multiselect(
        t("record.members"),
        list(named),
        format_func=lambda n: named[n],
        placeholder=t("record.members_hint", n=len(named)),
        key=_key(name, f"members_{team_id}"),
    )
    return chosen


def _as_unit(
    actor: Actor, name: str, minutes: int, together: Sequence[Participant]
) -> list[Participant]:
    """The units and teams themselves that the actor stands for, as far as they are ticked."""
    scope = actor.scope(Permission.SERVICE_RECORD_OTHERS)
    rows = [
        (Participant(minutes, organisation_id=n), read(units.unit, actor, unit_id=n))
        for n in sorted(scope.unit_ids)
    ]
    rows += [
        (Participant(minutes, team_id=n), read(people.team, actor, team_id=n))
        for n in sorted(scope.team_ids)
    ]
    named = {(p.organisation_id, p.team_id) for p in together}
    return [
        one
        for one, row in rows
        if (key := (one.organisation_id, one.team_id)) not in named
        and len(row)
        and st.checkbox(
            t("record.as_unit", name=name_of(row["name_zh"].iloc[0], row["name_en"].iloc[0])),
            key=_key(name, f"as_unit_{key[0] or ''}_{key[1] or ''}"),
        )
    ]


def _matched(
    actor: Actor,
    name: str,
    lines: Sequence[RosterLine],
    area_id: int | None,
    known: Mapping[str, int],
) -> tuple[list[Participant], list[Problem]]:
    """Whose names these are: known before, found, to be chosen between, or to be registered."""
    if not lines or area_id is None:
        return [], []
    candidates = read(
        people.candidates, actor, names=tuple(one.name for one in lines), area_id=area_id
    )
    found: list[Participant] = []
    unknown: list[RosterLine] = []
    for one in lines:
        same = candidates[candidates["name"] == one.name]
        nearest = same[same["distance"] == same["distance"].min()]
        if one.name in known:
            found.append(Participant(one.minutes, person_id=known[one.name]))
        elif same.empty:
            unknown.append(one)
        elif len(nearest) == 1:
            found.append(Participant(one.minutes, person_id=int(nearest.iloc[0]["person_id"])))
        else:
            person = _which(name, one, nearest)
            if person is None:
                return found, [Problem("participants", "problem.which", {"name": one.name})]
            found.append(Participant(one.minutes, person_id=person))
    return _with_new(actor, name, found, unknown)


def _which(name: str, one: RosterLine, same: pd.DataFrame) -> int | None:
    where = {
        int(row["person_id"]): f"{row['name']} · {name_of(row['area_zh'], row['area_en'])} · "
        f"{t('record.number', n=int(row['person_id']))}"
        for _, row in same.iterrows()
    }
    chosen: int | None = st.selectbox(
        plain(t("record.which", name=one.name)),
        list(where),
        index=None,
        format_func=lambda n: where[n],
        key=_key(name, f"which_{one.name}"),
    )
    return chosen


def _with_new(
    actor: Actor, name: str, found: list[Participant], unknown: list[RosterLine]
) -> tuple[list[Participant], list[Problem]]:
    if not unknown:
        return found, []
    names = t("list.separator").join(one.name for one in unknown)
    if not actor.may(Permission.PERSON_REGISTER):
        return found, [Problem("participants", "problem.unknown_names", {"names": names})]
    st.info(plain(t("record.unknown", names=names, n=len(unknown))), icon=":material/person_add:")
    if st.checkbox(t("record.register", n=len(unknown)), key=_key(name, "register")):
        return [*found, *(Participant(one.minutes, new_name=one.name) for one in unknown)], []
    return found, [Problem("participants", "problem.unknown_names", {"names": names})]
