from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import StaffRole, UserRole
from core.language.days import day_word
from db.engine import writing
from db.rollups import rebuild_rollups
from pages.parts.session import today
from tests.builders import add_branch, add_contact, add_staff
from tests.screens import screen

VIEWS = ("roles", "branches", "units", "people")


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def world(store):
    """B1 of li with a teller met last week; B2 of wang with a seller nobody met."""
    last_week = last_complete_week(today())
    with writing(store) as session:
        one = add_branch(session, "B1", supervisor="li")
        teller = add_staff(session, one, "S1", role=StaffRole.TELLER)
        add_contact(session, one, last_week, staff=teller, topic="career", minutes=20)
        two = add_branch(session, "B2", supervisor="wang", region="西区分公司")
        add_staff(session, two, "S2", role=StaffRole.WEALTH_MANAGER)
        rebuild_rollups(session)
    return last_week


def cadence(store, **more):
    return screen(store, "cadence", **more)


def words_of(app):
    return " ".join(one.value for kind in (app.markdown, app.caption, app.subheader) for one in kind)


def frame(app, column):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def charts(app):
    return [one.proto.alt for one in app.get("vega_lite_chart")]


def test_without_contacts_the_screen_says_what_to_do(store):
    app = cadence(store)
    assert "No contacts yet. Log one, or import the contacts made so far." in words_of(app)
    assert app.get("vega_lite_chart") == []


def test_a_branch_head_without_contacts_is_told_who_logs_them(store):
    with writing(store) as session:
        add_branch(session, "B1")
    app = cadence(store, role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert "Your supervisor logs talks and visits." in words_of(app)


def test_the_last_week_shows_each_role_with_what_is_due_and_done(store, world):
    app = cadence(store)
    tiles = {one.label: one.value for one in app.metric}
    assert tiles["Teller"] == "100%"
    assert tiles["Wealth manager"] == "0%"
    assert tiles["Branch head"] == "–"
    assert day_word("en", world) in words_of(app)


def test_the_table_of_weeks_begins_with_the_newest(store, world):
    weeks = list(frame(cadence(store), "target_max")["week_start"])
    assert weeks[0] == world
    assert weeks == sorted(weeks, reverse=True)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_is_drawn_from_its_address_in_both_languages(store, world, view, language):
    app = cadence(store, query={"cadence_view": view}, language=language)
    assert next(one for one in app.button_group if one.key == "cadence_view").value == view
    assert app.get("vega_lite_chart") or view == "people"


def test_an_unknown_view_in_the_address_gives_the_first(store, world):
    app = cadence(store, query={"cadence_view": "secrets"})
    assert "Contacts missing and contacts above the maximum by week" in charts(app)


def test_by_role_each_role_has_a_chart_and_the_table_has_the_figures(store, world):
    app = cadence(store)
    assert "Contacts with the role Teller by week against the target" in charts(app)
    rows = frame(app, "target_max")
    last = rows[(rows["role"] == "Teller") & (rows["week_start"].astype(str) == str(world))].iloc[0]
    assert (last["due"], last["actual"], last["short"], last["above"]) == (1, 1, 0, 0)


def test_choosing_roles_leaves_the_other_charts_out(store, world):
    app = cadence(store)
    next(one for one in app.button_group if one.key == "cadence_roles").set_value([StaffRole.TELLER]).run()
    assert [alt for alt in charts(app) if alt.startswith("Contacts with the role")] == [
        "Contacts with the role Teller by week against the target"
    ]


def test_another_view_is_kept_in_the_address(store, world):
    app = cadence(store)
    next(one for one in app.button_group if one.key == "cadence_view").set_value("units").run()
    assert app.query_params["cadence_view"] == "units"
    rows = frame(app, "deep_share")
    assert list(rows["key"]) == ["wang", "li"]


def test_the_units_can_be_regions_and_show_depth_and_logging(store, world):
    app = cadence(store, query={"cadence_view": "units", "cadence_unit": "region"})
    rows = frame(app, "deep_share").set_index("key")
    assert rows["deep_share"]["东区分公司/云州中支"] == 100
    assert rows["contacts"]["西区分公司"] == 0


def test_people_without_a_contact_are_listed(store, world):
    app = cadence(store, query={"cadence_view": "people"})
    assert list(frame(app, "staff_name")["staff_name"]) == ["员工S2"]


def test_a_longer_time_lists_those_reached_before_it_too(store, world):
    with writing(store) as session:
        branch = add_branch(session, "B3")
        person = add_staff(session, branch, "S3", role=StaffRole.TELLER)
        add_contact(session, branch, today() - timedelta(weeks=8), staff=person)
        rebuild_rollups(session)
    app = cadence(store, query={"cadence_view": "people"})
    next(one for one in app.button_group if one.key == "cadence_since").set_value(4).run()
    assert list(frame(app, "staff_name")["staff_name"]) == ["员工S2", "员工S3"]


def test_a_supervisor_sees_own_branches_only(store, world):
    app = cadence(store, role=UserRole.SUPERVISOR, username="li", query={"cadence_view": "units"})
    assert list(frame(app, "deep_share")["key"]) == ["Li"]


def test_a_filter_that_fits_no_branch_says_so(store, world):
    app = cadence(store, query={"cadence_stage": "mature"})
    assert "No branch matches these filters. Take one of them off." in words_of(app)
