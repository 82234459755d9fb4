"""The week plan once a branch went to another supervisor: figures stay, questions go with the branch."""

from datetime import date, datetime

import pytest

from core.calendar import SHANGHAI
from core.facts import StaffRole, UserRole
from core.planning.items import PlanKind, PlanLine
from db.engine import writing
from db.models import BranchRow
from db.planning import add_item
from tests.builders import add_branch, add_supervisor_change, supervisor
from tests.screens import screen

LAST, WEEK = date(2026, 11, 9), date(2026, 11, 16)


@pytest.fixture
def store(sqlite_store, monkeypatch):
    """Li missed a talk last week at B1 and at B2, and plans one at each on Friday; on Monday B1 went to Wu."""
    for module in ("session", "plan_week", "plan_team"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 11, 18, 10, tzinfo=SHANGHAI))
    with writing(sqlite_store) as session:
        for code in ("B1", "B2"):
            branch = add_branch(session, code)
            for week, day in ((LAST, 12), (WEEK, 20)):
                talk = PlanLine(
                    PlanKind.CONTACT, branch_id=branch.id, day=date(2026, 11, day), role=StaffRole.BRANCH_HEAD
                )
                now = datetime(2026, 11, week.day, 9, tzinfo=SHANGHAI)
                given = {"line": talk, "week_start": week, "now": now, "key": f"{code}{day}"}
                add_item(session, actor=supervisor(), **given)
        add_branch(session, "B3", supervisor="wu")
        moved = session.get_one(BranchRow, 1)
        add_supervisor_change(session, moved.id, "li", WEEK)
        moved.supervisor = "wu"
    return sqlite_store


def plan(store, *, week, phase, of=None, username="li", role=UserRole.SUPERVISOR, language="en"):
    query = {"week": week.isoformat(), "plan_phase": phase} | ({"plan_of": of} if of else {})
    return screen(store, "week_plan", query=query, username=username, role=role, language=language)


def said(app):
    return "\n".join(one.value for one in [*app.markdown, *app.caption]).replace("\\", "")


def lines(app):
    table = next(one.value for one in app.dataframe if "branch_name" in one.value.columns)
    return table.astype(object).where(table.notna(), "").to_dict("records")


@pytest.mark.parametrize(
    ("who", "places", "remarks"),
    [
        ({}, ["(handed over)", "青禾银行B2支行"], ["Branch handed over · 16 Nov 2026", ""]),
        (
            {"of": "li", "username": "boss", "role": UserRole.ADMIN},
            ["青禾银行B1支行", "青禾银行B2支行"],
            ["Branch handed over · wu · 16 Nov 2026", ""],
        ),
    ],
    ids=["its owner", "who sees both"],
)
def test_a_finished_week_keeps_its_lines_and_says_which_branch_went(store, who, places, remarks):
    app = plan(store, week=LAST, phase="check", **who)
    kept = next(one for one in app.metric if one.label == "Plan lines kept")
    assert kept.delta.startswith("0 of 2")
    assert [one["branch_name"] for one in lines(app)] == places
    assert [one["note"] for one in lines(app)] == remarks
    assert [one["line"] for one in lines(app)][-1] == "Branch head"
    app.button_group(key="plan_phase").set_value("act").run()
    assert not app.exception
    assert [one["branch_name"] for one in lines(app)] == ["青禾银行B2支行"]
    assert "somebody else has by now, who is asked about them: 1" in said(app)


def test_what_was_handed_on_is_asked_of_who_has_the_branch(store):
    app = plan(store, week=LAST, phase="act", username="wu")
    assert [one["branch_name"] for one in lines(app)] == ["青禾银行B1支行"]
    assert "From the plan of li, who had the branch then" in said(app)


def test_a_running_week_shows_what_is_still_to_do(store):
    app = plan(store, week=WEEK, phase="plan")
    assert [one["branch_name"] for one in lines(app)] == ["青禾银行B2支行"]
    app.button_group(key="plan_phase").set_value("do").run()
    assert not app.exception
    assert [list(one.value["branch"]) for one in app.dataframe if "branch" in one.value.columns] == [["青禾银行B2支行"]]


def test_the_team_counts_a_miss_once_where_it_is_asked(store):
    app = plan(store, week=LAST, phase="plan", username="boss", role=UserRole.ADMIN)
    assert "misses without a cause: 2" in said(app)
    team = next(one.value for one in app.dataframe if "standing" in one.value.columns)
    assert dict(zip(team["supervisor"], team["unexplained"], strict=True)) == {"wu": 1, "li": 1}
    assert dict(zip(team["supervisor"], team["lines"], strict=True)) == {"wu": 0, "li": 2}


def test_the_chinese_page_says_it_in_chinese(store):
    app = plan(store, week=LAST, phase="check", language="zh")
    assert lines(app)[0]["branch_name"] == "（已交接）"
    assert lines(app)[0]["note"].startswith("网点已交接")


def test_who_has_no_branch_any_more_and_his_manager_still_open_his_weeks(store):
    with writing(store) as session:
        add_supervisor_change(session, 2, "li", WEEK)
        session.get_one(BranchRow, 2).supervisor = "wu"
    app = plan(store, week=LAST, phase="check")
    assert [one["branch_name"] for one in lines(app)] == ["(handed over)", "(handed over)"]
    app = plan(store, week=LAST, phase="check", of="li", username="boss", role=UserRole.ADMIN)
    assert [one["branch_name"] for one in lines(app)] == ["青禾银行B1支行", "青禾银行B2支行"]
    app.button(key="plan_back").click().run()
    team = next(one.value for one in app.dataframe if "standing" in one.value.columns)
    assert dict(zip(team["supervisor"], team["lines"], strict=True)) == {"wu": 0, "Li": 2}
    app = plan(store, week=WEEK, phase="plan", of="nobody", username="boss2", role=UserRole.ADMIN)
    assert not app.exception
