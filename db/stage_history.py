"""The stored stages: computed for all branches after every change of the facts, asked by branch and week.

The whole history is worked out anew, in the caller's transaction, as a correction of old facts changes
old weeks; rows that stay the same stay as they are. Questions are bounded to the branches the actor may see.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session, aliased

from core.facts import Actor, Stage
from core.stages.badges import STRONGEST_FIRST, badges_now
from core.stages.facts import WORDS, RowFacts
from core.stages.lines import classified_lines
from core.stages.outlook import LOOKS_AHEAD_WEEKS, outlooks
from core.stages.shown import RANKS
from core.stages.weight import weighed_weeks, weights_of
from db.access import scoped
from db.engine import is_sqlite
from db.market_weeks import store_market
from db.models import StageWeekRow
from db.stage_facts import StageFacts, departures, last_week, late_policies, size_standards, stage_facts
from db.stage_shown import RECOMPUTED, Cause, keep_shown
from db.warnings_since import keep_warnings

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
"""The columns of a row, in the order `db.stage_shown` reads them."""
AS_TEXT = {"week_start", "since", "facts", "rules_on"}
Row = tuple[Any, ...]
LOST_WEEKS = 8
WEIGHED = 3
MANY_SHARE = 0.3
"""Of rows to replace: above it, writing all of them anew is quicker."""


def recompute_stages(session: Session, *, as_of: date, cause: Cause = RECOMPUTED) -> int:
    """Bring the stored stage history of all branches up to the facts, and return its number of rows.

    It reaches the last complete week on or before `as_of` that is not after the week of the last policy.
    The last week carries badges, the outlook and the probabilities of all stages. What was shown first
    is kept, and a past week that has another stage than before is noted with the `cause`. Since when each early
    warning has held is kept too.
    """
    session.flush()
    week_start = last_week(session, as_of=as_of)
    facts = None if week_start is None else stage_facts(session, week_start=week_start)
    rows = [] if facts is None else list(_stored_rows(session, facts))
    store_market(session, None if facts is None else facts.history)
    stale, missing = _differences(session, rows)
    if len(stale) > len(rows) * MANY_SHARE:
        session.execute(delete(StageWeekRow))
        _insert(session, rows)
    else:
        _delete(session, [(row[0], row[1]) for row in stale])
        _insert(session, missing)
    keep_shown(session, removed=stale, added=missing, last_week=week_start, cause=cause)
    keep_warnings(session, last_week=week_start)
    return len(rows)


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
    frame["policies_lost"] = [policies_lost(row.facts) for row in rows]
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


def policies_lost(facts: dict[str, Any]) -> float:
    """Return the policies expected less those made in eight weeks, at least 0, by the facts of a stage."""
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
    weights = weights_of(history)
    outlook = outlooks(history, facts.coming_exposure(LOOKS_AHEAD_WEEKS))
    rules_on = [day.isoformat() for day in history.rules_on]
    ids = facts.branch_ids.tolist()
    first_weeks = facts.panel.first_week.tolist()
    as_text = [week_start.isoformat() for week_start in facts.panel.weeks]

    last = len(as_text) - 1
    for columns in RowFacts(history).columns():
        rows = zip(
            [ids[branch] for branch in columns.branch],
            [as_text[week] for week in columns.week],
            [WORDS[stage] for stage in columns.stage],
            columns.confidence,
            [WORDS[stage] for stage in columns.most_likely],
            [as_text[since] for since in columns.since],
            columns.due,
            columns.reason_key,
            columns.facts_json(),
            repeat(""),
            [rules_on[week] for week in columns.week],
        )
        stored = list(rows)
        for number, week in enumerate(columns.week):
            if week == last:
                known, branch = columns.facts(number), columns.branch[number]
                known["changed"] = columns.since[number] > first_weeks[branch]
                if columns.reason_key[number] != "suspended":
                    known["outlook"] = outlook[branch]
                known["weighed"] = [
                    {
                        "week_start": as_text[one.week],
                        "policies": one.policies,
                        "due": round(one.due, 2),
                        "times": round(one.times, 2),
                    }
                    for one in weighed_weeks(history, weights, branch, WEIGHED)
                ]
                stored[number] = (*stored[number][:8], _as_json(known), marks[branch], rules_on[week])
        yield from stored


def _differences(session: Session, rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the stored rows that are not among the rows, and the rows that are not stored."""
    columns = ", ".join(f"CAST({name} AS TEXT)" if name in AS_TEXT else name for name in STORED)
    with closing(_cursor(session)) as cursor:
        cursor.execute(f"SELECT {columns} FROM stage_week")  # noqa: S608  # own names
        stored = cursor.fetchall()
    kept = set(stored).intersection(rows)
    stale = [row for row in stored if row not in kept]
    return stale, [row for row in rows if row not in kept] if kept else rows


def _delete(session: Session, keys: list[tuple[int, str]]) -> None:
    place = "?" if is_sqlite(session) else "%s"
    with closing(_cursor(session)) as cursor:
        cursor.executemany(f"DELETE FROM stage_week WHERE branch_id = {place} AND week_start = {place}", keys)  # noqa: S608


def _insert(session: Session, rows: list[Row]) -> None:
    """Add rows in bulk: the driver's own way, as the mapped way takes ten times as long."""
    columns = ", ".join(STORED)
    with closing(_cursor(session)) as cursor:
        if is_sqlite(session):
            places = ", ".join("?" for _ in STORED)
            cursor.executemany(f"INSERT INTO stage_week ({columns}) VALUES ({places})", rows)  # noqa: S608  # own names
        else:
            with cursor.copy(f"COPY stage_week ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _cursor(session: Session) -> Any:
    return session.connection().connection.cursor()
