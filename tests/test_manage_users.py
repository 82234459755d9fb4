"""Accounts from the command line; the password comes as one line, never as an argument."""

import io

import pytest

import manage
from db.engine import reading
from db.models import UserRow


@pytest.fixture
def run(sqlite_store, monkeypatch):
    """Run a command with a line on standard input."""
    from db.store_check import sqlite_path

    sqlite_path(sqlite_store).chmod(0o600)

    def command(*words, line="a long enough password"):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))
        return manage.main(["user", *words])

    return command


def user(username):
    with reading() as session:
        return session.query(UserRow).filter_by(username=username).one()


def test_the_first_administrator_is_made_and_listed(run, capsys):
    assert run("add", "Boss", "--role", "admin") == 0
    assert run("list") == 0
    assert capsys.readouterr().out == "boss\tadmin\t-\tactive\n"
    assert user("boss").must_change_password is False


def test_a_bound_that_is_not_there_yet_is_said(run, capsys):
    assert run("add", "wang", "--role", "branch_head", "--branch", "B1") == 0
    assert "not in the store yet" in capsys.readouterr().err
    assert user("wang").branch_code == "B1"


def test_a_one_time_password_can_be_asked_for(run):
    run("add", "li", "--role", "supervisor", "--one-time")
    assert user("li").must_change_password is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "boss", "--role", "admin"], "already"),
        (["add", "wu", "--role", "manager"], "needs a region"),
        (["add", "wu", "--role", "branch_head"], "needs a branch"),
        (["add", "a b", "--role", "admin"], "A user name is"),
        (["disable", "boss"], "last active administrator"),
        (["disable", "nobody"], "no account called 'nobody'"),
        (["password", "nobody"], "no account called 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(run, capsys, words, said):
    run("add", "boss", "--role", "admin")
    assert run(*words) == 1
    assert said in capsys.readouterr().err


def test_a_weak_password_is_refused_and_nothing_is_stored(run, capsys):
    assert run("add", "boss", "--role", "admin", line="short") == 1
    assert "at least 8 characters" in capsys.readouterr().err
    with reading() as session:
        assert session.query(UserRow).count() == 0


def test_disabling_and_a_new_password_end_the_sessions(run):
    run("add", "boss", "--role", "admin")
    run("add", "li", "--role", "supervisor")
    before = user("li")
    assert run("password", "li", line="another good password") == 0
    assert run("disable", "li") == 0
    after = user("li")
    assert (after.cred_version, after.is_active) == (before.cred_version + 2, False)
    assert after.password_hash != before.password_hash
