"""Beside the computed stage of a branch: whether it is confirmed, what was set by hand, and the forms for both."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.facts import Branch, BranchStatus, Stage, StageDecisionKind, UserRole
from core.language.days import day_word
from core.language.labels import label
from core.stages.review import ReviewState, StageDecision, latest_end, review_state, usual_end
from core.stages.review_limits import review_limits_on
from pages.parts.conflict import store_edit
from pages.parts.layout import escaped, stage_badge
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store.reviews import branch_decisions, confirm, override, renew, withdraw
from pages.parts.tables import Column, show_table
from pages.parts.wording import review_words

FORM = "branch_review"


@dataclass(frozen=True)
class _Standing:
    """How the stage of a branch stands: the computed one, the latest decision, and what the two give."""

    stage: Stage
    latest: StageDecision | None
    state: ReviewState

    @property
    def version(self) -> int:
        """Number of the latest decision, 0 = none."""
        return self.latest.number if self.latest else 0


@dataclass(frozen=True)
class _Wish:
    """What a form asks for: a decision as in `StageDecision`. `stage` None = none was chosen."""

    kind: StageDecisionKind
    computed_stage: Stage
    stage: Stage | None
    reason: str = ""
    end_on: date | None = None


_Sent = tuple[_Wish, AbstractContextManager[Any] | None]
"""A wish that was sent, and where what is wrong with it goes; None = above the forms."""


def show_review(branch: Branch, stage: Stage, since: date) -> None:
    """Say how the computed stage stands, show an override in force beside it, and offer what may be decided.

    A form is drawn once it is opened. The forms are those of the run before: an answer to what a
    colleague changed meanwhile meets his change.
    """
    decisions = branch_decisions(current(), branch.branch_id)
    latest = decisions[0] if decisions else None
    standing = _Standing(stage, latest, review_state(latest, stage=stage, since=since, day=current().today))
    key = f"{FORM}_{branch.branch_code}"
    shown = last_shown(key, standing)
    may_decide = current().actor.role is not UserRole.BRANCH_HEAD and branch.status is not BranchStatus.CLOSED
    answer = st.container()
    if latest and standing.state is ReviewState.OVERRIDDEN:
        _show_override(latest)
    with st.container(horizontal=True, vertical_alignment="center"):
        if standing.state is not ReviewState.OVERRIDDEN:
            st.markdown(_state_words(standing.state, latest), width="content")
        sent = _forms(branch, shown) if may_decide else None
        with_history = bool(decisions) and st.toggle(
            t("Decisions so far ({count})", count=len(decisions)), key=f"branch_decisions_{branch.branch_code}"
        )
    wish, box = sent or (None, None)
    with box or answer:
        stored = store_edit(
            key,
            wish,
            lambda asked, version: _decide(
                branch, asked if sent else replace(asked, computed_stage=stage), version=version, key=submit_key(key)
            ),
            version=shown.version,
            told=_told,
            may_insist=lambda asked, theirs: _may_insist(asked, standing, theirs),
        )
    if stored:
        leave_notice(FORM, escaped(stored))
        st.rerun()
    if not sent and shown != standing:
        st.rerun()
    notice = take_notice(FORM)
    if notice:
        answer.success(notice)
    if with_history:
        _show_decisions(decisions)


def _decide(branch: Branch, asked: _Wish, *, version: int, key: str) -> str:
    """Store a decision held against a version of those before, and return what to say about it."""
    said, ask, number = language(), current(), branch.branch_id
    word = stage_word(said, asked.stage) if asked.stage else ""
    end_on = asked.end_on or ask.today
    day = day_word(said, end_on)
    match asked.kind:
        case StageDecisionKind.CONFIRMED:
            confirm(ask, number, shown_stage=asked.stage or asked.computed_stage, shown_version=version, key=key)
            return t("Confirmed: {stage}.", stage=word)
        case StageDecisionKind.OVERRIDDEN:
            override(
                ask,
                number,
                stage=asked.stage,
                reason=asked.reason,
                end_on=end_on,
                shown_stage=asked.computed_stage,
                shown_version=version,
                key=key,
            )
            return t("Set by hand: {stage}, until {day}.", stage=word, day=day)
        case StageDecisionKind.RENEWED:
            renew(ask, number, reason=asked.reason, end_on=end_on, shown_version=version, key=key)
            return t("Renewed until {day}.", day=day)
        case StageDecisionKind.WITHDRAWN:
            withdraw(ask, number, reason=asked.reason, shown_version=version, key=key)
            return t("Withdrawn: {stage}.", stage=word)


def _told(asked: _Wish) -> dict[str, Any]:
    found = {"kind": asked.kind, "stage": asked.stage, "end_on": asked.end_on, "reason": asked.reason}
    return {name: value for name, value in found.items() if value}


def _may_insist(asked: _Wish, standing: _Standing, theirs: Mapping[str, Any]) -> bool:
    """Tell whether a decision still makes sense after the one of somebody else, or after another computed stage."""
    is_overridden = standing.state is ReviewState.OVERRIDDEN
    match asked.kind:
        case StageDecisionKind.CONFIRMED:
            return not is_overridden and bool(theirs["computed_stage"] == asked.stage)
        case StageDecisionKind.OVERRIDDEN:
            return bool(theirs["computed_stage"] != asked.stage)
        case _:
            return is_overridden


def _forms(branch: Branch, shown: _Standing) -> _Sent | None:
    if shown.latest and shown.state is ReviewState.OVERRIDDEN:
        renewing = _renewing(branch, shown.latest)
        return _withdrawing(branch, shown.latest) or renewing
    confirming = _confirming(branch, shown) if shown.state is ReviewState.PROPOSED else None
    return _overriding(branch, shown) or confirming


def _show_override(latest: StageDecision) -> None:
    mark = review_words(language())[ReviewState.OVERRIDDEN]
    until = t("until {day}", day=day_word(language(), latest.end_on or latest.decided_on))
    st.markdown(
        f"### :gray-badge[:material/edit: {escaped(mark)}] {stage_badge(latest.stage)} "
        f":small[{escaped(until)} · {escaped(_by_words(latest))}]  \n{escaped(latest.reason or '')}"
    )


def _state_words(state: ReviewState, latest: StageDecision | None) -> str:
    word = review_words(language())[state]
    if latest and state is ReviewState.CONFIRMED:
        return f":gray-badge[:material/check: {escaped(word)}] :small[{escaped(_by_words(latest))}]"
    by = t("by the engine, not confirmed yet")
    return f":gray-badge[:material/pending: {escaped(word)}] :small[{escaped(by)}]"


def _by_words(decision: StageDecision) -> str:
    return t("by {name} on {day}", name=decision.decided_by or "–", day=day_word(language(), decision.decided_on))


def _confirming(branch: Branch, shown: _Standing) -> _Sent | None:
    if not st.button(t("Confirm"), icon=":material/check:", key=f"branch_confirm_{branch.branch_code}"):
        return None
    return _Wish(StageDecisionKind.CONFIRMED, shown.stage, shown.stage), None


def _overriding(branch: Branch, shown: _Standing) -> _Sent | None:
    code = branch.branch_code
    box = st.popover(
        t("Override"), icon=":material/edit:", key=f"branch_override_{code}_{shown.version}", on_change="rerun"
    )
    if not box.open:
        return None
    answer = box.container()
    with box, st.form(f"branch_override_form_{code}", border=False, enter_to_submit=False):
        stage = st.selectbox(
            t("Stage instead of the computed one"),
            [one for one in Stage if one is not shown.stage],
            index=None,
            format_func=lambda one: stage_word(language(), one),
            key=f"branch_override_stage_{code}",
            placeholder=t("Choose a stage"),
        )
        end_on = _last_day(f"branch_override_end_{code}")
        reason = _reason(f"branch_override_reason_{code}", t("What the figures do not show"))
        if not st.form_submit_button(t("Set this stage"), type="primary", key=f"branch_override_save_{code}"):
            return None
    return _Wish(StageDecisionKind.OVERRIDDEN, shown.stage, stage, reason, end_on), answer


def _renewing(branch: Branch, latest: StageDecision) -> _Sent | None:
    code = branch.branch_code
    box = st.popover(
        t("Renew"), icon=":material/update:", key=f"branch_renew_{code}_{latest.number}", on_change="rerun"
    )
    if not box.open:
        return None
    answer = box.container()
    with box, st.form(f"branch_renew_form_{code}", border=False, enter_to_submit=False):
        end_on = _last_day(f"branch_renew_end_{code}")
        reason = _reason(f"branch_renew_reason_{code}", t("What the figures do not show"), latest.reason or "")
        if not st.form_submit_button(t("Renew"), type="primary", key=f"branch_renew_save_{code}"):
            return None
    return _Wish(StageDecisionKind.RENEWED, latest.computed_stage, latest.stage, reason, end_on), answer


def _withdrawing(branch: Branch, latest: StageDecision) -> _Sent | None:
    code = branch.branch_code
    box = st.popover(
        t("Withdraw"), icon=":material/undo:", key=f"branch_withdraw_{code}_{latest.number}", on_change="rerun"
    )
    if not box.open:
        return None
    answer = box.container()
    with box, st.form(f"branch_withdraw_form_{code}", border=False, enter_to_submit=False):
        reason = _reason(f"branch_withdraw_reason_{code}", t("Why it no longer holds"))
        if not st.form_submit_button(t("Withdraw"), type="primary", key=f"branch_withdraw_save_{code}"):
            return None
    return _Wish(StageDecisionKind.WITHDRAWN, latest.computed_stage, latest.stage, reason), answer


def _last_day(key: str) -> date:
    today = current().today
    return st.date_input(
        t("Last day"),
        usual_end(today),
        min_value=today,
        max_value=latest_end(today),
        key=key,
        format="YYYY-MM-DD",
        help=t("At most {weeks} weeks ahead; it can be renewed", weeks=review_limits_on(today).override_most_weeks),
    )


def _reason(key: str, placeholder: str, value: str = "") -> str:
    return st.text_area(t("Reason"), value, key=key, height=90, placeholder=placeholder) or ""


def _show_decisions(decisions: tuple[StageDecision, ...]) -> None:
    is_head = current().actor.role is UserRole.BRANCH_HEAD  # who is not told what others wrote about his branch
    table = pa.table(
        {
            "decided_on": pa.array([one.decided_on for one in decisions], pa.date32()),
            "kind": pa.array([one.kind.value for one in decisions], pa.string()),
            "stage": pa.array([one.stage.value for one in decisions], pa.string()),
            "end_on": pa.array([one.end_on for one in decisions], pa.date32()),
            "computed_stage": pa.array([one.computed_stage.value for one in decisions], pa.string()),
            "reason": pa.array([one.reason for one in decisions], pa.string()),
            "decided_by": pa.array([one.decided_by for one in decisions], pa.string()),
        }
    )
    columns = [
        Column("decided_on", t("Day"), "day"),
        Column("kind", t("Decision"), words={one.value: label(language(), one) for one in StageDecisionKind}),
        Column("stage", t("Stage"), "stage"),
        Column("end_on", t("Until"), "day"),
        Column("computed_stage", t("Computed then"), "stage"),
        Column("reason", t("Reason"), width="medium"),
        Column("decided_by", t("By")),
    ]
    show_table(
        table,
        [one for one in columns if not (is_head and one.key == "reason")],
        key="branch_stage_decisions",
        name=t("Decisions about the stage"),
    )
