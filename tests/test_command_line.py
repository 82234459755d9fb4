"""Every command as a program runs it: exit status, the files it writes, the columns they have."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.calendar import last_sunday_before
from core.sample.files import FILE_NAMES
from db.engine import engine_of, reading, sqlite_url
from db.models import BranchRow
from manage import main

ROOT = Path(__file__).resolve().parent.parent
STAGES = {"startup", "growth", "mature", "adjustment", "slump"}
ROLES = ["branch_head", "wealth_manager", "account_manager", "teller"]
KPIS = {
    "branch_activity_rate",
    "policies_per_branch",
    "policies_per_active_branch",
    "premium_per_branch",
    "premium_per_policy",
    "scale_premium",
    "regular_premium",
    "regular_share",
    "regular_single_ratio",
    "cooling_off_rate",
    "zero_branch_rate",
    "active_sellers",
    "contact_attainment",
}


def manage(*words, url=None, given=None, env=None):
    """Run a command as a program of its own, once for each command; `given` is what comes on standard input."""
    settings = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | (env or {})
    if url:
        settings["DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, words)],
        input=given,
        capture_output=True,
        text=True,
        env=settings,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


@pytest.fixture
def manage_here(monkeypatch, capsys):
    """Run a command in this process, which saves loading it; what a process alone can show is shown by `manage`."""

    def run(*words, url=None, given=""):
        if url:
            monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        try:
            status = main(list(map(str, words)))
        except SystemExit as leaving:
            status = leaving.code
        if url and url.startswith("sqlite"):
            engine_of(url).dispose()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, status, said.out, said.err)

    return run


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames), list(reader)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A folder of files of 40 branches and 60 weeks."""
    folder = tmp_path_factory.mktemp("city")
    done = manage("generate", folder, "--branches", 40, "--weeks", 60, "--seed", 7, "--until", "2026-03-15")
    assert (done.returncode, done.stdout) == (0, "")
    return folder


@pytest.fixture(scope="module")
def filled(city, tmp_path_factory):
    """URL of a store that holds the city, made by the commands alone, and the report of the import."""
    folder = tmp_path_factory.mktemp("store")
    url = sqlite_url(folder / "store.db")
    assert manage("upgrade", url=url).returncode == 0
    done = manage("import", city, "--json", folder / "report.json", url=url)
    assert done.returncode == 0, done.stderr
    return url, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def files_of(report):
    """The report of each file by its name."""
    parts = report["files"]
    return parts if isinstance(parts, dict) else {part["file"]: part for part in parts}


def test_the_same_arguments_write_the_same_bytes(city, tmp_path, manage_here):
    manage_here("generate", tmp_path, "--branches", 40, "--weeks", 60, "--seed", 7, "--until", "2026-03-15")
    for name in FILE_NAMES:
        assert (tmp_path / name).read_bytes() == (city / name).read_bytes()


def test_without_until_the_files_end_on_the_last_sunday(tmp_path, manage_here):
    assert manage_here("generate", tmp_path, "--branches", 3, "--weeks", 20, "--seed", 1).returncode == 0
    _, contacts = rows_of(tmp_path / "contacts.csv")
    last = max(date.fromisoformat(row["contact_date"]) for row in contacts)
    assert date.today() - timedelta(days=14) < last < date.today() + timedelta(days=1)  # noqa: DTZ011  # the program's own day


@pytest.mark.parametrize(
    ("as_of", "sunday"),
    [
        (date(2026, 11, 21), date(2026, 11, 15)),
        (date(2026, 11, 22), date(2026, 11, 15)),
        (date(2026, 11, 23), date(2026, 11, 22)),
    ],
    ids=["saturday", "sunday", "monday"],
)
def test_the_last_sunday_lies_before_the_day(as_of, sunday):
    assert last_sunday_before(as_of) == sunday


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["unknown"],
        ["generate", "DIR", "--branches", "0", "--weeks", "4", "--seed", "1"],
        ["generate", "DIR", "--branches", "many", "--weeks", "4", "--seed", "1"],
        ["generate", "DIR", "--branches", "4", "--weeks", "4", "--seed", "1", "--until", "15.3.2026"],
        ["import"],
        ["import", "no-such-file.csv"],
        ["classify"],
        ["cadence", "--week", "2026-13-01", "--out", "x.csv"],
        ["kpis", "--from", "2026-03-01", "--to", "2026-02-01", "--out", "x.csv"],
        ["kpis", "--from", "2026-03-01", "--to", "2026-03-02", "--by", "city", "--out", "x.csv"],
        ["user", "add", "boss", "--role", "king"],
        ["backup"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two_and_says_why(words, tmp_path, filled, manage_here):
    done = manage_here(*[str(tmp_path / word) if word == "DIR" else word for word in words], url=filled[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_the_generated_files_import_without_an_error_or_a_storm_of_warnings(city, filled):
    files = files_of(filled[1])
    assert set(files) == set(FILE_NAMES)
    for name, part in files.items():
        _, rows = rows_of(city / name)
        assert (part["accepted"], part["inserted"]) == (len(rows), len(rows)), name
        assert (part["updated"], part["unchanged"], part["rejected"], part["errors"]) == (0, 0, 0, []), name
        assert len(part.get("warnings", [])) <= 40, name


def test_importing_again_changes_nothing(city, filled, tmp_path, manage_here):
    done = manage_here("import", city, "--json", tmp_path / "again.json", url=filled[0])
    assert done.returncode == 0
    for part in files_of(json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))).values():
        assert (part["inserted"], part["updated"], part["unchanged"]) == (0, 0, part["accepted"])


def test_a_wrong_row_stores_nothing_and_exits_with_one(city, filled, tmp_path):
    bad = (city / "branches.csv").read_text(encoding="utf-8").splitlines()[:2]
    bad.append(bad[1].replace("QH-", "NEW-").replace("active", "sleeping"))
    (tmp_path / "branches.csv").write_text("\n".join(bad) + "\n", encoding="utf-8")
    before = branch_count(filled[0])
    done = manage("import", tmp_path / "branches.csv", "--json", tmp_path / "report.json", url=filled[0])
    assert done.returncode == 1
    (error,) = files_of(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))["branches.csv"]["errors"]
    assert set(error) >= {"file", "sheet", "row", "column", "value", "message"}
    assert (error["file"], error["row"], error["column"], error["value"]) == ("branches.csv", 3, "status", "sleeping")
    assert branch_count(filled[0]) == before


def test_a_partial_import_writes_what_it_rejects(city, tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    bad = (city / "branches.csv").read_text(encoding="utf-8").splitlines()[:3]
    bad.append(bad[1].replace("QH-", "NEW-").replace("active", "sleeping"))
    (tmp_path / "branches.csv").write_text("\n".join(bad) + "\n", encoding="utf-8")
    manage_here("upgrade", url=url)
    done = manage_here("import", tmp_path / "branches.csv", "--partial", tmp_path / "rejected.csv", url=url)
    assert done.returncode == 0, done.stderr
    assert branch_count(url) == 2
    columns, rows = rows_of(tmp_path / "rejected.csv")
    assert len(rows) == 1
    assert rows[0]["branch_code"].startswith("NEW-")
    assert len(columns) > len(bad[0].split(","))


def test_a_dry_run_stores_nothing(city, tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    manage_here("upgrade", url=url)
    assert manage_here("import", city, "--dry-run", url=url).returncode == 0
    assert branch_count(url) == 0


def branch_count(url):
    with reading(url) as session:
        found = session.query(BranchRow).count()
    engine_of(url).dispose()
    return found


def test_classify_writes_one_row_a_branch_and_week(city, filled, tmp_path, manage_here):
    assert manage("classify", "--out", tmp_path / "now.csv", url=filled[0]).returncode == 0
    assert manage_here("classify", "--history", "--out", tmp_path / "all.csv", url=filled[0]).returncode == 0
    columns, now = rows_of(tmp_path / "now.csv")
    assert columns == ["branch_code", "week_start", "stage", "confidence", "reason", "most_likely"]
    _, history = rows_of(tmp_path / "all.csv")
    keys = [(row["branch_code"], row["week_start"]) for row in history]
    assert len(set(keys)) == len(keys)
    assert {row["week_start"] for row in now} == {"2026-03-09"}
    assert {row["stage"] for row in history} | {row["most_likely"] for row in history} <= STAGES
    assert all(0 <= float(row["confidence"]) <= 1 for row in history)
    assert all(row["reason"] for row in history)
    last = {row["branch_code"]: row["stage"] for row in history if row["week_start"] == "2026-03-09"}
    assert last == {row["branch_code"]: row["stage"] for row in now}
    _, branches = rows_of(city / "branches.csv")
    closed = {row["branch_code"] for row in branches if row["status"] == "closed"}
    assert set(last) == {row["branch_code"] for row in branches} - closed


def test_classify_as_of_a_day_knows_nothing_of_later_weeks(filled, tmp_path, manage_here):
    words = ("classify", "--as-of", "2025-12-31", "--out", tmp_path / "then.csv")
    assert manage_here(*words, url=filled[0]).returncode == 0
    _, then = rows_of(tmp_path / "then.csv")
    assert {row["week_start"] for row in then} == {"2025-12-22"}


def test_cadence_writes_the_four_roles_of_every_branch(city, filled, tmp_path):
    done = manage("cadence", "--week", "2026-03-04", "--out", tmp_path / "cadence.csv", url=filled[0])
    assert done.returncode == 0, done.stderr
    columns, rows = rows_of(tmp_path / "cadence.csv")
    assert columns == [
        "branch_code",
        "role",
        "week_start",
        "workdays",
        "target_min",
        "target_max",
        "actual",
        "status",
    ]
    _, branches = rows_of(city / "branches.csv")
    open_then = {
        row["branch_code"] for row in branches if row["status"] != "closed" and row["cooperation_start"] <= "2026-03-08"
    }
    assert {(row["branch_code"], row["role"]) for row in rows} == {(code, role) for code in open_then for role in ROLES}
    assert {row["week_start"] for row in rows} == {"2026-03-02"}
    assert {row["status"] for row in rows} <= {"met", "over", "short", "none", "not_due"}
    assert all(row["target_max"] == "" for row in rows if row["role"] in ("wealth_manager", "account_manager"))


def test_wrong_usage_of_the_program_itself_exits_with_two():
    done = manage("classify")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--out" in done.stderr


def test_cadence_of_a_week_to_come_is_wrong_usage(filled, tmp_path, manage_here):
    done = manage_here("cadence", "--week", "2090-01-02", "--out", tmp_path / "x.csv", url=filled[0])
    assert done.returncode == 2
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("by", [None, "branch", "region", "bank", "supervisor"])
def test_kpis_writes_every_kpi_for_each_unit_and_the_whole(filled, tmp_path, by, manage_here):
    words = ["kpis", "--from", "2026-01-01", "--to", "2026-02-28", "--out", tmp_path / "kpis.csv"]
    run = manage if by == "branch" else manage_here
    done = run(*words, *(["--by", by] if by else []), url=filled[0])
    assert done.returncode == 0, done.stderr
    columns, rows = rows_of(tmp_path / "kpis.csv")
    assert columns == ["by", "key", "from", "to", "kpi", "value", "numerator", "denominator", "unit", "target"]
    assert {row["by"] for row in rows} == {"all", *([by] if by else [])}
    assert {row["kpi"] for row in rows if row["by"] == "all"} >= KPIS
    assert {(row["from"], row["to"]) for row in rows} == {("2026-01-01", "2026-02-28")}
    assert all(row["denominator"] not in ("", "0") or row["value"] == "" for row in rows if row["denominator"])


def test_accounts_are_made_listed_and_disabled(tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    manage_here("upgrade", url=url)
    secret = "a long enough secret"
    assert manage("user", "add", "Boss", "--role", "admin", url=url, given=f"{secret}\n").returncode == 0
    assert manage_here("user", "add", "second", "--role", "admin", url=url, given=f"{secret}\n").returncode == 0
    again = manage_here("user", "add", "boss", "--role", "admin", url=url, given=f"{secret}\n")
    assert again.returncode == 1
    short = manage_here("user", "add", "third", "--role", "admin", url=url, given="short\n")
    assert short.returncode == 1
    assert manage_here("user", "password", "boss", url=url, given="another long secret\n").returncode == 0
    assert manage_here("user", "disable", "boss", url=url).returncode == 0
    assert manage_here("user", "disable", "nobody", url=url).returncode == 1
    listed = manage_here("user", "list", url=url)
    assert listed.returncode == 0
    assert [line.split("\t")[0] for line in listed.stdout.splitlines()] == ["boss", "second"]
    told = again.stderr + short.stderr + listed.stdout + listed.stderr
    assert secret not in told


def test_a_backup_is_put_back(filled, tmp_path, manage_here):
    backup = tmp_path / "b.db"
    assert manage("backup", backup, url=filled[0]).returncode == 0
    other = sqlite_url(tmp_path / "other.db")
    done = manage("restore", backup, url=other)
    assert done.returncode == 0, done.stderr
    assert branch_count(other) == 40
    (tmp_path / "torn.db").write_bytes(backup.read_bytes()[:20_000])
    refused = manage_here("restore", tmp_path / "torn.db", url=other)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert branch_count(other) == 40


def test_upgrade_may_run_again(tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    assert [manage_here("upgrade", url=url).returncode for _ in range(2)] == [0, 0]


def test_init_of_a_configured_store_marks_it_and_refuses_a_second_time(tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    done = manage("init", url=url)
    assert done.returncode == 0, done.stderr
    assert manage_here("user", "list", url=url).stdout == ""
    assert branch_count(url) == 120
    assert manage_here("init", url=url).returncode == 1
    assert manage_here("import", ROOT / "sample_data", url=url).returncode == 1
    assert branch_count(url) == 120


def test_init_empty_makes_a_store_without_anything(tmp_path, manage_here):
    url = sqlite_url(tmp_path / "store.db")
    assert manage_here("init", "--empty", url=url).returncode == 0
    assert manage_here("user", "list", url=url).stdout == ""
    assert branch_count(url) == 0


@pytest.mark.parametrize(
    "url",
    ["mysql://u:p4ssw0rd@h/db", "nonsense", "postgresql://u:p4ssw0rd@127.0.0.1:1/db"],
    ids=["kind", "form", "down"],
)
@pytest.mark.parametrize("words", [["upgrade"], ["user", "list"], ["classify", "--out", "x.csv"]], ids=" ".join)
def test_a_store_that_cannot_be_used_is_one_clear_line(url, words, tmp_path, manage_here):
    done = manage_here(*[str(tmp_path / word) if word == "x.csv" else word for word in words], url=url)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "p4ssw0rd" not in done.stderr


def test_the_commands_run_in_any_zone_and_locale(tmp_path):
    for zone in ("UTC", "America/Los_Angeles", "Pacific/Kiritimati"):
        done = manage(
            "generate",
            tmp_path / zone.replace("/", "-"),
            "--branches",
            2,
            "--weeks",
            3,
            "--seed",
            1,
            env={"TZ": zone, "LC_ALL": "C"},
        )
        assert done.returncode == 0, done.stderr
    one, *others = [
        (folder / "policies.csv").read_bytes() + (folder / "branches.csv").read_bytes() for folder in tmp_path.iterdir()
    ]
    assert others == [one, one]
