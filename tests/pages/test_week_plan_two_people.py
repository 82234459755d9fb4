"""Two people, one week plan: the second sees what the first stored beside what he entered, and chooses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.facts import UserRole
from core.planning.items import GoalMeasure, PlanKind, PlanLine
from db.engine import writing
from db.models import DailyFeedbackRow, WeekPlanRow
from db.planning import change_item, drop_item
from db.planning_days import explain_miss, tick_items, write_feedback
from db.planning_team import approve_plan
from tests.builders import ADMIN, supervisor
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
from tests.screens import both_values


@pytest.fixture
def store(sqlite_store, monkeypatch):
    return make_plan_world(sqlite_store, monkeypatch)


def test_two_people_see_both_values_and_the_second_chooses(store):
    item = add(store, talk(3, week=NEXT), week=NEXT)
    app = select_row(plan(store, week=NEXT), f"plan_lines_{NEXT}")
    with writing(store) as session:
        change_item(
            session,
            actor=supervisor(),
            item_id=item,
            line=talk(4, week=NEXT),
            shown_version=1,
            now=NOW,
            key="theirs",
        )
    app.selectbox(key=f"week_plan_change_{item}_day").set_value(NEXT)
    button(app, f"plan_change_save_{item}").click().run()
    shown = said(app).replace("\\", "")
    assert "Somebody else changed this" in shown
    assert both_values(app)["Day"] == ("27 Nov 2026", "23 Nov 2026")
    assert rows(store)[0].day == date(2026, 11, 27)
    button(app, f"week_plan_change_{item}_store_mine").click().run()
    assert not app.exception
    assert rows(store)[0].day == NEXT


def test_a_line_a_colleague_took_out_meanwhile_is_said_to_be_gone(store):
    item = add(store, talk(3, week=NEXT), week=NEXT)
    app = select_row(plan(store, week=NEXT), f"plan_lines_{NEXT}")
    with writing(store) as session:
        drop_item(session, actor=supervisor(), item_id=item, shown_version=1, now=NOW, key="theirs")
    app.selectbox(key=f"week_plan_change_{item}_day").set_value(NEXT)
    button(app, f"plan_change_save_{item}").click().run()
    assert "Dropped on" in both_values(app)
    assert f"week_plan_change_{item}_store_mine" not in [one.key for one in app.button]
    button(app, f"week_plan_change_{item}_keep_stored").click().run()
    assert not app.exception
    assert not both_values(app)


def test_a_miss_a_colleague_explained_meanwhile_stays_before_whoever_is_explaining_it(store):
    before = MONDAY - timedelta(weeks=1)
    item = add(store, salon(LAST), week=LAST, now=before)
    other = add(store, salon(LAST, day=2), week=LAST, now=before, key="o")
    app = plan(store, week=LAST, phase="act")
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    with writing(store) as session:
        given = {"cause": "C26", "note": "春节", "adjustment": "", "action_key": None, "now": NOW, "key": "c"}
        explain_miss(session, actor=supervisor(), item_id=item, shown_version=1, **given)
    app.text_input(key=f"plan_cause_adjustment_{item}").set_value("换话术")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    assert rows(store)[0].cause == "C26"
    assert "换话术" in str(both_values(app))
    button(app, f"plan_cause_save_{item}").click().run()
    (mine,) = [one for one in app.button if "mine" in (one.key or "")]
    mine.click().run()
    assert not app.exception
    assert (rows(store)[0].cause, rows(store)[0].adjustment) == ("C02", "换话术")
    assert app.selectbox(key=f"plan_cause_{other}").value is None


def test_a_colleagues_cause_is_not_overwritten_by_who_began_before_and_chose_after_it(store):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))
    app = plan(store, week=LAST, phase="act")
    with writing(store) as session:
        given = {"cause": "C26", "note": "春节", "adjustment": "", "action_key": None, "now": NOW, "key": "c"}
        explain_miss(session, actor=supervisor(), item_id=item, shown_version=1, **given)
    app.selectbox(key=f"plan_cause_{item}").set_value("C02").run()
    app.text_input(key=f"plan_cause_adjustment_{item}").set_value("换话术")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    assert rows(store)[0].cause == "C26"
    assert both_values(app)["What shows the cause"] == ("春节", "–")
    assert "换话术" in str(both_values(app))


@pytest.mark.parametrize("entered", ["a further cause", "words"])
def test_what_was_begun_about_an_explained_miss_meets_the_colleagues_correction(store, entered):
    item = add(store, salon(LAST), week=LAST, now=MONDAY - timedelta(weeks=1))

    def said_to_show(words, version):
        given = {"cause": "C02", "note": words, "adjustment": "换话术", "action_key": None, "now": NOW, "key": words}
        with writing(store) as session:
            explain_miss(session, actor=supervisor(), item_id=item, shown_version=version, **given)

    said_to_show("到场3人", 1)
    app = plan(store, week=LAST, phase="act")
    said_to_show("到场2人", 2)
    if entered == "words":
        app.run()  # whatever else is done on the page, what was typed is sent with the form alone
        app.text_input(key=f"plan_cause_adjustment_{item}").set_value("换时间")
    else:
        app.multiselect(key=f"plan_more_causes_{item}_C02").set_value(["C01"]).run()
        app.text_input(key=f"plan_cause_note_{item}_C01").set_value("未通过")
    button(app, f"plan_cause_save_{item}").click().run()
    assert not app.exception
    assert both_values(app)["What shows the cause"] == ("到场2人", "到场3人")
    assert (rows(store)[0].cause_note, rows(store)[0].cause_2) == ("到场2人", None)
    next(one for one in app.button if one.key.endswith("_store_mine")).click().run()
    stands = rows(store)[0]
    mine = {"words": ("换时间", None), "a further cause": ("换话术", "C01")}[entered]
    assert (stands.cause_note, stands.adjustment, stands.cause_2) == ("到场3人", *mine)


def test_a_line_open_in_the_form_is_held_against_what_it_was_drawn_with(store):
    item = add(store, talk(3, week=NEXT), week=NEXT)
    other = add(store, talk(2, branch=2, week=NEXT), week=NEXT, key="o")
    app = select_row(plan(store, week=NEXT), f"plan_lines_{NEXT}", row=1)

    def changed(day, version, key):
        with writing(store) as session:
            line = talk(day, week=NEXT)
            change_item(session, actor=supervisor(), item_id=item, line=line, shown_version=version, now=NOW, key=key)

    app.selectbox(key=f"week_plan_change_{item}_topic").set_value("selling_skill").run()
    changed(4, 1, "theirs")
    app.run()  # whatever else is done on the page
    app.text_input(key=f"week_plan_change_{item}_text").set_value("带材料")
    button(app, f"plan_change_save_{item}").click().run()
    assert not app.exception
    assert (rows(store)[0].day, rows(store)[0].text) == (NEXT + timedelta(days=4), None)
    assert both_values(app)
    next(one for one in app.button if one.key.endswith("_keep_stored")).click().run()
    select_row(app, f"plan_lines_{NEXT}", row=0)
    assert app.text_input(key=f"week_plan_change_{other}_text").value == ""
    changed(1, 2, "again")
    app.run()
    select_row(app, f"plan_lines_{NEXT}", row=0)  # it is the first of the week now
    assert app.selectbox(key=f"week_plan_change_{item}_day_2").value == NEXT + timedelta(days=1)


def test_the_line_of_a_day_written_in_another_window_is_not_overwritten(store):
    app = plan(store, phase="do")
    day, key = NOW.date(), f"plan_feedback_words_{NOW.date()}"
    with writing(store) as session:
        given = {"supervisor": "li", "day": day, "words": "第一个窗口", "shown_version": 0, "now": NOW, "key": "w"}
        write_feedback(session, actor=supervisor(), **given)
    app.text_input(key=key).set_value("第二个窗口").run()
    button(app, "plan_feedback_save").click().run()
    assert not app.exception
    assert ("第一个窗口", "第二个窗口") in both_values(app).values()
    assert [row.words for row in rows(store, DailyFeedbackRow)] == ["第一个窗口"]


def test_of_two_who_approve_a_plan_the_second_sees_the_comment_of_the_first_and_chooses(store):
    add(store, talk())
    query = {"plan_of": "li"}
    app = plan(store, role=UserRole.MANAGER, username="chief", region_path="东区分公司", query=query)
    app.text_input(key="plan_approve_comment_1").set_value("第二位的意见")
    with writing(store) as session:
        (shown,) = session.scalars(select(WeekPlanRow)).all()
        given = {"supervisor": "li", "week_start": WEEK, "shown_version": shown.version, "now": NOW, "key": "first"}
        approve_plan(session, actor=ADMIN, comment="第一位的意见", **given)
    button(app, "plan_approve_save").click().run()
    assert not app.exception
    assert ("第一位的意见", "第二位的意见") in both_values(app).values()
    assert rows(store, WeekPlanRow)[0].approval_comment == "第一位的意见"
    (mine,) = [one for one in app.button if "mine" in (one.key or "")]
    mine.click().run()
    assert not app.exception
    assert rows(store, WeekPlanRow)[0].approval_comment == "第二位的意见"
    assert not [one for one in app.button if one.key == "plan_approve_save"]


def test_a_manager_who_approves_a_changed_plan_sees_which_lines_changed(store):
    first, second = add(store, talk()), add(store, talk(3, branch=2), key="b")
    app = plan(store, role=UserRole.MANAGER, username="chief", region_path="东区分公司", query={"plan_of": "li"})
    with writing(store) as session:
        change = {"actor": supervisor(), "shown_version": 1, "now": MONDAY}
        change_item(session, item_id=first, line=talk(4), key="c", **change)
        drop_item(session, item_id=second, key="d", **change)
    add(store, salon(day=4), key="n")
    button(app, "plan_approve_save").click().run()
    assert not app.exception
    lines = next(one.value for one in app.markdown if one.value.startswith("- ")).replace("\\", "").splitlines()
    assert [line.split(":")[0] for line in lines] == ["- Dropped", "- Changed", "- Added"]
    assert "18 Nov 2026" in lines[1]
    assert "20 Nov 2026" in lines[1]
    app.run()
    assert len([one for one in app.markdown if one.value.startswith("- ")]) == 1


def test_a_picked_miss_stays_picked_when_a_colleague_moves_the_lines(store):
    items = [add(store, salon(LAST, day), week=LAST, now=MONDAY - timedelta(weeks=1), key=str(day)) for day in (1, 2)]
    app = plan(store, week=LAST, phase="act")
    select_row(app, f"plan_act_{LAST}", 1)
    app.selectbox(key=f"plan_cause_{items[1]}").set_value("C26").run()
    with writing(store) as session:
        given = {"cause": "C26", "note": "春节", "adjustment": "", "action_key": None, "now": NOW, "key": "c"}
        explain_miss(session, actor=supervisor(), item_id=items[0], shown_version=1, **given)
    button(app, f"plan_cause_save_{items[1]}").click().run()
    assert not app.exception
    assert [row.cause for row in rows(store)] == ["C26", "C26"]


def test_the_first_miss_is_marked_and_the_next_one_comes_up_once_it_is_explained(store):
    items = [add(store, salon(LAST, day), week=LAST, now=MONDAY - timedelta(weeks=1), key=str(day)) for day in (1, 2)]
    app = plan(store, week=LAST, phase="act")
    table = f"plan_act_{LAST}"
    assert app.session_state[table]["selection"]["rows"] == [0]
    app.selectbox(key=f"plan_cause_{items[0]}").set_value("C26").run()
    app.text_input(key=f"plan_cause_adjustment_{items[0]}").set_value("换话术")
    button(app, f"plan_cause_save_{items[0]}").click().run()
    assert not app.exception
    assert rows(store)[0].cause == "C26"
    assert app.session_state[table]["selection"]["rows"] == [0]
    assert frame(app, "cause")["cause"].tolist()[0] == "Unexplained"
    assert app.selectbox(key=f"plan_cause_{items[1]}").value is None


def test_two_remarks_about_one_tick_are_both_shown_before_one_is_overwritten(store):
    item = add(store, salon(day=1))
    app = plan(store, phase="do")
    with writing(store) as session:
        tick_items(
            session, actor=supervisor(), shown_versions={item: 1}, is_done=True, note="来了9人", now=NOW, key="theirs"
        )
    tick(app, (0, True))
    remark(app).set_value("来了12人")
    button(app, "plan_ticks_save").click().run()
    assert not app.exception
    assert rows(store)[0].tick_note == "来了9人"
    assert both_values(app)["What came of it"] == ("来了9人", "来了12人")


def test_a_half_typed_line_of_a_day_does_not_replace_what_was_stored_meanwhile(store):
    day, before = NOW.date(), NOW.date() - timedelta(days=1)
    app = plan(store, phase="do")
    app.text_input(key=f"plan_feedback_words_{day}").set_value("写了一半").run()
    app.selectbox(key=f"plan_feedback_day_{WEEK}").set_value(before).run()
    with writing(store) as session:
        given = {"words": "手机上写完的", "shown_version": 0, "now": NOW, "key": "phone"}
        write_feedback(session, actor=supervisor(), supervisor="li", day=day, **given)
    app.selectbox(key=f"plan_feedback_day_{WEEK}").set_value(day).run()
    button(app, "plan_feedback_save").click().run()
    assert not app.exception
    assert [row.words for row in rows(store, DailyFeedbackRow)] == ["手机上写完的"]
    assert ("手机上写完的", "写了一半") in both_values(app).values()


def test_what_was_typed_about_a_line_waits_for_it_and_is_held_against_what_was_read(store):
    item = add(store, talk(3))
    other = add(store, talk(4, branch=2), key="o")
    app = select_row(plan(store), f"plan_lines_{WEEK}", row=0)
    day, reason = f"week_plan_change_{item}_day", f"week_plan_change_{item}_reason"
    app.selectbox(key=day).set_value(WEEK + timedelta(days=2)).run()
    app.text_input(key=reason).set_value("行长出差").run()
    select_row(app, f"plan_lines_{WEEK}", row=1)
    assert app.text_input(key=f"week_plan_change_{other}_reason").value == ""
    assert f"week_plan_change_{other}_discard" not in [one.key for one in app.button]
    with writing(store) as session:
        given = {"line": talk(4), "reason": "同事改期", "shown_version": 1, "now": NOW, "key": "theirs"}
        change_item(session, actor=supervisor(), item_id=item, **given)
    select_row(app, f"plan_lines_{WEEK}", row=0)
    assert (app.selectbox(key=day).value, app.text_input(key=reason).value) == (WEEK + timedelta(days=2), "行长出差")
    button(app, f"plan_change_save_{item}").click().run()
    assert both_values(app)["Day"] == ("20 Nov 2026", "18 Nov 2026")
    button(app, f"week_plan_change_{item}_discard").click().run()
    assert not app.exception
    assert not both_values(app)
    assert app.selectbox(key=f"{day}_1").value == WEEK + timedelta(days=4)
    assert app.text_input(key=f"{reason}_1").value == ""
    assert rows(store)[0].day == WEEK + timedelta(days=4)


@pytest.mark.parametrize("week", [WEEK, NEXT])
def test_a_line_nothing_was_typed_about_has_nothing_to_discard(store, week):
    lines = [
        talk(3, week=week),
        salon(week, 4),
        PlanLine(PlanKind.ACTION, branch_id=2, action_key="root_cause_review"),
        PlanLine(PlanKind.GOAL, branch_id=1, measure=GoalMeasure.POLICIES, goal=Decimal("2.5")),
    ]
    app = plan(store, week=week, query={"plan_list": "lines"})
    numbers = [add(store, line, week=week, key=f"{place}") for place, line in enumerate(lines)]
    for row in range(3):
        select_row(app, f"plan_lines_{week}", row=row)
        assert [one for one in app.button if one.key and one.key.startswith("plan_change_save")]
        assert not [one for one in app.button if one.key and one.key.endswith("_discard")]
    app.button_group(key="plan_list").set_value("goals").run()
    select_row(app, f"plan_goals_{week}")
    assert not [one for one in app.button if one.key and one.key.endswith("_discard")]
    app.number_input(key=f"week_plan_change_{numbers[-1]}_goal").set_value(3.0).run()
    assert [one for one in app.button if one.key and one.key.endswith("_discard")]
