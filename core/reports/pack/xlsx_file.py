"""The pack as a workbook: one sheet a topic with everything that was counted, and the charts of the deck."""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook

from core.charts.theme import stage_word
from core.facts import StaffRole, Stage
from core.kpis.definitions import KpiUnit, kpi_definition
from core.language import text
from core.language.labels import label
from core.planning.words import kind_word
from core.reports.digest import held_words
from core.reports.pack.actions import PLANNED_KINDS, about_words, decision_state_word, effect_words
from core.reports.pack.attendance import present_lines
from core.reports.pack.branches import indicator_words, move_words, share_of
from core.reports.pack.page import Page
from core.reports.pack.still import stilled
from core.reports.pack.telling import Telling
from core.reports.pack.xlsx_book import Block, add_chart, add_sheet
from core.reports.tables import Kind, Stamp, cleaned
from core.review.figures import CadenceLine, DecisionShown, Factor, GapSplit, KpiCard, ReviewFigures, StageFlow
from core.review.gap_words import factor_word
from core.review.meeting import ReviewShown
from core.review.standing import reached
from core.stages.explanation import reason_text

UNIT_KINDS: dict[KpiUnit, Kind] = {"share": "share", "count": "decimal", "cny": "money", "ratio": "decimal"}


def xlsx_bytes(shown: ReviewShown, pages: Sequence[Page], told: Telling, stamp: Stamp) -> bytes:
    """Return the workbook; the same figures and stamp give the same bytes."""
    figures, since = shown.figures, text(told.language, "Figures were corrected since")
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = cleaned(stamp.made_by), cleaned(stamp.title)
    book.properties.created = stamp.made_at
    by_key = {page.key: page for page in pages if page.part[0] == 1}
    for key, blocks in _sheets(figures, told).items():
        page = by_key.get(key)
        if page is None:
            continue  # the review left the topic out
        marks = (since, *page.corrections) if page.corrections else ()
        days = (page.period.replace("\n", " · "),) if page.period else ()
        sheet = add_sheet(book, page.title, (page.title, page.sentence, *days, *marks), blocks)
        if page.chart:
            add_chart(sheet, page.chart, told.language, title=page.title)
        sheet.oddFooter.center.text = stamp.lines(rows=1, total=1)[1].replace("&", "&&")
    week = text(
        told.language,
        "Week from {week}. Data up to {day}.",
        week=told.day(figures.week_start),
        day=told.day(figures.data_to),
    )
    about = (*stamp.lines(rows=1, total=1)[:3], week, *held_words(shown, told), *present_lines(shown, told))
    add_sheet(book, text(told.language, "About this file"), about, ())
    buffer = BytesIO()
    book.save(buffer)
    return stilled(buffer.getvalue(), stamp.made_at)


def _sheets(figures: ReviewFigures, told: Telling) -> Mapping[str, list[Block]]:
    """Return the blocks of each sheet by the page it goes with, in the order of the agenda."""
    weakest = figures.weakest
    return {
        "decided": [_decisions(figures.decided or (), told)],
        "goals": [*_goals(figures.goals or (), told)],
        "stages": [*_stages(figures, told)],
        "moves": [_moves(figures, told)],
        "cadence": [*_cadence(figures, told)],
        "gap": [_gap(weakest.whole if weakest else None, told)],
        "weakest": [_weakest(figures, told)],
        "worked": [_worked(figures, told)],
        "decisions": [_decisions(figures.decisions or (), told)],
        "next_week": [*_next_week(figures, told)],
    }


def _decisions(found: Sequence[DecisionShown], told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "What was decided"), "text"),
        (text(language, "Branch or topic"), "text"),
        (text(language, "Branch code"), "text"),
        (text(language, "Owner"), "text"),
        (text(language, "Due on"), "day"),
        (text(language, "State"), "text"),
        (text(language, "Measured by"), "text"),
        (text(language, "What became of it"), "text"),
        (text(language, "Decided in the week from"), "day"),
    )
    rows = tuple(
        (
            one.words,
            about_words(language, one),
            one.branch_code,
            one.owner,
            one.due_on,
            decision_state_word(language, one.state),
            one.measure,
            one.outcome,
            one.decided_in,
        )
        for one in found
    )
    return Block(text(language, "Decisions"), heads, rows)


def _goals(cards: Sequence[KpiCard], told: Telling) -> Iterator[Block]:
    """Yield the figures with what they are held against, and what they were counted from: more stands on no page."""
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Figure"), "text"),
        (text(language, "From day"), "day"),
        (text(language, "To day"), "day"),
        (text(language, "This period"), "decimal"),
        (text(language, "Target"), "decimal"),
        (text(language, "Reached of the target"), "share"),
        (text(language, "Due by now"), "share"),
        (text(language, "Period before"), "decimal"),
        (text(language, "Peers"), "decimal"),
        (text(language, "Own level"), "decimal"),
    )
    units = {
        "share": text(language, "share, 0 to 1"),
        "count": text(language, "number"),
        "cny": text(language, "yuan"),
        "ratio": text(language, "ratio"),
    }
    yes = text(language, "yes")
    rows = tuple(
        (
            told.kpi(card.kpi),
            card.start,
            card.end,
            card.value,
            card.target,
            reached(card),
            card.time_share,
            card.before,
            card.peers,
            card.baseline,
        )
        for card in cards
    )
    kinds = tuple(UNIT_KINDS[kpi_definition(card.kpi).unit] for card in cards)
    yield Block(text(language, "Figures and what they are held against"), heads, rows, kinds)
    heads = (
        (text(language, "Figure"), "text"),
        (text(language, "Unit"), "text"),
        (text(language, "Data up to day"), "day"),
        (text(language, "Provisional"), "text"),
        (text(language, "Numerator"), "money"),
        (text(language, "Denominator"), "money"),
        (text(language, "Peer branches"), "integer"),
        (text(language, "Official figure"), "decimal"),
        (text(language, "Its source"), "text"),
    )
    counted = tuple(
        (
            told.kpi(card.kpi),
            units[kpi_definition(card.kpi).unit],
            card.data_to,
            yes if card.is_provisional else None,
            card.numerator,
            card.denominator,
            card.peer_branches or None,
            card.official,
            card.official_source,
        )
        for card in cards
    )
    yield Block(text(language, "What they are counted from"), heads, counted, kinds)


def _stages(figures: ReviewFigures, told: Telling) -> Iterator[Block]:
    language, found = told.language, figures.stages
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Stage"), "text"),
        (text(language, "At present"), "integer"),
        (text(language, "A week before"), "integer"),
        (text(language, "13 weeks before"), "integer"),
    )
    rows = tuple(
        (stage_word(language, one.stage), one.now, one.week_before, one.quarter_before)
        for one in (found.counts if found else ())
    )
    yield Block(text(language, "Branches by stage"), heads, rows)
    yield _flow(text(language, "From stage to stage in a week"), found.flow_week if found else (), told)
    yield _flow(text(language, "From stage to stage in 13 weeks"), found.flow_quarter if found else (), told)


def _flow(title: str, flows: Sequence[StageFlow], told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "From stage"), "text"),
        (text(language, "To stage"), "text"),
        (text(language, "Branches"), "integer"),
    )
    rows = tuple((_stage(one.before, told), _stage(one.after, told), one.branches) for one in flows)
    return Block(title, heads, rows)


def _stage(stage: Stage | None, told: Telling) -> str:
    return stage_word(told.language, stage) if stage else text(told.language, "no stage")


def _moves(figures: ReviewFigures, told: Telling) -> Block:
    language, moves = told.language, figures.moves
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Branch"), "text"),
        (text(language, "Branch code"), "text"),
        (text(language, "From and to"), "text"),
        (text(language, "Why this stage"), "text"),
    )
    rows = tuple(
        (one.branch_name, one.branch_code, move_words(one, told), reason_text(language, one.reason_key, one.facts))
        for one in (moves.told if moves else ())
    )
    return Block(text(language, "Who moved"), heads, rows)


def _cadence(figures: ReviewFigures, told: Telling) -> Iterator[Block]:
    language, page = told.language, figures.cadence
    by_role = [(label(language, StaffRole(line.key)), line) for line in (page.by_role if page else ())]
    by_person = [(line.key, line) for line in (page.by_person if page else ())]
    yield _lines(text(language, "By role"), text(language, "Role"), by_role, told)
    yield _lines(text(language, "By supervisor"), text(language, "Supervisor"), by_person, told)


def _lines(title: str, who: str, lines: Sequence[tuple[str, CadenceLine]], told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (who, "text"),
        (text(language, "Branches"), "integer"),
        (text(language, "Due, this week"), "integer"),
        (text(language, "Made, this week"), "integer"),
        (text(language, "Share, this week"), "share"),
        (text(language, "Due, 4 weeks"), "integer"),
        (text(language, "Made, 4 weeks"), "integer"),
        (text(language, "Share, 4 weeks"), "share"),
    )
    rows = tuple(
        (
            name,
            line.branches,
            line.due,
            line.done,
            share_of(line),
            line.due_weeks,
            line.done_weeks,
            share_of(line, weeks=True),
        )
        for name, line in lines
    )
    return Block(title, heads, rows)


def _gap(split: GapSplit | None, told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Factor"), "text"),
        (text(language, "Actual"), "decimal"),
        (text(language, "Wanted"), "decimal"),
        (text(language, "Gap, yuan"), "money"),
    )
    rows: tuple[tuple[object, ...], ...] = ()
    if split:
        rows = tuple(
            (
                factor_word(language, part.factor),
                _in_yuan(part.actual, part.factor),
                _in_yuan(part.wanted, part.factor),
                part.gap_fen / 100,
            )
            for part in split.parts
        )
        whole = (text(language, "Premium, yuan"), split.actual_fen / 100, split.target_fen / 100, split.gap_fen / 100)
        rows = (*rows, whole)
    return Block(text(language, "Premium against target"), heads, rows)


def _in_yuan(amount: float | None, factor: Factor) -> float | None:
    """Return the amount of a factor; that of a policy is kept in fen."""
    return amount / 100 if amount is not None and factor is Factor.PREMIUM_PER_POLICY else amount


def _weakest(figures: ReviewFigures, told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Branch"), "text"),
        (text(language, "Branch code"), "text"),
        (text(language, "Supervisor"), "text"),
        (text(language, "Stage"), "text"),
        (text(language, "Weakest figures, of their targets"), "text"),
        (text(language, "Premium, yuan"), "money"),
        (text(language, "Target, yuan"), "money"),
        (text(language, "Gap, yuan"), "money"),
    )
    rows = tuple(
        (
            one.branch_name,
            one.branch_code,
            one.supervisor,
            stage_word(language, one.stage),
            told.listed(indicator_words(each, told) for each in one.indicators),
            one.gap.actual_fen / 100 if one.gap else None,
            one.gap.target_fen / 100 if one.gap else None,
            one.gap.gap_fen / 100 if one.gap else None,
        )
        for one in (figures.weakest.branches if figures.weakest else ())
    )
    return Block(text(language, "Branches to look at"), heads, rows)


def _worked(figures: ReviewFigures, told: Telling) -> Block:
    language = told.language
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Action"), "text"),
        (text(language, "Stage"), "text"),
        (text(language, "Cases"), "integer"),
        (text(language, "Matched branches"), "integer"),
        (text(language, "Policies a week before"), "decimal"),
        (text(language, "Policies a week after"), "decimal"),
        (text(language, "Expected after"), "decimal"),
        (text(language, "Change in policies"), "text"),
        (text(language, "True change lies in"), "text"),
    )
    rows = tuple(
        (
            told.action(one.action_key),
            stage_word(language, one.stage),
            one.cases,
            one.matched,
            one.rate_before,
            one.rate_after,
            one.rate_expected,
            *effect_words(one),
        )
        for one in (figures.worked.effects if figures.worked else ())
    )
    return Block(text(language, "What worked"), heads, rows)


def _next_week(figures: ReviewFigures, told: Telling) -> Iterator[Block]:
    language, week = told.language, figures.next_week
    heads: tuple[tuple[str, Kind], ...] = (
        (text(language, "Kind"), "text"),
        (text(language, "Planned lines"), "integer"),
        (text(language, "Carried over, of these"), "integer"),
    )
    planned = [one for one in (week.planned if week else ()) if one.kind in PLANNED_KINDS]
    rows = tuple((kind_word(language, one.kind), one.lines, one.carried) for one in planned)
    yield Block(text(language, "What is planned"), heads, rows)
    heads = ((text(language, "Figure"), "text"), (text(language, "Value"), "integer"))
    if week:
        yield Block(
            text(language, "The week in figures"),
            heads,
            (
                (text(language, "Working days"), week.workdays),
                (text(language, "People"), week.people),
                (text(language, "Of these with a plan"), week.people_with_plan),
                (text(language, "Actions due"), week.actions_due),
                (text(language, "Actions overdue"), week.actions_overdue),
                (text(language, "Events"), week.events),
            ),
        )
