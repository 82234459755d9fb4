"""The pages of the first half of a review: last decisions, goals, stages, movers, contacts against target.

Each page is one small function over records in which persons are already called what they are called on the page:
at most seven numbers and one chart.
"""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import streamlit as st

from core.charts.projector import flow_on_projector, goals_on_projector, shares_chart, stages_chart
from core.charts.review import flow_rows, goal_rows
from core.kpis.definitions import kpi_definition
from core.kpis.words import DASH, figure_text
from core.review.agenda import Slide, is_behind, lines_of
from core.review.figures import (
    DecisionShown,
    DecisionState,
    KpiCard,
    Mover,
    ReviewFigures,
    SetByHand,
    StageCount,
    StageFlow,
)
from core.review.lines import cut_to_page, details_of
from core.review.period import PROVISIONAL
from core.review.rules import meeting_rules_on
from core.review.words import state_word, topic_title
from core.stages.explanation import brief_reason_text
from pages.parts.charts import show_chart
from pages.parts.layout import escaped, stage_text
from pages.parts.session import current, language, t

STATE_COLOURS = {
    DecisionState.OPEN: "blue",
    DecisionState.OVERDUE: "red",
    DecisionState.DONE: "green",
    DecisionState.DROPPED: "gray",
}
FLOWS_TOLD = 3
SMALL = 5
"""A share of fewer stands beside its two counts."""


def show_nothing(words: str) -> None:
    """Say that a page has nothing to show."""
    st.markdown(words)


def show_tiles(tiles: Sequence[tuple[str, str, str | None]]) -> None:
    """Draw numbers side by side: what each is, the number, what it is held against."""
    for column, (words, number, note) in zip(st.columns(len(tiles), gap="small"), tiles, strict=True):
        column.metric(words, number, note, delta_color="off", delta_arrow="off")


def show_decided(figures: ReviewFigures, slide: Slide) -> None:
    """Draw the decisions a review opens with and how they stand."""
    show_decisions(figures.decided or (), slide, t("Nothing was decided in the review before this one."))


def show_decisions(decisions: Sequence[DecisionShown], slide: Slide, nothing: str) -> None:
    """Draw the decisions of a page: how it stands, what it says and about what, owner, due date."""
    if not decisions:
        show_nothing(nothing)
        return
    most = meeting_rules_on(current().today).lines[slide.topic]
    rows = [_decision_row(cut_to_page(decisions[place], most), place + 1) for place in lines_of(slide, len(decisions))]
    st.table({word: [row[place] for row in rows] for place, word in enumerate(_decision_heads())}, hide_index=True)


def _decision_heads() -> tuple[str, ...]:
    return t("No."), t("State"), t("Decision"), t("Owner"), t("Due by")


def _decision_row(decision: DecisionShown, number: int) -> tuple[str, ...]:
    about = decision.branch_name or topic_title(language(), decision.topic)
    words = f"**{escaped(decision.words)}**  \n{escaped(details_of(decision, about))}"
    state = f":{STATE_COLOURS[decision.state]}[{state_word(language(), decision.state)}]"
    return str(number), state, words, escaped(decision.owner), f"{decision.due_on:%m-%d}"


def show_goals(figures: ReviewFigures, _slide: Slide) -> None:
    """Draw the KPIs against target and time."""
    cards = figures.goals or ()
    if not cards or figures.data_to is None:
        show_nothing(t("There are no policies up to this week yet."))
        return
    show_tiles([_goal_tile(card) for card in cards])
    rows = goal_rows(cards)
    if rows.num_rows:
        words, mark = t("Reached of the target"), t("grey mark: due by now")
        st.markdown(f"**{words}** · {mark}")
        show_chart(
            goals_on_projector,
            rows,
            key="meeting_goals",
            alt=words,
            width="content",
            rows=rows.num_rows,
        )


def _goal_tile(card: KpiCard) -> tuple[str, str, str | None]:
    kpi = kpi_definition(card.kpi)
    words, number = kpi.words(language()).title, figure_text(card.value, kpi, language())
    if card.is_provisional and card.value is not None:
        number += PROVISIONAL
    if kpi.unit == "share" and 0 < card.denominator < SMALL:  # a share of so few says less than the two counts
        number = f"{number} {card.numerator:,.0f}/{card.denominator:,.0f}"
    if card.target is None:
        return words, number, t("No target")
    target = figure_text(card.target, kpi, language())
    if card.value is None:
        return words, number, t("Target {target}", target=target)
    behind = t("behind") if is_behind(card) else t("on time")
    return words, number, t("Target {target} · {standing}", target=target, standing=behind)


def show_stages(figures: ReviewFigures, slide: Slide) -> None:
    """Draw the branches by stage now and where they went; on the second page the whole flow over the quarter."""
    stages = figures.stages
    if stages is None or not stages.counts:
        show_nothing(t("There are no stages up to this week yet."))
        return
    if slide.most:
        _show_set_by_hand(stages.by_hand, slide)
        return
    if slide.part > 1:
        rows = flow_rows(stages.flow_quarter)
        before, after = t("13 weeks before"), t("This week")
        words = t("Branches by the stage they had and the stage they have; grey: stayed")
        st.markdown(words)
        kinds = len(set(rows["before"].to_pylist()))
        show_chart(
            flow_on_projector,
            rows,
            key="meeting_flow",
            alt=words,
            width="content",
            before=before,
            after=after,
            rows=kinds + 2,
        )
        return
    show_tiles([_stage_tile(one) for one in stages.counts])
    below, by_hand = t("Below each stage: change in 1 week · in 13 weeks"), t("set by hand")
    st.markdown(f"{below} · {by_hand} **{stages.overrides:,}**" if stages.overrides else below)
    rows = [
        (time, one.stage.value, place, branches)
        for time in ("quarter", "week", "now")
        for place, one in enumerate(stages.counts)
        for branches in [{"quarter": one.quarter_before, "week": one.week_before, "now": one.now}[time]]
    ]
    columns = dict(zip(("time", "stage", "place", "branches"), zip(*rows, strict=True), strict=True))
    table = pa.table({name: list(values) for name, values in columns.items()})
    show_chart(stages_chart, table, key="meeting_stages", alt=t("Branches by stage"), width="content")
    week, quarter = t("Since last week"), t("In 13 weeks")
    st.markdown(f"**{week}** {_flows(stages.flow_week)}  \n**{quarter}** {_flows(stages.flow_quarter)}")


def _show_set_by_hand(found: Sequence[SetByHand], slide: Slide) -> None:
    """Draw the branches whose stage is set by hand, to be confirmed or lifted."""
    words = t("Set by hand, to confirm or lift: {count}", count=len(found))
    lines = [
        f"{stage_text(one.stage)} {escaped(one.branch_name)} · {until_words(one)}"
        for one in (found[place] for place in lines_of(slide, len(found)))
    ]
    st.markdown("  \n".join([f"**{words}**", *lines]))


def until_words(one: SetByHand) -> str:
    """Return up to which day a stage is set by hand."""
    return t("until {day}", day=f"{one.until:%m-%d}")


def _stage_tile(one: StageCount) -> tuple[str, str, str | None]:
    week, quarter = _signed(one.now - one.week_before), _signed(one.now - one.quarter_before)
    return stage_text(one.stage), f"{one.now:,}", f"{week} · {quarter}"


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "±0"


def _flows(flows: Sequence[StageFlow]) -> str:
    """Return the largest flows between two stages."""
    moved = [one for one in flows if one.before and one.after and one.before is not one.after]
    told = sorted(moved, key=lambda one: -one.branches)[:FLOWS_TOLD]
    words = [
        f"{stage_text(one.before)} → {stage_text(one.after)} **{one.branches:,}**"
        for one in told
        if one.before and one.after
    ]
    rest = sum(one.branches for one in moved) - sum(one.branches for one in told)
    if rest:
        words.append(t("others {count}", count=rest))
    return " · ".join(words) or t("No branch changed its stage.")


def show_moves(figures: ReviewFigures, slide: Slide) -> None:
    """Draw the branches that moved and why."""
    moves = figures.moves
    if moves is None or not moves.told:
        show_nothing(t("No branch changed its stage."))
        return
    words = t("Up {up} · down {down} · other {level}", up=moves.up, down=moves.down, level=moves.level)
    movers = "\n\n".join(_mover(moves.told[place]) for place in lines_of(slide, len(moves.told)))
    st.markdown(f"**{words}**\n\n{movers}")


def _mover(mover: Mover) -> str:
    reason = brief_reason_text(language(), mover.reason_key, mover.facts)
    return (
        f"**{escaped(mover.branch_name)}** {stage_text(mover.before)} → {stage_text(mover.after)}  \n{escaped(reason)}"
    )


def show_cadence(figures: ReviewFigures, slide: Slide) -> None:
    """Draw contacts made in contacts due by role; on the second page by person, those that lag most."""
    page = figures.cadence
    if page is None or not page.by_role:
        show_nothing(t("No contacts were due in this week."))
        return
    if slide.part == 1:
        _show_shares([(line.key, line.done, line.due) for line in page.by_role], t("By role, this week"))
        logged = DASH if page.logged_share is None else f"{page.logged_share:.0%}"
        st.markdown(t("Days with anything logged: **{share}**", share=logged))
        st.markdown(t("People never reached so far: **{count}**", count=f"{page.never_reached:,}"))
        return
    shown = [page.by_person[place] for place in lines_of(replace(slide, first=0), len(page.by_person))]
    _show_shares(
        [(line.key, line.done_weeks, line.due_weeks) for line in shown], t("By person, four weeks to this one")
    )
    rest = page.by_person[len(shown) :]
    if rest:
        share = f"{rest[0].done_weeks / rest[0].due_weeks:.0%}" if rest[0].due_weeks else DASH
        st.markdown(t("{count} more people, from {share} on", count=len(rest), share=share))


def _show_shares(lines: Sequence[tuple[str, int, int]], title: str) -> None:
    """Draw key, done and due as bars beside the target."""
    shares = [done / due if due else 1.0 for _, done, due in lines]
    table = pa.table(
        {
            "key": [key for key, _, _ in lines],
            "share": shares,
            "label": [f"{share:.0%}  {done:,}/{due:,}" for share, (_, done, due) in zip(shares, lines, strict=True)],
        }
    )
    st.markdown(f"**{title}**")
    show_chart(shares_chart, table, key="meeting_shares", alt=title, width="content", rows=len(lines))
