"""Week plan: what a supervisor plans for the week, does, checks and changes; for managers the weeks of the team."""

import streamlit as st

from core.facts import UserRole
from pages.parts import plan_forms, plan_team
from pages.parts.choices import choice_in_address
from pages.parts.layout import no_branches, page_header
from pages.parts.notices import take_notice
from pages.parts.plan_basis import bases_of, basis_word, show_basis
from pages.parts.plan_do import show_do
from pages.parts.plan_lines import is_goal, show_lines
from pages.parts.plan_review import next_week_note, show_act, show_check
from pages.parts.plan_week import (
    OWNER_ADDRESS,
    PHASE,
    ShownWeek,
    chosen_week,
    show_arrows,
    show_standing,
    shown_week,
    usual_phase,
)
from pages.parts.session import current, guarded, t
from pages.parts.store import planning as store
from pages.parts.store.branches import data_reach
from pages.parts.store.filters import filter_options
from pages.parts.survey_views import show_key_fields
from pages.parts.wording import supervisor_word

ask = current()
is_above = ask.actor.role is not UserRole.SUPERVISOR
owners = filter_options(ask).supervisors if is_above else (ask.actor.username,)
asked = st.query_params.get(OWNER_ADDRESS, "")
is_known = asked in owners or (is_above and bool(asked) and store.has_plans(ask, asked))
owner = (asked if is_known else None) if is_above else ask.actor.username
week_start = chosen_week()


def back_to_team() -> None:
    """Leave the week of one supervisor."""
    st.query_params.pop(OWNER_ADDRESS, None)


def show_plan(week: ShownWeek) -> None:
    """Draw the plan phase."""
    if not week.is_over:
        plan_forms.show_take_over(week)
    found = bases_of(week)
    lines = week.items if week.is_over else week.lines
    show_basis(lines, found)
    goals = sum(is_goal(one) for one in lines)
    lists = {
        "lines": t("To do ({count})", count=len(lines) - goals),
        "goals": t("Goals ({count}): {total}", count=goals, total=plan_forms.goal_total(lines) or "–"),
    }
    chosen = choice_in_address("plan_list", lists, t("What is planned"))
    picked = show_lines(
        [one for one in lines if is_goal(one) is (chosen == "goals")],
        part="plan",
        key=f"plan_{chosen}_{week.week_start}",
        name=t("Week plan"),
        empty=t("Nothing is planned for this week yet."),
        bases={branch_id: basis_word(one) for branch_id, one in found.items()},
    )
    if picked and picked.item.line.branch_id is not None:
        show_key_fields(picked.item.line.branch_id)
    if week.is_over:
        return
    item = plan_forms.at_work(week, picked.item if picked and not picked.item.is_dropped else None)
    if item:
        plan_forms.show_changing(week, item)
    elif st.toggle(t("Add lines"), value=not lines, key="plan_adding"):
        plan_forms.show_adding(week)


page_header(t("Week plan"), data_reach(ask).last_policy_on, note=supervisor_word(owner) if is_above else None)
has_any = owners if is_above else store.branches_of(ask, owner or "") or store.has_plans(ask, owner or "")
if not has_any:
    no_branches()
    st.stop()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    show_arrows(week_start)
    if owner:
        shown = shown_week(owner, week_start)
        phases = {"plan": t("Plan"), "do": t("Do"), "check": t("Check"), "act": t("Act")}
        phase = choice_in_address(PHASE, phases, t("Phase"), usual=usual_phase(shown))
        if is_above:
            st.button(t("Back to the team"), icon=":material/groups:", key="plan_back", on_click=guarded(back_to_team))
if owner is None:
    plan_team.show_team(week_start)
    st.stop()
show_standing(shown)
notice = take_notice(plan_forms.FORM)
if notice:
    st.success(notice)
plan_team.show_approval(shown)
if phase == "plan":
    show_plan(shown)
elif phase == "do":
    show_do(shown)
elif phase == "check":
    show_check(shown)
else:
    show_act(shown)
    next_week_note(shown)
