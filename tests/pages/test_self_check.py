from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.coaching.words import month_word
from core.facts import Stage, UserRole
from core.self_check.rules import YES, self_check_rules
from db.engine import reading, writing
from db.self_checks import checks_of_branch, finish_check, save_answer
from pages.parts.session import today
from tests.builders import add_branch, head_of
from tests.screens import both_values, screen
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
            finish_check(
                session, actor=head_of(branch), branch_id=branch, need=need, shown_version=1, today=day, key=f"{day}"
            )


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def pills(app, key):
    return next(one for one in app.button_group if one.key == f"self_check_{key}")


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
    assert saved(branch)[0].finished_on == today()
    assert "Three things for this week" in words(app)
    assert "多来两次" in words(app)


def test_a_finished_check_can_be_changed_until_the_month_ends(store, branch):
    fill(branch)
    app = head(store)
    app.button(key="self_check_change_button").click().run()
    pills(app, "S13").set_value(1).run()
    assert saved(branch)[0].values["S13"] == 1
    app.button(key="self_check_finish").click().run()
    assert "Three things for this week" in words(app)


def test_an_answer_given_elsewhere_meanwhile_is_shown_beside_and_the_head_chooses(store, branch):
    app = head(store)
    pills(app, "S1").set_value(4).run()
    for choice, expected in (("mine", 2), ("theirs", 5)):
        with writing() as session:
            version = checks_of_branch(session, actor=head_of(branch), branch_id=branch)[0].answers["S1"].version
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
        finish_check(
            session, actor=head_of(branch), branch_id=branch, need="培训", shown_version=1, today=today(), key="theirs"
        )
    app.text_input(key="self_check_need").set_value("物料")
    app.button(key="self_check_finish").click().run()
    assert not app.exception
    assert both_values(app) == {"What would help most": ("培训", "物料")}
    app.button(key="self_check_store_mine").click().run()
    assert not app.exception
    assert saved(branch)[0].need == "物料"


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
