"""How many lines a decision takes on a page of the projector, so that each page holds what fits and no more.

Widths are of the table in `pages/parts/meeting.css`, in heights of its type.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from core.reports.pack.fit import fitted, width_of, wrapped
from core.review.figures import DecisionShown

WORDS_WIDTH, OWNER_WIDTH = 22.0, 6.8
"""Room of the columns of the decision and of its owner."""
LEAST = 2
"""What a decision is about stands on a line of its own below it."""
BETWEEN = " · "


def details_of(decision: DecisionShown, about: str) -> str:
    """Return what stands below a decision: what it is about, how it is measured, what came of it."""
    return BETWEEN.join(part for part in (about, decision.measure, decision.outcome) if part)


def cut_to_page(decision: DecisionShown, most: int) -> DecisionShown:
    """Return a decision that takes no more than a page: of one that would, measure and outcome are cut at the end."""
    left = most - _lines(decision.words, WORDS_WIDTH, is_bold=True)
    if lines_taken(decision) <= most:
        return decision
    outcome = decision.outcome and fitted(decision.outcome, 1, WORDS_WIDTH, max(left // 2, 1))
    measure = fitted(decision.measure, 1, WORDS_WIDTH, max((left - 1) // 2 - 1, 1))
    words = fitted(decision.words, 1, WORDS_WIDTH, most - LEAST, bold=True)
    return replace(decision, words=words, measure=measure, outcome=outcome)


def lines_taken(decision: DecisionShown) -> int:
    """Return how many lines of text a decision takes."""
    words = _lines(decision.words, WORDS_WIDTH, is_bold=True)
    details = _lines(details_of(decision, decision.branch_name or "x" * 20), WORDS_WIDTH)
    return max(words + details, _lines(decision.owner, OWNER_WIDTH), LEAST)


def filled(lines: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Return where each page of a list begins and how many of its entries it holds, by the lines each takes."""
    pages: list[tuple[int, int]] = []
    first, used = 0, 0
    for place, count in enumerate(lines):
        if place > first and used + count > most:
            pages.append((first, place - first))
            first, used = place, 0
        used += count
    return [*pages, (first, len(lines) - first)]


def _lines(words: str, width: float, *, is_bold: bool = False) -> int:
    """Return the lines words take; one that is wider than a line is broken."""
    return max(len(wrapped(words, 1, width, bold=is_bold)), ceil(width_of(words, 1, bold=is_bold) / width))
