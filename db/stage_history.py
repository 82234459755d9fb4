"""The stored stages: computed for all branches after every change of the facts, asked by branch and week.

The whole history is written anew, in the caller's transaction: a correction of old facts changes
old weeks. Questions are bounded to the branches the actor may see.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session, aliased

from core.facts import Actor, Stage
from core.stages.badges import STRONGEST_FIRST, badges_now
from core.stages.facts import RowFacts, StageRow
from core.stages.lines import classified_lines
from core.stages.outlook import LOOKS_AHEAD_WEEKS, outlooks
from db.access import scoped
from db.engine import is_sqlite
from db.models import StageWeekRow
from db.stage_facts import StageFacts, departures, last_week, late_policies, size_standards, stage_facts

STORED = (
    "branch_id",
    "week_start",
    "stage",
    "confidence",
    "most_likely",
    "since",
    "expected",
    "reason_key",
    "facts",
    "badges",
    "rules_on",
)
LOST_WEEKS = 8
RANKS = {Stage.GROWTH: 2, Stage.MATURE: 3, Stage.ADJUSTMENT: 1, Stage.STARTUP: 0, Stage.SLUMP: 0}


def recompute_stages(session: Session, *, as_of: date) -> int:
    """Write the stage history of all branches anew, and return the number of rows.

    It reaches the last complete week on or before `as_of` that is not after the week of the last policy.
    The last week carries badges and the outlook.
    """
    session.flush()
    session.execute(delete(StageWeekRow))
    week_start = last_week(session, as_of=as_of)
    facts = None if week_start is None else stage_facts(session, week_start=week_start)
    if facts is None:
        return 0
    return _insert(session, _stored_rows(session, facts))


def stages_are_current(session: Session, *, as_of: date) -> bool:
    """Tell whether the stored history reaches the week it should reach on the day."""
    return session.scalar(select(func.max(StageWeekRow.week_start))) == last_week(session, as_of=as_of)


def stages_now(session: Session, *, actor: Actor) -> pd.DataFrame:
    """Return the present stage, one row per branch that has one, by branch.

    Columns: branch_id, stage, confidence, most_likely, since (Monday of its first week), weeks_in_stage,
    weeks_since_change (NaN = the first stage of its history), week_start, expected (policies of the
    week at the own level, None = not judged), reason_key, facts (dict), badges (comma-separated,
    strongest first), policies_lost (expected less made in eight weeks, at least 0).
    """
    newest = select(func.max(StageWeekRow.week_start)).scalar_subquery()
    query = select(*_path_columns(), StageWeekRow.badges).where(StageWeekRow.week_start == newest)
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id).order_by(StageWeekRow.branch_id)).all()
    frame = pd.DataFrame(rows, columns=[*_PATH, "badges"])
    weeks = [(row.week_start - row.since).days // 7 for row in rows]
    frame["weeks_in_stage"] = np.array(weeks, np.int64) + 1
    changed = np.array([bool(row.facts.get("changed")) for row in rows], np.bool_)
    frame["weeks_since_change"] = np.where(changed, np.array(weeks, np.float64), np.nan)
    frame["policies_lost"] = [_lost(row.facts) for row in rows]
    return frame


def stage_path(session: Session, *, actor: Actor, branch_id: int) -> pd.DataFrame:
    """Return the stages of one branch, one row per week, oldest first; empty outside the actor's scope.

    Columns: branch_id, week_start, stage, confidence, most_likely, since, expected (policies of the week
    at the own level, season applied; None = not judged), reason_key, facts (dict).
    """
    query = select(*_path_columns()).where(StageWeekRow.branch_id == branch_id)
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id).order_by(StageWeekRow.week_start)).all()
    return pd.DataFrame(rows, columns=list(_PATH))


def stage_counts(session: Session, *, actor: Actor, weeks: int) -> pd.DataFrame:
    """Return the number of branches in each stage over the last weeks.

    One row per week and stage that has a branch, oldest first: week_start, stage, branches.
    """
    recent = select(StageWeekRow.week_start).distinct().order_by(StageWeekRow.week_start.desc()).limit(weeks).subquery()
    order = case({stage.value: number for number, stage in enumerate(Stage)}, value=StageWeekRow.stage)
    query = (
        select(StageWeekRow.week_start, StageWeekRow.stage, func.count().label("branches"))
        .where(StageWeekRow.week_start.in_(select(recent.c.week_start)))
        .group_by(StageWeekRow.week_start, StageWeekRow.stage)
        .order_by(StageWeekRow.week_start, order)
    )
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id)).all()
    return pd.DataFrame(rows, columns=["week_start", "stage", "branches"])


def stage_moves(session: Session, *, actor: Actor, week_start: date) -> pd.DataFrame:
    """Return the branches whose stage in the week is not that of the week before, by branch.

    Columns: branch_id, before, after, is_up (None where neither rank is higher), reason_key, facts (dict).
    """
    earlier = aliased(StageWeekRow)
    week_before = (
        select(func.max(StageWeekRow.week_start)).where(StageWeekRow.week_start < week_start).scalar_subquery()
    )
    query = (
        select(
            StageWeekRow.branch_id,
            earlier.stage.label("before"),
            StageWeekRow.stage.label("after"),
            StageWeekRow.reason_key,
            StageWeekRow.facts,
        )
        .join(earlier, (earlier.branch_id == StageWeekRow.branch_id) & (earlier.week_start == week_before))
        .where(StageWeekRow.week_start == week_start, earlier.stage != StageWeekRow.stage)
        .order_by(StageWeekRow.branch_id)
    )
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id)).all()
    frame = pd.DataFrame(rows, columns=["branch_id", "before", "after", "reason_key", "facts"])
    frame.insert(3, "is_up", pd.Series([_is_up(row.before, row.after) for row in rows], dtype=object))
    return frame


def classified_rows(session: Session, *, week_start: date, with_history: bool) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the command `classify` as text, columns `CLASSIFIED`, by branch code, weeks in order.

    Without history one row per branch: its stage in the week. Nothing in them starts a formula.
    """
    from core.reports.tables import neutral  # brings the writer of workbooks along, which imports spare

    facts = stage_facts(session, week_start=week_start)
    if facts is None:
        return
    codes = [neutral(code) for code in facts.branch_codes]
    yield from classified_lines(codes, RowFacts(facts.history), latest_only=not with_history)


_as_json = json.JSONEncoder(separators=(",", ":")).encode
_PATH = (
    "branch_id",
    "week_start",
    "stage",
    "confidence",
    "most_likely",
    "since",
    "expected",
    "reason_key",
    "facts",
)


def _path_columns() -> list[Any]:
    return [getattr(StageWeekRow, name) for name in _PATH]


def _lost(facts: dict[str, Any]) -> float:
    missing: float = (facts["expected"] - facts["sold"]) * min(1.0, LOST_WEEKS / facts["window"])
    return max(missing, 0.0)


def _is_up(before: str, after: str) -> bool | None:
    step = RANKS[Stage(after)] - RANKS[Stage(before)]
    return None if step == 0 else step > 0


def _stored_rows(session: Session, facts: StageFacts) -> Iterator[tuple[Any, ...]]:
    history = facts.history
    badges = badges_now(
        history, late_policies(session, facts), departures(session, facts), size_standards(session, facts)
    )
    marks = [
        ",".join(badge for badge in STRONGEST_FIRST if badges[badge][branch]) for branch in range(len(facts.branch_ids))
    ]
    outlook = outlooks(history, facts.coming_exposure(LOOKS_AHEAD_WEEKS))
    rules_on = facts.limits.rules_on.isoformat()
    ids = facts.branch_ids.tolist()
    first_weeks = facts.panel.first_week.tolist()
    as_text = {week_start: week_start.isoformat() for week_start in facts.panel.weeks}

    def stored() -> Iterator[tuple[Any, ...]]:
        for row in RowFacts(history).rows():
            is_last = row.week_start == facts.last_week
            if is_last:
                row.facts["changed"] = row.since > facts.panel.weeks[first_weeks[row.branch]]
                if row.reason_key != "suspended":
                    row.facts["outlook"] = outlook[row.branch]
            yield _stored_row(row, ids[row.branch], marks[row.branch] if is_last else "", rules_on, as_text)

    return stored()


def _stored_row(row: StageRow, branch_id: int, marks: str, rules_on: str, as_text: dict[date, str]) -> tuple[Any, ...]:
    return (
        branch_id,
        as_text[row.week_start],
        row.facts["stage"],
        row.confidence,
        row.facts["most_likely"],
        as_text[row.since],
        row.expected,
        row.reason_key,
        _as_json(row.facts),
        marks,
        rules_on,
    )


def _insert(session: Session, rows: Iterator[tuple[Any, ...]]) -> int:
    """Add rows in bulk: the driver's own way, as the mapped way takes ten times as long."""
    counted = 0

    def count() -> Iterator[tuple[Any, ...]]:
        nonlocal counted
        for row in rows:
            counted += 1
            yield row

    columns = ", ".join(STORED)
    cursor: Any = session.connection().connection.cursor()
    try:
        if is_sqlite(session):
            places = ", ".join("?" for _ in STORED)
            cursor.executemany(f"INSERT INTO stage_week ({columns}) VALUES ({places})", count())  # noqa: S608  # own names
        else:
            with cursor.copy(f"COPY stage_week ({columns}) FROM STDIN") as copy:
                for row in count():
                    copy.write_row(row)
    finally:
        cursor.close()
    return counted
