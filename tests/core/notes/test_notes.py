from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.problems import ProblemKey
from core.facts import StaffRole
from core.notes.handover import Handover, HandoverKind
from core.notes.notes import FIELDS, CoachingNote, Kept, NoteEntry, note_problems

TODAY = date(2026, 11, 18)
ENTRY = NoteEntry(
    session_on=TODAY,
    role=StaffRole.WEALTH_MANAGER,
    goal="两周内能独立讲清主推产品",
    reality="条款能背，客户问到费用就停住",
    options="演练三次；先听一次老员工讲",
    will="周五前自己讲一次给负责人听",
    due_on=TODAY + timedelta(days=7),
)


def keys(**changed):
    return [(one.key, one.place) for one in note_problems(replace(ENTRY, **changed), today=TODAY)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"session_on": TODAY - timedelta(days=31)}, []),
        ({"session_on": TODAY - timedelta(days=32)}, [(ProblemKey.NOTE_TOO_OLD, "session_on")]),
        ({"session_on": TODAY + timedelta(days=1)}, [(ProblemKey.IN_FUTURE, "session_on")]),
        ({"goal": "  "}, [(ProblemKey.EMPTY, "goal")]),
        ({"will": ""}, [(ProblemKey.EMPTY, "will")]),
        ({"reality": "", "options": ""}, []),
        ({"options": "好" * 300}, []),
        ({"options": "好" * 301}, [(ProblemKey.TOO_LONG, "options")]),
        ({"reality": "客户电话13812345678"}, [(ProblemKey.PERSONAL_NUMBER, "reality")]),
        ({"due_on": TODAY}, []),
        ({"due_on": TODAY - timedelta(days=1)}, [(ProblemKey.DUE_IN_PAST, "due_on")]),
    ],
)
def test_a_note_says_all_that_is_wrong_with_it(changed, expected):
    assert keys(**changed) == expected


def note(**more):
    given = {"acknowledged_on": None, "kept": None, "kept_on": None, "outcome": None, "version": 1}
    return CoachingNote(
        note_id=1,
        branch_id=1,
        branch_code="B1",
        branch_name="B1",
        entry=ENTRY,
        author="Li",
        author_id=1,
        **(given | more),
    )


@pytest.mark.parametrize(("days", "is_overdue"), [(6, False), (7, False), (8, True)])
def test_a_commitment_is_overdue_from_the_day_after_its_day(days, is_overdue):
    day = TODAY + timedelta(days=days)
    assert note().is_overdue(day) is is_overdue
    assert note().days_open(day) == days
    assert note(kept=Kept.KEPT).is_overdue(day) is False
    assert note(kept=Kept.BROKEN).days_open(day) is None


def test_a_handover_ages_until_somebody_takes_over():
    change = Handover(1, "B1", "B1", HandoverKind.BRANCH_HEAD, TODAY, "S1", "S2")
    assert change.days_open(TODAY + timedelta(days=3)) == 3
    assert replace(change, taken_over_on=TODAY).days_open(TODAY) is None


@given(st.sampled_from(FIELDS), st.text(max_size=400))
def test_whatever_is_typed_a_problem_names_the_field_it_is_in(field, words):
    assert {place for _, place in keys(**{field: words})} <= {field}
