"""A branch survey to read: how complete and how old it is, its parts, two states side by side."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pyarrow as pa
import streamlit as st

from core.facts import Branch, UserRole
from core.language.days import day_word
from core.language.labels import label
from core.survey.completeness import PartStanding, PartState, SurveyStanding, answer_state
from core.survey.fields import Field, survey_fields
from core.survey.parts import SurveyPart, changes
from core.survey.words import answer_text, confidence_word, joined, method_words, source_text, state_word
from pages.parts.layout import empty_state, escaped
from pages.parts.navigation import page_of
from pages.parts.session import current, language, t
from pages.parts.store import surveys as store
from pages.parts.tables import Column, show_text_table
from pages.parts.wording import supervisor_word

STATE_COLOURS = {
    PartState.INSIDE: "green",
    PartState.WARN: "orange",
    PartState.OVER: "red",
    PartState.PEOPLE_CHANGED: "red",
    PartState.MISSING: "red",
}
SAME_SURVEY = timedelta(days=14)
"""States saved within so many days belong to one survey, most likely: what is compared first lies before."""


def is_head() -> bool:
    """Tell whether a branch head reads."""
    return current().actor.role is UserRole.BRANCH_HEAD


def show_heading(branch: Branch) -> None:
    """Draw the head of the branch file: branch, bank, region, tier."""
    tier = label(language(), branch.size_tier) if branch.size_tier else None
    place = [branch.branch_code, branch.bank, branch.region, tier, supervisor_word(branch.supervisor)]
    with st.container(gap=None):
        st.subheader(escaped(branch.branch_name), anchor=False)
        st.caption(escaped(" · ".join(part for part in place if part)))


def show_standing(branch: Branch) -> None:
    """Draw the completeness, and of each part when it was surveyed, until when it holds, and what is due."""
    whole = store.standing(current(), branch.branch_id)
    if not whole.parts:
        st.caption(t("The branch is closed: its survey is kept, nothing is due."))
        return
    st.progress(whole.completeness, completeness_words(whole))
    st.markdown("\n".join(_part_line(one) for one in whole.parts))


def completeness_words(whole: SurveyStanding) -> str:
    """Return the completeness in words."""
    return t(
        "{share} complete: {filled} of {required} required fields",
        share=f"{whole.completeness:.0%}",
        filled=whole.filled,
        required=whole.required,
    )


def _part_line(part: PartStanding) -> str:
    said = language()
    section = survey_fields().section(part.section)
    words = [f"{part.filled}/{part.required}"]
    if part.surveyed_on:
        surveyed = day_word(said, part.surveyed_on)
        words.append(t("surveyed on {day}, {days} days ago", day=surveyed, days=part.age_days))
    if part.review_on:
        words.append(t("to be confirmed by {day}", day=day_word(said, part.review_on)))
    name = escaped(section.words.said(said)) if section else ""
    badge = f":{STATE_COLOURS[part.state]}-badge[{escaped(state_word(said, part.state))}]"
    return f"- **{name}** {escaped(' · '.join(words))} {badge}"


def show_part(section: str, part: SurveyPart | None) -> None:
    """List the answers of a part with their sources, after what is missing and what must be confirmed again."""
    said = language()
    fields = survey_fields().of_section(section, for_head=is_head())
    if part is None:
        empty_state(t("This part has not been surveyed yet."))
        return
    rule = survey_fields()
    counted = {one.key for one in rule.counted(for_head=is_head())}
    missing = [one for one in fields if one.key in counted and not _is_filled(part, one)]
    old = [one for one in fields if _state(part, one) is PartState.OVER]
    if missing:
        head = _head(t("Still missing"))
        st.markdown(f"{head} {escaped(_labels(missing))}")
    if old:
        head = _head(t("To be confirmed again"))
        st.markdown(f"{head} {escaped(_labels(old))}")
    if part.source.note:
        st.caption(escaped(part.source.note))
    shown = [one for one in fields if one.shown_when is None or not is_head() or one.key in part.answers]
    sources = {one.key: part.source_of(one.key) for one in shown if one.key in part.answers}
    states = [_state(part, one) for one in shown]
    table = pa.table(
        {
            "field": [one.words.said(said) + (" *" if one.required else "") for one in shown],
            "answer": [answer_text(said, one, part.answers.get(one.key)) or None for one in shown],
            "source": pa.array(map(partial(_source, part), shown, states), pa.string()),
            "methods": pa.array(
                [method_words(said, sources[one.key].methods) if one.key in sources else None for one in shown],
                pa.string(),
            ),
            "surveyed_on": pa.array(
                [sources[one.key].surveyed_on if one.key in sources else None for one in shown], pa.date32()
            ),
            "confidence": pa.array(
                [confidence_word(said, sources[one.key].confidence) if one.key in sources else None for one in shown],
                pa.string(),
            ),
            "state": pa.array([state_word(said, one) if one else None for one in states], pa.string()),
            "note": pa.array([_own_note(part, one) for one in shown], pa.string()),
        }
    )
    columns = [
        Column("field", t("Field")),
        Column("answer", t("Answer")),
        Column("source", t("Source"), in_files=False),
        Column("methods", t("How it was found out"), on_screen=False),
        Column("surveyed_on", t("Survey day"), "day", on_screen=False),
        Column("confidence", t("Confidence"), on_screen=False),
        Column("state", t("State"), on_screen=False),
        *([] if is_head() else [Column("note", t("Note"), on_screen=False)]),
    ]
    section_row = rule.section(section)
    name = section_row.words.said(said) if section_row else section
    show_text_table(table, columns, key=f"survey_{section}", name=t("Branch survey: {part}", part=name))
    saved = t("* required. Saved on {day} by {name}.", day=day_word(said, part.saved_on), name=part.saved_by or "–")
    st.caption(escaped(saved))


def _source(part: SurveyPart, asked: Field, state: PartState | None) -> str | None:
    """Return how, when and how surely an answer was found out, its own note, and how old it is, in one text."""
    if asked.key not in part.answers:
        return None
    words = [source_text(language(), part.source_of(asked.key))]
    note = None if is_head() else _own_note(part, asked)
    words += [note] if note else []
    words += [state_word(language(), state)] if state and state is not PartState.INSIDE else []
    return " · ".join(words)


def _head(words: str) -> str:
    head = t("{head}:", head=words)
    return f"**{escaped(head)}**"


def _labels(fields: Sequence[Field]) -> str:
    return joined(language(), [one.words.said(language()) for one in fields])


def _is_filled(part: SurveyPart, asked: Field) -> bool:
    answer = part.answers.get(asked.key)
    return answer is not None and answer.is_filled


def _state(part: SurveyPart, asked: Field) -> PartState | None:
    if asked.key not in part.answers:
        return None
    return answer_state(asked, part.source_of(asked.key).surveyed_on, as_of=current().today)


def _own_note(part: SurveyPart, asked: Field) -> str | None:
    answer = part.answers.get(asked.key)
    return answer.source.note if answer and answer.source and answer.source != part.source else None


def show_comparison(branch: Branch) -> None:
    """Choose two saved states and list the fields that differ: then and now."""
    ask, said = current(), language()
    found = store.states(ask, branch.branch_id)
    if len(found) < 2:
        empty_state(t("There is only one saved state so far: nothing to compare."))
        return
    names = {one.number: _state_name(one) for one in found}
    before = found[0].surveyed_on - SAME_SURVEY
    earlier = next((one.number for one in found if one.surveyed_on < before), found[1].number)
    left, right = st.columns(2)
    numbers = list(names)
    then = left.selectbox(
        t("As of then"), numbers, numbers.index(earlier), format_func=names.__getitem__, key="survey_then"
    )
    now = right.selectbox(t("As of now"), numbers, 0, format_func=names.__getitem__, key="survey_now")
    with_all = st.toggle(t("Unchanged fields too"), key="survey_compare_all")
    old_parts, new_parts = store.parts(ask, branch.branch_id, then), store.parts(ask, branch.branch_id, now)
    rows = []
    for section in survey_fields().sections_for(for_head=is_head()):
        old, new = old_parts.get(section.key), new_parts.get(section.key)
        fields = survey_fields().of_section(section.key, for_head=is_head())
        for asked in fields if with_all else changes(old, new, fields):
            answers = [answer_text(said, asked, part.answers.get(asked.key) if part else None) for part in (old, new)]
            if any(answers):
                rows.append((section.words.said(said), asked.words.said(said), *(one or None for one in answers)))
    keys = ("section", "field", "then", "now")
    table = pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(keys)})
    table = table.append_column("asked", pa.array([f"{section} · {field}" for section, field, *_ in rows], pa.string()))
    show_text_table(
        table,
        [
            Column("asked", t("Field"), in_files=False),
            Column("section", t("Part"), on_screen=False),
            Column("field", t("Field"), on_screen=False),
            Column("then", t("As of then")),
            Column("now", t("As of now")),
        ],
        key="survey_compared",
        name=t("Branch survey, two states side by side"),
        empty=t("The two states hold the same answers."),
    )


def _state_name(state: store.SavedState) -> str:
    section = survey_fields().section(state.section)
    words = [
        str(state.number),
        day_word(language(), state.surveyed_on),
        section.words.said(language()) if section else "",
        state.saved_by,
    ]
    return " · ".join(one for one in words if one)


def show_line(branch: Branch) -> None:
    """Say on the page of the branch how complete its survey is and what is due, with the way to it."""
    whole = store.standing(current(), branch.branch_id)
    if not whole.parts:
        return
    words = [completeness_words(whole)]
    if whole.surveyed_on:
        words.append(t("last on {day}", day=day_word(language(), whole.surveyed_on)))
    if whole.due:
        words.append(t("due: {parts}", parts=section_words(whole.due)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escaped(" · ".join(words)), width="content")
        st.page_link(
            page_of("survey"),
            label=t("Open the survey"),
            icon=":material/assignment:",
            query_params={"branch": branch.branch_code},
        )
    show_key_fields(branch.branch_id)


def show_key_fields(branch_id: int) -> None:
    """Say what whoever plans should know of a branch: the fields named for it, each with an answer; else nothing."""
    said, found = language(), store.parts(current(), branch_id, None)
    known = []
    for key in survey_fields().key_fields:
        asked = survey_fields().field(key)
        part = found.get(asked.section) if asked else None
        answer = part.answers.get(key) if part else None
        if asked and answer and answer.is_filled:
            known.append(f"{_head(asked.words.said(said))} {escaped(answer_text(said, asked, answer))}")
    if known:
        st.markdown(f":small[{' · '.join(known)}]")


def section_words(keys: Sequence[str]) -> str:
    """Return the names of sections as a list."""
    found = [one for one in survey_fields().sections if one.key in keys]
    return joined(language(), [one.words.said(language()) for one in found])
