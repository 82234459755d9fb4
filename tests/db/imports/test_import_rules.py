from datetime import date

import pytest
from sqlalchemy import select

from core.trail.entries import TrailChoice
from db.audit import first_broken_entry, trail_entries
from db.engine import data_version, reading, writing
from db.imports.undo import undo_import
from db.models import (
    AuditRow,
    BranchRow,
    BranchStatusRow,
    ContactRow,
    ContactWeekRow,
    ImportBatchRow,
    OrgUnitRow,
    PolicyRow,
    StaffRow,
    StageWeekRow,
)
from db.rollups import rollup_differences
from tests.builders import ADMIN, supervisor
from tests.db.imports.files import (
    BRANCHES,
    CONTACTS,
    POLICIES,
    STAFF,
    TODAY,
    counts,
    errors,
    imported,
    network,
    places,
    previewed,
    write,
)


def rows(store, row, *columns):
    with reading(store) as session:
        return [
            tuple(each) for each in session.execute(select(*(getattr(row, name) for name in columns)).order_by(row.id))
        ]


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "in", branches=BRANCHES, staff=STAFF, contacts=CONTACTS, policies=POLICIES)


def test_a_folder_is_stored_as_one_set_in_the_right_order(store, folder):
    report = imported(store, folder)
    assert counts(report) == (8, 0, 0, 0)
    assert list(report.files) == ["branches.csv", "contacts.csv", "policies.csv", "staff.csv"]
    assert rows(store, BranchRow, "branch_code") == [("00123",), ("00456",)]
    assert rows(store, OrgUnitRow, "path") == [("浙江分公司",), ("浙江分公司/宁波中支",), ("浙江分公司/杭州中支",)]
    assert rows(store, PolicyRow, "policy_ref", "premium_fen", "status", "week_start") == [
        ("P0001", 123450, "in_force", date(2026, 11, 16)),
        ("P0002", 5000000, "cancelled", date(2026, 11, 16)),
    ]
    assert rows(store, ContactRow, "contact_ref", "role", "minutes", "contact_on") == [
        ("C1", "wealth_manager", 30, date(2026, 11, 16)),
        (None, "teller", None, date(2026, 11, 17)),
    ]


def test_the_sums_the_stages_the_audit_and_the_log_are_stored_with_the_rows(store, folder):
    before = _version(store)
    report = imported(store, folder)
    assert _version(store) == before + 1
    with reading(store) as session:
        assert rollup_differences(session) == []
        assert session.scalars(select(ContactWeekRow.contacts)).all() == [1, 1]
        assert session.scalars(select(StageWeekRow.branch_id)).first() is not None
        assert session.scalars(select(AuditRow.action)).all() == ["import"]
        batch = session.scalars(select(ImportBatchRow)).one()
    assert batch.id == report.import_batch_id
    assert batch.counts["contacts"] == {"accepted": 2, "inserted": 2, "updated": 0, "unchanged": 0, "rejected": 0}


def _version(store):
    with reading(store) as session:
        return data_version(session)


def test_importing_again_changes_nothing_and_says_when_it_was_imported(store, folder):
    imported(store, folder)
    again = imported(store, folder)
    assert counts(again) == (0, 0, 8, 0)
    assert again.earlier[1] == "command line"
    assert rows(store, BranchRow, "version") == [(1,), (1,)]


def test_the_same_rows_written_another_way_change_nothing(store, folder):
    imported(store, folder)
    other = CONTACTS.replace("2026-11-16", "2026年11月16日").replace("visit", "拜访").replace(",30,", ",３０,")
    assert counts(imported(store, write(folder.parent / "again", contacts=other))) == (0, 0, 2, 0)


def test_a_changed_row_updates_the_stored_one_and_its_sums(store, folder):
    imported(store, folder)
    changed = POLICIES.replace("1,234.50", "2000").replace("P0002,2026-11-17", "P0002,2026-11-09")
    report = imported(store, write(folder.parent / "new", policies=changed))
    assert counts(report) == (0, 2, 0, 0)
    assert rows(store, PolicyRow, "premium_fen", "week_start", "version") == [
        (200000, date(2026, 11, 16), 2),
        (5000000, date(2026, 11, 9), 2),
    ]
    with reading(store) as session:
        assert rollup_differences(session) == []


def test_new_contacts_are_added_to_the_sums_of_their_week(store, folder):
    imported(store, folder)
    more = CONTACTS.replace("C1", "C9").replace("产品", "").replace("2026-11-17", "2026-11-18")
    changed = more + "2026-11-10,00123,0001,,visit,li,30,产品,聊了新品,C1\n"
    assert counts(imported(store, write(folder.parent / "new", contacts=changed))) == (2, 1, 0, 0)
    with reading(store) as session:
        assert rollup_differences(session) == []


def test_a_column_the_file_does_not_have_leaves_the_stored_value(store, folder):
    imported(store, folder)
    few = "policy_ref,issued_on,branch_code,payment_mode,premium\nP0002,2026-11-17,00123,single,50000\n"
    assert counts(imported(store, write(folder.parent / "new", policies=few))) == (0, 0, 1, 0)
    assert rows(store, PolicyRow, "status")[1] == ("cancelled",)


def test_one_bad_row_keeps_all_files_out(store, folder):
    write(folder, policies=POLICIES.replace("50000", "-5"))
    report = imported(store, folder)
    assert not report.is_stored
    assert places(report) == [(3, "premium")]
    assert report.files["policies.csv"].counts.rejected == 1
    assert rows(store, BranchRow, "id") == []
    assert rows(store, ImportBatchRow, "id") == []


def test_all_errors_come_at_once_with_row_column_value_and_what_would_be_right(store, tmp_path):
    network(tmp_path)
    write(
        tmp_path, contacts=CONTACTS.replace("2026-11-16", "16.11.26").replace(",phone", ",brief").replace("30", "601")
    )
    report = imported(store, tmp_path)
    assert errors(report) == [
        (2, "contact_date", "16.11.26", "is not a date; write 2026-01-05, 2026/1/5, 20260105 or 2026年1月5日"),
        (2, "minutes", "601", "write whole minutes from 0 to 600"),
        (3, "method", "brief", errors(report)[2][3]),
    ]
    assert "visit [拜访], phone [电话]" in errors(report)[2][3]


def test_errors_are_listed_up_to_a_thousand_and_counted_in_all(store, tmp_path):
    bad = "".join(f"B{at},支行,青禾银行,东区,never\n" for at in range(1200))
    report = imported(store, write(tmp_path, branches="branch_code,branch_name,bank,region,cooperation_start\n" + bad))
    assert (len(report.errors), report.errors_total, report.counts.rejected) == (1000, 1200, 1200)
    assert len(report.as_json()["errors"]) == 1000
    assert report.as_json()["errors_total"] == 1200


def test_a_missing_required_column_is_named(store, tmp_path):
    report = imported(store, write(tmp_path, branches=BRANCHES.replace("region", "area")))
    assert errors(report) == [(1, "region", "", "the required column region [机构] is missing; add it")]
    assert report.files["branches.csv"].ignored_columns == ["area"]


def test_two_columns_of_one_meaning_are_refused_by_name(store, tmp_path):
    report = imported(store, write(tmp_path, branches=BRANCHES.replace("city", "网点名称")))
    assert errors(report) == [
        (1, "branch_name", "网点名称", "two columns mean branch_name: branch_name and 网点名称; keep one")
    ]


def test_unknown_columns_are_reported_as_ignored(store, tmp_path):
    report = imported(
        store, write(tmp_path, branches=BRANCHES.replace("\n", ",x\n").replace("size_tier,x", "size_tier,weather"))
    )
    assert report.is_stored
    assert report.files["branches.csv"].ignored_columns == ["weather"]


def test_customer_columns_are_left_out_with_a_note(store, tmp_path):
    report = imported(
        store, write(tmp_path, branches=BRANCHES.replace("\n", ",王五\n").replace("tier,王五", "tier,客户姓名"))
    )
    assert report.is_stored
    assert (report.warnings[0].column, report.warnings[0].value) == ("客户姓名", "")
    assert "王五" not in str(report.as_json())


def test_codes_keep_leading_zeros_and_are_told_apart(store, tmp_path):
    network(tmp_path)
    report = imported(store, write(tmp_path, staff=STAFF.replace("0001,00123", "0001,123")))
    assert errors(report) == [
        (2, "branch_code", "123", "no branch has this code; import the branch first or correct the code")
    ]


def test_equal_rows_of_one_key_count_once_without_a_message(store, tmp_path):
    network(tmp_path)
    contacts = CONTACTS + CONTACTS.split("\n", 1)[1]
    report = imported(store, write(tmp_path, contacts=contacts))
    assert report.files["contacts.csv"].counts.inserted == 2
    assert report.errors_total == 0
    assert len(rows(store, ContactRow, "id")) == 2


def test_rows_of_one_key_with_other_content_name_each_other(store, tmp_path):
    network(tmp_path)
    write(tmp_path, policies=POLICIES + "P0001,2026-11-16,00123,0001,年金,regular,99,mass,,\n")
    report = imported(store, tmp_path)
    assert errors(report) == [
        (
            2,
            "policy_ref",
            "P0001",
            "has the same policy_ref as row 4 of policies.csv, but other content; keep one of the two",
        ),
        (
            4,
            "policy_ref",
            "P0001",
            "has the same policy_ref as row 2 of policies.csv, but other content; keep one of the two",
        ),
    ]


def test_unknown_people_and_people_of_another_branch_are_errors(store, tmp_path):
    network(tmp_path)
    write(tmp_path, contacts=CONTACTS.replace(",0001,", ",0002,").replace("00123,,", "00123,0009,"))
    assert errors(imported(store, tmp_path)) == [
        (2, "staff_code", "0002", "this person belongs to branch 00456; correct the staff code or the branch code"),
        (3, "staff_code", "0009", "nobody has this code; import the person first or correct the code"),
    ]


def moved(folder):
    return write(folder, staff=STAFF.replace("0001,00123", "0001,00456").replace("2024-01-01,\n", "2026-11-18,\n"))


@pytest.mark.parametrize("reference", ["C1", ""], ids=["with a reference", "without"])
def test_rows_of_before_a_move_can_be_imported_again_and_change_nothing(store, folder, reference):
    write(folder, contacts=CONTACTS.replace("C1", reference))
    imported(store, folder)
    imported(store, moved(folder.parent / "moved"))
    again = imported(store, folder / "contacts.csv", folder / "policies.csv")
    assert (errors(again), counts(again)) == ([], (0, 0, 4, 0))
    assert [each.column for each in again.warnings if each.column != "supervisor"] == []
    corrected = write(folder.parent / "b", policies=POLICIES.replace("1,234.50", "9"))
    assert counts(imported(store, corrected)) == (0, 1, 1, 0)
    branches = select(BranchRow.branch_code).join(PolicyRow, PolicyRow.branch_id == BranchRow.id)
    with reading(store) as session:
        assert session.scalars(branches).all() == ["00123", "00123"]
        assert rollup_differences(session) == []


def test_a_move_and_a_new_role_in_one_set_with_the_old_rows_change_the_role_only(store, folder):
    imported(store, folder)
    write(folder, staff=STAFF.replace("0001,00123,甲,wealth_manager", "0001,00456,甲,teller"))
    report = imported(store, folder)
    assert (errors(report), counts(report)) == ([], (0, 1, 7, 0))
    assert rows(store, ContactRow, "role") == [("teller",), ("teller",)]


def test_rows_of_a_moved_person_that_are_new_or_name_somebody_else_are_errors_still(store, folder):
    imported(store, folder)
    imported(store, moved(folder.parent / "moved"))
    other = write(
        folder.parent / "b",
        policies=POLICIES.replace("P0001", "P0009").replace("P0002,2026-11-17,00123,,", "P0002,2026-11-17,00123,0001,"),
    )
    words = "this person belongs to branch 00456; correct the staff code or the branch code"
    assert errors(imported(store, other)) == [(2, "staff_code", "0001", words), (3, "staff_code", "0001", words)]


def test_a_supervisor_imports_old_rows_of_a_person_who_moved_out_of_his_sight(store, folder):
    imported(store, folder)
    imported(store, moved(folder.parent / "moved"))
    again = imported(store, folder / "contacts.csv", folder / "policies.csv", actor=supervisor("li"))
    assert (errors(again), counts(again)) == ([], (0, 0, 4, 0))


def test_a_contact_without_person_needs_a_role(store, tmp_path):
    network(tmp_path)
    write(tmp_path, contacts=CONTACTS.replace(",,teller,", ",,,"))
    assert places(imported(store, tmp_path)) == [(3, "role")]


def warned(report):
    return [(each.file, each.row, each.column) for each in report.warnings if each.column != "supervisor"]


def test_a_role_that_differs_is_a_warning_and_the_persons_role_counts(store, tmp_path):
    network(tmp_path)
    report = imported(store, write(tmp_path, contacts=CONTACTS.replace("0001,,", "0001,teller,")))
    assert warned(report) == [("contacts.csv", 2, "role")]
    assert rows(store, ContactRow, "role")[0] == ("wealth_manager",)


def test_a_day_out_of_post_and_a_day_before_cooperation_are_warnings(store, tmp_path):
    network(tmp_path)
    contacts = (
        "contact_date,branch_code,staff_code,role,method\n"
        "2026-06-30,00456,0002,,visit\n2026-07-01,00456,0002,,visit\n2023-12-31,00456,,teller,visit\n"
    )
    report = imported(store, write(tmp_path, contacts=contacts))
    assert report.is_stored
    assert warned(report) == [("contacts.csv", 3, "contact_date"), ("contacts.csv", 4, "contact_date")]


def test_a_supervisor_without_an_account_is_stored_with_one_warning_a_name(store, tmp_path):
    report = imported(store, write(tmp_path, branches=BRANCHES))
    assert [(each.row, each.value) for each in report.warnings] == [(2, "li"), (3, "wang")]
    assert rows(store, BranchRow, "supervisor") == [("li",), ("wang",)]


def test_partial_stores_the_good_rows_and_writes_the_others_to_fix(store, tmp_path):
    network(tmp_path / "in")
    write(tmp_path / "in", contacts=CONTACTS.replace(",30,", ",nine,"))
    rejected = tmp_path / "rejected.csv"
    report = imported(store, tmp_path / "in", partial=rejected)
    assert report.is_stored
    assert counts(report) == (5, 0, 0, 1)
    lines = rejected.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith("note,contact_ref,reason")
    assert lines[1].endswith("聊了新品,C1,minutes: write whole minutes from 0 to 600")
    rejected.write_text(rejected.read_text(encoding="utf-8-sig").replace("nine", "9"), encoding="utf-8")
    assert counts(imported(store, rejected)) == (1, 0, 0, 0)


def test_partial_leaves_out_rows_of_refused_branches(store, tmp_path):
    write(tmp_path / "in", branches=BRANCHES.replace("00456,解放路支行", "00456,"), staff=STAFF)
    report = imported(store, tmp_path / "in", is_partial=True)
    assert counts(report) == (2, 0, 0, 2)
    assert rows(store, StaffRow, "staff_code") == [("0001",)]


def test_rejects_of_several_datasets_go_to_a_file_each(store, tmp_path):
    write(tmp_path / "in", branches=BRANCHES.replace("00456,解放路支行", "00456,"), staff=STAFF)
    imported(store, tmp_path / "in", partial=tmp_path / "bad.csv")
    assert sorted(path.name for path in tmp_path.glob("bad*")) == ["bad.csv", "bad.staff.csv"]


def test_partial_with_nothing_good_stores_nothing(store, tmp_path):
    report = imported(store, write(tmp_path, branches="branch_code\nB1\n"), is_partial=True)
    assert not report.is_stored


def test_a_dry_run_counts_and_stores_nothing(store, folder):
    report = imported(store, folder, dry_run=True)
    assert (counts(report), report.is_stored) == ((8, 0, 0, 0), False)
    assert rows(store, BranchRow, "id") == []


def test_a_file_with_a_header_and_no_rows_is_fine(store, tmp_path):
    report = imported(
        store, write(tmp_path, branches=BRANCHES.splitlines()[0], contacts=CONTACTS.splitlines()[0] + "\n")
    )
    assert report.is_stored
    assert counts(report) == (0, 0, 0, 0)


def test_other_files_of_a_folder_are_listed_as_ignored(store, folder):
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "weather.csv").write_text("x", encoding="utf-8")
    report = imported(store, folder)
    assert report.ignored_files == ["notes.txt", "weather.csv"]


def test_the_preview_shows_four_piles_and_stores_nothing(store, folder):
    imported(store, folder)
    changed = write(
        folder.parent / "new",
        policies=POLICIES.replace("1,234.50", "2000")
        + "P0003,2026-11-18,00123,,年金,single,1,,,\nP0004,never,00123,,年金,single,1,,,\n",
    )
    piles = previewed(store, changed)
    assert counts(piles.report) == (1, 1, 1, 1)
    assert piles.changed == [("policies", 2, "P0001", "premium", "1234.50", "2000.00")]
    assert [row["policy_ref"] for row in piles.new["policies"]] == ["P0003"]
    assert list(piles.rejects_csv) == ["policies"]
    assert piles.rejects_xlsx.startswith(b"PK")
    assert len(rows(store, PolicyRow, "id")) == 2


def test_statuses_are_stored_by_branch_and_first_day(store, tmp_path):
    network(tmp_path)
    statuses = "网点代码,状态,开始日期,结束日期,原因\n00123,暂停,2025-01-01,2025-02-01,装修\n00123,关闭,2025-06-01,,\n"
    imported(store, write(tmp_path, statuses=statuses))
    assert rows(store, BranchStatusRow, "status", "start_on", "end_on", "reason") == [
        ("suspended", date(2025, 1, 1), date(2025, 2, 1), "装修"),
        ("closed", date(2025, 6, 1), None, None),
    ]
    again = write(tmp_path / "again", statuses=statuses.replace("装修", "搬迁"))
    assert counts(imported(store, again)) == (0, 1, 1, 0)


def since(store):
    return rows(store, BranchRow, "status", "status_since")


def test_a_branch_first_imported_closed_is_closed_from_the_day_after_its_last_record(store, folder):
    write(folder, branches=BRANCHES.replace("li,active", "li,closed").replace("wang,active", "wang,suspended"))
    imported(store, folder)
    assert since(store) == [("closed", date(2026, 11, 18)), ("suspended", TODAY)]


def test_records_that_come_later_move_a_status_day_nobody_gave(store, tmp_path):
    write(tmp_path / "a", branches=BRANCHES.replace("li,active", "li,closed"), staff=STAFF)
    imported(store, tmp_path / "a", today=date(2026, 11, 20))
    assert since(store)[0] == ("closed", date(2026, 11, 20))
    imported(store, write(tmp_path / "b", policies=POLICIES))
    assert since(store)[0] == ("closed", date(2026, 11, 18))


def test_a_new_status_without_a_day_holds_from_the_day_of_the_import_and_keeps_the_past_one(store, tmp_path):
    imported(store, write(tmp_path / "a", branches=BRANCHES.replace("active,,A", "suspended,2026-03-02,A")))
    imported(store, write(tmp_path / "b", branches=BRANCHES))
    assert since(store)[0] == ("active", TODAY)
    assert rows(store, BranchStatusRow, "status", "start_on", "end_on") == [
        ("suspended", date(2026, 3, 2), date(2026, 11, 21))
    ]
    assert counts(imported(store, write(tmp_path / "b", branches=BRANCHES), today=date(2026, 12, 1))) == (0, 0, 2, 0)
    assert since(store)[0] == ("active", TODAY)


def test_the_second_submit_of_a_form_stores_nothing_and_tells_what_the_first_did(store, folder):
    first = imported(store, folder, key="k" * 20)
    second = imported(store, folder, key="k" * 20)
    assert counts(second) == counts(first) == (8, 0, 0, 0)
    assert second.import_batch_id == first.import_batch_id
    assert len(rows(store, ImportBatchRow, "id")) == 1


def trail_of(store, actor):
    choice = TrailChoice(date(2000, 1, 1), date(2100, 1, 1), subject="contact")
    with reading(store) as session:
        assert first_broken_entry(session) is None
        return [
            (one.action, one.branch_code, one.before, one.after)
            for one in trail_entries(session, actor=actor, choice=choice)[0]
        ]


def test_a_stored_contact_that_an_import_changes_stands_in_the_trail_of_its_branch(store, folder):
    imported(store, folder)
    moved = CONTACTS.replace(",30,", ",600,").replace("2026-11-16,00123,0001,", "2026-11-18,00123,0001,")
    batch = imported(store, write(folder.parent / "new", contacts=moved)).import_batch_id
    imported(store, write(folder.parent / "again", contacts=moved))
    before = {"contact_on": "2026-11-16", "minutes": 30}
    after = {"contact_on": "2026-11-18", "minutes": 600}
    change = ("correct", "00123", before, {**after, "import_batch": batch})
    assert trail_of(store, supervisor("li")) == [change]
    assert trail_of(store, supervisor("wang")) == []
    with writing(store) as session:
        undo_import(session, actor=ADMIN, import_batch_id=batch, today=TODAY)
    assert trail_of(store, supervisor("li")) == [("undo", "00123", after, {**before, "import_batch": batch}), change]


def test_a_contact_an_import_gives_to_another_branch_stands_in_the_trail_of_both(store, folder):
    imported(store, folder)
    given = CONTACTS.replace("2026-11-16,00123,0001,,", "2026-11-16,00456,,teller,")
    batch = imported(store, write(folder.parent / "new", contacts=given)).import_batch_id
    ((_, branch, before, after),) = trail_of(store, supervisor("wang"))
    assert (branch, before) == ("00456", None)  # nothing of the other branch
    assert (after["branch_code"], after["staff_code"], after["role"]) == ("00456", None, "teller")
    ((_, branch, before, after),) = trail_of(store, supervisor("li"))
    assert branch == "00123"
    assert (before["branch_code"], before["staff_code"]) == ("00123", "0001")
    assert after == {"moved_away": True, "import_batch": batch}  # nothing of the other branch
    with writing(store) as session:
        undo_import(session, actor=ADMIN, import_batch_id=batch, today=TODAY)
    assert trail_of(store, supervisor("wang"))[0][3] == {"moved_away": True, "import_batch": batch}
    assert trail_of(store, supervisor("li"))[0][3]["staff_code"] == "0001"


def test_contacts_that_follow_the_new_role_of_a_person_stand_in_the_trail(store, folder):
    imported(store, folder)
    imported(store, write(folder.parent / "new", staff=STAFF.replace("甲,wealth_manager", "甲,account_manager")))
    ((_, _, before, after),) = trail_of(store, supervisor("li"))
    assert (before, after["role"]) == ({"role": "wealth_manager"}, "account_manager")
