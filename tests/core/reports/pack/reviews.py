"""Reviews by hand: one of a region with every topic filled, and one of nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from core.calendar import SHANGHAI
from core.coaching.effect import ActionEffect, Estimate
from core.facts import StaffRole, Stage, UserRole
from core.planning.items import PlanKind
from core.review.agenda import Agenda
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
from core.review.meeting import Correction, Meeting, ReviewShown, shown_only
from core.review.names import names_of, persons, told
from core.review.scope import ReviewScope, ScopeKind

WEEK, NEXT = date(2026, 11, 16), date(2026, 11, 23)
REGION = ReviewScope(ScopeKind.REGION, "浙江分公司/杭州中支")
TITLES = {
    "zh": {"find_cause": "找准下滑原因：四问法", "morning_drill": "晨会话术演练", "restart": "重启客户经营"},
    "en": {"find_cause": "Find the cause of the fall: four questions", "morning_drill": "Drill at the morning meeting"},
}
SENTENCE = {
    "sold": 12,
    "before": 20,
    "window": 13,
    "expected": 20.3,
    "chance": 0.03,
    "held": 3,
    "weeks": 120,
    "stage": "adjustment",
    "most_likely": "adjustment",
}


def review(week: date = WEEK, *, more: int = 0) -> ReviewFigures:
    """A review of a region; `more` shifts its figures and nothing else."""
    return ReviewFigures(
        scope=REGION,
        week_start=week,
        shown_at=datetime(2026, 11, 24, 9, 12, 5, 123456, tzinfo=SHANGHAI) + (week - WEEK),
        data_to=week + timedelta(days=6),
        decided=tuple(_decision(number, week, more) for number in range(5)),
        goals=_goals(week, more),
        stages=_stages(more),
        moves=_moves(more),
        cadence=_cadence(more),
        weakest=_weakest(more),
        worked=_worked(more),
        decisions=tuple(_decision(number, week + timedelta(weeks=1), more) for number in range(2)),
        next_week=NextWeek(
            week_start=week + timedelta(weeks=1),
            workdays=5,
            planned=tuple(PlannedWork(kind, 12 + more + place, 2 + place) for place, kind in enumerate(PlanKind)),
            people=9,
            people_with_plan=7,
            actions_due=14 + more,
            actions_overdue=3,
            events=4,
            unlike=(DayAhead(week + timedelta(days=12), is_worked=True),),
        ),
    )


def nothing() -> ReviewFigures:
    """A review whose topics hold nothing, as in an empty store."""
    shown_at = datetime(2026, 11, 24, 9, 12, tzinfo=SHANGHAI)
    return ReviewFigures(REGION, WEEK, shown_at, None)


def full() -> ReviewFigures:
    """A review in which everything is as long and as much as it may get."""
    one = review()
    long = "这家网点的名称特别长以至于任何表格都放不下（筹备中）"
    return replace(
        one,
        decided=tuple(
            replace(
                each,
                words="请各位督导在下周五之前完成全部网点的走访并提交书面反馈" * 5,
                branch_name=long,
                owner="o" * 40,
            )
            for each in (one.decided or ()) * 4
        ),
        goals=tuple(replace(card, value=(card.value or 0) * 1000) for card in one.goals or ()),
        moves=replace(one.moves, told=tuple(replace(each, branch_name=long) for each in one.moves.told)),
        weakest=replace(
            one.weakest,
            branches=tuple(replace(each, branch_name="Branch of " + "W" * 60) for each in one.weakest.branches),
        ),
    )


def over(figures: ReviewFigures, *, skipped: frozenset[Topic] = frozenset()) -> ReviewShown:
    """What leaves a review that is over: two figures of each topic that can be corrected since are other ones now."""
    ended_at = datetime(2026, 11, 24, 9, 45, tzinfo=SHANGHAI)
    meeting = Meeting(1, REGION, WEEK, "li.wei", ended_at, ended_at, Agenda(skipped=skipped), (), (), 1, 2)
    since = (
        *(
            Correction(Topic.GOALS, "kpi", card.kpi, card.value, (card.value or 0) * 1.1)
            for card in figures.goals or ()
        ),
        *(Correction(Topic.STAGES, "stage", stage.value, 60, 58) for stage in (Stage.GROWTH, Stage.MATURE)),
        Correction(Topic.MOVES, "mover", "岩谷银行云州新城第一支行", ("mature", "growth"), None),
        Correction(Topic.CADENCE, "role", StaffRole.WEALTH_MANAGER.value, (130, 210), (131, 210)),
    )
    return ReviewShown(shown_only(figures, meeting.agenda), meeting, since)


def _decision(number: int, week: date, more: int) -> DecisionShown:
    states = list(DecisionState)
    state = states[number % len(states)]
    return DecisionShown(
        decision_id=number + 1,
        topic=Topic.WEAKEST,
        branch_code=f"B{number}" if number else None,
        branch_name=f"青禾银行云州第{number}支行" if number else None,
        words=f"由李伟走访网点，与负责人谈清 {number + 1 + more} 项原因，并约定晨会演练",
        owner=("li.wei", "wang.fang", "zhao.min")[number % 3],
        due_on=week - timedelta(days=3) + timedelta(days=number),
        measure="两周内恢复出单",
        state=state,
        outcome="已完成" if state is DecisionState.DONE else None,
        decided_in=week - timedelta(weeks=1),
    )


def _goals(week: date, more: int) -> tuple[KpiCard, ...]:
    start, end = week.replace(day=1), date(2026, 11, 30)
    period = {"start": start, "end": end, "data_to": week + timedelta(days=6)}
    return (
        KpiCard(
            "branch_activity_rate",
            **period,
            value=0.412 + more / 100,
            numerator=124,
            denominator=301,
            target=0.6,
            time_share=0.72,
            before=0.444,
            peers=0.47,
            peer_branches=212,
            baseline=0.43,
        ),
        KpiCard(
            "policies_per_branch",
            **period,
            value=1.31 + more / 10,
            numerator=394,
            denominator=301,
            target=2.64,
            time_share=0.72,
            before=1.45,
            peers=1.5,
            peer_branches=212,
            baseline=1.4,
            is_provisional=True,
        ),
        KpiCard(
            "regular_share",
            **period,
            value=0.381,
            numerator=4_400_000,
            denominator=11_548_000,
            target=1 / 3,
            before=0.35,
            peers=0.36,
            peer_branches=212,
            baseline=0.34,
            is_provisional=True,
        ),
        KpiCard(
            "scale_premium",
            **period,
            value=11_548_000.0 + more * 1e5,
            numerator=11_548_000,
            denominator=1,
            target=18_000_000.0,
            time_share=0.72,
            before=12_900_000.0,
            peers=13_000_000.0,
            peer_branches=212,
            baseline=12_100_000.0,
            official=11_600_000.0,
            official_source="渠道部月报",
            is_provisional=True,
        ),
    )


def _stages(more: int) -> StagesNow:
    counts = (
        StageCount(Stage.STARTUP, 21, 22, 25),
        StageCount(Stage.GROWTH, 60 + more, 58, 49),
        StageCount(Stage.MATURE, 131, 133, 140),
        StageCount(Stage.ADJUSTMENT, 52, 50, 48),
        StageCount(Stage.SLUMP, 37, 38, 39),
    )
    flows = (StageFlow(Stage.MATURE, Stage.ADJUSTMENT, 4), StageFlow(None, Stage.STARTUP, 1))
    return StagesNow(counts, flows, flows, overrides=6, restated=2 + more)


def _moves(more: int) -> Moves:
    told = tuple(
        Mover(
            f"B{number}",
            f"云杉银行云州滨江第{number}支行",
            Stage.MATURE if number % 2 else Stage.GROWTH,
            Stage.ADJUSTMENT if number % 2 else Stage.MATURE,
            is_up=number % 2 == 0,
            reason_key="adjustment_below" if number % 2 else "mature_steady",
            facts={**SENTENCE, "sold": 12 + more, "stage": "adjustment" if number % 2 else "mature"},
        )
        for number in range(8)
    )
    return Moves(up=4, down=5 + more, level=1, told=told)


def _cadence(more: int) -> CadencePage:
    by_role = tuple(
        CadenceLine(role.value, 301, 200 + 10 * place, 150 + more - 20 * place, 800, 640 - 50 * place)
        for place, role in enumerate(
            (StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.TELLER)
        )
    )
    by_person = tuple(
        CadenceLine(name, 33, 90, 60 + more, 360, 250) for name in ("li.wei", "wang.fang", "zhao.min", "=cmd()")
    )
    return CadencePage(by_role, by_person, logged_share=0.83, never_reached=17)


def _weakest(more: int) -> Weakest:
    indicators = (
        Indicator("policies_per_branch", 0.4, 2.6, 0.85),
        Indicator("contact_attainment", 0.35, 1.0, 0.65),
        Indicator("regular_share", 0.2, 1 / 3, 0.4),
    )
    branches = tuple(
        WeakBranch(
            f"B{number}",
            f"岩谷银行云州新城第{number}支行",
            "li.wei" if number % 2 else None,
            Stage.SLUMP,
            "weak_with_warning",
            indicators,
            _gap(12_000_000 + more, 42_000_000),
        )
        for number in range(5)
    )
    return Weakest(branches, _gap(1_154_800_000 + more * 10_000_000, 1_296_000_000))


def _gap(actual_fen: int, target_fen: int) -> GapSplit:
    gap = actual_fen - target_fen
    people, policies = round(gap * 0.7), round(gap * 0.5)
    parts = (
        GapPart(Factor.ACTIVE_PEOPLE, 210.0, 240.0, people),
        GapPart(Factor.POLICIES_PER_PERSON, 1.9, 2.2, policies),
        GapPart(Factor.PREMIUM_PER_POLICY, 2_930_000.0, 2_700_000.0, gap - people - policies),
    )
    return GapSplit(actual_fen, target_fen, parts)


def _worked(more: int) -> Worked:
    effects = (
        ActionEffect(
            "find_cause",
            Stage.ADJUSTMENT,
            46 + more,
            30,
            180,
            rate_before=0.4,
            rate_after=0.6,
            rate_expected=0.5,
            difference=Estimate(0.1, 0.02, 0.18),
            change=Estimate(0.2, 0.04, 0.36),
            moves=Estimate(0.1, 0.0, 0.2),
        ),
        ActionEffect("morning_drill", Stage.GROWTH, 33, 30, 150, difference=Estimate(-0.05, -0.2, 0.1)),
    )
    return Worked(effects, waiting=9)


def without_names(figures: ReviewFigures, language: str) -> ReviewFigures:
    """The figures as a pack without names tells them."""
    owners = {one.owner for one in (*(figures.decided or ()), *(figures.decisions or ()))}
    lines = {line.key for line in (figures.cadence.by_person if figures.cadence else ())}
    people = persons((name, name, UserRole.SUPERVISOR) for name in sorted({"li.wei", *owners, *lines}))
    return told(figures, names_of(language, people, are_hidden=True))
