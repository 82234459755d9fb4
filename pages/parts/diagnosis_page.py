"""One diagnosis of a gap: the figure then and now, why, what the branches do, and the review that closes it."""

import streamlit as st

from core.kpis.definitions import kpi_definition
from core.kpis.words import DASH, figure_text
from core.language.days import day_word
from core.planning.causes import find_cause
from core.planning.diagnosis import FigureNow, GapDiagnosis, latest_review_on
from core.planning.diagnosis_words import diagnosis_state_word, difference_text, season_sentence
from core.planning.rules import plan_rules_on
from pages.parts.action_table import action_titles, show_actions
from pages.parts.conflict import is_at_work, store_edit
from pages.parts.diagnosis_list import FORM, title_of
from pages.parts.layout import escaped, section
from pages.parts.notices import leave_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import draw_anew, drawing, first_shown, forget_shown, last_shown
from pages.parts.store import diagnoses as store


def show_diagnosis(diagnosis: GapDiagnosis) -> None:
    """Draw a diagnosis with its review."""
    with section(escaped(title_of(diagnosis))):
        st.markdown(_standing(diagnosis))
        _show_figures(diagnosis)
        st.caption(escaped(season_sentence(language(), diagnosis.gap)))
    with section(t("Causes and what changes")):
        st.markdown("\n".join(_cause_lines(diagnosis)))
        if diagnosis.expected:
            st.markdown(_headed(t("Expected effect"), diagnosis.expected))
        actions = store.actions(current(), diagnosis.diagnosis_id)
        if actions:
            show_actions(
                list({one.suggestion_id: one for _, one in actions}.values()),
                key=f"diagnosis_actions_{diagnosis.diagnosis_id}",
                name=t("Actions of the branches"),
            )
    review, change = (f"{FORM}_{what}_{diagnosis.diagnosis_id}" for what in ("review", "change"))
    if diagnosis.is_open or is_at_work(review, f"{review}_save"):  # closed meanwhile: the form says so
        _show_review(review, diagnosis)
    if diagnosis.is_open or is_at_work(change, f"{change}_save"):
        _show_change(change, diagnosis)
    if diagnosis.result:
        with section(t("Review")):
            lines = (_headed(t("Result"), diagnosis.result), _headed(t("Lesson"), diagnosis.lesson or DASH))
            st.markdown("\n".join(f"- {line}" for line in lines))


def _headed(head: str, words: str) -> str:
    told = t("{head}:", head=head)
    return f"**{escaped(told)}** {escaped(words)}"


def _standing(diagnosis: GapDiagnosis) -> str:
    """Return how a diagnosis stands on one line."""
    said = language()
    names = store.owner_names(current(), [diagnosis])
    parts = [f"**{diagnosis_state_word(said, diagnosis.state)}**"]
    parts.append(t("diagnosed on {day}", day=day_word(said, diagnosis.decided_on)))
    if diagnosis.owner:
        owner = escaped(names.get(diagnosis.owner, diagnosis.owner))
        parts.append(t("owner {name}", name=owner))
    if diagnosis.due_on:
        parts.append(t("actions due {day}", day=day_word(said, diagnosis.due_on)))
    if diagnosis.is_open and diagnosis.review_on:
        parts.append(t("review {day}", day=day_word(said, diagnosis.review_on)))
    elif diagnosis.closed_on:
        parts.append(t("closed on {day}", day=day_word(said, diagnosis.closed_on)))
    return " · ".join(parts)


def _show_figures(diagnosis: GapDiagnosis) -> None:
    """Draw the figure at the diagnosis and now side by side, each over as many days."""
    gap = diagnosis.gap
    then = FigureNow(gap.start, gap.counted_to, gap.actual, gap.level)
    now = store.now(current(), diagnosis) if diagnosis.is_open else diagnosis.now
    names = {
        "days": t("Days counted"),
        "actual": t("Actual"),
        "due": t("Target due then"),
        "gap": t("Gap to target"),
        "level": t("Own level, season taken out"),
        "season_gap": t("Season-adjusted gap"),
        "show_up": t("Show-up at events"),
    }
    told = [_told(diagnosis, then), _told(diagnosis, now) if now else {}]
    heads = [t("At the diagnosis"), t("As it stands now") if diagnosis.is_open else t("At the review")]
    rows = [f"| | {' | '.join(heads)} |", "|---|---|---|"]
    for key, name in names.items():
        words = [one.get(key, DASH) for one in told]
        if key != "show_up" or words != [DASH, DASH]:
            rows.append(f"| {name} | {' | '.join(escaped(word) for word in words)} |")
    st.markdown("\n".join(rows))
    if diagnosis.is_open and now is None:
        st.caption(t("No newer data yet: the figure of now stands here once the next week is complete."))


def _told(diagnosis: GapDiagnosis, figure: FigureNow) -> dict[str, str]:
    """Return what is said of a figure: the days, the figure itself, and how far it is from target and own level."""
    gap, said = diagnosis.gap, language()
    kpi = kpi_definition(gap.kpi)
    rate = store.show_up(current(), diagnosis, figure.start, figure.end)
    actual, level = figure.actual, figure.level
    return {
        "days": t("{start} to {end}", start=day_word(said, figure.start), end=day_word(said, figure.end)),
        "actual": figure_text(actual, kpi, said),
        "due": figure_text(gap.due, kpi, said),
        "gap": difference_text(None if actual is None else actual - gap.due, kpi, said),
        "level": figure_text(level, kpi, said),
        "season_gap": difference_text(None if actual is None or level is None else actual - level, kpi, said),
        "show_up": DASH if rate is None else f"{rate:.1%}",
    }


def _cause_lines(diagnosis: GapDiagnosis) -> list[str]:
    """Return each cause with what shows it and what answers it."""
    said, titles, lines = language(), action_titles(), []
    for one in diagnosis.causes:
        cause = find_cause(one.code)
        name = f"{one.code} · {cause.title(said)}" if cause else one.code
        lines.append(f"- {_headed(name, one.evidence)}")
        if one.action:
            title = titles.get(one.action, one.action)
            words = t("{action}, branches: {count}", action=title, count=len(one.branch_ids))
            lines.append(f"    - {escaped(words)}")
        if one.words:
            lines.append(f"    - {escaped(one.words)}")
        if not one.changes_something:
            words = t("No action")
            lines.append(f"    - {words}")
    return lines


def _show_review(form: str, diagnosis: GapDiagnosis) -> None:
    shown, drawn = last_shown(form, diagnosis), drawing(form)
    most = plan_rules_on(current().today).text_most_characters
    with section(t("Review")):
        with st.form(f"{form}_form", border=False, enter_to_submit=False):
            result = st.text_area(t("Result"), key=f"{form}_result{drawn}", max_chars=most, height="content")
            lesson = st.text_area(t("Lesson"), key=f"{form}_lesson{drawn}", max_chars=most, height="content")
            is_sent = st.form_submit_button(t("Close the diagnosis"), type="primary", key=f"{form}_save")
        entry = {"result": result or "", "lesson": lesson or ""}
        if store_edit(
            form,
            entry if is_sent else None,
            lambda said, version: store.close(
                current(), diagnosis, **said, shown_version=version, key=submit_key(form)
            ),
            version=shown.version,
            told=lambda said: said,
            shown={"owner": shown.owner, "review_on": shown.review_on},
            may_insist=lambda _said, theirs: theirs.get("closed_on") is None,
        ):
            leave_notice(FORM, t("Reviewed and closed: {gap}", gap=escaped(title_of(diagnosis))))
            st.rerun()


def _show_change(form: str, diagnosis: GapDiagnosis) -> None:
    if not st.toggle(t("Hand it on or move the review"), key=f"{form}_open"):
        forget_shown(form)
        return
    shown, drawn = first_shown(form, diagnosis), drawing(form)
    owners = {one.username: one.display_name for one in store.owners(current(), diagnosis.scope, diagnosis.branch_id)}
    if shown.owner:
        owners.setdefault(shown.owner, shown.owner)
    with st.form(f"{form}_form", border=False, enter_to_submit=False):
        owner = st.selectbox(
            t("Owner"),
            list(owners),
            index=list(owners).index(shown.owner) if shown.owner else 0,
            format_func=lambda name: owners.get(name, name),
            key=f"{form}_owner{drawn}",
        )
        review_on = st.date_input(
            t("Review date"),
            shown.review_on,
            max_value=max(latest_review_on(current().today), shown.review_on or current().today),
            key=f"{form}_day{drawn}",
            format="YYYY-MM-DD",
        )
        is_sent = st.form_submit_button(t("Save"), key=f"{form}_save")
    if store_edit(
        form,
        (owner or "", review_on or current().today) if is_sent else None,
        lambda said, version: store.change(
            current(), diagnosis, owner=said[0], review_on=said[1], shown_version=version, key=submit_key(form)
        ),
        version=shown.version,
        told=lambda said: {"owner": said[0], "review_on": said[1]},
        may_insist=lambda _said, theirs: theirs.get("closed_on") is None,
    ):
        draw_anew(form)
        leave_notice(FORM, t("Changed: {gap}", gap=escaped(title_of(diagnosis))))
        st.rerun()
