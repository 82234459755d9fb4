from datetime import date, timedelta

import pytest

from core.facts import StaffRole, Stage
from core.notes.notes import NoteEntry
from core.reports.branch_sheet import SHEET_WEEKS, OpenCommitment, sheet_parts
from core.review.measures import measures_on
from db.access import NotAllowedError
from db.branch_sheet import branch_sheet
from db.coaching_notes import write_note
from db.engine import reading, writing
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_contact, add_policy, add_staff, supervisor
from tests.staged import add_stage

TODAY = date(2026, 5, 20)
WEEK = date(2026, 5, 11)
LI = supervisor("li")


@pytest.fixture
def branch_id(store):
    """A branch with one policy three weeks ago, one contact, and a promise."""
    with writing(store) as session:
        branch = add_branch(session, "B1", size_tier="B")
        add_branch(session, "B2", supervisor="wu")
        person = add_staff(session, branch, "S1")
        add_contact(session, branch, date(2026, 5, 12), staff=person, next_step="先")
        add_contact(session, branch, date(2026, 5, 19), staff=person, next_step="带资料")
        add_policy(session, branch, WEEK - timedelta(weeks=3))
        for week in range(SHEET_WEEKS + 5):
            add_stage(session, branch, WEEK - timedelta(weeks=week), Stage.SLUMP)
        rebuild_rollups(session)
        write_note(
            session,
            actor=LI,
            branch_id=branch.id,
            entry=NoteEntry(TODAY, StaffRole.TELLER, "目标", "现状", "", "每天一次", TODAY),
            today=TODAY,
            key="k",
        )
        return branch.id


def sheet(store, branch_id, actor=LI):
    with reading(store) as session:
        return branch_sheet(session, actor=actor, branch_id=branch_id, today=TODAY)


def test_the_facts_of_a_branch_are_on_its_sheet(store, branch_id):
    found = sheet(store, branch_id)
    assert (found.branch.branch_code, found.as_of) == ("B1", TODAY)
    assert found.standing.stage is Stage.SLUMP
    assert len(found.weeks) == SHEET_WEEKS
    assert [policies for _, policies in found.weeks[-4:]] == [1, 0, 0, 0]
    assert found.weeks[-1][0] == WEEK
    wealth = next(one for one in found.contacts if one.role is StaffRole.WEALTH_MANAGER)
    assert (wealth.done, wealth.last_on, wealth.next_step) == (1, date(2026, 5, 19), "带资料")
    assert found.commitments == (OpenCommitment("每天一次", StaffRole.TELLER, TODAY),)
    assert 0 < len(found.indicators) <= measures_on(TODAY).limits.weak_indicators_max
    assert {one.kpi for one in found.indicators} >= {"policies_per_branch"}
    assert found.survey.due


def test_the_sheet_can_be_told_in_both_languages(store, branch_id):
    found = sheet(store, branch_id)
    for language in ("en", "zh"):
        assert all(part.title for part in sheet_parts(found, language, {}))


def test_a_branch_without_anything_has_a_sheet(store, branch_id):
    found = sheet(store, branch_id + 1, supervisor("wu"))
    assert (found.standing, found.weeks, found.actions, found.commitments) == (None, (), (), ())


def test_nobody_gets_the_sheet_of_a_foreign_branch(store, branch_id):
    with pytest.raises(NotAllowedError):
        sheet(store, branch_id, supervisor("wu"))
