"""Who asks, and the cache of answers.

Cached functions take the `Ask` first. Its key is the store, the scope, the version of the data and
the day: two people with the same scope share an answer, any committed write leaves it behind. What
a cached function returns is shared by all sessions: nobody changes it, and it holds no language
unless the language is an argument.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from core.facts import Actor
from core.language import Language

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
MOST_ANSWERS = 256
"""Answers kept of one question."""
MISSING = object()


@dataclass(frozen=True)
class Ask:
    """One run's question to the store: who asks, about which state of the data, on which day.

    `session_digest` names the sign-in session without giving its secret away.
    """

    actor: Actor
    data_version: int
    today: date
    language: Language
    is_sample: bool
    store_url: str
    session_digest: str


Key = tuple[tuple[str, str, int, str], Hashable, Hashable]
"""What an answer depends on: `cache_key` and the other arguments."""


def cache_key(ask: Ask) -> tuple[str, str, int, str]:
    """Return what an answer depends on for all questions."""
    return ask.store_url, ask.actor.scope_key, ask.data_version, ask.today.isoformat()


class _Answers:
    """The answers to one question, the latest asked last. One visitor works an answer out, the others wait for it."""

    def __init__(self) -> None:
        self.kept: dict[Key, Any] = {}
        self.version: dict[str, int] = {}
        self.at_work: dict[Key, Lock] = {}
        self.lock = Lock()

    def find(self, key: Key) -> Any:
        """Return the answer, `MISSING` where there is none."""
        with self.lock:
            found = self.kept.pop(key, MISSING)
            if found is not MISSING:
                self.kept[key] = found
            return found

    def working_on(self, key: Key) -> Lock:
        """Return the lock whoever works the answer out must hold."""
        with self.lock:
            return self.at_work.setdefault(key, Lock())

    def keep(self, ask: Ask, key: Key, answer: Any) -> None:
        """Keep an answer; those about earlier states of the same store go first, then the ones asked longest ago."""
        with self.lock:
            if self.version.get(ask.store_url, ask.data_version) < ask.data_version:
                self.kept = {
                    kept: each
                    for kept, each in self.kept.items()
                    if kept[0][0] != ask.store_url or kept[0][2] >= ask.data_version
                }
            self.kept[key] = answer
            self.version[ask.store_url] = ask.data_version
            while len(self.kept) > MOST_ANSWERS:
                del self.kept[next(iter(self.kept))]

    def done(self, key: Key) -> None:
        """Forget the lock of an answer."""
        with self.lock:
            self.at_work.pop(key, None)

    def clear(self) -> None:
        """Forget all answers."""
        with self.lock:
            self.kept.clear()


_QUESTIONS: list[_Answers] = []


def cached(question: Callable[Concatenate[Ask, Arguments], Answer]) -> Callable[Concatenate[Ask, Arguments], Answer]:
    """Keep the answers of a question whose first argument is the `Ask`; the other arguments must be hashable.

    Streamlit's own cache takes a tenth of a millisecond to build its key, twenty times on some screens.
    """
    answers = _Answers()
    _QUESTIONS.append(answers)

    @wraps(question)
    def answered(ask: Ask, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        key: Key = (cache_key(ask), args, tuple(sorted(kwargs.items())))
        found = answers.find(key)
        if found is MISSING:
            with answers.working_on(key):
                found = answers.find(key)
                if found is MISSING:
                    try:
                        found = question(ask, *args, **kwargs)
                        answers.keep(ask, key, found)
                    finally:
                        answers.done(key)
        return cast("Answer", found)

    return answered


def forget_answers() -> None:
    """Forget the answers to all questions."""
    for answers in _QUESTIONS:
        answers.clear()
