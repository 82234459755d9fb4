from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.calendar import SHANGHAI
from core.facts import StaffRole
from core.planning.check import ItemState
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind, PlanLine
from db.access import NotAllowedError
from db.engine import reading, writing
from db.models import BranchRow, PlanItemRow, PolicyRow, SuggestionRow
from db.planning import drop_item
from db.planning_carry import lines_of_branch, misses_handed, unexplained_weeks
from db.planning_days import tick_items
from db.planning_weeks import chain_of, changes_of, take_over
from db.rollups import rebuild_rollups
from db.today import today_lines
from tests.builders import ADMIN, add_policy, head_of
from tests.db.planning_world import (
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

OLD, NEXT = date(2026, 11, 2), date(2026, 11, 23)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def on_one(sqlite_store):
    return make_world()


def salon(world, week, day=2, code="B1"):
    return PlanLine(
        PlanKind.EVENT,
        branch_id=world[code],
        day=week + timedelta(days=day),
        event_kind=EventKind.MICRO_SALON,
    )


def offered(week=WEEK, *, today=None, actor=LI, owner="li"):
    """Return what a plan may take over, without goals."""
    with reading() as session:
        found = take_over(session, actor=actor, supervisor=owner, week_start=week, today=today or week).seeds
    return [one for one in found if one.line.kind is not PlanKind.GOAL]


def test_what_was_missed_before_a_skipped_week_waits_for_the_next_plan(world):
    line = add(salon(world, OLD), week=OLD, now=moment(2), key="a")
    assert [(one.carried_from, one.times_carried, one.line.day) for one in offered()] == [
        (line, 1, WEEK + timedelta(days=2))
    ]
    with reading() as session:
        found = unexplained_weeks(session, actor=LI, supervisor="li", today=WEEK)
        assert found == {OLD: 1}
        for actor in (WU, head_of(world["B1"])):
            assert unexplained_weeks(session, actor=actor, supervisor="li", today=WEEK) == {}
    start(moment(16))
    assert offered(NEXT, today=WEEK) == []


def test_it_waits_for_a_quarter_of_a_year(on_one):
    add(salon(on_one, date(2026, 8, 17)), week=date(2026, 8, 17), now=moment(17).replace(month=8), key="a")
    assert len(offered()) == 1
    assert offered(NEXT) == []
    with reading() as session:
        assert len(unexplained_weeks(session, actor=LI, supervisor="li", today=WEEK)) == 1
        assert unexplained_weeks(session, actor=LI, supervisor="li", today=NEXT) == {}


def test_the_same_thing_missed_in_several_weeks_comes_once_with_all_its_misses(on_one):
    add(salon(on_one, OLD), week=OLD, now=moment(2), key="a")
    latest = add(salon(on_one, LAST, day=3), week=LAST, now=moment(9), key="b")
    assert [(one.carried_from, one.times_carried) for one in offered()] == [(latest, 2)]
    with writing() as session:  # held in the later week: the earlier miss was made up for
        session.get_one(PlanItemRow, latest).ticked_on = LAST
    assert offered() == []


def test_what_was_closed_or_taken_out_of_a_later_plan_does_not_come_again(on_one):
    closed = add(salon(on_one, OLD), week=OLD, now=moment(2), key="a")
    explain(closed, now=moment(10), cause="C26", adjustment=None, action=None)
    add(salon(on_one, OLD, code="B2"), week=OLD, now=moment(2), key="b")
    start(moment(9), week=LAST)
    taken = next(one.item for one in week_of(LAST, week=LAST) if one.item.line.kind is PlanKind.EVENT)
    with writing() as session:
        drop_item(session, actor=LI, item_id=taken.item_id, shown_version=1, now=moment(9), key="d")
    assert offered() == []


def test_an_action_line_that_stands_there_already_gets_the_misses_of_its_chain(world):
    action = action_of(world, "B1", due=date(2026, 11, 13))
    start(moment(9), week=LAST)
    start(moment(13), week=WEEK)  # on Friday, before last week's line is missed
    assert start(moment(17)) == 3  # both goals follow too
    (line,) = [one.item for one in week_of(WEEK) if one.item.line.kind is PlanKind.ACTION]
    assert (line.line.suggestion_id, line.origin, line.times_carried) == (action, ItemOrigin.OPEN_ACTION, 1)
    with reading() as session:
        assert [one.week_start for one in chain_of(session, actor=LI, item_id=line.item_id)] == [WEEK, LAST]
        trail = changes_of(session, actor=LI, supervisor="li", week_start=WEEK)
    assert {one.item_id for one in trail} == {one.item.item_id for one in week_of(WEEK) if one.item.line.goal}
    assert start(moment(17), key="again") == 0


def test_a_goal_follows_when_the_policies_of_the_week_before_are_in(world):
    with writing() as session:  # data reach to Thursday
        _policies_reach(session, world, date(2026, 11, 12))
    start(moment(9), week=LAST)
    start(moment(13), week=WEEK)
    assert _goals(WEEK) == {"B1": (Decimal("1.43"), None), "B2": (Decimal("0.40"), None)}
    assert set(states(WEEK, week=LAST).values()) == {ItemState.NO_DATA}
    with reading() as session:
        assert unexplained_weeks(session, actor=LI, supervisor="li", today=WEEK) == {}
        assert take_over(session, actor=LI, supervisor="li", week_start=WEEK, today=WEEK).seeds == ()
    with writing() as session:
        add_policy(session, session.get_one(BranchRow, world["B1"]), date(2026, 11, 13))
        rebuild_rollups(session)
    assert states(WEEK, week=LAST)[1] is ItemState.DONE
    assert start(moment(16, 19)) == 2
    assert _goals(WEEK) == {"B1": (Decimal("1.86"), Decimal("0.43")), "B2": (Decimal("0.80"), Decimal("0.40"))}
    with reading() as session:
        trail = changes_of(session, actor=LI, supervisor="li", week_start=WEEK)
    assert [(one.before["goal"], one.after["goal"]) for one in trail] == [("1.43", "1.86"), ("0.4", "0.8")]


def _policies_reach(session, world, day):
    session.query(PolicyRow).delete()
    add_policy(session, session.get_one(BranchRow, world["B3"]), day)
    rebuild_rollups(session)


def _goals(week):
    items = [one.item for one in week_of(WEEK, week=week)]
    return {one.branch_code: (one.line.goal, one.line.gap) for one in items if one.line.kind is PlanKind.GOAL}


def test_a_goal_somebody_set_by_hand_stays(on_one):
    start(moment(13), week=WEEK)
    with writing() as session:
        session.get_one(PlanItemRow, 1).goal = Decimal(9)
    start(moment(9), week=LAST)
    with reading() as session:
        found = take_over(session, actor=LI, supervisor="li", week_start=WEEK, today=WEEK).seeds
    assert [one.changes for one in found] == [2]


def test_the_lines_of_a_branch_follow_it_to_its_new_supervisor(world):
    missed = add(salon(world, LAST), week=LAST, now=moment(9), key="a")
    late = add(contact(world), key="b", now=moment(16))
    to_come = add(contact(world, day=date(2026, 11, 20), role=StaffRole.TELLER), key="c", now=moment(16))
    kept = add(contact(world, day=date(2026, 11, 20), role=StaffRole.RETAIL_HEAD), key="d", now=moment(16))
    add(contact(world, "B2"), key="e", now=moment(16))
    with writing() as session:
        session.get_one(PlanItemRow, kept).ticked_on = WEEK
        session.get_one(BranchRow, world["B1"]).supervisor = "wu"
    wednesday = date(2026, 11, 18)
    found = {one.carried_from: one for one in offered(today=wednesday, actor=WU, owner="wu")}
    assert set(found) == {missed, late, to_come}
    assert (found[missed].times_carried, found[late].times_carried) == (1, 0)
    assert (found[late].line.day, found[to_come].line.day) == (wednesday, date(2026, 11, 20))
    assert offered(today=wednesday) == []
    with reading() as session:
        names = [one.item.item_id for one in lines_of_branch(session, actor=WU, branch_id=world["B1"], today=wednesday)]
        assert names == [missed, late, to_come]
        for actor in (LI, head_of(world["B1"])):
            assert lines_of_branch(session, actor=actor, branch_id=world["B1"], today=wednesday) == ()
    start(moment(18), actor=WU, owner="wu")
    assert offered(today=wednesday, actor=WU, owner="wu") == []
    assert [one.state for one in week_of(NEXT, actor=ADMIN) if one.item.item_id == late] == [ItemState.SETTLED]
    own = next(one.item for one in week_of(wednesday, actor=WU, owner="wu") if one.item.carried_from == missed)
    with reading() as session:
        assert [one.supervisor for one in chain_of(session, actor=WU, item_id=own.item_id)] == ["wu", "li"]
        assert lines_of_branch(session, actor=WU, branch_id=world["B1"], today=wednesday)[0].item.supervisor == "wu"


def test_a_branch_that_comes_back_within_the_week_leaves_its_lines_open_in_one_plan(world):
    friday, wednesday = date(2026, 11, 20), date(2026, 11, 18)
    line = add(contact(world, day=friday), key="a", now=moment(16))

    def hand_to(owner):
        with writing() as session:
            session.get_one(BranchRow, world["B1"]).supervisor = owner

    def state_of(item, owner):
        return next(one.state for one in week_of(wednesday, actor=ADMIN, owner=owner) if one.item.item_id == item)

    hand_to("wu")
    start(moment(18), actor=WU, owner="wu")
    theirs = next(one.item.item_id for one in week_of(wednesday, actor=WU, owner="wu") if one.item.carried_from == line)
    assert (state_of(line, "li"), state_of(theirs, "wu")) == (ItemState.SETTLED, ItemState.OPEN)
    hand_to("li")
    start(moment(18), key="back")
    assert (state_of(line, "li"), state_of(theirs, "wu")) == (ItemState.OPEN, ItemState.SETTLED)
    assert offered(today=wednesday) == []
    with reading() as session:
        assert [one.item_id for one in chain_of(session, actor=ADMIN, item_id=line)] == [line, theirs]


def test_what_waits_in_the_former_plan_stands_on_today_and_can_be_ticked(world):
    line = add(contact(world, role=StaffRole.TELLER), key="a", now=moment(16))
    with writing() as session:
        session.get_one(BranchRow, world["B1"]).supervisor = "wu"

    def planned(actor):
        with reading() as session:
            lines = today_lines(session, actor=actor, today=date(2026, 11, 17)).lines
        return [one.item.item_id for one in lines if one.item]

    def tick(actor, key):
        with writing() as session:
            shown = {"shown_versions": {line: 1}, "is_done": True, "now": moment(17), "key": key}
            return tick_items(session, actor=actor, **shown)

    assert (planned(WU), planned(LI)) == ([line], [])
    with pytest.raises(NotAllowedError):
        tick(LI, "li")
    assert tick(WU, "wu") == 1
    assert planned(WU) == []


def test_whoever_has_the_branch_now_names_the_cause_of_what_was_missed_before_him(world):
    missed = add(salon(world, LAST), week=LAST, now=moment(9), key="a")
    others = add(salon(world, LAST, code="B2"), week=LAST, now=moment(9), key="b")
    with writing() as session:
        session.get_one(BranchRow, world["B1"]).supervisor = "wu"

    def handed(actor, owner):
        span = {"first": OLD, "last": LAST, "today": WEEK}
        with reading() as session:
            found = misses_handed(session, actor=actor, supervisor=owner, **span)
            counted = unexplained_weeks(session, actor=actor, supervisor=owner, today=WEEK)
        return {week: [one.item.item_id for one in lines] for week, lines in found.items()}, counted

    assert handed(WU, "wu") == handed(ADMIN, "wu") == ({LAST: [missed]}, {LAST: 1})
    assert handed(LI, "wu") == handed(head_of(world["B1"]), "wu") == ({}, {})
    assert handed(LI, "li") == ({}, {LAST: 1})
    for actor, item in ((LI, missed), (WU, others), (head_of(world["B1"]), missed)):
        with pytest.raises(NotAllowedError):
            explain(item, now=moment(16), actor=actor)
    explain(missed, now=moment(16), actor=WU)
    assert handed(WU, "wu") == ({LAST: [missed]}, {})
    with reading() as session:
        assert session.get_one(PlanItemRow, missed).cause == "C02"
        action = session.scalars(select(SuggestionRow)).one()
    assert (action.action_key, action.owner) == ("repair_invitations", "wu")


def test_a_line_whose_action_was_let_go_or_done_is_not_carried(on_one):
    gone = action_of(on_one, "B1", due=date(2026, 11, 12))
    done = action_of(on_one, "B2", due=date(2026, 11, 12), key="heart_talk")
    start(moment(9), week=LAST)
    with writing() as session:
        for number, state in ((gone, "dismissed"), (done, "done")):
            row = session.get_one(SuggestionRow, number)
            row.state, row.decided_on, row.taken_on = state, WEEK, LAST
    assert offered() == []


def test_a_week_without_a_working_day_takes_nothing_over_and_makes_no_miss(on_one):
    """The Spring Festival: what was missed before it comes in the week after it, missed once, with the gap."""
    before, festival, after = date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23)

    def at(day):
        return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)

    goal = PlanLine(PlanKind.GOAL, branch_id=on_one["B1"], measure=GoalMeasure.POLICIES, goal=Decimal(2))
    add(goal, week=before, now=at(before), key="g")
    missed = add(contact(on_one, day=date(2026, 2, 11)), week=before, now=at(before), key="a")
    action = action_of(on_one, "B1", due=date(2026, 2, 18))
    teller = contact(on_one, day=None, role=StaffRole.TELLER)
    by_hand = add(teller, week=festival, now=at(festival), key="b", reason="x")
    sunday = date(2026, 2, 22)
    with reading() as session:
        found = take_over(session, actor=LI, supervisor="li", week_start=festival, today=festival)
        assert (found.seeds, found.without_target) == ((), ())
        seen = [one.waits_since for one in today_lines(session, actor=LI, today=sunday).lines if one.item]
        assert seen == [sunday]
        assert unexplained_weeks(session, actor=LI, supervisor="li", today=after) == {before: 2}
        assert by_hand in [
            one.item.item_id for one in lines_of_branch(session, actor=LI, branch_id=on_one["B1"], today=after)
        ]
    assert [(one.item.item_id, one.state) for one in week_of(after, week=festival)] == [(by_hand, ItemState.SETTLED)]
    seeds = {(one.carried_from or one.line.suggestion_id): one for one in offered(after)}
    assert {number: (one.origin, one.times_carried) for number, one in seeds.items()} == {
        missed: (ItemOrigin.CARRIED, 1),
        by_hand: (ItemOrigin.CARRIED, 0),
        action: (ItemOrigin.OPEN_ACTION, 0),
    }
    assert seeds[action].line.day == date(2026, 2, 24)
    with reading() as session:
        seeds = take_over(session, actor=LI, supervisor="li", week_start=after, today=after).seeds
    (gap,) = [one.line.gap for one in seeds if one.line.measure is GoalMeasure.POLICIES and one.line.branch_id == 1]
    assert gap == 2
