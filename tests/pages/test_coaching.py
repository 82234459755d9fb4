from datetime import timedelta

import pytest
from sqlalchemy import select

from core.facts import COMMAND_LINE, Stage, UserRole
from core.language.days import day_word
from db.changes import utc_now
from db.engine import reading, writing
from db.models import BranchRow, PlaybookChangeRow, SuggestionRow, UserRow
from db.playbook import record_playbook_change
from pages.parts.session import today
from tests.builders import add_contact
from tests.db.effect_world import fill_effect_world
from tests.pages.branch_world import make_branch_world
from tests.screens import both_values, screen


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
            taken_on=today() - timedelta(days=9),
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
    assert (list(table["state"]), list(table["owner"])) == (["Overdue"], ["Li"])
    said = "1 open, 1 overdue; those come first · Inside: build the team 1 · Outside: run activities 0"
    assert said in [one.value for one in app.caption]


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


def prove(store, day=None):
    """Log a contact with B1 and return its key."""
    with writing(store) as session:
        branch = session.scalars(select(BranchRow).where(BranchRow.branch_code == "B1")).one()
        return add_contact(session, branch, day or today(), role="branch_head").id


def test_an_open_action_is_marked_done_with_its_outcome_and_the_contact_that_shows_it(store, action):
    contact = prove(store)
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    group(app, f"coaching_measure_{action}").set_value("yes")
    assert app.selectbox(key=f"coaching_proof_{action}").options == [
        f"{day_word('en', today())} · On-site visit · Branch head"
    ]
    app.selectbox(key=f"coaching_proof_{action}").set_value(contact)
    app.button(key=f"coaching_save_{action}").click().run()
    assert not app.exception
    row = row_of(store, action)
    assert (row.state, row.outcome, row.measure_met, row.decided_on) == ("done", "五项达四项", True, today())
    assert row.proof_contact_id == contact
    assert app.success[0].value == r"Stored: Need\-finding interview drill."
    assert "0 open, none overdue" in [one.value for one in app.caption]
    app.toggle(key="coaching_show_closed").set_value(True).run()
    table = frame(app, "result")
    assert list(table["result"]) == ["五项达四项"]
    assert table["proof"].iloc[0].endswith("On-site visit · Branch head")


def test_without_a_contact_the_reader_is_told_to_log_one_and_nothing_is_stored(store, action):
    prove(store, today() - timedelta(days=10))  # before it was taken on
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    assert any("No contact with this branch" in one.value for one in app.caption)
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    app.button(key=f"coaching_save_{action}").click().run()
    assert app.error[0].value.startswith("Choose the contact that shows it was done")
    assert row_of(store, action).state == "taken"


def test_nothing_is_done_without_an_outcome(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    app.button(key=f"coaching_save_{action}").click().run()
    assert app.error[0].value.startswith("Outcome")
    assert row_of(store, action).state == "taken"


def test_an_open_action_is_dismissed_with_a_reason_and_counted(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    group(app, f"coaching_how_{action}").set_value("dismissed").run()
    app.button(key=f"coaching_save_{action}").click().run()
    assert app.error[0].value == r"Choose one of the reasons\."
    app.selectbox(key=f"coaching_dismissal_{action}").set_value("nobody_there")
    app.text_area(key=f"coaching_reason_{action}").set_value("人员调走")
    app.button(key=f"coaching_save_{action}").click().run()
    row = row_of(store, action)
    assert (row.state, row.dismissal, row.dismissed_reason) == ("dismissed", "nobody_there", "人员调走")
    app.toggle(key="coaching_show_dismissed").set_value(True).run()
    table = frame(app, "dismissal")
    assert table[["action", "dismissal", "times", "texts"]].values.tolist() == [
        ["Need-finding interview drill", "The person or product is missing", 1, "人员调走"]
    ]
    app.toggle(key="coaching_show_closed").set_value(True).run()
    assert list(frame(app, "result")["result"]) == ["The person or product is missing · 人员调走"]


def test_an_open_action_gets_another_owner_and_due_date(store, action):
    with writing(store) as session:
        session.add(
            UserRow(username="lead", display_name="Lead", role="admin", password_hash="x", created_at=utc_now())
        )
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    group(app, f"coaching_how_{action}").set_value("change").run()
    due_on = today() + timedelta(days=5)
    app.selectbox(key=f"coaching_owner_{action}").set_value("lead")
    app.date_input(key=f"coaching_due_{action}").set_value(due_on)
    app.button(key=f"coaching_save_{action}").click().run()
    assert not app.exception
    table = frame(app, "owner")
    assert (list(table["owner"]), list(table["state"])) == (["Lead"], ["In progress"])
    assert (row_of(store, action).due_on, row_of(store, action).version) == (due_on, 2)


def test_who_changes_what_a_colleague_changed_sees_both_and_may_then_decide(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    group(app, f"coaching_how_{action}").set_value("change").run()
    colleagues = today() + timedelta(days=30)
    with writing(store) as session:
        row = session.get_one(SuggestionRow, action)
        row.due_on, row.version = colleagues, 2
    mine = today() + timedelta(days=5)
    app.date_input(key=f"coaching_due_{action}").set_value(mine)
    app.button(key=f"coaching_save_{action}").click().run()
    assert "Somebody else changed this" in app.error[0].value
    assert both_values(app) == {"Due date": (day_word("en", colleagues), day_word("en", mine))}
    assert app.date_input(key=f"coaching_due_{action}").value == mine
    app.button(key=f"coaching_save_{action}").click().run()
    assert row_of(store, action).due_on == colleagues
    app.button(key=f"coaching_close_{action}_store_mine").click().run()
    assert row_of(store, action).due_on == mine


def test_an_action_somebody_closed_meanwhile_is_said_to_be_gone(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    with writing(store) as session:
        row = session.get_one(SuggestionRow, action)
        row.state, row.version = "done", 2
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    app.button(key=f"coaching_save_{action}").click().run()
    assert not app.exception
    assert both_values(app)["Outcome"] == ("–", "五项达四项")
    keys = [one.key for one in app.button if one.key.startswith(f"coaching_close_{action}")]
    assert keys == [f"coaching_close_{action}_keep_stored"]
    app.button(key=keys[0]).click().run()
    assert "is not open any more" in app.warning[0].value
    assert row_of(store, action).outcome is None


def test_an_expired_action_is_listed_among_the_closed_ones_with_its_day(store, action):
    with writing(store) as session:
        session.get_one(SuggestionRow, action).expires_on = today() - timedelta(days=3)
    app = coaching(store)
    said = "0 open, none overdue · 1 expired in the last four weeks, listed with the closed ones"
    assert said in [one.value for one in app.caption]
    app.toggle(key="coaching_show_closed").set_value(True).run()
    table = frame(app, "decided_on")
    assert (list(table["state"]), list(table["decided_on"])) == (["Expired"], [today() - timedelta(days=2)])


def test_open_actions_say_why_which_driver_and_step_and_until_when(store, action):
    app = coaching(store)
    table = frame(app, "owner")
    assert (table["driver"].iloc[0], table["step"].iloc[0]) == ("Inside: build the team", "Branch coaching")
    assert table["why"].iloc[0] == "A basic step of the stage Growth, not done yet (week 10 in the stage)."


def test_what_worked_is_asked_on_demand_and_claims_nothing_from_few_cases(store):
    world = make_branch_world()
    with writing(store) as session:
        done_on = world.week - timedelta(weeks=9)
        session.add(
            SuggestionRow(
                branch_id=world.branch,
                action_key="buddy_pair",
                week_start=done_on,
                reason_key="badge",
                facts={"badge": "single_seller"},
                state="done",
                taken_on=done_on,
                decided_on=done_on,
                created_at=utc_now(),
            )
        )
    app = coaching(store)
    assert not [one for one in app.dataframe if "verdict" in one.value.columns]
    app.toggle(key="coaching_show_effect").set_value(True).run()
    assert not app.exception
    table = frame(app, "verdict")
    assert (list(table["cases"]), list(table["verdict"]), list(table["change"].isna())) == (
        [1],
        ["Too few cases"],
        [True],
    )
    assert any("Nothing is claimed under 20 cases" in one.value for one in app.caption)


def test_a_claim_stands_in_the_table_and_beside_the_suggestion_of_a_branch_in_that_stage(store):
    fill_effect_world(cases=20, plain=6, action_key="weekly_head_talk")
    app = coaching(store, role=UserRole.ADMIN, username="boss")
    app.toggle(key="coaching_show_effect").set_value(True).run()
    table = frame(app, "verdict")
    assert (list(table["cases"]), list(table["verdict"]), list(table["change"])) == (
        [20],
        ["More than expected"],
        [100.0],
    )
    page = screen(store, "branch", username="lead", query={"branch": "B25"})
    lines = [one.value.replace("\\", "") for one in page.markdown if "Head's weekly result talk" in one.value]
    assert "Done 20 times in the stage ▲ Growth: policies +100% against matched branches (+100% to +100%)." in lines[0]


def test_without_actions_done_long_ago_nothing_is_said_to_have_worked(store):
    app = coaching(store, language="zh")
    app.toggle(key="coaching_show_effect").set_value(True).run()
    assert any("尚无完成满8周的动作" in one.value for one in app.markdown)


def test_the_second_of_two_who_close_an_action_sees_what_it_reads_now(store, action):
    app = coaching(store)
    app.selectbox(key="coaching_action").set_value(action).run()
    with writing(store, raises_version=False) as session:
        row = session.get_one(SuggestionRow, action)
        row.owner, row.version = "zhang", 2
    app.text_area(key=f"coaching_words_{action}").set_value("五项达四项")
    app.button(key=f"coaching_save_{action}").click().run()
    assert "Somebody else changed this" in app.error[0].value
    assert both_values(app)["Owner"] == ("zhang", "(stays as stored)")
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
            shown_version=0,
            today=today(),
            key="colleague",
        )
    app.number_input(key="coaching_pause_opening_talk").set_value(99)
    app.text_input(key="coaching_source_opening_talk").set_value("team meeting")
    app.button(key="coaching_save_change_opening_talk").click().run()
    assert both_values(app)["Title (English)"] == ("Talk of a colleague", "(stays as stored)")
    app.button(key="coaching_change_opening_talk_store_mine").click().run()
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
