"""The effect of actions as asked of the store: what is read, and within whose scope."""

from datetime import timedelta

import pytest

from core.facts import Stage, SuggestionState
from db.coaching_effect import action_effects, actions_done_often
from db.engine import reading, writing
from db.models import ProductionWeekRow, StageWeekRow
from tests.builders import ADMIN, add_branch, head_of, manager_of, supervisor
from tests.db.effect_world import DONE_IN, TODAY, action_row
from tests.db.effect_world import fill_effect_world as fill


def effects(actor=ADMIN, today=TODAY):
    with reading() as session:
        return action_effects(session, actor=actor, today=today)


def test_branches_that_sell_twice_as_much_after_an_action_are_held_against_the_others(store):
    fill(cases=20, plain=6)
    (effect,) = effects()
    assert (effect.action_key, effect.stage, effect.cases, effect.matched) == ("buddy_pair", Stage.GROWTH, 20, 6)
    assert effect.change.value == pytest.approx(1.0)
    assert effect.rate_after == pytest.approx(2 * effect.rate_expected)
    with reading() as session:
        assert actions_done_often(session, actor=ADMIN, today=TODAY) == {"buddy_pair"}


def test_a_supervisor_is_told_of_his_own_branches_alone(sqlite_store):
    fill(cases=20, plain=6)
    (effect,) = effects(supervisor("li"))
    assert (effect.cases, effect.is_claim) == (10, False)
    assert effects(supervisor("nobody")) == effects(manager_of("西区分公司")) == ()
    (own,) = effects(head_of(1))
    assert (own.cases, own.is_claim) == (1, False)
    with reading() as session:
        assert actions_done_often(session, actor=supervisor("li"), today=TODAY) == frozenset()


@pytest.mark.parametrize(("weeks", "count"), [(8, 1), (7, 0)], ids=["weeks over", "one to come"])
def test_an_action_counts_once_the_weeks_after_it_are_over(sqlite_store, weeks, count):
    fill(cases=20, plain=6)
    today = DONE_IN + timedelta(weeks=weeks + 1)
    assert len(effects(today=today)) == count


def test_weeks_that_were_not_judged_are_left_out(sqlite_store):
    fill(cases=20, plain=6)
    odd = DONE_IN + timedelta(weeks=3)
    with writing() as session:
        for row in session.query(StageWeekRow).where(StageWeekRow.week_start == odd):
            row.expected = None
        for row in session.query(ProductionWeekRow).where(ProductionWeekRow.week_start == odd):
            row.net = 99
    assert effects()[0].change.value == pytest.approx(1.0)


def test_the_answer_is_the_same_in_however_many_parts_the_store_is_read(sqlite_store, monkeypatch):
    fill(cases=20, plain=6)
    with writing() as session:
        row = session.query(StageWeekRow).filter_by(branch_id=2, week_start=DONE_IN + timedelta(weeks=3)).one()
        row.expected = None
    at_once = effects()
    assert at_once[0].is_claim
    monkeypatch.setattr("db.coaching_effect.IDS_AT_ONCE", 5)
    assert effects() == at_once


def test_an_open_or_dropped_action_is_no_case_and_no_match(sqlite_store):
    fill(cases=20, plain=6)
    with writing() as session:
        session.add(action_row(21, state=SuggestionState.TAKEN, decided_on=DONE_IN))
        session.add(action_row(22, state=SuggestionState.DISMISSED))
        session.add(action_row(23, state=SuggestionState.DISMISSED, taken_on=None))
    (effect,) = effects()
    assert (effect.cases, effect.matched) == (20, 4)


def test_without_actions_or_stages_there_is_nothing_to_say(sqlite_store):
    assert effects() == ()
    with writing() as session:
        branch = add_branch(session)
        session.add(action_row(branch.id))
    assert effects() == ()
