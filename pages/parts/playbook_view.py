"""The playbook on the screen: by stage, searchable, one action in full; administrators change it from a day on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.coaching.playbook import CHANGEABLE, Action
from core.coaching.words import driver_word, method_word, party_words, step_word
from core.facts import Stage, UserRole
from core.language import LANGUAGE_NAMES, listed
from core.language.labels import label
from pages.parts.conflict import store_edit
from pages.parts.layout import LIVE, escaped
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import drawing, first_shown, forget_shown
from pages.parts.store.coaching import change_playbook, playbook
from pages.parts.suggestion_list import action_line, show_card
from pages.parts.tables import Column, show_table

FORM = "coaching_change"
ALL = "all"


def show_playbook() -> None:
    """Draw filter, table and the chosen action."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    stage = st.segmented_control(
        t("Stage"),
        [ALL, *(one.value for one in Stage)],
        default=ALL,
        required=True,
        key="coaching_stage",
        format_func=lambda one: t("All") if one == ALL else stage_word(language(), Stage(one)),
    )
    words = st.text_input(
        t("Search"), key="coaching_search", placeholder=t("A word from title, steps or warnings"), live=LIVE
    )
    found = [one for one in playbook(current()) if _fits(one, stage or ALL, words or "")]
    show_table(
        _table(found),
        [
            Column("code", t("Code"), width=54, pinned=True),
            Column("title", t("Action"), width=276),
            Column("method", t("Method"), width=116),
            Column("driver", t("Driver"), width=138),
            Column("step", t("Process step"), width=128),
            Column("minutes", t("Minutes"), "integer", width=66),
            Column("rhythm", t("How often"), width=128),
            Column("who", t("Who")),
            Column("with_whom", t("With whom")),
            Column("measure", t("Success"), width="large"),
            Column("badges", t("Answers the warning")),
            Column("state", t("State"), words={"off": t("Switched off"), "changed": t("Changed by us")}),
        ],
        key="coaching_playbook",
        name=t("Playbook"),
        empty=t("No action matches. Choose another stage or a shorter word."),
    )
    by_key = {one.key: one for one in found}
    picked = st.selectbox(
        t("Show an action in full"),
        list(by_key),
        index=None,
        key="coaching_card",
        format_func=lambda one: f"{by_key[one].code} · {by_key[one].title(language())}",
        placeholder=t("Code or title"),
    )
    if picked in by_key:
        with st.container(border=True):
            _show_action(by_key[picked])


def _fits(action: Action, stage: str, words: str) -> bool:
    if stage != ALL and Stage(stage) not in action.stages:
        return False
    badges = " ".join(label(language(), badge) for badge in action.badges)
    texts = [action.code, action.title(language()), *action.steps(language()), badges]
    return words.strip().casefold() in "\n".join(texts).casefold()


def _table(actions: list[Action]) -> pa.Table:
    said = language()
    return pa.table(
        {
            "code": pa.array([one.code for one in actions], pa.string()),
            "title": pa.array([one.title(said) for one in actions], pa.string()),
            "who": pa.array([party_words(said, one.who) for one in actions], pa.string()),
            "with_whom": pa.array([party_words(said, one.with_whom) for one in actions], pa.string()),
            "method": pa.array([method_word(said, one.method) for one in actions], pa.string()),
            "driver": pa.array([driver_word(said, one.driver) for one in actions], pa.string()),
            "step": pa.array([step_word(said, one.step) for one in actions], pa.string()),
            "minutes": pa.array([one.minutes for one in actions], pa.int64()),
            "rhythm": pa.array([one.rhythm(said) for one in actions], pa.string()),
            "measure": pa.array([one.measure(said) for one in actions], pa.string()),
            "badges": pa.array(
                [listed(said, (label(said, badge) for badge in one.badges)) for one in actions], pa.string()
            ),
            "state": pa.array(["off" if one.is_off else "changed" if one.changed_from else None for one in actions]),
        }
    )


def _show_action(action: Action) -> None:
    st.markdown(
        f"**{escaped(f'{action.code} · {action.title(language())}')}**  \n:small[{escaped(action_line(action))}]"
    )
    if action.is_off:
        st.warning(t("Switched off: this action is not suggested."))
    show_card(action)
    rest = (
        t("once in each stay in the stage") if action.pause_days is None else t("{days} days", days=action.pause_days)
    )
    st.caption(t("Not suggested again within: {rest}", rest=rest))
    if current().actor.role is UserRole.ADMIN and st.toggle(t("Change this action"), key="coaching_edit"):
        _show_change(action)
    else:
        forget_shown(f"{FORM}_{action.key}")


@dataclass(frozen=True)
class _Change:
    """What is to differ from a day on, and who says so."""

    changes: dict[str, Any]
    valid_from: date
    source: str


def _show_change(action: Action) -> None:
    form = f"{FORM}_{action.key}"
    action = first_shown(form, action)  # what a colleague changes meanwhile is not taken back by saving
    drawn = f"{action.key}{drawing(form)}"
    with st.form(f"coaching_change_{action.key}", border=False, enter_to_submit=False):
        entered: dict[str, object] = {}
        for code, name in LANGUAGE_NAMES.items():
            entered[f"title_{code}"] = st.text_input(
                t("Title, {language}", language=name), action.title(code), key=f"coaching_title_{code}_{drawn}"
            )
            steps = st.text_area(
                t("Steps, one a line, {language}", language=name),
                "\n".join(action.steps(code)),
                key=f"coaching_steps_{code}_{drawn}",
            )
            entered[f"steps_{code}"] = tuple(line.strip() for line in (steps or "").splitlines() if line.strip())
            entered[f"measure_{code}"] = st.text_input(
                t("Success, {language}", language=name), action.measure(code), key=f"coaching_measure_{code}_{drawn}"
            )
        entered["pause_days"] = st.number_input(
            t("Not again within days (empty: once in each stay in the stage)"),
            min_value=1,
            max_value=366,
            value=action.pause_days,
            key=f"coaching_pause_{drawn}",
        )
        entered["is_off"] = st.checkbox(t("Switched off"), action.is_off, key=f"coaching_off_{drawn}")
        valid_from = st.date_input(
            t("In force from"),
            current().today,
            min_value=current().today,
            key=f"coaching_from_{drawn}",
            format="YYYY-MM-DD",
        )
        source = st.text_input(t("Source or reason"), key=f"coaching_source_{drawn}")
        sent = st.form_submit_button(t("Save the change"), type="primary", key=f"coaching_save_change_{action.key}")
    changes = {name: value for name, value in entered.items() if value != getattr(action, name)}
    if sent and not changes:
        st.info(t("Nothing differs from the action as it runs."))
    if store_edit(
        form,
        _Change(changes, valid_from, source or "") if sent and changes else None,
        lambda asked, version: change_playbook(
            current(), action.key, **vars(asked), shown_version=version, key=submit_key(form)
        ),
        version=action.version,
        told=lambda asked: asked.changes,
        shown={name: getattr(action, name) for name in CHANGEABLE},
    ):
        leave_notice(FORM, t("The change of {code} is stored.", code=action.code))
        st.rerun()
