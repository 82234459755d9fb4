"""On which working days contacts were logged at the branches in scope: the ground of the logging coverage."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import weeks_between
from core.facts import Actor
from core.statuses import ACTIVE, status_grid
from core.today.coverage import LoggedDays
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence import workday_masks
from db.engine import plain_rows
from db.models import ContactWeekRow
from db.number_lists import number_list, numbers_in
from db.statuses import status_history


def logged_days(
    session: Session,
    *,
    actor: Actor,
    first_week: date,
    last_week: date,
    today: date,
    branches: pa.Table | None = None,
) -> LoggedDays:
    """Return the days with a contact and the working days before today, by branch and week, both weeks included.

    `branches` are those in scope where the caller has asked for them already.
    """
    weeks = weeks_between(first_week, last_week)
    branches = branches_in_scope(session, actor=actor, as_of=today) if branches is None else branches
    ids = branches["branch_id"].to_numpy()
    place = np.zeros(ids.max(initial=0) + 1, dtype=np.int64)
    place[ids] = np.arange(len(ids))
    row = ContactWeekRow
    query = (
        select(row.week_start, number_list(row.branch_id), number_list(row.days_mask))
        .where(row.week_start.between(weeks[0], weeks[-1]))
        .group_by(row.week_start)
    )
    logged = np.zeros((len(ids), len(weeks)), dtype=np.uint8)
    places = {week: number for number, week in enumerate(weeks)}
    rows: Sequence[Sequence[Any]] = plain_rows(session, scoped(query, actor, row.branch_id))
    for week, branch_ids, masks in rows:
        np.bitwise_or.at(logged[:, places[week]], place[numbers_in(branch_ids)], numbers_in(masks).astype(np.uint8))
    due, _ = workday_masks(session, weeks, starts=branches["cooperation_start"].to_numpy(), today=today)
    statuses = status_grid(
        status_history(session, actor=actor, branches=branches), np.array(weeks, dtype="datetime64[D]")
    )
    return LoggedDays(
        branch_ids=ids,
        owners=tuple(branches["supervisor"].to_pylist()),
        weeks=tuple(weeks),
        logged_masks=logged,
        due_masks=np.where(statuses == ACTIVE, due, 0).astype(np.uint8),
    )
