"""The figures behind the diagnosis of a gap: which branches are below their target, and how the KPI stands now."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.calendar import last_complete_week
from core.events.figures import rate
from core.facts import Actor
from core.kpis.table import kpi_table
from core.planning.diagnosis import FigureNow, Gap, is_worse
from core.review.comparators import kpi_values, kpis_named
from core.review.pace import Span
from core.review.scope import ReviewScope
from db.branches import data_dates
from db.diagnoses import sight_of_gap
from db.events import event_sums
from db.review_baseline import own_baseline, pace_of
from db.review_cards import CONTACTS, PREMIUM, PREMIUM_PER_BRANCH, standing_of
from db.targets import kpi_targets

DAY = timedelta(days=1)


@dataclass(frozen=True)
class BranchBehind:
    """An operating branch of a gap; `is_behind` = below what was due of its own target in the days counted."""

    branch_id: int
    branch_code: str
    branch_name: str
    value: float | None
    is_behind: bool


def branches_of_gap(
    session: Session, *, actor: Actor, scope: ReviewScope | None, branch_id: int | None, gap: Gap, today: date
) -> tuple[BranchBehind, ...]:
    """Return the operating branches a gap is about: those behind first, the worst of them first, then by code.

    Premium is held against the target of a branch; other totals have none by branch, and nobody is behind.

    Raises:
        NotAllowedError: as for `db.diagnoses.sight_of_gap`.
    """
    seen = sight_of_gap(session, actor=actor, scope=scope, branch_id=branch_id)
    figures = standing_of(session, actor=seen, span=_span(gap), today=today, with_contacts=gap.kpi == CONTACTS).figures
    rows = kpi_table(figures, by="branch", start=gap.start, end=gap.end, targets=kpi_targets(session)).to_pylist()
    kpi = PREMIUM_PER_BRANCH if gap.kpi == PREMIUM else gap.kpi
    of_branch = {row["key"]: row for row in rows if row["kpi"] == kpi}
    found: list[tuple[float, BranchBehind]] = []
    for one in figures.select(["branch_id", "branch_code", "branch_name", "operating"]).to_pylist():
        if not one["operating"]:
            continue
        row = of_branch.get(one["branch_code"], {})
        value, target = row.get("value"), row.get("target")
        difference = None if value is None or target is None else value - target * gap.due_share
        is_behind = difference is not None and is_worse(gap.kpi, difference)
        away = abs(difference) if difference is not None and is_behind else 0.0
        line = BranchBehind(one["branch_id"], one["branch_code"], one["branch_name"], value, is_behind)
        found.append((away, line))
    return tuple(line for _, line in sorted(found, key=lambda one: (-one[0], one[1].branch_code)))


def figure_now(
    session: Session, *, actor: Actor, scope: ReviewScope | None, branch_id: int | None, gap: Gap, today: date
) -> FigureNow | None:
    """Return the KPI over as many days as the gap counted, up to the last complete week the data reach to.

    None where no day has come in since the diagnosis.

    Raises:
        NotAllowedError: as for `db.diagnoses.sight_of_gap`.
    """
    seen = sight_of_gap(session, actor=actor, scope=scope, branch_id=branch_id)
    last = data_dates(session, actor=seen, today=today).last_policy_on
    end = last_complete_week(today) + 6 * DAY
    if last is None or min(end, last) <= gap.counted_to:
        return None
    end = min(end, last)
    start = end - (gap.days - 1) * DAY
    span = Span(gap.kind, start, end, end)
    standing = standing_of(session, actor=seen, span=span, today=today, with_contacts=gap.kpi == CONTACTS)
    usual = own_baseline(
        session,
        actor=seen,
        branches=standing.branches,
        span=span,
        pace=pace_of(session, actor=seen, day=start),
        with_sellers=gap.kpi == "active_sellers",
    )
    level = None
    if usual is not None and gap.kpi != CONTACTS:
        level = kpi_values(usual, kpis_named([gap.kpi]))[gap.kpi][0]
    return FigureNow(start, end, standing.whole.get(gap.kpi, {}).get("value"), level)


def show_up_of_gap(
    session: Session, *, actor: Actor, scope: ReviewScope | None, branch_id: int | None, start: date, end: date
) -> float | None:
    """Return the share of confirmed guests who came to the events between two days, both included (K32).

    None where nobody was confirmed, or so few that they could be told.

    Raises:
        NotAllowedError: as for `db.diagnoses.sight_of_gap`.
    """
    seen = sight_of_gap(session, actor=actor, scope=scope, branch_id=branch_id)
    sums = event_sums(session, actor=seen, start=start, end=end + DAY)
    return rate(int(sums["came"].sum()), int(sums["confirmed"].sum()))


def _span(gap: Gap) -> Span:
    return Span(gap.kind, gap.start, gap.end, gap.counted_to)
