"""The demonstration removed from the screen: what goes is told first, and a name is typed."""

import pytest
from sqlalchemy import Engine, func, select

from lib.demo.load import removal_toll, remove_demonstration
from lib.domain.errors import Invalid, NotPermitted
from lib.domain.permissions import Actor, Grant, Role
from lib.domain.place_list import Place
from lib.domain.vocab import Language, Level
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, AuditEntry, Organisation, Service
from lib.services.place_lists import add_places


def entered(role: Role) -> Actor:
    with Reads() as session:
        number = session.scalars(select(Account.id).where(Account.name == f"demo-{role}")).one()
        street = session.scalars(select(Area.id).where(Area.level == Level.STREET)).one()
    area = None if role in (Role.ADMINISTRATOR, Role.VISITOR) else street
    return Actor(number, "演示", "Demo", Language.ZH, None, (Grant(role, area),))


def test_toll__counts_every_row_and_what_people_did(demo_database: Engine) -> None:
    admin = entered(Role.ADMINISTRATOR)
    with Reads() as session:
        units = session.scalar(select(func.count()).select_from(Organisation))
        services = session.scalar(select(func.count()).select_from(Service))
        street_id = session.scalars(select(Area.id).where(Area.level == Level.STREET)).one()
    add_places(admin, street_id=street_id, places=[Place(1, "新桥社区", "第1网格")])
    names, tolls = removal_toll(admin)
    by_kind = {one.kind: one for one in tolls}
    assert (by_kind["organisation"].goes, by_kind["organisation"].stays) == (units, 0)
    assert by_kind["service"].goes == services
    assert by_kind["area"].touched == 1
    assert len(names) == 2
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Service)) == services


@pytest.mark.parametrize("typed", ["", "别的街道", "<b>"])
def test_remove__another_name_typed__refused(demo_database: Engine, typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        remove_demonstration(entered(Role.ADMINISTRATOR), typed=typed)
    assert [problem.field for problem in caught.value.problems] == ["typed_name"]


def test_remove__only_the_administrator(demo_database: Engine) -> None:
    actor = entered(Role.STREET_COMMITTEE)
    for command in (removal_toll, remove_demonstration):
        with pytest.raises(NotPermitted):
            command(actor)


def test_remove__the_name_typed__gone_and_signed_by_who_did_it(demo_database: Engine) -> None:
    admin = entered(Role.ADMINISTRATOR)
    names, _ = removal_toll(admin)
    remove_demonstration(admin, typed=f" {names[1]} ")
    with Reads() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 0
        by = set(
            session.scalars(
                select(AuditEntry.account_id).where(AuditEntry.action == "demonstration.remove")
            )
        )
        account = session.get_one(Account, admin.account_id)
    assert by == {admin.account_id}
    assert account.closed_on is not None
