"""What can be wrong with a line of the plan, apart from what only the store knows."""

from datetime import date, timedelta
from decimal import Decimal

from core.coaching.actions import DECISION_ACTION
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.planning.items import PlanKind, PlanLine
from core.planning.lock import is_over
from core.planning.rules import plan_rules_on

MOST_GOAL = Decimal(10) ** 9
NEEDED = {PlanKind.CONTACT: ("role", "plan_role"), PlanKind.ACTION: ("action_key", "plan_action")}
"""The field a kind cannot do without, and the place a problem names."""
ABOUT = {**NEEDED, PlanKind.EVENT: ("event_kind", "plan_event"), PlanKind.GOAL: ("measure", "goal")}
"""The field that says what a line of a kind is about, and the place a problem names."""


def line_problems(line: PlanLine, *, week_start: date, today: date) -> tuple[Problem, ...]:
    """Return all that is wrong with a line of a week, in the order of the form."""
    found: list[Problem] = []
    if is_over(week_start, today=today):
        found.append(Problem(ProblemKey.WEEK_OVER, "week", {"week": week_start}))
    if line.branch_id is None and line.kind is not PlanKind.EVENT:
        found.append(Problem(ProblemKey.EMPTY, "plan_branch"))
    if line.kind in NEEDED and getattr(line, NEEDED[line.kind][0]) is None:
        found.append(Problem(ProblemKey.EMPTY, NEEDED[line.kind][1]))
    if line.kind is PlanKind.EVENT and line.event_kind is None:
        found.append(Problem(ProblemKey.EMPTY, "plan_event"))
    is_goal = line.kind is PlanKind.GOAL
    if is_goal and (line.measure is None or line.goal is None or not 0 <= line.goal <= MOST_GOAL):
        found.append(Problem(ProblemKey.GOAL, "goal", {"goal": line.goal}))
    if line.day is not None and not week_start <= line.day <= week_start + timedelta(days=6):
        found.append(Problem(ProblemKey.OUTSIDE_WEEK, "day", {"day": line.day, "week": week_start}))
    elif line.day is not None and line.day < today:
        found.append(Problem(ProblemKey.DUE_IN_PAST, "day", {"day": line.day, "today": today}))
    most = plan_rules_on(today).text_most_characters
    found.extend(text_problems("topic", line.topic, most=most))
    found.extend(text_problems("plan_text", line.text, most=most))
    return tuple(found)


def locked_problems(before: PlanLine, after: PlanLine) -> tuple[Problem, ...]:
    """Return what is wrong with a change after the lock: a line about something else would be another line."""
    name, place = ABOUT[before.kind]
    return () if getattr(before, name) == getattr(after, name) else (Problem(ProblemKey.ANOTHER_THING, place),)


def is_planned_anew(before: PlanLine, after: PlanLine) -> bool:
    """Tell whether a change plans a line for another day, or for some day.

    A cause is about the miss of a day: it is taken back then, the line waits again and a second miss is asked about.
    An action opened for the cause stays as it is.
    """
    return before.day != after.day


Thing = tuple[PlanKind, int | None, str | None, str | None]
"""What a line plans, whatever its day: kind, branch, then role and topic, action, event or measure."""


def thing_of(line: PlanLine) -> Thing:
    """Return what a line plans, whatever its day."""
    match line.kind:
        case PlanKind.CONTACT:
            return line.kind, line.branch_id, line.role, line.topic
        case PlanKind.ACTION:
            one_of_many = str(line.suggestion_id) if line.action_key == DECISION_ACTION else None  # each is another one
            return line.kind, line.branch_id, line.action_key, one_of_many
        case PlanKind.EVENT:
            return line.kind, line.branch_id, line.event_kind, None
        case PlanKind.GOAL:
            return line.kind, line.branch_id, line.measure, None


def are_same(one: PlanLine, other: PlanLine) -> bool:
    """Tell whether two lines of a week plan the same thing; remarks do not tell them apart.

    A contact or an event is another one on another day.
    """
    has_day = one.kind in (PlanKind.CONTACT, PlanKind.EVENT)
    return thing_of(one) == thing_of(other) and (one.day == other.day or not has_day)
