"""Needs of a survey's file: each waits for its answer like any other that was collected."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_

from lib.domain.ledgers import Finding, LedgerRow
from lib.domain.vocab import Answer, Beneficiary, NeedAction, NeedSource, Topic, Urgency
from lib.domain.workflow import need_step
from lib.persistence.models import Need, NeedStep
from lib.persistence.models.base import Row
from lib.services.import_ledgers import Entry, Shelf, Surroundings, digest
from lib.services.import_names import Place

_STEP = need_step(None, NeedAction.COLLECT)


class Needs(Shelf):
    """Needs; one is its words, kind, area and place."""

    model, topic = Need, Topic.NEED

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._holding_others = {place.parent_id for place in around.places.by_id.values()}

    def judge(self, row: LedgerRow, place: Place) -> Entry | list[Finding]:
        """A need of the grid that its row names.

        The chosen area stands in for an empty cell only where it is no wider than a grid: whoever
        made the file meant some grid of it, and nobody can tell which.
        """
        said = row.values
        if not said.get("area") and place.id in self._holding_others:
            return [Finding(row.number, "area", "", "missing")]
        values = {
            "words": said["words"],
            "kind": said["kind"],
            "area_id": place.id,
            "place": said.get("place") or "",
            "beneficiary": said.get("beneficiary") or Beneficiary.ALL_RESIDENTS,
            "wished_on": said.get("wished_on"),
            "urgency": said.get("urgency") or Urgency.ORDINARY,
            "micro_wish": said.get("micro_wish") is Answer.YES,
            "source": said.get("source") or NeedSource.SURVEY,
            "state": _STEP.target,
            "collected_by_id": self.around.account_id,
            "collected_at": self.around.at,
            "request_id": f"import-{self.around.batch_id}-{row.number}",
            "version": 1,
        }
        key = digest(values["words"], values["kind"], place.id, values["place"])
        return Entry(row.number, key, values)

    def standing(self, entries: Sequence[Entry]) -> set[int]:
        """What was asked for in those words in those areas."""
        keys = [(entry.values["area_id"], entry.values["words"]) for entry in entries]
        statement = select(Need.words, Need.kind, Need.area_id, Need.place).where(
            tuple_(Need.area_id, Need.words).in_(keys)
        )
        return {digest(*row) for row in self.around.session.execute(statement)}

    def rows(self, entries: Sequence[Entry], ids: Sequence[int]) -> Mapping[type[Row], list[Any]]:
        """Needs, and the first step of each."""
        step = {
            "action": _STEP.action,
            "source": None,
            "target": _STEP.target,
            "account_id": self.around.account_id,
            "at": self.around.at,
            "reason": None,
        }
        steps = [{"need_id": number, **step} for number in ids]
        return {**super().rows(entries, ids), NeedStep: steps}
