"""The form of the self-check: each answer and the free line are stored as they are given."""

from datetime import date

import streamlit as st

from core.facts import Branch
from core.language.days import day_word, month_word
from core.self_check.checks import Answer, SelfCheck, late_until
from core.self_check.rules import ACCEPTED, NONE, YES, Question, QuestionKind, self_check_rules
from pages.parts.conflict import begin_anew, find_conflict, is_at_work, show_choice, store_edit
from pages.parts.layout import escaped
from pages.parts.notices import stored_or_changed
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import drawing, find_shown, forget_shown, last_shown
from pages.parts.store.errors import ChangedByOtherError
from pages.parts.store.self_checks import answer, finish, keep_need

FORM, FINISH = "self_check", "self_check_finish"
DRAWN_FOR = "self_check_drawn_for"
"""Branch and month the form was drawn for."""
MOVED = "self_check_moved"
"""The month the form went on to while it was open."""
PAUSE = "2s"
"""Of typing, after which the free line is sent; it is whenever the field is left."""
EMPTY = (1, "")
"""Version and free line of a check that is not begun."""
UNDECIDED = "self_check_undecided"
"""Answers given here that differ from those given elsewhere meanwhile, by question."""


def show_form(branch: Branch, month: date, check: SelfCheck | None) -> bool:
    """Draw the questions and the end for a month; store what changed. Tell whether the check was finished."""
    rules = self_check_rules()
    _draw_for(branch, month)
    _show_state(month, check)
    st.caption(t("1 = never, strongly no · 5 = always, strongly yes. Every answer is saved at once."))
    known = dict(check.answers) if check else {}
    bar = st.empty()
    for group, words in rules.groups.items():
        st.markdown(f"**{escaped(words.said(language()))}**")
        for question in rules.questions:
            if question.group == group:
                _ask(branch, month, question, known)
    answered, asked = len(known), len(rules.questions)
    bar.progress(answered / asked, t("{answered} of {asked} answered", answered=answered, asked=asked))
    return _end(branch, month, check)


def is_finishing() -> bool:
    """Tell whether the end was just sent, or a choice about it waits: another device may have been faster."""
    return is_at_work(FORM, FINISH)


def _draw_for(branch: Branch, month: date) -> None:
    """Empty a form that was drawn for another month or branch of what was given there.

    A browser keeps what was given under a key, and that is stored where it was given. Only what the head gave in this
    very run, after the month ended, is stored nowhere yet: it is meant for the new month.
    """
    place = (branch.branch_id, month)
    before = last_shown(DRAWN_FOR, place)
    if before == place:
        return
    is_later = before[0] == branch.branch_id and before[1] < month
    for question in self_check_rules().questions:
        key = _key(question)
        given, drawn = st.session_state.get(key), find_shown(key, None)
        forget_shown(key)
        is_new = is_later and given is not None and given != (drawn.value if drawn else None)
        st.session_state[key] = given if is_new else None
        if is_new:
            last_shown(key, None)  # given before anything of this month was shown
    st.session_state.pop(UNDECIDED, None)
    typed, drawn_line = st.session_state.get(_need_key()), find_shown(FORM, EMPTY)[1]
    begin_anew(FORM)
    if is_later and typed is not None and typed.strip() != drawn_line:
        st.session_state[_need_key()] = typed
        last_shown(FORM, EMPTY)
    if is_later:
        st.session_state[MOVED] = month
        st.toast(escaped(_moved_words(month)))  # the head may be far down the page


def _moved_words(month: date) -> str:
    name = month_word(language(), month)
    return t("A new month has begun: this is the check of {month}. Earlier answers stay in theirs.", month=name)


def _show_state(month: date, check: SelfCheck | None) -> None:
    """Say which month's check this is where that is not plain, and who sees what is changed in a finished one."""
    said, name = language(), month_word(language(), month)
    if month != current().today.replace(day=1):
        until = day_word(said, late_until(month))
        words = t(
            "This is your check of {month}, not finished yet. You can finish it until {day}.", month=name, day=until
        )
        st.info(escaped(words))
    elif st.session_state.get(MOVED) == month:
        st.info(escaped(_moved_words(month)))
    if check and check.finished_on:
        day = day_word(said, check.finished_on)
        words = t("Finished on {day}. Only you see what you change now, until you press Finish again.", day=day)
        st.info(escaped(words))


def _end(branch: Branch, month: date, check: SelfCheck | None) -> bool:
    """Draw the free line and the end; store the line where it changed. Tell whether the check was finished.

    A line changed elsewhere shows up where it was left alone here; where both changed it, the head chooses.
    """
    key, now = _need_key(), (check.version, check.need or "") if check else EMPTY
    before = last_shown(FORM, now)
    here = str(st.session_state.setdefault(key, now[1])).strip()
    if now != before and here in (before[1], now[1]):
        st.session_state[key], before = now[1], now
    need = st.text_input(
        t("What would help most next month?"),
        key=key,
        max_chars=self_check_rules().limits.most_characters,
        live=PAUSE,
        placeholder=t("No customer names, phone or ID numbers"),
    ).strip()
    is_sent = st.button(t("Finish"), type="primary", key=FINISH, width="stretch")
    conflict = find_conflict(FORM)
    is_typed = need != now[1] and not (conflict and conflict.entry[0] == need)

    def change(entry: tuple[str, bool], version: int) -> SelfCheck | bool:
        ask, (line, is_end) = current(), entry
        if not is_end:
            return keep_need(ask, branch.branch_id, line, month_start=month, shown_version=version)
        if line != now[1]:
            version = keep_need(ask, branch.branch_id, line, month_start=month, shown_version=version).version
        return finish(ask, branch.branch_id, month_start=month, shown_version=version, key=submit_key(FORM))

    kept = store_edit(
        FORM,
        (need, is_sent) if is_sent or is_typed else None,
        change,
        version=before[0],
        told=lambda entry: {"need": entry[0]},
    )
    if isinstance(kept, SelfCheck):
        last_shown(FORM, (kept.version, kept.need or ""))
        if conflict:
            st.rerun()  # the choice is made: draw the line as it stands
    return kept is True


def _key(question: Question, word: str = "") -> str:
    return f"self_check_{word}{question.key}"


def _need_key() -> str:
    return f"self_check_need{drawing(FORM)}"


def _ask(branch: Branch, month: date, question: Question, known: dict[str, Answer]) -> None:
    """Draw one question; keep in `known` what the store holds after it.

    What was drawn before is compared with what the store holds now: an answer given elsewhere meanwhile
    is shown beside the one given here, and the head chooses. What was drawn and is not stored any more is not
    stored again.
    """
    key, mine_key, theirs_key = (_key(question, word) for word in ("", "mine_", "theirs_"))
    now = known.get(question.key)
    before = last_shown(key, now)
    undecided: dict[str, int] = st.session_state.setdefault(UNDECIDED, {})
    if now != before:
        here, stored = st.session_state.get(key), now.value if now else None
        is_given_here = here is not None and here not in (stored, before.value if before else None)
        if now and is_given_here:
            undecided[question.key] = int(here or NONE)
        if now or not is_given_here:
            st.session_state[key] = stored
    if st.session_state.get(mine_key) and question.key in undecided:
        st.session_state[key] = undecided.pop(question.key)
    elif st.session_state.get(theirs_key):
        undecided.pop(question.key, None)
    given = st.pills(
        f"{question.key} · {escaped(question.words.said(language()))}",
        ACCEPTED[question.kind],
        default=None if key in st.session_state or now is None else now.value,
        required=now is not None,
        format_func=lambda value: answer_word(question, value),
        key=key,
    )
    if question.key in undecided and now:
        st.warning(t("You answered this on another device meanwhile. Which one holds?"))
        row = (question.key, answer_word(question, now.value), answer_word(question, undecided[question.key]))
        show_choice([row], keep_key=theirs_key, store_key=mine_key)
        return
    if given is None or (now and given == now.value):
        return
    shown = now.version if now else 0
    try:
        check = stored_or_changed(
            key,
            lambda: answer(current(), branch.branch_id, question.key, given, month_start=month, shown_version=shown),
        )
    except ChangedByOtherError:
        st.rerun()  # changed in this very moment: the next run finds both answers
    if check is None:
        return
    known[question.key] = check.answers[question.key]
    last_shown(key, known[question.key])


def answer_word(question: Question, value: int) -> str:
    """Return an answer as it is shown."""
    if value == NONE:
        return t("Does not arise")
    if question.kind is QuestionKind.YES_NO:
        return t("Yes") if value == YES else t("No")
    return str(value)
