"""A self-check as the store keeps it, and what its answers come to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from core.self_check.rules import NONE, SelfCheckRules, self_check_rules


class Level(StrEnum):
    """How a group stands."""

    GOOD = "good"
    FAIR = "fair"
    WEAK = "weak"


@dataclass(frozen=True)
class Answer:
    """One stored answer: 1 to 5, or 0 where the question does not arise; `version` rises with every change."""

    value: int
    version: int


@dataclass(frozen=True)
class SelfCheck:
    """The check of a branch for a month; `finished_on` None = still being filled in.

    `answers` by question key; `need` is the free line "what would help most"; `version` is that of the
    line and of the end, each answer has its own. `is_changed`: the head changed a finished check and has not
    finished it again; nobody else is told so.
    """

    check_id: int
    branch_id: int
    month_start: date
    started_on: date
    finished_on: date | None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    need: str | None = None
    version: int = 1
    is_changed: bool = False

    @property
    def values(self) -> dict[str, int]:
        """Answers by question key."""
        return {key: answer.value for key, answer in self.answers.items()}


def month_before(month_start: date) -> date:
    """Return the first day of the month before."""
    return (month_start - timedelta(days=1)).replace(day=1)


def late_until(month_start: date) -> date:
    """Return the last day on which a check begun in a month may be finished."""
    following = (month_start + timedelta(days=31)).replace(day=1)
    return following + timedelta(days=self_check_rules().limits.late_days - 1)


def may_be_filled_in(check: SelfCheck | None, month_start: date, today: date) -> bool:
    """Tell whether the check of a month takes answers: this month's, or last month's that was begun and not finished.

    The latter in the first days of a month only.
    """
    this_month = today.replace(day=1)
    if month_start == this_month:
        return True
    is_half_filled = check is not None and check.finished_on is None
    return is_half_filled and month_start == month_before(this_month) and today <= late_until(month_start)


def month_to_fill(known: Collection[SelfCheck], today: date, *, wants_this: bool = False) -> date:
    """Return the month whose check a head fills in on a day.

    A half-filled check of last month goes first, unless this month's was begun or the head wants to begin it.
    """
    this_month = today.replace(day=1)
    by_month = {one.month_start: one for one in known}
    last = month_before(this_month)
    if wants_this or this_month in by_month or not may_be_filled_in(by_month.get(last), last, today):
        return this_month
    return last


@dataclass(frozen=True)
class Scores:
    """Mean of each group and of all answers, points of 5; empty and None where too little was answered."""

    groups: Mapping[str, float]
    overall: float | None
    answered: int
    asked: int

    def level(self, group: str) -> Level | None:
        """Return how a group stands, None without a score."""
        return level_of(self.groups.get(group))


def level_of(points: float | None) -> Level | None:
    """Return the level of a mean, None without one."""
    if points is None:
        return None
    limits = self_check_rules().limits
    if points >= limits.good_from:
        return Level.GOOD
    return Level.WEAK if points < limits.weak_below else Level.FAIR


def points_text(points: float | None) -> str:
    """Return a mean with one decimal, a half rounded up as every table and spreadsheet does; a dash without one."""
    if points is None:
        return "–"
    return str(Decimal(str(points)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def scores(values: Mapping[str, int], rules: SelfCheckRules | None = None) -> Scores:
    """Return the scores of some answers by question key.

    "Does not arise" counts as answered and is left out of the means. Fewer than the share of answers
    in the rules: no score at all.
    """
    rules = rules or self_check_rules()
    given = {one.key: values[one.key] for one in rules.questions if one.key in values}
    asked = len(rules.questions)
    if len(given) < rules.limits.answered_share * asked:
        return Scores({}, None, len(given), asked)
    counted = {key: value for key, value in given.items() if value != NONE}
    groups = {}
    for group in rules.groups:
        points = [counted[one.key] for one in rules.questions if one.group == group and one.key in counted]
        if points:
            groups[group] = sum(points) / len(points)
    overall = sum(counted.values()) / len(counted) if counted else None
    return Scores(groups, overall, len(given), asked)
