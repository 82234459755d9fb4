"""Official totals of the company by month: entered from a statement, for the whole or for a region.

Administrators and managers enter and see them, each within his own scope; a figure of the same scope and months
is held against them, for whoever sees that figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.calendar import month_end
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, UserRole
from core.kpis.table import FEN_PER_CNY
from core.review.official import AMOUNT_FIELD, OfficialMeasure, OfficialTotal, whole_months
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError, require_role
from db.changes import account_of, check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.models import OfficialTotalRow
from db.review_scope import LEADERS, require_scope

MOST = {OfficialMeasure.SCALE_PREMIUM: 10**14, OfficialMeasure.POLICIES: 10**8}
"""A thousand billion yuan, a hundred million policies: more is a slip of the unit."""
SOURCE_LENGTH = 200


@dataclass(frozen=True)
class OfficialFigure:
    """What the statements of a period's months add up to: yuan or policies, and where they stand."""

    amount: float
    source: str


def official_totals(session: Session, *, actor: Actor) -> tuple[OfficialTotal, ...]:
    """Return the totals of the units in scope, the newest month first, the whole before its regions.

    Empty for supervisors and branch heads, who enter none.
    """
    row = OfficialTotalRow
    query = select(row).order_by(row.month_start.desc(), row.region_path, row.measure)
    if actor.role is UserRole.MANAGER and actor.region_path:
        below = row.region_path.startswith(actor.region_path + "/", autoescape=True)
        query = query.where(or_(row.region_path == actor.region_path, below))
    elif actor.role is not UserRole.ADMIN:
        return ()
    return tuple(_record(one) for one in session.scalars(query))


def official_figures(
    session: Session, *, actor: Actor, scope: ReviewScope, start: date, end: date
) -> dict[OfficialMeasure, OfficialFigure]:
    """Return what the statements say of a scope in a period, where they cover each of its whole months.

    Nothing for a period that begins or ends inside a month, and nothing for a team.

    Raises:
        NotAllowedError: the scope is not inside what the actor may see.
    """
    require_scope(session, actor=actor, scope=scope)
    months = whole_months(start, end)
    if scope.kind is ScopeKind.TEAM or not months:
        return {}
    row = OfficialTotalRow
    query = select(row).where(row.region_path == scope.key, row.month_start.in_(months)).order_by(row.month_start)
    by_measure: dict[OfficialMeasure, list[OfficialTotalRow]] = {}
    for one in session.scalars(query):
        by_measure.setdefault(OfficialMeasure(one.measure), []).append(one)
    return {measure: _added_up(measure, rows) for measure, rows in by_measure.items() if len(rows) == len(months)}


def record_official_total(
    session: Session,
    *,
    actor: Actor,
    scope: ReviewScope,
    measure: OfficialMeasure,
    month_start: date,
    amount: int,
    source: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Store or change the total of a month, in fen or policies.

    Raises:
        NotAllowedError: a scope that is not the actor's, a team, or neither manager nor administrator.
        ChangedByOtherError: somebody changed the month since it was shown (`shown_version` 0 = none shown).
        RefusedError: the month is not over, the amount is out of range, or no source is named.
    """
    _require_unit(session, actor, scope)
    if first_result(session, key=key, actor=actor) is not None:
        return
    month_start = month_start.replace(day=1)
    problems = _problems(measure, month_start=month_start, amount=amount, source=source, today=today)
    if problems:
        raise RefusedError(problems)
    lock_name(session, f"official_total {measure.value} {scope.key} {month_start}")
    row = session.get(OfficialTotalRow, (measure.value, scope.key, month_start), with_for_update=True)
    before = _shown(row) or None
    _check(session, scope, measure, month_start, row, shown_version=shown_version)
    if row is None:
        row = OfficialTotalRow(measure=measure.value, region_path=scope.key, month_start=month_start, version=0)
        session.add(row)
    row.amount, row.source = amount, source.strip()
    row.changed_at, row.changed_by = utc_now(), account_of(actor)
    row.version += 1
    record_audit(
        session,
        actor=actor,
        action="set",
        subject="official_total",
        subject_id=_name_of(row.region_path, row.month_start, row.measure),
        before=before,
        after=_shown(row),
    )
    keep_result(session, key=key, actor=actor, result={"version": row.version})


def remove_official_total(
    session: Session,
    *,
    actor: Actor,
    scope: ReviewScope,
    measure: OfficialMeasure,
    month_start: date,
    shown_version: int,
    key: str,
) -> None:
    """Take a total back that was entered by mistake; the audit trail keeps it.

    Raises:
        NotAllowedError: as for `record_official_total`.
        ChangedByOtherError: somebody changed or removed it since it was shown.
    """
    _require_unit(session, actor, scope)
    if first_result(session, key=key, actor=actor) is not None:
        return
    row = session.get(OfficialTotalRow, (measure.value, scope.key, month_start), with_for_update=True)
    _check(session, scope, measure, month_start, row, shown_version=shown_version)
    if row is None:
        return
    record_audit(
        session,
        actor=actor,
        action="remove",
        subject="official_total",
        subject_id=_name_of(row.region_path, row.month_start, row.measure),
        before=_shown(row),
    )
    session.delete(row)
    keep_result(session, key=key, actor=actor, result={"version": 0})


def _require_unit(session: Session, actor: Actor, scope: ReviewScope) -> None:
    require_role(actor, *LEADERS)
    if scope.kind is ScopeKind.TEAM:
        raise NotAllowedError("not one of your branches")
    require_scope(session, actor=actor, scope=scope)


def _problems(measure: OfficialMeasure, *, month_start: date, amount: int, source: str, today: date) -> list[Problem]:
    problems = []
    if month_end(month_start) >= today:
        problems.append(Problem(ProblemKey.IN_FUTURE, "month_start", {"day": month_end(month_start), "today": today}))
    if not 0 <= amount <= MOST[measure]:
        if measure is OfficialMeasure.SCALE_PREMIUM:
            problems.append(Problem(ProblemKey.AMOUNT, "premium", {"amount": amount / FEN_PER_CNY}))
        else:
            facts = {"value": amount, "least": 0, "most": MOST[measure]}
            problems.append(Problem(ProblemKey.OUT_OF_RANGE, "policies", facts))
    return [*problems, *text_problems("source", source, most=SOURCE_LENGTH, needed=True)]


def _added_up(measure: OfficialMeasure, rows: Sequence[OfficialTotalRow]) -> OfficialFigure:
    part = FEN_PER_CNY if measure is OfficialMeasure.SCALE_PREMIUM else 1
    return OfficialFigure(sum(row.amount for row in rows) / part, "; ".join(dict.fromkeys(row.source for row in rows)))


def _shown(row: OfficialTotalRow | None) -> dict[str, Any]:
    return {AMOUNT_FIELD[OfficialMeasure(row.measure)]: row.amount, "source": row.source} if row else {}


def _record(row: OfficialTotalRow) -> OfficialTotal:
    scope = ReviewScope(ScopeKind.REGION, row.region_path) if row.region_path else ReviewScope(ScopeKind.ALL)
    return OfficialTotal(OfficialMeasure(row.measure), scope, row.month_start, row.amount, row.source, row.version)


def _name_of(region_path: str, month_start: date, measure: str) -> str:
    return f"{region_path or 'all'} {month_start:%Y-%m} {measure}"


def _check(
    session: Session,
    scope: ReviewScope,
    measure: OfficialMeasure,
    month_start: date,
    row: OfficialTotalRow | None,
    *,
    shown_version: int,
) -> None:
    check_version(
        session,
        shown=shown_version,
        stored=row.version if row else 0,
        current=_shown(row),
        subject="official_total",
        subject_ids=[_name_of(scope.key, month_start, measure)],
    )
