from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from core.coaching.contacts import ContactContent
from core.coaching.problems import ProblemKey, RefusedError
from core.coaching.words import problem_sentence
from core.facts import ContactMethod, StaffRole
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.contact_changes import correct_contact, withdraw_contact
from db.contact_list import recent_contacts
from db.engine import reading, writing
from db.models import (
    AuditRow,
    BranchRow,
    ContactPersonWeekRow,
    ContactRow,
    ContactWeekRow,
    ImportBatchRow,
    StaffRow,
    SuggestionRow,
)
from db.rollups import rebuild_rollups, rollup_differences
from tests.builders import add_branch, add_contact, add_staff, head_of, supervisor

TODAY = date(2026, 11, 25)
LOGGED = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past midnight of the 24th in Shanghai
CONTENT = ContactContent(date(2026, 11, 20), ContactMethod.PHONE, 10, "selling_skill", None, "周五演练")


@pytest.fixture
def contact(store):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        more = {"minutes": 30, "is_usual_minutes": True, "logged_at": LOGGED}
        row = add_contact(session, branch, date(2026, 11, 23), role="teller", **more)
        rebuild_rollups(session)
        return row.id


def correct(contact_id, content=CONTENT, *, actor=None, version=1, key="k", **more):
    with writing() as session:
        correct_contact(
            session,
            actor=actor or supervisor("li"),
            contact_id=contact_id,
            shown_version=version,
            content=content,
            today=TODAY,
            key=key,
            **more,
        )


def stored():
    with reading() as session:
        return session.scalars(select(ContactRow).order_by(ContactRow.id)).all()


def test_a_correction_changes_the_content_marks_it_and_keeps_what_it_was(contact):
    correct(contact)
    correct(contact)  # the same submit twice
    row = stored()[0]
    assert (row.contact_on, row.week_start, row.method, row.minutes) == (
        date(2026, 11, 20),
        date(2026, 11, 16),
        "phone",
        10,
    )
    assert (row.logged_at, row.role, row.version, row.is_late) == (LOGGED, "teller", 2, True)
    assert row.is_usual_minutes is None  # somebody said it now
    with reading() as session:
        audit = session.scalars(select(AuditRow)).one()
        assert rollup_differences(session) == []
        shown = recent_contacts(session, actor=supervisor("li"), branch_id=row.branch_id).to_pylist()[0]
    assert (audit.action, audit.subject, audit.subject_id) == ("correct", "contact", str(contact))
    assert (audit.before["contact_on"], audit.after["contact_on"]) == ("2026-11-23", "2026-11-20")
    assert (shown["days_later"], shown["is_corrected"], shown["may_correct"]) == (4, True, True)


def test_the_second_of_two_meets_the_first_ones_content(contact):
    correct(contact)
    with pytest.raises(ChangedByOtherError) as changed:
        correct(contact, replace(CONTENT, minutes=45), key="k2")
    assert changed.value.current["method"] == "phone"
    assert stored()[0].minutes == 10


def test_a_contact_cannot_have_been_made_after_it_was_logged(contact):
    with pytest.raises(RefusedError) as refused:
        correct(contact, replace(CONTENT, contact_on=TODAY))
    assert [one.key for one in refused.value.problems] == [ProblemKey.IN_FUTURE]
    correct(contact, replace(CONTENT, contact_on=date(2026, 11, 24)))


def test_a_mark_of_late_logging_is_not_lost(contact):
    correct(contact)
    correct(contact, replace(CONTENT, contact_on=date(2026, 11, 24)), version=2, key="k2")
    assert stored()[0].is_late


def test_a_correction_onto_another_contact_is_pointed_out(contact):
    with writing() as session:
        other = add_contact(session, add_branch(session, "B2"), date(2026, 11, 20), role="teller", method="phone")
        other.branch_id = stored()[0].branch_id
    with pytest.raises(RefusedError) as refused:
        correct(contact)
    assert [one.key for one in refused.value.problems] == [ProblemKey.ALREADY_LOGGED]
    correct(contact, is_another=True)


def test_a_number_of_a_person_is_refused(contact):
    with pytest.raises(RefusedError) as refused:
        correct(contact, replace(CONTENT, note="客户13812345678"))
    assert [one.key for one in refused.value.problems] == [ProblemKey.PERSONAL_NUMBER]


def test_contacts_of_others_of_imports_and_by_heads_are_refused_alike(contact):
    branch_id = stored()[0].branch_id
    refused = set()
    for actor in (supervisor("wu"), head_of(branch_id)):
        with pytest.raises(NotAllowedError) as error:
            correct(contact, actor=actor)
        refused.add(str(error.value))
    with writing() as session:
        session.add(ImportBatchRow(id=1, imported_at=LOGGED, source_names="x", digest="x", counts={}))
        session.flush()
        session.scalars(select(ContactRow)).one().import_batch_id = 1
    with pytest.raises(NotAllowedError):
        correct(contact)
    assert "not one of your branches" in refused


def withdraw(contact_id, *, actor=None, version=1, reason="登记错网点", key="w"):
    with writing() as session:
        withdraw_contact(
            session,
            actor=actor or supervisor("li"),
            contact_id=contact_id,
            shown_version=version,
            reason=reason,
            today=TODAY,
            key=key,
        )


def test_a_withdrawn_contact_counts_no_more_and_stays_in_the_trail(contact):
    with pytest.raises(RefusedError) as refused:
        withdraw(contact, reason=" ")
    assert [one.key for one in refused.value.problems] == [ProblemKey.EMPTY]
    with pytest.raises(ChangedByOtherError):
        withdraw(contact, version=9)
    withdraw(contact)
    assert stored() == []
    with reading() as session:
        assert rollup_differences(session) == []
        assert session.scalars(select(ContactWeekRow)).all() == []
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.action, audit.subject_id, audit.after["reason"]) == ("withdraw", str(contact), "登记错网点")
    assert (audit.before["role"], audit.before["contact_on"], audit.before["minutes"]) == ("teller", "2026-11-23", 30)


def test_a_contact_that_shows_an_action_was_done_is_not_withdrawn(contact):
    branch_id = stored()[0].branch_id
    with writing() as session:
        add_done_action(session, branch_id, contact)
    with pytest.raises(RefusedError) as refused:
        withdraw(contact)
    assert [one.key for one in refused.value.problems] == [ProblemKey.IS_PROOF]
    for actor in (supervisor("wu"), head_of(branch_id)):
        with pytest.raises(NotAllowedError):
            withdraw(contact, actor=actor)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contact_on": date(2026, 11, 17)}, ProblemKey.PROOF_DAY),
        ({"topic": "info_push"}, ProblemKey.PROOF_PUSH),
        ({"contact_on": date(2026, 11, 18)}, None),
    ],
    ids=["before it was taken on", "a mere push", "the day it was taken on"],
)
def test_a_contact_that_shows_an_action_was_done_goes_on_showing_it(contact, changes, expected):
    with writing() as session:
        add_done_action(session, stored()[0].branch_id, contact)
    if expected is None:
        correct(contact, replace(CONTENT, **changes))
        assert stored()[0].version == 2
        return
    with pytest.raises(RefusedError) as refused:
        correct(contact, replace(CONTENT, **changes))
    (problem,) = refused.value.problems
    assert problem.key is expected
    assert "Skill test and targeted drill" in problem_sentence("en", problem)
    assert stored()[0].version == 1


def add_done_action(session, branch_id, contact_id):
    session.add(
        SuggestionRow(
            branch_id=branch_id,
            action_key="targeted_drill",
            week_start=date(2026, 11, 16),
            reason_key="stage_basic",
            facts={},
            state="done",
            taken_on=date(2026, 11, 18),
            decided_on=date(2026, 11, 24),
            proof_contact_id=contact_id,
            created_at=LOGGED,
        )
    )


def test_whom_a_contact_was_with_is_changed_and_marked(contact):
    with writing() as session:
        branch = session.get_one(BranchRow, stored()[0].branch_id)
        seller, gone = add_staff(session, branch, "W1"), add_staff(session, branch, "W0", left_on=date(2026, 11, 2))
        ids = seller.id, gone.id
    seller = replace(CONTENT, staff_id=ids[0], role=StaffRole.WEALTH_MANAGER)
    with pytest.raises(RefusedError) as refused:
        correct(contact, replace(seller, staff_id=ids[1]))
    assert [one.key for one in refused.value.problems] == [ProblemKey.NOT_IN_BRANCH]
    correct(contact, seller)
    row = stored()[0]
    assert (row.staff_id, row.role, row.version) == (ids[0], "wealth_manager", 2)
    with reading() as session:
        assert rollup_differences(session) == []
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.before["role"], audit.before["staff_code"]) == ("teller", None)
    assert (audit.after["role"], audit.after["staff_code"]) == ("wealth_manager", "W1")
    with writing() as session:
        other = add_contact(session, session.get_one(BranchRow, row.branch_id), CONTENT.contact_on, role="branch_head")
        other.fingerprint = 99
    with pytest.raises(RefusedError) as refused:
        correct(contact, replace(CONTENT, role=StaffRole.BRANCH_HEAD), version=2, key="k2")
    assert [one.key for one in refused.value.problems] == [ProblemKey.ALREADY_LOGGED]


def test_the_days_of_a_person_go_with_the_contact_that_was_corrected_or_withdrawn(contact):
    with writing() as session:
        branch = session.get_one(BranchRow, stored()[0].branch_id)
        first, second = (add_staff(session, branch, code).id for code in ("W1", "W2"))

    def people():
        with reading() as session:
            assert rollup_differences(session) == []
            rows = session.scalars(select(ContactPersonWeekRow)).all()
        return [(row.staff_id, row.week_start.day, row.days_mask) for row in rows]

    seller = replace(CONTENT, staff_id=first, role=StaffRole.WEALTH_MANAGER)
    correct(contact, seller)
    assert people() == [(first, 16, 0b10000)]
    correct(contact, replace(seller, contact_on=date(2026, 11, 23)), version=2, key="k2")
    assert people() == [(first, 23, 0b1)]
    correct(contact, replace(seller, staff_id=second), version=3, key="k3")
    assert people() == [(second, 16, 0b10000)]
    withdraw(contact, version=4)
    assert people() == []


def test_a_day_alone_is_corrected_to_one_in_post_only(contact):
    with writing() as session:
        branch = session.get_one(BranchRow, stored()[0].branch_id)
        row = session.get_one(ContactRow, contact)
        person = add_staff(session, branch, "W1", joined_on=date(2026, 11, 17), left_on=date(2026, 11, 20))
        row.staff_id, row.role, row.contact_on = person.id, person.role, date(2026, 11, 18)
        person_id, other_id = person.id, add_branch(session, "B2").id
    for key, (day, version, is_right) in enumerate([(16, 1, False), (17, 1, True), (20, 2, True), (21, 3, False)]):
        content = replace(CONTENT, contact_on=date(2026, 11, day))
        if is_right:
            correct(contact, content, version=version, key=f"k{key}")
            continue
        with pytest.raises(RefusedError) as refused:
            correct(contact, content, version=version, key=f"k{key}")
        assert [one.key for one in refused.value.problems] == [ProblemKey.NOT_IN_BRANCH]
    with writing() as session:  # when he was in post at the first one is not known any more
        session.get_one(StaffRow, person_id).branch_id = other_id
    correct(contact, replace(CONTENT, contact_on=date(2026, 11, 21)), version=3, key="moved")
    assert stored()[0].contact_on == date(2026, 11, 21)
