"""Stages of a small world, written as the store keeps them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.facts import Stage
from db.models import BranchRow, ProductionWeekRow, StageWeekRow

REASONS = {
    Stage.STARTUP: "startup_new",
    Stage.GROWTH: "growth_rising",
    Stage.MATURE: "mature_steady",
    Stage.ADJUSTMENT: "adjustment_below",
    Stage.SLUMP: "slump_stopped",
}


def add_stage(
    session: Session,
    branch: BranchRow,
    week_start: date,
    stage: Stage,
    *,
    weeks_held: int = 10,
    badges: str = "",
    **facts: Any,
) -> None:
    """Add the stage of a branch in a week; `facts` win over plain ones."""
    plain = {
        "sold": 2,
        "before": 3,
        "window": 8,
        "expected": 6.0,
        "chance": 0.03,
        "level": 0.8,
        "held": weeks_held,
        "age": 60,
        "weeks": 60,
        "most_likely": stage.value,
        "stage": stage.value,
        "changed": True,
    }
    session.add(
        StageWeekRow(
            branch_id=branch.id,
            week_start=week_start,
            stage=stage,
            confidence=0.8,
            most_likely=stage,
            since=week_start - timedelta(weeks=weeks_held - 1),
            expected=0.8,
            reason_key=REASONS[stage],
            facts=plain | facts,
            badges=badges,
            rules_on=date(2000, 1, 1),
        )
    )


def add_production(session: Session, branch: BranchRow, week_start: date, *, net: int, premium_fen: int) -> None:
    """Add the policies of a branch in a week, none of them cancelled."""
    session.add(
        ProductionWeekRow(
            branch_id=branch.id,
            week_start=week_start,
            accepted=net,
            net=net,
            net_regular=net,
            premium_fen=premium_fen,
            regular_fen=premium_fen,
            cancelled_fen=0,
        )
    )
