"""The steps of the branch process and their rules, as they stand in `steps.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from core.language import Language

RULES_FILE = Path(__file__).with_name("steps.toml")


class StepState(StrEnum):
    """How a branch stands with a step, the most pressing first."""

    OVERDUE = "overdue"
    NOT_BEGUN = "not_begun"
    UNDER_WAY = "under_way"
    DONE = "done"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Need:
    """What a step asks of one fact; exactly one bound is set. `is_pressing` = not met, the step is overdue."""

    fact: str
    en: str
    zh: str
    source: str
    at_least: float | None = None
    at_most: float | None = None
    within_days: int | None = None
    is_pressing: bool = False

    @property
    def limit(self) -> float:
        """The bound."""
        return next(float(one) for one in (self.at_least, self.at_most, self.within_days) if one is not None)

    def sentence(self, language: Language, value: float | None) -> str:
        """Return what is missing; `value` is the fact where it is a number."""
        words = self.zh if language == "zh" else self.en
        return words.format(limit=self.limit, value=0.0 if value is None else value)


@dataclass(frozen=True)
class Step:
    """A step, the facts whose days are its entries, and what it asks for."""

    key: str
    en: str
    zh: str
    short_en: str
    short_zh: str
    known_by: str | None
    entries: tuple[str, ...]
    overdue_days: int
    needs: tuple[Need, ...]

    def word(self, language: Language) -> str:
        """Return what the step is called."""
        return self.zh if language == "zh" else self.en

    def short(self, language: Language) -> str:
        """Return the word for the head of a narrow column."""
        return self.short_zh if language == "zh" else self.short_en


@dataclass(frozen=True)
class StepWindows:
    """Days the facts are counted over."""

    recent_days: int
    show_up_days: int


@dataclass(frozen=True)
class StateWords:
    """The sign and the word of a state."""

    sign: str
    en: str
    zh: str


@dataclass(frozen=True)
class StepRules:
    """Everything the file says."""

    steps: tuple[Step, ...]
    windows: StepWindows
    states: Mapping[StepState, StateWords]
    valid_from: date
    source_en: str
    source_zh: str

    def state_word(self, state: StepState, language: Language) -> str:
        """Return sign and word of a state."""
        words = self.states[state]
        return f"{words.sign} {words.zh if language == 'zh' else words.en}"

    def source(self, language: Language) -> str:
        """Return where the rules come from."""
        return self.source_zh if language == "zh" else self.source_en


@cache
def step_rules() -> StepRules:
    """Return the rules as shipped."""
    with RULES_FILE.open("rb") as file:
        content = tomllib.load(file)
    return StepRules(
        steps=tuple(_step(row) for row in content["step"]),
        windows=StepWindows(**content["windows"]),
        states={StepState(row["key"]): StateWords(row["sign"], row["en"], row["zh"]) for row in content["state"]},
        valid_from=content["valid_from"],
        source_en=content["source_en"],
        source_zh=content["source_zh"],
    )


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        key=row["key"],
        en=row["en"],
        zh=row["zh"],
        short_en=row["short_en"],
        short_zh=row["short_zh"],
        known_by=row.get("known_by"),
        entries=tuple(row["entries"]),
        overdue_days=row["overdue_days"],
        needs=tuple(Need(**need) for need in row["need"]),
    )
