from datetime import date

import pytest
from sqlalchemy import select

from core.facts import COMMAND_LINE, Actor, UserRole
from db.access import NotAllowedError
from db.changes import utc_now
from db.engine import reading, writing
from db.imports.log import imports_made
from db.imports.messages import ImportRefusedError
from db.imports.undo import DERIVED, OWNED, WRITTEN_ABOUT, undo_import
from db.models import (
    AuditRow,
    BankRow,
    Base,
    BranchRow,
    ContactRow,
    OrgUnitRow,
    PolicyRow,
    StaffRow,
    StageDecisionRow,
    StageWeekRow,
    SuggestionRow,
)
from db.rollups import rollup_differences
from tests.builders import add_event, supervisor
from tests.db.imports.files import BRANCHES, CONTACTS, POLICIES, STAFF, TODAY, imported, write


@pytest.fixture
def first(store, tmp_path):
    folder = write(tmp_path / "in", branches=BRANCHES, staff=STAFF, contacts=CONTACTS, policies=POLICIES)
    return imported(store, folder).import_batch_id


def undo(store, batch_id, actor=COMMAND_LINE):
    with writing(store) as session:
        undo_import(session, actor=actor, import_batch_id=batch_id, today=TODAY)


def all_of(store, row, *columns):
    with reading(store) as session:
        return [
            tuple(each) for each in session.execute(select(*(getattr(row, name) for name in columns)).order_by(row.id))
        ]


def test_the_rows_of_an_import_go_with_their_sums_and_stages(store, first):
    undo(store, first)
    for row in (BranchRow, ContactRow, PolicyRow, BankRow, OrgUnitRow):
        assert all_of(store, row, "id") == []
    with reading(store) as session:
        assert session.scalars(select(StageWeekRow.branch_id)).all() == []
        assert rollup_differences(session) == []
        assert session.scalars(select(AuditRow.action)).all() == ["import", "undo"]


def test_updated_rows_get_their_old_content_again(store, first, tmp_path):
    columns = ("policy_ref", "issued_on", "week_start", "premium_fen", "status", "cancelled_on")
    before = all_of(store, PolicyRow, *columns)
    branches = all_of(store, BranchRow, "branch_name", "status", "status_since", "size_tier", "supervisor")
    changed = write(
        tmp_path / "new",
        branches=BRANCHES.replace("li,active,,A", "wu,closed,2026-11-01,").replace("解放路支行", "新名"),
        policies=POLICIES.replace("1,234.50", "9")
        .replace("P0002,2026-11-17", "P0002,2026-10-08")
        .replace("2026-11-18", "2026-10-09"),
    )
    second = imported(store, changed).import_batch_id
    undo(store, second)
    assert (
        all_of(store, PolicyRow, "policy_ref", "issued_on", "week_start", "premium_fen", "status", "cancelled_on")
        == before
    )
    assert all_of(store, BranchRow, "branch_name", "status", "status_since", "size_tier", "supervisor") == branches
    with reading(store) as session:
        assert rollup_differences(session) == []


def test_contacts_that_followed_a_corrected_role_go_back_to_the_old_one(store, first, tmp_path):
    corrected = write(tmp_path / "new", staff=STAFF.replace("wealth_manager", "lobby_manager"))
    second = imported(store, corrected).import_batch_id
    assert all_of(store, ContactRow, "role") == [("lobby_manager",), ("teller",)]
    undo(store, second)
    assert all_of(store, ContactRow, "role") == [("wealth_manager",), ("teller",)]
    with reading(store) as session:
        assert rollup_differences(session) == []


def both_changed(tmp_path):
    """A person of a new role, and a change of the contact that follows it."""
    return write(
        tmp_path / "new",
        staff=STAFF.replace("wealth_manager", "teller"),
        contacts=CONTACTS.replace(",30,", ",45,").replace("2026-11-16", "2026-11-09"),
    )


def test_an_import_that_changed_a_contact_twice_goes_back_to_what_it_was_before(store, first, tmp_path):
    columns = ("contact_on", "week_start", "role", "minutes")
    before = all_of(store, ContactRow, *columns)
    second = imported(store, both_changed(tmp_path)).import_batch_id
    assert all_of(store, ContactRow, *columns)[0] == (date(2026, 11, 9), date(2026, 11, 9), "teller", 45)
    undo(store, second)
    assert all_of(store, ContactRow, *columns) == before
    assert all_of(store, StaffRow, "role") == [("wealth_manager",), ("teller",)]
    with reading(store) as session:
        assert rollup_differences(session) == []


def test_a_contact_changed_twice_and_again_since_is_not_undone(store, first, tmp_path):
    second = imported(store, both_changed(tmp_path)).import_batch_id
    imported(store, write(tmp_path / "c", contacts=CONTACTS.replace(",30,", ",50,")))
    with pytest.raises(ImportRefusedError, match="1 rows of it \\(contacts\\) were changed since"):
        undo(store, second)


def test_an_import_that_was_changed_since_is_not_undone(store, first, tmp_path):
    imported(store, write(tmp_path / "new", policies=POLICIES.replace("1,234.50", "9")))
    with pytest.raises(ImportRefusedError, match="1 rows of it \\(policies\\) were changed since"):
        undo(store, first)
    assert len(all_of(store, PolicyRow, "id")) == 2


def test_branches_whose_stage_somebody_decided_about_stay(store, first):
    with writing(store) as session:
        branch_id = session.scalars(select(BranchRow.id).order_by(BranchRow.id)).first()
        session.add(
            StageDecisionRow(
                branch_id=branch_id,
                number=1,
                kind="confirmed",
                stage="mature",
                computed_stage="mature",
                week_start=TODAY,
                decided_on=TODAY,
                decided_at=utc_now(),
            )
        )
    with pytest.raises(ImportRefusedError, match="1 later rows \\(stage_decision\\) depend on it"):
        undo(store, first)


def test_every_table_about_branches_is_held_or_goes_with_them():
    """Else an undo would end in a fault of the database."""
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "branch"
    }
    known = {row.__tablename__ for row in (*WRITTEN_ABOUT, *DERIVED, *(row for _, row in OWNED))}
    assert about <= known


def test_branches_with_a_customer_event_stay(store, first):
    with writing(store) as session:
        add_event(session, session.scalars(select(BranchRow).order_by(BranchRow.id)).first(), TODAY)
    with pytest.raises(ImportRefusedError, match="1 later rows \\(branch_event\\) depend on it"):
        undo(store, first)


def test_an_update_that_was_changed_again_is_not_undone(store, first, tmp_path):
    second = imported(store, write(tmp_path / "a", policies=POLICIES.replace("1,234.50", "9"))).import_batch_id
    third = imported(store, write(tmp_path / "b", policies=POLICIES.replace("1,234.50", "8"))).import_batch_id
    with pytest.raises(ImportRefusedError, match="were changed since"):
        undo(store, second)
    undo(store, third)
    assert all_of(store, PolicyRow, "premium_fen")[0] == (900,)


def test_an_import_other_rows_depend_on_is_not_undone(store, tmp_path):
    first = imported(store, write(tmp_path / "a", branches=BRANCHES, staff=STAFF)).import_batch_id
    second = imported(store, write(tmp_path / "b", contacts=CONTACTS)).import_batch_id
    with pytest.raises(ImportRefusedError, match="2 later rows \\(contacts\\) depend on it"):
        undo(store, first)
    undo(store, second)
    undo(store, first)
    assert all_of(store, BranchRow, "id") == []


def test_contacts_that_show_an_action_was_done_stay(store, tmp_path):
    imported(store, write(tmp_path / "a", branches=BRANCHES, staff=STAFF))
    second = imported(store, write(tmp_path / "b", contacts=CONTACTS)).import_batch_id
    with writing(store) as session:
        contact = session.scalars(select(ContactRow).order_by(ContactRow.id)).first()
        session.add(
            SuggestionRow(
                branch_id=contact.branch_id,
                action_key="buddy_pair",
                week_start=contact.week_start,
                reason_key="stage_basic",
                facts={},
                state="done",
                proof_contact_id=contact.id,
                created_at=utc_now(),
            )
        )
    with pytest.raises(ImportRefusedError, match="1 later rows \\(suggestion\\) depend on it"):
        undo(store, second)


def test_an_import_is_undone_once(store, first):
    undo(store, first)
    with pytest.raises(ImportRefusedError, match="undone already"):
        undo(store, first)
    with pytest.raises(ImportRefusedError, match="no such import"):
        undo(store, 999)


def test_after_the_undo_the_same_files_are_new_again(store, first, tmp_path):
    undo(store, first)
    again = imported(store, tmp_path / "in")
    assert again.earlier is None
    assert again.counts.inserted == 8


def test_others_cannot_undo_an_import_and_do_not_see_it(store, first):
    other = Actor(user_id=7, username="li", display_name="Li", role=UserRole.SUPERVISOR)
    with pytest.raises(NotAllowedError):
        undo(store, first, actor=other)
    with reading(store) as session:
        assert imports_made(session, actor=supervisor("li")) == []


def test_the_log_tells_who_imported_what_and_what_was_undone(store, first, tmp_path):
    second = imported(store, write(tmp_path / "b", contacts=CONTACTS.replace("C1", "C2"))).import_batch_id
    undo(store, second)
    with reading(store) as session:
        newest, oldest = imports_made(session, actor=COMMAND_LINE)
    assert (newest.import_batch_id, newest.source_names, newest.undone_by) == (second, "contacts.csv", "command line")
    assert (oldest.total("inserted"), oldest.undone_at, oldest.imported_by) == (8, None, "command line")
