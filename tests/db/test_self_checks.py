from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import BranchStatus, Stage
from core.self_check.rules import NONE, self_check_rules
from core.today.lines import Thing
from core.trail.entries import TrailChoice
from db.access import NotAllowedError
from db.audit import trail_entries
from db.changes import ChangedByOtherError
from db.engine import reading, writing
from db.models import AuditRow, BranchRow
from db.rollups import rebuild_rollups
from db.self_check_changes import finish_check, save_answer, save_need
from db.self_checks import branch_record, checks_finished_since, checks_in_hand, checks_of_branch
from db.today_news import news, note_news
from tests.builders import ADMIN, add_branch, add_contact, add_event, add_policy, add_staff, head_of, supervisor
from tests.running import add_user
from tests.staged import add_stage

TODAY = date(2026, 11, 18)  # a Wednesday
WEEK = date(2026, 11, 9)
KEYS = [one.key for one in self_check_rules().questions]


@pytest.fixture
def branches(store):
    with writing(store) as session:
        return [add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))]


def answer(branches, key="S1", value=4, *, shown=0, actor=None, today=TODAY, branch=0, month=None):
    with writing() as session:
        return save_answer(
            session,
            actor=actor or head_of(branches[branch]),
            branch_id=branches[branch],
            question_key=key,
            value=value,
            shown_version=shown,
            today=today,
            month_start=month,
        )


def need(branches, line, *, shown=1, actor=None, today=TODAY):
    with writing() as session:
        return save_need(
            session,
            actor=actor or head_of(branches[0]),
            branch_id=branches[0],
            need=line,
            shown_version=shown,
            today=today,
        )


def finish(branches, *, shown=1, key="k", today=TODAY, actor=None, month=None):
    with writing() as session:
        finish_check(
            session,
            actor=actor or head_of(branches[0]),
            branch_id=branches[0],
            shown_version=shown,
            today=today,
            key=key,
            month_start=month,
        )


def checks(branches, actor=None, branch=0):
    """The finished checks, as everybody reads them."""
    with reading() as session:
        return checks_of_branch(session, actor=actor or head_of(branches[0]), branch_id=branches[branch])


def in_hand(branches, actor=None, today=TODAY):
    """The checks the head is at."""
    with reading() as session:
        return checks_in_hand(session, actor=actor or head_of(branches[0]), branch_id=branches[0], today=today)


def filled(branches, **more):
    for key in KEYS:
        answer(branches, key, 5, **more)


def test_a_check_begins_with_its_first_answer_and_keeps_each_as_it_is_given(branches):
    answer(branches, "S1", 4)
    answer(branches, "S6", NONE)
    (found,) = in_hand(branches)
    assert found.values == {"S1": 4, "S6": NONE}
    assert (found.month_start, found.started_on, found.finished_on) == (date(2026, 11, 1), TODAY, None)


def test_an_answer_is_changed_against_the_one_shown(branches):
    answer(branches, "S1", 4)
    answer(branches, "S1", 2, shown=1)
    with pytest.raises(ChangedByOtherError) as refused:
        answer(branches, "S1", 5, shown=1)
    assert refused.value.current == {"value": 2}
    assert in_hand(branches)[0].answers["S1"].version == 2
    with reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "answer").order_by(AuditRow.id)).all()
    assert [(row.before, row.after["value"]) for row in rows] == [(None, 4), ({"value": 4}, 2)]


def test_two_devices_may_answer_different_questions_at_once(branches):
    answer(branches, "S1", 4)
    answer(branches, "S2", 3)
    assert in_hand(branches)[0].values == {"S1": 4, "S2": 3}


@pytest.mark.parametrize(("key", "value"), [("S1", 0), ("S1", 6), ("S5", 3), ("S14", NONE), ("S99", 3)])
def test_only_what_the_question_takes_is_stored(branches, key, value):
    with pytest.raises(RefusedError) as refused:
        answer(branches, key, value)
    assert refused.value.problems[0].key is ProblemKey.ANSWER
    assert in_hand(branches) == []


@pytest.mark.parametrize("actor", [ADMIN, supervisor("li")])
def test_only_the_branch_head_answers(branches, actor):
    with pytest.raises(NotAllowedError):
        answer(branches, actor=actor)
    with pytest.raises(NotAllowedError):
        need(branches, "物料", actor=actor)
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
    assert in_hand(branches)[0].finished_on is None


def test_the_free_line_is_kept_as_it_is_given_with_a_version_of_its_own(branches):
    assert need(branches, " 多来两次 ").need == "多来两次"
    answer(branches, "S1", 4)
    with pytest.raises(ChangedByOtherError) as refused:
        need(branches, "物料")
    assert refused.value.current == {"need": "多来两次", "finished_on": None}
    assert need(branches, "", shown=2).need is None
    (found,) = in_hand(branches)
    assert (found.need, found.version, found.values) == (None, 3, {"S1": 4})


def test_a_free_line_with_a_mobile_number_or_too_many_characters_is_refused(branches):
    with pytest.raises(RefusedError) as refused:
        need(branches, "请联系13812345678")
    assert refused.value.problems[0].key is ProblemKey.PERSONAL_NUMBER
    with pytest.raises(RefusedError):
        need(branches, "好" * 101)
    assert in_hand(branches) == []
    need(branches, "好" * 100)
    assert in_hand(branches)[0].need == "好" * 100


def test_a_second_submit_changes_nothing_and_a_stale_one_is_refused(branches):
    filled(branches)
    need(branches, "多来两次")
    finish(branches, shown=2, key="one")
    finish(branches, shown=2, key="one")
    with pytest.raises(ChangedByOtherError):
        finish(branches, shown=2, key="two")
    finish(branches, shown=3, key="three", today=TODAY + timedelta(days=1))
    with reading() as session:
        assert session.scalar(select(func.count()).where(AuditRow.action == "finish")) == 1
    (found,) = checks(branches)
    assert (found.need, found.finished_on, found.version) == ("多来两次", TODAY, 3)


def test_a_draft_is_seen_by_the_head_only(branches):
    filled(branches)
    for actor in (supervisor("li"), ADMIN):
        assert checks(branches, actor) == []
        assert in_hand(branches, actor) == []
    finish(branches)
    assert len(checks(branches, supervisor("li"))) == 1
    assert checks(branches, supervisor("wu")) == []


def trail(actor):
    """What somebody reads of the self-checks in the audit trail, the oldest first."""
    ever = TrailChoice(date(2000, 1, 1), date(2100, 1, 1), subject="self_check")
    with reading() as session:
        found, _ = trail_entries(session, actor=actor, choice=ever)
    return [(one.action, (one.after or {}).get("value", (one.after or {}).get("need"))) for one in reversed(found)]


def test_what_is_changed_in_a_finished_check_stays_the_heads_until_he_finishes_again(store, branches):
    li = replace(supervisor("li"), user_id=add_user(store, "li"))
    later = TODAY + timedelta(days=2)
    for key in KEYS[:10]:
        answer(branches, key, 5)
    need(branches, "物料")
    assert trail(li) == trail(ADMIN) == []
    finish(branches, shown=2)
    first = trail(li)
    assert first == trail(ADMIN) == [*[("answer", 5)] * 10, ("answer", "物料"), ("finish", "物料")]
    assert news_of(li, TODAY) == ["2026-11-01"]
    line = {"branch_id": branches[0], "thing": Thing.SELF_CHECK, "subject": "2026-11-01"}
    with writing() as session:
        note_news(session, actor=li, note="好", today=TODAY, key="noted", **line)
    assert news_of(li, TODAY) == []

    answer(branches, "S1", 1, shown=1, today=later)
    answer(branches, KEYS[10], 1, today=later)
    need(branches, "培训", shown=3, today=later)
    for reader in (li, ADMIN, head_of(branches[0])):
        (found,) = checks(branches, reader)
        assert (found.finished_on, found.need, set(found.values.values())) == (TODAY, "物料", {5})
        assert not found.is_changed
    assert trail(li) == trail(ADMIN) == first
    (mine,) = in_hand(branches, today=later)
    assert (mine.need, mine.values["S1"], mine.values[KEYS[10]], mine.is_changed) == ("培训", 1, 1, True)
    assert news_of(li, later) == []

    finish(branches, shown=4, today=later, key="again")
    (found,) = checks(branches, li)
    assert (found.finished_on, found.need, found.values["S1"], len(found.values)) == (later, "培训", 1, 11)
    assert trail(li) == [*first, ("answer", 1), ("answer", 1), ("answer", "培训"), ("finish", "培训")]
    assert not in_hand(branches, today=later)[0].is_changed
    assert news_of(li, later) == ["2026-11-01"]


def news_of(actor, today):
    """The months of the self-checks on the list of Today."""
    with reading() as session:
        return [one.subject for one in news(session, actor=actor, today=today) if one.thing is Thing.SELF_CHECK]


def test_every_month_has_a_check_of_its_own_the_latest_first(branches):
    answer(branches, "S1", 2, today=TODAY - timedelta(days=31))
    answer(branches, "S1", 4)
    assert [(one.month_start.month, one.values["S1"]) for one in in_hand(branches)] == [(11, 4), (10, 2)]


def test_a_half_filled_check_is_finished_in_the_first_days_of_the_next_month_and_no_other_takes_answers(branches):
    october, late, too_late = date(2026, 10, 1), date(2026, 11, 7), date(2026, 11, 8)
    with pytest.raises(RefusedError) as refused:
        answer(branches, month=october, today=late)
    assert refused.value.problems[0].key is ProblemKey.MONTH_OVER, "it was never begun"
    filled(branches, today=date(2026, 10, 30))
    answer(branches, "S1", 3, shown=1, month=october, today=late)
    with pytest.raises(RefusedError):
        answer(branches, "S1", 4, shown=2, month=october, today=too_late)
    assert [one.month_start for one in in_hand(branches)] == [october]
    finish(branches, month=october, today=late)
    finish(branches, month=october, today=late)
    (found,) = checks(branches)
    assert (found.month_start, found.finished_on, found.values["S1"]) == (october, late, 3)
    with pytest.raises(RefusedError):
        answer(branches, "S1", 5, shown=2, month=october, today=late)
    with pytest.raises(RefusedError):
        answer(branches, month=date(2026, 12, 1), today=late)


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
