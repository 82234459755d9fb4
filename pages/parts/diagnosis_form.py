"""Diagnosing a gap: which KPI of whose branches, why, what changes, who sees to it, and when it is reviewed."""

from datetime import date, timedelta

import streamlit as st

from core.calendar import last_complete_week
from core.language.days import day_word
from core.planning.causes import MOST_CAUSES, Cause, candidates
from core.planning.diagnosis import (
    DiagnosedCause,
    DiagnosisEntry,
    Gap,
    latest_review_on,
    usual_due_on,
    usual_review_on,
)
from core.planning.diagnosis_words import gap_sentence, season_sentence
from core.planning.rules import plan_rules_on
from core.planning.words import group_word
from core.review.pace import PeriodKind
from pages.parts.action_table import action_titles
from pages.parts.diagnosis_list import CHOSEN, FORM
from pages.parts.figures_choice import CHOICE_PIXELS, MOST_BRANCHES, WEEKS_OFFERED, scope_words
from pages.parts.layout import escaped, no_branches
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, submit_key, t
from pages.parts.store import diagnoses as store
from pages.parts.store import figures
from pages.parts.store.branch import find_branch
from pages.parts.store.diagnoses import About

SCOPE, BRANCH, KPI, PERIOD, WEEK = ASKED = ("gap_scope", "gap_branch", "gap_kpi", "gap_period", "gap_week")
"""What the address says a new diagnosis is about."""


def show_new(last_week: date) -> None:
    """Draw the choice of a gap and the form of its diagnosis; store what was entered."""
    place = _draw_place(last_week)
    if place is None:
        no_branches()
        return
    about, kind, week_start = place
    gaps = {one.kpi: one for one in store.gaps(current(), about, kind, week_start)}
    if not gaps:
        st.info(t("No figure of these branches is below its target in this period: there is no gap to diagnose."))
        return
    asked, sentences = st.query_params.get(KPI), {key: gap_sentence(language(), gap) for key, gap in gaps.items()}
    kpi = st.selectbox(
        t("KPI below its target"),
        list(gaps),
        index=list(gaps).index(asked) if asked in gaps else 0,
        format_func=sentences.__getitem__,
        key=f"{KPI}_{about.scope}_{about.branch_code}_{kind}_{week_start}",
    )
    gap = gaps[kpi if kpi in gaps else next(iter(gaps))]
    if asked and asked not in gaps:
        st.caption(t("The figure of the address is not below its target here."))
    st.caption(escaped(season_sentence(language(), gap)))
    _draw_form(about, gap)


def _draw_place(last_week: date) -> tuple[About, PeriodKind, date] | None:
    """Draw whose gap and of which period; what the address names is chosen at first."""
    ask, asked = current(), st.query_params
    scopes = {str(scope): scope for scope in store.scopes(ask)}
    if not scopes:
        return None
    words = {key: scope_words(scope) for key, scope in scopes.items()}
    last = min(last_week, last_complete_week(ask.today))
    weeks = [last - timedelta(weeks=number) for number in range(WEEKS_OFFERED)]
    kinds = {
        PeriodKind.MONTH: t("Month"),
        PeriodKind.FOUR_WEEKS: t("{weeks} weeks", weeks=4),
        PeriodKind.QUARTER: t("{weeks} weeks", weeks=13),
    }
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("Branches of"),
            list(scopes),
            index=list(scopes).index(asked[SCOPE]) if asked.get(SCOPE) in scopes else 0,
            format_func=words.__getitem__,
            key=SCOPE,
            filter_mode="contains",
            width=CHOICE_PIXELS,
        )
        scope = scopes[chosen]
        names = figures.branches_in(ask, scope)
        code = None
        if len(names) <= MOST_BRANCHES:
            code = st.selectbox(
                t("Branch"),
                list(names),
                index=list(names).index(asked[BRANCH]) if asked.get(BRANCH) in names else None,
                format_func=names.__getitem__,
                placeholder=t("All"),
                filter_mode="contains",
                key=f"{BRANCH}_{scope}",
                width=CHOICE_PIXELS,
            )
        shown = [week.isoformat() for week in weeks]
        week = st.selectbox(
            t("Up to the week from"),
            shown,
            index=shown.index(asked[WEEK]) if asked.get(WEEK) in shown else 0,
            format_func=lambda day: day_word(language(), date.fromisoformat(day)),
            key=WEEK,
            width=CHOICE_PIXELS,
        )
        kind = st.segmented_control(
            t("Period"),
            list(kinds),
            format_func=kinds.__getitem__,
            default=PeriodKind(asked[PERIOD]) if asked.get(PERIOD) in list(kinds) else PeriodKind.MONTH,
            required=True,
            key=PERIOD,
        )
    branch = find_branch(ask, code) if code else None
    about = About(None, branch.branch_id, code) if branch else About(scope)
    return about, PeriodKind(kind), date.fromisoformat(week)


def _draw_form(about: About, gap: Gap) -> None:
    form = f"{FORM}_{about.scope}_{about.branch_code}_{gap.kpi}_{gap.kind}_{gap.start}"
    offered = {one.code: one for one in candidates(gap.kpi)}
    names = {code: _cause_words(cause) for code, cause in offered.items()}
    codes = st.multiselect(
        t("Causes"),
        list(offered),
        format_func=names.__getitem__,
        max_selections=MOST_CAUSES,
        key=f"{form}_causes",
        placeholder=t("One to three; those this figure shows come first"),
    )
    chosen = [offered[code] for code in codes]
    if not chosen:
        st.caption(t("Choose a cause: its questions and the recommended actions follow."))
        return
    entry = _draw_entry(form, about, gap, chosen)
    if entry is None:
        return
    done = stored(form, lambda: store.diagnose(current(), entry, key=submit_key(form)))
    if done is not None:
        words = t("Diagnosed: {gap}", gap=escaped(gap_sentence(language(), gap)))
        if done.new_actions or done.open_before:
            counts = t(
                "new actions: {new}, open there already: {before}", new=done.new_actions, before=done.open_before
            )
            words = f"{words} · {counts}"
        leave_notice(FORM, words)
        for name in ASKED:
            st.query_params.pop(name, None)
        st.query_params[CHOSEN] = str(done.diagnosis_id)
        st.rerun()


def _cause_words(cause: Cause) -> str:
    return f"{cause.code} · {group_word(language(), cause.group)} · {cause.title(language())}"


def _draw_entry(form: str, about: About, gap: Gap, chosen: list[Cause]) -> DiagnosisEntry | None:
    """Draw what shows each cause and what changes, who sees to it and when; return it once it is sent."""
    ask = current()
    today, most = ask.today, plan_rules_on(ask.today).text_most_characters
    codes = "_".join(one.code for one in chosen)
    owners = {one.username: one.display_name for one in store.owners(ask, about.scope, about.branch_id)}
    with st.form(f"{form}_{codes}_form", border=True, enter_to_submit=False):
        causes = tuple(
            _draw_cause(form, about, gap, cause, is_first=cause is next(one for one in chosen)) for cause in chosen
        )
        if all(one.may_close for one in chosen):
            st.caption(t("Without an action these causes close the gap at once; the fields below are left out then."))
        expected = st.text_input(
            t("Expected effect"),
            key=f"{form}_expected",
            max_chars=most,
            placeholder=t("How far the figure should be by the review"),
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            owner = st.selectbox(
                t("Owner"),
                list(owners),
                format_func=lambda name: owners.get(name, name),
                key=f"{form}_owner",
                help=t("Sees to it and holds the review. Each action belongs to the supervisor of its branch."),
                width=CHOICE_PIXELS,
            )
            due_on = st.date_input(
                t("Due date"),
                usual_due_on(today),
                min_value=today,
                max_value=latest_review_on(today),
                key=f"{form}_due",
                format="YYYY-MM-DD",
                width=CHOICE_PIXELS,
            )
            review_on = st.date_input(
                t("Review date"),
                usual_review_on(today),
                min_value=today,
                max_value=latest_review_on(today),
                key=f"{form}_review",
                format="YYYY-MM-DD",
                width=CHOICE_PIXELS,
            )
        if not st.form_submit_button(t("Save the diagnosis"), type="primary", key=f"{form}_save"):
            return None
    return DiagnosisEntry(
        gap=gap,
        scope=about.scope,
        branch_id=about.branch_id,
        causes=causes,
        owner=owner or "",
        due_on=due_on,
        expected=expected or "",
        review_on=review_on,
    )


def _draw_cause(form: str, about: About, gap: Gap, cause: Cause, *, is_first: bool) -> DiagnosedCause:
    """Draw the questions of a cause, what shows it, and what changes."""
    said, titles, key = language(), action_titles(), f"{form}_{cause.code}"
    rules = plan_rules_on(current().today)
    st.markdown(f"**{escaped(cause.code)} · {escaped(cause.title(said))}**")
    st.caption(escaped(cause.question(said)))
    evidence = st.text_input(
        t("What shows {code}", code=cause.code), key=f"{key}_evidence", max_chars=rules.text_most_characters
    )
    actions = [one for one in cause.actions if one in titles]
    action, branch_ids = None, tuple[int, ...]()
    if actions:
        action = st.selectbox(
            t("Recommended action"),
            actions,
            index=0 if not cause.may_close else None,
            format_func=titles.__getitem__,
            key=f"{key}_action",
            placeholder=t("None of these"),
        )
        branch_ids = (about.branch_id,) if about.branch_id else _draw_branches(key, about, gap, is_first=is_first)
    words = st.text_input(
        t("What else changes"),
        key=f"{key}_words",
        max_chars=rules.text_most_characters,
        placeholder=cause.hint(said) or None,
    )
    return DiagnosedCause(cause.code, evidence or "", action, branch_ids if action else (), words or "")


def _draw_branches(key: str, about: About, gap: Gap, *, is_first: bool) -> tuple[int, ...]:
    """Draw the branches of a gap; those behind are chosen for the first cause."""
    found = store.branches(current(), about, gap)
    behind = [one for one in found if one.is_behind]
    names = {one.branch_id: f"{one.branch_name} · {one.branch_code}" for one in found[:MOST_BRANCHES]}
    most = plan_rules_on(current().today).diagnosis_branches_max
    chosen = st.multiselect(
        t("Branches that act"),
        list(names),
        default=[one.branch_id for one in behind[:most]] if is_first else [],
        format_func=names.__getitem__,
        max_selections=most,
        key=f"{key}_branches",
        placeholder=t("Choose branches"),
        help=t(
            "Of {all} operating branches {count} are below their target; these are offered first.",
            all=len(found),
            count=len(behind),
        ),
    )
    return tuple(chosen)
