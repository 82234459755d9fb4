"""A decision of the weekly review on the list of its owner: done or dropped, with what came of it."""

import streamlit as st

from core.review.decisions import Decision
from core.review.figures import DecisionState
from core.review.rules import meeting_rules_on
from core.today.lines import TodayLine
from pages.parts.conflict import is_at_work, store_edit
from pages.parts.drafts import begin_draft, is_begun
from pages.parts.layout import LIVE, escaped
from pages.parts.session import current, submit_key, t
from pages.parts.shown import first_shown, forget_shown
from pages.parts.store import meeting as store
from pages.parts.today_lines import decision_form, save_button


def show_decision(line: TodayLine) -> str | None:
    """Draw what can be done with a decision, do it, and return what to say after it.

    What is typed stays while other lines are looked at, and is held against the decision it was typed beside.
    """
    present: Decision = line.facts["decision"]
    form = decision_form(present)
    if not is_begun(form) and not is_at_work(form, f"{form}_save"):
        forget_shown(form)
    decision = first_shown(form, present)
    if decision.measure:
        st.markdown(escaped(t("{head}: {words}", head=t("How it is measured"), words=decision.measure)))
    most = meeting_rules_on(current().today).most_outcome
    ways = {"done": t("Done"), "dropped": t("Dropped")}
    draft = begin_draft(form, {"way": "done", "outcome": ""})
    way = st.selectbox(t("What became of it"), list(ways), format_func=ways.__getitem__, **draft.of("way"))
    outcome = st.text_input(
        t("What came of it, or why it is dropped"), max_chars=most, live=LIVE, **draft.of("outcome")
    )
    is_sent = save_button(form, "save")
    draft.show_way_back()
    if store_edit(
        form,
        (way, outcome or "") if is_sent else None,
        lambda entry, version: store.settle(
            current(),
            decision,
            is_done=entry[0] == "done",
            outcome=entry[1],
            shown_version=version,
            key=submit_key(form),
        ),
        version=decision.version,
        told=lambda entry: {"state": entry[0], "outcome": entry[1]},
        shown={"owner": decision.owner, "due_on": decision.due_on},
        may_insist=lambda _entry, theirs: theirs.get("state") == DecisionState.OPEN,
    ):
        return t("{state}: {what}.", state=ways[way], what=escaped(decision.words))
    return None
