"""The rows of the command `classify`, as the cells of its file."""

from collections.abc import Iterator, Sequence
from functools import cache

from core.stages.explanation import reason_texts
from core.stages.facts import WORDS, RowFacts

CLASSIFIED = ("branch_code", "week_start", "stage", "confidence", "reason", "most_likely")


def classified_lines(
    branch_codes: Sequence[str], facts: RowFacts, *, latest_only: bool = False
) -> Iterator[tuple[str, ...]]:
    """Yield one row per branch and week as text, columns `CLASSIFIED`, weeks in order; `latest_only` the last week."""
    weeks = [week_start.isoformat() for week_start in facts.history.panel.weeks]
    for columns in facts.columns(latest_only=latest_only):
        yield from zip(
            [branch_codes[branch] for branch in columns.branch],
            [weeks[week] for week in columns.week],
            [WORDS[stage] for stage in columns.stage],
            map(_confidence, columns.confidence),
            reason_texts("en", columns),
            [WORDS[stage] for stage in columns.most_likely],
            strict=True,
        )


@cache
def _confidence(confidence: float) -> str:
    return f"{confidence:.4f}".rstrip("0").rstrip(".")
