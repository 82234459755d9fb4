"""Deal with a line of the week plan on Today: tick it off by hand, or say why it was not done."""

import streamlit as st

from core.facts import Branch
from core.planning.causes import Explanation, causes, find_cause
from core.planning.rules import plan_rules_on
from core.planning.words import group_word
from core.today.lines import TodayLine
from pages.parts.conflict import store_edit
from pages.parts.navigation import page_of
from pages.parts.session import current, language, now, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store.planning import explain, tick
from pages.parts.today_lines import FORM, name_of_line, one_text, save_button, told_line


def show_tick(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw the form that ticks a line by hand, for what no record shows; an event is better written down."""
    form, item, ask = f"{FORM}_plan_tick_{name_of_line(line)}", line.item, current()
    if item and item.line.event_kind and branch:
        st.page_link(
            page_of("events"),
            label=t("Write down an event"),
            icon=":material/celebration:",
            query_params={"branch": branch.branch_code},
        )
    words = one_text(line, "plan_tick", t("What came of it"))
    if item is None:
        return None
    ticked = store_edit(
        form,
        words,
        lambda note, version: tick(ask, {item.item_id: (version, True)}, note=note, now=now(), key=submit_key(form)),
        version=item.version,
        told=lambda note: {"ticked_on": ask.today, "note": note},
    )
    return t("Ticked: {what}.", what=told_line(line)) if ticked else None


def show_cause(line: TodayLine, _branch: Branch | None) -> str | None:
    """Draw the form that gives an overdue line its cause and what changes; further causes are named in the plan."""
    if line.item is None:
        return None
    form = f"{FORM}_plan_cause_{name_of_line(line)}"
    item = last_shown(form, line.item)
    if store_edit(
        form,
        _filled_in(line),
        lambda said, version: explain(current(), item, said, shown_version=version, now=now(), key=submit_key(form)),
        version=item.version,
        told=lambda said: said.told,
    ):
        return t("Explained: {line}", line=told_line(line))
    return None


def _filled_in(line: TodayLine) -> Explanation | None:
    said, name, known = language(), name_of_line(line), {one.code: one for one in causes()}
    most = plan_rules_on(current().today).text_most_characters

    def words_of(code: str) -> str:
        cause = known[code]
        return f"{code} · {group_word(said, cause.group)} · {cause.title(said)}"

    with st.form(f"today_cause_{name}", border=False, enter_to_submit=False):
        code = st.selectbox(
            t("Cause"),
            list(known),
            index=None,
            format_func=words_of,
            key=f"today_cause_code_{name}",
            placeholder=t("Unexplained"),
            filter_mode="contains",
        )
        note = st.text_input(t("What shows the cause"), key=f"today_cause_note_{name}", max_chars=most)
        change = st.text_input(t("What changes next week"), key=f"today_cause_change_{name}", max_chars=most)
        if not save_button("today_cause_save", name):
            return None
    cause = find_cause(code)
    return Explanation(cause.code if cause else None, note or "", change or "")
