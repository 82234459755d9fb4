import pytest

from core.facts import SizeTier
from core.size_tiers import size_tier, tier_guide


@pytest.mark.parametrize(
    ("sellers", "expected"),
    [
        pytest.param(0, SizeTier.SMALL, id="nobody in post"),
        pytest.param(2, SizeTier.SMALL, id="just below standard"),
        pytest.param(3, SizeTier.STANDARD, id="exactly standard"),
        pytest.param(5, SizeTier.STANDARD, id="just below large"),
        pytest.param(6, SizeTier.LARGE, id="exactly large"),
    ],
)
def test_the_tier_follows_the_sellers_in_post(sellers, expected):
    assert size_tier(set_by_hand=None, sellers_in_post=sellers, has_staff=True) is expected


def test_a_tier_set_by_hand_wins():
    assert size_tier(set_by_hand=SizeTier.SMALL, sellers_in_post=9, has_staff=True) is SizeTier.SMALL


def test_a_branch_without_any_staff_recorded_is_standard():
    assert size_tier(set_by_hand=None, sellers_in_post=0, has_staff=False) is SizeTier.STANDARD


def test_the_guide_runs_from_the_largest_tier_down_to_nobody():
    sellers = [row.min_sellers for row in tier_guide()]
    assert sellers == sorted(sellers, reverse=True)
    assert sellers[-1] == 0
    assert [row.tier for row in tier_guide()] == [SizeTier.LARGE, SizeTier.STANDARD, SizeTier.SMALL]
