"""The Figures screen over eight branches alike, up to the last complete week of today."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.calendar import month_end
from core.facts import UserRole
from core.kpis.definitions import kpi_definition
from core.language.days import month_word
from core.review.official import OfficialMeasure
from core.review.scope import ReviewScope, ScopeKind
from db.engine import reading, writing
from db.models import OfficialTotalRow
from db.official_totals import official_totals
from tests.builders import ADMIN, add_branch
from tests.screens import both_values, screen

VIEWS = ("cards", "flow", "gap", "official", "wall", "weak")


@pytest.fixture
def store(review_store):
    return review_store


def figures(store, view="cards", **more):
    return screen(store, "figures", query={"figures_view": view}, **more)


def day_of(words):
    """Return the day an English choice names."""
    return datetime.strptime(words, "%d %b %Y").date()  # noqa: DTZ007  # a day has no time zone


def words_of(app):
    return " ".join(one.value for kind in (app.markdown, app.caption, app.subheader) for one in kind)


def frame(app, column):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def pick(app, table, row):
    app.session_state[table] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception


def card_of(app, row=0):
    """Pick a KPI and return the rows behind it."""
    pick(app, "figures_cards", row)
    return frame(app, "numerator")


def chart_rows(app):
    return [one.proto.alt for one in app.get("vega_lite_chart")]


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_store_says_what_to_do(sqlite_store, view):
    app = figures(sqlite_store, view)
    assert "There are no branches yet." in words_of(app)
    assert app.get("vega_lite_chart") == []


def test_branches_without_policies_are_not_said_to_be_missing(sqlite_store):
    with writing(sqlite_store) as session:
        add_branch(session, "B1")
    shown = words_of(figures(sqlite_store))
    assert "No policies yet" in shown
    assert "There are no branches" not in shown


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_in_chinese_without_a_word_of_english(store, view):
    app = figures(store, view, language="zh")
    assert app.title[0].value == "指标解读"
    assert not any(word in words_of(app) for word in ("Target", "Peers", "week", "branches"))


def test_the_card_says_what_the_figure_is_and_what_it_is_made_of(store):
    app = figures(store)
    cards = frame(app, "baseline")
    assert list(cards["kpi"])[:3] == ["Branch activity rate", "Zero-output share", "Policies per branch"]
    assert cards["peers"][0] == "–"
    assert "Formula" not in words_of(app)
    rows = card_of(app)
    words = words_of(app)
    for part in ("Formula", "Unit", "Interval", "Counted up to", "Target", "Peers", "Own level", "Source"):
        assert f"**{part}**" in words
    assert "Official total" not in words
    assert list(rows["branch_code"]) == [f"B{number}" for number in range(8)]
    assert {"figures_rows_csv", "figures_rows_xlsx", "figures_cards_csv"} <= {
        one.proto.id.split("-")[-1] for one in app.get("download_button")
    }


def test_a_click_on_a_branch_lists_the_policies_or_contacts_of_the_period(store):
    app = figures(store)
    card_of(app)
    assert "Policies behind it" not in words_of(app)
    app.segmented_control(key="figures_period").set_value("four_weeks").run()
    pick(app, "figures_rows", 1)
    assert "Policies behind it · B1" in words_of(app)
    policies = frame(app, "payment_mode")
    assert list(policies["premium"]) == [10_000.0] * 4
    assert set(policies["staff_code"]) == {"S1"}
    kpis = list(frame(app, "baseline")["kpi"])
    pick(app, "figures_cards", kpis.index(kpi_definition("contact_attainment").words("en").title))
    assert "Contacts behind it · B1" in words_of(app)
    assert len(frame(app, "method")) == 4


def test_another_scope_another_branch_and_another_period_change_the_figures(store):
    app = figures(store)
    app.selectbox(key="figures_scope").set_value("team:li").run()
    assert list(card_of(app)["branch_code"]) == ["B0", "B1"]
    assert frame(app, "baseline")["peers"][2] != "–"
    app.selectbox(key="figures_branch_team:li").set_value("B1").run()
    assert list(card_of(app)["branch_code"]) == ["B1"]
    whole = frame(app, "baseline")["value"][2]
    next(one for one in app.get("button_group") if one.key == "figures_period").set_value("quarter")
    app.run()
    assert frame(app, "baseline")["value"][2] == "13.00" != whole


def test_an_earlier_week_is_answered_as_of_its_end(store):
    app = figures(store)
    weeks = app.selectbox(key="figures_week").options
    earlier = day_of(weeks[20])
    app.selectbox(key="figures_week").set_value(earlier).run()
    assert month_word("en", earlier + timedelta(days=6)) in words_of(app).replace("\\", "")


def test_the_gap_is_split_to_the_fen_with_words_about_what_it_is_held_against(store):
    app = figures(store, "gap")
    assert "No premium target is set" in words_of(app)
    parts = [float(words.replace(",", "")) for words in frame(app, "wanted")["gap"]]
    assert sum(round(part * 100) for part in parts[:-1]) == round(parts[-1] * 100)
    assert chart_rows(app) == ["Premium wanted, what each factor adds or takes, premium reached"]


def test_the_flow_is_between_two_weeks_of_ones_choice_in_either_order(store):
    app = figures(store, "flow")
    weeks = app.selectbox(key="figures_before").options
    assert app.selectbox(key="figures_after").value == day_of(weeks[0])
    app.selectbox(key="figures_after").set_value(day_of(weeks[30])).run()
    assert not app.exception
    assert len(chart_rows(app)) == 1


def test_the_wall_shows_the_branches_and_what_the_signs_mean(store):
    app = figures(store, "wall")
    assert "✓ Met" in words_of(app)
    assert "Logging coverage" in words_of(app)
    assert chart_rows(app) == ["Status of the contacts of each branch by week"]


def test_weak_spots_name_the_branch_the_kpi_and_what_is_missing(store):
    rows = frame(figures(store, "weak"), "kpi_word")
    stopped = rows[rows["branch_code"] == "B0"]
    assert list(stopped["place"]) == [1, 2]
    assert stopped["lag"].iloc[0] == 100.0


@pytest.mark.parametrize(
    ("role", "bound", "branches"),
    [
        pytest.param(UserRole.MANAGER, {"region_path": "东区分公司"}, 8, id="manager"),
        pytest.param(UserRole.SUPERVISOR, {"username": "li"}, 2, id="supervisor"),
        pytest.param(UserRole.BRANCH_HEAD, {"branch_code": "B1"}, 1, id="branch head"),
    ],
)
def test_everybody_sees_his_own_branches_and_peers_of_five_at_least(store, role, bound, branches):
    app = figures(store, role=role, **({"username": "somebody"} | bound))
    assert len(card_of(app)) == branches
    assert (frame(app, "baseline")["peers"][2] == "–") == (role is UserRole.MANAGER)
    views = next(one for one in app.get("button_group") if one.key == "figures_view")
    assert ("Official totals" in [option.content for option in views.proto.options]) == (role is UserRole.MANAGER)


@pytest.mark.parametrize(
    ("bound", "asked", "branches"),
    [
        pytest.param({"role": UserRole.ADMIN}, "team:li", 2, id="own"),
        pytest.param({"role": UserRole.ADMIN}, "team:nobody", 8, id="nobody's"),
        pytest.param({"role": UserRole.SUPERVISOR, "username": "li"}, "team:wang", 2, id="not one's own"),
        pytest.param({"role": UserRole.SUPERVISOR, "username": "li"}, "all", 2, id="wider"),
    ],
)
def test_a_scope_in_the_address_is_shown_where_it_is_ones_own(store, bound, asked, branches):
    app = screen(store, "figures", query={"figures_scope": asked}, **bound)
    assert len(card_of(app)) == branches


def fill_form(app, amount, source="经营月报"):
    app.text_input(key="official_amount").set_value(amount)
    app.text_input(key="official_source").set_value(source)
    app.button(key="official_save").click().run()
    assert not app.exception


def totals(store):
    with reading(store) as session:
        return [(one.scope, one.measure, one.amount) for one in official_totals(session, actor=ADMIN)]


def test_an_official_total_is_stored_and_stands_beside_ours_on_its_card(store):
    app = figures(store, "official")
    month = app.selectbox(key="official_month").value
    fill_form(app, "12,400,000.50")
    assert totals(store) == [(ReviewScope(ScopeKind.ALL), OfficialMeasure.SCALE_PREMIUM, 1_240_000_050)]
    assert list(frame(app, "measure")["amount"]) == [12_400_001]
    app.selectbox(key="official_measure").set_value(OfficialMeasure.POLICIES)
    fill_form(app, "30")
    assert {amount for *_, amount in totals(store)} == {1_240_000_050, 30}
    weeks = [day_of(week) for week in app.selectbox(key="figures_week").options]
    last = next(week for week in weeks if week <= month_end(month) - timedelta(days=4))
    app.selectbox(key="figures_week").set_value(last).run()
    next(one for one in app.get("button_group") if one.key == "figures_view").set_value("cards")
    app.run()
    pick(app, "figures_cards", list(frame(app, "baseline")["kpi"]).index("Scale premium"))
    assert "**Official total**: ours" in words_of(app)


def test_a_total_entered_by_mistake_is_taken_back(store):
    app = figures(store, "official")
    fill_form(app, "5")
    pick(app, "official_totals", 0)
    app.button(key="official_remove").click().run()
    assert not app.exception
    assert totals(store) == []
    assert "is taken back" in app.success[0].value
    assert not app.warning


def test_a_total_a_colleague_corrected_meanwhile_is_not_taken_back_unseen(store):
    app = figures(store, "official")
    fill_form(app, "5")
    pick(app, "official_totals", 0)
    with writing(store) as session:
        row = session.scalars(select(OfficialTotalRow)).one()
        row.amount, row.version = 700, row.version + 1
    app.button(key="official_remove").click().run()
    assert not app.exception
    assert ("7.00", "5.00") in both_values(app).values()
    assert len(totals(store)) == 1


@pytest.mark.parametrize(
    ("amount", "source", "refused"),
    [
        pytest.param("12万", "经营月报", "is not an amount in yuan", id="no number"),
        pytest.param("5", " ", "cannot stay empty", id="no source"),
    ],
)
def test_a_bad_total_is_refused_with_what_would_be_right(store, amount, source, refused):
    app = figures(store, "official")
    fill_form(app, amount, source)
    assert refused in " ".join(one.value for one in app.error)
    assert totals(store) == []


def test_policies_are_whole_numbers(store):
    app = figures(store, "official")
    app.selectbox(key="official_measure").set_value(OfficialMeasure.POLICIES)
    fill_form(app, "12.5")
    assert "Enter a whole number" in app.error[0].value
    assert totals(store) == []
