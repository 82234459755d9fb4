"""Pages about branches: stages, who moved, contacts, and the branches to look at."""

from datetime import date, timedelta

from core.charts.palette import EXPECTED, MEASURED, STAGE_COLOURS
from core.charts.theme import stage_word
from core.facts import StaffRole, Stage
from core.kpis.definitions import KpiDefinition, kpi_definition
from core.kpis.words import DASH, figure_text
from core.language import text
from core.language.labels import label
from core.reports.pack.page import Chart, ChartKind, Number, Page, Series, Table
from core.reports.pack.telling import Telling, counted_words, days_word
from core.review.figures import CadenceLine, Indicator, Mover, ReviewFigures, Topic
from core.review.measures import measures_on
from core.stages.explanation import brief_reason_text

MOST_MOVERS = 6
MOST_WEAK = 5
LONG_AGO = "#aab2bd"
"""Bars of a quarter ago, lighter than those of a week ago."""


def stages_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return how many branches are in each stage, now, a week and a quarter before."""
    language, found = told.language, figures.stages
    counts = {one.stage: one for one in found.counts} if found else {}
    words = {stage: stage_word(language, stage) for stage in Stage}
    numbers = [Number(words[stage], f"{counts[stage].now:,}" if stage in counts else DASH) for stage in Stage]
    numbers += [
        Number(text(language, "Set by hand"), f"{found.overrides:,}" if found else DASH),
        Number(text(language, "Stages restated"), f"{found.restated:,}" if found else DASH),
    ]
    shown = [counts.get(stage) for stage in Stage]
    chart = Chart(
        ChartKind.COLUMNS,
        tuple(words.values()),
        (
            Series(
                text(language, "13 weeks before"), tuple(one.quarter_before if one else None for one in shown), LONG_AGO
            ),
            Series(text(language, "A week before"), tuple(one.week_before if one else None for one in shown), EXPECTED),
            Series(
                text(language, "Now (stage colour)"),
                tuple(one.now if one else None for one in shown),
                MEASURED,
                tuple(STAGE_COLOURS[stage] for stage in Stage),
            ),
        ),
        "count",
    )
    title = text(language, "Branches by stage")
    period = text(language, "As of {day}", day=f"{week_end(figures):%m-%d}")
    sentence = _stages_sentence(figures, told)
    return Page("stages", Topic.STAGES, title, sentence, tuple(numbers), chart=chart, period=period)


def week_end(figures: ReviewFigures) -> date:
    """Return the last day of the week a review is about."""
    return figures.week_start + timedelta(days=6)


def _week_words(figures: ReviewFigures, told: Telling) -> str:
    return counted_words(told.language, figures.week_start, week_end(figures))


def _stages_sentence(figures: ReviewFigures, told: Telling) -> str:
    if figures.stages is None or not figures.stages.counts:
        return text(told.language, "No stage is known yet.")
    weak = [one for one in figures.stages.counts if one.stage in (Stage.ADJUSTMENT, Stage.SLUMP)]
    now = sum(one.now for one in weak)
    return text(
        told.language,
        "Weak branches (adjustment or slump): {weak} of {all}, {week} against last week, {quarter} against 13 weeks "
        "before.",
        weak=f"{now:,}",
        all=f"{sum(one.now for one in figures.stages.counts):,}",
        week=change_word(now - sum(one.week_before for one in weak)),
        quarter=change_word(now - sum(one.quarter_before for one in weak)),
    )


def change_word(change: int) -> str:
    """Return a change with its sign; none is ±0."""
    return f"{change:+,}".replace("-", "−") if change else "±0"


def moves_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return which branches changed their stage, and why in a phrase."""
    language, moves = told.language, figures.moves
    rows = tuple(
        (one.branch_name, move_words(one, told), brief_reason_text(language, one.reason_key, one.facts))
        for one in _told(moves.told if moves else ())
    )
    head = (text(language, "Branch"), text(language, "From and to"), text(language, "Why this stage"))
    sentence = (
        text(
            language,
            "Branches that moved up: {up}, down: {down}, between stages that are neither: {level}.",
            up=moves.up,
            down=moves.down,
            level=moves.level,
        )
        if moves
        else text(language, "No branch changed its stage.")
    )
    table = Table(head, rows, (0.26, 0.32, 0.42), MOST_MOVERS, lines=2)
    title = text(language, "Who moved")
    return Page("moves", Topic.MOVES, title, sentence, table=table, period=_week_words(figures, told))


def _told(movers: tuple[Mover, ...]) -> list[Mover]:
    """Return those a page has room for, downwards first, half of the room for each direction where both need it."""
    down = [one for one in movers if one.is_up is False]
    others = [one for one in movers if one.is_up is not False]
    for_others = min(len(others), max(MOST_MOVERS // 2, MOST_MOVERS - len(down)))
    return [*down[: MOST_MOVERS - for_others], *others[:for_others]]


def move_words(mover: Mover, told: Telling) -> str:
    """Return a change of stage as from and to."""
    return f"{stage_word(told.language, mover.before)} → {stage_word(told.language, mover.after)}"


def cadence_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return contacts made of those due, by role; no person stands on a page (D9), they are in the workbook."""
    language, page = told.language, figures.cadence
    lines = {line.key: line for line in page.by_role} if page else {}
    roles = [role for role in StaffRole if role in lines]
    numbers = (
        Number(text(language, "Made of those due, this week"), _percent(whole_share(page.by_role)) if page else DASH),
        Number(
            text(language, "Made of those due, 4 weeks"),
            _percent(whole_share(page.by_role, weeks=True)) if page else DASH,
        ),
        Number(text(language, "Working days with an entry"), _percent(page.logged_share) if page else DASH),
        Number(text(language, "People never reached"), f"{page.never_reached:,}" if page else DASH),
    )
    chart = Chart(
        ChartKind.BARS,
        tuple(label(language, role) for role in roles),
        (
            Series(text(language, "This week"), tuple(share_of(lines[role]) for role in roles), MEASURED),
            Series(text(language, "4 weeks"), tuple(share_of(lines[role], weeks=True) for role in roles), EXPECTED),
        ),
        "share",
    )
    title = text(language, "Contacts made of those due")
    sentence, period = _cadence_sentence(figures, told), _week_words(figures, told)
    return Page("cadence", Topic.CADENCE, title, sentence, numbers, chart=chart, period=period)


def share_of(line: CadenceLine, *, weeks: bool = False) -> float | None:
    """Return contacts made as a share of those due; None where none was."""
    due, done = (line.due_weeks, line.done_weeks) if weeks else (line.due, line.done)
    return done / due if due else None


def whole_share(lines: tuple[CadenceLine, ...], *, weeks: bool = False) -> float | None:
    """Return the share of all lines together."""
    due = sum(line.due_weeks if weeks else line.due for line in lines)
    done = sum(line.done_weeks if weeks else line.done for line in lines)
    return done / due if due else None


def _percent(share: float | None) -> str:
    return DASH if share is None else f"{share:.0%}"


def _cadence_sentence(figures: ReviewFigures, told: Telling) -> str:
    due = [line for line in (figures.cadence.by_role if figures.cadence else ()) if line.due]
    if not due:
        return text(told.language, "No contact was due in the week.")
    worst = min(due, key=lambda line: line.done / line.due)
    return text(
        told.language,
        "Contacts made, of those due in the week: {done} of {due}. Fewest: {role}, {share} ({mine} of {owed}).",
        done=f"{sum(line.done for line in due):,}",
        due=f"{sum(line.due for line in due):,}",
        role=label(told.language, StaffRole(worst.key)),
        share=f"{worst.done / worst.due:.0%}",
        mine=f"{worst.done:,}",
        owed=f"{worst.due:,}",
    )


def weakest_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return the branches to look at, what each lags most in and what its premium is short of."""
    language = told.language
    branches = figures.weakest.branches if figures.weakest else ()
    rows = tuple(
        (
            one.branch_name,
            stage_word(language, one.stage),
            told.listed(indicator_words(each, told) for each in one.indicators) or DASH,
            told.money(one.gap.gap_fen) if one.gap else DASH,
        )
        for one in branches
    )
    head = (
        text(language, "Branch"),
        text(language, "Stage"),
        text(language, "Weakest figures, of their targets"),
        text(language, "Premium gap"),
    )
    sentence = (
        text(
            language, "Branches that need the meeting's attention, the most urgent first: {count}.", count=len(branches)
        )
        if branches
        else text(language, "No branch needs the meeting's attention.")
    )
    table = Table(head, rows, (0.2, 0.17, 0.49, 0.14), MOST_WEAK, lines=2, right=frozenset({3}), cut_at=told.between)
    title, period = text(language, "Branches to look at"), _weak_period(figures, told)
    return Page("weakest", Topic.WEAKEST, title, sentence, table=table, period=period)


def _weak_period(figures: ReviewFigures, told: Telling) -> str:
    """Return which days the two kinds of figures of a weak branch count."""
    words = text(
        told.language,
        "Figures: {weeks} weeks to {day}",
        weeks=weak_weeks(figures),
        day=f"{week_end(figures):%m-%d}",
    )
    gaps = [one.gap for one in (figures.weakest.branches if figures.weakest else ()) if one.gap]
    if not gaps or not gaps[0].start or not gaps[0].end:
        return words
    premium = text(told.language, "Premium gap: {days}", days=days_word(gaps[0].start, gaps[0].end))
    return f"{words}\n{premium}"


def weak_weeks(figures: ReviewFigures) -> int:
    """Return over how many weeks branches are judged for their weakest figures."""
    return measures_on(figures.week_start).limits.weak_weeks


def indicator_words(one: Indicator, told: Telling) -> str:
    """Return an indicator with its figure and target."""
    kpi = kpi_definition(one.kpi)
    return text(
        told.language,
        "{kpi} {value} of {target}",
        kpi=told.kpi(one.kpi),
        value=_brief(one.value, kpi, told),
        target=_brief(one.target, kpi, told),
    )


def _brief(amount: float, kpi: KpiDefinition, told: Telling) -> str:
    return f"{amount:.0%}" if kpi.unit == "share" else figure_text(amount, kpi, told.language)
