"""Stages under other numbers: worked out for all branches as if they had held all along, stored nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.stages.limits import RuleValue
from core.stages.model import STAGES
from db.access import NotAllowedError
from db.engine import reading, writing
from db.models import StageWeekRow
from db.stage_history import recompute_stages, stages_now
from db.stage_trials import find_trial_paths, rules_now
from tests.builders import ADMIN
from tests.db.test_stage_rules import MONDAY, OTHERS, add, sell_every_week

TODAY = MONDAY + timedelta(days=9)
STAYS = (RuleValue("limits", "hold_weeks", 26.0), RuleValue("limits", "hold_lead", 1.0))


def paths(store, values=(), actor=ADMIN):
    with reading(store) as session:
        return find_trial_paths(session, actor=actor, values=values, today=TODAY)


@pytest.fixture
def filled(store):
    with writing(store) as session:
        sell_every_week(session)
        recompute_stages(session, as_of=TODAY)
    return store


def test_a_store_without_policies_has_nothing_to_try_on(store):
    assert paths(store) is None


def test_the_present_numbers_give_the_stages_that_are_stored(filled):
    found = paths(filled)
    with reading(filled) as session:
        stored = stages_now(session, actor=ADMIN)
    assert found.week_start == MONDAY
    assert found.branch_ids.tolist() == sorted(stored["branch_id"])
    assert [STAGES[one].value for one in found.stage[:, -1]] == list(stored["stage"])
    assert found.stage.shape == (7, 53)


def test_other_numbers_give_other_stages_and_are_stored_nowhere(filled):
    with reading(filled) as session:
        before = session.scalar(select(func.count()).select_from(StageWeekRow))
    now, then = paths(filled), paths(filled, STAYS)
    stopped = 0  # the branch that sold nothing for thirty weeks
    assert STAGES[now.stage[stopped, -1]].value == "slump"
    assert STAGES[then.stage[stopped, -1]].value != "slump"
    with reading(filled) as session:
        assert session.scalar(select(func.count()).select_from(StageWeekRow)) == before
    assert paths(filled).stage.tolist() == now.stage.tolist()


def test_the_present_numbers_are_those_of_the_present_week(store):
    add(store, valid_from=MONDAY)
    add(store, valid_from=MONDAY + timedelta(weeks=1), write_key="k2", shown_state=1, values=STAYS[1:])
    with reading(store) as session:
        assert rules_now(session, today=MONDAY + timedelta(days=6)).rules_on == MONDAY
        assert rules_now(session, today=MONDAY + timedelta(days=7))["hold_lead"] == 1.0


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.role)
def test_only_an_administrator_tries_numbers(store, actor):
    with pytest.raises(NotAllowedError):
        paths(store, actor=actor)
