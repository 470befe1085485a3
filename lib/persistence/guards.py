"""Invariants that no table definition can hold, as triggers, the same on both engines.

One idempotent function makes them all; it runs after every upgrade, because a batch migration
on SQLite recreates tables and drops their triggers without a word.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from lib.domain.claims import HOLDING

STEP_TABLES = (
    "service_step",
    "need_step",
    "project_step",
    "claim_step",
    "check_in_step",
    "correction_step",
    "membership_step",
    "certificate_step",
)
"""Histories, as people read them."""

_APPEND_ONLY = ("audit_entry", "audit_seal", "local_setting", *STEP_TABLES)

_SERVED = """
    exists (
        select 1 from participation p
        join account a on a.person_id = p.person_id
        where p.service_id = new.id and a.id = new.decided_by_id
    )
"""

_HOLDING = f"({', '.join(repr(state.value) for state in sorted(HOLDING))})"
_FULL = f"""
    (select count(*) from claim c where c.project_id = new.project_id and c.state in {_HOLDING})
    >= (select capacity from project where id = new.project_id)
"""  # noqa: S608 - our own words
_UNLED = """
    new.team_id is not null
    and exists (select 1 from team t where t.id = new.team_id and t.leader_id is null)
"""
_COUNTED = """
    exists (
        select 1 from certificate_service l join certificate c on c.id = l.certificate_id
        where l.service_id = old.service_id and c.person_id = old.person_id and c.state = 'issued'
    )
"""
_UNCERTIFIED = f"""
    old.trust = 'certified' and (new.trust <> old.trust or new.minutes <> old.minutes)
    and {_COUNTED}
"""
_REWRITTEN = """
    old.number is not null and (
        new.state not in ('issued', 'revoked') or new.number <> old.number
        or new.person_id <> old.person_id or new.minutes <> old.minutes
        or new.services <> old.services or new.issued_on <> old.issued_on
        or new.issuer <> old.issuer or new.responsible <> old.responsible
        or new.handler <> old.handler or new.contact <> old.contact
        or new.first_day <> old.first_day or new.last_day <> old.last_day
    )
"""
_TO_ITSELF = """
    new.state = 'issued' and exists (
        select 1 from account a where a.id = new.issued_by_id and a.person_id = new.person_id
    )
"""
_NO_PLACE = "begin select raise(abort, 'no place is free'); end"

_SQLITE = {
    **{
        f"{table}_no_{verb}": (
            f"before {verb} on {table} begin select raise(abort, '{table} is append-only'); end"
        )
        for table in _APPEND_ONLY
        for verb in ("update", "delete")
    },
    "service_confirmed_by_server": (
        f"before update of state on service when new.state = 'confirmed' and {_SERVED}"
        " begin select raise(abort, 'who served may not confirm'); end"
    ),
    "claim_within_capacity": (
        f"before insert on claim when new.state in {_HOLDING} and {_FULL} {_NO_PLACE}"
    ),
    "claim_by_led_team": (
        f"before insert on claim when {_UNLED}"
        " begin select raise(abort, 'a team without a leader cannot claim'); end"
    ),
    "claim_promoted_within_capacity": (
        f"before update of state on claim when new.state in {_HOLDING}"
        f" and old.state not in {_HOLDING} and {_FULL} {_NO_PLACE}"
    ),
    "participation_certified_kept": (
        f"before update on participation when {_UNCERTIFIED}"
        " begin select raise(abort, 'a certificate counts these minutes'); end"
    ),
    "certificate_kept": (
        f"before update on certificate when {_REWRITTEN}"
        " begin select raise(abort, 'what was issued stays as it is'); end"
    ),
    "certificate_issued_to_itself": (
        f"before insert on certificate when {_TO_ITSELF}"
        " begin select raise(abort, 'nobody issues their own'); end"
    ),
    "certificate_settled_to_itself": (
        f"before update on certificate when {_TO_ITSELF}"
        " begin select raise(abort, 'nobody issues their own'); end"
    ),
}

_POSTGRES_FUNCTIONS = {
    "refuse_change": "begin raise exception '% is append-only', tg_table_name; end",
    "refuse_confirming_own": f"""
        begin
            if new.state = 'confirmed' and {_SERVED} then
                raise exception 'who served may not confirm';
            end if;
            return new;
        end
    """,
    "refuse_unled_team": f"""
        begin
            if {_UNLED} then
                raise exception 'a team without a leader cannot claim';
            end if;
            return new;
        end
    """,
    # Whoever takes a place waits for the others who do: then all of them are counted.
    "refuse_beyond_capacity": f"""
        begin
            if new.state in {_HOLDING}
                and (tg_op = 'INSERT' or old.state not in {_HOLDING}) then
                perform 1 from project where id = new.project_id for update;
                if {_FULL} then
                    raise exception 'no place is free';
                end if;
            end if;
            return new;
        end
    """,
    "refuse_uncertifying": f"""
        begin
            if {_UNCERTIFIED} then
                raise exception 'a certificate counts these minutes';
            end if;
            return new;
        end
    """,
    "refuse_rewriting": f"""
        begin
            if tg_op = 'UPDATE' and {_REWRITTEN} then
                raise exception 'what was issued stays as it is';
            end if;
            if {_TO_ITSELF} then
                raise exception 'nobody issues their own';
            end if;
            return new;
        end
    """,
}

_POSTGRES = {
    **{
        f"{table}_append_only": (
            f"before update or delete on {table} for each row execute function refuse_change()"
        )
        for table in _APPEND_ONLY
    },
    **{
        f"{table}_no_truncate": (
            f"before truncate on {table} for each statement execute function refuse_change()"
        )
        for table in _APPEND_ONLY
    },
    "service_confirmed_by_server": (
        "before update of state on service for each row execute function refuse_confirming_own()"
    ),
    "claim_by_led_team": (
        "before insert on claim for each row execute function refuse_unled_team()"
    ),
    "claim_within_capacity": (
        "before insert or update of state on claim"
        " for each row execute function refuse_beyond_capacity()"
    ),
    "participation_certified_kept": (
        "before update on participation for each row execute function refuse_uncertifying()"
    ),
    "certificate_kept": (
        "before insert or update on certificate for each row execute function refuse_rewriting()"
    ),
}


def create_guards(connection: Connection) -> None:
    """Make every trigger anew; safe to run any number of times."""
    if connection.dialect.name == "sqlite":
        for name, body in _SQLITE.items():
            connection.execute(text(f"drop trigger if exists {name}"))
            connection.execute(text(f"create trigger {name} {body}"))
        return
    for name, body in _POSTGRES_FUNCTIONS.items():
        connection.execute(
            text(
                f"create or replace function {name}() returns trigger language plpgsql"
                f" as $guard$ {body} $guard$"
            )
        )
    for name, body in _POSTGRES.items():
        connection.execute(text(f"create or replace trigger {name} {body}"))


def guard_names(connection: Connection) -> frozenset[str]:
    """The triggers that must exist on this engine."""
    return frozenset(_SQLITE if connection.dialect.name == "sqlite" else _POSTGRES)


def missing_guards(connection: Connection) -> frozenset[str]:
    """The triggers that ought to exist and do not."""
    query = (
        "select name from sqlite_master where type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "select tgname from pg_trigger where not tgisinternal"
    )
    return guard_names(connection) - frozenset(connection.execute(text(query)).scalars())


@contextmanager
def append_only_lifted(connection: Connection, table: str) -> Iterator[None]:
    """Lift the append-only guard of one table; it stands again before anybody else writes.

    Triggers are part of the transaction on both engines: when the block fails, nothing changed.
    """
    on_table = "" if connection.dialect.name == "sqlite" else f" on {table}"
    for name in sorted(guard_names(connection)):
        if name.startswith(table):
            connection.execute(text(f"drop trigger {name}{on_table}"))
    yield
    create_guards(connection)
