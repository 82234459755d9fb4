from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import BranchStatus, Stage
from core.self_check.rules import NONE, self_check_rules
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.engine import reading, writing
from db.models import AuditRow, BranchRow
from db.rollups import rebuild_rollups
from db.self_checks import branch_record, checks_finished_since, checks_of_branch, finish_check, save_answer
from tests.builders import ADMIN, add_branch, add_contact, add_event, add_policy, add_staff, head_of, supervisor
from tests.staged import add_stage

TODAY = date(2026, 11, 18)  # a Wednesday
WEEK = date(2026, 11, 9)
KEYS = [one.key for one in self_check_rules().questions]


@pytest.fixture
def branches(store):
    with writing(store) as session:
        return [add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))]


def answer(branches, key="S1", value=4, *, shown=0, actor=None, today=TODAY, branch=0):
    with writing() as session:
        return save_answer(
            session,
            actor=actor or head_of(branches[branch]),
            branch_id=branches[branch],
            question_key=key,
            value=value,
            shown_version=shown,
            today=today,
        )


def finish(branches, *, need="", shown=1, key="k", today=TODAY, actor=None):
    with writing() as session:
        finish_check(
            session,
            actor=actor or head_of(branches[0]),
            branch_id=branches[0],
            need=need,
            shown_version=shown,
            today=today,
            key=key,
        )


def checks(branches, actor=None, branch=0):
    with reading() as session:
        return checks_of_branch(session, actor=actor or head_of(branches[0]), branch_id=branches[branch])


def filled(branches, **more):
    for key in KEYS:
        answer(branches, key, 5, **more)


def test_a_check_begins_with_its_first_answer_and_keeps_each_as_it_is_given(branches):
    answer(branches, "S1", 4)
    answer(branches, "S6", NONE)
    (found,) = checks(branches)
    assert found.values == {"S1": 4, "S6": NONE}
    assert (found.month_start, found.started_on, found.finished_on) == (date(2026, 11, 1), TODAY, None)


def test_an_answer_is_changed_against_the_one_shown(branches):
    answer(branches, "S1", 4)
    answer(branches, "S1", 2, shown=1)
    with pytest.raises(ChangedByOtherError) as refused:
        answer(branches, "S1", 5, shown=1)
    assert refused.value.current == {"value": 2}
    assert checks(branches)[0].answers["S1"].version == 2
    with reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "answer").order_by(AuditRow.id)).all()
    assert [(row.before, row.after["value"]) for row in rows] == [(None, 4), ({"value": 4}, 2)]


def test_two_devices_may_answer_different_questions_at_once(branches):
    answer(branches, "S1", 4)
    answer(branches, "S2", 3)
    assert checks(branches)[0].values == {"S1": 4, "S2": 3}


@pytest.mark.parametrize(("key", "value"), [("S1", 0), ("S1", 6), ("S5", 3), ("S14", NONE), ("S99", 3)])
def test_only_what_the_question_takes_is_stored(branches, key, value):
    with pytest.raises(RefusedError) as refused:
        answer(branches, key, value)
    assert refused.value.problems[0].key is ProblemKey.ANSWER
    assert checks(branches) == []


@pytest.mark.parametrize("actor", [ADMIN, supervisor("li")])
def test_only_the_branch_head_answers(branches, actor):
    with pytest.raises(NotAllowedError):
        answer(branches, actor=actor)
    with pytest.raises(NotAllowedError):
        finish(branches, actor=actor)


def test_a_head_cannot_answer_for_another_branch(branches):
    with pytest.raises(NotAllowedError):
        answer(branches, actor=head_of(branches[1]))


def test_nothing_is_answered_for_a_closed_branch(branches):
    with writing() as session:
        session.get_one(BranchRow, branches[0]).status = BranchStatus.CLOSED
    with pytest.raises(RefusedError):
        answer(branches)


@pytest.mark.parametrize(("count", "is_enough"), [(9, False), (10, True)])
def test_two_thirds_of_the_answers_are_enough_to_finish(branches, count, is_enough):
    for key in KEYS[:count]:
        answer(branches, key, 5)
    if is_enough:
        finish(branches)
        assert checks(branches)[0].finished_on == TODAY
        return
    with pytest.raises(RefusedError) as refused:
        finish(branches)
    assert refused.value.problems[0].facts == {"answered": 9, "asked": 15, "least": 10}
    assert checks(branches)[0].finished_on is None


def test_a_free_line_with_a_mobile_number_is_refused(branches):
    filled(branches)
    with pytest.raises(RefusedError) as refused:
        finish(branches, need="请联系13812345678")
    assert refused.value.problems[0].key is ProblemKey.PERSONAL_NUMBER


@pytest.mark.parametrize(("length", "is_stored"), [(100, True), (101, False)])
def test_the_free_line_has_a_hundred_characters(branches, length, is_stored):
    filled(branches)
    if is_stored:
        finish(branches, need="好" * length)
        assert checks(branches)[0].need == "好" * length
    else:
        with pytest.raises(RefusedError):
            finish(branches, need="好" * length)


def test_a_second_submit_changes_nothing_and_a_stale_one_is_refused(branches):
    filled(branches)
    finish(branches, need="多来两次", key="one")
    finish(branches, need="多来两次", key="one")
    with pytest.raises(ChangedByOtherError):
        finish(branches, need="别的", key="two")
    with reading() as session:
        assert session.scalar(select(func.count()).where(AuditRow.action == "finish")) == 1
    assert checks(branches)[0].need == "多来两次"


def test_a_draft_is_seen_by_the_head_only(branches):
    filled(branches)
    assert checks(branches, supervisor("li")) == []
    finish(branches)
    assert len(checks(branches, supervisor("li"))) == 1
    assert checks(branches, supervisor("wu")) == []


def test_every_month_has_a_check_of_its_own_the_latest_first(branches):
    answer(branches, "S1", 2, today=TODAY - timedelta(days=31))
    answer(branches, "S1", 4)
    assert [(one.month_start.month, one.values["S1"]) for one in checks(branches)] == [(11, 4), (10, 2)]


@pytest.mark.parametrize(("since", "count"), [(TODAY, 1), (TODAY + timedelta(days=1), 0)])
def test_finished_checks_are_found_from_a_day_on(branches, since, count):
    filled(branches)
    finish(branches)
    with reading() as session:
        assert len(checks_finished_since(session, actor=supervisor("li"), since=since)) == count
        assert checks_finished_since(session, actor=supervisor("wu"), since=since) == []


def record(branches, actor=None):
    with reading() as session:
        return branch_record(session, actor=actor or head_of(branches[0]), branch_id=branches[0], as_of=TODAY)


def test_the_record_of_a_new_branch_says_nothing_but_that_nobody_sold(branches):
    found = record(branches)
    assert (found.stage, found.active_sellers, found.events, found.show_up_rate) == (None, 0, None, None)


def test_the_record_counts_sellers_of_the_quarter_and_the_contacts_of_four_weeks(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        one, two = (add_staff(session, branch, code, joined_on=date(2024, 1, 1)) for code in ("S1", "S2"))
        add_stage(session, branch, WEEK, Stage.ADJUSTMENT, weeks_held=3)
        add_policy(session, branch, TODAY, staff=one)
        add_policy(session, branch, WEEK, staff=one)
        add_policy(session, branch, WEEK - timedelta(weeks=12), staff=two)
        add_policy(session, branch, WEEK, staff=two, status="cancelled")
        for day in range(5):
            add_contact(session, branch, WEEK + timedelta(days=day), staff=one)
        rebuild_rollups(session)
    found = record(branches)
    assert found.stage is Stage.ADJUSTMENT
    assert found.active_sellers == 2
    assert 0 < found.contact_attainment < 0.5  # one week of four was kept
    with pytest.raises(NotAllowedError):
        record(branches, supervisor("wu"))


def test_the_record_counts_the_events_of_four_weeks_once_one_was_written_down(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, TODAY - timedelta(days=28), came=1)
        add_event(session, branch, TODAY, state="planned")
        add_event(session, branch, TODAY + timedelta(days=1))
        add_event(session, session.get_one(BranchRow, branches[1]), TODAY, came=1)
    assert (record(branches).events, record(branches).show_up_rate) == (0, None)
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, TODAY - timedelta(days=27), came=4)
        add_event(session, branch, TODAY, came=9, confirmed=16)
    assert (record(branches).events, record(branches).show_up_rate) == (2, 0.5)


def test_policies_without_a_seller_say_nothing_about_sellers(branches):
    with writing() as session:
        add_policy(session, session.get_one(BranchRow, branches[0]), WEEK)
    assert record(branches).active_sellers is None
