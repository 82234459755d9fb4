"""The forms of the threshold lab: try other numbers, save them as a version, withdraw a version not yet in force."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import streamlit as st

from core.language import bracketed
from core.language.days import day_word
from core.limit_rows import Name
from core.stages.limits import RuleValue
from core.stages.rule_check import NOTE_LENGTH, RulesRefusedError, mondays_from, problem_text, range_of, title_of
from pages.parts.conflict import find_conflict, is_at_work, store_edit
from pages.parts.lab_words import group_word, offered_words, profile_words, unit_word
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, now, submit_key, t
from pages.parts.shown import first_shown, forget_shown
from pages.parts.store import lab

TRIED = "lab_tried"
SAVE_FORM = "lab_save"
WITHDRAW_FORM = "lab_withdraw"
WEEKS_AHEAD = 13
COLUMNS = 3
MOST_TRIED = 12
"""Numbers tried together: with more nobody knows which of them did it."""


@dataclass(frozen=True)
class Tried:
    """The change whose effect is shown, and the state of the rules it was tried on."""

    values: tuple[RuleValue, ...]
    profile: str
    rules_state: int


def find_tried() -> Tried | None:
    """Return the change tried last in this tab."""
    return cast("Tried | None", st.session_state.get(TRIED))


def show_try_form() -> None:
    """Take the numbers to try; what is wrong with them is said here, and nothing is shown of them then."""
    ask = current()
    numbers = lab.numbers_now(ask)
    offered = offered_words()
    names: list[Name] = st.multiselect(
        t("Numbers to try"),
        list(offered),
        format_func=offered.__getitem__,
        placeholder=t("Choose one or several"),
        max_selections=MOST_TRIED,
        select_all=False,
        key="threshold_lab_numbers",
    )
    if not names:
        st.caption(t("Nothing changes by trying: only a saved version does, from its Monday on."))
        return
    with st.form("lab_try", border=True, enter_to_submit=False):
        values = _number_inputs(names, numbers)
        words = profile_words()
        others = [profile for profile in words if profile != next(iter(words))]
        profile = st.selectbox(
            t("Second simulated market"), others, format_func=words.__getitem__, key="threshold_lab_profile"
        )
        tries = st.form_submit_button(t("Try"), type="primary", icon=":material/science:", key="threshold_lab_try")
    if not tries:
        return
    st.session_state.pop(TRIED, None)
    try:
        checked = lab.checked(ask, values)
    except RulesRefusedError as refused:
        _show_refusal(refused)
        return
    st.session_state[TRIED] = Tried(checked, profile, lab.rules_state(ask))


def _number_inputs(names: list[Name], now: dict[Name, float]) -> list[RuleValue]:
    found = []
    for place, column in enumerate(names):
        if place % COLUMNS == 0:
            cells = st.columns(COLUMNS, vertical_alignment="bottom")
        least, most, whole = range_of(column)
        with cells[place % COLUMNS]:
            value = st.number_input(
                f"{group_word(column)} · {title_of(language(), column)}{bracketed(language(), unit_word(column))}",
                value=int(now[column]) if whole else now[column],
                step=1 if whole else 0.01,
                format="%d" if whole else "%.4g",
                help=t(
                    "{unit}; from {least} to {most}, now {now}",
                    unit=unit_word(column),
                    least=f"{least:g}",
                    most=f"{most:g}",
                    now=f"{now[column]:.4g}",
                ),
                key=f"threshold_lab_value_{'_'.join(column)}_{now[column]:.6g}",
            )
        if value is not None:
            found.append(RuleValue(*column, float(value)))
    return found


def show_save_form(tried: Tried) -> None:
    """Take the Monday and the reason of a new version, and store it."""
    ask = current()
    with st.form(SAVE_FORM, border=True, enter_to_submit=False):
        day, why = st.columns([1, 3])
        with day:
            valid_from = st.selectbox(
                t("Holds from Monday"),
                mondays_from(ask.today, WEEKS_AHEAD),
                index=1,
                format_func=partial(day_word, language()),
                key="threshold_lab_valid_from",
            )
        with why:
            note = st.text_input(
                t("Why"),
                max_chars=NOTE_LENGTH,
                placeholder=t("Who decided it, and what it is to achieve"),
                key="threshold_lab_note",
            )
        st.caption(t("Weeks before that Monday keep the rules they had; a version in force is never changed."))
        sent = st.form_submit_button(t("Save as a version"), type="primary", key="threshold_lab_save")
    if _stored(
        SAVE_FORM,
        {"valid_from": valid_from, "note": note or ""} if sent else None,
        lambda asked, state: lab.add_version(ask, tried.values, **asked, shown_state=state, key=submit_key(SAVE_FORM)),
        version=tried.rules_state,
    ):
        st.session_state.pop(TRIED, None)
        leave_notice(SAVE_FORM, t("The version of {day} is stored.", day=day_word(language(), valid_from)))
        st.rerun()


def show_withdraw_button(version: lab.StoredVersion) -> None:
    """Offer to withdraw a version that is not in force yet, as it was first shown here."""
    ask, form = current(), f"{WITHDRAW_FORM}_{version.version_id}"
    is_over = version.rules.valid_from <= ask.today or version.withdrawn_at is not None
    if is_over and not is_at_work(form, f"threshold_lab_{form}"):
        forget_shown(form)
        return
    shown = first_shown(form, version)
    waits = find_conflict(form) is not None
    sent = not waits and st.button(t("Withdraw this version"), icon=":material/undo:", key=f"threshold_lab_{form}")
    if _stored(
        form,
        {"withdrawn_at": now()} if sent else None,
        lambda _, number: lab.withdraw_version(ask, replace(shown, version=number), key=submit_key(form)),
        version=shown.version,
        may_insist=False,  # withdrawn once is withdrawn
    ):
        leave_notice(
            SAVE_FORM, t("The version of {day} is withdrawn.", day=day_word(language(), version.rules.valid_from))
        )
        st.rerun()


def show_notice() -> None:
    """Say what became of the last change."""
    notice = take_notice(SAVE_FORM)
    if notice:
        st.success(notice)


def _stored(
    form: str,
    asked: dict[str, Any] | None,
    change: Callable[[dict[str, Any], int], bool],
    *,
    version: int,
    may_insist: bool = True,
) -> bool:
    try:
        return bool(
            store_edit(form, asked, change, version=version, told=lambda one: one, may_insist=lambda _, __: may_insist)
        )
    except RulesRefusedError as refused:
        _show_refusal(refused)
        return False


def _show_refusal(refused: RulesRefusedError) -> None:
    for problem in refused.problems:
        st.error(escaped(problem_text(language(), problem)))
