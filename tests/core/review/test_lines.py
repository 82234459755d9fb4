from hypothesis import given
from hypothesis import strategies as st

from core.review.agenda import Agenda, lines_of, slides
from core.review.figures import Topic
from core.review.lines import cut_to_page, filled, lines_taken
from core.review.rules import meeting_rules_on
from tests.review_records import WEEK, decision, figures

MOST = meeting_rules_on(WEEK).lines[Topic.DECIDED]
LONG = "请督导在周三前补登上周全部沟通记录，" * 8


def test_a_decision_takes_a_line_for_what_it_is_about_and_more_as_it_grows():
    short, long = decision(), decision(words=LONG[:160], measure="x" * 80)
    assert lines_taken(short) == 2
    assert lines_taken(long) > 8
    assert lines_taken(decision(words="W" * 160)) > 8  # one word that has to be broken


def test_what_is_longer_than_a_page_is_cut_at_measure_and_outcome():
    whole = decision(words=LONG[:160], measure=LONG[:80], outcome=LONG[:160], branch_name="沧澜银行云州西园支行")
    cut = cut_to_page(whole, MOST)
    assert lines_taken(whole) > MOST >= lines_taken(cut)
    assert cut.words == whole.words
    assert cut.outcome.endswith("…")
    assert cut_to_page(decision(), MOST) == decision()


@given(lines=st.lists(st.integers(1, MOST), max_size=30))
def test_pages_hold_every_entry_once_and_no_more_lines_than_fit(lines):
    pages = filled(lines, MOST)
    assert [place for first, count in pages for place in range(first, first + count)] == list(range(len(lines)))
    assert all(sum(lines[first : first + count]) <= MOST for first, count in pages)


@given(words=st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=160), count=st.integers(1, 9))
def test_pages_of_decisions_never_hold_more_than_fits(words, count):
    taken = tuple(decision(number, words=words, outcome=words) for number in range(count))
    deck = [slide for slide in slides(Agenda(), figures(decided=taken)) if slide.topic is Topic.DECIDED]
    for slide in deck:
        shown = [cut_to_page(taken[place], MOST) for place in lines_of(slide, count)]
        assert sum(map(lines_taken, shown)) <= MOST
