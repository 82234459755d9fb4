"""The result of a self-check: on one page, in a line on the page of the branch, and as a trend."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.coaching.playbook import Action
from core.facts import Branch, UserRole
from core.language import listed
from core.language.days import day_word, month_word
from core.reports.a4 import Part
from core.self_check.checks import Level, Scores, SelfCheck, level_of, points_text, scores
from core.self_check.comparison import BranchRecord, Thing, differences, things
from core.self_check.rules import self_check_rules
from pages.parts.downloads import print_button
from pages.parts.layout import empty_state, escaped
from pages.parts.navigation import page_of
from pages.parts.self_check_form import answer_word
from pages.parts.session import current, language, t
from pages.parts.store.coaching import playbook
from pages.parts.store.self_checks import checks, record
from pages.parts.tables import Column, show_table

MOST_IN_SHORT = 3
"""Differences told beside a list; the page of the self-check has all."""
LEVEL_COLOURS = {Level.GOOD: "green", Level.FAIR: "orange", Level.WEAK: "red"}
LEVEL_SIGNS = {Level.GOOD: "●", Level.FAIR: "◐", Level.WEAK: "○"}


def level_word(level: Level | None) -> str:
    """Return what a level is called, with a sign that tells it without colour."""
    if level is None:
        return t("No score")
    words = {Level.GOOD: t("Good"), Level.FAIR: t("Fair"), Level.WEAK: t("Weak")}
    return f"{LEVEL_SIGNS[level]} {words[level]}"


def show_page(branch: Branch, check: SelfCheck) -> None:
    """Draw the page of a finished self-check, with the file that prints it on one A4."""
    ask, finished_on = current(), check.finished_on
    is_head = ask.actor.role is UserRole.BRANCH_HEAD
    if finished_on is None:
        return
    found = scores(check.values)
    known = record(ask, branch.branch_id, finished_on)
    told, to_do = _differences(check.values, known), _things(check.values, known, playbook(ask))
    focus = _focus(known)
    as_read = "" if is_head else t("This is the page as the branch head reads it.")
    st.caption(" ".join([_finished_words(check), as_read]))
    mine, theirs = st.columns(2, gap="large")
    with mine:
        st.subheader(t("My view") if is_head else t("View of the head"), anchor=False)
        st.markdown("\n".join(_view_line(found, group) for group in self_check_rules().groups))
    with theirs:
        st.subheader(t("The records"), anchor=False)
        st.markdown("\n".join(f"- {_head(name)} **{escaped(value)}**" for name, value in _fact_rows(known)))
    st.subheader(t("Where they differ"), anchor=False)
    if told:
        st.markdown("\n".join(f"- {escaped(line)}" for line in told))
    else:
        empty_state(t("View and records agree, as far as the records go."))
    st.subheader(t("Three things for this week"), anchor=False)
    if focus:
        st.markdown(escaped(focus))
    st.markdown("\n".join(f"{number}. {escaped(line)}" for number, line in enumerate(to_do, start=1)))
    if check.need:
        st.markdown(f"**{escaped(t('What would help most next month?'))}**  \n{escaped(check.need)}")
    _print_button(branch, check, printed_parts(check.values, known, playbook(ask), need=check.need))
    if st.toggle(t("All answers"), key="self_check_answers"):
        _show_answers(check)


def printed_parts(
    values: Mapping[str, int], known: BranchRecord, actions: Iterable[Action], *, need: str | None
) -> list[Part]:
    """Return the parts of the page to print, as they stand on the screen."""
    told, focus = _differences(values, known), _focus(known)
    parts = [
        Part(
            t("View of the head"),
            head=(t("Group"), t("Score"), t("Level")),
            rows=_view_rows(scores(values)),
            is_beside=True,
        ),
        Part(t("The records"), head=(t("Figure"), t("Value")), rows=_fact_rows(known)),
        Part(t("Where they differ"), lines=told or [t("View and records agree, as far as the records go.")]),
        Part(
            t("Three things for this week"),
            lines=[focus] if focus else [],
            numbered=_things(values, known, actions),
        ),
    ]
    if need:
        parts.append(Part(t("What would help most next month?"), lines=[need]))
    return parts


def _differences(values: Mapping[str, int], known: BranchRecord) -> list[str]:
    return [one.sentence(language()) for one in differences(values, known)]


def _things(values: Mapping[str, int], known: BranchRecord, actions: Iterable[Action]) -> list[str]:
    return [_thing_line(one) for one in things(values, actions, stage=known.stage)]


def _focus(known: BranchRecord) -> str | None:
    return self_check_rules().focus[known.stage].said(language()) if known.stage else None


def show_latest(branch: Branch) -> None:
    """Say on the page of the branch what the latest self-check came to, with the way to it."""
    finished = checks(current(), branch.branch_id)
    if not finished:
        st.markdown(t("The branch head has not finished a self-check yet."))
        return
    found = scores(finished[0].values)
    rules = self_check_rules()
    weak = [rules.groups[group].said(language()) for group in found.groups if found.level(group) is Level.WEAK]
    parts = [
        f"**{escaped(month_word(language(), finished[0].month_start))}**",
        escaped(t("overall {points} of 5", points=points_text(found.overall))),
        escaped(t("weak: {groups}", groups=listed(language(), weak))) if weak else escaped(t("no group is weak")),
    ]
    if len(finished) > 1:
        before = scores(finished[1].values).overall
        month = month_word(language(), finished[1].month_start)
        points = points_text(before)
        parts.insert(2, escaped(t("{points} in {month}", points=points, month=month)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(" · ".join(parts), width="content")
        st.page_link(
            page_of("self_check"),
            label=t("Open the self-check"),
            icon=":material/checklist:",
            query_params={"branch": branch.branch_code},
        )


def show_in_short(branch: Branch, month_start: date) -> None:
    """Say beside a list what a finished self-check came to and where the records differ, with the way to it.

    Three things for the week stand there where nothing differs.
    """
    check = next((one for one in checks(current(), branch.branch_id) if one.month_start == month_start), None)
    if check is None or check.finished_on is None:
        return
    known = record(current(), branch.branch_id, check.finished_on)
    points, told = points_text(scores(check.values).overall), _differences(check.values, known)
    count = t("differences from the records: {count}", count=len(told))
    overall = t("Overall {points} of 5", points=points)
    lines = [f"**{escaped(overall)}** · {escaped(count)}", "", *(f"- {escaped(one)}" for one in told[:MOST_IN_SHORT])]
    to_do = _things(check.values, known, playbook(current())) if not told else []
    lines += [f"{number}. {escaped(one)}" for number, one in enumerate(to_do, start=1)]
    st.markdown("\n".join(lines))
    st.page_link(
        page_of("self_check"),
        label=t("Open the self-check"),
        icon=":material/checklist:",
        query_params={"branch": branch.branch_code},
    )


def show_trend(finished: Sequence[SelfCheck]) -> None:
    """Draw the scores of the latest checks, month by month."""
    rules = self_check_rules()
    scored = [(one.month_start, scores(one.values)) for one in finished]
    table = {"month": pa.array([month for month, _ in scored], pa.date32())}
    table["overall"] = pa.array([found.overall for _, found in scored], pa.float64())
    for group in rules.groups:
        table[group] = pa.array([found.groups.get(group) for _, found in scored], pa.float64())
    columns = [Column("month", t("Month"), "month", pinned=True), Column("overall", t("Overall"), "tenths")]
    columns += [Column(group, words.said(language()), "tenths") for group, words in rules.groups.items()]
    show_table(pa.table(table), columns, key="self_check_trend", name=t("Self-check scores by month"))


def _view_rows(found: Scores) -> list[tuple[str, str, str]]:
    rows = []
    for group, words in self_check_rules().groups.items():
        points = found.groups.get(group)
        rows.append((words.said(language()), points_text(points), level_word(level_of(points))))
    return rows


def _view_line(found: Scores, group: str) -> str:
    words, points = self_check_rules().groups[group].said(language()), found.groups.get(group)
    level = level_of(points)
    if level is None:
        return f"- {_head(words)} {escaped(level_word(level))}"
    return f"- {_head(words)} **{escaped(points_text(points))}** :{LEVEL_COLOURS[level]}[{escaped(level_word(level))}]"


def _head(words: str) -> str:
    return escaped(t("{head}:", head=words))


def _fact_rows(known: BranchRecord) -> list[tuple[str, str]]:
    limits = self_check_rules().limits
    unknown = t("not known")
    sellers, attainment = known.active_sellers, known.contact_attainment
    events, show_up = known.events, known.show_up_rate
    return [
        (t("Stage"), stage_word(language(), known.stage) if known.stage else unknown),
        (
            t("Sellers with a policy, {weeks} weeks", weeks=limits.seller_weeks),
            unknown if sellers is None else str(sellers),
        ),
        (
            t("Contacts made of those due, {weeks} weeks", weeks=limits.contact_weeks),
            unknown if attainment is None else f"{attainment:.0%}",
        ),
        (
            t("Customer events held, {weeks} weeks", weeks=limits.event_weeks),
            unknown if events is None else str(events),
        ),
        (
            t("Came of those who confirmed, {weeks} weeks", weeks=limits.event_weeks),
            unknown if show_up is None else f"{show_up:.0%}",
        ),
    ]


def _thing_line(thing: Thing) -> str:
    title = thing.action.title(language())
    if thing.question is None:
        return t("Ask your channel manager for: {action}", action=title)
    return t("Ask your channel manager for: {action} (answer to {question})", action=title, question=thing.question.key)


def _print_button(branch: Branch, check: SelfCheck, parts: Sequence[Part]) -> None:
    print_button(
        t("Print on one A4 page"),
        lambda: parts,
        title=t(
            "Self-check {month} · {branch}", month=month_word(language(), check.month_start), branch=branch.branch_name
        ),
        note=_finished_words(check),
        file_name=f"self_check_{branch.branch_code}_{check.month_start:%Y%m}",
        key="self_check_print",
    )


def _finished_words(check: SelfCheck) -> str:
    day = day_word(language(), check.finished_on or current().today)
    return t("Finished on {day}. Figures as of that day.", day=day)


def _show_answers(check: SelfCheck) -> None:
    rules = self_check_rules()
    given = [one for one in rules.questions if one.key in check.answers]
    table = pa.table(
        {
            "question": [f"{one.key} · {one.words.said(language())}" for one in given],
            "answer": [answer_word(one, check.answers[one.key].value) for one in given],
        }
    )
    columns = [Column("question", t("Question"), width="large"), Column("answer", t("Answer"))]
    show_table(table, columns, key="self_check_answers_table", name=t("Answers of the self-check"))
