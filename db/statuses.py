"""Past and present statuses of the branches in scope."""

import numpy as np
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, BranchStatus
from core.statuses import NEVER, STATUS_CODES, StatusHistory, days_array
from db.access import scoped
from db.models import BranchStatusRow

NOT_A_DAY = np.datetime64("NaT")


def status_history(session: Session, *, actor: Actor, branches: pa.Table) -> StatusHistory:
    """Return the statuses of the branches of `db.branches.branches_in_scope`, in their order."""
    place = {branch_id: number for number, branch_id in enumerate(branches["branch_id"].to_pylist())}
    query = select(BranchStatusRow.branch_id, BranchStatusRow.status, BranchStatusRow.start_on, BranchStatusRow.end_on)
    rows = [row for row in session.execute(scoped(query, actor, BranchStatusRow.branch_id)) if row.branch_id in place]
    return StatusHistory(
        present=np.array([STATUS_CODES[BranchStatus(word)] for word in branches["status"].to_pylist()], dtype=np.int8),
        present_since=days_array(branches["status_since"].to_pylist(), NOT_A_DAY),
        branch=np.array([place[row.branch_id] for row in rows], dtype=np.int64),
        status=np.array([STATUS_CODES[BranchStatus(row.status)] for row in rows], dtype=np.int8),
        start=days_array([row.start_on for row in rows], NEVER),
        end=days_array([row.end_on for row in rows], NEVER),
    )
