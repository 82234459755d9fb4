import pytest

from tests.db.imports.files import BRANCHES, CONTACTS, POLICIES, counts, errors, imported, network, places, write


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_usual_encodings_are_read(store, tmp_path, encoding):
    report = imported(store, write(tmp_path, encoding, branches=BRANCHES))
    assert counts(report) == (2, 0, 0, 0)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_part_cells_too(store, tmp_path, separator):
    report = imported(store, write(tmp_path, branches=BRANCHES.replace(",", separator)))
    assert counts(report) == (2, 0, 0, 0)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_any_line_end_is_read(store, tmp_path, line_end):
    assert counts(imported(store, write(tmp_path, branches=BRANCHES.replace("\n", line_end)))) == (2, 0, 0, 0)


def test_headers_may_be_chinese_padded_wide_starred_or_in_capitals(store, tmp_path):
    header = "＊网点代码, 网点名称 ,BANK,机构*,城市,Cooperation Start,督导,状态,状态日期,规模档"
    words = BRANCHES.replace(BRANCHES.splitlines()[0], header)
    assert counts(imported(store, write(tmp_path, branches=words))) == (2, 0, 0, 0)


def test_damaged_utf8_is_named_and_not_read_as_chinese_nonsense(store, tmp_path):
    good = BRANCHES.encode()
    place = good.index("解放路".encode())
    (tmp_path / "branches.csv").write_bytes(good[: place + 1] + good[place + 2 :])
    assert errors(imported(store, tmp_path)) == [
        (3, None, "", "damaged UTF-8 text near line 3; save the file again as CSV UTF-8")
    ]


def test_big5_is_refused(store, tmp_path):
    words = f"{BRANCHES.splitlines()[0]}\nB1,臺北車站前營業部,國泰銀行,臺灣總公司,臺北,2024-01-01,,,,\n"
    report = imported(store, write(tmp_path, "big5", branches=words))
    assert "neither UTF-8 nor GB18030" in errors(report)[0][3]


@pytest.mark.parametrize(
    "rows",
    [
        "R1,00123,陈喆,柜员\n",
        "R1,00123,镕,teller\n",
        "R1,00123,㐀𠀀龘,柜员\n",
        "R1,00123,李玥,teller\nR2,00123,珺玥,teller\n",
        "".join(f"R{at},00123,陳國華張學友,teller\n" for at in range(9)),
        "".join(f"R{at},00123,喆堃镕玥珺,柜员\n" for at in range(9)),
        "R1,00123,€€€€€€€€€€€€€€,teller\n",
    ],
)
@pytest.mark.parametrize("header", ["staff_code,branch_code,staff_name,role\n", "人员代码,网点代码,姓名,岗位\n"])
def test_rare_and_traditional_signs_are_chinese_too(store, tmp_path, rows, header):
    imported(store, network(tmp_path / "in"))
    report = imported(store, write(tmp_path / "new", "gb18030", staff=header + rows))
    assert counts(report) == (rows.count("\n"), 0, 0, 0)


@pytest.mark.parametrize("times", [1, 20_000])
def test_big5_with_chinese_headings_is_refused(store, tmp_path, times):
    rows = "".join(f"T{at},00123,王小明,櫃員\n" for at in range(times))
    report = imported(store, write(tmp_path, "big5", staff="人員代碼,網點代碼,姓名,崗位\n" + rows))
    assert "neither UTF-8 nor GB18030" in errors(report)[0][3]


def test_a_nul_is_refused_with_its_line(store, tmp_path):
    report = imported(store, write(tmp_path, branches=BRANCHES.replace("解放路", "解\0放路")))
    assert errors(report) == [
        (3, None, "", "line 3 holds a NUL character, so this is no text file; save it again as CSV")
    ]


@pytest.mark.parametrize("words", ['"解放路支行', '"解放"路支行'])
def test_an_unclosed_or_stray_quote_is_refused_with_its_row(store, tmp_path, words):
    report = imported(store, write(tmp_path, branches=BRANCHES.replace("解放路支行", words)))
    assert places(report) == [(3, None)]
    assert "quotation marks do not match" in errors(report)[0][3]
    assert not report.is_stored


@pytest.mark.parametrize(
    ("length", "place"), [(131_072, (3, "note")), (131_073, (3, None))], ids=["as long as can be read", "longer"]
)
def test_an_endless_cell_is_too_long_and_no_matter_of_quotes(store, tmp_path, length, place):
    network(tmp_path)
    words = CONTACTS.replace(",,,,\n", ",,," + "x" * length + ",\n")
    report = imported(store, write(tmp_path, contacts=words))
    assert places(report) == [place]
    limit = 131_072 if place[1] is None else 500
    assert errors(report)[0][3] == f"longer than {limit} characters; shorten it"


def test_a_quote_left_open_in_a_long_file_is_named_as_such(store, tmp_path):
    network(tmp_path)
    lines = [f"2026-11-16,00123,0001,,visit,li,30,产品,第{at}次,D{at:06d}" for at in range(5_000)]
    words = CONTACTS.replace("聊了新品", '"聊了新品') + "\n".join(lines)
    report = imported(store, write(tmp_path, contacts=words))
    assert (places(report), "quotation marks do not match" in errors(report)[0][3]) == ([(2, None)], True)


def test_a_row_of_another_width_is_refused_and_extra_empty_cells_are_not(store, tmp_path):
    words = BRANCHES.replace("active,,A", "active,,A,,").replace("active,,B", "active")
    assert errors(imported(store, write(tmp_path, branches=words))) == [
        (3, None, "00456", "the row has 8 cells, the header has 10; check for a missing quote or separator")
    ]


def test_blank_rows_are_passed_over_but_counted_in_row_numbers(store, tmp_path):
    words = BRANCHES.replace("00456", "\n,,,,,,,,,\n00456").replace(",active,,B", ",gone,,B")
    assert places(imported(store, write(tmp_path, branches=words))) == [(5, "status")]


def test_a_line_break_inside_a_cell_starts_no_row(store, tmp_path):
    network(tmp_path)
    contacts = CONTACTS.replace("聊了新品", '"聊了\n新品"').replace(",phone", ",brief")
    assert places(imported(store, write(tmp_path, contacts=contacts))) == [(3, "method")]


def test_title_rows_above_the_header_are_passed_over(store, tmp_path):
    assert counts(imported(store, write(tmp_path, branches="网点一览表\n\n" + BRANCHES))) == (2, 0, 0, 0)


def test_a_file_without_a_header_is_refused(store, tmp_path):
    report = imported(store, write(tmp_path, branches="1,2,3\n4,5,6\n"))
    assert errors(report)[0][3].startswith("no header found in the first 10 rows")


def test_totals_and_repeated_headers_are_never_data(store, tmp_path):
    words = BRANCHES + BRANCHES.splitlines()[0] + "\n合计,2,,,,,,,,\n"
    report = imported(store, write(tmp_path, branches=words))
    said = {(row, column): words for row, column, _, words in errors(report)}
    assert said[4, "branch_code"] == "is the header again; delete the row"
    assert said[5, "branch_code"] == "is a totals row, not data; delete the row"


def test_a_premium_headed_in_ten_thousands_is_refused_with_a_hint(store, tmp_path):
    words = "保单号,承保日期,网点代码,缴费方式,保费(万元)\nP1,2026-11-16,00123,期交,1.2\n"
    assert "give full yuan" in errors(imported(store, write(tmp_path, policies=words)))[0][3]


def test_a_file_of_another_name_is_told_by_its_header(store, tmp_path):
    (tmp_path / "一月.csv").write_text(BRANCHES, encoding="utf-8")
    assert counts(imported(store, tmp_path / "一月.csv")) == (2, 0, 0, 0)


def test_personal_numbers_do_not_reach_the_report_or_the_rejects(store, tmp_path):
    network(tmp_path / "in")
    write(tmp_path / "in", contacts=CONTACTS.replace("聊了新品", "电话13812345678"))
    report = imported(store, tmp_path / "in", partial=tmp_path / "bad.csv")
    assert errors(report)[0][:3] == (2, "note", "电话***")
    assert "13812345678" not in str(report.as_json())
    assert "13812345678" not in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")


def test_identity_numbers_in_codes_reach_neither_the_store_nor_the_report_nor_the_rejects(store, tmp_path):
    number = "11010519491231002X"
    network(tmp_path / "in")
    policies = POLICIES.replace("P0001", number).replace("P0002", "20260302093000001").replace("50000", "x")
    contacts = CONTACTS.replace(",0001,", f",{number},").replace(",C1", ",13800138000")
    contacts = contacts.replace(",li,,", ",13800138000,,")
    contacts += f"2026-11-18,00123,0001,,visit,li,,,,C-{number}\n2026-11-18,00123,,teller,visit,,,,,C3\n"
    write(tmp_path / "in", policies=policies, contacts=contacts)
    report = imported(store, tmp_path / "in", partial=tmp_path / "bad.csv")
    assert [(each.file, each.row, each.column, each.value) for each in report.errors] == [
        ("contacts.csv", 2, "staff_code", "***"),
        ("contacts.csv", 2, "contact_ref", "***"),
        ("contacts.csv", 3, "supervisor", "***"),
        ("contacts.csv", 4, "contact_ref", "C-***"),
        ("policies.csv", 2, "policy_ref", "***"),
        ("policies.csv", 3, "premium", "x"),
    ]
    kept = "".join(path.read_text(encoding="utf-8-sig") for path in tmp_path.glob("bad*.csv"))
    for words in (number, "13800138000"):
        assert words not in str(report.as_json())
        assert words not in kept
    assert "20260302093000001" in kept


def test_formulas_in_rejects_are_neutralised(store, tmp_path):
    network(tmp_path / "in")
    write(tmp_path / "in", contacts=CONTACTS.replace("产品", "=1+1").replace(",30,", ",x,"))
    imported(store, tmp_path / "in", partial=tmp_path / "bad.csv")
    assert ",'=1+1," in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")
