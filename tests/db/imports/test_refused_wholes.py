"""Intervals that overlap, and rows that depend on a file refused as a whole."""

from sqlalchemy import func, select

from db.engine import reading
from db.models import BranchRow, ContactRow
from tests.db.imports.files import BRANCHES, CONTACTS, STAFF, counts, imported, network, write

STATUSES = "branch_code,status,from,to,reason\n"


def overlaps(report):
    """The warnings about intervals."""
    return [each for each in report.warnings if each.column == "from"]


def test_overlapping_intervals_of_one_branch_name_each_other(sqlite_store, tmp_path):
    network(tmp_path)
    statuses = STATUSES + (
        "00123,suspended,2025-01-01,2025-02-01,\n00456,closed,2025-01-15,2025-03-01,\n00123,closed,2025-02-01,,\n"
    )
    report = imported(sqlite_store, write(tmp_path, statuses=statuses))
    words = "these days overlap with row {} of statuses.csv; closed counts before suspended where both hold"
    told = [(each.row, each.column, each.value, each.remark.said("en")) for each in overlaps(report)]
    assert told == [(2, "from", "2025-01-01", words.format(4)), (4, "from", "2025-02-01", words.format(2))]
    assert (report.is_stored, report.counts.rejected) == (True, 0)


def test_an_open_interval_overlaps_with_every_later_one(sqlite_store, tmp_path):
    network(tmp_path)
    statuses = (
        STATUSES + "00123,suspended,2025-01-01,,\n00123,closed,2025-06-01,2025-07-01,\n00123,closed,2026-01-01,,\n"
    )
    report = imported(sqlite_store, write(tmp_path, statuses=statuses))
    assert [each.remark.values["row"] for each in overlaps(report)] == [3, 2, 2]


def test_intervals_that_follow_day_on_day_do_not_overlap(sqlite_store, tmp_path):
    network(tmp_path)
    statuses = STATUSES + "00123,suspended,2025-01-01,2025-02-01,\n00123,closed,2025-02-02,2025-03-01,\n"
    report = imported(sqlite_store, write(tmp_path, statuses=statuses))
    assert (report.is_stored, overlaps(report)) == (True, [])


def test_rows_that_need_a_refused_file_are_named_once(sqlite_store, tmp_path):
    write(tmp_path, branches=BRANCHES.replace("bank,", "x,"), staff=STAFF, contacts=CONTACTS)
    report = imported(sqlite_store, tmp_path)
    words = (
        "not checked against branches.csv, which is refused as a whole: correct that file first; "
        "all rows here that need it are left out and named this once"
    )
    assert [(each.file, each.row, each.column) for each in report.errors] == [
        ("branches.csv", 1, "bank"),
        ("contacts.csv", 2, "branch_code"),
        ("staff.csv", 2, "branch_code"),
    ]
    assert [each.remark.said("en") for each in report.errors[1:]] == [words, words]
    assert counts(report) == (0, 0, 0, 4)


def test_other_faults_of_rows_that_need_a_refused_file_are_still_named(sqlite_store, tmp_path):
    contacts = CONTACTS.replace("2026-11-17", "2026-13-17")
    (write(tmp_path, staff=STAFF, contacts=contacts) / "branches.xlsx").write_bytes(b"no workbook")
    report = imported(sqlite_store, tmp_path)
    assert [(each.file, each.row, each.column) for each in report.errors] == [
        ("branches.xlsx", None, None),
        ("contacts.csv", 2, "branch_code"),
        ("contacts.csv", 3, "contact_date"),
        ("staff.csv", 2, "branch_code"),
    ]


def test_rows_whose_branch_is_known_already_do_not_need_the_refused_file(sqlite_store, tmp_path):
    imported(sqlite_store, network(tmp_path / "first"))
    folder = write(tmp_path / "second", branches=BRANCHES.replace("bank,", "x,"), contacts=CONTACTS)
    report = imported(sqlite_store, folder, is_partial=True)
    assert [each.file for each in report.errors] == ["branches.csv"]
    with reading(sqlite_store) as session:
        assert session.scalar(select(func.count()).select_from(ContactRow)) == 2
        assert session.scalar(select(func.count()).select_from(BranchRow)) == 2
