"""What people decide about a computed stage: they confirm it, or set another one by hand for a time.

The engine proposes, and nothing here changes what it computes. The latest decision about a branch
counts: a confirmation as long as the computed stage stays, an override until its last day. Both
fall away by themselves; the day is an argument. `end_on` is the last day in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.coaching.compliance import forbidden_problems
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import Stage, StageDecisionKind
from core.stages.review_limits import review_limits_on

SETS_STAGE = frozenset({StageDecisionKind.OVERRIDDEN, StageDecisionKind.RENEWED})
REASON = "override_reason"
"""Place of the reason among the fields of a form."""


class ReviewState(StrEnum):
    """How the stage of a branch stands today."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True)
class StageDecision:
    """One decision about the stage of a branch; `number` counts them, the first is 1.

    `stage` is the one confirmed, set by hand, or no longer set by hand; `computed_stage` what the
    engine showed for the week `week_start`. `decided_by` None = the command line.
    """

    number: int
    kind: StageDecisionKind
    stage: Stage
    computed_stage: Stage
    week_start: date
    reason: str | None
    decided_on: date
    end_on: date | None
    decided_by: str | None


def is_in_force(decision: StageDecision | None, *, day: date) -> bool:
    """Tell whether a decision sets the stage by hand on a day."""
    if decision is None or decision.kind not in SETS_STAGE or decision.end_on is None:
        return False
    return decision.decided_on <= day <= decision.end_on


def review_state(latest: StageDecision | None, *, stage: Stage, since: date, day: date) -> ReviewState:
    """Return how a computed stage stands.

    Args:
        latest: the latest decision about the branch, None where there is none.
        stage: the stage the engine shows.
        since: Monday of the first week of that stage; where it lies after the week that was confirmed,
            the branch has left the stage and come back, and it is a proposal again.
        day: the day it is judged for.
    """
    if is_in_force(latest, day=day):
        return ReviewState.OVERRIDDEN
    if latest is None or latest.kind is not StageDecisionKind.CONFIRMED:
        return ReviewState.PROPOSED
    still = latest.computed_stage is stage and since <= latest.week_start
    return ReviewState.CONFIRMED if still else ReviewState.PROPOSED


def override_since(decisions: Sequence[StageDecision], *, day: date) -> date | None:
    """Return the day the override in force began, renewals counted in; None where none is in force.

    Args:
        decisions: all about one branch, latest first.
        day: the day asked about.
    """
    if not decisions or not is_in_force(decisions[0], day=day):
        return None
    first = next(one for one in decisions if one.kind is StageDecisionKind.OVERRIDDEN)
    return first.decided_on


def usual_end(start_on: date) -> date:
    """Return the last day offered first for an override that starts on a day."""
    return start_on + timedelta(weeks=review_limits_on(start_on).override_usual_weeks)


def latest_end(start_on: date) -> date:
    """Return the latest last day an override that starts on a day may have."""
    return start_on + timedelta(weeks=review_limits_on(start_on).override_most_weeks)


def is_ending_soon(end_on: date, *, day: date) -> bool:
    """Tell whether an override in force ends within the weeks that count as soon."""
    return end_on - day <= timedelta(weeks=review_limits_on(day).override_soon_weeks)


def override_problems(
    *, stage: Stage | None, computed_stage: Stage, reason: str, end_on: date, today: date
) -> tuple[Problem, ...]:
    """Return all that is wrong with an override or a renewal that starts today, in the order of the form.

    `stage` None = nothing chosen.
    """
    found: list[Problem] = []
    if stage is None:
        found.append(Problem(ProblemKey.EMPTY, "stage"))
    elif stage is computed_stage:
        found.append(Problem(ProblemKey.SAME_STAGE, "stage", {"stage": stage}))
    if end_on < today:
        found.append(Problem(ProblemKey.DUE_IN_PAST, "end_on", {"day": end_on, "today": today}))
    elif end_on > latest_end(today):
        most = review_limits_on(today).override_most_weeks
        found.append(Problem(ProblemKey.TOO_FAR, "end_on", {"day": end_on, "weeks": most, "last": latest_end(today)}))
    return (*found, *reason_problems(reason, today=today))


def reason_problems(reason: str, *, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with the reason of an override or of its end."""
    most = review_limits_on(today).reason_most_characters
    return (*text_problems(REASON, reason, most=most, needed=True), *forbidden_problems([reason]))
