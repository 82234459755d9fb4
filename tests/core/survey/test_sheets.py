import pytest

from core.coaching.problems import ProblemKey
from core.facts import StaffRole
from core.survey.fields import survey_fields
from core.survey.sheets import SheetResult, sheet_problems, sheet_results

KEYS = [one.key for one in survey_fields().questionnaire.questions]
FULL = dict.fromkeys(KEYS, 3)


def test_the_questionnaire_has_seven_questions():
    assert len(KEYS) == 7


@pytest.mark.parametrize(("sheets", "means"), [(2, {}), (3, dict.fromkeys(KEYS, 4.0))])
def test_means_are_shown_from_three_sheets_of_a_post_on(sheets, means):
    given = [(StaffRole.WEALTH_MANAGER, FULL)] + [(StaffRole.TELLER, dict.fromkeys(KEYS, 3 + n)) for n in range(sheets)]
    assert sheet_results(given) == (
        SheetResult(StaffRole.WEALTH_MANAGER, 1, {}),
        SheetResult(StaffRole.TELLER, sheets, means),
    )


def test_a_question_with_too_few_answers_has_no_mean():
    without = {key: 5 for key in KEYS if key != "Q2"}
    (found,) = sheet_results([(StaffRole.TELLER, FULL), (StaffRole.TELLER, FULL), (StaffRole.TELLER, without)])
    assert "Q2" not in found.means
    assert found.means["Q1"] == pytest.approx(11 / 3)


def test_no_sheets_give_no_results():
    assert sheet_results([]) == ()


@pytest.mark.parametrize(
    ("role", "points", "problems"),
    [
        ("teller", FULL, []),
        ("wealth_manager", FULL, []),
        ("lobby_manager", FULL, [ProblemKey.NOT_A_CHOICE]),
        ("teller", FULL | {"Q1": 0}, [ProblemKey.OUT_OF_RANGE]),
        ("teller", FULL | {"Q1": 6}, [ProblemKey.OUT_OF_RANGE]),
        ("teller", FULL | {"Q1": True}, [ProblemKey.OUT_OF_RANGE]),
        ("teller", FULL | {"Q1": None, "Q7": 9}, [ProblemKey.EMPTY, ProblemKey.OUT_OF_RANGE]),
    ],
)
def test_a_sheet_needs_a_post_and_an_answer_from_1_to_5_to_every_question(role, points, problems):
    assert [one.key for one in sheet_problems(role, points)] == problems
