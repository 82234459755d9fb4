"""What a week is worth: the season of its working days."""

from datetime import date

import pytest

from core.calendar import WorkingCalendar
from core.stages.season import first_week_share, week_exposure
from tests.core.stages.world import LIMITS

WEEKS_OF_2026 = {
    date(2025, 12, 29): 0.79,
    date(2026, 1, 5): 2.00,
    date(2026, 2, 2): 1.20,
    date(2026, 2, 9): 1.44,
    date(2026, 2, 16): 0.0,
    date(2026, 2, 23): 1.20,
    date(2026, 3, 2): 1.50,
    date(2026, 3, 30): 1.05,
    date(2026, 4, 6): 0.60,
    date(2026, 4, 27): 0.60,
    date(2026, 5, 4): 0.64,
    date(2026, 6, 15): 0.80,
}


@pytest.mark.parametrize(("week_start", "worth"), WEEKS_OF_2026.items())
def test_a_week_is_worth_the_season_of_its_working_days(week_start, worth):
    exposure, _ = week_exposure([week_start], WorkingCalendar(), LIMITS)
    assert exposure[0] == pytest.approx(worth, abs=0.005)


@pytest.mark.parametrize(
    ("week_start", "is_judged"),
    [(date(2024, 4, 29), False), (date(2025, 4, 28), True), (date(2026, 2, 16), False), (date(2024, 9, 16), True)],
    ids=["two days", "three days", "none", "three days in September"],
)
def test_a_week_with_fewer_than_three_working_days_is_not_judged(week_start, is_judged):
    _, judged = week_exposure([week_start], WorkingCalendar(), LIMITS)
    assert judged[0] == is_judged


def test_the_festival_moves_between_years():
    _, judged = week_exposure([date(2025, 1, 27), date(2025, 2, 17), date(2026, 1, 26), date(2026, 2, 16)],
                              WorkingCalendar(), LIMITS)  # fmt: skip
    assert judged.tolist() == [False, True, True, False]


def test_an_administrator_can_take_a_week_out():
    days = {date(2026, 6, number): "off" for number in (8, 9, 10)}
    _, judged = week_exposure([date(2026, 6, 8)], WorkingCalendar(days), LIMITS)
    assert not judged[0]


def test_a_cooperation_that_starts_on_wednesday_has_three_fifths_of_its_first_week():
    assert first_week_share(date(2026, 6, 10), WorkingCalendar()) == pytest.approx(0.6)


def test_a_cooperation_that_starts_in_a_week_without_work_loses_nothing():
    assert first_week_share(date(2026, 2, 18), WorkingCalendar()) == 1.0
