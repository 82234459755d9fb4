from datetime import date

import pytest
from sqlalchemy import select

from core.planning.causes import NamedCause
from core.planning.check import ItemState
from core.planning.items import EventKind, ItemOrigin, PlanKind, PlanLine
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, PlanItemRow, SuggestionRow
from db.planning import change_item
from db.planning_carry import unexplained_weeks
from db.planning_effects import Answered
from db.planning_weeks import changes_of
from db.today import today_lines
from tests.db.planning_world import LAST, LI, WEEK, add, contact, explain, make_world, moment, start, states, week_of

TUESDAY = moment(17)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def on_one(sqlite_store):
    return make_world()


def missed_salon(world, key="salon", code="B1", text=None):
    line = PlanLine(
        PlanKind.EVENT, branch_id=world[code], day=date(2026, 11, 11), event_kind=EventKind.MICRO_SALON, text=text
    )
    return add(line, week=LAST, key=key)


def carried():
    return next(one.item for one in week_of(WEEK) if one.item.line.kind is PlanKind.EVENT)


def actions():
    with reading() as session:
        return list(session.scalars(select(SuggestionRow).order_by(SuggestionRow.id)))


def test_a_cause_named_after_the_line_was_taken_over_changes_its_words(world):
    miss = missed_salon(world)
    start(moment(16))
    explain(miss, now=TUESDAY)
    assert carried().line.text == "换邀约话术"
    with reading() as session:
        trail = changes_of(session, actor=LI, supervisor="li", week_start=WEEK)
    assert [(one.reason, one.after) for one in trail] == [("C02", {"text": "换邀约话术"})]
    explain(miss, now=TUESDAY, version=2, adjustment="换主题")
    assert carried().line.text == "换主题"
    with writing() as session:
        line = carried()
        change_item(
            session,
            actor=LI,
            item_id=line.item_id,
            line=PlanLine(PlanKind.EVENT, day=line.line.day, event_kind=line.line.event_kind, text="自己的话"),
            shown_version=line.version,
            reason="改",
            now=TUESDAY,
            key="c",
        )
    explain(miss, now=TUESDAY, version=3, adjustment="再换")
    assert carried().line.text == "自己的话"


def test_a_cause_that_closes_the_miss_takes_the_carried_line_out_and_another_brings_it_back(world):
    miss = missed_salon(world)
    start(moment(16))
    line = carried().item_id
    explain(miss, now=TUESDAY, cause="C26", adjustment=None, action=None)
    assert states(date(2026, 11, 17))[line] is ItemState.DROPPED
    explain(miss, now=TUESDAY, version=2, cause="C01", adjustment="通关", action=None)
    assert (states(date(2026, 11, 17))[line], carried().line.text) == (ItemState.OPEN, "通关")
    with reading() as session:
        trail = changes_of(session, actor=LI, supervisor="li", week_start=WEEK)
    assert [(one.kind, one.reason) for one in trail] == [("dropped", "C26"), ("changed", "C01")]


def test_before_the_lock_it_is_gone_and_what_was_done_meanwhile_stays(on_one):
    miss, other = missed_salon(on_one), missed_salon(on_one, key="o", code="B2")
    start(moment(16))
    first, second = (one.item for one in week_of(WEEK) if one.item.line.kind is PlanKind.EVENT)
    with writing() as session:
        session.get_one(PlanItemRow, second.item_id).ticked_on = WEEK
    for number in (miss, other):
        explain(number, now=moment(16), cause="C26", adjustment=None, action=None)
    assert set(states(WEEK)) & {first.item_id, second.item_id} == {second.item_id}


def test_the_chosen_action_is_opened_and_the_plan_line_points_to_it(world):
    miss = missed_salon(world)
    explain(miss, now=moment(16))
    (action,) = actions()
    assert (action.state, action.reason_code, action.owner, action.due_on, action.reason_key) == (
        "taken",
        "cause:C02",
        "li",
        date(2026, 11, 30),
        "plan_miss",
    )
    start(moment(16))
    (line,) = (one.item for one in week_of(WEEK) if one.item.line.kind is PlanKind.ACTION)
    assert (line.line.suggestion_id, line.origin) == (action.id, ItemOrigin.ADJUSTMENT)
    explain(miss, now=TUESDAY, version=2, action="weekly_micro_salon")
    assert [(one.action_key, one.seen_count) for one in actions()] == [("repair_invitations", 1)]


def close(way, on):
    with writing() as session:
        row = session.get_one(SuggestionRow, 1)
        if way == "expired":
            row.expires_on = on  # its state follows when somebody looks
        else:
            row.state, row.decided_on = way, on


@pytest.mark.parametrize("way", ["dismissed", "done", "expired"])
def test_a_correction_does_not_open_again_what_was_closed_but_a_new_choice_opens_another(on_one, way):
    miss = missed_salon(on_one)
    first = explain(miss, now=moment(16))
    assert first == Answered("repair_invitations", is_new=True)
    close(way, date(2026, 11, 16))
    assert explain(miss, now=TUESDAY, version=2, adjustment="换主题") == Answered()
    assert explain(miss, now=TUESDAY, version=3, cause="C04") == Answered()
    assert [one.state for one in actions()] == [way]
    opened = explain(miss, now=TUESDAY, version=4, cause="C04", action="weekly_micro_salon")
    assert opened == Answered("weekly_micro_salon", is_new=True)
    assert [one.action_key for one in actions()] == ["repair_invitations", "weekly_micro_salon"]


def test_what_a_cause_brought_about_is_told(on_one):
    miss, other = missed_salon(on_one), add(contact(on_one, day=date(2026, 11, 12)), week=LAST, key="o")
    explain(miss, now=moment(16), key="sent")
    assert explain(miss, now=moment(16), key="sent") == Answered("repair_invitations", is_new=True)
    assert explain(other, now=moment(16)) == Answered("repair_invitations")
    assert explain(miss, now=TUESDAY, version=2, cause="C04") == Answered("repair_invitations")
    left = explain(miss, now=TUESDAY, version=3, cause="C26", adjustment=None, action=None)
    assert left == Answered(is_before_open=True)
    close("done", date(2026, 11, 17))
    assert explain(other, now=TUESDAY, version=2, action=None) == Answered()


def test_a_line_only_intended_points_to_the_action_opened_later(on_one):
    miss = missed_salon(on_one)
    line = add(PlanLine(PlanKind.ACTION, branch_id=on_one["B1"], action_key="repair_invitations"), key="i")
    explain(miss, now=moment(16))
    with reading() as session:
        assert session.get_one(PlanItemRow, line).suggestion_id == actions()[0].id
        trail = session.scalars(
            select(AuditRow).where(AuditRow.subject == "plan_item", AuditRow.subject_id == str(line))
        )
        assert [(one.action, one.before, one.after) for one in trail][1:] == [
            ("link", {"suggestion_id": None}, {"suggestion_id": actions()[0].id, "due_on": "2026-11-30"})
        ]
    with writing() as session:  # the form was open before: nothing it holds has changed
        moved = PlanLine(
            PlanKind.ACTION, branch_id=on_one["B1"], day=date(2026, 11, 20), action_key="repair_invitations"
        )
        given = {"item_id": line, "line": moved, "shown_version": 1, "now": moment(16), "key": "m"}
        change_item(session, actor=LI, **given)
    with reading() as session:
        assert session.get_one(PlanItemRow, line).suggestion_id == actions()[0].id


def test_nothing_is_opened_at_a_closed_branch_or_without_a_choice(on_one):
    miss, other = missed_salon(on_one), missed_salon(on_one, key="o", code="B2")
    explain(other, now=moment(16), action=None)
    with writing() as session:
        branch = session.get_one(BranchRow, on_one["B1"])
        branch.status, branch.status_since = "closed", WEEK
    explain(miss, now=moment(16))
    assert actions() == []


FRIDAY, MONDAY_AFTER = date(2026, 11, 20), date(2026, 11, 23)


@pytest.mark.parametrize("day", [FRIDAY, None], ids=["a later day", "some day"])
def test_another_day_takes_back_the_cause_and_a_second_miss_is_asked_about(world, day):
    item = add(contact(world), key="a")
    second = NamedCause("C17", "行长出差")
    explain(item, now=moment(18), more=(second,))
    change = {"actor": LI, "item_id": item, "reason": "改期"}
    with writing() as session:  # words alone leave the cause where it is
        line = contact(world, text="带话术")
        change_item(session, line=line, shown_version=2, now=moment(18, 10), key="w", **change)
    assert [one.item.causes for one in week_of(moment(18).date())] == [("C02", "C17")]
    with writing() as session:
        line = contact(world, day=day, text="带话术")
        change_item(session, line=line, shown_version=3, now=moment(18, 11), key="d", **change)
    with reading() as session:
        lines = today_lines(session, actor=LI, today=FRIDAY).lines
        assert [one.waits_since for one in lines if one.item and one.item.item_id == item] == [FRIDAY]
        *_, told = changes_of(session, actor=LI, supervisor="li", week_start=WEEK)
        audited = session.scalars(select(AuditRow).where(AuditRow.action == "change").order_by(AuditRow.id)).all()[-1]
        assert unexplained_weeks(session, actor=LI, supervisor="li", today=MONDAY_AFTER) == {WEEK: 1}
    stood = {
        "cause": "C02",
        "cause_note": "到场3人",
        "cause_2": "C17",
        "cause_note_2": "行长出差",
        "adjustment": "换邀约话术",
        "action": "repair_invitations",
    }
    assert {name: told.before[name] for name in stood} == {name: audited.before[name] for name in stood} == stood
    assert {told.after[name] for name in stood} == {None}
    assert [(one.action_key, one.state) for one in actions()] == [("repair_invitations", "taken")]
    (one,) = week_of(MONDAY_AFTER)
    assert (one.state, one.is_unexplained, one.item.adjustment, one.item.more_causes) == ("missed", True, None, ())
    explain(item, now=moment(23), version=4)
    start(moment(23), week=MONDAY_AFTER)
    (again,) = [one.item for one in week_of(MONDAY_AFTER, week=MONDAY_AFTER) if one.item.carried_from == item]
    assert again.times_carried == 1
