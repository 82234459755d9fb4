import math

import pandas as pd
import pytest

from core.attention import CHANGED, LAST_PLACE, attention_groups, attention_order, attention_title, open_warnings
from core.facts import Badge, Stage


def place_of(stage, badges="", weeks_since_change=math.nan):
    frame = pd.DataFrame({"stage": [stage], "badges": [badges], "weeks_since_change": [weeks_since_change]})
    row = attention_groups(frame).iloc[0]
    return row["place"], row["attention"]


def test_places_of_the_order_are_one_to_four_and_keys_are_unique():
    assert [group.place for group in attention_order()] == [1, 2, 3, 4]
    assert len({group.key for group in attention_order()}) == 4


@pytest.mark.parametrize("stage", [Stage.ADJUSTMENT, Stage.SLUMP])
@pytest.mark.parametrize("badge", [Badge.WATCH_DOWN, Badge.CONTACT_GAP, Badge.KEY_PERSON_LEFT, Badge.HIGH_CANCELLATION])
def test_a_weak_stage_with_a_warning_comes_first(stage, badge):
    assert place_of(stage, badge) == (1, "weak_with_warning")


@pytest.mark.parametrize("badge", [Badge.WATCH_UP, Badge.PROVISIONAL, Badge.INSUFFICIENT_DATA])
def test_a_mark_that_is_no_warning_leaves_a_weak_stage_off_the_list(badge):
    assert place_of(Stage.SLUMP, badge) == (LAST_PLACE, None)


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        pytest.param(1, (2, CHANGED), id="changed in the last week"),
        pytest.param(2, (2, CHANGED), id="changed the week before"),
        pytest.param(3, (LAST_PLACE, None), id="changed two weeks before"),
        pytest.param(math.nan, (LAST_PLACE, None), id="never changed"),
    ],
)
def test_a_change_is_new_for_two_weeks(weeks, expected):
    assert place_of(Stage.MATURE, "", weeks) == expected


def test_the_first_group_that_holds_counts():
    assert place_of(Stage.SLUMP, "watch_down,contact_gap", 1)[0] == 1
    assert place_of(Stage.MATURE, "watch_down,contact_gap", 1)[0] == 2
    assert place_of(Stage.MATURE, "watch_down,contact_gap", 30)[0] == 3
    assert place_of(Stage.MATURE, "provisional,contact_gap", 30)[0] == 4


def test_warnings_are_the_marks_some_group_asks_for():
    assert {Badge.SINGLE_SELLER, Badge.SINGLE_PAY_HEAVY, Badge.WATCH_DOWN, Badge.CONTACT_GAP} < open_warnings()
    assert not {Badge.WATCH_UP, Badge.PROVISIONAL, Badge.LOW_PLATEAU} & open_warnings()


def test_a_badge_is_matched_as_a_whole_word():
    assert place_of(Stage.MATURE, "watch_down_not")[1] is None


def test_a_branch_without_a_stage_is_on_no_list():
    assert place_of(None, None) == (LAST_PLACE, None)


def test_no_branches_give_no_rows():
    empty = pd.DataFrame({"stage": [], "badges": [], "weeks_since_change": []})
    assert attention_groups(empty).empty


def test_every_group_has_a_name_in_both_languages():
    for group in attention_order():
        assert attention_title("en", group.key) == group.title_en
        assert attention_title("zh", group.key) == group.title_zh
        assert group.title_en != group.title_zh
