"""The stages of many branches with what was decided about them, as tables for the screens.

Every verdict comes from `core.stages.review`; here it is only laid beside the branches.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.facts import Stage, StageDecisionKind
from core.stages.review import ReviewState, StageDecision, is_ending_soon, is_in_force, review_state
from core.stages.review_limits import review_limits_on

Decisions = Mapping[int, StageDecision]
"""The latest decision by branch."""
Moves = Mapping[tuple[int, date], str]
"""The stage left, by branch and first week of the new stage."""

PROPOSAL_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("branch_code", pa.string()),
        ("branch_name", pa.string()),
        ("before", pa.string()),
        ("stage", pa.string()),
        ("since", pa.date32()),
        ("version", pa.int64()),
    ]
)
OVERRIDE_COLUMNS = pa.schema(
    [
        ("branch_code", pa.string()),
        ("branch_name", pa.string()),
        ("stage", pa.string()),
        ("override", pa.string()),
        ("state", pa.string()),
        ("end_on", pa.date32()),
        ("reason", pa.string()),
        ("decided_by", pa.string()),
        ("decided_on", pa.date32()),
        ("supervisor", pa.string()),
    ]
)


def with_reviews(branches: pa.Table, stages: pd.DataFrame, decisions: Decisions, *, day: date) -> pa.Table:
    """Return the branches with three columns more.

    Args:
        branches: one row per branch, at least branch_id and stage (null = not known).
        stages: at least branch_id, since (Monday of the first week of the stage).
        decisions: the latest decision by branch.
        day: the day it is judged for.

    Returns:
        review (proposed, confirmed, overridden; null without a stage), override (the stage set by
        hand) and override_until (its last day), both null where none is in force.
    """
    stage: list[str | None] = branches["stage"].to_pylist()
    place = {branch_id: number for number, branch_id in enumerate(branches["branch_id"].to_pylist())}
    since = dict(zip(stages["branch_id"].tolist(), stages["since"].tolist(), strict=True))
    review = [None if word is None else ReviewState.PROPOSED.value for word in stage]
    override: list[str | None] = [None] * len(stage)
    until: list[date | None] = [None] * len(stage)
    for branch_id, decision in decisions.items():
        number = place.get(branch_id)
        word = None if number is None else stage[number]
        if number is None or word is None:
            continue
        review[number] = review_state(decision, stage=Stage(word), since=since[branch_id], day=day).value
        if is_in_force(decision, day=day):
            override[number], until[number] = decision.stage.value, decision.end_on
    return (
        branches.append_column("review", pa.array(review, pa.string()))
        .append_column("override", pa.array(override, pa.string()))
        .append_column("override_until", pa.array(until, pa.date32()))
    )


def new_proposals(
    branches: pa.Table, stages: pd.DataFrame, decisions: Decisions, moves: Moves, *, day: date
) -> pa.Table:
    """Return the branches whose stage is new and not confirmed, the newest change first, then by code.

    Args:
        branches: as `with_reviews` gives them, with branch_code and branch_name.
        stages: at least branch_id, since, weeks_since_change (0 = the last week; NaN = never changed).
        decisions: the latest decision by branch.
        moves: the changes of the last weeks.
        day: the day it is judged for.

    Returns:
        Columns as `PROPOSAL_COLUMNS`: before the stage left (null = not among the moves), since the
        Monday of the first week of the new one, version the number of the latest decision (0 = none).
    """
    new = stages[stages["weeks_since_change"] < review_limits_on(day).proposal_new_weeks]
    since = dict(zip(new["branch_id"].tolist(), new["since"].tolist(), strict=True))
    rows = [
        {
            **row,
            "since": since[row["branch_id"]],
            "before": moves.get((row["branch_id"], since[row["branch_id"]])),
            "version": decisions[row["branch_id"]].number if row["branch_id"] in decisions else 0,
        }
        for row in _some(branches, ["branch_id", "branch_code", "branch_name", "stage", "review"], since)
        if row["review"] == ReviewState.PROPOSED
    ]
    return _listed(sorted(rows, key=lambda row: (-row["since"].toordinal(), row["branch_code"])), PROPOSAL_COLUMNS)


def overrides_now(branches: pa.Table, decisions: Decisions, *, day: date) -> pa.Table:
    """Return the overrides in force, those that end first on top, then by code.

    Columns as `OVERRIDE_COLUMNS`: stage the computed one, state `soon` in the last weeks, `agrees`
    where the computed stage has become the one set by hand, else `in_force`.
    """
    rows = [
        {**row, "state": _state_now(row, decision, day)}
        for row, decision in _decided(branches, decisions)
        if is_in_force(decision, day=day)
    ]
    return _listed(sorted(rows, key=lambda row: (row["end_on"], row["branch_code"])), OVERRIDE_COLUMNS)


def overrides_ended(branches: pa.Table, decisions: Decisions, *, day: date) -> pa.Table:
    """Return the overrides that ended in the last weeks with nothing decided since, the latest end first.

    Columns as `OVERRIDE_COLUMNS`: state `expired` or `withdrawn`; of a withdrawn one end_on, reason,
    decided_by and decided_on are those of the withdrawal.
    """
    oldest = day - timedelta(weeks=review_limits_on(day).override_lately_weeks)
    rows = []
    for row, decision in _decided(branches, decisions):
        is_withdrawn = decision.kind is StageDecisionKind.WITHDRAWN
        ended_on = decision.decided_on if is_withdrawn else decision.end_on
        if ended_on is None or ended_on < oldest or is_in_force(decision, day=day):
            continue
        rows.append({**row, "end_on": ended_on, "state": "withdrawn" if is_withdrawn else "expired"})
    return _listed(sorted(rows, key=lambda row: (-row["end_on"].toordinal(), row["branch_code"])), OVERRIDE_COLUMNS)


def _state_now(row: Mapping[str, Any], decision: StageDecision, day: date) -> str:
    if row["stage"] == decision.stage:
        return "agrees"
    return "soon" if decision.end_on and is_ending_soon(decision.end_on, day=day) else "in_force"


def _decided(branches: pa.Table, decisions: Decisions) -> list[tuple[dict[str, Any], StageDecision]]:
    found = []
    for row in _some(branches, ["branch_id", "branch_code", "branch_name", "stage", "supervisor"], decisions):
        decision = decisions[row["branch_id"]]
        facts = {
            "override": decision.stage.value,
            "end_on": decision.end_on,
            "reason": decision.reason,
            "decided_by": decision.decided_by,
            "decided_on": decision.decided_on,
        }
        if row["stage"] is not None:
            found.append(({**row, **facts}, decision))
    return found


def _some(branches: pa.Table, columns: list[str], keys: Iterable[int]) -> list[dict[str, Any]]:
    """Return the rows of the branches with these keys."""
    wanted = pa.array(list(keys), pa.int64())
    rows: list[dict[str, Any]] = (
        branches.select(columns).filter(pc.is_in(branches["branch_id"], value_set=wanted)).to_pylist()
    )
    return rows


def _listed(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.table([pa.array([row[field.name] for row in rows], field.type) for field in schema], schema=schema)
