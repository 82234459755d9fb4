from datetime import date, datetime

import pytest

from core.calendar import SHANGHAI
from core.facts import StaffRole
from core.planning.items import EventKind, PlanKind, PlanLine
from core.today.lines import Thing
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.models import BranchRow, PlanItemRow, SuggestionRow
from db.planning import add_item
from db.rollups import rebuild_rollups
from db.snoozes import snooze_line
from db.today import today_lines
from tests.builders import add_branch, add_contact, add_event, add_staff, head_of, manager_of, supervisor

WEEK, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
LI = supervisor()


@pytest.fixture
def branch(store):
    """B1 of Li with a teller reached on Monday; nothing is owed before Friday but by plan."""
    with writing(store) as session:
        row = add_branch(session, "B1")
        add_staff(session, row, "T1", role=StaffRole.TELLER)
        add_contact(session, row, WEEK, role=StaffRole.TELLER, topic="selling_skill")
        rebuild_rollups(session)
        return row.id


def planned(store, branch_id, day=TUESDAY, **more):
    line = PlanLine(**({"kind": PlanKind.CONTACT, "branch_id": branch_id, "day": day} | more))
    with writing(store) as session:
        now, key = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI), f"{line.kind}-{line.action_key}-{line.text}"
        return add_item(session, actor=LI, line=line, week_start=WEEK, now=now, key=key)


def found(store, today, actor=LI):
    with reading(store) as session:
        return today_lines(session, actor=actor, today=today).lines


def shown(store, today, actor=LI):
    return [(line.kind, line.thing, line.subject) for line in found(store, today, actor) if line.item]


def test_a_planned_contact_stands_there_from_its_day_until_it_is_made(store, branch):
    item = planned(store, branch, role=StaffRole.TELLER)
    assert shown(store, WEEK) == []
    assert shown(store, TUESDAY) == [("plan_due", Thing.PLAN, str(item))]
    assert shown(store, WEDNESDAY) == [("plan_late", Thing.PLAN, str(item))]
    assert shown(store, TUESDAY, manager_of("东区分公司")) == shown(store, TUESDAY)
    assert shown(store, TUESDAY, supervisor("wu")) == shown(store, TUESDAY, head_of(branch)) == []
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, branch), WEDNESDAY, role=StaffRole.TELLER)
        rebuild_rollups(session)
    assert shown(store, WEDNESDAY) == []


def test_what_is_owed_anyway_stands_there_once(store, branch):
    with writing(store) as session:
        add_staff(session, session.get_one(BranchRow, branch), "H1", role=StaffRole.BRANCH_HEAD)
    planned(store, branch, role=StaffRole.BRANCH_HEAD)
    with reading(store) as session:
        lines = today_lines(session, actor=LI, today=TUESDAY).lines
    assert [(one.kind, one.item.line.role, one.waits_since) for one in lines if one.subject == "branch_head"] == [
        ("contact_never", StaffRole.BRANCH_HEAD, TUESDAY)
    ]


def test_each_contact_planned_with_one_role_stands_there_until_it_is_made(store, branch):
    first = planned(store, branch, role=StaffRole.TELLER)
    second = planned(store, branch, role=StaffRole.TELLER, day=WEDNESDAY, text="复盘")
    assert shown(store, WEDNESDAY) == [
        ("plan_late", Thing.PLAN, str(first)),
        ("plan_due", Thing.PLAN, str(second)),
    ]
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, branch), TUESDAY, role=StaffRole.TELLER)
        rebuild_rollups(session)
    assert shown(store, WEDNESDAY) == [("plan_due", Thing.PLAN, str(second))]


def test_what_is_owed_stands_for_the_first_of_several_planned_with_the_role(store, branch):
    with writing(store) as session:
        add_staff(session, session.get_one(BranchRow, branch), "H1", role=StaffRole.BRANCH_HEAD)
    first = planned(store, branch, role=StaffRole.BRANCH_HEAD)
    second = planned(store, branch, role=StaffRole.BRANCH_HEAD, day=WEDNESDAY, text="复盘")
    assert [(line.kind, line.item.item_id) for line in found(store, WEDNESDAY) if line.item] == [
        ("contact_never", first),
        ("plan_due", second),
    ]


def test_a_planned_contact_cannot_be_laid_aside_once_somebody_made_it(store, branch):
    planned(store, branch, role=StaffRole.TELLER)
    planned(store, branch, role=StaffRole.TELLER, day=WEDNESDAY, text="复盘")
    first, second = [one for one in found(store, WEDNESDAY) if one.item]
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, branch), TUESDAY, role=StaffRole.TELLER)
        rebuild_rollups(session)
    rest = {"actor": LI, "until_on": date(2026, 11, 20), "reason": "改期", "today": WEDNESDAY}
    with pytest.raises(ChangedByOtherError) as refused, writing(store) as session:
        snooze_line(session, line=first, key="first", **rest)
    assert refused.value.current["contact_on"] == TUESDAY
    with writing(store) as session:
        snooze_line(session, line=second, key="second", **rest)
    assert shown(store, WEDNESDAY) == []


def test_a_planned_event_stands_there_until_it_is_held_or_laid_aside(store, branch):
    item = planned(store, branch, kind=PlanKind.EVENT, event_kind=EventKind.MICRO_SALON)
    assert shown(store, WEDNESDAY) == [("plan_late", Thing.PLAN, str(item))]
    (line,) = [one for one in found(store, WEDNESDAY) if one.item]
    with writing(store) as session:
        until = date(2026, 11, 19)
        snooze_line(session, actor=LI, line=line, until_on=until, reason="改期", today=WEDNESDAY, key="rest")
    assert shown(store, WEDNESDAY) == []
    assert len(shown(store, date(2026, 11, 19))) == 1
    with writing(store) as session:
        add_event(session, session.get_one(BranchRow, branch), WEDNESDAY)
    assert shown(store, date(2026, 11, 19)) == []


def test_an_open_action_planned_before_it_is_due_can_be_closed_and_one_only_intended_ticked(store, branch):
    with writing(store) as session:
        row = SuggestionRow(
            branch_id=branch,
            action_key="targeted_drill",
            week_start=WEEK,
            reason_key="stage_basic",
            facts={},
            state="taken",
            owner="li",
            due_on=date(2026, 12, 10),
            decided_on=WEEK,
            created_at=utc_now(),
        )
        session.add(row)
        session.flush()
        number = row.id
    planned(store, branch, kind=PlanKind.ACTION, action_key="targeted_drill", suggestion_id=number)
    item = planned(store, branch, kind=PlanKind.ACTION, action_key="repair_invitations")
    assert shown(store, TUESDAY) == [
        ("plan_due", Thing.ACTION, str(number)),
        ("plan_due", Thing.PLAN, str(item)),
    ]
    with writing(store) as session:
        row = session.get_one(SuggestionRow, number)
        row.state = "dismissed"
    assert shown(store, TUESDAY) == [("plan_due", Thing.PLAN, str(item))]  # the other one is settled


def test_an_overdue_line_with_a_cause_and_a_line_of_a_closed_branch_wait_no_more(store, branch):
    item = planned(store, branch, role=StaffRole.TELLER)
    with writing(store) as session:
        session.get_one(PlanItemRow, item).cause = "C26"
    assert shown(store, WEDNESDAY) == []
    with writing(store) as session:
        session.get_one(PlanItemRow, item).cause = None
    assert len(shown(store, WEDNESDAY)) == 1
    with writing(store) as session:
        row = session.get_one(BranchRow, branch)
        row.status, row.status_since = "closed", TUESDAY
    assert found(store, WEDNESDAY) == ()


def test_an_event_about_no_branch_reaches_its_owner_alone(store, branch):
    item = planned(store, None, kind=PlanKind.EVENT, event_kind=EventKind.MICRO_SALON)
    assert shown(store, WEDNESDAY) == [("plan_late", Thing.PLAN, str(item))]
    assert shown(store, WEDNESDAY, manager_of("东区分公司")) == []


def test_a_contact_laid_aside_is_back_on_the_day_it_is_planned_for(store, branch):
    with writing(store) as session:
        add_staff(session, session.get_one(BranchRow, branch), "H1", role=StaffRole.BRANCH_HEAD)
    (owed,) = [one for one in found(store, WEEK) if one.subject == "branch_head"]
    planned(store, branch, role=StaffRole.BRANCH_HEAD, day=WEDNESDAY, text="谈培训")
    with writing(store) as session:
        until = date(2026, 12, 10)
        snooze_line(session, actor=LI, line=owed, until_on=until, reason="休假", today=WEEK, key="rest")
    assert "branch_head" not in {one.subject for one in found(store, TUESDAY)}
    (back,) = [one for one in found(store, WEDNESDAY) if one.subject == "branch_head"]
    assert (back.item.line.text, back.waits_since) == ("谈培训", WEDNESDAY)


def test_a_contact_of_the_former_plan_cannot_be_laid_aside_either_once_somebody_made_it(store, branch):
    planned(store, branch, role=StaffRole.TELLER)
    wu = supervisor("wu")
    with writing(store) as session:
        session.get_one(BranchRow, branch).supervisor = "wu"
    (line,) = [one for one in found(store, WEDNESDAY, wu) if one.item]
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, branch), TUESDAY, role=StaffRole.TELLER)
        rebuild_rollups(session)
    rest = {"until_on": date(2026, 11, 20), "reason": "改期", "today": WEDNESDAY, "key": "rest"}
    with pytest.raises(ChangedByOtherError), writing(store) as session:
        snooze_line(session, actor=wu, line=line, **rest)
