from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.review.agenda import (
    Agenda,
    Slide,
    exceptions,
    find_slide,
    is_behind,
    lines_of,
    moved,
    slides,
    stored_agenda,
    usual_agenda,
    with_topics,
)
from core.review.figures import CadenceLine, Moves, ReviewFigures, Topic, Weakest, Worked
from core.review.rules import meeting_rules_on
from tests.review_records import WEEK, card, decision, figures

NOTHING = ReviewFigures(figures().scope, WEEK, figures().shown_at, None)


def test_the_order_of_the_topics_is_fixed():
    assert Agenda().topics == tuple(Topic)
    assert [topic.value for topic in Topic] == [
        *("decided", "goals", "stages", "moves", "cadence", "weakest", "worked", "decisions", "next_week")
    ]


def test_topics_in_which_nothing_stands_out_are_left_out_but_for_those_a_review_is_held_for():
    quiet = figures(
        decided=(),
        goals=(),
        moves=Moves(0, 0, 0, ()),
        cadence=replace(figures().cadence, by_role=(CadenceLine("teller", 4, 4, 4, 16, 16),)),
        weakest=Weakest((), None),
        worked=Worked((), 3),
    )
    assert usual_agenda(figures()).topics == tuple(Topic)
    always = (Topic.DECIDED, Topic.GOALS, Topic.STAGES, Topic.DECISIONS, Topic.NEXT_WEEK)
    assert usual_agenda(quiet).topics == usual_agenda(NOTHING).topics == always


def test_what_stands_out_is_counted():
    assert {topic.value: exceptions(figures(), topic) for topic in Topic} == {
        "decided": 1,
        "goals": 3,  # the rate and the share under target, the premium behind time
        "stages": 3,
        "moves": 2,
        "cadence": 1,
        "weakest": 1,
        "worked": 1,
        "decisions": 0,
        "next_week": 3,
    }
    assert exceptions(NOTHING, Topic.GOALS) is None


@pytest.mark.parametrize(
    ("given_card", "behind"),
    [
        (card(value=199_999.0), True),
        (card(value=200_000.0), False),  # half of the target at half of the time
        (card(value=None), False),
        (card(target=None), False),
        (card("cooling_off_rate", value=0.11, target=0.1, time_share=1.0), True),
        (card("cooling_off_rate", value=0.1, target=0.1, time_share=1.0), False),
    ],
)
def test_a_kpi_is_behind_the_part_of_its_target_time_asks_for(given_card, behind):
    assert is_behind(given_card) is behind


def test_a_topic_moves_by_places_and_stops_at_the_ends():
    agenda = moved(Agenda(), Topic.WEAKEST, -2)
    assert agenda.order[3] is Topic.WEAKEST
    assert moved(Agenda(), Topic.DECIDED, -1) == Agenda()
    assert moved(Agenda(), Topic.NEXT_WEEK, 5) == Agenda()


def test_an_agenda_without_any_topic_stays_as_it_was():
    chosen = with_topics(Agenda(), [Topic.GOALS])
    assert chosen.topics == (Topic.GOALS,)
    assert with_topics(chosen, []) == chosen


@given(order=st.permutations(list(Topic)), skipped=st.frozensets(st.sampled_from(list(Topic))))
def test_an_agenda_comes_back_as_it_was_stored(order, skipped):
    agenda = Agenda(tuple(order), skipped)
    assert stored_agenda([one.value for one in order], [one.value for one in skipped]) == agenda


def test_a_stored_agenda_with_unknown_or_missing_topics_is_whole():
    agenda = stored_agenda(["goals", "weather", "decided", "goals"], ["weather"])
    assert agenda.order[:2] == (Topic.GOALS, Topic.DECIDED)
    assert set(agenda.order) == set(Topic)
    assert agenda.skipped == frozenset()


def test_lists_have_as_many_pages_as_they_need_and_each_weak_branch_its_own():
    most = meeting_rules_on(WEEK).lines[Topic.DECIDED]
    many = figures(decided=tuple(decision(number) for number in range(most // 2 + 1)), decisions=())
    deck = slides(Agenda(), many)
    assert [slide.name for slide in deck] == [
        *(
            "decided",
            "decided-2",
            "goals",
            "stages",
            "stages-2",
            "moves",
            "cadence",
            "cadence-2",
            "weakest",
            "weakest-2",
        ),
        *("worked", "decisions", "next_week"),
    ]
    assert list(lines_of(deck[1], most // 2 + 1)) == [most // 2]
    assert list(lines_of(deck[0], most // 2 + 1)) == list(range(most // 2))


def test_pages_follow_the_agenda_and_are_found_by_their_name():
    deck = slides(moved(Agenda(skipped=frozenset({Topic.MOVES})), Topic.NEXT_WEEK, -9), figures())
    assert deck[0] == Slide(Topic.NEXT_WEEK)
    assert not [slide for slide in deck if slide.topic is Topic.MOVES]
    assert deck[find_slide(deck, "weakest-2")].part == 2
    assert deck[find_slide(deck, "weakest-9")].part == 1
    assert [find_slide(deck, name) for name in (None, "", "moves", "x-1")] == [0, 0, 0, 0]
