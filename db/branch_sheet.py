"""What is worth knowing before a visit, read in one go: the facts of `core.reports.branch_sheet`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week, week_start_of
from core.facts import Actor, CadenceStatus, StaffRole, SuggestionState, UserRole
from core.reports.branch_sheet import (
    SHEET_WEEKS,
    BranchSheet,
    ContactDue,
    OpenAction,
    OpenCommitment,
    Standing,
)
from core.review.figures import Indicator
from core.self_check.comparison import Difference, differences
from core.stages.review import is_in_force
from core.survey.completeness import judged_parts, survey_standing
from db.access import branch_in_scope, scoped
from db.branch_history import cadence_of_branch, find_verdict, only_branch, weekly_path
from db.branches import find_branch
from db.coaching import actions_of, suggestions_of
from db.coaching_notes import open_commitments
from db.models import ContactRow
from db.review_weakest import branch_indicators
from db.self_checks import branch_record, checks_of_branch
from db.stage_reviews import decisions_of
from db.survey_facts import survey_facts

WEEK = timedelta(weeks=1)


def branch_sheet(session: Session, *, actor: Actor, branch_id: int, today: date) -> BranchSheet:
    """Return the facts of the page about a branch as of today.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    row = branch_in_scope(session, actor=actor, branch_id=branch_id)
    branch = find_branch(session, actor=actor, branch_code=row.branch_code)
    if branch is None:
        raise LookupError(f"branch {branch_id} has a row and no record")
    start = last_complete_week(today) - (SHEET_WEEKS - 1) * WEEK
    path = weekly_path(session, actor=actor, branch_id=branch_id, start=start, end=week_start_of(today))
    facts = survey_facts(session, actor=actor, as_of=today, branch_ids=[branch_id])
    for_head = actor.role is UserRole.BRANCH_HEAD
    return BranchSheet(
        branch=branch,
        as_of=today,
        standing=_standing(session, actor=actor, branch_id=branch_id, today=today),
        weeks=tuple(zip(path["week_start"].to_pylist(), path["policies"].to_pylist(), strict=True)),
        contacts=_contacts(session, actor=actor, branch_id=branch_id, today=today),
        actions=tuple(
            OpenAction(one.action_key, one.due_on, one.facts)
            for one in actions_of(session, actor=actor, branch_id=branch_id, today=today)
            if one.state is SuggestionState.TAKEN
        ),
        commitments=tuple(
            OpenCommitment(one.entry.will, one.entry.role, one.entry.due_on)
            for one in open_commitments(session, actor=actor, branch_id=branch_id)
        ),
        indicators=_indicators(session, actor=actor, branch_id=branch_id, today=today),
        differences=_differences(session, actor=actor, branch_id=branch_id),
        survey=survey_standing(judged_parts(facts, as_of=today, for_head=for_head)),
        suggestions=tuple(suggestions_of(session, actor=actor, branch_id=branch_id, as_of=today)),
    )


def _standing(session: Session, *, actor: Actor, branch_id: int, today: date) -> Standing | None:
    verdict = find_verdict(session, actor=actor, branch_id=branch_id, as_of=today)
    if verdict is None:
        return None
    found = Standing(verdict.stage, verdict.since, verdict.reason_key, verdict.facts, verdict.badges)
    latest = next(iter(decisions_of(session, actor=actor, branch_id=branch_id, as_of=today)), None)
    if latest and is_in_force(latest, day=today):
        return replace(found, by_hand=latest.stage, by_hand_until=latest.end_on)
    return found


def _contacts(session: Session, *, actor: Actor, branch_id: int, today: date) -> tuple[ContactDue, ...]:
    """Return the roles with a target this week, in their order."""
    week = week_start_of(today)
    rows = cadence_of_branch(session, actor=actor, branch_id=branch_id, first_week=week, last_week=week, today=today)
    due = rows[rows["status"] != CadenceStatus.NOT_DUE]
    last = _last_contacts(session, actor=actor, branch_id=branch_id)
    return tuple(
        ContactDue(StaffRole(role), int(target), int(done), *last.get(role, (None, None)))
        for role, target, done in zip(due["role"], due["target_min"], due["done"], strict=True)
    )


def _last_contacts(session: Session, *, actor: Actor, branch_id: int) -> dict[str, tuple[date, str | None]]:
    """Return day and next step of the last contact with each role; a branch head reads no next step."""
    place = func.row_number().over(
        partition_by=ContactRow.role, order_by=(ContactRow.contact_on.desc(), ContactRow.id.desc())
    )
    query = select(ContactRow.role, ContactRow.contact_on, ContactRow.next_step, place.label("place"))
    numbered = scoped(query.where(ContactRow.branch_id == branch_id), actor, ContactRow.branch_id).subquery()
    rows: Sequence[tuple[str, date, str | None]] = session.execute(
        select(numbered.c.role, numbered.c.contact_on, numbered.c.next_step).where(numbered.c.place == 1)
    ).all()
    is_head = actor.role is UserRole.BRANCH_HEAD
    return {role: (day, None if is_head else step) for role, day, step in rows}


def _indicators(session: Session, *, actor: Actor, branch_id: int, today: date) -> tuple[Indicator, ...]:
    """Return what the branch lags in most over the weeks a review judges it by."""
    narrow, week = only_branch(actor, branch_id), last_complete_week(today)
    rows = branch_indicators(session, actor=narrow, week_start=week, as_of=today).to_pylist()
    return tuple(Indicator(row["kpi"], row["value"], row["target"], row["lag"]) for row in rows)


def _differences(session: Session, *, actor: Actor, branch_id: int) -> tuple[Difference, ...]:
    """Return where the latest finished self-check and the records of that day differ."""
    checks = checks_of_branch(session, actor=actor, branch_id=branch_id)
    if not checks or checks[0].finished_on is None:
        return ()
    record = branch_record(session, actor=actor, branch_id=branch_id, as_of=checks[0].finished_on)
    return differences(checks[0].values, record)
