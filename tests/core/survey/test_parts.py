from datetime import date, timedelta

from core.coaching.problems import ProblemKey
from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import Answer, PartEntry, Source, SurveyPart, changes, checked_answers

TODAY = date(2026, 3, 18)
OLD = Source((Method.ASK,), date(2025, 9, 1), Confidence.LIKELY)
NEW = Source((Method.OBSERVE,), TODAY, Confidence.SURE)
BEFORE = SurveyPart(
    3,
    "environment",
    OLD,
    OLD.surveyed_on,
    "Li",
    {"area_kind": Answer("market"), "daily_visitors": Answer(80), "transport": Answer(None, is_unknown=True)},
)


def checked(values, *, before=BEFORE, section="environment", source=NEW, **more):
    return checked_answers(PartEntry(section, source, values, **more), before=before, today=TODAY)


def test_a_changed_answer_takes_the_source_of_the_part_and_an_unchanged_one_keeps_its_own():
    found, problems = checked({"area_kind": "market", "daily_visitors": 90}, unknown=("transport",))
    assert problems == ()
    assert found == {
        "area_kind": Answer("market", source=OLD),
        "transport": Answer(None, is_unknown=True, source=OLD),
        "daily_visitors": Answer(90),
    }


def test_unchanged_answers_can_be_confirmed_all_at_once():
    found, _ = checked({"area_kind": "market", "daily_visitors": 80}, confirms_unchanged=True)
    assert found == {"area_kind": Answer("market"), "daily_visitors": Answer(80)}


def test_a_source_of_its_own_wins_over_carrying_forward():
    own = Source((Method.INSIDE,), TODAY - timedelta(days=1), Confidence.GUESS, "听前任说")
    found, _ = checked({"area_kind": "market"}, sources={"area_kind": own})
    assert found["area_kind"].source == own


def test_unknown_is_an_answer_that_is_not_filled_and_drops_what_was_typed():
    found, problems = checked({"daily_visitors": 99999}, unknown=("daily_visitors",), before=None)
    assert problems == ()
    assert found == {"daily_visitors": Answer(None, is_unknown=True)}
    assert not found["daily_visitors"].is_filled
    assert Answer(0).is_filled
    assert Answer([]).is_filled


def test_no_rivals_makes_the_empty_list_of_rivals_a_full_answer():
    assert checked({"rival_count": 0}, section="rivals", before=None)[0]["rival_rows"] == Answer([])
    assert "rival_rows" not in checked({"rival_count": 2}, section="rivals", before=None)[0]


def test_every_source_needs_a_method_a_day_that_is_not_ahead_and_a_note_without_personal_numbers():
    bad = Source((), TODAY + timedelta(days=1), Confidence.SURE, "13812345678")
    _, problems = checked({}, source=bad, sources={"area_kind": bad})
    assert [(one.key, one.place, one.facts.get("of")) for one in problems] == [
        (ProblemKey.EMPTY, "survey_methods", None),
        (ProblemKey.IN_FUTURE, "survey_day", None),
        (ProblemKey.PERSONAL_NUMBER, "survey_note", None),
        (ProblemKey.EMPTY, "survey_methods", "area_kind"),
        (ProblemKey.IN_FUTURE, "survey_day", "area_kind"),
        (ProblemKey.PERSONAL_NUMBER, "survey_note", "area_kind"),
    ]


def test_all_that_is_wrong_is_named_at_once():
    _, problems = checked({"area_kind": "moon", "daily_visitors": -1})
    assert [one.place for one in problems] == ["area_kind", "daily_visitors"]


def test_what_differs_between_two_states_is_listed_in_the_order_of_the_fields():
    fields = survey_fields().of_section("environment")
    after = SurveyPart(
        4, "environment", NEW, TODAY, "Li", {"area_kind": Answer("market"), "daily_visitors": Answer(90)}
    )
    assert [one.key for one in changes(BEFORE, after, fields)] == ["transport", "daily_visitors"]
    assert [one.key for one in changes(None, after, fields)] == ["area_kind", "daily_visitors"]
    assert changes(after, after, fields) == ()
