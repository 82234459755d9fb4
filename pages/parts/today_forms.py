"""What can be done with the picked line without leaving Today: log, tick, note, explain, lay aside.

After each the next line is picked. What was shown is what is held against the store: a form sent about a line
that changed meanwhile stores nothing and says what stands now.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import streamlit as st

from core.facts import Branch, BranchStatus, SuggestionState
from core.language.days import day_word
from core.language.labels import label
from core.today.lines import Thing, TodayLine, latest_snooze_end
from core.today.rules import line_kinds
from core.today.words import line_age, line_reason, line_subject
from pages.parts.action_forms import decide, lacks_proof, no_proof_yet, say_if_gone, show_dismissal, show_done
from pages.parts.action_table import action_titles
from pages.parts.conflict import store_edit
from pages.parts.diagnosis_list import CHOSEN as DIAGNOSIS
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.note_forms import FORM as NOTES
from pages.parts.note_forms import show_settling
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.self_check_page import show_in_short
from pages.parts.session import PROOF_LOGGED, current, language, now, submit_key, t
from pages.parts.shown import drawing, last_shown
from pages.parts.store import today as store
from pages.parts.store.branch import find_branch
from pages.parts.store.planning import calendar
from pages.parts.today_contact import show_log
from pages.parts.today_decision import show_decision
from pages.parts.today_lines import FORM, AskedDay, day_and_text, line_at_work, name_of_line, one_text, told_line
from pages.parts.today_list import pick_next
from pages.parts.today_planned import show_cause, show_tick
from pages.parts.today_rest import may_rest, show_explaining, show_snooze

MOST_DAYS_OFF = 14
"""The longest holiday is shorter."""
PANEL = "today_panel"
"""The line drawn beside the list, as the run before drew it."""
MISSED = frozenset({"contact_late", "contact_missed", "contact_never"})
"""Kinds that can be explained."""
WITHOUT_BRANCH = frozenset({Thing.DECISION, Thing.DIAGNOSIS, Thing.PLAN})
"""What may be about no branch."""


def show_panel(line: TodayLine, lines: Sequence[TodayLine]) -> None:
    """Say what the line is, offer what can be done, and do it; the next line comes after it.

    A line that is gone because of what a colleague did is shown once more to whoever has just sent something about it.
    """
    said = language()
    before = last_shown(PANEL, line)
    is_gone = before.key not in {one.key for one in lines}
    if is_gone and line_at_work(before) and _is_in_sight(before):
        line = before
        last_shown(PANEL, line)
    branch = find_branch(current(), line.branch_code) if line.branch_code else None
    if branch is None and line.thing not in WITHOUT_BRANCH:
        return
    for form in (FORM, NOTES):
        notice = take_notice(form)
        if notice:
            st.toast(notice, icon=":material/check:")  # on the page it would push the button down the next time
            say_if_gone()
    kind = line_kinds()[line.kind].title(said)
    subject = line_subject(said, line, action_titles())
    age, why = line_age(said, line, today=current().today), line_reason(said, line, today=current().today)
    st.markdown(
        f"**{escaped(' · '.join(word for word in (line.branch_name, subject) if word))}**  \n"
        f":gray-badge[{escaped(kind)}] :small[{escaped(age)}]  \n{escaped(why)}"
    )
    if line.thing is Thing.DIAGNOSIS:
        _lead_to_review(line)
        return
    if branch is not None and line.thing is Thing.HANDOVER:
        st.page_link(
            page_of("handover"),
            label=t("Read the page and confirm"),
            icon=":material/done_all:",
            query_params={"branch": branch.branch_code},
        )
    if branch is not None and line.thing is Thing.SELF_CHECK:
        show_in_short(branch, date.fromisoformat(line.subject))
    done = show_decision(line) if line.thing is Thing.DECISION else _dealt_with(line, branch)
    if done:
        leave_notice(FORM, done)
        pick_next(lines, line.key)
        st.rerun()
    if branch is not None:
        st.page_link(
            page_of("branch"),
            label=t("Go to {branch}", branch=escaped(branch.branch_name)),
            icon=":material/storefront:",
            query_params={"branch": branch.branch_code},
        )


def _is_in_sight(line: TodayLine) -> bool:
    if not line.branch_code:
        return line.thing in WITHOUT_BRANCH
    return find_branch(current(), line.branch_code) is not None


def _dealt_with(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw the ways to deal with a line and the form of the chosen one; return what to say once it is stored."""
    ways = _ways(line)
    if not ways:
        return None
    way = st.segmented_control(
        t("What to do"),
        list(ways),
        format_func={one: words for one, (words, _) in ways.items()}.__getitem__,
        default=next(iter(ways)),
        required=True,
        key=f"today_do_{'_'.join(ways)}",
        label_visibility="collapsed",
    )
    return ways[way if way in ways else next(iter(ways))][1](line, branch)


def _lead_to_review(line: TodayLine) -> None:
    """Lead to the page of a diagnosis: its review is held beside the figures."""
    st.page_link(
        page_of("diagnosis"),
        label=t("Review the diagnosis"),
        icon=":material/troubleshoot:",
        query_params={DIAGNOSIS: line.subject},
    )


Way = tuple[str, Callable[[TodayLine, Branch | None], str | None]]


def _ways(line: TodayLine) -> dict[str, Way]:
    """Return what can be done with the line, the usual way first: its word and its form."""
    snooze: dict[str, Way] = {"snooze": (t("Put off"), show_snooze)} if may_rest(line) else {}
    is_late = line.waits_since is not None and line.waits_since < current().today
    cause: dict[str, Way] = {"cause": (t("Explain"), show_cause)} if is_late else {}
    planned: dict[str, Way] = {"tick": (t("Tick off"), show_tick), **cause, **snooze}
    has_ended = line.thing is Thing.EXPIRED and line.facts["action"].ended_with_branch
    plan: dict[str, Way] = {} if line.is_suspended or has_ended else {"plan": (t("Plan"), _plan)}
    rest: dict[str, Way] = planned if line.is_only_planned else {**plan, **snooze}
    match line.thing:
        case Thing.CONTACT:
            explain: dict[str, Way] = {"explain": (t("Explain"), show_explaining)} if line.kind in MISSED else {}
            return {"log": (t("Log"), show_log), **(cause or explain), **rest}
        case Thing.ACTION:
            done: dict[str, Way] = {"done": (t("Done"), _tick), "drop": (t("Dismiss"), _drop)}
            return {**done, **cause, **(snooze if line.item else rest)}
        case Thing.STAGE_CHANGE | Thing.WARNING | Thing.SELF_CHECK | Thing.EXPIRED:
            return {"note": (t("Noted"), _note), **rest}
        case Thing.PROMISE:
            return {"settle": (t("Settle it"), _settle), **rest}
        case Thing.PLAN:
            return {"log": (t("Log"), show_log), **rest} if line.role else rest
        case Thing.POST | Thing.DECISION | Thing.DIAGNOSIS | Thing.HANDOVER:
            return snooze


def _tick(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw what closes an action; where no contact can show it yet, first the form that logs one, and stay with it."""
    form = f"{FORM}_tick_{name_of_line(line)}"
    action = last_shown(form, line.facts["action"])
    if lacks_proof(action):
        st.caption(no_proof_yet())
        logged = show_log(line, branch)
        if logged:
            st.session_state[PROOF_LOGGED] = action.suggestion_id
            leave_notice(FORM, logged)
            st.rerun()
        return None
    done = show_done(action, drawing(form))
    is_done = decide(action, done, form)
    return t("Done: {action}.", action=escaped(line_subject(language(), line, action_titles()))) if is_done else None


def _drop(line: TodayLine, _branch: Branch | None) -> str | None:
    form = f"{FORM}_drop_{name_of_line(line)}"
    action = last_shown(form, line.facts["action"])
    dropped = show_dismissal(action, drawing(form))
    if not decide(action, dropped, form):
        return None
    return t("{state}: {what}.", state=label(language(), SuggestionState.DISMISSED), what=told_line(line))


def _settle(line: TodayLine, _branch: Branch | None) -> str | None:
    """Draw the form that says what became of a promise; it says itself what it stored."""
    show_settling(line.facts["note"])
    return None


def _note(line: TodayLine, branch: Branch | None) -> str | None:
    form = f"{FORM}_note_{name_of_line(line)}"
    if line.thing is Thing.EXPIRED and branch is not None and branch.status is not BranchStatus.CLOSED:
        st.page_link(
            page_of("branch"),
            label=t("Take it on again from the suggestions"),
            icon=":material/assignment_return:",
            query_params={"branch": branch.branch_code},
        )
    words = one_text(line, "note", t("What you make of it"))
    noted = store_edit(
        form,
        words,
        lambda said, version: store.note(current(), line, words=said, shown_version=version, key=submit_key(form)),
        version=0,
        told=lambda said: {"note": said.strip()},
    )
    return t("Noted: {what}.", what=told_line(line)) if noted else None


def _next_workday(today: date) -> date:
    days = (today + timedelta(days=number) for number in range(1, MOST_DAYS_OFF))
    return next(day for day in days if calendar(current()).is_workday(day))


def _plan(line: TodayLine, _branch: Branch | None) -> str | None:
    form, ask = f"{FORM}_plan_{name_of_line(line)}", current()
    which_day = AskedDay(t("On which day"), _next_workday(ask.today), ask.today, latest_snooze_end(ask.today))
    day, words = day_and_text(line, "plan", which_day, t("What is to be reached"))
    if words is not None and stored(
        form, lambda: store.plan(ask, line, day=day, words=words, now=now(), key=submit_key(form))
    ):
        return t("Planned for {day}: {what}.", day=day_word(language(), day), what=told_line(line))
    return None
