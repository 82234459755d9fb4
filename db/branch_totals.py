"""Premium of all insurers in a branch by month, where the bank gives it; the base of our share."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor
from db.access import branch_in_scope, require_role, scoped
from db.changes import check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import BranchTotalRow

MOST_FEN = 10**14
"""A thousand billion yuan: more is a slip of the unit."""


@dataclass(frozen=True)
class BranchTotal:
    """Premium of all insurers in one month; `version` 0 = not stored yet."""

    month_start: date
    premium_fen: int
    source: str
    version: int


def totals_of(session: Session, *, actor: Actor, branch_id: int) -> tuple[BranchTotal, ...]:
    """Return the totals of a branch, newest month first."""
    query = (
        select(BranchTotalRow).where(BranchTotalRow.branch_id == branch_id).order_by(BranchTotalRow.month_start.desc())
    )
    return tuple(
        BranchTotal(row.month_start, row.premium_fen, row.source, row.version)
        for row in session.scalars(scoped(query, actor, BranchTotalRow.branch_id))
    )


def totals_between(session: Session, *, actor: Actor, start: date, end: date) -> pd.DataFrame:
    """Return one row per branch and month that begins in the period, both ends included.

    Columns: branch_id int, month_start date, premium_fen int (all insurers).
    """
    query = (
        select(BranchTotalRow.branch_id, BranchTotalRow.month_start, BranchTotalRow.premium_fen)
        .where(BranchTotalRow.month_start >= start, BranchTotalRow.month_start <= end)
        .order_by(BranchTotalRow.branch_id, BranchTotalRow.month_start)
    )
    rows = [tuple(row) for row in session.execute(scoped(query, actor, BranchTotalRow.branch_id))]
    return pd.DataFrame(rows, columns=["branch_id", "month_start", "premium_fen"])


def record_total(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    month_start: date,
    premium_fen: int,
    source: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Store or change the total of a month.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        ChangedByOtherError: somebody changed the month since it was shown (`shown_version` 0 = none shown).
        RefusedError: the month is not over, the amount is out of range, or no source is named.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    month_start = month_start.replace(day=1)
    problems = list(text_problems("source", source, most=200, needed=True))
    if month_start > today:
        problems.insert(0, Problem(ProblemKey.IN_FUTURE, "month_start", {"day": month_start, "today": today}))
    if not 0 <= premium_fen <= MOST_FEN:
        problems.insert(0, Problem(ProblemKey.AMOUNT, "premium", {"amount": premium_fen / 100}))
    if problems:
        raise RefusedError(problems)
    lock_name(session, f"branch_total {branch.id} {month_start}")
    row = session.get(BranchTotalRow, (branch.id, month_start), with_for_update=True)
    subject_id = f"{branch.branch_code} {month_start:%Y-%m}"
    before = {"premium_fen": row.premium_fen, "source": row.source} if row else None
    check_version(
        session,
        shown=shown_version,
        stored=row.version if row else 0,
        current=before or {},
        subject="branch_total",
        subject_ids=[subject_id],
    )
    if row is None:
        row = BranchTotalRow(branch_id=branch.id, month_start=month_start, version=0)
        session.add(row)
    row.premium_fen = premium_fen
    row.source = source.strip()
    row.changed_at = utc_now()
    row.changed_by = actor.user_id or None
    row.version += 1
    record_audit(
        session,
        actor=actor,
        action="set",
        subject="branch_total",
        subject_id=subject_id,
        branch_id=branch.id,
        before=before,
        after={"premium_fen": premium_fen, "source": row.source},
    )
    keep_result(session, key=key, actor=actor, result={"version": row.version})
