from datetime import date, datetime

import pytest
from sqlalchemy import select

from core.calendar import SHANGHAI
from core.facts import ContactMethod, StaffRole, UserRole
from core.planning.check import ItemState
from core.planning.items import EventKind, PlanKind, PlanLine
from db.engine import reading, writing
from db.models import BranchRow, ContactRow, PlanItemRow, SnoozeRow
from db.planning import add_item
from db.planning_facts import checked_week
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_contact, add_staff, supervisor
from tests.screens import both_values, screen

WEEK, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


@pytest.fixture
def store(sqlite_store, monkeypatch):
    """It is Tuesday. Li planned a phone call to the teller, who is not owed anything, and a salon."""
    for module in ("session", "plan_week", "today_forms", "today_planned"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 11, 17, 10, tzinfo=SHANGHAI))
    with writing(sqlite_store) as session:
        branch = add_branch(session, "B1")
        add_staff(session, branch, "T1", role=StaffRole.TELLER)
        add_contact(session, branch, WEEK, role=StaffRole.TELLER, topic="selling_skill")
        rebuild_rollups(session)
        plain = {"branch_id": branch.id, "day": TUESDAY}
        talk = {"role": StaffRole.TELLER, "method": ContactMethod.PHONE, "topic": "selling_skill"}
        for line in (
            PlanLine(PlanKind.CONTACT, **plain, **talk),
            PlanLine(PlanKind.EVENT, **plain, event_kind=EventKind.MICRO_SALON),
        ):
            now = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
            add_item(session, actor=supervisor(), line=line, week_start=WEEK, now=now, key=f"{line.kind}")
    return sqlite_store


def opened(store, **more):
    return screen(store, "today", **({"role": UserRole.SUPERVISOR, "username": "li"} | more))


def subjects(app):
    return list(app.dataframe[0].value["subject"])


def pick(app, subject):
    rows = [subjects(app).index(subject)]
    app.session_state["today_list"] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def press(app, start):
    next(one for one in app.button if one.key and one.key.startswith(start)).click().run()
    assert not app.exception
    return app


def links(app):
    return [one.proto.label for one in app.get("page_link")]


def test_today_says_how_the_week_plan_stands_and_leads_there(store):
    app = opened(store)
    assert "Week plan" in links(app)
    assert "Locked · 2 for today" in [one.value for one in app.markdown]
    assert "Week plan" not in links(opened(store, role=UserRole.ADMIN, username="boss"))


def test_a_planned_contact_is_logged_as_it_was_planned_and_leaves_the_list(store):
    app = pick(opened(store), "Teller")
    assert "Planned for 17 Nov 2026: Phone" in app.dataframe[0].value["reason"][subjects(app).index("Teller")]
    press(app, "today_save")
    assert "Teller" not in subjects(app)
    with reading(store) as session:
        row = session.scalars(select(ContactRow).order_by(ContactRow.id.desc())).first()
        assert (row.method, row.topic, row.contact_on) == ("phone", "selling_skill", TUESDAY)


def test_a_planned_event_is_ticked_from_today_with_what_came_of_it(store):
    app = pick(opened(store), "Micro-salon")
    next(one for one in app.text_input if one.key.startswith("today_plan_tick")).set_value("来了9人")
    press(app, "today_plan_tick_save")
    assert "Ticked:" in app.toast[0].value
    assert "Micro-salon" not in subjects(app)
    with reading(store) as session:
        (row,) = session.scalars(select(PlanItemRow).where(PlanItemRow.kind == "event"))
        assert (row.ticked_on, row.tick_note) == (TUESDAY, "来了9人")


def test_a_line_changed_since_it_was_read_is_not_ticked_unseen(store):
    app = pick(opened(store), "Micro-salon")
    with writing(store) as session:
        row = session.scalars(select(PlanItemRow).where(PlanItemRow.kind == "event")).one()
        row.text, row.version = "须先审批", row.version + 1
    press(app, "today_plan_tick_save")
    assert both_values(app)["Remark"] == ("须先审批", "(stays as stored)")
    assert both_values(app)["Ticked on"] == ("–", "17 Nov 2026")
    press(app, next(one.key for one in app.button if one.key.endswith("_store_mine")))
    with reading(store) as session:
        row = session.scalars(select(PlanItemRow).where(PlanItemRow.kind == "event")).one()
        assert (row.ticked_on, row.text) == (TUESDAY, "须先审批")


def test_an_overdue_line_is_explained_by_its_cause_and_leaves_the_list(store, monkeypatch):
    for module in ("session", "plan_week", "today_planned"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 11, 18, 10, tzinfo=SHANGHAI))
    app = pick(opened(store), "Micro-salon")
    next(bar for bar in app.get("button_group") if bar.key.startswith("today_do")).set_value("cause")
    app.run()
    next(one for one in app.selectbox if one.key.startswith("plan_cause")).set_value("C02").run()
    assert app.info[0].value.startswith("How many were invited")
    assert any("invitation" in option.lower() for option in app.radio[0].options)  # what it recommends
    next(one for one in app.selectbox if one.key.startswith("plan_cause")).set_value("C26").run()
    press(app, "plan_cause_save")
    assert "Explained:" in app.toast[0].value
    assert "Micro-salon" not in subjects(app)
    with reading(store) as session:
        assert [row.cause for row in session.scalars(select(PlanItemRow).order_by(PlanItemRow.id))] == [None, "C26"]


def test_a_contact_owed_and_planned_is_explained_once_for_both(store, monkeypatch):
    for module in ("session", "plan_week", "today_forms", "today_planned"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 11, 18, 10, tzinfo=SHANGHAI))
    with writing(store) as session:
        branch = session.scalars(select(BranchRow)).one()
        add_staff(session, branch, "H1", role=StaffRole.BRANCH_HEAD)
        line = PlanLine(PlanKind.CONTACT, branch_id=branch.id, day=TUESDAY, role=StaffRole.BRANCH_HEAD)
        planned_at = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
        item = add_item(session, actor=supervisor(), line=line, week_start=WEEK, now=planned_at, key="head")
    app = pick(opened(store), "Branch head")
    next(bar for bar in app.get("button_group") if bar.key.startswith("today_do")).set_value("cause")
    app.run()
    next(one for one in app.selectbox if one.key.startswith("plan_cause")).set_value("C17").run()
    next(one for one in app.text_input if one.key.startswith("plan_cause_adjustment")).set_value("固定周二走访")
    press(app, "plan_cause_save")
    assert "Branch head" not in subjects(app)
    with reading(store) as session:
        assert session.get_one(PlanItemRow, item).cause == "C17"
        assert [row.is_explained for row in session.scalars(select(SnoozeRow))] == [True]


def test_a_contact_that_keeps_another_line_of_its_role_says_so(store, monkeypatch):
    for module in ("session", "plan_week", "today_forms", "today_planned"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 11, 18, 10, tzinfo=SHANGHAI))
    with writing(store) as session:
        late, by_today = (
            add_item(
                session,
                actor=supervisor(),
                line=PlanLine(PlanKind.CONTACT, branch_id=1, day=day, role=StaffRole.TELLER),
                week_start=WEEK,
                now=datetime(2026, 11, 16, 9, tzinfo=SHANGHAI),
                key=f"more {day}",
            )
            for day in (TUESDAY, date(2026, 11, 18))
        )
    app = pick(opened(store), "Teller")
    press(app, "today_save")
    assert "It keeps the contact planned for that day" in app.toast[0].value
    assert subjects(app).count("Teller") == 2  # both of Tuesday still wait
    with reading(store) as session:
        week = checked_week(session, actor=supervisor(), supervisor="li", week_start=WEEK, today=date(2026, 11, 18))
    states = {one.item.item_id: one.state for one in week}
    assert (states[late], states[by_today]) == (ItemState.LATE, ItemState.DONE)
