from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cadence.owed import Absence
from core.coaching.problems import ProblemKey
from core.facts import Stage
from core.language import LANGUAGES
from core.self_check.checks import SelfCheck
from core.today.lines import (
    Snooze,
    Thing,
    TodayLine,
    latest_snooze_end,
    next_after,
    snooze_problems,
    today_list,
)
from core.today.rules import line_kinds, today_rules
from core.today.words import line_age, line_marks, line_reason, line_subject, short_age, short_reason

TODAY = date(2026, 11, 25)


def line(kind="contact_late", branch_id=1, subject="teller", *, workdays=1, **more):
    given = {"thing": Thing.CONTACT, "due_on": TODAY - timedelta(days=workdays), "branch_code": f"B{branch_id}"}
    facts = {"absence": Absence.NOT_REACHED, "staff_id": None, "people": 1}
    return TodayLine(
        kind=kind, branch_id=branch_id, subject=subject, workdays=workdays, **({"facts": facts} | given | more)
    )


def check(need):
    return SelfCheck(1, 1, date(2026, 11, 1), date(2026, 11, 3), date(2026, 11, 4), need=need)


def rest(until_on=TODAY + timedelta(days=1), **more):
    given = {
        "snooze_id": 1,
        "thing": Thing.CONTACT,
        "branch_id": 1,
        "subject": "teller",
        "snoozed_on": TODAY - timedelta(days=3),
        "until_on": until_on,
        "reason": "培训中",
        "is_explained": False,
        "snoozed_by": "李明",
        "ended_on": None,
        "version": 1,
        "due_on": TODAY - timedelta(days=1),
    }
    return Snooze(**(given | more))


def test_the_kinds_stand_in_the_order_of_their_rows_and_have_a_word_in_both_languages():
    kinds = line_kinds()
    assert [kind.place for kind in kinds.values()] == list(range(1, len(kinds) + 1))
    assert all(kind.title("zh") != kind.title("en") for kind in kinds.values())
    assert all(kind.source for kind in kinds.values())


def test_the_worst_kind_comes_first_then_what_waits_longest_then_the_branch_code():
    lines = [
        line("contact_due", 1, workdays=0),
        line("contact_late", 2, workdays=2),
        line("contact_missed", 4, workdays=8),
        line("contact_missed", 3, workdays=8),
        line("contact_missed", 5, workdays=30),
        line("action_overdue", 6, thing=Thing.ACTION),
    ]
    found = today_list(lines, [], today=TODAY)
    assert [one.branch_id for one in found.lines] == [6, 5, 3, 4, 2, 1]
    assert found.counts == {"action_overdue": 1, "contact_missed": 3, "contact_late": 1, "contact_due": 1}


def test_nobody_went_nobody_logged_and_nobody_is_there_are_counted_apart():
    late = [
        line("contact_late", number, facts={"absence": absence})
        for number, absence in enumerate((Absence.NOT_REACHED, Absence.NOT_LOGGED, Absence.NOT_LOGGED, None), 1)
    ]
    found = today_list([*late, line("post_vacant", 5, thing=Thing.POST)], [], today=TODAY)
    assert found.absences == {Absence.NOT_REACHED: 1, Absence.NOT_LOGGED: 2, None: 1}
    assert found.vacant_posts == 1


@pytest.mark.parametrize(
    ("until_on", "rests"),
    [(TODAY + timedelta(days=1), True), (TODAY, False), (TODAY - timedelta(days=1), False)],
    ids=["until tomorrow", "ends on the day", "ended"],
)
def test_a_line_is_back_on_the_day_its_rest_ends(until_on, rests):
    found = today_list([line()], [rest(until_on)], today=TODAY)
    assert (len(found.resting), len(found.lines)) == ((1, 0) if rests else (0, 1))
    assert (found.resting or found.lines)[0].snoozes == 1


def test_a_rest_taken_back_or_of_another_line_lays_nothing_aside_and_every_rest_counts():
    snoozes = [rest(ended_on=TODAY), rest(TODAY - timedelta(days=9)), rest(branch_id=2), rest(subject="branch_head")]
    found = today_list([line()], snoozes, today=TODAY)
    assert [one.snoozes for one in found.lines] == [2]
    assert found.resting == ()


def test_a_rest_holds_whatever_the_status_has_become():
    found = today_list([line("contact_missed", workdays=9)], [rest()], today=TODAY)
    assert found.lines == ()


def test_a_rest_is_over_when_something_falls_due_anew_or_the_planned_day_has_come():
    given = rest(TODAY + timedelta(days=20), snoozed_on=TODAY - timedelta(days=1))
    for one, rests in (
        (line(workdays=2), True),  # waited longer still
        (line(workdays=0), False),  # the next contact is due
        (line(waits_since=TODAY - timedelta(days=1)), True),
        (line(waits_since=TODAY), False),
    ):
        assert given.holds(one) is rests
    action = line("action_overdue", subject="7", thing=Thing.ACTION)
    assert rest(thing=Thing.ACTION, subject="7").holds(action)
    assert not rest(thing=Thing.ACTION, subject="7").holds(replace(action, due_on=TODAY - timedelta(days=2)))
    assert rest(due_on=None, snoozed_on=TODAY).holds(line())  # stored by an earlier release
    assert not rest(due_on=None).holds(line())


def test_an_action_comes_back_on_its_last_day_at_the_latest():
    last = TODAY + timedelta(days=6)
    assert latest_snooze_end(TODAY, expires_on=last) == last
    for until_on, keys in ((last, []), (last + timedelta(days=1), [ProblemKey.OUTLASTS])):
        found = snooze_problems(reason="休假", until_on=until_on, today=TODAY, expires_on=last)
        assert [one.key for one in found] == keys


def test_an_explanation_lays_nothing_aside():
    assert today_list([line()], [rest(TODAY, is_explained=True)], today=TODAY).resting == ()


@pytest.mark.parametrize(("done", "following"), [(0, 1), (1, 2), (2, 1)], ids=["first", "middle", "last"])
def test_the_next_line_is_the_one_below_or_at_the_end_the_one_above(done, following):
    lines = [line(branch_id=number) for number in (1, 2, 3)]
    assert next_after(lines, lines[done].key) == lines[following].key


def test_the_next_line_of_one_alone_or_gone():
    one, other = line(branch_id=1), line(branch_id=2)
    assert next_after([one], one.key) is None
    assert next_after([one], other.key) == one.key
    assert next_after([], one.key) is None


@pytest.mark.parametrize(
    ("until_on", "reason", "keys"),
    [
        (TODAY + timedelta(days=1), "休假", []),
        (latest_snooze_end(TODAY), "休假", []),
        (TODAY, "休假", [ProblemKey.DUE_IN_PAST]),
        (latest_snooze_end(TODAY) + timedelta(days=1), "休假", [ProblemKey.TOO_FAR]),
        (TODAY + timedelta(days=1), " ", [ProblemKey.EMPTY]),
        (TODAY, "客户13812345678", [ProblemKey.DUE_IN_PAST, ProblemKey.PERSONAL_NUMBER]),
    ],
)
def test_a_rest_needs_a_reason_and_a_day_soon_enough(until_on, reason, keys):
    assert [one.key for one in snooze_problems(reason=reason, until_on=until_on, today=TODAY)] == keys


@given(st.permutations(range(6)), st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_the_order_does_not_depend_on_the_order_of_the_input(order, ages):
    lines = [line(branch_id=number, workdays=age) for number, age in enumerate(ages)]
    assert today_list([lines[place] for place in order], [], today=TODAY) == today_list(lines, [], today=TODAY)


@pytest.mark.parametrize(
    ("workdays", "due_on", "words", "short"),
    [
        (0, TODAY, "today", "today"),
        (1, date(2026, 11, 24), "1 working day", "1 day"),
        (10, date(2026, 11, 11), "10 working days", "10 days"),
        (11, date(2026, 11, 10), "2 weeks", "2 weeks"),
    ],
)
def test_the_age_is_told_in_working_days_then_in_weeks(workdays, due_on, words, short):
    told = replace(line(), workdays=workdays, due_on=due_on)
    assert line_age("en", told, today=TODAY) == words
    assert short_age("en", told, today=TODAY) == short


@pytest.mark.parametrize(
    ("last_on", "absence", "words"),
    [
        (date(2026, 11, 2), Absence.NOT_REACHED, "Last 2 Nov"),
        (date(2025, 11, 2), Absence.NOT_REACHED, "Last 2 Nov 2025"),
        (date(2026, 11, 2), Absence.NOT_LOGGED, "Nothing logged"),
        (None, None, "Never reached"),
    ],
)
def test_the_reason_in_short_names_a_day_with_its_year_only_where_it_is_another(last_on, absence, words):
    told = line(last_on=last_on, facts={"absence": absence, "people": 1})
    assert short_reason("en", told, today=TODAY) == words


def test_what_was_not_visited_and_what_was_not_logged_read_differently():
    told = {
        absence: line_reason(
            "en", line(last_on=date(2026, 11, 2), facts={"absence": absence, "people": 1}), today=TODAY
        )
        for absence in (None, *Absence)
    }
    assert told[None].startswith("Due now")
    assert told[Absence.NOT_REACHED].startswith("Not reached: last contact on 2 Nov 2026")
    assert told[Absence.NOT_LOGGED].startswith("Not logged: in most weeks since it was due")
    assert line_reason("en", line(facts={"absence": None, "people": 3}), today=TODAY).endswith("3 people wait.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_thing_has_its_words_in_both_languages(language):
    change = {"before": Stage.MATURE, "after": Stage.ADJUSTMENT}
    lines = [
        *(
            line(last_on=last, facts={"absence": one, "people": 2})
            for one in (None, *Absence)
            for last in (None, TODAY)
        ),
        line("stage_change", subject="2026-11-09", thing=Thing.STAGE_CHANGE, facts=change, is_new=True),
        line("stage_change", subject="2026-11-09", thing=Thing.STAGE_CHANGE, facts=dict.fromkeys(change)),
        line("warning", subject="watch_down", thing=Thing.WARNING),
        *(
            line("self_check", subject="2026-11-01", thing=Thing.SELF_CHECK, facts={"check": check(need)})
            for need in (None, "多来一次")
        ),
        line("post_vacant", thing=Thing.POST),
        line("post_vacant", thing=Thing.POST, due_on=None),
    ]
    for one in lines:
        assert line_subject(language, one, {})
        assert line_reason(language, one, today=TODAY)
        assert short_reason(language, one, today=TODAY)
    assert line_marks(language, replace(lines[0], snoozes=2, is_new=True))


def test_the_rules_are_as_their_rows_say():
    rules = today_rules()
    assert (rules.missed_after_workdays, rules.snooze_most_days) == (5, 28)
    assert "info_push" in rules.not_real_topics
