"""What the Cadence screen shows: contacts against target by role, branch, unit and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.cadence import weeks as cadence_views
from core.cadence.targets import target_in_force
from core.cadence.weeks import CadenceWeeks, with_roles
from core.calendar import last_complete_week, week_start_of
from core.charts.cadence import balance_rows, with_bars
from core.facts import StaffRole
from core.portfolio import BranchFilter
from core.settings import CADENCE_SCOPE
from db.cadence import people_not_reached
from db.calendar_days import working_calendar
from db.engine import reading
from db.settings import setting_value
from db.targets import cadence_targets
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_shown, data_reach, latest_cadence

Unit = Literal["supervisor", "region", "bank"]
CELLS = 650
"""Cells of one page of the heat map, three marks each; over 2,000 marks lose their words."""
MOST_BRANCHES = 30
MOST_UNITS = 20
"""Bars of one chart of units; the table below has all."""


@dataclass(frozen=True)
class WeekSpan:
    """The weeks shown. `unfinished` is the last one where its Sunday is still to come, else None.

    `passed` of `workdays` working days of the last week are due.
    """

    first: date
    last: date
    unfinished: date | None
    passed: int
    workdays: int


@dataclass(frozen=True)
class CadenceRules:
    """How the last week is judged: per person or by role, and which roles owe a contact a day."""

    is_per_person: bool
    daily_roles: frozenset[StaffRole]


@cached
def week_span(ask: Ask, weeks: int) -> WeekSpan | None:
    """Return the last weeks up to the one contacts reach, today's week at most; None without contacts."""
    last_contact_on = data_reach(ask).last_contact_on
    if last_contact_on is None:
        return None
    last = min(week_start_of(ask.today), week_start_of(last_contact_on))
    unfinished = last if last > last_complete_week(ask.today) else None
    with reading(ask.store_url) as session:
        calendar = working_calendar(session)
    return WeekSpan(
        first=last - timedelta(weeks=weeks - 1),
        last=last,
        unfinished=unfinished,
        passed=calendar.workdays(last, before=ask.today),
        workdays=calendar.workdays(last),
    )


@cached
def cadence_rules(ask: Ask, week_start: date) -> CadenceRules:
    """Return how a week is judged."""
    with reading(ask.store_url) as session:
        scope = setting_value(session, key=CADENCE_SCOPE, day=week_start)
        targets = cadence_targets(session)
    found = {role: target_in_force(targets, role=role, stage=None, week_start=week_start) for role in StaffRole}
    return CadenceRules(
        is_per_person=scope == "person",
        daily_roles=frozenset(role for role, target in found.items() if target and target.unit == "day"),
    )


@cached
def shown_weeks(ask: Ask, weeks: int, chosen: BranchFilter) -> CadenceWeeks | None:
    """Return the cadence of the branches a filter lets through; None without contacts."""
    cadence = latest_cadence(ask, weeks)
    if cadence is None or chosen == BranchFilter():
        return cadence
    kept = branches_shown(ask, chosen)["branch_id"].to_numpy()
    return cadence.narrowed(np.isin(cadence.branches["branch_id"].to_numpy(), kept))


@cached
def role_weeks(ask: Ask, weeks: int, chosen: BranchFilter) -> pa.Table:
    """Return one row per role and week with what bars need, as `core.charts.cadence.with_bars`."""
    span, cadence = week_span(ask, weeks), shown_weeks(ask, weeks, chosen)
    if span is None or cadence is None:
        return pa.table({})
    return with_bars(cadence_views.role_weeks(cadence), unfinished=span.unfinished)


@cached
def one_role(ask: Ask, weeks: int, chosen: BranchFilter, role: StaffRole) -> pa.Table:
    """Return the rows of `role_weeks` of one role."""
    rows = role_weeks(ask, weeks, chosen)
    return rows.filter(pc.equal(rows["role"], role.value)) if rows.num_rows else rows


@cached
def last_week_by_role(ask: Ask, weeks: int, chosen: BranchFilter) -> tuple[dict[str, object], ...]:
    """Return the rows of `role_weeks` of the last week."""
    span, rows = week_span(ask, weeks), role_weeks(ask, weeks, chosen)
    if span is None or not rows.num_rows:
        return ()
    return tuple(rows.filter(pc.equal(rows["week_start"], pa.scalar(span.last, pa.date32()))).to_pylist())


@cached
def balance(ask: Ask, weeks: int, chosen: BranchFilter) -> pa.Table:
    """Return shortfall and over-contact by week, as `core.charts.cadence.balance_rows`."""
    rows = role_weeks(ask, weeks, chosen)
    return balance_rows(rows) if rows.num_rows else rows


@cached
def heat_map(ask: Ask, weeks: int, chosen: BranchFilter, roles: tuple[StaffRole, ...], page: int) -> pa.Table:
    """Return one page of branches by week, the furthest behind first; pages count from 1."""
    cadence = shown_weeks(ask, weeks, chosen)
    if cadence is None:
        return pa.table({})
    count = branches_a_page(weeks)
    chosen_roles = with_roles(cadence, roles)
    return cadence_views.branch_weeks(chosen_roles, first=(page - 1) * count, count=count)


@cached
def heat_map_pages(ask: Ask, weeks: int, chosen: BranchFilter) -> int:
    """Return how many pages the heat map has."""
    cadence = shown_weeks(ask, weeks, chosen)
    if cadence is None:
        return 0
    return -(-int(cadence.is_row.any(axis=(0, 2)).sum()) // branches_a_page(weeks))


def branches_a_page(weeks: int) -> int:
    """Return how many branches one page of the heat map holds."""
    return min(MOST_BRANCHES, CELLS // weeks)


@cached
def by_unit(ask: Ask, weeks: int, chosen: BranchFilter, unit: Unit) -> pa.Table:
    """Return sums by supervisor, region or bank over the complete weeks, as `core.cadence.weeks.unit_sums`."""
    span, cadence = week_span(ask, weeks), shown_weeks(ask, weeks, chosen)
    if span is None or cadence is None:
        return pa.table({})
    return cadence_views.unit_sums(cadence.complete() if span.unfinished else cadence, unit)


@cached
def not_reached(ask: Ask, since: date | None, chosen: BranchFilter, roles: Sequence[StaffRole]) -> pa.Table:
    """Return people without a contact of their own, as `db.cadence.people_not_reached`."""
    with reading(ask.store_url) as session:
        people = people_not_reached(session, actor=ask.actor, today=ask.today, since=since, roles=roles)
    if chosen == BranchFilter():
        return people
    return people.filter(pc.is_in(people["branch_code"], value_set=branches_shown(ask, chosen)["branch_code"]))


@cached
def unit_bars(ask: Ask, weeks: int, chosen: BranchFilter, unit: Unit) -> pa.Table:
    """Return the named units of `by_unit` with something due, the lowest first, with the share in words."""
    rows = by_unit(ask, weeks, chosen, unit)
    if not rows.num_rows:
        return rows
    named = rows.filter(pc.and_(pc.is_valid(rows["key"]), pc.is_valid(rows["attainment"]))).slice(0, MOST_UNITS)
    return named.append_column("label", pa.array([f"{share:.0%}" for share in named["attainment"].to_pylist()]))
