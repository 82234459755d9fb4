"""What can be wrong with an entry, as keys with their numbers; the sentences are in `core/coaching/words.py`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.privacy import identity_kind

MOST_RULE_TEXT = 200
"""Characters of each short text of a dated rule or a day of the calendar: its name, who decided it, why."""


class ProblemKey(StrEnum):
    """Kinds of problem; values are never renamed."""

    NOBODY = "nobody"
    NOT_IN_BRANCH = "not_in_branch"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    MINUTES = "minutes"
    PERSONAL_NUMBER = "personal_number"
    TOO_LONG = "too_long"
    ALREADY_LOGGED = "already_logged"
    PERSON_AND_GROUP = "person_and_group"
    EMPTY = "empty"
    DUE_IN_PAST = "due_in_past"
    OUTSIDE_WEEK = "outside_week"
    WEEK_OVER = "week_over"
    MONTH_OVER = "month_over"
    WEEK_AHEAD = "week_ahead"
    ALREADY_PLANNED = "already_planned"
    ANOTHER_THING = "another_thing"
    NOT_SUPERVISED = "not_supervised"
    GOAL = "goal"
    CAUSE = "cause"
    NO_ADJUSTMENT = "no_adjustment"
    NOT_MISSED = "not_missed"
    NO_PLAN = "no_plan"
    TOO_LATE = "too_late"
    OWNER = "owner"
    NOT_OPEN = "not_open"
    FORBIDDEN_WORD = "forbidden_word"
    AMOUNT = "amount"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    PAUSE = "pause"
    SAME_STAGE = "same_stage"
    TOO_FAR = "too_far"
    OUTLASTS = "outlasts"
    OVERRIDDEN = "overridden"
    NOT_OVERRIDDEN = "not_overridden"
    NO_STAGE = "no_stage"
    ANSWER = "answer"
    NOTE_TOO_OLD = "note_too_old"
    NO_HANDOVER = "no_handover"
    TOO_FEW_ANSWERS = "too_few_answers"
    NO_PROOF = "no_proof"
    PROOF = "proof"
    IS_PROOF = "is_proof"
    PROOF_DAY = "proof_day"
    PROOF_PUSH = "proof_push"
    EXPIRED = "expired"
    DISMISSAL = "dismissal"
    EVENT_DAY = "event_day"
    EVENT_TIER = "event_tier"
    EVENT_KIND = "event_kind"
    EVENT_THEME = "event_theme"
    EVENT_LEVEL = "event_level"
    EVENT_REF = "event_ref"
    EVENT_REF_TAKEN = "event_ref_taken"
    GUESTS = "guests"
    MORE_GUESTS = "more_guests"
    NOT_HELD = "not_held"
    PROJECT_DAYS = "project_days"
    NEEDS_APPROVAL = "needs_approval"
    NOT_A_CHOICE = "not_a_choice"
    GOES_ALONE = "goes_alone"
    OUT_OF_RANGE = "out_of_range"
    WRONG_SUM = "wrong_sum"
    STAFF_CODE = "staff_code"
    NO_DAY = "no_day"
    NO_MONTH = "no_month"
    NO_TIME = "no_time"
    NEEDS_TICK = "needs_tick"
    TOO_MANY_ROWS = "too_many_rows"
    TWICE = "twice"
    REVIEW_OVER = "review_over"
    REVIEW_HAS_DECISIONS = "review_has_decisions"
    REVIEW_WEEK = "review_week"
    DECISION_SETTLED = "decision_settled"
    NO_GAP = "no_gap"
    ALREADY_DIAGNOSED = "already_diagnosed"
    TOO_MANY_BRANCHES = "too_many_branches"
    REVIEW_BEFORE_DUE = "review_before_due"
    DIAGNOSIS_CLOSED = "diagnosis_closed"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `place` names the field; `facts` are the values the sentence names."""

    key: ProblemKey
    place: str
    facts: dict[str, Any] = field(default_factory=dict)


class RefusedError(Exception):
    """An entry was refused; nothing was stored. `problems` says all that is wrong, in the order of the form."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{one.place}: {one.key.value} {one.facts or ''}".strip() for one in self.problems))


def text_problems(place: str, words: str | None, *, most: int, needed: bool = False) -> tuple[Problem, ...]:
    """Return what is wrong with a free text: missing, too long, or with a number that points to a person."""
    if not words or not words.strip():
        return (Problem(ProblemKey.EMPTY, place),) if needed else ()
    if len(words) > most:
        return (Problem(ProblemKey.TOO_LONG, place, {"most": most, "length": len(words)}),)
    kind = identity_kind(words)
    return (Problem(ProblemKey.PERSONAL_NUMBER, place, {"kind": kind}),) if kind else ()
