"""Where each trap, property and warning of the stage engine is tested: read this first.

A trap is something the engine must not be fooled by; the words on the left are those of the trade.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
STAGES = "core/stages"
TRAPS = {
    "opening campaign": (
        f"{STAGES}/test_traps_of_the_season.py",
        "test_after_the_opening_campaign_a_steady_branch_is_no_decline_in_april_may_and_june",
    ),
    "Spring Festival gap": (
        f"{STAGES}/test_properties.py",
        "test_a_week_that_is_not_judged_and_has_no_policies_changes_nothing",
    ),
    "festival moves between January and February": (
        f"{STAGES}/test_traps_of_the_season.py",
        "test_the_festival_moves_between_january_and_february_and_a_steady_branch_keeps_its_stage",
    ),
    "one jumbo policy": (
        "db/test_stage_traps.py",
        "test_one_jumbo_policy_a_hundred_times_as_large_changes_no_row",
    ),
    "several policies of one family in one week": (
        f"{STAGES}/test_traps_of_late_data.py",
        "test_six_policies_of_one_family_in_a_week_and_then_none_is_slump_in_the_end_and_never_growth",
    ),
    "change of wealth manager": (
        "db/test_stage_traps.py",
        "test_a_wealth_manager_who_leaves_changes_no_stage_and_is_shown_for_thirteen_weeks",
    ),
    "new strong person": (
        "db/test_stage_traps.py",
        "test_a_new_strong_person_who_sells_nearly_all_is_shown_as_single_seller_at_the_same_stage",
    ),
    "one-off campaign or project": (
        f"{STAGES}/test_traps.py",
        "test_a_branch_that_lives_on_one_event_does_not_become_mature_meanwhile",
    ),
    "late import, data gap": (
        f"{STAGES}/test_traps_of_late_data.py",
        "test_dropping_the_last_two_weeks_of_a_region_changes_no_stage",
    ),
    "cooling-off cancellations": (
        f"{STAGES}/test_traps_of_late_data.py",
        "test_cancelling_one_fresh_policy_does_not_flip_a_stage_twice",
    ),
    "a change that rests only on provisional weeks": (
        f"{STAGES}/test_traps_of_late_data.py",
        "test_a_step_up_that_rests_only_on_weeks_that_may_still_be_cancelled_waits",
    ),
    "temporary closure": (f"{STAGES}/test_traps.py", "test_a_closure_of_six_weeks_keeps_stage_and_confidence"),
    "brand-new branch": (
        f"{STAGES}/test_traps.py",
        "test_a_brand_new_branch_of_five_weeks_with_five_policies_is_startup",
    ),
    "reopened branch": (f"{STAGES}/test_traps.py", "test_a_branch_reopened_after_twenty_weeks_is_startup"),
    "merged branch": (
        "db/test_stage_traps.py",
        "test_a_branch_merged_into_another_leaves_the_stage_and_history_of_its_successor_unchanged",
    ),
    "small branch, few policies": (
        f"{STAGES}/test_traps_of_late_data.py",
        "test_a_small_branch_with_a_policy_every_second_week_is_mature_and_chance_is_no_trend",
    ),
    "big contacts, no sales": ("db/test_stage_history.py", "test_contacts_change_no_stage"),
    "back-dated corrections": (
        "db/test_stage_traps.py",
        "test_a_back_dated_policy_is_replayed_as_if_it_had_been_there_and_leaves_the_weeks_before_it",
    ),
    "bank-wide stop": (f"{STAGES}/test_traps.py", "test_a_bank_that_stops_as_a_whole_changes_no_stage"),
    "product switch": (
        f"{STAGES}/test_traps_of_the_season.py",
        "test_a_product_switch_with_its_rush_before_and_its_dip_after_is_no_stage",
    ),
}
PROPERTIES = {
    "what was shown at the time stays beside the stage now": (
        "db/test_stage_shown.py",
        "test_late_policies_restate_the_weeks_whose_stage_they_change",
    ),
    "changing premiums changes no stage": ("db/test_stage_traps.py", "test_changing_premiums_changes_no_stage"),
    "weeks that are not valid change no stage": (
        f"{STAGES}/test_properties.py",
        "test_a_week_that_is_not_judged_and_has_no_policies_changes_nothing",
    ),
    "appending an incomplete week changes no stage": (
        "db/test_stage_traps.py",
        "test_appending_an_incomplete_week_changes_no_stage",
    ),
    "same history, same path whatever bank, region or name": (
        f"{STAGES}/test_properties.py",
        "test_two_branches_with_the_same_history_have_the_same_path_whatever_their_bank_and_region",
    ),
    "no look-ahead": (
        f"{STAGES}/test_properties.py",
        "test_data_cut_at_the_end_of_a_week_give_the_same_rows_up_to_it",
    ),
    "at most one change a week": (
        f"{STAGES}/test_properties.py",
        "test_a_branch_changes_its_stage_at_most_once_a_week_and_has_one_stage",
    ),
    "the sentence is true": (
        f"{STAGES}/test_true_sentences.py",
        "test_every_number_of_every_sentence_is_counted_again_from_the_rows",
    ),
}
WARNINGS = {
    "watch down": (f"{STAGES}/test_badges.py", "test_a_branch_is_watched_after_four_weeks_without_a_policy"),
    "watch up": (f"{STAGES}/test_badges.py", "test_a_clear_rise_is_a_hint_upwards"),
    "contact gap": ("db/test_cadence.py", "test_a_contact_gap_needs_two_due_weeks_under_sixty_per_cent_in_one_role"),
    "key person left": (
        f"{STAGES}/test_badges.py",
        "test_a_seller_with_two_fifths_of_half_a_year_is_a_key_person",
    ),
    "single seller": (
        f"{STAGES}/test_badges.py",
        "test_one_person_with_four_fifths_of_a_quarter_is_single_seller",
    ),
    "single-pay heavy": (
        f"{STAGES}/test_badges.py",
        "test_less_than_a_fifth_of_regular_premium_is_single_pay_heavy",
    ),
    "cancellation": (
        f"{STAGES}/test_badges.py",
        "test_high_cancellation_needs_thirteen_per_cent_and_three_policies",
    ),
    "low for its size": (
        f"{STAGES}/test_badges.py",
        "test_a_mature_branch_far_below_its_size_is_a_low_plateau",
    ),
    "provisional": (
        f"{STAGES}/test_badges.py",
        "test_a_stage_that_changed_within_fifteen_days_is_provisional",
    ),
}


@pytest.mark.parametrize(("file", "name"), [*TRAPS.values(), *PROPERTIES.values(), *WARNINGS.values()])
def test_what_the_index_names_is_there(file, name):
    assert re.search(rf"^def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_trap_of_the_trade_has_its_place():
    assert len(TRAPS) == 20  # the cooling-off period has two
