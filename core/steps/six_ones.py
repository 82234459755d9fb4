"""The six ones: which slots there are on a day, and how a branch kept them in a period.

The playbook names two of the six; the others are free. An administrator may set each of them anew. Shipped slots
are rows of `six_ones.csv`; stored rows win over them, the later over the earlier. A free slot is never a failure.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.calendar import week_start_of
from core.events.rules import event_rules
from core.language import Language

SLOTS_FILE = Path(__file__).with_name("six_ones.csv")
PROJECT, ANY_EVENT = "project", "event"
"""What a slot may count beside the kinds of event."""
MOST_TARGET, MOST_TITLE = 20, 60
IntArray = NDArray[np.int64]


class SlotPeriod(StrEnum):
    """How often a slot is to be kept."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class SlotState(StrEnum):
    """How a branch stands with a slot."""

    FREE = "free"
    KEPT = "kept"
    OPEN = "open"
    MISSED = "missed"


@dataclass(frozen=True)
class Slot:
    """What a slot asks for from a day on; `counts` None = free."""

    slot: int
    counts: str | None
    period: SlotPeriod
    target: int
    title_en: str
    title_zh: str
    valid_from: date
    source_en: str
    source_zh: str
    is_stored: bool = False
    version: int = 0

    def title(self, language: Language) -> str:
        """Return what the slot is called, empty where it is free."""
        return self.title_zh if language == "zh" else self.title_en

    def source(self, language: Language) -> str:
        """Return where the slot comes from."""
        return self.source_zh if language == "zh" else self.source_en


@dataclass(frozen=True)
class SlotStatus:
    """A slot of a branch: kept so often in the present period and in the one before.

    `is_due_before` = the branch was there for the whole period before.
    """

    slot: Slot
    now: int
    before: int
    is_due_before: bool

    @property
    def state(self) -> SlotState:
        """How the present period stands; it is never missed before it is over."""
        if self.slot.counts is None:
            return SlotState.FREE
        return SlotState.KEPT if self.now >= self.slot.target else SlotState.OPEN

    @property
    def state_before(self) -> SlotState | None:
        """How the period before ended, None where it was not due."""
        if self.slot.counts is None or not self.is_due_before:
            return None
        return SlotState.KEPT if self.before >= self.slot.target else SlotState.MISSED


@cache
def shipped_slots() -> tuple[Slot, ...]:
    """Return the slots as shipped, by number."""
    with SLOTS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Slot(
                slot=int(row["slot"]),
                counts=row["counts"] or None,
                period=SlotPeriod(row["period"]),
                target=int(row["target"]),
                title_en=row["title_en"],
                title_zh=row["title_zh"],
                valid_from=date.fromisoformat(row["valid_from"]),
                source_en=row["source_en"],
                source_zh=row["source_zh"],
            )
            for row in csv.DictReader(file)
        )


def countable() -> tuple[str, ...]:
    """Return what a slot may count: the kinds of event, any event, projects."""
    return (*(one.key for one in event_rules().kinds), ANY_EVENT, PROJECT)


def slots_on(slots: Iterable[Slot], day: date) -> tuple[Slot, ...]:
    """Return the six slots that hold on a day, by number."""
    found: dict[int, Slot] = {}
    for one in sorted(slots, key=lambda one: (one.is_stored, one.valid_from)):
        if one.valid_from <= day:
            found[one.slot] = one
    return tuple(found[number] for number in sorted(found))


def period_of(period: SlotPeriod, day: date) -> tuple[date, date]:
    """Return the first day of the period that holds a day, and the day after its last."""
    match period:
        case SlotPeriod.WEEK:
            start = week_start_of(day)
            return start, start + timedelta(weeks=1)
        case SlotPeriod.MONTH:
            return day.replace(day=1), _month_after(day, 1)
        case SlotPeriod.QUARTER:
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            return first, _month_after(first, 3)


def period_before(period: SlotPeriod, day: date) -> tuple[date, date]:
    """Return the period before the one that holds a day, as `period_of`."""
    return period_of(period, period_of(period, day)[0] - timedelta(days=1))


def _month_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


def first_day_needed(slots: Iterable[Slot], day: date) -> date:
    """Return the day from which events are needed to judge the slots on a day."""
    return min((period_before(one.period, day)[0] for one in slots if one.counts), default=day)


def slot_counts(
    slots: Sequence[Slot], events: pd.DataFrame, branch_ids: IntArray, *, as_of: date
) -> tuple[IntArray, IntArray]:
    """Return how often each branch kept each slot, in the present period and in the one before.

    Args:
        slots: those that hold on the day; a free one counts nothing.
        events: held ones: branch_id int, day datetime, kind text, is_project bool.
        branch_ids: the branches, in the order of the columns returned.
        as_of: the day.

    Returns:
        Two matrices, one row a slot and one column a branch.
    """
    now = np.zeros((len(slots), len(branch_ids)), dtype=np.int64)
    before = now.copy()
    days = events["day"].to_numpy().astype("datetime64[D]")
    for row, slot in enumerate(slots):
        if slot.counts is None:
            continue
        for counts, (start, end) in (
            (now, period_of(slot.period, as_of)),
            (before, period_before(slot.period, as_of)),
        ):
            keep = _counted(slot.counts, events) & (days >= np.datetime64(start)) & (days < np.datetime64(end))
            kept = events["branch_id"][keep].value_counts()
            counts[row] = kept.reindex(branch_ids, fill_value=0).to_numpy()
    return now, before


def _counted(counts: str, events: pd.DataFrame) -> np.ndarray:
    match counts:
        case "event":
            return np.ones(len(events), dtype=bool)
        case "project":
            return events["is_project"].to_numpy(dtype=bool)
    found: np.ndarray = (events["kind"] == counts).to_numpy()
    return found


def slot_statuses(
    slots: Sequence[Slot], events: pd.DataFrame, *, branch_id: int, since: date, as_of: date
) -> tuple[SlotStatus, ...]:
    """Return how one branch stands with each slot; a period that began before `since` is not held against it."""
    now, before = slot_counts(slots, events, np.array([branch_id]), as_of=as_of)
    return tuple(
        SlotStatus(slot, int(now[row, 0]), int(before[row, 0]), since <= first_day_due(slot, as_of))
        for row, slot in enumerate(slots)
    )


def first_day_due(slot: Slot, as_of: date) -> date:
    """Return the day a branch must have been there for the period before to count; none if the slot is newer."""
    start = period_before(slot.period, as_of)[0]
    return start if slot.valid_from <= start else date.min


def slots_kept(
    slots: Sequence[Slot], events: pd.DataFrame, branches: pd.DataFrame, *, as_of: date
) -> tuple[IntArray, IntArray]:
    """Return for each branch how many slots it kept in the period before, and how many were due.

    `branches` has branch_id and cooperation_start.
    """
    _, before = slot_counts(slots, events, branches["branch_id"].to_numpy(), as_of=as_of)
    starts = branches["cooperation_start"].to_numpy().astype("datetime64[D]")
    due = np.array([(starts <= np.datetime64(first_day_due(one, as_of))) & (one.counts is not None) for one in slots])
    targets = np.array([one.target for one in slots])
    kept = due & (before >= targets[:, None])
    return kept.sum(axis=0), due.sum(axis=0)
