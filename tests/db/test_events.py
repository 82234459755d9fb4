from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.events.entries import Guests, ProjectPlan
from core.facts import BranchStatus, EventState
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.engine import reading, writing
from db.events import (
    change_event,
    contact_counts,
    event_sums,
    events_between,
    events_of_branch,
    events_with_policies,
    guests_of_branch,
    record_event,
)
from db.models import AuditRow, BranchEventRow, BranchRow
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_branch, add_contact, add_event, add_policy, head_of, supervisor
from tests.core.events.test_entries import MASS

TODAY = date(2026, 11, 18)
HELD = replace(MASS, state=EventState.HELD, guests=Guests(20, 12, 8, 2, 1))


@pytest.fixture
def branches(store):
    with writing(store) as session:
        return [add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))]


def record(branches, entry=MASS, *, actor=None, branch=0, key="k", today=TODAY):
    with writing() as session:
        return record_event(
            session, actor=actor or supervisor("li"), branch_id=branches[branch], entry=entry, today=today, key=key
        )["event_id"]


def change(event_id, entry, *, shown=1, actor=None, key="c", today=TODAY):
    with writing() as session:
        change_event(
            session,
            actor=actor or supervisor("li"),
            event_id=event_id,
            entry=entry,
            shown_version=shown,
            today=today,
            key=key,
        )


def events(branches, actor=None):
    with reading() as session:
        return events_of_branch(session, actor=actor or supervisor("li"), branch_id=branches[0])


def test_an_event_is_kept_as_it_was_filled_in(branches):
    plan = ProjectPlan(TODAY, TODAY + timedelta(days=7), "新增5件", "讲师一位", "完成6件")
    entry = replace(
        HELD,
        title="冬季养生",
        approval_number="宣审118",
        approved_on=TODAY,
        event_ref="微沙龙-B1",
        project=plan,
        note="天气冷",
    )
    record(branches, entry)
    (found,) = events(branches)
    assert (found.entry, found.branch_code, found.version) == (entry, "B1", 1)
    assert events(branches, supervisor("wu")) == ()


def test_a_second_submit_stores_nothing_more(branches):
    assert record(branches) == record(branches)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(BranchEventRow)) == 1


def test_a_planned_event_is_held_and_the_trail_says_what_changed(branches):
    event_id = record(branches)
    change(event_id, HELD)
    assert events(branches)[0].entry == HELD
    with reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "change")).one()
    assert row.before["state"] == "planned"
    assert row.after == {"state": "held", "invited": 20, "confirmed": 12, "came": 8, "walk_ins": 2, "policies": 1}


def test_the_second_of_two_is_shown_what_the_first_stored(branches):
    event_id = record(branches)
    change(event_id, HELD, key="one")
    with pytest.raises(ChangedByOtherError) as refused:
        change(event_id, replace(MASS, note="改期"), key="two")
    assert refused.value.current["state"] == EventState.HELD
    assert refused.value.current["came"] == 8
    change(event_id, replace(HELD, note="补充"), shown=2, key="three")
    change(event_id, replace(HELD, note="补充"), shown=2, key="three")
    assert events(branches)[0].version == 3


def test_what_does_not_go_together_is_not_stored(branches):
    with pytest.raises(RefusedError) as refused:
        record(branches, replace(MASS, bank_level="x", theme="x"))
    assert [one.key for one in refused.value.problems] == [ProblemKey.EVENT_THEME, ProblemKey.EVENT_LEVEL]
    event_id = record(branches)
    with pytest.raises(RefusedError):
        change(event_id, replace(MASS, state=EventState.HELD))
    assert events(branches)[0].version == 1


def test_a_number_belongs_to_one_event(branches):
    first = record(branches, replace(MASS, event_ref="E1"))
    second = record(branches, MASS, key="b")
    for attempt in (
        lambda: record(branches, replace(MASS, event_ref=" E1 "), branch=1, actor=ADMIN, key="c"),
        lambda: change(second, replace(MASS, event_ref="E1")),
    ):
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert refused.value.problems[-1].key is ProblemKey.EVENT_REF_TAKEN
    change(first, replace(MASS, event_ref="E1", note="不变"), key="d")


def test_nothing_is_planned_at_a_closed_branch_and_what_was_is_cancelled(branches):
    event_id = record(branches)
    with writing() as session:
        session.get_one(BranchRow, branches[0]).status = BranchStatus.CLOSED
    with pytest.raises(RefusedError) as refused:
        record(branches, key="b")
    assert refused.value.problems[0].key is ProblemKey.CLOSED
    change(event_id, replace(MASS, state=EventState.CANCELLED, note="网点关闭"))


@pytest.mark.parametrize("actor", [head_of(1), supervisor("wu")])
def test_only_those_who_look_after_the_branch_write(branches, actor):
    event_id = record(branches)
    with pytest.raises(NotAllowedError):
        record(branches, actor=actor, key="b")
    with pytest.raises(NotAllowedError):
        change(event_id, HELD, actor=actor)


def test_a_period_holds_its_first_day_and_not_the_one_after_it(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        for days in (0, 7, 8):
            add_event(session, branch, TODAY - timedelta(days=days))
    with reading() as session:
        found = events_between(session, actor=ADMIN, start=TODAY - timedelta(days=7), end=TODAY)
        assert [one.entry.day for one in found] == [TODAY - timedelta(days=7)]


def test_sums_leave_out_what_was_not_counted(branches):
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, TODAY, came=8, walk_ins=2)
        add_event(session, branch, TODAY, came=5, confirmed=None)
        add_event(session, branch, TODAY, came=None)
        add_event(session, branch, TODAY, state="planned")
    with reading() as session:
        found = event_sums(session, actor=ADMIN, start=TODAY, end=TODAY + timedelta(days=1))
        assert found.to_dict("records") == [
            {"branch_id": branches[0], "held": 3, "confirmed": 10, "came": 8, "guests": 15}
        ]
        assert event_sums(session, actor=ADMIN, start=TODAY + timedelta(days=1), end=date(2027, 1, 1)).empty


def test_policies_that_follow_an_event_are_found(branches):
    with writing() as session:
        branch, other = (session.get_one(BranchRow, each) for each in branches)
        add_event(session, branch, TODAY, event_ref="E1", came=8, walk_ins=2)
        add_event(session, branch, TODAY, policies=3)
        add_policy(session, branch, TODAY + timedelta(days=1), event_ref="E1")
        add_policy(session, branch, TODAY + timedelta(days=2), event_ref="E1", status="cancelled")
        add_policy(session, other, TODAY + timedelta(days=2))
    with reading() as session:
        found = events_with_policies(
            session,
            actor=supervisor("li"),
            start=TODAY,
            end=TODAY + timedelta(days=1),
            as_of=TODAY + timedelta(days=15),
        )
    assert found[["guests", "policies"]].to_numpy().tolist() == [[10.0, 1.0], [6.0, 1.0]]


def test_the_guests_of_a_branch_are_not_known_until_an_event_was_written_down(branches):
    def guests(branch=0, actor=None):
        with reading() as session:
            return guests_of_branch(
                session, actor=actor or ADMIN, branch_id=branches[branch], start=TODAY, end=TODAY + timedelta(days=1)
            )

    assert guests() is None
    with writing() as session:
        branch = session.get_one(BranchRow, branches[0])
        add_event(session, branch, TODAY + timedelta(days=1), state="planned")
        assert guests() is None
        add_event(session, branch, TODAY - timedelta(days=90))
    assert guests() == ()
    with writing() as session:
        add_event(session, session.get_one(BranchRow, branches[0]), TODAY)
    assert guests() == (Guests(None, 10, 6),)
    assert guests(1) is None
    assert guests(actor=supervisor("wu")) is None


def test_contacts_are_counted_by_whole_weeks(branches):
    monday = date(2026, 11, 16)
    with writing() as session:
        for day in (monday - timedelta(days=1), monday, TODAY):
            add_contact(session, session.get_one(BranchRow, branches[0]), day)
        rebuild_rollups(session)
    with reading() as session:
        found = contact_counts(session, actor=ADMIN, start=monday, end=monday + timedelta(days=7))
        assert found.to_dict("records") == [{"branch_id": branches[0], "contacts": 2}]
        assert contact_counts(session, actor=supervisor("wu"), start=monday, end=TODAY).empty
