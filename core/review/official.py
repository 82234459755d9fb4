"""Official totals of the company, entered by hand: what a statement says of a month, held against our own figure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.calendar import month_end
from core.kpis.definitions import kpi_definition
from core.kpis.words import money_text
from core.language import Language, text
from core.review.figures import KpiCard
from core.review.scope import ReviewScope

MINUS = "−"


class OfficialMeasure(StrEnum):
    """What a statement counts; values are stored and never renamed."""

    SCALE_PREMIUM = "scale_premium"
    POLICIES = "policies"


AMOUNT_FIELD = {OfficialMeasure.SCALE_PREMIUM: "premium_fen", OfficialMeasure.POLICIES: "policies"}
"""What the amount of a total is called on the record, by what it counts."""


KPI_OF = {OfficialMeasure.SCALE_PREMIUM: "scale_premium", OfficialMeasure.POLICIES: "policies_per_branch"}
"""The card a total stands on; its numerator is what the total counts."""


@dataclass(frozen=True)
class OfficialTotal:
    """What a statement says of a month: fen, or policies. `version` counts its changes."""

    measure: OfficialMeasure
    scope: ReviewScope
    month_start: date
    amount: int
    source: str
    version: int


@dataclass(frozen=True)
class Reconciliation:
    """Our figure beside the official one, in yuan or policies; `share` of the official one, None where that is 0."""

    ours: float
    official: float

    @property
    def difference(self) -> float:
        """Return ours less the official one."""
        return self.ours - self.official

    @property
    def share(self) -> float | None:
        """Return the difference as a share of the official figure."""
        return self.difference / self.official if self.official else None


def whole_months(start: date, end: date) -> tuple[date, ...]:
    """Return the first days of the months a period is made of; none where it begins or ends inside one."""
    if start.day != 1 or end != month_end(end) or end < start:
        return ()
    months = [start]
    while (following := month_end(months[-1]) + timedelta(days=1)) <= end:
        months.append(following)
    return tuple(months)


def reconciliation(card: KpiCard) -> Reconciliation | None:
    """Return our figure beside the official one; None where none was entered for the whole period."""
    return None if card.official is None else Reconciliation(card.numerator, card.official)


def reconciliation_text(language: Language, card: KpiCard) -> str | None:
    """Return the line that holds ours against the official figure; None without one."""
    found = reconciliation(card)
    if found is None:
        return None
    is_money = kpi_definition(card.kpi).unit == "cny"

    def told(amount: float) -> str:
        return money_text(amount, language) if is_money else f"{amount:,.0f}"

    sign = MINUS if found.difference < 0 else "+" if found.difference > 0 else "±"
    share = "" if found.share is None else f" ({sign}{abs(found.share):.1%})"
    return text(
        language,
        "ours {ours} · official {official} · difference {difference}",
        ours=told(found.ours),
        official=told(found.official),
        difference=f"{sign}{told(abs(found.difference))}{share}",
    )
