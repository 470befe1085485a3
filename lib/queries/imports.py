"""Reads of imported ledgers: which files came in, when, by whom, and whether they still stand."""

import pandas as pd
from sqlalchemy import select, true

from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Topic
from lib.persistence.engine import Reads
from lib.persistence.models import Account, Area, ImportBatch
from lib.persistence.scope import reached
from lib.queries.counters import reads

BATCH_COLUMNS = (
    "batch_id",
    "kind",
    "file_name",
    "at",
    "area_zh",
    "area_en",
    "account_zh",
    "account_en",
    "added",
    "unchanged",
    "refused",
    "state",
    "undone_at",
)
"""`at` and `undone_at` are instants; names are empty where the whole tree or nobody is meant."""


@reads(Topic.UNITS, Topic.PEOPLE, Topic.SERVICE)
def batches(actor: Actor | None, *, limit: int = 100) -> pd.DataFrame:
    """BATCH_COLUMNS of the imports that the actor may take back, newest first.

    An actor of None is the command line, which sees all.
    """
    statement = (
        select(
            ImportBatch.id,
            ImportBatch.kind,
            ImportBatch.file_name,
            ImportBatch.at,
            Area.name_zh,
            Area.name_en,
            Account.display_zh,
            Account.display_en,
            ImportBatch.added,
            ImportBatch.unchanged,
            ImportBatch.refused,
            ImportBatch.state,
            ImportBatch.undone_at,
        )
        .outerjoin(Area, Area.id == ImportBatch.area_id)
        .outerjoin(Account, Account.id == ImportBatch.account_id)
        .where(
            true()
            if actor is None
            else reached(ImportBatch.area_id, actor, Permission.LEDGER_IMPORT)
        )
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    )
    with Reads() as session:
        rows = session.execute(statement).all()
    return pd.DataFrame(rows, columns=list(BATCH_COLUMNS), dtype=object)
