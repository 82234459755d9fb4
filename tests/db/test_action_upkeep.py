from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.facts import Stage, SuggestionState
from db.action_upkeep import renew_actions
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, StageWeekRow, SuggestionRow
from tests.db.coaching_world import LAST_WEEK, TODAY, actions, add_stage, make_world, take

NEXT = TODAY + timedelta(weeks=1)
WARNED = {"reason_key": "badge", "facts": {"badge": "single_seller"}}
SHORT = {"reason_key": "contact_gap", "facts": {"role": "teller", "actual": 0, "target_min": 1}}


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def quick(sqlite_store):
    """The same on one database: for limits that are the same on both."""
    return make_world()


def week_passes(world, badges=""):
    """Add the next week's stage of the branch."""
    with writing() as session:
        branch = session.get_one(BranchRow, world["mine"])
        add_stage(session, branch, LAST_WEEK + timedelta(weeks=1), stage=Stage.GROWTH, badges=badges)


def renew(as_of=NEXT):
    with writing() as session:
        renew_actions(session, as_of=as_of)


def seen(world):
    return [(one.seen_count, one.week_start) for one in actions(world)]


def test_a_warning_that_stands_a_week_later_is_seen_again_once(world):
    take(world, "buddy_pair", **WARNED)
    week_passes(world, "watch_up,single_seller")
    renew()
    renew()
    assert seen(world) == [(2, date(2026, 11, 23))]
    with reading() as session:
        audit = session.scalars(select(AuditRow).where(AuditRow.action == "see_again")).one()
    assert (audit.after["seen_count"], audit.user_id) == (2, None)


@pytest.mark.parametrize("badges", ["", "watch_up"])
def test_a_warning_that_is_gone_is_not_seen_again(quick, badges):
    take(quick, "buddy_pair", **WARNED)
    week_passes(quick, badges)
    renew()
    assert seen(quick) == [(1, date(2026, 11, 16))]


def test_the_week_an_action_was_taken_on_for_is_not_seen_again(quick):
    with writing() as session:
        session.get_one(StageWeekRow, (quick["mine"], LAST_WEEK)).badges = "single_seller"
    take(quick, "buddy_pair", **WARNED)
    renew(TODAY)
    assert seen(quick) == [(1, date(2026, 11, 16))]


def test_missing_contacts_are_seen_again_with_the_numbers_of_the_week(world):
    take(world, "teller_opener", **(SHORT | {"facts": {"role": "teller", "actual": 1, "target_min": 9}}))
    renew()
    (action,) = actions(world)
    assert (action.seen_count, dict(action.facts)) == (2, {"role": "teller", "actual": 0, "target_min": 1})


def test_contacts_made_since_are_not_missing(quick):
    take(quick, "teller_opener", **SHORT)
    with writing() as session:
        session.scalars(select(SuggestionRow)).one().week_start = LAST_WEEK - timedelta(weeks=1)
    renew(TODAY)  # all contacts of the last complete week were made
    assert seen(quick)[0][0] == 1


def test_a_basic_step_is_never_seen_again(quick):
    take(quick)
    week_passes(quick, "single_seller")
    renew()
    assert seen(quick)[0][0] == 1


def test_what_is_past_its_last_day_is_closed_as_expired_with_that_day(world):
    take(world)
    renew(TODAY + timedelta(days=28))
    with reading() as session:
        assert session.scalars(select(SuggestionRow.state)).all() == [SuggestionState.TAKEN]
    renew(TODAY + timedelta(days=40))
    renew(TODAY + timedelta(days=41))
    with reading() as session:
        row = session.scalars(select(SuggestionRow)).one()
        audit = session.scalars(select(AuditRow).where(AuditRow.action == "expire")).one()
    assert (row.state, row.decided_on, row.version) == ("expired", TODAY + timedelta(days=29), 2)
    assert (audit.subject_id, audit.before["owner"]) == (str(row.id), "li")
