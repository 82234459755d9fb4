from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.calendar import WorkingCalendar
from core.coaching.contacts import (
    ContactEntry,
    KeptContact,
    contact_rules,
    entry_problems,
    is_late,
    logged_twice,
    met_twice,
    oldest_day,
    topic_word,
    topics_for,
)
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import ContactMethod, StaffRole
from core.privacy import identity_kind

TODAY = date(2026, 11, 22)
ENTRY = ContactEntry(contact_on=TODAY, method=ContactMethod.VISIT, staff_ids=(1,), minutes=30)


def keys(entry):
    return [problem.key for problem in entry_problems(entry, today=TODAY)]


@pytest.mark.parametrize(
    ("contact_on", "today", "late"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), False),
        (date(2026, 11, 20), date(2026, 11, 23), False),  # from Friday to Monday
        (date(2026, 11, 20), date(2026, 11, 24), True),
        (date(2026, 9, 30), date(2026, 10, 8), False),  # over the holiday
        (date(2026, 9, 30), date(2026, 10, 9), True),
    ],
)
def test_a_contact_is_late_from_the_second_working_day_after_it(contact_on, today, late):
    assert is_late(contact_on, today=today, calendar=WorkingCalendar()) is late


def test_a_good_entry_has_no_problem():
    assert keys(ENTRY) == []
    assert keys(replace(ENTRY, staff_ids=(), roles=(StaffRole.TELLER,))) == []


def test_an_entry_names_somebody():
    assert keys(replace(ENTRY, staff_ids=())) == [ProblemKey.NOBODY]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (TODAY + timedelta(days=1), [ProblemKey.IN_FUTURE]),
        (TODAY, []),
        (date(2026, 8, 22), []),
        (date(2026, 8, 21), [ProblemKey.TOO_OLD]),
    ],
    ids=["tomorrow", "today", "the oldest day", "a day before it"],
)
def test_the_day_lies_between_the_oldest_day_and_today(day, found):
    assert oldest_day(TODAY) == date(2026, 8, 22)
    assert keys(replace(ENTRY, contact_on=day)) == found


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(None, []), (-1, [ProblemKey.MINUTES]), (0, []), (600, []), (601, [ProblemKey.MINUTES])],
)
def test_minutes_are_0_to_600_or_not_given(minutes, found):
    assert keys(replace(ENTRY, minutes=minutes)) == found


@pytest.mark.parametrize(("length", "found"), [(500, []), (501, [ProblemKey.TOO_LONG])])
def test_a_note_has_at_most_500_characters(length, found):
    assert keys(replace(ENTRY, note="a" * length)) == found


def test_all_problems_come_at_once():
    entry = ContactEntry(
        contact_on=TODAY + timedelta(days=1), method=ContactMethod.PHONE, minutes=601, note="电话13812345678"
    )
    assert keys(entry) == [
        ProblemKey.NOBODY,
        ProblemKey.IN_FUTURE,
        ProblemKey.MINUTES,
        ProblemKey.PERSONAL_NUMBER,
    ]


def test_the_topics_are_those_of_the_roles():
    assert [topic.key for topic in topics_for([StaffRole.BRANCH_HEAD])] == [
        "team_training",
        "customer_care",
        "fee_income_goal",
        "coordination",
        "service_issue",
        "compliance",
    ]
    assert [topic.key for topic in topics_for([StaffRole.LOBBY_MANAGER])] == ["service_issue", "compliance"]
    assert len(topics_for([])) == len(contact_rules().topics) == 16


def test_a_topic_of_an_import_is_its_own_word():
    assert topic_word("zh", "career") == "职涯规划"
    assert topic_word("en", "career") == "Career"
    assert topic_word("zh", "产品切换") == "产品切换"
    assert topic_word("zh", None) == ""


def test_every_method_has_its_usual_minutes():
    assert set(contact_rules().usual_minutes) == set(ContactMethod)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("11010519491231002X", "identity"),
        ("身份证 110105194912310021。", "identity"),
        ("１３８１２３４５６７８", "mobile"),
        ("138 1234 5678", "mobile"),
        ("+86 13812345678", "mobile"),
        ("6222021234567890", "card"),
        ("6222 0212 3456 7890 123", "card"),
        ("a.b@example.com", "email"),
        ("2026-11-22 15:30, 3 talks of 45 minutes", None),
        ("保费 1,234,500 元，保单号 P000123456789", None),
        ("12345678901", None),
        ("", None),
    ],
)
def test_numbers_of_persons_are_recognised_and_ordinary_ones_pass(words, kind):
    assert identity_kind(words) == kind


def test_a_needed_text_cannot_be_blank():
    assert text_problems("reason", "  ", most=10, needed=True) == (Problem(ProblemKey.EMPTY, "reason"),)
    assert text_problems("note", None, most=10) == ()


def test_a_refusal_names_every_place_without_the_text():
    error = RefusedError(text_problems("note", "13812345678", most=500))
    assert str(error) == "note: personal_number {'kind': 'mobile'}"


def kept(number, staff_id, role, *, by_hand, hour=9, day=TODAY):
    at = datetime(2026, 11, 22, hour, tzinfo=UTC)
    return KeptContact(number, day, staff_id, role, at if by_hand else None, None if by_hand else at)


@pytest.mark.parametrize(
    ("brought", "is_twice"),
    [
        ({"staff_id": 1, "role": "teller"}, True),
        ({"staff_id": 2, "role": "teller"}, False),
        ({"staff_id": None, "role": "teller"}, True),
        ({"staff_id": None, "role": "branch_head"}, False),
        ({"staff_id": 1, "role": "teller", "hour": 9}, False),
        ({"staff_id": 1, "role": "teller", "day": TODAY - timedelta(days=1)}, False),
        ({"staff_id": 1, "role": "teller", "by_hand": True}, False),
    ],
    ids=["the person", "another one", "his group", "another group", "not after it", "another day", "both by hand"],
)
def test_an_import_after_a_like_contact_by_hand_may_be_that_one(brought, is_twice):
    logged = kept(7, 1, "teller", by_hand=True)
    found = logged_twice([logged, kept(8, **({"by_hand": False, "hour": 10} | brought))])
    assert found == (frozenset({7, 8}) if is_twice else frozenset())


@pytest.mark.parametrize(
    ("people", "roles", "names"),
    [
        ([], [StaffRole.TELLER], []),
        ([("王芳", StaffRole.TELLER)], [], []),
        ([("王芳", StaffRole.TELLER)], [StaffRole.LOBBY_MANAGER], []),
        ([("王芳", StaffRole.TELLER), ("李强", StaffRole.BRANCH_HEAD)], [StaffRole.TELLER], ["王芳"]),
    ],
    ids=["a group", "a person", "a person and another group", "a person and his group"],
)
def test_nobody_is_named_and_met_in_the_group_of_the_role_at_once(people, roles, names):
    found = met_twice(people, roles)
    assert [name for problem in found for name in problem.facts["people"]] == names
    assert {problem.key for problem in found} <= {ProblemKey.PERSON_AND_GROUP}


def test_two_who_are_in_a_group_are_pointed_out_together():
    (problem,) = met_twice([("王芳", StaffRole.TELLER), ("李强", StaffRole.TELLER)], [StaffRole.TELLER])
    assert problem == Problem(
        ProblemKey.PERSON_AND_GROUP, "whom", {"people": ["王芳", "李强"], "roles": [StaffRole.TELLER]}
    )
