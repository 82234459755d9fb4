import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from db import engine
from db.backup import back_up, proved_backup, restore
from db.changes import utc_now
from db.engine import StoreError, data_version, engine_of, reading, sqlite_url, writing
from db.models import AuditRow, BranchRow, ContactRow, OrgUnitRow, PolicyRow, SignInSessionRow, StoreFactRow, UserRow
from db.store_check import check_content, check_store, prepare_store
from tests.builders import add_branch, add_contact, add_policy, add_staff

DAY = date(2026, 3, 2)


def fill(url, *, branches=3):
    with writing(url) as session:
        for number in range(branches):
            branch = add_branch(session, f"B{number}")
            staff = add_staff(session, branch, f"S{number}")
            add_contact(session, branch, DAY, staff=staff, topic="产品讲解")
            add_policy(session, branch, DAY, premium_fen=3_000_000_00, staff=staff)


def figures(url):
    with reading(url) as session:
        return (
            session.scalar(select(func.count()).select_from(BranchRow)),
            session.scalar(select(func.count()).select_from(ContactRow)),
            session.scalar(select(func.sum(PolicyRow.premium_fen))),
            session.scalars(select(OrgUnitRow.path).order_by(OrgUnitRow.path)).all(),
        )


def add_user(url, name, *, is_demo=False):
    with writing(url) as session:
        user = UserRow(
            username=name, display_name=name, role="admin", password_hash="x", is_demo=is_demo, created_at=utc_now()
        )
        session.add(user)
        session.flush()
        session.add(
            SignInSessionRow(
                sid_hash=name,
                user_id=user.id,
                cred_version=1,
                created_at=utc_now(),
                last_seen_at=utc_now(),
                expires_at=utc_now(),
            )
        )


def test_a_backup_put_back_gives_the_same_figures(store, tmp_path):
    fill(store)
    before = figures(store)
    made = back_up(store, tmp_path / "b.db")
    fill_more(store)
    assert figures(store) != before
    done = restore(store, tmp_path / "b.db")
    assert figures(store) == before
    assert (made.rows["branch"], made.rows["policy"], done.backup) == (3, 3, made)
    with reading(store) as session:
        assert session.scalars(select(AuditRow.action)).all()[-1] == "restore"


def fill_more(url):
    with writing(url) as session:
        add_branch(session, "NEW", region="西区分公司")


def test_what_a_restore_replaces_is_kept_as_a_file(store, tmp_path):
    fill(store)
    back_up(store, tmp_path / "b.db")
    fill_more(store)
    kept = restore(store, tmp_path / "b.db").replaced
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM branch").fetchone() == (4,)


def test_new_rows_are_numbered_after_the_restored_ones(store, tmp_path):
    fill(store)
    back_up(store, tmp_path / "b.db")
    restore(store, tmp_path / "b.db")
    fill_more(store)
    assert figures(store)[0] == 4


def test_a_restore_signs_everybody_out_and_leaves_the_caches_behind(store, tmp_path):
    add_user(store, "boss")
    back_up(store, tmp_path / "b.db")
    for _ in range(3):
        fill_version(store)
    with reading(store) as session:
        before = data_version(session)
    restore(store, tmp_path / "b.db")
    with reading(store) as session:
        assert data_version(session) > before
        assert session.scalars(select(SignInSessionRow)).all() == []
        assert session.scalars(select(UserRow.username)).all() == ["boss"]


def fill_version(url):
    with writing(url):
        pass


def test_a_store_moves_from_sqlite_to_postgresql_and_back_by_backup(sqlite_store, postgres_store, tmp_path):
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "b.db")
    assert restore(postgres_store, tmp_path / "b.db").replaced is None
    assert figures(postgres_store) == figures(sqlite_store)
    back_up(postgres_store, tmp_path / "again.db")
    other = sqlite_url(tmp_path / "other.db")
    restore(other, tmp_path / "again.db")
    assert figures(other) == figures(sqlite_store)
    check_store(other)


def test_a_backup_while_somebody_writes_holds_whole_transactions(store, tmp_path):
    """Fault 10: a writer commits three rows at a time; the copy never holds a torn batch."""
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            with writing(store) as session:
                for part in range(3):
                    add_branch(session, f"W{len(written)}-{part}")
            written.append(utc_now())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            pass
        begun, made = len(written), back_up(store, tmp_path / "b.db")
    finally:
        stop.set()
        writer.join()
    assert made.rows["branch"] % 3 == 0
    assert made.rows["branch"] >= begun * 3
    scratch = sqlite_url(tmp_path / "scratch.db")
    restore(scratch, tmp_path / "b.db")
    assert figures(scratch)[0] == made.rows["branch"]


def test_a_restore_under_an_open_reader_changes_the_store_at_once(sqlite_store, tmp_path):
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "b.db")
    fill_more(sqlite_store)
    with reading(sqlite_store) as session:
        assert session.scalar(select(func.count()).select_from(BranchRow)) == 4
        restore(sqlite_store, tmp_path / "b.db")
        assert session.scalar(select(func.count()).select_from(BranchRow)) == 4
    assert figures(sqlite_store)[0] == 3


def noise(path, place):
    with path.open("r+b") as file:
        file.seek(place)
        file.write(bytes(range(256)) * 16)


def test_a_changed_figure_in_a_backup_is_found(sqlite_store, tmp_path):
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        connection.execute("UPDATE policy SET premium_fen = premium_fen + 1 WHERE id = 1")
        connection.commit()
    with pytest.raises(StoreError, match="figures of policy differ"):
        restore(sqlite_store, tmp_path / "b.db")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(b"not a database at all" * 400), "not a backup"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
        (lambda path: noise(path, 4096 * 6), "damaged"),
        (lambda path: path.unlink(), "no file"),
        (lambda path: path.write_bytes(b""), "not a backup"),
    ],
    ids=["other file", "cut to half", "noise", "missing", "empty"],
)
def test_a_spoiled_backup_is_refused_and_the_store_left_alone(sqlite_store, tmp_path, spoil, message):
    fill(sqlite_store, branches=60)
    back_up(sqlite_store, tmp_path / "b.db")
    spoil(tmp_path / "b.db")
    before = figures(sqlite_store)
    with pytest.raises(StoreError, match=message):
        restore(sqlite_store, tmp_path / "b.db")
    assert figures(sqlite_store) == before


def test_a_backup_of_a_newer_program_is_refused(sqlite_store, tmp_path):
    back_up(sqlite_store, tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        connection.execute("UPDATE backup_proof SET value = 'from_the_future' WHERE key = 'schema'")
        connection.commit()
    with pytest.raises(StoreError, match="newer version"):
        proved_backup(tmp_path / "b.db")


def test_a_damaged_store_is_moved_aside_by_a_restore(sqlite_store, tmp_path):
    fill(sqlite_store)
    before = figures(sqlite_store)
    back_up(sqlite_store, tmp_path / "b.db")
    engine_of(sqlite_store).dispose()
    damaged = Path(engine_of(sqlite_store).url.database)
    damaged.write_bytes(b"\0" * 100 + damaged.read_bytes()[100:])
    spoiled = damaged.read_bytes()
    kept = restore(sqlite_store, tmp_path / "b.db").replaced
    assert figures(sqlite_store) == before
    assert kept.read_bytes() == spoiled


def test_no_file_but_an_older_backup_is_written_over(sqlite_store, tmp_path):
    (tmp_path / "letter.txt").write_text("dear all")
    with pytest.raises(StoreError, match="is no backup"):
        back_up(sqlite_store, tmp_path / "letter.txt")
    with pytest.raises(StoreError, match="the store itself"):
        back_up(sqlite_store, Path(engine_of(sqlite_store).url.database))
    with pytest.raises(StoreError, match="folder"):
        back_up(sqlite_store, tmp_path)
    back_up(sqlite_store, tmp_path / "b.db")
    fill(sqlite_store)
    assert back_up(sqlite_store, tmp_path / "b.db").rows["branch"] == 3
    assert (tmp_path / "letter.txt").read_text() == "dear all"


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_beside(store, tmp_path):
    back_up(store, tmp_path / "out" / "b.db")
    assert (tmp_path / "out" / "b.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.db"]


def test_demo_accounts_never_come_back_beside_real_data(sqlite_store, tmp_path):
    add_user(sqlite_store, "demo_admin", is_demo=True)
    with writing(sqlite_store) as session:
        session.add(StoreFactRow(key="sample", value=1))
    back_up(sqlite_store, tmp_path / "sample-backup.db")
    company = sqlite_url(tmp_path / "company.db")
    with pytest.raises(StoreError, match="demo accounts"):
        restore(company, tmp_path / "sample-backup.db")
    assert not (tmp_path / "company.db").exists()
    restore(sqlite_url(engine.SAMPLE_FILE), tmp_path / "sample-backup.db")


def test_real_data_never_go_into_the_samples_file(sqlite_store, tmp_path):
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "b.db")
    with pytest.raises(StoreError, match="real data"):
        restore(sqlite_url(engine.SAMPLE_FILE), tmp_path / "b.db")


def test_a_killed_restore_leaves_the_store_whole(sqlite_store, tmp_path):
    fill(sqlite_store, branches=40)
    back_up(sqlite_store, tmp_path / "b.db")
    fill_more(sqlite_store)
    engine_of(sqlite_store).dispose()
    program = (
        "import sys, pathlib; from db.backup import restore; print('go', flush=True);"
        "restore(sys.argv[1], pathlib.Path(sys.argv[2]))"
    )
    for wait in (0.0, 0.05, 0.1, 0.2, 0.4):
        child = subprocess.Popen(
            [sys.executable, "-c", program, sqlite_store, str(tmp_path / "b.db")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent.parent,
        )
        child.stdout.readline()
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
        child.stdout.close()
        check_content(sqlite_store)
        assert figures(sqlite_store)[0] in {40, 41}
        engine_of(sqlite_store).dispose()


def test_a_backup_of_postgresql_comes_from_one_snapshot(postgres_store, tmp_path):
    fill(postgres_store)
    made = back_up(postgres_store, tmp_path / "b.db")
    with reading(postgres_store) as session:
        count = session.scalar(text("SELECT count(*) FROM contact"))
    assert made.rows["contact"] == count == 3


def test_a_backup_of_a_missing_store_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match=r"manage\.py upgrade"):
        back_up(sqlite_url(tmp_path / "none.db"), tmp_path / "b.db")
    assert not (tmp_path / "none.db").exists()


def test_preparing_twice_changes_nothing(tmp_path):
    url = sqlite_url(tmp_path / "new.db")
    prepare_store(url)
    prepare_store(url)
    assert figures(url)[0] == 0
    engine_of(url).dispose()
