"""The form of one part of a survey: its answers, their source, and what happens to those that did not change.

What was typed and is not stored yet is kept for the session, of each part of each branch.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.facts import Branch
from core.survey.fields import Confidence, Field, Kind, Method, survey_fields
from core.survey.parts import PartEntry, Source, SurveyPart, audited_entry
from core.survey.words import confidence_word, method_words
from pages.parts.conflict import store_edit
from pages.parts.drafts import Draft, begin_draft, drop_draft, is_begun
from pages.parts.layout import LIVE, escaped
from pages.parts.notices import leave_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import find_shown, first_shown, forget_shown
from pages.parts.store import surveys as store
from pages.parts.store.branch import people
from pages.parts.survey_grids import GRID_KINDS, column_config, column_order, grid_frame, grid_values, grids_of
from pages.parts.survey_views import section_words
from pages.parts.survey_widgets import draw_field, held_of

FORM = "survey"
CARRY, CONFIRM = "carry", "confirm"


def wants_form(branch: Branch, section: str, part: SurveyPart | None) -> bool:
    """Draw the switch that opens the form; it stays open while somebody else saves the same part.

    Parts with something typed that is not stored yet are named, the one whose form is open left out.
    """
    form = _form_of(branch, section)
    base = find_shown(form, part)
    key = f"survey_edit_{branch.branch_code}_{section}_{base.number if base else 0}"
    is_open = st.toggle(t("Fill in or change this part"), key=key, persist_state="session")
    if not is_open and not is_begun(form):
        drop_draft(form)
        forget_shown(form)
    waiting = [one.key for one in survey_fields().sections if is_begun(_form_of(branch, one.key))]
    if is_open and section in waiting:
        waiting.remove(section)
    if waiting:
        st.caption(t("Typed and not stored yet: {parts}", parts=escaped(section_words(waiting))))
    return is_open


def _form_of(branch: Branch, section: str) -> str:
    return f"{FORM}_{branch.branch_code}_{section}"


def show_form(branch: Branch, section: str, part: SurveyPart | None) -> None:
    """Draw the form of a part and save it; a part saved by somebody else meanwhile is shown beside what was typed.

    The form keeps what it was first filled with.
    """
    form = _form_of(branch, section)
    base = first_shown(form, part)
    version = base.number if base else 0
    number = store_edit(
        form,
        _draw(branch, section, base, form),
        lambda entry, shown: store.save(current(), branch.branch_id, entry, shown_version=shown, key=submit_key(form)),
        version=version,
        told=audited_entry,
    )
    if number is not None:
        drop_draft(form)
        leave_notice(FORM, t("Saved as state {number}.", number=number))
        st.rerun()


def _draw(branch: Branch, section: str, base: SurveyPart | None, form: str) -> PartEntry | None:
    """Draw the widgets, filled from a saved state, and return the entry once it is submitted."""
    fields = survey_fields().of_section(section)
    known = {name: answer.value for name, answer in base.answers.items()} if base else {}
    codes = store.codes(current(), branch.branch_id)
    singles = [one for one in fields if one.kind not in GRID_KINDS]
    held = _held(base)
    for one in singles:
        held |= held_of(one, known.get(one.key), codes)
    draft = begin_draft(form, held)
    with st.container(border=True):
        source, confirms = _part_source(draft, is_first=base is None)
        values: dict[str, Any] = {}
        sides = st.columns(2, gap="medium")
        for boxed in (False, True):  # the boxes of several widgets last, so that both sides end together
            for place, asked in enumerate(one for one in singles if (one.kind is Kind.GROUP) is boxed):
                with sides[place % 2]:
                    values[asked.key] = draw_field(asked, codes, draft)
        if section == "people" and "person_rows" not in known:
            known = known | {"person_rows": _people_now(branch)}
        for grid in grids_of(fields):
            st.markdown(f"**{escaped(grid.title(language()))}**")
            frame = st.data_editor(
                draft.frame(grid.key, grid_frame(grid, known, language())),
                column_config=column_config(grid, language(), codes, t("Post or line")),
                column_order=column_order(grid),
                num_rows="fixed" if grid.lines is not None else "dynamic",
                hide_index=True,
                placeholder="–",
                key=draft.key(grid.key),
                alt=grid.title(language()),
            )
            draft.keep_frame(grid.key, frame)
            values |= grid_values(grid, frame)
        unknown = st.multiselect(
            t("Asked, but not known"),
            [one.key for one in fields],
            default=draft.held["unknown"],
            format_func={one.key: one.words.said(language()) for one in fields}.__getitem__,
            placeholder="–",
            help=t("Counts as an answer, but not as filled"),
            **draft.of("unknown"),
        )
        sources = _own_sources(fields, source, draft)
        with st.container(horizontal=True):
            is_sent = st.button(t("Save this part"), type="primary", key=f"{form}_save")
            draft.show_way_back()
        if not is_sent:
            return None
    return PartEntry(section, source, values, tuple(unknown), sources, confirms_unchanged=confirms)


def _held(base: SurveyPart | None) -> dict[str, Any]:
    """Return what the widgets that no field of the survey has are filled with."""
    return {
        "state": base.number if base else 0,  # no input; another one fills the tables anew as well
        "methods": list(base.source.methods) if base else [],
        "day": current().today,
        "confidence": base.source.confidence if base else next(iter(Confidence)),
        "note": (base.source.note if base else None) or "",
        "old": CARRY,
        "unknown": [name for name, answer in base.answers.items() if answer.is_unknown] if base else [],
    }


def _part_source(draft: Draft, *, is_first: bool) -> tuple[Source, bool]:
    """Draw the source of the part and what happens to unchanged answers, of which a first survey has none."""
    today, held = current().today, draft.held
    left, middle, right = st.columns([3, 2, 2])
    method_names = {one: method_words(language(), [one]) for one in Method}
    sure = {one: confidence_word(language(), one) for one in Confidence}
    methods = left.multiselect(
        t("How it was found out"),
        list(Method),
        default=held["methods"],
        format_func=method_names.__getitem__,
        placeholder="–",
        **draft.of("methods"),
    )
    day = middle.date_input(t("Survey day"), held["day"], max_value=today, format="YYYY-MM-DD", **draft.of("day"))
    confidence = right.selectbox(
        t("Confidence"),
        list(Confidence),
        index=list(Confidence).index(held["confidence"]),
        format_func=sure.__getitem__,
        **draft.of("confidence"),
    )
    note = st.text_input(
        t("Note"),
        held["note"],
        placeholder=t("Nothing about persons; the branch head does not see it"),
        live=LIVE,
        **draft.of("note"),
    )
    words = {CARRY: t("keep the day and source they had"), CONFIRM: t("are confirmed on the survey day")}
    unchanged = CARRY
    if not is_first:
        unchanged = st.radio(
            t("Answers that did not change"),
            list(words),
            format_func=words.__getitem__,
            horizontal=True,
            **draft.of("old"),
        )
    return Source(tuple(methods), day, confidence or Confidence.GUESS, note or None), unchanged == CONFIRM


def _people_now(branch: Branch) -> list[dict[str, Any]]:
    """Return the people on record in post, to start the list of persons with."""
    return [
        {
            "staff_code": one.staff_code,
            "role": one.role.value,
            "since": f"{one.joined_on:%Y-%m}" if one.joined_on else None,
        }
        for one in people(current(), branch.branch_id, current().today)
    ]


def _own_sources(fields: Sequence[Field], of_part: Source, draft: Draft) -> dict[str, Source]:
    """Draw the table of answers that come from elsewhere than the part, and return their sources."""
    said = language()
    labels = {one.key: one.words.said(said) for one in fields}
    methods = {one.value: method_words(said, [one]) for one in Method}
    sure = {one.value: confidence_word(said, one) for one in Confidence}
    title = t("Answers from another source than the part")
    st.markdown(f"**{escaped(title)}**")
    empty = pd.DataFrame({name: pd.Series(dtype="object") for name in ("field", "method", "confidence", "note")})
    empty.insert(2, "day", pd.Series(dtype="datetime64[s]"))
    config = st.column_config
    frame = st.data_editor(
        draft.frame("sources", empty),
        column_config={
            "field": config.SelectboxColumn(t("Field"), options=list(labels), format_func=lambda one: labels[str(one)]),
            "method": config.SelectboxColumn(
                t("How it was found out"), options=list(methods), format_func=lambda one: methods[str(one)]
            ),
            "day": config.DateColumn(t("Survey day"), format="YYYY-MM-DD"),
            "confidence": config.SelectboxColumn(
                t("Confidence"), options=list(sure), format_func=lambda one: sure[str(one)]
            ),
            "note": config.TextColumn(t("Note")),
        },
        num_rows="dynamic",
        hide_index=True,
        placeholder="–",
        key=draft.key("sources"),
        alt=title,
    )
    draft.keep_frame("sources", frame)
    return own_sources(frame, of_part)


def own_sources(frame: pd.DataFrame, of_part: Source) -> dict[str, Source]:
    """Return the sources of single fields; what a row leaves empty is that of the part."""
    found: dict[str, Source] = {}
    for row in frame.to_dict("records"):
        if not isinstance(row["field"], str):
            continue
        day = of_part.surveyed_on if pd.isna(row["day"]) else pd.Timestamp(row["day"]).date()
        method = row["method"] if isinstance(row["method"], str) else None
        sure = row["confidence"] if isinstance(row["confidence"], str) else None
        note = row["note"] if isinstance(row["note"], str) else None
        found[row["field"]] = Source(
            (Method(method),) if method else of_part.methods,
            day,
            Confidence(sure) if sure else of_part.confidence,
            note,
        )
    return found
