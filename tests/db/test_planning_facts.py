from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from core.calendar import SHANGHAI, WorkingCalendar
from core.facts import StaffRole
from core.planning.check import ItemState
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind, PlanLine
from core.planning.seeding import Seed
from core.planning.summary import plan_summary
from db.changes import utc_now
from db.engine import writing
from db.models import PlanItemRow, SuggestionRow, WeekPlanRow
from db.planning import add_item, change_item
from db.planning_carry import take_into
from db.planning_facts import checked_week
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_contact, add_event, add_policy, supervisor

WEEK, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)
LI = supervisor()
SALON = PlanLine(PlanKind.EVENT, day=date(2026, 11, 18), event_kind=EventKind.MICRO_SALON)
PROJECT = PlanLine(PlanKind.EVENT, event_kind=EventKind.MONTHLY_PROJECT)
DRILL = PlanLine(PlanKind.ACTION, day=date(2026, 11, 18), action_key="targeted_drill")


def planned(session, branch, *lines):
    """Plan lines for a branch on Monday morning and return their keys."""
    return [
        add_item(
            session,
            actor=LI,
            line=PlanLine(**(vars(line) | {"branch_id": branch.id})),
            week_start=WEEK,
            now=datetime(2026, 11, 16, 9, tzinfo=SHANGHAI),
            key=f"plan-{branch.id}-{number}",
        )
        for number, line in enumerate(lines)
    ]


def found(session, *, today=FRIDAY):
    """Return state and day by the key of the line."""
    week = checked_week(session, actor=LI, supervisor="li", week_start=WEEK, today=today)
    return {one.item.item_id: (one.state, one.kept_on) for one in week}


def closed(branch, day, *, key="targeted_drill", state="done"):
    return SuggestionRow(
        branch_id=branch.id,
        action_key=key,
        week_start=WEEK,
        reason_key="stage_basic",
        facts={},
        state=state,
        owner="li",
        due_on=FRIDAY,
        decided_on=day,
        created_at=utc_now(),
    )


def test_an_event_held_keeps_its_line_and_one_of_a_project_the_project_too(store):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        salon, project = planned(session, branch, SALON, PROJECT)
        assert found(session) == {salon: (ItemState.LATE, None), project: (ItemState.OPEN, None)}
        add_event(session, branch, date(2026, 11, 19), is_project=True)
        assert found(session) == {
            salon: (ItemState.DONE, date(2026, 11, 19)),
            project: (ItemState.DONE, date(2026, 11, 19)),
        }


@pytest.mark.parametrize(
    ("code", "day", "more"),
    [
        ("B2", date(2026, 11, 18), {}),
        ("B1", date(2026, 11, 15), {}),
        ("B1", date(2026, 11, 23), {}),
        ("B1", date(2026, 11, 18), {"state": "planned"}),
        ("B1", date(2026, 11, 18), {"state": "cancelled"}),
        ("B1", date(2026, 11, 18), {"kind": "policy_review"}),
    ],
    ids=["other branch", "week before", "week after", "only planned", "cancelled", "other kind"],
)
def test_another_event_keeps_no_line(sqlite_store, code, day, more):
    with writing(sqlite_store) as session:
        branches = {each: add_branch(session, each) for each in ("B1", "B2")}
        (salon,) = planned(session, branches["B1"], SALON)
        add_event(session, branches[code], day, **more)
        assert found(session) == {salon: (ItemState.LATE, None)}


def test_an_action_only_intended_is_kept_by_one_taken_on_later_and_done(store):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        (drill,) = planned(session, branch, DRILL)
        session.add(closed(branch, date(2026, 11, 19)))
        session.add(closed(branch, date(2026, 11, 20)))
        session.flush()
        assert found(session) == {drill: (ItemState.DONE, date(2026, 11, 19))}


@pytest.mark.parametrize(
    ("code", "day", "more"),
    [
        ("B2", date(2026, 11, 18), {}),
        ("B1", date(2026, 11, 13), {}),
        ("B1", date(2026, 11, 18), {"state": "dismissed"}),
        ("B1", date(2026, 11, 18), {"key": "repair_invitations"}),
    ],
    ids=["other branch", "week before", "dismissed", "other action"],
)
def test_another_action_keeps_no_line(sqlite_store, code, day, more):
    with writing(sqlite_store) as session:
        branches = {each: add_branch(session, each) for each in ("B1", "B2")}
        (drill,) = planned(session, branches["B1"], DRILL)
        session.add(closed(branches[code], day, **more))
        session.flush()
        assert found(session) == {drill: (ItemState.LATE, None)}


def test_information_sent_keeps_no_planned_contact_and_a_talk_on_the_same_day_does(store):
    talk = PlanLine(PlanKind.CONTACT, day=date(2026, 11, 18), role=StaffRole.TELLER)
    with writing(store) as session:
        sent, both = add_branch(session, "B1"), add_branch(session, "B2")
        lines = [planned(session, branch, talk)[0] for branch in (sent, both)]
        for branch in (sent, both):
            add_contact(session, branch, date(2026, 11, 18), role=StaffRole.TELLER, topic="info_push")
        add_contact(session, both, date(2026, 11, 18), role=StaffRole.TELLER, topic="product")
        rebuild_rollups(session)
        states = found(session)
    assert [states[line][0] for line in lines] == [ItemState.LATE, ItemState.DONE]


def test_a_goal_changed_after_the_lock_is_judged_as_it_was_locked(store):
    tuesday, next_monday = datetime(2026, 11, 17, 9, tzinfo=SHANGHAI), date(2026, 11, 23)
    with writing(store) as session:
        branch = add_branch(session, "B1")
        add_policy(session, branch, date(2026, 11, 20))
        rebuild_rollups(session)
        goal = PlanLine(PlanKind.GOAL, branch_id=branch.id, measure=GoalMeasure.POLICIES, goal=Decimal(3))
        (line,) = planned(session, branch, goal)
        for version, number in enumerate((Decimal(2), Decimal(1)), start=1):
            change = {"line": replace(goal, goal=number), "shown_version": version, "reason": "网点装修"}
            change_item(session, actor=LI, item_id=line, now=tuesday, key=f"c{version}", **change)
        (one,) = checked_week(session, actor=LI, supervisor="li", week_start=WEEK, today=next_monday)
        assert (one.item.line.goal, one.goal, one.state, one.fact) == (1, 3, ItemState.MISSED, 1)
        found = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar())
        assert (found.goals, found.goals_reached, found.unexplained) == (1, 0, 1)


def test_a_goal_the_plan_works_out_anew_after_the_lock_is_judged_by_the_new_one(store):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        goal = PlanLine(PlanKind.GOAL, branch_id=branch.id, measure=GoalMeasure.POLICIES, goal=Decimal(3))
        (line,) = planned(session, branch, goal)
        row = session.get_one(PlanItemRow, line)
        plan = session.get_one(WeekPlanRow, row.plan_id)
        seed = Seed(replace(goal, goal=Decimal(1)), ItemOrigin.TARGET, changes=line)
        take_into(session, actor=LI, plan=plan, seed=seed, is_late=True)
        (one,) = checked_week(session, actor=LI, supervisor="li", week_start=WEEK, today=FRIDAY)
        assert (one.item.is_changed_late, one.locked_goal, one.goal) == (True, None, 1)
