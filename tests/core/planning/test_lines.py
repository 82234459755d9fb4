from dataclasses import replace
from datetime import date

import pytest

from core.planning.lines import is_planned_anew
from tests.core.planning.lines import contact


@pytest.mark.parametrize(("day", "anew"), [(1, False), (2, True), (None, True)])
def test_only_another_day_plans_a_line_anew(day, anew):
    before = contact(1, 1).line
    after = replace(before, day=day and date(2026, 11, 16 + day), text="带话术")
    assert is_planned_anew(before, after) is anew
