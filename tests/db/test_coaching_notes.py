from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import BranchStatus, StaffRole, UserRole
from core.notes.notes import Kept, NoteEntry
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.coaching_notes import (
    acknowledge_note,
    change_note,
    notes_of_branch,
    open_commitments,
    settle_commitment,
    write_note,
)
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, UserRow
from tests.builders import add_branch, head_of, manager_of, supervisor

TODAY = date(2026, 11, 18)
ENTRY = NoteEntry(
    session_on=TODAY,
    role=StaffRole.WEALTH_MANAGER,
    goal="讲清主推产品",
    reality="",
    options="演练三次",
    will="周五前讲一次",
    due_on=TODAY + timedelta(days=7),
    is_shared=True,
)


@pytest.fixture
def world(store):
    """B1 of li, B2 of wu; both have accounts, the head of B1 too."""
    with writing(store) as session:
        ids = {code: add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))}
        users = {}
        for name in ("li", "wu", "head"):
            row = UserRow(
                username=name, display_name=name.title(), role="supervisor", password_hash="x", created_at=utc_now()
            )
            session.add(row)
            session.flush()
            users[name] = row.id
        actors = {name: replace(supervisor(name), user_id=users[name]) for name in ("li", "wu")}
        actors["head"] = replace(head_of(ids["B1"]), user_id=users["head"])
        return {**ids, **actors}


def write(world, *, actor="li", branch="B1", entry=ENTRY, key="w"):
    with writing() as session:
        write_note(session, actor=world[actor], branch_id=world[branch], entry=entry, today=TODAY, key=key)
    with reading() as session:
        return notes_of_branch(session, actor=world[actor], branch_id=world[branch])[0]


def seen(world, actor="li", branch="B1"):
    with reading() as session:
        return notes_of_branch(session, actor=world[actor], branch_id=world[branch])


def change(world, note, *, actor="li", shown=None, key="c", **changed):
    with writing() as session:
        change_note(
            session,
            actor=world[actor],
            note_id=note.note_id,
            entry=replace(note.entry, **changed),
            shown_version=note.version if shown is None else shown,
            today=TODAY,
            key=key,
        )


def settle(world, note, kept=Kept.KEPT, outcome="", *, actor="li", key="s", shown=None):
    with writing() as session:
        settle_commitment(
            session,
            actor=world[actor],
            note_id=note.note_id,
            kept=kept,
            outcome=outcome,
            shown_version=note.version if shown is None else shown,
            today=TODAY,
            key=key,
        )


def acknowledge(world, note, *, actor="head", key="a"):
    with writing() as session:
        acknowledge_note(
            session, actor=world[actor], note_id=note.note_id, shown_version=note.version, today=TODAY, key=key
        )


def test_a_note_is_read_back_with_its_author_and_an_open_commitment(world):
    note = write(world)
    assert (note.entry, note.author, note.kept) == (ENTRY, "Li", None)
    with reading() as session:
        assert [one.note_id for one in open_commitments(session, actor=world["li"])] == [note.note_id]
        assert open_commitments(session, actor=world["wu"]) == ()
        assert open_commitments(session, actor=manager_of("东区分公司"), branch_id=world["B2"]) == ()


def test_a_head_sees_shared_notes_of_his_branch_only(world):
    write(world, key="1")
    write(world, entry=replace(ENTRY, is_shared=False, goal="内部"), key="2")
    assert [one.entry.goal for one in seen(world, "head")] == ["讲清主推产品"]
    assert len(seen(world)) == 2
    assert seen(world, "wu") == ()


@pytest.mark.parametrize(("actor", "branch"), [("head", "B1"), ("wu", "B1"), ("li", "B2")])
def test_only_whoever_looks_after_the_branch_writes(world, actor, branch):
    with pytest.raises(NotAllowedError):
        write(world, actor=actor, branch=branch)


def test_a_second_submit_stores_one_note_and_a_bad_one_none(world):
    write(world)
    write(world)
    with pytest.raises(RefusedError):
        write(world, entry=replace(ENTRY, will=""), key="bad")
    with writing() as session:
        session.get_one(BranchRow, world["B2"]).status = BranchStatus.CLOSED
    with pytest.raises(RefusedError):
        write(world, actor="wu", branch="B2", key="closed")
    assert len(seen(world)) == 1


def test_a_change_is_held_against_what_was_shown_and_asks_for_a_new_acknowledgement(world):
    note = write(world)
    acknowledge(world, note)
    (read,) = seen(world)
    assert read.acknowledged_on == TODAY
    with pytest.raises(ChangedByOtherError) as refused:
        change(world, note, goal="别的")
    assert refused.value.current["acknowledged_on"] == TODAY
    change(world, read, goal="别的")
    (changed,) = seen(world)
    assert (changed.entry.goal, changed.acknowledged_on, changed.version) == ("别的", None, 3)


def test_only_the_author_changes_a_note(world):
    note = write(world)
    with writing() as session:
        session.get_one(BranchRow, world["B1"]).supervisor = "wu"
    with pytest.raises(NotAllowedError):
        change(world, note, actor="wu")
    with pytest.raises(NotAllowedError):
        change(world, note)


def test_a_note_that_is_not_shared_cannot_be_acknowledged(world):
    note = write(world, entry=replace(ENTRY, is_shared=False))
    with pytest.raises(NotAllowedError):
        acknowledge(world, note)
    with pytest.raises(NotAllowedError):
        acknowledge(world, note, actor="li")


@pytest.mark.parametrize(
    ("kept", "outcome", "is_stored"),
    [(Kept.KEPT, "", True), (Kept.PARTLY, "", False), (Kept.BROKEN, "", False), (Kept.BROKEN, "休假", True)],
)
def test_a_commitment_not_kept_in_full_says_why(world, kept, outcome, is_stored):
    note = write(world)
    if not is_stored:
        with pytest.raises(RefusedError) as refused:
            settle(world, note, kept, outcome)
        assert refused.value.problems[0].key is ProblemKey.EMPTY
        assert seen(world)[0].kept is None
        return
    settle(world, note, kept, outcome)
    (found,) = seen(world)
    assert (found.kept, found.kept_on, found.outcome) == (kept, TODAY, outcome or None)
    with reading() as session:
        assert open_commitments(session, actor=world["li"]) == ()


def test_a_second_press_settles_nothing_and_a_stale_one_is_refused(world):
    note = write(world)
    settle(world, note, key="one")
    settle(world, note, key="one")
    with pytest.raises(ChangedByOtherError):
        settle(world, note, key="two")
    with reading() as session:
        assert session.scalar(select(func.count()).where(AuditRow.action == "settle")) == 1


def test_what_became_of_a_commitment_is_corrected_and_the_trail_keeps_both(world):
    note = write(world)
    settle(world, note, key="one")
    with pytest.raises(RefusedError) as refused:
        settle(world, note, Kept.BROKEN, "", key="bare", shown=2)
    assert refused.value.problems[0].key is ProblemKey.EMPTY
    settle(world, note, Kept.BROKEN, "休假", key="two", shown=2)
    (corrected,) = seen(world)
    assert (corrected.kept, corrected.outcome, corrected.version) == (Kept.BROKEN, "休假", 3)
    settle(world, note, None, "按错了", key="three", shown=3)
    (again,) = seen(world)
    assert (again.kept, again.kept_on, again.outcome) == (None, None, None)
    settle(world, note, None, "", key="four", shown=4)
    assert seen(world) == (again,), "that it was pressed once more is no news"
    with reading() as session:
        assert [one.note_id for one in open_commitments(session, actor=world["li"])] == [note.note_id]
        trail = session.scalars(select(AuditRow).where(AuditRow.action == "settle").order_by(AuditRow.id)).all()
    assert [(one.before["kept"], one.after["kept"]) for one in trail] == [
        (None, "kept"),
        ("kept", "broken"),
        ("broken", None),
    ]


def test_nobody_settles_a_commitment_of_a_foreign_branch(world):
    note = write(world)
    for actor in ("wu", "head"):
        with pytest.raises(NotAllowedError):
            settle(world, note, actor=actor)
    assert world["head"].role is UserRole.BRANCH_HEAD
