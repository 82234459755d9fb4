from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import Stage, UserRole
from db.engine import writing
from pages.parts.session import today
from tests.builders import add_branch, add_policy
from tests.screens import screen
from tests.staged import add_production, add_stage


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def city(store):
    """A mature branch, a slump with a warning, a branch of another region without a stage yet."""
    week = last_complete_week(today())
    with writing(store) as session:
        mature = add_branch(session, "B1", city="云州")
        slump = add_branch(session, "B2", bank="长河银行", city="青江")
        add_branch(session, "B3", region="西区分公司", supervisor="wang")
        add_stage(session, mature, week, Stage.MATURE)
        add_stage(session, slump, week, Stage.SLUMP, weeks_held=12, badges="watch_down")
        add_policy(session, mature, week)
        add_production(session, mature, week, net=3, premium_fen=12_300_000)
        add_production(session, mature, week - timedelta(weeks=13), net=9, premium_fen=1)
    return store


def table(app):
    return app.dataframe[0].value.to_dict("list")


def test_without_branches_an_administrator_is_led_to_the_import(store):
    app = screen(store, "branches")
    assert not app.dataframe
    assert "There are no branches yet" in app.markdown[-1].value
    assert app.get("page_link")[0].proto.label == "Import your data"


def test_the_branch_that_needs_attention_comes_first(city):
    assert table(screen(city, "branches"))["branch_code"] == ["B2", "B1", "B3"]


def test_the_columns_say_stage_weeks_trend_output_and_marks(city):
    shown = table(screen(city, "branches"))
    assert shown["weeks_in_stage"][0] == 12
    assert shown["policies"] == [0, 3, 0]
    assert shown["premium_wan"] == pytest.approx([0, 12.3, 0])
    assert list(shown["trend"][1])[-14:] == [9, *[0] * 12, 3]
    assert [list(marks) for marks in shown["badges"]] == [["watch_down"], [], []]


def test_the_sum_of_what_is_shown_stands_above_the_table(city):
    assert screen(city, "branches").caption[0].value == "3 branches · 3 policies and ¥123.0k of premium in 13 weeks"


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        pytest.param({"branches_stage": "slump"}, ["B2"], id="stage"),
        pytest.param({"branches_bank": "长河银行"}, ["B2"], id="bank"),
        pytest.param({"branches_city": "云州"}, ["B1"], id="city"),
        pytest.param({"branches_supervisor": "wang"}, ["B3"], id="supervisor"),
        pytest.param({"branches_region": "东区分公司"}, ["B2", "B1"], id="a region with the units below it"),
        pytest.param({"branches_stage": "no such stage"}, ["B2", "B1", "B3"], id="an unknown value is dropped"),
    ],
)
def test_a_view_comes_back_from_its_address(city, query, codes):
    assert table(screen(city, "branches", query=query))["branch_code"] == codes


def test_a_chosen_filter_narrows_the_table(city):
    app = screen(city, "branches")
    app.multiselect(key="branches_bank").set_value(["长河银行"]).run()
    assert table(app)["branch_code"] == ["B2"]


def test_filters_that_match_nothing_say_what_to_do(city):
    app = screen(city, "branches", query={"branches_stage": "growth"})
    assert not app.dataframe
    assert "Take one of them off" in app.markdown[-1].value


def test_a_supervisor_sees_only_his_own_branches(city):
    app = screen(city, "branches", role=UserRole.SUPERVISOR, username="wang")
    assert table(app)["branch_code"] == ["B3"]


def test_a_name_outside_the_scope_in_the_address_opens_nothing(city):
    app = screen(city, "branches", role=UserRole.SUPERVISOR, username="wang", query={"branches_supervisor": "li"})
    assert table(app)["branch_code"] == ["B3"]


def test_the_screen_speaks_chinese(city):
    app = screen(city, "branches", language="zh")
    assert app.title[0].value == "网点"
    assert app.caption[0].value == "3 家网点 · 近13周 3 件，保费 12.3万元"
