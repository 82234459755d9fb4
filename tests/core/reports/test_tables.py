# ruff: noqa: DTZ001  # the moments of a spreadsheet have no offset
import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import core.reports.tables as tables
from core.charts.palette import STAGE_COLOURS
from core.facts import Stage
from core.reports.tables import FORMULA_STARTS, Column, Stamp, csv_bytes, neutral, xlsx_bytes

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\0=1+1",
    " =1+1",
    "＝1+1",
    '=HYPERLINK("http://example.com","click")',
    "=cmd|' /C calc'!A0",
]
STAMP = Stamp(title="网点 [一览]", made_by="=Li", made_at=datetime(2026, 11, 22, 9, 5), language="zh")
COLUMNS = [
    Column("code", "网点代码"),
    Column("stage", "阶段", kind="stage", words={"growth": "▲ 成长期"}),
    Column("policies", "保单", kind="integer"),
    Column("premium_cny", "保费（元）", kind="money"),
    Column("share", "占比", kind="share"),
    Column("start_on", "开始", kind="day"),
    Column("made_at", "时间", kind="moment"),
    Column("badges", "标记", kind="words", words={"watch_up": "上行提示"}),
    Column("trend", "趋势", kind="trend"),
]


def branch_table() -> pa.Table:
    return pa.table(
        {
            "code": ["00123", None],
            "stage": ["growth", None],
            "policies": pa.array([12, None], pa.int32()),
            "premium_cny": pa.array([-1234.5, None]),
            "share": pa.array([0.125, None]),
            "start_on": pa.array([date(2026, 1, 5), None]),
            "made_at": pa.array([datetime(2026, 1, 5, 23, 30), None]),
            "badges": pa.array([["watch_up", "other"], None]),
            "trend": pa.array([[1, 2], None]),
            "secret": ["not asked for", "not asked for"],
        }
    )


def text_table(words: list[str]) -> pa.Table:
    return pa.table({"note": words})


def csv_rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_opens_in_excel_with_its_chinese_and_its_numbers():
    rows = csv_rows(csv_bytes(branch_table(), COLUMNS, STAMP))
    assert rows[0] == ["网点代码", "阶段", "保单", "保费（元）", "占比", "开始", "时间", "标记"]
    assert rows[1] == [
        "00123",
        "▲ 成长期",
        "12",
        "-1234.5",
        "0.125",
        "2026-01-05",
        "2026-01-05 23:30",
        "上行提示, other",
    ]
    assert rows[2] == [""] * 8


def test_a_csv_ends_with_the_stamp():
    last = csv_rows(csv_bytes(branch_table(), COLUMNS, STAMP))[-1]
    assert last == [
        "网点 [一览] · 内部资料，不含客户信息 · =Li 导出于 2026-11-22 09:05 · 共 2 行",
    ]


def test_a_workbook_keeps_types():
    book = load_workbook(BytesIO(xlsx_bytes(branch_table(), COLUMNS, STAMP)))
    assert book.sheetnames == ["网点  一览", "文件说明"]
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.label for column in COLUMNS[:-1]]
    assert [cell.value for cell in sheet[2]] == [
        "00123",
        "▲ 成长期",
        12,
        -1234.5,
        0.125,
        datetime(2026, 1, 5),
        datetime(2026, 1, 5, 23, 30),
        "上行提示, other",
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "n", "n", "d", "d", "s"]
    assert [cell.number_format for cell in sheet[2]][2:7] == [
        "#,##0",
        "#,##0.00",
        "0.0%",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm",
    ]
    assert [cell.value for cell in sheet[3]] == [None] * 8
    assert sheet["B2"].font.color.rgb == "00" + STAGE_COLOURS[Stage.GROWTH].lstrip("#")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H3"


def test_a_workbook_says_what_it_is_and_who_made_it():
    notice = load_workbook(BytesIO(xlsx_bytes(branch_table(), COLUMNS, STAMP)))["文件说明"]
    assert [row[0].value for row in notice.rows] == [
        "网点 [一览]",
        "内部资料，不含客户信息",
        "=Li 导出于 2026-11-22 09:05",
        "共 2 行",
    ]
    assert {row[0].data_type for row in notice.rows} == {"s"}


@pytest.mark.parametrize("words", HOSTILE)
def test_text_that_a_spreadsheet_would_run_is_quoted_in_a_csv(words):
    row = csv_rows(csv_bytes(text_table([words]), [Column("note", words)], STAMP))
    assert row[1][0].startswith("'")
    assert row[0][0].startswith("'")


@pytest.mark.parametrize("words", HOSTILE)
def test_text_never_becomes_a_formula_in_a_workbook(words):
    sheet = load_workbook(BytesIO(xlsx_bytes(text_table([words]), [Column("note", words)], STAMP))).worksheets[0]
    assert [(cell.data_type, cell.value[0]) for row in sheet.rows for cell in row] == [("s", "'"), ("s", "'")]


def test_hostile_items_of_a_list_and_words_of_a_language_are_quoted_too():
    table = pa.table({"badges": pa.array([["=1+1"]]), "role": ["x"]})
    columns = [Column("badges", "b", kind="words"), Column("role", "r", words={"x": "@SUM(A1)"})]
    assert csv_rows(csv_bytes(table, columns, STAMP))[1] == ["'=1+1", "'@SUM(A1)"]


def test_yes_and_no_are_written_in_words():
    table = pa.table({"is_late": [True, False, None]})
    rows = csv_rows(csv_bytes(table, [Column("is_late", "late", words={"true": "补录", "false": ""})], STAMP))
    assert [row[0] for row in rows[1:4]] == ["补录", "", ""]


def test_control_characters_are_removed_and_line_breaks_kept():
    table = text_table(["a\x00b\x07c\r\nd\x1b\ufffe"])
    assert csv_rows(csv_bytes(table, [Column("note", "note")], STAMP))[1] == ["abc\nd"]
    sheet = load_workbook(BytesIO(xlsx_bytes(table, [Column("note", "note")], STAMP))).worksheets[0]
    assert sheet["A2"].value == "abc\nd"


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_comes_out_as_the_start_of_a_formula(words):
    assert not neutral(words).lstrip().startswith(FORMULA_STARTS)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@settings(deadline=None)
def test_any_text_survives_both_formats(words):
    table = text_table([words])
    columns = [Column("note", "note")]
    csv_rows(csv_bytes(table, columns, STAMP))
    sheet = load_workbook(BytesIO(xlsx_bytes(table, columns, STAMP))).worksheets[0]
    assert sheet["A2"].data_type in ("s", "n")
    assert (sheet["A2"].value or "") == neutral(words)


def test_a_file_stops_at_the_row_limit_and_says_so(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    table = text_table([str(number) for number in range(5)])
    rows = csv_rows(csv_bytes(table, [Column("note", "note")], STAMP))
    assert [row[0] for row in rows[1:4]] == ["0", "1", "2"]
    assert rows[4][0].endswith("前 3 行，共 5 行")
    assert load_workbook(BytesIO(xlsx_bytes(table, [Column("note", "note")], STAMP))).worksheets[0].max_row == 4


def test_an_empty_table_gives_a_file_with_headings():
    empty = branch_table().slice(0, 0)
    assert len(csv_rows(csv_bytes(empty, COLUMNS, STAMP))) == 2
    assert load_workbook(BytesIO(xlsx_bytes(empty, COLUMNS, STAMP))).worksheets[0].max_row == 1


def test_a_moment_of_the_store_is_written_in_shanghai_time():
    moments = pa.array([datetime(2026, 1, 5, 17, 30, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    table, columns = pa.table({"at": moments}), [Column("at", "at", kind="moment")]
    assert csv_rows(csv_bytes(table, columns, STAMP))[1] == ["2026-01-06 01:30"]
    sheet = load_workbook(BytesIO(xlsx_bytes(table, columns, STAMP))).worksheets[0]
    assert sheet["A2"].value == datetime(2026, 1, 6, 1, 30)


def test_a_column_kept_out_of_files_stays_out():
    columns = [Column("code", "code"), Column("stage", "stage", in_files=False)]
    assert csv_rows(csv_bytes(branch_table(), columns, STAMP))[0] == ["code"]


def test_columns_are_as_wide_as_their_words():
    sheet = load_workbook(BytesIO(xlsx_bytes(text_table(["四个汉字" * 3]), [Column("note", "n")], STAMP))).worksheets[0]
    assert sheet.column_dimensions["A"].width == 26


def test_a_long_title_fits_the_name_of_a_sheet():
    stamp = Stamp(title="x" * 50 + "/?*", made_by="Li", made_at=datetime(2026, 11, 22), language="en")
    book = load_workbook(BytesIO(xlsx_bytes(branch_table(), COLUMNS, stamp)))
    assert book.sheetnames == ["x" * 31, "About this file"]
