"""The picture under the map: which one lies under an area, and its bytes.

A picture shows roads, water and houses only, so whoever sees any part of it may see it all.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Language, Topic
from lib.persistence.engine import Reads
from lib.persistence.models import AreaLink, Ground
from lib.persistence.scope import seen
from lib.queries.counters import reads


@dataclass(frozen=True)
class Picture:
    """A picture's address on this server and its box, ((south, west), (north, east))."""

    url: str
    bounds: tuple[tuple[float, float], tuple[float, float]]


@reads(Topic.AREAS)
def picture(actor: Actor, *, root_id: int | None, theme: str, language: Language) -> Picture | None:
    """The picture under what the actor sees of `root_id` (None: the whole tree), if there is one.

    Of several the smallest is taken. `theme` is ``light`` or ``dark``.
    """
    query = select(
        Ground.area_id, Ground.digest, Ground.west, Ground.south, Ground.east, Ground.north
    ).where(_chosen(actor, root_id, theme, language))
    with Reads() as session:
        rows = session.execute(query).all()
    if not rows:
        return None
    row = min(rows, key=lambda r: (r.east - r.west) * (r.north - r.south))
    return Picture(
        f"/map/ground/{row.area_id}/{theme}-{language}-{row.digest}.svg",
        ((row.south, row.west), (row.north, row.east)),
    )


def picture_file(
    actor: Actor, *, area_id: int, theme: str, language: Language
) -> tuple[str, bytes] | None:
    """The digest and the gzipped SVG of one area's picture, None if the actor sees none of it."""
    query = select(Ground.digest, Ground.picture).where(
        Ground.area_id == area_id, _chosen(actor, None, theme, language)
    )
    with Reads() as session:
        row = session.execute(query).first()
    return None if row is None else (row.digest, row.picture)


def _chosen(
    actor: Actor, root_id: int | None, theme: str, language: Language
) -> ColumnElement[bool]:
    visible = select(AreaLink.ancestor_id).where(
        seen(AreaLink.descendant_id, actor, Permission.AREA_VIEW, root_id)
    )
    return and_(Ground.theme == theme, Ground.language == language, Ground.area_id.in_(visible))
