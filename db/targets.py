"""Targets: the shipped rows and those an administrator stored over them. A row is never edited."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.cadence.targets import CadenceTarget, scope_of, shipped_targets, target_mistake
from core.facts import Actor, SizeTier, StaffRole, Stage, UserRole
from core.kpis.definitions import KpiTarget, kpi_definition, shipped_kpi_targets
from db.access import require_role
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.models import TargetRow
from db.settings import RuleRefusedError, check_new_row

CADENCE = "cadence"
KPI = "kpi"
MOST = Decimal(10) ** 10
"""The store keeps fourteen digits, four of them behind the point."""


def cadence_targets(session: Session) -> list[CadenceTarget]:
    """Return shipped and stored cadence targets, by role and day."""
    stored = [
        CadenceTarget(
            role=StaffRole(row.key),
            stage=Stage(row.stage) if row.stage else None,
            unit="day" if row.unit == "day" else "week",
            minimum=row.minimum,
            maximum=row.maximum,
            scope=scope_of(row.scope),
            valid_from=row.valid_from,
            source_en=row.source,
            source_zh=row.source,
            is_stored=True,
        )
        for row in session.scalars(select(TargetRow).where(TargetRow.subject == CADENCE))
    ]
    order = {role: number for number, role in enumerate(StaffRole)}
    return sorted([*shipped_targets(), *stored], key=lambda row: (order[row.role], row.valid_from, row.stage or ""))


def kpi_targets(session: Session) -> list[KpiTarget]:
    """Return shipped and stored KPI targets, by KPI and day."""
    stored = [
        KpiTarget(
            kpi=row.key,
            tier=SizeTier(row.tier) if row.tier else None,
            target=row.minimum,
            valid_from=row.valid_from,
            source_en=row.source,
            source_zh=row.source,
            is_stored=True,
        )
        for row in session.scalars(select(TargetRow).where(TargetRow.subject == KPI))
    ]
    return sorted([*shipped_kpi_targets(), *stored], key=lambda row: (row.kpi, row.valid_from, row.tier or ""))


def add_cadence_target(
    session: Session, *, actor: Actor, target: CadenceTarget, today: date, write_key: str
) -> dict[str, Any]:
    """Store a new cadence target and return its id; `source_en` is the source.

    Raises:
        NotAllowedError: the actor is no administrator.
        RuleRefusedError: `starts_in_the_past`, `source_missing`, `same_day_exists`, or what
            `core.cadence.targets.target_mistake` finds.
    """
    mistake = target_mistake(target)
    if mistake is not None:
        raise RuleRefusedError(mistake)
    row = TargetRow(
        subject=CADENCE,
        key=target.role,
        stage=target.stage,
        tier=None,
        unit=target.unit,
        minimum=target.minimum,
        maximum=target.maximum,
        scope=target.scope,
        valid_from=target.valid_from,
        source=target.source_en.strip(),
    )
    return _added(session, actor, row, today=today, write_key=write_key)


def add_kpi_target(session: Session, *, actor: Actor, target: KpiTarget, today: date, write_key: str) -> dict[str, Any]:
    """Store a new KPI target and return its id; `source_en` is the source.

    Raises:
        NotAllowedError: the actor is no administrator.
        LookupError: no such KPI.
        RuleRefusedError: `starts_in_the_past`, `source_missing`, `same_day_exists`, `out_of_range`.
    """
    kpi = kpi_definition(target.kpi)
    highest = Decimal(1) if kpi.unit == "share" else MOST
    if target.target is not None and not 0 <= target.target <= highest:
        raise RuleRefusedError("out_of_range")
    row = TargetRow(
        subject=KPI,
        key=target.kpi,
        stage=None,
        tier=target.tier,
        unit=kpi.unit,
        minimum=target.target,
        maximum=None,
        scope=None,
        valid_from=target.valid_from,
        source=target.source_en.strip(),
    )
    return _added(session, actor, row, today=today, write_key=write_key)


def _added(session: Session, actor: Actor, row: TargetRow, *, today: date, write_key: str) -> dict[str, Any]:
    require_role(actor, UserRole.ADMIN)
    before = first_result(session, key=write_key, actor=actor)
    if before is not None:
        return before
    check_new_row(valid_from=row.valid_from, source=row.source, today=today)
    same_day = select(TargetRow.id).where(
        TargetRow.subject == row.subject,
        TargetRow.key == row.key,
        TargetRow.valid_from == row.valid_from,
        TargetRow.stage.is_(None) if row.stage is None else TargetRow.stage == row.stage,
        TargetRow.tier.is_(None) if row.tier is None else TargetRow.tier == row.tier,
    )
    if session.scalar(same_day) is not None:
        raise RuleRefusedError("same_day_exists")
    row.changed_at, row.changed_by = utc_now(), account_of(actor)
    session.add(row)
    session.flush()
    after = {
        name: getattr(row, name)
        for name in ("subject", "key", "stage", "tier", "unit", "minimum", "maximum", "scope", "valid_from", "source")
    }
    record_audit(session, actor=actor, action="add", subject="target", subject_id=row.id, after=after)
    return keep_result(session, key=write_key, actor=actor, result={"id": row.id})
