from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.calendar import SHANGHAI, last_complete_week
from core.facts import Stage, UserRole
from core.language.days import month_word
from core.self_check.rules import YES, self_check_rules
from db.engine import reading, writing
from db.models import UserRow
from db.self_check_changes import finish_check, save_answer, save_need
from db.self_checks import checks_in_hand, checks_of_branch
from pages.parts.session import today
from tests.builders import add_branch, head_of
from tests.running import add_user
from tests.screens import both_values, screen, screen_of
from tests.staged import add_stage

KEYS = [one.key for one in self_check_rules().questions]


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def branch(store):
    with writing(store) as session:
        row = add_branch(session, "B1")
        add_branch(session, "B2", supervisor="wu")
        add_stage(session, row, last_complete_week(today()), Stage.GROWTH)
        return row.id


def head(store, **more):
    return screen(store, "self_check", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1", **more)


def saved(branch):
    """The checks of this month and the last as the head fills them in."""
    with reading() as session:
        return checks_in_hand(session, actor=head_of(branch), branch_id=branch, today=today())


def finished(branch):
    """The finished checks, as everybody reads them."""
    with reading() as session:
        return checks_of_branch(session, actor=head_of(branch), branch_id=branch)


def fill(branch, value=5, *, day=None, is_finished=True, need=""):
    day = day or today()
    with writing() as session:
        for key in KEYS:
            save_answer(
                session,
                actor=head_of(branch),
                branch_id=branch,
                question_key=key,
                value=value,
                shown_version=0,
                today=day,
            )
        if is_finished:
            mine = {"actor": head_of(branch), "branch_id": branch, "today": day}
            version = save_need(session, need=need, shown_version=1, **mine).version
            finish_check(session, shown_version=version, key=f"{day}", **mine)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error, app.info)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def pills(app, key):
    return next(one for one in app.button_group if one.key == f"self_check_{key}")


def shown_answers(app):
    return {key: pills(app, key).value for key in KEYS if pills(app, key).value is not None}


def test_a_head_is_told_who_reads_the_answers_and_nothing_is_stored_by_looking(store, branch):
    app = head(store)
    assert "supervisor see your answers" in words(app)
    assert saved(branch) == []


def test_an_answer_is_stored_as_it_is_given_and_changed_again(store, branch):
    app = head(store)
    pills(app, "S1").set_value(4).run()
    assert saved(branch)[0].values == {"S1": 4}
    pills(app, "S1").set_value(2).run()
    assert saved(branch)[0].answers["S1"].value == 2
    assert not app.exception


def test_too_few_answers_do_not_finish_and_all_of_them_do(store, branch):
    app = head(store)
    app.button(key="self_check_finish").click().run()
    assert "0 of 15" in words(app)
    for key in KEYS:
        pills(app, key).set_value(YES).run()
    app.text_input(key="self_check_need").set_value("多来两次")
    app.button(key="self_check_finish").click().run()
    assert not app.exception
    assert finished(branch)[0].finished_on == today()
    assert "Three things for this week" in words(app)
    assert "多来两次" in words(app)


def test_the_free_line_is_stored_as_it_is_filled_in_and_comes_back(store, branch):
    app = head(store)
    app.text_input(key="self_check_need").set_value("多来两次").run()
    assert not app.exception
    assert (saved(branch)[0].need, saved(branch)[0].values) == ("多来两次", {})
    pills(app, "S1").set_value(4).run()
    again = screen_of(head_id(store), "self_check")
    assert again.text_input(key="self_check_need").value == "多来两次"
    again.text_input(key="self_check_need").set_value("电话13812345678").run()
    assert "The text seems to hold a mobile number. Leave it out" in words(again)
    assert saved(branch)[0].need == "多来两次"
    again.text_input(key="self_check_need").set_value("").run()
    assert saved(branch)[0].need is None


def test_a_free_line_changed_in_another_window_shows_up_or_is_shown_beside(store, branch):
    app = head(store)
    mine = {"actor": head_of(branch), "branch_id": branch, "today": today()}
    with writing() as session:
        save_need(session, need="培训", shown_version=1, **mine)
    app.run()
    assert app.text_input(key="self_check_need").value == "培训"
    for choice, typed, expected in (("store_mine", "物料", "物料"), ("keep_stored", "礼品", "客户")):
        with writing() as session:
            save_need(session, need="客户", shown_version=saved(branch)[0].version, **mine)
        need_field(app).set_value(typed).run()
        assert saved(branch)[0].need == "客户"
        assert both_values(app) == {"What would help most": ("客户", typed)}
        app.run()
        assert both_values(app)
        app.button(key=f"self_check_{choice}").click().run()
        assert not app.exception
        assert (saved(branch)[0].need, need_field(app).value) == (expected, expected)
        assert not both_values(app)


def need_field(app):
    return next(one for one in app.text_input if one.key.startswith("self_check_need"))


def head_id(store):
    with reading(store) as session:
        return session.scalar(select(UserRow.id).where(UserRow.username == "head"))


def test_a_finished_check_is_changed_beside_what_others_read_until_it_is_finished_again(store, branch):
    fill(branch, need="物料")
    app = head(store)
    app.button(key="self_check_change_button").click().run()
    assert "Only you see what you change now" in words(app)
    pills(app, "S13").set_value(1).run()
    assert saved(branch)[0].values["S13"] == 1
    assert finished(branch)[0].values["S13"] == 5
    again = screen_of(head_id(store), "self_check")  # left without finishing
    assert "did not finish again" in words(again)
    assert "Support: **5.0**" in words(again)
    app.button(key="self_check_finish").click().run()
    assert "Three things for this week" in words(app)
    assert "did not finish again" not in words(app)
    assert finished(branch)[0].values["S13"] == 1


@pytest.fixture
def clock(monkeypatch):
    """Move the clock of the app to a day."""

    def it_is(month, day):
        monkeypatch.setattr("pages.parts.session.now", lambda: datetime(2026, month, day, 10, tzinfo=SHANGHAI))

    return it_is


def test_a_half_filled_check_left_open_over_the_months_end_is_finished_in_its_month(store, branch, clock):
    clock(11, 30)
    app = head(store)
    for key in KEYS[:9]:
        pills(app, key).set_value(4 if key != "S5" else YES).run()
    clock(12, 1)
    pills(app, "S13").set_value(2).run()
    (check,) = saved(branch)
    assert (check.month_start.month, check.values["S13"], len(check.values)) == (11, 2, 10)
    assert "your check of Nov 2026" in words(app)
    assert "until 7 Dec 2026" in words(app)
    app.button(key="self_check_finish").click().run()
    assert not app.exception
    assert [(one.month_start.month, one.finished_on.month) for one in finished(branch)] == [(11, 12)]
    assert "Three things for this week" in words(app)
    app.button(key="self_check_fill_button").click().run()
    assert "· Dec 2026" in words(app)
    assert shown_answers(app) == {}
    assert len(saved(branch)) == 1


def test_the_new_month_begins_empty_where_the_head_wants_it(store, branch, clock):
    clock(11, 30)
    fill(branch, is_finished=False)
    clock(12, 2)
    app = head(store)
    assert pills(app, "S1").value == 5
    app.button(key="self_check_begin").click().run()
    assert "the check of Dec 2026" in words(app)
    assert shown_answers(app) == {}
    pills(app, "S13").set_value(3).run()
    assert [(one.month_start.month, len(one.values)) for one in saved(branch)] == [(12, 1), (11, 15)]


@pytest.mark.parametrize("is_finished", [True, False])
def test_only_what_is_answered_after_the_month_ended_goes_into_the_next_check(store, branch, clock, is_finished):
    clock(11, 20)
    fill(branch, is_finished=is_finished, need="物料")
    app = head(store, query={"self_check_view": "change"})
    assert pills(app, "S1").value == 5
    clock(12, 8)  # too late for a half-filled one, too
    pills(app, "S13").set_value(1).run()
    assert not app.exception
    assert "A new month has begun: this is the check of Dec 2026" in words(app)
    december, november = saved(branch)
    assert (december.month_start.month, december.values, december.need) == (12, {"S13": 1}, None)
    assert (november.values["S13"], len(november.values)) == (5, 15)
    assert shown_answers(app) == {"S13": 1}
    assert need_field(app).value == ""


def test_the_first_answer_after_midnight_is_kept_for_the_new_month(store, branch, clock):
    clock(11, 30)
    app = head(store)
    clock(12, 1)
    app.text_input(key="self_check_need").set_value("多来")
    pills(app, "S1").set_value(4).run()
    (check,) = saved(branch)
    assert (check.month_start.month, check.values, check.need) == (12, {"S1": 4}, "多来")


def test_an_answer_given_elsewhere_meanwhile_is_shown_beside_and_the_head_chooses(store, branch):
    app = head(store)
    pills(app, "S1").set_value(4).run()
    for choice, expected in (("mine", 2), ("theirs", 5)):
        with writing() as session:
            version = saved(branch)[0].answers["S1"].version
            save_answer(
                session,
                actor=head_of(branch),
                branch_id=branch,
                question_key="S1",
                value=5,
                shown_version=version,
                today=today(),
            )
        pills(app, "S1").set_value(2 if choice == "mine" else 3).run()
        assert "on another device" in words(app)
        assert saved(branch)[0].values["S1"] == 5
        app.button(key=f"self_check_{choice}_S1").click().run()
        assert not app.exception
        assert saved(branch)[0].values["S1"] == expected
        app.run()
        assert "on another device" not in words(app)
        assert pills(app, "S1").value == expected


def test_an_answer_given_elsewhere_shows_up_where_nothing_was_changed(store, branch):
    app = head(store)
    pills(app, "S1").set_value(4).run()
    fill_one = {"actor": head_of(branch), "branch_id": branch, "today": today()}
    with writing() as session:
        save_answer(session, question_key="S1", value=1, shown_version=1, **fill_one)
    app.run()
    assert "on another device" not in words(app)
    assert saved(branch)[0].values["S1"] == 1


def test_a_check_finished_elsewhere_meanwhile_shows_both_lines(store, branch):
    fill(branch, is_finished=False)
    app = head(store)
    with writing() as session:
        mine = {"actor": head_of(branch), "branch_id": branch, "today": today()}
        save_need(session, need="培训", shown_version=1, **mine)
        finish_check(session, shown_version=2, key="theirs", **mine)
    app.text_input(key="self_check_need").set_value("物料")
    app.button(key="self_check_finish").click().run()
    assert not app.exception
    assert both_values(app) == {"What would help most": ("培训", "物料")}
    app.button(key="self_check_store_mine").click().run()
    assert not app.exception
    assert saved(branch)[0].need == finished(branch)[0].need == "物料"


def test_the_supervisor_sees_the_finished_check_and_no_form(store, branch):
    fill(branch, is_finished=False)
    app = screen(store, "self_check", role=UserRole.SUPERVISOR, username="li", query={"branch": "B1"})
    assert "has not finished" in words(app)
    fill(branch, 1, day=today() - timedelta(days=40))
    app.run()
    assert "View of the head" in words(app)
    assert not [one for one in app.button_group if one.key == "self_check_S1"]


def test_a_foreign_supervisor_sees_nothing(store, branch):
    fill(branch)
    app = screen(store, "self_check", role=UserRole.SUPERVISOR, username="wu", query={"branch": "B1"})
    assert "no branch" in words(app)
    assert "View of the head" not in words(app)


def test_the_trend_shows_the_months(store, branch):
    fill(branch)
    fill(branch, 1, day=today() - timedelta(days=40))
    app = head(store)
    assert any("Trend" in one.value for one in app.subheader)


def test_the_page_of_the_branch_names_the_latest_check_and_the_one_before(store, branch):
    before = today() - timedelta(days=40)
    fill(branch)
    fill(branch, 1, day=before)
    app = screen(store, "branch", role=UserRole.SUPERVISOR, username="li", query={"branch": "B1"})
    assert f"overall 5.0 of 5 · 1.0 in {month_word('en', before)}" in words(app)


def test_the_page_speaks_chinese(store, branch):
    fill(branch, need="物料")
    app = head(store, language="zh")
    assert "本周三件事" in words(app)
    assert "成长期" in words(app)


def test_a_reader_without_branches_is_told_so(store):
    app = screen(store, "self_check")
    assert "There are no branches yet" in words(app)


@pytest.mark.parametrize(
    ("language", "kind", "parts"),
    [
        ("zh", "新的自查", ("总体 1.0/5", "与数据不一致", "查看自查")),
        ("en", "New self-check", ("**Overall 1.0 of 5** · differences", "Open the self-check")),
    ],
)
def test_today_says_what_a_new_check_came_to_before_it_is_noted(store, branch, language, kind, parts):
    fill(branch, 1, need="多来")
    app = screen(store, "today", role=UserRole.SUPERVISOR, username="li", language=language)
    table = next(one.value for one in app.dataframe if one.key == "today_list")
    place = list(table["kind"]).index(kind)
    assert table["subject"][place] == month_word(language, today())
    app.session_state["today_list"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    said = "\n".join([words(app), *(link.proto.label for link in app.get("page_link"))])
    assert [part for part in parts if part not in said] == []


def test_the_overview_tells_a_head_that_his_check_is_due_until_it_is_finished(store, branch):
    def waiting():
        app = screen_of(user, "overview")
        labels = [link.proto.label.replace("\\", "") for link in app.get("page_link")]
        return [label for label in labels if "Self-check" in label]

    user = add_user(store, "head", UserRole.BRANCH_HEAD, branch_code="B1")
    month = month_word("en", today())
    (due,) = waiting()
    assert due == f"Self-check of {month}: three minutes, not begun yet"
    fill(branch, is_finished=False)
    (half,) = waiting()
    assert half == f"Self-check of {month}: {len(KEYS)} of {len(KEYS)} answered, not finished"
    with writing() as session:
        finish_check(session, actor=head_of(branch), branch_id=branch, shown_version=1, today=today(), key="end")
    assert waiting() == []
