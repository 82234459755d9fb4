"""How a KPI of a review stands against its target at this point of the period."""

from core.kpis.definitions import kpi_definition
from core.review.figures import KpiCard


def reached(card: KpiCard) -> float | None:
    """Return how much of the target is reached, 1 = all of it; None without a figure or a target above zero.

    Where less is better the target is reached by staying at or under it: the target as a share of the figure.
    """
    if card.value is None or card.target is None or card.target <= 0:
        return None
    if kpi_definition(card.kpi).good == "up":
        return card.value / card.target
    return card.target / card.value if card.value > card.target else 1.0


def wanted(card: KpiCard) -> float:
    """Return how much of the target should be reached by the last day with data."""
    return card.time_share if kpi_definition(card.kpi).good == "up" else 1.0


def lag(card: KpiCard) -> float | None:
    """Return what is missing as a share of what should be reached; 0 or less = none is; None = cannot be said."""
    share, due = reached(card), wanted(card)
    return None if share is None or due <= 0 else 1 - share / due


def furthest_behind(cards: tuple[KpiCard, ...]) -> list[tuple[float, KpiCard]]:
    """Return the cards that lag with what they lag by, the furthest first; equal ones in their order."""
    lags = [(missing, card) for card in cards if (missing := lag(card)) is not None and missing > 0]
    return sorted(lags, key=lambda one: -one[0])


def is_better(card: KpiCard, against: float | None) -> bool | None:
    """Tell whether the figure is better than another one; None where one is missing or they are equal."""
    if card.value is None or against is None or card.value == against:
        return None
    return (card.value > against) == (kpi_definition(card.kpi).good == "up")
