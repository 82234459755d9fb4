"""A decision taken in the room: what is wrong with one as typed, and how it stands on a day.

A decision about a branch is an action of that branch; what became of the action became of the decision.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from core.coaching.actions import Owner
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import SuggestionState
from core.review.figures import DecisionState, Topic
from core.review.rules import meeting_rules_on

STATE_OF_ACTION = {
    SuggestionState.PROPOSED: DecisionState.OPEN,
    SuggestionState.TAKEN: DecisionState.OPEN,
    SuggestionState.DONE: DecisionState.DONE,
    SuggestionState.DISMISSED: DecisionState.DROPPED,
    SuggestionState.EXPIRED: DecisionState.OPEN,
}
"""How a decision about a branch stands, by the action it became; what nobody closed is still open."""


@dataclass(frozen=True)
class DecisionEntry:
    """A decision as typed; `branch_id` None = about the topic as a whole."""

    topic: Topic
    branch_id: int | None
    words: str
    owner: str
    due_on: date
    measure: str


@dataclass(frozen=True)
class Decision:
    """A decision as it stands; `version` is that of the action where it became one.

    `decided_in` is the week of the review, `decided_on` the day. `suggestion_id` None = no action behind it.
    """

    decision_id: int
    meeting_id: int
    topic: Topic
    branch_id: int | None
    branch_code: str | None
    branch_name: str | None
    words: str
    owner: str
    due_on: date
    measure: str
    state: DecisionState
    outcome: str | None
    decided_in: date
    decided_on: date
    suggestion_id: int | None
    version: int

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done."""
        return self.state in (DecisionState.OPEN, DecisionState.OVERDUE)


def state_on(state: DecisionState, due_on: date, *, today: date) -> DecisionState:
    """Return the state seen from a day: an open decision past its due date is overdue, on the day itself it is not."""
    return DecisionState.OVERDUE if state is DecisionState.OPEN and due_on < today else state


def usual_due_on(today: date) -> date:
    """Return the due date a decision has unless another one is chosen."""
    return today + timedelta(days=meeting_rules_on(today).usual_due_days)


def latest_due_on(today: date) -> date:
    """Return the last day a decision may be due on."""
    return today + timedelta(days=meeting_rules_on(today).due_most_days)


def decision_problems(
    entry: DecisionEntry, owners: Collection[Owner], *, today: date, due_before: date | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with a decision, in the order of the form.

    Args:
        entry: the decision as typed.
        owners: who may own it.
        today: the day in Shanghai.
        due_before: the due date of the decision that is changed; it may stay though it is over.
    """
    rules = meeting_rules_on(today)
    found = list(text_problems("decision_words", entry.words, most=rules.most_words, needed=True))
    if entry.owner not in {one.username for one in owners}:
        found.append(Problem(ProblemKey.NOT_A_CHOICE, "decision_owner", {"value": entry.owner}))
    if entry.due_on != due_before and entry.due_on < today:
        found.append(Problem(ProblemKey.DUE_IN_PAST, "decision_due", {"day": entry.due_on, "today": today}))
    elif entry.due_on > latest_due_on(today):
        facts = {"day": entry.due_on, "weeks": rules.due_most_days // 7, "last": latest_due_on(today)}
        found.append(Problem(ProblemKey.TOO_FAR, "decision_due", facts))
    found += text_problems("decision_measure", entry.measure, most=rules.most_measure)
    return tuple(found)
