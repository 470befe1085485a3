"""Commands on suspicious records: say that somebody has looked, and take that back.

Nothing happens to the records themselves, nor to whoever wrote them.
"""

from collections.abc import Collection

from sqlalchemy import select

from lib.domain.calendar import now
from lib.domain.errors import Invalid, NotFound, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.suspicions import Rule, digest
from lib.domain.text import clean, required
from lib.domain.vocab import Topic
from lib.persistence.models import RecordReview, Service
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.steps import REASON_MAX, at_version

_REVIEW = Permission.SERVICE_REVIEW


@once(RecordReview)
def review_records(
    actor: Actor, *, rule: Rule, service_ids: Collection[int], words: str, request_id: str
) -> int:
    """Mark a suspicion as looked at, with a word on what was found. Returns the mark's id.

    Raises:
        Invalid: without a word.
        NotFound: one of the records is not there.
        NotPermitted: one of the records lies outside the actor's reach.
        Refusal: ``refusal.reviewed_already`` when somebody was first.
    """
    with transaction(actor) as tx:
        rows = select(Service.id, Service.area_id).where(Service.id.in_(service_ids))
        areas = dict(tx.session.execute(rows.order_by(Service.id)).tuples().all())
        if not areas or set(areas) != set(service_ids):
            raise NotFound
        for area_id in sorted(set(areas.values())):
            tx.permit(_REVIEW, area_id)
        said = clean(words)
        if problems := required("words", said, REASON_MAX):
            raise Invalid(problems)
        key = digest(rule, service_ids)
        standing = select(RecordReview.id).where(
            RecordReview.digest == key, RecordReview.undone_at.is_(None)
        )
        if tx.session.scalar(standing) is not None:
            raise Refusal("refusal.reviewed_already")
        review = RecordReview(
            rule=rule,
            digest=key,
            area_id=areas[min(areas)],
            words=said,
            reviewed_by_id=actor.account_id,
            reviewed_at=now(),
            request_id=request_id,
        )
        tx.session.add(review)
        _record(tx, "review.add", review)
        return review.id


def undo_review(actor: Actor, *, review_id: int, version: int) -> None:
    """Take a mark back: the suspicion waits to be looked at again.

    Raises:
        Refusal: ``refusal.changed_meanwhile`` when it was taken back already.
    """
    with transaction(actor) as tx:
        review = at_version(tx, RecordReview, review_id, version)
        tx.permit(_REVIEW, review.area_id)
        if review.undone_at is not None:
            raise Refusal("refusal.changed_meanwhile")
        review.undone_at, review.undone_by_id = now(), actor.account_id
        _record(tx, "review.undo", review)


def _record(tx: Transaction, action: str, review: RecordReview) -> None:
    tx.record(
        action,
        review,
        topic=Topic.SERVICE,
        area_ids=frozenset({review.area_id}),
        label=review.rule,
    )
