"""An action decided for a branch: its state on a day, what it answers, and what shows that it was done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.coaching.action_limits import action_limits_on
from core.coaching.problems import Problem, ProblemKey
from core.facts import SuggestionState

DECISION_ACTION = "review_decision"
"""Key of the action a decision about a branch is; the playbook does not suggest it."""

SUBJECTS = ("badge", "role", "cause", "decision")
"""Facts of a reason that say what it is about, the first that is there."""


@dataclass(frozen=True)
class Proof:
    """The contact that shows an action was done; `staff_name` None = a role as a group."""

    contact_id: int
    contact_on: date
    method: str
    role: str
    staff_name: str | None


@dataclass(frozen=True)
class BranchAction:
    """A suggestion somebody decided about, as it stands on a day.

    `taken_on` None = put aside at once. `decided_on` is the day it was taken on and, once it is closed or
    expired, that day. `seen_count` counts the weeks its reason was seen in, the last in `week_start`.
    `measure_met` None = open, dismissed, or too early to say. `dismissal` is the chosen reason,
    `dismissed_reason` the text beside it. `owner` is a user name, `owner_name` what he is called.
    Of one that `ended_with_branch` `decided_on` is the day the branch closed, as which it counts as expired.
    """

    suggestion_id: int
    branch_id: int
    branch_code: str
    branch_name: str
    action_key: str
    state: SuggestionState
    reason_key: str
    reason_code: str
    facts: Mapping[str, Any]
    week_start: date
    seen_count: int
    owner: str | None
    taken_on: date | None
    due_on: date | None
    expires_on: date | None
    decided_on: date | None
    outcome: str | None
    measure_met: bool | None
    proof: Proof | None
    dismissal: str | None
    dismissed_reason: str | None
    version: int
    owner_name: str | None = None
    ended_with_branch: bool = False

    def is_overdue(self, today: date) -> bool:
        """Tell whether an open action is past its due date; the due day itself is in time."""
        return self.state is SuggestionState.TAKEN and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Owner:
    """Somebody who may own an action of a branch."""

    username: str
    display_name: str


def reason_code(action_key: str, facts: Mapping[str, Any]) -> str:
    """Return what an action answers; a branch has one open action for it.

    A warning, a role whose contacts are missing, a cause somebody named, or a decision of a review is a reason of
    its own, whichever action answers it. Where nothing but the playbook speaks for a step (a basic step of the
    stage, upkeep, a measure that was missed), the step is its own reason.
    """
    subject = next((name for name in SUBJECTS if facts.get(name)), None)
    return f"{subject}:{facts[subject]}" if subject else f"step:{action_key}"


def expiry_of(due_on: date) -> date:
    """Return the last day of an open action with that due date."""
    return due_on + timedelta(days=action_limits_on(due_on).expires_after_days)


def is_expired(state: SuggestionState, expires_on: date | None, *, today: date) -> bool:
    """Tell whether an open action is past its last day; that day itself is in time."""
    return state is SuggestionState.TAKEN and expires_on is not None and expires_on < today


def expired_on(expires_on: date) -> date:
    """Return the day an action counts as expired from."""
    return expires_on + timedelta(days=1)


def ended_with_branch_on(
    state: SuggestionState, expires_on: date | None, *, taken_on: date | None, closed_on: date
) -> date | None:
    """Return the day an open action ended with its branch, None where it was over before or is not open.

    Nobody can do it there any more. One taken on after the day the branch closed, as that was learned later, ends at
    once.
    """
    on = max(closed_on, taken_on or closed_on)
    is_over = state is not SuggestionState.TAKEN or (expires_on is not None and expires_on < on)
    return None if is_over else on


def latest_due_on(today: date) -> date:
    """Return the last day an action may be due on."""
    return today + timedelta(days=action_limits_on(today).due_most_days)


def assignment_problems(owners: Collection[Owner], *, owner: str, due_on: date, today: date) -> list[Problem]:
    """Return what is wrong with an owner, who must be one of those who look after the branch, and a due date."""
    problems: list[Problem] = []
    if due_on < today:
        problems.append(Problem(ProblemKey.DUE_IN_PAST, "due_on", {"day": due_on, "today": today}))
    elif due_on > latest_due_on(today):
        weeks = action_limits_on(today).due_most_days // 7
        facts = {"day": due_on, "weeks": weeks, "last": latest_due_on(today)}
        problems.append(Problem(ProblemKey.TOO_FAR, "due_on", facts))
    if owner not in {one.username for one in owners}:
        problems.append(Problem(ProblemKey.OWNER, "owner", {"owner": owner}))
    return problems
