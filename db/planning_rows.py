"""The rows of week plans as records, and who may see them: a plan is seen with the supervisor it belongs to.

A supervisor sees his own plans, a manager those of the supervisors of branches in his region, an
administrator all, a branch head none. A line about a branch outside the reader's scope is changed by others and
shown without its place: that it was planned and what became of it belongs to the plan, whoever has the branch now.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.facts import Actor, ContactMethod, StaffRole, UserRole
from core.planning.causes import NamedCause
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanItem, PlanKind, PlanLine, WeekPlan, told_line
from db.access import Columns, NotAllowedError, is_visible
from db.changes import ChangedByOtherError, last_change
from db.engine import plain_rows
from db.models import BranchRow, PlanItemRow, UserRow, WeekPlanRow

SUBJECT = "plan_item"
KINDS = tuple(PlanKind)
LINE_FIELDS = tuple(field.name for field in fields(PlanLine))


def owner_is_visible(actor: Actor, supervisor: InstrumentedAttribute[Any] | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition on rows of supervisors whose plans the actor may see."""
    match actor.role:
        case UserRole.ADMIN:
            return true()
        case UserRole.MANAGER if actor.region_path:
            return supervisor.in_(select(BranchRow.supervisor).where(is_visible(actor)))
        case UserRole.SUPERVISOR if actor.username:
            return supervisor == actor.username
        case _:
            return false()


def item_is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on lines the actor may see: those of seen plans about no branch or one in scope."""
    if actor.role is UserRole.ADMIN:
        return true()
    branches = select(BranchRow.id).where(is_visible(actor))
    return owner_is_visible(actor, WeekPlanRow.supervisor) & or_(
        PlanItemRow.branch_id.is_(None), PlanItemRow.branch_id.in_(branches)
    )


def line_is_in_sight(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on lines that concern the actor: those he may see, and any about a branch in his scope.

    The lines of a branch follow it: whoever looks after it now is shown what the plans of others still held for it.
    """
    if actor.role is UserRole.BRANCH_HEAD:
        return false()
    return item_is_visible(actor) | PlanItemRow.branch_id.in_(select(BranchRow.id).where(is_visible(actor)))


def line_is_known(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on lines the actor may be told of: all of the plans he may see, and those in his sight."""
    return owner_is_visible(actor, WeekPlanRow.supervisor) | line_is_in_sight(actor)


def is_handed_on() -> ColumnElement[bool]:
    """Return the condition on lines, with their plan and branch, whose branch is not the plan's owner's any more."""
    owner = BranchRow.supervisor
    return PlanItemRow.branch_id.is_not(None) & (owner.is_(None) | (owner != WeekPlanRow.supervisor))


def is_owner_known(session: Session, *, actor: Actor, supervisor: str) -> bool:
    """Tell whether the actor may see the plans of a supervisor: of one who has no branch any more, who had them then.

    They are his own, all to an administrator, and to a manager those with a line about a branch in his region.
    """
    if session.scalar(select(true()).where(owner_is_visible(actor, literal(supervisor)))):
        return True
    has_branch = select(BranchRow.id).where(BranchRow.supervisor == supervisor).limit(1)
    if actor.role is not UserRole.MANAGER or session.scalar(has_branch) is not None:
        return False
    branches = select(BranchRow.id).where(is_visible(actor))
    lines = select(PlanItemRow.id).join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
    then = lines.where(WeekPlanRow.supervisor == supervisor, PlanItemRow.branch_id.in_(branches)).limit(1)
    return session.scalar(then) is not None


def require_owner(session: Session, *, actor: Actor, supervisor: str) -> None:
    """Refuse a supervisor whose plans the actor may not see; the message is the same for one nobody knows.

    Raises:
        NotAllowedError: not a supervisor of the actor's.
    """
    if actor.role is UserRole.SUPERVISOR and actor.username == supervisor:
        return
    known = select(BranchRow.id).where(BranchRow.supervisor == supervisor, is_visible(actor)).limit(1)
    if actor.role not in (UserRole.ADMIN, UserRole.MANAGER) or session.scalar(known) is None:
        raise NotAllowedError("not one of your branches")


def lock_plans(session: Session, plan_ids: Collection[int]) -> dict[int, WeekPlanRow]:
    """Lock plans the caller checked for a change, and return them by key as they stand now.

    A plan is locked before any of its lines, several in one go, by week and key: who needs the same ones waits, and
    nobody waits for somebody who waits for him. New lines may point to what is locked so, they come from elsewhere.
    """
    query = select(WeekPlanRow).where(WeekPlanRow.id.in_(plan_ids)).order_by(WeekPlanRow.week_start, WeekPlanRow.id)
    return {row.id: row for row in session.scalars(_locked(query))}


def _locked(query: Select[*Columns]) -> Select[*Columns]:
    # what the session read before it waited for the lock is old
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


def plan_row(session: Session, *, supervisor: str, week_start: date) -> WeekPlanRow | None:
    """Return the plan of a supervisor the caller checked, locked for a change; None where there is none."""
    query = select(WeekPlanRow).where(WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start == week_start)
    return session.scalar(_locked(query))


def item_rows(
    session: Session,
    *,
    actor: Actor,
    item_ids: Collection[int],
    among: Callable[[Actor], ColumnElement[bool]] = item_is_visible,
    beside: Select[int] | None = None,
) -> list[tuple[PlanItemRow, WeekPlanRow]]:
    """Return lines with their plans by key, locked for a change, the plans first.

    `among` says which lines the actor may change so; `beside` asks for the plans that are locked with theirs.

    Raises:
        NotAllowedError: one is no line in the actor's scope.
        ChangedByOtherError: one was taken out.
    """
    joined = select(PlanItemRow).join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
    seen = joined.where(PlanItemRow.id.in_(item_ids), among(actor))
    wanted = set(session.scalars(seen.with_only_columns(PlanItemRow.plan_id, maintain_column_froms=True)))
    if beside is not None:
        wanted.update(session.scalars(beside))
    plans = lock_plans(session, wanted)
    rows = session.scalars(
        seen.order_by(PlanItemRow.id)
        .with_for_update(of=PlanItemRow, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(rows) < len(set(item_ids)):
        raise NotAllowedError("not one of your branches")
    for row in rows:
        if row.dropped_on is not None:
            by, at = last_change(session, subject=SUBJECT, subject_ids=[row.id])
            stands = {**told_line(line_of(row)), "dropped_on": row.dropped_on}
            raise ChangedByOtherError("taken out since", stands, subject=SUBJECT, version=row.version, by=by, at=at)
    return [(row, plans[row.plan_id]) for row in rows]


def item_row(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    among: Callable[[Actor], ColumnElement[bool]] = item_is_visible,
    beside: Select[int] | None = None,
) -> tuple[PlanItemRow, WeekPlanRow]:
    """Return one line and its plan as `item_rows` does, with the same refusals."""
    (found,) = item_rows(session, actor=actor, item_ids=[item_id], among=among, beside=beside)
    return found


Lines = Select[PlanItemRow, WeekPlanRow, str | None, str | None, str | None, bool, bool]
"""A question for lines with plan, code, name and supervisor of their branch, `is_handed_on` and `is_in_sight`."""


def all_items(actor: Actor) -> Lines:
    """Return the question for the lines in scope, those taken out before the lock too."""
    return _items(actor, item_is_visible(actor))


def items_in_sight(actor: Actor) -> Lines:
    """Return the question for the lines that concern the actor, those of others' plans about his branches too."""
    return _items(actor, line_is_in_sight(actor))


def items_known(actor: Actor) -> Lines:
    """Return the question for the lines the actor may be told of; where, only of those in sight."""
    return _items(actor, line_is_known(actor))


def _items(actor: Actor, condition: ColumnElement[bool]) -> Lines:
    branch = (
        BranchRow.branch_code,
        BranchRow.branch_name,
        BranchRow.supervisor.label("looked_after_by"),
        is_handed_on().label("is_handed_on"),
        or_(PlanItemRow.branch_id.is_(None), is_visible(actor)).label("is_in_sight"),
    )
    return (
        select(PlanItemRow, WeekPlanRow, *branch)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .outerjoin(BranchRow, BranchRow.id == PlanItemRow.branch_id)
        .where(condition)
    )


def still_there() -> ColumnElement[bool]:
    """Return the condition on lines that are on show: what was taken out before the lock is no more."""
    return or_(PlanItemRow.dropped_on.is_(None), PlanItemRow.is_dropped_late)


def items_found(session: Session, query: Lines) -> tuple[PlanItem, ...]:
    """Return the lines of a question: goals first, then by day, branch and key; lines without a day come last."""
    of_branch = list(query.selected_columns)[-5:]
    columns = (*PlanItemRow.__table__.columns, WeekPlanRow.week_start, WeekPlanRow.supervisor, *of_branch)
    plain = query.with_only_columns(*columns, maintain_column_froms=True)
    items = [item_of(row) for row in plain_rows(session, plain)]
    return tuple(sorted(items, key=_in_order))


def _in_order(item: PlanItem) -> tuple[bool, date, int, str, int]:
    line = item.line
    is_goal = line.kind is PlanKind.GOAL
    return not is_goal, line.day or date.max, KINDS.index(line.kind), item.branch_code or "", item.item_id


def item_of(row: Any) -> PlanItem:
    """Return a row of `plan_item`, with the columns of its plan and its branch, as a record."""
    return PlanItem(
        item_id=row.id,
        week_start=row.week_start,
        supervisor=row.supervisor,
        branch_code=row.branch_code,
        branch_name=row.branch_name,
        line=line_of(row),
        origin=ItemOrigin(row.origin),
        carried_from=row.carried_from,
        times_carried=row.times_carried,
        is_added_late=row.is_added_late,
        is_changed_late=row.is_changed_late,
        is_dropped=row.dropped_on is not None,
        ticked_on=row.ticked_on,
        tick_note=row.tick_note,
        cause=row.cause,
        cause_note=row.cause_note,
        adjustment=row.adjustment,
        adjustment_action=row.adjustment_action,
        version=row.version,
        more_causes=more_causes_of(row),
        looked_after_by=row.looked_after_by,
        is_handed_on=bool(row.is_handed_on),
        is_in_sight=bool(row.is_in_sight),
    )


def more_causes_of(row: PlanItemRow) -> tuple[NamedCause, ...]:
    """Return the second and the third cause of a miss, as far as they were named."""
    found = ((row.cause_2, row.cause_note_2), (row.cause_3, row.cause_note_3))
    return tuple(NamedCause(code, evidence or "") for code, evidence in found if code)


def line_of(row: PlanItemRow) -> PlanLine:
    """Return what a row plans."""
    return PlanLine(
        kind=PlanKind(row.kind),
        branch_id=row.branch_id,
        day=row.day,
        role=StaffRole(row.role) if row.role else None,
        topic=row.topic,
        method=ContactMethod(row.method) if row.method else None,
        action_key=row.action_key,
        suggestion_id=row.suggestion_id,
        event_kind=EventKind(row.event_kind) if row.event_kind else None,
        measure=GoalMeasure(row.measure) if row.measure else None,
        goal=row.goal,
        gap=row.gap,
        text=row.text,
    )


def plan_of(row: WeekPlanRow, approved_by: str | None) -> WeekPlan:
    """Return a plan as a record."""
    return WeekPlan(
        plan_id=row.id,
        supervisor=row.supervisor,
        week_start=row.week_start,
        started_at=row.started_at,
        approved_on=row.approved_on,
        approved_by=approved_by,
        approved_version=row.approved_version,
        approval_comment=row.approval_comment,
        version=row.version,
    )


def names_of(session: Session, supervisors: Sequence[str]) -> dict[str, str]:
    """Return the display names of those supervisors who have an account."""
    query = select(UserRow.username, UserRow.display_name).where(UserRow.username.in_(supervisors))
    return {row.username: row.display_name for row in session.execute(query)}
