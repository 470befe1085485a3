"""The demonstration's rows in the making, table by table, each with its number.

It holds plain values only and knows no database; `lib.demo.load` writes them.
"""

from collections import defaultdict
from collections.abc import Mapping

from lib.persistence.models.base import Base, Row


class Rows:
    """Rows by table, in the order they were added.

    `taken` is the highest number that each table holds already.
    """

    def __init__(self, taken: Mapping[str, int] | None = None) -> None:
        self._last: defaultdict[str, int] = defaultdict(int, taken or {})
        self.tables: defaultdict[str, list[dict[str, object]]] = defaultdict(list)

    def add(self, model: type[Row], **values: object) -> int:
        """Add a row with the next number of its table and give the number."""
        table = model.__tablename__
        self._last[table] = number = self._last[table] + 1
        self.tables[table].append({"id": number, **values})
        return number

    def link(self, model: type[Base], **values: object) -> None:
        """Add a row of a table without numbers of its own."""
        self.tables[model.__tablename__].append(values)

    def release(self) -> dict[str, list[dict[str, object]]]:
        """Hand over the rows added so far and forget them; numbers go on after theirs."""
        tables, self.tables = self.tables, defaultdict(list)
        return tables

    def count(self, model: type[Base]) -> int:
        """How many rows of the table were added."""
        return len(self.tables[model.__tablename__])
