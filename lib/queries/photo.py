"""Reads of photos: which ones services have, and the picture itself."""

import pandas as pd
from sqlalchemy import or_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Photo, Service
from lib.persistence.scope import reached, seen
from lib.queries.counters import reads

PHOTO_COLUMNS = (
    "photo_id",
    "service_id",
    "moment",
    "width",
    "height",
    "blurred",
    "digest",
    "added_at",
    "own",
)
"""`own` says that this actor may take it out."""


@reads(Topic.SERVICE, Topic.AREAS)
def of_service(actor: Actor, *, service_id: int) -> pd.DataFrame:
    """PHOTO_COLUMNS of a service's photos, those from before first."""
    may = or_(
        Service.recorded_by_id == actor.account_id,
        reached(Service.area_id, actor, Permission.SERVICE_CONFIRM),
    )
    statement = (
        select(
            Photo.id,
            Photo.service_id,
            Photo.moment,
            Photo.width,
            Photo.height,
            Photo.blurred,
            Photo.digest,
            Photo.added_at,
            may,
        )
        .join(Service, Service.id == Photo.service_id)
        .where(
            Photo.service_id == service_id,
            seen(Service.area_id, actor, Permission.SERVICE_VIEW, None),
        )
        .order_by(Photo.moment.desc(), Photo.id)
    )
    with Reads() as session:
        frame = pd.DataFrame(session.execute(statement).all(), columns=list(PHOTO_COLUMNS))
    frame["own"] = frame["own"].astype(bool)
    return frame


def photo_file(actor: Actor, *, photo_id: int) -> tuple[str, bytes] | None:
    """Digest and content of a photo, None for whoever does not see its service."""
    statement = (
        select(Photo.digest, Photo.content)
        .join(Service, Service.id == Photo.service_id)
        .where(Photo.id == photo_id, seen(Service.area_id, actor, Permission.SERVICE_VIEW, None))
    )
    with Reads() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else (row.digest, row.content)
