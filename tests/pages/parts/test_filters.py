import pytest

from core.calendar import last_complete_week
from core.facts import Stage
from db.engine import writing
from pages.parts.session import today
from tests.builders import add_branch
from tests.screens import screen
from tests.staged import add_stage


@pytest.fixture
def store(sqlite_store):
    with writing(sqlite_store) as session:
        for code, stage in (("B1", Stage.GROWTH), ("B2", Stage.SLUMP)):
            add_stage(session, add_branch(session, code), last_complete_week(today()), stage)
    return sqlite_store


def codes(app):
    return list(app.dataframe[0].value["branch_code"])


@pytest.mark.parametrize("word", ["growth", "▲ Growth", "▲ 成长期"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_shared_view_keeps_its_stages_in_the_language_of_whoever_opens_it(store, word, language):
    app = screen(store, "branches", language=language, query={"branches_stage": word})
    assert codes(app) == ["B1"]
    assert app.multiselect(key="branches_stage").value == ["growth"]


def test_a_filter_with_one_value_to_choose_is_left_out(store):
    assert [box.key for box in screen(store, "branches").multiselect if box.key == "branches_bank"] == []
