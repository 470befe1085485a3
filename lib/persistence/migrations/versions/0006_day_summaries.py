"""What was done in each area on each day, added up from the services that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COUNTS = (
    "waiting",
    "services",
    "people_served",
    "goods",
    "money_fen",
    "participations",
    "minutes",
    "waiting_minutes",
    "self_reported",
    "checked_in",
    "confirmed",
    "certified",
)
_KINDS = (
    "patrol",
    "visit",
    "mediation",
    "opinion_talk",
    "counselling",
    "lecture",
    "culture_sport",
    "civility",
    "tutoring",
    "clean_up",
    "health",
    "repair",
    "other",
)
_SUMMED = """
    insert into day_summary (
        area_id, day, kind, waiting, services, people_served, goods, money_fen, participations,
        minutes, waiting_minutes, self_reported, checked_in, confirmed, certified
    )
    select s.area_id, s.day, s.kind,
        sum(case when s.state = 'recorded' then 1 else 0 end),
        sum(case when s.state = 'confirmed' then 1 else 0 end),
        sum(case when s.state = 'confirmed' then s.people_served else 0 end),
        sum(case when s.state = 'confirmed' then s.goods else 0 end),
        sum(case when s.state = 'confirmed' then s.money_fen else 0 end),
        sum(case when s.state = 'confirmed' then coalesce(w.n, 0) else 0 end),
        sum(case when s.state = 'confirmed' then coalesce(w.minutes, 0) else 0 end),
        sum(case when s.state = 'recorded' then coalesce(w.minutes, 0) else 0 end),
        sum(coalesce(w.self_reported, 0)), sum(coalesce(w.checked_in, 0)),
        sum(coalesce(w.confirmed, 0)), sum(coalesce(w.certified, 0))
    from service s
    left join (
        select p.service_id, count(*) as n, sum(p.minutes) as minutes,
            sum(case when p.trust = 'self_reported' then p.minutes else 0 end) as self_reported,
            sum(case when p.trust = 'checked_in' then p.minutes else 0 end) as checked_in,
            sum(case when p.trust = 'confirmed' then p.minutes else 0 end) as confirmed,
            sum(case when p.trust = 'certified' then p.minutes else 0 end) as certified
        from participation p
        group by p.service_id
    ) w on w.service_id = s.id
    where s.state in ('recorded', 'confirmed')
    group by s.area_id, s.day, s.kind
"""


def upgrade() -> None:
    op.create_table(
        "day_summary",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *_KINDS,
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        *(
            sa.Column(
                name, sa.BigInteger() if name == "money_fen" else sa.Integer(), nullable=False
            )
            for name in _COUNTS
        ),
        sa.CheckConstraint(
            "minutes + waiting_minutes = self_reported + checked_in + confirmed + certified",
            name=op.f("ck_day_summary_minutes_by_trust"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_day_summary_area_id_area")),
        sa.PrimaryKeyConstraint("area_id", "day", "kind", name=op.f("pk_day_summary")),
    )
    op.execute(_SUMMED)
