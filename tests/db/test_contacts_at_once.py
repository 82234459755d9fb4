"""Two people at the contacts of a branch at the same moment, on the database that lets both write."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from core.coaching.contacts import ContactContent, ContactEntry
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import ContactMethod, StaffRole
from db.action_changes import finish
from db.changes import ChangedByOtherError, utc_now
from db.contact_changes import correct_contact, withdraw_contact
from db.contacts import record_contacts
from db.engine import reading, writing
from db.models import ContactRow, SuggestionRow
from db.rollups import rebuild_rollups, rollup_differences, write_alone
from tests.builders import ADMIN, add_branch, add_contact, add_staff, supervisor
from tests.db.two_connections import second_beside

TODAY = date(2026, 11, 20)
LI = supervisor("li")
ENTRY = ContactEntry(TODAY, ContactMethod.VISIT, minutes=30)


@pytest.fixture
def world(postgres_store):
    """A branch with a person and a contact with all tellers."""
    with writing() as session:
        branch = add_branch(session, "B1")
        person = add_staff(session, branch, "W1").id
        contact = add_contact(session, branch, TODAY, role="teller", logged_at=utc_now()).id
        rebuild_rollups(session)
        return {"branch": branch.id, "person": person, "contact": contact}


def recorded(world, *, key, actor=LI, **whom):
    def change(session):
        entry = replace(ENTRY, **(whom or {"staff_ids": (world["person"],)}))
        return record_contacts(session, actor=actor, branch_id=world["branch"], entry=entry, today=TODAY, key=key)

    return change


def corrected(world, *, key, role=StaffRole.TELLER, staff_id=None, topic=None):
    content = ContactContent(TODAY, ContactMethod.PHONE, 10, topic, None, None, staff_id=staff_id, role=role)

    def change(session):
        correct_contact(
            session,
            actor=LI,
            contact_id=world["contact"],
            shown_version=1,
            content=content,
            today=TODAY,
            key=key,
        )

    return change


def withdrawn(world, *, key):
    def change(session):
        withdraw_contact(
            session, actor=LI, contact_id=world["contact"], shown_version=1, reason="误录", today=TODAY, key=key
        )

    return change


def contacts():
    with reading() as session:
        assert rollup_differences(session) == []
        return [(row.role, row.staff_id, row.version) for row in session.scalars(select(ContactRow))]


def refused_for(error):
    assert isinstance(error, RefusedError)
    return [one.key for one in error.problems]


@pytest.mark.parametrize("whom", ["person", "group"])
def test_the_second_of_two_who_log_the_same_is_told_what_the_first_logged(world, whom):
    given = {"roles": (StaffRole.WEALTH_MANAGER,)} if whom == "group" else {}
    error = second_beside(recorded(world, key="a"), recorded(world, key="b", actor=ADMIN, **given))
    assert refused_for(error) == [ProblemKey.ALREADY_LOGGED]
    assert len(contacts()) == 2


def test_a_submit_sent_twice_at_once_is_stored_once_and_answered_alike(world):
    answer = second_beside(recorded(world, key="a"), recorded(world, key="a"))
    assert answer.contacts == 1
    assert len(contacts()) == 2


def test_a_correction_onto_whom_somebody_logs_at_that_moment_is_pointed_out(world):
    onto = corrected(world, key="b", role=StaffRole.WEALTH_MANAGER, staff_id=world["person"])
    assert refused_for(second_beside(recorded(world, key="a"), onto)) == [ProblemKey.ALREADY_LOGGED]


def test_whoever_logs_what_a_correction_brings_at_that_moment_is_told(world):
    onto = corrected(world, key="a", role=StaffRole.WEALTH_MANAGER, staff_id=world["person"])
    assert refused_for(second_beside(onto, recorded(world, key="b"))) == [ProblemKey.ALREADY_LOGGED]


def test_a_withdrawal_sent_twice_at_once_takes_the_contact_back_once(world):
    assert second_beside(withdrawn(world, key="a"), withdrawn(world, key="a")) is None
    assert contacts() == []


def test_a_correction_and_an_import_at_once_do_not_stop_each_other(world):
    """An import holds the sums, and then changes a contact that was logged by hand: its person has a new role."""

    def changed(session):
        session.execute(update(ContactRow).values(role="lobby_manager", version=2))
        rebuild_rollups(session)

    error = second_beside(write_alone, corrected(world, key="b"), then=changed)
    assert isinstance(error, ChangedByOtherError)
    assert contacts() == [("lobby_manager", None, 2)]


def finished(world, suggestion_id):
    def change(session):
        finish(
            session,
            actor=LI,
            suggestion_id=suggestion_id,
            shown_version=1,
            outcome="已练",
            measure_met=None,
            proof_contact_id=world["contact"],
            today=TODAY,
            key="finish",
        )

    return change


@pytest.fixture
def action(world):
    """An open action of the branch."""
    with writing() as session:
        row = SuggestionRow(
            branch_id=world["branch"],
            action_key="targeted_drill",
            week_start=date(2026, 11, 16),
            reason_key="stage_basic",
            facts={},
            state="taken",
            owner="li",
            due_on=TODAY,
            taken_on=TODAY,
            created_at=utc_now(),
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize("change", [withdrawn, corrected])
def test_a_contact_that_is_taken_away_at_that_moment_shows_no_action_as_done(world, action, change):
    gone = change(world, key="a", **({"topic": "info_push"} if change is corrected else {}))
    assert refused_for(second_beside(gone, finished(world, action))) == [ProblemKey.PROOF]


@pytest.mark.parametrize(("change", "expected"), [(withdrawn, ProblemKey.IS_PROOF), (corrected, ProblemKey.PROOF_PUSH)])
def test_a_contact_that_shows_an_action_as_done_at_that_moment_is_not_taken_away(world, action, change, expected):
    gone = change(world, key="a", **({"topic": "info_push"} if change is corrected else {}))
    assert refused_for(second_beside(finished(world, action), gone)) == [expected]
