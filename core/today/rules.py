"""The rules of Today, and the kinds of lines in their order. The rows are `today_rules.toml` and `today_order.csv`."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.facts import Badge
from core.language import Language

RULES_FILE = Path(__file__).with_name("today_rules.toml")
ORDER_FILE = Path(__file__).with_name("today_order.csv")


@dataclass(frozen=True)
class TodayRules:
    """How long a line waits and rests; days and weeks are whole numbers."""

    missed_after_workdays: int
    action_ahead_days: int
    change_weeks: int
    snooze_most_days: int
    most_text: int
    most_lines: int
    memory_weeks: int
    not_real_topics: tuple[str, ...]
    warning_badges: tuple[Badge, ...]
    valid_from: date
    source: str


@dataclass(frozen=True)
class LineKind:
    """One row of the order: what a line is called, where it stands, and which provider gives it."""

    place: int
    kind: str
    provider: str
    title_en: str
    title_zh: str
    valid_from: date
    source: str

    def title(self, language: Language) -> str:
        """Return what the line is called."""
        return self.title_zh if language == "zh" else self.title_en


@cache
def today_rules() -> TodayRules:
    """Return the rules as they run."""
    rows = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    topics, badges = rows.pop("not_real_topics"), rows.pop("warning_badges")
    return TodayRules(not_real_topics=tuple(topics), warning_badges=tuple(Badge(word) for word in badges), **rows)


@cache
def line_kinds() -> dict[str, LineKind]:
    """Return the kinds of lines by their key, worst first."""
    with ORDER_FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["kind"]: LineKind(
                place=int(row["place"]),
                kind=row["kind"],
                provider=row["provider"],
                title_en=row["title_en"],
                title_zh=row["title_zh"],
                valid_from=date.fromisoformat(row["valid_from"]),
                source=row["source"],
            )
            for row in csv.DictReader(file)
        }
