"""Name the causes of a miss: up to three with what shows each, their questions, and what changes next week."""

from collections.abc import Sequence

import streamlit as st

from core.planning.causes import MOST_CAUSES, Cause, Explanation, NamedCause, actions_for, causes, find_cause
from core.planning.items import PlanItem
from core.planning.rules import plan_rules_on
from core.planning.words import group_word
from pages.parts.action_table import action_titles
from pages.parts.conflict import is_at_work
from pages.parts.layout import escaped
from pages.parts.session import current, language, t
from pages.parts.shown import draw_anew, drawing, find_shown, first_shown, forget_others
from pages.parts.store.planning import Answered

FORM = "plan_cause"


def cause_form_of(item: PlanItem) -> str:
    """Return the name of the form about a line."""
    return f"{FORM}_{item.item_id}"


def line_drawn(item: PlanItem) -> PlanItem:
    """Return the line its form is filled with: as it was drawn first, anew where nothing can have been entered yet."""
    form = cause_form_of(item)
    forget_others(f"{FORM}_", form)
    shown = first_shown(form, item)
    if shown.version != item.version and not _holds_words(item) and not cause_begun(item):
        draw_anew(form)
        shown = first_shown(form, item)
    return shown


def explained_words(told: str, answered: Answered) -> str:
    """Return what to say once causes are stored: that they are, and what became of the action that answers them."""
    words = [t("Explained: {line}", line=told)]
    if answered.action_key is not None:
        action = escaped(action_titles().get(answered.action_key, answered.action_key))
        if answered.is_new:
            words.append(t("Action taken on: {action}", action=action))
        else:
            words.append(t("Open at the branch already: {action}", action=action))
    if answered.is_before_open:
        words.append(t("The action of the cause before stays open until somebody closes it."))
    return " · ".join(words)


def cause_begun(item: PlanItem) -> bool:
    """Tell whether somebody has chosen other causes than those the form was filled with, or has sent it."""
    form = cause_form_of(item)
    return is_at_work(form, _save_key(item)) or _is_chosen_anew(find_shown(form, item), drawing(form))


def _is_chosen_anew(shown: PlanItem, drawn: str) -> bool:
    """Compare the causes that are chosen with those the form was filled with."""
    chosen, more = st.session_state.get(_cause_key(shown, drawn)), [one.code for one in shown.more_causes]
    if chosen in (None, shown.cause):
        return chosen is not None and st.session_state.get(_more_key(shown, chosen, drawn), more) != more
    return True


def _holds_words(item: PlanItem) -> bool:
    """Tell whether the run before drew inputs of a cause: what was typed there is known to the browser alone."""
    return st.session_state.get(_cause_key(item, drawing(cause_form_of(item)))) is not None


def _cause_key(item: PlanItem, drawn: str) -> str:
    return f"plan_cause_{item.item_id}{drawn}"


def _more_key(item: PlanItem, cause: str, drawn: str) -> str:
    return f"plan_more_causes_{item.item_id}_{cause}{drawn}"


def _save_key(item: PlanItem) -> str:
    return f"plan_cause_save_{item.item_id}"


def ask_causes(item: PlanItem, shown: PlanItem, drawn: str) -> Explanation | None:
    """Draw the choice of causes and the form they bring; return what was sent.

    `shown` is the line as it was drawn first, `drawn` what the keys of its inputs end with.
    """
    known = {one.code: one for one in causes()}
    code = st.selectbox(
        t("Cause"),
        list(known),
        index=list(known).index(shown.cause) if shown.cause in known else None,
        format_func=lambda one: _cause_words(known[one]),
        key=_cause_key(item, drawn),
        placeholder=t("Unexplained"),
        filter_mode="contains",
    )
    cause = find_cause(code)
    if cause is None:
        return None
    others = [one for one in known if one != cause.code]
    more = st.multiselect(
        t("Further causes"),
        others,
        default=[one.code for one in shown.more_causes if one.code in others],
        format_func=lambda one: _cause_words(known[one]),
        max_selections=MOST_CAUSES - 1,
        key=_more_key(item, cause.code, drawn),
        placeholder=t("At most three causes together"),
    )
    chosen = [cause, *(known[one] for one in more)]
    st.info("  \n".join(escaped(one.question(language())) for one in chosen), icon=":material/help:")
    return _explain_form(item, shown, chosen, drawn)


def _cause_words(cause: Cause) -> str:
    return f"{cause.code} · {group_word(language(), cause.group)} · {cause.title(language())}"


def _explain_form(item: PlanItem, shown: PlanItem, chosen: Sequence[Cause], drawn: str) -> Explanation | None:
    """Draw what shows each cause and what changes; return it once it is sent."""
    titles, cause = action_titles(), chosen[0]
    codes = "_".join(one.code for one in chosen)
    known = {one.code: one.evidence for one in shown.more_causes}
    may_close = all(one.may_close for one in chosen)
    offered = [key for key in actions_for(one.code for one in chosen) if key in titles]
    if shown.adjustment_action and shown.adjustment_action not in offered:
        offered.append(shown.adjustment_action)
    rules = plan_rules_on(current().today)
    most = rules.text_most_characters
    with st.form(f"plan_cause_form_{item.item_id}_{codes}", border=False, enter_to_submit=False):
        note = st.text_input(
            t("What shows the cause"),
            shown.cause_note or "",
            key=f"plan_cause_note_{item.item_id}{drawn}",
            max_chars=most,
        )
        more = tuple(
            NamedCause(
                one.code,
                st.text_input(
                    t("What shows {code}", code=one.code),
                    known.get(one.code, ""),
                    key=f"plan_cause_note_{item.item_id}_{one.code}{drawn}",
                    max_chars=most,
                )
                or "",
            )
            for one in chosen[1:]
        )
        action = st.radio(
            t("Recommended action for next week"),
            ["", *offered],
            index=1 + offered.index(shown.adjustment_action) if shown.adjustment_action else int(bool(offered)),
            format_func=lambda key: titles.get(key, key) if key else t("None of these"),
            key=f"plan_cause_action_{item.item_id}_{codes}{drawn}",
            help=t(
                "Becomes an open action of the branch, due in {days} days, unless it is open there already",
                days=rules.cause_due_days,
            ),
        )
        adjustment = st.text_input(
            t("What changes next week"),
            shown.adjustment or "",
            key=f"plan_cause_adjustment_{item.item_id}{drawn}",
            max_chars=most,
            placeholder=cause.hint(language()) or None,
            help=t("It stands in next week's plan, with the line itself") if not may_close else None,
        )
        if may_close:
            st.caption(t("This cause may close the miss without an action: it is not carried over then."))
        if not st.form_submit_button(t("Save the cause"), type="primary", key=_save_key(item)):
            return None
    return Explanation(cause.code, note or "", adjustment or "", action or None, more)
