"""KPI cards of the branches in scope: the figure of a period beside everything it can be held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from core.facts import Actor, SizeTier, UserRole
from core.kpis.definitions import KpiTarget, kpi_definition, kpi_target_on
from core.kpis.table import kpi_table
from core.review.comparators import kpi_values, kpis_named
from core.review.figures import KpiCard
from core.review.official import KPI_OF
from core.review.pace import PeriodKind, Span, span_before, span_of, time_share
from core.review.scope import ReviewScope
from db.branches import branches_in_scope, last_policy_day
from db.calendar_days import working_calendar
from db.kpis import branch_figures, is_provisional
from db.official_totals import official_figures
from db.review_baseline import own_baseline, pace_of
from db.review_peers import find_peers
from db.targets import kpi_targets

CONTACTS = "contact_attainment"
PREMIUM, PREMIUM_PER_BRANCH = "scale_premium", "premium_per_branch"
Sums = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Standing:
    """The figures of a scope in a period: by branch, of the whole, and what they are wanted to be.

    `branches` are those of `db.branches.branches_in_scope` at its end, `figures` what they did, `whole` the rows of
    `core.kpis.table.kpi_table` by KPI, `targets` those of the whole period.
    """

    span: Span
    data_to: date | None
    branches: pa.Table
    figures: pa.Table
    whole: Mapping[str, Mapping[str, Any]]
    targets: Mapping[str, float | None]

    def due(self, kpi: str, passed: float) -> float:
        """Return the share of a target that should be reached once a share of the period has passed.

        A chance is wanted of a month; over other periods its target is taken as it stands.
        """
        is_monthly = kpi_definition(kpi).is_target_monthly
        if not is_monthly and self.span.kind is not PeriodKind.MONTH:
            return 1.0
        target, day = self.targets.get(kpi), self.span.counted_to
        return time_share(kpi, target=target, passed=passed, is_target_monthly=is_monthly, day=day)


def review_span(session: Session, *, actor: Actor, kind: PeriodKind, week_start: date, today: date) -> Span:
    """Return the period of a review, counted to where the policies of the store reach."""
    span = span_of(kind, week_start=week_start, today=today, calendar=working_calendar(session))
    last = last_policy_day(session, actor=actor)
    if last is None or last >= span.counted_to:
        return span
    return Span(span.kind, span.start, span.end, max(span.start, last))


def standing_of(
    session: Session,
    *,
    actor: Actor,
    span: Span,
    today: date,
    with_contacts: bool = False,
    branches: pa.Table | None = None,
) -> Standing:
    """Return the figures of the branches in scope in the days counted of a period.

    `branches` are those in scope on the last day counted where the caller has asked for them already.
    """
    branches = branches_in_scope(session, actor=actor, as_of=span.counted_to) if branches is None else branches
    table = branch_figures(
        session,
        actor=actor,
        start=span.start,
        end=span.counted_to,
        today=today,
        with_contacts=with_contacts,
        branches=branches,
    )
    targets = kpi_targets(session)
    rows = kpi_table(table, by="all", start=span.start, end=span.end, targets=targets).to_pylist()
    whole = {row["kpi"]: row for row in rows}
    last = last_policy_day(session, actor=actor)
    return Standing(
        span=span,
        data_to=None if last is None else min(last, span.counted_to),
        branches=branches,
        figures=table,
        whole=whole,
        targets=_targets(whole, targets, table, day=span.end, is_whole=actor.role is UserRole.ADMIN),
    )


def kpi_cards(
    session: Session,
    *,
    actor: Actor,
    seen: Actor,
    span: Span,
    kpis: Sequence[str],
    today: date,
    scope: ReviewScope | None = None,
) -> tuple[KpiCard, ...]:
    """Return the cards of some KPIs in the order asked; those without a row in the period are left out.

    Args:
        session: of the question.
        actor: the reader, with all he may see.
        seen: the same narrowed to the branches the cards are about; the caller has checked that they are his.
        span: the period.
        kpis: keys of the definitions.
        today: the day.
        scope: what the cards are about, where statements of the company may be about it as well.
    """
    with_contacts = CONTACTS in kpis
    now = standing_of(session, actor=seen, span=span, today=today, with_contacts=with_contacts)
    pace = pace_of(session, actor=seen, day=span.start)
    passed = pace.share_of(span)
    earlier = span_before(span, pace.calendar)
    before = standing_of(session, actor=seen, span=earlier, today=today, with_contacts=with_contacts)
    peers = find_peers(
        session,
        actor=actor,
        seen=seen,
        start=span.start,
        end=span.counted_to,
        today=today,
        with_contacts=with_contacts,
    )
    usual = own_baseline(
        session,
        actor=seen,
        branches=now.branches,
        span=span,
        pace=pace,
        with_sellers="active_sellers" in kpis,
    )
    asked = kpis_named([key for key in kpis if key in now.whole])
    by_peers, by_usual = (kpi_values(sums, asked) if sums else {} for sums in (peers and peers.sums, usual))
    if usual is not None and CONTACTS in by_usual:
        by_usual[CONTACTS] = [None]
    official = (
        official_figures(session, actor=actor, scope=scope, start=span.start, end=span.end)
        if scope is not None and span.is_over
        else {}
    )
    stated = {KPI_OF[measure]: figure for measure, figure in official.items()}
    provisional = is_provisional(end=span.counted_to, today=today)
    return tuple(
        KpiCard(
            kpi=kpi.key,
            start=span.start,
            end=span.end,
            data_to=now.data_to,
            value=now.whole[kpi.key]["value"],
            numerator=now.whole[kpi.key]["numerator"],
            denominator=now.whole[kpi.key]["denominator"],
            target=now.targets[kpi.key],
            time_share=now.due(kpi.key, passed),
            before=before.whole.get(kpi.key, {}).get("value"),
            peers=next(iter(by_peers.get(kpi.key, [])), None),
            peer_branches=peers.branches if peers else 0,
            baseline=next(iter(by_usual.get(kpi.key, [])), None),
            official=stated[kpi.key].amount if kpi.key in stated else None,
            official_source=stated[kpi.key].source if kpi.key in stated else None,
            is_provisional=provisional and kpi.key != CONTACTS,
        )
        for kpi in asked
    )


def _targets(
    whole: Mapping[str, Mapping[str, Any]], rows: Sequence[KpiTarget], table: pa.Table, *, day: date, is_whole: bool
) -> dict[str, float | None]:
    """Return the targets of a scope.

    Those of totals are the company's own and hold for the whole alone. Premium has one by branch as well, which is
    that of any scope, times its operating branches of the sizes that have one.
    """
    targets = {key: row["target"] for key, row in whole.items()}
    if not is_whole:
        targets |= {key: None for key in targets if kpi_definition(key).is_total}
    per_branch = targets.get(PREMIUM_PER_BRANCH)
    if targets.get(PREMIUM) is None and per_branch is not None:
        has_target = [
            tier.value
            for tier in SizeTier
            if kpi_target_on(rows, kpi=PREMIUM_PER_BRANCH, tier=tier, day=day) is not None
        ]
        counts = np.isin(np.array(table["size_tier"].to_pylist(), dtype=object), has_target)
        targets[PREMIUM] = per_branch * int(table["operating"].to_numpy()[counts].sum())
    return targets
