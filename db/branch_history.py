"""One branch over the weeks: its stage and policies, its contacts against target, what is short now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.cadence.weeks import cadence_rows
from core.calendar import last_complete_week
from core.coaching.suggestion import CadenceGap
from core.facts import Actor, Badge, CadenceStatus, StaffRole, Stage, UserRole
from db.access import branch_in_scope, scoped
from db.cadence import cadence_weeks
from db.models import ProductionWeekRow, StageShownRow, StageWeekRow

PATH_COLUMNS = pa.schema(
    [
        ("week_start", pa.date32()),
        ("stage", pa.string()),
        ("confidence", pa.float64()),
        ("policies", pa.int64()),
        ("expected", pa.float64()),
        ("rules_on", pa.date32()),
        ("shown", pa.string()),
    ]
)


@dataclass(frozen=True)
class StageVerdict:
    """The stage of a branch at the end of a week, with the facts that decided it."""

    week_start: date
    stage: Stage
    confidence: float
    most_likely: Stage
    since: date
    reason_key: str
    facts: Mapping[str, Any]
    badges: tuple[Badge, ...]
    rules_on: date


def find_verdict(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> StageVerdict | None:
    """Return the verdict of the last complete week that has one; None for a foreign or unjudged branch."""
    query = (
        select(StageWeekRow)
        .where(StageWeekRow.branch_id == branch_id, StageWeekRow.week_start <= last_complete_week(as_of))
        .order_by(StageWeekRow.week_start.desc())
        .limit(1)
    )
    row = session.scalar(scoped(query, actor, StageWeekRow.branch_id))
    if row is None:
        return None
    return StageVerdict(
        week_start=row.week_start,
        stage=Stage(row.stage),
        confidence=row.confidence,
        most_likely=Stage(row.most_likely),
        since=row.since,
        reason_key=row.reason_key,
        facts=row.facts,
        badges=tuple(Badge(word) for word in row.badges.split(",") if word),
        rules_on=row.rules_on,
    )


def weekly_path(session: Session, *, actor: Actor, branch_id: int, start: date, end: date) -> pa.Table:
    """Return one row per week with a stage, from `start` to before `end`, columns as `PATH_COLUMNS`.

    policies: net of cooling-off, 0 where none were issued; expected: policies a week at the
    branch's own level with the season applied, null where the week was not judged; rules_on: date of the rules
    the week was judged by; shown: the stage shown at the time where it is another one, null elsewhere.
    """
    produced = and_(
        ProductionWeekRow.branch_id == StageWeekRow.branch_id,
        ProductionWeekRow.week_start == StageWeekRow.week_start,
    )
    restated = and_(
        StageShownRow.branch_id == StageWeekRow.branch_id,
        StageShownRow.week_start == StageWeekRow.week_start,
        StageShownRow.stage != StageWeekRow.stage,
    )
    query = (
        select(
            StageWeekRow.week_start,
            StageWeekRow.stage,
            StageWeekRow.confidence,
            ProductionWeekRow.net,
            StageWeekRow.expected,
            StageWeekRow.rules_on,
            StageShownRow.stage.label("shown"),
        )
        .outerjoin(ProductionWeekRow, produced)
        .outerjoin(StageShownRow, restated)
        .where(StageWeekRow.branch_id == branch_id, StageWeekRow.week_start >= start, StageWeekRow.week_start < end)
        .order_by(StageWeekRow.week_start)
    )
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id)).all()
    return pa.table(
        {
            "week_start": [row.week_start for row in rows],
            "stage": [row.stage for row in rows],
            "confidence": [row.confidence for row in rows],
            "policies": [row.net or 0 for row in rows],
            "expected": [row.expected for row in rows],
            "rules_on": [row.rules_on for row in rows],
            "shown": [row.shown for row in rows],
        },
        schema=PATH_COLUMNS,
    )


def only_branch(actor: Actor, branch_id: int) -> Actor:
    """Return an actor who sees this one branch; the caller has checked it against the scope."""
    return replace(actor, role=UserRole.BRANCH_HEAD, branch_id=branch_id)


def cadence_of_branch(
    session: Session, *, actor: Actor, branch_id: int, first_week: date, last_week: date, today: date
) -> pd.DataFrame:
    """Return one row per role and week of a branch, columns as `core.cadence.weeks.cadence_rows`.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    narrow = only_branch(actor, branch_id)
    return cadence_rows(cadence_weeks(session, actor=narrow, first_week=first_week, last_week=last_week, today=today))


def cadence_gaps(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> tuple[CadenceGap, ...]:
    """Return the roles that stayed below target in the last complete week, in the order of the targets."""
    week = last_complete_week(as_of)
    rows = cadence_of_branch(session, actor=actor, branch_id=branch_id, first_week=week, last_week=week, today=as_of)
    short = rows[rows["status"].isin([CadenceStatus.SHORT, CadenceStatus.NONE])]
    return tuple(
        CadenceGap(StaffRole(role), int(actual), int(target_min))
        for role, actual, target_min in zip(short["role"], short["actual"], short["target_min"], strict=True)
    )
