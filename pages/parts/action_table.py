"""Decided actions as a table: why, which driver and step, who, until when, what came of it and what shows it."""

from collections.abc import Sequence

import pyarrow as pa

from core.coaching.action_words import action_words
from core.coaching.actions import BranchAction, Proof
from core.coaching.dismissals import dismissal_word
from core.coaching.playbook import Action, Driver, ProcessStep, titles_of
from core.coaching.reason_words import reason_sentence
from core.coaching.words import day_word, driver_word, step_word
from core.facts import ContactMethod, StaffRole, SuggestionState, UserRole
from core.language import Language, bracketed
from core.language.labels import label
from pages.parts.session import current, language, t
from pages.parts.store.coaching import playbook
from pages.parts.tables import Column, show_table


def action_titles() -> dict[str, str]:
    """Return the titles of all actions by key, in the reader's language, that of decisions too."""
    return titles_of(language(), playbook(current()))


def show_actions(
    actions: Sequence[BranchAction], *, key: str, name: str, with_branch: bool = True, empty: str | None = None
) -> None:
    """List actions with state, owner, dates, reason and what came of them; overdue ones say so."""
    states = {state.value: label(language(), state) for state in SuggestionState} | {"overdue": t("Overdue")}
    columns = [
        Column("branch_name", t("Branch"), width=196, pinned=True),
        Column("action", t("Action"), width=232),
        Column("state", t("State"), words=states, width=84),
        Column("result", t("Result or reason"), width=250),
        Column("measure", t("Measure"), words={"met": t("Reached"), "missed": t("Not reached")}),
        Column("due_on", t("Due date"), "day", width=90),
        Column("owner", t("Owner"), width=122),
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
    show_table(_table(actions), shown, key=key, name=name, empty=empty)


def _table(actions: Sequence[BranchAction]) -> pa.Table:
    titles, today, words = action_titles(), current().today, language()
    of = _in_playbook(actions)
    named = [action_words(words, one.action_key, one.facts, titles) for one in actions]
    return pa.table(
        {
            "branch_name": pa.array([one.branch_name for one in actions], pa.string()),
            "action": pa.array(named, pa.string()),
            "state": pa.array(
                ["overdue" if one.is_overdue(today) else one.state.value for one in actions], pa.string()
            ),
            "owner": pa.array([one.owner for one in actions], pa.string()),
            "taken_on": pa.array([one.taken_on for one in actions], pa.date32()),
            "due_on": pa.array([one.due_on for one in actions], pa.date32()),
            "expires_on": pa.array([one.expires_on for one in actions], pa.date32()),
            "decided_on": pa.array([one.decided_on for one in actions], pa.date32()),
            "result": pa.array([_result(one) for one in actions], pa.string()),
            "measure": pa.array([_measure(one) for one in actions], pa.string()),
            "proof": pa.array([proof_words(one.proof) if one.proof else None for one in actions], pa.string()),
            "why": pa.array([_why(words, one) for one in actions], pa.string()),
            "seen_count": pa.array([one.seen_count for one in actions], pa.int64()),
            "driver": pa.array([_driver(one) for one in of], pa.string()),
            "step": pa.array([one.step.value if one else None for one in of], pa.string()),
            "branch_code": pa.array([one.branch_code for one in actions], pa.string()),
        }
    )


def _in_playbook(actions: Sequence[BranchAction]) -> list[Action | None]:
    of = {one.key: one for one in reversed(playbook(current()))}
    return [of.get(one.action_key) for one in actions]


def _why(words: Language, action: BranchAction) -> str | None:
    try:
        return reason_sentence(words, action.reason_key, action.facts)
    except (KeyError, ValueError):  # stored without the numbers of its sentence, or by a newer version
        return None


def _driver(action: Action | None) -> str | None:
    return action.driver.value if action else None


def _result(action: BranchAction) -> str | None:
    if action.state is not SuggestionState.DISMISSED or action.dismissal is None:
        return action.outcome or action.dismissed_reason
    chosen = dismissal_word(language(), action.dismissal)
    return f"{chosen} · {action.dismissed_reason}" if action.dismissed_reason else chosen


def _measure(action: BranchAction) -> str | None:
    return None if action.measure_met is None else ("met" if action.measure_met else "missed")


def proof_words(proof: Proof) -> str:
    """Return a contact on one line: day, how, with whom."""
    role = label(language(), StaffRole(proof.role))
    whom = proof.staff_name + bracketed(language(), role) if proof.staff_name else role
    return " · ".join([day_word(language(), proof.contact_on), label(language(), ContactMethod(proof.method)), whom])


def driver_counts(actions: Sequence[BranchAction]) -> str:
    """Return how many open actions build the team and how many run activities."""
    of = _in_playbook(actions)
    counts = {driver: sum(one is not None and one.driver is driver for one in of) for driver in Driver}
    return " · ".join(f"{driver_word(language(), driver)} {count}" for driver, count in counts.items())
