"""The import command as an outside program meets it: files in, exit status, report and stored rows out."""

import sqlite3
from datetime import date

import pytest
from openpyxl import Workbook

BRANCHES = (
    "branch_code,branch_name,bank,region,cooperation_start,supervisor\n"
    "00123,甲支行,青禾银行,浙江分公司/杭州中支,2024-01-01,li\n"
    "123,乙支行,青禾银行,浙江分公司,2024-01-01,\n"
)
STAFF = (
    "staff_code,branch_code,staff_name,role,joined_on,left_on\n"
    "01,00123,甲,teller,2024-01-01,2026-06-30\n"
    "02,123,乙,wealth_manager,,\n"
)
CONTACTS = (
    "contact_date,branch_code,staff_code,role,method,minutes\n"
    "2026-03-02,00123,01,,visit,20\n"
    "2026-03-03,00123,,teller,phone,\n"
)
POLICIES = (
    "policy_ref,issued_on,branch_code,staff_code,payment_mode,premium\n"
    "001,2026-03-02,00123,01,regular,1000\n"
    "1,2026-03-03,123,,single,2000\n"
)
ALL = {"branches": BRANCHES, "staff": STAFF, "contacts": CONTACTS, "policies": POLICIES}
ROLES = ["branch_head", "retail_head", "wealth_manager", "account_manager", "teller", "lobby_manager"]
ALIASES = {
    "branches": "网点代码, 网点名称 ,银行,机构,城市,合作开始日期,督导,状态,状态日期,规模档\n"
    "007,甲,青禾银行,浙江分公司/杭州中支,杭州,2024年1月5日,li,暂停,2026/1/5,大型\n"
    "8,乙,青禾银行,浙江分公司,,20240105,,关闭,2026-02-03,标准\n"
    "9,丙,青禾银行,浙江分公司,,2024-01-05,,正常,,小型\n",
    "staff": "人员代码,网点代码,姓名,岗位,入职日期,离职日期\n"
    + "".join(
        f"s{number},007,员,{word},2024/1/5,\n"
        for number, word in enumerate(
            ["网点负责人", "零售主管", "理财经理", "客户经理", "银行客户经理", "柜员", "大堂经理"]
        )
    ),
    "contacts": "沟通日期,网点代码,人员代码,岗位,方式,督导,时长,主题,备注,记录编号\n"
    + "".join(
        f"2026-03-0{number + 1},007,,柜员,{word},li,{number},主题,备注,r{number}\n"
        for number, word in enumerate(["拜访", "电话", "微信", "晨会", "夕会", "一对一", "培训"])
    ),
    "policies": "保单号,承保日期,网点代码,人员代码,产品,缴费方式,保费,客户层级,保单状态,退保日期,活动编号\n"
    'p1,2026-3-1,007,s2,年金,期交,"1,234.50",普通,有效,,e1\n'
    "p2,20260302,007,,,趸交,１２３４,中端,犹豫期退保,2026年3月9日,\n"
    "p3,2026/3/3,007,,,趸交,10.5,高端,退保,,\n",
    "statuses": "网点代码,状态,开始日期,结束日期,原因\n9,暂停,2025-01-06,2025-01-12,装修\n9,关闭,2025-02-03,,\n",
}


@pytest.fixture
def stored(tmp_path):
    def rows(query):
        with sqlite3.connect(tmp_path / "store.db") as connection:
            return connection.execute(query).fetchall()

    return rows


def counts(report):
    return [report[name] for name in ("accepted", "inserted", "updated", "unchanged", "rejected")]


def places(report):
    return [(row["file"], row["row"], row["column"], row["value"]) for row in report["errors"]]


def warned(report):
    return [(row["file"], row["row"], row["column"]) for row in report["warnings"] if row["column"] != "supervisor"]


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ","), ("utf-8-sig", "\t"), ("gb18030", ";"), ("gbk", ",")]
)
def test_chinese_headers_and_words_in_every_encoding_and_separator(take, stored, encoding, separator):
    written = {name: text.replace('"1,234.50"', "1234.5").replace(",", separator) for name, text in ALIASES.items()}
    report = take(encoding=encoding, **written)
    assert (report["status"], counts(report)) == (0, [22, 22, 0, 0, 0])
    assert stored("select branch_code, cooperation_start, status, status_since, size_tier from branch") == [
        ("007", "2024-01-05", "suspended", "2026-01-05", "A"),
        ("8", "2024-01-05", "closed", "2026-02-03", "B"),
        ("9", "2024-01-05", "active", None, "C"),
    ]
    assert [role for (role,) in stored("select role from staff order by staff_code")] == (
        [
            "branch_head",
            "retail_head",
            "wealth_manager",
            "account_manager",
            "account_manager",
            "teller",
            "lobby_manager",
        ]
    )
    assert [method for (method,) in stored("select method from contact order by contact_ref")] == (
        ["visit", "phone", "message", "morning_meeting", "evening_meeting", "one_on_one", "training"]
    )
    columns = "policy_ref, issued_on, payment_mode, premium_fen, customer_tier, status, cancelled_on, event_ref"
    assert stored(f"select {columns} from policy") == [
        ("p1", "2026-03-01", "regular", 123450, "mass", "in_force", None, "e1"),
        ("p2", "2026-03-02", "single", 123400, "affluent", "cancelled", "2026-03-09", None),
        ("p3", "2026-03-03", "single", 1050, "high_net_worth", "surrendered", None, None),
    ]
    assert stored("select status, start_on, end_on, reason from branch_status") == [
        ("suspended", "2025-01-06", "2025-01-12", "装修"),
        ("closed", "2025-02-03", None, None),
    ]


def test_leading_zeros_are_kept_and_importing_again_changes_nothing(take, stored):
    assert counts(take(**ALL)) == [8, 8, 0, 0, 0]
    assert stored("select branch_code from branch") == [("00123",), ("123",)]
    assert stored("select policy_ref from policy") == [("001",), ("1",)]
    assert counts(take(**ALL)) == [8, 0, 0, 8, 0]
    report = take(policies=POLICIES.replace("single,2000", "single,2000.01"))
    assert counts(report) == [2, 0, 1, 1, 0]
    assert stored("select premium_fen from policy") == [(100000,), (200001,)]


def test_contacts_follow_a_corrected_role_and_come_once(take, stored):
    take(**ALL)
    assert counts(take(staff=STAFF.replace("甲,teller", "甲,lobby_manager"))) == [2, 0, 1, 1, 0]
    assert counts(take(contacts=CONTACTS)) == [2, 0, 0, 2, 0]
    assert stored("select contact_on, role from contact order by 1") == [
        ("2026-03-02", "lobby_manager"),
        ("2026-03-03", "teller"),
    ]
    assert stored("select role, contacts from contact_week order by 1") == [("lobby_manager", 1), ("teller", 1)]


def test_equal_rows_count_once_and_different_ones_of_a_key_are_an_error_that_names_both(take, stored):
    again = {name: text + text.split("\n", 1)[1] for name, text in ALL.items()}
    assert take(**again)["status"] == 0
    assert stored("select (select count(*) from contact), (select count(*) from policy)") == [(2, 2)]
    report = take(policies=POLICIES + "001,2026-03-02,00123,01,regular,1001\n")
    assert (report["status"], [row["row"] for row in report["errors"]]) == (1, [2, 4])
    assert "row 4" in report["errors"][0]["message"]
    assert "row 2" in report["errors"][1]["message"]
    assert stored("select premium_fen from policy where policy_ref = '001'") == [(100000,)]


def test_every_error_is_told_at_once_with_its_place_and_nothing_is_stored(take, stored):
    report = take(
        branches=BRANCHES,
        staff=STAFF.replace(",teller,", ",clerk,"),
        contacts=CONTACTS.replace("2026-03-03", "2026-11-19").replace(",20", ",601"),
        policies=POLICIES.replace(",1000", ",0").replace("2026-03-03,123", "2026-02-30,999"),
    )
    assert report["status"] == 1
    assert [place for place in places(report) if place[2] != "staff_code"] == [
        ("contacts.csv", 2, "minutes", "601"),
        ("contacts.csv", 3, "contact_date", "2026-11-19"),
        ("policies.csv", 2, "premium", "0"),
        ("policies.csv", 3, "issued_on", "2026-02-30"),
        ("policies.csv", 3, "branch_code", "999"),
        ("staff.csv", 2, "role", "clerk"),
    ]
    assert "teller [柜员]" in report["errors"][-1]["message"]
    assert stored("select count(*) from branch") == [(0,)]
    for part in report["files"]:
        assert {"file", "accepted", "inserted", "updated", "unchanged", "rejected", "errors"} <= part.keys()
        assert all({"file", "sheet", "row", "column", "value", "message"} == set(error) for error in part["errors"])


def test_errors_are_capped_at_a_thousand_with_the_total(take):
    rows = "".join(f"B{number},支行,青禾银行,东区,never,\n" for number in range(1100))
    report = take(branches=BRANCHES.split("\n", maxsplit=1)[0] + "\n" + rows)
    assert (report["status"], len(report["errors"]), report["errors_total"]) == (1, 1000, 1100)


def test_a_missing_column_is_named_and_an_unknown_one_ignored(take):
    report = take(branches=BRANCHES.replace(",bank,", ",weather,"))
    assert places(report) == [("branches.csv", 1, "bank", "")]
    assert report["files"][0]["ignored_columns"] == ["weather"]
    assert take(branches=BRANCHES.replace(",supervisor", ",weather"))["status"] == 0


def test_people_of_nowhere_and_of_another_branch_are_errors_and_the_rest_are_warnings(take, stored):
    take(branches=BRANCHES, staff=STAFF)
    head = "contact_date,branch_code,staff_code,role,method\n"
    report = take(contacts=head + "2026-03-02,123,01,,visit\n2026-03-02,123,99,,visit\n2026-03-02,123,,,visit\n")
    assert [(row["row"], row["column"]) for row in report["errors"]] == [
        (2, "staff_code"),
        (3, "staff_code"),
        (4, "role"),
    ]
    good = "2026-06-30,00123,01,wealth_manager,visit\n2026-07-01,00123,01,,visit\n2023-12-31,123,,teller,visit\n"
    report = take(contacts=head + good)
    assert report["status"] == 0
    assert warned(report) == [
        ("contacts.csv", 2, "role"),
        ("contacts.csv", 3, "contact_date"),
        ("contacts.csv", 4, "contact_date"),
    ]
    assert stored("select role from contact order by contact_on") == [("teller",), ("teller",), ("teller",)]


def test_a_supervisor_without_an_account_is_stored_with_a_warning(take, stored):
    report = take(branches=BRANCHES)
    assert [(row["row"], row["column"], row["value"]) for row in report["warnings"]] == [(2, "supervisor", "li")]
    assert stored("select supervisor from branch order by id") == [("li",), (None,)]


def test_partial_writes_what_can_be_fixed_and_imported(take, stored, tmp_path):
    take(branches=BRANCHES, staff=STAFF)
    rejected = tmp_path / "rejected.csv"
    report = take("--partial", rejected, policies=POLICIES.replace(",2000", ",dear"))
    assert (report["status"], counts(report)) == (0, [1, 1, 0, 0, 1])
    text = rejected.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "policy_ref,issued_on,branch_code,staff_code,payment_mode,premium,reason"
    rejected.write_text(text.replace("dear", "2000"), encoding="utf-8")
    assert counts(take(rejected)) == [1, 1, 0, 0, 0]
    assert stored("select policy_ref from policy") == [("001",), ("1",)]


def test_texts_that_look_like_formulas_come_back_from_the_rejects_as_they_were(take, stored, tmp_path):
    take(branches=BRANCHES)
    rejected = tmp_path / "rejected.csv"
    take(
        "--partial",
        rejected,
        contacts="contact_date,branch_code,role,method,topic,note\n2026,123,teller,visit,=1+1,-a\n",
    )
    text = rejected.read_text(encoding="utf-8-sig")
    assert ",=1+1" not in text
    rejected.write_text(text.replace("2026,", "2026-03-02,"), encoding="utf-8")
    assert take(rejected, "--kind", "contacts")["status"] == 0
    assert stored("select topic, note from contact") == [("=1+1", "-a")]


def test_a_workbook_of_chinese_sheets_with_real_dates_is_one_set(take, stored, tmp_path):
    book = Workbook()
    book.remove(book.active)
    for title, rows in {
        "保单": [
            ["保单号", "承保日期", "网点代码", "缴费方式", "保费"],
            ["001", date(2026, 3, 2), "00123", "期交", 12.5],
        ],
        "网点": [
            ["网点代码", "网点名称", "银行", "机构", "合作开始日期"],
            ["00123", "甲", "青禾银行", "浙江分公司", date(2024, 1, 1)],
        ],
        "沟通记录": [["沟通日期", "网点代码", "人员代码", "方式"], ["2026年3月2日", "00123", 9, "拜访"]],
        "人员": [["人员代码", "网点代码", "姓名", "岗位"], [9, "00123", "甲", "理财经理"]],
        "说明": [["写给人看"]],
    }.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "all.xlsx"
    book.save(path)
    report = take(path)
    assert (report["status"], counts(report)) == (0, [4, 4, 0, 0, 0])
    assert stored("select issued_on, premium_fen from policy") == [("2026-03-02", 1250)]
    book["保单"].append(["002", "32.1.2026", "00123", "期交", 1])
    book.save(path)
    (error,) = take(path)["errors"]
    assert (error["sheet"], error["row"], error["column"], error["value"]) == ("保单", 3, "issued_on", "32.1.2026")


def test_a_status_without_a_day_holds_from_the_day_the_contract_names(take, stored):
    since = "select status, status_since from branch where branch_code = '00123'"
    closed = (
        BRANCHES.replace("supervisor\n", "supervisor,status\n")
        .replace("li\n", "li,closed\n")
        .replace("01,\n", "01,,\n")
    )
    take(branches=closed, staff=STAFF, contacts=CONTACTS, policies=POLICIES)
    assert stored(since) == [("closed", "2026-03-04")]
    take(branches=closed.replace("closed", "suspended"))
    assert stored(since) == [("suspended", "2026-11-18")]


@pytest.mark.parametrize(
    "words", [["no-such-file.csv"], ["--json", "no/such/folder/report.json"], ["--kind", "weather"]]
)
def test_wrong_usage_is_status_two_and_stores_nothing(take, stored, words):
    assert take(*words, **ALL)["status"] == 2
    assert stored("select count(*) from branch") == [(0,)]


def test_a_header_alone_is_fine_and_other_files_are_listed(take, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "contacts.csv").write_text(CONTACTS.split("\n", maxsplit=1)[0] + "\n", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    report = take(folder)
    assert (report["status"], counts(report), report["ignored_files"]) == (0, [0, 0, 0, 0, 0], ["notes.txt"])
