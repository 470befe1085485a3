"""Skills that projects ask for, each of the vocabulary; what was written of them stays in words."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_SKILLS = (
    "repair",
    "electrics",
    "hairdressing",
    "nursing",
    "first_aid",
    "counselling",
    "law",
    "mediation",
    "teaching",
    "calligraphy",
    "music_dance",
    "sport",
    "computers",
    "photography",
    "cooking",
    "gardening",
    "driving",
    "sign_language",
    "languages",
    "organising",
)


def upgrade() -> None:
    op.create_table(
        "project_skill",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "skill",
            sa.Enum(*_SKILLS, name="skill", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_skill_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", "skill", name=op.f("pk_project_skill")),
    )
    op.create_index("ix_project_skill_skill_project_id", "project_skill", ["skill", "project_id"])
    project = sa.table("project", *(sa.column(name, sa.Text) for name in ("words", "skills")))
    op.execute(
        project.update()
        .where(project.c.skills != "")
        .values(words=project.c.words + sa.literal("\n") + project.c.skills)
    )
    op.drop_column("project", "skills")
