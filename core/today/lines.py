"""The lines of Today: one record each, put in order, those that rest laid aside.

A line is known by its thing (what it is about: a contact, an action, a stage change, a warning, a
self-check, a line of the week plan, a post, a decision of the weekly review, the review of a diagnosis, an action
that expired, a promise of a coaching note, a handover), its branch and its subject within the thing, whatever its
status has become meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from core.cadence.owed import Absence
from core.calendar import week_start_of
from core.coaching.actions import BranchAction
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import StaffRole
from core.planning.items import PlanItem, PlanLine
from core.today.rules import line_kinds, today_rules

NO_FACTS: Mapping[str, Any] = MappingProxyType({})


class Thing(StrEnum):
    """What a line is about; stored with a snooze and never renamed."""

    CONTACT = "contact"
    ACTION = "action"
    STAGE_CHANGE = "stage_change"
    WARNING = "warning"
    SELF_CHECK = "self_check"
    PLAN = "plan"
    POST = "post"
    DECISION = "decision"
    EXPIRED = "expired_action"
    PROMISE = "promise"
    DIAGNOSIS = "diagnosis"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Snooze:
    """A line laid aside until a day, with the reason; `is_explained` = it was missed and this says why.

    `until_on` is the day the line comes back. An explanation closes what was missed: the line
    comes back as newly due on that day. `due_on` is the day the line waited from when it was laid aside, None =
    none, or kept by an earlier release.
    """

    snooze_id: int
    thing: Thing
    branch_id: int
    subject: str
    snoozed_on: date
    until_on: date
    reason: str
    is_explained: bool
    snoozed_by: str | None
    ended_on: date | None
    version: int
    due_on: date | None = None

    @property
    def key(self) -> "LineKey":
        """The line it lays aside."""
        return self.thing, self.branch_id, self.subject

    def holds(self, line: "TodayLine") -> bool:
        """Tell whether a line is still the one that was laid aside.

        It is not where something fell due anew: a contact was made since and the next one is due, the due day was
        changed, or the day the week plan has it on has come.
        """
        if line.waits_since is not None and line.waits_since > self.snoozed_on:
            return False
        if line.thing is Thing.CONTACT and line.due_on is not None:
            return line.due_on <= (self.due_on or self.snoozed_on)
        return self.due_on in (None, line.due_on)

    def rests(self, today: date) -> bool:
        """Tell whether the line rests on a day; on the day it ends it is back."""
        return today < self.until_on and (self.ended_on is None or today < self.ended_on)


LineKey = tuple[Thing, int, str]
"""Thing, key of the branch, subject."""


@dataclass(frozen=True)
class TodayLine:
    """One thing to do or to know.

    `workdays` says for how many working days it has been there (0 = since today), `due_on` since
    which day; `branch_id` 0 = about no branch. `last_on` is the day of the last real contact, `planned` what the
    week plan has next about it. `item` is the line of the week plan that waits here, since `waits_since`. `facts` are
    the values of its sentence. At a branch that `is_suspended` nothing is planned.
    """

    kind: str
    thing: Thing
    branch_id: int
    subject: str
    due_on: date | None
    workdays: int
    last_on: date | None = None
    is_new: bool = False
    facts: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS)
    branch_code: str = ""
    branch_name: str = ""
    supervisor: str | None = None
    snoozes: int = 0
    snooze: Snooze | None = None
    planned: PlanLine | None = None
    item: PlanItem | None = None
    waits_since: date | None = None
    is_suspended: bool = False

    @property
    def key(self) -> LineKey:
        """What the line is known by."""
        return self.thing, self.branch_id, self.subject

    @property
    def is_only_planned(self) -> bool:
        """Tell whether the week plan alone brings it here."""
        return self.item is not None and line_kinds()[self.kind].provider == "plan"

    @property
    def role(self) -> StaffRole | None:
        """The role to reach or to talk with, None where it is about none."""
        match self.thing:
            case Thing.CONTACT | Thing.POST:
                return StaffRole(self.subject)
            case Thing.PLAN:
                return self.item.line.role if self.item else None
            case Thing.PROMISE:
                role: StaffRole = self.facts["note"].entry.role
                return role
        return None

    @property
    def action(self) -> BranchAction | None:
        """The open action it is about, None where it is about none."""
        return self.facts["action"] if self.thing is Thing.ACTION else None


@dataclass(frozen=True)
class TodayList:
    """The lines to see, worst first, and those that rest, the first to come back first.

    What is counted is counted once: a manager has thousands of lines, and every run of the screen asks.
    """

    lines: tuple[TodayLine, ...]
    resting: tuple[TodayLine, ...]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Return how many lines of each kind there are, worst kind first; kinds without any are left out."""
        found = Counter(line.kind for line in self.lines)
        return {kind: found[kind] for kind in line_kinds() if found[kind]}

    @cached_property
    def absences(self) -> Mapping[Absence | None, int]:
        """Return how many contacts are owed because nobody went and because nobody logged; None = not late."""
        return Counter(line.facts["absence"] for line in self.lines if line.thing is Thing.CONTACT)

    @cached_property
    def vacant_posts(self) -> int:
        """Return how many posts nobody holds."""
        return sum(line.thing is Thing.POST for line in self.lines)


def today_list(lines: Iterable[TodayLine], snoozes: Sequence[Snooze], *, today: date) -> TodayList:
    """Return the lines in order, each with how often it was laid aside."""
    times = Counter(one.key for one in snoozes)
    resting = {one.key: one for one in snoozes if one.rests(today)}
    counted = [
        replace(line, snoozes=times[line.key], snooze=_rest_of(line, resting)) if line.key in times else line
        for line in lines
    ]
    return TodayList(
        lines=tuple(sorted((line for line in counted if line.snooze is None), key=_worst_first)),
        resting=tuple(sorted((line for line in counted if line.snooze), key=_first_back)),
    )


def _rest_of(line: TodayLine, resting: Mapping[LineKey, Snooze]) -> Snooze | None:
    rest = resting.get(line.key)
    return rest if rest is not None and rest.holds(line) else None


def _worst_first(line: TodayLine) -> tuple[int, int, date, str, str]:
    return line_kinds()[line.kind].place, -line.workdays, line.due_on or date.min, line.branch_code, line.subject


def _first_back(line: TodayLine) -> tuple[date, str, str]:
    return line.snooze.until_on if line.snooze else date.max, line.branch_code, line.subject


def next_after(lines: Sequence[TodayLine], done: LineKey) -> LineKey | None:
    """Return the line that is next once one is done: the one below it, else the one above; None where it was alone."""
    keys = [line.key for line in lines]
    if done not in keys:
        return keys[0] if keys else None
    place = keys.index(done)
    below = keys[place + 1 : place + 2] or keys[max(place - 1, 0) : place]
    return below[0] if below else None


def latest_snooze_end(today: date, *, expires_on: date | None = None) -> date:
    """Return the last day a line may come back on; an action comes back on its last day at the latest."""
    last = today + timedelta(days=today_rules().snooze_most_days)
    return last if expires_on is None else min(last, expires_on)


def snooze_problems(*, reason: str, until_on: date, today: date, expires_on: date | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with laying a line aside: it comes back after today and not too late, for a reason.

    `expires_on` is the last day of the action the line is about.
    """
    found: list[Problem] = []
    last = latest_snooze_end(today)
    if until_on <= today:
        found.append(Problem(ProblemKey.DUE_IN_PAST, "until_on", {"day": until_on, "today": today + timedelta(days=1)}))
    elif expires_on is not None and until_on > expires_on:
        found.append(Problem(ProblemKey.OUTLASTS, "until_on", {"last": expires_on}))
    elif until_on > last:
        weeks = today_rules().snooze_most_days // 7
        found.append(Problem(ProblemKey.TOO_FAR, "until_on", {"day": until_on, "weeks": weeks, "last": last}))
    return (*found, *text_problems("line_reason", reason, most=today_rules().most_text, needed=True))


def weeks_of(workdays: int, due_on: date | None, today: date) -> int:
    """Return the weeks between the week of the due day and this one; for lines too old for counting days."""
    if due_on is None or workdays <= 0:
        return 0
    return (week_start_of(today) - week_start_of(due_on)).days // 7
