"""Keep the stage of each week as it was first computed, and note where another one is computed later.

Both happen in the transaction that works the stages out anew. The first import of old weeks is no
restatement: what it computes is what was shown first.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from core.facts import RestatementCause
from db.changes import utc_now
from db.engine import data_version, is_sqlite
from db.models import StageRestatementRow, StageShownRow, StageWeekRow
from db.models.base import UtcMoment


@dataclass(frozen=True)
class Cause:
    """Why stages are worked out anew: which import brought or took back the data, and whose it is."""

    kind: RestatementCause
    import_batch_id: int | None = None
    user_id: int | None = None


Row = tuple[Any, ...]
"""A row of `stage_week` as text: branch, week and stage first, the date of its rules last."""

RECOMPUTED = Cause(RestatementCause.RECOMPUTED)
_SAME = ("branch_id", "week_start", "stage", "confidence", "most_likely", "rules_on")
_KEPT = (*_SAME, "shown_at", "data_version")


def keep_shown(
    session: Session, *, removed: Sequence[Row], added: Sequence[Row], last_week: date | None, cause: Cause
) -> None:
    """Keep the stages of weeks that had none before, and note each other stage of a week that had one.

    Call it once the new rows stand in `stage_week`. A stage that goes away is noted up to the last week;
    weeks after it are not known any more, which is no other stage: they are compared again once they come back.

    Args:
        session: of the write.
        removed: rows that are no longer in `stage_week` as they were.
        added: rows that were not in it; one in both is a changed row.
        last_week: the last week the data reach now, None where they reach none.
        cause: why.
    """
    old = {row[:2]: row for row in removed}
    new = {row[:2]: row for row in added} if old else {}
    reach = "" if last_week is None else last_week.isoformat()
    notes = []
    for key, row in old.items():
        now = new.get(key)
        if (key[1] <= reach) if now is None else (now[2] != row[2]):
            notes.append(_note(row, now, cause))
    first = min((row[1] for row in added if row[:2] not in old), default=None)
    if first is not None:
        start = date.fromisoformat(first)
        notes += _come_back(session, start, old, cause)
        _keep_new(session, start)
    if notes:
        told = {"import_batch_id": cause.import_batch_id, "changed_at": utc_now(), "changed_by": cause.user_id}
        session.execute(insert(StageRestatementRow), [{**note, **told} for note in notes])


def latest_notes(*which: ColumnElement[bool]) -> Any:
    """Return the key of the latest note of each branch and week, as a subquery with the column `id`.

    `which` bounds the weeks looked at, so that one branch does not wait for all.
    """
    weeks = (StageRestatementRow.branch_id, StageRestatementRow.week_start)
    return select(func.max(StageRestatementRow.id).label("id")).where(*which).group_by(*weeks).subquery()


def _note(old: Row, new: Row | None, cause: Cause) -> dict[str, Any]:
    by_rules = new is not None and new[-1] != old[-1]
    return {
        "branch_id": old[0],
        "week_start": date.fromisoformat(old[1]),
        "before": old[2],
        "after": new[2] if new else None,
        "cause": RestatementCause.RULES if by_rules else cause.kind,
    }


def _come_back(session: Session, start: date, known: Container[Row], cause: Cause) -> list[dict[str, Any]]:
    """Return notes of weeks that had no stage for a time and now have another one than was last told."""
    latest, newest = aliased(StageRestatementRow), latest_notes()
    told = select(latest.branch_id, latest.week_start, latest.after).join(newest, newest.c.id == latest.id).subquery()
    query = (
        select(
            StageWeekRow.branch_id,
            StageWeekRow.week_start,
            case((told.c.branch_id.is_(None), StageShownRow.stage), else_=told.c.after),
            StageWeekRow.stage,
        )
        .join(
            StageShownRow,
            (StageShownRow.branch_id == StageWeekRow.branch_id) & (StageShownRow.week_start == StageWeekRow.week_start),
        )
        .outerjoin(told, (told.c.branch_id == StageWeekRow.branch_id) & (told.c.week_start == StageWeekRow.week_start))
        .where(
            StageWeekRow.week_start >= start,
            or_(StageShownRow.stage != StageWeekRow.stage, told.c.branch_id.is_not(None)),
        )
    )
    return [
        {"branch_id": branch_id, "week_start": week, "before": before, "after": after, "cause": cause.kind}
        for branch_id, week, before, after in session.execute(query)
        if before != after and (branch_id, week.isoformat()) not in known
    ]


def _keep_new(session: Session, start: date) -> None:
    """Keep the stages from a week on that are not kept yet, in one statement."""
    rows = select(
        *(getattr(StageWeekRow, name) for name in _SAME),
        literal(utc_now(), UtcMoment()),
        literal(data_version(session) + 1, Integer),  # the version this transaction makes
    ).where(StageWeekRow.week_start >= start)
    if is_sqlite(session):  # it would go by the index of the weeks, which takes eight times as long
        rows = rows.order_by(StageWeekRow.branch_id, StageWeekRow.week_start)
    add = (sqlite if is_sqlite(session) else postgresql).insert(StageShownRow)
    session.execute(add.from_select(list(_KEPT), rows).on_conflict_do_nothing())
