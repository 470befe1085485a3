"""Photos of services on the screen: taking one in with its faces blurred, and those that are kept.

What is shown before it is kept is what will be kept: blurred places, each with its number.
"""

import base64
import hashlib
import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image, ImageDraw

from lib.domain.errors import Refusal
from lib.domain.permissions import Actor
from lib.domain.vocab import PhotoMoment
from lib.geo.faces import Box, blurred
from lib.i18n.glossary import word
from lib.queries import photo as queries
from lib.services.photos import (
    FILE_MAX_MB,
    PHOTOS_MAX,
    BlurredPhoto,
    OpenPhoto,
    add_photo,
    blur_photo,
    open_photo,
    remove_photo,
)
from lib.ui import act
from lib.ui.live import read
from lib.ui.page import card_title, escaped, uploader_words
from lib.ui.session import language, t
from lib.visuals.marking import DRAWN, marking_chart
from lib.visuals.palette import LIGHT

_TYPES = ("jpg", "jpeg", "png", "webp", "heic", "heif")
_SHOWN = 640
"""Pixels of the longest side in which a photo is looked at before it is kept."""


def collect(form: str) -> tuple[BlurredPhoto, ...]:
    """The photos that a form holds until it is saved; its generation begins them anew."""
    place = f"photos_{form}_{act.generation(form)}"
    held: list[BlurredPhoto] = st.session_state.setdefault(place, [])
    with st.expander(t("photo.add_n", n=len(held)), key=f"{place}_box"):
        for n, one in enumerate(held):
            left, right = st.columns([3, 1], vertical_alignment="center")
            left.image(one.content, width=160, caption=word(one.moment, language()))
            right.button(
                t("photo.remove"), key=f"{place}_drop_{n}", on_click=held.remove, args=(one,)
            )
        if len(held) < PHOTOS_MAX:
            _editor(place, lambda made: held.append(made))
    return tuple(held)


def panel(actor: Actor, service_id: int, *, may_add: bool) -> None:
    """The photos of a service, and the way to add one or take one out."""
    rows = read(queries.of_service, actor, service_id=service_id)
    if rows.empty and not may_add:
        return
    card_title(t("photo.title"))
    if len(rows):
        st.html(
            f'<div class="gv-photos">{"".join(_figure(row) for _, row in rows.iterrows())}</div>'
        )
    if not may_add:
        return
    with st.expander(t("photo.look_after"), key=f"photo_box_{service_id}"):
        for n, (_, row) in enumerate(rows[rows["own"]].iterrows(), start=1):
            words = t("photo.remove_n", n=n, moment=word(PhotoMoment(row["moment"]), language()))
            if st.button(words, key=f"photo_remove_{row['photo_id']}"):
                act.perform(
                    remove_photo, actor, done="photo.removed", photo_id=int(row["photo_id"])
                )
        form = f"photo_{service_id}"

        def afresh() -> None:
            for held in [name for name in st.session_state if str(name).startswith(f"{form}_")]:
                del st.session_state[held]
            act.renew(form)

        def keep(made: BlurredPhoto) -> None:
            act.perform(
                add_photo,
                actor,
                done="photo.added",
                then=afresh,
                service_id=service_id,
                photo=made,
                request_id=act.request_id(form),
            )

        if len(rows) < PHOTOS_MAX:
            _editor(f"{form}_{act.generation(form)}", keep, at_once=True)


def _figure(row: pd.Series) -> str:
    address = f"/photo/{int(row['photo_id'])}-{row['digest']}.webp"
    words = escaped(word(PhotoMoment(row["moment"]), language()))
    return (
        f'<figure><a href="{address}" target="_blank"><img src="{address}" alt="{words}"'
        f' width="{int(row["width"])}" height="{int(row["height"])}" loading="lazy"></a>'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _editor(place: str, keep: Any, *, at_once: bool = False) -> None:  # noqa: ANN401 - a callback
    """Choose a photo, see what is blurred, mark what was missed; `keep` is given the result."""
    n = int(st.session_state.get(f"{place}_n", 0))
    key = f"{place}_{n}"
    with st.container(key=f"box_{key}"):
        file = st.file_uploader(t("photo.choose"), type=_TYPES, key=f"{key}_file")
        uploader_words(f"box_{key}", FILE_MAX_MB)
        opened = None if file is None else _opened(key, file.getvalue())
        if opened is None:
            return
        _places(key, opened)
        st.segmented_control(
            t("photo.moment"),
            list(PhotoMoment),
            default=PhotoMoment.AFTER,
            format_func=lambda m: word(m, language()),
            key=f"{key}_moment",
            required=True,
        )

        def made() -> BlurredPhoto:
            # As it stands now, not as it was drawn: whoever is quick must not leave a face clear.
            boxes = [box for box, blurs in _boxes(key, opened) if blurs]
            return blur_photo(opened, boxes, PhotoMoment(st.session_state[f"{key}_moment"]))

        def done() -> None:
            result = made()
            st.session_state[f"{place}_n"] = n + 1
            st.session_state.pop(f"{key}_open", None)
            keep(result)

        if not at_once:
            st.button(t("photo.keep"), key=f"{key}_keep", on_click=done)
        elif st.button(t("photo.keep"), type="primary", key=f"{key}_keep"):
            keep(made())


def _opened(key: str, content: bytes) -> OpenPhoto | None:
    """The photo with the faces found in it, read once; what is wrong with it is said."""
    digest = hashlib.sha256(content).hexdigest()
    held = st.session_state.get(f"{key}_open")
    if held is not None and held[0] == digest:
        found: OpenPhoto = held[1]
        return found
    try:
        opened = open_photo(content)
    except Refusal as refusal:
        act.show_refusal(refusal)
        return None
    st.session_state[f"{key}_open"] = (digest, opened)
    st.session_state[f"{key}_hand"] = []
    st.session_state[f"{key}_dropped"] = set()
    return opened


def _boxes(key: str, opened: OpenPhoto) -> list[tuple[Box, bool]]:
    """Every place, found or marked by hand, and whether it is to be blurred."""
    boxes = [*opened.faces, *st.session_state[f"{key}_hand"]]
    dropped: set[int] = st.session_state[f"{key}_dropped"]
    usual = [n for n in range(len(boxes)) if n not in dropped]
    chosen = st.session_state.get(f"{key}_places_{len(boxes)}", usual)
    return [(box, n in chosen) for n, box in enumerate(boxes)]


def _places(key: str, opened: OpenPhoto) -> None:
    """Show what is blurred, let places be taken away, and others be framed on the picture."""
    boxes = _boxes(key, opened)
    st.caption(t("photo.found", n=len(opened.faces)))
    if boxes:
        st.pills(
            t("photo.places"),
            range(len(boxes)),
            selection_mode="multi",
            default=[n for n, (_, blurs) in enumerate(boxes) if blurs],
            format_func=lambda n: t("photo.place", n=n + 1),
            key=f"{key}_places_{len(boxes)}",
        )
        boxes = _boxes(key, opened)
    chart = marking_chart(_preview(opened.picture, boxes), *opened.picture.size)
    event = st.altair_chart(
        chart, on_select="rerun", key=f"{key}_mark_{len(boxes)}", width="content"
    )
    box = _drawn(event)

    def mark() -> None:
        now = _boxes(key, opened)
        st.session_state[f"{key}_dropped"] = {n for n, (_, blurs) in enumerate(now) if not blurs}
        if box is not None:
            st.session_state[f"{key}_hand"].append(box)

    st.button(t("photo.mark"), disabled=box is None, key=f"{key}_mark", on_click=mark)
    st.caption(t("photo.mark_note"))


def _drawn(event: Any) -> Box | None:  # noqa: ANN401 - Streamlit's own event
    """The rectangle that was drawn on the picture, in its pixels."""
    spans = event["selection"].get(DRAWN) or {}
    if not {"x", "y"} <= set(spans):
        return None
    (left, right), (top, bottom) = (sorted(map(round, spans[axis])) for axis in ("x", "y"))
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _preview(picture: Image.Image, boxes: Sequence[tuple[Box, bool]]) -> str:
    """The photo as it would be kept, as a data URL; every place has its edge and number."""
    shown = blurred(picture, [box for box, blurs in boxes if blurs])
    scale = min(1.0, _SHOWN / max(shown.size))
    small = shown.resize((round(shown.width * scale), round(shown.height * scale)))
    pen = ImageDraw.Draw(small)
    for n, (box, blurs) in enumerate(boxes, start=1):
        edge = tuple(
            round(at * scale)
            for at in (box.left, box.top, box.left + box.width, box.top + box.height)
        )
        colour = LIGHT.brand if blurs else LIGHT.neutral
        pen.rectangle(edge, outline=colour, width=3)
        pen.text((edge[0] + 6, edge[1] + 4), str(n), fill=colour, font_size=22)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=75)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
