"""The six ones: the slots as shipped and as an administrator set them, and the events that keep them."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, EventState, UserRole
from core.steps.six_ones import MOST_TARGET, MOST_TITLE, Slot, SlotPeriod, countable, shipped_slots, slots_on
from db.access import require_role, scoped
from db.dated_rules import put_rule
from db.models import BranchEventRow, SixOneSlotRow


def six_one_slots(session: Session) -> tuple[Slot, ...]:
    """Return shipped and stored slots, by number and day."""
    stored = [
        Slot(
            slot=row.slot,
            counts=row.counts,
            period=SlotPeriod(row.period),
            target=row.target,
            title_en=row.title,
            title_zh=row.title,
            valid_from=row.valid_from,
            source_en=row.source,
            source_zh=row.source,
            is_stored=True,
            version=row.version,
        )
        for row in session.scalars(select(SixOneSlotRow))
    ]
    return tuple(sorted((*shipped_slots(), *stored), key=lambda one: (one.slot, one.is_stored, one.valid_from)))


def add_six_one_slot(
    session: Session,
    *,
    actor: Actor,
    slot: int,
    title: str,
    counts: str | None,
    period: SlotPeriod,
    target: int,
    valid_from: date,
    source: str,
    today: date,
    key: str,
    shown_version: int = 0,
) -> dict[str, Any]:
    """Set a slot from a day on, or free it with `counts` None; return the row's id.

    A row of the day that is still to come is replaced.

    Raises:
        NotAllowedError, ChangedByOtherError, RuleRefusedError, RefusedError: as `db.dated_rules.put_rule`.
        RefusedError: no such slot, nothing that can be counted, a target out of range, no title.
    """
    require_role(actor, UserRole.ADMIN)
    problems = list(text_problems("slot_title", title, most=MOST_TITLE, needed=counts is not None))
    if slot not in {one.slot for one in shipped_slots()}:
        problems.append(Problem(ProblemKey.NOT_A_CHOICE, "slot", {"value": slot}))
    if counts is not None and counts not in countable():
        problems.append(Problem(ProblemKey.EMPTY, "slot_counts"))
    if not 1 <= target <= MOST_TARGET:
        problems.append(Problem(ProblemKey.GUESTS, "slot_target", {"count": target, "most": MOST_TARGET}))
    if problems:
        raise RefusedError(problems)
    held = next((one for one in slots_on(six_one_slots(session), valid_from) if one.slot == slot), None)
    return put_rule(
        session,
        actor=actor,
        row=SixOneSlotRow(
            slot=slot,
            title=title.strip(),
            counts=counts,
            period=period.value,
            target=target,
            valid_from=valid_from,
            source=source,
        ),
        subject="six_one_slot",
        same=("slot",),
        told=("slot", "title", "counts", "period", "target", "valid_from", "source"),
        held={name: getattr(held, name) for name in ("counts", "period", "target")} if held else None,
        shown_version=shown_version,
        today=today,
        key=key,
    )


def held_events(
    session: Session, *, actor: Actor, start: date, end: date, branch_id: int | None = None
) -> pd.DataFrame:
    """Return the events held from `start` to before `end` at one branch, or at all in scope.

    Columns: branch_id, day (datetime), kind, is_project.
    """
    row = BranchEventRow
    query = select(row.branch_id, row.day, row.kind, row.is_project).where(
        row.state == EventState.HELD, row.day >= start, row.day < end
    )
    if branch_id is not None:
        query = query.where(row.branch_id == branch_id)
    rows = [tuple(each) for each in session.execute(scoped(query, actor, row.branch_id).order_by(row.id))]
    names = ["branch_id", "day", "kind", "is_project"]
    return pd.DataFrame(rows, columns=names).astype({"branch_id": "int64", "day": "datetime64[s]", "is_project": bool})
