"""Areas as tiles in rows: what stands for a map where nobody has drawn the borders yet.

It knows ids, their order and boxes; names, measures and the tree belong to the caller.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TILE = (1.0, 0.62)
"""Width and height of a tile; everything on a sheet is measured in tile widths."""

_GAP, _HEAD, _SPACE, _MARGIN = 0.05, 0.4, 0.22, 0.08
_RATIO = 1.7
_MOST_COLUMNS, _LEAST_WIDE = 12, 3
_DEGREES = 0.0043  # of a tile at home: a hundred pixels where names of points begin to show


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; north is above south."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> tuple[float, float]:
        """The centre: across and up."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @property
    def caption(self) -> tuple[float, float]:
        """Where a tile's name stands: above the middle, what stands in the area is below."""
        return round(self.middle[0], 7), round(self.south + 0.64 * (self.north - self.south), 7)

    def ring(self) -> list[list[float]]:
        """The rectangle as a closed ring of positions, counter-clockwise."""
        return [
            [self.west, self.south],
            [self.east, self.south],
            [self.east, self.north],
            [self.west, self.north],
            [self.west, self.south],
        ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where everything lies: the tile of each id, the frame of each group, and the whole.

    A group's frame begins with a band for its name: `heads` holds the middle of it.
    """

    tiles: Mapping[int, Box]
    frames: Mapping[int | None, Box]
    heads: Mapping[int | None, tuple[float, float]]
    box: Box


Group = tuple[int | None, Sequence[int]]
"""The id of the area above, and the ids of its tiles in their order."""


def lay_out(groups: Sequence[Group], ratio: float = _RATIO) -> Sheet:
    """Lay every group out as a frame of tiles, frame below frame, in the order given.

    A group too long for a line goes on in the next one, and many groups stand in several columns,
    so that the whole is about `ratio` times as wide as high.

    Raises:
        ValueError: there is nothing to lay out.
    """
    held = [(key, tiles) for key, tiles in groups if tiles]
    if not held:
        raise ValueError("nothing to lay out")
    longest = max(len(tiles) for _, tiles in held)
    choices = (
        (columns, wide)
        for columns in range(1, min(len(held), _MOST_COLUMNS) + 1)
        for wide in range(min(longest, _LEAST_WIDE), longest + 1)
    )
    columns, wide = min(choices, key=lambda one: _misfit(held, one[0], one[1], ratio))
    frames = dict(_frames(held, columns, wide))
    width, height = _size(held, columns, wide)
    tiles = {
        number: _tile(frames[key], place, wide)
        for key, numbers in held
        for place, number in enumerate(numbers)
    }
    heads = {key: (box.middle[0], box.north - _HEAD / 2) for key, box in frames.items()}
    return Sheet(tiles, frames, heads, Box(0, -height, width, 0))


def at_home(sheet: Sheet) -> Sheet:
    """Give the sheet in degrees where it lies on no map: at the equator, squares stay square."""
    return fit_into(sheet, Box(0, sheet.box.south * _DEGREES, sheet.box.east * _DEGREES, 0))


def beside(sheet: Sheet, box: Box) -> Sheet:
    """Give the sheet in degrees to the east of a box that is drawn already, as high as that."""
    width = box.east - box.west
    space = Box(box.east + 0.06 * width, box.south, box.east + 0.66 * width, box.north)
    return fit_into(sheet, space)


def fit_into(sheet: Sheet, space: Box) -> Sheet:
    """Give the sheet as large as it fits into a space in degrees, at its north-west corner.

    On the map a degree of latitude is longer than one of longitude: tiles keep their form.
    """
    squeeze = math.cos(math.radians(space.middle[1]))
    wide, high = sheet.box.east, -sheet.box.south
    step = min((space.east - space.west) / wide, (space.north - space.south) / (high * squeeze))

    def at(across: float, up: float) -> tuple[float, float]:
        lon, lat = space.west + across * step, space.north + up * step * squeeze
        return round(lon, 7), round(lat, 7)

    def moved(box: Box) -> Box:
        return Box(*at(box.west, box.south), *at(box.east, box.north))

    return Sheet(
        {key: moved(box) for key, box in sheet.tiles.items()},
        {key: moved(box) for key, box in sheet.frames.items()},
        {key: at(*head) for key, head in sheet.heads.items()},
        moved(sheet.box),
    )


def slots(tile: Box, n: int) -> list[tuple[float, float]]:
    """Give `n` places in the lower part of a tile, row by row, for what stands in the area."""
    if n == 0:
        return []
    line = max(8, math.ceil(math.sqrt(5 * n)))
    across = (tile.east - tile.west) / (line + 1)
    lines = math.ceil(n / line)
    deep = (tile.north - tile.south) * 0.36
    return [
        (
            round(tile.west + across * (1 + k % line), 7),
            round(tile.south + deep * (1 - (k // line + 0.5) / lines), 7),
        )
        for k in range(n)
    ]


def _lines(n: int, wide: int) -> int:
    return math.ceil(n / wide)


def _frame_size(n: int, wide: int) -> tuple[float, float]:
    across = wide * (TILE[0] + _GAP) + _GAP
    return across + 2 * _MARGIN, _HEAD + _lines(n, wide) * (TILE[1] + _GAP) + _GAP + _MARGIN


def _stacks(groups: Sequence[Group], columns: int, wide: int) -> list[list[Group]]:
    """The groups shared out among the columns, in their order, each about as high as the next."""
    heights = [_frame_size(len(tiles), wide)[1] + _SPACE for _, tiles in groups]
    goal = sum(heights) / columns
    stacks: list[list[Group]] = [[] for _ in range(columns)]
    done = 0.0
    for group, height in zip(groups, heights, strict=True):
        stacks[min(columns - 1, int((done + height / 2) / goal))].append(group)
        done += height
    return [stack for stack in stacks if stack]


def _size(groups: Sequence[Group], columns: int, wide: int) -> tuple[float, float]:
    stacks = _stacks(groups, columns, wide)
    across = _frame_size(1, wide)[0]
    high = max(
        sum(_frame_size(len(tiles), wide)[1] + _SPACE for _, tiles in stack) for stack in stacks
    )
    return len(stacks) * (across + _SPACE) - _SPACE, high - _SPACE


def _misfit(groups: Sequence[Group], columns: int, wide: int, ratio: float) -> float:
    """How far a layout is from the wanted form: its ratio, and the room that stays empty."""
    width, height = _size(groups, columns, wide)
    tiles = sum(len(numbers) for _, numbers in groups) * TILE[0] * TILE[1]
    return abs(math.log(width / height / ratio)) + 0.5 * math.log(width * height / tiles)


def _frames(groups: Sequence[Group], columns: int, wide: int) -> Iterator[tuple[int | None, Box]]:
    across = _frame_size(1, wide)[0]
    for column, stack in enumerate(_stacks(groups, columns, wide)):
        west, north = column * (across + _SPACE), 0.0
        for key, tiles in stack:
            high = _frame_size(len(tiles), wide)[1]
            yield key, Box(west, north - high, west + across, north)
            north -= high + _SPACE


def _tile(frame: Box, place: int, wide: int) -> Box:
    west = frame.west + _MARGIN + _GAP + (place % wide) * (TILE[0] + _GAP)
    north = frame.north - _HEAD - _GAP - (place // wide) * (TILE[1] + _GAP)
    return Box(west, north - TILE[1], west + TILE[0], north)
