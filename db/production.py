"""Weekly policies and premium by branch, from the rollups: trends and sparklines."""

from datetime import date

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor
from db.access import scoped
from db.engine import plain_rows
from db.models import ProductionWeekRow

PRODUCTION_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("week_start", pa.date32()),
        ("accepted", pa.int32()),
        ("net", pa.int32()),
        ("premium_fen", pa.int64()),
        ("regular_fen", pa.int64()),
        ("cancelled_fen", pa.int64()),
    ]
)


def production_weeks(session: Session, *, actor: Actor, start: date, end: date) -> pa.Table:
    """Return one row per branch and week with policies, weeks from `start` to before `end`.

    Columns as `PRODUCTION_COLUMNS`, by branch and week: accepted and net (not cancelled in
    cooling-off) policies by week of issue; premium_fen and regular_fen of all accepted,
    cancelled_fen the part of premium_fen whose policy is cancelled. A week without a row has none.
    """
    query = (
        select(
            ProductionWeekRow.branch_id,
            ProductionWeekRow.week_start,
            ProductionWeekRow.accepted,
            ProductionWeekRow.net,
            ProductionWeekRow.premium_fen,
            ProductionWeekRow.regular_fen,
            ProductionWeekRow.cancelled_fen,
        )
        .where(ProductionWeekRow.week_start >= start, ProductionWeekRow.week_start < end)
        .order_by(ProductionWeekRow.branch_id, ProductionWeekRow.week_start)
    )
    rows = plain_rows(session, scoped(query, actor, ProductionWeekRow.branch_id))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in PRODUCTION_COLUMNS]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, PRODUCTION_COLUMNS, strict=True)],
        schema=PRODUCTION_COLUMNS,
    )
