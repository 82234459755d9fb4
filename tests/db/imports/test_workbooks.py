import io
import os
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from db.engine import reading
from db.imports.datasets import Dataset
from db.imports.templates import template_workbook
from db.imports.workbooks import COMMAND_LINE_LIMITS, UPLOAD_LIMITS
from db.models import BranchRow, PolicyRow
from tests.db.imports.files import (
    BRANCHES,
    CONTACTS,
    STAFF,
    counts,
    errors,
    imported,
    network,
    places,
    previewed,
    write,
)

HEADER = BRANCHES.splitlines()[0].split(",")
ROWS = [line.split(",") for line in BRANCHES.splitlines()[1:]]
POLICY_HEADER = ["policy_ref", "issued_on", "branch_code", "payment_mode", "premium"]


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def changed(path, name, change):
    """Rewrite one part of the archive."""
    parts = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            parts[entry] = archive.read(entry)
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)
    return path


def policies(tmp_path, *rows):
    return book(tmp_path / "policies.xlsx", policies=[POLICY_HEADER, *rows])


def said(report):
    return errors(report)[0][3]


def test_several_datasets_come_in_one_workbook_in_the_right_order(store, tmp_path):
    path = book(
        tmp_path / "all.xlsx",
        沟通记录=[line.split(",") for line in CONTACTS.splitlines()],
        人员=[line.split(",") for line in STAFF.splitlines()],
        网点=[HEADER, *ROWS],
        说明=[["x"]],
    )
    report = imported(store, path)
    assert counts(report) == (6, 0, 0, 0)
    assert report.files["all.xlsx"].ignored_sheets == ["说明"]


def test_an_error_names_the_sheet(store, tmp_path):
    report = imported(store, book(tmp_path / "x.xlsx", 网点=[HEADER, [*ROWS[0][:7], "gone", "", ""]]))
    assert [(each.file, each.sheet, each.row, each.column) for each in report.errors] == [
        ("x.xlsx", "网点", 2, "status")
    ]


def test_real_dates_serials_and_numbers_are_read(store, tmp_path):
    imported(store, network(tmp_path / "in"))
    path = policies(
        tmp_path,
        ["P1", date(2026, 1, 5), "00123", "regular", 1234.5],
        ["P2", datetime(2026, 1, 5, 13, 30), "00123", "期交", 0.1 + 0.2],  # noqa: DTZ001  # cells have no zone
        [1003, 46027, "00123", "single", 7],
    )
    assert counts(imported(store, path)) == (3, 0, 0, 0)
    with reading(store) as session:
        found = [
            (row.policy_ref, row.issued_on, row.premium_fen) for row in session.query(PolicyRow).order_by(PolicyRow.id)
        ]
    assert found == [
        ("P1", date(2026, 1, 5), 123450),
        ("P2", date(2026, 1, 5), 30),
        ("1003", date(2026, 1, 5), 700),
    ]


def test_a_serial_of_a_workbook_that_counts_from_1904_is_refused(store, tmp_path):
    imported(store, network(tmp_path / "in"))
    path = policies(tmp_path, ["P1", 44565, "00123", "regular", 1])
    made = openpyxl.load_workbook(path)
    made.epoch = CALENDAR_MAC_1904
    made.save(path)
    assert places(imported(store, path)) == [(2, "issued_on")]


def test_a_code_of_sixteen_digits_in_a_number_cell_has_lost_digits(store, tmp_path):
    imported(store, network(tmp_path / "in"))
    report = imported(store, policies(tmp_path, [1234567890123456789, "2026-01-05", "00123", "regular", 1]))
    assert "has lost digits" in said(report)


def test_error_cells_are_refused_even_in_optional_columns(store, tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "branches"
    sheet.append(HEADER)
    sheet.append(ROWS[0])
    sheet["E2"].value = "#N/A"
    sheet["E2"].data_type = "e"
    made.save(tmp_path / "b.xlsx")
    assert errors(imported(store, tmp_path / "b.xlsx"))[0][1:] == (
        "city", "#N/A", "the cell shows the error #N/A; correct the formula or enter the value"
    )  # fmt: skip


def test_a_formula_without_a_result_is_refused_not_taken_for_empty(store, tmp_path):
    path = book(tmp_path / "b.xlsx", branches=[HEADER, [*ROWS[0][:4], '=CONCAT("杭","州")', *ROWS[0][5:]]])
    assert places(imported(store, path)) == [(2, "city")]
    assert "a formula without a result" in said(imported(store, path))


def test_blanks_under_a_merged_cell_are_refused(store, tmp_path):
    path = book(tmp_path / "b.xlsx", branches=[HEADER, *ROWS])
    made = openpyxl.load_workbook(path)
    made["branches"].merge_cells("E2:E3")
    made.save(path)
    assert errors(imported(store, path)) == [
        (3, "city", "E2:E3", "lies in the merged cells E2:E3; unmerge them and fill every row")
    ]


STATUS_LAST = [[*HEADER[:4], "cooperation_start", "status"]]
MERGED = "lies in the merged cells F2:F4; unmerge them and fill every row"
NO_RESULT = "the cell holds a formula without a result; open the file, calculate, save, or enter the value"


def status_last(path, *statuses, merge=None, **more):
    rows = [[f"B{at}", "支行", "青禾银行", "东区", "2024-01-01", status] for at, status in enumerate(statuses)]
    path = book(path, branches=[*STATUS_LAST, *rows], **more)
    if merge:
        made = openpyxl.load_workbook(path)
        made["branches"].merge_cells(merge)
        made.save(path)
    return path


def test_blanks_under_a_merged_cell_are_refused_in_the_last_column_too(store, tmp_path):
    report = imported(store, status_last(tmp_path / "b.xlsx", "suspended", None, None, merge="F2:F4"))
    assert errors(report) == [(3, "status", "F2:F4", MERGED), (4, "status", "F2:F4", MERGED)]
    assert not report.is_stored


def test_a_formula_without_a_result_is_refused_in_the_last_column_too(store, tmp_path):
    report = imported(store, status_last(tmp_path / "b.xlsx", '=IF(TRUE,"closed","")', "active"))
    assert errors(report) == [(2, "status", "", NO_RESULT)]


def test_a_required_last_column_is_not_called_empty(store, tmp_path):
    rows = [["P1", "2026-01-05", "00123", "regular", "=1+1"]]
    imported(store, network(tmp_path / "in"))
    assert errors(imported(store, policies(tmp_path, *rows))) == [(2, "premium", "", NO_RESULT)]


def test_a_row_of_nothing_but_formulas_without_a_result_or_blanks_under_merged_cells_is_no_blank_row(store, tmp_path):
    path = book(tmp_path / "b.xlsx", branches=[HEADER[:2], ["=A9", "=B9"], ["B1", "支行"]])
    made = openpyxl.load_workbook(path)
    for area in ("A3:A5", "B3:B5"):
        made["branches"].merge_cells(area)
    for at, title in enumerate(HEADER[2:6], start=3):
        made["branches"].cell(1, at, title)
        made["branches"].cell(3, at, ("青禾银行", "东区", "杭州", "2024-01-01")[at - 3])
    made.save(path)
    found = {(row, column) for row, column, _, _ in errors(imported(store, path))}
    assert {(row, "branch_code") for row in (2, 4, 5)} <= found
    assert not any(row == 3 for row, _ in found)


@pytest.mark.parametrize("area", ["G2:G9", "H2:K9"], ids=["under an unknown heading", "under none"])
def test_cells_merged_beside_and_below_the_data_are_no_rows(store, tmp_path, area):
    path = status_last(tmp_path / "b.xlsx", "active", "closed", merge=area)
    made = openpyxl.load_workbook(path)
    made["branches"]["G1"] = "remarks"
    made.save(path)
    assert counts(imported(store, path)) == (2, 0, 0, 0)


def test_a_formula_whose_result_is_the_empty_text_is_empty(store, tmp_path):
    path = status_last(tmp_path / "b.xlsx", '=IF(FALSE,"closed","")')
    result = re.compile(rb'<c r="F2"[^>]*>(<f>.*?</f>)<v ?/?>(?:</v>)?</c>')
    changed(path, "xl/worksheets/sheet1.xml", lambda part: result.sub(rb'<c r="F2" t="str">\1<v></v></c>', part))
    assert counts(imported(store, path)) == (1, 0, 0, 0)


def test_a_heading_that_is_a_formula_without_a_result_is_refused(store, tmp_path):
    path = book(tmp_path / "b.xlsx", branches=[[*HEADER[:6], '="status"'], [*ROWS[0][:6], "closed"]])
    assert errors(imported(store, path)) == [(1, None, "", NO_RESULT)]


def test_a_sheet_with_more_formulas_without_a_result_than_can_be_noted_is_refused(store, tmp_path, monkeypatch):
    for module in ("workbook_scan", "sources"):
        monkeypatch.setattr(f"db.imports.{module}.NOTED_CELLS", 3)
    formula = '=IF(TRUE,"closed","")'
    report = imported(store, status_last(tmp_path / "b.xlsx", *[formula] * 3, "active"), is_partial=True)
    assert (report.counts.accepted, report.counts.rejected) == (1, 3)
    report = imported(store, status_last(tmp_path / "c.xlsx", *[formula] * 4, "active"), is_partial=True)
    assert [(each.sheet, each.remark.said("en")) for each in report.errors] == [
        (
            "branches",
            "more than 3 cells hold a formula without a result; open the file, calculate and save it again",
        )
    ]
    assert not report.is_stored
    notes = [[formula]] * 4
    assert counts(imported(store, status_last(tmp_path / "d.xlsx", "active", notes=notes))) == (1, 0, 0, 0)


def test_more_than_a_thousand_formulas_without_a_result_are_refused_to_the_last(store, tmp_path):
    path = status_last(tmp_path / "b.xlsx", *['=IF(TRUE,"closed","")'] * 1200)
    report = imported(store, path, is_partial=True)
    assert (report.counts.accepted, report.counts.rejected, report.is_stored) == (0, 1200, False)


def test_hidden_rows_are_imported_with_a_notice(store, tmp_path):
    path = book(tmp_path / "b.xlsx", branches=[HEADER, *ROWS])
    made = openpyxl.load_workbook(path)
    made["branches"].row_dimensions[3].hidden = True
    made.save(path)
    report = imported(store, path)
    assert counts(report) == (2, 0, 0, 0)
    assert report.warnings[0].remark.said("en") == "1 hidden rows are imported as well"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_imported_with_a_notice(store, tmp_path, state):
    path = book(tmp_path / "all.xlsx", 网点=[HEADER, *ROWS], 人员=[line.split(",") for line in STAFF.splitlines()])
    made = openpyxl.load_workbook(path)
    made["人员"].sheet_state = state
    made.save(path)
    report = imported(store, path)
    assert counts(report) == (4, 0, 0, 0)
    told = [(each.sheet, each.row, each.remark.said("en")) for each in report.warnings if each.column != "supervisor"]
    assert told == [("人员", None, "the sheet is hidden; it is imported as well")]


def test_two_sheets_that_could_be_the_same_are_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", 一=[HEADER, ROWS[0]], 二=[HEADER, ROWS[1]])
    assert "the sheets 一 and 二 could both be branches" in said(imported(store, path))


def test_one_sheet_of_any_name_is_told_by_the_file_name(store, tmp_path):
    assert counts(imported(store, book(tmp_path / "branches.xlsx", Sheet1=[HEADER, *ROWS]))) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BRANCHES.encode(), "not an .xlsx workbook"),
        (b"<html><table></table></html>", "not an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old .xls or a password-protected workbook"),
        (b"PK\x03\x04" + b"\0" * 100, "the workbook is damaged"),
        (b"", "not an .xlsx workbook"),
    ],
)
def test_what_only_calls_itself_a_workbook_is_refused(store, tmp_path, content, words):
    (tmp_path / "branches.xlsx").write_bytes(content)
    assert words in said(imported(store, tmp_path / "branches.xlsx"))


def test_a_cut_and_a_bent_workbook_are_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in said(imported(store, path))
    bent = bytearray(whole)
    bent[len(whole) // 3] ^= 0xFF
    path.write_bytes(bytes(bent))
    report = imported(store, path)
    assert report.is_stored or "damaged" in said(report) or "not an .xlsx" in said(report)


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "../evil.xml", "/evil.xml"])
def test_macros_and_paths_out_of_the_archive_are_refused(store, tmp_path, name):
    path = changed(book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS]), name, lambda _: b"x")
    assert "parts no spreadsheet program writes" in said(imported(store, path))


def test_entity_declarations_are_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    changed(path, "xl/sharedStrings.xml", lambda part: bomb + part.split(b"?>", 1)[-1])
    assert "DOCTYPE" in said(imported(store, path))


def test_a_stray_cell_far_to_the_right_is_refused_without_reading_it(store, tmp_path):
    made = openpyxl.load_workbook(book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS]))
    made["branches"]["XFD1048576"] = "x"
    made.save(tmp_path / "branches.xlsx")
    report = imported(store, tmp_path / "branches.xlsx", limits=UPLOAD_LIMITS)
    assert "more than 60 columns" in said(report)


def test_more_than_sixty_columns_are_too_many_for_an_upload_and_ignored_from_the_command_line(store, tmp_path):
    unknown = [f"u{at}" for at in range(80)]
    csv = write(tmp_path / "csv", branches="\n".join([",".join([*HEADER, *unknown]), ",".join([*ROWS[0], *unknown])]))
    xlsx = book(tmp_path / "branches.xlsx", branches=[[*HEADER, *unknown], [*ROWS[1], *unknown]])
    for path in (csv, xlsx):
        refused = imported(store, path, limits=UPLOAD_LIMITS)
        assert said(refused) == "more than 60 columns; delete what is not needed"
        report = imported(store, path)
        assert counts(report) == (1, 0, 0, 0)
        assert next(iter(report.files.values())).ignored_columns == unknown


def test_more_rows_than_an_upload_may_have_are_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    limits = replace(UPLOAD_LIMITS, workbook_rows=1)
    assert "more than 1 rows" in said(imported(store, path, limits=limits))
    folder = write(tmp_path / "csv", branches=BRANCHES)
    assert "more than 1 rows" in said(imported(store, folder, limits=replace(UPLOAD_LIMITS, csv_rows=1)))


def test_a_workbook_that_swells_is_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    changed(path, "xl/extra.bin", lambda _: b" " * (90 << 20))
    assert path.stat().st_size < 1 << 20
    assert "too large" in said(imported(store, path, limits=UPLOAD_LIMITS))


def test_a_string_beyond_what_excel_holds_is_refused(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    changed(path, "xl/worksheets/sheet1.xml", lambda part: part.replace(b">active<", b">" + b"x" * 40_000 + b"<"))
    assert "too large" in said(imported(store, path))


def test_a_reader_that_needs_too_much_memory_is_stopped_and_nothing_is_stored(store, tmp_path):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    long = b"".join(b"<si><t>%06d" % at + b"x" * 30_000 + b"</t></si>" for at in range(4_500))
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    changed(path, "xl/sharedStrings.xml", lambda _: b'<sst xmlns="' + namespace + b'">' + long + b"</sst>")
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    changed(path, "[Content_Types].xml", lambda part: part.replace(b"</Types>", override))
    report = imported(store, path, limits=replace(COMMAND_LINE_LIMITS, child_memory_bytes=200 << 20))
    assert said(report) == "could not read this file (too large); split it, or save it as CSV"
    with reading(store) as session:
        assert session.query(BranchRow).count() == 0


@pytest.mark.parametrize("limits", [{"child_cpu_seconds": 0}, {"child_wall_seconds": 0.01}])
def test_a_reader_that_never_ends_is_stopped(store, tmp_path, limits):
    path = book(tmp_path / "branches.xlsx", branches=[HEADER, *ROWS])
    report = imported(store, path, limits=replace(COMMAND_LINE_LIMITS, **limits))
    assert said(report) == "could not read this file (too large); split it, or save it as CSV"


def test_the_reader_sees_no_secret_of_the_server(monkeypatch):
    from db.imports.workbooks import _bare_environment

    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/x")
    assert "secret" not in str(_bare_environment())
    assert os.environ["DATABASE_URL"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_filled_template_can_be_imported(store, tmp_path, language):
    made = openpyxl.load_workbook(io.BytesIO(template_workbook(language)))
    assert len(made.sheetnames) == 6
    made[made.sheetnames[0]].append(ROWS[0])
    path = tmp_path / "filled.xlsx"
    made.save(path)
    assert counts(imported(store, path)) == (1, 0, 0, 0)


def test_a_template_of_one_dataset_has_its_sheet_and_notes(store):
    made = openpyxl.load_workbook(io.BytesIO(template_workbook("zh", Dataset.POLICIES)))
    assert made.sheetnames == ["保单", "说明"]
    assert [cell.value for cell in made["保单"][1]][:3] == ["保单号", "承保日期", "网点代码"]


def test_the_workbook_of_rejects_can_be_fixed_and_imported(store, tmp_path):
    words = BRANCHES.replace("wang,active", "wang,gone")
    piles = previewed(store, write(tmp_path / "in", branches=words), language="zh")
    made = openpyxl.load_workbook(io.BytesIO(piles.rejects_xlsx))
    sheet = made["branches"]
    assert sheet["K1"].value == "reason"
    assert sheet["K2"].value.startswith("status: 无法识别")
    sheet["H2"].value = "正常"
    made.save(tmp_path / "fixed.xlsx")
    assert counts(imported(store, tmp_path / "fixed.xlsx")) == (1, 0, 0, 0)
