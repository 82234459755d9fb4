from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import SuggestionState
from core.steps.judge import judged_steps
from core.steps.rules import StepState
from core.steps.six_ones import SlotPeriod, slots_on
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.dated_rules import RuleRefusedError
from db.engine import reading, writing
from db.models import (
    AuditRow,
    BranchRow,
    CoachingNoteRow,
    PlanItemRow,
    SelfCheckRow,
    StageDecisionRow,
    SuggestionRow,
    SurveyAnswerRow,
    SurveyVersionRow,
    WeekPlanRow,
)
from db.rollups import rebuild_rollups
from db.six_ones import add_six_one_slot, held_events, six_one_slots
from db.steps import facts_of_branch, step_facts
from tests.builders import ADMIN, add_branch, add_contact, add_event, head_of, supervisor

TODAY = date(2026, 11, 18)  # a Wednesday


@pytest.fixture
def branches(store):
    with writing(store) as session:
        return [add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))]


def ago(days):
    return TODAY - timedelta(days=days)


def facts(actor=ADMIN):
    with reading() as session:
        return step_facts(session, actor=actor, as_of=TODAY)


def of_first(fact):
    value = facts().loc[0, fact]
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if pd.isna(value) else value


def test_a_new_branch_has_no_entries_and_every_step_is_to_begin(branches):
    found = facts()
    assert found["branch_code"].tolist() == ["B1", "B2"]
    states = {one.step.key: one.states[0] for one in judged_steps(found, as_of=TODAY)}
    assert set(states.values()) == {StepState.NOT_BEGUN}


def test_only_branches_in_scope_that_are_not_closed_are_judged(branches):
    assert facts(supervisor("li"))["branch_code"].tolist() == ["B1"]
    with writing() as session:
        session.get_one(BranchRow, branches[0]).status = "closed"
    assert facts()["branch_code"].tolist() == ["B2"]


def test_contacts_are_read_from_the_sums_by_the_day(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_contact(session, branch, ago(9), role="branch_head", topic="复盘", minutes=20)
        add_contact(session, branch, ago(8), role="branch_head")
        add_contact(session, branch, ago(60), role="branch_head", topic="复盘", minutes=20)
        add_contact(session, branch, ago(1), role="teller", topic="演练", minutes=20)
        add_contact(session, branch, TODAY, role="lobby_manager", topic="演练", minutes=20)
        rebuild_rollups(session)
    assert (of_first("head_on"), of_first("head_talks")) == (ago(8), 1)
    assert (of_first("sellers_on"), of_first("seller_talks")) == (ago(1), 1)


def test_promises_past_their_day_are_late_until_somebody_says_what_became_of_them(branches):
    with writing() as session:
        for due_on, kept, is_shared in (
            (ago(1), None, True),
            (ago(9), None, False),
            (TODAY, None, False),
            (ago(3), "kept", False),
        ):
            session.add(
                CoachingNoteRow(
                    branch_id=branches[0],
                    session_on=ago(20),
                    role="branch_head",
                    goal="x",
                    reality="x",
                    options="x",
                    will="x",
                    due_on=due_on,
                    is_shared=is_shared,
                    written_at=utc_now(),
                    kept=kept,
                )
            )
    assert facts()["promises_late"].tolist() == [2, 0]
    with reading() as session:
        of_one = facts_of_branch(session, actor=supervisor("li"), branch_id=branches[0], as_of=TODAY)
    assert of_one["promises_late"].tolist() == [2]
    assert facts(head_of(branches[0]))["promises_late"].tolist() == [1], "a note that is not shared"


def add_part(branch_id, number, section, days, field_key):
    with writing() as session:
        part = SurveyVersionRow(
            branch_id=branch_id,
            number=number,
            section=section,
            surveyed_on=ago(days),
            methods="ask",
            confidence="sure",
            saved_on=ago(days),
            saved_at=utc_now(),
        )
        session.add(part)
        session.flush()
        answer = {"field_key": field_key, "value": "x", "is_unknown": False, "is_filled": True}
        session.add(SurveyAnswerRow(version_id=part.id, surveyed_on=ago(days), **answer))


def test_the_survey_is_read_from_the_branch_file(branches):
    assert (of_first("survey_on"), of_first("survey_share"), of_first("survey_due")) == (None, None, 0)
    add_part(branches[0], 1, "environment", 900, "address_district")
    add_part(branches[0], 2, "rivals", 10, "rival_count")
    assert (of_first("survey_on"), of_first("survey_due")) == (ago(10), 1)
    assert 0 < of_first("survey_share") < 0.2
    assert facts()["survey_on"].notna().tolist() == [True, False]
    with reading() as session:
        seen = facts_of_branch(session, actor=head_of(branches[0]), branch_id=branches[0], as_of=TODAY)
    assert seen["survey_on"][0].date() == ago(900)  # rivals are none of the head's business


def add_action(branch_id, key, state, decided_on, due_on, **more):
    with writing() as session:
        row = SuggestionRow(
            branch_id=branch_id,
            action_key=key,
            week_start=TODAY,
            reason_key="stage_basic",
            facts={},
            state=state,
            due_on=due_on,
            created_at=utc_now(),
            decided_on=decided_on,
            **more,
        )
        session.add(row)


def test_actions_count_for_the_step_they_carry_out(branches):
    add_action(branches[0], "objection_clinic", SuggestionState.DONE, ago(9), ago(12))
    add_action(branches[0], "heart_talk", SuggestionState.TAKEN, ago(9), ago(1))
    add_action(branches[1], "heart_talk", SuggestionState.TAKEN, ago(9), TODAY)
    add_action(branches[1], "objection_clinic", SuggestionState.DISMISSED, ago(9), None)
    add_action(branches[1], "fee_income_view", SuggestionState.TAKEN, ago(60), ago(40), expires_on=ago(1))
    found = facts()
    assert of_first("coaching_action_on") == ago(9)
    assert of_first("promotion_taken_on") == ago(9)
    assert found["promotion_late"].tolist() == [1, 0]
    assert found["coaching_action_on"].notna().tolist() == [True, False]


def test_events_projects_and_the_show_up(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, ago(10), came=9, confirmed=16)
        add_event(session, branch, ago(20), came=4, is_project=True, project_end_on=ago(1))
        add_event(session, branch, ago(91), came=10)
        add_event(session, branch, ago(5), state="planned")
        add_event(session, branch, TODAY, state="planned")
        add_event(session, branch, ago(2), state="cancelled", is_project=True, project_end_on=ago(2))
    assert (of_first("event_on"), of_first("project_on")) == (ago(10), ago(20))
    assert (of_first("events_unreported"), of_first("projects_open"), of_first("show_up")) == (1, 1, 0.5)


def test_the_show_up_of_two_guests_is_not_told(branches):
    with writing() as session:
        add_event(session, session.get_one(BranchRow, branches[0]), TODAY, came=1, confirmed=2)
    assert of_first("show_up") is None


def test_decisions_about_the_stage_and_self_checks_are_entries_of_the_evaluation(branches):
    with writing() as session:
        for number, days in enumerate((40, 12), start=1):
            session.add(
                StageDecisionRow(
                    branch_id=branches[0],
                    number=number,
                    kind="confirmed",
                    stage="growth",
                    computed_stage="growth",
                    week_start=TODAY,
                    decided_on=ago(days),
                    decided_at=utc_now(),
                )
            )
        for month, finished_on in ((9, ago(60)), (11, None)):
            check = SelfCheckRow(branch_id=branches[0], month_start=date(2026, month, 1), started_on=TODAY)
            check.finished_on = finished_on
            session.add(check)
    assert (of_first("review_on"), of_first("check_on")) == (ago(12), ago(60))


def test_last_weeks_plan_is_checked_once_every_miss_has_a_cause(branches):
    monday = date(2026, 11, 9)
    with writing() as session:
        plan = WeekPlanRow(supervisor="li", week_start=monday)
        session.add(plan)
        session.flush()
        for branch_id, cause in ((branches[0], None), (branches[0], "C01"), (None, None)):
            session.add(
                PlanItemRow(
                    plan_id=plan.id,
                    kind="event",
                    event_kind="micro_salon",
                    branch_id=branch_id,
                    origin="by_hand",
                    added_at=utc_now(),
                    cause=cause,
                )
            )
    assert (of_first("misses_open"), of_first("plan_checked_on")) == (1, None)
    with reading() as session:
        alone = facts_of_branch(session, actor=supervisor("li"), branch_id=branches[0], as_of=TODAY)
        assert alone["misses_open"].tolist() == [1]
        assert "misses_open" not in facts_of_branch(
            session, actor=head_of(branches[0]), branch_id=branches[0], as_of=TODAY
        )
    with writing() as session:
        for row in session.scalars(select(PlanItemRow)):
            row.cause = "C01"
    assert (of_first("misses_open"), of_first("plan_checked_on")) == (0, date(2026, 11, 15))


def add_slot(key="k", actor=ADMIN, **more):
    plain = {
        "slot": 3,
        "title": "每月一次保单检视",
        "counts": "policy_review",
        "period": SlotPeriod.MONTH,
        "target": 1,
        "valid_from": TODAY,
        "source": "分公司活动方案",
        "shown_version": 0,
    }
    with writing() as session:
        return add_six_one_slot(session, actor=actor, today=TODAY, key=key, **(plain | more))


def test_an_administrator_fills_a_free_slot_and_frees_it_again(branches):
    assert add_slot() == add_slot()
    add_slot("two", counts=None, title="", valid_from=TODAY + timedelta(days=9))
    with reading() as session:
        slots = six_one_slots(session)
        assert session.scalar(select(func.count()).where(AuditRow.subject == "six_one_slot")) == 2
    assert slots_on(slots, TODAY)[2].title("zh") == "每月一次保单检视"
    assert slots_on(slots, TODAY + timedelta(days=9))[2].counts is None
    with pytest.raises(NotAllowedError):
        add_slot("three", actor=supervisor("li"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"slot": 0}, ProblemKey.NOT_A_CHOICE),
        ({"slot": 7}, ProblemKey.NOT_A_CHOICE),
        ({"counts": "dinner"}, ProblemKey.EMPTY),
        ({"title": " "}, ProblemKey.EMPTY),
        ({"source": ""}, ProblemKey.EMPTY),
        ({"target": 0}, ProblemKey.GUESTS),
        ({"target": 21}, ProblemKey.GUESTS),
    ],
)
def test_a_slot_that_cannot_be_is_refused(sqlite_store, more, expected):
    with pytest.raises(RefusedError) as refused:
        add_slot(**more)
    assert [one.key for one in refused.value.problems] == [expected]


def test_a_slot_of_the_playbook_can_be_set_too(sqlite_store):
    shipped = slots_on(slots_of_store(), TODAY)[0]
    add_slot(slot=1, target=2, period=SlotPeriod.WEEK, counts="micro_salon", title="每周两场")
    assert (shipped.target, slots_on(slots_of_store(), TODAY)[0].target) == (1, 2)
    assert slots_on(slots_of_store(), ago(1))[0] == shipped


def test_a_slot_row_still_to_come_is_replaced_by_whoever_saw_it(sqlite_store):
    later = TODAY + timedelta(days=1)
    add_slot("one", valid_from=later)
    with pytest.raises(ChangedByOtherError) as refused:
        add_slot("two", valid_from=later, target=2)
    assert refused.value.current["target"] == 1
    add_slot("three", valid_from=later, target=2, shown_version=1)
    add_slot("four")
    with pytest.raises(RuleRefusedError, match="in_force"):
        add_slot("five", target=3, shown_version=1)
    with pytest.raises(RuleRefusedError, match="starts_in_the_past"):
        add_slot("six", valid_from=ago(1))
    with reading() as session:
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(one.action, one.before["target"], one.after["target"]) for one in trail] == [
        ("add", 1, 1),
        ("change", 1, 2),
        ("add", 1, 1),
    ]


def slots_of_store():
    with reading() as session:
        return six_one_slots(session)


def test_held_events_keep_the_slots(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, TODAY)
        add_event(session, branch, ago(1), state="planned")
        add_event(session, branch, TODAY + timedelta(days=1))
    with reading() as session:
        found = held_events(session, actor=ADMIN, start=ago(1), end=TODAY + timedelta(days=1))
        assert found["branch_id"].tolist() == [branches[0]]
        assert held_events(session, actor=supervisor("wu"), start=ago(1), end=TODAY + timedelta(days=1)).empty
