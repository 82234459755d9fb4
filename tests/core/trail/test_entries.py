from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.trail.entries import Mark, TrailEntry, usual_period
from core.trail.pages import trail_page

AT = datetime(2026, 3, 2, tzinfo=UTC)


def entry(number, fields=1, **more):
    given_values = {"action": "change", "subject": "setting"} | more
    after = more.get("after") or {f"field_{one}": one + 1 for one in range(fields)}
    rest = {name: value for name, value in given_values.items() if name != "after"}
    return TrailEntry(number, AT, "Li", subject_id="1", before=None, after=after, **rest)


def test_the_usual_period_is_the_last_seven_days():
    assert usual_period(date(2026, 3, 8)) == (date(2026, 3, 2), date(2026, 3, 8))


def test_a_page_ends_with_the_change_that_fills_it_and_says_where_the_older_ones_begin():
    found = [entry(9, 2), entry(8, 3), entry(7, 1)]
    page = trail_page("en", found, most=5)
    assert ([one.entry.entry_id for one in page.lines], page.older_than) == ([9, 9, 8, 8, 8], 8)
    page = trail_page("en", found, most=4)
    assert ([one.entry.entry_id for one in page.lines], page.older_than) == ([9, 9], 9)
    assert trail_page("en", found, most=6).older_than is None
    assert trail_page("en", found, most=6, are_more=True).older_than == 7


def test_a_single_large_change_is_shown_whole():
    assert len(trail_page("en", [entry(9, 50)], most=5).lines) == 50


def test_a_change_that_tells_no_field_has_a_line():
    (line,) = trail_page("en", [entry(9, action="sign_in", subject="user_account", after={"version": 1})]).lines
    assert (line.field, line.before, line.after) == ("", "", "")


def test_late_and_corrected_contacts_are_marked():
    assert entry(1, subject="contact", action="record", after={"is_late": True}).marks == (Mark.LATE,)
    assert entry(1, subject="contact", action="correct", after={"is_late": True}).marks == (Mark.LATE, Mark.CORRECTED)
    assert entry(1, subject="contact", action="record", after={"is_late": False}).marks == ()
    assert entry(1, subject="coaching_note", after={"is_late": True}).marks == ()


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 20))
def test_the_pages_together_hold_every_change_once_in_order(sizes, most):
    left = [entry(len(sizes) - place, size) for place, size in enumerate(sizes)]
    seen = []
    while left:
        page = trail_page("en", left, most=most)
        seen += list(dict.fromkeys(one.entry.entry_id for one in page.lines))
        left = [one for one in left if page.older_than is not None and one.entry_id < page.older_than]
    assert seen == list(range(len(sizes), 0, -1))
