"""What the numbers of the stage engine may become: by kind (ranges.csv), by the meaning of the stages, and together.

`checked_values` is the one way into a stored version; its refusals say what was given and what would be accepted.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise

from core.calendar import week_start_of
from core.facts import Stage
from core.language import Language, text
from core.limit_rows import LimitRow, Name
from core.stages.limits import FOLDER, RuleValue, StageLimits, limits_numbers, limits_table, phase_stages, sum_of

LEVEL_RANGES = {
    Stage.STARTUP: (0.005, 1.0),
    Stage.GROWTH: (0.25, 0.9),
    Stage.MATURE: (1.0, 1.0),
    Stage.ADJUSTMENT: (0.3, 0.7),
    Stage.SLUMP: (0.005, 0.15),
}
"""What a level may become, as a share of the plateau: the meaning of the stages."""
ASCENDING = (
    ("window_weeks", "window_medium_weeks", "window_long_weeks"),
    ("startup_min_weeks", "never_activated_weeks"),
)
"""Limits that may be equal but never the other way round."""
SUM_TOLERANCE = 1e-3
NOTE_LENGTH = 200
PROBLEM_TEXTS = {
    "nothing_changed": "Nothing differs from the rules in force. Change at least one number.",
    "unknown_number": "There is no number {key}.",
    "given_twice": "{title} is given twice.",
    "out_of_range": "{title}: {value} is out of range; it may be {least} to {most}.",
    "not_whole": "{title}: {value} is no whole number.",
    "sum_too_large": "{title}: the shares given add up to {sum}; together they make {total}.",
    "sum_differs": "{title}: the shares given add up to {sum}, none is left to take the rest; they must make {total}.",
    "wrong_order": "{title} ({value}) must not be above {other_title} ({other}).",
    "not_a_monday": "{day} is no Monday: rules change with a week.",
    "starts_in_the_past": "{day} lies before the present week, which began on {monday}: past weeks keep their rules.",
    "same_monday": "There is already a version that begins on {day}. Choose another Monday, or withdraw that one.",
    "in_force": "The version of {day} is in force and stays. Store another one for a later Monday.",
    "note_missing": "Say why, in at most {most} characters.",
}
"""What can be wrong, in the words of the reader; fields as in `RuleProblem.facts`."""


@dataclass(frozen=True)
class RuleProblem:
    """One thing that is wrong with a change of rules. `facts` fill the text of its key; titles go by language."""

    key: str
    facts: Mapping[str, object]
    name: Name | None = None
    other: Name | None = None


class RulesRefusedError(ValueError):
    """A change of rules cannot stand."""

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        """Keep what is wrong; the message is English."""
        super().__init__(" ".join(problem_text("en", problem) for problem in problems))
        self.problems = tuple(problems)


def problem_text(language: Language, problem: RuleProblem) -> str:
    """Return what is wrong as a sentence."""
    titles = {
        field: title_of(language, name)
        for field, name in (("title", problem.name), ("other_title", problem.other))
        if name is not None
    }
    facts = {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in problem.facts.items()}
    return text(language, PROBLEM_TEXTS[problem.key], **facts, **titles)


def title_of(language: Language, name: Name) -> str:
    """Return what a number is called; its key where the program no longer has it."""
    row = shipped_rows().get(name)
    if row is None:
        return name[1]
    return row.title_zh if language == "zh" else row.title_en


@cache
def shipped_rows() -> dict[Name, LimitRow]:
    """Return the newest shipped row of each number, in the order of the files."""
    return {row.name: row for row in limits_table()}


def checked_values(values: Sequence[RuleValue], limits: StageLimits) -> tuple[RuleValue, ...]:
    """Return the values that differ from the limits, with the shares that give way to them.

    Of shares that add up (moves out of a phase, months, start shares), those not given are scaled to what is left.

    Raises:
        RulesRefusedError: an unknown number, one out of range, shares that cannot add up, limits the wrong way round.
    """
    before = limits_numbers(limits)
    given = {(one.subject, one.key): float(one.value) for one in values}
    problems = [RuleProblem("unknown_number", {"key": ".".join(name)}) for name in given if name not in before]
    known = {name: value for name, value in given.items() if name in before}
    if len(given) < len(values):
        names = [(one.subject, one.key) for one in values]
        problems += [RuleProblem("given_twice", {}, name) for name in known if names.count(name) > 1]
    problems += [found for name, value in known.items() if (found := _range_problem(name, value)) is not None]
    changed = {name: value for name, value in known.items() if not math.isclose(value, before[name], rel_tol=1e-9)}
    if not problems and not changed:
        problems.append(RuleProblem("nothing_changed", {}))
    if not problems:
        changed |= _giving_way(known, changed, before, problems)
        problems += _order_problems(before | changed, changed)
    if problems:
        raise RulesRefusedError(problems)
    return tuple(RuleValue(subject, key, value) for (subject, key), value in changed.items())


def checked_start(valid_from: date, note: str, today: date) -> str:
    """Return the note of a new version, trimmed.

    Raises:
        RulesRefusedError: the day is no Monday or before the present week, or there is no note.
    """
    problems, monday = [], week_start_of(today)
    if valid_from != week_start_of(valid_from):
        problems.append(RuleProblem("not_a_monday", {"day": valid_from}))
    elif valid_from < monday:
        problems.append(RuleProblem("starts_in_the_past", {"day": valid_from, "monday": monday}))
    if not note.strip() or len(note.strip()) > NOTE_LENGTH:
        problems.append(RuleProblem("note_missing", {"most": NOTE_LENGTH}))
    if problems:
        raise RulesRefusedError(problems)
    return note.strip()


def mondays_from(today: date, count: int) -> list[date]:
    """Return the days a new version may begin on, the present Monday first."""
    return [week_start_of(today) + timedelta(weeks=number) for number in range(count)]


def range_of(name: Name) -> tuple[float, float, bool]:
    """Return the least and the most a number may become, and whether it must be whole."""
    subject, key = name
    if subject == "phases" and key.endswith(".level_share"):
        return (*LEVEL_RANGES[phase_stages()[key.partition(".")[0]]], False)
    unit = shipped_rows()[name].unit
    return next(
        (least, most, whole)
        for pattern, least, most, whole in _ranges()
        if all(fnmatchcase(word, one) for word, one in zip((subject, key, unit), pattern, strict=True))
    )


@cache
def _ranges() -> tuple[tuple[tuple[str, str, str], float, float, bool], ...]:
    with (FOLDER / "ranges.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                (row["subject"], row["key"], row["unit"]),
                float(row["least"]),
                float(row["most"]),
                row["whole"] == "yes",
            )
            for row in csv.DictReader(file)
        )


def _range_problem(name: Name, value: float) -> RuleProblem | None:
    least, most, whole = range_of(name)
    if not least <= value <= most:
        return RuleProblem("out_of_range", {"value": value, "least": least, "most": most}, name)
    if whole and not value.is_integer():
        return RuleProblem("not_whole", {"value": value}, name)
    return None


def _giving_way(
    given: Mapping[Name, float],
    changed: Mapping[Name, float],
    before: Mapping[Name, float],
    problems: list[RuleProblem],
) -> dict[Name, float]:
    """Return the shares not given, scaled so that each sum stays what it must be."""
    found: dict[Name, float] = {}
    for group, total in dict.fromkeys(one for name in changed if (one := sum_of(name)) is not None):
        members = [name for name in before if sum_of(name) == (group, total)]
        first = next(name for name in members if name in given)
        fixed = sum(given[name] for name in members if name in given)
        rest = sum(before[name] for name in members if name not in given)
        facts = {"sum": fixed, "total": total}
        if fixed > total + SUM_TOLERANCE:
            problems.append(RuleProblem("sum_too_large", facts, first))
        elif rest <= 0 and fixed < total - SUM_TOLERANCE:
            problems.append(RuleProblem("sum_differs", facts, first))
        else:
            left = max(total - fixed, 0.0)
            scaled = {name: before[name] * left / rest for name in members if name not in given and rest > 0}
            found |= {name: value for name, value in scaled.items() if not math.isclose(value, before[name])}
    return found


def _order_problems(numbers: Mapping[Name, float], changed: Mapping[Name, float]) -> list[RuleProblem]:
    found = []
    for keys in ASCENDING:
        names: list[Name] = [("limits", key) for key in keys if ("limits", key) in numbers]
        for lower, higher in pairwise(names):
            if numbers[lower] > numbers[higher] and (lower in changed or higher in changed):
                facts = {"value": numbers[lower], "other": numbers[higher]}
                found.append(RuleProblem("wrong_order", facts, lower, higher))
    return found
