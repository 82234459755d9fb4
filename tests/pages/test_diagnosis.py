"""The gap diagnosis over eight branches alike, of which li's first sold nothing in the last 13 weeks."""

from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import UserRole
from core.planning.diagnosis import DiagnosedCause, DiagnosisEntry, DiagnosisState, Gap
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from db.diagnoses import diagnoses, diagnosis_actions
from db.diagnosis_changes import change_diagnosis, close_diagnosis, diagnose
from db.engine import reading, writing
from pages.parts.session import today
from tests.builders import ADMIN, supervisor
from tests.screens import both_values, screen

KPI = "branch_activity_rate"
FORM = "diagnosis_team:li_None_branch_activity_rate_four_weeks_"
ASKED = {"gap_scope": "team:li", "gap_kpi": KPI, "gap_period": "four_weeks"}


@pytest.fixture
def store(review_store):
    return review_store


def opened(store, query=None, **more):
    return screen(store, "diagnosis", role=UserRole.SUPERVISOR, username="li", query=query, **more)


def form_of():
    return FORM + (last_complete_week(today()) - timedelta(weeks=3)).isoformat()


def words_of(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.error, app.info)
    return " ".join(one.value for kind in kinds for one in kind).replace("\\", "")


def stored(actor=ADMIN, day=None):
    with reading() as session:
        return diagnoses(session, actor=actor, today=day or today())


def diagnosed(app, *, causes=("C02",), evidence=True):
    """Choose causes, say what shows them, and store the diagnosis."""
    form = form_of()
    app.multiselect(key=f"{form}_causes").set_value(list(causes)).run()
    for code in causes if evidence else ():
        app.text_input(key=f"{form}_{code}_evidence").set_value("到场率不到40%")
    app.text_input(key=f"{form}_expected").set_value("到复盘时两家都开单")
    app.button(key=f"{form}_save").click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_store_says_what_to_do(sqlite_store, language):
    app = screen(sqlite_store, "diagnosis", language=language)
    assert app.title[0].value == {"en": "Gap diagnosis", "zh": "差异诊断"}[language]
    assert len(app.get("page_link")) == 1


def test_before_the_first_one_the_list_says_where_to_begin(store):
    app = opened(store)
    assert "No gap is diagnosed yet" in words_of(app)
    app.toggle(key="diagnosis_new").set_value(True).run()
    assert app.selectbox(key="gap_scope").value == "team:li"
    assert not app.exception


def test_a_cause_brings_its_questions_and_its_actions(store):
    """R75 on the screen: skill offers coaching, invitations offer their wording."""
    app = opened(store, ASKED)
    form = form_of()
    causes = app.multiselect(key=f"{form}_causes")
    assert [one[:3] for one in causes.options[:7]] == ["C01", "C02", "C03", "C09", "C25", "C26", "C27"]
    told = [one for box in app.selectbox for one in box.options]
    assert "Branch activity rate: 50.0% against 60.0% (-10.0 points)" in told
    assert "The season does not explain it" in words_of(app)
    causes.set_value(["C02", "C01"]).run()
    assert "How many were invited, confirmed, came?" in words_of(app)
    assert "Who failed the pass test?" in words_of(app)
    first = {code: app.selectbox(key=f"{form}_{code}_action") for code in ("C02", "C01")}
    assert first["C02"].value == "repair_invitations"
    assert first["C01"].value == "targeted_drill"
    assert app.multiselect(key=f"{form}_C02_branches").value == [1]  # the idle one; the other is offered
    assert len(app.multiselect(key=f"{form}_C02_branches").options) == 2
    assert app.multiselect(key=f"{form}_C01_branches").value == []


def test_what_is_stored_stands_in_the_list_and_opens_with_its_actions(store):
    app = diagnosed(opened(store, ASKED))
    (found,) = stored()
    assert (found.owner, [one.code for one in found.causes], found.causes[0].branch_ids) == ("li", ["C02"], (1,))
    assert app.query_params["diagnosis"] in (str(found.diagnosis_id), [str(found.diagnosis_id)])
    assert "gap_kpi" not in app.query_params
    words = words_of(app)
    assert "new actions: 1, open there already: 0" in words
    assert "50.0%" in words
    assert "到场率不到40%" in words
    tables = [one.value for one in app.dataframe]
    assert list(tables[0]["kpi"]) == ["Branch activity rate"]
    assert [len(one) for one in tables] == [1, 1]
    with reading() as session:
        ((_, action),) = diagnosis_actions(session, actor=ADMIN, diagnosis_id=found.diagnosis_id, today=today())
    assert (action.action_key, action.owner) == ("repair_invitations", "li")
    app.button(key="diagnosis_back").click().run()
    assert "diagnosis" not in app.query_params


def test_what_is_missing_is_said_and_nothing_stored(store):
    app = diagnosed(opened(store, ASKED), evidence=False)
    assert "This cannot stay empty" in words_of(app)
    assert stored() == ()
    form = form_of()
    app.multiselect(key=f"{form}_causes").set_value(["C25"]).run()
    app.text_input(key=f"{form}_C25_evidence").set_value("系统升级")
    app.button(key=f"{form}_save").click().run()
    assert "Only C26, C27, C28 may close" in words_of(app)


def test_a_cause_that_asks_for_nothing_closes_the_gap_at_once(store):
    app = diagnosed(opened(store, ASKED), causes=("C26",))
    (found,) = stored()
    assert found.state is DiagnosisState.NO_ACTION
    assert "Closed, no action" in words_of(app)
    assert not [one for one in app.text_area if one.key and "review" in one.key]


def test_the_same_gap_is_not_diagnosed_twice(store):
    diagnosed(opened(store, ASKED))
    app = screen(store, "diagnosis", query=ASKED)
    diagnosed(app)
    assert "was diagnosed already" in words_of(app)
    assert len(stored()) == 1


@pytest.fixture
def running(store):
    """A diagnosis four weeks old whose review is due; its owner is li."""
    day, end = today() - timedelta(weeks=4), last_complete_week(today()) - timedelta(days=22)
    gap = Gap(KPI, PeriodKind.FOUR_WEEKS, end - timedelta(days=27), end, end, 0.42, 0.6, 1.0, 0.5)
    entry = DiagnosisEntry(
        gap=gap,
        scope=ReviewScope(ScopeKind.TEAM, "li"),
        branch_id=None,
        causes=(DiagnosedCause("C02", "到场率不到40%", "repair_invitations", (1,)),),
        owner="li",
        due_on=day + timedelta(days=14),
        expected="两家都开单",
        review_on=today(),
    )
    with writing(store) as session:
        return diagnose(session, actor=supervisor("li"), entry=entry, today=day, key="running").diagnosis_id


def page(store, number, username="wu", role=UserRole.ADMIN, **more):
    return screen(store, "diagnosis", role=role, username=username, query={"diagnosis": str(number)}, **more)


def test_the_review_shows_then_and_now_and_closes_it(store, running):
    app = page(store, running)
    words = words_of(app)
    assert "| Actual | 42.0% | 50.0% |" in words
    assert "| Gap to target | -18.0 points | -10.0 points |" in words
    form = f"diagnosis_review_{running}"
    app.text_area(key=f"{form}_result").set_value("一家仍未开单")
    app.button(key=f"{form}_save").click().run()
    assert "Lesson: This cannot stay empty" in words_of(app)
    app.text_area(key=f"{form}_lesson").set_value("先约后办")
    app.button(key=f"{form}_save").click().run()
    assert not app.exception
    (found,) = stored()
    assert (found.state, found.result, found.lesson) == (DiagnosisState.CLOSED, "一家仍未开单", "先约后办")
    assert found.now.actual == 0.5
    assert "At the review" in words_of(app)
    assert "先约后办" in words_of(app)


def test_it_can_be_handed_on_and_two_who_do_so_choose(store, running):
    app = page(store, running)
    form = f"diagnosis_change_{running}"
    app.toggle(key=f"{form}_open").set_value(True).run()
    assert app.selectbox(key=f"{form}_owner").value == "li"
    with writing() as session:
        change_diagnosis(
            session,
            actor=supervisor("li"),
            diagnosis_id=running,
            owner="li",
            review_on=today() + timedelta(days=5),
            shown_version=1,
            today=today(),
            key="other",
        )
    app.selectbox(key=f"{form}_owner").set_value("wu")
    app.button(key=f"{form}_save").click().run()
    assert both_values(app)["Owner"] == ("li", "wu")
    app.button(key=f"{form}_store_mine").click().run()
    assert not app.exception
    (found,) = stored()
    assert (found.owner, found.review_on, found.version) == ("wu", today(), 3)


def changed_meanwhile(number, **given):
    with writing() as session:
        values = {"owner": "li", "review_on": today() + timedelta(days=5), "shown_version": 1} | given
        key = f"other {values}"
        change_diagnosis(session, actor=supervisor("li"), diagnosis_id=number, **values, today=today(), key=key)


def test_an_owner_changed_while_the_form_was_open_is_not_taken_back_by_moving_the_day(store, running):
    """The form keeps what it was filled with through any rerun; what is kept or stored then fills it anew."""
    app = page(store, running)
    form, later = f"diagnosis_change_{running}", today() + timedelta(days=9)
    app.toggle(key=f"{form}_open").set_value(True).run()
    changed_meanwhile(running, owner="wu")
    app.run()
    app.date_input(key=f"{form}_day").set_value(later)
    app.button(key=f"{form}_save").click().run()
    assert both_values(app)["Owner"] == ("wu", "li")
    assert (stored()[0].owner, stored()[0].version) == ("wu", 2)
    app.button(key=f"{form}_keep_stored").click().run()
    owner = next(one for one in app.selectbox if one.key.startswith(f"{form}_owner"))
    day = next(one for one in app.date_input if one.key.startswith(f"{form}_day"))
    assert (owner.value, day.value) == ("wu", today() + timedelta(days=5))
    day.set_value(later)
    app.button(key=f"{form}_save").click().run()
    assert (stored()[0].owner, stored()[0].review_on, stored()[0].version) == ("wu", later, 3)
    changed_meanwhile(running, shown_version=3)
    app.toggle(key=f"{form}_open").set_value(False).run()
    app.toggle(key=f"{form}_open").set_value(True).run()
    assert next(one for one in app.selectbox if one.key.startswith(f"{form}_owner")).value == "li"
    assert not app.exception


def test_whoever_writes_the_review_while_a_colleague_closes_it_is_told(store, running):
    app = page(store, running)
    form = f"diagnosis_review_{running}"
    with writing() as session:
        close_diagnosis(
            session,
            actor=supervisor("li"),
            diagnosis_id=running,
            result="一家开单",
            lesson="先约后办",
            figure=None,
            shown_version=1,
            today=today(),
            key="other",
        )
    app.text_area(key=f"{form}_result").set_value("仍未开单")
    app.text_area(key=f"{form}_lesson").set_value("换主题")
    app.button(key=f"{form}_save").click().run()
    assert not app.exception
    assert both_values(app)["Result"] == ("一家开单", "仍未开单")
    assert not [one for one in app.button if one.key == f"{form}_store_mine"]
    app.button(key=f"{form}_keep_stored").click().run()
    assert not app.exception
    assert not app.text_area
    assert stored()[0].result == "一家开单"


@pytest.mark.parametrize("number", ["99", "x", "1" * 30])
def test_an_address_that_names_none_of_ones_own_says_so(store, number):
    app = opened(store, {"diagnosis": number})
    assert [one.value for one in app.warning] == ["There is no such diagnosis among yours. Choose one of the list."]


def test_a_foreign_team_sees_nothing_of_it(store, running):
    app = page(store, running, username="wang", role=UserRole.SUPERVISOR)
    assert app.warning
    assert not app.dataframe


def test_today_leads_its_owner_to_the_review(store, running):
    app = screen(store, "today", role=UserRole.SUPERVISOR, username="li")
    table = app.dataframe[0].value
    place = table["kind"].tolist().index("Gap review due")
    assert table["reason"][place].startswith("To be reviewed from")
    app.get("button_group")[0].set_value(["diagnosis_due"]).run()
    assert not app.exception
    assert "To be reviewed from" in words_of(app)
    links = [one.proto for one in app.get("page_link")]
    assert [(one.page, one.query_string) for one in links if "diagnosis" in one.page] == [
        ("diagnosis", f"diagnosis={running}")
    ]


def test_the_card_of_a_kpi_below_its_target_leads_to_its_diagnosis(store):
    app = screen(store, "figures", query={"figures_scope": "team:li"})
    next(one for one in app.get("button_group") if one.key == "figures_period").set_value("four_weeks")
    app.run()
    app.session_state["figures_cards"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    buttons = [one.key for one in app.button if one.key and one.key.startswith("figures_diagnose_")]
    assert buttons == [f"figures_diagnose_{KPI}"]
    app.button(key=buttons[0]).click().run()
    assert not app.exception
    assert app.title[0].value == "Gap diagnosis"
    assert app.selectbox(key="gap_scope").value == "team:li"
    assert next(one for one in app.selectbox if one.key.startswith("gap_kpi")).value == KPI


def test_every_part_is_in_chinese(store, running):
    app = page(store, running, language="zh")
    words = words_of(app)
    assert "季节调整后差异" in words
    assert not any(word in words for word in ("Target", "Cause", "Review", "Gap", "Actual", "Owner"))
