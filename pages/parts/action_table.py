"""Decided actions as a table: why, which driver and step, who, until when, what came of it and what shows it."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from core.coaching.action_table import actions_table
from core.coaching.actions import BranchAction
from core.coaching.playbook import Driver, ProcessStep, titles_of
from core.coaching.words import driver_word, step_word
from core.facts import SuggestionState, UserRole
from core.language import Language
from core.language.labels import label
from pages.parts.session import current, language, t
from pages.parts.store.coaching import playbook
from pages.parts.tables import Column, show_table

ACTION_PIXELS: dict[Language, int] = {"en": 268, "zh": 160}
"""The longest titles of the playbook are whole."""


def action_titles() -> dict[str, str]:
    """Return the titles of all actions by key, in the reader's language, that of decisions too."""
    return titles_of(language(), playbook(current()))


def show_actions(
    actions: Sequence[BranchAction],
    *,
    key: str,
    name: str,
    with_branch: bool = True,
    empty: str | None = None,
    table: pa.Table | None = None,
    downloads: bool = True,
) -> None:
    """List actions with state, owner, dates, reason and what came of them; overdue ones say so.

    `table` are the same in words, where they are many and kept ready; `downloads` as for `show_table`.
    """
    states = {state.value: label(language(), state) for state in SuggestionState} | {"overdue": t("Overdue")}
    columns = [
        Column("branch_name", t("Branch"), width=208, pinned=True),
        Column("action", t("Action"), width=ACTION_PIXELS[language()]),
        Column("state", t("State"), words=states, width=84),
        Column("result", t("Result or reason"), width=250),
        Column("measure", t("Measure"), words={"met": t("Reached"), "missed": t("Not reached")}),
        Column("due_on", t("Due date"), "day", width=90),
        Column("owner", t("Owner"), width=112),
        Column("decided_on", t("Decided on"), "day", width=90),
        Column("proof", t("Contact that shows it"), width="medium"),
        Column("why", t("Why"), width=280),
        Column("seen_count", t("Weeks seen"), "integer", help=t("In how many weeks the reason was seen")),
        Column("driver", t("Driver"), words={one.value: driver_word(language(), one) for one in Driver}),
        Column("step", t("Process step"), words={one.value: step_word(language(), one) for one in ProcessStep}),
        Column("taken_on", t("Day taken on"), "day", width=90),
        Column("expires_on", t("Expires after"), "day", width=90),
        Column("branch_code", t("Branch code")),
    ]
    if current().actor.role in (UserRole.SUPERVISOR, UserRole.BRANCH_HEAD):
        columns.sort(key=lambda one: one.key == "owner")  # nearly always the same one: last, so that the reason is seen
    hidden = set() if with_branch else {"branch_name", "branch_code"}
    if all(one.state is SuggestionState.TAKEN for one in actions):
        hidden |= {"result", "measure", "proof", "decided_on"}
    shown = [one for one in columns if one.key not in hidden]
    if table is None:
        table = actions_table(actions, language=language(), today=current().today, playbook=playbook(current()))
    show_table(table, shown, key=key, name=name, empty=empty, downloads=downloads)


def driver_counts(table: pa.Table) -> str:
    """Return how many actions of `actions_table` build the team and how many run activities."""
    counts = {driver: pc.sum(pc.equal(table["driver"], driver.value)).as_py() or 0 for driver in Driver}
    words = {driver_word(language(), driver): count for driver, count in counts.items()}
    others = table.num_rows - sum(counts.values())
    if others:
        words[t("decisions of reviews")] = others
    return " · ".join(f"{word} {count}" for word, count in words.items())
