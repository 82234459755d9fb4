"""The questions, groups, differences and limits of the self-check, as they stand in `rules.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from core.facts import Stage
from core.language.wording import Wording

RULES_FILE = Path(__file__).with_name("rules.toml")
NO, YES, NONE = 1, 5, 0
"""A yes counts as 5, a no as 1; `NONE` says that the question does not arise, and is left out of the means."""


class QuestionKind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    YES_NO = "yes_no"
    SCALE_OR_NONE = "scale_or_none"


ACCEPTED: Mapping[QuestionKind, tuple[int, ...]] = {
    QuestionKind.SCALE: (1, 2, 3, 4, 5),
    QuestionKind.YES_NO: (YES, NO),
    QuestionKind.SCALE_OR_NONE: (1, 2, 3, 4, 5, NONE),
}
"""Answers a kind takes, in the order they are offered."""


@dataclass(frozen=True)
class Question:
    """One question; a low answer points to `cause`, `actions` are playbook codes in the order they are offered."""

    key: str
    group: str
    kind: QuestionKind
    words: Wording
    cause: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceRule:
    """When an answer and a fact disagree, or agree on trouble; bounds that are None do not bind.

    `fact` None: the answer alone is enough. `fact_below` is not included, the other bounds are.
    """

    key: str
    question: str
    words: Wording
    answer_from: int | None = None
    answer_to: int | None = None
    fact: str | None = None
    fact_from: float | None = None
    fact_to: float | None = None
    fact_below: float | None = None


@dataclass(frozen=True)
class SelfCheckLimits:
    """The numbers of the rules; points are of 5, weeks are complete ones."""

    good_from: float
    weak_below: float
    answered_share: Fraction
    low_answer: int
    most_things: int
    most_characters: int
    contact_weeks: int
    seller_weeks: int
    event_weeks: int
    trend_checks: int
    late_days: int


@dataclass(frozen=True)
class SelfCheckRules:
    """Everything the file says."""

    groups: Mapping[str, Wording]
    questions: tuple[Question, ...]
    differences: tuple[DifferenceRule, ...]
    focus: Mapping[Stage, Wording]
    limits: SelfCheckLimits
    source: Wording
    valid_from: date

    def question(self, key: str) -> Question | None:
        """Return the question of a key, None where there is none."""
        return next((one for one in self.questions if one.key == key), None)


def _wording(row: Mapping[str, Any]) -> Wording:
    return Wording(en=row["en"], zh=row["zh"])


@cache
def self_check_rules() -> SelfCheckRules:
    """Return the rules as shipped."""
    with RULES_FILE.open("rb") as file:
        content = tomllib.load(file)
    limits = content["limits"] | {"answered_share": Fraction(content["limits"]["answered_share"])}
    return SelfCheckRules(
        groups={row["key"]: _wording(row) for row in content["group"]},
        questions=tuple(
            Question(
                key=row["key"],
                group=row["group"],
                kind=QuestionKind(row["kind"]),
                words=_wording(row),
                cause=row["cause"],
                actions=tuple(row["actions"]),
            )
            for row in content["question"]
        ),
        differences=tuple(
            DifferenceRule(words=_wording(row), **{key: row[key] for key in row if key not in ("en", "zh")})
            for row in content["difference"]
        ),
        focus={Stage(row["stage"]): _wording(row) for row in content["focus"]},
        limits=SelfCheckLimits(**limits),
        source=Wording(content["source_en"], content["source_zh"]),
        valid_from=content["valid_from"],
    )
