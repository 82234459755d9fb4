"""Where branches stand in the steps of the process: all of them, one in detail, one in a line; and the six ones."""

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.events.rules import event_rules
from core.facts import Branch
from core.steps.rules import StepState, step_rules
from core.steps.six_ones import ANY_EVENT, PROJECT, SlotPeriod, SlotState
from pages.parts.branch_choice import ADDRESS
from pages.parts.layout import empty_state, escaped
from pages.parts.session import current, guarded, language, t
from pages.parts.store.steps import branch_slots, branch_steps
from pages.parts.tables import Column, show_table, show_text_table
from pages.parts.wording import supervisor_words

TABLE = "steps_table"


def state_words() -> dict[str, str]:
    """Return sign and word of each state by its stored value."""
    return {state.value: step_rules().state_word(state, language()) for state in StepState}


def show_overview(table: pa.Table) -> None:
    """List branches with the state of each step, the most overdue first; a click on one opens it below."""
    said, rules = language(), step_rules()

    def follow() -> None:
        rows = st.session_state[TABLE]["selection"]["rows"]
        if rows and rows[0] < table.num_rows:
            st.query_params[ADDRESS] = table["branch_code"][rows[0]].as_py()
        else:
            st.query_params.pop(ADDRESS, None)

    late = pc.sum(pc.greater(table["overdue"], 0)).as_py() or 0
    st.caption(
        t(
            "{branches} branches, {late} with an overdue step; those come first. Choose a row to see what it lacks.",
            branches=f"{table.num_rows:,}",
            late=f"{late:,}",
        )
    )
    show_table(
        table,
        [
            Column("branch_name", t("Branch"), width=206, pinned=True),
            Column("stands_at", t("Comes next"), words={one.key: one.short(said) for one in rules.steps}, width=76),
            *(
                Column(one.key, one.short(said), words=state_words(), width=81, help=one.word(said))
                for one in rules.steps
            ),
            Column("overdue", t("Overdue steps"), "integer"),
            Column("done", t("Steps done"), "integer"),
            Column("last_on", t("Last entry"), "day"),
            Column("kept", t("Six ones kept"), "integer", help=t("In the last full week or month of each slot")),
            Column("due", t("Six ones due"), "integer", help=t("Free slots are never due")),
            Column("supervisor", t("Supervisor"), words=supervisor_words()),
            Column("branch_code", t("Branch code")),
        ],
        key=TABLE,
        name=t("Six steps"),
        on_select=guarded(follow),
        empty=t("No branch matches these filters. Take one of them off."),
        height=420,
    )


def show_steps(branch: Branch, *, key: str) -> None:
    """List the steps of a branch: state, last entry, what is missing."""
    found, said, rules = branch_steps(current(), branch.branch_id), language(), step_rules()
    if not found:
        empty_state(t("This branch is closed; its steps are not followed any more."))
        return
    parting = "；" if said == "zh" else "; "
    table = pa.table(
        {
            "step": pa.array([f"{number}. {one.step.word(said)}" for number, one in enumerate(found, start=1)]),
            "state": pa.array([str(one.states[0]) for one in found], pa.string()),
            "last_on": pa.array([one.last_on[0].item() for one in found], pa.date32()),
            "missing": pa.array([parting.join(one.lacking(0, said)) for one in found], pa.string()),
        }
    )
    show_text_table(
        table,
        [
            Column("step", t("Step")),
            Column("missing", t("What is missing")),
            Column("state", t("State"), words=state_words()),
            Column("last_on", t("Last entry"), "day"),
        ],
        key=key,
        name=t("Six steps"),
    )
    st.caption(escaped(rules.source(said)))


def count_words() -> dict[str, str]:
    """Return what a slot may count, in words."""
    kinds = {one.key: one.word(language()) for one in event_rules().kinds}
    return kinds | {ANY_EVENT: t("Any customer event"), PROJECT: t("Project")}


def period_words() -> dict[SlotPeriod, str]:
    """Return the periods of the slots, in words."""
    return {SlotPeriod.WEEK: t("Each week"), SlotPeriod.MONTH: t("Each month"), SlotPeriod.QUARTER: t("Each quarter")}


def show_six_ones(branch: Branch) -> None:
    """List the six slots: what each asks for, how often it was kept now and in the period before."""
    found, said = branch_slots(current(), branch.branch_id, branch.cooperation_start), language()
    counts, periods = count_words(), period_words()
    states = {
        SlotState.KEPT: "● " + t("Kept"),
        SlotState.OPEN: "◐ " + t("Open"),
        SlotState.MISSED: "○ " + t("Missed"),
        SlotState.FREE: "– " + t("Free"),
    }
    is_set = [one.slot.counts is not None for one in found]
    table = pa.table(
        {
            "slot": pa.array([one.slot.slot for one in found], pa.int64()),
            "title": pa.array([one.slot.title(said) or one.slot.source(said) for one in found], pa.string()),
            "counts": pa.array([one.slot.counts for one in found], pa.string()),
            "period": pa.array(
                [one.slot.period.value if known else None for one, known in zip(found, is_set, strict=True)],
                pa.string(),
            ),
            "target": pa.array([one.slot.target if known else None for one, known in zip(found, is_set, strict=True)]),
            "now": pa.array([one.now if known else None for one, known in zip(found, is_set, strict=True)], pa.int64()),
            "state": pa.array([one.state.value for one in found], pa.string()),
            "before": pa.array([one.before if one.state_before else None for one in found], pa.int64()),
            "state_before": pa.array(
                [one.state_before.value if one.state_before else None for one in found], pa.string()
            ),
            "source": pa.array([one.slot.source(said) for one in found], pa.string()),
        }
    )
    words = {state.value: word for state, word in states.items()}
    show_table(
        table,
        [
            Column("slot", t("Slot"), "integer", width=44, pinned=True),
            Column("title", t("Title"), width=190),
            Column("counts", t("What it counts"), words=counts, width=104),
            Column("period", t("Period"), words={period.value: word for period, word in periods.items()}, width=92),
            Column("target", t("Target"), "integer", width=58),
            Column("now", t("So far"), "integer", width=56),
            Column("state", t("State"), words=words, width=76),
            Column("before", t("Period before"), "integer", width=90),
            Column("state_before", t("How it ended"), words=words, width=90),
            Column("source", t("Source"), width=130),
        ],
        key="steps_six_ones",
        name=t("Six ones"),
    )
