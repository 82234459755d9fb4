from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from core.facts import BranchStatus, SuggestionState, UserRole
from core.language.days import day_word
from core.today.lines import Thing
from core.today.rules import today_rules
from db.calendar_days import working_calendar
from db.changes import utc_now
from db.engine import reading, writing
from db.models import (
    BranchRow,
    CoachingNoteRow,
    ContactRow,
    PlanItemRow,
    SnoozeRow,
    StaffRow,
    StageWeekRow,
    SuggestionRow,
    TodayNewsRow,
    TodayVisitRow,
    UserRow,
)
from db.rollups import rebuild_rollups
from db.snoozes import snooze_line
from db.today import today_lines
from db.today_news import note_news
from pages.parts.session import PAGES, today
from pages.parts.store import today as today_store
from pages.parts.store.base import forget_answers
from tests.builders import add_contact, supervisor
from tests.pages.branch_world import make_branch_world
from tests.running import add_user
from tests.screens import both_values, screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def world(store):
    """B1 of li: head and seller never reached, an overdue action, a warning; nothing new about stages."""
    found = make_branch_world()
    with writing(store) as session:
        session.add(
            SuggestionRow(
                branch_id=found.branch,
                action_key="root_cause_review",
                week_start=found.week,
                reason_key="stage_basic",
                facts={},
                state=SuggestionState.TAKEN,
                owner="li",
                due_on=today() - timedelta(days=7),
                decided_on=today() - timedelta(days=14),
                created_at=utc_now(),
            )
        )
    return found


def opened(store, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li"} | more
    return screen(store, "today", **given)


def table(app):
    return next(frame.value for frame in app.dataframe if "reason" in frame.value.columns)


def pick(app, subject):
    """Pick the first line about somebody or something, as a click does."""
    place = list(table(app)["subject"]).index(subject)
    app.session_state["today_list"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def button(app, start):
    return next(one for one in app.button if one.key and one.key.startswith(start))


def text(app, start):
    return next(one for one in app.text_input if one.key.startswith(start))


def day_box(app, chosen):
    return next(one for one in app.date_input if one.key.startswith(f"today_{chosen}_contact"))


def whom_box(app):
    return next(one for one in app.selectbox if one.key.startswith("today_log") and one.key.endswith("_whom"))


def way(app, chosen):
    next(bar for bar in app.get("button_group") if bar.key.startswith("today_do")).set_value(chosen)
    app.run()
    assert not app.exception


def press(app, start):
    button(app, start).click().run()
    assert not app.exception
    return app


def test_the_worst_stands_first_with_why_and_how_long(store, world):
    rows = table(opened(store)).to_dict("records")
    assert [row["kind"] for row in rows[:4]] == ["Action overdue", "Never reached", "Never reached", "Early warning"]
    assert {row["subject"] for row in rows[1:3]} == {"Branch head", "Wealth manager"}
    assert all(row["reason"] and row["short_reason"] and row["short_age"] for row in rows)


def test_logging_a_contact_takes_one_key_and_brings_the_next_line(store, world):
    app = pick(opened(store), "Branch head")
    press(app, "today_save")
    with reading(store) as session:
        row = session.scalars(select(ContactRow)).one()
        head = session.scalars(select(StaffRow.id).where(StaffRow.role == "branch_head")).first()
    assert (row.role, row.staff_id, row.method, row.topic, row.minutes) == ("branch_head", head, "visit", None, 30)
    assert row.is_usual_minutes
    assert app.toast[0].value.startswith("Logged:")
    assert "Branch head" not in list(table(app)["subject"])
    assert any("Single seller" in one.value for one in app.markdown)
    assert not app.success  # what is said stands over the page: the button stays where it was


def test_a_person_can_be_named_and_a_like_contact_is_pointed_out(store, world):
    with writing(store) as session:
        branch = session.get_one(BranchRow, world.branch)
        for role in ("branch_head", "wealth_manager"):
            add_contact(session, branch, today() - timedelta(days=60), role=role)
        rebuild_rollups(session)
        add_contact(session, branch, today() - timedelta(days=30), role="wealth_manager", method="phone")
    app = pick(opened(store), "Wealth manager")
    app.date_input[0].set_value(today() - timedelta(days=30))
    press(app, "today_save")
    assert "Already logged" in app.error[0].value
    next(box for box in app.checkbox if box.key.startswith("today_another")).check()
    whom_box(app).set_value(world.seller)
    press(app, "today_save")
    with reading(store) as session:
        assert world.seller in session.scalars(select(ContactRow.staff_id)).all()


def test_an_action_is_ticked_with_its_outcome_and_the_contact_that_shows_it(store, world):
    with writing(store) as session:
        proof = add_contact(session, session.get_one(BranchRow, world.branch), today(), role="branch_head").id
        rebuild_rollups(session)
    app = opened(store)
    press(app, "coaching_save")
    assert "cannot stay empty" in app.error[0].value
    next(one for one in app.text_area if one.key.startswith("coaching_words")).set_value("已完成")
    next(one for one in app.selectbox if one.key.startswith("coaching_proof")).set_value(proof)
    press(app, "coaching_save")
    with reading(store) as session:
        row = session.scalars(select(SuggestionRow)).one()
    assert (row.state, row.outcome, row.measure_met, row.proof_contact_id) == ("done", "已完成", None, proof)
    assert "Action overdue" not in list(table(app)["kind"])


def test_the_contact_an_action_lacks_is_logged_in_place_and_the_action_stays_picked(store, world):
    app = opened(store)
    assert "Log it first" in "".join(one.value for one in app.caption)
    whom = whom_box(app)
    assert (whom.value, {"Branch head · As a group"} <= set(whom.options)) == (None, True)
    press(app, "today_save")
    assert "Choose at least one person" in app.error[0].value
    whom_box(app).set_value(world.seller)
    press(app, "today_save")
    assert app.toast[0].value.startswith("Logged:")
    with reading(store) as session:
        logged = session.scalars(select(ContactRow.id)).one()
    next(one for one in app.text_area if one.key.startswith("coaching_words")).set_value("已完成")
    next(one for one in app.selectbox if one.key.startswith("coaching_proof")).set_value(logged)
    press(app, "coaching_save")
    with reading(store) as session:
        row = session.scalars(select(SuggestionRow)).one()
    assert (row.state, row.proof_contact_id) == ("done", logged)


def test_an_action_a_colleague_dismisses_while_its_contact_is_logged_is_said_to_be_gone(store, world):
    app = opened(store)
    whom_box(app).set_value(world.seller)
    with writing(store) as session:
        row = session.scalars(select(SuggestionRow)).one()
        row.state, row.dismissal, row.version = SuggestionState.DISMISSED, "no_time", 2
    press(app, "today_save")
    assert app.toast[0].value.startswith("Logged:")
    assert [one.value for one in app.warning] == [
        "The action you had opened is not open any more: somebody else closed it, or it expired."
    ]
    app.run()
    assert not app.warning


def test_an_action_of_a_suspended_branch_stays_says_so_and_is_not_planned(store, world):
    with writing(store) as session:
        session.get_one(BranchRow, world.branch).status = BranchStatus.SUSPENDED
    app = pick(opened(store), "Root-cause review")
    marks = dict(zip(table(app)["subject"], table(app)["marks"], strict=True))
    assert marks["Root-cause review"] == "Branch suspended"
    ways = next(bar for bar in app.get("button_group") if bar.key.startswith("today_do"))
    assert ways.options == ["Done", "Dismiss", "Put off"]


def test_an_action_is_dismissed_with_a_reason(store, world):
    app = opened(store)
    way(app, "drop")
    next(one for one in app.selectbox if one.key.startswith("coaching_dismissal")).set_value("other")
    next(one for one in app.text_area if one.key.startswith("coaching_reason")).set_value("网点装修")
    press(app, "coaching_save")
    with reading(store) as session:
        assert session.scalars(select(SuggestionRow)).one().dismissed_reason == "网点装修"


def test_an_action_a_colleague_closed_meanwhile_is_shown_beside_what_was_entered(store, world):
    app = pick(opened(store), "Root-cause review")
    way(app, "drop")
    with writing(store) as session:
        row = session.scalars(select(SuggestionRow)).one()
        row.state, row.outcome, row.version = SuggestionState.DONE, "已复盘", 2
    next(box for box in app.selectbox if box.key.startswith("coaching_dismissal")).set_value("no_time")
    press(app, "coaching_save")
    assert both_values(app)["State"] == ("Done", "Dismissed")
    with reading(store) as session:
        assert session.scalars(select(SuggestionRow)).one().state == SuggestionState.DONE
    app.run()
    assert both_values(app)["State"] == ("Done", "Dismissed")
    next(one for one in app.button if one.key.endswith("_keep_stored")).click().run()
    assert not app.exception
    assert not both_values(app)
    assert "Root-cause review" not in list(table(app)["subject"])


def test_what_was_noted_in_another_window_is_shown_beside_what_was_entered(store, world):
    app = pick(opened(store), "Single seller")
    text(app, "today_note").set_value("第二个窗口")
    with writing(store) as session:
        given = {"thing": Thing.WARNING, "subject": "single_seller", "today": today(), "key": "other"}
        actor = replace(supervisor(), user_id=session.scalars(select(UserRow.id)).one())
        note_news(session, actor=actor, branch_id=world.branch, note="第一个窗口", **given)
    press(app, "today_note_save")
    assert ("第一个窗口", "第二个窗口") in both_values(app).values()


def test_a_line_is_laid_aside_shown_among_the_resting_and_brought_back(store, world):
    app = pick(opened(store), "Branch head")
    way(app, "snooze")
    text(app, "today_snooze").set_value("休假")
    press(app, "today_snooze_save")
    assert "Branch head" not in list(table(app)["subject"])
    app.session_state["today_resting"] = True
    app.run()
    rests = next(frame.value for frame in app.dataframe if "until_on" in frame.value.columns)
    assert list(rests["why"]) == ["休假"]
    app.session_state["today_rests"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    press(app, "today_back_1_button")
    assert "Branch head" in list(table(app)["subject"])
    with reading(store) as session:
        assert session.scalars(select(SnoozeRow)).one().ended_on == today()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_two_who_lay_a_line_aside_the_second_sees_both_reasons_and_chooses(store, world, language):
    second = opened(store, language=language)
    with writing(store) as session:
        line = today_lines(session, actor=supervisor(), today=today()).lines[0]
        until = today() + timedelta(days=3)
        given = {"line": line, "until_on": until, "reason": "网点装修", "today": today(), "key": "first"}
        way(second, "snooze")
        snooze_line(session, actor=supervisor(), **given)
    text(second, "today_snooze").set_value("行长休假")
    press(second, "today_snooze_save")
    word = {"en": "Reason", "zh": "原因"}[language]
    assert both_values(second)[word] == ("网点装修", "行长休假")
    press(second, "today_snooze_save")
    assert both_values(second)[word] == ("网点装修", "行长休假")
    press(second, next(one.key for one in second.button if one.key.endswith("_store_mine")))
    assert not both_values(second)
    with reading(store) as session:
        rows = session.scalars(select(SnoozeRow).order_by(SnoozeRow.id)).all()
        assert [(one.reason, one.ended_on is None) for one in rows] == [("网点装修", False), ("行长休假", True)]


def test_a_line_is_planned_for_a_day_and_stays_with_a_mark(store, world):
    app = pick(opened(store), "Branch head")
    way(app, "plan")
    text(app, "today_plan").set_value("谈培训")
    press(app, "today_plan_save")
    with reading(store) as session:
        row = session.scalars(select(PlanItemRow)).one()
        days = (today() + timedelta(days=number) for number in range(1, 15))
        next_workday = next(filter(working_calendar(session).is_workday, days))
    assert (row.role, row.day, row.text, row.origin) == (
        "branch_head",
        next_workday,
        "谈培训",
        "today",
    )
    marks = dict(zip(table(app)["subject"], table(app)["marks"], strict=True))
    assert marks["Branch head"].startswith("Planned for")
    pick(app, table(app)["subject"][0])
    way(app, "plan")
    press(app, "today_plan_save")
    with reading(store) as session:
        assert [one.kind for one in session.scalars(select(PlanItemRow).order_by(PlanItemRow.id))] == [
            "contact",
            "action",
        ]


def test_a_missed_contact_is_explained(store, world):
    app = pick(opened(store), "Wealth manager")
    way(app, "explain")
    text(app, "today_explain").set_value("停业")
    press(app, "today_explain_save")
    with reading(store) as session:
        assert session.scalars(select(SnoozeRow)).one().is_explained
    assert "Wealth manager" not in list(table(app)["subject"])


def test_what_is_said_about_a_contact_a_colleague_logged_meanwhile_is_not_stored(store, world):
    app = pick(opened(store), "Wealth manager")
    way(app, "explain")
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, world.branch), today(), role="wealth_manager")
        rebuild_rollups(session)
    text(app, "today_explain").set_value("停业")
    press(app, "today_explain_save")
    assert any("Somebody else changed this" in one.value for one in app.error)
    assert both_values(app)["When"][0] == day_word("en", today())
    assert not [one for one in app.button if one.key.endswith("_store_mine")]
    press(app, next(one.key for one in app.button if one.key.endswith("_keep_stored")))
    assert not both_values(app)
    with reading(store) as session:
        assert session.scalars(select(SnoozeRow)).all() == []
    assert "Wealth manager" not in list(table(app)["subject"])


def test_a_warning_stays_until_it_is_noted_and_the_visit_is_kept(store, world):
    app = pick(opened(store), "Single seller")
    with reading(store) as session:
        assert session.scalars(select(TodayVisitRow.last_on)).one() == today()
    text(app, "today_note").set_value("已谈")
    press(app, "today_note_save")
    assert "Single seller" not in list(table(app)["subject"])
    with reading(store) as session:
        assert session.scalars(select(TodayNewsRow.note)).one() == "已谈"


def test_how_many_lines_there_are_is_said_of_the_chosen_kinds_and_only_where_some_are_not_shown(
    store, world, monkeypatch
):
    def shown_at_most(lines, kinds):
        monkeypatch.setattr(today_store, "today_rules", lambda: replace(today_rules(), most_lines=lines))
        forget_answers()
        app.session_state["today_kinds"] = kinds
        app.run()
        return [one.value for one in app.caption if one.value.startswith("The worst")]

    app = opened(store)
    counts = table(app)["kind"].value_counts()
    missed = int(counts["Never reached"])
    assert shown_at_most(1, []) == [f"The worst 1 of {counts.sum()} lines; a filter shows others."]
    assert shown_at_most(1, ["contact_never"]) == [f"The worst 1 of {missed} lines; a filter shows others."]
    assert shown_at_most(missed, ["contact_never"]) == []


def test_kinds_narrow_the_list(store, world):
    app = opened(store)
    next(bar for bar in app.get("button_group") if bar.key == "today_kinds").set_value(["warning"])
    app.run()
    assert not app.exception
    assert set(table(app)["kind"]) == {"Early warning"}


def test_a_choice_without_the_picked_line_begins_with_its_first_line_and_one_with_it_stays_there(store, world):
    def choose(*kinds):
        next(bar for bar in app.get("button_group") if bar.key == "today_kinds").set_value(list(kinds))
        app.run()
        assert not app.exception
        return app.session_state["today_list"]["selection"]["rows"]

    app = pick(opened(store), "Single seller")
    assert choose("contact_never") == [0]
    assert list(table(app)["kind"]) == ["Never reached"] * 2
    pick(app, table(app)["subject"][1])
    picked = choose("contact_never", "warning")
    assert picked == [1]
    with writing(store) as session:  # a line that goes while the choice stays leaves its place to the next one
        role = {"Branch head": "branch_head", "Wealth manager": "wealth_manager"}[table(app)["subject"][1]]
        add_contact(session, session.get_one(BranchRow, world.branch), today(), role=role)
        rebuild_rollups(session)
    assert choose("contact_never", "warning") == [1]
    assert list(table(app)["kind"]) == ["Never reached", "Early warning"]


def test_coverage_and_room_stand_below(store, world):
    app = opened(store)
    words = [one.value for one in app.caption]
    assert any(one.startswith("Logging coverage 0%") for one in words)
    assert any(one.startswith("Not reached: 0 · not logged: 2") for one in (word.replace("\\", "") for word in words))
    app.session_state["today_capacity"] = True
    app.run()
    assert not app.exception
    asked = next(frame.value for frame in app.dataframe if "half_days" in frame.value.columns)
    assert list(asked["role"]) == ["Branch head", "Wealth manager"]


@pytest.mark.parametrize("role", [UserRole.ADMIN, UserRole.MANAGER])
def test_others_see_their_scope_with_supervisors_and_filters(store, world, role):
    more = {"region_path": "东区分公司"} if role is UserRole.MANAGER else {}
    add_user(store, "wu")
    app = opened(store, role=role, username="boss", language="zh", **more)
    assert set(table(app)["supervisor"]) == {"li", "Wu"}  # by name where there is an account
    app.session_state["today_capacity"] = True
    app.multiselect(key="today_supervisor").set_value(["wu"]).run()
    assert not app.exception
    assert set(table(app)["supervisor"]) == {"Wu"}


def test_a_branch_head_has_no_such_screen(store, world):
    app = screen(store, "overview", role=UserRole.BRANCH_HEAD, username="h", branch_code="B1")
    assert "today" not in app.session_state[PAGES].pages


def test_a_supervisor_lands_on_today_and_the_others_on_the_overview(store, world):
    titles = {}
    for role, username in ((UserRole.SUPERVISOR, "li"), (UserRole.ADMIN, "boss")):
        pages = screen(store, "account", role=role, username=username).session_state[PAGES].pages
        titles[role] = pages["start"].title
        assert {"today", "overview"} <= set(pages)
    assert titles == {UserRole.SUPERVISOR: "Today", UserRole.ADMIN: "Overview"}


def test_an_empty_store_and_an_empty_list_say_what_to_do(store, world):
    assert any("No branch is assigned" in one.value for one in opened(store, username="nobody").markdown)
    with writing(store) as session:
        session.execute(delete(SuggestionRow))
        session.execute(delete(StageWeekRow))
        branch = session.get_one(BranchRow, world.branch)
        branch.status, branch.status_since = "suspended", today()
    app = opened(store, username="li")
    assert any("Nothing is owed today" in one.value for one in app.markdown)


def test_a_promise_is_settled_on_its_own_line_and_beside_the_contact_form(store, world):
    with writing(store) as session:
        for number in range(2):
            words = {"goal": "x", "reality": "", "options": "", "will": f"每周两次{number}"}
            kept = {"role": "teller", "is_shared": False, "written_at": utc_now()}
            days = {"session_on": today() - timedelta(days=9), "due_on": today() - timedelta(days=number)}
            session.add(CoachingNoteRow(branch_id=world.branch, **words, **kept, **days))
    app = pick(opened(store), "Branch head")
    assert sum("每周两次" in one.value for one in app.markdown) == 2
    next(one for one in app.toggle if one.key == "notes_settle_2").set_value(True).run()
    next(one for one in app.selectbox if one.key == "notes_settle_2_kept").set_value("kept")
    press(app, "notes_settle_2_save")
    assert "Settled: 每周两次1" in [one.value.replace("\\", "") for one in app.toast]
    pick(app, "Teller")
    press(app, "notes_settle_1_save")
    assert "Choose first what became of the promise" in app.error[0].value
    next(one for one in app.text_input if one.key == "notes_settle_1_outcome").set_value("两次都去了")
    pick(app, "Branch head")
    pick(app, "Teller")
    assert next(one for one in app.text_input if one.key == "notes_settle_1_outcome").value == "两次都去了"
    next(one for one in app.selectbox if one.key == "notes_settle_1_kept").set_value("kept")
    press(app, "notes_settle_1_save")
    assert "Promise due" not in list(table(app)["kind"])
    with reading(store) as session:
        assert session.scalars(select(CoachingNoteRow.kept)).all() == ["kept", "kept"]


def test_an_action_that_expired_is_noted_with_the_way_to_take_it_on_again(store, world):
    with writing(store) as session:
        session.scalars(select(SuggestionRow)).one().expires_on = today() - timedelta(days=1)
    app = pick(opened(store), "Root-cause review")
    assert "Take it on again from the suggestions" in [one.proto.label for one in app.get("page_link")]
    text(app, "today_note").set_value("不再需要")
    press(app, "today_note_save")
    assert "Action expired" not in list(table(app)["kind"])


def test_what_was_typed_about_a_line_is_there_when_it_is_picked_again_and_gone_once_stored(store, world):
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, world.branch), today(), role="branch_head")
        rebuild_rollups(session)
    app = opened(store)
    action = next(iter(table(app)["subject"]))
    next(one for one in app.text_area if one.key.startswith("coaching_words")).set_value("已完成")
    pick(app, "Wealth manager")
    text(app, "today_log").set_value("周五再约")
    way(app, "snooze")
    text(app, "today_snooze").set_value("休假")
    pick(app, action)
    assert next(one for one in app.text_area if one.key.startswith("coaching_words")).value == "已完成"
    pick(app, "Wealth manager")
    way(app, "snooze")
    assert text(app, "today_snooze").value == "休假"
    way(app, "log")
    assert text(app, "today_log").value == "周五再约"
    assert button(app, "today_log").label == "Discard what was typed"
    press(app, "today_save")
    with reading(store) as session:
        assert "周五再约" in session.scalars(select(ContactRow.next_step)).all()


@pytest.mark.parametrize(("chosen", "kept"), [("plan", PlanItemRow.day), ("snooze", SnoozeRow.until_on)])
def test_a_chosen_day_is_there_when_its_line_is_picked_again_and_is_what_is_stored(store, world, chosen, kept):
    app = pick(opened(store), "Wealth manager")
    way(app, chosen)
    usual, day = day_box(app, chosen).value, today() + timedelta(days=3)
    day_box(app, chosen).set_value(day + timedelta(days=1)).run()
    press(app, f"today_{chosen}_contact")  # discards it
    assert day_box(app, chosen).value == usual
    day_box(app, chosen).set_value(day).run()
    text(app, f"today_{chosen}").set_value("培训").run()
    pick(app, "Branch head")
    way(app, chosen)
    assert (day_box(app, chosen).value, text(app, f"today_{chosen}").value) == (usual, "")
    pick(app, "Wealth manager")
    way(app, chosen)
    assert (day_box(app, chosen).value, text(app, f"today_{chosen}").value) == (day, "培训")
    press(app, f"today_{chosen}_save")
    with reading(store) as session:
        assert session.scalars(select(kept)).all() == [day]
