"""A branch goes to another supervisor: the figures of finished weeks stay, what is asked goes with the branch."""

from datetime import date

import pytest
from sqlalchemy import select

from core.calendar import WorkingCalendar
from core.facts import StaffRole
from core.planning.check import ItemState, still_with_owner
from core.planning.items import GoalMeasure, PlanKind, PlanLine
from core.planning.summary import plan_summary
from db.engine import reading, writing
from db.models import BranchRow, OrgUnitRow
from db.planning import change_item, drop_item
from db.planning_carry import misses_handed, unexplained_weeks
from db.planning_days import tick_items
from db.planning_team import team_weeks
from db.planning_weeks import changes_of, has_plans
from db.review_next_week import next_week_page
from db.rollups import rebuild_rollups
from db.steps import facts_of_branch
from tests.builders import ADMIN, add_contact, add_supervisor_change, head_of, manager_of
from tests.db.planning_world import LAST, LI, WEEK, WU, add, contact, explain, make_world, moment, start, week_of

EAST, WEST = manager_of("东区分公司"), manager_of("西区分公司")
TUESDAY, THURSDAY = date(2026, 11, 10), date(2026, 11, 12)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def on_one(sqlite_store):
    """For rules in which the database has no part."""
    return make_world()


def hand_on(world, to="wu", day=WEEK, *, code="B1", region=None):
    """Give a branch to another supervisor, and to another region where one is named."""
    with writing() as session:
        row = session.get_one(BranchRow, world[code])
        add_supervisor_change(session, row.id, row.supervisor, day)
        row.supervisor = to
        if region:
            row.org_unit_id = session.scalars(select(OrgUnitRow.id).where(OrgUnitRow.path == region)).one()


def last_week(world):
    """Li planned last week: a contact made, one missed, a goal missed and an action ticked at B1, one missed at B2."""
    with writing() as session:
        branch = session.get_one(BranchRow, world["B1"])
        add_contact(session, branch, TUESDAY, role=StaffRole.BRANCH_HEAD)
        rebuild_rollups(session)
    goal = PlanLine(PlanKind.GOAL, branch_id=world["B1"], measure=GoalMeasure.POLICIES, goal=3)
    act = PlanLine(PlanKind.ACTION, branch_id=world["B1"], action_key="heart_talk", text="面谈要点")
    now = moment(9)
    return {
        "made": add(contact(world, day=TUESDAY), week=LAST, key="1", now=now),
        "missed": add(contact(world, day=THURSDAY, role=StaffRole.TELLER), week=LAST, key="2", now=now),
        "goal": add(goal, week=LAST, key="3", now=now),
        "ticked": tick(add(act, week=LAST, key="4", now=now)),
        "other": add(contact(world, "B2", day=THURSDAY), week=LAST, key="5", now=now),
    }


def tick(item):
    with writing() as session:
        tick_items(session, actor=LI, shown_versions={item: 1}, is_done=True, note="见3人", now=moment(11), key="t")
    return item


def lines_of(actor, *, owner="li", week=LAST, today=WEEK):
    return week_of(today, week=week, actor=actor, owner=owner)


def summary_of(actor, **more):
    return plan_summary(lines_of(actor, **more), week_start=LAST, calendar=WorkingCalendar())


def figures(found):
    return found.frozen, found.kept, found.ticked, found.goals, found.goals_reached, found.extra, found.dropped


@pytest.mark.parametrize("region", [None, "西区分公司"])
def test_the_figures_of_a_finished_week_stay_whoever_has_the_branch_now(world, region):
    last_week(world)
    before = summary_of(LI)
    assert figures(before) == figures(summary_of(EAST)) == figures(summary_of(ADMIN)) == (4, 2, 1, 1, 0, 0, 0)
    hand_on(world, region=region)
    for actor in (LI, EAST, ADMIN):
        assert figures(summary_of(actor)) == figures(before)
        assert {one.item.item_id: one.state for one in lines_of(actor)} == {
            1: ItemState.DONE,
            2: ItemState.MISSED,
            3: ItemState.MISSED,
            4: ItemState.TICKED,
            5: ItemState.MISSED,
        }


def test_what_tells_of_a_branch_stays_with_those_who_have_it_in_scope(world):
    last_week(world)
    hand_on(world, region="西区分公司")
    for actor in (LI, EAST):
        found = {one.item.item_id: one for one in lines_of(actor)}
        assert [one.item.is_in_sight for one in found.values()].count(False) == 4
        for number in (1, 2, 3, 4):
            one = found[number]
            assert (one.item.branch_code, one.item.branch_name, one.item.line.branch_id) == (None, None, None)
            assert (one.item.line.role, one.item.line.action_key, one.item.line.text) == (None, None, None)
            assert (one.item.tick_note, one.fact, one.item.looked_after_by) == (None, None, None)
        assert (found[3].item.line.goal, found[1].item.line.day) == (3, TUESDAY)
        assert found[5].item.branch_code == "B2"
    seen = {one.item.item_id: one.item for one in lines_of(ADMIN)}
    assert (seen[2].branch_code, seen[2].looked_after_by, seen[4].tick_note) == ("B1", "wu", "见3人")
    for actor in (WU, WEST, head_of(world["B1"])):  # li is none of theirs; wu is asked about what he has now
        assert lines_of(actor) == ()


def test_a_miss_is_asked_about_once_of_who_has_the_branch(world):
    items = last_week(world)
    assert summary_of(EAST).unexplained == 3
    hand_on(world)
    with reading() as session:
        handed = misses_handed(session, actor=ADMIN, supervisor="wu", first=LAST, last=LAST, today=WEEK)
        assert {one.item.item_id for one in handed[LAST]} == {items["missed"], items["goal"]}
        weeks = {owner: unexplained_weeks(session, actor=ADMIN, supervisor=owner, today=WEEK) for owner in ("li", "wu")}
        team = {one.supervisor: one for one in team_weeks(session, actor=ADMIN, week_start=LAST, now=moment(16))}
    assert weeks == {"li": {LAST: 1}, "wu": {LAST: 2}}
    assert {owner: one.unexplained for owner, one in team.items()} == {"li": 1, "wu": 2}
    assert (team["li"].summary.frozen, team["wu"].summary.frozen) == (4, 0)
    explain(items["missed"], now=moment(16), actor=WU)
    with reading() as session:
        team = team_weeks(session, actor=ADMIN, week_start=LAST, now=moment(16))
    assert {one.supervisor: one.unexplained for one in team} == {"li": 1, "wu": 1}


def test_the_six_steps_of_a_branch_know_what_its_former_plan_left_open(world):
    last_week(world)
    hand_on(world)
    with reading() as session:
        found = facts_of_branch(session, actor=WU, branch_id=world["B1"], as_of=WEEK)
    assert found["misses_open"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("left", "counted"),
    [(TUESDAY, 1), (date(2026, 11, 11), 1), (THURSDAY, 1), (date(2026, 11, 13), 2), (date(2026, 11, 16), 2)],
)
def test_what_could_not_be_done_any_more_does_not_count_against_who_planned_it(on_one, left, counted):
    """A line made before, and one missed whose day came before or after the branch went; a goal counts on Sunday."""
    with writing() as session:
        add_contact(session, session.get_one(BranchRow, on_one["B1"]), date(2026, 11, 9), role=StaffRole.BRANCH_HEAD)
        rebuild_rollups(session)
    add(contact(on_one, day=date(2026, 11, 9)), week=LAST, key="1", now=moment(9))
    add(contact(on_one, day=THURSDAY, role=StaffRole.TELLER), week=LAST, key="2", now=moment(9))
    goal = PlanLine(PlanKind.GOAL, branch_id=on_one["B1"], measure=GoalMeasure.POLICIES, goal=3)
    add(goal, week=LAST, key="3", now=moment(9))
    hand_on(on_one, day=left)
    for actor in (LI, EAST, ADMIN):
        found = summary_of(actor)
        assert (found.frozen, found.kept, found.goals) == (counted, 1, int(left > date(2026, 11, 15)))


def test_a_handover_nobody_knows_the_day_of_excuses_nothing(world):
    last_week(world)
    with writing() as session:
        session.get_one(BranchRow, world["B1"]).supervisor = "wu"
    assert figures(summary_of(LI)) == figures(summary_of(ADMIN)) == (4, 2, 1, 1, 0, 0, 0)


def test_in_a_running_week_what_was_handed_on_is_nothing_to_do(world):
    late = add(contact(world, day=date(2026, 11, 17)), key="1", now=moment(16))
    add(contact(world, "B2", day=date(2026, 11, 17)), key="2", now=moment(16))
    hand_on(world, day=date(2026, 11, 18))
    for actor in (LI, EAST):
        found = lines_of(actor, week=WEEK, today=date(2026, 11, 18))
        assert [one.state for one in found] == [ItemState.LATE, ItemState.LATE]
        assert [one.item.item_id for one in still_with_owner(found)] == [2]
        assert plan_summary(found, week_start=WEEK, calendar=WorkingCalendar()).late == 1
    assert late == 1


def test_changes_after_the_lock_keep_their_number_and_lose_their_words(world):
    first = add(contact(world, day=THURSDAY), week=LAST, key="1", now=moment(9))
    change = {"actor": LI, "shown_version": 1, "now": moment(11), "reason": "网点改期"}
    with writing() as session:
        change_item(session, item_id=first, line=contact(world, day=date(2026, 11, 13)), key="c", **change)
    with writing() as session:
        drop_item(session, item_id=first, key="d", **(change | {"shown_version": 2}))
    hand_on(world)
    with reading() as session:
        seen = {actor: changes_of(session, actor=actor, supervisor="li", week_start=LAST) for actor in (LI, ADMIN)}
    assert [one.kind for one in seen[LI]] == [one.kind for one in seen[ADMIN]]
    assert {(one.reason, str(one.before), str(one.after)) for one in seen[LI]} == {(None, "{}", "{}")}
    assert {one.reason for one in seen[ADMIN]} == {"网点改期"}


def test_the_week_to_come_counts_what_is_planned_once(world):
    add(contact(world, day=date(2026, 11, 17)), key="1", now=moment(13))
    with reading() as session:
        before = next_week_page(session, actor=ADMIN, week_start=LAST, as_of=WEEK)
    hand_on(world)
    add(contact(world, day=date(2026, 11, 17)), key="2", now=moment(13), actor=WU)
    with reading() as session:
        after = next_week_page(session, actor=ADMIN, week_start=LAST, as_of=WEEK)
    assert before.planned == after.planned


def test_a_branch_nobody_has_any_more_is_handed_on_for_everybody(world):
    last_week(world)
    hand_on(world, to=None, day=date(2026, 11, 11))
    found = {actor.username: summary_of(actor) for actor in (LI, EAST, ADMIN)}
    assert {(one.frozen, one.kept, one.goals, one.unexplained) for one in found.values()} == {(3, 2, 0, 1)}


def test_a_line_out_of_the_readers_region_is_not_handed_on_and_asked_of_its_owner(world):
    last_week(world)
    with writing() as session:
        west = session.scalars(select(OrgUnitRow.id).where(OrgUnitRow.path == "西区分公司")).one()
        session.get_one(BranchRow, world["B1"]).org_unit_id = west
    for actor in (LI, EAST, ADMIN):
        found = summary_of(actor)
        assert (figures(found), found.unexplained) == ((4, 2, 1, 1, 0, 0, 0), 3)
    hidden = [one.item for one in lines_of(EAST) if not one.item.is_in_sight]
    assert {(one.branch_name, one.is_handed_on) for one in hidden} == {(None, False)}
    assert len(hidden) == 4


def test_who_gave_all_his_branches_away_keeps_his_weeks_and_so_do_those_above_him(world):
    last_week(world)
    hand_on(world)
    hand_on(world, code="B2")
    for actor in (LI, EAST, ADMIN):
        assert figures(summary_of(actor)) == (4, 2, 1, 1, 0, 0, 0)
        with reading() as session:
            assert has_plans(session, actor=actor, supervisor="li")
    for actor in (WU, WEST, head_of(world["B1"])):
        assert lines_of(actor) == ()
        with reading() as session:
            assert not has_plans(session, actor=actor, supervisor="li")
    with reading() as session:
        team = team_weeks(session, actor=EAST, week_start=LAST, now=moment(16))
    assert {one.supervisor: (one.branches, one.summary.frozen) for one in team} == {"li": (0, 4), "wu": (2, 0)}


def test_a_goal_whose_branch_went_within_the_week_is_not_asked_about(world):
    last_week(world)
    hand_on(world, day=date(2026, 11, 15))
    with reading() as session:
        handed = misses_handed(session, actor=ADMIN, supervisor="wu", first=LAST, last=LAST, today=WEEK)
        counted = unexplained_weeks(session, actor=ADMIN, supervisor="wu", today=WEEK)
    assert [one.item.line.kind for one in handed[LAST]] == [PlanKind.CONTACT]
    assert counted == {LAST: 1}


def test_what_a_successor_makes_of_a_line_he_took_over_is_his_alone(world, monkeypatch):
    """Of whoever planned it the line does not count, made or missed, whoever looks at his week."""
    wednesday, friday = date(2026, 11, 18), date(2026, 11, 20)
    add(contact(world, day=friday), key="1", now=moment(16))
    kept = add(contact(world, "B2", day=WEEK), key="2", now=moment(16))
    with writing() as session:
        add_contact(session, session.get_one(BranchRow, world["B2"]), WEEK, role=StaffRole.BRANCH_HEAD)
        rebuild_rollups(session)
    hand_on(world, day=wednesday)
    monkeypatch.setattr("db.planning.utc_now", lambda: moment(18, 12))
    start(moment(18, 12), actor=WU, owner="wu")
    seen = {"week": WEEK, "today": date(2026, 11, 23)}
    missed = {actor: figures(summary_of(actor, **seen))[:2] for actor in (LI, EAST, ADMIN)}
    with writing() as session:
        add_contact(session, session.get_one(BranchRow, world["B1"]), friday, role=StaffRole.BRANCH_HEAD)
        rebuild_rollups(session)
    made = {actor: figures(summary_of(actor, **seen))[:2] for actor in (LI, EAST, ADMIN)}
    assert missed == made == dict.fromkeys((LI, EAST, ADMIN), (1, 1))
    assert {one.item.item_id: one.state for one in lines_of(LI, **seen)} == {1: ItemState.SETTLED, kept: ItemState.DONE}
    (taken,) = [one for one in lines_of(ADMIN, owner="wu", **seen) if one.item.line.kind is PlanKind.CONTACT]
    assert (taken.item.carried_from, taken.state) == (1, ItemState.DONE)
