"""What residents do themselves: file a need by the public form, and say whether they were served.

Nobody here has an account: a code on paper or the token of the own link is all they show. Handing
out links, and who asked, belongs to whoever settles needs.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lib.domain.calendar import now
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.origin import nowhere
from lib.domain.permissions import Actor, Permission
from lib.domain.public_codes import CODE_SIGNS, LINK_DAYS
from lib.domain.retention import ASKER_DAYS, ASKING_TEXT
from lib.domain.roster import PERSON_NAME_MAX
from lib.domain.sessions import digest
from lib.domain.text import clean, line, too_long
from lib.domain.vocab import (
    Beneficiary,
    CodeFor,
    ConfirmedBy,
    NeedAction,
    NeedSource,
    RevealReason,
    ServiceAction,
    ServiceKind,
    Topic,
)
from lib.domain.workflow import need_step, service_step
from lib.persistence.links import link_of, services_reached
from lib.persistence.models import (
    Account,
    Area,
    Need,
    NeedFiling,
    PublicCode,
    ResidentLink,
    Service,
)
from lib.persistence.transaction import Transaction, transaction
from lib.services.claim import give_back, lock_project_of
from lib.services.need import NeedEntry, acceptable, record_need_step
from lib.services.personal import enter_look, why
from lib.services.public_codes import new_token
from lib.services.settling import Feedback, decide, is_own
from lib.services.steps import at_version, reason_given

_PHONE_MAX = 40
_PHONE = re.compile(r"[0-9+() -]*")


@dataclass(frozen=True)
class Filing:
    """What the public form says; `wished_on` is a local day, name and phone may stay empty."""

    words: str
    kind: ServiceKind
    beneficiary: Beneficiary
    wished_on: date | None = None
    micro_wish: bool = False
    name: str = ""
    phone: str = ""
    agreed: bool = False


def file_need(code: str, *, filing: Filing, token: str) -> str:
    """Take a need from the public form of the grid that the code names; the token of its link.

    `token` came with the form: the same form sent twice files once and has one link. Where it
    was used for something else, as by the browser's way back, there is a fresh one.

    Raises:
        Invalid: naming every field to mend.
        NotFound: the code was renewed, or its grid is closed.
    """
    try:
        return _file(code, filing, token)
    except IntegrityError:  # the same form, sent twice in one moment: now the first one is there
        return _file(code, filing, token)


def confirm_by_link(
    token: str,
    *,
    service_id: int,
    version: int,
    feedback: Feedback,
    signed_in: Actor | None = None,
) -> None:
    """The person served says that it was done; `signed_in` is whoever uses the same browser.

    Raises:
        Invalid: no such satisfaction, or too long a word.
        NotFound: the link is not good any more, or does not reach the service.
        Refusal: ``refusal.own_service`` where the link's holder, or who handed it out, recorded
            or gave the service; ``refusal.wrong_state``, ``refusal.changed_meanwhile``.
    """
    with nowhere(), transaction(None) as tx:
        service = _linked(tx, token, service_id, version, signed_in)
        step = service_step(service.state, ServiceAction.CONFIRM)
        by = ConfirmedBy.RESIDENT_LINK
        decide(tx, service, step, None, confirmed_by=by, feedback=feedback)


def refuse_by_link(
    token: str,
    *,
    service_id: int,
    version: int,
    reason: str,
    signed_in: Actor | None = None,
) -> None:
    """The person served says that it was not done: it goes back, and the place is free again.

    Raises:
        Invalid: no reason was given.
        NotFound: the link is not good any more, or does not reach the service.
        Refusal: as in `confirm_by_link`.
    """
    with nowhere(), transaction(None) as tx:
        service = _linked(tx, token, service_id, version, signed_in)
        step = service_step(service.state, ServiceAction.RETURN)
        words = reason_given(step, reason)
        lock_project_of(tx, service)
        decide(tx, service, step, words)
        give_back(tx, service, words or "")


def hand_out_link(
    actor: Actor, *, need_id: int | None = None, service_id: int | None = None
) -> str:
    """Make a link for whoever asked for the need or was given the service; earlier ones end.

    Returns:
        The token, which is kept nowhere.

    Raises:
        Refusal: ``refusal.own_service`` when the actor recorded the service or served in it.
    """
    with transaction(actor) as tx:
        subject: Need | Service | None
        if need_id is not None:
            subject = tx.session.get(Need, need_id, with_for_update=True)
            permission = Permission.NEED_SETTLE
        else:
            subject = tx.session.get(Service, service_id, with_for_update=True)
            permission = Permission.SERVICE_CONFIRM
        if subject is None:
            raise NotFound
        tx.permit(permission, subject.area_id)
        if isinstance(subject, Service) and is_own(
            tx.session, subject, actor.account_id, actor.person_id
        ):
            raise Refusal("refusal.own_service")
        _revoke(tx, subject)
        token = new_token()
        _add_link(tx, token, actor.account_id, need_id=need_id, service_id=service_id)
        _enter(tx, "link.hand_out", subject)
        return token


def revoke_links(actor: Actor, *, need_id: int) -> None:
    """End every link to a need, as when one fell into wrong hands."""
    with transaction(actor) as tx:
        need = tx.session.get(Need, need_id)
        if need is None:
            raise NotFound
        tx.permit(Permission.NEED_SETTLE, need.area_id)
        _revoke(tx, need)
        _enter(tx, "link.revoke", need)


def reveal_asker(actor: Actor, *, need_id: int, reason: RevealReason, note: str = "") -> str:
    """Name and phone of who asked, as far as they told them; who looked and why is entered.

    Raises:
        Invalid: the reason "other" needs words.
        NotFound: nobody said who they are.
    """
    with transaction(actor) as tx:
        need, filing = tx.session.get(Need, need_id), tx.session.get(NeedFiling, need_id)
        if need is None or filing is None:
            raise NotFound
        tx.permit(Permission.NEED_SETTLE, need.area_id)
        enter_look(tx, need, "phone", need.area_id, why(reason, note))
        return " ".join(part for part in (filing.name, filing.phone) if part)


def forget_askers(*, dry_run: bool = False) -> int:
    """Empty name and phone of everybody who asked longer ago than `ASKER_DAYS`; how many."""
    limit = now() - timedelta(days=ASKER_DAYS)
    due = (NeedFiling.filed_at < limit) & or_(NeedFiling.name != "", NeedFiling.phone != "")
    with transaction(None) as tx:
        rows = select(NeedFiling.need_id, Need.area_id).join(Need, Need.id == NeedFiling.need_id)
        found = tx.session.execute(rows.where(due)).all()
        if found and not dry_run:
            empty = {"name": "", "phone": ""}
            tx.session.execute(update(NeedFiling).where(due).values(**empty))
            tx.record(
                "need.forget",
                Need.__tablename__,
                topic=Topic.NEED,
                area_ids=frozenset(area_id for _, area_id in found),
                changes={"phone": (None, None), "people": (None, len(found))},
            )
        return len(found)


def _file(code: str, filing: Filing, token: str) -> str:
    if not re.fullmatch(CODE_SIGNS, token):
        token = new_token()
    with nowhere(), transaction(None) as tx:
        area_id = _area_behind(tx.session, code)
        entry = NeedEntry(
            words=filing.words,
            kind=filing.kind,
            area_id=area_id,
            beneficiary=filing.beneficiary,
            wished_on=filing.wished_on,
            micro_wish=filing.micro_wish,
            source=NeedSource.RESIDENT,
        )
        values = _acceptable(entry, filing)
        request_id = _request(token, entry)
        earlier = _asked_with(tx.session, token)
        if earlier is not None and earlier.request_id == request_id:
            return token
        if earlier is not None:
            token = new_token()
            request_id = _request(token, entry)
        step = need_step(None, NeedAction.COLLECT)
        at = now()
        need = Need(**values, state=step.target, collected_at=at, request_id=request_id)
        tx.session.add(need)
        record_need_step(tx, need, step, None)
        asked = {"name": line(filing.name), "phone": line(filing.phone)}
        tx.session.add(NeedFiling(need_id=need.id, **asked, text_version=ASKING_TEXT, filed_at=at))
        _add_link(tx, token, None, need_id=need.id)
        return token


def _area_behind(session: Session, code: str) -> int:
    """The open grid of a code."""
    found = session.scalar(
        select(Area.id)
        .join(PublicCode, PublicCode.area_id == Area.id)
        .where(
            PublicCode.code == code,
            PublicCode.purpose == CodeFor.NEED,
            Area.valid_until.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def _acceptable(entry: NeedEntry, filing: Filing) -> dict[str, object]:
    problems: list[Problem] = []
    values: dict[str, object] = {}
    try:
        values = acceptable(entry)
    except Invalid as invalid:
        problems += invalid.problems
    problems += too_long("asker_name", line(filing.name), PERSON_NAME_MAX)
    phone = line(filing.phone)
    problems += too_long("asker_phone", phone, _PHONE_MAX)
    if not _PHONE.fullmatch(phone):
        problems.append(Problem("asker_phone", "problem.bad_phone"))
    if not filing.agreed:
        problems.append(Problem("agreed", "problem.not_agreed"))
    if problems:
        raise Invalid(problems)
    return values


def _request(token: str, entry: NeedEntry) -> str:
    """The same for the same form sent twice, and another for other words."""
    said = f"{token} {clean(entry.words)} {entry.kind} {entry.area_id} {entry.wished_on}"
    return hashlib.sha256(said.encode()).hexdigest()[:36]


def _asked_with(session: Session, token: str) -> Need | None:
    return session.scalar(
        select(Need)
        .join(ResidentLink, ResidentLink.need_id == Need.id)
        .where(ResidentLink.token_hash == digest(token))
    )


def _linked(
    tx: Transaction, token: str, service_id: int, version: int, signed_in: Actor | None
) -> Service:
    """A service that the link reaches, as it was on the page, of which nobody here gave it."""
    link = link_of(tx.session, token, now())
    if link is None:
        raise NotFound
    reached = select(Service.id).where(Service.id == service_id, services_reached(tx.session, link))
    if tx.session.scalar(reached) is None:
        raise NotFound
    service = at_version(tx, Service, service_id, version)
    known = [(signed_in.account_id, signed_in.person_id)] if signed_in is not None else []
    if link.made_by_id is not None:
        account = tx.session.get_one(Account, link.made_by_id)
        known.append((account.id, account.person_id))
    if any(is_own(tx.session, service, *one) for one in known):
        raise Refusal("refusal.own_service")
    return service


def _add_link(
    tx: Transaction,
    token: str,
    account_id: int | None,
    *,
    need_id: int | None = None,
    service_id: int | None = None,
) -> None:
    at = now()
    tx.session.add(
        ResidentLink(
            token_hash=digest(token),
            need_id=need_id,
            service_id=service_id,
            made_by_id=account_id,
            made_at=at,
            expires_at=at + timedelta(days=LINK_DAYS),
        )
    )


def _revoke(tx: Transaction, subject: Need | Service) -> None:
    of = ResidentLink.need_id if isinstance(subject, Need) else ResidentLink.service_id
    good = (of == subject.id) & ResidentLink.revoked_at.is_(None)
    tx.session.execute(update(ResidentLink).where(good).values(revoked_at=now()))


def _enter(tx: Transaction, action: str, subject: Need | Service) -> None:
    topic = Topic.NEED if isinstance(subject, Need) else Topic.SERVICE
    tx.record(action, subject, topic=topic, area_ids=frozenset({subject.area_id}))
