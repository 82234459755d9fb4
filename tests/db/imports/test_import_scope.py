import pytest

from db.access import NotAllowedError
from db.engine import reading
from db.models import BranchRow, ImportBatchRow
from tests.builders import head_of, manager_of, supervisor
from tests.db.imports.files import (
    BRANCHES,
    CONTACTS,
    POLICIES,
    counts,
    errors,
    imported,
    network,
    places,
    previewed,
    write,
)


@pytest.fixture
def filled(store, tmp_path):
    imported(store, network(tmp_path / "network"))
    return store


def test_a_supervisor_imports_rows_of_his_branches(filled, tmp_path):
    report = imported(filled, write(tmp_path / "in", contacts=CONTACTS, policies=POLICIES), actor=supervisor("li"))
    assert counts(report) == (4, 0, 0, 0)


def test_rows_of_foreign_and_of_unknown_branches_get_one_answer(filled, tmp_path):
    header = "policy_ref,issued_on,branch_code,payment_mode,premium\n"
    policies = header + "P1,2026-11-16,00456,single,1\nP2,2026-11-16,99999,single,1\n"
    report = imported(filled, write(tmp_path / "in", policies=policies), actor=supervisor("li"))
    assert errors(report) == [
        (2, "branch_code", "00456", "not one of your branches"),
        (3, "branch_code", "99999", "not one of your branches"),
    ]


def test_a_key_stored_at_a_foreign_branch_cannot_be_taken_over(filled, tmp_path):
    imported(
        filled, write(tmp_path / "a", policies=POLICIES.replace("00123,0001", "00456,0002").replace("00123", "00456"))
    )
    report = imported(filled, write(tmp_path / "b", policies=POLICIES), actor=supervisor("li"))
    assert errors(report) == [
        (2, "policy_ref", "P0001", "not one of your branches"),
        (3, "policy_ref", "P0002", "not one of your branches"),
    ]


def test_a_supervisor_cannot_enter_contacts_under_another_name(filled, tmp_path):
    report = imported(
        filled, write(tmp_path / "in", contacts=CONTACTS.replace(",li,", ",wang,")), actor=supervisor("li")
    )
    assert places(report) == [(2, "supervisor"), (3, "supervisor")]


def test_a_supervisor_can_neither_give_a_branch_away_nor_take_one(filled, tmp_path):
    given = BRANCHES.replace(",li,", ",wang,")
    taken = BRANCHES.replace(",wang,", ",li,")
    for text, rows in ((given, [2, 3]), (taken, [3])):
        report = imported(filled, write(tmp_path / "in", branches=text), actor=supervisor("li"))
        assert [(row, remark) for row, _, _, remark in errors(report)] == [
            (row, "not one of your branches") for row in rows
        ]


def test_a_supervisor_updates_his_branch_with_a_file_that_names_no_supervisor(filled, tmp_path):
    rows = [line.split(",") for line in BRANCHES.replace("人民路", "新名").splitlines()]
    lines = [",".join(cells[:6]) for cells in rows]
    new = lines[1].replace("00123", "00789")
    report = imported(filled, write(tmp_path / "a", branches="\n".join(lines[:2])), actor=supervisor("li"))
    assert (errors(report), counts(report)) == ([], (0, 1, 0, 0))
    report = imported(filled, write(tmp_path / "b", branches="\n".join([*lines, new])), actor=supervisor("li"))
    assert errors(report) == [
        (3, "branch_code", "00456", "not one of your branches"),
        (4, "branch_code", "00789", "not one of your branches"),
    ]
    empty = "\n".join([*(f"{line},supervisor" for line in lines[:1]), f"{lines[1]},"])
    report = imported(filled, write(tmp_path / "c", branches=empty), actor=supervisor("li"))
    assert places(report) == [(2, "branch_code")]
    with reading(filled) as session:
        found = session.query(BranchRow.branch_name, BranchRow.supervisor).order_by(BranchRow.branch_code).all()
    assert [tuple(row) for row in found] == [("新名支行", "li"), ("解放路支行", "wang")]


def test_a_manager_imports_the_branches_of_his_region_only(filled, tmp_path):
    report = imported(filled, write(tmp_path / "in", branches=BRANCHES), actor=manager_of("浙江分公司/杭州中支"))
    assert errors(report) == [(3, "branch_code", "00456", "not one of your branches")]
    report = imported(filled, write(tmp_path / "in", branches=BRANCHES), actor=manager_of("浙江分公司"))
    assert counts(report) == (0, 0, 2, 0)


def test_a_preview_tells_no_more_than_an_import(filled, tmp_path):
    piles = previewed(
        filled, write(tmp_path / "in", branches=BRANCHES.replace("解放路支行", "改名")), actor=supervisor("li")
    )
    assert piles.changed == []
    assert "解放路支行" not in str(piles)


def test_a_branch_head_cannot_import(filled, tmp_path):
    with pytest.raises(NotAllowedError):
        imported(filled, write(tmp_path / "in", contacts=CONTACTS), actor=head_of(1))


def test_a_role_without_its_bound_imports_nothing(filled, tmp_path):
    report = imported(filled, write(tmp_path / "in", contacts=CONTACTS), actor=manager_of(""))
    assert [row for row in errors(report) if row[1] == "branch_code"] == [
        (2, "branch_code", "00123", "not one of your branches"),
        (3, "branch_code", "00123", "not one of your branches"),
    ]
    with reading(filled) as session:
        assert session.query(ImportBatchRow).count() == 1
        assert session.query(BranchRow).count() == 2
