from datetime import timedelta

import pytest
from sqlalchemy import select

from core.facts import UserRole
from db.engine import reading, writing
from db.models import BranchEventRow, BranchRow
from pages.parts.session import today
from tests.builders import add_branch, add_event
from tests.screens import both_values, screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def branch(store):
    with writing(store) as session:
        row = add_branch(session, "B1")
        add_branch(session, "B2")
        add_event(session, add_branch(session, "B3", supervisor="wu"), today(), title="别人的活动")
        return row.id


def opened(store, **query):
    return screen(store, "events", role=UserRole.SUPERVISOR, username="li", query=query)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def field(app, name):
    """The widget of a field, whatever stands before and after its name in the key."""
    kinds = (
        app.text_input,
        app.number_input,
        app.selectbox,
        app.date_input,
        app.checkbox,
        app.button_group,
        app.button,
    )
    (found,) = [one for kind in kinds for one in kind if one.key and f"_{name}" in one.key.removeprefix("events")]
    return found


def rows():
    with reading() as session:
        return session.scalars(select(BranchEventRow).order_by(BranchEventRow.id)).all()


def add(branch, day=None, **more):
    with writing() as session:
        return add_event(session, session.get_one(BranchRow, branch), day or today(), **more).id


def listed(app):
    return app.dataframe[0].value


def test_an_event_is_planned_and_the_form_is_empty_again(store, branch):
    app = opened(store)
    assert "No event is written down" in words(app)
    app.toggle(key="events_new").set_value(True).run()
    app.selectbox(key="events_choice").select("B1").run()
    field(app, "title").set_value("冬日养生").run()
    field(app, "save").click().run()
    assert not app.exception
    (row,) = [one for one in rows() if one.branch_id == branch]
    assert (row.state, row.kind, row.tier, row.theme) == (
        "planned",
        "micro_salon",
        "mass",
        "theme_health_retirement",
    )
    assert (row.insurer_level, row.bank_level) == ("channel_manager", "branch")
    assert "is stored" in words(app)
    assert listed(app)["title"].tolist() == ["冬日养生"]
    assert field(app, "title").value == ""


def test_what_is_offered_follows_the_relation(store, branch):
    app = opened(store, branch="B1")
    app.toggle(key="events_new").set_value(True).run()
    field(app, "relation").select("hnw_customer").run()
    assert field(app, "tier").options == ["High net worth"]
    assert field(app, "insurer_level").options == ["Provincial company"]
    assert field(app, "bank_level").options == ["Bank provincial branch"]
    assert "Micro-salon" not in field(app, "kind").options
    assert "Family trust" in field(app, "theme").options
    field(app, "save").click().run()
    assert [one.tier for one in rows() if one.branch_id == branch] == ["high_net_worth"]


def test_a_word_to_check_is_warned_of_and_refused_without_a_number(store, branch):
    app = opened(store, branch="B1")
    app.toggle(key="events_new").set_value(True).run()
    field(app, "title").set_value("高收益讲座").run()
    assert "Words to check" in words(app)
    field(app, "save").click().run()
    assert "enter the approval number" in words(app)
    field(app, "approval_number").set_value("宣审118")
    field(app, "approved_on").set_value(today()).run()
    field(app, "save").click().run()
    assert [one.approval_number for one in rows() if one.branch_id == branch] == ["宣审118"]


def test_a_project_is_asked_for_its_target_and_resources(store, branch):
    app = opened(store, branch="B1")
    app.toggle(key="events_new").set_value(True).run()
    field(app, "is_project").check().run()
    field(app, "save").click().run()
    assert "Target of the project: This cannot stay empty." in words(app)
    field(app, "project_target").set_value("新增5件")
    field(app, "project_resources").set_value("讲师一位").run()
    field(app, "save").click().run()
    assert [one.is_project for one in rows() if one.branch_id == branch] == [True]


def test_a_planned_event_is_chosen_in_the_list_and_held(store, branch):
    event_id = add(branch, today() - timedelta(days=1), state="planned")
    app = opened(store)
    assert listed(app)["state"].tolist() == ["To be reported"]
    app.session_state["events_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.query_params["event"] = str(event_id)
    app.run()
    field(app, "state").set_value("held").run()
    for name, count in (("invited", 12), ("confirmed", 8), ("came", 2)):
        field(app, name).set_value(count)
    field(app, "save").click().run()
    assert not app.exception
    row = next(one for one in rows() if one.id == event_id)
    assert (row.state, row.invited, row.confirmed, row.came, row.version) == ("held", 12, 8, 2, 2)
    shown = listed(app)
    assert shown[["state", "confirmed", "came"]].to_numpy().tolist() == [["Held", "8", "<3"]]
    field(app, "note").set_value("第二次保存").run()
    field(app, "save").click().run()
    assert next(one for one in rows() if one.id == event_id).note == "第二次保存"
    app.button(key="events_close").click().run()
    assert not [one for one in app.button if one.key.endswith("_save")]


def test_the_second_of_two_sees_the_change_and_chooses(store, branch):
    event_id = add(branch, title="原来")
    app = opened(store, event=str(event_id))
    field(app, "title").set_value("我的").run()
    with writing() as session:
        row = session.get_one(BranchEventRow, event_id)
        row.title, row.version = "同事的", 2
    field(app, "save").click().run()
    assert "Somebody else changed this" in words(app)
    assert both_values(app) == {"Title": ("同事的", "我的")}
    app.button(key=f"events_{event_id}_store_mine").click().run()
    assert next(one for one in rows() if one.id == event_id).title == "我的"
    with writing() as session:
        session.get_one(BranchEventRow, event_id).version = 9
        session.get_one(BranchEventRow, event_id).title = "又改"
    field(app, "title").set_value("再改").run()
    field(app, "save").click().run()
    app.button(key=f"events_{event_id}_keep_stored").click().run()
    assert field(app, "title").value == "又改"


def test_the_totals_by_branch_and_another_period(store, branch):
    add(branch, came=8, confirmed=10, policies=1)
    add(branch, today() - timedelta(weeks=20), came=2, confirmed=10)
    app = opened(store)
    app.toggle(key="events_by_branch").set_value(True).run()
    assert app.dataframe[1].value[["held", "guests", "show_up"]].to_numpy().tolist() == [[1, 8, 80.0]]
    next(one for one in app.button_group if one.key == "events_weeks").set_value(26).run()
    assert len(listed(app)) == 2
    assert app.dataframe[1].value[["held", "guests", "show_up"]].to_numpy().tolist() == [[2, 10, 50.0]]


def test_foreign_events_and_branches_are_not_there(store, branch):
    foreign = next(one.id for one in rows())
    app = opened(store, event=str(foreign))
    assert "no such event" in words(app)
    assert "别人的活动" not in words(app)
    app = screen(store, "events", role=UserRole.SUPERVISOR, username="zhang")
    assert "No branch is assigned" in words(app)


def test_the_page_speaks_chinese(store, branch):
    add(branch, title="春联")
    app = screen(store, "events", username="boss", language="zh")
    assert "已举办 2" in words(app)
    assert "微沙龙" in listed(app)["kind"].tolist()
