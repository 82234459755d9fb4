from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from core.facts import UserRole
from core.reports.pack.formats import PackFormat
from core.review.agenda import Agenda
from core.review.decisions import DecisionEntry
from core.review.figures import Topic
from core.review.meeting import shown_only
from core.review.scope import ReviewScope, ScopeKind
from db.calendar_days import set_calendar_day
from db.decision_changes import decide
from db.engine import data_version, reading, writing
from db.models import PolicyRow
from db.review_changes import begin_meeting, close_meeting
from db.review_packs import made_pack
from db.review_shown import live_figures, meeting_figures, review_shown
from db.reviews import find_meeting
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, supervisor
from tests.db.review_world import TODAY, WEEK, fill_review_world
from tests.running import add_user

ALL, LI = ReviewScope(ScopeKind.ALL), ReviewScope(ScopeKind.TEAM, "li")
NOW = datetime(2026, 5, 26, 2, tzinfo=UTC)
LEFT_OUT = frozenset({Topic.MOVES, Topic.WORKED})
ASKED = {"week_start": WEEK, "today": TODAY}


@pytest.fixture(scope="module")
def world(shared_store):
    with writing(shared_store) as session:
        fill_review_world(session)
    add_user(shared_store, "li", UserRole.SUPERVISOR)
    return shared_store


def begin(url, scope, actor, agenda=Agenda()):  # noqa: B008  # frozen
    with reading(url) as session:
        figures = live_figures(session, actor=actor, scope=scope, **ASKED)
        version = data_version(session)
    with writing(url) as session:
        begin_meeting(
            session,
            actor=actor,
            figures=figures,
            figures_version=version,
            agenda=agenda,
            present=[],
            guests=[],
            now=NOW,
            key=f"begin {scope}",
        )
    with reading(url) as session:
        return find_meeting(session, actor=actor, scope=scope, week_start=WEEK)


def shown(url, scope, actor):
    with reading(url) as session:
        return review_shown(session, actor=actor, scope=scope, **ASKED)


def files_of(url, scope, actor):
    with reading(url) as session:
        files = made_pack(session, actor=actor, scope=scope, language="en", **ASKED)
    return {one.file_format: one.content for one in files}


def correct_a_policy(url):
    """Give one policy of the week ten times its premium."""
    with writing(url) as session:
        tuesday = WEEK + timedelta(days=1)
        first = update(PolicyRow).where(PolicyRow.issued_on == tuesday, PolicyRow.branch_id == 2)
        session.execute(first.values(premium_fen=PolicyRow.premium_fen * 10))
        rebuild_rollups(session)


def premium_in(book):
    """The premium of the sheet of goals, as the pack tells it."""
    sheet = load_workbook(BytesIO(book))["Goals and progress"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Scale premium")
    return row[3]


def test_a_week_without_a_review_is_shown_as_it_is_now(world):
    one = shown(world, ALL, ADMIN)
    assert (one.meeting, one.corrections, one.topics) == (None, (), frozenset(Topic))
    assert one.figures.decided == one.figures.decisions == ()


def test_the_pack_of_a_review_that_is_over_shows_what_was_kept_and_marks_what_was_corrected_since(world):
    meeting = begin(world, ALL, ADMIN, Agenda(skipped=LEFT_OUT))
    with writing(world) as session:
        entry = DecisionEntry(Topic.GOALS, None, "Look again", "li", date(2026, 6, 2), "")
        decide(session, actor=ADMIN, meeting_id=meeting.meeting_id, entry=entry, today=TODAY, key="d")
    held = shown(world, ALL, ADMIN)
    assert held.topics == frozenset(Topic) - LEFT_OUT
    assert [one.words for one in held.figures.decisions] == ["Look again"]  # decided since it began
    assert held.figures.moves is None
    assert b"being held" in files_of(world, ALL, ADMIN)[PackFormat.TXT]

    with reading(world) as session:
        meeting = find_meeting(session, actor=ADMIN, scope=ALL, week_start=WEEK)
        as_shown = shown_only(meeting_figures(session, actor=ADMIN, meeting=meeting, today=TODAY), meeting.agenda)
    with writing(world) as session:
        close_meeting(
            session,
            actor=ADMIN,
            meeting_id=meeting.meeting_id,
            figures=as_shown,
            present=[],
            guests=[],
            shown_version=meeting.version,
            now=NOW,
            key="close",
        )
    before = files_of(world, ALL, ADMIN)
    assert b"corrected since" not in before[PackFormat.TXT]

    correct_a_policy(world)
    over, after = shown(world, ALL, ADMIN), files_of(world, ALL, ADMIN)
    assert over.figures == as_shown
    assert [(one.topic, one.what, one.key) for one in over.corrections] == [
        (Topic.GOALS, "kpi", "scale_premium"),
        (Topic.WEAKEST, "premium", ""),
        (Topic.WEAKEST, "premium", "青禾银行B1支行"),
    ]
    with writing(world) as session:
        asked = {"kind": "off", "name": "Flood", "source": "City notice", "shown_version": 0, "today": TODAY}
        set_calendar_day(session, actor=ADMIN, day=WEEK, reason="Published late", write_key="flood", **asked)
    assert shown(world, ALL, ADMIN).figures == as_shown
    assert premium_in(after[PackFormat.XLSX]) == premium_in(before[PackFormat.XLSX])
    assert b"ended on 26 May 2026; figures corrected since: 3." in after[PackFormat.TXT]
    book = load_workbook(BytesIO(after[PackFormat.XLSX]))
    assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == [
        *("What became of our decisions", "Goals and progress", "Branches by stage", "Contacts made of those due"),
        *("Where the gap comes from", "Branches to look at", "Decisions of this review", "Next week"),
        "About this file",
    ]


def test_a_review_still_held_is_brought_up_to_date_and_not_marked(world):
    begin(world, LI, supervisor("li"))
    correct_a_policy(world)
    held = shown(world, LI, supervisor("li"))
    assert held.meeting is not None
    assert held.corrections == ()
