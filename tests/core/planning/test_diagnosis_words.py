from dataclasses import replace

import pytest

from core.coaching.reason_words import reason_sentence
from core.coaching.words import problem_sentence
from core.kpis.definitions import kpi_definition
from core.planning.diagnosis import DiagnosisState, diagnosis_problems
from core.planning.diagnosis_words import (
    STATE_LABELS,
    causes_word,
    diagnosis_state_word,
    difference_text,
    gap_sentence,
    season_sentence,
)
from tests.core.planning.test_diagnosis import ENTRY, GAP, OWNERS, TODAY


def test_every_state_has_a_word():
    assert set(STATE_LABELS) == set(DiagnosisState)
    assert diagnosis_state_word("zh", DiagnosisState.REVIEW_DUE) == "待复盘"


@pytest.mark.parametrize(
    ("kpi", "difference", "english", "chinese"),
    [
        ("branch_activity_rate", -0.18, "-18.0 points", "-18.0 个百分点"),
        ("policies_per_branch", 0.5, "+0.50", "+0.50"),
        ("scale_premium", -1_250_000, "-¥1.2M", "-125.0万元"),
        ("scale_premium", 50_000, "+¥50.0k", "+5.0万元"),
        ("active_sellers", -3, "-3", "-3"),
        ("regular_single_ratio", -0.1, "-0.10", "-0.10"),
        ("policies_per_branch", None, "–", "–"),
    ],
)
def test_a_difference_has_a_sign_and_shares_are_in_points(kpi, difference, english, chinese):
    definition = kpi_definition(kpi)
    assert difference_text(difference, definition, "en") == english
    assert difference_text(difference, definition, "zh") == chinese


def test_a_gap_is_told_with_what_was_due_and_what_the_season_does():
    assert gap_sentence("en", GAP) == "Branch activity rate: 42.0% against 60.0% (-18.0 points)"
    assert "does not explain it" in season_sentence("en", GAP)
    assert "may explain the gap" in season_sentence("en", replace(GAP, level=0.4))
    assert "cannot be said" in season_sentence("en", replace(GAP, level=None))


def test_causes_are_named_by_code_and_name():
    assert causes_word("en", ["C02", "C01"]) == "C02 Invitations blocked; C01 Insufficient staff skill"
    assert causes_word("zh", ["C02", "X"]) == "C02 活动邀约受阻；X"


def test_the_action_of_a_branch_says_which_gap_it_answers():
    facts = {"cause": "C02", "diagnosis": 1, "kpi": "branch_activity_rate", "on": "2026-11-02"}
    told = "Gap diagnosis of 2 Nov 2026, Branch activity rate: C02 · Invitations blocked"
    assert reason_sentence("en", "gap_diagnosis", facts) == told
    assert "C02 · 活动邀约受阻" in reason_sentence("zh", "gap_diagnosis", facts)
    assert reason_sentence("en", "gap_diagnosis", facts | {"cause": "C99"}).endswith(": C99")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_problem_of_a_diagnosis_is_a_sentence(language):
    wrong = replace(ENTRY, gap=replace(GAP, actual=0.9), owner="x", expected="", review_on=TODAY, due_on=TODAY)
    found = [problem_sentence(language, one) for one in diagnosis_problems(wrong, OWNERS, today=TODAY)]
    assert len(found) == 4
    assert not any("{" in one for one in found)
