"""Two people who decide about one suggestion at the same moment, on the database that lets both write."""

import pytest
from sqlalchemy import select

from db.changes import ChangedByOtherError, utc_now
from db.coaching_changes import dismiss, take_on
from db.engine import reading, writing
from db.models import SuggestionRow
from tests.builders import ADMIN, add_branch, supervisor
from tests.db.coaching_world import TODAY
from tests.db.two_connections import second_beside

ACTION = "objection_clinic"


@pytest.fixture
def branch(postgres_store):
    with writing() as session:
        return add_branch(session, "B1").id


def dismissed(branch, *, key, actor=ADMIN):
    given = {"action_key": ACTION, "facts": {}, "reason": "刚做过", "today": TODAY, "shown_version": 0}

    def change(session):
        dismiss(session, actor=actor, branch_id=branch, key=key, **given)
        session.flush()  # the key too

    return change


def taken(branch, *, key):
    given = {"action_key": ACTION, "reason_key": "stage_basic", "facts": {}, "owner": "li", "due_on": TODAY}
    return lambda session: take_on(
        session, actor=supervisor(), branch_id=branch, today=TODAY, key=key, shown_version=0, **given
    )


def states():
    with reading() as session:
        return list(session.scalars(select(SuggestionRow.state)))


def test_the_second_of_two_who_put_a_suggestion_aside_sees_that_it_was(branch):
    error = second_beside(dismissed(branch, key="a"), dismissed(branch, key="b", actor=supervisor()))
    assert isinstance(error, ChangedByOtherError)
    assert error.current["state"] == "dismissed"
    assert states() == ["dismissed"]


def test_a_suggestion_put_aside_by_one_submit_sent_twice_at_once_is_put_aside_once(branch):
    assert second_beside(dismissed(branch, key="a"), dismissed(branch, key="a")) is None
    assert states() == ["dismissed"]


@pytest.mark.parametrize(("first", "second", "state"), [(dismissed, taken, "dismissed"), (taken, dismissed, "taken")])
def test_a_suggestion_is_not_taken_on_and_put_aside_at_once(branch, first, second, state):
    error = second_beside(first(branch, key="a"), second(branch, key="b"))
    assert isinstance(error, ChangedByOtherError)
    assert states() == [state]


def test_an_action_is_put_aside_beside_somebody_who_stores_something_about_the_branch(branch):
    """Who has written the trail waits for no lock on the branch: each would wait for the other."""
    with writing() as session:
        other = add_branch(session, "B2").id

    def written(branch_id):
        return lambda session: dismiss(
            session,
            actor=ADMIN,
            branch_id=branch_id,
            action_key=ACTION,
            facts={},
            reason="刚做过",
            today=TODAY,
            shown_version=0,
            key=f"w{branch_id}",
        )

    def pointing(session):
        session.add(
            SuggestionRow(
                branch_id=branch,
                action_key="x",
                week_start=TODAY,
                reason_key="x",
                facts={},
                state="done",
                created_at=utc_now(),
                decided_on=TODAY,
            )
        )
        session.flush()

    assert second_beside(written(other), dismissed(branch, key="b"), then=pointing) is None
