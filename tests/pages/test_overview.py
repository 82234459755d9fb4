from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import Stage, UserRole
from db.engine import writing
from pages.parts.session import today
from tests.builders import add_branch, add_policy
from tests.screens import screen
from tests.staged import add_stage

WEEK = timedelta(weeks=1)


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def week():
    return last_complete_week(today())


@pytest.fixture
def city(store, week):
    """A slump with a warning, a fall from growth, a quiet mature branch of another supervisor."""
    with writing(store) as session:
        slump, fallen = add_branch(session, "B1"), add_branch(session, "B2")
        quiet = add_branch(session, "B3", region="西区分公司", supervisor="wang")
        for branch, before, now, held, badges in (
            (slump, Stage.SLUMP, Stage.SLUMP, 30, "watch_down"),
            (fallen, Stage.GROWTH, Stage.ADJUSTMENT, 1, ""),
            (quiet, Stage.MATURE, Stage.MATURE, 40, ""),
        ):
            add_stage(session, branch, week - WEEK, before, weeks_held=held)
            add_stage(session, branch, week, now, weeks_held=held, badges=badges)
            add_policy(session, branch, week)
    return store


def links(app):
    """Label of every link to another page, in order."""
    return [link.proto.label for link in app.get("page_link")]


def words(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.title, *app.subheader])


def test_an_administrator_without_branches_is_led_to_the_import(store):
    app = screen(store, "overview")
    assert "There are no branches yet" in words(app)
    assert "Import your data" in links(app)


def test_a_supervisor_without_branches_is_told_whom_to_ask(city):
    app = screen(city, "overview", role=UserRole.SUPERVISOR, username="nobody")
    assert "No branch is assigned to you yet" in words(app)


def test_branches_without_policies_draw_nothing_and_fail_nowhere(store):
    with writing(store) as session:
        add_branch(session)
    app = screen(store, "overview")
    assert "No data yet" in words(app)
    assert "No branch has an open warning" in words(app)
    assert "No branch changed its stage this week" in words(app)


def test_the_day_the_data_reach_to_is_stated(city, week):
    assert f"Data up to {week.isoformat()}" in words(screen(city, "overview"))


def test_stages_are_counted_with_sign_word_and_change(city):
    found = [label for label in links(screen(city, "overview")) if label.startswith(":")]
    assert found == [
        ":blue[**● Startup**] **0**",
        ":green[**▲ Growth**] **0 (-1)**",
        ":violet[**■ Mature**] **1**",
        ":orange[**◆ Adjustment**] **1 (+1)**",
        ":red[**▼ Slump**] **1**",
    ]


def test_whom_to_see_first_stands_in_order_with_the_reason(city):
    app = screen(city, "overview")
    listed = [label for label in links(app) if label[0].isdigit()]
    assert [label.split("**")[1] for label in listed] == ["青禾银行B1支行", "青禾银行B2支行"]
    assert "Watch down" in words(app)
    assert "Stage newly changed" in words(app)
    assert "2 policies in 8 weeks" in words(app)


def test_each_branch_of_the_list_leads_to_its_own_page(city):
    app = screen(city, "overview")
    first = next(link.proto for link in app.get("page_link") if link.proto.label.startswith("1."))
    assert first.query_string == "branch=B1"


def test_who_moved_this_week_is_named_with_both_stages(city):
    app = screen(city, "overview")
    assert "↓ Down: 1" in words(app)
    assert "**青禾银行B2支行** :green[**▲ Growth**] → :orange[**◆ Adjustment**]" in links(app)


def test_all_moves_can_be_had_as_a_table(city):
    app = screen(city, "overview")
    assert not app.dataframe
    app.session_state["overview_all_moves"] = True
    app.run()
    assert app.dataframe[0].value.to_dict("list")["branch_code"] == ["B2"]


def test_results_stand_beside_target_and_the_weeks_before(city):
    app = screen(city, "overview")
    assert next(tile.value for tile in app.metric if tile.label == "Branch activity rate") == "100.0%"
    assert "Target 60.0%" in words(app)


def test_each_role_sees_its_own_branches(city):
    app = screen(city, "overview", role=UserRole.SUPERVISOR, username="wang")
    assert "B1" not in words(app) + "".join(links(app))
    assert ":violet[**■ Mature**] **1**" in links(app)


def test_a_branch_head_gets_the_counts_without_links_to_the_list(city):
    app = screen(city, "overview", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert not [label for label in links(app) if label.startswith(":")]
    assert ":red[**▼ Slump**] **1**" in words(app)


def test_the_screen_speaks_chinese(city):
    app = screen(city, "overview", language="zh")
    assert app.title[0].value == "总览"
    assert "优先关注网点" in words(app)
    assert "8周出单2件" in words(app)
    assert ":red[**▼ 低迷期**] **1**" in links(app)
