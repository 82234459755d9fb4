"""What the forms of Today share: the name of a line in their keys, its words, and the button that stores."""

from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from core.notes.notes import Kept
from core.review.decisions import Decision
from core.today.lines import Thing, TodayLine
from core.today.rules import today_rules
from core.today.words import line_subject
from pages.parts.action_forms import save_key
from pages.parts.action_table import action_titles
from pages.parts.cause_form import cause_begun
from pages.parts.conflict import is_at_work
from pages.parts.drafts import Draft, begin_draft
from pages.parts.layout import LIVE, escaped
from pages.parts.note_forms import is_settling
from pages.parts.session import language, t

FORM = "today"
"""Under this name the forms leave what they have to say."""
SENT = ("save", "note_save", "explain_save", "snooze_save", "plan_save")


def name_of_line(line: TodayLine) -> str:
    """Return what the keys of a line's forms carry, so that nothing typed about one stands in those of another."""
    return f"{line.thing}_{line.branch_id}_{line.subject}"


def told_line(line: TodayLine) -> str:
    """Return whom or what a line is about, with its branch, for a sentence."""
    subject = line_subject(language(), line, action_titles())
    return escaped(" · ".join(word for word in (line.branch_name, subject) if word))


def save_button(key: str, name: str, words: str | None = None) -> bool:
    """Draw the button that stores, and tell whether it was pressed; it says so where the next line does not follow."""
    return st.button(words or t("Save, then the next"), type="primary", key=f"{key}_{name}", width="stretch")


@dataclass(frozen=True)
class AskedDay:
    """A day a form asks for: in which words, the usual one, and the first and the last that may be chosen."""

    asks: str
    usual: date
    first: date
    last: date


def one_text(line: TodayLine, way: str, asks: str) -> str | None:
    """Draw a form of one text, and return it once it is sent; what is typed stays while other lines are looked at."""
    return _sent_text(begin_draft(_form(line, way), {"words": ""}), line, way, asks)


def day_and_text(line: TodayLine, way: str, day: AskedDay, asks: str) -> tuple[date, str | None]:
    """Draw a form of a day and a text, kept as that of one text is; return the day, and the text once it is sent."""
    draft = begin_draft(_form(line, way), {"day": day.usual, "words": ""})
    chosen = st.date_input(
        day.asks,
        min(max(draft.held["day"], day.first), day.last),  # a form begun yesterday holds the usual day of yesterday
        min_value=day.first,
        max_value=day.last,
        format="YYYY-MM-DD",
        **draft.of("day"),
    )
    return chosen, _sent_text(draft, line, way, asks)


def _form(line: TodayLine, way: str) -> str:
    return f"{FORM}_{way}_{name_of_line(line)}"


def _sent_text(draft: Draft, line: TodayLine, way: str, asks: str) -> str | None:
    words = st.text_input(asks, max_chars=today_rules().most_text, live=LIVE, **draft.of("words"))
    sent = save_button(f"today_{way}_save", name_of_line(line))
    draft.show_way_back()
    return words if sent else None


def decision_form(decision: Decision) -> str:
    """Return the name of the form that says what became of a decision."""
    return f"today_decision_{decision.decision_id}"


def line_at_work(line: TodayLine) -> bool:
    """Tell whether something was sent about a line in this run, or a choice about it waits."""
    name = name_of_line(line)
    sent = [f"today_{way}_{name}" for way in SENT]
    if line.thing is Thing.ACTION:
        sent.append(save_key(line.facts["action"]))
    if line.thing is Thing.PROMISE and is_settling(replace(line.facts["note"], kept=Kept.KEPT)):
        return True
    if line.thing is Thing.DECISION:
        form = decision_form(line.facts["decision"])
        return is_at_work(form, f"{form}_save")
    if line.item is not None and cause_begun(line.item):
        return True
    forms = (f"{FORM}_{way}_{name}" for way in ("drop", "note", "plan_tick", "explain", "snooze"))
    return is_at_work(f"{FORM}_tick_{name}", *sent) or any(is_at_work(form) for form in forms)
