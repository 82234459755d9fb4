from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coaching.problems import ProblemKey
from core.coaching.words import problem_sentence
from core.events.entries import BranchEvent, EventEntry, Guests, ProjectPlan, event_problems, words_to_check
from core.events.rules import event_rules
from core.facts import CustomerTier, EventState

TODAY = date(2026, 11, 18)
RULES = event_rules()
MASS = EventEntry(
    day=TODAY,
    kind="micro_salon",
    relation="traffic_customer",
    tier=CustomerTier.MASS,
    theme="theme_health_retirement",
    insurer_level="channel_manager",
    bank_level="branch",
)
RICH = replace(
    MASS,
    kind="private_roundtable",
    relation="hnw_customer",
    tier=CustomerTier.HIGH_NET_WORTH,
    theme="theme_law_business",
    insurer_level="provincial_company",
    bank_level="bank_provincial",
)
PROJECT = ProjectPlan(TODAY, TODAY + timedelta(days=20), "新增期交10件", "两位讲师", "")


def keys(entry, **more):
    return [(one.key, one.place) for one in event_problems(entry, today=TODAY, **more)]


def test_the_typical_events_of_the_playbook_are_right():
    middle = replace(
        RICH,
        relation="existing_customer",
        tier=CustomerTier.AFFLUENT,
        theme="theme_asset_allocation",
        insurer_level="city_company",
        bank_level="bank_subbranch",
    )
    assert keys(MASS) == keys(middle) == keys(RICH) == []


@pytest.mark.parametrize("tier", list(CustomerTier))
def test_every_tier_offers_kinds_and_themes_and_the_levels_of_its_row(tier):
    lowest = {
        CustomerTier.MASS: ("channel_manager", "branch"),
        CustomerTier.AFFLUENT: ("city_company", "bank_subbranch"),
        CustomerTier.HIGH_NET_WORTH: ("provincial_company", "bank_provincial"),
    }
    insurer, bank = RULES.levels_for(tier)
    assert (insurer[0].key, bank[0].key) == lowest[tier]
    assert RULES.themes_for(tier)
    assert all(RULES.kinds_for(one.key, tier) for one in RULES.relations if tier in one.tiers)


@pytest.mark.parametrize(
    ("entry", "change", "expected"),
    [
        (RICH, {"insurer_level": "city_company"}, (ProblemKey.EVENT_LEVEL, "insurer_level")),
        (RICH, {"bank_level": "bank_city"}, (ProblemKey.EVENT_LEVEL, "bank_level")),
        (RICH, {"theme": "theme_tax_planning"}, (ProblemKey.EVENT_THEME, "event_theme")),
        (RICH, {"kind": "micro_salon"}, (ProblemKey.EVENT_KIND, "event_kind")),
        (RICH, {"tier": CustomerTier.MASS}, (ProblemKey.EVENT_TIER, "event_tier")),
        (MASS, {"theme": "theme_family_trust"}, (ProblemKey.EVENT_THEME, "event_theme")),
        (MASS, {"kind": "unknown"}, (ProblemKey.EVENT_KIND, "event_kind")),
        (MASS, {"relation": "unknown"}, (ProblemKey.EVENT_TIER, "event_tier")),
    ],
)
def test_what_does_not_go_together_is_named(entry, change, expected):
    assert keys(replace(entry, **change)) == [expected]


def test_a_higher_level_may_join_a_small_event():
    assert keys(replace(MASS, insurer_level="provincial_company", bank_level="bank_city")) == []


@pytest.mark.parametrize(
    ("days", "state", "expected"),
    [
        (0, EventState.PLANNED, []),
        (-1, EventState.PLANNED, [ProblemKey.DUE_IN_PAST]),
        (366, EventState.PLANNED, []),
        (367, EventState.PLANNED, [ProblemKey.EVENT_DAY]),
        (0, EventState.HELD, []),
        (1, EventState.HELD, [ProblemKey.IN_FUTURE]),
        (-92, EventState.HELD, []),
        (-93, EventState.HELD, [ProblemKey.EVENT_DAY]),
    ],
)
def test_the_day_fits_what_became_of_the_event(days, state, expected):
    guests = Guests(came=5) if state is EventState.HELD else Guests()
    entry = replace(MASS, day=TODAY + timedelta(days=days), state=state, guests=guests)
    assert [key for key, _ in keys(entry)] == expected


def test_an_old_day_that_stays_is_no_mistake():
    before = replace(MASS, day=TODAY - timedelta(days=200))
    assert keys(before, before=before) == []
    assert keys(replace(before, state=EventState.HELD, guests=Guests(came=3)), before=before) == []


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        (Guests(20, 12, 8, 2, 1), []),
        (Guests(None, None, 0), []),
        (Guests(12, 12, 12), []),
        (Guests(12, 13, 8), [(ProblemKey.MORE_GUESTS, "confirmed")]),
        (Guests(12, None, 13), [(ProblemKey.MORE_GUESTS, "came")]),
        (Guests(500, 1, 1), []),
        (Guests(501, 1, 1), [(ProblemKey.GUESTS, "invited")]),
        (Guests(-1, None, None), [(ProblemKey.GUESTS, "invited"), (ProblemKey.EMPTY, "came")]),
        (Guests(20, 12), [(ProblemKey.EMPTY, "came")]),
    ],
)
def test_the_guests_of_a_held_event(guests, expected):
    assert keys(replace(MASS, state=EventState.HELD, guests=guests)) == expected


def test_nobody_came_to_an_event_that_is_only_planned():
    assert keys(replace(MASS, guests=Guests(20, 12))) == []
    assert keys(replace(MASS, guests=Guests(20, 12, 5))) == [(ProblemKey.NOT_HELD, "came")]


def test_a_cancelled_event_says_why():
    cancelled = replace(MASS, state=EventState.CANCELLED)
    assert keys(cancelled) == [(ProblemKey.EMPTY, "event_note")]
    assert keys(replace(cancelled, note="网点装修")) == []


@pytest.mark.parametrize("missing", ["start_on", "end_on", "target", "resources"])
def test_a_project_has_a_start_an_end_a_target_and_resources(missing):
    assert keys(replace(MASS, project=PROJECT)) == []
    empty = replace(PROJECT, **{missing: None if missing.endswith("_on") else " "})
    assert [key for key, _ in keys(replace(MASS, project=empty))] == [ProblemKey.EMPTY]


def test_a_project_that_is_over_has_a_result():
    over = replace(PROJECT, start_on=TODAY - timedelta(days=10), end_on=TODAY)
    held = replace(MASS, state=EventState.HELD, guests=Guests(came=6), project=over)
    assert keys(held) == [(ProblemKey.EMPTY, "project_result")]
    assert keys(replace(held, project=replace(over, result="完成9件"))) == []
    assert keys(replace(held, project=replace(over, end_on=TODAY + timedelta(days=1)))) == []


@pytest.mark.parametrize(
    ("start", "end", "is_right"), [(0, 0, True), (1, 5, False), (-5, -1, False), (0, 92, True), (0, 93, False)]
)
def test_the_event_lies_within_its_project(start, end, is_right):
    plan = replace(PROJECT, start_on=TODAY + timedelta(days=start), end_on=TODAY + timedelta(days=end))
    assert (keys(replace(MASS, project=plan)) == []) is is_right


def test_words_to_check_ask_for_the_approval_number_and_are_no_verdict():
    entry = replace(MASS, title="稳赚不赔的规划")
    assert keys(entry) == [(ProblemKey.NEEDS_APPROVAL, "text")]
    approved = replace(entry, approval_number="宣审2026-118", approved_on=TODAY)
    assert keys(approved) == []
    assert [one.word for one in words_to_check(approved)] == ["稳赚"]


def test_nobody_announces_the_end_of_a_product_even_with_a_number():
    entry = replace(MASS, title="即将停售专场", approval_number="宣审2026-118", approved_on=TODAY)
    assert keys(entry) == [(ProblemKey.FORBIDDEN_WORD, "text")]


def test_an_approval_has_number_and_day():
    assert keys(replace(MASS, approval_number="宣审2026-118")) == [(ProblemKey.EMPTY, "approved_on")]
    assert keys(replace(MASS, approved_on=TODAY)) == [(ProblemKey.EMPTY, "approval_number")]


@pytest.mark.parametrize("field", ["title", "note", "approval_number"])
def test_no_text_holds_a_number_that_points_to_a_person(field):
    found = keys(replace(MASS, **{field: "联系13812345678"}))
    assert ProblemKey.PERSONAL_NUMBER in [key for key, _ in found]
    assert keys(replace(MASS, event_ref="13812345678")) == [(ProblemKey.EVENT_REF, "event_ref")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_problem_can_be_said(language):
    wrong = [
        replace(RICH, insurer_level="x", theme="x", kind="x", guests=Guests(600, 700, 1), title="保本"),
        replace(MASS, tier=CustomerTier.HIGH_NET_WORTH, event_ref="x" * 81),
        replace(MASS, day=TODAY + timedelta(days=400)),
        replace(MASS, project=replace(PROJECT, end_on=TODAY - timedelta(days=1))),
    ]
    for entry in wrong:
        for problem in event_problems(entry, today=TODAY):
            assert "{" not in problem_sentence(language, problem)


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (-1, True)])
def test_an_event_whose_day_is_over_is_to_be_reported(days, is_late):
    entry = replace(MASS, day=TODAY + timedelta(days=days))
    event = BranchEvent(1, 1, "B1", "网点", entry, 1)
    assert event.is_unreported(TODAY) is is_late
    held = replace(event, entry=replace(entry, state=EventState.HELD))
    assert not held.is_unreported(TODAY)


@settings(max_examples=30)
@given(
    relation=st.sampled_from(RULES.relations),
    data=st.data(),
)
def test_whatever_is_offered_goes_together(relation, data):
    tier = data.draw(st.sampled_from(relation.tiers))
    insurer, bank = RULES.levels_for(tier)
    entry = replace(
        MASS,
        relation=relation.key,
        tier=tier,
        kind=data.draw(st.sampled_from(RULES.kinds_for(relation.key, tier))).key,
        theme=data.draw(st.sampled_from(RULES.themes_for(tier))).key,
        insurer_level=data.draw(st.sampled_from(insurer)).key,
        bank_level=data.draw(st.sampled_from(bank)).key,
    )
    assert keys(entry) == []
