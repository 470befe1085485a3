"""Of which grids somebody holds a centre household (党员中心户), as SQL."""

from sqlalchemy import Select, select

from lib.persistence.models import Branch, BuildingGroup, CentreHousehold


def households_of(person_id: int | None) -> Select[int]:
    """The grids in which the person holds a centre household; none for nobody."""
    return (
        select(Branch.area_id)
        .join(BuildingGroup, BuildingGroup.branch_id == Branch.id)
        .join(CentreHousehold, CentreHousehold.building_group_id == BuildingGroup.id)
        .where(CentreHousehold.person_id == (0 if person_id is None else person_id))
    )
