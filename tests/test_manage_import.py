import json

import pytest

import manage
from db import engine
from db.engine import SAMPLE, reading, sqlite_url, writing
from db.models import BranchRow, StoreFactRow
from tests.db.imports.files import BRANCHES, CONTACTS, STAFF, write


def run(*words):
    return manage.main(["import", *map(str, words)])


def branch_count(store):
    with reading(store) as session:
        return session.query(BranchRow).count()


def test_a_good_folder_is_stored_with_a_report_and_status_0(sqlite_store, tmp_path):
    folder = write(tmp_path / "in", branches=BRANCHES, staff=STAFF, contacts=CONTACTS)
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    assert run(folder, "--json", tmp_path / "r.json") == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {name: report[name] for name in ("accepted", "inserted", "updated", "unchanged", "rejected", "stored")} == {
        "accepted": 6, "inserted": 6, "updated": 0, "unchanged": 0, "rejected": 0, "stored": True,
    }  # fmt: skip
    assert [(part["file"], part["accepted"], part["errors"]) for part in report["files"]] == [
        ("branches.csv", 2, []),
        ("contacts.csv", 2, []),
        ("staff.csv", 2, []),
    ]
    assert report["ignored_files"] == ["notes.txt"]


def test_a_bad_row_is_refused_with_status_1_and_told(sqlite_store, tmp_path, capsys):
    folder = write(tmp_path / "in", branches=BRANCHES.replace("wang,active", "wang,gone"))
    assert run(folder, "--json", tmp_path / "r.json") == 1
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    (error,) = report["files"][0]["errors"]
    assert {name: error[name] for name in ("file", "sheet", "row", "column", "value")} == {
        "file": "branches.csv", "sheet": None, "row": 3, "column": "status", "value": "gone",
    }  # fmt: skip
    assert "active [正常], suspended [暂停], closed [关闭]" in error["message"]
    assert branch_count(sqlite_store) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "branches.csv, row 3, status: 'gone'" in told.err
    assert "nothing was stored" in told.err


def test_partial_stores_the_rest_with_status_0(sqlite_store, tmp_path):
    folder = write(tmp_path / "in", branches=BRANCHES.replace("wang,active", "wang,gone"))
    assert run(folder, "--partial", tmp_path / "rejected.csv") == 0
    assert branch_count(sqlite_store) == 1
    assert "00456" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")


def test_a_dry_run_stores_nothing(sqlite_store, tmp_path):
    assert run(write(tmp_path / "in", branches=BRANCHES), "--dry-run") == 0
    assert run(write(tmp_path / "in", branches=BRANCHES.replace("2024-01-01", "never")), "--dry-run") == 1
    assert branch_count(sqlite_store) == 0


def test_the_kind_can_be_said(sqlite_store, tmp_path):
    (tmp_path / "list.csv").write_text(BRANCHES, encoding="utf-8")
    assert run(tmp_path / "list.csv", "--kind", "branches") == 0
    assert branch_count(sqlite_store) == 2


@pytest.mark.parametrize("words", [["nowhere.csv"], []])
def test_a_missing_path_is_wrong_usage(sqlite_store, tmp_path, words):
    if words:
        assert run(tmp_path / words[0]) == 2
    else:
        with pytest.raises(SystemExit) as ended:
            run()
        assert ended.value.code == 2


def test_an_unknown_kind_is_wrong_usage(sqlite_store, tmp_path):
    with pytest.raises(SystemExit) as ended:
        run(write(tmp_path / "in", branches=BRANCHES), "--kind", "weather")
    assert ended.value.code == 2


def test_a_folder_without_import_files_is_wrong_usage(sqlite_store, tmp_path):
    assert run(tmp_path) == 2


def test_without_a_store_named_the_company_file_is_made_never_the_sample(tmp_path):
    assert run(write(tmp_path / "in", branches=BRANCHES)) == 0
    assert branch_count(sqlite_url(engine.COMPANY_FILE)) == 2
    assert not engine.SAMPLE_FILE.exists()


def test_a_refused_import_leaves_no_empty_company_file(tmp_path):
    assert run(write(tmp_path / "in", branches=BRANCHES.replace("2024-01-01", "never"))) == 1
    assert list(engine.COMPANY_FILE.parent.glob("*")) == []


def test_the_sample_city_takes_no_real_data(sqlite_store, tmp_path, capsys):
    with writing(sqlite_store) as session:
        session.add(StoreFactRow(key=SAMPLE, value=1))
    assert run(write(tmp_path / "in", branches=BRANCHES)) == 1
    assert "python manage.py init --empty" in capsys.readouterr().err
    assert branch_count(sqlite_store) == 0


def test_a_store_without_tables_is_made_ready(tmp_path, monkeypatch):
    url = sqlite_url(tmp_path / "fresh.db")
    monkeypatch.setenv("DATABASE_URL", url)
    assert run(write(tmp_path / "in", branches=BRANCHES)) == 0
    assert branch_count(url) == 2
