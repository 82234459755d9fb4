"""Who was in post when: people and their working days by role, branch and week.

In post means from the day of joining to the day of leaving, both included. Weeks are Mondays in
ascending order without gaps; all results are arrays (role, branch, week).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAYS_IN_WEEK = 7
BITS = (1 << np.arange(DAYS_IN_WEEK, dtype=np.uint8)).astype(np.uint8)
"""Bit of each day in a mask, Monday first."""


@dataclass(frozen=True)
class Posts:
    """People as arrays: position of role and branch, first and last day in post as days since 1970."""

    role: NDArray[np.int64]
    branch: NDArray[np.int64]
    joined: NDArray[np.int64]
    left: NDArray[np.int64]


def people_in_post(posts: Posts, *, shape: tuple[int, int, int], first_monday: int) -> NDArray[np.int32]:
    """Return how many people are in post on at least one day of the week."""
    first = np.floor_divide(posts.joined - first_monday, DAYS_IN_WEEK)
    after = np.floor_divide(posts.left - first_monday, DAYS_IN_WEEK) + 1
    return _running(posts, first, after, shape)


def person_workdays(
    posts: Posts, *, shape: tuple[int, int, int], first_monday: int, due_masks: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """Return the working days in post, summed over the people; `due_masks` are bits by branch and week."""
    roles, branches, weeks = shape
    days = weeks * DAYS_IN_WEEK
    people = _running(posts, posts.joined - first_monday, posts.left - first_monday + 1, (roles, branches, days))
    is_due = (due_masks[:, :, None] & BITS) > 0
    by_day = people.reshape(roles, branches, weeks, DAYS_IN_WEEK) * is_due
    return np.asarray(by_day.sum(axis=3), dtype=np.int32)


def _running(
    posts: Posts, first: NDArray[np.int64], after: NDArray[np.int64], shape: tuple[int, int, int]
) -> NDArray[np.int32]:
    steps = np.zeros((*shape[:2], shape[2] + 1), dtype=np.int32)
    starts = np.clip(first, 0, shape[2])
    ends = np.maximum(np.clip(after, 0, shape[2]), starts)
    np.add.at(steps, (posts.role, posts.branch, starts), 1)
    np.add.at(steps, (posts.role, posts.branch, ends), -1)
    return np.cumsum(steps, axis=2, dtype=np.int32)[:, :, :-1]
