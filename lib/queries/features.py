"""The map's features as GeoJSON text, in the terms that `lib.visuals.maps` draws.

It reads no table; rows come from `lib.queries.areas`. Text, not dictionaries: with thousands of
features those would cost three times as much.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from lib.geo import schematic

FRAME = "frame"
"""The level of a border that only holds tiles together."""

_LEAST_LETTERS = 3
_Row = Row[*tuple[Any, ...]]
_quote = json.JSONEncoder(ensure_ascii=False).encode


def shape(
    kind: str, row: _Row, above: _Row | None, tiles: schematic.Sheet | None, tiled: bool
) -> str:
    """An area or border: its own shape, or its tile or frame where it has one.

    Where everything is `tiled`, what has neither keeps its place in the tree and no shape.
    """
    spot = None if row.label_lon is None else (row.label_lon, row.label_lat)
    # Stored geometry is GeoJSON text already: reading and writing it again would be the cost.
    geometry, level, names = row.geometry, str(row.level), ""
    if tiles is not None and row.id in tiles.tiles:
        tile = tiles.tiles[row.id]
        geometry, spot, names = _rectangle(tile), tile.caption, _short(row, above)
    elif tiles is not None and row.id in tiles.frames and (tiled or geometry is None):
        geometry, spot, level = _rectangle(tiles.frames[row.id]), tiles.heads[row.id], FRAME
    elif tiled:
        geometry = spot = None
    at = "" if spot is None else f',"at":[{spot[0]!r},{spot[1]!r}]'
    properties = _properties(kind, row.name_zh, row.name_en, row.parent_id)
    properties += f',"level":"{level}"{names}{at}'
    return _feature(row.id, properties, geometry or "null")


def frames(above: Sequence[_Row], tiles: schematic.Sheet | None) -> list[str]:
    """Frames round the tiles of areas that have a border of their own elsewhere on the map."""
    found = []
    for row in above if tiles is not None else []:
        if row.geometry is not None and tiles is not None and row.id in tiles.frames:
            lon, lat = tiles.heads[row.id]
            properties = _properties("border", row.name_zh, row.name_en, row.id)
            properties += f',"level":"{FRAME}","at":[{lon!r},{lat!r}]'
            found.append(_feature(f"tiles-{row.id}", properties, _rectangle(tiles.frames[row.id])))
    return found


def _short(row: _Row, above: _Row | None) -> str:
    """The names of a tile without what stands over its frame already."""
    if above is None:
        return ""
    short_zh = _rest(row.name_zh, above.name_zh, "")
    short_en = _rest(row.name_en or "", above.name_en or "", " ")
    english = f',"short_en":{_quote(short_en)}' if short_en else ""
    return f',"short_zh":{_quote(short_zh)}{english}'


def _rest(name: str, head: str, between: str) -> str:
    """A name without the words (or signs) it shares with another, unless little is left."""
    words, said = (list(text) if not between else text.split() for text in (name, head))
    same = next(
        (n for n, pair in enumerate(zip(words, said, strict=False)) if pair[0] != pair[1]), 0
    )
    rest = between.join(words[same:])
    return rest if len(rest) >= _LEAST_LETTERS else name


def _rectangle(box: schematic.Box) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [box.ring()]}, separators=(",", ":"))


def point(
    kind: str,
    number: int,
    area_id: int,
    name_zh: str,
    name_en: str | None,
    lon: float,
    lat: float,
    category: str,
) -> str:
    """A point of some kind, in degrees."""
    properties = _properties(kind, name_zh, name_en, area_id) + f',"category":"{category}"'
    return _feature(number, properties, f'{{"type":"Point","coordinates":[{lon!r},{lat!r}]}}')


def _properties(kind: str, name_zh: str, name_en: str | None, parent_id: int | None) -> str:
    english = f',"name_en":{_quote(name_en)}' if name_en else ""
    parent = "null" if parent_id is None else f'"{parent_id}"'
    return f'"kind":"{kind}","name_zh":{_quote(name_zh)}{english},"parent":{parent}'


def _feature(number: int | str, properties: str, geometry: str) -> str:
    return (
        f'{{"type":"Feature","id":"{number}","properties":{{{properties}}},"geometry":{geometry}}}'
    )
