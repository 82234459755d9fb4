"""How a pack is told: in which language, what persons, scopes, days and figures are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.calendar import week_start_of
from core.kpis.definitions import kpi_definition
from core.kpis.words import DASH, figure_text
from core.language import Language, text
from core.language.days import day_word
from core.reports.pack.units import MINUS, yuan_text
from core.review.figures import KpiCard
from core.review.scope import ReviewScope, ScopeKind

PROVISIONAL = "*"
"""Stands after a figure for which cooling-off still runs."""


@dataclass(frozen=True)
class Telling:
    """What is needed to put figures into words.

    Attributes:
        language: of all words.
        titles: names of the playbook's actions in that language, by key.
        with_names: whether persons are called by their names. The figures call them so or otherwise already; here it
            is the supervisor whose team the scope is.
    """

    language: Language
    titles: Mapping[str, str] = field(default_factory=dict)
    with_names: bool = False

    def action(self, key: str) -> str:
        """Return the name of an action; one taken out of the playbook shows its key."""
        return self.titles.get(key, key)

    def scope(self, scope: ReviewScope) -> str:
        """Return whose branches the pack is about."""
        match scope.kind:
            case ScopeKind.ALL:
                return text(self.language, "All branches")
            case ScopeKind.REGION:
                return scope.key.replace("/", " · ")
            case ScopeKind.TEAM:
                return scope.key if self.with_names else text(self.language, "Branches of one supervisor")

    def day(self, day: date | None) -> str:
        """Return a day in words; a dash where none is known."""
        return day_word(self.language, day) if day else DASH

    def money(self, fen: int | None) -> str:
        """Return an amount of fen in the reader's large units."""
        return DASH if fen is None else yuan_text(fen / 100, self.language)

    def figure(self, card: KpiCard, amount: float | None) -> str:
        """Return an amount in the unit of the card's KPI."""
        kpi = kpi_definition(card.kpi)
        if amount is not None and kpi.unit == "cny":
            return yuan_text(amount, self.language)
        return figure_text(amount, kpi, self.language).replace("-", MINUS)

    def value(self, card: KpiCard) -> str:
        """Return the figure of a card, marked while cooling-off still runs."""
        said = self.figure(card, card.value)
        return f"{said}{PROVISIONAL}" if card.is_provisional and card.value is not None else said

    def kpi(self, key: str) -> str:
        """Return the name of a KPI."""
        return kpi_definition(key).words(self.language).title

    @property
    def between(self) -> str:
        """What stands between the words of a list."""
        return "、" if self.language == "zh" else ", "

    def listed(self, words: Iterable[str]) -> str:
        """Return words as a list in the language."""
        return self.between.join(words)


def period_word(language: Language, start: date, end: date) -> str:
    """Return a period briefly: a week by its Monday, a month or quarter by its number, else by its days."""
    if start == week_start_of(start) and (end - start).days <= 6:
        return text(language, "week from {day}", day=f"{start:%m-%d}")
    if start.day == 1 and (start.year, start.month) == (end.year, end.month):
        return text(language, "month {month}", month=f"{start:%Y-%m}")
    quarter = (start.month + 2) // 3
    if start.day == 1 and start.month % 3 == 1 and (end.year, (end.month + 2) // 3) == (start.year, quarter):
        return text(language, "quarter {quarter} of {year}", quarter=quarter, year=start.year)
    return f"{start:%Y-%m-%d} – {end:%m-%d}"


def joined(language: Language, *sentences: str) -> str:
    """Return sentences one after the other, as the language writes them."""
    return ("" if language == "zh" else " ").join(sentences)


def counted_words(language: Language, start: date, end: date) -> str:
    """Return which days a figure counts, in words for the head of a page."""
    return text(language, "Counted: {days}", days=days_word(start, end))


def days_word(start: date, end: date) -> str:
    """Return the first and the last day of a period."""
    return f"{start:%m-%d} – {end:%m-%d}"


def within_sentence(language: Language, words: str) -> str:
    """Return the name of something as it stands within a sentence."""
    return words[:1].lower() + words[1:] if language == "en" else words
