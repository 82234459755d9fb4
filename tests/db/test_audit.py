from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.calendar import SHANGHAI
from core.facts import COMMAND_LINE, Actor, UserRole
from core.trail.entries import TrailChoice
from db.access import NotAllowedError
from db.audit import first_broken_entry, record_export, trail_entries, trail_people
from db.changes import record_audit
from db.engine import reading, writing
from db.models import AuditRow
from tests.builders import add_branch, head_of
from tests.running import add_user


def take_out(url, name, rows=3):
    with writing(url, raises_version=False) as session:
        record_export(session, actor=COMMAND_LINE, name=name, file_format="csv", rows=rows)


def entries(url, actor=COMMAND_LINE, limit=200, **more):
    day = datetime.now(SHANGHAI).date()
    choice = TrailChoice(**({"first": day - timedelta(days=1), "last": day + timedelta(days=1)} | more))
    with reading(url) as session:
        return trail_entries(session, actor=actor, choice=choice, limit=limit)


def change(url, subject, *, actor=COMMAND_LINE, branch_id=None, action="change", **more):
    with writing(url, raises_version=False) as session:
        record_audit(
            session, actor=actor, action=action, subject=subject, subject_id=1, branch_id=branch_id, after={"note": "x"}
        )
        if more:
            session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first().at = more["at"]


def test_an_export_is_on_the_record_and_listed_where_exports_are_asked_for(store):
    take_out(store, "网点")
    assert entries(store) == ((), False)
    ((entry,), _) = entries(store, subject="table")
    assert (entry.action, entry.subject, entry.who) == ("export", "table", None)
    assert entry.after == {"name": "网点", "format": "csv", "rows": 3}


def test_the_newest_change_comes_first_and_the_older_ones_follow_without_a_gap(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    found, are_more = entries(store, subject="table", limit=2)
    assert ([entry.after["name"] for entry in found], are_more) == (["third", "second"], True)
    found, are_more = entries(store, subject="table", limit=2, before_id=found[-1].entry_id)
    assert ([entry.after["name"] for entry in found], are_more) == (["first"], False)


def test_a_period_begins_and_ends_with_its_days_in_shanghai(store):
    midnight = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    for at in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=24)):
        change(store, "setting", at=at)
    (found, _) = entries(store, first=midnight.date(), last=midnight.date())
    assert [entry.at for entry in found] == [midnight]


def test_changes_are_found_by_subject_person_and_branch(store):
    with writing(store) as session:
        branch_id = add_branch(session, "B1").id
        add_branch(session, "B2")
    li = Actor(add_user(store, "li"), "li", "Li", UserRole.SUPERVISOR)
    change(store, "branch_event", actor=li, branch_id=branch_id)
    change(store, "setting")
    assert [one.subject for one in entries(store, subject="setting")[0]] == ["setting"]
    assert [one.subject for one in entries(store, user_id=li.user_id)[0]] == ["branch_event"]
    assert "setting" in [one.subject for one in entries(store, user_id=0)[0]]
    ((of_branch,), _) = entries(store, branch_code="B1")
    assert (of_branch.branch_code, of_branch.who) == ("B1", "Li")
    assert entries(store, branch_code="B2") == ((), False)


def test_whoever_is_no_administrator_reads_his_branches_and_what_he_did_himself(store):
    with writing(store) as session:
        mine = add_branch(session, "B1").id
        other = add_branch(session, "B2", supervisor="wu", region="西区分公司").id
    li = Actor(add_user(store, "li"), "li", "Li", UserRole.SUPERVISOR)
    lead = Actor(
        add_user(store, "lead", UserRole.MANAGER, region_path="东区分公司"),
        "lead",
        "Lead",
        UserRole.MANAGER,
        region_path="东区分公司",
    )
    change(store, "branch_event", branch_id=mine)
    change(store, "coaching_note", branch_id=other)
    change(store, "daily_feedback", actor=li)
    change(store, "week_plan", actor=lead)
    change(store, "user_account")
    subjects = {actor.username: [one.subject for one in entries(store, actor)[0]] for actor in (li, lead)}
    assert subjects == {
        "li": ["daily_feedback", "branch_event"],
        "lead": ["week_plan", "daily_feedback", "branch_event"],
    }
    day = datetime.now(SHANGHAI).date()
    with reading(store) as session:
        people = trail_people(session, actor=li, first=day - timedelta(days=1), last=day + timedelta(days=1))
        assert people == {li.user_id: "Li", 0: None}
        with pytest.raises(NotAllowedError):
            trail_people(session, actor=head_of(mine), first=day, last=day)
    with pytest.raises(NotAllowedError):
        entries(store, head_of(mine))


def test_an_untouched_trail_holds(store):
    with reading(store) as session:
        assert first_broken_entry(session) is None
    for name in ("first", "second"):
        take_out(store, name)
    with reading(store) as session:
        assert first_broken_entry(session) is None


def test_a_changed_entry_shows(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    with writing(store, raises_version=False) as session:
        second = session.scalars(select(AuditRow.id).order_by(AuditRow.id)).all()[1]
        session.execute(update(AuditRow).where(AuditRow.id == second).values(after={"name": "nothing"}))
    with reading(store) as session:
        assert first_broken_entry(session) == second


def test_a_removed_entry_shows(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    with writing(store, raises_version=False) as session:
        _, second, third = session.scalars(select(AuditRow.id).order_by(AuditRow.id)).all()
        session.delete(session.get_one(AuditRow, second))
    with reading(store) as session:
        assert first_broken_entry(session) == third
