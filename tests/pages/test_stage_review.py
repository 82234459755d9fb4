from datetime import timedelta

import pytest
from sqlalchemy import select

from core.calendar import last_complete_week
from core.facts import COMMAND_LINE, Stage, UserRole
from db.engine import reading, writing
from db.models import BranchRow, StageDecisionRow
from db.stage_reviews import confirm_stage, override_stage, withdraw_override
from pages.parts.session import today
from tests.builders import add_branch, add_policy
from tests.screens import both_values, screen
from tests.staged import add_stage

WEEK = timedelta(weeks=1)


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def city(store):
    """B1 and B2 of li fell lately, B3 of li has stood for long, B4 of wang in another region rose last week."""
    week = last_complete_week(today())
    with writing(store) as session:
        rows = {}
        for code, before, now, held, more in (
            ("B1", Stage.MATURE, Stage.ADJUSTMENT, 2, {}),
            ("B2", Stage.ADJUSTMENT, Stage.SLUMP, 1, {}),
            ("B3", Stage.MATURE, Stage.MATURE, 40, {}),
            ("B4", Stage.STARTUP, Stage.GROWTH, 1, {"region": "西区分公司", "supervisor": "wang"}),
        ):
            rows[code] = add_branch(session, code, **more)
            for number in range(3):
                stage = now if number < held else before
                add_stage(session, rows[code], week - number * WEEK, stage, weeks_held=max(held - number, 1))
            add_policy(session, rows[code], week)
        return {code: row.id for code, row in rows.items()}


def review(store, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li"} | more
    return screen(store, "stage_review", **given)


def decide(city, change, code="B1", **more):
    given = {"shown_version": 0, "key": f"{change.__name__}{code}", "today": today()} | more
    if change is override_stage:
        given = {
            "stage": Stage.MATURE,
            "reason": "系统停机两周",
            "end_on": today() + timedelta(days=7),
            "shown_stage": Stage.ADJUSTMENT,
        } | given
    with writing() as session:
        change(session, actor=COMMAND_LINE, branch_id=city[code], **given)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def waiting(app):
    prefix = "stage_review_confirm_"
    return [one.key.removeprefix(prefix) for one in app.button if one.key and one.key.startswith(prefix)]


def stored(store):
    with reading(store) as session:
        rows = session.execute(
            select(BranchRow.branch_code, StageDecisionRow.kind, StageDecisionRow.stage).join(
                StageDecisionRow, StageDecisionRow.branch_id == BranchRow.id
            )
        )
        return [tuple(row) for row in rows]


def test_new_stages_wait_to_be_confirmed_the_newest_first(store, city):
    app = review(store)
    assert waiting(app) == ["B2", "B1"]
    assert ":violet-badge[■ Mature] → :orange-badge[◆ Adjustment]" in words(app)


def test_a_click_confirms_one_and_the_next_moves_up(store, city):
    app = review(store)
    app.button(key="stage_review_confirm_B2").click().run()
    assert not app.exception
    assert stored(store) == [("B2", "confirmed", "slump")]
    assert "Confirmed for 青禾银行B2支行: ▼ Slump." in words(app)
    assert waiting(app) == ["B1"]
    app.button(key="stage_review_confirm_B1").click().run()
    assert waiting(app) == []
    assert "No stage of the last 4 weeks waits to be confirmed." in words(app)


def test_what_a_colleague_confirmed_meanwhile_is_said(store, city):
    app = review(store)
    decide(city, confirm_stage, "B2", shown_stage=Stage.SLUMP)
    app.button(key="stage_review_confirm_B2").click().run()
    assert "Somebody else changed this" in words(app)
    assert len(stored(store)) == 1
    app.run()
    assert waiting(app) == ["B1"]
    app.button(key="stage_review_keep_stored").click().run()
    assert not app.exception
    assert "Somebody else changed this" not in words(app)


def test_the_choice_about_one_line_goes_once_another_one_is_confirmed(store, city):
    app = review(store)
    decide(city, override_stage, "B2", shown_stage=Stage.SLUMP)
    app.button(key="stage_review_confirm_B2").click().run()
    assert both_values(app)["Decision"] == ("Overridden", "Confirmed")
    assert "stage_review_store_mine" not in [one.key for one in app.button]
    app.button(key="stage_review_confirm_B1").click().run()
    assert ("B1", "confirmed", "adjustment") in stored(store)
    assert not both_values(app)


def test_what_a_colleague_confirmed_is_gone_with_the_next_run(store, city):
    app = review(store)
    decide(city, confirm_stage, "B2", shown_stage=Stage.SLUMP)
    app.run()
    assert waiting(app) == ["B1"]


def test_overrides_in_force_stand_with_reason_and_end(store, city):
    decide(city, override_stage)
    app = review(store)
    assert "In force: 1 · ending within 2 weeks: 1" in words(app)
    table = app.dataframe[0].value.to_dict("list")
    assert (table["branch_code"], table["state"], table["reason"]) == (["B1"], ["Ends soon"], ["系统停机两周"])
    assert [list(each) for each in (table["stage"][0], table["override"][0])] == [["adjustment"], ["mature"]]
    assert waiting(app) == ["B2"]


def test_an_override_that_ended_lately_is_behind_the_switch_and_its_branch_waits_again(store, city):
    ended = today() - timedelta(days=1)
    decide(city, override_stage, "B1", end_on=ended, today=ended)
    app = review(store)
    assert not app.dataframe
    assert "No stage is set by hand" in words(app)
    assert waiting(app) == ["B2", "B1"]
    app.toggle(key="stage_review_show_ended").set_value(True).run()
    table = app.dataframe[0].value.to_dict("list")
    assert (table["branch_code"], table["state"], table["end_on"]) == (["B1"], ["Expired"], [ended])


def test_a_withdrawn_override_says_why(store, city):
    decide(city, override_stage)
    decide(city, withdraw_override, shown_version=1, reason="已恢复")
    app = review(store)
    app.toggle(key="stage_review_show_ended").set_value(True).run()
    table = app.dataframe[0].value.to_dict("list")
    assert (table["state"], table["reason"]) == (["Withdrawn"], ["已恢复"])


def test_a_supervisor_reviews_his_own_branches_only(store, city):
    decide(city, override_stage, "B4", stage=Stage.SLUMP, shown_stage=Stage.GROWTH)
    app = review(store)
    assert "B4" not in words(app)
    assert not app.dataframe
    assert waiting(review(store, username="wang")) == []


def test_a_manager_reviews_his_region(store, city):
    app = review(store, role=UserRole.MANAGER, username="chief", region_path="西区分公司")
    assert waiting(app) == ["B4"]


def test_a_region_in_the_address_narrows_the_lists(store, city):
    query = {"stage_review_region": "西区分公司"}
    assert waiting(review(store, role=UserRole.ADMIN, username="boss", query=query)) == ["B4"]


def test_a_filter_narrows_what_waits(store, city):
    app = review(store, role=UserRole.ADMIN, username="boss")
    assert waiting(app) == ["B2", "B4", "B1"]
    app.multiselect(key="stage_review_supervisor").set_value(["li"]).run()
    assert waiting(app) == ["B2", "B1"]


def test_without_branches_the_reader_is_told_whom_to_ask(store):
    assert "No branch is assigned to you yet" in words(review(store))
    assert "There are no branches yet" in words(review(store, role=UserRole.ADMIN, username="boss"))


def test_branches_without_policies_have_nothing_to_review(store):
    with writing(store) as session:
        add_branch(session)
    app = review(store)
    assert "No stage of the last 4 weeks waits" in words(app)
    assert "No stage is set by hand" in words(app)


def test_the_review_reads_in_chinese(store, city):
    decide(city, override_stage)
    app = review(store, language="zh")
    assert app.title[0].value == "阶段复核"
    assert "待确认的新阶段" in words(app)
    assert app.dataframe[0].value.to_dict("list")["state"] == ["即将到期"]
