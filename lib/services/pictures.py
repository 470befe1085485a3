"""Commands on the picture of a wall map that borders are traced over: keep, place, remove.

The picture itself is read and turned in `lib.geo.pictures`; it never becomes a border by itself.
"""

import hashlib
from dataclasses import astuple

from lib.domain.errors import NotFound, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.text import NAME_MAX, line
from lib.domain.vocab import Topic
from lib.geo.pictures import Picture, UnfitPictureError, north_up, take_in
from lib.geo.placing import Pin, Placing, misplaced
from lib.persistence.models import Area, AreaPicture
from lib.persistence.transaction import Transaction, transaction
from lib.services.boundaries import refusal


def keep_picture(actor: Actor, *, area_id: int, file_name: str, content: bytes) -> None:
    """Keep a picture for the area, in place of an earlier one; it is not placed yet.

    Raises:
        NotFound: there is no such area.
        NotPermitted: the area is not within the actor's reach.
        Refusal: ``placing.…`` where the file is no picture that can be taken.
    """
    try:
        picture = take_in(content)
    except UnfitPictureError as error:
        raise Refusal(error.code, **error.values) from error
    with transaction(actor) as tx:
        area = _area(tx, area_id)
        kept = tx.session.get(AreaPicture, area_id, with_for_update=True)
        if kept is None:
            kept = AreaPicture(area_id=area_id)
            tx.session.add(kept)
        before = kept.file_name
        kept.file_name = line(file_name)[:NAME_MAX] or "-"
        kept.width, kept.height = picture.width, picture.height
        kept.picture, kept.digest = picture.content, _digest(picture.content)
        _unplace(kept)
        _record(tx, "picture.keep", area, {"file_name": (before, kept.file_name)})


def place_picture(actor: Actor, *, area_id: int, digest: str, pins: tuple[Pin, Pin]) -> None:
    """Lay the area's picture (`digest` says which was on the screen) on the ground by two points.

    Raises:
        NotFound: the area has no picture.
        NotPermitted: the area is not within the actor's reach.
        Refusal: ``placing.…`` where the points do not say where it lies,
            ``refusal.changed_meanwhile`` where another picture was kept in between.
    """
    with transaction(actor) as tx:
        area = _area(tx, area_id)
        kept = _kept(tx, area_id)
        if kept.digest != digest:
            raise Refusal("refusal.changed_meanwhile")
        for flaw in misplaced(*pins, kept.width, kept.height):
            raise refusal(flaw)
        placing = Placing.by(*pins)
        kept.turned = north_up(Picture(kept.width, kept.height, kept.picture), placing)
        kept.turned_digest = _digest(kept.turned)
        kept.west, kept.south, kept.east, kept.north = placing.bounds(kept.width, kept.height)
        kept.pins = [list(astuple(pin)) for pin in pins]
        _record(tx, "picture.place", area, {"file_name": (kept.file_name, kept.file_name)})


def remove_picture(actor: Actor, *, area_id: int) -> None:
    """Remove the area's picture; what was traced over it stays.

    Raises:
        NotFound: the area has no picture.
        NotPermitted: the area is not within the actor's reach.
    """
    with transaction(actor) as tx:
        area = _area(tx, area_id)
        kept = _kept(tx, area_id)
        before = kept.file_name
        tx.session.delete(kept)
        _record(tx, "picture.remove", area, {"file_name": (before, None)})


def _area(tx: Transaction, area_id: int) -> Area:
    tx.permit(Permission.AREA_EDIT, area_id)
    area = tx.session.get(Area, area_id)
    if area is None:
        raise NotFound
    return area


def _kept(tx: Transaction, area_id: int) -> AreaPicture:
    kept = tx.session.get(AreaPicture, area_id, with_for_update=True)
    if kept is None:
        raise NotFound
    return kept


def _unplace(kept: AreaPicture) -> None:
    kept.pins = kept.turned = kept.turned_digest = None
    kept.west = kept.south = kept.east = kept.north = None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _record(
    tx: Transaction, action: str, area: Area, changes: dict[str, tuple[object, object]]
) -> None:
    tx.record(
        action,
        area,
        topic=Topic.AREAS,
        area_ids=frozenset({area.id}),
        label=area.name_zh,
        changes=changes,
    )
