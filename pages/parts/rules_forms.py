"""The forms by which an administrator adds a rule row: targets, settings, days of the calendar."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

import streamlit as st

from core.cadence.targets import SCOPES, UNITS
from core.calendar import week_start_of
from core.facts import SizeTier, StaffRole, Stage, UserRole
from core.kpis.definitions import kpi_definition, kpi_definitions
from core.language.labels import label
from core.settings import SettingKind
from pages.parts.conflict import store_edit
from pages.parts.session import current, language, renew_submit_key, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store import rules
from pages.parts.store.base import Ask

MOST_TEXT = 200


def may_change(ask: Ask) -> bool:
    """Tell whether the reader may add rule rows."""
    return ask.actor.role is UserRole.ADMIN


def show_cadence_target_form() -> None:
    """Draw the form of a new cadence target."""
    name = "rules_cadence"
    with (
        st.expander(t("Add a target"), icon=":material/add:", key=f"{name}_open"),
        st.form(name, border=False, enter_to_submit=False),
    ):
        st.caption(
            t("A new row holds from the Monday on or after its first day. Rows already in force are never changed.")
        )
        role = st.selectbox(
            t("Role"), list(StaffRole), format_func=lambda one: label(language(), one), key=f"{name}_role"
        )
        stage = st.selectbox(
            t("Stage"),
            [None, *Stage],
            format_func=lambda one: label(language(), one) if one else t("Any stage"),
            key=f"{name}_stage",
        )
        unit = st.selectbox(t("Unit"), UNITS, format_func=unit_words().__getitem__, key=f"{name}_unit")
        low = st.number_input(
            t("At least"), min_value=0.0, max_value=100.0, value=None, step=0.5, key=f"{name}_minimum"
        )
        st.caption(t("Empty ends the target; a daily target is one contact each working day and has no maximum"))
        high = st.number_input(
            t("At most"), min_value=0.0, max_value=100.0, value=None, step=0.5, key=f"{name}_maximum"
        )
        scope = st.selectbox(
            t("Holds for"),
            [None, *SCOPES],
            format_func=lambda one: scope_words()[one or "setting"],
            key=f"{name}_scope",
        )
        valid_from, source = _since_and_source(name, next_monday(current().today))
        if st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit"):
            _store(
                name,
                lambda key: rules.add_cadence_target(
                    current(),
                    role=cast("StaffRole", role),
                    stage=stage,
                    unit=unit,
                    minimum=_decimal(low),
                    maximum=_decimal(high),
                    scope=scope,
                    valid_from=valid_from,
                    source=source,
                    key=key,
                ),
            )


def show_kpi_target_form() -> None:
    """Draw the form of a new KPI target."""
    name = "rules_kpi"
    with (
        st.expander(t("Add a target"), icon=":material/add:", key=f"{name}_open"),
        st.form(name, border=False, enter_to_submit=False),
    ):
        st.caption(t("The row in force on the last day of a period counts. Rows already in force are never changed."))
        kpi = st.selectbox(
            t("KPI"),
            [one.key for one in kpi_definitions()],
            format_func=lambda key: kpi_definition(key).words(language()).title,
            key=f"{name}_kpi",
        )
        tier = st.selectbox(
            t("Size of the branch"),
            [None, *SizeTier],
            format_func=lambda one: label(language(), one) if one else t("Any size"),
            key=f"{name}_tier",
        )
        amount = st.number_input(
            t("Target"),
            min_value=0.0,
            value=None,
            step=0.01,
            format="%.4f",
            help=t("Shares from 0 to 1, money in yuan a month, counts by month; empty ends the target"),
            key=f"{name}_target",
        )
        valid_from, source = _since_and_source(name, current().today)
        if st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit"):
            _store(
                name,
                lambda key: rules.add_kpi_target(
                    current(),
                    kpi=kpi,
                    tier=tier,
                    target=_decimal(amount),
                    valid_from=valid_from,
                    source=source,
                    key=key,
                ),
            )


def show_setting_form(kind: SettingKind) -> None:
    """Draw the form of a new value of one setting."""
    name = f"rules_{kind.key}"
    with (
        st.expander(t("Change from a day on"), icon=":material/add:", key=f"{name}_open"),
        st.form(name, border=False, enter_to_submit=False),
    ):
        value = st.selectbox(
            kind.title(language()),
            kind.accepted,
            format_func=lambda one: scope_words().get(one, one),
            key=f"{name}_value",
        )
        valid_from, source = _since_and_source(name, next_monday(current().today))
        if st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit"):
            _store(
                name,
                lambda key: rules.add_setting(
                    current(), name=kind.key, value=value, valid_from=valid_from, source=source, key=key
                ),
            )


def show_calendar_form() -> None:
    """Draw the form that sets a day off or to work."""
    name, ask = "rules_calendar", current()
    known = rules.calendar_days(ask)
    versions = last_shown(name, dict(zip(known["day"].to_pylist(), known["version"].to_pylist(), strict=True)))
    with st.expander(t("Set a day"), icon=":material/add:", key=f"{name}_open"):
        with st.form(name, border=False, enter_to_submit=False):
            day = st.date_input(t("Day"), value=ask.today, format="YYYY-MM-DD", key=f"{name}_day")
            kind = st.selectbox(t("Kind"), ["off", "work"], format_func=day_words().__getitem__, key=f"{name}_kind")
            holiday = st.text_input(t("Name of the day"), max_chars=MOST_TEXT, key=f"{name}_name")
            source = st.text_input(t("Source"), max_chars=MOST_TEXT, key=f"{name}_source")
            sent = st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit")
        form = f"{name}_{day}"
        try:
            done = store_edit(
                form,
                {"kind": kind, "name": holiday, "source": source} if sent else None,
                lambda asked, version: rules.set_calendar_day(
                    ask, day=day, **asked, shown_version=version, key=submit_key(form)
                ),
                version=versions.get(day, 0),
                told=lambda asked: asked,
            )
        except rules.RuleRefusedError as refused:
            st.error(_mistake_words()[refused.mistake])
            return
    if done:
        _say_stored()


def unit_words() -> dict[str, str]:
    """Return the words of the units of a cadence target."""
    return {"day": t("Each working day"), "week": t("A week")}


def scope_words() -> dict[str, str]:
    """Return the words of what a cadence target holds for."""
    return {
        "setting": t("As the setting says"),
        "role": t("The role as a group at one branch"),
        "person": t("Each person in the role"),
    }


def day_words() -> dict[str, str]:
    """Return the words of the kinds of days."""
    return {"off": t("Day off"), "work": t("Working day")}


def next_monday(day: date) -> date:
    """Return the first Monday after a day."""
    return week_start_of(day) + timedelta(weeks=1)


def _since_and_source(name: str, first: date) -> tuple[date, str]:
    valid_from = st.date_input(
        t("Valid from"), value=first, min_value=current().today, format="YYYY-MM-DD", key=f"{name}_valid_from"
    )
    source = st.text_input(
        t("Source"), max_chars=MOST_TEXT, help=t("Who decided it, and where it is written"), key=f"{name}_source"
    )
    return valid_from, source


def _decimal(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def _store(form: str, write: Callable[[str], None]) -> None:
    try:
        write(submit_key(form))
    except rules.RuleRefusedError as refused:
        st.error(_mistake_words()[refused.mistake])
        return
    renew_submit_key(form)
    _say_stored()


def _say_stored() -> None:
    st.toast(t("Stored"), icon=":material/check:")
    st.rerun()


def _mistake_words() -> dict[str, str]:
    return {
        "starts_in_the_past": t("Choose today or a later day: past weeks keep the rules they had."),
        "source_missing": t("Say where this comes from, in at most 200 characters."),
        "name_missing": t("Give the day a name, in at most 200 characters."),
        "same_day_exists": t("There is already a row that begins on this day. Choose another day."),
        "unknown_value": t("Choose one of the values offered."),
        "out_of_range": t("This number is out of range: contacts from 0 to 100, shares from 0 to 1, nothing negative."),
        "daily_is_one": t("A daily target is one contact each working day: enter 1 (or 0), and no maximum."),
        "maximum_below_minimum": t("The maximum is below the minimum."),
        "maximum_without_minimum": t("Give a minimum, or leave both empty to end the target."),
    }
