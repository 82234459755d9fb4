"""Since which week each early warning has held at a branch, kept as the stages are brought up to the facts.

The stored stages carry warnings in their last week alone: what began when would be lost with the next one.
"""

from datetime import date

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from core.facts import Actor, Badge
from core.today.rules import today_rules
from db.access import scoped
from db.models import StageWeekRow, WarningSinceRow

Key = tuple[int, str]


def keep_warnings(session: Session, *, last_week: date | None) -> None:
    """Note the warnings that came up with the last week, and forget those that ended; the week may have moved back."""
    wanted = {badge.value for badge in today_rules().warning_badges}
    present: set[Key] = set()
    if last_week is not None:
        marked = select(StageWeekRow.branch_id, StageWeekRow.badges).where(
            StageWeekRow.week_start == last_week, StageWeekRow.badges != ""
        )
        for branch_id, badges in session.execute(marked):
            present.update((branch_id, badge) for badge in wanted.intersection(badges.split(",")))
    row = WarningSinceRow
    kept = {(one.branch_id, one.badge): one for one in session.scalars(select(row))}
    for key in kept.keys() - present:
        session.delete(kept[key])
    session.flush()
    new = [{"branch_id": key[0], "badge": key[1], "week_start": last_week} for key in sorted(present - kept.keys())]
    if new:
        session.execute(insert(row), new)
    if last_week is not None:
        later = [key for key, one in kept.items() if key in present and one.week_start > last_week]
        if later:
            session.execute(update(row).where(tuple_(row.branch_id, row.badge).in_(later)).values(week_start=last_week))


def warnings_since(session: Session, *, actor: Actor) -> dict[tuple[int, Badge], date]:
    """Return the Monday of the first week of each warning that holds at the branches in scope."""
    row = WarningSinceRow
    rows = session.execute(scoped(select(row.branch_id, row.badge, row.week_start), actor, row.branch_id))
    return {(branch_id, Badge(badge)): week for branch_id, badge, week in rows}
