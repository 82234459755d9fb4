from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.calendar import SHANGHAI
from core.coaching.problems import RefusedError
from core.facts import BranchStatus, StaffRole
from core.notes.handover import HandoverKind
from core.notes.notes import note_rules
from db.access import NotAllowedError
from db.changes import utc_now
from db.engine import reading, writing
from db.handovers import handovers, left_on, take_over
from db.models import AuditRow, BranchRow
from tests.builders import ADMIN, add_branch, add_staff, add_supervisor_change, head_of, supervisor
from tests.db.imports.files import BRANCHES, imported, write

TODAY = date(2026, 11, 18)
LONGEST = timedelta(days=note_rules().handover_days)
HEAD = {"role": StaffRole.BRANCH_HEAD}


@pytest.fixture
def branches(store):
    with writing(store) as session:
        return {code: add_branch(session, code, supervisor=owner).id for code, owner in (("B1", "li"), ("B2", "wu"))}


def found(actor=ADMIN):
    with reading() as session:
        return [
            (one.branch_code, one.kind.value, one.changed_on, one.before, one.after, one.taken_over_on)
            for one in handovers(session, actor=actor, today=TODAY)
        ]


def new_supervisor(branches, before, day, *, code="B1", undone=False):
    """An import changed the supervisor on a day."""
    with writing() as session:
        add_supervisor_change(session, branches[code], before, day, undone=undone)


def new_head(branches, code, staff, joined_on, left_on=None):
    with writing() as session:
        add_staff(
            session, session.get_one(BranchRow, branches[code]), staff, joined_on=joined_on, left_on=left_on, **HEAD
        )


def read(branches, kind=HandoverKind.SUPERVISOR, *, actor=None, changed_on=TODAY, key="k"):
    with writing() as session:
        take_over(
            session,
            actor=actor or supervisor("li"),
            branch_id=branches["B1"],
            kind=kind,
            changed_on=changed_on,
            today=TODAY,
            key=key,
        )


def test_nothing_was_handed_over_in_a_new_store(branches):
    assert found() == []


def test_another_supervisor_is_a_handover(branches):
    new_supervisor(branches, "chen", TODAY)
    assert found() == [("B1", "supervisor", TODAY, "chen", "li", None)]
    assert found(supervisor("li")) == found()
    assert found(supervisor("wu")) == []


def test_an_import_that_left_the_supervisor_alone_and_one_undone_are_none(branches):
    new_supervisor(branches, "li", TODAY)
    new_supervisor(branches, "chen", TODAY, undone=True)
    assert found() == []


def test_the_latest_change_counts(branches):
    new_supervisor(branches, "chen", TODAY - timedelta(days=9))
    new_supervisor(branches, "wang", TODAY - timedelta(days=2))
    assert found() == [("B1", "supervisor", TODAY - timedelta(days=2), "wang", "li", None)]


@pytest.mark.parametrize(("age", "count"), [(LONGEST, 1), (LONGEST + timedelta(days=1), 0)])
def test_a_change_is_offered_for_six_weeks(branches, age, count):
    new_head(branches, "B2", "H2", TODAY - age)
    assert len(found()) == count


def test_a_new_head_names_the_one_before(branches):
    new_head(branches, "B1", "H1", date(2024, 1, 1), TODAY - timedelta(days=5))
    new_head(branches, "B1", "H2", TODAY - timedelta(days=3))
    new_head(branches, "B2", "H3", None)
    assert found() == [("B1", "branch_head", TODAY - timedelta(days=3), "H1", "H2", None)]


def test_a_head_who_has_not_begun_yet_is_none(branches):
    new_head(branches, "B1", "H2", TODAY + timedelta(days=1))
    assert found() == []


def test_a_closed_branch_is_not_handed_over(branches):
    new_supervisor(branches, "chen", TODAY)
    with writing() as session:
        session.get_one(BranchRow, branches["B1"]).status = BranchStatus.CLOSED
    assert found() == []


def test_somebody_takes_over_once(branches):
    new_supervisor(branches, "chen", TODAY)
    read(branches)
    read(branches)
    read(branches, key="again")
    assert found()[0][-1] == TODAY
    with reading() as session:
        assert session.scalar(select(func.count()).where(AuditRow.action == "take_over")) == 1


def test_only_whoever_looks_after_the_branch_takes_over_and_only_what_changed(branches):
    new_supervisor(branches, "chen", TODAY)
    for actor in (supervisor("wu"), head_of(branches["B1"])):
        with pytest.raises(NotAllowedError):
            read(branches, actor=actor)
    with pytest.raises(RefusedError):
        read(branches, HandoverKind.BRANCH_HEAD)
    assert found()[0][-1] is None


def test_an_import_that_keeps_the_supervisor_neither_makes_a_handover_nor_hides_one(sqlite_store, tmp_path):
    day = utc_now().astimezone(SHANGHAI).date()

    def after(name, words):
        imported(sqlite_store, write(tmp_path / name, branches=words))
        with reading() as session:
            handed = handovers(session, actor=ADMIN, today=day)
            left = left_on(session, branch_ids=[1, 2])
        return [(one.branch_code, one.before, one.after) for one in handed], left

    moved = BRANCHES.replace(",li,active", ",wu,active").replace("杭州,2024", "湖州,2024")
    assert after("a", BRANCHES) == after("b", BRANCHES.replace("杭州,2024", "嘉兴,2024")) == ([], {})
    assert after("c", moved) == ([("00123", "li", "wu")], {("li", 1): day})
    assert after("d", moved.replace("湖州,2024", "金华,2024")) == ([("00123", "li", "wu")], {("li", 1): day})
