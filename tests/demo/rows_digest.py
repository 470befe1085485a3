"""One digest over all rows of a database, the same on both engines.

Run as a module with a URL and a day it migrates that database, loads the demonstration and prints
the digest, so that a test can compare processes.
"""

import hashlib
import sys
from datetime import date

from sqlalchemy import Engine, select

from lib.demo.load import load_demonstration
from lib.persistence.engine import connect
from lib.persistence.migrate import upgrade
from lib.persistence.models import AuditEntry, Base


def digest(engine: Engine) -> str:
    """SHA-256 over every table's rows by primary key; the trail's clock is left out."""
    sha = hashlib.sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [c for c in table.columns if c is not AuditEntry.__table__.c.at]
            for row in connection.execute(select(*columns).order_by(*table.primary_key)):
                sha.update(repr([str(value) for value in row]).encode())
    return sha.hexdigest()


if __name__ == "__main__":
    database = connect(sys.argv[1])
    upgrade(database)
    load_demonstration(as_of=date.fromisoformat(sys.argv[2]))
    sys.stdout.write(digest(database))
