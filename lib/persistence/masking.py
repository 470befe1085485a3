"""Masked personal fields as SQL: what is masked never leaves the database.

The rules are those of `lib.domain.masking`; who sees what without a mask is decided here by the
permissions, once for all queries.
"""

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, or_

from lib.domain.masking import MASK, PHONE_SHOWN_FROM
from lib.domain.permissions import Actor, Permission
from lib.persistence.models import Organisation, Person
from lib.persistence.scope import AreaColumn, owned, reached

Text = SQLColumnExpression[str]


def masked_name(name: Text) -> ColumnElement[str]:
    """`lib.domain.masking.mask_name` of a column."""
    return case((name == "", ""), else_=func.substr(name, 1, 1).concat(MASK))


def masked_phone(phone: Text) -> ColumnElement[str]:
    """`lib.domain.masking.mask_phone` of a column."""
    long = func.length(phone) >= PHONE_SHOWN_FROM
    head = case((long, func.substr(phone, 1, 3)), else_="")
    kept = case((long, 4), else_=2)
    length = func.length(phone)
    start = case((length > kept, length - kept + 1), else_=1)
    tail = func.substr(phone, start)
    return case((phone == "", ""), else_=head.concat(MASK + MASK).concat(tail))


def name_for(actor: Actor, area: AreaColumn, person: type[Person] = Person) -> ColumnElement[str]:
    """The person's name as the actor may see it, by the area where the matter is handled.

    In full for those who handle matters there or look after the person's unit or team, and for
    the person; masked for others who serve there; empty for everybody else.
    """
    handled = [reached(area, actor, Permission.PERSON_NAME)]
    if person is Person:
        handled.append(owned(Person, actor, Permission.PERSON_NAME))
    if actor.person_id is not None:
        handled.append(person.id == actor.person_id)
    return case(
        (or_(*handled), person.name),
        (reached(area, actor, Permission.PERSON_MASKED), masked_name(person.name)),
        else_=literal(""),
    )


def contact_for(actor: Actor, field: Text, masked: Text) -> ColumnElement[str]:
    """A unit's contact as the actor may see it: in full to the unit's own liaison."""
    own = Organisation.id.in_(sorted(actor.scope(Permission.UNIT_EDIT).unit_ids))
    return case(
        (own, field),
        (reached(Organisation.area_id, actor, Permission.UNIT_CONTACT), masked),
        else_=literal(""),
    )
