"""Facts that say where branches stand in the steps of the process, asked set by set.

One row per branch in scope that is not closed. What the store does not keep has no column.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.playbook import decision_action
from core.events.figures import is_told
from core.facts import Actor, BranchStatus, EventState, StaffRole, SuggestionState, UserRole
from core.planning.items import PlanKind
from core.steps.rules import step_rules
from core.survey.completeness import PartState, judged_parts
from db.access import branch_in_scope, scoped
from db.branch_history import only_branch
from db.models import (
    BranchEventRow,
    BranchRow,
    CoachingNoteRow,
    ContactWeekRow,
    SelfCheckRow,
    StageDecisionRow,
    SuggestionRow,
)
from db.planning_facts import work_in_sight
from db.playbook import playbook
from db.survey_facts import survey_facts

COACHED_ROLES = (StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.TELLER)
CONTACT_WEEKS = 26
"""Weeks of contacts that are looked at; an older one is long overdue anyway."""
DAYS = "datetime64[s]"


def step_facts(session: Session, *, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return the facts of `core/steps/steps.toml`, one row per branch by code.

    Also branch_id, branch_code, branch_name, supervisor and cooperation_start.
    """
    return _facts(session, actor, actor, as_of, branch_id=None)


def facts_of_branch(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> pd.DataFrame:
    """Return the facts of one branch as `step_facts`; no row where it is closed.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    return _facts(session, only_branch(actor, branch_id), actor, as_of, branch_id=branch_id)


def _facts(session: Session, narrow: Actor, actor: Actor, as_of: date, *, branch_id: int | None) -> pd.DataFrame:
    """Return the facts of the branches `narrow` sees; `actor` is whoever asks, where his role decides what he sees."""
    query = select(
        BranchRow.id, BranchRow.branch_code, BranchRow.branch_name, BranchRow.supervisor, BranchRow.cooperation_start
    ).where(BranchRow.status != BranchStatus.CLOSED)
    rows = [tuple(row) for row in session.execute(scoped(query, narrow, BranchRow.id).order_by(BranchRow.branch_code))]
    names = ["branch_id", "branch_code", "branch_name", "supervisor", "cooperation_start"]
    facts = pd.DataFrame(rows, columns=names).astype({"branch_id": "int64", "cooperation_start": DAYS})
    found = [question(session, narrow, as_of) for question in (_contacts, _actions, _events, _decisions, _checks)]
    found.append(_promises(session, narrow, as_of, shared_only=actor.role is UserRole.BRANCH_HEAD))
    if actor.role is not UserRole.BRANCH_HEAD:
        found.append(_plans(session, actor, as_of, branch_id=branch_id))
    found.append(_survey(session, actor, as_of, branch_id=branch_id))
    for each in found:
        facts = facts.join(each, on="branch_id")
    counts = [name for name in facts.columns if name.endswith(("_late", "_talks", "_unreported", "_open"))]
    return facts.fillna(dict.fromkeys(counts, 0.0))


def _frame(
    rows: Sequence[tuple[object, ...]], *, days: tuple[str, ...] = (), numbers: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return rows of branch_id, days and numbers as a frame by branch."""
    frame = pd.DataFrame(rows, columns=["branch_id", *days, *numbers]).set_index("branch_id")
    return frame.astype({**dict.fromkeys(days, DAYS), **dict.fromkeys(numbers, "float64")})


def _survey(session: Session, actor: Actor, as_of: date, *, branch_id: int | None) -> pd.DataFrame:
    """Return when a branch was surveyed last, how complete its file is, and how many parts are past their review.

    Of the sections the actor sees. Parts never surveyed are missing from the file, not past anything.
    """
    is_head = actor.role is UserRole.BRANCH_HEAD
    branch_ids = None if branch_id is None else [branch_id]
    facts = survey_facts(session, actor=actor, as_of=as_of, branch_ids=branch_ids)
    parts = judged_parts(facts, as_of=as_of, for_head=is_head)
    parts["is_due"] = parts["state"].isin([PartState.OVER.value, PartState.PEOPLE_CHANGED.value])
    sums = parts.groupby("branch_id").agg({"surveyed_on": "max", "filled": "sum", "required": "sum", "is_due": "sum"})
    return pd.DataFrame(
        {
            "survey_on": sums["surveyed_on"],
            "survey_share": (sums["filled"] / sums["required"]).where(sums["surveyed_on"].notna()),
            "survey_due": sums["is_due"].astype("float64"),
        }
    )


def _contacts(session: Session, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return the last day with the head and with a seller, and the in-depth contacts of the last weeks."""
    week, row = week_start_of(as_of), ContactWeekRow
    recent = week - timedelta(weeks=step_rules().windows.recent_days // 7)
    is_head = case((row.role == StaffRole.BRANCH_HEAD, 1), else_=0)
    asked = (
        row.week_start.between(week - timedelta(weeks=CONTACT_WEEKS), week),
        row.role.in_((StaffRole.BRANCH_HEAD, *COACHED_ROLES)),
    )
    asked_sums = (
        select(
            row.branch_id,
            is_head.label("is_head"),
            func.max(row.week_start).label("week_start"),
            func.sum(case((row.week_start >= recent, row.deep), else_=0)).label("talks"),
        )
        .where(*asked)
        .group_by(row.branch_id, is_head)
    )
    sums = scoped(asked_sums, actor, row.branch_id).subquery()
    query = (
        select(sums.c.branch_id, sums.c.is_head, sums.c.week_start, sums.c.talks, func.max(row.days_mask))
        .join(row, (row.branch_id == sums.c.branch_id) & (row.week_start == sums.c.week_start))
        .where(*asked, is_head == sums.c.is_head)
        .group_by(sums.c.branch_id, sums.c.is_head, sums.c.week_start, sums.c.talks)
    )
    rows = [tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))]
    found = pd.DataFrame(rows, columns=["branch_id", "is_head", "week_start", "talks", "mask"])
    last = np.floor(np.log2(np.maximum(found["mask"].to_numpy(dtype=np.float64), 1))).astype("timedelta64[D]")
    found["on"] = (found["week_start"].to_numpy().astype("datetime64[D]") + last).astype(DAYS)
    found = found.set_index("branch_id")
    head, sellers = found[found["is_head"] == 1], found[found["is_head"] == 0]
    both = pd.DataFrame({"head_on": head["on"], "head_talks": head["talks"].astype("float64")})
    return both.join(
        pd.DataFrame({"sellers_on": sellers["on"], "seller_talks": sellers["talks"].astype("float64")}), how="outer"
    )


def _actions(session: Session, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return for each step the last day an action was done, the last one taken on, and how many are overdue."""
    row = SuggestionRow
    is_open = (row.state == SuggestionState.TAKEN) & or_(row.expires_on.is_(None), row.expires_on >= as_of)
    query = (
        select(
            row.branch_id,
            row.action_key,
            func.max(case((row.state == SuggestionState.DONE, row.decided_on))),
            func.max(case((is_open, row.decided_on))),
            func.sum(case((is_open & (row.due_on < as_of), 1), else_=0)),
        )
        .where(row.state.in_((SuggestionState.TAKEN, SuggestionState.DONE)), row.decided_on <= as_of)
        .group_by(row.branch_id, row.action_key)
    )
    rows = [tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))]
    actions = (*playbook(session, as_of=as_of), decision_action())
    steps = {one.key: one.step.value for one in actions}
    found = pd.DataFrame(rows, columns=["branch_id", "action_key", "action_on", "taken_on", "late"])
    found["step"] = found["action_key"].map(steps)
    found = found.astype({"action_on": DAYS, "taken_on": DAYS, "late": "float64"})
    sums = found.groupby(["step", "branch_id"]).agg({"action_on": "max", "taken_on": "max", "late": "sum"})
    known = set(found["step"].dropna())
    columns: dict[str, pd.Series] = {}
    for step in step_rules().steps:
        of_step = sums.loc[step.key] if step.key in known else found.set_index("branch_id").iloc[:0]
        columns |= {f"{step.key}_{fact}": of_step[fact] for fact in ("action_on", "taken_on", "late")}
    return pd.DataFrame(columns)


def _promises(session: Session, actor: Actor, as_of: date, *, shared_only: bool) -> pd.DataFrame:
    """Return how many promises made in coaching sessions are past their day and still open.

    To a branch head a note that is not shared with him does not exist.
    """
    row = CoachingNoteRow
    query = select(row.branch_id, func.count()).where(row.kept.is_(None), row.due_on < as_of).group_by(row.branch_id)
    if shared_only:
        query = query.where(row.is_shared)
    rows = [tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))]
    return _frame(rows, numbers=("promises_late",))


def _plans(session: Session, actor: Actor, as_of: date, *, branch_id: int | None) -> pd.DataFrame:
    """Return of last week's plan lines those missed without a cause, and its Sunday where every line was checked."""
    week = week_start_of(as_of) - timedelta(weeks=1)
    checked = work_in_sight(
        session, actor=actor, week_start=week, today=as_of, kinds=tuple(PlanKind), branch_id=branch_id
    )
    rows = [
        (one.item.line.branch_id, float(one.is_unexplained)) for one in checked if one.item.line.branch_id is not None
    ]
    found = pd.DataFrame(rows, columns=["branch_id", "misses_open"]).groupby("branch_id").sum().astype("float64")
    sunday = np.datetime64(week + timedelta(days=6), "s")
    checked_on = np.where(found["misses_open"] == 0, sunday, np.datetime64("NaT", "s"))
    return found.assign(plan_checked_on=checked_on)


def _events(session: Session, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return the last event and project held, those nobody reported on, and the show-up."""
    row = BranchEventRow
    held = (row.state == EventState.HELD) & (row.day <= as_of)
    since = as_of - timedelta(days=step_rules().windows.show_up_days)
    counted = held & (row.day > since) & row.confirmed.is_not(None) & row.came.is_not(None)
    is_over = (row.state != EventState.CANCELLED) & (row.project_end_on < as_of) & row.project_result.is_(None)
    query = select(
        row.branch_id,
        func.max(case((held, row.day))),
        func.max(case((held & row.is_project, row.day))),
        func.sum(case(((row.state == EventState.PLANNED) & (row.day < as_of), 1), else_=0)),
        func.sum(case((is_over, 1), else_=0)),
        func.sum(case((counted, row.came))),
        func.sum(case((counted, row.confirmed))),
    ).group_by(row.branch_id)
    rows = [tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))]
    found = _frame(
        rows,
        days=("event_on", "project_on"),
        numbers=("events_unreported", "projects_open", "came", "confirmed"),
    )
    found["show_up"] = (found["came"] / found["confirmed"]).where(
        found["confirmed"].map(is_told) & (found["confirmed"] > 0)
    )
    return found.drop(columns=["came", "confirmed"])


def _decisions(session: Session, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return the last day somebody decided about the stage."""
    row = StageDecisionRow
    query = select(row.branch_id, func.max(row.decided_on)).where(row.decided_on <= as_of).group_by(row.branch_id)
    return _frame([tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))], days=("review_on",))


def _checks(session: Session, actor: Actor, as_of: date) -> pd.DataFrame:
    """Return the last day the head finished a self-check."""
    row = SelfCheckRow
    query = select(row.branch_id, func.max(row.finished_on)).where(row.finished_on <= as_of).group_by(row.branch_id)
    return _frame([tuple(each) for each in session.execute(scoped(query, actor, row.branch_id))], days=("check_on",))
