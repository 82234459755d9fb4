"""The lines of a week plan as a table: what, where, when, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pyarrow as pa

from core.language import Language
from core.language.days import day_word
from core.planning.causes import find_cause
from core.planning.check import CheckedItem, ItemState
from core.planning.items import PlanItem, PlanKind
from core.planning.words import STATE_LABELS, kind_word, line_words, number_word, origin_word, settled_word, state_word
from pages.parts.action_table import action_titles
from pages.parts.picks import pick_where_none_is
from pages.parts.session import language, t
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_word

Part = Literal["plan", "check", "act"]
FEW_ROWS_PIXELS = 213
LINE_PIXELS: dict[Language, dict[Part, int]] = {
    "en": {"plan": 280, "check": 226, "act": 268},
    "zh": {"plan": 256, "check": 198, "act": 268},
}
CAUSE_PIXELS: dict[Language, int] = {"en": 164, "zh": 124}
"""What a phase is about is seen beside the menu at 1280 pixels."""


def is_goal(one: CheckedItem) -> bool:
    """Tell whether a line is a goal."""
    return one.item.line.kind is PlanKind.GOAL


def words_of(item: PlanItem) -> str:
    """Return what a line plans, in the reader's language; of one out of sight its kind."""
    words = line_words(language(), item.line, action_titles())
    return words or kind_word(language(), item.line.kind)


def branch_of(item: PlanItem) -> str:
    """Return the name of a line's branch as a list shows it, empty for a line about none."""
    if item.is_in_sight:
        return item.branch_name or ""
    return t("(handed over)") if item.is_handed_on else t("(outside your region)")


def name_of(item: PlanItem) -> str:
    """Return a line as a choice shows it: day, branch, what."""
    parts = [day_word(language(), item.line.day) if item.line.day else "", branch_of(item), words_of(item)]
    return " · ".join(part for part in parts if part)


def show_lines(
    lines: Sequence[CheckedItem],
    *,
    part: Part,
    key: str,
    name: str,
    empty: str,
    bases: Mapping[int, str | None] | None = None,
    at_hand: CheckedItem | None = None,
) -> CheckedItem | None:
    """Draw lines with the columns a phase needs, and return the one that was clicked.

    `bases` are the words of the survey each branch was planned on, for the plan phase. `at_hand` is picked where the
    reader has picked none.
    """
    said, titles = language(), action_titles()
    items = [one.item for one in lines]
    causes = [find_cause(one.cause) for one in items]
    blank = [t("Unexplained") if part == "act" and one.is_unexplained else None for one in lines]
    told = [cause.title(said) if cause else none for cause, none in zip(causes, blank, strict=True)]
    table = pa.table(
        {
            "state": pa.array([one.state.value for one in lines], pa.string()),
            "day": pa.array([one.line.day for one in items], pa.date32()),
            "kind": pa.array([kind_word(said, one.line.kind) for one in items], pa.string()),
            "branch_name": pa.array([branch_of(one) or None for one in items], pa.string()),
            "line": pa.array([words_of(one) for one in items], pa.string()),
            "basis": pa.array([(bases or {}).get(one.line.branch_id or 0) for one in items], pa.string()),
            "carried": pa.array([one.times_carried or None for one in items], pa.int64()),
            "origin": pa.array([_origin(one) for one in items], pa.string()),
            "fact": pa.array([_fact(one) for one in lines], pa.string()),
            "kept_on": pa.array([one.kept_on for one in lines], pa.date32()),
            "cause": pa.array(told, pa.string()),
            "adjustment": pa.array([_adjustment(one, titles) for one in items], pa.string()),
            "note": pa.array([_note(one) for one in lines], pa.string()),
        }
    )
    shown = {
        "plan": ("state", "branch_name", "line", "day", "basis", "carried", "kind", "origin"),
        "check": ("state", "carried", "branch_name", "line", "fact", "cause", "day", "kept_on", "note", "origin"),
        "act": ("cause", "branch_name", "line", "day", "carried", "fact", "adjustment", "note"),
    }[part]
    columns = {column.key: column for column in _columns(part)}
    keys = [one.item_id for one in items]
    if at_hand:
        pick_where_none_is(key, keys, at_hand.item.item_id)
    picked = show_table(
        table,
        [columns[each] for each in shown],
        key=key,
        name=name,
        on_select="rerun",
        empty=empty,
        height=FEW_ROWS_PIXELS if part == "act" else 460,  # the form about a miss begins on the first screen
        keys=keys,
        downloads=part != "act",  # the Check phase has the same lines
    )
    return None if picked is None else lines[picked]


def _columns(part: Part) -> list[Column]:
    said = language()
    states = {state.value: state_word(said, state) for state in STATE_LABELS}
    return [
        Column("state", t("State"), words=states, width=84, pinned=part != "act"),
        Column("day", t("Day"), "day", width=86),
        Column("kind", t("Kind"), width=84),
        Column("branch_name", t("Branch"), width=212 if part == "act" else 206),
        Column("line", t("What"), width=LINE_PIXELS[said][part]),
        Column("basis", t("Branch file"), width=124, help=t("Day of the latest survey; ! = past its review period")),
        Column("carried", t("Missed"), "integer", help=t("In how many weeks before"), width=66),
        Column("origin", t("Comes from"), width=150),
        Column("fact", t("Fact"), width=74, help=t("Of goals: net policies or premium of the week")),
        Column("kept_on", t("Done on"), "day", width=86),
        Column("cause", t("Cause"), width=CAUSE_PIXELS[said]),
        Column("adjustment", t("What changes"), width=200),
        Column("note", t("Remark"), width=160),
    ]


def _origin(item: PlanItem) -> str:
    words = origin_word(language(), item.origin)
    marks = [
        t("added after the lock") if item.is_added_late else "",
        t("changed after the lock") if item.is_changed_late else "",
    ]
    return " · ".join(word for word in [words, *marks] if word)


def _note(one: CheckedItem) -> str | None:
    settled = settled_word(language(), one.settlement) if one.settlement else _handed_on(one)
    if settled is None and one.locked_goal is not None:
        settled = t("Judged by the goal at the lock: {goal}", goal=number_word(one.locked_goal))
    return settled or one.item.tick_note or one.item.cause_note


def _handed_on(one: CheckedItem) -> str | None:
    """Return who has the branch of a line by now, and since when, as far as the reader may know and anybody does."""
    if not one.item.is_handed_on:
        return None
    day = day_word(language(), one.left_on) if one.left_on else None
    words = (t("Branch handed over"), supervisor_word(one.item.looked_after_by), day)
    return " · ".join(word for word in words if word)


def _fact(one: CheckedItem) -> str | None:
    if one.item.line.kind is not PlanKind.GOAL or one.state is ItemState.NO_DATA:
        return None
    return number_word(one.fact)


def _adjustment(item: PlanItem, titles: dict[str, str]) -> str | None:
    action = titles.get(item.adjustment_action or "", item.adjustment_action)
    return " · ".join(word for word in (item.adjustment, action) if word) or None
