"""The short questionnaire: anonymous sheets come in one by one and go out as means of a post, never singly."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, StaffRole
from core.survey.fields import survey_fields
from core.survey.sheets import SheetResult, sheet_problems, sheet_results
from db.access import branch_in_scope, require_role, scoped
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import SurveySheetRow


def questionnaire_results(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> tuple[SheetResult, ...]:
    """Return what the sheets of the short questionnaire came to by post; no means where too few answered."""
    since = as_of - timedelta(days=survey_fields().questionnaire.days)
    query = select(SurveySheetRow.role, SurveySheetRow.points).where(
        SurveySheetRow.branch_id == branch_id, SurveySheetRow.answered_on.between(since, as_of)
    )
    rows = session.execute(scoped(query, actor, SurveySheetRow.branch_id)).all()
    return sheet_results((StaffRole(role), points) for role, points in rows)


def record_sheet(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    role: str,
    points: dict[str, int],
    answered_on: date,
    today: date,
    key: str,
) -> None:
    """Keep one anonymous sheet of the short questionnaire.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: another post, an answer missing, a day ahead; the branch is closed.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    problems = list(sheet_problems(role, points))
    if answered_on > today:
        problems.append(Problem(ProblemKey.IN_FUTURE, "survey_day", {"day": answered_on, "today": today}))
    if branch.status == BranchStatus.CLOSED:
        problems.append(Problem(ProblemKey.CLOSED, "branch"))
    if problems:
        raise RefusedError(problems)
    row = SurveySheetRow(
        branch_id=branch.id,
        role=role,
        answered_on=answered_on,
        points={one.key: points[one.key] for one in survey_fields().questionnaire.questions},
        recorded_at=utc_now(),
        recorded_by=account_of(actor),
    )
    session.add(row)
    session.flush()
    after = {"branch": branch.branch_code, "role": role, "answered_on": answered_on}
    record_audit(
        session,
        actor=actor,
        action="record",
        subject="survey_sheet",
        subject_id=row.id,
        branch_id=row.branch_id,
        after=after,
    )
    keep_result(session, key=key, actor=actor, result={"sheet_id": row.id})
