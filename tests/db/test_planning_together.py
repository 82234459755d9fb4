"""Two people at the same plan at once, each with a connection of their own."""

from datetime import date

import pytest

from core.facts import StaffRole
from db.changes import ChangedByOtherError
from db.engine import reading
from db.planning import change_item, drop_item
from db.planning_team import approve_plan
from db.planning_weeks import find_plan, start_plan
from tests.db.planning_world import EAST, LI, WEEK, add, contact, make_world, moment, week_of
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
