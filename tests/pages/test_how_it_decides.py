from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.cadence.targets import CadenceTarget
from core.facts import StaffRole, Stage, UserRole
from db.calendar_days import set_calendar_day
from db.engine import reading, writing
from db.models import AuditRow, CalendarDayRow, LearnedMonthRow, MarketWeekRow, SettingRow, TargetRow
from db.targets import add_cadence_target
from pages.parts.session import today
from tests.builders import ADMIN, add_branch, add_policy
from tests.screens import both_values, screen

SECTIONS = ("cadence", "settings", "kpis", "calendar", "stages", "review", "market", "playbook")
OTHERS = (UserRole.MANAGER, UserRole.SUPERVISOR, UserRole.BRANCH_HEAD)


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


def rules(store, section="cadence", **more):
    return screen(store, "how_it_decides", query={"how_it_decides_section": section}, **more)


def frame(app, column):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def stored(store, table):
    with reading(store) as session:
        return list(session.scalars(select(table)))


def errors(app):
    return [one.value for one in app.error]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_is_drawn_in_an_empty_store(store, section, language):
    assert rules(store, section, language=language).dataframe


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("section", SECTIONS)
def test_only_an_administrator_is_offered_a_form(store, section, role):
    with writing(store) as session:
        add_branch(session, "B1", region="东区")
    bounds = {UserRole.MANAGER: {"region_path": "东区"}, UserRole.BRANCH_HEAD: {"branch_code": "B1"}}
    app = rules(store, section, role=role, username="other", **bounds.get(role, {}))
    assert not [one for one in app.button if one.key and one.key.startswith("rules_")]


def test_the_cadence_targets_stand_with_their_day_and_source(store):
    rows = frame(rules(store), "minimum").set_index("role")
    assert list(rows.index) == ["Branch head", "Wealth manager", "Account manager", "Teller"]
    assert rows["unit"]["Wealth manager"] == "Each working day"
    assert rows["source"]["Teller"] == "Channel playbook: 1 to 2 one-on-ones a week"


def test_an_administrator_adds_a_cadence_target_for_a_stage(store):
    app = rules(store)
    app.selectbox(key="rules_cadence_role").set_value(StaffRole.TELLER)
    app.selectbox(key="rules_cadence_stage").set_value(Stage.SLUMP)
    app.selectbox(key="rules_cadence_unit").set_value("week")
    app.number_input(key="rules_cadence_minimum").set_value(3.0)
    app.text_input(key="rules_cadence_source").set_value("Region meeting")
    app.button(key="rules_cadence_submit").click().run()
    assert not app.exception
    (row,) = stored(store, TargetRow)
    assert (row.key, row.stage, row.unit, row.minimum, row.maximum) == ("teller", "slump", "week", 3, None)
    assert row.valid_from > today()
    assert row.valid_from.weekday() == 0
    assert [(one.action, one.subject) for one in stored(store, AuditRow)][-1] == ("add", "target")
    assert "Region meeting" in list(frame(app, "minimum")["source"])


def test_a_target_without_a_source_is_refused_and_nothing_is_stored(store):
    app = rules(store)
    app.number_input(key="rules_cadence_minimum").set_value(1.0)
    app.button(key="rules_cadence_submit").click().run()
    assert [one.replace("\\", "") for one in errors(app)] == ["Source: This cannot stay empty."]
    assert stored(store, TargetRow) == []


def test_a_maximum_below_the_minimum_is_refused(store):
    app = rules(store)
    app.selectbox(key="rules_cadence_unit").set_value("week")
    app.number_input(key="rules_cadence_minimum").set_value(3.0)
    app.number_input(key="rules_cadence_maximum").set_value(2.0)
    app.text_input(key="rules_cadence_source").set_value("Region meeting")
    app.button(key="rules_cadence_submit").click().run()
    assert errors(app) == ["The maximum is below the minimum."]


def test_an_administrator_adds_a_kpi_target(store):
    app = rules(store, "kpis")
    app.selectbox(key="rules_kpi_kpi").set_value("regular_share")
    app.number_input(key="rules_kpi_target").set_value(0.4)
    app.text_input(key="rules_kpi_source").set_value("Company plan")
    app.button(key="rules_kpi_submit").click().run()
    (row,) = stored(store, TargetRow)
    assert (row.subject, row.key, row.unit, float(row.minimum)) == ("kpi", "regular_share", "share", 0.4)


def test_an_administrator_makes_the_targets_hold_for_each_person(store):
    app = rules(store, "settings")
    app.selectbox(key="rules_cadence_scope_value").set_value("person")
    app.text_input(key="rules_cadence_scope_source").set_value("Region meeting")
    app.button(key="rules_cadence_scope_submit").click().run()
    (row,) = stored(store, SettingRow)
    assert (row.key, row.value) == ("cadence_scope", "person")
    assert "Each person in the role" in list(frame(app, "value")["value"])


def filled_in(app, minimum, source="Region meeting"):
    app.selectbox(key="rules_cadence_role").set_value(StaffRole.TELLER)
    app.selectbox(key="rules_cadence_unit").set_value("week")
    app.number_input(key="rules_cadence_minimum").set_value(minimum)
    app.text_input(key="rules_cadence_source").set_value(source)
    app.button(key="rules_cadence_submit").click().run()
    assert not app.exception


def test_the_second_of_two_who_set_a_target_for_one_day_sees_both_and_chooses(store):
    app = rules(store)
    day = app.date_input(key="rules_cadence_valid_from").value
    target = CadenceTarget(StaffRole.TELLER, None, "week", Decimal(2), None, None, day, "Theirs", "Theirs")
    with writing(store) as session:
        add_cadence_target(session, actor=ADMIN, target=target, shown_version=0, today=today(), write_key="theirs")
    filled_in(app, 3.0)
    both = both_values(app)
    assert (both["At least"], both["Source"]) == (("2", "3"), ("Theirs", "Region meeting"))
    assert "Unit" not in both
    app.button(key=f"rules_cadence_teller_None_{day}_store_mine").click().run()
    assert not app.exception
    assert [(row.minimum, row.version) for row in stored(store, TargetRow)] == [(3, 2)]
    filled_in(app, 2.5)  # a slip of the pen is put right without a question
    assert [(row.minimum, row.version) for row in stored(store, TargetRow)] == [(Decimal("2.5"), 3)]
    assert [one.action for one in stored(store, AuditRow)][-3:] == ["add", "change", "change"]


def test_a_target_in_force_is_named_and_stays(store):
    target = CadenceTarget(StaffRole.TELLER, None, "week", Decimal(2), None, None, today(), "Theirs", "Theirs")
    with writing(store) as session:
        add_cadence_target(session, actor=ADMIN, target=target, shown_version=0, today=today(), write_key="theirs")
    app = rules(store)
    app.date_input(key="rules_cadence_valid_from").set_value(today())
    filled_in(app, 3.0)
    (said,) = errors(app)
    assert "is in force and stays as it is" in said
    assert "At least: 2" in said.replace("\\", "")
    assert [row.minimum for row in stored(store, TargetRow)] == [2]


def test_an_administrator_sets_a_day_of_the_calendar(store):
    app = rules(store, "calendar")
    app.date_input(key="rules_calendar_day").set_value(today() + timedelta(days=30))
    app.text_input(key="rules_calendar_name").set_value("Typhoon")
    app.text_input(key="rules_calendar_source").set_value("City notice")
    app.button(key="rules_calendar_submit").click().run()
    (row,) = stored(store, CalendarDayRow)
    assert (row.kind, row.name) == ("off", "Typhoon")
    assert list(frame(app, "kind")["name"]) == ["Typhoon"]


def test_a_day_a_colleague_set_meanwhile_is_not_set_over_it_in_silence(store):
    app = rules(store, "calendar")
    day = today() + timedelta(days=30)
    with writing(store) as session:
        set_calendar_day(
            session,
            actor=ADMIN,
            day=day,
            kind="work",
            name="Flood",
            source="x",
            shown_version=0,
            today=today(),
            write_key="theirs",
        )
    app.date_input(key="rules_calendar_day").set_value(day)
    app.text_input(key="rules_calendar_name").set_value("Typhoon")
    app.text_input(key="rules_calendar_source").set_value("City notice")
    app.button(key="rules_calendar_submit").click().run()
    assert both_values(app)["Kind"] == ("Working day", "Day off")
    app.button(key=f"rules_calendar_{day}_store_mine").click().run()
    assert not app.exception
    assert [(row.kind, row.name, row.version) for row in stored(store, CalendarDayRow)] == [("off", "Typhoon", 2)]


def test_a_correction_of_a_week_that_is_over_says_what_it_changes_and_needs_a_reason(store):
    app = rules(store, "calendar")
    assert not app.warning
    app.date_input(key="rules_calendar_day").set_value(today() - timedelta(days=8)).run()
    assert "keep the figures they showed" in app.warning[0].value
    app.text_input(key="rules_calendar_name").set_value("Typhoon")
    app.text_input(key="rules_calendar_source").set_value("City notice")
    app.button(key="rules_calendar_submit").click().run()
    assert [one.replace("\\", "") for one in errors(app)] == ["Why the past changes: This cannot stay empty."]
    assert stored(store, CalendarDayRow) == []
    app.text_input(key="rules_calendar_reason").set_value("Published late")
    app.button(key="rules_calendar_submit").click().run()
    assert not app.exception
    assert len(stored(store, CalendarDayRow)) == 1
    assert stored(store, AuditRow)[-1].after["reason"] == "Published late"


def test_the_weeks_of_a_year_that_are_not_five_working_days_long_are_listed(store):
    app = rules(store, "calendar")
    app.number_input(key="how_it_decides_year").set_value(2024).run()
    weeks = frame(app, "workdays")
    assert list(weeks["workdays"]) == [4, 6, 1, 4, 6, 2, 6, 4, 6, 3, 6, 1, 4]
    app.number_input(key="how_it_decides_year").set_value(today().year + 2).run()
    assert "is provisional" in app.warning[0].value


def test_a_kpi_shows_its_definition_and_the_figures_by_unit(store):
    with writing(store) as session:
        add_policy(session, add_branch(session, "B1"), today() - timedelta(days=10), premium_fen=5_000_00)
    app = rules(store, "kpis")
    app.selectbox(key="how_it_decides_kpi").set_value("scale_premium").run()
    assert any("accepted premium" in one.value for one in app.markdown)
    assert list(frame(app, "numerator")["numerator"]) == [5_000]
    next(one for one in app.button_group if one.key == "how_it_decides_by").set_value("branch").run()
    assert list(frame(app, "numerator")["key"]) == ["B1"]


def test_a_mean_that_one_policy_dominates_comes_with_the_median(store):
    with writing(store) as session:
        branch = add_branch(session, "B1")
        for fen in (1_000_00, 2_000_00, 9_000_00):
            add_policy(session, branch, today() - timedelta(days=10), premium_fen=fen)
    app = rules(store, "kpis")
    app.selectbox(key="how_it_decides_kpi").set_value("premium_per_policy").run()
    assert [one.value for one in app.info] == [
        "One policy makes up 75% of the premium; the median policy is 2,000 yuan."
    ]


@pytest.fixture
def learned(store):
    """A branch, a season that was learned, and two weeks of the market, one after a holiday."""
    with writing(store) as session:
        add_branch(session, "B1", region="东区", supervisor="li")
        session.add_all(
            LearnedMonthRow(
                year=2026,
                month=month,
                default_factor=1.0,
                factor=1.5 if month == 1 else 0.95,
                learned_on=date(2026, 1, 5),
                weeks=105,
                branches=37,
            )
            for month in range(1, 13)
        )
        session.add(MarketWeekRow(week_start=date(2026, 3, 2), season=1.5, swing=None))
        session.add(MarketWeekRow(week_start=date(2026, 3, 9), season=1.5, swing=0.8))
    return store


def said(app):
    return "\n".join(one.value for one in app.markdown)


def test_the_learned_season_stands_beside_the_default_with_where_it_comes_from(learned):
    app = rules(learned, "market")
    rows = frame(app, "year_2026").set_index("month")
    assert (rows["default"][1], rows["year_2026"][1], rows["year_2026"][2]) == (1.0, 1.5, 0.95)
    words = said(app).replace("\\", "")
    assert "2026: learned on 5 Jan 2026 from 105 weeks of 37 mature branches, unchanged since" in words
    assert "within about 26 weeks" in words
    assert len(app.get("vega_lite_chart")) == 1


def test_a_branch_head_reads_the_index_without_how_many_branches(learned):
    app = rules(learned, "market", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1", language="zh")
    words = said(app).replace("\\", "")
    assert "2026年：于2026年1月5日根据105周的数据学习，此后不变" in words
    assert "37" not in words
    assert frame(app, "year_2026")["year_2026"].iloc[0] == 1.5


def test_whoever_sees_no_branch_reads_the_default_alone(learned):
    app = rules(learned, "market", role=UserRole.SUPERVISOR, username="other")
    assert list(frame(app, "default").columns) == ["month", "default"]
    assert "Nothing is learned yet" in said(app)
    assert not app.get("vega_lite_chart")


def test_the_section_of_the_market_is_reached_from_another_and_left_again(learned):
    app = rules(learned, "cadence")
    for section, heading in (("market", "Season index in use"), ("cadence", "Contact targets")):
        next(one for one in app.get("button_group") if one.key == "how_it_decides_section").set_value(section).run()
        assert not app.exception
        assert heading in [one.value for one in app.subheader]
