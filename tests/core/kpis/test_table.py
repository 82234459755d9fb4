from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from core.facts import SizeTier
from core.kpis.arithmetic import ARITHMETIC
from core.kpis.definitions import KpiTarget, kpi_definition, kpi_definitions, kpi_target_on, shipped_kpi_targets
from core.kpis.table import FIGURES, SHARED_SELLERS, file_rows, kpi_table, months_in

START, END = date(2026, 3, 1), date(2026, 3, 31)
AMOUNTS = {
    "operating": 1,
    "active": 1,
    "without_policy": 0,
    "net_policies": 4,
    "accepted_policies": 5,
    "cancelled_policies": 1,
    "accepted_fen": 10_000_00,
    "accepted_regular_fen": 4_000_00,
    "refunded_fen": 2_000_00,
    "refunded_regular_fen": 2_000_00,
    "restated_fen": 9_000_00,
    "cancelled_fen": 1_000_00,
    "sellers": 2,
    "contacts_done": 6,
    "contacts_due": 8,
    "own_with_total_fen": 0,
    "total_fen": 0,
}


def figures(*changes: dict[str, Any]) -> pa.Table:
    rows = [
        {
            "branch_code": f"B{number}",
            "region": "东区",
            "bank": "青禾银行",
            "supervisor": "li",
            "size_tier": "B",
            SHARED_SELLERS: [],
            **AMOUNTS,
            **change,
        }
        for number, change in enumerate(changes, start=1)
    ]
    words = ("branch_code", "region", "bank", "supervisor", "size_tier")
    schema = pa.schema([(name, pa.string()) for name in words] + [(name, pa.int64()) for name in FIGURES])
    schema = schema.append(pa.field(SHARED_SELLERS, pa.list_(pa.int64())))
    return pa.Table.from_pylist(rows, schema=schema)


def found(
    *changes: dict[str, Any], by: str = "all", targets: tuple[KpiTarget, ...] = (), end: date = END
) -> dict[tuple[str, str], dict[str, Any]]:
    table = kpi_table(figures(*changes), by=by, start=START, end=end, targets=targets)
    return {(row["key"], row["kpi"]): row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("kpi", "value", "numerator", "denominator", "unit"),
    [
        ("branch_activity_rate", 1.0, 1, 1, "share"),
        ("zero_branch_rate", 0.0, 0, 1, "share"),
        ("policies_per_branch", 4.0, 4, 1, "count"),
        ("policies_per_active_branch", 4.0, 4, 1, "count"),
        ("premium_per_branch", 8_000.0, 8_000, 1, "cny"),
        ("premium_per_active_branch", 8_000.0, 8_000, 1, "cny"),
        ("premium_per_policy", 2_250.0, 9_000, 4, "cny"),
        ("scale_premium", 8_000.0, 8_000, 1, "cny"),
        ("regular_premium", 2_000.0, 2_000, 1, "cny"),
        ("single_premium", 6_000.0, 6_000, 1, "cny"),
        ("regular_share", 0.25, 2_000, 8_000, "share"),
        ("regular_single_ratio", 2 / 6, 2_000, 6_000, "ratio"),
        ("cooling_off_rate", 0.2, 1, 5, "share"),
        ("cooling_off_rate_premium", 0.1, 1_000, 10_000, "share"),
        ("active_sellers", 2.0, 2, 1, "count"),
        ("contact_attainment", 0.75, 6, 8, "share"),
    ],
)
def test_each_kpi_from_its_figures(kpi: str, value: float, numerator: float, denominator: float, unit: str) -> None:
    row = found({})["all", kpi]
    assert row["value"] == pytest.approx(value)
    assert (row["numerator"], row["denominator"], row["unit"]) == (numerator, denominator, unit)


def test_ratios_of_groups_come_from_sums_not_from_averages() -> None:
    row = found(
        {"net_policies": 9}, {"net_policies": 0, "active": 0, "without_policy": 1}, {"operating": 0, "active": 0}
    )
    assert row["all", "policies_per_branch"]["value"] == 13 / 2
    assert row["all", "policies_per_active_branch"]["value"] == 13 / 1


def test_a_zero_denominator_gives_no_value() -> None:
    nothing = found(dict.fromkeys(FIGURES, 0))
    empty = {kpi for (_, kpi), row in nothing.items() if row["value"] is None}
    assert empty == {key for key in ARITHMETIC if not kpi_definition(key).is_total} - {"share_in_branch"}
    assert nothing["all", "scale_premium"]["value"] == 0


def test_net_premium_may_be_negative_and_then_has_no_regular_share() -> None:
    row = found({"refunded_fen": 11_000_00})
    assert row["all", "scale_premium"]["value"] == -1_000
    assert row["all", "premium_per_branch"]["value"] == -1_000
    assert row["all", "regular_share"]["value"] is None


def test_our_share_appears_only_where_the_bank_gave_totals() -> None:
    with_total = {"own_with_total_fen": 2_000_00, "total_fen": 8_000_00}
    rows = found(with_total, {}, by="branch")
    assert rows["B1", "share_in_branch"]["value"] == 0.25
    assert ("B2", "share_in_branch") not in rows


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("all", ["all"]),
        ("branch", ["B1", "B2", "B3"]),
        ("region", ["东区", "西区"]),
        ("bank", ["望岳银行", "青禾银行"]),
        ("supervisor", ["", "li"]),
    ],
)
def test_units_are_in_order_of_their_keys(by: str, keys: list[str]) -> None:
    changes = ({"supervisor": None}, {"region": "西区"}, {"bank": "望岳银行"})
    table = kpi_table(figures(*changes), by=by, start=START, end=END, targets=())
    assert list(dict.fromkeys(table["key"].to_pylist())) == keys
    assert set(table["by"].to_pylist()) == {by}


def test_without_branches_the_whole_still_has_its_rows() -> None:
    assert found()["all", "branch_activity_rate"]["denominator"] == 0
    assert found(by="branch") == {}


def test_the_target_per_branch_is_that_of_the_tiers_for_the_length_of_the_period() -> None:
    tiers = ({"size_tier": "A"}, {"size_tier": "C"}, {"size_tier": "A", "operating": 0})
    one_month = found(*tiers, targets=shipped_kpi_targets())
    assert one_month["all", "policies_per_branch"]["target"] == pytest.approx((6 + 1.7) / 2)
    two_months = found(*tiers, targets=shipped_kpi_targets(), end=date(2026, 4, 30))
    assert two_months["all", "policies_per_branch"]["target"] == pytest.approx(6 + 1.7)


def test_the_targets_of_the_playbook_stand_beside_the_values() -> None:
    rows = found({}, targets=shipped_kpi_targets())
    assert {kpi: row["target"] for (_, kpi), row in rows.items() if row["target"] is not None} == {
        "branch_activity_rate": 0.6,
        "zero_branch_rate": 0.4,
        "policies_per_branch": 3.0,
        "regular_share": pytest.approx(1 / 3, abs=1e-6),
        "regular_single_ratio": 0.5,
        "cooling_off_rate": 0.05,
        "contact_attainment": 1.0,
    }


def test_a_company_plan_for_a_total_holds_for_the_whole_only() -> None:
    plan = KpiTarget("scale_premium", None, Decimal(100_000), START, "Plan", "Plan", is_stored=True)
    assert found({}, targets=(plan,))["all", "scale_premium"]["target"] == 100_000
    assert found({}, targets=(plan,), by="region")["东区", "scale_premium"]["target"] is None


def test_a_stored_target_wins_from_its_day_on() -> None:
    stored = KpiTarget("policies_per_branch", None, Decimal(4), date(2026, 3, 10), "Plan", "Plan", is_stored=True)
    targets = [*shipped_kpi_targets(), stored]
    for day, expected in ((date(2026, 3, 9), 6.0), (date(2026, 3, 10), 4.0)):
        assert kpi_target_on(targets, kpi="policies_per_branch", tier=SizeTier.LARGE, day=day) == expected


def test_a_stored_row_without_a_number_ends_the_target() -> None:
    ended = KpiTarget("regular_share", None, None, START, "Plan", "Plan", is_stored=True)
    assert kpi_target_on([*shipped_kpi_targets(), ended], kpi="regular_share", tier=None, day=END) is None


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), 1.0),
        (date(2026, 3, 1), date(2026, 3, 31), 1.0),
        (date(2026, 1, 1), date(2026, 12, 31), 12.0),
        (date(2026, 3, 2), date(2026, 3, 8), 7 / 31),
        (date(2026, 2, 15), date(2026, 3, 31), 0.5 + 1),
        (date(2026, 3, 5), date(2026, 3, 5), 1 / 31),
    ],
)
def test_the_length_of_a_period_in_months(start: date, end: date, months: float) -> None:
    assert months_in(start, end) == pytest.approx(months)


def test_every_definition_has_one_function_of_its_name_and_words_in_both_languages() -> None:
    assert [kpi.key for kpi in kpi_definitions()] == list(ARITHMETIC)
    for kpi in kpi_definitions():
        for words in (kpi.words("en"), kpi.words("zh")):
            assert all((words.title, words.formula, words.numerator, words.denominator, words.edge))


def test_every_shipped_target_belongs_to_a_kpi_and_names_its_source() -> None:
    for row in shipped_kpi_targets():
        assert kpi_definition(row.kpi).key == row.kpi
        assert row.source("en")
        assert row.source("zh")


def test_an_unknown_kpi_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="no KPI 'premium'; there are branch_activity_rate"):
        kpi_definition("premium")


def test_the_file_repeats_the_period_in_every_row() -> None:
    table = kpi_table(figures({}), by="all", start=START, end=END, targets=())
    assert next(file_rows(table, start=START, end=END)) == (
        "all",
        "all",
        START,
        END,
        "branch_activity_rate",
        1.0,
        1.0,
        1.0,
        "share",
        None,
    )


def test_a_person_who_sold_at_several_branches_of_a_unit_is_one_active_seller() -> None:
    changes = (
        {"sellers": 3, SHARED_SELLERS: [7, 8], "region": "东区"},
        {"sellers": 2, SHARED_SELLERS: [7], "region": "西区"},
        {"sellers": 1, SHARED_SELLERS: [8], "region": "东区"},
        {"sellers": 4, "region": "西区"},
    )
    assert found(*changes)["all", "active_sellers"]["value"] == 3 + 2 + 1 + 4 - 2
    by_region = found(*changes, by="region")
    assert (by_region["东区", "active_sellers"]["value"], by_region["西区", "active_sellers"]["value"]) == (3, 6)
    assert [found(*changes, by="branch")[f"B{at}", "active_sellers"]["value"] for at in (1, 2, 3, 4)] == [3, 2, 1, 4]
