from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import StaffRole
from core.planning.causes import NamedCause
from core.planning.check import ItemState
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind, PlanLine
from core.planning.summary import PlanStanding
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, ContactRow, PlanItemRow, SuggestionRow, TargetRow
from db.planning import change_item
from db.planning_days import feedback_between, tick_items, write_feedback
from db.planning_facts import checked_week
from db.planning_team import approve_plan, team_weeks
from db.planning_weeks import chain_of, changes_of, find_plan, take_over
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_branch, add_contact, add_policy, head_of
from tests.db.planning_world import (
    EAST,
    LAST,
    LI,
    WEEK,
    WU,
    action_of,
    add,
    contact,
    explain,
    make_world,
    moment,
    start,
    states,
    week_of,
)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def on_one(sqlite_store):
    """For rules that no database has a part in."""
    return make_world()


def test_a_new_week_takes_over_goals_from_month_targets_and_open_actions(world):
    action = action_of(world, "B2", due=date(2026, 11, 18))
    action_of(world, "B2", due=date(2026, 11, 30), key="heart_talk")
    action_of(world, "B3", due=date(2026, 11, 18))
    assert start(moment(16)) == 3
    items = [one.item for one in week_of(date(2026, 11, 16))]
    assert [(one.branch_code, one.line.goal) for one in items[:2]] == [
        ("B1", Decimal("1.43")),  # 5 of the month's 21 working days, of 6
        ("B2", Decimal("0.40")),
    ]
    assert (items[2].line.suggestion_id, items[2].line.day, items[2].origin) == (
        action,
        date(2026, 11, 18),
        ItemOrigin.OPEN_ACTION,
    )
    with reading() as session:
        plan = find_plan(session, actor=LI, supervisor="li", week_start=WEEK)
        assert plan.is_started
        assert take_over(session, actor=LI, supervisor="li", week_start=WEEK, today=WEEK).seeds == ()


def test_a_resend_and_a_second_start_take_over_nothing_twice(on_one):
    assert (start(moment(16), key="k"), start(moment(16), key="k"), start(moment(16), key="l")) == (2, 2, 0)
    assert len(week_of(WEEK)) == 2


def test_a_past_week_is_not_started(on_one):
    with pytest.raises(RefusedError):
        start(moment(23))


def test_last_weeks_gap_is_on_top_and_misses_come_again_with_their_adjustment(world):
    start(moment(9), week=LAST)
    salon = PlanLine(PlanKind.EVENT, branch_id=world["B1"], day=date(2026, 11, 11), event_kind=EventKind.MICRO_SALON)
    missed = add(salon, week=LAST, key="salon")
    explain(missed, now=moment(16))
    assert start(moment(16)) == 4
    items = [one.item for one in week_of(WEEK)]
    goals = {one.branch_code: (one.line.goal, one.line.gap) for one in items if one.line.kind is PlanKind.GOAL}
    assert goals == {
        "B1": (Decimal("2.86"), Decimal("1.43")),
        "B2": (Decimal("0.80"), Decimal("0.40")),
    }
    carried = next(one for one in items if one.origin is ItemOrigin.CARRIED)
    assert (carried.line.day, carried.line.text, carried.times_carried) == (date(2026, 11, 18), "换邀约话术", 1)
    assert [one.line.action_key for one in items if one.origin is ItemOrigin.ADJUSTMENT] == ["repair_invitations"]


def test_a_chain_is_followed_back_over_the_weeks(world):
    salon = PlanLine(PlanKind.EVENT, branch_id=world["B1"], day=date(2026, 11, 4), event_kind=EventKind.MICRO_SALON)
    add(salon, week=date(2026, 11, 2), now=moment(2), key="salon")
    start(moment(9), week=LAST)
    start(moment(16))
    last = next(one.item for one in week_of(WEEK) if one.item.line.kind is PlanKind.EVENT)
    with reading() as session:
        chain = chain_of(session, actor=LI, item_id=last.item_id)
        assert chain_of(session, actor=WU, item_id=last.item_id) == ()
    assert [(one.week_start, one.times_carried) for one in chain] == [
        (WEEK, 2),
        (LAST, 1),
        (date(2026, 11, 2), 0),
    ]


def test_a_branch_without_a_month_target_is_named(on_one):
    with reading() as session:
        assert take_over(session, actor=LI, supervisor="li", week_start=WEEK, today=WEEK).without_target == ()
    with writing() as session:
        for tier in ("A", "B", "C"):
            session.add(
                TargetRow(
                    subject="kpi",
                    key="policies_per_branch",
                    tier=tier,
                    unit="count",
                    minimum=None if tier == "A" else Decimal(2),
                    valid_from=date(2026, 1, 1),
                    source="x",
                    changed_at=utc_now(),
                )
            )
    with reading() as session:
        found = take_over(session, actor=LI, supervisor="li", week_start=WEEK, today=WEEK)
    assert found.without_target == (on_one["B1"],)
    assert [one.line.branch_id for one in found.seeds] == [on_one["B2"]]


def test_a_branch_gets_a_goal_from_the_week_its_cooperation_begins_in(on_one):
    begins = {"friday": date(2026, 11, 20), "sunday": date(2026, 11, 22), "monday": date(2026, 11, 23)}
    with writing() as session:
        ids = {
            day: add_branch(session, day, cooperation_start=start, size_tier="A").id for day, start in begins.items()
        }
    goals = {}
    for week in (WEEK, WEEK + timedelta(weeks=1)):
        with reading() as session:
            seeds = take_over(session, actor=LI, supervisor="li", week_start=week, today=WEEK).seeds
        found = {one.line.branch_id: one.line.goal for one in seeds if one.line.measure is GoalMeasure.POLICIES}
        goals[week] = [found.get(ids[day]) and found[ids[day]] / found[on_one["B1"]] for day in begins]
    assert [one and round(one, 2) for one in goals[WEEK]] == [Decimal("0.20"), None, None]
    assert goals[WEEK + timedelta(weeks=1)] == [1, 1, 1]


def test_contacts_logged_elsewhere_tick_the_line_and_nothing_is_stored_with_it(world):
    line = add(contact(world), key="a", now=moment(16))
    teller = add(contact(world, role=StaffRole.TELLER), key="b", now=moment(16))
    assert states(date(2026, 11, 18)) == {line: ItemState.LATE, teller: ItemState.LATE}
    with writing() as session:
        branch = session.get_one(BranchRow, world["B1"])
        add_contact(session, branch, date(2026, 11, 19), role="branch_head")
        rebuild_rollups(session)
    assert states(date(2026, 11, 19)) == {line: ItemState.DONE, teller: ItemState.LATE}
    with reading() as session:
        assert session.scalars(select(PlanItemRow.ticked_on)).all() == [None, None]
    with writing() as session:
        branch = session.get_one(BranchRow, world["B1"])
        session.query(ContactRow).delete()
        rebuild_rollups(session)
    assert states(date(2026, 11, 19))[line] is ItemState.LATE


def test_an_action_done_elsewhere_ticks_its_line(on_one):
    action = action_of(on_one, "B1", due=date(2026, 11, 18))
    start(moment(16))
    line = next(one.item.item_id for one in week_of(WEEK) if one.item.line.suggestion_id == action)
    with writing() as session:
        row = session.get_one(SuggestionRow, action)
        row.state, row.decided_on = "done", date(2026, 11, 19)
    assert states(date(2026, 11, 19))[line] is ItemState.DONE


def test_a_goal_is_held_against_the_net_policies_of_the_week(world):
    start(moment(16))
    with writing() as session:
        branch = session.get_one(BranchRow, world["B1"])
        add_policy(session, branch, date(2026, 11, 18))
        add_policy(session, branch, date(2026, 11, 18), status="cancelled")
        add_policy(session, branch, date(2026, 11, 23))
        rebuild_rollups(session)
    facts = {
        one.item.branch_code: (one.fact, one.state)
        for one in week_of(date(2026, 11, 23))
        if one.item.line.measure is GoalMeasure.POLICIES
    }
    assert facts == {"B1": (Decimal(1), ItemState.DONE), "B2": (Decimal(0), ItemState.DONE)}


def tick(versions, *, now, done=True, key="t", actor=LI, **more):
    with writing() as session:
        return tick_items(session, actor=actor, shown_versions=versions, is_done=done, now=now, key=key, **more)


def test_lines_are_ticked_together_and_taken_back(world):
    one, two = add(contact(world), key="a"), add(contact(world, "B2"), key="b")
    assert tick({one: 1, two: 1}, now=moment(17), note="见了行长") == 2
    assert tick({one: 1, two: 1}, now=moment(17)) == 2  # the same submit again
    assert set(states(date(2026, 11, 17)).values()) == {ItemState.TICKED}
    assert tick({one: 2}, now=moment(17), done=False, key="u") == 1
    assert states(date(2026, 11, 17))[one] is ItemState.OPEN


def test_a_tick_of_an_older_version_ticks_nothing(on_one):
    one, two = add(contact(on_one), key="a"), add(contact(on_one, "B2"), key="b")
    tick({one: 1}, now=moment(17))
    with pytest.raises(ChangedByOtherError) as refused:
        tick({one: 1, two: 1}, now=moment(17), key="u")
    assert refused.value.current["ticked_on"] == date(2026, 11, 17)
    assert states(date(2026, 11, 17))[two] is ItemState.OPEN


@pytest.mark.parametrize(("day", "refused"), [(29, False), (30, True)])
def test_a_week_can_be_ticked_for_seven_days_after_its_end(on_one, day, refused):
    one = add(contact(on_one), key="a")
    if refused:
        with pytest.raises(RefusedError) as wrong:
            tick({one: 1}, now=moment(day))
        assert wrong.value.problems[0].key is ProblemKey.TOO_LATE
    else:
        assert tick({one: 1}, now=moment(day)) == 1


def test_only_a_miss_gets_a_cause_and_it_says_what_changes(on_one):
    line = add(contact(on_one), key="a")
    with pytest.raises(RefusedError) as refused:
        explain(line, now=moment(17))
    assert [one.key for one in refused.value.problems] == [ProblemKey.NOT_MISSED]
    with pytest.raises(RefusedError) as refused:
        explain(line, now=moment(23), adjustment="", action=None)
    assert [one.key for one in refused.value.problems] == [ProblemKey.NO_ADJUSTMENT]
    with pytest.raises(NotAllowedError):
        explain(line, now=moment(23), action="nobody_knows_it")
    explain(line, now=moment(23), cause="C26", adjustment=None, action=None)
    (one,) = week_of(date(2026, 11, 23))
    assert (one.item.cause, one.item.cause_note, one.is_unexplained, one.is_closed) == (
        "C26",
        "到场3人",
        False,
        True,
    )
    with pytest.raises(RefusedError):
        explain(line, now=moment(23), version=2, more=[NamedCause("C01", "")])
    explain(line, now=moment(23), version=2, more=[NamedCause("C01", "两人未通过")])
    (one,) = week_of(date(2026, 11, 23))
    assert (one.item.causes, one.item.more_causes[0].evidence) == (("C02", "C01"), "两人未通过")
    with reading() as session:
        audit = session.scalars(select(AuditRow).filter_by(action="explain").order_by(AuditRow.id.desc())).first()
    assert (audit.before["cause_2"], audit.after["cause_2"], audit.after["cause_3"]) == (None, "C01", None)
    explain(line, now=moment(23), version=3, cause="C26", adjustment=None, action=None)
    with pytest.raises(ChangedByOtherError) as changed:
        explain(line, now=moment(23), key="again")
    assert changed.value.current["cause"] == "C26"


def write(day, words="两个网点跟进", *, now, version=0, key=None, actor=LI, owner="li"):
    with writing() as session:
        write_feedback(
            session,
            actor=actor,
            supervisor=owner,
            day=day,
            words=words,
            shown_version=version,
            now=now,
            key=key or f"f{day}{version}{words}",
        )


def test_the_line_of_a_day_is_written_once_and_changed_by_its_version(world):
    write(WEEK, now=moment(16, 20))
    write(WEEK, "改一句", now=moment(17), version=1)
    with pytest.raises(ChangedByOtherError) as refused:
        write(WEEK, "再改", now=moment(17), version=1)
    assert refused.value.current == {"words": "改一句"}
    with reading() as session:
        (one,) = feedback_between(session, actor=LI, first=WEEK, last=WEEK)
    assert (one.words, one.version, one.written_at) == ("改一句", 2, moment(16, 20))


@pytest.mark.parametrize(
    ("day", "words", "wrong"),
    [
        (date(2026, 11, 18), "x", ProblemKey.IN_FUTURE),
        (date(2026, 11, 9), "x", ProblemKey.TOO_LATE),
        (WEEK, " ", ProblemKey.EMPTY),
        (WEEK, "客户13812345678", ProblemKey.PERSONAL_NUMBER),
    ],
)
def test_feedback_is_refused_with_what_is_wrong(on_one, day, words, wrong):
    with pytest.raises(RefusedError) as refused:
        write(day, words, now=moment(17))
    assert [one.key for one in refused.value.problems] == [wrong]


def test_nobody_writes_the_feedback_of_somebody_else(on_one):
    for actor in (EAST, ADMIN, WU):
        with pytest.raises(NotAllowedError):
            write(WEEK, now=moment(16), actor=actor, key=f"f{actor.username}")


def approve(*, version, actor=EAST, comment="可行", owner="li", key="a1"):
    with writing() as session:
        approve_plan(
            session,
            actor=actor,
            supervisor=owner,
            week_start=WEEK,
            shown_version=version,
            comment=comment,
            now=moment(17),
            key=key,
        )


def test_a_manager_approves_what_he_saw_and_a_later_change_shows(world):
    line = add(contact(world), key="a")
    with pytest.raises(ChangedByOtherError):
        approve(version=1)
    approve(version=2)
    with reading() as session:
        plan = find_plan(session, actor=LI, supervisor="li", week_start=WEEK)
        assert (plan.is_approved, plan.approved_on, plan.approval_comment) == (True, date(2026, 11, 17), "可行")
    with writing() as session:
        change_item(
            session,
            actor=LI,
            item_id=line,
            line=contact(world, day=date(2026, 11, 19)),
            shown_version=1,
            reason="行长出差",
            now=moment(17),
            key="c",
        )
    with reading() as session:
        (one,) = changes_of(session, actor=EAST, supervisor="li", week_start=WEEK)
        assert (one.reason, one.after) == ("行长出差", {"day": "2026-11-19"})
        team = team_weeks(session, actor=EAST, week_start=WEEK, now=moment(18))
    assert [(one.supervisor, one.standing, one.branches) for one in team] == [("li", PlanStanding.CHANGED, 2)]


def test_a_supervisor_does_not_approve_and_nothing_is_approved_without_a_plan(on_one):
    with pytest.raises(NotAllowedError):
        approve(version=0, actor=LI)
    with pytest.raises(RefusedError) as refused:
        approve(version=0)
    assert [one.key for one in refused.value.problems] == [ProblemKey.NO_PLAN]


def test_the_team_shows_each_week_with_its_figures(world):
    add(contact(world), key="a", now=moment(16))
    write(WEEK, now=moment(16, 20))
    with reading() as session:
        team = {one.supervisor: one for one in team_weeks(session, actor=ADMIN, week_start=WEEK, now=moment(23))}
        assert team_weeks(session, actor=head_of(world["B1"]), week_start=WEEK, now=moment(23)) == ()
    assert (team["li"].standing, team["li"].summary.unexplained, team["li"].summary.completion) == (
        PlanStanding.LOCKED,
        1,
        0.0,
    )
    assert (team["li"].feedback.owed, team["li"].feedback.in_time) == (4, 1)
    assert (team["wu"].standing, team["wu"].summary.frozen) == (PlanStanding.MISSING, 0)


def test_a_plan_is_seen_by_its_owner_and_those_above_alone(world):
    add(contact(world), key="a")
    west = replace(EAST, region_path="西区分公司")
    with reading() as session:
        for actor, sees in ((LI, 1), (EAST, 1), (ADMIN, 1), (WU, 0), (west, 0), (head_of(world["B1"]), 0)):
            found = checked_week(session, actor=actor, supervisor="li", week_start=WEEK, today=WEEK)
            assert len(found) == sees, actor
            assert (find_plan(session, actor=actor, supervisor="li", week_start=WEEK) is not None) is bool(sees)


def test_every_step_leaves_its_audit_row(on_one):
    line = add(contact(on_one), key="a")
    start(moment(16))
    tick({line: 1}, now=moment(17))
    tick({line: 2}, now=moment(17), done=False, key="u")
    explain(line, now=moment(18), version=3)
    write(WEEK, now=moment(16))
    with reading() as session:
        actions = [one.action for one in session.scalars(select(AuditRow).order_by(AuditRow.id))]
    assert actions == ["add", "add", "add", "take_over", "tick", "tick", "explain", "take_on", "write"]
    assert timedelta(days=7) == WEEK - LAST


def test_a_line_is_ticked_from_the_monday_of_its_week_on(on_one):
    one = add(contact(on_one), key="a")
    with pytest.raises(RefusedError) as refused:
        tick({one: 1}, now=moment(15))
    assert [problem.key for problem in refused.value.problems] == [ProblemKey.WEEK_AHEAD]
    assert tick({one: 1}, now=moment(16)) == 1


def test_a_plan_started_after_its_lock_is_measured_all_the_same(on_one):
    action_of(on_one, "B1", due=date(2026, 11, 18))
    start(moment(17))
    with reading() as session:
        (li,) = team_weeks(session, actor=EAST, week_start=WEEK, now=moment(23))
    assert (li.summary.is_started_late, li.summary.frozen, li.summary.extra, li.summary.completion) == (
        True,
        1,
        1,
        0.0,
    )
