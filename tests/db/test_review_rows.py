"""The rows a figure of a branch is counted from: those of its days, and nothing of customers."""

from datetime import date

import pytest

from core.facts import PolicyStatus
from db.access import NotAllowedError
from db.engine import reading, writing
from db.review_rows import contacts_behind, policies_behind
from tests.builders import add_branch, add_contact, add_policy, add_staff, supervisor

LI, WU = supervisor("li"), supervisor("wu")
DAYS = {"start": date(2026, 5, 1), "end": date(2026, 5, 31)}


@pytest.fixture(scope="module")
def world(shared_store):
    """A branch with rows on the first and the last day, the day before and after, and a policy cancelled in it."""
    with writing(shared_store) as session:
        branch, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu")
        person = add_staff(session, branch, "S1")
        for day in (date(2026, 4, 30), DAYS["start"], DAYS["end"], date(2026, 6, 1)):
            add_policy(session, branch, day, staff=person)
            add_contact(session, branch, day, staff=person)
        early = {"status": PolicyStatus.CANCELLED, "cancelled_on": date(2026, 5, 7)}
        add_policy(session, branch, date(2026, 3, 2), **early)
        add_policy(session, other, date(2026, 5, 8))
        return shared_store, branch.id


def test_policies_accepted_or_cancelled_in_the_days_are_listed(world):
    store, branch_id = world
    with reading(store) as session:
        found = policies_behind(session, actor=LI, branch_id=branch_id, **DAYS)
        with pytest.raises(NotAllowedError):
            policies_behind(session, actor=WU, branch_id=branch_id, **DAYS)
    assert found["issued_on"].to_pylist() == [DAYS["end"], DAYS["start"], date(2026, 3, 2)]
    assert found["staff_code"].to_pylist() == ["S1", "S1", None]
    assert not {"policy_ref", "customer_tier"} & set(found.column_names)


def test_contacts_of_the_days_are_listed(world):
    store, branch_id = world
    with reading(store) as session:
        found = contacts_behind(session, actor=LI, branch_id=branch_id, **DAYS)
        nothing = contacts_behind(session, actor=WU, branch_id=branch_id + 1, **DAYS)
    assert found["contact_on"].to_pylist() == [DAYS["end"], DAYS["start"]]
    assert (nothing.num_rows, nothing.schema) == (0, found.schema)
