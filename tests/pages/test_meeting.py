from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.calendar import last_complete_week
from core.facts import Stage, UserRole
from core.language.days import day_word
from core.review.agenda import Agenda, slides
from core.review.figures import DecisionState, SetByHand, Topic
from core.review.scope import ReviewScope, ScopeKind
from db.engine import data_version, reading, writing
from db.models import PolicyRow, ReviewDecisionRow, ReviewMeetingRow, SuggestionRow
from db.review_changes import begin_meeting
from db.review_decisions import decisions_of
from db.rollups import rebuild_rollups
from pages.parts.session import now, today
from tests.builders import ADMIN, add_branch, add_contact, add_policy, add_staff
from tests.review_records import figures
from tests.running import add_user
from tests.screens import both_values, screen
from tests.staged import add_stage

ALL = ReviewScope(ScopeKind.ALL)
WEEK = timedelta(weeks=1)


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def city(store):
    """B1 of li fell last week, B2 of li rose, B3 of wu stands; li has an account and sold something."""
    week = last_complete_week(today())
    add_user(store, "li", UserRole.SUPERVISOR)
    with writing(store) as session:
        for code, owner, before, after in (
            ("B1", "li", Stage.MATURE, Stage.ADJUSTMENT),
            ("B2", "li", Stage.GROWTH, Stage.MATURE),
            ("B3", "wu", Stage.MATURE, Stage.MATURE),
        ):
            branch = add_branch(session, code, supervisor=owner)
            person = add_staff(session, branch, f"S{code}")
            for number in range(14):
                stage = after if number == 0 else before
                add_stage(session, branch, week - number * WEEK, stage, weeks_held=1)
            add_policy(session, branch, week, staff=person)
            add_contact(session, branch, week, staff=person)
        rebuild_rollups(session)
    return store


def held(store, week_start=None, scope=ALL, **more):
    """Begin a review of hand-made pages."""
    shown = figures(scope, week_start or last_complete_week(today()), **more)
    with writing(store) as session:
        return begin_meeting(
            session,
            actor=ADMIN,
            figures=shown,
            figures_version=data_version(session),
            agenda=Agenda(),
            present=[],
            guests=[],
            now=now(),
            key=f"begin-{scope}-{week_start}",
        )


def add_decision(store, meeting_id, *, words, owner):
    """Add a decision about the goals, due today."""
    with writing(store) as session:
        session.add(
            ReviewDecisionRow(
                meeting_id=meeting_id,
                topic="goals",
                words=words,
                owner=owner,
                due_on=today(),
                measure="登记率",
                state="open",
                decided_on=today(),
                decided_at=now(),
            )
        )


def meeting(store, page=None, **more):
    week = more.pop("week", last_complete_week(today()))
    query = {"week": week.isoformat()} | ({"page": page} if page else {}) | more.pop("query", {})
    return screen(store, "meeting", query=query, **more)


def words(app):
    kinds = (app.title, app.markdown, app.metric, app.success, app.warning, app.error, app.text)
    found = [f"{one.label} {one.value}" if one.type == "metric" else one.value for kind in kinds for one in kind]
    tables = [str(table.value.to_dict("list")) for table in app.table]
    return "\n".join([*found, *tables]).replace("\\", "")


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def test_without_branches_the_reader_is_told_what_to_do(store):
    assert "Import your branches" in words(meeting(store))


def test_a_review_begins_with_its_agenda_and_opens_on_its_first_page(city):
    app = meeting(city)
    assert app.multiselect(key=next(one.key for one in app.multiselect)).value == ["boss"]
    press(app, "meeting_begin")
    assert app.query_params["page"] == "decided"
    assert "Last decisions" in words(app)
    with reading(city) as session:
        row = session.scalars(select(ReviewMeetingRow)).one()
    assert (row.chair, row.scope_kind, row.week_start) == ("boss", "all", last_complete_week(today()))
    assert row.agenda["skipped"] == ["worked"]


def test_topics_can_be_left_out_and_moved_before_it_begins(city):
    app = meeting(city)
    topics = app.get("button_group")[0]
    topics.set_value([one for one in topics.value if one is not Topic.STAGES]).run()
    app.selectbox(key="meeting_move").set_value(Topic.GOALS).run()
    press(app, "meeting_earlier")
    press(app, "meeting_begin")
    assert app.query_params["page"] == "goals"
    with reading(city) as session:
        agenda = session.scalars(select(ReviewMeetingRow)).one().agenda
    assert agenda["order"][:2] == ["goals", "decided"]
    assert "stages" in agenda["skipped"]


def test_a_second_chair_joins_the_review_that_is_held(city):
    held(city)
    app = press(meeting(city), "meeting_join")
    assert app.query_params["page"] == "decided"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_drawn_and_names_are_off(city, language):
    add_decision(city, held(city, last_complete_week(today()) - WEEK), words="请Li补登", owner="li")
    held(city)
    app = meeting(city, "decided", language=language)
    deck = slides(Agenda(), figures())
    seen = [words(app)]
    for slide in deck[1:]:
        press(app, "meeting_next")
        assert app.query_params["page"] == slide.name
        seen.append(words(app))
    assert app.button(key="meeting_next").disabled
    rank = {"en": "Supervisor 1", "zh": "督导1"}[language]
    assert rank in seen[0]
    assert f"{rank}补登" in seen[0]
    assert "Li" not in "\n".join(seen).replace("Light", "")
    press(app, "meeting_names_switch")
    app.selectbox(key="meeting_list").set_value(0).run()
    assert "请Li补登" in words(app)


def test_keys_turn_the_pages_and_the_list_jumps(city):
    held(city)
    app = meeting(city, "weakest-2")
    assert (app.button(key="meeting_next").proto.shortcut, app.button(key="meeting_back").proto.shortcut) == (
        *("right", "left"),
    )
    press(app, "meeting_back")
    assert app.query_params["page"] == "weakest"
    app.selectbox(key="meeting_list").set_value(1).run()
    assert app.query_params["page"] == "goals"
    press(app, "meeting_leave")
    assert "page" not in app.query_params


def test_a_decision_on_the_page_of_a_branch_becomes_its_action_with_the_supervisor_as_owner(city):
    number = held(city)
    app = press(meeting(city, "weakest-2"), "meeting_decide")
    form = "meeting_decide"
    app.text_input(key=f"{form}_words").set_value("周三拜访支行行长")
    app.text_input(key=f"{form}_measure").set_value("晨会一次")
    press(app, f"{form}_save")
    with reading(city) as session:
        (found,) = decisions_of(session, actor=ADMIN, meeting_id=number, today=today())
        action = session.get_one(SuggestionRow, found.suggestion_id)
    assert (found.branch_code, found.owner, found.topic) == ("B1", "li", Topic.WEAKEST)
    assert (action.state, action.owner, action.due_on) == ("taken", "li", today() + timedelta(days=7))
    app.selectbox(key="meeting_list").set_value(10).run()
    assert "周三拜访支行行长" in words(app)


def test_a_decision_without_words_is_not_kept(city):
    held(city)
    app = press(press(meeting(city, "goals"), "meeting_decide"), "meeting_decide_save")
    assert "cannot stay empty" in words(app)
    with reading(city) as session:
        assert session.scalars(select(ReviewDecisionRow)).all() == []


def test_what_became_of_a_decision_is_said_in_the_room(city):
    number = held(city)
    app = press(meeting(city, "goals"), "meeting_decide")
    app.text_input(key="meeting_decide_words").set_value("补登沟通")
    press(app, "meeting_decide_save")
    press(app, "meeting_settle")
    app.text_input(key="meeting_settle_outcome").set_value("已补登")
    press(app, "meeting_settle_save")
    with reading(city) as session:
        (found,) = decisions_of(session, actor=ADMIN, meeting_id=number, today=today())
    assert (found.state, found.outcome) == (DecisionState.DONE, "已补登")


def test_a_closed_review_keeps_its_pages_and_marks_what_was_corrected_since(city):
    app = press(meeting(city), "meeting_begin")
    press(app, "meeting_end")
    app.text_input(key="meeting_end_guests").set_value("培训讲师 T01")
    press(app, "meeting_end_save")
    assert "over" in words(app)
    with reading(city) as session:
        row = session.scalars(select(ReviewMeetingRow)).one()
    assert row.ended_at is not None
    app = meeting(city, "goals", username="other")
    before = words(app)
    assert "gray-badge[Is over]" in before
    assert "corrected since" not in before
    assert [one.key for one in app.button if one.key in ("meeting_decide", "meeting_end")] == []
    with writing(city) as session:
        session.scalars(select(PolicyRow)).first().premium_fen *= 3
        rebuild_rollups(session)
    after = words(meeting(city, "goals", username="third"))
    assert "corrected since" in after
    assert [line for line in after.splitlines() if "corrected since" not in line] == before.splitlines()


def test_newer_data_is_taken_in_on_demand_only(city):
    app = press(meeting(city), "meeting_begin")
    assert "meeting_newer" not in [one.key for one in app.button]
    with writing(city):
        pass
    app.run()
    press(app, "meeting_newer")
    assert "meeting_newer" not in [one.key for one in app.button]


def test_an_address_that_makes_no_sense_gives_the_widest_review_with_a_notice(city):
    app = meeting(city, "goals")
    for name, value in (("scope", "region:西区分公司"), ("scope", "x"), ("week", "2026-11-17"), ("week", "x")):
        app.query_params.clear()
        app.query_params[name] = value
        app.run()
        assert "widest one" in words(app)
        assert app.selectbox(key="meeting_scope").value == 0


def test_a_supervisor_holds_the_review_of_his_own_team_only_and_the_address_names_nobody(city):
    held(city)
    app = meeting(city, role=UserRole.SUPERVISOR, username="wu")
    assert app.selectbox(key="meeting_scope").options == ["Team of Supervisor 1"]
    press(app, "meeting_begin")
    assert app.query_params["scope"].startswith("team:")
    assert "wu" not in app.query_params["scope"]


def test_the_list_shows_reviews_held_with_their_decisions(city):
    held(city)
    app = meeting(city)
    assert "Reviews held" in "\n".join(one.value for one in app.subheader)
    assert app.dataframe[0].value["scope"].tolist() == ["All branches"]


def test_the_owner_ticks_a_decision_about_a_topic_on_his_list_of_today(city):
    number = held(city)
    add_decision(city, number, words="补登沟通", owner="zhao")
    with writing(city) as session:
        add_branch(session, "B9", supervisor="zhao")
    app = screen(city, "today", role=UserRole.SUPERVISOR, username="zhao")
    table = app.dataframe[0].value
    place = table["kind"].tolist().index("Decision due")
    assert table["reason"][place].startswith("“补登沟通”")
    kinds = app.get("button_group")[0]
    kinds.set_value(["decision_due"]).run()
    app.text_input(key="today_decision_1_outcome").set_value("已补登")
    press(app, "today_decision_1_save")
    with reading(city) as session:
        assert session.get_one(ReviewDecisionRow, 1).state == "done"


def test_a_decision_whose_day_was_moved_meanwhile_is_not_done_unseen(city):
    number = held(city)
    add_decision(city, number, words="补登沟通", owner="zhao")
    with writing(city) as session:
        add_branch(session, "B9", supervisor="zhao")
    app = screen(city, "today", role=UserRole.SUPERVISOR, username="zhao")
    place = app.dataframe[0].value["kind"].tolist().index("Decision due")
    app.session_state["today_list"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    with writing(city) as session:
        row = session.get_one(ReviewDecisionRow, 1)
        moved = row.due_on - timedelta(days=2)
        row.due_on, row.version = moved, row.version + 1
    app.text_input(key="today_decision_1_outcome").set_value("已补登")
    press(app, "today_decision_1_save")
    assert both_values(app)["State"] == ("Open", "Done")
    assert both_values(app)["Due date"] == (day_word("en", moved), "(stays as stored)")
    with writing(city) as session:
        row = session.get_one(ReviewDecisionRow, 1)
        assert row.state == "open"
        row.state, row.outcome, row.version = "dropped", "不再需要", row.version + 1
    press(app, "today_decision_1_store_mine")
    assert both_values(app)["What came of it"] == ("不再需要", "已补登")
    assert not [one for one in app.button if one.key == "today_decision_1_store_mine"]
    press(app, "today_decision_1_keep_stored")
    assert "Decision due" not in app.dataframe[0].value["kind"].tolist()


def test_what_was_typed_about_a_decision_waits_for_it_and_is_held_against_what_was_read(city):
    number = held(city)
    for words_of in ("补登沟通", "约行长"):
        add_decision(city, number, words=words_of, owner="zhao")
    with writing(city) as session:
        add_branch(session, "B9", supervisor="zhao")
    app = screen(city, "today", role=UserRole.SUPERVISOR, username="zhao")

    def pick(words_of):
        place = [words_of in why for why in app.dataframe[0].value["reason"]].index(True)
        app.session_state["today_list"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
        app.run()
        assert not app.exception

    pick("补登沟通")
    app.text_input(key="today_decision_1_outcome").set_value("已补登").run()
    app.selectbox(key="today_decision_1_way").set_value("dropped").run()
    pick("约行长")
    assert app.text_input(key="today_decision_2_outcome").value == ""
    assert "today_decision_2_discard" not in [one.key for one in app.button]
    with writing(city) as session:
        row = session.get_one(ReviewDecisionRow, 1)
        row.measure, row.version = "覆盖率", row.version + 1
    pick("补登沟通")
    assert app.text_input(key="today_decision_1_outcome").value == "已补登"
    assert app.selectbox(key="today_decision_1_way").value == "dropped"
    press(app, "today_decision_1_save")
    assert both_values(app)["State"] == ("Open", "Dropped")
    press(app, "today_decision_1_store_mine")
    with reading(city) as session:
        row = session.get_one(ReviewDecisionRow, 1)
        assert (row.state, row.outcome) == ("dropped", "已补登")
    pick("约行长")
    app.text_input(key="today_decision_2_outcome").set_value("约好").run()
    press(app, "today_decision_2_discard")
    assert app.text_input(key="today_decision_2_outcome_1").value == ""


def test_records_of_the_pages_are_whole():
    assert all(figures().has(topic) for topic in Topic)
    assert replace(figures(), goals=None).has(Topic.GOALS) is False


def test_settling_is_held_against_the_decision_the_form_was_opened_with(city):
    number = held(city)
    for words_of in ("补登沟通", "补登沟通"):  # called alike, told apart by where they stand
        add_decision(city, number, words=words_of, owner="li")
    first, second = (press(meeting(city, "goals", username=name), "meeting_settle") for name in ("one", "two"))
    options = second.selectbox(key="meeting_settle_which").options
    assert len(set(options)) == 2
    first.text_input(key="meeting_settle_outcome").set_value("甲的结果")
    press(first, "meeting_settle_save")
    second.text_input(key="meeting_settle_outcome").set_value("乙的结果")
    press(second, "meeting_settle_save")
    assert "Nothing was stored" in words(second)
    assert "甲的结果" in words(second)
    assert "乙的结果" in words(second)
    with reading(city) as session:
        found = decisions_of(session, actor=ADMIN, meeting_id=number, today=today())
    assert [(one.state, one.outcome) for one in found] == [
        (DecisionState.DONE, "甲的结果"),
        (DecisionState.OPEN, None),
    ]
    press(second, "meeting_settle_1_keep_stored")
    assert len(second.selectbox(key="meeting_settle_which_1").options) == 1
    assert second.text_input(key="meeting_settle_outcome_1").value == ""


def test_while_a_form_is_open_no_key_of_the_bar_acts(city):
    held(city)
    app = press(meeting(city, "goals"), "meeting_decide")
    bar = [one for one in app.button if one.proto.shortcut]
    assert bar
    assert all(one.disabled for one in bar)


def test_topics_come_back_while_the_review_runs_and_who_was_there_is_listed(city):
    number = held(city)
    app = meeting(city, username="second", role=UserRole.ADMIN)
    press(app, "meeting_join")
    press(app, "meeting_leave")
    topics = app.get("button_group")[0]
    topics.set_value([one for one in topics.value if one is not Topic.STAGES]).run()
    press(app, "meeting_keep_agenda")
    assert "The agenda is kept" in words(app)
    with reading(city) as session:
        assert session.get_one(ReviewMeetingRow, number).agenda["skipped"] == ["stages"]
    app.get("button_group")[0].set_value(list(Topic)).run()
    press(app, "meeting_keep_agenda")
    press(app, "meeting_take_back")
    assert "taken back" in words(app)
    with reading(city) as session:
        assert session.scalars(select(ReviewMeetingRow)).all() == []


def test_settling_what_was_decided_before_is_no_newer_data_and_overrides_are_listed(city):
    until, week = today() + timedelta(days=9), last_complete_week(today()) - WEEK
    by_hand = (SetByHand("B1", "青禾银行B1支行", Stage.MATURE, until),)
    before = held(city, week, stages=replace(figures().stages, by_hand=by_hand))
    add_decision(city, before, words="补登沟通", owner="li")
    app = press(press(meeting(city), "meeting_begin"), "meeting_settle")
    app.text_input(key="meeting_settle_outcome").set_value("已补登")
    press(app, "meeting_settle_save")
    assert "登记率 · 已补登" in words(app)
    assert "meeting_newer" not in [one.key for one in app.button]
    for page, username in (("stages-3", "second"), ("weakest-2", "third")):
        seen = words(meeting(city, page, week=week, username=username))
        assert f"{until:%m-%d}" in seen
        assert "y hand" in seen
