"""Versions of the stage engine's numbers that administrators stored over the shipped ones.

A version holds from its Monday on and is never edited; one that is not in force yet can be withdrawn. Who wants
to change what is in force stores another version for a later Monday.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.facts import Actor, RestatementCause, UserRole
from core.stages.limits import RuleValue, RuleVersion, limits_numbers, limits_on
from core.stages.rule_check import RuleProblem, RulesRefusedError, checked_start, checked_values
from db.access import NotAllowedError, require_role
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.engine import is_sqlite
from db.models import StageRuleValueRow, StageRuleVersionRow, UserRow
from db.rollups import write_alone

RULES_LOCK = 4_205_119
"""Number of the PostgreSQL lock under which versions are stored one after another."""


@dataclass(frozen=True)
class StoredVersion:
    """A version as the lab lists it; `made_by` and `withdrawn_by` are None for the command line.

    `before` holds what each value replaced, in the order of `rules.values`.
    """

    version_id: int
    rules: RuleVersion
    before: tuple[float, ...]
    made_at: datetime
    made_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    version: int


def stage_rules(session: Session) -> tuple[RuleVersion, ...]:
    """Return the versions that hold or will hold, by start; rules are the same for everybody."""
    query = select(StageRuleVersionRow).where(StageRuleVersionRow.withdrawn_at.is_(None))
    rows = session.scalars(query.order_by(StageRuleVersionRow.valid_from)).all()
    values = _values(session)
    return tuple(RuleVersion(row.valid_from, _rule_values(values.get(row.id, [])), row.note) for row in rows)


def rules_state(session: Session) -> int:
    """Return a number that rises with every version stored or withdrawn."""
    return session.scalar(select(func.coalesce(func.sum(StageRuleVersionRow.version), 0))) or 0


def stored_versions(session: Session, *, actor: Actor) -> list[StoredVersion]:
    """Return all versions with their authors, withdrawn ones included, latest start first; for administrators.

    Raises:
        NotAllowedError: the actor is no administrator.
    """
    require_role(actor, UserRole.ADMIN)
    author, withdrawer = aliased(UserRow), aliased(UserRow)
    query = (
        select(StageRuleVersionRow, author.display_name, withdrawer.display_name)
        .outerjoin(author, author.id == StageRuleVersionRow.made_by)
        .outerjoin(withdrawer, withdrawer.id == StageRuleVersionRow.withdrawn_by)
        .order_by(StageRuleVersionRow.valid_from.desc(), StageRuleVersionRow.id.desc())
    )
    values = _values(session)
    return [
        StoredVersion(
            version_id=row.id,
            rules=RuleVersion(row.valid_from, _rule_values(values.get(row.id, [])), row.note),
            before=tuple(one.before for one in values.get(row.id, [])),
            made_at=row.made_at,
            made_by=made_by,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=withdrawn_by,
            version=row.version,
        )
        for row, made_by, withdrawn_by in session.execute(query)
    ]


def add_stage_rules(
    session: Session,
    *,
    actor: Actor,
    values: Sequence[RuleValue],
    valid_from: date,
    note: str,
    shown_state: int | None,
    today: date,
    write_key: str,
) -> dict[str, Any]:
    """Store a version, and bring stored stages up to it where they reach its Monday; return its id.

    Args:
        session: of the write.
        actor: an administrator.
        values: what changes against the rules of that Monday; shares that add up give way.
        valid_from: a Monday, the present one at the earliest.
        note: why.
        shown_state: the `rules_state` the author has seen; None where nobody looked at one.
        today: the day in Shanghai.
        write_key: of the form as drawn.

    Raises:
        NotAllowedError: the actor is no administrator.
        ChangedByOtherError: another version was stored or withdrawn since.
        RulesRefusedError: the values, the day or the note cannot stand, or a version begins on that Monday already.
    """
    require_role(actor, UserRole.ADMIN)
    first = first_result(session, key=write_key, actor=actor)
    if first is not None:
        return first
    write_alone(session)  # before all else is locked, as an import does: stages follow from one set of rules
    _one_at_a_time(session)
    if shown_state is not None:
        check_version(
            session, shown=shown_state, stored=rules_state(session), current=_newest(session), subject="stage_rules"
        )
    said = checked_start(valid_from, note, today)
    refuse_taken_monday(session, valid_from=valid_from)
    limits = limits_on(valid_from, stage_rules(session))
    changed, before = checked_values(values, limits), limits_numbers(limits)
    row = StageRuleVersionRow(valid_from=valid_from, note=said, made_at=utc_now(), made_by=account_of(actor))
    session.add(row)
    session.flush()
    session.add_all(
        StageRuleValueRow(
            version_id=row.id,
            subject=one.subject,
            key=one.key,
            value=one.value,
            before=before[one.subject, one.key],
        )
        for one in changed
    )
    after = {"valid_from": valid_from, "note": said} | {f"{one.subject}.{one.key}": one.value for one in changed}
    replaced = {f"{one.subject}.{one.key}": before[one.subject, one.key] for one in changed}
    _bring_stages_up_to(session, valid_from, today, account_of(actor))
    record_audit(
        session, actor=actor, action="add", subject="stage_rules", subject_id=row.id, before=replaced, after=after
    )
    return keep_result(session, key=write_key, actor=actor, result={"id": row.id})


def refuse_taken_monday(session: Session, *, valid_from: date) -> None:
    """Refuse a Monday on which a version begins already.

    Raises:
        RulesRefusedError: one does.
    """
    if any(one.valid_from == valid_from for one in stage_rules(session)):
        raise RulesRefusedError([RuleProblem("same_monday", {"day": valid_from})])


def withdraw_stage_rules(
    session: Session, *, actor: Actor, version_id: int, shown_version: int, today: date, write_key: str
) -> dict[str, Any]:
    """Take back a version that is not in force yet, and return its id; it stays on the list.

    Raises:
        NotAllowedError: the actor is no administrator, or there is no such version.
        ChangedByOtherError: it was withdrawn since it was shown.
        RulesRefusedError: it is in force.
    """
    require_role(actor, UserRole.ADMIN)
    first = first_result(session, key=write_key, actor=actor)
    if first is not None:
        return first
    _one_at_a_time(session)
    row = session.get(StageRuleVersionRow, version_id)
    if row is None:
        raise NotAllowedError("no such version of the rules")
    stands = {"note": row.note, "withdrawn_at": row.withdrawn_at}
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=stands,
        subject="stage_rules",
        subject_ids=[row.id],
    )
    if row.valid_from <= today:
        raise RulesRefusedError([RuleProblem("in_force", {"day": row.valid_from})])
    row.withdrawn_at, row.withdrawn_by = utc_now(), account_of(actor)
    row.version += 1
    session.flush()
    before = {"valid_from": row.valid_from, "note": row.note}
    record_audit(session, actor=actor, action="withdraw", subject="stage_rules", subject_id=row.id, before=before)
    return keep_result(session, key=write_key, actor=actor, result={"id": row.id})


def _bring_stages_up_to(session: Session, valid_from: date, today: date, user_id: int | None) -> None:
    """Work stages out anew where a stored week, or one that is due, goes by a version that begins on the day."""
    from db.stage_facts import last_week  # which asks for the rules itself
    from db.stage_history import recompute_stages
    from db.stage_shown import Cause

    newest = last_week(session, as_of=today)
    if newest is not None and newest >= valid_from:
        recompute_stages(session, as_of=today, cause=Cause(RestatementCause.RULES, user_id=user_id))


def _one_at_a_time(session: Session) -> None:
    if not is_sqlite(session):  # there one writer at a time holds the lock anyway
        session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))


def _newest(session: Session) -> dict[str, Any]:
    row = session.scalar(select(StageRuleVersionRow).order_by(StageRuleVersionRow.id.desc()).limit(1))
    return {} if row is None else {"valid_from": row.valid_from, "note": row.note}


def _values(session: Session) -> dict[int, list[StageRuleValueRow]]:
    order = (StageRuleValueRow.version_id, StageRuleValueRow.subject, StageRuleValueRow.key)
    found: dict[int, list[StageRuleValueRow]] = {}
    for row in session.scalars(select(StageRuleValueRow).order_by(*order)):
        found.setdefault(row.version_id, []).append(row)
    return found


def _rule_values(rows: Sequence[StageRuleValueRow]) -> tuple[RuleValue, ...]:
    return tuple(RuleValue(row.subject, row.key, row.value) for row in rows)
