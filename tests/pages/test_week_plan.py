from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from core.calendar import SHANGHAI
from core.facts import StaffRole, UserRole
from core.planning.items import ChangeKind, GoalMeasure, PlanKind, PlanLine
from core.survey.fields import Confidence, Method
from core.survey.parts import PartEntry, Source
from db.engine import writing
from db.models import BranchRow, DailyFeedbackRow, PlanItemRow, SuggestionRow, WeekPlanRow
from db.planning import add_item, keep_change
from db.planning_days import explain_miss
from db.rollups import rebuild_rollups
from db.surveys import save_part
from tests.builders import ADMIN, add_contact, supervisor
from tests.pages.plan_world import (
    LAST,
    MONDAY,
    NEXT,
    NOW,
    WEEK,
    add,
    button,
    frame,
    make_plan_world,
    plan,
    remark,
    rows,
    said,
    salon,
    select_row,
    talk,
    tick,
)
from tests.screens import screen


@pytest.fixture
def store(sqlite_store, monkeypatch):
    return make_plan_world(sqlite_store, monkeypatch)


@pytest.mark.parametrize(
    ("role", "more", "language"),
    [
        (UserRole.ADMIN, {"username": "boss"}, "en"),
        (UserRole.MANAGER, {"username": "chief", "region_path": "东区分公司"}, "zh"),
        (UserRole.SUPERVISOR, {"username": "nobody"}, "en"),
    ],
)
def test_an_empty_store_says_what_to_do(sqlite_store, role, more, language):
    app = screen(sqlite_store, "week_plan", role=role, language=language, **more)
    assert len(app.markdown) >= 2


def test_a_week_is_started_with_goals_and_says_so(store):
    app = plan(store, week=NEXT)
    assert "locks on 23 Nov 2026 at 18:00" in said(app).replace("\\", "")
    button(app, "plan_start").click().run()
    assert not app.exception
    assert [(row.kind, row.origin) for row in rows(store)] == [("goal", "target")] * 2
    assert "Taken over: 2." in said(app)
    assert not [one for one in app.button if one.key == "plan_start"]


def test_lines_are_added_for_several_branches_at_once(store):
    app = plan(store, week=NEXT)
    app.multiselect(key="plan_add_branches").set_value([1, 2])
    app.multiselect(key="plan_add_days").set_value([NEXT, NEXT + timedelta(days=2)])
    app.selectbox(key="plan_add_role").set_value(StaffRole.TELLER)
    button(app, "plan_add_save").click().run()
    assert not app.exception
    assert [(row.branch_id, row.day.day, row.role) for row in rows(store)] == [
        (1, 23, "teller"),
        (1, 25, "teller"),
        (2, 23, "teller"),
        (2, 25, "teller"),
    ]
    assert len(frame(app, "line")) == 4


def test_all_or_none_of_the_lines_are_added(store):
    add(store, talk(0, branch=2, week=NEXT), week=NEXT)
    app = plan(store, week=NEXT)
    app.toggle(key="plan_adding").set_value(True).run()
    app.multiselect(key="plan_add_branches").set_value([1, 2])
    app.multiselect(key="plan_add_days").set_value([NEXT])
    button(app, "plan_add_save").click().run()
    assert "This stands in the plan already" in said(app)
    assert len(rows(store)) == 1


def test_a_locked_plan_asks_why_and_the_change_stands_in_the_trail(store):
    item = add(store, talk(3))
    app = select_row(plan(store), f"plan_lines_{WEEK}")
    app.selectbox(key=f"week_plan_change_{item}_day").set_value(date(2026, 11, 20))
    button(app, f"plan_change_save_{item}").click().run()
    assert "Why the locked plan changes" in said(app)
    assert rows(store)[0].day == date(2026, 11, 19)
    app.text_input(key=f"week_plan_change_{item}_reason").set_value("行长出差")
    button(app, f"plan_change_save_{item}").click().run()
    assert not app.exception
    assert rows(store)[0].day == date(2026, 11, 20)
    app = plan(store, phase="check", username="li2", role=UserRole.ADMIN, query={"plan_of": "li"})
    app.toggle(key="plan_show_trail").set_value(True).run()
    assert list(frame(app, "reason")["reason"]) == ["行长出差"]
    assert list(frame(app, "reason")["values"]) == ["Day: 19 Nov 2026 → 20 Nov 2026"]


def headings(app):
    return [one.value for one in app.subheader]


def test_a_past_week_without_a_plan_asks_for_nothing_that_cannot_be_done(store):
    app = plan(store, LAST, "do")
    assert "Nothing was planned for this week" in said(app)
    assert "Add them in the Plan phase" not in said(app)
    assert "Daily feedback" in headings(app)
    app.button_group(key="plan_phase").set_value("check").run()
    kept, goals = (one for one in app.metric if one.label in ("Plan lines kept", "Goals reached"))
    assert (kept.value, kept.delta, goals.value) == ("–", "", "–")


def test_a_week_without_a_working_day_has_no_daily_feedback(store):
    app = plan(store, date(2026, 2, 16), "do")
    assert "no working day" in said(app)
    assert headings(app) == ["What is to do"]


def test_moving_an_explained_line_says_that_its_cause_is_taken_back(store):
    item = add(store, talk(1))
    with writing(store) as session:
        session.get_one(PlanItemRow, item).cause = "C26"
    app = select_row(plan(store), f"plan_lines_{WEEK}")
    assert "the cause (C26 · " in said(app)
    app.selectbox(key=f"week_plan_change_{item}_day").set_value(date(2026, 11, 20))
    app.text_input(key=f"week_plan_change_{item}_reason").set_value("改期")
    button(app, f"plan_change_save_{item}").click().run()
    assert "20 Nov 2026 · 青禾银行B1支行" in app.success[0].value
    assert ". The cause of the day that was missed is taken back" in app.success[0].value
    assert [(one.day, one.cause) for one in rows(store)] == [(date(2026, 11, 20), None)]
    app.button_group(key="plan_phase").set_value("check").run()
    app.toggle(key="plan_show_trail").set_value(True).run()
    (values,) = frame(app, "reason")["values"]
    assert "Cause: C26" in values


@pytest.mark.parametrize(
    ("language", "title"),
    [pytest.param("en", "C02 · Invitations blocked", id="en"), pytest.param("zh", "C02 · 活动邀约受阻", id="zh")],
)
def test_a_change_that_follows_a_cause_names_it_in_the_trail(store, language, title):
    item = add(store, talk(3))
    with writing(store) as session:
        row = session.get_one(PlanItemRow, item)
        keep_change(session, ADMIN, row, ChangeKind.DROPPED, reason="C02", before={}, after={})
    app = plan(store, phase="check", language=language)
    app.toggle(key="plan_show_trail").set_value(True).run()
    assert list(frame(app, "reason")["reason"]) == [title]


def test_whom_a_locked_line_is_about_cannot_be_changed_and_a_goal_is_judged_as_it_was_locked(store):
    add(store, talk(3))
    goal = PlanLine(PlanKind.GOAL, branch_id=2, measure=GoalMeasure.POLICIES, goal=Decimal(3))
    number = add(store, goal, key="g")
    app = select_row(plan(store), f"plan_lines_{WEEK}")
    assert app.selectbox(key="week_plan_change_1_role").disabled
    app.button_group(key="plan_list").set_value("goals").run()
    app = select_row(app, f"plan_goals_{WEEK}")
    assert app.selectbox(key=f"week_plan_change_{number}_measure").disabled
    app.number_input(key=f"week_plan_change_{number}_goal").set_value(0.5)
    app.text_input(key=f"week_plan_change_{number}_reason").set_value("装修")
    button(app, f"plan_change_save_{number}").click().run()
    app.button_group(key="plan_phase").set_value("check").run()
    assert "Judged by the goal at the lock: 3" in list(frame(app, "note")["note"])


def test_a_line_is_dropped(store):
    item = add(store, talk(3, week=NEXT), week=NEXT)
    app = select_row(plan(store, week=NEXT), f"plan_lines_{NEXT}")
    button(app, f"plan_drop_{item}").click().run()
    assert "Dropped:" in said(app)
    assert rows(store)[0].dropped_on == NOW.date()


def test_ticks_are_saved_together_and_logged_contacts_tick_themselves(store):
    one, two = add(store, salon(), key="a"), add(store, talk(), key="b")
    third = add(store, talk(2, role=StaffRole.TELLER), key="c")
    with writing(store) as session:
        add_contact(session, session.get_one(BranchRow, 1), date(2026, 11, 18), role="branch_head")
        rebuild_rollups(session)
    app = plan(store, phase="do")
    assert list(frame(app, "done")["state"]) == ["! Overdue", "○ Open"]
    assert "1 ticked by logged contacts, held events" in said(app)
    assert "1 overdue" in said(app)
    button(app, "plan_ticks_save").click().run()
    assert "No box was changed." in said(app)
    tick(app, (0, True))
    remark(app).set_value("来了9人")
    button(app, "plan_ticks_save").click().run()
    assert not app.exception
    found = {row.id: (row.ticked_on, row.tick_note) for row in rows(store)}
    assert found == {one: (NOW.date(), "来了9人"), two: (None, None), third: (None, None)}
    assert list(frame(app, "done")["done"]) == [False, True]


def test_a_line_of_the_day_not_stored_yet_outlasts_a_look_at_another_phase(store):
    app, key = plan(store, phase="do"), f"plan_feedback_words_{NOW.date()}"
    app.text_input(key=key).set_value("走访两家").run()
    app.button_group(key="plan_phase").set_value("check").run()
    app.button_group(key="plan_phase").set_value("do").run()
    assert app.text_input(key=key).value == "走访两家"
    button(app, "plan_feedback_save").click().run()
    assert [row.words for row in rows(store, DailyFeedbackRow)] == ["走访两家"]


def test_the_line_of_the_day_is_written(store):
    app = plan(store, phase="do")
    app.text_input(key=f"plan_feedback_words_{NOW.date()}").set_value("走访两家")
    button(app, "plan_feedback_save").click().run()
    assert not app.exception
    assert [(row.supervisor, row.day, row.words) for row in rows(store, DailyFeedbackRow)] == [
        ("li", NOW.date(), "走访两家")
    ]
    assert "Feedback saved" in said(app)


def test_check_holds_the_plan_against_what_happened(store):
    add(store, salon(), key="a")
    add(store, PlanLine(PlanKind.GOAL, branch_id=1, measure=GoalMeasure.POLICIES, goal=Decimal(3)), key="g")
    app = plan(store, phase="check")
    assert {one.label: one.value for one in app.metric} == {
        "Plan lines kept": "0%",
        "Goals reached": "0 of 1",
        "Daily feedback in time": "0%",
        "Misses without a cause": "0",
    }
    assert list(frame(app, "fact")["state"]) == ["! Overdue", "○ Open"]


def test_goals_of_a_week_without_its_policies_are_not_told_as_missed(store, monkeypatch):
    add(store, PlanLine(PlanKind.GOAL, branch_id=1, measure=GoalMeasure.POLICIES, goal=Decimal(3)), key="g")
    for module in ("session", "plan_week", "plan_team"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: NOW + timedelta(weeks=1))
    app = plan(store, phase="check")
    (shown,) = [one for one in app.metric if one.label == "Goals reached"]
    assert (shown.value, shown.delta) == ("–", "policies of the week are not in yet")
    app = plan(store, role=UserRole.MANAGER, username="boss", region_path="东区分公司")
    assert set(frame(app, "goals")["goals"]) == {"– / 1", "0 / 0"}


def test_misses_of_skipped_weeks_are_counted_in_the_head_and_lead_to_the_oldest(store):
    before = LAST - timedelta(weeks=2)
    for week in (before, LAST):
        add(store, salon(week), week=week, now=MONDAY - (WEEK - week), key=str(week))
    app = plan(store)
    assert "of these from earlier weeks 1" in said(app).replace("\\", "")
    oldest = button(app, "plan_oldest")
    assert oldest.label == "2 without a cause in earlier weeks"
    oldest.click().run()
    assert (app.query_params["week"], app.button_group(key="plan_phase").value) == (before.isoformat(), "act")
    assert "1 missed without a cause" in said(app)
    app = plan(store, phase="act", username="boss", role=UserRole.ADMIN, query={"plan_of": "li"})
    choice = app.selectbox(key=f"plan_earlier_{WEEK}")
    assert choice.placeholder == "Misses: 2, weeks: 2"
    choice.set_value(LAST).run()
    assert not app.exception
    assert app.query_params["week"] == LAST.isoformat()


def test_a_line_whose_action_was_dismissed_is_settled_with_its_reason(store):
    with writing(store) as session:
        action = SuggestionRow(
            branch_id=1,
            action_key="targeted_drill",
            week_start=WEEK,
            reason_key="stage_basic",
            facts={},
            state="dismissed",
            dismissal="other",
            dismissed_reason="网点装修",
            created_at=NOW,
            decided_on=NOW.date(),
        )
        session.add(action)
        session.flush()
        line = PlanLine(PlanKind.ACTION, branch_id=1, action_key="targeted_drill", suggestion_id=action.id)
    add(store, line)
    app = plan(store, phase="check")
    assert list(frame(app, "note")["state"]) == ["– Settled"]
    assert list(frame(app, "note")["note"]) == ["Action dismissed on 18 Nov 2026 · 网点装修"]
    assert list(frame(app, "note").columns).index("carried") < 2
    assert "nothing is waiting" in said(app)
    app.button_group(key="plan_phase").set_value("do").run()
    assert "Nothing is left to do this week: – Settled 1." in said(app).replace("\\", "")
    assert "Everything planned" not in said(app)


def test_a_cause_brings_its_questions_and_actions_and_seeds_the_next_plan(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    app = plan(store, week=LAST, phase="act")
    assert "1 missed without a cause" in said(app)
    app.selectbox(key=f"plan_cause_{item}").set_value("C01").run()
    assert "pass test" in said(app)
    assert "Skill test and targeted drill" in " ".join(app.radio(key=f"plan_cause_action_{item}_C01").options)
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    offered = app.radio(key=f"plan_cause_action_{item}_C02")
    assert (offered.value, len(offered.options)) == ("repair_invitations", 3)
    app.text_input(key=f"plan_cause_adjustment_{item}").set_value("换话术")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    (row,) = rows(store)
    assert (row.cause, row.adjustment, row.adjustment_action) == ("C02", "换话术", "repair_invitations")
    assert "· Action taken on: " in said(app)
    button(app, "plan_after").click().run()
    app.button_group(key="plan_phase").set_value("plan").run()
    button(app, "plan_start").click().run()
    assert not app.exception
    assert [(one.kind, one.origin, one.times_carried) for one in rows(store)[-2:]] == [
        ("event", "carried", 1),
        ("action", "adjustment", 0),
    ]


def test_what_the_supervisor_before_missed_is_asked_of_whoever_has_the_branch_now(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    with writing(store) as session:
        session.get_one(BranchRow, 1).supervisor = "wu"
    app = plan(store, week=LAST, phase="act", username="wu")
    assert "1 missed without a cause" in said(app)
    assert "From the plan of li, who had the branch then" in [one.value for one in app.caption]
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    app.text_input(key=f"plan_cause_adjustment_{item}").set_value("换话术")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    assert [one.cause for one in rows(store)] == ["C02"]
    assert "1 missed without a cause" not in said(app)
    assert "From the plan of li" not in said(plan(store, week=LAST, phase="act"))


def test_a_miss_has_up_to_three_causes_with_what_shows_each(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    app = plan(store, week=LAST, phase="act")
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    app.multiselect(key=f"plan_more_causes_{item}_C02").set_value(["C01"]).run()
    offered = app.radio(key=f"plan_cause_action_{item}_C02_C01")
    assert offered.value == "repair_invitations"
    assert "Skill test and targeted drill" in " ".join(offered.options)
    button(app, f"plan_cause_save_{item}").click().run()
    assert rows(store)[0].cause is None
    app.text_input(key=f"plan_cause_note_{item}_C01").set_value("两人未通过")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    (row,) = rows(store)
    assert (row.cause, row.cause_2, row.cause_note_2, row.cause_3) == ("C02", "C01", "两人未通过", None)


def test_another_cause_says_that_the_action_of_the_one_before_stays_open(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    with writing(store) as session:
        given = {"cause": "C02", "note": "", "adjustment": "换话术", "action_key": "repair_invitations", "key": "c"}
        explain_miss(session, actor=supervisor(), item_id=item, shown_version=1, now=NOW, **given)
    app = plan(store, week=LAST, phase="act")
    app.selectbox(key=f"plan_cause_{item}").set_value("C26").run()
    app.radio(key=f"plan_cause_action_{item}_C26").set_value("")
    app.text_input(key=f"plan_cause_adjustment_{item}").set_value("")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    assert "The action of the cause before stays open until somebody closes it." in said(app)
    assert "Action taken on" not in said(app)
    assert [row.state for row in rows(store, SuggestionRow)] == ["taken"]


def test_a_cause_that_needs_a_change_is_not_saved_without_one(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    app = plan(store, week=LAST, phase="act")
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    app.radio(key=f"plan_cause_action_{item}_C02").set_value("")
    button(app, f"plan_cause_save_{item}").click().run()
    assert "C26, C27, C28" in said(app).replace("\\", "")
    assert rows(store)[0].cause is None


def test_a_manager_sees_the_team_opens_a_week_and_approves_it(store):
    add(store, talk())
    app = plan(store, role=UserRole.MANAGER, username="chief", region_path="东区分公司")
    team = frame(app, "standing")
    assert list(zip(team["supervisor"], team["standing"], strict=True)) == [("wu", "No plan"), ("li", "Locked")]
    select_row(app, f"plan_team_{WEEK}", row=1)
    app.text_input(key="plan_approve_comment_1").set_value("可行")
    button(app, "plan_approve_save").click().run()
    assert not app.exception
    assert "Approved by Chief" in said(app)
    (stored,) = rows(store, WeekPlanRow)
    assert (stored.approved_version, stored.approval_comment) == (stored.version, "可行")
    button(app, "plan_back").click().run()
    assert "Approved" in list(frame(app, "standing")["standing"])


def test_a_plan_started_late_says_so_to_its_owner_and_to_the_team(store):
    app = plan(store)
    button(app, "plan_start").click().run()
    assert "started late" in said(app)
    app = plan(store, role=UserRole.MANAGER, username="chief", region_path="东区分公司")
    assert "Locked, started late" in list(frame(app, "standing")["standing"])


def test_a_week_to_come_is_not_ticked_and_a_year_without_a_calendar_is_said_to_be_provisional(store, monkeypatch):
    add(store, talk(week=NEXT), week=NEXT)
    app = plan(store, week=NEXT, phase="do")
    assert "lines can be ticked from 23 Nov 2026 on" in said(app)
    assert not [one for one in app.button if one.key == "plan_ticks_save"]
    assert "provisional" not in said(app)
    for module in ("session", "plan_week", "plan_team"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 12, 28, 10, tzinfo=SHANGHAI))
    app = plan(store, week=date(2026, 12, 28), role=UserRole.ADMIN, username="boss", query={"plan_of": "li"})
    assert "calendar of 2027 is provisional" in said(app)


def test_a_week_without_a_working_day_says_where_what_waits_goes(store, monkeypatch):
    festival = date(2026, 2, 16)
    for module in ("session", "plan_week", "plan_team"):
        monkeypatch.setattr(f"pages.parts.{module}.now", lambda: datetime(2026, 2, 16, 10, tzinfo=SHANGHAI))
    app = plan(store, week=festival)
    assert "no working day" in said(app)
    assert "No plan" not in said(app)
    assert "goals wait for the week from 23 Feb 2026" in said(app)
    assert not [one for one in app.button if one.key == "plan_start"]
    app = screen(store, "week_plan", role=UserRole.ADMIN, username="boss", query={"week": festival.isoformat()})
    assert "no working day" in said(app)
    assert "without a plan" not in said(app)


def test_the_phase_follows_the_hour_and_week_and_phase_stay_in_the_address(store):
    add(store, talk())
    app = screen(store, "week_plan", role=UserRole.SUPERVISOR, username="li")
    assert app.button_group(key="plan_phase").value == "do"
    button(app, "plan_before").click().run()
    assert app.query_params["week"] == LAST.isoformat()
    app.button_group(key="plan_phase").set_value("check").run()
    assert app.query_params["plan_phase"] == "check"
    app.query_params["plan_phase"] = "plan"  # as the browser does when it goes back
    app.run()
    assert (app.button_group(key="plan_phase").value, app.query_params["plan_phase"]) == ("plan", "plan")
    app.query_params["week"] = "nonsense"
    app.run()
    assert "This week" in said(app)


def test_a_supervisor_sees_no_other_plan_whatever_the_address_says(store):
    with writing(store) as session:
        add_item(session, actor=supervisor("wu"), line=talk(branch=3), week_start=WEEK, now=MONDAY, key="w")
    app = plan(store, query={"plan_of": "wu"})
    assert "Nothing is planned for this week yet." in said(app)


def test_the_week_reads_in_chinese(store):
    add(store, salon())
    app = plan(store, phase="check", language="zh")
    assert "周计划完成率" in [one.label for one in app.metric]
    assert list(frame(app, "fact")["line"]) == ["微沙龙"]


def survey(day, section="people", values=None):
    source = Source((Method.ASK,), day, Confidence.SURE, None)
    with writing() as session:
        save_part(
            session,
            actor=ADMIN,
            branch_id=1,
            entry=PartEntry(section, source, values or {}),
            shown_version=0,
            today=day,
            key=section,
        )


def test_a_plan_names_the_surveys_it_rests_on_and_warns_of_those_past_their_review_period(store):
    add(store, talk(branch=1))
    add(store, salon(branch=2), key="k2")
    app = plan(store)
    assert "Rests on no branch file yet" in said(app)
    for section in ("environment", "business", "rivals"):
        survey(date(2026, 11, 10), section)
    survey(date(2026, 10, 18), values={"our_contact": {"main": "A1", "deputy": "A2"}})
    app.run()
    told = said(app).replace("\\", "")
    assert "Rests on branch files of 10 Nov 2026" in told
    assert "1 of 2 past their review period or never surveyed" in told
    assert dict(zip(frame(app, "basis")["branch_name"], frame(app, "basis")["basis"], strict=True)) == {
        "青禾银行B1支行": "10 Nov 2026",
        "青禾银行B2支行": "! never",
    }


def test_a_picked_line_brings_what_the_branch_file_says_for_planning(store):
    add(store, talk(branch=1))
    survey(date(2026, 11, 10), "environment", {"salon_space": {"place": "inside", "people": 12}})
    app = plan(store)
    assert "Space for a salon" not in said(app)
    assert "Space for a salon" in said(select_row(app, f"plan_lines_{WEEK}"))
