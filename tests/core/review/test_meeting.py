from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from core.coaching.actions import Owner
from core.coaching.problems import ProblemKey
from core.facts import Stage, SuggestionState, UserRole
from core.language import LANGUAGES
from core.review.agenda import Agenda
from core.review.decisions import (
    STATE_OF_ACTION,
    DecisionEntry,
    decision_problems,
    latest_due_on,
    state_on,
    usual_due_on,
)
from core.review.figures import DecisionState, Mover, Moves, StageCount, Topic
from core.review.meeting import (
    COMPARED,
    Correction,
    attendance_problems,
    corrections,
    kept_figures,
    kept_text,
    shown_only,
)
from core.review.names import names_of, persons, rank_word, told
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope, ScopeKind
from core.review.words import correction_words, scope_word, state_word, topic_title
from tests.review_records import EAST, SPLIT, TEAM, card, decision, figures

TODAY = date(2026, 11, 17)
OWNERS = [Owner("li", "李")]
PEOPLE = persons(
    [("boss", "王总", UserRole.ADMIN), ("li", "李明", UserRole.SUPERVISOR), ("wu", "Wu", UserRole.SUPERVISOR)]
)


def test_figures_come_back_as_they_were_kept():
    assert kept_figures(kept_text(figures())) == figures()


def test_figures_kept_by_a_program_with_fewer_topics_can_be_read_and_broken_ones_say_so():
    old = kept_text(figures()).replace('"next_week":', '"unknown":', 1)
    assert kept_figures(old).next_week is None
    for words in ("", "{}", '{"scope": 1}'):
        with pytest.raises(ValueError, match="cannot be read"):
            kept_figures(words)


def test_topics_left_out_of_the_agenda_are_not_kept():
    kept = shown_only(figures(), Agenda(skipped=frozenset({Topic.WORKED, Topic.MOVES})))
    assert (kept.worked, kept.moves) == (None, None)
    assert kept.goals == figures().goals


def test_a_later_correction_is_told_figure_by_figure():
    now = figures(
        goals=(*figures().goals[:3], card(value=110_000.0)),
        stages=replace(figures().stages, counts=(StageCount(Stage.STARTUP, 99, 9, 11), *figures().stages.counts[1:])),
        moves=Moves(0, 1, 0, figures().moves.told[:1]),
        worked=None,
        next_week=None,
    )
    found = corrections(figures(), now)
    assert [(one.topic, one.what, one.key, one.shown, one.now) for one in found] == [
        (Topic.GOALS, "kpi", "scale_premium", 120_000.0, 110_000.0),
        (Topic.STAGES, "stage", "startup", 10, 99),
        (Topic.MOVES, "mover", "青禾银行B2支行", ("growth", "mature"), None),
    ]
    assert [correction_words("zh", one) for one in found] == [
        "规模保费：会上 ¥120,000，现为 ¥110,000",
        "起步期：会上 10，现为 99",
        "青禾银行B2支行：会上 ▲ 成长期 → ■ 成熟期，现为 –",
    ]
    assert corrections(figures(), figures()) == ()
    assert corrections(figures(goals=None), figures()) == ()


@pytest.mark.parametrize(
    ("kpi", "shown", "now", "words"),
    [
        ("scale_premium", 12_345_678.0, 12_345_678.5, "Scale premium: shown ¥12,345,678, now ¥12,345,678.50"),
        ("scale_premium", -3_000.0, None, "Scale premium: shown −¥3,000, now –"),
        ("regular_share", 0.2153, 0.2, "Regular share: shown 21.5%, now 20.0%"),
        ("regular_share", 0.21512, 0.21534, "Regular share: shown 21.51%, now 21.53%"),
        ("policies_per_branch", 1.2, 1.25, "Policies per branch: shown 1.2, now 1.25"),
        ("policies_per_branch", 1.2001, 1.2002, "Policies per branch: shown 1.2001, now 1.2002"),
    ],
)
def test_a_corrected_kpi_is_told_with_the_digits_that_tell_it_from_the_other(kpi, shown, now, words):
    assert correction_words("en", Correction(Topic.GOALS, "kpi", kpi, shown, now)) == words


def test_targets_flows_persons_and_the_weakest_are_compared_as_well():
    given = figures()
    weak = given.weakest.branches[0]
    changed = replace(weak, indicators=(replace(weak.indicators[0], value=0.2), weak.indicators[1]))
    now = figures(
        goals=(*given.goals[:3], card(target=500_000.0)),
        stages=replace(given.stages, flow_week=given.stages.flow_week[:1]),
        cadence=replace(given.cadence, by_person=(replace(given.cadence.by_person[0], done_weeks=100),)),
        weakest=replace(given.weakest, branches=(replace(changed, gap=replace(SPLIT, actual_fen=81_000_00)),)),
    )
    found = corrections(given, now)
    names = names_of("zh", PEOPLE, are_hidden=True)
    assert [correction_words("zh", one, names) for one in found] == [
        "规模保费目标：会上 ¥400,000，现为 ¥500,000",
        "■ 成熟期 → ◆ 调整期：会上 1，现为 –",
        "督导1：会上 90 / 120，现为 100 / 120",
        "督导2：会上 110 / 120，现为 –",
        "青禾银行B1支行 保费：会上 ¥80,000，现为 ¥81,000",
        "青禾银行B1支行 期交占比：会上 10.0%，现为 20.0%",
    ]
    assert "li" not in correction_words("zh", found[2])


def test_only_topics_that_look_back_are_compared():
    assert not COMPARED & {Topic.DECIDED, Topic.DECISIONS, Topic.NEXT_WEEK, Topic.WORKED}
    assert {field.name for field in fields(figures())} >= {topic.value for topic in COMPARED}


@pytest.mark.parametrize(
    ("present", "guests", "found"),
    [
        (["li"], ["培训讲师 T01"], []),
        (["xu"], [], [ProblemKey.NOT_A_CHOICE]),
        ([], [""], [ProblemKey.EMPTY]),
        ([], ["13800138000"], [ProblemKey.PERSONAL_NUMBER]),
        ([], ["x"] * 61, [ProblemKey.TOO_MANY_ROWS]),
    ],
)
def test_who_was_there_is_own_staff_or_words_without_numbers_of_persons(present, guests, found):
    assert [one.key for one in attendance_problems(present, guests, ["li", "wu"], today=TODAY)] == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"words": "  "}, [ProblemKey.EMPTY]),
        ({"words": "x" * 161}, [ProblemKey.TOO_LONG]),
        ({"owner": "xu"}, [ProblemKey.NOT_A_CHOICE]),
        ({"due_on": TODAY - timedelta(days=1)}, [ProblemKey.DUE_IN_PAST]),
        ({"due_on": TODAY}, []),
        ({"due_on": latest_due_on(TODAY)}, []),
        ({"due_on": latest_due_on(TODAY) + timedelta(days=1)}, [ProblemKey.TOO_FAR]),
        ({"measure": "x" * 81}, [ProblemKey.TOO_LONG]),
    ],
)
def test_a_decision_needs_words_an_owner_and_a_day_that_can_be_kept(change, found):
    entry = replace(DecisionEntry(Topic.GOALS, None, "补登", "li", usual_due_on(TODAY), ""), **change)
    assert [one.key for one in decision_problems(entry, OWNERS, today=TODAY)] == found


def test_an_overdue_decision_may_change_hands_without_a_new_date():
    entry = DecisionEntry(Topic.GOALS, None, "补登", "li", TODAY - timedelta(days=3), "")
    assert decision_problems(entry, OWNERS, today=TODAY, due_before=entry.due_on) == ()


def test_an_open_decision_is_overdue_after_its_day_and_every_action_says_how_its_decision_stands():
    assert state_on(DecisionState.OPEN, TODAY, today=TODAY) is DecisionState.OPEN
    assert state_on(DecisionState.OPEN, TODAY, today=TODAY + timedelta(days=1)) is DecisionState.OVERDUE
    assert state_on(DecisionState.DONE, TODAY, today=TODAY + timedelta(days=1)) is DecisionState.DONE
    assert set(STATE_OF_ACTION) == set(SuggestionState)


def test_with_names_off_persons_stand_by_rank_and_number_everywhere():
    names = names_of("zh", PEOPLE, [("赵晓", "S17")], are_hidden=True)
    page = told(
        figures(
            decisions=(
                decision(words="请李明与赵晓联系Wu，li.wei不变", measure="问wu", outcome="王总同意", owner="boss"),
            )
        ),
        names,
    )
    (shown,) = page.decisions
    assert (shown.words, shown.measure) == ("请督导1与S17联系督导2，li.wei不变", "问督导2")
    assert (shown.outcome, shown.owner) == ("管理员1同意", "管理员1")
    assert [line.key for line in page.cadence.by_person] == ["督导1", "督导2"]
    assert page.weakest.branches[0].supervisor == "督导1"
    assert page.decided[0].owner == "督导1"
    assert scope_word("zh", TEAM, names) == "督导1团队"
    for word in ("李明", "赵晓", "王总", '"wu"', '"li"'):
        assert word not in kept_text(replace(page, scope=EAST))


def test_with_names_on_persons_stand_by_name_and_typed_words_stay():
    names = names_of("en", PEOPLE, [("赵晓", "S17")], are_hidden=False)
    page = told(figures(decisions=(decision(words="ask wu", owner="wu"),)), names)
    assert (page.decisions[0].words, page.decisions[0].owner) == ("ask wu", "Wu")
    assert (names.of(None), names.of("nobody")) == ("–", "–")


def test_a_rank_is_counted_by_itself():
    assert [(one.username, one.number) for one in PEOPLE] == [("boss", 1), ("li", 1), ("wu", 2)]
    assert rank_word("en", PEOPLE[2]) == "Supervisor 2"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_and_state_has_a_word_of_its_own(language):
    assert len({topic_title(language, topic) for topic in Topic}) == len(Topic)
    assert len({state_word(language, state) for state in DecisionState}) == len(DecisionState)
    names = names_of(language, PEOPLE, are_hidden=True)
    assert len({scope_word(language, scope, names) for scope in (ReviewScope(ScopeKind.ALL), EAST, TEAM)}) == 3


def test_the_rules_name_lists_only():
    assert set(meeting_rules_on(TODAY).lines) == {
        *(Topic.DECIDED, Topic.STAGES, Topic.MOVES, Topic.CADENCE, Topic.WORKED, Topic.DECISIONS),
    }
    assert isinstance(figures().moves.told[0], Mover)
