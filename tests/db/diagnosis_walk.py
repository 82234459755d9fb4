"""The questions and changes of the diagnoses of gaps, for the walk over all of `db/` (test_scope_walk.py)."""

from datetime import date, timedelta

from core.planning.diagnosis import DiagnosedCause, DiagnosisEntry, Gap
from core.review.pace import PeriodKind
from db import coaching, diagnoses, diagnosis_changes, diagnosis_figures
from tests.db.scope_world import INSIDE, NOBODYS, OUTSIDE, REGION, TEAM, TODAY, mark

NUMBERS = {INSIDE: 1, TEAM: 2, REGION: 3, OUTSIDE: 4}
"""Keys of the diagnoses of the branches, in the order the world makes them; those of the teams follow."""
FEBRUARY = date(2026, 2, 1)
GAP = Gap(
    "policies_per_branch",
    PeriodKind.MONTH,
    FEBRUARY,
    date(2026, 2, 28),
    date(2026, 2, 28),
    actual=1.0,
    target=3.0,
    due_share=1.0,
    level=None,
)


def entry(branch_id):
    """The diagnosis of a gap of one branch."""
    causes = (DiagnosedCause("C02", mark(branch_id), "repair_invitations", (branch_id,)),)
    due_on = TODAY + timedelta(days=7)
    return DiagnosisEntry(GAP, None, branch_id, causes, "li", due_on, "x", due_on + timedelta(days=7))


WHOLE_SCOPE = {
    "coaching.actions_numbered": lambda s, a: coaching.actions_numbered(
        s, actor=a, suggestion_ids=range(1, 40), today=TODAY
    ),
    "diagnoses.diagnoses": lambda s, a: diagnoses.diagnoses(s, actor=a, today=TODAY),
    "diagnoses.reviews_owned": lambda s, a: diagnoses.reviews_owned(s, actor=a, today=TODAY),
}

ONE_BRANCH = {
    "diagnoses.diagnosis_actions": lambda s, a, b: [
        diagnoses.diagnosis_actions(s, actor=a, diagnosis_id=NUMBERS.get(b, NOBODYS), today=TODAY)
    ],
    "diagnoses.diagnosis_owners": lambda s, a, b: diagnoses.diagnosis_owners(s, actor=a, scope=None, branch_id=b),
    "diagnoses.find_diagnosis": lambda s, a, b: diagnoses.find_diagnosis(
        s, actor=a, diagnosis_id=NUMBERS.get(b, NOBODYS), today=TODAY
    ),
    "diagnoses.sight_of_gap": lambda s, a, b: diagnoses.sight_of_gap(s, actor=a, scope=None, branch_id=b),
    "diagnosis_figures.branches_of_gap": lambda s, a, b: diagnosis_figures.branches_of_gap(
        s, actor=a, scope=None, branch_id=b, gap=GAP, today=TODAY
    ),
    "diagnosis_figures.figure_now": lambda s, a, b: diagnosis_figures.figure_now(
        s, actor=a, scope=None, branch_id=b, gap=GAP, today=TODAY
    ),
    "diagnosis_figures.show_up_of_gap": lambda s, a, b: diagnosis_figures.show_up_of_gap(
        s, actor=a, scope=None, branch_id=b, start=FEBRUARY, end=TODAY
    ),
}

BRANCH_CHANGES = {
    "diagnosis_changes.change_diagnosis": lambda s, a, b, _: diagnosis_changes.change_diagnosis(
        s,
        actor=a,
        diagnosis_id=NUMBERS.get(b, NOBODYS),
        owner="li",
        review_on=TODAY + timedelta(days=30),
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "diagnosis_changes.close_diagnosis": lambda s, a, b, _: diagnosis_changes.close_diagnosis(
        s,
        actor=a,
        diagnosis_id=NUMBERS.get(b, NOBODYS),
        result="x",
        lesson="x",
        figure=None,
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "diagnosis_changes.diagnose": lambda s, a, b, _: diagnosis_changes.diagnose(
        s, actor=a, entry=entry(b), today=TODAY, key="k"
    ),
}

WITHOUT_ACTOR = {
    "sample_diagnoses.leave_diagnoses": "fills the sample store while it is made",
}
