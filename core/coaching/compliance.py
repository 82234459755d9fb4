"""Words a coaching text may not hold, and why. The rows are `forbidden_words.csv`; a search, no verdict."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.coaching.problems import Problem, ProblemKey
from core.language import Language

FORBIDDEN_FILE = Path(__file__).parent / "forbidden_words.csv"


@dataclass(frozen=True)
class ForbiddenWord:
    """A word and the rule it touches."""

    word: str
    why_en: str
    why_zh: str
    source: str

    def why(self, language: Language) -> str:
        """Return the reason in the language."""
        return self.why_zh if language == "zh" else self.why_en


@cache
def forbidden_words() -> tuple[ForbiddenWord, ...]:
    """Return all rows in the order of the file."""
    with FORBIDDEN_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(ForbiddenWord(**row) for row in csv.DictReader(file))


def forbidden_problems(texts: Iterable[str]) -> tuple[Problem, ...]:
    """Return one problem for each forbidden word of the texts."""
    return tuple(
        Problem(ProblemKey.FORBIDDEN_WORD, "text", {"word": row.word, "why_en": row.why_en, "why_zh": row.why_zh})
        for row in forbidden_in(texts)
    )


def forbidden_in(texts: Iterable[str]) -> tuple[ForbiddenWord, ...]:
    """Return the words found in any of the texts, upper and lower case alike."""
    joined = "\n".join(texts).casefold()
    return tuple(row for row in forbidden_words() if row.word.casefold() in joined)
