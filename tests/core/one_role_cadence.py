"""A cadence of one branch and one role, for tests."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from core.cadence.attainment import Attainment
from core.cadence.weeks import CadenceWeeks
from core.facts import StaffRole

LAST_WEEK = date(2026, 11, 9)


def cadence_of(due, actual, *, branch_id=7):
    """One branch and role, one value a week, the last one in `LAST_WEEK`."""
    shape = (1, 1, len(due))
    made = np.array(actual, dtype=np.int32).reshape(shape)
    return CadenceWeeks(
        branches=pa.table({"branch_id": [branch_id]}),
        weeks=tuple(LAST_WEEK - timedelta(weeks=len(due) - 1 - number) for number in range(len(due))),
        roles=(StaffRole.TELLER,),
        is_listed=np.ones(shape[1:], dtype=bool),
        workdays=np.full(shape[1:], 5),
        verdict=Attainment(
            has_target=np.ones(shape, dtype=bool),
            target_min=np.array(due, dtype=np.int32).reshape(shape),
            target_max=np.full(shape, -1),
            actual=made,
            status=np.zeros(shape, dtype=np.int8),
        ),
        contacts=made,
        deep=np.zeros(shape, dtype=np.int32),
    )
