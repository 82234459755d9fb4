from datetime import date

import pytest

from core.review.figures import KpiCard
from core.review.official import Reconciliation, reconciliation, reconciliation_text, whole_months


def card(kpi, ours, official):
    return KpiCard(kpi, date(2026, 5, 1), date(2026, 5, 31), None, ours, ours, 1.0, official=official)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        pytest.param(date(2026, 5, 1), date(2026, 5, 31), [5], id="a month"),
        pytest.param(date(2026, 1, 1), date(2026, 3, 31), [1, 2, 3], id="a quarter"),
        pytest.param(date(2026, 5, 1), date(2026, 5, 30), [], id="a day short"),
        pytest.param(date(2026, 5, 2), date(2026, 5, 31), [], id="begins inside"),
    ],
)
def test_only_whole_months_can_be_held_against_a_statement(start, end, months):
    assert [month.month for month in whole_months(start, end)] == months


def test_ours_stands_beside_the_official_figure():
    assert reconciliation(card("scale_premium", 5.0, None)) is None
    assert reconciliation_text("en", card("scale_premium", 5.0, None)) is None
    found = reconciliation(card("policies_per_branch", 90.0, 100.0))
    assert (found.difference, found.share) == (-10, -0.1)
    assert Reconciliation(3, 0).share is None


def test_the_line_says_the_difference_with_its_sign_and_share():
    assert reconciliation_text("zh", card("scale_premium", 12_345_000.0, 12_400_000.0)) == (
        "本系统 1,234.5万元 · 官方 1,240.0万元 · 差额 −5.5万元 (−0.4%)"
    )
    assert reconciliation_text("en", card("policies_per_branch", 120.0, 100.0)) == (
        "ours 120 · official 100 · difference +20 (+20.0%)"
    )
    assert reconciliation_text("en", card("policies_per_branch", 0.0, 0.0)) == "ours 0 · official 0 · difference ±0"
