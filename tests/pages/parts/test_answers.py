from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest

from core.facts import Actor, UserRole
from pages.parts.store.base import MOST_ANSWERS, Ask, cached

ASK = Ask(
    actor=Actor(1, "boss", "Boss", UserRole.ADMIN),
    data_version=1,
    today=date(2026, 5, 1),
    language="en",
    is_sample=False,
    store_url="sqlite:///one.db",
    session_digest="first",
)


class Counted:
    """A question that counts how often it was really asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.question = cached(self._answer)

    def _answer(self, ask: Ask, number: int = 0) -> int | None:
        self.asked.append((ask.data_version, number))
        return number or None


def test_the_same_question_is_asked_once_by_all_sessions_of_a_scope() -> None:
    counted = Counted()
    again = replace(ASK, session_digest="second", language="zh")
    assert counted.question(ASK, 7) == counted.question(again, 7) == 7
    assert len(counted.asked) == 1


def test_no_answer_is_an_answer_too() -> None:
    counted = Counted()
    assert counted.question(ASK) is None
    assert counted.question(ASK) is None
    assert len(counted.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ASK, data_version=2),
        replace(ASK, today=date(2026, 5, 2)),
        replace(ASK, store_url="sqlite:///two.db"),
        replace(ASK, actor=Actor(2, "li", "Li", UserRole.SUPERVISOR)),
    ],
    ids=["data", "day", "store", "scope"],
)
def test_an_answer_holds_for_its_data_day_store_and_scope_only(other: Ask) -> None:
    counted = Counted()
    counted.question(ASK)
    counted.question(other)
    assert len(counted.asked) == 2


def test_answers_about_earlier_data_are_dropped() -> None:
    counted = Counted()
    counted.question(ASK)
    counted.question(replace(ASK, data_version=2))
    counted.question(ASK)
    assert [version for version, _ in counted.asked] == [1, 2, 1]


def test_the_answers_asked_longest_ago_go_first() -> None:
    counted = Counted()
    for number in range(MOST_ANSWERS):
        counted.question(ASK, number)
    counted.question(ASK, 0)
    counted.question(ASK, MOST_ANSWERS)
    counted.question(ASK, 0)
    assert len(counted.asked) == MOST_ANSWERS + 1
    counted.question(ASK, 1)
    assert len(counted.asked) == MOST_ANSWERS + 2


def test_many_at_once_have_the_answer_worked_out_once() -> None:
    asked: list[int] = []
    together = Barrier(8)

    @cached
    def slow(ask: Ask) -> int:
        asked.append(ask.data_version)
        return sum(range(200_000))

    def ask_together() -> None:
        together.wait()
        slow(ASK)

    threads = [Thread(target=ask_together) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [1]


def test_a_question_that_failed_is_asked_again() -> None:
    fails = [True]

    @cached
    def question(ask: Ask) -> int:
        if fails.pop():
            raise LookupError
        return ask.data_version

    with pytest.raises(LookupError):
        question(ASK)
    fails.append(False)
    assert question(ASK) == 1
