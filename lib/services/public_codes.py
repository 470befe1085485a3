"""Commands on codes that stand on paper: make them for the areas of a place, renew one.

What a code opens stands in `lib.domain.public_codes`, the pages themselves in `lib.web`.
"""

import secrets

from sqlalchemy import exists, select

from lib.domain.calendar import now
from lib.domain.errors import NotFound
from lib.domain.permissions import Actor
from lib.domain.public_codes import CODE_BYTES, HANDED_OUT_BY, LEVEL, SHOWN_WITH
from lib.domain.vocab import CodeFor
from lib.persistence.models import Area, Project, PublicCode
from lib.persistence.scope import below
from lib.persistence.transaction import Transaction, transaction


def new_token() -> str:
    """128 random bits as they stand in an address."""
    return secrets.token_urlsafe(CODE_BYTES)


def issue_codes(actor: Actor, *, purpose: CodeFor, area_id: int) -> int:
    """Make a code for each open area of the kind's level at or below this one; how many were new.

    Raises:
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        tx.permit(HANDED_OUT_BY[purpose], area_id)
        # Two people who ask at once make one code: the second waits here and finds it.
        tx.session.get(Area, area_id, with_for_update=True)
        has = exists().where(PublicCode.area_id == Area.id, PublicCode.purpose == purpose)
        without = select(Area.id).where(
            below(Area.id, area_id), Area.level == LEVEL[purpose], Area.valid_until.is_(None), ~has
        )
        areas = tx.session.scalars(without.order_by(Area.id)).all()
        for number in areas:
            _add(tx, PublicCode(purpose=purpose, area_id=number), actor)
        if areas:
            tx.record(
                "code.issue",
                PublicCode.__tablename__,
                topic=SHOWN_WITH[purpose],
                area_ids=frozenset(areas),
                changes={"codes": (None, len(areas))},
            )
        return len(areas)


def issue_project_code(actor: Actor, *, project_id: int) -> int:
    """Make the code that stands where a project is served; the id of its row, old or new."""
    with transaction(actor) as tx:
        project = tx.session.get(Project, project_id, with_for_update=True)
        if project is None:
            raise NotFound
        tx.permit(HANDED_OUT_BY[CodeFor.SERVICE], project.area_id)
        held = select(PublicCode.id).where(PublicCode.project_id == project_id)
        number = tx.session.scalar(held)
        if number is not None:
            return number
        made = _add(tx, PublicCode(purpose=CodeFor.SERVICE, project_id=project_id), actor)
        _enter(tx, "code.issue", made, project.area_id)
        return made.id


def renew_code(actor: Actor, *, code_id: int) -> None:
    """Put a fresh code in the place of one that was misused; what was printed opens nothing now.

    Raises:
        NotPermitted: its area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        held = tx.session.get(PublicCode, code_id, with_for_update=True)
        if held is None:
            raise NotFound
        area_id = held.area_id
        if area_id is None:
            area_id = tx.session.get_one(Project, held.project_id).area_id
        tx.permit(HANDED_OUT_BY[held.purpose], area_id)
        held.code, held.made_at, held.made_by_id = new_token(), now(), actor.account_id
        _enter(tx, "code.renew", held, area_id)


def _add(tx: Transaction, code: PublicCode, actor: Actor) -> PublicCode:
    code.code, code.made_at, code.made_by_id = new_token(), now(), actor.account_id
    tx.session.add(code)
    tx.session.flush()
    return code


def _enter(tx: Transaction, action: str, code: PublicCode, area_id: int) -> None:
    topic = SHOWN_WITH[code.purpose]
    tx.record(action, code, topic=topic, area_ids=frozenset({area_id}))
