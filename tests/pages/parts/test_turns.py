import threading
import time

import pytest

from pages.parts.turns import Turns

LONG = 5.0


@pytest.fixture
def ran():
    return []


def started(turns, ran, name, *, until=None):
    """Start a script that notes its name when its turn comes, and lasts until the event."""

    def script():
        with turns.turn():
            ran.append(name)
            if until:
                until.wait(LONG)

    thread = threading.Thread(target=script, daemon=True)
    thread.start()
    return thread


def soon(holds):
    end = time.monotonic() + LONG
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def test_one_script_runs_and_the_others_follow_in_the_order_they_came(ran):
    turns, done = Turns(patience=LONG), threading.Event()
    threads = [started(turns, ran, "first", until=done)]
    assert soon(lambda: ran == ["first"])
    for place, name in enumerate(("second", "third"), 1):
        threads.append(started(turns, ran, name))
        assert soon(lambda place=place: len(turns._line) == place)
    assert ran == ["first"]
    done.set()
    for thread in threads:
        thread.join(LONG)
    assert ran == ["first", "second", "third"]


def test_nobody_waits_for_a_script_that_takes_long(ran):
    turns, done = Turns(patience=0.05), threading.Event()
    threads = [started(turns, ran, "import", until=done)]
    assert soon(lambda: ran == ["import"])
    threads += [started(turns, ran, "page"), started(turns, ran, "another page")]
    assert soon(lambda: sorted(ran) == ["another page", "import", "page"])
    done.set()
    for thread in threads:
        thread.join(LONG)
    threads = [started(turns, ran, "afterwards")]
    assert soon(lambda: ran[-1] == "afterwards")


def test_a_script_that_fails_gives_its_turn_back(ran):
    turns = Turns(patience=LONG)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    started(turns, ran, "next").join(LONG)
    assert ran == ["next"]


def test_the_turn_of_a_long_script_ends_no_turn_but_its_own(ran):
    turns, long_done, short_done = Turns(patience=0.05), threading.Event(), threading.Event()
    long = started(turns, ran, "long", until=long_done)
    assert soon(lambda: ran == ["long"])
    time.sleep(0.06)
    turns._patience = LONG
    turns._since -= 2 * LONG
    short = started(turns, ran, "short", until=short_done)
    assert soon(lambda: ran == ["long", "short"])
    long_done.set()
    long.join(LONG)
    waiting = started(turns, ran, "waiting")
    time.sleep(0.05)
    assert ran == ["long", "short"]
    short_done.set()
    short.join(LONG)
    waiting.join(LONG)
    assert ran[-1] == "waiting"
