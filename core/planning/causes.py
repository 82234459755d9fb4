"""Why something was missed: the causes, each with the questions that test it and the actions that answer it.

The rows are `causes.csv`; `kpis` names the KPIs a cause shows in, by key of `core/kpis/definitions.toml`, as far as
they are counted, or `any`. Codes are stable. Only causes that ask for no action (season, data, one large
policy) may close a miss without an adjustment.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.language import Language

CAUSES_FILE = Path(__file__).with_name("causes.csv")
MOST_CAUSES = 3
"""Causes a gap or a miss may have."""
ANY_KPI = "any"


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
    kpis: tuple[str, ...]
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
                kpis=tuple(row["kpis"].split()),
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


def candidates(kpi: str) -> tuple[Cause, ...]:
    """Return all causes, those a KPI shows first, then those of any KPI, then the rest; each by code."""
    return tuple(sorted(causes(), key=lambda one: (kpi not in one.kpis, ANY_KPI not in one.kpis)))


def cause_word(language: Language, code: str) -> str:
    """Return code and name of a cause, the code alone where nobody knows it."""
    cause = find_cause(code)
    return f"{cause.code} · {cause.title(language)}" if cause else code


def closing_codes(known: Iterable[Cause] | None = None) -> tuple[str, ...]:
    """Return the codes that may close a miss without an adjustment."""
    return tuple(one.code for one in known or causes() if one.may_close)


@dataclass(frozen=True)
class NamedCause:
    """A cause that was confirmed, and what shows it."""

    code: str
    evidence: str


@dataclass(frozen=True)
class Explanation:
    """Why a line was missed and what changes: up to three causes with what shows them, words, an action.

    `more` are the second and the third cause. `action` is a key of the playbook.
    """

    cause: str | None
    note: str = ""
    adjustment: str = ""
    action: str | None = None
    more: tuple[NamedCause, ...] = ()

    @property
    def told(self) -> dict[str, str | None]:
        """Return the values under the names the audit trail has for them."""
        found = {"cause": self.cause, "cause_note": self.note, "adjustment": self.adjustment, "action": self.action}
        return found | told_causes(self.more)


def told_causes(more: Sequence[NamedCause]) -> dict[str, str | None]:
    """Return the second and the third cause by the names of their fields, None where there is none."""
    found: dict[str, str | None] = {}
    for number in range(2, MOST_CAUSES + 1):
        one = more[number - 2] if len(more) >= number - 1 else None
        found[f"cause_{number}"], found[f"cause_note_{number}"] = (one.code, one.evidence) if one else (None, None)
    return found


def may_all_close(codes: Iterable[str | None]) -> bool:
    """Tell whether there are causes and all of them may close a gap without an action."""
    found = [find_cause(code) for code in codes]
    return bool(found) and all(one is not None and one.may_close for one in found)


def actions_for(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the actions that are recommended for causes, those of the first one first, each once."""
    found = [cause for code in codes if (cause := find_cause(code)) is not None]
    return tuple(dict.fromkeys(key for cause in found for key in cause.actions))


def cause_problems(
    code: str | None,
    *,
    note: str | None,
    adjustment: str | None,
    action: str | None,
    most: int,
    more: Sequence[NamedCause] = (),
) -> tuple[Problem, ...]:
    """Return what is wrong with an explanation of a miss, in the order of the form.

    A second or third cause says what shows it, and is not one named before.
    """
    found: list[Problem] = []
    codes = [code, *(one.code for one in more)]
    if any(find_cause(one) is None for one in codes) or len(codes) > MOST_CAUSES or len(set(codes)) < len(codes):
        found.append(Problem(ProblemKey.CAUSE, "cause"))
    found += text_problems("cause_note", note, most=most)
    for one in more:
        found += text_problems("cause_note", one.evidence, most=most, needed=True)
    found += text_problems("adjustment", adjustment, most=most)
    is_known = find_cause(code) is not None
    if is_known and not may_all_close(codes) and not action and not (adjustment or "").strip():
        found.append(Problem(ProblemKey.NO_ADJUSTMENT, "plan", {"codes": ", ".join(closing_codes())}))
    return tuple(found)
