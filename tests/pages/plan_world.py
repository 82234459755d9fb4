"""The week plan of Li on a Wednesday morning, as screens of tests show it."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from core.calendar import SHANGHAI
from core.facts import StaffRole, UserRole
from core.planning.items import EventKind, PlanKind, PlanLine
from db.engine import reading, writing
from db.models import PlanItemRow
from db.planning import add_item
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_policy, supervisor
from tests.screens import screen

LAST, WEEK, NEXT = date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)
NOW = datetime(2026, 11, 18, 10, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)


def make_plan_world(sqlite_store, monkeypatch):
    """Make Li's B1 and B2, Wu's B3; it is Wednesday morning, the plan of the week is locked."""
    for module in ("session", "plan_week", "plan_team"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: NOW)
    with writing(sqlite_store) as session:
        first = add_branch(session, "B1", size_tier="A")
        add_branch(session, "B2", size_tier="C")
        add_branch(session, "B3", supervisor="wu")
        add_policy(session, first, date(2026, 11, 15))
        rebuild_rollups(session)
    return sqlite_store


def plan(store, week=WEEK, phase="plan", **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li"} | more
    query = {"week": week.isoformat(), "plan_phase": phase} | given.pop("query", {})
    return screen(store, "week_plan", query=query, **given)


def add(store, line, *, week=WEEK, now=MONDAY, key="k"):
    with writing(store) as session:
        return add_item(session, actor=supervisor(), line=line, week_start=week, now=now, key=key)


def salon(week=WEEK, day=1, branch=1):
    return PlanLine(PlanKind.EVENT, branch_id=branch, day=week + timedelta(days=day), event_kind=EventKind.MICRO_SALON)


def talk(day=2, branch=1, role=StaffRole.BRANCH_HEAD, week=WEEK):
    return PlanLine(PlanKind.CONTACT, branch_id=branch, day=week + timedelta(days=day), role=role)


def rows(store, of=PlanItemRow):
    with reading(store) as session:
        return list(session.scalars(select(of).order_by(of.id)))


def said(app):
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.success, *app.error, *app.info])


def remark(app):
    return next(one for one in app.text_input if one.label == "What came of it")


def tick(app, *boxes):
    """Change boxes of the lines that wait, as the table sends them: place of the row, and the box."""
    editor = next(one for one in app.dataframe if "done" in one.value.columns)
    app.session_state[editor.proto.id[editor.proto.id.index("plan_ticks_") :]] = {
        "edited_rows": {row: {"done": box} for row, box in boxes},
        "added_rows": [],
        "deleted_rows": [],
    }


def frame(app, column):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def select_row(app, key, row=0):
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception, app.exception
    return app


def button(app, key):
    return app.button(key=key)
