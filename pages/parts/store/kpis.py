"""KPIs of a period by unit, for tracing a figure to what it is made of."""

from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from core.overview import Period, kpi_periods
from db.engine import reading
from db.kpis import PolicySpread, is_provisional, kpis_by, policy_spread
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import data_reach


@dataclass(frozen=True)
class KpiCut:
    """The period figures are shown for; `is_provisional` while cooling-off still runs for some of them."""

    start: date
    end: date
    is_provisional: bool


@cached
def latest_cut(ask: Ask) -> KpiCut | None:
    """Return the period the Overview shows; None without policies."""
    week = data_reach(ask).last_week
    if week is None:
        return None
    period: Period = kpi_periods(week)[0]
    return KpiCut(period.start, period.end, is_provisional(end=period.end, today=ask.today))


@cached
def month_cut(ask: Ask) -> KpiCut | None:
    """Return the last whole month the policies reach; None without policies."""
    last_policy_on = data_reach(ask).last_policy_on
    if last_policy_on is None:
        return None
    after = last_policy_on + timedelta(days=1)
    end = (after if after.day == 1 else last_policy_on.replace(day=1)) - timedelta(days=1)
    return KpiCut(end.replace(day=1), end, is_provisional(end=end, today=ask.today))


@cached
def kpi_values(ask: Ask, cut: KpiCut, by: str) -> pa.Table:
    """Return the KPIs of a period by unit, as `core.kpis.table.kpi_table`."""
    with reading(ask.store_url) as session:
        return kpis_by(session, actor=ask.actor, start=cut.start, end=cut.end, by=(by,), today=ask.today)[0]


@cached
def one_kpi(ask: Ask, cut: KpiCut, by: str, kpi: str) -> pa.Table:
    """Return the rows of one KPI."""
    rows = kpi_values(ask, cut, by)
    return rows.filter(pc.equal(rows["kpi"], kpi))


@cached
def spread(ask: Ask, cut: KpiCut) -> PolicySpread:
    """Return the median premium of the period, and the share of the largest policy."""
    with reading(ask.store_url) as session:
        return policy_spread(session, actor=ask.actor, start=cut.start, end=cut.end)
