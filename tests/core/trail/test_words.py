import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import StaffRole, Stage
from core.language import LANGUAGES, text
from core.trail.words import (
    _SAYS,
    ANY,
    HIDDEN,
    _values,
    action_names,
    action_word,
    changed_fields,
    field_word,
    subject_names,
    subject_word,
    trail_fields,
    value_word,
)

ROOM = Path(__file__).parent.parent.parent.parent / "db"
SAID_AS_STORED = {"text", "number", HIDDEN}
SAID_BY_THEMSELVES = {"action", "moment", "texts"}
TYPED_IN_FORMS = {
    "branch_event",
    "coaching_note",
    "contact",
    "daily_feedback",
    "diagnosis",
    "review_decision",
    "stage_decision",
    "suggestion",
    "user_account",
    "week_plan",
}
ANOTHER_THING = {("contact", "import_batch"), ("contact", "contacts"), ("diagnosis", "counted_to")}
"""Fields no form asks for, whose English is that of something else."""


def audited(argument):
    """The literal values `record_audit` is called with under `db/`, those of a choice between two included."""
    found = set()
    for path in ROOM.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            if getattr(call.func, "id", None) in {"record_audit", "_change", "_changed"}:
                for given_value in (one.value for one in call.keywords if one.arg == argument):
                    if isinstance(given_value, ast.Name) and given_value.id in constants:
                        found.add(constants[given_value.id])
                    ends = [given_value]
                    if isinstance(given_value, ast.IfExp):
                        ends = [given_value.body, given_value.orelse]
                    found |= {one.value for one in ends if isinstance(one, ast.Constant)}
    return found


def test_everything_that_is_audited_has_a_name():
    assert audited("subject") <= set(subject_names())
    assert audited("action") <= set(action_names())
    assert {"contact", "plan_item", "survey_version"} <= audited("subject")


def test_every_name_stands_in_both_languages():
    for names in (subject_names(), action_names(), _values()):
        for words in names.values():
            assert words.en
            assert words.zh
            assert words.en != words.zh
    assert all(one.words.en and one.words.zh for one in trail_fields().values())


def test_every_field_has_a_subject_and_a_kind_that_can_be_said():
    kinds = {kind for kind, _ in _values()} | set(_SAYS) | SAID_AS_STORED | SAID_BY_THEMSELVES
    assert {subject for subject, _ in trail_fields()} <= {ANY, *subject_names()}
    assert {one.kind for one in trail_fields().values()} - kinds == set()


def test_a_field_is_called_as_its_form_calls_it():
    asked = {key: one.words for key, one in trail_fields().items() if key[0] in TYPED_IN_FORMS}
    other = {key: words.zh for key, words in asked.items() if text("zh", words.en) not in (words.en, words.zh)}
    assert other.keys() == ANOTHER_THING
    assert field_word("zh", "coaching_note", "will") == "行动（承诺）"
    assert field_word("zh", "coaching_note", "outcome") == "一句话说明"


@pytest.mark.parametrize(
    ("subject", "field", "value", "said"),
    [
        ("contact", "method", "visit", "拜访"),
        ("contact", "is_late", True, "是"),
        ("contact", "contact_on", date(2026, 3, 2), "2026年3月2日"),
        ("contact", "minutes", 45, "45"),
        ("contact", "note", "", ""),
        ("branch_total", "premium_fen", 123450, "1,234.50"),
        ("stage_decision", "stage", Stage.GROWTH, "成长期"),
        ("plan_item", "role", StaffRole.TELLER, "柜员"),
        ("plan_item", "cause", "C02", "C02 · 活动邀约受阻"),
        ("suggestion", "action", "opening_talk", "开场"),
        ("suggestion", "state", "done", "已完成"),
        ("coaching_note", "kept", "broken", "未兑现"),
        ("survey_version", "area_kind", '"market"', "专业市场"),
        ("survey_version", "area_kind", "unknown", "不清楚"),
        ("playbook", "steps_en", "['One', 'Two']", "One / Two"),
        ("stage_rules", "withdrawn_at", datetime(2026, 3, 1, 16, 30, tzinfo=UTC), "2026年3月2日 00:30"),
        ("target", "key", "teller", "柜员"),
        ("today_line", "line", "watch_down", "下行预警"),
    ],
)
def test_a_value_is_said_as_the_screens_say_it(subject, field, value, said):
    assert value_word("zh", subject, field, value, titles={"opening_talk": "开场"}) == said


def test_what_an_earlier_release_stored_is_shown_as_it_is():
    assert subject_word("en", "gone") == "gone"
    assert action_word("en", "gone") == "gone"
    assert field_word("en", "contact", "gone") == "gone"
    assert value_word("en", "contact", "method", "telex") == "telex"
    assert value_word("en", "survey_version", "area_kind", "{broken") == "{broken"
    assert value_word("en", "contact", "contact_on", "soon") == "soon"


def test_the_fields_of_a_change_are_those_that_differ_in_words():
    found = changed_fields("en", "contact", {"minutes": 30, "note": None, "branch": "B1"}, {"minutes": 45, "note": ""})
    assert [(one.title, one.before, one.after) for one in found] == [("Minutes", "30", "45")]
    assert changed_fields("en", "contact", None, None) == ()


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.floats(allow_nan=False))


@given(
    st.sampled_from(sorted(subject_names())),
    st.sampled_from(sorted({field for _, field in trail_fields()})),
    VALUES,
    st.sampled_from(LANGUAGES),
)
def test_whatever_is_stored_can_be_shown(subject, field, value, language):
    assert isinstance(value_word(language, subject, field, value), str)
    assert changed_fields(language, subject, {field: value}, {field: value}) == ()


def test_a_handover_laid_aside_on_today_is_told_in_words():
    assert value_word("zh", "today_line", "thing", "handover") == "交接"
    assert value_word("zh", "today_line", "line", "branch_head:2026-11-24") == "新网点负责人 · 2026年11月24日"
    assert value_word("en", "today_line", "line", "supervisor:2026-11-24") == "New supervisor · 24 Nov 2026"
