"""Sheets of branches by hand: one with as much on it as there can be, and one of a branch nothing is known of."""

from datetime import date, timedelta

from core.coaching.playbook import shipped_playbook
from core.coaching.suggestion import Suggestion
from core.facts import Badge, Branch, BranchStatus, StaffRole, Stage
from core.reports.branch_sheet import BranchSheet, ContactDue, OpenAction, OpenCommitment, Standing
from core.review.figures import Indicator
from core.self_check.comparison import Difference
from core.self_check.rules import self_check_rules
from core.survey.completeness import PartStanding, PartState, SurveyStanding
from core.survey.fields import survey_fields

TODAY = date(2026, 5, 18)
TITLES = {"cause": "Find the cause"}
FACTS = {
    "sold": 12,
    "before": 20,
    "window": 13,
    "expected": 20.3,
    "chance": 0.03,
    "held": 3,
    "weeks": 120,
    "stage": "adjustment",
    "most_likely": "slump",
}


def branch() -> Branch:
    return Branch(
        branch_id=1,
        branch_code="B1",
        branch_name="青禾银行云州第一支行",
        bank="青禾银行",
        region="东区分公司/云州中支",
        city="云州",
        cooperation_start=date(2024, 1, 1),
        supervisor="li",
        status=BranchStatus.ACTIVE,
        status_since=None,
        size_tier=None,
        version=1,
    )


def bare() -> BranchSheet:
    return BranchSheet(branch(), TODAY, None, (), (), (), (), (), (), SurveyStanding(()), ())


def full_sheet() -> BranchSheet:
    standing = Standing(
        Stage.ADJUSTMENT,
        date(2026, 1, 5),
        "adjustment_below",
        FACTS,
        tuple(Badge),
        by_hand=Stage.SLUMP,
        by_hand_until=date(2026, 6, 1),
    )
    roles = (StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.TELLER)
    contacts = tuple(
        ContactDue(
            role, 1 + place, 0, None if place else date(2026, 5, 4), None if place else "Bring the material again"
        )
        for place, role in enumerate(roles)
    )
    first = date(2025, 11, 17)
    promises = ("two calls a day", "每天两次电话邀约并记录在册" * 8, "a third", "a fourth")
    parts = tuple(PartStanding(one.key, PartState.MISSING, 0, 5, None, None, None) for one in survey_fields().sections)
    rules = self_check_rules().differences[:5]
    return BranchSheet(
        branch=branch(),
        as_of=TODAY,
        standing=standing,
        weeks=tuple((first + timedelta(weeks=number), number) for number in range(26)),
        contacts=contacts,
        actions=(OpenAction("cause", date(2026, 5, 15)), OpenAction("gone", None), OpenAction("cause", TODAY)),
        commitments=tuple(OpenCommitment(words, StaffRole.TELLER, date(2026, 5, 11)) for words in promises),
        indicators=(
            Indicator("policies_per_branch", 0.4, 2.6, 0.85),
            Indicator("contact_attainment", 0.35, 1.0, 0.65),
            Indicator("regular_share", 0.2, 1 / 3, 0.4),
        ),
        differences=tuple(Difference(rule, 1, 0.5) for rule in rules),
        survey=SurveyStanding(parts),
        suggestions=tuple(
            Suggestion(action, "stage_basic", {"stage": "adjustment", "weeks": 3, "by_hand": "slump"})
            for action in shipped_playbook()[:5]
        ),
    )
