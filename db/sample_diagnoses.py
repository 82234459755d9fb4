"""The diagnoses of gaps of the sample city: one of the demo manager's region that runs, one of the team, reviewed."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.calendar import last_complete_week
from core.facts import Actor
from core.planning.diagnosis import DiagnosedCause, DiagnosisEntry, Gap, gap_of
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, widest_scope
from core.sample.plan import names
from db.diagnoses import sight_of_gap
from db.diagnosis_changes import close_diagnosis, diagnose
from db.diagnosis_figures import branches_of_gap, figure_now
from db.review_cards import kpi_cards, review_span


def leave_diagnoses(session: Session, *, supervisor: Actor, manager: Actor, today: date) -> None:
    """Let the demo manager have diagnosed a gap some weeks ago, and the demo supervisor have reviewed one."""
    rows = names()["traces"]["diagnoses"]
    _leave(session, manager, rows["running"], today=today, key="sample-diagnosis-running")
    found = _leave(session, supervisor, rows["reviewed"], today=today, key="sample-diagnosis-reviewed")
    if found is None:
        return
    entry, diagnosis_id = found
    close_diagnosis(
        session,
        actor=supervisor,
        diagnosis_id=diagnosis_id,
        result=rows["reviewed"]["result"],
        lesson=rows["reviewed"]["lesson"],
        figure=figure_now(
            session, actor=supervisor, scope=entry.scope, branch_id=None, gap=entry.gap, today=entry.review_on
        ),
        shown_version=1,
        today=entry.review_on,
        key="sample-diagnosis-review",
    )


def _leave(
    session: Session, actor: Actor, row: dict[str, Any], *, today: date, key: str
) -> tuple[DiagnosisEntry, int] | None:
    """Diagnose the first of some KPIs that was below its target on a day before; None where none was."""
    day = today - timedelta(days=row["days_ago"])
    scope = widest_scope(actor)
    gap = _gap(session, actor, scope, row["kpis"], day)
    if gap is None:
        return None
    behind = [
        one.branch_id
        for one in branches_of_gap(session, actor=actor, scope=scope, branch_id=None, gap=gap, today=day)
        if one.is_behind
    ]
    causes, first = [], 0
    for one in row["causes"]:
        acting = tuple(behind[first : first + one["branches"]])
        first += one["branches"]
        causes.append(
            DiagnosedCause(one["cause"], one["evidence"], one["action"] if acting else None, acting, one["words"])
        )
    entry = DiagnosisEntry(
        gap=gap,
        scope=scope,
        branch_id=None,
        causes=tuple(causes),
        owner=actor.username,
        due_on=day + timedelta(days=row["due_days"]),
        expected=row["expected"],
        review_on=day + timedelta(days=row["review_days"]),
    )
    return entry, diagnose(session, actor=actor, entry=entry, today=day, key=key).diagnosis_id


def _gap(session: Session, actor: Actor, scope: ReviewScope, kpis: list[str], day: date) -> Gap | None:
    """Return the gap of the first KPI that has one, over the four weeks before a day."""
    seen, kind = sight_of_gap(session, actor=actor, scope=scope, branch_id=None), PeriodKind.FOUR_WEEKS
    span = review_span(session, actor=seen, kind=kind, week_start=last_complete_week(day), today=day)
    cards = kpi_cards(session, actor=actor, seen=seen, span=span, kpis=kpis, today=day)
    return next((gap for card in cards if (gap := gap_of(card, kind))), None)
