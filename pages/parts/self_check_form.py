"""The form of the self-check: each answer is stored as it is given."""

import streamlit as st

from core.facts import Branch
from core.self_check.checks import Answer, SelfCheck
from core.self_check.rules import ACCEPTED, NONE, YES, Question, QuestionKind, self_check_rules
from pages.parts.conflict import is_at_work, show_choice, store_edit
from pages.parts.layout import LIVE, escaped
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import drawing, last_shown
from pages.parts.store.errors import ChangedByOtherError
from pages.parts.store.self_checks import answer, finish

FORM, FINISH = "self_check", "self_check_finish"
UNDECIDED = "self_check_undecided"
"""Answers given here that differ from those given elsewhere meanwhile, by question."""


def show_form(branch: Branch, check: SelfCheck | None) -> bool:
    """Draw the questions and the end; store every answer that changed. Tell whether the check was finished."""
    rules = self_check_rules()
    st.caption(t("1 = never, strongly no · 5 = always, strongly yes. Every answer is saved at once."))
    known = dict(check.answers) if check else {}
    bar = st.empty()
    for group, words in rules.groups.items():
        st.markdown(f"**{escaped(words.said(language()))}**")
        for question in rules.questions:
            if question.group == group:
                _ask(branch, question, known)
    answered, asked = len(known), len(rules.questions)
    bar.progress(answered / asked, t("{answered} of {asked} answered", answered=answered, asked=asked))
    need = st.text_input(
        t("What would help most next month?"),
        value=(check.need if check else None) or "",
        key=f"self_check_need{drawing(FORM)}",
        max_chars=rules.limits.most_characters,
        live=LIVE,
        on_change="ignore",
        placeholder=t("No customer names, phone or ID numbers"),
    )
    shown = last_shown(FORM, (check.version, check.need) if check else (1, None))
    sent = st.button(t("Finish"), type="primary", key=FINISH, width="stretch")
    return bool(
        store_edit(
            FORM,
            (need or "") if sent else None,
            lambda said, version: finish(
                current(), branch.branch_id, need=said, shown_version=version, key=submit_key(FORM)
            ),
            version=shown[0],
            told=lambda said: {"need": said.strip()},
        )
    )


def is_finishing() -> bool:
    """Tell whether the end was just sent, or a choice about it waits: another device may have been faster."""
    return is_at_work(FORM, FINISH)


def _ask(branch: Branch, question: Question, known: dict[str, Answer]) -> None:
    """Draw one question; keep in `known` what the store holds after it.

    What was drawn before is compared with what the store holds now: an answer given elsewhere meanwhile
    is shown beside the one given here, and the head chooses.
    """
    key, mine_key, theirs_key = (f"self_check_{word}{question.key}" for word in ("", "mine_", "theirs_"))
    now = known.get(question.key)
    before = last_shown(key, now)
    undecided: dict[str, int] = st.session_state.setdefault(UNDECIDED, {})
    if now and now != before:
        here = st.session_state.get(key)
        if here not in (None, now.value, before.value if before else None):
            undecided[question.key] = here
        st.session_state[key] = now.value
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
    try:
        check = answer(current(), branch.branch_id, question.key, given, shown_version=now.version if now else 0)
    except ChangedByOtherError:
        st.rerun()  # changed in this very moment: the next run finds both answers
    known[question.key] = check.answers[question.key]
    last_shown(key, known[question.key])


def answer_word(question: Question, value: int) -> str:
    """Return an answer as it is shown."""
    if value == NONE:
        return t("Does not arise")
    if question.kind is QuestionKind.YES_NO:
        return t("Yes") if value == YES else t("No")
    return str(value)
