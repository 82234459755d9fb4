"""Why something was missed: the causes, each with the questions that test it and the actions that answer it.

The rows are `causes.csv`. Codes are stable. Only causes that ask for no action (season, data, one large
policy) may close a miss without an adjustment.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.language import Language

CAUSES_FILE = Path(__file__).with_name("causes.csv")


class CauseGroup(StrEnum):
    """Where a cause lies, in the order they are offered."""

    SKILL = "skill"
    WILL = "will"
    RELATION = "relation"
    ACTIVITY = "activity"
    CUSTOMER = "customer"
    PRODUCT = "product"
    PROCESS = "process"
    OUTSIDE = "outside"
    DATA = "data"


@dataclass(frozen=True)
class Cause:
    """One cause. `actions` are keys of the playbook, the first choice first; `hint` is advice that is no action."""

    code: str
    group: CauseGroup
    title_en: str
    title_zh: str
    question_en: str
    question_zh: str
    actions: tuple[str, ...]
    hint_en: str
    hint_zh: str
    may_close: bool
    source: str

    def title(self, language: Language) -> str:
        """Return the name of the cause."""
        return self.title_zh if language == "zh" else self.title_en

    def question(self, language: Language) -> str:
        """Return the questions that test the cause."""
        return self.question_zh if language == "zh" else self.question_en

    def hint(self, language: Language) -> str:
        """Return what helps beside the actions; empty where nothing is to be said."""
        return self.hint_zh if language == "zh" else self.hint_en


@cache
def causes() -> tuple[Cause, ...]:
    """Return all causes, by code."""
    with CAUSES_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Cause(
                code=row["code"],
                group=CauseGroup(row["group"]),
                title_en=row["title_en"],
                title_zh=row["title_zh"],
                question_en=row["question_en"],
                question_zh=row["question_zh"],
                actions=tuple(row["actions"].split()),
                hint_en=row["hint_en"],
                hint_zh=row["hint_zh"],
                may_close=row["may_close"] == "yes",
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


def find_cause(code: str | None) -> Cause | None:
    """Return the cause of a code, None where nobody knows it."""
    return next((one for one in causes() if one.code == code), None)


def closing_codes(known: Iterable[Cause] | None = None) -> tuple[str, ...]:
    """Return the codes that may close a miss without an adjustment."""
    return tuple(one.code for one in known or causes() if one.may_close)


@dataclass(frozen=True)
class Explanation:
    """Why a line was missed and what changes: a cause with what shows it, words, an action of the playbook."""

    cause: str | None
    note: str = ""
    adjustment: str = ""
    action: str | None = None


def cause_problems(
    code: str | None, *, note: str | None, adjustment: str | None, action: str | None, most: int
) -> tuple[Problem, ...]:
    """Return what is wrong with an explanation of a miss, in the order of the form."""
    found: list[Problem] = []
    cause = find_cause(code)
    if cause is None:
        found.append(Problem(ProblemKey.CAUSE, "cause"))
    found += text_problems("cause_note", note, most=most)
    found += text_problems("adjustment", adjustment, most=most)
    if cause and not cause.may_close and not action and not (adjustment or "").strip():
        found.append(Problem(ProblemKey.NO_ADJUSTMENT, "plan", {"codes": ", ".join(closing_codes())}))
    return tuple(found)
