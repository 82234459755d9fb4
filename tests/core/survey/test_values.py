from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coaching.problems import ProblemKey
from core.survey.fields import survey_fields
from core.survey.values import checked_value

FIELDS = survey_fields()
CODES = ("S1", "S2")
P = ProblemKey


def check(key, raw, codes=CODES):
    return checked_value(FIELDS.field(key), raw, codes=codes)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("area_kind", "township", "township"),
        ("area_kind", None, None),
        ("area_kind", "", None),
        ("customer_jobs", ["farmer", "salaried"], ["salaried", "farmer"]),
        ("customer_jobs", [], None),
        ("bank_kpi", ["none"], ["none"]),
        ("daily_visitors", 0, 0),
        ("daily_visitors", 20000, 20000),
        ("daily_visitors", "1,200", 1200),
        ("daily_visitors", 80.0, 80),
        ("daily_visitors", float("nan"), None),
        ("kpi_weight", 0, 0),
        ("kpi_weight", 100, 100),
        ("transport", 1, 1),
        ("transport", 5, 5),
        ("address_district", "  云州区 ", "云州区"),
        ("address_district", "   ", None),
        ("decision_maker", "S1", "S1"),
        ("customer_age_mix", {"65_up": 20, "35_49": 80}, {"35_49": 80, "65_up": 20}),
        ("customer_age_mix", {"under_35": 100}, {"under_35": 100}),
        ("customer_age_mix", {"under_35": 99, "65_up": 0}, {"under_35": 99, "65_up": 0}),
        ("customer_age_mix", {"under_35": None, "65_up": None}, None),
        ("org_chart", {"teller": 4, "branch_head": 1, "other": None}, {"branch_head": 1, "teller": 4}),
        ("attitude", {"teller": 3}, {"teller": 3}),
        ("product_skill", {"S1": 4, "S2": None}, {"S1": 4}),
        ("salon_space", {"place": "inside", "people": 12}, {"place": "inside", "people": 12}),
        ("salon_space", {"place": None, "people": None}, None),
        ("duties", {"teller": {"pitches": True, "closes": False}, "other": {}}, {"teller": {"pitches": True}}),
        ("sales_process", {"raise": {"role": "teller"}}, {"raise": {"role": "teller"}}),
        ("product_list", [{"product": "甲", "from": date(2026, 1, 5)}], [{"product": "甲", "from": "2026-01-05"}]),
        ("product_list", [{"product": None, "from": None}], None),
        (
            "opening_days",
            {"days": ["mon"], "from": "8:30", "to": "17：00"},
            {"days": ["mon"], "from": "08:30", "to": "17:00"},
        ),
        ("rival_fee_policy", {"policy": "公告费率", "public": True}, {"policy": "公告费率", "public": True}),
        ("rival_fee_policy", {"policy": "", "public": True}, None),
        ("our_contact", {"main": "KH-01", "deputy": "kh.02"}, {"main": "KH-01", "deputy": "kh.02"}),
    ],
)
def test_an_answer_is_stored_in_one_form(key, raw, value):
    found, problems = check(key, raw)
    assert problems == ()
    assert found == value


@pytest.mark.parametrize(
    ("key", "raw", "problem", "facts"),
    [
        ("area_kind", "moon", P.NOT_A_CHOICE, {"value": "moon"}),
        ("customer_jobs", ["farmer", "x"], P.NOT_A_CHOICE, {"value": "x"}),
        ("bank_kpi", ["none", "premium"], P.GOES_ALONE, {"choice": "none"}),
        ("daily_visitors", 20001, P.OUT_OF_RANGE, {"value": "20001", "least": 0, "most": 20000}),
        ("daily_visitors", -1, P.OUT_OF_RANGE, {"value": "-1", "least": 0, "most": 20000}),
        ("daily_visitors", 1.5, P.OUT_OF_RANGE, {"value": "1.5", "least": 0, "most": 20000}),
        ("daily_visitors", "many", P.OUT_OF_RANGE, {"value": "many", "least": 0, "most": 20000}),
        ("daily_visitors", True, P.OUT_OF_RANGE, {"value": "True", "least": 0, "most": 20000}),
        ("daily_visitors", float("inf"), P.OUT_OF_RANGE, {"value": "inf", "least": 0, "most": 20000}),
        ("kpi_weight", 101, P.OUT_OF_RANGE, {"value": "101", "least": 0, "most": 100}),
        ("transport", 0, P.OUT_OF_RANGE, {"value": "0", "least": 1, "most": 5}),
        ("transport", 6, P.OUT_OF_RANGE, {"value": "6", "least": 1, "most": 5}),
        ("address_district", "x" * 301, P.TOO_LONG, {"most": 300, "length": 301}),
        ("address_district", "找 13812345678", P.PERSONAL_NUMBER, {"kind": "mobile"}),
        ("customer_age_mix", {"under_35": 98}, P.WRONG_SUM, {"sum": 98, "wanted": 100}),
        ("customer_age_mix", {"under_35": 90, "65_up": 12}, P.WRONG_SUM, {"sum": 102, "wanted": 100}),
        ("customer_age_mix", {"baby": 100}, P.NOT_A_CHOICE, {"value": "baby"}),
        ("org_chart", {"teller": 201}, P.OUT_OF_RANGE, {"part": "teller", "value": "201", "least": 0, "most": 200}),
        ("decision_maker", "S9", P.STAFF_CODE, {"value": "S9"}),
        ("product_skill", {"王芳": 3}, P.STAFF_CODE, {"part": "王芳", "value": "王芳"}),
        ("our_contact", {"main": "王芳", "deputy": "K2"}, P.STAFF_CODE, {"part": "main", "value": "王芳"}),
        ("our_contact", {"main": "K1", "deputy": "13812345678"}, P.STAFF_CODE, None),
        ("our_contact", {"main": "K1"}, P.EMPTY, {"part": "deputy"}),
        ("opening_days", {"days": ["mon"], "from": "25:00", "to": "17:00"}, P.NO_TIME, None),
        ("product_list", [{"product": "甲", "from": "soon"}], P.NO_DAY, {"row": 1, "part": "from", "value": "soon"}),
        ("product_list", [{"from": date(2026, 1, 1)}], P.EMPTY, {"row": 1, "part": "product"}),
        ("product_list", [{"product": "x" * 61}], P.TOO_LONG, None),
        ("product_list", [{"product": "x"}] * 61, P.TOO_MANY_ROWS, {"count": 61, "most": 60}),
        ("person_rows", [{"staff_code": "S1", "role": "teller"}] * 2, P.TWICE, {"row": 2, "value": "S1"}),
        ("person_rows", [{"staff_code": "S1", "role": "teller", "since": "2026-13"}], P.NO_MONTH, None),
        ("rival_fee_policy", {"policy": "每单若干"}, P.NEEDS_TICK, {"part": "public"}),
        ("rival_rows", "none", P.NOT_A_CHOICE, None),
        ("duties", {"cat": {"pitches": True}}, P.NOT_A_CHOICE, {"value": "cat"}),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_place(key, raw, problem, facts):
    found, problems = check(key, raw)
    assert found is None
    assert problems[0].key is problem
    assert problems[0].place == key
    if facts is not None:
        assert problems[0].facts == facts


def test_without_staff_on_record_any_code_will_do_but_no_name():
    assert check("decision_maker", "T-9", codes=()) == ("T-9", ())
    assert check("decision_maker", "王芳", codes=())[1][0].key is P.STAFF_CODE


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([one for one in FIELDS.fields if one.kind in ("number", "scale", "one", "text", "day")]), JUNK)
def test_whatever_comes_gives_a_value_or_a_problem_and_a_stored_value_stays_as_it_is(field, raw):
    if isinstance(raw, list | dict):
        return
    value, problems = checked_value(field, raw)
    assert value is None or problems == ()
    if value is not None:
        assert checked_value(field, value) == (value, ())


SHARES = st.lists(st.integers(0, 60), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(SHARES)
def test_a_mix_is_stored_exactly_when_it_comes_to_a_hundred_within_rounding(shares):
    keys = [one.key for one in FIELDS.field("customer_age_mix").choices]
    value, problems = check("customer_age_mix", dict(zip(keys, shares, strict=True)))
    assert (value is not None) == (abs(sum(shares) - 100) <= 1)
    assert bool(problems) == (abs(sum(shares) - 100) > 1)
