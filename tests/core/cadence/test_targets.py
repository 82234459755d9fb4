from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.cadence.targets import (
    NO_LIMIT,
    CadenceTarget,
    shipped_targets,
    target_grid,
    target_in_force,
    target_mistake,
)
from core.facts import StaffRole, Stage

MONDAY = date(2026, 3, 2)


def row(role: StaffRole = StaffRole.TELLER, **more: Any) -> CadenceTarget:
    values: dict[str, Any] = {
        "stage": None,
        "unit": "week",
        "minimum": Decimal(1),
        "maximum": Decimal(2),
        "scope": None,
        "valid_from": date(2026, 1, 1),
        "source_en": "test",
        "source_zh": "测试",
        "is_stored": True,
    }
    return CadenceTarget(role=role, **{**values, **more})


def in_force(*targets: CadenceTarget, stage: Stage | None = None, week: date = MONDAY) -> CadenceTarget | None:
    return target_in_force(targets, role=StaffRole.TELLER, stage=stage, week_start=week)


def test_the_shipped_targets_are_those_of_the_contract() -> None:
    assert [(str(each.role), each.unit, each.minimum, each.maximum) for each in shipped_targets()] == [
        ("branch_head", "week", 1, 2),
        ("wealth_manager", "day", 1, None),
        ("account_manager", "week", 1, None),
        ("teller", "week", 1, 2),
    ]


def test_every_shipped_target_names_its_source_in_both_languages_and_is_sound() -> None:
    for each in shipped_targets():
        assert each.source("en")
        assert each.source("zh")
        assert target_mistake(each) is None


def test_a_row_holds_from_the_monday_on_or_after_its_day() -> None:
    target = row(valid_from=MONDAY)
    assert in_force(target, week=MONDAY) is target
    assert in_force(target, week=date(2026, 2, 23)) is None


def test_a_row_from_the_middle_of_a_week_holds_from_the_next_week_on() -> None:
    target = row(valid_from=date(2026, 3, 4))
    assert in_force(target, week=MONDAY) is None
    assert in_force(target, week=date(2026, 3, 9)) is target


def test_the_later_row_wins() -> None:
    old, new = row(), row(valid_from=MONDAY, minimum=Decimal(2))
    assert in_force(new, old) is new


def test_a_row_of_the_stage_wins_over_a_later_row_of_any_stage() -> None:
    of_stage, of_any = row(stage=Stage.SLUMP), row(valid_from=date(2026, 2, 1))
    assert in_force(of_stage, of_any, stage=Stage.SLUMP) is of_stage
    assert in_force(of_stage, of_any, stage=Stage.GROWTH) is of_any
    assert in_force(of_stage, of_any, stage=None) is of_any


def test_a_stored_row_wins_over_a_later_shipped_one() -> None:
    stored, shipped = row(), row(is_stored=False, valid_from=date(2026, 2, 1))
    assert in_force(stored, shipped) is stored


def test_a_row_without_a_minimum_ends_the_target() -> None:
    assert in_force(row(), row(minimum=None, maximum=None, valid_from=date(2026, 2, 1))) is None


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({}, None),
        ({"minimum": Decimal(0)}, None),
        ({"minimum": Decimal(2)}, None),
        ({"minimum": Decimal("2.1")}, "maximum_below_minimum"),
        ({"minimum": Decimal("-0.1")}, "out_of_range"),
        ({"minimum": Decimal(100), "maximum": Decimal(100)}, None),
        ({"minimum": Decimal(100), "maximum": Decimal("100.1")}, "out_of_range"),
        ({"minimum": None}, "maximum_without_minimum"),
        ({"minimum": None, "maximum": None}, None),
        ({"unit": "day", "maximum": None}, None),
        ({"unit": "day", "maximum": Decimal(2)}, "daily_is_one"),
        ({"unit": "day", "minimum": Decimal(2), "maximum": None}, "daily_is_one"),
    ],
)
def test_what_is_wrong_with_a_new_row_is_said(changes: dict[str, Any], mistake: str | None) -> None:
    assert target_mistake(row(**changes)) == mistake


def test_the_grid_knows_only_roles_with_a_target_and_follows_stage_and_week() -> None:
    targets = [row(), row(stage=Stage.SLUMP, minimum=Decimal("2.5"), maximum=None, scope="person")]
    grid = target_grid(targets, weeks=[date(2025, 12, 29), MONDAY], scopes=["role", "role"])
    assert grid.roles == (StaffRole.TELLER,)
    assert grid.minimum[0, 0].tolist() == [NO_LIMIT, 10_000]
    assert grid.minimum[0, 5].tolist() == [NO_LIMIT, 25_000]
    assert grid.maximum[0, 5].tolist() == [NO_LIMIT, NO_LIMIT]
    assert grid.is_person[0, :, 1].tolist() == [False, False, False, False, False, True]


def test_a_row_without_a_scope_follows_the_setting_of_the_week() -> None:
    grid = target_grid([row()], weeks=[MONDAY, date(2026, 3, 9)], scopes=["role", "person"])
    assert grid.is_person[0, 0].tolist() == [False, True]
