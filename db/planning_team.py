"""The weeks of a team: how each supervisor's plan stands, and the manager's approval of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, BranchStatus, UserRole
from core.planning.feedback import FeedbackRate, feedback_rate
from core.planning.items import WeekPlan
from core.planning.lock import day_of, is_locked
from core.planning.rules import plan_rules_on
from core.planning.summary import PlanStanding, PlanSummary, plan_summary, standing
from db.access import is_visible, require_role
from db.calendar_days import working_calendar
from db.changes import account_of, check_version, first_result, keep_result, record_audit
from db.models import BranchRow, PlanItemRow, UserRow, WeekPlanRow
from db.planning_days import feedback_between
from db.planning_facts import checked_by_owner
from db.planning_rows import is_owner_known, names_of, plan_of, plan_row, require_owner


@dataclass(frozen=True)
class TeamWeek:
    """The week of one supervisor as his manager sees it; `name` None = without an account.

    `handed` are the misses without a cause in plans of others, at branches he has now.
    """

    supervisor: str
    name: str | None
    branches: int
    plan: WeekPlan | None
    standing: PlanStanding
    summary: PlanSummary
    feedback: FeedbackRate
    handed: int = 0

    @property
    def unexplained(self) -> int:
        """The misses without a cause he is asked about."""
        return self.summary.unexplained + self.handed


def approve_plan(
    session: Session,
    *,
    actor: Actor,
    supervisor: str,
    week_start: date,
    shown_version: int,
    comment: str | None,
    now: datetime,
    key: str,
) -> None:
    """Approve a plan as it was shown, with a comment; a later change of its lines leaves the approval behind.

    Raises:
        NotAllowedError: not a supervisor of the actor's; neither a manager nor an administrator.
        ChangedByOtherError: the plan changed since it was shown, or somebody approved it meanwhile.
        RefusedError: there is no plan, or the comment may not be stored.
    """
    require_role(actor, UserRole.ADMIN, UserRole.MANAGER)
    require_owner(session, actor=actor, supervisor=supervisor)
    if first_result(session, key=key, actor=actor) is not None:
        return
    plan = plan_row(session, supervisor=supervisor, week_start=week_start)
    today = day_of(now)
    problems = list(text_problems("approval", comment, most=plan_rules_on(today).text_most_characters))
    if plan is None:
        raise RefusedError([Problem(ProblemKey.NO_PLAN, "week"), *problems])
    before = {"comment": plan.approval_comment, "approved_on": plan.approved_on}
    changed = [plan.id]
    if plan.approved_version != plan.version:  # the last change was one of its lines
        changed = list(session.scalars(select(PlanItemRow.id).where(PlanItemRow.plan_id == plan.id)))
    check_version(
        session,
        shown=shown_version,
        stored=plan.version,
        current=before,
        subject="week_plan" if plan.approved_version == plan.version else "plan_item",
        subject_ids=changed,
        said_as="week_plan",
    )
    if problems:
        raise RefusedError(problems)
    plan.approved_on, plan.approved_by = today, account_of(actor)
    plan.version += 1  # of two who approve at once, the second sees the comment of the first
    plan.approved_version, plan.approval_comment = plan.version, (comment or "").strip() or None
    after = {"comment": plan.approval_comment, "approved_on": today, "version": plan.version}
    record_audit(
        session, actor=actor, action="approve", subject="week_plan", subject_id=plan.id, before=before, after=after
    )
    keep_result(session, key=key, actor=actor, result={"plan_id": plan.id})


def team_weeks(session: Session, *, actor: Actor, week_start: date, now: datetime) -> tuple[TeamWeek, ...]:
    """Return the week of every supervisor in scope, by user name; those without a plan are there too.

    Empty for a branch head.
    """
    if actor.role is UserRole.BRANCH_HEAD:
        return ()
    calendar = working_calendar(session)
    query = (
        select(BranchRow.supervisor, func.count())
        .where(is_visible(actor), BranchRow.supervisor.is_not(None), BranchRow.status != BranchStatus.CLOSED)
        .group_by(BranchRow.supervisor)
    )
    owners = {owner or "": count for owner, count in session.execute(query)}
    lines = checked_by_owner(session, actor=actor, week_start=week_start, today=day_of(now))
    for owner in sorted(lines.keys() - owners.keys()):  # who gave all his branches away since
        if is_owner_known(session, actor=actor, supervisor=owner):
            owners[owner] = 0
    plans = {
        row.supervisor: plan_of(row, name)
        for row, name in session.execute(
            select(WeekPlanRow, UserRow.display_name)
            .outerjoin(UserRow, UserRow.id == WeekPlanRow.approved_by)
            .where(WeekPlanRow.week_start == week_start, WeekPlanRow.supervisor.in_(owners))
        )
    }
    written = feedback_between(session, actor=actor, first=week_start, last=week_start + timedelta(days=6))
    handed = Counter(
        one.item.looked_after_by
        for one in chain.from_iterable(lines.values())
        if one.item.is_handed_on and one.is_unexplained
    )
    names = names_of(session, list(owners))
    locked = is_locked(week_start, now=now, calendar=calendar)
    return tuple(
        TeamWeek(
            supervisor=owner,
            name=names.get(owner),
            branches=owners[owner],
            plan=plans.get(owner),
            standing=standing(plans.get(owner), locked=locked),
            summary=plan_summary(lines.get(owner, ()), week_start=week_start, calendar=calendar, plan=plans.get(owner)),
            feedback=feedback_rate(
                week_start,
                {one.day: one for one in written if one.supervisor == owner},
                now=now,
                calendar=calendar,
            ),
            handed=handed[owner],
        )
        for owner in sorted(owners)
    )
