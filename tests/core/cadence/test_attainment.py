from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cadence.attainment import STATUSES, Attainment, CadenceFacts, attainment
from core.cadence.targets import CadenceTarget, target_grid
from core.facts import StaffRole

WEEK = date(2026, 3, 2)
FULL = 0b0011111


def judged(
    *,
    unit: str = "week",
    minimum: str = "1",
    maximum: str | None = "2",
    scope: str = "role",
    due: int = FULL,
    counted: int | None = None,
    contacts: int = 0,
    days: int = 0,
    people: int = 1,
    has_staff: bool = True,
    person_workdays: int = 0,
    person_days: int = 0,
    suspended: bool = False,
) -> tuple[int, int, int, str]:
    target = CadenceTarget(
        role=StaffRole.TELLER,
        stage=None,
        unit="day" if unit == "day" else "week",
        minimum=Decimal(minimum),
        maximum=Decimal(maximum) if maximum else None,
        scope="person" if scope == "person" else "role",
        valid_from=date(2000, 1, 1),
        source_en="test",
        source_zh="测试",
    )

    def cell(value: Any, kind: Any) -> Any:
        return np.full((1, 1, 1), value, dtype=kind)

    facts = CadenceFacts(
        due_masks=np.full((1, 1), due, dtype=np.uint8),
        counted_masks=np.full((1, 1), due if counted is None else counted, dtype=np.uint8),
        is_suspended=np.full((1, 1), suspended),
        stages=np.zeros((1, 1), dtype=np.int8),
        has_staff=np.array([has_staff]),
        people=cell(people, np.int32),
        person_workdays=cell(person_workdays, np.int32),
        contacts=cell(contacts, np.int32),
        days_masks=cell(days, np.uint8),
        person_days=cell(person_days, np.int32),
    )
    found: Attainment = attainment(facts, target_grid([target], weeks=[WEEK], scopes=["role"]))
    at = (0, 0, 0)
    return int(found.target_min[at]), int(found.target_max[at]), int(found.actual[at]), str(STATUSES[found.status[at]])


@pytest.mark.parametrize(
    ("workdays", "low", "high"), [(0, 0, 0), (1, 1, 1), (2, 1, 1), (3, 1, 2), (4, 1, 2), (5, 1, 2), (6, 2, 3)]
)
def test_a_weekly_target_scales_with_the_working_days_rounded_up(workdays: int, low: int, high: int) -> None:
    assert judged(due=(1 << workdays) - 1, contacts=0)[:2] == (low, high)


@pytest.mark.parametrize(
    ("contacts", "status"), [(0, "none"), (1, "met"), (2, "met"), (3, "over")], ids=["none", "least", "most", "above"]
)
def test_status_at_and_beside_the_limits(contacts: int, status: str) -> None:
    assert judged(contacts=contacts) == (1, 2, contacts, status)


def test_fewer_contacts_than_the_minimum_are_short() -> None:
    assert judged(minimum="2", contacts=1) == (2, 2, 1, "short")


def test_a_fraction_is_rounded_up_without_error_of_the_machine() -> None:
    assert judged(minimum="1.6667", maximum="5", due=0b0000111)[:2] == (2, 3)


def test_a_role_without_a_maximum_is_never_over() -> None:
    assert judged(maximum=None, contacts=40) == (1, -1, 40, "met")


def test_in_a_week_without_working_days_nothing_is_due_but_contacts_are_counted() -> None:
    assert judged(due=0, contacts=3) == (0, 0, 3, "not_due")
    assert judged(due=0, contacts=3, maximum=None) == (0, -1, 3, "not_due")


def test_nothing_is_due_from_a_role_nobody_is_in() -> None:
    assert judged(people=0, contacts=1) == (0, 0, 1, "not_due")


def test_a_branch_without_any_staff_recorded_has_every_role() -> None:
    assert judged(people=0, has_staff=False, contacts=1) == (1, 2, 1, "met")
    assert judged(people=0, has_staff=False, contacts=1, scope="person") == (1, 2, 1, "met")


def test_nothing_is_due_from_a_suspended_branch() -> None:
    assert judged(suspended=True, contacts=1) == (0, 0, 1, "not_due")


def test_a_daily_target_is_every_working_day_and_five_contacts_on_monday_make_one_day() -> None:
    assert judged(unit="day", maximum=None, contacts=5, days=0b0000001) == (5, -1, 1, "short")


def test_a_contact_on_a_day_off_does_not_fill_a_daily_target() -> None:
    assert judged(unit="day", maximum=None, contacts=1, days=0b0100000) == (5, -1, 0, "none")


def test_a_contact_made_today_fills_a_day_missed_earlier_until_tomorrow() -> None:
    on_wednesday = {"unit": "day", "maximum": None, "due": 0b0000011, "days": 0b0000110}
    assert judged(**on_wednesday, counted=0b0000111) == (2, -1, 2, "met")


def test_on_monday_nothing_is_due_yet() -> None:
    assert judged(unit="day", maximum=None, due=0, counted=1, days=1) == (0, -1, 1, "not_due")


def test_per_person_a_weekly_target_is_multiplied_before_it_is_rounded() -> None:
    assert judged(scope="person", people=3, due=0b0000111, contacts=4)[:2] == (2, 4)


def test_per_person_a_daily_target_sums_the_working_days_in_post() -> None:
    found = judged(unit="day", maximum=None, scope="person", people=2, person_workdays=8, person_days=6)
    assert found == (8, -1, 6, "short")


@given(contacts=st.integers(0, 20), workdays=st.integers(0, 7), people=st.integers(0, 5))
def test_one_more_contact_never_makes_a_shortfall_worse(contacts: int, workdays: int, people: int) -> None:
    order = ["none", "short", "met", "over"]
    due = (1 << workdays) - 1
    before = judged(contacts=contacts, due=due, people=people)[3]
    after = judged(contacts=contacts + 1, due=due, people=people)[3]
    assert (before == "not_due") == (after == "not_due")
    assert before == "not_due" or order.index(after) >= order.index(before)
