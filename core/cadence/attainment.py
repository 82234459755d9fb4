"""Contacts made against contacts owed, by role, branch and week.

Weekly targets scale with the working days of the week over five and are rounded up; a daily
target is every working day, met by one contact on it. `not_due` is tested first: nothing is due
from a suspended branch or from a role nobody is in. A branch without any staff recorded is taken
to have every role. All arrays are (role, branch, week) unless said otherwise.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.cadence.targets import NO_LIMIT, PARTS, TargetGrid
from core.facts import CadenceStatus

WORKDAYS_IN_WEEK = 5
STATUSES = tuple(CadenceStatus)
"""A status code is the place in this tuple."""
_CODE = {status: number for number, status in enumerate(STATUSES)}


@dataclass(frozen=True)
class CadenceFacts:
    """What happened. Masks are bits, Monday = bit 0.

    By branch and week: `due_masks` the working days that count for the target, `counted_masks`
    those on which a contact fills it (in the unfinished week with today), `is_suspended`,
    `stages` the stage code at the end of the week before. By branch: `has_staff`.
    """

    due_masks: NDArray[np.uint8]
    counted_masks: NDArray[np.uint8]
    is_suspended: NDArray[np.bool_]
    stages: NDArray[np.int8]
    has_staff: NDArray[np.bool_]
    people: NDArray[np.int32]
    person_workdays: NDArray[np.int32]
    contacts: NDArray[np.int32]
    days_masks: NDArray[np.uint8]
    person_days: NDArray[np.int32]


@dataclass(frozen=True)
class Attainment:
    """The verdict: `target_max` is `NO_LIMIT` where there is none, `status` a place in `STATUSES`.

    `has_target` is False where the role has no target in the branch's stage: no row at all.
    """

    has_target: NDArray[np.bool_]
    target_min: NDArray[np.int32]
    target_max: NDArray[np.int32]
    actual: NDArray[np.int32]
    status: NDArray[np.int8]

    def part(self, at: tuple[Any, ...]) -> "Attainment":
        """Return the verdict at some places only."""
        return Attainment(
            has_target=self.has_target[at],
            target_min=self.target_min[at],
            target_max=self.target_max[at],
            actual=self.actual[at],
            status=self.status[at],
        )


def attainment(facts: CadenceFacts, targets: TargetGrid) -> Attainment:
    """Return targets, actual contacts and status."""
    weeks = np.arange(facts.stages.shape[1])
    low = targets.minimum[:, facts.stages, weeks]
    high = targets.maximum[:, facts.stages, weeks]
    is_daily = targets.is_daily[:, facts.stages, weeks]
    has_people = facts.has_staff[None, :, None]
    by_person = targets.is_person[:, facts.stages, weeks] & has_people
    workdays = np.bitwise_count(facts.due_masks).astype(np.int64)[None]
    heads = np.where(by_person, facts.people, 1)

    days_owed = np.where(by_person, facts.person_workdays, workdays)
    target_min = np.where(is_daily, np.where(low > 0, days_owed, 0), _rounded_up(low * heads * workdays))
    target_max = np.where(is_daily | (high < 0), NO_LIMIT, _rounded_up(high * heads * workdays))
    days_made = np.bitwise_count(facts.days_masks & facts.counted_masks[None])
    actual = np.where(is_daily, np.where(by_person, facts.person_days, days_made), facts.contacts)

    is_off = facts.is_suspended[None] | (has_people & (facts.people == 0)) | (target_min == 0)
    target_min = np.where(is_off, 0, target_min)
    target_max = np.where(is_off & (target_max > 0), 0, target_max)
    status = np.select(
        [is_off, actual == 0, actual < target_min, (target_max >= 0) & (actual > target_max)],
        [
            _CODE[CadenceStatus.NOT_DUE],
            _CODE[CadenceStatus.NONE],
            _CODE[CadenceStatus.SHORT],
            _CODE[CadenceStatus.OVER],
        ],
        _CODE[CadenceStatus.MET],
    )
    return Attainment(
        has_target=low >= 0,
        target_min=target_min.astype(np.int32),
        target_max=target_max.astype(np.int32),
        actual=actual.astype(np.int32),
        status=status.astype(np.int8),
    )


def _rounded_up(parts: NDArray[np.int64]) -> NDArray[np.int64]:
    whole = PARTS * WORKDAYS_IN_WEEK
    return -(-np.maximum(parts, 0) // whole)
