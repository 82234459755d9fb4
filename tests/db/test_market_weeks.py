"""The season and the swing of the market in the store: those the stages were worked out with, told without branches."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete

from core.stages.season import LearnedSeason
from core.stages.swing import SwingWeek, swing_weeks
from db.engine import reading, writing
from db.market_weeks import find_told_week, learned_seasons, market_weeks, store_market
from db.models import BranchRow, MarketWeekRow, PolicyRow
from db.stage_facts import stage_facts
from db.stage_history import recompute_stages
from tests.builders import ADMIN, add_branch, add_policy, head_of, manager_of, supervisor

FIRST = date(2026, 3, 2)
WEEKS = 18
LAST = FIRST + timedelta(weeks=WEEKS - 1)
SEASON = LearnedSeason(2026, date(2026, 1, 5), (1.0,) * 12, tuple(0.45 + 0.1 * month for month in range(12)), 105, 37)


@pytest.fixture
def market(store):
    """Two weeks of the market, of a branch of Li's; the last one weak."""
    with writing(store) as session:
        add_branch(session, "B1", id=1)
        session.add(MarketWeekRow(week_start=LAST - timedelta(weeks=1), season=1.0, swing=None))
        session.add(MarketWeekRow(week_start=LAST, season=0.8, swing=0.9))
    return store


def test_the_weeks_and_the_season_are_those_the_stages_were_worked_out_with_until_they_are_worked_out_anew(store):
    with writing(store) as session:
        for number in range(6):
            branch = add_branch(session, f"B{number}", cooperation_start=date(2018, 1, 1))
            for week in range(WEEKS):
                for _ in range(5 if week == WEEKS - 1 else 2):
                    add_policy(session, branch, FIRST + timedelta(weeks=week))
        recompute_stages(session, as_of=LAST + timedelta(days=6))
    with reading(store) as session:
        history = stage_facts(session, week_start=LAST).history
        assert market_weeks(session, actor=ADMIN, weeks=200) == swing_weeks(history)
        assert market_weeks(session, actor=ADMIN, weeks=1)[0].swing > 1.1
        assert learned_seasons(session, actor=ADMIN) == []
    history.worth.learned[2026] = SEASON
    with writing(store) as session:
        store_market(session, history)
    with reading(store) as session:
        assert learned_seasons(session, actor=ADMIN) == [SEASON]
    with writing(store) as session:
        session.execute(delete(PolicyRow))
        recompute_stages(session, as_of=LAST + timedelta(days=6))
    with reading(store) as session:
        assert market_weeks(session, actor=ADMIN, weeks=200) == learned_seasons(session, actor=ADMIN) == []


def test_the_last_week_is_told_where_its_swing_reaches_the_limit(market):
    for swing, is_told in ((0.9, True), (0.91, False), (1.1, True), (None, False)):
        with writing(market) as session:
            session.get_one(MarketWeekRow, LAST).swing = swing
        with reading(market) as session:
            assert find_told_week(session, actor=ADMIN) == (SwingWeek(LAST, 0.8, swing) if is_told else None)


def test_whoever_sees_a_branch_is_told_the_same_index_and_whoever_sees_none_is_told_nothing(market):
    with writing(market) as session:
        add_policy(session, session.get_one(BranchRow, 1), FIRST)
        session.flush()
        history = stage_facts(session, week_start=FIRST).history
        history.worth.learned[2026] = SEASON
        store_market(session, history)
    with reading(market) as session:
        weeks = market_weeks(session, actor=ADMIN, weeks=9)
        assert learned_seasons(session, actor=ADMIN) == [SEASON]
        for actor in (manager_of("东区分公司"), supervisor("li"), head_of(1)):
            assert market_weeks(session, actor=actor, weeks=9) == weeks
            (seen,) = learned_seasons(session, actor=actor)
            assert (seen.months, seen.weeks, seen.branches) == (SEASON.months, 105, 0)
        for actor in (manager_of("西区分公司"), supervisor("nobody"), head_of(9999)):
            assert market_weeks(session, actor=actor, weeks=9) == []
            assert learned_seasons(session, actor=actor) == []
            assert find_told_week(session, actor=actor) is None
