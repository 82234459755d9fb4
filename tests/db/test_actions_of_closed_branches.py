"""An action at a branch that closed ends with it, in every answer alike, for as long as the branch is closed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.coaching.action_table import actions_table
from core.facts import BranchStatus, SuggestionState
from core.review.figures import DecisionState
from core.today.lines import Thing
from core.today.words import line_reason
from db.action_upkeep import close_expired
from db.coaching import actions_of, closed_actions, expired_actions, open_actions
from db.decision_changes import decide, settle
from db.engine import reading, writing
from db.models import BranchRow, StageWeekRow
from db.playbook import playbook
from db.review_decisions import decisions_of
from db.review_next_week import next_week_page
from db.today import today_lines
from tests.db.coaching_world import TODAY, make_world, take
from tests.db.test_review_decisions import entry
from tests.db.test_reviews import TEAM, begin, meeting

CLOSED_ON = TODAY + timedelta(days=3)
LATER = TODAY + timedelta(days=6)
MONDAY = date(2026, 11, 23)


@pytest.fixture
def world(store):
    """Li took an action on at B1, due on the day."""
    found = make_world()
    take(found)
    with writing() as session:
        for row in session.scalars(select(StageWeekRow)):
            row.facts = {"expected": 1.0, "sold": 1, "window": 8}
    return found


def put(world, status, since=CLOSED_ON):
    with writing() as session:
        row = session.get_one(BranchRow, world["mine"])
        row.status, row.status_since = status, since


def asked(world, question, **more):
    with reading() as session:
        return question(session, actor=world["li"], today=more.pop("today", LATER), **more)


def on_today(world, today=LATER):
    return [line for line in asked(world, today_lines, today=today).lines if line.action or line.thing is Thing.EXPIRED]


def due_next_week(world):
    with reading() as session:
        page = next_week_page(session, actor=world["li"], week_start=MONDAY - timedelta(weeks=1), as_of=LATER)
    return page.actions_overdue


def test_it_is_open_and_overdue_nowhere_and_told_once_as_ended_with_the_branch(world):
    assert (len(asked(world, open_actions)), [one.kind for one in on_today(world)]) == (1, ["action_overdue"])
    assert due_next_week(world) == 1
    put(world, BranchStatus.CLOSED)
    assert (asked(world, open_actions), due_next_week(world)) == ((), 0)
    (action,) = asked(world, actions_of, branch_id=world["mine"])
    assert (action.state, action.decided_on, action.ended_with_branch) == (SuggestionState.EXPIRED, CLOSED_ON, True)
    assert asked(world, closed_actions, since=CLOSED_ON) == asked(world, expired_actions, since=CLOSED_ON) == (action,)
    assert asked(world, closed_actions, since=CLOSED_ON + timedelta(days=1)) == ()
    with reading() as session:
        book = playbook(session, as_of=LATER)
    table = actions_table([action], language="en", today=LATER, playbook=book)
    assert table.select(["state", "result"]).to_pylist() == [{"state": "expired", "result": "The branch was closed"}]
    (line,) = on_today(world)
    assert (line.kind, line_reason("en", line, today=LATER)) == (
        "expired_action",
        "It ended with the branch, closed on 21 Nov 2026; owner: Li.",
    )


def test_it_waits_for_the_branch_to_be_opened_again_and_does_not_expire_meanwhile(world):
    put(world, BranchStatus.CLOSED)
    after = TODAY + timedelta(days=60)
    with writing() as session:
        assert close_expired(session, today=after) == 0
    (ended,) = asked(world, actions_of, branch_id=world["mine"], today=after)
    assert (ended.decided_on, ended.ended_with_branch) == (CLOSED_ON, True)
    put(world, BranchStatus.ACTIVE, None)  # the import that closed it was undone
    assert len(asked(world, open_actions)) == 1


def test_what_expired_before_the_branch_closed_stays_expired(world):
    put(world, BranchStatus.CLOSED, TODAY + timedelta(days=40))
    (action,) = asked(world, actions_of, branch_id=world["mine"], today=TODAY + timedelta(days=41))
    assert (action.decided_on, action.ended_with_branch) == (TODAY + timedelta(days=29), False)


def test_at_a_suspended_branch_it_stays_open_and_says_so(world):
    put(world, BranchStatus.SUSPENDED)
    assert len(asked(world, open_actions)) == 1
    assert [(one.kind, one.is_suspended) for one in on_today(world)] == [("action_overdue", True)]


def test_a_decision_about_it_is_not_overdue_and_still_let_go_in_a_review(world):
    shared = {"actor": world["li"], "today": TODAY}
    begin(world["li"], TEAM)
    number = meeting(actor=world["li"], scope=TEAM).meeting_id
    with writing() as session:
        given = entry(world["mine"], due_on=TODAY + timedelta(days=1))
        decision = decide(session, meeting_id=number, entry=given, key="d", **shared)

    def state():
        (found,) = asked(world, decisions_of, meeting_id=number)
        return found.state

    assert state() is DecisionState.OVERDUE
    put(world, BranchStatus.CLOSED)
    assert state() is DecisionState.OPEN
    with writing() as session:
        settle(session, decision_id=decision, is_done=False, outcome="网点已撤", shown_version=1, key="s", **shared)
    assert state() is DecisionState.DROPPED
