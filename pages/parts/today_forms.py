"""What can be done with the picked line without leaving Today: log, tick, note, explain, lay aside.

Every form is filled in as far as can be known, so that the usual case is one key; after it the next
line is picked. Keys carry the line, so that nothing typed about one stands in the form of another.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from core.coaching.contacts import ContactEntry, contact_rules, oldest_day, topic_word, topics_for
from core.coaching.problems import ProblemKey, RefusedError
from core.coaching.words import day_word
from core.facts import Branch, ContactMethod, StaffRole, SuggestionState
from core.language.labels import label
from core.planning.items import PlanKind, PlanLine
from core.today.capacity import efforts
from core.today.lines import Thing, TodayLine, latest_snooze_end
from core.today.rules import line_kinds, today_rules
from core.today.words import line_age, line_reason, line_subject
from pages.parts.action_forms import decide, save_key, show_dismissal, show_done
from pages.parts.action_table import action_titles
from pages.parts.conflict import is_at_work, store_edit
from pages.parts.diagnosis_list import CHOSEN as DIAGNOSIS
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import TODAY_AGAIN, current, language, now, submit_key, t
from pages.parts.shown import drawing, last_shown
from pages.parts.store import today as store
from pages.parts.store.branch import find_branch, people
from pages.parts.store.contacts import log_contacts
from pages.parts.store.planning import tick
from pages.parts.today_decision import show_decision
from pages.parts.today_list import FORM, pick_next

USUAL_SNOOZE = timedelta(days=7)
PANEL = "today_panel"
"""The line drawn beside the list, as the run before drew it."""
GROUP = 0
"""Stands for the role as a group among the people to choose from."""
MISSED = frozenset({"contact_late", "contact_missed", "contact_never"})
"""Kinds that can be explained."""


def show_panel(line: TodayLine, lines: Sequence[TodayLine]) -> None:
    """Say what the line is, offer what can be done, and do it; the next line comes after it.

    A line that is gone because of what a colleague did is shown once more to whoever has just sent something about it.
    """
    said = language()
    before = last_shown(PANEL, line)
    is_gone = before.key not in {one.key for one in lines}
    if is_gone and _is_at_work(before) and before.branch_code and find_branch(current(), before.branch_code):
        line = before
        last_shown(PANEL, line)
    branch = find_branch(current(), line.branch_code) if line.branch_code else None
    if branch is None and line.thing not in (Thing.DECISION, Thing.DIAGNOSIS):
        return
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    kind = line_kinds()[line.kind].title(said)
    subject = line_subject(said, line, action_titles())
    age = line_age(said, line, today=current().today)
    st.markdown(
        f"**{escaped(' · '.join(word for word in (line.branch_name, subject) if word))}**  \n"
        f":gray-badge[{escaped(kind)}] :small[{escaped(age)}]  \n{escaped(line_reason(said, line))}"
    )
    if line.thing is Thing.DIAGNOSIS:
        _lead_to_review(line)
        return
    if branch is None:
        done = show_decision(line)
        if done:
            leave_notice(FORM, done)
            pick_next(lines, line.key)
            st.rerun()
        return
    ways = _ways(line)
    way = st.segmented_control(
        t("What to do"),
        list(ways),
        format_func={one: words for one, (words, _) in ways.items()}.__getitem__,
        default=next(iter(ways)),
        required=True,
        key=f"today_do_{'_'.join(ways)}",
        label_visibility="collapsed",
    )
    done = ways[way if way in ways else next(iter(ways))][1](line, branch)
    if done:
        leave_notice(FORM, done)
        pick_next(lines, line.key)
        st.rerun()
    st.page_link(
        page_of("branch"),
        label=t("Go to {branch}", branch=escaped(branch.branch_name)),
        icon=":material/storefront:",
        query_params={"branch": branch.branch_code},
    )


def _lead_to_review(line: TodayLine) -> None:
    """Lead to the page of a diagnosis: its review is held beside the figures."""
    st.page_link(
        "screens/diagnosis.py",
        label=t("Review the diagnosis"),
        icon=":material/troubleshoot:",
        query_params={DIAGNOSIS: line.subject},
    )


Way = tuple[str, Callable[[TodayLine, Branch], str | None]]


def _ways(line: TodayLine) -> dict[str, Way]:
    """Return what can be done with the line, the usual way first: its word and its form."""
    snooze: dict[str, Way] = {"snooze": (t("Lay aside"), _snooze)}
    tick: dict[str, Way] = {"tick": (t("Tick off"), _tick_plan)}
    rest: dict[str, Way] = {**tick, **snooze} if line.item else {"plan": (t("Plan"), _plan), **snooze}
    match line.thing:
        case Thing.CONTACT:
            explain: dict[str, Way] = {"explain": (t("Explain"), _explain)} if line.kind in MISSED else {}
            return {"log": (t("Log"), _log), **explain, **rest}
        case Thing.ACTION:
            done: dict[str, Way] = {"done": (t("Done"), _tick), "drop": (t("Dismiss"), _drop)}
            return {**done, **(snooze if line.item else rest)}
        case Thing.STAGE_CHANGE | Thing.WARNING | Thing.SELF_CHECK:
            return {"note": (t("Noted"), _note), **rest}
        case Thing.PLAN:
            return rest
        case Thing.POST | Thing.DECISION | Thing.DIAGNOSIS:
            return snooze


def _is_at_work(line: TodayLine) -> bool:
    name = _name(line)
    sent = [f"today_{way}_{name}" for way in ("save", "note_save", "explain_save", "snooze_save", "plan_save")]
    if line.thing is Thing.ACTION:
        sent.append(save_key(line.facts["action"]))
    forms = (f"{FORM}_drop_{name}", f"{FORM}_plan_tick_{name}")
    return is_at_work(f"{FORM}_tick_{name}", *sent) or any(is_at_work(form) for form in forms)


def _name(line: TodayLine) -> str:
    return f"{line.thing}_{line.branch_id}_{line.subject}"


def _log(line: TodayLine, branch: Branch) -> str | None:
    """Draw the quick form: whom, how and about what are filled in."""
    ask, said, role = current(), language(), StaffRole(line.subject)
    name, rules, planned = _name(line), contact_rules(), line.item.line if line.item else PlanLine(PlanKind.CONTACT)
    found = {one.staff_id: one for one in people(ask, branch.branch_id, ask.today) if one.role is role}
    names = {GROUP: t("As a group")}
    names |= {one.staff_id: one.staff_name for one in found.values()}
    usual = line.facts["staff_id"]
    with st.form(f"today_log_{name}", border=False, enter_to_submit=False):
        with_whom, by_what = st.columns(2)
        whom = with_whom.selectbox(
            t("Whom"),
            list(names),
            index=list(names).index(usual) if usual in found else 0,
            format_func=names.__getitem__,
            key=f"today_whom_{name}",
        )
        methods = list(ContactMethod)
        method = by_what.selectbox(
            t("How"),
            methods,
            index=methods.index(planned.method or efforts()[role].method),
            format_func=lambda one: label(said, one),
            key=f"today_how_{name}",
        )
        topics = [one.key for one in topics_for([role])]
        about, when = st.columns(2)
        topic = about.selectbox(
            t("Topic"),
            topics,
            index=topics.index(planned.topic) if planned.topic in topics else 0,
            format_func=lambda one: topic_word(said, one),
            key=f"today_topic_{name}",
        )
        contact_on = when.date_input(
            t("When"),
            ask.today,
            min_value=oldest_day(ask.today),
            max_value=ask.today,
            format="YYYY-MM-DD",
            key=f"today_on_{name}",
        )
        next_step = st.text_input(t("Next step"), key=f"today_step_{name}", max_chars=rules.most_note_characters)
        is_again = st.session_state.get(TODAY_AGAIN) == line.key
        is_another = is_again and st.checkbox(t("It was another contact"), key=f"today_another_{name}")
        if not _sent("today_save", name):
            return None
    entry = ContactEntry(
        contact_on=contact_on,
        method=method,
        minutes=rules.usual_minutes[method],
        topic=topic,
        next_step=next_step or None,
    )
    entry = replace(entry, staff_ids=(whom,)) if whom else replace(entry, roles=(role,))
    return _logged(line, branch, entry, is_another=is_another)


def _logged(line: TodayLine, branch: Branch, entry: ContactEntry, *, is_another: bool) -> str | None:
    form = f"{FORM}_log_{_name(line)}"
    is_again = False

    def change() -> object:
        nonlocal is_again
        try:
            return log_contacts(current(), branch.branch_id, entry, is_another=is_another, key=submit_key(form))
        except RefusedError as error:
            is_again = any(one.key is ProblemKey.ALREADY_LOGGED for one in error.problems)
            raise

    result = stored(form, change)
    if result is None:
        if is_again and st.session_state.get(TODAY_AGAIN) != line.key:
            st.session_state[TODAY_AGAIN] = line.key
            st.checkbox(t("It was another contact"), key=f"today_another_{_name(line)}")
        return None
    st.session_state.pop(TODAY_AGAIN, None)
    return t("Logged: {branch}, {day}.", branch=escaped(branch.branch_name), day=day_word(language(), entry.contact_on))


def _tick(line: TodayLine, _branch: Branch) -> str | None:
    form = f"{FORM}_tick_{_name(line)}"
    action = last_shown(form, line.facts["action"])
    with st.form(f"today_tick_{_name(line)}", border=False, enter_to_submit=False):
        done = show_done(action, drawing(form))
    is_done = decide(action, done, form)
    return t("Done: {action}.", action=escaped(line_subject(language(), line, action_titles()))) if is_done else None


def _tick_plan(line: TodayLine, branch: Branch) -> str | None:
    """Draw the form that ticks a line of the week plan by hand, for what no record shows; an event is one better."""
    form, item, ask = f"{FORM}_plan_tick_{_name(line)}", line.item, current()
    if item and item.line.event_kind:
        st.page_link(
            page_of("events"),
            label=t("Write down an event"),
            icon=":material/celebration:",
            query_params={"branch": branch.branch_code},
        )
    words = _words(line, "plan_tick", t("What came of it"))
    if item is None:
        return None
    ticked = store_edit(
        form,
        words,
        lambda note, version: tick(ask, {item.item_id: (version, True)}, note=note, now=now(), key=submit_key(form)),
        version=item.version,
        told=lambda note: {"ticked_on": ask.today, "note": note},
    )
    return t("Ticked: {what}.", what=_told(line)) if ticked else None


def _drop(line: TodayLine, _branch: Branch) -> str | None:
    form = f"{FORM}_drop_{_name(line)}"
    action = last_shown(form, line.facts["action"])
    with st.form(f"today_drop_{_name(line)}", border=False, enter_to_submit=False):
        dropped = show_dismissal(action, drawing(form))
    if not decide(action, dropped, form):
        return None
    return t("{state}: {what}.", state=label(language(), SuggestionState.DISMISSED), what=_told(line))


def _note(line: TodayLine, _branch: Branch) -> str | None:
    form = f"{FORM}_note_{_name(line)}"
    words = _words(line, "note", t("What you make of it"))
    if words is not None and stored(form, lambda: store.note(current(), line, words=words, key=submit_key(form))):
        return t("Noted: {what}.", what=_told(line))
    return None


def _explain(line: TodayLine, _branch: Branch) -> str | None:
    form = f"{FORM}_explain_{_name(line)}"
    reason = _words(line, "explain", t("Why it was missed"))
    if reason is not None and stored(form, lambda: store.explain(current(), line, reason=reason, key=submit_key(form))):
        return t("Explained: {what}. The next contact is due after the usual time.", what=_told(line))
    return None


def _snooze(line: TodayLine, _branch: Branch) -> str | None:
    form, ask = f"{FORM}_snooze_{_name(line)}", current()
    until: list[date] = []

    def back_on() -> None:
        until.append(
            st.date_input(
                t("Back on"),
                ask.today + USUAL_SNOOZE,
                min_value=ask.today + timedelta(days=1),
                max_value=latest_snooze_end(ask.today),
                format="YYYY-MM-DD",
                key=f"today_until_{_name(line)}",
            )
        )

    reason = _words(line, "snooze", t("Reason"), back_on)
    if reason is not None and stored(
        form, lambda: store.snooze(ask, line, until_on=until[0], reason=reason, key=submit_key(form))
    ):
        return t("Laid aside until {day}: {what}.", day=day_word(language(), until[0]), what=_told(line))
    return None


def _plan(line: TodayLine, _branch: Branch) -> str | None:
    form, ask = f"{FORM}_plan_{_name(line)}", current()
    on: list[date] = []

    def which_day() -> None:
        on.append(
            st.date_input(
                t("On which day"),
                ask.today + timedelta(days=1),
                min_value=ask.today,
                max_value=latest_snooze_end(ask.today),
                format="YYYY-MM-DD",
                key=f"today_day_{_name(line)}",
            )
        )

    words = _words(line, "plan", t("What is to be reached"), which_day)
    if words is not None and stored(
        form, lambda: store.plan(ask, line, day=on[0], words=words, now=now(), key=submit_key(form))
    ):
        return t("Planned for {day}: {what}.", day=day_word(language(), on[0]), what=_told(line))
    return None


def _words(line: TodayLine, way: str, asks: str, more: Callable[[], None] | None = None) -> str | None:
    """Draw a form of one text, and return it once it is sent."""
    name = _name(line)
    with st.form(f"today_{way}_{name}", border=False, enter_to_submit=False):
        if more:
            more()
        words = st.text_input(asks, key=f"today_{way}_words_{name}", max_chars=today_rules().most_text)
        sent = _sent(f"today_{way}_save", name)
    return words if sent else None


def _sent(key: str, name: str) -> bool:
    return st.form_submit_button(t("Save, then the next"), type="primary", key=f"{key}_{name}", width="stretch")


def _told(line: TodayLine) -> str:
    subject = line_subject(language(), line, action_titles())
    return escaped(f"{line.branch_name} · {subject}")
