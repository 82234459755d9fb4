from datetime import date

import pytest

from core.coaching.words import PLACE_LABELS
from core.survey.fields import Kind, is_shown_to_head, survey_fields

FIELDS = survey_fields()
ALL = FIELDS.fields


def test_the_four_sections_hold_all_fields_of_the_file():
    sizes = {one.key: len(FIELDS.of_section(one.key)) for one in FIELDS.sections}
    assert sizes == {"environment": 16, "people": 14, "business": 16, "rivals": 8}
    assert sum(sizes.values()) == len({one.key for one in ALL}) == 54


def test_33_fields_count_for_completeness_and_28_for_a_branch_head():
    assert len(FIELDS.counted()) == 33
    assert len(FIELDS.counted(for_head=True)) == 28
    assert "attitude" not in {one.key for one in FIELDS.counted(for_head=True)}


def test_a_branch_head_gets_no_competitors_and_no_hidden_field():
    assert [one.key for one in FIELDS.sections_for(for_head=True)] == ["environment", "people", "business"]
    assert FIELDS.of_section("rivals", for_head=True) == ()
    hidden = {one.key for one in FIELDS.of_section("people")} - {
        one.key for one in FIELDS.of_section("people", for_head=True)
    }
    assert hidden == {"communication_skill", "attitude", "planned_moves"}


@pytest.mark.parametrize(
    ("value", "is_shown"),
    [({"amount": 5, "by_branch": True}, True), ({"amount": 5}, False), (None, False), ("text", False)],
)
def test_fee_income_is_shown_to_a_head_only_where_the_branch_supplied_it(value, is_shown):
    assert is_shown_to_head(FIELDS.field("fee_income_year"), value) is is_shown


def test_every_kind_has_what_it_needs_and_every_word_both_languages():
    for one in ALL:
        assert one.words.en
        assert one.words.zh
        assert one.review in FIELDS.periods
        assert FIELDS.section(one.section)
        if one.kind in (Kind.ONE, Kind.SEVERAL, Kind.SHARES, Kind.NUMBERS, Kind.SCALES):
            assert one.choices, one.key
        if one.kind in (Kind.GROUP, Kind.ROWS, Kind.TABLE):
            assert one.columns, one.key
        assert (one.kind is Kind.TABLE) == bool(one.lines), one.key
        columns = {column.key: column for column in one.columns}
        assert columns.keys() >= {name for name in (one.needs_tick, one.shown_when, one.unique) if name}
        for part in (one, *one.columns):
            keys = [choice.key for choice in part.choices]
            assert len(keys) == len(set(keys))
            assert len({choice.words.zh for choice in part.choices}) == len(keys)


def test_what_a_plan_shows_is_seen_by_everybody():
    shown = [FIELDS.field(key) for key in FIELDS.key_fields]
    assert len(set(FIELDS.key_fields)) == len(shown) > 0
    assert not [one.key for one in shown if one.is_hidden]


def test_the_rules_are_dated_and_sourced():
    assert FIELDS.valid_from == date(2026, 1, 1)
    assert FIELDS.source.en
    assert FIELDS.source.zh


def test_no_field_bears_the_name_of_a_place_with_words_of_its_own():
    assert not {one.key for one in ALL} & PLACE_LABELS.keys()
