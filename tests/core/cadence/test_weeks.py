from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from core.cadence.attainment import CadenceFacts, attainment
from core.cadence.targets import CadenceTarget, target_grid
from core.cadence.weeks import (
    CadenceWeeks,
    branch_weeks,
    cadence_rows,
    contact_gap_weeks,
    due_rows,
    role_weeks,
    unit_sums,
    with_roles,
)
from core.calendar import weeks_between
from core.facts import StaffRole

FIRST = date(2026, 3, 2)
FULL = 0b0011111


def cadence(contacts: list[list[int]], *, workdays: list[int] | None = None) -> CadenceWeeks:
    """Tellers (1 to 2 a week) of as many branches as there are rows, one number a week; seller roles nobody."""
    counts = np.array(contacts, dtype=np.int32)
    branches, weeks = counts.shape
    mondays = weeks_between(FIRST, date.fromordinal(FIRST.toordinal() + 7 * (weeks - 1)))
    target = CadenceTarget(
        StaffRole.TELLER, None, "week", Decimal(1), Decimal(2), None, date(2000, 1, 1), "test", "测试"
    )
    masks = np.tile(np.array([(1 << days) - 1 for days in workdays or [5] * weeks], dtype=np.uint8), (branches, 1))
    shape = (1, branches, weeks)
    facts = CadenceFacts(
        due_masks=masks,
        counted_masks=masks,
        is_suspended=np.zeros((branches, weeks), dtype=np.bool_),
        stages=np.zeros((branches, weeks), dtype=np.int8),
        has_staff=np.zeros(branches, dtype=np.bool_),
        people=np.zeros(shape, dtype=np.int32),
        person_workdays=np.zeros(shape, dtype=np.int32),
        contacts=counts[None],
        days_masks=np.zeros(shape, dtype=np.uint8),
        person_days=np.zeros(shape, dtype=np.int32),
    )
    grid = target_grid([target], weeks=mondays, scopes=["role"] * weeks)
    return CadenceWeeks(
        branches=pa.table(
            {
                "branch_id": pa.array(range(1, branches + 1), pa.int64()),
                "branch_code": [f"B{number}" for number in range(1, branches + 1)],
                "branch_name": [f"支行{number}" for number in range(1, branches + 1)],
                "supervisor": pa.array(["li", None, "wang"][:branches], pa.string()),
            }
        ),
        weeks=tuple(mondays),
        roles=grid.roles,
        is_listed=np.ones((branches, weeks), dtype=np.bool_),
        workdays=np.bitwise_count(masks).astype(np.int32),
        verdict=attainment(facts, grid),
        contacts=counts[None],
        deep=np.minimum(counts, 1)[None],
    )


def test_role_weeks_sum_the_branches_and_keep_too_much_apart_from_too_little() -> None:
    (row,) = role_weeks(cadence([[5], [0], [1]])).to_pylist()
    assert row == {
        "role": "teller",
        "week_start": FIRST,
        "branches": 3,
        "due": 3,
        "target_max": 6,
        "actual": 6,
        "done": 2,
        "short": 1,
        "above": 3,
        "attainment": 2 / 3,
        "met": 1,
        "over": 1,
        "short_branches": 0,
        "none": 1,
        "not_due": 0,
    }


def test_a_week_with_nothing_due_has_no_attainment() -> None:
    (row,) = role_weeks(cadence([[4]], workdays=[0])).to_pylist()
    assert (row["attainment"], row["due"], row["actual"], row["above"], row["not_due"]) == (None, 0, 4, 0, 1)


def test_units_are_ordered_by_share_and_may_have_no_name() -> None:
    rows = unit_sums(cadence([[1, 1], [0, 0], [3, 0]]), "supervisor").to_pylist()
    assert [(row["key"], row["attainment"], row["above"], row["deep_share"], row["logged_share"]) for row in rows] == [
        (None, 0.0, 0, None, 0.0),
        ("wang", 0.5, 1, 1 / 3, 0.5),
        ("li", 1.0, 0, 1.0, 1.0),
    ]


def test_the_heat_map_begins_with_the_branch_furthest_behind_and_turns_pages() -> None:
    weeks = cadence([[1, 1], [0, 0], [3, 0]])
    rows = branch_weeks(weeks, first=0, count=2).to_pylist()
    assert [(row["place"], row["branch_code"], row["status"]) for row in rows] == [
        (0, "B2", "none"),
        (0, "B2", "none"),
        (1, "B3", "over"),
        (1, "B3", "none"),
    ]
    assert branch_weeks(weeks, first=2, count=2)["branch_code"].to_pylist() == ["B1", "B1"]


def test_rows_come_by_branch_role_and_week() -> None:
    rows = cadence_rows(cadence([[1, 4], [0, 2]]))
    assert list(zip(rows["branch_code"], rows["actual"], rows["status"], rows["done"], strict=True)) == [
        ("B1", 1, "met", 1),
        ("B1", 4, "over", 1),
        ("B2", 0, "none", 0),
        ("B2", 2, "met", 1),
    ]
    assert due_rows(cadence([[1, 0]], workdays=[5, 0]))["attainment"].tolist() == [1.0]


def test_narrowing_keeps_only_the_chosen_branches_roles_and_complete_weeks() -> None:
    weeks = cadence([[1, 1], [0, 0]])
    one = weeks.narrowed(np.array([False, True]))
    assert one.branches["branch_code"].to_pylist() == ["B2"]
    assert role_weeks(one)["due"].to_pylist() == [1, 1]
    assert weeks.narrowed(np.array([True, True])) is weeks
    assert weeks.complete().weeks == (FIRST,)
    assert role_weeks(weeks.complete()).num_rows == 1
    assert with_roles(weeks, []).roles == ()


def test_a_contact_gap_lasts_until_a_due_week_is_good_again() -> None:
    gaps = contact_gap_weeks(cadence([[1, 0, 0, 0, 1, 0]]))
    assert gaps[0].tolist() == [False, False, True, True, False, False]


def test_a_week_with_nothing_due_keeps_the_count() -> None:
    gaps = contact_gap_weeks(cadence([[0, 0, 0]], workdays=[5, 0, 5]))
    assert gaps[0].tolist() == [False, False, True]


def test_some_weeks_of_a_cadence_are_the_same_as_those_weeks_alone() -> None:
    whole = cadence([[1, 0, 2, 3], [0, 1, 1, 0]])
    part = whole.between(whole.weeks[1], whole.weeks[2])
    assert part.weeks == whole.weeks[1:3]
    assert part.done.tolist() == whole.done[:, :, 1:3].tolist()
    assert role_weeks(part).to_pylist() == role_weeks(whole).to_pylist()[1:3]


def test_a_week_that_was_not_asked_is_not_cut_out() -> None:
    whole = cadence([[1, 0]])
    with pytest.raises(ValueError, match="not in tuple"):
        whole.between(whole.weeks[0], date(2026, 3, 23))
