from datetime import date

import pytest
from sqlalchemy import delete, select

from db.engine import reading, writing
from db.models import ContactPersonWeekRow, ContactRow, ContactWeekRow, PolicyRow, ProductionWeekRow
from db.rollups import rebuild_rollups, rollup_differences
from tests.builders import add_branch, add_contact, add_policy, add_staff

MONDAY = date(2026, 11, 16)
WEDNESDAY = date(2026, 11, 18)


@pytest.fixture
def filled(store):
    with writing(store) as session:
        branch = add_branch(session)
        person = add_staff(session, branch)
        add_contact(session, branch, MONDAY, staff=person, minutes=10, topic="产品")
        add_contact(session, branch, MONDAY, staff=person, minutes=9, topic="产品")
        add_contact(session, branch, WEDNESDAY, role="wealth_manager", minutes=30)
        add_policy(session, branch, WEDNESDAY, premium_fen=100_00)
        add_policy(session, branch, WEDNESDAY, premium_fen=50_00, payment_mode="single", status="cancelled")
        add_policy(session, branch, WEDNESDAY, premium_fen=30_00, payment_mode="single", status="surrendered")
        rebuild_rollups(session, branch_ids=[branch.id], weeks=[MONDAY])
    return store


def test_contacts_of_a_week_are_counted_with_their_days_minutes_and_depth(filled):
    with reading(filled) as session:
        row = session.scalars(select(ContactWeekRow)).one()
        person = session.scalars(select(ContactPersonWeekRow)).one()
    assert (row.contacts, row.days_mask, row.minutes, row.deep) == (3, 0b101, 49, 1)
    assert (person.contacts, person.days_mask) == (2, 0b1)
    assert row.week_start == MONDAY


def test_policies_of_a_week_are_summed_accepted_and_net(filled):
    with reading(filled) as session:
        row = session.scalars(select(ProductionWeekRow)).one()
    assert (row.accepted, row.net, row.net_regular) == (3, 2, 1)
    assert (row.premium_fen, row.regular_fen, row.cancelled_fen) == (180_00, 100_00, 50_00)


def test_rollups_that_agree_with_their_rows_show_no_difference(filled):
    with reading(filled) as session:
        assert rollup_differences(session) == []


def test_a_wrong_a_missing_and_a_left_over_rollup_are_found(filled):
    with writing(filled) as session:
        session.scalars(select(ContactWeekRow)).one().minutes = 1
        session.execute(delete(ProductionWeekRow))
        person = session.scalars(select(ContactPersonWeekRow)).one()
        session.add(
            ContactPersonWeekRow(staff_id=person.staff_id, week_start=date(2026, 1, 5), contacts=1, days_mask=1)
        )
        session.flush()
        tables = [table for table, _ in rollup_differences(session)]
    assert tables == ["contact_week", "contact_person_week", "production_week"]


def test_a_week_without_rows_left_has_no_rollup(filled):
    with writing(filled) as session:
        branch_id = session.scalars(select(ContactRow.branch_id)).first()
        session.execute(delete(ContactRow))
        session.execute(delete(PolicyRow))
        rebuild_rollups(session, branch_ids=[branch_id], weeks=[MONDAY], staff_ids=[1])
        assert session.scalars(select(ContactWeekRow)).all() == []
        assert session.scalars(select(ProductionWeekRow)).all() == []


def test_other_weeks_and_branches_are_left_alone(store):
    with writing(store) as session:
        first, second = add_branch(session, "B1"), add_branch(session, "B2")
        for branch in (first, second):
            add_contact(session, branch, MONDAY)
            add_contact(session, branch, date(2026, 11, 9))
        rebuild_rollups(session)
        add_contact(session, first, MONDAY)
        add_contact(session, second, MONDAY)
        rebuild_rollups(session, branch_ids=[first.id], weeks=[MONDAY])
        assert rollup_differences(session) == [("contact_week", (second.id, "wealth_manager", MONDAY))]


def test_an_empty_store_has_empty_rollups(store):
    with writing(store) as session:
        rebuild_rollups(session)
        assert rollup_differences(session) == []
