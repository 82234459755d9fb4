"""Persons on the projector: by name, or by rank and number where names are off.

Names are replaced in the records, before anything is drawn, so no page, chart, tooltip or title can let one
slip. In words people typed, every known name is replaced where it stands. Numbers hang on the person and not
on the order of a list, so that "supervisor 3" is the same one on every page.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from core.facts import UserRole
from core.language import Language, text
from core.language.labels import label
from core.review.figures import DecisionShown, ReviewFigures

SHORTEST_NAME = 2
"""A name of one sign would be found everywhere."""


@dataclass(frozen=True)
class Person:
    """Somebody of the insurer's own staff; `number` tells him from others of his rank."""

    username: str
    display_name: str
    role: UserRole
    number: int


@dataclass(frozen=True)
class Names:
    """What each person is called on the page, by user name, and what known names become in typed words."""

    shown: Mapping[str, str]
    typed: tuple[tuple[str, str], ...] = ()

    def of(self, username: str | None) -> str:
        """Return what a person is called; one nobody knows has no name here."""
        return self.shown.get(username, "–") if username else "–"

    def within(self, words: str) -> str:
        """Return typed words with the names in them replaced."""
        return _replaced(words, self.typed)


def persons(found: Iterable[tuple[str, str, UserRole]]) -> tuple[Person, ...]:
    """Return people with their numbers, counted within each rank in the order given."""
    counts: dict[UserRole, int] = {}
    people: list[Person] = []
    for username, display_name, role in found:
        counts[role] = counts.get(role, 0) + 1
        people.append(Person(username, display_name, role, counts[role]))
    return tuple(people)


def names_of(
    language: Language, people: Iterable[Person], staff: Iterable[tuple[str, str]] = (), *, are_hidden: bool
) -> Names:
    """Return what people are called.

    Args:
        language: for the ranks.
        people: the insurer's own staff.
        staff: name and code of the people of the bank, who may be named in typed words only.
        are_hidden: ranks and codes instead of names.
    """
    people = tuple(people)
    if not are_hidden:
        return Names({one.username: one.display_name or one.username for one in people})
    ranks = {one.username: rank_word(language, one) for one in people}
    typed = {one.display_name: ranks[one.username] for one in people} | ranks | dict(staff)
    known = ((name, word) for name, word in typed.items() if len(name) >= SHORTEST_NAME)
    return Names(ranks, tuple(sorted(known, key=lambda one: (-len(one[0]), one[0]))))


def rank_word(language: Language, person: Person) -> str:
    """Return a person by rank and number."""
    return text(language, "{rank} {number}", rank=label(language, person.role), number=person.number)


def told(figures: ReviewFigures, names: Names) -> ReviewFigures:
    """Return the figures with persons called by what they are called on the page."""
    cadence, weakest = figures.cadence, figures.weakest
    if cadence:
        by_person = tuple(replace(line, key=names.of(line.key)) for line in cadence.by_person)
        cadence = replace(cadence, by_person=by_person)
    if weakest:
        branches = tuple(replace(one, supervisor=names.of(one.supervisor)) for one in weakest.branches)
        weakest = replace(weakest, branches=branches)
    return replace(
        figures,
        cadence=cadence,
        weakest=weakest,
        decided=_decisions(figures.decided, names),
        decisions=_decisions(figures.decisions, names),
    )


def _decisions(decisions: tuple[DecisionShown, ...] | None, names: Names) -> tuple[DecisionShown, ...] | None:
    if decisions is None:
        return None
    return tuple(
        replace(
            one,
            owner=names.of(one.owner),
            words=names.within(one.words),
            measure=names.within(one.measure),
            outcome=names.within(one.outcome) if one.outcome else one.outcome,
        )
        for one in decisions
    )


@lru_cache(maxsize=16)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern that finds any of the names; within Latin words none is one."""
    return re.compile("|".join(rf"(?<![A-Za-z0-9_.]){re.escape(name)}(?!\.?[A-Za-z0-9_])" for name in names))


def _replaced(words: str, typed: tuple[tuple[str, str], ...]) -> str:
    if not typed:
        return words
    becomes = dict(typed)
    return _pattern(tuple(becomes)).sub(lambda found: becomes[found.group()], words)
