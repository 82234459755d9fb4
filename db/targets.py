"""Targets: the shipped rows and those an administrator stored over them. A row in force is never edited."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.cadence.targets import CadenceTarget, scope_of, shipped_targets, target_in_force, target_mistake
from core.facts import Actor, SizeTier, StaffRole, Stage
from core.kpis.definitions import KpiTarget, kpi_definition, kpi_target_on, shipped_kpi_targets
from db.dated_rules import RuleRefusedError, put_rule
from db.models import TargetRow

CADENCE = "cadence"
KPI = "kpi"
SUBJECT = "target"
SAME = ("subject", "key", "stage", "tier")
TOLD = (*SAME, "unit", "minimum", "maximum", "scope", "valid_from", "source")
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
            version=row.version,
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
            version=row.version,
        )
        for row in session.scalars(select(TargetRow).where(TargetRow.subject == KPI))
    ]
    return sorted([*shipped_kpi_targets(), *stored], key=lambda row: (row.kpi, row.valid_from, row.tier or ""))


def add_cadence_target(
    session: Session, *, actor: Actor, target: CadenceTarget, today: date, write_key: str, shown_version: int = 0
) -> dict[str, Any]:
    """Store a cadence target, or replace one of its day that is still to come; `source_en` is the source.

    Raises:
        NotAllowedError, ChangedByOtherError, RuleRefusedError, RefusedError: as `db.dated_rules.put_rule`.
        RuleRefusedError: what `core.cadence.targets.target_mistake` finds.
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
        source=target.source_en,
    )
    held = target_in_force(cadence_targets(session), role=target.role, stage=target.stage, week_start=target.valid_from)
    return put_rule(
        session,
        actor=actor,
        row=row,
        subject=SUBJECT,
        same=SAME,
        told=TOLD,
        held={name: getattr(held, name) for name in ("unit", "minimum", "maximum", "scope")} if held else None,
        shown_version=shown_version,
        today=today,
        key=write_key,
    )


def add_kpi_target(
    session: Session, *, actor: Actor, target: KpiTarget, today: date, write_key: str, shown_version: int = 0
) -> dict[str, Any]:
    """Store a KPI target, or replace one of its day that is still to come; `source_en` is the source.

    Raises:
        NotAllowedError, ChangedByOtherError, RuleRefusedError, RefusedError: as `db.dated_rules.put_rule`.
        LookupError: no such KPI.
        RuleRefusedError: `out_of_range`.
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
        source=target.source_en,
    )
    held = kpi_target_on(kpi_targets(session), kpi=target.kpi, tier=target.tier, day=target.valid_from)
    return put_rule(
        session,
        actor=actor,
        row=row,
        subject=SUBJECT,
        same=SAME,
        told=TOLD,
        held=None if held is None else {"unit": kpi.unit, "minimum": held},
        shown_version=shown_version,
        today=today,
        key=write_key,
    )
