"""Commands on photos of services: add one with its faces blurred, take one out.

Only the blurred picture is ever stored; what was uploaded stays in memory until it is.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pillow_heif
from PIL import Image
from sqlalchemy import func, select

from lib.domain.calendar import now
from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import PhotoMoment, ServiceState, Topic
from lib.geo.faces import Box, blurred, faces_in
from lib.geo.rasters import Flaw, UnfitRasterError, on_paper, read_raster
from lib.persistence.models import Photo, Service
from lib.persistence.scope import reaches
from lib.persistence.transaction import Transaction, once, transaction
from lib.services.steps import area_of

FILE_MAX_MB = 20
MEGAPIXELS_MAX = 60
SIDE = 1600
"""Longest side kept, in pixels."""
PHOTOS_MAX = 6
"""Photos of one service: a few show more than many."""

_QUALITY = 80
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_LIKENESS = (9, 8)

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class OpenPhoto:
    """An uploaded photo in memory, upright and small, and where faces seem to be in it."""

    picture: Image.Image
    faces: tuple[Box, ...]


@dataclass(frozen=True)
class BlurredPhoto:
    """A photo as it may be kept, with what it is known again by."""

    moment: PhotoMoment
    content: bytes
    width: int
    height: int
    places: int
    sha256: str
    likeness: str


def open_photo(file: bytes) -> OpenPhoto:
    """Read a JPEG, PNG, WebP or HEIC, known by its content; where it was taken is left behind.

    Raises:
        Refusal: ``photo.too_large``, ``photo.too_many_pixels``, ``photo.no_picture``.
    """
    try:
        upright = read_raster(
            file,
            formats=_FORMATS,
            bytes_max=FILE_MAX_MB << 20,
            pixels_max=MEGAPIXELS_MAX * 1_000_000,
            draft=SIDE,
        )
    except UnfitRasterError as error:
        raise _refusal(error.flaw) from error
    picture = on_paper(upright, SIDE)
    return OpenPhoto(picture, faces_in(picture))


def blur_photo(photo: OpenPhoto, boxes: Sequence[Box], moment: PhotoMoment) -> BlurredPhoto:
    """The photo with these places blurred, as it may be kept."""
    out = io.BytesIO()
    blurred(photo.picture, boxes).save(out, "WEBP", quality=_QUALITY)
    return BlurredPhoto(
        moment=moment,
        content=out.getvalue(),
        width=photo.picture.width,
        height=photo.picture.height,
        places=len(boxes),
        sha256=hashlib.sha256(photo.picture.tobytes()).hexdigest(),
        likeness=_likeness(photo.picture),
    )


@once(Photo)
def add_photo(actor: Actor, *, service_id: int, photo: BlurredPhoto, request_id: str) -> int:
    """Add a photo to a service, for whoever recorded it and those who confirm there.

    Returns:
        The id of the photo.

    Raises:
        NotPermitted: the actor neither recorded the service nor confirms services there.
        Refusal: ``photo.too_many``, ``photo.twice`` where the service has this photo already,
            ``refusal.wrong_state`` of a record that was voided.
    """
    with transaction(actor) as tx:
        service = _service(tx, service_id)
        if service.state is ServiceState.VOIDED:
            raise Refusal("photo.voided")
        return attach_photo(tx, service, photo, request_id).id


def attach_photo(
    tx: Transaction, service: Service, photo: BlurredPhoto, request_id: str | None = None
) -> Photo:
    """Keep a blurred photo with a service that the transaction records or has permitted."""
    own = Photo.service_id == service.id
    held = tx.session.scalars(select(Photo.sha256).where(own)).all()
    if len(held) >= PHOTOS_MAX:
        raise Refusal("photo.too_many", n=PHOTOS_MAX)
    if photo.sha256 in held:
        raise Refusal("photo.twice")
    kept = Photo(
        service_id=service.id,
        moment=photo.moment,
        width=photo.width,
        height=photo.height,
        blurred=photo.places,
        sha256=photo.sha256,
        likeness=photo.likeness,
        digest=hashlib.sha256(photo.content).hexdigest(),
        content=photo.content,
        added_by_id=tx.actor.account_id if tx.actor else service.recorded_by_id,
        added_at=now(),
        request_id=request_id,
    )
    tx.session.add(kept)
    tx.session.flush()
    _record(tx, "photo.add", kept, service, {"photos": (len(held), len(held) + 1)})
    return kept


def remove_photo(actor: Actor, *, photo_id: int) -> None:
    """Take a photo out for good; who may add one may take it out."""
    with transaction(actor) as tx:
        photo = tx.session.get(Photo, photo_id)
        if photo is None:
            raise NotFound
        service = _service(tx, photo.service_id)
        n = tx.session.scalar(
            select(func.count()).select_from(Photo).where(Photo.service_id == service.id)
        )
        tx.session.delete(photo)
        _record(tx, "photo.remove", photo, service, {"photos": (n, (n or 1) - 1)})


def _service(tx: Transaction, service_id: int) -> Service:
    """The service, for whoever recorded it and those who confirm there."""
    service = tx.session.get(Service, service_id, with_for_update=True)
    if service is None:
        raise NotFound
    actor = tx.actor
    if actor is None:
        return service
    recorded = service.recorded_by_id == actor.account_id and actor.may(Permission.SERVICE_RECORD)
    if not recorded and not reaches(tx.session, actor, Permission.SERVICE_CONFIRM, service.area_id):
        raise NotPermitted(Permission.SERVICE_CONFIRM, service.area_id)
    return service


def _record(
    tx: Transaction,
    action: str,
    photo: Photo,
    service: Service,
    changes: dict[str, tuple[object, object]],
) -> None:
    area = area_of(tx, service.area_id)
    tx.record(
        action,
        photo,
        topic=Topic.SERVICE,
        area_ids=frozenset({area.id}),
        label=f"{area.name_zh} {service.day.isoformat()}",
        changes=changes,
    )


def _refusal(flaw: Flaw) -> Refusal:
    if flaw is Flaw.LARGE:
        return Refusal("photo.too_large", limit=FILE_MAX_MB)
    if flaw is Flaw.PIXELS:
        return Refusal("photo.too_many_pixels", limit=MEGAPIXELS_MAX)
    return Refusal("photo.no_picture")


def _likeness(picture: Image.Image) -> str:
    """64 bits that say of each place whether it is lighter than the one at its left."""
    small = picture.convert("L").resize(_LIKENESS, Image.Resampling.LANCZOS)
    rows = [list(small.tobytes()[at : at + 9]) for at in range(0, 72, 9)]
    bits = [one < other for row in rows for one, other in pairwise(row)]
    return f"{int(''.join('01'[bit] for bit in bits), 2):016x}"
