"""One page script at a time.

The scripts of all visitors share one interpreter lock with the loop that sends what they draw. Many at once are no
faster than one after the other, but the loop then waits for the lock behind each of them: fifty visitors who rerun
the Overview once a second wait a third of a second for it, in line less than a tenth (`benchmarks/sessions.py`).
Nobody waits for a long step, such as an import: a script that takes longer than `PATIENCE` gives up its turn.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

PATIENCE = 0.1
"""Seconds after which a script that still runs no longer keeps the others waiting; most take a tenth of it."""


class Turns:
    """Whose turn it is, and who waits, first come first served."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Begin with nobody."""
        self._patience = patience
        self._lock = Lock()
        self._line: deque[Lock] = deque()
        self._holder: Lock | None = None
        self._since = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and give it to the next at the end."""
        gate = Lock()
        self._wait(gate)
        try:
            yield
        finally:
            with self._lock:
                if self._holder is gate:
                    self._holder = None
                    if self._line:
                        self._begin(self._line.popleft()).release()

    def _wait(self, gate: Lock) -> None:
        with self._lock:
            if not self._line and self._is_free():
                self._begin(gate)
                return
            gate.acquire()
            self._line.append(gate)
        while not gate.acquire(timeout=self._patience):
            with self._lock:
                if self._line and self._line[0] is gate and self._is_free():
                    self._begin(self._line.popleft())
                    return

    def _is_free(self) -> bool:
        return self._holder is None or time.monotonic() - self._since > self._patience

    def _begin(self, gate: Lock) -> Lock:
        self._holder, self._since = gate, time.monotonic()
        return gate


TURNS = Turns()
