"""What the anonymous sheets of the short questionnaire come to, by post."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.coaching.problems import Problem, ProblemKey
from core.facts import StaffRole
from core.survey.fields import Questionnaire, survey_fields
from core.survey.values import SCALE_LEAST, SCALE_MOST

ANSWERING = (StaffRole.TELLER, StaffRole.WEALTH_MANAGER)
"""Posts the questionnaire is for."""


@dataclass(frozen=True)
class SheetResult:
    """Sheets of a post and the mean of each question; no means where too few answered, to keep them anonymous."""

    role: StaffRole
    sheets: int
    means: Mapping[str, float] = field(default_factory=dict)


def sheet_results(
    sheets: Iterable[tuple[StaffRole, Mapping[str, int]]], questionnaire: Questionnaire | None = None
) -> tuple[SheetResult, ...]:
    """Return the results of the posts that have sheets, in the order of the posts."""
    asked = questionnaire or survey_fields().questionnaire
    by_role: dict[StaffRole, list[Mapping[str, int]]] = {}
    for role, points in sheets:
        by_role.setdefault(role, []).append(points)
    found = []
    for role in (one for one in StaffRole if one in by_role):
        given = by_role[role]
        means: dict[str, float] = {}
        for question in asked.questions:
            answers = [one[question.key] for one in given if question.key in one]
            if len(answers) >= asked.fewest_sheets:
                means[question.key] = sum(answers) / len(answers)
        found.append(SheetResult(role, len(given), means))
    return tuple(found)


def sheet_problems(role: str, points: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with a sheet: another post, a question without an answer, an answer that is none."""
    found = []
    if role not in ANSWERING:
        found.append(Problem(ProblemKey.NOT_A_CHOICE, "survey_sheet", {"value": role}))
    for question in survey_fields().questionnaire.questions:
        value = points.get(question.key)
        if value is None:
            found.append(Problem(ProblemKey.EMPTY, "survey_sheet", {"part": question.key}))
        elif isinstance(value, bool) or value not in range(SCALE_LEAST, SCALE_MOST + 1):
            facts = {"part": question.key, "value": str(value), "least": SCALE_LEAST, "most": SCALE_MOST}
            found.append(Problem(ProblemKey.OUT_OF_RANGE, "survey_sheet", facts))
    return tuple(found)
