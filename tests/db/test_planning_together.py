"""Two people at the same plan at once, each with a connection of their own."""

from datetime import date

import pytest

from core.facts import StaffRole
from db.changes import ChangedByOtherError
from db.coaching_changes import take_on
from db.engine import reading
from db.planning import add_item, change_item, drop_item
from db.planning_days import explain_miss, write_feedback
from db.planning_team import approve_plan
from db.planning_weeks import find_plan, start_plan
from tests.db.planning_world import EAST, LAST, LI, WEEK, add, contact, make_world, moment, week_of
from tests.db.two_connections import second_beside


@pytest.fixture
def world(postgres_store):
    return make_world()


def started(actor, key):
    return lambda session: start_plan(session, actor=actor, supervisor="li", week_start=WEEK, now=moment(16), key=key)


def plan_now():
    with reading() as session:
        return find_plan(session, actor=EAST, supervisor="li", week_start=WEEK)


def approved(version):
    return lambda session: approve_plan(
        session,
        actor=EAST,
        supervisor="li",
        week_start=WEEK,
        shown_version=version,
        comment="好",
        now=moment(16),
        key="approve",
    )


def moved(world, item_id):
    return lambda session: change_item(
        session,
        actor=LI,
        item_id=item_id,
        line=contact(world, day=date(2026, 11, 20), role=StaffRole.RETAIL_HEAD),
        shown_version=1,
        now=moment(16),
        key="move",
    )


@pytest.mark.parametrize("is_there", [False, True])
def test_of_two_who_start_a_plan_at_once_the_second_finds_the_lines_of_the_first(world, is_there):
    if is_there:
        add(contact(world), key="line")
    assert second_beside(started(LI, "a"), started(EAST, "b")) == 0
    lines = [one.item.line for one in week_of(WEEK)]
    assert len(lines) == len(set(lines)) == 2 + is_there


def test_a_plan_sent_twice_at_once_is_started_once(world):
    assert second_beside(started(LI, "a"), started(LI, "a")) == 2
    assert len(week_of(WEEK)) == 2


@pytest.mark.parametrize("change", ["move", "drop"])
def test_a_line_changed_beside_the_approval_leaves_it_behind(world, change):
    item = add(contact(world, day=date(2026, 11, 18), role=StaffRole.RETAIL_HEAD), key="line")
    how = {
        "move": moved(world, item),
        "drop": lambda session: drop_item(session, actor=LI, item_id=item, shown_version=1, now=moment(16), key="drop"),
    }[change]
    second_beside(approved(plan_now().version), how)
    plan = plan_now()
    assert not plan.is_approved
    assert plan.version > plan.approved_version


def test_an_approval_beside_a_change_is_refused(world):
    item = add(contact(world, day=date(2026, 11, 18), role=StaffRole.RETAIL_HEAD), key="line")
    refused = second_beside(moved(world, item), approved(plan_now().version))
    assert isinstance(refused, ChangedByOtherError)
    assert plan_now().approved_version is None


def test_who_plans_at_a_branch_does_not_wait_for_who_takes_an_action_on_there_and_waits_for_him(world):
    def planned(code):
        return lambda session: add_item(
            session, actor=LI, line=contact(world, code), week_start=WEEK, now=moment(9), key=code
        )

    def taken(session):
        return take_on(
            session,
            actor=EAST,
            branch_id=world["B1"],
            action_key="weekly_head_talk",
            reason_key="stage_basic",
            facts={},
            owner="li",
            due_on=date(2026, 11, 20),
            today=WEEK,
            key="action",
        )

    found = second_beside(planned("B2"), taken, then=planned("B1"))
    assert found.is_new
    assert len(week_of(WEEK)) == 2


def test_a_cause_named_while_the_plan_takes_the_miss_over_is_followed_by_the_line(world):
    miss = add(contact(world, day=date(2026, 11, 10)), week=LAST, now=moment(9), key="miss")

    def explained(session):
        given = {"cause": "C02", "note": "", "adjustment": "换话术", "action_key": None, "now": moment(16)}
        return explain_miss(session, actor=LI, item_id=miss, shown_version=1, key="why", **given)

    second_beside(started(LI, "a"), explained)
    assert [one.item.line.text for one in week_of(WEEK) if one.item.carried_from == miss] == ["换话术"]


def test_of_two_lines_about_the_same_day_the_second_writer_sees_the_first(world):
    def written(words):
        return lambda session: write_feedback(
            session, actor=LI, supervisor="li", day=WEEK, words=words, shown_version=0, now=moment(16, 18), key=words
        )

    refused = second_beside(written("第一个"), written("第二个"))
    assert isinstance(refused, ChangedByOtherError)
    assert refused.current == {"words": "第一个"}
