from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.steps.judge import judged_steps, stands_at
from core.steps.rules import StepState, step_rules

TODAY = date(2026, 11, 18)
RULES = step_rules()
LATE = [f"{step.key}_late" for step in RULES.steps]


def ago(days):
    return np.datetime64(TODAY - timedelta(days=days))


def facts(**more):
    plain = {
        "branch_id": 1,
        "head_on": ago(3),
        "head_talks": 2.0,
        "sellers_on": ago(1),
        "seller_talks": 4.0,
        "coaching_action_on": ago(10),
        "event_on": ago(10),
        "show_up": 0.7,
        "events_unreported": 0.0,
        "promotion_action_on": ago(10),
        "project_on": ago(20),
        "projects_open": 0.0,
        "review_on": ago(30),
        "check_on": ago(30),
        **dict.fromkeys(LATE, 0.0),
    }
    frame = pd.DataFrame([plain | more])
    days = [name for name in frame if name.endswith("_on")]
    return frame.astype(dict.fromkeys(days, "datetime64[s]"))


def judged(frame):
    return {one.step.key: one for one in judged_steps(frame, as_of=TODAY)}


def state(step, **more):
    return StepState(judged(facts(**more))[step].states[0])


def test_the_steps_stand_in_the_order_of_the_playbook_with_evaluation_as_the_closing_arc():
    assert [one.key for one in RULES.steps] == [
        "survey",
        "relations",
        "coaching",
        "customer_ops",
        "promotion",
        "project",
        "evaluation",
    ]
    assert set(RULES.states) == set(StepState)


def test_every_need_has_one_bound_and_a_sentence_in_both_languages():
    for step in RULES.steps:
        for need in step.needs:
            assert sum(one is not None for one in (need.at_least, need.at_most, need.within_days)) == 1
            for language in ("en", "zh"):
                assert "{" not in need.sentence(language, 2.0)


def test_a_branch_where_all_is_kept_is_done_for_now_but_for_a_survey_nobody_keeps():
    found = judged(facts())
    assert {key: one.states[0] for key, one in found.items()} == {
        key: StepState.NOT_KNOWN if key == "survey" else StepState.DONE for key in found
    }
    assert found["relations"].last_on[0] == ago(3)
    assert stands_at(tuple(found.values()))[0] == -1


def test_a_survey_the_store_keeps_is_judged():
    whole = {"survey_on": ago(30), "survey_share": 0.9, "survey_due": 0.0}
    assert state("survey", **whole) is StepState.DONE
    assert state("survey", **whole | {"survey_share": 0.89}) is StepState.UNDER_WAY
    assert state("survey", **whole | {"survey_due": 1.0}) is StepState.OVERDUE
    assert state("survey", **whole | {"survey_on": ago(365)}) is StepState.DONE
    assert state("survey", **whole | {"survey_on": ago(366)}) is StepState.OVERDUE
    assert state("survey", survey_on=np.datetime64("NaT"), survey_share=np.nan) is StepState.NOT_BEGUN


@pytest.mark.parametrize(
    ("step", "fact", "kept", "lacking", "expected"),
    [
        ("relations", "head_on", ago(14), ago(15), StepState.UNDER_WAY),
        ("relations", "head_on", ago(14), ago(29), StepState.OVERDUE),
        ("relations", "head_talks", 2, 1, StepState.UNDER_WAY),
        ("relations", "promises_late", 0, 1, StepState.OVERDUE),
        ("coaching", "seller_talks", 4, 3, StepState.UNDER_WAY),
        ("coaching", "coaching_action_on", ago(56), ago(57), StepState.UNDER_WAY),
        ("coaching", "coaching_late", 0, 1, StepState.OVERDUE),
        ("customer_ops", "event_on", ago(28), ago(29), StepState.UNDER_WAY),
        ("customer_ops", "event_on", ago(28), ago(92), StepState.OVERDUE),
        ("customer_ops", "show_up", 0.6, 0.59, StepState.UNDER_WAY),
        ("customer_ops", "show_up", np.nan, 0.1, StepState.UNDER_WAY),
        ("customer_ops", "events_unreported", 0, 1, StepState.OVERDUE),
        ("promotion", "promotion_action_on", ago(28), ago(29), StepState.UNDER_WAY),
        ("project", "project_on", ago(31), ago(32), StepState.UNDER_WAY),
        ("project", "project_on", ago(31), np.datetime64("NaT"), StepState.NOT_BEGUN),
        ("project", "projects_open", 0, 1, StepState.OVERDUE),
        ("evaluation", "review_on", ago(91), ago(92), StepState.UNDER_WAY),
        ("evaluation", "check_on", ago(62), ago(63), StepState.UNDER_WAY),
        ("evaluation", "misses_open", 0, 1, StepState.OVERDUE),
    ],
)
def test_each_need_at_its_limit(step, fact, kept, lacking, expected):
    assert state(step, **{fact: kept}) is StepState.DONE
    found = judged(facts(**{fact: lacking}))[step]
    assert found.states[0] == expected
    assert len(found.lacking(0, "en")) == 1
    assert len(found.lacking(0, "zh")) == 1


def test_an_action_taken_on_begins_a_step():
    lacking = {"promotion_action_on": np.datetime64("NaT")}
    assert state("promotion", **lacking) is StepState.NOT_BEGUN
    assert state("promotion", **lacking, promotion_taken_on=ago(2)) is StepState.UNDER_WAY


def test_the_sentence_names_the_figure():
    found = judged(facts(head_talks=1.0))["relations"]
    assert found.lacking(0, "en") == ("Hold in-depth talks with the head: 1 of 2 in four weeks",)
    assert found.lacking(0, "zh") == ("与负责人深度沟通：四周内1次，应有2次",)


def test_a_branch_stands_at_what_is_overdue_and_else_at_the_first_step_not_done():
    steps = [one.key for one in RULES.steps]

    def at(**more):
        return steps[stands_at(judged_steps(facts(**more), as_of=TODAY))[0]]

    assert at(head_talks=0.0, project_on=ago(40)) == "relations"
    assert at(head_talks=0.0, project_on=ago(100)) == "project"


def test_no_branches_have_no_states():
    frame = facts().iloc[:0]
    assert all(len(one.states) == 0 for one in judged_steps(frame, as_of=TODAY))
    assert len(stands_at(judged_steps(frame, as_of=TODAY))) == 0


DAYS = st.one_of(st.none(), st.integers(0, 400))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS, st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=6))
def test_branches_judged_together_stand_as_each_alone(rows):
    frames = [
        facts(
            branch_id=number,
            head_on=np.datetime64("NaT") if head is None else ago(head),
            event_on=np.datetime64("NaT") if event is None else ago(event),
            seller_talks=float(talks),
            coaching_late=float(late),
        )
        for number, (head, event, talks, late) in enumerate(rows)
    ]
    together = judged_steps(pd.concat(frames, ignore_index=True), as_of=TODAY)
    for number, frame in enumerate(frames):
        for one, alone in zip(together, judged_steps(frame, as_of=TODAY), strict=True):
            assert one.states[number] == alone.states[0]
            assert one.lacking(number, "en") == alone.lacking(0, "en")
            if one.states[number] == StepState.DONE:
                assert one.lacking(number, "en") == ()
