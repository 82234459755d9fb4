"""The figures of a review and what they are made of: cards, the rows behind, gaps, stages, contacts, weak spots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from core.cadence.weeks import branch_weeks
from core.calendar import week_start_of
from core.charts.review import flow_rows
from core.facts import UserRole
from core.kpis.definitions import kpi_definition, kpi_definitions
from core.kpis.table import kpi_table
from core.kpis.words import figure_text
from core.language import Language
from core.review.comparators import sold_in
from core.review.figures import GapSplit, KpiCard
from core.review.flow import stage_flow
from core.review.official import OfficialMeasure, OfficialTotal
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope
from core.today.coverage import Coverage
from db import official_totals as official
from db import review_rows as behind
from db.branches import branches_in_scope
from db.engine import reading, writing
from db.logged_days import logged_days
from db.planning_rows import names_of
from db.review_baseline import pace_of
from db.review_cards import kpi_cards, review_span, standing_of
from db.review_gaps import whole_gap
from db.review_peers import find_peers
from db.review_scope import scopes_of, sight_of
from db.review_stages import stages_in, weeks_with_stages
from db.review_weakest import branch_indicators, cadence_of
from db.targets import kpi_targets
from pages.parts.store.base import Ask, cached

STAGE_WEEKS = 156
"""Weeks offered for a flow of stages: three years."""
WALL_WEEKS = 13
WALL_BRANCHES = 40


@dataclass(frozen=True)
class Sight:
    """Whose figures: a scope (None = all the reader sees, for branch heads), or one branch of it by code."""

    scope: ReviewScope | None
    branch_code: str | None = None


@cached
def scopes(ask: Ask) -> tuple[ReviewScope, ...]:
    """Return the scopes the reader may choose, the widest first; none for a branch head."""
    with reading(ask.store_url) as session:
        return scopes_of(session, actor=ask.actor)


@cached
def team_names(ask: Ask) -> dict[str, str]:
    """Return the names of the supervisors among the scopes who have an account, by user name."""
    with reading(ask.store_url) as session:
        return names_of(session, [scope.key for scope in scopes(ask)])


@cached
def branches_in(ask: Ask, scope: ReviewScope | None) -> dict[str, str]:
    """Return name and code of the branches of a scope, by code."""
    with reading(ask.store_url) as session:
        table = branches_in_scope(session, actor=sight_of(session, actor=ask.actor, scope=scope), as_of=ask.today)
    named = zip(table["branch_code"].to_pylist(), table["branch_name"].to_pylist(), strict=True)
    return {code: f"{name} · {code}" for code, name in named}


@cached
def cards(ask: Ask, sight: Sight, kind: PeriodKind, week_start: date) -> tuple[KpiCard, ...]:
    """Return the cards of all KPIs in a period."""
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=sight.scope, branch_code=sight.branch_code)
        return kpi_cards(
            session,
            actor=ask.actor,
            seen=seen,
            span=review_span(session, actor=seen, kind=kind, week_start=week_start, today=ask.today),
            kpis=[kpi.key for kpi in kpi_definitions()],
            today=ask.today,
            scope=sight.scope if sight.branch_code is None else None,
        )


@cached
def rows_behind(
    ask: Ask, sight: Sight, kind: PeriodKind, week_start: date, *, kpi: str, language: Language
) -> pa.Table:
    """Return what a figure is made of, branch by branch.

    Columns: branch_code, branch_name, supervisor, value, numerator, denominator, target, value and target in words
    (value_words, target_words); by code.
    """
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=sight.scope, branch_code=sight.branch_code)
        span = review_span(session, actor=seen, kind=kind, week_start=week_start, today=ask.today)
        figures = standing_of(session, actor=seen, span=span, today=ask.today, with_contacts=True).figures
        rows = kpi_table(figures, by="branch", start=span.start, end=span.end, targets=kpi_targets(session))
    rows = rows.filter(pc.equal(rows["kpi"], kpi)).rename_columns({"key": "branch_code"})
    names = figures.select(["branch_code", "branch_name", "supervisor"])
    kept = rows.select(["branch_code", "value", "numerator", "denominator", "target"])
    return _with_words(kept.join(names, "branch_code").sort_by("branch_code"), [kpi] * len(kept), language)


@cached
def policies_behind(ask: Ask, sight: Sight, kind: PeriodKind, week_start: date) -> pa.Table:
    """Return the policies of one branch in a period, as `db.review_rows.policies_behind`."""
    return _behind(ask, sight, kind, week_start, behind.policies_behind)


@cached
def contacts_behind(ask: Ask, sight: Sight, kind: PeriodKind, week_start: date) -> pa.Table:
    """Return the contacts with one branch in a period, as `db.review_rows.contacts_behind`."""
    return _behind(ask, sight, kind, week_start, behind.contacts_behind)


def _behind(ask: Ask, sight: Sight, kind: PeriodKind, week_start: date, question: Callable[..., pa.Table]) -> pa.Table:
    with reading(ask.store_url) as session:
        wide = sight_of(session, actor=ask.actor, scope=sight.scope)
        span = review_span(session, actor=wide, kind=kind, week_start=week_start, today=ask.today)
        seen = sight_of(session, actor=ask.actor, scope=sight.scope, branch_code=sight.branch_code)
        if seen.branch_id is None:
            raise LookupError("the rows of one branch are asked for, and none is named")
        return question(session, actor=seen, branch_id=seen.branch_id, start=span.start, end=span.counted_to)


@cached
def gap(ask: Ask, sight: Sight, kind: PeriodKind, week_start: date) -> GapSplit | None:
    """Return the split of what premium is short of in a period."""
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=sight.scope, branch_code=sight.branch_code)
        span = review_span(session, actor=seen, kind=kind, week_start=week_start, today=ask.today)
        standing = standing_of(session, actor=seen, span=span, today=ask.today)
        peers = find_peers(session, actor=ask.actor, seen=seen, start=span.start, end=span.counted_to, today=ask.today)
        return whole_gap(
            session,
            actor=seen,
            standing=standing,
            pace=pace_of(session, actor=seen, day=span.start),
            peers=sold_in(peers.sums) if peers else None,
        )


@cached
def stage_weeks(ask: Ask) -> tuple[date, ...]:
    """Return the weeks that have stages, the latest first."""
    with reading(ask.store_url) as session:
        return tuple(weeks_with_stages(session, limit=STAGE_WEEKS))


@cached
def flow(ask: Ask, scope: ReviewScope | None, before: date, after: date) -> pa.Table:
    """Return the flow of stages between the ends of two weeks, as `core.charts.review.flow_rows`."""
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=scope)
        earlier, later = (stages_in(session, actor=seen, week_start=week) for week in (before, after))
    return flow_rows(stage_flow(earlier, later))


@cached
def wall(ask: Ask, scope: ReviewScope | None, week_start: date, page: int) -> pa.Table:
    """Return one page of branches by week up to one, the furthest behind first; pages count from 1."""
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=scope)
        cadence = cadence_of(
            session, actor=seen, week_start=week_start, as_of=_as_of(ask, week_start), weeks=WALL_WEEKS
        )
    return branch_weeks(cadence, first=(page - 1) * WALL_BRANCHES, count=WALL_BRANCHES)


@cached
def wall_coverage(ask: Ask, scope: ReviewScope | None, week_start: date) -> Coverage:
    """Return the logging coverage of the supervisors of the branches of the wall over its weeks."""
    as_of = _as_of(ask, week_start)
    last = min(week_start, week_start_of(as_of))
    first = last - timedelta(weeks=WALL_WEEKS - 1)
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=scope)
        return logged_days(session, actor=seen, first_week=first, last_week=last, today=as_of).coverage()


@cached
def weak_spots(ask: Ask, scope: ReviewScope | None, week_start: date, language: Language) -> pa.Table:
    """Return what each branch lags in most, as `db.review_weakest.branch_indicators`.

    Added: the KPI, its value and its target in words (kpi_word, value_words, target_words).
    """
    with reading(ask.store_url) as session:
        seen = sight_of(session, actor=ask.actor, scope=scope)
        rows = branch_indicators(session, actor=seen, week_start=week_start, as_of=_as_of(ask, week_start))
    kpis: list[str] = rows["kpi"].to_pylist()
    titles = pa.array([kpi_definition(kpi).words(language).title for kpi in kpis], pa.string())
    return _with_words(rows.append_column("kpi_word", titles), kpis, language)


@cached
def official_totals(ask: Ask) -> tuple[OfficialTotal, ...]:
    """Return the official totals the reader may enter, the newest month first."""
    with reading(ask.store_url) as session:
        return official.official_totals(session, actor=ask.actor)


def may_enter_official(ask: Ask) -> bool:
    """Tell whether the reader enters official totals."""
    return ask.actor.role in (UserRole.ADMIN, UserRole.MANAGER)


def store_official(
    ask: Ask,
    *,
    scope: ReviewScope,
    measure: OfficialMeasure,
    month_start: date,
    amount: int,
    source: str,
    shown_version: int,
    key: str,
) -> bool:
    """Store a total; refusals as `db.official_totals.record_official_total`."""
    with writing(ask.store_url) as session:
        official.record_official_total(
            session,
            actor=ask.actor,
            scope=scope,
            measure=measure,
            month_start=month_start,
            amount=amount,
            source=source,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def remove_official(ask: Ask, total: OfficialTotal, *, shown_version: int, key: str) -> bool:
    """Take a total back; refusals as `db.official_totals.remove_official_total`."""
    with writing(ask.store_url) as session:
        official.remove_official_total(
            session,
            actor=ask.actor,
            scope=total.scope,
            measure=total.measure,
            month_start=total.month_start,
            shown_version=shown_version,
            key=key,
        )
    return True


def _with_words(rows: pa.Table, kpis: Sequence[str], language: Language) -> pa.Table:
    """Add value and target of each row, a figure of one of the KPIs, in the reader's notation."""
    found = [kpi_definition(kpi) for kpi in kpis]
    for name in ("value", "target"):
        amounts = zip(rows[name].to_pylist(), found, strict=True)
        said = [figure_text(amount, kpi, language) for amount, kpi in amounts]
        rows = rows.append_column(f"{name}_words", pa.array(said, pa.string()))
    return rows


def _as_of(ask: Ask, week_start: date) -> date:
    """Return the day a week is judged on: the Monday after it, or today."""
    return min(ask.today, week_start + timedelta(weeks=1))
