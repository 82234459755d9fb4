import dataclasses
import shutil
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.coaching.effect import ActionEffect, Estimate
from core.facts import BranchStatus, StaffRole, Stage
from core.kpis.definitions import KpiTarget
from core.planning.items import PlanKind
from core.review.figures import Factor, GapMeasure, Topic
from core.review.official import OfficialMeasure
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError
from db.engine import engine_of, reading, sqlite_url, writing
from db.models import BranchRow, PlanItemRow, StageShownRow, StageWeekRow, WeekPlanRow
from db.official_totals import record_official_total
from db.review_cards import kpi_cards, review_span
from db.review_figures import review_figures
from db.targets import add_kpi_target
from tests.builders import ADMIN, add_branch, add_event, head_of, manager_of, supervisor
from tests.db.review_world import TODAY, WEEK, action, fill_review_world
from tests.db.scope_world import add_decision, add_plan_item

ALL, LI = ReviewScope(ScopeKind.ALL), ReviewScope(ScopeKind.TEAM, "li")
FIGURES = frozenset(Topic) - {Topic.DECIDED, Topic.DECISIONS}


@pytest.fixture(scope="module")
def world(tmp_path_factory, migrated_file):
    """A store many questions are asked of; nobody changes it."""
    path = tmp_path_factory.mktemp("review") / "store.db"
    shutil.copy(migrated_file, path)
    url = sqlite_url(path)
    with writing(url) as session:
        fill_review_world(session)
    yield url
    engine_of(url).dispose()


@pytest.fixture
def own_world(world, tmp_path):
    """The same store to change."""
    engine_of(world).dispose()
    path = tmp_path / "own.db"
    shutil.copy(world.removeprefix("sqlite:///"), path)
    url = sqlite_url(path)
    yield url
    engine_of(url).dispose()


def ask(store, scope=ALL, *topics, actor=ADMIN, week_start=WEEK, today=TODAY):
    with reading(store) as session:
        return review_figures(
            session, actor=actor, scope=scope, week_start=week_start, today=today, topics=frozenset(topics) or FIGURES
        )


def test_only_topics_asked_for_are_answered_and_decisions_are_entered_elsewhere(world):
    found = ask(world, ALL, Topic.STAGES)
    assert [topic for topic in Topic if found.has(topic)] == [Topic.STAGES]
    assert (found.week_start, found.data_to) == (WEEK, date(2026, 5, 19))
    assert {topic for topic in Topic if ask(world).has(topic)} == FIGURES


def test_an_empty_store_has_pages_without_figures(sqlite_store):
    found = ask(sqlite_store)
    assert found.data_to is None
    assert {card.kpi: card.value for card in found.goals} == {
        "branch_activity_rate": None,
        "policies_per_branch": None,
        "regular_share": None,
        "scale_premium": 0.0,
    }
    assert all(count.now == 0 for count in found.stages.counts)
    assert (found.moves.told, found.weakest.branches, found.weakest.whole) == ((), (), None)
    assert (found.cadence.by_role, found.cadence.logged_share) == ((), None)


@pytest.mark.parametrize(
    ("actor", "scope"),
    [
        pytest.param(supervisor("li"), ALL, id="supervisor"),
        pytest.param(manager_of("西区分公司"), LI, id="manager of another region"),
        pytest.param(head_of(1), LI, id="branch head"),
    ],
)
def test_a_scope_that_is_not_his_is_refused(world, actor, scope):
    with pytest.raises(NotAllowedError):
        ask(world, scope, actor=actor)


def card(found, kpi):
    return next(one for one in found.goals if one.kpi == kpi)


def test_the_goals_are_those_of_the_month_up_to_the_day_the_data_reach(world):
    goals = ask(world, LI, Topic.GOALS)
    assert [one.kpi for one in goals.goals] == [
        "branch_activity_rate",
        "policies_per_branch",
        "regular_share",
        "scale_premium",
    ]
    rate, policies, premium = (
        card(goals, key) for key in ("branch_activity_rate", "policies_per_branch", "scale_premium")
    )
    assert (rate.start, rate.end, rate.data_to) == (date(2026, 5, 1), date(2026, 5, 31), date(2026, 5, 19))
    assert (rate.numerator, rate.denominator, rate.value, rate.target) == (1, 2, 0.5, 0.6)
    assert policies.value == 1.5
    assert policies.target == pytest.approx(3)
    assert policies.time_share == pytest.approx(11 / 19)
    assert premium.value == 30_000
    assert (premium.target, premium.attainment, premium.time_gap) == (None, None, None)
    assert premium.is_provisional


def test_the_month_before_is_counted_over_as_many_working_days(world):
    april = card(ask(world, LI, Topic.GOALS), "scale_premium").before
    assert april == 20_000


def test_peers_are_the_six_others_and_the_baseline_is_the_own_year(world):
    goals = ask(world, LI, Topic.GOALS)
    policies, premium = card(goals, "policies_per_branch"), card(goals, "scale_premium")
    assert (policies.peers, policies.peer_branches) == (3, 6)
    assert premium.peers == 60_000
    assert policies.baseline == pytest.approx(premium.baseline / 20_000)
    assert 1.5 < policies.baseline < 2.5
    assert card(goals, "regular_share").baseline == pytest.approx(1)


def test_under_five_peers_nothing_is_told_and_of_everything_there_are_none(own_world):
    with writing(own_world) as session:
        add_branch(session, "C1", supervisor="zhao", bank="长河银行", size_tier="A")
    for scope in (ALL, ReviewScope(ScopeKind.TEAM, "zhao"), ReviewScope(ScopeKind.TEAM, "wang")):
        assert {(one.peers, one.peer_branches) for one in ask(own_world, scope, Topic.GOALS).goals} == {(None, 0)}


@pytest.mark.parametrize(("closed", "peers"), [(2, 5), (3, 0)], ids=["five others", "four others"])
def test_a_branch_head_is_told_of_five_other_branches_and_of_no_fewer(own_world, closed, peers):
    with writing(own_world) as session:
        for branch_id in range(8, 8 - closed, -1):
            branch = session.get_one(BranchRow, branch_id)
            branch.status, branch.status_since = BranchStatus.CLOSED, date(2026, 1, 1)
    head = head_of(2)
    with reading(own_world) as session:
        span = review_span(session, actor=head, kind=PeriodKind.MONTH, week_start=WEEK, today=TODAY)
        (policies,) = kpi_cards(session, actor=head, seen=head, span=span, kpis=["policies_per_branch"], today=TODAY)
    assert policies.value == 3
    assert policies.peer_branches == peers
    assert policies.peers == (pytest.approx(3 * 4 / 5) if peers else None)


def test_a_premium_target_by_branch_is_that_of_any_scope_and_the_company_target_that_of_all(own_world):
    with writing(own_world) as session:
        for kpi, target in (("premium_per_branch", 40_000), ("scale_premium", 500_000), ("active_sellers", 4)):
            row = KpiTarget(kpi, None, Decimal(target), date(2026, 5, 1), "plan", "plan")
            add_kpi_target(session, actor=ADMIN, target=row, shown_version=0, today=date(2026, 4, 30), write_key=kpi)
    assert card(ask(own_world, LI, Topic.GOALS), "scale_premium").target == 80_000
    assert card(ask(own_world, ALL, Topic.GOALS), "scale_premium").target == 500_000
    whole = ask(own_world, LI, Topic.WEAKEST).weakest.whole
    assert (whole.measure, whole.target_fen) == (GapMeasure.TARGET, round(80_000_00 * 11 / 19))
    assert sum(part.gap_fen for part in whole.parts) == whole.gap_fen == 30_000_00 - whole.target_fen
    everything = ask(own_world, ALL, Topic.WEAKEST).weakest.whole
    assert everything.parts[0].wanted == pytest.approx(4)


def test_an_official_total_stands_on_the_card_of_its_month_once_that_is_over(own_world):
    april = date(2026, 4, 1)
    for scope, amount in ((ALL, 300_000_00), (ReviewScope(ScopeKind.REGION, "东区分公司"), 1)):
        with writing(own_world) as session:
            record_official_total(
                session,
                actor=ADMIN,
                scope=scope,
                measure=OfficialMeasure.SCALE_PREMIUM,
                month_start=april,
                amount=amount,
                source="月报",
                shown_version=0,
                today=TODAY,
                key=str(scope),
            )
    over = card(ask(own_world, ALL, Topic.GOALS, week_start=date(2026, 4, 27)), "scale_premium")
    assert (over.data_to, over.official, over.official_source) == (date(2026, 4, 30), 300_000, "月报")
    running = card(ask(own_world, ALL, Topic.GOALS, week_start=date(2026, 4, 13)), "scale_premium")
    assert running.official is None
    assert card(ask(own_world, LI, Topic.GOALS, week_start=date(2026, 4, 27)), "scale_premium").official is None


def test_past_weeks_are_answered_as_of_their_end(world):
    earlier = WEEK - timedelta(weeks=20)
    found = ask(world, LI, week_start=earlier)
    assert found.data_to == earlier + timedelta(days=6)
    assert card(found, "branch_activity_rate").value == 1
    assert not card(found, "branch_activity_rate").is_provisional
    assert sum(count.now for count in found.stages.counts) == 2
    assert all(line.due_weeks and not line.done_weeks for line in found.cadence.by_role)
    assert found.cadence.never_reached == 2
    assert ask(world, LI, Topic.CADENCE).cadence.never_reached == 0


def test_stages_flow_from_the_week_and_the_quarter_before(own_world):
    with writing(own_world) as session:
        row = session.get_one(StageWeekRow, (2, WEEK))
        row.stage = "slump" if row.stage != "slump" else "growth"
        session.get_one(StageShownRow, (3, WEEK)).stage = "adjustment"
        add_decision(session, 4, 1)
        moved = Stage(row.stage)
    found = ask(own_world, ALL, Topic.STAGES, Topic.MOVES)
    assert sum(flow.branches for flow in found.stages.flow_week) == 8
    assert sum(flow.branches for flow in found.stages.flow_quarter) == 8
    assert (found.stages.restated, found.stages.overrides) == (2, 0)
    assert found.moves.up + found.moves.down + found.moves.level == len(found.moves.told) >= 1
    told = next(one for one in found.moves.told if one.branch_code == "B1")
    assert (told.after, told.branch_name) == (moved, "青禾银行B1支行")
    assert found.stages.counts[list(Stage).index(moved)].now >= 1


def test_contacts_stand_against_target_by_role_and_person(world):
    page = ask(world, ALL, Topic.CADENCE).cadence
    wealth = next(line for line in page.by_role if line.key == StaffRole.WEALTH_MANAGER)
    assert (wealth.branches, wealth.due, wealth.done, wealth.due_weeks, wealth.done_weeks) == (8, 40, 8, 144, 24)
    assert [(line.key, line.branches) for line in page.by_person] == [("li", 2), ("wang", 6)]
    assert page.logged_share == pytest.approx(3 / 18)


def test_the_weakest_branch_is_the_one_that_stopped(world):
    page = ask(world, ALL, Topic.WEAKEST).weakest
    weak = page.branches[0]
    assert (weak.branch_code, weak.supervisor, weak.attention) == ("B0", "li", "weak_with_warning")
    assert [one.kpi for one in weak.indicators] == ["policies_per_branch", "contact_attainment"]
    assert (weak.indicators[0].value, weak.indicators[0].lag) == (0, 1)
    assert len(page.branches) <= 5
    gap = weak.gap
    assert (gap.measure, gap.actual_fen, gap.end) == (GapMeasure.BASELINE, 0, date(2026, 5, 19))
    assert [part.gap_fen for part in gap.parts] == [-gap.target_fen, 0, 0]
    assert [part.factor for part in gap.parts][:2] == [Factor.ACTIVE_PEOPLE, Factor.POLICIES_PER_PERSON]


def test_next_week_shows_its_plans_actions_events_and_odd_days(own_world):
    monday = date(2026, 9, 28)
    with writing(own_world) as session:
        branch = session.get_one(BranchRow, 1)
        item = session.get_one(PlanItemRow, add_plan_item(session, 1))
        plan = session.get_one(WeekPlanRow, item.plan_id)
        plan.week_start, plan.supervisor = monday, "li"
        day = timedelta(days=1)
        session.add_all(
            [
                action(1, due_on=monday, taken_on=WEEK),
                action(1, due_on=monday - day, taken_on=WEEK),
                action(1, due_on=monday, taken_on=WEEK, decided_on=monday + 3 * day),
                action(1, due_on=monday, taken_on=WEEK, decided_on=monday - 3 * day),
                action(1, due_on=monday, taken_on=monday + day),
            ]
        )
        add_event(session, branch, monday, state="planned")
        add_event(session, branch, monday, state="cancelled")
    page = ask(own_world, LI, Topic.NEXT_WEEK, week_start=monday - timedelta(weeks=1), today=monday).next_week
    assert (page.week_start, page.workdays, page.events) == (monday, 3, 1)
    assert (page.actions_due, page.actions_overdue) == (2, 1)
    assert {one.kind: one.lines for one in page.planned}[PlanKind.CONTACT] == 1
    assert (page.people, page.people_with_plan) == (1, 1)
    assert [(one.day.day, one.is_worked) for one in page.unlike] == [(1, False), (2, False)]


def test_the_clearest_effects_are_told_and_the_others_counted(world, monkeypatch):
    def effect(number, half):
        found = Estimate(0.2, 0.2 - half, 0.2 + half) if half else None
        return ActionEffect(f"action_{number}", Stage.GROWTH, 30, 20, 90, difference=found)

    halves = [0.4, 0.1, 0.3, 0.2, None, 0.05, 0.6, 0.5, None]
    effects = tuple(effect(number, half) for number, half in enumerate(halves))
    monkeypatch.setattr("db.review_figures.action_effects", lambda *_, **__: effects)
    page = ask(world, ALL, Topic.WORKED).worked
    assert [one.action_key[-1] for one in page.effects] == list("513207")
    assert (page.further, page.waiting) == (1, 2)


def test_both_databases_show_the_same(world, postgres_store):
    with writing(postgres_store) as session:
        fill_review_world(session)
    for scope, week_start in ((LI, WEEK), (ALL, WEEK - timedelta(weeks=6))):
        shown = [ask(store, scope, week_start=week_start) for store in (world, postgres_store)]
        one, other = (dataclasses.replace(figures, shown_at=TODAY) for figures in shown)
        assert one == other
