"""The figures behind a diagnosis over the review world: eight branches alike, the first idle for 13 weeks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.planning.diagnosis import gap_of
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError
from db.changes import utc_now
from db.diagnosis_figures import branches_of_gap, figure_now, show_up_of_gap
from db.engine import reading, writing
from db.models import BranchRow, PolicyRow, TargetRow
from db.review_cards import kpi_cards, review_span
from db.review_scope import sight_of
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_event, head_of, supervisor
from tests.db.review_world import TODAY, WEEK, fill_review_world

ALL = ReviewScope(ScopeKind.ALL)
TEAM = ReviewScope(ScopeKind.TEAM, "li")
LI = supervisor("li")
WEEK_LONG = timedelta(weeks=1)


@pytest.fixture(scope="module")
def filled(shared_store):
    """The review world, with an event at the first branch in the weeks the gap counts, and one after them."""
    with writing(shared_store) as session:
        fill_review_world(session)
        branch = session.get_one(BranchRow, 1)
        add_event(session, branch, WEEK - 2 * WEEK_LONG, confirmed=10, came=4)
        add_event(session, branch, WEEK, confirmed=10, came=8)
        rebuild_rollups(session)
    return shared_store


def gap_before(session, *, actor=LI, scope=TEAM, kpi="branch_activity_rate", weeks_ago=2):
    """The gap of four weeks as it stood some weeks ago."""
    week = WEEK - weeks_ago * WEEK_LONG
    day = week + timedelta(days=8)
    seen = sight_of(session, actor=actor, scope=scope)
    span = review_span(session, actor=seen, kind=PeriodKind.FOUR_WEEKS, week_start=week, today=day)
    (card,) = kpi_cards(session, actor=actor, seen=seen, span=span, kpis=[kpi], today=day)
    return gap_of(card, PeriodKind.FOUR_WEEKS)


def test_the_gap_of_a_team_is_that_of_its_card_with_the_own_level_beside_it(filled):
    with reading(filled) as session:
        gap = gap_before(session)
        assert gap_before(session, actor=ADMIN, scope=ALL) is None  # seven of eight are active
    assert (gap.actual, gap.target, gap.due_share) == (0.5, 0.6, 1.0)
    assert gap.counted_to == gap.end == WEEK - WEEK_LONG - timedelta(days=1)
    assert gap.level is not None
    assert gap.level > 0.9
    assert gap.is_low_in_season


def test_the_branches_behind_come_first(filled):
    with reading(filled) as session:
        gap = gap_before(session)
        found = branches_of_gap(session, actor=LI, scope=TEAM, branch_id=None, gap=gap, today=TODAY)
        total = replace(gap, kpi="regular_premium")
        of_total = branches_of_gap(session, actor=LI, scope=TEAM, branch_id=None, gap=total, today=TODAY)
        session.add(
            TargetRow(
                subject="kpi",
                key="premium_per_branch",
                unit="cny",
                minimum=30_000,
                scope=None,
                valid_from=date(2026, 1, 1),
                source="x",
                changed_at=utc_now(),
            )
        )
        session.flush()
        premium = replace(gap, kpi="scale_premium", target=60_000)
        of_premium = branches_of_gap(session, actor=LI, scope=TEAM, branch_id=None, gap=premium, today=TODAY)
    assert [(one.branch_code, one.value, one.is_behind) for one in found] == [("B0", 0.0, True), ("B1", 1.0, False)]
    assert [one.is_behind for one in of_total] == [False, False]
    assert [(one.value, one.is_behind) for one in of_premium] == [(0.0, True), (40_000.0, False)]


def test_the_figure_of_now_counts_as_many_days_up_to_the_last_complete_week(filled):
    def now(today, gap):
        return figure_now(session, actor=LI, scope=TEAM, branch_id=None, gap=gap, today=today)

    with reading(filled) as session:
        gap = gap_before(session)
        assert now(gap.counted_to + timedelta(days=1), gap) is None
        found = now(TODAY, gap)
    assert (found.end - found.start).days + 1 == gap.days == 28
    assert found.end == date(2026, 5, 19)  # a Tuesday: the last policy there is
    assert found.actual == 0.5
    assert 0.8 < found.level < gap.level  # two more idle weeks of the first branch lie in the year before


def test_one_branch_and_what_is_sold_again(filled):
    with reading(filled) as session:  # what it changes is thrown away
        gap = gap_before(session)
        row = session.get_one(PolicyRow, 60)
        session.add(
            PolicyRow(
                policy_ref="again",
                issued_on=WEEK,
                week_start=WEEK,
                branch_id=1,
                staff_id=row.staff_id,
                payment_mode="regular",
                premium_fen=1,
                status="in_force",
            )
        )
        session.flush()
        ask = {"scope": None, "branch_id": 1, "gap": gap, "today": TODAY}
        assert figure_now(session, actor=LI, **ask).actual == 1.0


def test_show_up_is_that_of_the_branches_and_days(filled):
    with reading(filled) as session:
        first, last = WEEK - 3 * WEEK_LONG, WEEK - timedelta(days=1)
        ask = {"actor": LI, "scope": TEAM, "branch_id": None}
        assert show_up_of_gap(session, start=first, end=last, **ask) == 0.4
        assert show_up_of_gap(session, start=WEEK, end=WEEK, **ask) == 0.8
        assert show_up_of_gap(session, start=first, end=first, **ask) is None


def test_nobody_asks_about_branches_that_are_not_his(filled):
    with reading(filled) as session:
        gap = gap_before(session)
        for actor, scope, branch_id in (
            (supervisor("wang"), TEAM, None),
            (LI, ALL, None),
            (LI, None, 3),
            (head_of(1), None, 1),
            (ADMIN, None, None),
        ):
            with pytest.raises(NotAllowedError):
                branches_of_gap(session, actor=actor, scope=scope, branch_id=branch_id, gap=gap, today=TODAY)
