"""What the effect of actions is judged by: stored stages and weekly sums, read for a bounded number of branches.

Only the branches with an action are read, and, where some action was done often enough to say anything, a
bounded number of the others to hold them against. All of it within the scope of whoever asks.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of, weeks_between
from core.coaching import effect
from core.coaching.action_limits import ActionLimits, action_limits_on
from core.coaching.actions import DECISION_ACTION
from core.coaching.effect import ActionEffect
from core.coaching.effect_windows import EffectPanel, Runs
from core.facts import Actor, Stage, SuggestionState
from core.stages.limits import rules_by_week, rules_over
from core.stages.model import STAGES
from core.stages.season import season_of
from db.access import scoped
from db.branches import branches_in_scope
from db.calendar_days import working_calendar
from db.engine import plain_rows
from db.models import BranchRow, ProductionWeekRow, StageWeekRow, SuggestionRow
from db.number_lists import number_list, numbers_in
from db.stage_rules import stage_rules

IDS_AT_ONCE = 5_000


class _Run(NamedTuple):
    """An action that was taken on: Mondays of the weeks it began and ended in; `end` None = open."""

    action_key: str
    branch_id: int
    begin: date
    end: date | None
    is_done: bool


def actions_done_often(session: Session, *, actor: Actor, today: date) -> frozenset[str]:
    """Return the keys of the actions done so often in scope that something may be said about them."""
    least = action_limits_on(today).effect_cases_min
    query = (
        select(SuggestionRow.action_key)
        .where(_is_one_action(), SuggestionRow.state == SuggestionState.DONE)
        .group_by(SuggestionRow.action_key)
        .having(func.count() >= least)
    )
    return frozenset(session.scalars(scoped(query, actor, SuggestionRow.branch_id)))


def action_effects(session: Session, *, actor: Actor, today: date) -> tuple[ActionEffect, ...]:
    """Return the effect of each action at each stage it was done in, as `core.coaching.effect` judges it."""
    limits = action_limits_on(today)
    runs = _runs(session, actor)
    query = select(func.max(StageWeekRow.week_start)).where(StageWeekRow.week_start < week_start_of(today))
    last = session.scalar(scoped(query, actor, StageWeekRow.branch_id))
    over = _over(runs, last, limits) if last else []
    if last is None or not over:
        return ()
    span = timedelta(weeks=limits.effect_weeks)
    first = min(run.begin for run in over) - span - timedelta(weeks=limits.effect_earlier_weeks)
    weeks = weeks_between(first, min(last, max(run.end or last for run in over) + span))
    branch_ids = _branch_ids(session, actor, over, limits)
    places = {branch_id: place for place, branch_id in enumerate(branch_ids)}
    keys = sorted({run.action_key for run in over})
    known = [run for run in runs if run.action_key in keys and run.branch_id in places]
    columns = {
        "action": [keys.index(run.action_key) for run in known],
        "branch": [places[run.branch_id] for run in known],
        "begin": [(run.begin - weeks[0]).days // 7 for run in known],
        "end": [((run.end or last) - weeks[0]).days // 7 for run in known],
    }
    return effect.action_effects(
        _panel(session, actor, branch_ids, weeks),
        Runs(
            **{name: np.array(values, np.int64) for name, values in columns.items()},
            is_done=np.array([run.is_done for run in known], np.bool_),
        ),
        action_keys=keys,
        limits=limits,
    )


def _is_one_action() -> ColumnElement[bool]:
    """Return the condition on actions taken on; every decision of a review is another one, so they are none."""
    return SuggestionRow.taken_on.is_not(None) & (SuggestionRow.action_key != DECISION_ACTION)


def _runs(session: Session, actor: Actor) -> list[_Run]:
    query = select(
        SuggestionRow.action_key,
        SuggestionRow.branch_id,
        SuggestionRow.taken_on,
        SuggestionRow.decided_on,
        SuggestionRow.state,
    ).where(_is_one_action())
    rows: Sequence[Any] = plain_rows(session, scoped(query, actor, SuggestionRow.branch_id).order_by(SuggestionRow.id))
    monday = cache(week_start_of)  # thousands of actions, few days
    return [
        _Run(
            action_key,
            branch_id,
            monday(taken_on),
            None if state == SuggestionState.TAKEN else monday(decided_on or taken_on),
            state == SuggestionState.DONE,
        )
        for action_key, branch_id, taken_on, decided_on, state in rows
    ]


def _over(runs: list[_Run], last: date, limits: ActionLimits) -> list[_Run]:
    """Return the actions done whose weeks after lie in the data."""
    latest = last - timedelta(weeks=limits.effect_weeks)
    return [run for run in runs if run.is_done and run.end is not None and run.end <= latest]


def _branch_ids(session: Session, actor: Actor, over: list[_Run], limits: ActionLimits) -> list[int]:
    """Return the branches with a case, and others evenly over the scope where any action has cases enough."""
    wanted = {run.branch_id for run in over}
    often = Counter(run.action_key for run in over)
    if max(often.values()) >= limits.effect_cases_min:
        query = scoped(select(BranchRow.id), actor, BranchRow.id).order_by(BranchRow.id)
        others = [branch_id for branch_id in session.scalars(query) if branch_id not in wanted]
        step = max(1, -(-len(others) // limits.effect_branches_max))
        wanted.update(others[::step])
    return sorted(wanted)


def _panel(session: Session, actor: Actor, branch_ids: list[int], weeks: Sequence[date]) -> EffectPanel:
    shape = len(branch_ids), len(weeks)
    stage, policies = np.full(shape, -1, np.int8), np.zeros(shape)
    ids, numbers = np.array(branch_ids), {week: number for number, week in enumerate(weeks)}
    rows_of = partial(_rows_of, session, actor=actor, branch_ids=branch_ids, weeks=weeks)
    known, sold = StageWeekRow, ProductionWeekRow
    stages = select(known.week_start, known.stage, number_list(known.branch_id))
    for week, word, listed in rows_of(known, stages.group_by(known.week_start, known.stage)):
        stage[np.searchsorted(ids, numbers_in(listed)), numbers[week]] = STAGES.index(Stage(word))
    judged = stage >= 0
    not_judged = select(known.week_start, known.branch_id).where(known.expected.is_(None))  # few: no need to list them
    for week, branch_id in rows_of(known, not_judged):
        judged[np.searchsorted(ids, branch_id), numbers[week]] = False
    policies_sold = select(sold.week_start, sold.net, number_list(sold.branch_id))
    for week, net, listed in rows_of(sold, policies_sold.group_by(sold.week_start, sold.net)):
        policies[np.searchsorted(ids, numbers_in(listed)), numbers[week]] = net
    rules = rules_by_week(weeks, rules_over(weeks, stage_rules(session)))
    worth = season_of(weeks, working_calendar(session)).default_exposure(rules)
    bank, region, tier = _groups(session, actor, branch_ids, weeks[-1])
    return EffectPanel(
        policies=policies,
        exposure=np.where(judged, worth.astype(np.float64), 0.0),
        stage=stage,
        bank=bank,
        region=region,
        tier=tier,
    )


def _rows_of(
    session: Session,
    table: type[StageWeekRow] | type[ProductionWeekRow],
    query: Select[*tuple[Any, ...]],
    *,
    actor: Actor,
    branch_ids: list[int],
    weeks: Sequence[date],
) -> Iterator[Any]:
    """Yield what a query over a table of branches by weeks finds for some of both, as far as the actor may see it."""
    within = query.where(table.week_start >= weeks[0], table.week_start <= weeks[-1])
    within = scoped(within, actor, table.branch_id)
    for first in range(0, len(branch_ids), IDS_AT_ONCE):
        some = table.branch_id.in_(branch_ids[first : first + IDS_AT_ONCE])
        yield from plain_rows(session, within.where(some))


def _groups(
    session: Session, actor: Actor, branch_ids: list[int], day: date
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return bank, region and size tier of the branches as numbers."""
    branches = branches_in_scope(session, actor=actor, as_of=day)
    names = ("bank", "region", "size_tier")
    ids = branches["branch_id"].to_numpy()
    order = np.argsort(ids)
    at = order[np.searchsorted(ids[order], branch_ids)]
    bank, region, tier = (np.unique(branches[name].to_pylist(), return_inverse=True)[1][at] for name in names)
    return bank, region, tier
