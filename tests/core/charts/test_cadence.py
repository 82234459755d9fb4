from datetime import date

import pyarrow as pa
import pytest

from core.charts.cadence import (
    PICKED_BRANCH,
    balance_chart,
    balance_rows,
    branch_weeks_chart,
    role_weeks_chart,
    unit_chart,
    with_bars,
)
from core.facts import StaffRole

WEEKS = [date(2026, 3, 2), date(2026, 3, 9)]


def fields(spec: object) -> set[str]:
    if isinstance(spec, dict):
        own = {spec["field"]} if isinstance(spec.get("field"), str) else set()
        return own.union(*(fields(part) for part in spec.values()))
    if isinstance(spec, list):
        return set().union(*(fields(part) for part in spec))
    return set()


def test_bars_without_a_maximum_have_a_band_without_height() -> None:
    rows = pa.table({"week_start": pa.array(WEEKS, pa.date32()), "due": [5, 4], "target_max": [10, None]})
    found = with_bars(rows, unfinished=WEEKS[1])
    assert found["high"].to_pylist() == [10, 4]
    assert found["is_unfinished"].to_pylist() == [False, True]


def test_shortfall_goes_below_zero_and_over_contact_above() -> None:
    rows = pa.table(
        {"week_start": pa.array([*WEEKS, *WEEKS], pa.date32()), "short": [1, 2, 3, 4], "above": [0, 5, 6, 0]}
    )
    found = balance_rows(rows)
    assert list(zip(found["kind"].to_pylist(), found["amount"].to_pylist(), strict=True)) == [
        ("short", -4),
        ("short", -6),
        ("above", 6),
        ("above", 5),
    ]


@pytest.mark.parametrize(("is_daily", "unit"), [(True, "Days with a contact"), (False, "Contacts")])
def test_the_chart_of_a_role_says_what_it_counts_and_shows_bars_with_the_target_band(is_daily: bool, unit: str) -> None:
    spec = role_weeks_chart("en", role=StaffRole.TELLER, is_daily=is_daily)
    assert spec["title"]["text"] == "Teller: contacts against target"
    assert spec["title"]["subtitle"].startswith(f"{unit} a week")
    assert {"week_start", "done", "actual", "due", "target_max", "attainment"} <= fields(spec)
    assert "data" not in spec


def test_titles_speak_chinese() -> None:
    assert role_weeks_chart("zh", role=StaffRole.TELLER, is_daily=False)["title"]["text"] == "柜员：沟通与目标"
    assert balance_chart("zh")["title"]["text"] == "每周沟通不足与超出"
    assert unit_chart("zh", of="督导")["title"]["text"] == "沟通达成率：督导"


@pytest.mark.parametrize("has_room", [True, False])
def test_the_heat_map_grows_with_its_rows_and_a_cell_opens_its_branch(has_room: bool) -> None:
    spec = branch_weeks_chart("en", rows=7, has_room=has_room)
    assert f"'height': {7 * 24}" in str(spec)
    assert any(param["name"] == PICKED_BRANCH for param in spec["params"])
    assert ("format(datum.attainment" in str(spec["transform"])) is has_room
