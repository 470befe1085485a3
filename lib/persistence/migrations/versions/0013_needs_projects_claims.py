"""Needs, projects and claims with their steps, and the topics that count their changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

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
_GROUPS = (
    "all_residents",
    "family_in_difficulty",
    "elder_alone",
    "left_behind_child",
    "disabled",
)
_ENTRIES = (
    "community",
    "grid",
    "courtyard",
    "family",
)
_BRINGING = (
    "service",
    "harmony",
    "civility",
    "warmth",
)
_PROJECT = (
    "draft",
    "published",
    "closed",
    "withdrawn",
)
_CLAIM = (
    "waiting",
    "active",
    "in_service",
    "served",
    "confirmed",
    "returned",
    "lapsed",
    "withdrawn",
    "handed_over",
)
_URGENCY = (
    "ordinary",
    "soon",
    "urgent",
)
_SOURCES = (
    "doorstep",
    "survey",
    "reception_day",
    "phone",
    "chat_group",
    "chief",
    "resident",
)
_NEED = (
    "collected",
    "adopted",
    "merged",
    "declined",
)
_CLAIM_ACTIONS = (
    "claim",
    "queue",
    "promote",
    "start",
    "serve",
    "confirm",
    "return",
    "reopen",
    "lapse",
    "withdraw",
    "hand_over",
)
_NEED_ACTIONS = (
    "collect",
    "adopt",
    "merge",
    "decline",
)
_PROJECT_ACTIONS = (
    "create",
    "edit",
    "publish",
    "close",
    "withdraw",
)
_TOPICS = (
    "areas",
    "structure",
    "units",
    "people",
    "service",
    "need",
    "project",
    "settings",
)


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("servicekind", _KINDS), nullable=False),
        sa.Column("beneficiary", _words("beneficiary", _GROUPS), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("skills", sa.String(length=200), nullable=False),
        sa.Column("entry", _words("entry", _ENTRIES), nullable=False),
        sa.Column("brings", _words("bringing", _BRINGING), nullable=False),
        sa.Column("collective", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("ends_at", sa.Time(), nullable=True),
        sa.Column("state", _words("projectstate", _PROJECT), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'withdrawn' or reason is not null", name=op.f("ck_project_reason_given")
        ),
        sa.CheckConstraint(
            "(starts_at is null) = (ends_at is null) and (starts_at is null or starts_at < ends_at)",
            name=op.f("ck_project_hours"),
        ),
        sa.CheckConstraint("capacity between 1 and 500", name=op.f("ck_project_capacity")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_project_days")),
        sa.CheckConstraint(
            "opens_on is null or opens_on <= last_day", name=op.f("ck_project_opens")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_project_area_id_area")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_project_created_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index("ix_project_area_id_state", "project", ["area_id", "state"], unique=False)
    op.create_index(op.f("ix_project_created_by_id"), "project", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_project_request_id"), "project", ["request_id"], unique=True)
    op.create_index(
        "ix_project_state_last_day_id", "project", ["state", "last_day", "id"], unique=False
    )
    op.create_table(
        "claim",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("state", _words("claimstate", _CLAIM), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("from_claim_id", sa.Integer(), nullable=True),
        sa.Column("claimed_by_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'withdrawn' or reason is not null", name=op.f("ck_claim_reason_given")
        ),
        sa.CheckConstraint(
            "(case when person_id is null then 0 else 1 end) + (case when team_id is null then 0 else 1 end) + (case when organisation_id is null then 0 else 1 end) = 1",
            name=op.f("ck_claim_one_claimant"),
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"], ["account.id"], name=op.f("fk_claim_claimed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["from_claim_id"], ["claim.id"], name=op.f("fk_claim_from_claim_id_claim")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_claim_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_claim_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_claim_project_id_project")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_claim_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_claimed_by_id"), "claim", ["claimed_by_id"], unique=False)
    op.create_index(op.f("ix_claim_from_claim_id"), "claim", ["from_claim_id"], unique=False)
    op.create_index(op.f("ix_claim_organisation_id"), "claim", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_claim_person_id"), "claim", ["person_id"], unique=False)
    op.create_index("ix_claim_project_id_state", "claim", ["project_id", "state"], unique=False)
    op.create_index(op.f("ix_claim_request_id"), "claim", ["request_id"], unique=True)
    op.create_index("ix_claim_state_promised_on", "claim", ["state", "promised_on"], unique=False)
    op.create_index(op.f("ix_claim_team_id"), "claim", ["team_id"], unique=False)
    op.create_index(
        "uq_claim_standing_organisation_id",
        "claim",
        ["project_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
        postgresql_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
    )
    op.create_index(
        "uq_claim_standing_person_id",
        "claim",
        ["project_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
        postgresql_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
    )
    op.create_index(
        "uq_claim_standing_team_id",
        "claim",
        ["project_id", "team_id"],
        unique=True,
        sqlite_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
        postgresql_where=sa.text(
            "state in ('active', 'confirmed', 'in_service', 'returned', 'served', 'waiting')"
        ),
    )
    op.create_table(
        "need",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("servicekind", _KINDS), nullable=False),
        sa.Column("beneficiary", _words("beneficiary", _GROUPS), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=True),
        sa.Column("urgency", _words("urgency", _URGENCY), nullable=False),
        sa.Column("micro_wish", sa.Boolean(), nullable=False),
        sa.Column("source", _words("needsource", _SOURCES), nullable=False),
        sa.Column("state", _words("needstate", _NEED), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("collected_by_id", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'adopted') = (project_id is not null)",
            name=op.f("ck_need_adopted_by_a_project"),
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id is not null)",
            name=op.f("ck_need_merged_into_another"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' or reason is not null", name=op.f("ck_need_reason_given")
        ),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_need_words")),
        sa.CheckConstraint(
            "merged_into_id is null or merged_into_id <> id", name=op.f("ck_need_not_into_itself")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_need_area_id_area")),
        sa.ForeignKeyConstraint(
            ["collected_by_id"], ["account.id"], name=op.f("fk_need_collected_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["need.id"], name=op.f("fk_need_merged_into_id_need")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_need_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index("ix_need_area_id_kind", "need", ["area_id", "kind"], unique=False)
    op.create_index(op.f("ix_need_collected_by_id"), "need", ["collected_by_id"], unique=False)
    op.create_index(op.f("ix_need_merged_into_id"), "need", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_need_project_id"), "need", ["project_id"], unique=False)
    op.create_index(op.f("ix_need_request_id"), "need", ["request_id"], unique=True)
    op.create_index("ix_need_state_id", "need", ["state", "id"], unique=False)
    op.create_table(
        "project_step",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("projectaction", _PROJECT_ACTIONS), nullable=False),
        sa.Column("source", _words("source", _PROJECT), nullable=True),
        sa.Column("target", _words("target", _PROJECT), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_project_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_step_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_step")),
    )
    op.create_index("ix_project_step_project_id", "project_step", ["project_id"], unique=False)
    op.create_table(
        "claim_service",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_claim_service_claim_id_claim")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_claim_service_service_id_service")
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_claim_service")),
    )
    op.create_index(op.f("ix_claim_service_claim_id"), "claim_service", ["claim_id"], unique=False)
    op.create_table(
        "claim_step",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("claimaction", _CLAIM_ACTIONS), nullable=False),
        sa.Column("source", _words("source", _CLAIM), nullable=True),
        sa.Column("target", _words("target", _CLAIM), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_claim_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_claim_step_claim_id_claim")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_step")),
    )
    op.create_index("ix_claim_step_claim_id", "claim_step", ["claim_id"], unique=False)
    op.create_table(
        "need_step",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("action", _words("needaction", _NEED_ACTIONS), nullable=False),
        sa.Column("source", _words("source", _NEED), nullable=True),
        sa.Column("target", _words("target", _NEED), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_need_step_account_id_account")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_step_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_step")),
    )
    op.create_index("ix_need_step_need_id", "need_step", ["need_id"], unique=False)
    _count_topics()


def _words(name: str, members: Sequence[str]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=24)


def _count_topics() -> None:
    """Let the counters count the new topics: the list of topics is a check of the table."""
    words = ", ".join(f"'{topic}'" for topic in _TOPICS)
    check = sa.CheckConstraint(f"topic in ({words})", name=op.f("ck_change_counter_topic"))
    counters = sa.Table(
        "change_counter",
        sa.MetaData(),
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("street_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "street_id", name=op.f("pk_change_counter")),
        check,
    )
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("change_counter", recreate="always", copy_from=counters):
            return
    op.drop_constraint(op.f("ck_change_counter_topic"), "change_counter")
    op.create_check_constraint(
        op.f("ck_change_counter_topic"), "change_counter", f"topic in ({words})"
    )
