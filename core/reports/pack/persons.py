"""Persons without their names: replaced in the records, before anything is drawn or written."""

from dataclasses import replace

from core.language import Language, text
from core.review.figures import DecisionShown, ReviewFigures


def numbered(figures: ReviewFigures, language: Language) -> ReviewFigures:
    """Return the figures with persons numbered in the order of their user names, the same one everywhere."""
    words = {
        name: text(language, "Person {number}", number=number)
        for number, name in enumerate(sorted(_people(figures)), start=1)
    }
    cadence, weakest = figures.cadence, figures.weakest
    if cadence:
        by_person = tuple(replace(line, key=words[line.key]) for line in cadence.by_person)
        cadence = replace(cadence, by_person=by_person)
    if weakest:
        branches = tuple(
            replace(one, supervisor=words[one.supervisor] if one.supervisor else None) for one in weakest.branches
        )
        weakest = replace(weakest, branches=branches)
    return replace(
        figures,
        cadence=cadence,
        weakest=weakest,
        decided=_decisions(figures.decided, words),
        decisions=_decisions(figures.decisions, words),
    )


def _decisions(found: tuple[DecisionShown, ...] | None, words: dict[str, str]) -> tuple[DecisionShown, ...] | None:
    return None if found is None else tuple(replace(one, owner=words[one.owner]) for one in found)


def _people(figures: ReviewFigures) -> set[str]:
    found = {one.owner for one in (*(figures.decided or ()), *(figures.decisions or ()))}
    if figures.cadence:
        found |= {line.key for line in figures.cadence.by_person}
    if figures.weakest:
        found |= {one.supervisor for one in figures.weakest.branches if one.supervisor}
    return found
