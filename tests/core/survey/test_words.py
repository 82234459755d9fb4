from datetime import date

import pytest

from core.coaching.problems import Problem, ProblemKey
from core.coaching.words import problem_sentence
from core.survey.completeness import PartState, answer_state
from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import Answer, Source
from core.survey.words import answer_text, source_text, state_word

FIELDS = survey_fields()


@pytest.mark.parametrize(
    ("key", "value", "en", "zh"),
    [
        ("area_kind", "market", "Market", "专业市场"),
        ("customer_jobs", ["farmer", "retired"], "Farmers, Retired", "农户、退休"),
        ("daily_visitors", 1200, "1,200", "1,200"),
        ("kpi_weight", 12, "12%", "12%"),
        ("transport", 4, "4/5", "4/5"),
        ("decision_maker", "S1", "S1", "S1"),
        ("customer_age_mix", {"under_35": 60, "65_up": 40}, "Under 35 60%, 65 and over 40%", None),
        ("tier_counts", {"mass": 3, "high_net_worth": 2}, "Mass 3, High net worth < 3", "普通 3、高端 < 3"),
        ("org_chart", {"teller": 2}, "Teller 2", "柜员 2"),
        ("attitude", {"teller": 2}, "Teller 2/5", "柜员 2/5"),
        ("product_skill", {"S1": 4}, "S1 4/5", None),
        ("salon_space", {"place": "inside", "people": 9}, "Where Inside; For how many people 9", None),
        ("rival_fee_policy", {"policy": "公告", "public": True}, "Policy 公告; Publicly known", "政策 公告；公开信息"),
        ("duties", {"teller": {"pitches": True, "records": True}}, "Teller Pitches/Records", "柜员 开口/双录"),
        ("bank_target", {"policies": {"target": 30, "period": "month"}}, "Policies 30/Month", None),
        (
            "flow_log",
            [{"day": "2026-03-01", "hour": "09", "visitors": 8}, {"day": "2026-03-02", "hour": "10", "visitors": 9}],
            "1 Mar 2026 9–10 Visitors 8; 2 Mar 2026 10–11 Visitors 9",
            None,
        ),
        ("rival_rows", [], "None at all", "无"),
    ],
)
def test_an_answer_reads_as_people_say_it(key, value, en, zh):
    assert answer_text("en", FIELDS.field(key), Answer(value)) == en
    if zh:
        assert answer_text("zh", FIELDS.field(key), Answer(value)) == zh


def test_unknown_and_unanswered_are_told_apart():
    asked = FIELDS.field("area_kind")
    assert answer_text("zh", asked, Answer(None, is_unknown=True)) == "不清楚"
    assert answer_text("zh", asked, None) == ""


def test_a_source_is_one_line():
    source = Source((Method.ASK, Method.OBSERVE), date(2026, 3, 1), Confidence.LIKELY)
    assert source_text("en", source) == "Asked directly, On-site observation · 1 Mar 2026 · Likely"
    assert source_text("zh", source) == "直接索取、现场观察 · 2026年3月1日 · 较有把握"
    assert state_word("zh", PartState.OVER) == "已逾期"


@pytest.mark.parametrize(
    ("problem", "en"),
    [
        (
            Problem(ProblemKey.EMPTY, "product_list", {"row": 2, "part": "product"}),
            "Our products on sale here · row 2 · Product: This cannot stay empty.",
        ),
        (
            Problem(ProblemKey.OUT_OF_RANGE, "org_chart", {"part": "teller", "value": "-1", "least": 0, "most": 200}),
            "Headcount · Teller: -1 cannot be right. Enter a whole number from 0 to 200.",
        ),
        (
            Problem(ProblemKey.NO_TIME, "meeting_slots", {"line": "morning", "part": "at", "value": "8h"}),
            "Meeting times · Morning meeting · Time: 8h is no time of day. Enter it as 08:30.",
        ),
        (
            Problem(ProblemKey.GOES_ALONE, "bank_kpi", {"choice": "none"}),
            "Appraisal items that touch insurance: “None” cannot be chosen together with others.",
        ),
        (Problem(ProblemKey.EMPTY, "survey_methods"), "How it was found out: This cannot stay empty."),
        (
            Problem(ProblemKey.EMPTY, "survey_methods", {"of": "transport"}),
            "Access · How it was found out: This cannot stay empty.",
        ),
        (
            Problem(ProblemKey.EMPTY, "survey_sheet", {"part": "Q4"}),
            "Q4 I have time to raise insurance: This cannot stay empty.",
        ),
    ],
)
def test_a_problem_names_the_field_the_row_and_the_part(problem, en):
    assert problem_sentence("en", problem) == en
    assert problem_sentence("zh", problem) != en


@pytest.mark.parametrize(("days", "state"), [(23, "inside"), (24, "warn"), (31, "warn"), (32, "over")])
def test_a_single_answer_ages_like_its_part(days, state):
    day = date(2026, 3, 1)
    as_of = date.fromordinal(day.toordinal() + days)
    assert answer_state(FIELDS.field("person_rows"), day, as_of=as_of) == state
