from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.calendar import SHANGHAI
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import ContactMethod, StaffRole
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind, PlanLine
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, BranchStatusRow, PlanItemChangeRow, PlanItemRow, WeekPlanRow
from db.planning import add_item, change_item, drop_item
from db.planning_carry import unexplained_weeks
from db.planning_facts import checked_week
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_branch, add_policy, head_of, manager_of, supervisor

WEEK = date(2026, 11, 16)
BEFORE = datetime(2026, 11, 16, 17, 59, tzinfo=SHANGHAI)
LOCK = datetime(2026, 11, 16, 18, tzinfo=SHANGHAI)
WEDNESDAY = date(2026, 11, 18)


def make_branches():
    with writing() as session:
        return add_branch(session, "B1").id, add_branch(session, "B2", supervisor="wu", region="西区分公司").id


@pytest.fixture
def branches(sqlite_store):
    return make_branches()


@pytest.fixture
def on_both(store):
    """For what hangs on the database: keys, locks, the values of the trail."""
    return make_branches()


def contact(branch_id, day=WEDNESDAY, role=StaffRole.BRANCH_HEAD, **more):
    return PlanLine(PlanKind.CONTACT, branch_id=branch_id, day=day, role=role, **more)


def add(line, *, now=BEFORE, key="k1", actor=None, **more):
    with writing() as session:
        return add_item(session, actor=actor or supervisor(), line=line, week_start=WEEK, now=now, key=key, **more)


def rows(of=PlanItemRow):
    with reading() as session:
        return list(session.scalars(select(of).order_by(of.id)))


def problems(refused):
    return [(one.key, one.place) for one in refused.value.problems]


def test_a_line_makes_the_plan_of_its_week(on_both):
    item = add(contact(on_both[0], topic="selling_skill", method=ContactMethod.VISIT))
    (row,), (plan,) = rows(), rows(WeekPlanRow)
    assert (plan.supervisor, plan.week_start, plan.started_at, plan.version) == ("li", WEEK, None, 2)
    assert (row.id, row.kind, row.day, row.role, row.method) == (item, "contact", WEDNESDAY, "branch_head", "visit")
    assert (row.is_added_late, row.origin, row.times_carried) == (False, "by_hand", 0)
    assert [one.action for one in rows(AuditRow)] == ["add"]
    assert rows(PlanItemChangeRow) == []


def test_a_resend_adds_nothing_more(on_both):
    assert add(contact(on_both[0])) == add(contact(on_both[0]))
    assert len(rows()) == 1


@pytest.mark.parametrize(("now", "late"), [(BEFORE, False), (LOCK, True)], ids=["before", "exactly_at_the_hour"])
def test_from_the_lock_on_a_line_is_added_late_with_a_trail(branches, now, late):
    add(contact(branches[0]), now=now, reason="网点临时来访")
    assert rows()[0].is_added_late is late
    assert [(one.kind, one.reason) for one in rows(PlanItemChangeRow)] == ([("added", "网点临时来访")] if late else [])


def test_a_locked_plan_takes_no_line_by_hand_without_a_reason(branches):
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[0]), now=LOCK)
    assert problems(refused) == [(ProblemKey.EMPTY, "plan_reason")]
    assert rows() == rows(WeekPlanRow) == []


def test_the_list_of_today_plans_without_a_reason_and_says_where_it_comes_from(branches):
    add(contact(branches[0]), now=LOCK, origin=ItemOrigin.TODAY)
    assert (rows()[0].origin, rows()[0].is_added_late) == ("today", True)


def test_the_same_line_is_planned_once(branches):
    add(contact(branches[0], topic="a"))
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[0], topic="a", text="more"), key="k2")
    assert problems(refused) == [(ProblemKey.ALREADY_PLANNED, "line")]
    add(contact(branches[0], topic="b"), key="k3")
    assert len(rows()) == 2


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (PlanLine(PlanKind.CONTACT, day=WEDNESDAY), [("empty", "plan_branch"), ("empty", "plan_role")]),
        (PlanLine(PlanKind.EVENT, day=WEDNESDAY), [("empty", "plan_event")]),
        (
            PlanLine(PlanKind.EVENT, event_kind=EventKind.MICRO_SALON, day=WEEK + timedelta(days=7)),
            [("outside_week", "day")],
        ),
        (
            PlanLine(PlanKind.EVENT, event_kind=EventKind.MICRO_SALON, text="电话13812345678"),
            [("personal_number", "plan_text")],
        ),
    ],
    ids=["contact", "event", "outside_week", "personal_number"],
)
def test_a_wrong_line_is_refused_with_all_that_is_wrong(branches, line, wrong):
    with pytest.raises(RefusedError) as refused:
        add(line)
    assert problems(refused) == wrong


def test_a_goal_needs_a_number(branches):
    goal = PlanLine(PlanKind.GOAL, branch_id=branches[0], measure=GoalMeasure.POLICIES, goal=Decimal(-1))
    with pytest.raises(RefusedError) as refused:
        add(goal)
    assert problems(refused) == [(ProblemKey.GOAL, "goal")]


def test_a_suspended_branch_is_not_planned_for_and_its_lines_rest(branches):
    line = add(contact(branches[0]))
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        branch.status, branch.status_since = "suspended", WEDNESDAY
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[0], role=StaffRole.TELLER), key="k2")
    assert problems(refused) == [(ProblemKey.SUSPENDED, "branch")]
    with reading() as session:
        (one,) = checked_week(session, actor=supervisor(), supervisor="li", week_start=WEEK, today=date(2026, 11, 19))
    assert (one.item.item_id, one.state, one.settlement.by) == (line, "settled", "branch_rests")


@pytest.mark.parametrize(
    ("until", "again_on", "expected"),
    [
        (WEDNESDAY, date(2026, 11, 19), "settled"),
        (None, date(2026, 11, 19), "settled"),  # the present status holds from its day on
        (date(2026, 11, 17), WEDNESDAY, "missed"),
        (None, WEDNESDAY, "missed"),
    ],
)
def test_a_line_of_a_branch_that_rested_stays_settled_once_it_is_at_work_again(branches, until, again_on, expected):
    add(contact(branches[0]))
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        branch.status, branch.status_since = "active", again_on
        session.add(BranchStatusRow(branch_id=branch.id, status="suspended", start_on=WEEK, end_on=until))
    with reading() as session:
        (one,) = checked_week(session, actor=supervisor(), supervisor="li", week_start=WEEK, today=date(2026, 12, 2))
    assert one.state == expected


def test_a_goal_of_a_branch_that_rests_is_not_asked_about(branches):
    add(PlanLine(PlanKind.GOAL, branch_id=branches[0], measure=GoalMeasure.POLICIES, goal=Decimal(3)))
    monday = date(2026, 11, 23)
    with writing() as session:
        add_policy(session, session.get_one(BranchRow, branches[1]), date(2026, 11, 20))
        rebuild_rollups(session)
    asked = {}
    for until in (date(2026, 11, 19), date(2026, 11, 20)):
        with writing() as session:
            session.query(BranchStatusRow).delete()
            session.add(BranchStatusRow(branch_id=branches[0], status="suspended", start_on=WEEK, end_on=until))
        with reading() as session:
            asked[until.day] = unexplained_weeks(session, actor=supervisor(), supervisor="li", today=monday)
    assert asked == {19: {WEEK: 1}, 20: {}}


def test_nothing_is_planned_for_a_day_that_is_over_or_a_past_week(branches):
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[0]), now=datetime(2026, 11, 19, 8, tzinfo=SHANGHAI), reason="x")
    assert problems(refused) == [(ProblemKey.DUE_IN_PAST, "day")]
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[0], day=None), now=datetime(2026, 11, 23, 8, tzinfo=SHANGHAI), reason="x")
    assert problems(refused) == [(ProblemKey.WEEK_OVER, "week")]


def test_an_unknown_action_is_not_planned(branches):
    with pytest.raises(NotAllowedError):
        add(PlanLine(PlanKind.ACTION, branch_id=branches[0], action_key="nobody_knows_it"))


def test_a_manager_plans_for_the_supervisor_of_the_branch(branches):
    add(contact(branches[0]), actor=manager_of("东区分公司"))
    assert rows(WeekPlanRow)[0].supervisor == "li"


def test_a_branch_of_somebody_else_does_not_go_into_a_plan(branches):
    with pytest.raises(RefusedError) as refused:
        add(contact(branches[1]), actor=ADMIN, supervisor="li")
    assert problems(refused) == [(ProblemKey.NOT_SUPERVISED, "plan_branch")]


def test_nobody_plans_outside_his_scope(on_both):
    for actor in (supervisor("wu"), manager_of("西区分公司"), head_of(on_both[0])):
        with pytest.raises(NotAllowedError):
            add(contact(on_both[0]), actor=actor)
    with pytest.raises(NotAllowedError):
        add(PlanLine(PlanKind.EVENT, event_kind=EventKind.MICRO_SALON), supervisor="wu")
    assert rows() == []


def change(item, line, *, now=BEFORE, key="c1", version=1, **more):
    with writing() as session:
        change_item(
            session, actor=supervisor(), item_id=item, line=line, shown_version=version, now=now, key=key, **more
        )


def test_before_the_lock_a_change_leaves_no_trail(branches):
    item = add(contact(branches[0]))
    change(item, contact(branches[0], day=date(2026, 11, 19)))
    (row,) = rows()
    assert (row.day, row.version, row.is_changed_late) == (date(2026, 11, 19), 2, False)
    assert rows(PlanItemChangeRow) == []
    assert rows(AuditRow)[-1].before == {"day": "2026-11-18"}


def test_after_the_lock_a_change_says_who_why_and_what(on_both):
    item = add(contact(on_both[0]))
    with pytest.raises(RefusedError) as refused:
        change(item, contact(on_both[0], day=date(2026, 11, 19)), now=LOCK)
    assert problems(refused) == [(ProblemKey.EMPTY, "plan_reason")]
    change(item, contact(on_both[0], day=date(2026, 11, 19)), now=LOCK, reason="行长出差")
    (one,) = rows(PlanItemChangeRow)
    assert (one.kind, one.reason, one.before, one.after) == (
        "changed",
        "行长出差",
        {"day": "2026-11-18"},
        {"day": "2026-11-19"},
    )
    assert rows()[0].is_changed_late


@pytest.mark.parametrize(
    ("line", "other", "place"),
    [
        ({"kind": PlanKind.CONTACT, "role": StaffRole.TELLER}, {"role": StaffRole.BRANCH_HEAD}, "plan_role"),
        ({"kind": PlanKind.ACTION, "action_key": "heart_talk"}, {"action_key": "targeted_drill"}, "plan_action"),
        (
            {"kind": PlanKind.EVENT, "event_kind": EventKind.MICRO_SALON},
            {"event_kind": EventKind.POLICY_REVIEW},
            "plan_event",
        ),
        (
            {"kind": PlanKind.GOAL, "measure": GoalMeasure.POLICIES, "goal": Decimal(3)},
            {"measure": GoalMeasure.PREMIUM},
            "goal",
        ),
    ],
)
def test_after_the_lock_a_line_stays_about_what_it_was_planned_for(branches, line, other, place):
    planned = PlanLine(branch_id=branches[0], **line)
    item = add(planned)
    with pytest.raises(RefusedError) as refused:
        change(item, replace(planned, **other), now=LOCK, reason="x")
    assert problems(refused) == [(ProblemKey.ANOTHER_THING, place)]
    change(item, replace(planned, text="带材料"), now=LOCK, reason="x", key="c2")
    change(item, replace(planned, **other), key="c3", version=2)  # before the lock it may be another one
    assert len(rows()) == 1


def test_a_change_does_not_make_a_line_the_plan_has_already(branches):
    item = add(contact(branches[0]))
    add(contact(branches[0], role=StaffRole.TELLER), key="k2")
    with pytest.raises(RefusedError) as refused:
        change(item, contact(branches[0], role=StaffRole.TELLER))
    assert problems(refused) == [(ProblemKey.ALREADY_PLANNED, "line")]
    change(item, contact(branches[0], text="带材料"), key="c2")


def test_a_change_of_an_older_version_is_shown_the_present_values(on_both):
    item = add(contact(on_both[0]))
    change(item, contact(on_both[0], day=date(2026, 11, 19)))
    with pytest.raises(ChangedByOtherError) as refused:
        change(item, contact(on_both[0], day=date(2026, 11, 20)), key="c2")
    assert refused.value.current["day"] == "2026-11-19"
    assert rows()[0].day == date(2026, 11, 19)


def test_kind_and_branch_of_a_line_stay(branches):
    item = add(contact(branches[0]))
    change(item, PlanLine(PlanKind.EVENT, event_kind=EventKind.MICRO_SALON, role=StaffRole.TELLER, day=WEDNESDAY))
    assert (rows()[0].kind, rows()[0].branch_id, rows()[0].role) == ("contact", branches[0], "teller")


def drop(item, *, now=BEFORE, key="d1", version=1, **more):
    with writing() as session:
        drop_item(session, actor=supervisor(), item_id=item, shown_version=version, now=now, key=key, **more)


def test_a_line_dropped_before_the_lock_is_no_more(branches):
    item = add(contact(branches[0]))
    drop(item)
    assert (rows()[0].dropped_on, rows()[0].is_dropped_late) == (WEEK, False)
    with pytest.raises(ChangedByOtherError) as refused:
        drop(item, key="d2", version=2)
    assert refused.value.current["dropped_on"] == WEEK
    add(contact(branches[0]), key="k2")
    assert len(rows()) == 2


def test_a_line_dropped_after_the_lock_keeps_its_reason(branches):
    item = add(contact(branches[0]))
    with pytest.raises(RefusedError):
        drop(item, now=LOCK)
    drop(item, now=LOCK, reason="网点装修")
    assert rows()[0].is_dropped_late
    assert [(one.kind, one.reason) for one in rows(PlanItemChangeRow)] == [("dropped", "网点装修")]
