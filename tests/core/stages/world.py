"""Branches for the stage engine in a line each: their weekly policies, and what else is special."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from core.calendar import WorkingCalendar
from core.stages import StageHistory, limits_on, stage_history
from core.stages.facts import RowFacts
from core.stages.model import STAGES
from core.stages.panel import ACTIVE, Panel
from core.stages.season import Season, first_week_share, season_of, week_exposure

FIRST = date(2024, 1, 1)
LONG_AGO = date(2018, 1, 1)
LIMITS = limits_on(date(2026, 1, 1))
NEVER = 10_000


def panel_of(
    *branches,
    first=FIRST,
    start_on=None,
    bank=None,
    region=None,
    status=None,
    cancelled=(),
    event_weeks=(),
):
    """Return a panel; each branch is its list of weekly policies, from the first week on.

    `cancelled` lists (branch, week, week in which it is known); one policy each. Policies of `event_weeks`
    stem from events.
    """
    weeks = len(branches[0])
    count = len(branches)
    lines = [
        (place, week, NEVER, 1, int(week in event_weeks))
        for place, counts in enumerate(branches)
        for week, number in enumerate(counts)
        for _ in range(number)
    ]
    for place, week, known in cancelled:
        found = next(i for i, line in enumerate(lines) if line[:3] == (place, week, NEVER))
        lines[found] = (place, week, known, *lines[found][3:])
    table = np.array(lines, np.int64).reshape(-1, 5)
    starts = [start_on or first] * count if not isinstance(start_on, list) else start_on
    return Panel(
        weeks=[first + timedelta(weeks=number) for number in range(weeks)],
        bank=np.zeros(count, np.int64) if bank is None else np.array(bank),
        region=np.zeros(count, np.int64) if region is None else np.array(region),
        start_on=np.array(starts, "datetime64[D]"),
        first_week=np.array([max((day - first).days // 7, 0) for day in starts]),
        status=np.full((count, weeks), ACTIVE, np.int8) if status is None else np.array(status, np.int8),
        branch=table[:, 0],
        week=table[:, 1],
        lost_week=table[:, 2],
        policies=table[:, 3],
        from_events=table[:, 4],
    )


def cut(panel, weeks):
    """Return what was known by the end of the first weeks: nothing dated after them."""
    keep = panel.week < weeks
    return replace(
        panel,
        weeks=list(panel.weeks)[:weeks],
        first_week=np.minimum(panel.first_week, weeks),
        status=panel.status[:, :weeks],
        branch=panel.branch[keep],
        week=panel.week[keep],
        lost_week=np.where(panel.lost_week[keep] < weeks, panel.lost_week[keep], NEVER),
        policies=panel.policies[keep],
        from_events=panel.from_events[keep],
    )


def classified(panel, *, calendar=None, flat=False, limits=LIMITS) -> StageHistory:
    """Return the stages, by the real calendar, or with every week worth the same where `flat`."""
    known = calendar or WorkingCalendar()
    season = flat_season(panel.weeks) if flat else season_of(panel.weeks, known)
    share = np.array([first_week_share(day, known) for day in panel.start_on.astype(object).tolist()], np.float32)
    return stage_history(panel, season, share, limits)


def flat_season(weeks, workdays=None):
    """Return a season in which every week is worth the same."""
    days = np.full(len(weeks), 5) if workdays is None else np.array(workdays)
    return Season(weeks, np.full((len(weeks), 12), 1 / 12), days)


def stages_of(history, branch=0):
    """Return the stages of a branch as words; None where it has no row."""
    return [STAGES[stage].value if stage >= 0 else None for stage in history.stage[branch]]


def path_of(history, branch=0):
    """Return the stages of a branch in the order it passed them."""
    stages = stages_of(history, branch)
    return [stage for number, stage in enumerate(stages) if number == 0 or stage != stages[number - 1]]


def rows_of(history):
    """Return all rows as plain tuples."""
    return [
        (row.branch, row.week_start, row.stage, row.confidence, row.most_likely, row.reason_key, row.facts)
        for row in RowFacts(history).rows()
    ]


def steady(weeks, rate, *, seed=1, first=FIRST, season=True):
    """Return seasonal random counts of a branch at its plateau."""
    drawn = np.random.default_rng(seed)
    exposure, _ = week_exposure([first + timedelta(weeks=number) for number in range(weeks)], WorkingCalendar(), LIMITS)
    return drawn.poisson(rate * (exposure if season else np.ones(weeks))).tolist()


def every(weeks, distance):
    """Return one policy every so many weeks."""
    return [int((number + 1) % distance == 0) for number in range(weeks)]


def seasonal(rate, weeks, *, first=FIRST):
    """Return the policies of a branch that sells exactly what the season gives: the whole part of the running sum."""
    exposure, _ = week_exposure([first + timedelta(weeks=week) for week in range(weeks)], WorkingCalendar(), LIMITS)
    due = np.floor(rate * np.cumsum(exposure, dtype=np.float64) + 1e-6).astype(int)
    return np.diff(due, prepend=0).tolist()
