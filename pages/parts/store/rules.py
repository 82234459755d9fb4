"""The rules as they run: targets, settings, calendar; and the forms of an administrator that add to them."""

from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa

from core.cadence.targets import CadenceScope, CadenceTarget, CadenceUnit
from core.calendar import PUBLISHED_YEARS, WorkingCalendar, weeks_between
from core.facts import SizeTier, StaffRole, Stage
from core.kpis.definitions import KpiTarget
from core.language import Language
from core.settings import Setting
from db import calendar_days as days
from db import settings as setting_rows
from db import targets as target_rows
from db.dated_rules import RuleRefusedError
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached

__all__ = ["RuleRefusedError"]


@cached
def cadence_targets(ask: Ask, language: Language) -> pa.Table:
    """Return all cadence targets by role and day.

    Columns: role, stage, unit, minimum, maximum, scope, valid_from, source, made, version.
    `stage` any where it holds for every stage, `scope` setting where the setting decides; `made` is
    shipped or stored; `minimum` null ends the target.
    """
    with reading(ask.store_url) as session:
        rows = target_rows.cadence_targets(session)
    return pa.table(
        {
            "role": pa.array([row.role.value for row in rows], pa.string()),
            "stage": pa.array([row.stage.value if row.stage else "any" for row in rows], pa.string()),
            "unit": pa.array([row.unit for row in rows], pa.string()),
            "minimum": pa.array([_number(row.minimum) for row in rows], pa.float64()),
            "maximum": pa.array([_number(row.maximum) for row in rows], pa.float64()),
            "scope": pa.array([row.scope or "setting" for row in rows], pa.string()),
            "valid_from": pa.array([row.valid_from for row in rows], pa.date32()),
            "source": pa.array([row.source(language) for row in rows], pa.string()),
            "made": pa.array(["stored" if row.is_stored else "shipped" for row in rows], pa.string()),
            "version": pa.array([row.version for row in rows], pa.int64()),
        }
    )


@cached
def kpi_targets(ask: Ask) -> tuple[KpiTarget, ...]:
    """Return all KPI targets by KPI and day."""
    with reading(ask.store_url) as session:
        return tuple(target_rows.kpi_targets(session))


@cached
def settings(ask: Ask) -> tuple[Setting, ...]:
    """Return all settings by key and day."""
    with reading(ask.store_url) as session:
        return tuple(setting_rows.settings(session))


@cached
def calendar_days(ask: Ask) -> pa.Table:
    """Return the days set over the statutory calendar, as `db.calendar_days.calendar_days`."""
    with reading(ask.store_url) as session:
        return days.calendar_days(session)


@cached
def odd_weeks(ask: Ask, year: int) -> pa.Table:
    """Return the weeks of a year without exactly five working days.

    Columns: week_start (a week belongs to the year of its Monday), workdays, off and work (days of
    Monday to Friday off, days of the weekend worked, as text).
    """
    with reading(ask.store_url) as session:
        calendar = days.working_calendar(session)
    weeks = [week for week in weeks_between(date(year, 1, 1), date(year, 12, 31)) if week.year == year]
    odd = [week for week in weeks if calendar.workdays(week) != 5]
    return pa.table(
        {
            "week_start": pa.array(odd, pa.date32()),
            "workdays": pa.array([calendar.workdays(week) for week in odd], pa.int64()),
            "off": pa.array([_days(calendar, week, range(5), is_work=False) for week in odd], pa.string()),
            "work": pa.array([_days(calendar, week, range(5, 7), is_work=True) for week in odd], pa.string()),
        }
    )


def is_published(year: int) -> bool:
    """Tell whether the statutory calendar of a year is published."""
    return year in PUBLISHED_YEARS


def _days(calendar: WorkingCalendar, week: date, numbers: range, *, is_work: bool) -> str | None:
    found = [week + timedelta(days=number) for number in numbers]
    return ", ".join(f"{day:%m-%d}" for day in found if calendar.is_workday(day) is is_work) or None


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def add_cadence_target(
    ask: Ask,
    *,
    role: StaffRole,
    stage: Stage | None,
    unit: CadenceUnit,
    minimum: Decimal | None,
    maximum: Decimal | None,
    scope: CadenceScope | None,
    valid_from: date,
    source: str,
    shown_version: int,
    key: str,
) -> bool:
    """Store or replace a cadence target; refusals as `db.targets.add_cadence_target`."""
    target = CadenceTarget(role, stage, unit, minimum, maximum, scope, valid_from, source, source, is_stored=True)
    with writing(ask.store_url) as session:
        target_rows.add_cadence_target(
            session, actor=ask.actor, target=target, shown_version=shown_version, today=ask.today, write_key=key
        )
    return True


def add_kpi_target(
    ask: Ask,
    *,
    kpi: str,
    tier: SizeTier | None,
    target: Decimal | None,
    valid_from: date,
    source: str,
    shown_version: int,
    key: str,
) -> bool:
    """Store or replace a KPI target; refusals as `db.targets.add_kpi_target`."""
    row = KpiTarget(kpi, tier, target, valid_from, source, source, is_stored=True)
    with writing(ask.store_url) as session:
        target_rows.add_kpi_target(
            session, actor=ask.actor, target=row, shown_version=shown_version, today=ask.today, write_key=key
        )
    return True


def set_calendar_day(
    ask: Ask, *, day: date, kind: str, name: str, source: str, shown_version: int, key: str, reason: str = ""
) -> bool:
    """Set a day off or to work; refusals as `db.calendar_days.set_calendar_day`."""
    with writing(ask.store_url) as session:
        days.set_calendar_day(
            session,
            actor=ask.actor,
            day=day,
            kind=kind,
            name=name,
            source=source,
            shown_version=shown_version,
            today=ask.today,
            write_key=key,
            reason=reason,
        )
    return True


def add_setting(
    ask: Ask, *, name: str, value: str, valid_from: date, source: str, shown_version: int, key: str
) -> bool:
    """Store or replace a value of a setting; refusals as `db.settings.add_setting`."""
    with writing(ask.store_url) as session:
        setting_rows.add_setting(
            session,
            actor=ask.actor,
            key=name,
            value=value,
            valid_from=valid_from,
            source=source,
            shown_version=shown_version,
            today=ask.today,
            write_key=key,
        )
    return True
