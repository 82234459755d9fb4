from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import StaffRole, Stage, UserRole
from core.language.days import day_word
from db.engine import writing
from db.models import MarketWeekRow
from db.rollups import rebuild_rollups
from pages.parts.session import today
from tests.builders import add_branch, add_contact, add_policy, add_staff
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


def lines(app, key):
    """What the lines to click say, in order; none where the list is not drawn."""
    return [line for radio in app.radio if radio.key == key for line in radio.options]


def stages(app):
    return [words for bar in app.get("button_group") if bar.key == "overview_stages" for words in bar.options]


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
    assert f"Data up to {day_word('en', week)}" in words(screen(city, "overview"))


def test_a_branch_stands_there_by_its_contacts_before_it_has_a_stage(store, week):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        add_contact(session, branch, week, staff=add_staff(session, branch, "S1", role=StaffRole.TELLER))
        add_staff(session, branch, "S2", role=StaffRole.WEALTH_MANAGER)
        rebuild_rollups(session)
    line = screen(store, "overview").radio(key="overview_to_see").options[0]
    assert "–" in line
    assert "No stage yet" in line


def test_stages_are_counted_with_sign_word_and_change(city):
    assert stages(screen(city, "overview")) == [
        ":blue[**● Startup**] **0**",
        ":green[**▲ Growth**] **0 (-1)**",
        ":violet[**■ Mature**] **1**",
        ":orange[**◆ Adjustment**] **1 (+1)**",
        ":red[**▼ Slump**] **1**",
    ]


def test_a_stage_leads_to_the_branches_in_it(city):
    app = screen(city, "overview")
    next(bar for bar in app.get("button_group") if bar.key == "overview_stages").set_value("slump")
    app.run()
    assert app.title[0].value == "Branches"
    assert app.multiselect(key="branches_stage").value == ["slump"]


def test_whom_to_see_first_stands_in_order_with_the_reason(city):
    first, second = lines(screen(city, "overview"), "overview_to_see")
    assert first.startswith("1.\N{FIGURE SPACE} **青禾银行B1支行**")
    assert ":red[**▼ Slump**] :gray-badge[Watch down] :small[2 policies in 8 weeks" in first
    assert second.startswith("2.\N{FIGURE SPACE} **青禾银行B2支行**")
    assert ":gray-badge[Stage newly changed]" in second


def test_a_warning_that_makes_nobody_come_first_is_told_to_the_head_of_the_branch(store, week):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        add_stage(session, branch, week, Stage.GROWTH, weeks_held=30, badges="single_seller")
        add_policy(session, branch, week)
    app = screen(store, "overview", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert "No branch has an open warning" not in words(app)
    assert "No branch has to come first" in words(app)
    assert not lines(app, "overview_to_see")
    (line,) = lines(app, "overview_warned")
    assert ":gray-badge[Single seller]" in line


def test_names_typed_by_people_are_text_in_the_lines(store, week):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        branch.branch_name = "[x](http://evil.example) **网点**"
        for start, stage in ((week - WEEK, Stage.GROWTH), (week, Stage.SLUMP)):
            add_stage(session, branch, start, stage, weeks_held=1, badges="watch_down")
        add_policy(session, branch, week)
    app = screen(store, "overview")
    for key in ("overview_to_see", "overview_moved"):
        (line,) = lines(app, key)
        assert r"\[x\]\(http\://evil\.example\) \*\*网点\*\*" in line


def test_names_are_filled_up_so_that_the_stages_stand_in_line(store, week):
    with writing(store) as session:
        for code, name in (("B1", "青禾银行B1支行"), ("B2", "青禾银行市民广场支行")):
            branch = add_branch(session, code)
            branch.branch_name = name
            add_stage(session, branch, week, Stage.SLUMP, badges="watch_down")
            add_policy(session, branch, week)
    found = lines(screen(store, "overview"), "overview_to_see")
    assert sorted(line.count("\N{IDEOGRAPHIC SPACE}") for line in found) == [1, 5]


@pytest.mark.parametrize("key", ["overview_to_see", "overview_moved"])
def test_a_click_on_a_line_opens_the_branch(city, key):
    app = screen(city, "overview")
    app.radio(key=key).set_value("B2").run()
    assert not app.exception
    assert app.subheader[0].value == "青禾银行B2支行"
    assert app.query_params["branch"] == "B2"


@pytest.mark.parametrize(("name", "title"), [("branch", "Branch page"), ("log_contact", "Log a contact")])
def test_a_screen_without_a_branch_offers_those_to_see_first(city, name, title):
    app = screen(city, name)
    assert len(lines(app, f"{name}_to_see")) == 2
    app.radio(key=f"{name}_to_see").set_value("B2").run()
    assert not app.exception
    assert (app.title[0].value, app.query_params["branch"]) == (title, "B2")
    assert not [one for one in app.radio if one.key == f"{name}_to_see"]


def test_whoever_comes_back_finds_no_line_picked(city):
    app = screen(city, "overview")
    app.radio(key="overview_to_see").set_value("B1").run()
    app.switch_page("screens/overview.py").run()
    assert app.title[0].value == "Overview"
    assert app.radio(key="overview_to_see").value is None


def test_who_moved_this_week_is_named_with_both_stages_and_the_reason(city):
    app = screen(city, "overview")
    assert "**↓ Down: 1**" in words(app)
    assert "Up:" not in words(app)
    (line,) = lines(app, "overview_moved")
    assert line.startswith(
        "↓ **青禾银行B2支行** :green[**▲ Growth**] → :orange[**◆ Adjustment**] · :small[2 policies in 8"
    )


def test_two_branches_of_one_name_and_one_move_can_be_told_apart(store, week):
    with writing(store) as session:
        for code in ("B1", "B2"):
            branch = add_branch(session, code)
            branch.branch_name = "青禾银行中心支行"
            add_stage(session, branch, week - WEEK, Stage.GROWTH)
            add_stage(session, branch, week, Stage.SLUMP, weeks_held=1)
            add_policy(session, branch, week)
    app = screen(store, "overview")
    assert [line.rpartition(" ")[2] for line in lines(app, "overview_moved")] == [":small[(B1)]", ":small[(B2)]"]
    app.radio(key="overview_moved").set_value("B2").run()
    assert app.query_params["branch"] == "B2"


def test_all_moves_can_be_had_as_a_table(city):
    app = screen(city, "overview")
    assert not app.dataframe
    app.session_state["overview_all_moves"] = True
    app.run()
    assert app.dataframe[0].value.to_dict("list")["branch_code"] == ["B2"]


def test_results_stand_beside_target_and_the_weeks_before(city):
    app = screen(city, "overview")
    tile = next(tile for tile in app.metric if tile.label == "Branch activity rate")
    assert tile.value == "100.0% :small[:gray[Target 60.0%]]"
    assert tile.proto.delta == "+100.0 points"
    assert tile.proto.delta_description == "3 of 3"
    assert tile.proto.help.startswith("4 weeks before: 0.0%")


def test_a_figure_that_stayed_is_neither_good_nor_bad(city):
    app = screen(city, "overview")
    tile = next(tile for tile in app.metric if tile.label == "Regular share")
    assert (tile.proto.delta, tile.proto.color) == ("–", tile.proto.MetricColor.GRAY)
    assert tile.proto.direction == tile.proto.MetricDirection.NONE


def test_the_signs_to_watch_stand_in_one_line(city):
    assert "Staff change **0** · People do not fit the branch **0** · Sells only with events **0**" in words(
        screen(city, "overview")
    )


def test_each_role_sees_its_own_branches(city):
    app = screen(city, "overview", role=UserRole.SUPERVISOR, username="wang")
    assert "B1" not in words(app) + "".join(lines(app, "overview_to_see"))
    assert ":violet[**■ Mature**] **1**" in stages(app)


def test_a_branch_head_gets_the_counts_without_links_to_the_list(city):
    app = screen(city, "overview", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert not stages(app)
    assert ":red[**▼ Slump**] **1**" in words(app)


def test_the_screen_speaks_chinese(city):
    app = screen(city, "overview", language="zh")
    assert app.title[0].value == "总览"
    assert "优先关注网点" in words(app)
    assert "8周出单2件" in lines(app, "overview_to_see")[0]
    assert ":red[**▼ 低迷期**] **1**" in stages(app)


@pytest.mark.parametrize("name", ["overview", "stage_review"])
@pytest.mark.parametrize(("swing", "is_told"), [(0.78, True), (0.95, False)])
def test_a_swing_of_the_whole_market_is_told_in_a_line_where_it_is_notable(city, week, name, swing, is_told):
    with writing(city) as session:
        session.add(MarketWeekRow(week_start=week, season=1.0, swing=swing))
    app = screen(city, name, role=UserRole.SUPERVISOR, username="li")
    assert ("22% less is expected of every branch" in words(app).replace("\\", "")) == is_told
