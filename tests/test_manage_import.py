import json
import sqlite3

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


def partly_bad(folder):
    return write(folder, branches=BRANCHES.replace("wang,active", "wang,gone"), staff=STAFF)


def test_the_files_of_rejected_rows_are_told_and_named_in_the_report(sqlite_store, tmp_path, capsys):
    folder = partly_bad(tmp_path / "in")
    assert run(folder, "--partial", tmp_path / "bad.csv", "--json", tmp_path / "r.json") == 0
    names = [str(tmp_path / "bad.csv"), str(tmp_path / "bad.staff.csv")]
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["rejected_files"] == names
    assert f"rejected rows are written to {names[0]}, {names[1]}\n" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_rejected_rows_of_an_earlier_import_do_not_stay(sqlite_store, tmp_path, suffix):
    folder, bad = partly_bad(tmp_path / "in"), tmp_path / f"bad.{suffix}"
    assert run(folder, "--partial", bad) == 0
    assert len(list(tmp_path.glob("bad*"))) == (2 if suffix == "csv" else 1)
    write(folder, branches=BRANCHES)
    assert run(folder, "--partial", bad, "--json", tmp_path / "r.json") == 0
    assert list(tmp_path.glob("bad*")) == []
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["rejected_files"] == []


def test_a_file_that_is_imported_is_not_taken_away(sqlite_store, tmp_path):
    folder = write(tmp_path / "in", branches=BRANCHES)
    assert run(folder, "--partial", folder / "branches.csv") == 0
    assert (folder / "branches.csv").read_text(encoding="utf-8") == BRANCHES


def test_a_dry_run_ends_as_the_real_one_would(sqlite_store, tmp_path):
    bad, nothing_good = partly_bad(tmp_path / "in"), write(tmp_path / "none", branches="branch_code\nB1\n")
    for words, status in (([bad], 1), ([bad, "--partial", tmp_path / "x.csv"], 0), ([nothing_good], 1)):
        assert run(*words, "--dry-run") == status
        assert branch_count(sqlite_store) == 0
    assert run(nothing_good, "--dry-run", "--partial", tmp_path / "x.csv") == 1
    assert run(nothing_good, "--partial", tmp_path / "x.csv") == 1
    assert run(bad, "--partial", tmp_path / "x.csv") == 0


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


def refused(tmp_path, *words):
    """Run an import that is refused as a whole; return its status and the report."""
    status = run(*words, "--json", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (report["stored"], report["accepted"], report["errors"], report["files"]) == (False, 0, [], [])
    return status, report["reason"]


def test_a_report_is_written_where_the_paths_hold_nothing_to_import(sqlite_store, tmp_path):
    (tmp_path / "empty").mkdir()
    words = "no file to import: the folder holds none of branches, staff, contacts, policies, statuses (.csv or .xlsx)"
    assert refused(tmp_path, tmp_path / "empty") == (2, words)
    assert refused(tmp_path, tmp_path / "nowhere.csv") == (2, f"there is no {tmp_path / 'nowhere.csv'}")


def test_a_report_is_written_where_the_store_takes_nothing(sqlite_store, tmp_path, capsys):
    folder = write(tmp_path / "in", branches=BRANCHES)
    with sqlite3.connect(sqlite_store.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        words = "somebody else is writing to the store; nothing was stored. Try again"
        assert refused(tmp_path, folder) == (1, words)
    assert words in capsys.readouterr().err
    with writing(sqlite_store) as session:
        session.add(StoreFactRow(key=SAMPLE, value=1))
    status, reason = refused(tmp_path, folder)
    assert (status, reason.split(";")[0]) == (1, "this store holds the sample city with its demo accounts")


def test_a_report_is_written_where_the_store_is_damaged(sqlite_store, tmp_path, monkeypatch):
    (tmp_path / "bad.db").write_bytes(b"x" * 5_000)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(tmp_path / "bad.db"))
    status, reason = refused(tmp_path, write(tmp_path / "in", branches=BRANCHES))
    assert (status, "damaged" in reason) == (1, True)


def test_a_full_disk_is_told_in_the_report_or_at_least_to_the_person(sqlite_store, tmp_path, capsys):
    folder = partly_bad(tmp_path / "in")
    status, reason = refused(tmp_path, folder, "--partial", "/dev/full")
    assert (status, reason) == (1, "the disk is full; nothing was stored. Make room and import again")
    assert branch_count(sqlite_store) == 0
    assert run(write(folder, branches=BRANCHES), "--json", "/dev/full") == 0
    assert "/dev/full cannot be written: No space left on device" in capsys.readouterr().err
    assert branch_count(sqlite_store) == 2
