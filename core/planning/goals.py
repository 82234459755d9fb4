"""Goals of a week from the targets of its months, and last week's gap on top.

A month's target is spread evenly over its working days; a week gets the part of each of its working
days, also across the turn of a month. Season factors are those of a month, so within one they cancel out.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.calendar import WorkingCalendar, month_end
from core.planning.items import GoalMeasure
from core.planning.lock import working_days
from core.planning.rules import plan_rules_on

CENT = Decimal("0.01")
KPI_OF = {GoalMeasure.POLICIES: "policies_per_branch", GoalMeasure.PREMIUM: "premium_per_branch"}
"""The KPI whose month target a measure comes from: a target per branch is the target of a branch."""


def months_of(week_start: date, calendar: WorkingCalendar, *, since: date | None = None) -> dict[date, int]:
    """Return the working days of a week by the first day of their month, those from a day on where one is given."""
    found: dict[date, int] = {}
    for day in working_days(week_start, calendar):
        if since is not None and day < since:
            continue
        found[day.replace(day=1)] = found.get(day.replace(day=1), 0) + 1
    return found


def week_share(
    targets: Mapping[date, Decimal | None], *, week_start: date, calendar: WorkingCalendar, since: date | None = None
) -> Decimal | None:
    """Return a week's part of the month targets, by the first day of the month; None where no month has one.

    `since` is the first day of the branch. A week without a working day, or with none from then on, gets 0.
    """
    parts: list[Decimal] = []
    months = months_of(week_start, calendar, since=since)
    for month, days in months.items():
        target = targets.get(month)
        if target is not None:
            parts.append(target * days / calendar.workdays_between(month, month_end(month)))
    if not parts:
        return Decimal(0) if not months and any(one is not None for one in targets.values()) else None
    return sum(parts, Decimal(0)).quantize(CENT, ROUND_HALF_UP)


def gap_of(goal: Decimal | None, fact: Decimal | None, *, month_target: Decimal, week_start: date) -> Decimal:
    """Return what is added to the goal of the week after: what was missing, at most a number of month targets.

    Nothing is added where the goal or the fact is not known, and nothing is taken off where more was reached.
    """
    if goal is None or fact is None:
        return Decimal(0)
    most = month_target * plan_rules_on(week_start).gap_most_months
    return min(max(goal - fact, Decimal(0)), most).quantize(CENT, ROUND_HALF_UP)


def is_reached(measure: GoalMeasure, *, goal: Decimal, fact: Decimal) -> bool:
    """Tell whether a goal was reached; of policies less than a whole one may be missing, it is added to the next."""
    return fact > goal - 1 if measure is GoalMeasure.POLICIES else fact >= goal
