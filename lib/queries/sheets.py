"""Which sheet of shapes a map shows for a place, and the address that it is fetched from.

What is on a sheet is `lib.queries.areas.shapes`; who answers at the address is `lib.web.shapes`.
"""

import pandas as pd

from lib.domain.permissions import Actor
from lib.domain.vocab import Topic
from lib.queries import areas
from lib.queries.counters import reads

WHOLE = "all"
"""The URL's word for the whole tree, for actors who see several roots."""


@reads(Topic.AREAS)
def own(actor: Actor) -> pd.DataFrame:
    """Where an actor looks who asks for no area; columns `areas.AREA_COLUMNS`.

    The first area of the actor's own, the one with most below it where there are several; no row
    where there is none.
    """
    roots = areas.roots(actor)
    return roots.sort_values("children", ascending=False, kind="stable").iloc[:1]


@reads(Topic.AREAS)
def root_id(actor: Actor, *, area_id: int | None) -> int | None:
    """The widest area above a place that the actor sees, None for the whole tree.

    The map stays on its sheet while the place changes below it. A street that nothing is above
    and nothing below is shown among its neighbours.
    """
    if area_id is None:
        return None
    path = areas.path(actor, area_id=area_id)
    alone = len(path) == 1 and int(path.iloc[0]["children"]) == 0
    if path.empty or (alone and len(areas.roots(actor)) > 1):
        return None
    return int(path.iloc[0]["area_id"])


def address(root_id: int | None, version: str, *, tiled: bool) -> str:
    """The address of a sheet; `version` is that of `areas.shapes_version`."""
    return f"/map/{'tiles' if tiled else 'shapes'}/{root_id or 0}-{version}.json"


def first_address(actor: Actor, *, code: str | None) -> str | None:
    """The address of the sheet that a screen shows first for an area's code, None for no map."""
    found = areas.by_code(actor, code=code) if code else own(actor)
    if code != WHOLE and found.empty:
        found = own(actor)
    root = root_id(actor, area_id=None if found.empty else int(found.iloc[0]["area_id"]))
    leaves = areas.painted(actor, root_id=root)
    if leaves.empty:
        return None
    version = areas.shapes_version(actor, root_id=root)
    return address(root, version, tiled=bool(leaves["lon"].isna().all()))
