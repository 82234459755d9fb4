"""Why a suggestion is put aside: reasons to choose from, so that they can be counted, as rows in `dismissals.csv`."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.language import Language

DISMISSALS_FILE = Path(__file__).with_name("dismissals.csv")
MOST_TEXT = 500
OTHER = "other"
"""The choice that says nothing itself: a text is needed. Rows of before there was a choice count as this."""


@dataclass(frozen=True)
class Dismissal:
    """One reason to choose; `needs_words` where it says nothing without a text."""

    key: str
    en: str
    zh: str
    needs_words: bool
    valid_from: date
    source_en: str
    source_zh: str

    def word(self, language: Language) -> str:
        """Return the reason in the language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class DismissalCount:
    """How often an action was dismissed for one of the reasons, when last, and the latest texts, newest first."""

    action_key: str
    dismissal: str
    times: int
    branches: int
    last_on: date
    texts: tuple[str, ...]


@cache
def dismissals() -> tuple[Dismissal, ...]:
    """Return the reasons in the order they are offered."""
    with DISMISSALS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Dismissal(
                key=row["key"],
                en=row["en"],
                zh=row["zh"],
                needs_words=row["needs_words"] == "yes",
                valid_from=date.fromisoformat(row["valid_from"]),
                source_en=row["source_en"],
                source_zh=row["source_zh"],
            )
            for row in csv.DictReader(file)
        )


def find_dismissal(key: str | None) -> Dismissal | None:
    """Return the reason of that key, None where there is none."""
    return next((one for one in dismissals() if one.key == key), None)


def dismissal_word(language: Language, key: str) -> str:
    """Return the words of a stored reason."""
    found = find_dismissal(key)
    return found.word(language) if found else key


def dismissal_problems(key: str, words: str) -> list[Problem]:
    """Return what is wrong with a reason to dismiss: not one to choose, or its text is missing or may not be kept."""
    found = find_dismissal(key)
    needs_words = found is not None and found.needs_words
    no_choice = [] if found else [Problem(ProblemKey.DISMISSAL, "dismissal")]
    return [*no_choice, *text_problems("reason", words, most=MOST_TEXT, needed=needs_words)]


def times_dismissed(counts: Iterable[DismissalCount], action_key: str) -> tuple[DismissalCount, ...]:
    """Return the counts of one action, the commonest reason first."""
    found = (one for one in counts if one.action_key == action_key)
    return tuple(sorted(found, key=lambda one: (-one.times, one.dismissal)))
