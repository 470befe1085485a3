"""Commands on the day by which a unit's members are to check in, and how many they are.

Who of them is late is known to the unit alone; here it is a number.
"""

from datetime import date

from sqlalchemy import select

from lib.domain.check_in import EXPECTED_MAX
from lib.domain.errors import Invalid, NotFound, Problem, Refusal
from lib.domain.permissions import Actor, Permission
from lib.domain.rules import amount_problems
from lib.domain.vocab import Topic
from lib.persistence.models import Organisation, UnitDeadline
from lib.persistence.transaction import transaction


def set_deadline(
    actor: Actor | None, *, organisation_id: int, due_on: date, expected: int, version: int
) -> None:
    """Call a unit's members to check in by a day; `version` is 0 where none was set.

    Check-ins that come later carry the day; those that are there keep the one they came under.

    Raises:
        Invalid: `expected` is out of range, or the unit is closed.
        NotPermitted: the unit is out of reach.
        Refusal: ``refusal.changed_meanwhile``.
    """
    with transaction(actor) as tx:
        unit = tx.session.get(Organisation, organisation_id, with_for_update=True)
        if unit is None:
            raise NotFound
        tx.permit_unit(Permission.UNIT_EDIT, unit.id)
        problems = amount_problems("expected", expected, EXPECTED_MAX)
        if unit.closed_on is not None:
            values = {"name": unit.name_zh}
            problems.append(Problem("organisation_id", "problem.unit_closed", values))
        if problems:
            raise Invalid(problems)
        standing = tx.session.scalar(
            select(UnitDeadline).where(UnitDeadline.organisation_id == unit.id)
        )
        if (standing.version if standing else 0) != version:
            raise Refusal("refusal.changed_meanwhile")
        before = (standing.due_on, standing.expected) if standing else (None, None)
        if before == (due_on, expected):
            return
        if standing is None:
            standing = UnitDeadline(organisation_id=unit.id)
            tx.session.add(standing)
        standing.due_on, standing.expected = due_on, expected
        tx.record(
            "unit.deadline",
            unit,
            topic=Topic.PEOPLE,
            area_ids=frozenset({unit.area_id}),
            label=unit.name_zh,
            changes={"due_on": (before[0], due_on), "expected": (before[1], expected)},
        )
