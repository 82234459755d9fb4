"""Where the branches of the reader stand in the steps of the process, and how they kept the six ones."""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from core.portfolio import BranchFilter
from core.steps.judge import JudgedStep, judged_steps, steps_table
from core.steps.six_ones import Slot, SlotPeriod, SlotStatus, first_day_needed, slot_statuses, slots_kept, slots_on
from db import six_ones as rows
from db.engine import reading, writing
from db.steps import facts_of_branch, step_facts
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_shown


@cached
def steps_of_branches(ask: Ask) -> pa.Table:
    """Return one row per branch, as `core.steps.judge.steps_table`."""
    slots = six_ones(ask)
    with reading(ask.store_url) as session:
        facts = step_facts(session, actor=ask.actor, as_of=ask.today)
        events = rows.held_events(
            session, actor=ask.actor, start=first_day_needed(slots, ask.today), end=ask.today + timedelta(days=1)
        )
    kept, due = slots_kept(slots, events, facts, as_of=ask.today)
    return steps_table(facts, judged_steps(facts, as_of=ask.today), kept=kept, due=due)


@cached
def steps_shown(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the rows of the branches a filter lets through."""
    table = steps_of_branches(ask)
    if chosen == BranchFilter():
        return table
    kept = branches_shown(ask, chosen)["branch_id"]
    return table.filter(pc.is_in(table["branch_id"], value_set=kept.combine_chunks()))


@cached
def branch_steps(ask: Ask, branch_id: int) -> tuple[JudgedStep, ...]:
    """Return the steps of one branch; none where it is closed."""
    with reading(ask.store_url) as session:
        facts = facts_of_branch(session, actor=ask.actor, branch_id=branch_id, as_of=ask.today)
    return judged_steps(facts, as_of=ask.today) if len(facts) else ()


@cached
def branch_slots(ask: Ask, branch_id: int, since: date) -> tuple[SlotStatus, ...]:
    """Return how a branch stands with the six ones; `since` is the day its cooperation began."""
    slots = six_ones(ask)
    with reading(ask.store_url) as session:
        events = rows.held_events(
            session,
            actor=ask.actor,
            start=first_day_needed(slots, ask.today),
            end=ask.today + timedelta(days=1),
            branch_id=branch_id,
        )
    return slot_statuses(slots, events, branch_id=branch_id, since=since, as_of=ask.today)


@cached
def six_ones(ask: Ask) -> tuple[Slot, ...]:
    """Return the six slots that hold today."""
    return slots_on(slot_rows(ask), ask.today)


@cached
def slot_rows(ask: Ask) -> tuple[Slot, ...]:
    """Return all shipped and stored rows of the slots."""
    with reading(ask.store_url) as session:
        return rows.six_one_slots(session)


def add_slot(
    ask: Ask,
    *,
    slot: int,
    title: str,
    counts: str | None,
    period: SlotPeriod,
    target: int,
    valid_from: date,
    source: str,
    shown_version: int,
    key: str,
) -> bool:
    """Set a slot or free it; refusals as `db.six_ones.add_six_one_slot`."""
    with writing(ask.store_url) as session:
        rows.add_six_one_slot(
            session,
            actor=ask.actor,
            slot=slot,
            title=title,
            counts=counts,
            period=period,
            target=target,
            valid_from=valid_from,
            source=source,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
