"""Which weeks show another stage than at the time, and every change that led there; within the actor's scope."""

from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Select, and_, null, or_, select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.stages.restated import NOTE_COLUMNS, RESTATED_COLUMNS
from db.access import branch_in_scope, scoped
from db.models import ImportBatchRow, StageRestatementRow, StageShownRow, StageWeekRow, UserRow
from db.stage_shown import latest_notes

MOST_ROWS = 50_000
"""The newest so many are listed, as many as a file holds."""


def restated_weeks(session: Session, *, actor: Actor, limit: int = MOST_ROWS) -> pa.Table:
    """Return the weeks that show another stage than at the time, columns `RESTATED_COLUMNS`, the latest change first.

    A week whose first stage came back, as after an undo, is not among them.
    """
    return _restated(session, actor, limit)


def restated_weeks_of(session: Session, *, actor: Actor, branch_id: int) -> pa.Table:
    """Return the weeks of one branch as `restated_weeks`, the latest week first.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    weeks = _restated(session, actor, MOST_ROWS, StageRestatementRow.branch_id == branch_id)
    return weeks.sort_by([("week_start", "descending")])


def restatement_notes(session: Session, *, actor: Actor, limit: int = MOST_ROWS) -> pa.Table:
    """Return every later change of a week's stage, those that were taken back too, columns `NOTE_COLUMNS`.

    The latest change first, then by branch and week.
    """
    query = _with_makers(
        select(
            StageRestatementRow.branch_id,
            StageRestatementRow.week_start,
            StageRestatementRow.before,
            StageRestatementRow.after,
            StageRestatementRow.changed_at,
            StageRestatementRow.cause,
            *_makers(actor),
        )
    )
    return _table(session, query, actor, limit, NOTE_COLUMNS)


def _restated(session: Session, actor: Actor, limit: int, *which: ColumnElement[bool]) -> pa.Table:
    newest = latest_notes(*which)
    week = _of_the_week
    query = _with_makers(
        select(
            StageRestatementRow.branch_id,
            StageRestatementRow.week_start,
            StageShownRow.stage,
            StageShownRow.confidence,
            StageWeekRow.stage,
            StageShownRow.shown_at,
            StageRestatementRow.changed_at,
            StageRestatementRow.cause,
            *_makers(actor),
        )
        .join(newest, newest.c.id == StageRestatementRow.id)
        .join(StageShownRow, week(StageShownRow))
        .outerjoin(StageWeekRow, week(StageWeekRow))
    ).where(or_(StageWeekRow.stage != StageShownRow.stage, _has_none()))
    return _table(session, query, actor, limit, RESTATED_COLUMNS)


def _of_the_week(row: Any) -> ColumnElement[bool]:
    return and_(
        row.branch_id == StageRestatementRow.branch_id,
        row.week_start == StageRestatementRow.week_start,
    )


def _has_none() -> ColumnElement[bool]:
    """Return the condition that a week has no stage any more, other than as the data do not reach it yet."""
    return and_(StageWeekRow.stage.is_(None), StageRestatementRow.after.is_(None))


def _makers(actor: Actor) -> list[Any]:
    """Return the columns that tell by which import and by whom; the names of its files for administrators alone."""
    is_admin = actor.role is UserRole.ADMIN
    return [
        StageRestatementRow.import_batch_id,
        ImportBatchRow.source_names if is_admin else null(),
        UserRow.display_name,
    ]


def _with_makers(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(ImportBatchRow, ImportBatchRow.id == StageRestatementRow.import_batch_id).outerjoin(
        UserRow, UserRow.id == StageRestatementRow.changed_by
    )


def _table(session: Session, query: Select[*tuple[Any, ...]], actor: Actor, limit: int, schema: pa.Schema) -> pa.Table:
    order = (
        StageRestatementRow.changed_at.desc(),
        StageRestatementRow.branch_id,
        StageRestatementRow.week_start,
        StageRestatementRow.id,
    )
    rows = session.execute(scoped(query, actor, StageRestatementRow.branch_id).order_by(*order).limit(limit)).all()
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    cells = [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.table(cells, schema=schema)
