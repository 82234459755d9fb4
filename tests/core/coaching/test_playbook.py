from datetime import date

import pytest

from core.coaching.compliance import forbidden_in, forbidden_words
from core.coaching.playbook import (
    BANK_PARTIES,
    ComplianceClass,
    Driver,
    Party,
    PlaybookChange,
    ProcessStep,
    find_action,
    playbook_on,
    shipped_playbook,
)
from core.coaching.suggestion import BADGES_WITHOUT_ACTION
from core.facts import Badge, StaffRole, Stage

ACTIONS = shipped_playbook()
IDS = [action.code for action in ACTIONS]
CAUSES = {f"C{number:02d}" for number in range(1, 35)}
CAUSES_WITHOUT_ACTION = {"C25", "C26", "C27", "C28", "C30"}
TODAY = date(2026, 11, 22)


def texts_of(action):
    return [
        action.title_en, action.title_zh, *action.steps_en, *action.steps_zh, action.rhythm_en, action.rhythm_zh,
        action.materials_en, action.materials_zh, action.measure_en, action.measure_zh,
    ]  # fmt: skip


def is_chinese(words):
    return any("\u4e00" <= sign <= "\u9fff" for sign in words)


def test_there_are_sixty_actions_twelve_for_each_stage():
    assert len(ACTIONS) == 60
    assert {stage: sum(stage in action.stages for action in ACTIONS) for stage in Stage} == dict.fromkeys(Stage, 12)


def test_keys_and_codes_are_unique_and_in_order():
    assert len({action.key for action in ACTIONS}) == 60
    assert [action.number for action in ACTIONS] == list(range(60))
    assert [f"{head}{number:02d}" for head in ("SU", "GR", "MA", "AD", "SL") for number in range(1, 13)] == IDS


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_every_text_stands_in_both_languages(action):
    texts = texts_of(action)
    assert all(words.strip() == words and words for words in texts)
    assert len(action.steps_en) == len(action.steps_zh) == 3
    for words in (action.title_en, *action.steps_en, action.measure_en, action.materials_en, action.rhythm_en):
        assert not is_chinese(words)
    for words in (action.title_zh, *action.steps_zh, action.measure_zh, action.materials_zh, action.rhythm_zh):
        assert is_chinese(words)


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_no_text_says_what_the_rules_forbid(action):
    assert forbidden_in(texts_of(action)) == ()


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_only_bank_staff_stand_before_customers(action):
    """The insurer's people prepare and debrief; they never sell in the branch."""
    meets_customers = Party.CUSTOMERS in action.with_whom
    assert meets_customers == (action.compliance is ComplianceClass.BANK_SERVES_CUSTOMERS)
    if meets_customers:
        assert set(action.who) <= BANK_PARTIES
        assert action.supported_by


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_work_inside_the_insurer_meets_nobody_of_the_bank(action):
    assert (action.compliance is ComplianceClass.INSURER_ONLY) == (action.with_whom == ())


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_recognition_comes_from_the_bank(action):
    if action.method.value == "recognition":
        assert action.compliance is ComplianceClass.BANK_RECOGNITION
        assert set(action.who) <= BANK_PARTIES


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_every_action_names_its_source_time_and_known_causes(action):
    assert action.source("en")
    assert is_chinese(action.source("zh"))
    assert 5 <= action.minutes <= 240
    assert set(action.causes) <= CAUSES
    assert action.causes
    assert action.pause_days is None or 28 <= action.pause_days <= 182


@pytest.mark.parametrize("badge", sorted(set(Badge) - BADGES_WITHOUT_ACTION))
def test_every_warning_has_an_action(badge):
    assert [action.code for action in ACTIONS if badge in action.badges]


@pytest.mark.parametrize("cause", sorted(CAUSES - CAUSES_WITHOUT_ACTION))
def test_every_cause_that_coaching_can_answer_has_an_action(cause):
    assert [action.code for action in ACTIONS if cause in action.causes]


def test_weak_skill_and_blocked_invitations_lead_to_their_actions():
    assert "AD05" in [action.code for action in ACTIONS if "C01" in action.causes]
    assert "AD04" in [action.code for action in ACTIONS if "C02" in action.causes]


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(
    "role", [StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.TELLER]
)
def test_missing_contacts_with_the_head_or_seller_have_an_answer_somewhere(stage, role):
    answers = [action for action in ACTIONS if role in action.gap_roles]
    assert answers
    if role is StaffRole.BRANCH_HEAD:
        assert [action for action in answers if stage in action.stages]


def test_a_change_holds_from_its_day_on_and_not_before():
    change = PlaybookChange("opening_talk", date(2026, 12, 1), {"title_en": "First talk"}, "team meeting")
    before = find_action(playbook_on([change], as_of=date(2026, 11, 30)), "opening_talk")
    on_the_day = find_action(playbook_on([change], as_of=date(2026, 12, 1)), "opening_talk")
    assert (before.title_en, before.changed_from) == ("Opening talk: purpose, goals, contacts", None)
    assert (on_the_day.title_en, on_the_day.changed_from, on_the_day.source("en")) == (
        "First talk",
        date(2026, 12, 1),
        "team meeting",
    )
    assert on_the_day.title_zh == "合作启动面谈"


def test_of_two_changes_the_later_day_wins_in_whatever_order_they_come():
    older = PlaybookChange("opening_talk", date(2026, 10, 1), {"title_en": "A", "is_off": True}, "x")
    newer = PlaybookChange("opening_talk", date(2026, 11, 1), {"title_en": "B"}, "y")
    for changes in ([older, newer], [newer, older]):
        action = find_action(playbook_on(changes, as_of=TODAY), "opening_talk")
        assert (action.title_en, action.is_off) == ("B", True)


def test_steps_stored_as_a_list_come_back_as_they_are_shown():
    change = PlaybookChange("opening_talk", date(2026, 10, 1), {"steps_en": ["One", "Two"]}, "x")
    assert find_action(playbook_on([change], as_of=TODAY), "opening_talk").steps("en") == ("One", "Two")


def test_who_meets_whom_cannot_be_changed_by_a_stored_row():
    change = PlaybookChange("first_micro_salon", date(2026, 10, 1), {"who": ["channel_manager"]}, "x")
    assert find_action(playbook_on([change], as_of=TODAY), "first_micro_salon").who == (Party.WEALTH_MANAGER,)


def test_an_unknown_key_finds_nothing():
    assert find_action(ACTIONS, "no_such_action") is None


@pytest.mark.parametrize("words", ["Promise a RISK-FREE plan", "送礼品", "本产品保本"])
def test_forbidden_words_are_found_in_any_case(words):
    assert len(forbidden_in([words])) == 1


def test_every_forbidden_word_has_its_reason_in_both_languages_and_a_source():
    for row in forbidden_words():
        assert row.why("en")
        assert is_chinese(row.why("zh"))
        assert row.source


@pytest.mark.parametrize("action", ACTIONS, ids=IDS)
def test_the_outer_driver_is_what_meets_customers_and_paperwork_needs_no_contact(action):
    assert (action.driver is Driver.EXTERNAL) == (Party.CUSTOMERS in action.with_whom)
    assert action.needs_proof == (action.compliance is not ComplianceClass.INSURER_ONLY)


def test_every_step_of_the_process_has_actions_and_customer_work_is_no_coaching():
    assert {action.step for action in ACTIONS} == set(ProcessStep)
    outside = {action.step for action in ACTIONS if action.driver is Driver.EXTERNAL}
    assert outside == {ProcessStep.CUSTOMER_OPS, ProcessStep.PROJECT, ProcessStep.PROMOTION}
