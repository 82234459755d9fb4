from dataclasses import replace
from datetime import date, datetime

import pytest

from core.calendar import SHANGHAI
from core.coaching.actions import DECISION_ACTION
from core.coaching.playbook import shipped_playbook
from core.coaching.suggestion import Suggestion
from core.facts import StaffRole, Stage
from core.reports.a4 import a4_page
from core.reports.branch_sheet import MOST_OPEN, OpenAction, sheet_parts, visit_list
from core.reports.tables import Stamp
from core.survey.completeness import SurveyStanding
from tests.core.reports.sheets import TITLES, TODAY, bare, full_sheet

TODAY_MOMENT = datetime(2026, 5, 18, 9, tzinfo=SHANGHAI)


def titles_of(parts):
    return [part.title for part in parts]


def test_the_page_says_all_there_is_in_its_order():
    parts = sheet_parts(full_sheet(), "en", TITLES)
    assert titles_of(parts) == [
        "Where it stands",
        "Net policies by week, last 26 weeks",
        "Contacts: made and due",
        "Open actions and promises",
        "What lags its target most",
        "Self-check and records differ",
        "Branch file",
        "At this visit",
    ]
    standing, weeks, contacts = parts[:3]
    assert standing.lines[0] == "◆ Adjustment · since 5 Jan 2026"
    assert "Set by hand: ▼ Slump, until 1 Jun 2026" in standing.lines
    assert [bar.amount for bar in weeks.bars] == list(range(26))
    assert weeks.bars[-1].name == "05-11"
    assert contacts.rows[0] == ("Branch head", "0 / 1", "4 May 2026", "Bring the material again")
    assert contacts.rows[1][2:] == ("never", "–")


def test_a_branch_nothing_is_known_of_has_a_page_all_the_same():
    parts = sheet_parts(bare(), "zh", {})
    assert "自查与记录的差异" not in titles_of(parts)
    assert parts[-1].title == "本次走访要做的事"
    assert parts[-1].lines == ["无。"] or parts[-1].numbered == []


def test_the_visit_begins_with_what_was_promised_and_ends_with_the_branch_file():
    lines = visit_list(full_sheet(), "en", TITLES)
    assert lines[0] == "Ask what became of: two calls a day"
    assert lines[1].startswith("Ask what became of: 每天两次")
    assert lines[2].startswith("Speak with: Branch head, ")
    assert lines[3] == "Bring to an end: Find the cause"
    assert lines[-1].startswith("Ask for the branch file: ")


def test_what_is_not_due_yet_is_not_asked_about():
    sheet = full_sheet()
    later = replace(
        sheet,
        commitments=tuple(replace(one, due_on=date(2026, 6, 1)) for one in sheet.commitments),
        actions=(OpenAction("cause", date(2026, 6, 1)),),
        survey=SurveyStanding(()),
        suggestions=(),
    )
    assert [line.split(":")[0] for line in visit_list(later, "en", TITLES)] == ["Speak with"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_decision_of_a_review_stands_there_by_its_words(language):
    decided = OpenAction(
        DECISION_ACTION, TODAY, {"words": "到网点与支行长谈清原因", "decision": 1, "week": "2026-05-11"}
    )
    sheet = replace(bare(), actions=(decided,))
    page = a4_page(sheet_parts(sheet, language, {}), Stamp("Visit", "boss", TODAY_MOMENT, language), note="n").decode()
    assert page.count("到网点与支行长谈清原因") == 2  # among what is open, and to bring to an end at the visit
    assert DECISION_ACTION not in page


def test_long_lists_are_cut_and_say_how_many_more():
    sheet = replace(full_sheet(), actions=tuple(OpenAction("cause", TODAY) for _ in range(20)))
    lines = next(part for part in sheet_parts(sheet, "en", TITLES) if part.title.startswith("Open")).numbered
    assert len(lines) == MOST_OPEN
    assert lines[-1] == "and 20 more"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_file_holds_the_columns_and_escapes_what_people_typed(language):
    sheet = replace(full_sheet(), contacts=tuple(replace(one, next_step="<b>&") for one in full_sheet().contacts))
    stamp = Stamp("Visit", "boss", TODAY_MOMENT, language)
    page = a4_page(sheet_parts(sheet, language, TITLES), stamp, note="n", is_dense=True).decode()
    assert page.count("<rect") == 26
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page
    assert '<body class="dense">' in page


def test_every_reason_of_a_suggestion_can_be_told():
    action = shipped_playbook()[0]
    sheet = replace(bare(), suggestions=(Suggestion(action, "stage_basic", {"stage": Stage.GROWTH, "weeks": 2}),))
    assert action.title("en") in visit_list(sheet, "en", {})[0]


def test_a_role_with_nothing_due_is_not_spoken_with():
    sheet = replace(full_sheet(), contacts=tuple(replace(one, done=one.due) for one in full_sheet().contacts))
    assert not any(line.startswith("Speak with") for line in visit_list(sheet, "en", TITLES))
    assert StaffRole.BRANCH_HEAD in {one.role for one in sheet.contacts}
