"""Guessing passwords and names: a limit, one text, one time."""

import time

import pytest

from core.facts import UserRole
from tests.running import PASSWORD, add_user

pytestmark = pytest.mark.xdist_group("attacks")  # one server for all

REFUSED = "The name or the password is wrong, or there were too many attempts"


def attempt(server, username, password):
    tab = server.tab()
    tab.run()
    return tab.sign_in(username, password), tab.cookie


def test_after_ten_failures_the_right_password_is_refused_too(server, attacked_store):
    add_user(attacked_store, "guessed")
    tab = server.tab()
    tab.run()
    for _ in range(16):
        text = tab.click("Sign in", User_name="guessed", Password="not the password")
        assert REFUSED in text
    text, cookie = attempt(server, "guessed", PASSWORD)
    assert REFUSED in text
    assert cookie is None


def test_a_right_password_forgets_the_failures_before(server, attacked_store):
    add_user(attacked_store, "clumsy")
    for _ in range(9):
        attempt(server, "clumsy", "not the password")
    assert attempt(server, "clumsy", PASSWORD)[1]
    assert REFUSED in attempt(server, "clumsy", "not the password")[0]
    assert attempt(server, "clumsy", PASSWORD)[1]


def test_unknown_and_disabled_names_get_the_same_text(server, attacked_store):
    texts = {attempt(server, name, "not the password")[0].replace(name, "X") for name in ("nobody", "boss")}
    bodies = {next(line for line in text.splitlines() if REFUSED in line) for text in texts}
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("", ""),
        ("boss", ""),
        ("", PASSWORD),
        ("boss", "x" * 500),
        ("boss", "密" * 100),
        ("b" * 5000, "x"),
        ("bo\0ss", "x"),
    ],
)
def test_odd_entries_are_refused_without_an_error(server, username, password):
    text, cookie = attempt(server, username, password)
    assert cookie is None
    assert "User name" in text
    assert "Error number" not in text


def test_names_cannot_be_told_apart_by_time(server, attacked_store):
    add_user(attacked_store, "known", UserRole.SUPERVISOR, cost=12)
    tab = server.tab()
    tab.run()
    fastest = {"known": 99.0, "nobody of that name": 99.0}
    for _ in range(6):  # in turn, so that a busy machine slows both
        for name, seconds in fastest.items():
            started = time.perf_counter()
            tab.click("Sign in", User_name=name, Password="not the password")
            fastest[name] = min(seconds, time.perf_counter() - started)
    known, unknown = fastest.values()
    assert 0.6 < known / unknown < 1.7, fastest
