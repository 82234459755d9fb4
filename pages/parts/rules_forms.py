"""The forms by which an administrator adds a rule row: targets, settings, days of the calendar."""

from datetime import date, timedelta
from decimal import Decimal
from typing import cast

import streamlit as st

from core.cadence.targets import SCOPES, UNITS
from core.calendar import is_of_past_week, week_start_of
from core.coaching.problems import MOST_RULE_TEXT
from core.facts import SizeTier, StaffRole, Stage, UserRole
from core.kpis.definitions import kpi_definition, kpi_definitions
from core.language.labels import label
from core.settings import SettingKind
from pages.parts.rule_store import replaced_caption, store_rule
from pages.parts.session import current, language, t
from pages.parts.shown import last_shown
from pages.parts.store import rules
from pages.parts.store.base import Ask


def may_change(ask: Ask) -> bool:
    """Tell whether the reader may add rule rows."""
    return ask.actor.role is UserRole.ADMIN


def show_cadence_target_form() -> None:
    """Draw the form of a cadence target."""
    name, ask = "rules_cadence", current()
    rows = rules.cadence_targets(ask, language()).select(["role", "stage", "valid_from", "version"]).to_pylist()
    versions = last_shown(name, {(row["role"], row["stage"], row["valid_from"]): row["version"] for row in rows})
    with st.expander(t("Add a target"), icon=":material/add:", key=f"{name}_open"):
        with st.form(name, border=False, enter_to_submit=False):
            st.caption(
                t("A new row holds from the Monday on or after its first day. Rows already in force are never changed.")
            )
            st.caption(replaced_caption())
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
            valid_from, source = _since_and_source(name, next_monday(ask.today))
            sent = st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit")
        entry = {"unit": unit, "minimum": _decimal(low), "maximum": _decimal(high), "scope": scope, "source": source}
        if store_rule(
            f"{name}_{role}_{stage}_{valid_from}",
            entry if sent else None,
            lambda asked, shown, key: rules.add_cadence_target(
                ask,
                role=cast("StaffRole", role),
                stage=stage,
                valid_from=valid_from,
                **asked,
                shown_version=shown,
                key=key,
            ),
            version=versions.get((role, stage or "any", valid_from), 0),
        ):
            _say_stored()


def show_kpi_target_form() -> None:
    """Draw the form of a KPI target."""
    name, ask = "rules_kpi", current()
    versions = last_shown(name, {(row.kpi, row.tier, row.valid_from): row.version for row in rules.kpi_targets(ask)})
    with st.expander(t("Add a target"), icon=":material/add:", key=f"{name}_open"):
        with st.form(name, border=False, enter_to_submit=False):
            st.caption(
                t("The row in force on the last day of a period counts. Rows already in force are never changed.")
            )
            st.caption(replaced_caption())
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
            valid_from, source = _since_and_source(name, ask.today)
            sent = st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit")
        if store_rule(
            f"{name}_{kpi}_{tier}_{valid_from}",
            {"minimum": _decimal(amount), "source": source} if sent else None,
            lambda asked, shown, key: rules.add_kpi_target(
                ask,
                kpi=kpi,
                tier=tier,
                target=asked["minimum"],
                valid_from=valid_from,
                source=asked["source"],
                shown_version=shown,
                key=key,
            ),
            version=versions.get((kpi, tier, valid_from), 0),
        ):
            _say_stored()


def show_setting_form(kind: SettingKind) -> None:
    """Draw the form of a new value of one setting."""
    name, ask = f"rules_{kind.key}", current()
    rows = [row for row in rules.settings(ask) if row.key == kind.key]
    versions = last_shown(name, {row.valid_from: row.version for row in rows})
    with st.expander(t("Change from a day on"), icon=":material/add:", key=f"{name}_open"):
        with st.form(name, border=False, enter_to_submit=False):
            st.caption(replaced_caption())
            value = st.selectbox(
                kind.title(language()),
                kind.accepted,
                format_func=lambda one: scope_words().get(one, one),
                key=f"{name}_value",
            )
            valid_from, source = _since_and_source(name, next_monday(ask.today))
            sent = st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit")
        if store_rule(
            f"{name}_{valid_from}",
            {"value": value, "source": source} if sent else None,
            lambda asked, shown, key: rules.add_setting(
                ask, name=kind.key, valid_from=valid_from, **asked, shown_version=shown, key=key
            ),
            version=versions.get(valid_from, 0),
        ):
            _say_stored()


def show_calendar_form() -> None:
    """Draw the form that sets a day off or to work."""
    name, ask = "rules_calendar", current()
    known = rules.calendar_days(ask)
    versions = last_shown(name, dict(zip(known["day"].to_pylist(), known["version"].to_pylist(), strict=True)))
    with st.expander(t("Set a day"), icon=":material/add:", key=f"{name}_open"):
        day = st.date_input(t("Day"), value=ask.today, format="YYYY-MM-DD", key=f"{name}_day")
        is_past = is_of_past_week(day, ask.today)
        if is_past:
            st.warning(
                t(
                    "This week is over. Its targets and figures, and the stages from then on, are worked out anew; "
                    "stages that change are marked as restated. Reviews that were held keep the figures they showed. "
                    "Say why."
                )
            )
        with st.form(name, border=False, enter_to_submit=False):
            kind = st.selectbox(t("Kind"), ["off", "work"], format_func=day_words().__getitem__, key=f"{name}_kind")
            entry = {
                "kind": kind,
                "name": st.text_input(t("Name of the day"), max_chars=MOST_RULE_TEXT, key=f"{name}_name"),
                "source": st.text_input(t("Source"), max_chars=MOST_RULE_TEXT, key=f"{name}_source"),
            }
            if is_past:
                entry["reason"] = st.text_input(
                    t("Why the past changes"), max_chars=MOST_RULE_TEXT, key=f"{name}_reason"
                )
            sent = st.form_submit_button(t("Store"), type="primary", key=f"{name}_submit")
        if store_rule(
            f"{name}_{day}",
            entry if sent else None,
            lambda asked, shown, key: rules.set_calendar_day(ask, day=day, **asked, shown_version=shown, key=key),
            version=versions.get(day, 0),
            told=lambda asked: {one: word for one, word in asked.items() if one != "reason"},
        ):
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
        t("Source"), max_chars=MOST_RULE_TEXT, help=t("Who decided it, and where it is written"), key=f"{name}_source"
    )
    return valid_from, source


def _decimal(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def _say_stored() -> None:
    st.toast(t("Stored"), icon=":material/check:")
    st.rerun()
