import time
from datetime import date

import pytest

from db.imports.datasets import COLUMNS, Dataset
from db.imports.messages import Remark
from db.imports.values import Reading, reader_of, shown

TODAY = date(2026, 11, 22)


def read(dataset, name, cell):
    column = next(column for column in COLUMNS[dataset] if column.name == name)
    value = reader_of(column, Reading(TODAY))(cell)
    return value.said("en") if isinstance(value, Remark) else value


def day(cell):
    return read(Dataset.STAFF, "joined_on", cell)


def amount(cell):
    return read(Dataset.POLICIES, "premium", cell)


def code(cell):
    return read(Dataset.BRANCHES, "branch_code", cell)


def note(cell):
    return read(Dataset.CONTACTS, "note", cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-05",
        "2026-1-5",
        "2026/1/5",
        "2026/01/05",
        "20260105",
        "2026年1月5日",
        "２０２６/１/５",
        " 2026-01-05 ",
        "2026-01-05 00:00:00",
        ("d", "2026-01-05"),
        ("n", 20260105),
        ("n", 46027.0),
    ],
)
def test_every_form_of_a_date_is_the_same_day(cell):
    assert day(cell) == "2026-01-05"


@pytest.mark.parametrize(
    "cell",
    [
        "5/1/2026",
        "26-01-05",
        "2026-02-30",
        "2026-13-01",
        "46027",
        "soon",
        "2026/01-05",
        ("n4", 46027),
        ("b", True),
    ],
)
def test_what_is_no_date_is_refused(cell):
    assert day(cell).startswith("is not a date")


@pytest.mark.parametrize(
    ("cell", "is_good"), [("1989-12-31", False), ("1990-01-01", True), ("2099-12-31", True), ("9999-12-31", False)]
)
def test_dates_are_from_1990_to_2099(cell, is_good):
    assert (day(cell) == cell) is is_good


@pytest.mark.parametrize(("cell", "is_good"), [("2026-11-22", True), ("2026-11-23", False)])
def test_a_contact_is_not_in_the_future(cell, is_good):
    assert (read(Dataset.CONTACTS, "contact_date", cell) == cell) is is_good


def test_an_empty_optional_date_is_empty_and_an_empty_required_one_is_refused():
    assert day("  ") == ""
    assert read(Dataset.CONTACTS, "contact_date", "") == "required, but the cell is empty"


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1,234.50", "123450"),
        ("１２３４", "123400"),
        ("¥1,234.5", "123450"),
        ("￥1234", "123400"),
        ("1234元", "123400"),
        ("0.01", "1"),
        ("1000000000000", "100000000000000"),
        ("0.30000000000000004", "30"),
        (("n", 1234), "123400"),
        (("n", 0.1 + 0.2), "30"),
    ],
)
def test_every_form_of_an_amount_is_read_to_the_fen(cell, fen):
    assert amount(cell) == fen


@pytest.mark.parametrize(
    "cell",
    [
        "1,23.50",
        "12,34",
        "1.234,50",
        "US$5",
        "5%",
        "0x10",
        "1.234",
        "nan",
        "inf",
        "1e5",
        "abc",
        ("n", float("inf")),
        ("b", True),
    ],
)
def test_what_is_no_amount_in_yuan_is_refused(cell):
    assert amount(cell) == "is not an amount in yuan; write 1234.50 or 1,234.50"


@pytest.mark.parametrize("cell", ["0", "1000000000000.01", ("n", 0)])
def test_an_amount_of_nothing_or_beyond_a_trillion_is_refused(cell):
    assert amount(cell).startswith("premium must be above zero and at most")


def test_a_negative_premium_and_one_in_ten_thousands_get_a_hint():
    assert 'status "surrendered"' in amount("-100")
    assert "12000 for 1.2万" in amount("1.2万")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("active", "active"), (" Active ", "active"), ("正常", "active"), ("关闭", "closed"), ("", "active")],
)
def test_a_status_is_the_stored_value_or_the_chinese_word(cell, value):
    assert read(Dataset.BRANCHES, "status", cell) == value


@pytest.mark.parametrize(("cell", "value"), [("a", "A"), ("大型", "A"), ("B", "B"), ("小型", "C"), ("", "")])
def test_a_size_is_the_letter_or_the_chinese_word(cell, value):
    assert read(Dataset.BRANCHES, "size_tier", cell) == value


@pytest.mark.parametrize("cell", ["客户经理", "银行客户经理", "account_manager"])
def test_a_role_has_two_chinese_words(cell):
    assert read(Dataset.STAFF, "role", cell) == "account_manager"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("00123", "00123"),
        ("１２３", "123"),
        ("\u00a0A1 ", "A1"),
        (("n", 1001.0), "1001"),
        ("110101199003074518", "110101199003074518"),
        ("1E5", "1E5"),
        ("3e12", "3e12"),
    ],
)
def test_codes_are_text_with_plain_digits_and_without_outer_blanks(cell, value):
    assert code(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "1001.0",
        "1.2E+17",
        "A\u200b1",
        "A\x001",
        ("n", 1.5),
        ("n", 1234567890123456),
        ("d", "2026-01-05"),
        "合计",
        "总计",
        "branch_code",
        "网点代码",
        "x" * 201,
    ],
)
def test_a_code_a_spreadsheet_spoilt_or_a_totals_row_is_refused(cell):
    assert code(cell) != cell
    assert " " in code(cell)


IDENTITY_NUMBERS = (
    "110101199003071233",
    "11010519491231002X",
    "11010519491231002x",
    "１１０１０１１９９００３０７１２３３",
)


@pytest.mark.parametrize("cell", [*IDENTITY_NUMBERS, "P-110101199003071233"])
@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        (Dataset.BRANCHES, "branch_code"),
        (Dataset.STAFF, "staff_code"),
        (Dataset.POLICIES, "policy_ref"),
        (Dataset.POLICIES, "event_ref"),
        (Dataset.CONTACTS, "contact_ref"),
        (Dataset.CONTACTS, "supervisor"),
    ],
)
def test_an_identity_number_is_no_code_and_is_never_shown(dataset, name, cell):
    assert read(dataset, name, cell).startswith("looks like an identity number")
    assert shown(cell).removeprefix("P-") == "***"


@pytest.mark.parametrize(
    "cell",
    [
        "110101199003071234",
        "110101199002301234",
        "110101199002301237",
        "13800138000",
        "6222021234567890123",
        "20260302093000001",
        "A110101199003071233",
    ],
    ids=["wrong check digit", "no such day", "no such day, right digit", "mobile", "card", "time", "within a word"],
)
def test_other_long_numbers_are_codes(cell):
    assert code(cell) == cell


@pytest.mark.parametrize("cell", ["13800138000", "+86 138-0013-8000", "手机13800138000", "6222 0212 3456 7890 123"])
@pytest.mark.parametrize("name", ["event_ref", "contact_ref", "supervisor"])
def test_numbers_that_point_to_a_person_are_no_reference_and_no_user_name(name, cell):
    dataset = Dataset.POLICIES if name == "event_ref" else Dataset.CONTACTS
    assert read(dataset, name, cell).startswith("looks like an identity number")


def test_an_address_is_no_reference_but_may_be_a_user_name():
    assert read(Dataset.CONTACTS, "contact_ref", "li@example.com").startswith("looks like an identity number")
    assert read(Dataset.CONTACTS, "supervisor", "Li@Example.com") == "li@example.com"


@pytest.mark.parametrize(
    "cell",
    [
        "C13800138000",
        "20260302093000001",
        "1000000000000017",
        "550e8400-e29b-41d4-a716-13800138000f",
        "1234-13800138000",
    ],
)
def test_references_made_by_programs_pass(cell):
    assert read(Dataset.CONTACTS, "contact_ref", cell) == cell


def test_a_code_is_shown_but_for_an_identity_number():
    assert shown("13800138000", is_code=True) == "13800138000"
    assert shown("110101199003071234", is_code=True) == "***"
    assert shown("x 11010519491231002X", is_code=True) == "x ***"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0", "0"), ("600", "600"), ("４５", "45"), ("30.0", "30"), (("n", 30.0), "30"), ("45分钟", "45"), ("", "")],
)
def test_minutes_are_whole_from_0_to_600(cell, value):
    assert read(Dataset.CONTACTS, "minutes", cell) == value


@pytest.mark.parametrize("cell", ["601", "-1", "1.5", "half", ("n", 0.5), ("d", "2026-01-05")])
def test_other_minutes_are_refused(cell):
    assert read(Dataset.CONTACTS, "minutes", cell) == "write whole minutes from 0 to 600"


@pytest.mark.parametrize(
    "words",
    [
        "客户110101199003074518来过",
        "11010119900307451X",
        "打13812345678",
        "打138 1234 5678",
        "打138-1234-5678",
        "１３８１２３４５６７８",
        "卡6222021234567890123",
        "卡6222 0212 3456 7890",
        "写信 li@example.com",
    ],
)
def test_personal_numbers_in_notes_are_refused_and_never_shown(words):
    assert note(words).startswith("looks like an identity number")
    assert "***" in shown(words)
    assert not any(part in shown(words) for part in ("19900307", "1234", "7890", "example"))


@pytest.mark.parametrize(
    "words",
    [
        "保费120000元",
        "10月15日到访3次",
        "电话0571-88886666",
        "12345678901",
        "C20260105-0001",
        "=SUM(A1)",
        "<b>x</b>",
        "'; DROP TABLE contact",
        "👍é",
    ],
)
def test_ordinary_numbers_and_odd_but_harmless_text_pass(words):
    assert note(words) == words


@pytest.mark.parametrize("words", ["a\x07b", "\u202eabc", "a\u200bb", "x" * 501])
def test_control_signs_and_long_notes_are_refused(words):
    assert note(words) != words


def test_error_cells_empty_formulas_and_merged_cells_are_refused_even_where_optional():
    assert note(("e", "#N/A")) == "the cell shows the error #N/A; correct the formula or enter the value"
    assert note(("f", "")).startswith("the cell holds a formula without a result")
    assert note(("m", "A3:A5")) == "lies in the merged cells A3:A5; unmerge them and fill every row"
    assert note(("b", True)) == "is a true/false cell; enter text"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("浙江分公司 / 杭州中支", "浙江分公司/杭州中支"), ("浙江分公司／杭州中支", "浙江分公司/杭州中支")],
)
def test_a_region_is_a_path(cell, value):
    assert read(Dataset.BRANCHES, "region", cell) == value


@pytest.mark.parametrize("cell", ["/杭州", "浙江//杭州", "浙江/"])
def test_a_path_with_an_empty_unit_is_refused(cell):
    assert "path from the top" in read(Dataset.BRANCHES, "region", cell)


def test_supervisors_are_compared_without_case():
    assert read(Dataset.BRANCHES, "supervisor", "Li.Wei") == "li.wei"


@pytest.mark.parametrize("sign", ["x", "1", "1 ", "a.", "a-", "@", "a@"])
def test_an_endless_text_is_shown_at_once(sign):
    began = time.process_time()
    shown(sign * 60_000)
    note(sign * 250)
    assert time.process_time() - began < 1


def test_a_shown_value_is_cut_and_printable():
    assert shown("x" * 31) == "x" * 30 + "…"
    assert shown("a\x00b") == "a\\x00b"
