"""Hand-made pages of a review: every topic filled, small enough to check by eye."""

from datetime import UTC, date, datetime, timedelta

from core.coaching.effect import ActionEffect, Estimate
from core.facts import Stage
from core.planning.items import PlanKind
from core.review.figures import (
    CadenceLine,
    CadencePage,
    DayAhead,
    DecisionShown,
    DecisionState,
    Factor,
    GapPart,
    GapSplit,
    Indicator,
    KpiCard,
    Mover,
    Moves,
    NextWeek,
    PlannedWork,
    ReviewFigures,
    StageCount,
    StageFlow,
    StagesNow,
    Topic,
    WeakBranch,
    Weakest,
    Worked,
)
from core.review.scope import ReviewScope, ScopeKind

WEEK = date(2026, 11, 9)
EAST = ReviewScope(ScopeKind.REGION, "东区分公司")
TEAM = ReviewScope(ScopeKind.TEAM, "li")
FACTS = {"sold": 8, "before": 8, "window": 8, "expected": 12.0, "chance": 0.03, "held": 10, "weeks": 60}
SPLIT = GapSplit(
    actual_fen=80_000_00,
    target_fen=100_000_00,
    parts=(
        GapPart(Factor.ACTIVE_PEOPLE, 8, 10, -12_000_00),
        GapPart(Factor.POLICIES_PER_PERSON, 1.5, 1.6, -5_000_00),
        GapPart(Factor.PREMIUM_PER_POLICY, 660_000, 625_000, -3_000_00),
    ),
)


def card(kpi: str = "scale_premium", **more) -> KpiCard:
    """One KPI of November up to the reviewed week."""
    given = {"value": 120_000.0, "numerator": 120_000.0, "denominator": 1.0, "target": 400_000.0, "time_share": 0.5}
    return KpiCard(kpi, date(2026, 11, 1), date(2026, 11, 30), WEEK + timedelta(days=6), **(given | more))


def decision(number: int = 1, **more) -> DecisionShown:
    """One decision of the week before."""
    given = {
        "topic": Topic.GOALS,
        "branch_code": None,
        "branch_name": None,
        "words": "周三前补登沟通记录",
        "owner": "li",
        "due_on": WEEK + timedelta(days=9),
        "measure": "登记率100%",
        "state": DecisionState.OPEN,
        "outcome": None,
        "decided_in": WEEK - timedelta(weeks=1),
    }
    return DecisionShown(number, **(given | more))


def figures(scope: ReviewScope = EAST, week_start: date = WEEK, **more) -> ReviewFigures:
    """Every topic of a review; `more` replaces some of them."""
    given = {
        "decided": (decision(1), decision(2, state=DecisionState.DONE, outcome="已完成")),
        "goals": (
            card("branch_activity_rate", value=0.42, numerator=42, denominator=100, target=0.6, time_share=1.0),
            card("policies_per_branch", value=1.2, numerator=120, denominator=100, target=2.0),
            card("regular_share", value=0.31, numerator=31, denominator=100, target=0.3333, time_share=1.0),
            card(),
        ),
        "stages": StagesNow(
            counts=tuple(StageCount(stage, 10 + place, 9, 11) for place, stage in enumerate(Stage)),
            flow_week=(StageFlow(Stage.GROWTH, Stage.MATURE, 2), StageFlow(Stage.MATURE, Stage.ADJUSTMENT, 1)),
            flow_quarter=(StageFlow(Stage.GROWTH, Stage.MATURE, 7), StageFlow(Stage.MATURE, Stage.SLUMP, 3)),
            overrides=1,
            restated=2,
        ),
        "moves": Moves(
            up=1,
            down=1,
            level=0,
            told=(
                Mover("B1", "青禾银行B1支行", Stage.MATURE, Stage.ADJUSTMENT, False, "adjustment_below", FACTS),
                Mover("B2", "青禾银行B2支行", Stage.GROWTH, Stage.MATURE, True, "growth_rising", FACTS),
            ),
        ),
        "cadence": CadencePage(
            by_role=(CadenceLine("branch_head", 40, 40, 28, 160, 120), CadenceLine("teller", 40, 20, 20, 80, 80)),
            by_person=(CadenceLine("li", 20, 30, 18, 120, 90), CadenceLine("wu", 20, 30, 30, 120, 110)),
            logged_share=0.9,
            never_reached=3,
        ),
        "weakest": Weakest(
            branches=(
                WeakBranch(
                    "B1",
                    "青禾银行B1支行",
                    "li",
                    Stage.ADJUSTMENT,
                    "weak_with_warning",
                    (Indicator("regular_share", 0.1, 0.3333, 0.7), Indicator("policies_per_branch", 1.0, 2.0, 0.5)),
                    SPLIT,
                ),
            ),
            whole=SPLIT,
        ),
        "worked": Worked(
            effects=(
                ActionEffect(
                    "need_interview_drill",
                    Stage.SLUMP,
                    24,
                    20,
                    80,
                    0.5,
                    0.9,
                    0.6,
                    Estimate(0.3, 0.1, 0.5),
                    Estimate(0.5, 0.2, 0.9),
                    Estimate(0.1, 0.0, 0.2),
                ),
            ),
            waiting=4,
        ),
        "decisions": (),
        "next_week": NextWeek(
            week_start=week_start + timedelta(weeks=1),
            workdays=5,
            planned=(PlannedWork(PlanKind.CONTACT, 30, 4), PlannedWork(PlanKind.ACTION, 6, 1)),
            people=2,
            people_with_plan=1,
            actions_due=6,
            actions_overdue=2,
            events=3,
            unlike=(DayAhead(week_start + timedelta(days=12), True),),
        ),
    }
    return ReviewFigures(
        scope=scope,
        week_start=week_start,
        shown_at=datetime(2026, 11, 16, 1, 0, tzinfo=UTC),
        data_to=week_start + timedelta(days=6),
        **(given | more),
    )
