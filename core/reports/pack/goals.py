"""Pages about goals: figures against targets, against everything else, and where the gap comes from."""

from collections.abc import Mapping
from datetime import date

from core.charts.palette import EXPECTED, MEASURED, TARGET
from core.kpis.words import DASH
from core.language import bracketed, text
from core.reports.pack.page import MOST_NUMBERS, Chart, ChartKind, Number, Page, Series, Table
from core.reports.pack.telling import PROVISIONAL, Telling, counted_words, joined, period_word, within_sentence
from core.reports.pack.units import MINUS, parts_words
from core.review.figures import Factor, GapMeasure, GapSplit, KpiCard, ReviewFigures, Topic
from core.review.gap_split import FACTORS
from core.review.gap_words import factor_word, measure_word
from core.review.standing import furthest_behind, is_better, lag, reached, wanted

MOST_COMPARED = 6
MOST_SHARE = 9.99
SHORT, OVER = "#9a4a12", "#2f6f95"
"""Bars of what is missing and of what is more: the hues of contacts not made and made."""


def goals_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return the figures, and how much of their targets they reach beside how much they should."""
    cards = figures.goals or ()
    labels = card_labels(cards, told)
    numbers = tuple(Number(label, told.value(card)) for card, label in zip(cards, labels, strict=True))
    chart = Chart(
        ChartKind.BARS,
        tuple(labels),
        (
            Series(text(told.language, "Reached of the target"), tuple(reached(card) for card in cards), MEASURED),
            Series(
                text(told.language, "Due by now"),
                tuple(wanted(card) if reached(card) is not None else None for card in cards),
                TARGET,
            ),
        ),
        "share",
    )
    title = text(told.language, "Goals and progress")
    return Page(
        "goals",
        Topic.GOALS,
        title,
        _goals_sentence(cards, told),
        numbers[:MOST_NUMBERS],
        chart=chart,
        period=_period(cards, told),
    )


def _period(cards: tuple[KpiCard, ...], told: Telling) -> str:
    """Return which days the figures count; nothing where they differ and each figure says its own."""
    days = {card_days(card) for card in cards}
    return counted_words(told.language, *days.pop()) if len(days) == 1 else ""


def card_days(card: KpiCard) -> tuple[date, date]:
    """Return the first and the last day a figure counts."""
    return card.start, min(card.end, card.data_to or card.end)


def card_labels(cards: tuple[KpiCard, ...], told: Telling) -> list[str]:
    """Return the names of the cards' KPIs; with their periods where these differ."""
    if len({(card.start, card.end) for card in cards}) < 2:
        return [told.kpi(card.kpi) for card in cards]
    return [
        told.kpi(card.kpi) + bracketed(told.language, period_word(told.language, card.start, card.end))
        for card in cards
    ]


def _goals_sentence(cards: tuple[KpiCard, ...], told: Telling) -> str:
    judged = [card for card in cards if lag(card) is not None]
    if not judged:
        return text(told.language, "No figure has a target it could be held against.")
    behind = furthest_behind(cards)
    if not behind:
        return text(
            told.language, "All figures with a target stand where they should by now: {count}.", count=len(judged)
        )
    worst = behind[0][1]
    return text(
        told.language,
        "Behind, of the figures with a target: {behind} of {count}. Furthest: {kpi}, {reached} of the target where "
        "{wanted} should be reached by now.",
        behind=len(behind),
        count=len(judged),
        kpi=told.kpi(worst.kpi),
        reached=f"{reached(worst) or 0:.0%}",
        wanted=f"{wanted(worst):.0%}",
    )


def compared_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return every figure beside its target, the period before, comparable branches and an ordinary period."""
    cards = figures.goals or ()
    rows = tuple(
        (
            label,
            told.value(card),
            told.figure(card, card.target),
            _percent(reached(card)),
            told.figure(card, card.before),
            told.figure(card, card.peers),
            told.figure(card, card.baseline),
        )
        for card, label in zip(cards, card_labels(cards, told), strict=True)
    )
    head = (
        text(told.language, "Figure"),
        text(told.language, "This period"),
        text(told.language, "Target"),
        text(told.language, "Reached"),
        text(told.language, "Period before"),
        text(told.language, "Peers"),
        text(told.language, "Own level"),
    )
    shares = (142, 142, 126, 86, 128, 128, 128)
    table = Table(head, rows, shares, MOST_COMPARED, lines=2, right=frozenset(range(1, len(head))))
    title = text(told.language, "Figures compared")
    return Page(
        "compared", Topic.GOALS, title, _compared_sentence(cards, told), table=table, period=_period(cards, told)
    )


def _percent(share: float | None) -> str:
    if share is None:
        return DASH
    return f"{share:.0%}" if share < MOST_SHARE else f">{MOST_SHARE:.0%}"


def _compared_sentence(cards: tuple[KpiCard, ...], told: Telling) -> str:
    before = [better for card in cards if (better := is_better(card, card.before)) is not None]
    peers = [better for card in cards if (better := is_better(card, card.peers)) is not None]
    parts = []
    if before:
        of_before = {"better": sum(before), "all": len(before)}
        parts.append(text(told.language, "Better than in the period before: {better} of {all}.", **of_before))
    if peers:
        of_peers = {"better": sum(peers), "all": len(peers)}
        parts.append(text(told.language, "Better than comparable branches: {better} of {all}.", **of_peers))
    if not parts:
        parts.append(text(told.language, "There is nothing to compare with yet."))
    if any(card.official is not None for card in cards):
        parts.append(text(told.language, "Official figures stand in the workbook."))
    if any(card.is_provisional for card in cards):
        parts.append(text(told.language, "{mark} = cooling-off still runs.", mark=PROVISIONAL))
    return joined(told.language, *parts)


def gap_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return premium against what was wanted, the gap split into its factors."""
    split = figures.weakest.whole if figures.weakest else None
    parts = {part.factor: part.gap_fen for part in split.parts} if split else {}
    factors = tuple(parts) or FACTORS
    words = [factor_word(told.language, factor) for factor in factors]
    measure = split.measure if split else GapMeasure.TARGET
    target, actual = measure_word(told.language, measure), text(told.language, "Actual")
    told_parts, told_gap = parts_told(split, told)
    numbers = (
        Number(target, told.money(split.target_fen if split else None)),
        *(Number(word, told_parts.get(factor, DASH)) for factor, word in zip(factors, words, strict=True)),
        Number(actual, told.money(split.actual_fen if split else None)),
        Number(text(told.language, "Whole gap"), told_gap),
    )
    steps = [parts.get(factor) for factor in factors]
    values = (split.target_fen, *steps, split.actual_fen) if split else (None, *steps, None)
    colours = (EXPECTED, *(SHORT if (step or 0) < 0 else OVER for step in steps), MEASURED)
    yuan = tuple(None if fen is None else fen / 100 for fen in values)
    ends = [told.money(fen) for fen in (values[0], values[-1])]
    said = (ends[0], *(told_parts.get(factor, DASH) for factor in factors), ends[1])
    series = Series(text(told.language, "Premium, thousand yuan"), yuan, MEASURED, colours, said)
    chart = Chart(ChartKind.WATERFALL, (target, *words, actual), (series,), "money")
    title = text(told.language, "Where the gap comes from")
    period = counted_words(told.language, split.start, split.end) if split and split.start and split.end else ""
    return Page("gap", Topic.WEAKEST, title, gap_sentence(split, told), numbers, chart=chart, period=period)


def parts_told(split: GapSplit | None, told: Telling) -> tuple[Mapping[Factor, str], str]:
    """Return the parts of a gap by factor and the gap in words: as they are told, they add up to it."""
    if split is None:
        return {}, DASH
    parts, gap = parts_words([part.gap_fen for part in split.parts], split.gap_fen, told.language)
    return {part.factor: words for part, words in zip(split.parts, parts, strict=True)}, gap


def gap_sentence(split: GapSplit | None, told: Telling) -> str:
    """Return how far premium is from what was wanted, and which factor explains most of that."""
    if split is None:
        return text(told.language, "There is neither a target nor an ordinary period to hold premium against.")
    told_parts, told_gap = parts_told(split, told)
    amounts = {
        "measure": within_sentence(told.language, measure_word(told.language, split.measure)),
        "gap": told_gap.removeprefix(MINUS),
        "target": told.money(split.target_fen),
    }
    if split.gap_fen >= 0:
        return text(told.language, "Premium is {gap} above what was wanted ({measure}: {target}).", **amounts)
    worst = min(split.parts, key=lambda part: part.gap_fen, default=None)
    if worst is None or worst.gap_fen >= 0:
        return text(told.language, "Premium is {gap} short of what was wanted ({measure}: {target}).", **amounts)
    return text(
        told.language,
        "Premium is {gap} short of what was wanted ({measure}: {target}); most of it comes from: {factor} ({part}).",
        factor=factor_word(told.language, worst.factor),
        part=told_parts[worst.factor],
        **amounts,
    )
