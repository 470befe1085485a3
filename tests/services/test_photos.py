"""Photos of services: what is taken, what is left behind, who may add, see and remove them."""

import io
import struct
import zlib

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lib.domain.errors import NotFound, NotPermitted, Refusal
from lib.domain.vocab import PhotoMoment, ServiceState
from lib.geo.faces import Box, faces_in
from lib.persistence.engine import Reads, Writes
from lib.persistence.models import AuditEntry, Photo
from lib.queries import photo as queries
from lib.services.photos import (
    FILE_MAX_MB,
    PHOTOS_MAX,
    SIDE,
    BlurredPhoto,
    add_photo,
    blur_photo,
    open_photo,
    remove_photo,
)
from lib.services.service import record_service
from tests.factories import SmallStreet, service_given
from tests.geo.drawn import as_file, wall
from tests.services.pipeline import request
from tests.services.written import entry, everything, themselves

FACES = ((100, 80, 160),)


def ready(file: bytes | None = None, shade: int = 0) -> BlurredPhoto:
    """A small photo that is ready to be kept; another one for each shade."""
    opened = open_photo(file or as_file(Image.new("RGB", (40, 30), (shade, 90, 90))))
    return blur_photo(opened, opened.faces, PhotoMoment.AFTER)


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that would unpack to so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(head))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\x00\x00\x00\x0aIDATx\x9cc\x00\x00\x00\x02\x00\x01"
    )


def heic(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=80, exif=as_exif())
    return out.getvalue()


def as_exif() -> bytes:
    exif = Image.Exif()
    exif[271] = "SECRETCAMERA"
    return exif.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_photo__every_kind__upright_small_blurred_and_without_traces(kind: str) -> None:
    picture = wall(FACES, (2400, 1800)) if kind == "JPEG" else wall(FACES)
    file = heic(picture) if kind == "HEIC" else as_file(picture, kind)
    assert b"SECRETCAMERA" in file
    made = ready(file)
    assert made.places == 1
    assert max(made.width, made.height) == min(SIDE, max(picture.size))
    assert b"SECRETCAMERA" not in made.content
    assert b"EXIF" not in made.content.upper()
    with Image.open(io.BytesIO(made.content)) as kept:
        assert (kept.format, kept.size) == ("WEBP", (made.width, made.height))
        assert not kept.getexif()
        assert faces_in(kept.convert("RGB")) == ()


def test_photo__held_sideways__is_set_upright() -> None:
    opened = open_photo(as_file(wall(size=(300, 200)), turned=True))
    assert opened.picture.size == (200, 300)


def test_photo__the_same_again__is_known_whatever_was_blurred() -> None:
    opened = open_photo(as_file(wall(FACES)))
    as_found = blur_photo(opened, opened.faces, PhotoMoment.BEFORE)
    by_hand = blur_photo(opened, [*opened.faces, Box(0, 0, 400, 300)], PhotoMoment.AFTER)
    smaller = open_photo(as_file(opened.picture.resize((400, 300))))
    assert as_found.sha256 == by_hand.sha256
    assert as_found.content != by_hand.content
    alike = int(as_found.likeness, 16) ^ int(
        blur_photo(smaller, (), PhotoMoment.AFTER).likeness, 16
    )
    assert alike.bit_count() <= 4


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"\x00" * ((FILE_MAX_MB << 20) + 1), "photo.too_large"),
        (png_header(30_000, 30_000), "photo.too_many_pixels"),
        (png_header(9_000, 9_000), "photo.too_many_pixels"),
        (b"", "photo.no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.no_picture"),
        (b"%PDF-1.7 not a photo", "photo.no_picture"),
        (as_file(wall())[:2000], "photo.no_picture"),
        (heic(wall())[:800], "photo.no_picture"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "photo.no_picture"),
    ],
)
def test_photo__not_one__refused_in_a_sentence(file: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        open_photo(file)
    assert caught.value.code == code


def test_add__kept_with_its_trail_and_seen_within_scope_alone(street: SmallStreet) -> None:
    service = service_given(street, street.areas.g1, recorder="grid_worker")
    made = ready()
    number = add_photo(
        street.actors["grid_worker"], service_id=service, photo=made, request_id=request()
    )
    found = queries.photo_file(street.actors["volunteer"], photo_id=number)
    assert found is not None
    assert found[1] == made.content
    row = queries.of_service(street.actors["community_secretary"], service_id=service).iloc[0]
    assert (row["moment"], row["digest"], row["own"]) == ("after", found[0], True)
    for name in ("neighbour", "auditor", "visitor"):
        assert queries.photo_file(street.actors[name], photo_id=number) is None
        assert queries.of_service(street.actors[name], service_id=service).empty
    with Reads() as session:
        entry = session.scalars(select(AuditEntry).filter_by(action="photo.add")).one()
        assert session.get_one(Photo, number).content == made.content
    assert entry.changes == {"photos": [0, 1]}


def test_add__who_neither_recorded_nor_confirms__refused(street: SmallStreet) -> None:
    service = service_given(street, street.areas.g1)
    before = everything()
    for name in ("volunteer", "team_leader", "neighbour", "visitor", "auditor"):
        with pytest.raises(NotPermitted):
            add_photo(street.actors[name], service_id=service, photo=ready(), request_id=request())
    assert everything() == before
    with pytest.raises(NotFound):
        add_photo(
            street.actors["administrator"], service_id=404, photo=ready(), request_id=request()
        )


def test_add__twice_too_many_or_to_what_was_voided__refused(street: SmallStreet) -> None:
    actor = street.actors["community_secretary"]
    service = service_given(street, street.areas.g1)
    for shade in range(PHOTOS_MAX):
        add_photo(actor, service_id=service, photo=ready(shade=shade * 40), request_id=request())
        if shade == 0:
            with pytest.raises(Refusal, match=r"photo.twice"):
                add_photo(actor, service_id=service, photo=ready(), request_id=request())
    with pytest.raises(Refusal, match=r"photo.too_many"):
        add_photo(actor, service_id=service, photo=ready(shade=255), request_id=request())
    voided = service_given(street, street.areas.g1, state=ServiceState.VOIDED)
    with pytest.raises(Refusal, match=r"photo.voided"):
        add_photo(actor, service_id=voided, photo=ready(), request_id=request())


def test_remove__by_who_may_add(street: SmallStreet) -> None:
    service = service_given(street, street.areas.g1)
    actor = street.actors["community_secretary"]
    number = add_photo(actor, service_id=service, photo=ready(), request_id=request())
    with pytest.raises(NotPermitted):
        remove_photo(street.actors["volunteer"], photo_id=number)
    remove_photo(actor, photo_id=number)
    with pytest.raises(NotFound):
        remove_photo(actor, photo_id=number)
    assert queries.of_service(actor, service_id=service).empty


def test_record__with_photos__in_one_transaction(street: SmallStreet) -> None:
    actor = street.actors["volunteer"]
    who = [themselves(street, "volunteer")]
    with pytest.raises(Refusal, match=r"photo.twice"):
        record_service(
            actor,
            entry=entry(street.areas.g1),
            participants=who,
            request_id=request(),
            photos=[ready(), ready()],
        )
    number = record_service(
        actor,
        entry=entry(street.areas.g1),
        participants=who,
        request_id=request(),
        photos=[ready(), ready(shade=200)],
    )
    with Reads() as session:
        assert len(session.scalars(select(Photo.id).where(Photo.service_id == number)).all()) == 2
        assert len(session.scalars(select(Photo.id)).all()) == 2


def test_database__holds_no_larger_photo(street: SmallStreet) -> None:
    service = service_given(street, street.areas.g1)
    add_photo(
        street.actors["community_secretary"],
        service_id=service,
        photo=ready(),
        request_id=request(),
    )
    with pytest.raises(DBAPIError), Writes.begin() as session:
        session.execute(text("update photo set width = 4000"))
