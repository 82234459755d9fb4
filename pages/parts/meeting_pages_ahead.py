"""The pages of the second half of a review: weakest branches, what worked, this week's decisions, next week."""

import pyarrow as pa
import streamlit as st

from core.attention import attention_title
from core.charts.palette import STAGE_SIGNS
from core.charts.projector import effects_chart, gap_chart, planned_chart
from core.charts.review import waterfall_rows
from core.charts.theme import stage_word
from core.coaching.effect import ActionEffect
from core.kpis.definitions import kpi_definition
from core.kpis.words import DASH, figure_text
from core.language.days import day_word
from core.planning.items import PlanKind
from core.review.agenda import Slide, lines_of
from core.review.figures import GapSplit, Indicator, ReviewFigures, SetByHand, WeakBranch
from core.review.gap_words import gap_amounts
from core.review.period import PROVISIONAL, is_provisional
from pages.parts.action_table import action_titles
from pages.parts.charts import show_chart
from pages.parts.layout import escaped, stage_text
from pages.parts.meeting_pages_back import show_decisions, show_nothing, show_tiles, until_words
from pages.parts.session import language, t

CONTACTS = "contact_attainment"
"""No policy is in it, so that cooling-off does not change it."""


def show_weakest(figures: ReviewFigures, slide: Slide) -> None:
    """Draw the gap of the whole and which branches are weakest; then each of them on a page of its own."""
    page = figures.weakest
    if page is None or not (page.branches or page.whole):
        show_nothing(t("No branch stands out."))
        return
    if slide.part > 1:
        branch = page.branches[slide.part - 2]
        by_hand = figures.set_by_hand(branch.branch_code)
        _show_weak_branch(branch, by_hand, is_provisional=is_provisional(figures, slide))
        return
    if page.whole:
        _show_gap(page.whole, is_provisional=is_provisional(figures, slide))
    names = "  \n".join(f"{stage_text(one.stage)} {escaped(one.branch_name)}" for one in page.branches)
    title = t("Looked at one by one")
    st.markdown(f"**{title}**  \n{names}" if names else t("No branch stands out."))


def _show_weak_branch(branch: WeakBranch, by_hand: SetByHand | None, *, is_provisional: bool) -> None:
    words = [stage_text(branch.stage), escaped(attention_title(language(), branch.attention))]
    if by_hand:
        hand = t("set by hand")
        words[1:] = [f"{hand} {stage_text(by_hand.stage)} {until_words(by_hand)}"]
    st.markdown(f"**{escaped(branch.branch_name)}** {' · '.join(words)} · {escaped(branch.supervisor or DASH)}")
    if branch.indicators:
        show_tiles([_indicator(one, is_provisional=is_provisional) for one in branch.indicators])
    if branch.gap:
        _show_gap(branch.gap, is_provisional=is_provisional)


def _indicator(one: Indicator, *, is_provisional: bool) -> tuple[str, str, str | None]:
    kpi = kpi_definition(one.kpi)
    value, target = (figure_text(each, kpi, language()) for each in (one.value, one.target))
    if is_provisional and one.kpi != CONTACTS:
        value += PROVISIONAL
    return kpi.words(language()).title, value, t("Target {target}", target=target)


def _show_gap(gap: GapSplit, *, is_provisional: bool) -> None:
    """Draw premium against what was wanted of it, and what each factor has to do with the difference."""
    amounts = gap_amounts(language(), gap)
    standing = t("Premium short by {amount}", amount=amounts.gap)
    if gap.gap_fen >= 0:
        standing = t("Premium ahead by {amount}", amount=amounts.gap)
    actual = amounts.actual + (PROVISIONAL if is_provisional else "")
    held = t("{actual} of {wanted}", actual=actual, wanted=amounts.wanted)
    st.markdown(f"**{escaped(standing)}** · {escaped(held)}")
    rows = waterfall_rows(gap)
    labels = pa.array([amounts.wanted, *amounts.parts, amounts.actual], pa.string())
    ends = [*rows["start"].to_pylist(), *rows["end"].to_pylist()]
    show_chart(
        gap_chart,
        rows.append_column("label", labels),
        key="meeting_gap",
        alt=t("What the gap is made of"),
        width="content",
        measure=gap.measure,
        low=min(ends),
        high=max(ends) or 1.0,
    )


def show_worked(figures: ReviewFigures, slide: Slide) -> None:
    """Draw the effects that may be claimed."""
    page = figures.worked
    if page is None or not page.effects:
        waiting = page.waiting if page else 0
        show_nothing(t("No effect can be claimed yet; {count} actions have too few cases.", count=waiting))
        return
    shown = [page.effects[place] for place in lines_of(slide, len(page.effects))]
    title = t("Policies a week beyond branches without the action")
    rest = t("{count} further ones stand in Coaching", count=page.further) if page.further else ""
    st.markdown(f"**{title}** {rest}")
    changes = [(effect, effect.change) for effect in shown if effect.change]
    if changes:
        most = max(max(abs(change.low), abs(change.high)) for _, change in changes) or 1.0
        table = pa.table(
            {
                "title": [f"{STAGE_SIGNS[effect.stage]} {_title(effect)}" for effect, _ in changes],
                "value": [change.value / most for _, change in changes],
                "low": [change.low / most for _, change in changes],
                "high": [change.high / most for _, change in changes],
                "label": [f"{change.value:+.0%}" for _, change in changes],
            }
        )
        show_chart(effects_chart, table, key="meeting_effects", alt=title, width="content", rows=len(changes))
    st.markdown("  \n".join(_effect(effect) for effect in shown))


def _title(effect: ActionEffect) -> str:
    return action_titles().get(effect.action_key, effect.action_key)


def _named(effect: ActionEffect) -> str:
    return f"{_title(effect)} · {stage_word(language(), effect.stage)}"


def _effect(effect: ActionEffect) -> str:
    found = effect.change or effect.difference
    numbers = (found.low, found.high) if found else (0.0, 0.0)
    low, high = (f"{number:+.0%}" if effect.change else f"{number:+.2f}" for number in numbers)
    words = t("{low} to {high}; {cases} cases", low=low, high=high, cases=effect.cases)
    return f"**{escaped(_named(effect))}** {escaped(words)}"


def show_taken(figures: ReviewFigures, slide: Slide) -> None:
    """Draw what was decided in this review."""
    show_decisions(figures.decisions or (), slide, t("Nothing is decided yet. Press D on any page to type a decision."))


def show_next_week(figures: ReviewFigures, _slide: Slide) -> None:
    """Draw what the week to come holds."""
    week = figures.next_week
    if week is None:
        return
    carried = sum(one.carried for one in week.planned)
    show_tiles(
        [
            (t("Working days"), f"{week.workdays}", None),
            (t("Plans made"), f"{week.people_with_plan} / {week.people}", None),
            (t("Actions due"), f"{week.actions_due:,}", t("{count} overdue", count=week.actions_overdue)),
            (t("Events"), f"{week.events:,}", None),
        ]
    )
    title, more = t("Planned lines"), t("carried over {count}", count=carried)
    st.markdown(f"**{title}** · {more}")
    kinds = [one for one in week.planned if one.kind is not PlanKind.GOAL]
    most = max([1, *(one.lines for one in kinds)])
    table = pa.table(
        {
            "kind": [one.kind.value for one in kinds],
            "lines": [one.lines / most for one in kinds],
            "label": [f"{one.lines:,}" for one in kinds],
        }
    )
    show_chart(planned_chart, table, key="meeting_planned", alt=title, width="content", rows=len(kinds))
    days = [
        t("{day} is worked", day=day_word(language(), one.day))
        if one.is_worked
        else t("{day} is off", day=day_word(language(), one.day))
        for one in week.unlike
    ]
    if days:
        st.markdown(escaped(" · ".join(days)))
