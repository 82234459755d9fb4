from datetime import timedelta

import pytest
from sqlalchemy import select

from core.facts import COMMAND_LINE, Stage, UserRole
from db.changes import utc_now
from db.engine import reading, writing
from db.models import PlaybookChangeRow, SuggestionRow
from db.playbook import record_playbook_change
from pages.parts.session import today
from tests.pages.branch_world import make_branch_world
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def action(store):
    """An open action at B1, due yesterday."""
    world = make_branch_world()
    with writing(store) as session:
        row = SuggestionRow(
            branch_id=world.branch,
            action_key="need_interview_drill",
            week_start=world.week,
            reason_key="stage_basic",
            facts={"stage": "growth", "weeks": 9},
            state="taken",
            owner="li",
            due_on=today() - timedelta(days=1),
            created_at=utc_now(),
            decided_on=today() - timedelta(days=9),
        )
        session.add(row)
        session.flush()
        return row.id


def coaching(store, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li"} | more
    return screen(store, "coaching", **given)


def frame(app, column):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def group(app, key):
    return next(one for one in app.button_group if one.key == key)


def row_of(store, action):
    with reading(store) as session:
        return session.get_one(SuggestionRow, action)


def test_open_actions_show_owner_due_date_and_that_they_are_overdue(store, action):
    app = coaching(store)
    table = frame(app, "owner")
    assert list(table["action"]) == ["Need-finding interview drill"]
    assert (list(table["state"]), list(table["owner"])) == (["Overdue"], ["li"])
    assert "1 open, 1 overdue; those come first" in [one.value for one in app.caption]


def test_the_playbook_holds_sixty_actions_in_either_language(store):
    table = frame(coaching(store), "code")
    assert len(table) == 60
    assert table["title"].iloc[0] == "Opening talk: purpose, goals, contacts"


def test_the_playbook_reads_in_chinese(store):
    table = frame(coaching(store, language="zh"), "code")
    assert (table["title"].iloc[0], table["who"].iloc[0]) == ("合作启动面谈", "银保客户经理、业务部经理")


def test_without_open_actions_the_reader_is_told_where_to_take_one_on(store):
    assert any("No action is open" in one.value for one in coaching(store).markdown)


def test_the_playbook_is_filtered_by_stage_and_word(store):
    app = coaching(store)
    group(app, "coaching_stage").set_value(Stage.SLUMP.value).run()
    assert list(frame(app, "code")["code"]) == [f"SL{number:02d}" for number in range(1, 13)]
    app.text_input(key="coaching_search").set_value("SALON").run()
    assert list(frame(app, "code")["code"]) == ["SL08"]
    app.text_input(key="coaching_search").set_value("no such word").run()
    assert any("No action matches" in one.value for one in app.markdown)


def test_an_action_is_shown_in_full(store):
    app = coaching(store)
    app.selectbox(key="coaching_card").set_value("first_micro_salon").run()
    shown = "\n".join(one.value for one in app.markdown)
    assert "registered bank staff hold the event" in shown
    assert "the insurer prepares, observes and debriefs" in shown


def test_an_open_action_is_marked_done_with_its_outcome(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    group(app, f"coaching_measure_{action}").set_value("yes")
    app.button(key=f"coaching_save_{action}").click().run()
    assert not app.exception
    row = row_of(store, action)
    assert (row.state, row.outcome, row.measure_met, row.decided_on) == ("done", "五项达四项", True, today())
    assert app.success[0].value == r"Stored: Need\-finding interview drill."
    assert "0 open, none overdue" in [one.value for one in app.caption]
    app.toggle(key="coaching_show_closed").set_value(True).run()
    assert list(frame(app, "result")["result"]) == ["五项达四项"]


def test_nothing_is_done_without_an_outcome(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    app.button(key=f"coaching_save_{action}").click().run()
    assert app.error[0].value.startswith("Outcome")
    assert row_of(store, action).state == "taken"


def test_an_open_action_is_dismissed_with_a_reason(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    group(app, f"coaching_how_{action}").set_value("dismissed")
    app.text_area(key=f"coaching_words_{action}").set_value("人员调走")
    app.button(key=f"coaching_save_{action}").click().run()
    row = row_of(store, action)
    assert (row.state, row.dismissed_reason, row.measure_met) == ("dismissed", "人员调走", None)


def test_the_second_of_two_who_close_an_action_sees_what_it_reads_now(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    with writing(store, raises_version=False) as session:
        row = session.get_one(SuggestionRow, action)
        row.owner, row.version = "zhang", 2
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    app.button(key=f"coaching_save_{action}").click().run()
    assert "Somebody else changed this" in app.error[0].value
    assert "zhang" in "\n".join(one.value for one in app.caption)
    assert app.text_area(key=f"coaching_words_{action}").value == "五项达四项"


def test_another_supervisor_sees_no_actions_of_this_branch(store, action):
    app = coaching(store, username="wu")
    assert "0 open, none overdue" in [one.value for one in app.caption]


def test_an_administrator_changes_an_action_and_it_shows_at_once(store):
    app = coaching(store, role=UserRole.ADMIN, username="boss")
    app.selectbox(key="coaching_card").set_value("opening_talk").run()
    app.toggle(key="coaching_edit").set_value(True).run()
    app.text_input(key="coaching_title_en_opening_talk").set_value("First talk")
    app.checkbox(key="coaching_off_opening_talk").set_value(True)
    app.text_input(key="coaching_source_opening_talk").set_value("team meeting")
    app.button(key="coaching_save_change_opening_talk").click().run()
    assert not app.exception
    with reading(store) as session:
        row = session.scalars(select(PlaybookChangeRow)).one()
    assert (row.changes, row.valid_from, row.source) == (
        {"title_en": "First talk", "is_off": True},
        today(),
        "team meeting",
    )
    table = frame(app, "code")
    assert (table["title"].iloc[0], table["state"].iloc[0]) == ("First talk", "Switched off")


def test_saving_a_change_does_not_take_back_what_a_colleague_changed_meanwhile(store):
    app = coaching(store, role=UserRole.ADMIN, username="boss")
    app.selectbox(key="coaching_card").set_value("opening_talk").run()
    app.toggle(key="coaching_edit").set_value(True).run()
    with writing() as session:
        record_playbook_change(
            session,
            actor=COMMAND_LINE,
            action_key="opening_talk",
            valid_from=today(),
            changes={"title_en": "Talk of a colleague"},
            source="x",
            today=today(),
            key="colleague",
        )
    app.number_input(key="coaching_pause_opening_talk").set_value(99)
    app.text_input(key="coaching_source_opening_talk").set_value("team meeting")
    app.button(key="coaching_save_change_opening_talk").click().run()
    with reading(store) as session:
        changes = [row.changes for row in session.scalars(select(PlaybookChangeRow).order_by(PlaybookChangeRow.id))]
    assert changes == [{"title_en": "Talk of a colleague", "pause_days": 99}]


def test_a_forbidden_word_in_a_change_is_refused(store):
    app = coaching(store, role=UserRole.ADMIN, username="boss")
    app.selectbox(key="coaching_card").set_value("opening_talk").run()
    app.toggle(key="coaching_edit").set_value(True).run()
    app.text_input(key="coaching_title_en_opening_talk").set_value("Bring a gift")
    app.text_input(key="coaching_source_opening_talk").set_value("x")
    app.button(key="coaching_save_change_opening_talk").click().run()
    assert "The text says “gift”: benefit outside the agreement" in app.error[0].value.replace("\\", "")


def test_nobody_but_an_administrator_is_offered_a_change(store):
    app = coaching(store)
    app.selectbox(key="coaching_card").set_value("opening_talk").run()
    assert not [toggle for toggle in app.toggle if toggle.key == "coaching_edit"]


def test_a_branch_head_reads_and_closes_nothing(store, action):
    app = coaching(store, role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert list(frame(app, "owner")["owner"]) == ["li"]
    assert not [box for box in app.selectbox if box.key == "coaching_action"]
