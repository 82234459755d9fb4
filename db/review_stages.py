"""Where the branches in scope stood in a week, how they came there, and who moved: stages as known now of each week."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.facts import Actor, Stage
from core.review.figures import Mover, Moves, SetByHand, StagesNow
from core.review.flow import stage_counts, stage_flow
from core.review.measures import measures_on
from core.stages.review import StageDecision, is_in_force
from db.access import scoped
from db.engine import plain_rows
from db.models import BranchRow, StageShownRow, StageWeekRow
from db.number_lists import number_list, numbers_in
from db.stage_history import stage_moves
from db.stage_reviews import latest_decisions

WEEK = timedelta(weeks=1)


def stage_week(session: Session, *, week_start: date) -> date | None:
    """Return the last week up to one that has stages; None where none has. Weeks are the same for everybody."""
    query = select(func.max(StageWeekRow.week_start)).where(StageWeekRow.week_start <= week_start)
    found: date | None = session.scalar(query)
    return found


def weeks_with_stages(session: Session, *, limit: int) -> list[date]:
    """Return the last weeks that have stages, the latest first."""
    query = select(StageWeekRow.week_start).distinct().order_by(StageWeekRow.week_start.desc()).limit(limit)
    return list(session.scalars(query))


def stages_in(session: Session, *, actor: Actor, week_start: date) -> pd.Series:
    """Return the stage of each branch in scope at the end of a week, stored values by branch key."""
    row = StageWeekRow
    query = select(row.stage, number_list(row.branch_id)).where(row.week_start == week_start).group_by(row.stage)
    rows: Sequence[Sequence[Any]] = plain_rows(session, scoped(query, actor, row.branch_id))
    found = [pd.Series(stage, index=numbers_in(listed), dtype=object) for stage, listed in rows]
    return pd.concat(found).sort_index() if found else pd.Series([], index=pd.Index([], dtype="int64"), dtype=object)


def stages_page(session: Session, *, actor: Actor, week_start: date, as_of: date) -> StagesNow:
    """Return the branches by stage in a week and the flow to there from the week and the quarter before."""
    week = stage_week(session, week_start=week_start) or week_start
    quarter = week - measures_on(week_start).limits.flow_weeks * WEEK
    now, before, long_before = (
        stages_in(session, actor=actor, week_start=each) for each in (week, week - WEEK, quarter)
    )
    decisions = latest_decisions(session, actor=actor, as_of=as_of)
    return StagesNow(
        counts=stage_counts(now, before, long_before),
        flow_week=stage_flow(before, now),
        flow_quarter=stage_flow(long_before, now),
        overrides=sum(is_in_force(decision, day=as_of) for decision in decisions.values()),
        restated=_restated(session, actor, week),
        by_hand=_set_by_hand(session, actor, decisions, as_of),
    )


def _set_by_hand(
    session: Session, actor: Actor, decisions: Mapping[int, StageDecision], as_of: date
) -> tuple[SetByHand, ...]:
    """Return the branches whose stage is set by hand on a day, the next to end first."""
    numbers = [number for number, decision in decisions.items() if is_in_force(decision, day=as_of)]
    found = [
        SetByHand(row.branch_code, row.branch_name, decisions[row.id].stage, until)
        for row in _names(session, actor, numbers)
        if (until := decisions[row.id].end_on)
    ]
    return tuple(sorted(found, key=lambda one: (one.until, one.branch_code)))


def moves_page(session: Session, *, actor: Actor, week_start: date) -> Moves:
    """Return the branches whose stage in the week is another than the week before.

    Of each direction those are told that sell most by the level the engine expects of them.
    """
    week = stage_week(session, week_start=week_start) or week_start
    moved = stage_moves(session, actor=actor, week_start=week)
    names = {row.id: row for row in _names(session, actor, moved["branch_id"].tolist())}
    found = sorted(
        (
            Mover(
                branch_code=names[row["branch_id"]].branch_code,
                branch_name=names[row["branch_id"]].branch_name,
                before=Stage(row["before"]),
                after=Stage(row["after"]),
                is_up=row["is_up"],
                reason_key=row["reason_key"],
                facts=row["facts"],
            )
            for row in moved.to_dict("records")
        ),
        key=lambda one: (-_level(one.facts), one.branch_code),
    )
    most = measures_on(week_start).limits.moves_told
    ways = {is_up: [one for one in found if one.is_up is is_up] for is_up in (False, True, None)}
    return Moves(
        up=len(ways[True]),
        down=len(ways[False]),
        level=len(ways[None]),
        told=tuple(one for way in ways.values() for one in way[:most]),
    )


def _level(facts: dict[str, Any]) -> float:
    """Return the policies a week the engine expects of a branch."""
    return float(facts.get("expected", 0)) / max(float(facts.get("window", 1)), 1.0)


def _names(session: Session, actor: Actor, branch_ids: list[int]) -> Any:
    query = select(BranchRow.id, BranchRow.branch_code, BranchRow.branch_name).where(BranchRow.id.in_(branch_ids))
    return session.execute(scoped(query, actor, BranchRow.id)).all()


def _restated(session: Session, actor: Actor, week: date) -> int:
    """Return how many branches show another stage in the week than at the time."""
    same = and_(StageShownRow.branch_id == StageWeekRow.branch_id, StageShownRow.week_start == StageWeekRow.week_start)
    query = (
        select(func.count())
        .select_from(StageWeekRow)
        .join(StageShownRow, same)
        .where(StageWeekRow.week_start == week, StageShownRow.stage != StageWeekRow.stage)
    )
    return session.scalar(scoped(query, actor, StageWeekRow.branch_id)) or 0
