import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.calendar import last_complete_week
from core.coaching.actions import DECISION_ACTION
from core.facts import COMMAND_LINE, Stage, StageDecisionKind, SuggestionState, UserRole
from core.language import LANGUAGES
from core.notes.handover import HandoverKind
from core.passwords import matches, password_fault
from core.planning.check import ItemState
from core.planning.items import ChangeKind, ItemOrigin
from core.review.figures import DecisionState
from core.review.official import reconciliation
from core.review.pace import PeriodKind, Span
from core.review.scope import ReviewScope, ScopeKind, narrowed
from core.sample.files import FILE_NAMES
from core.sample.steps import SampleStep, step_words
from db import engine
from db.coaching import open_actions
from db.engine import StoreError, data_version, engine_of, is_sample, reading, sqlite_url, writing
from db.handovers import handovers
from db.imports.messages import ImportRefusedError
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.models import BranchRow, ContactRow, PolicyRow, StaffRow, StageWeekRow, SuggestionRow, UserRow
from db.planning_facts import checked_week
from db.planning_weeks import changes_of, find_plan
from db.review_cards import kpi_cards
from db.review_shown import review_shown
from db.reviews import scopes_in_reach
from db.rollups import rollup_differences
from db.sample import (
    DEMO_PASSWORD,
    SAMPLE_FOLDER,
    city_plan,
    fill_with_sample,
    init_store,
    make_sample_store,
    write_sample_files,
)
from db.sign_in import find_credentials
from db.stage_reviews import latest_decisions
from db.store_check import check_store
from db.users import AccountError, create_user, demo_accounts
from tests.builders import add_branch, manager_of, supervisor

TODAY = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The store of two first starts at once, and what this one told of its progress."""
    path = tmp_path_factory.mktemp("first") / "both" / "sample.db"
    told = []
    context = multiprocessing.get_context("spawn")
    other = context.Process(target=make_sample_store, args=(path,), kwargs={"today": TODAY})
    other.start()
    make_sample_store(path, today=TODAY, progress=lambda share, step: told.append((share, step)))
    other.join()
    assert other.exitcode == 0
    yield path, told
    engine_of(sqlite_url(path)).dispose()


@pytest.fixture
def sample(made, tmp_path):
    """A copy of the sample store to change."""
    path = tmp_path / "copy.db"
    shutil.copy(made[0], path)
    yield sqlite_url(path)
    engine_of(sqlite_url(path)).dispose()


def count(session, row):
    return session.scalar(select(func.count()).select_from(row))


def test_two_first_starts_at_once_make_one_sound_store_for_its_owner_only(made):
    path, _ = made
    check_store(sqlite_url(path))
    assert [entry.name for entry in path.parent.iterdir() if not entry.name.endswith(("-wal", "-shm"))] == ["sample.db"]
    with reading(sqlite_url(path)) as session:
        assert (count(session, BranchRow), count(session, UserRow)) == (120, 4)


def test_the_sample_reaches_to_yesterday_and_shows_every_stage(made):
    with reading(sqlite_url(made[0])) as session:
        assert is_sample(session)
        assert count(session, BranchRow) == 120
        assert TODAY - timedelta(days=4) <= session.scalar(select(func.max(PolicyRow.issued_on))) < TODAY
        assert session.scalar(select(func.max(ContactRow.contact_on))) <= TODAY
        newest = select(func.max(StageWeekRow.week_start)).scalar_subquery()
        stages = session.scalars(select(StageWeekRow.stage).where(StageWeekRow.week_start == newest)).all()
        assert set(stages) == set(Stage)
        assert newest is not None
        assert len(stages) == 119
        assert rollup_differences(session) == []


def test_the_progress_names_every_step_and_never_goes_back(made):
    shares = [share for share, _ in made[1]]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert [step for number, (_, step) in enumerate(made[1]) if step not in [one for _, one in made[1][:number]]] == [
        *SampleStep
    ]


def test_every_step_has_words_in_both_languages():
    words = {step_words(language, step) for language in LANGUAGES for step in SampleStep}
    assert len(words) == 2 * len(SampleStep)


def test_there_is_one_demo_account_for_each_role(made):
    with reading(sqlite_url(made[0])) as session:
        assert {role: name for name, role in demo_accounts(session)} == {
            UserRole.ADMIN: "demo_admin",
            UserRole.MANAGER: "demo_manager",
            UserRole.SUPERVISOR: "demo_supervisor",
            UserRole.BRANCH_HEAD: "demo_head",
        }
        users = session.scalars(select(UserRow)).all()
        assert all(user.is_demo and user.is_active and not user.must_change_password for user in users)
        assert matches(DEMO_PASSWORD, find_credentials(session, username="demo_head").password_hash)
        own = session.scalars(select(BranchRow.branch_code).where(BranchRow.supervisor == "demo_supervisor")).all()
        bounds = {user.username: (user.region_path, user.branch_code) for user in users}
        assert len(own) == 26
        assert bounds["demo_manager"] == ("安禾东区分公司", None)
        assert bounds["demo_head"][1] in own
    assert password_fault(DEMO_PASSWORD, username="demo_admin") is None


def test_the_pages_are_alive(made):
    with reading(sqlite_url(made[0])) as session:
        states = set(session.scalars(select(SuggestionRow.state)))
        assert states >= {SuggestionState.TAKEN, SuggestionState.DONE, SuggestionState.DISMISSED}
        due = [action.due_on for action in open_actions(session, actor=COMMAND_LINE, today=TODAY)]
        assert len(due) >= 20
        assert min(due) < TODAY < max(due)
        assert session.scalar(select(func.count()).where(ContactRow.next_step.is_not(None))) == 13


def test_a_branch_of_the_demo_supervisor_waits_to_be_handed_over_to_its_new_head(made):
    with reading(sqlite_url(made[0])) as session:
        (change,) = handovers(session, actor=supervisor("demo_supervisor"), today=TODAY)
        name = session.scalar(select(StaffRow.staff_name).where(StaffRow.staff_code == change.after))
    assert (change.kind, change.changed_on, change.taken_over_on) == (
        HandoverKind.BRANCH_HEAD,
        TODAY - timedelta(days=9),
        None,
    )
    assert (change.before, name) == (f"{change.branch_code}-01", "卓行长")


def test_stages_are_confirmed_and_set_by_hand_one_of_them_over_by_now(made):
    with reading(sqlite_url(made[0])) as session:
        decided = latest_decisions(session, actor=COMMAND_LINE, as_of=TODAY).values()
        kinds = [one.kind for one in decided]
        assert (kinds.count(StageDecisionKind.CONFIRMED), kinds.count(StageDecisionKind.OVERRIDDEN)) == (2, 3)
        ends = sorted(one.end_on for one in decided if one.end_on)
        assert ends == [TODAY - timedelta(days=12), TODAY + timedelta(days=8), TODAY + timedelta(days=53)]
        assert {one.decided_by for one in decided} == {"演示督导"}


def test_last_week_is_checked_with_one_miss_unexplained_and_one_missed_three_times(made):
    week = date(2026, 11, 9)
    with reading(sqlite_url(made[0])) as session:
        found = checked_week(session, actor=COMMAND_LINE, supervisor="demo_supervisor", week_start=week, today=TODAY)
        trail = changes_of(session, actor=COMMAND_LINE, supervisor="demo_supervisor", week_start=week)
        now = checked_week(
            session, actor=COMMAND_LINE, supervisor="demo_supervisor", week_start=date(2026, 11, 16), today=TODAY
        )
        plan = find_plan(session, actor=COMMAND_LINE, supervisor="demo_supervisor", week_start=week)
    assert sum(one.is_unexplained for one in found) == 1
    assert max(one.item.times_carried for one in found if one.item.cause) == 2
    assert len({one.item.cause for one in found}) > 3
    assert {ItemState.DONE, ItemState.TICKED, ItemState.MISSED, ItemState.DROPPED} <= {one.state for one in found}
    assert [one.kind for one in trail] == [ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.DROPPED]
    assert plan.is_approved
    assert {ItemOrigin.TARGET, ItemOrigin.CARRIED, ItemOrigin.ADJUSTMENT} <= {one.item.origin for one in now}


def test_a_second_start_leaves_the_store_as_it_is(made):
    before = made[0].stat()
    make_sample_store(made[0], today=TODAY + timedelta(days=9))
    assert made[0].stat().st_mtime_ns == before.st_mtime_ns


def test_no_import_gets_into_a_sample_store(sample):
    with pytest.raises(ImportRefusedError):
        import_files(
            sample,
            [ImportFile("branches.csv", SAMPLE_FOLDER / "branches.csv")],
            actor=COMMAND_LINE,
            today=TODAY,
        )


def test_a_demo_account_cannot_be_made_beside_real_data(store):
    with writing(store) as session:
        add_branch(session)
    with pytest.raises(AccountError), writing(store) as session:
        create_user(
            session,
            actor=COMMAND_LINE,
            username="demo_admin",
            display_name="x",
            role=UserRole.ADMIN,
            password_hash="x",
            is_one_time=False,
            is_demo=True,
        )
    with reading(store) as session:
        assert count(session, UserRow) == 0


def test_a_store_that_holds_anything_gets_no_sample(store):
    with writing(store) as session:
        add_branch(session)
    with pytest.raises(StoreError, match="holds data already"):
        fill_with_sample(store, today=TODAY)
    with pytest.raises(StoreError, match="holds data already"):
        init_store(is_empty=False, today=TODAY)
    with reading(store) as session:
        assert (is_sample(session), count(session, BranchRow)) == (False, 1)


def test_a_configured_store_gets_the_city_without_demo_accounts(store):
    assert init_store(is_empty=False, today=TODAY) == store
    with reading(store) as session:
        assert is_sample(session)
        assert (count(session, BranchRow), count(session, UserRow)) == (120, 0)
        assert demo_accounts(session) == []


def test_init_empty_makes_the_companys_own_file(tmp_path):
    url = init_store(is_empty=True, today=TODAY)
    assert url == sqlite_url(engine.COMPANY_FILE) == engine.store_url()
    check_store(url)
    with reading(url) as session:
        assert (is_sample(session), count(session, UserRow), data_version(session)) == (False, 0, 0)
    with pytest.raises(StoreError, match="already"):
        init_store(is_empty=True, today=TODAY)
    engine_of(url).dispose()


@pytest.mark.skipif(os.name == "nt", reason="kills a process by a POSIX signal")
@pytest.mark.parametrize("share", [0.0, 0.05, 0.4])
def test_a_killed_first_start_leaves_no_half_made_store(tmp_path, share):
    path = tmp_path / "sample.db"
    program = (
        "import sys, pathlib, datetime; from db.sample import make_sample_store;"
        "make_sample_store(pathlib.Path(sys.argv[1]), today=datetime.date(2026, 11, 22),"
        " progress=lambda share, step: print(share, flush=True))"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert any(float(told) >= share for told in child.stdout)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert not path.exists()


def test_an_unwritable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        make_sample_store(tmp_path / "file" / "sample.db", today=TODAY)


def test_the_files_in_sample_data_are_what_their_arguments_make(tmp_path):
    assert city_plan().until == date(2026, 11, 15)
    write_sample_files(tmp_path)
    for name in FILE_NAMES:
        assert (tmp_path / name).read_bytes() == (SAMPLE_FOLDER / name).read_bytes(), name


def test_the_files_in_sample_data_import_without_an_error(sqlite_store):
    files = [ImportFile(name, SAMPLE_FOLDER / name) for name in FILE_NAMES]
    report = import_files(sqlite_store, files, actor=COMMAND_LINE, today=TODAY)
    assert report.is_stored
    assert report.errors_total == 0


def test_the_first_review_opened_begins_with_what_the_one_before_decided(made):
    week = last_complete_week(TODAY)
    with reading(sqlite_url(made[0])) as session:
        manager = manager_of("安禾东区分公司")
        scopes = [scopes_in_reach(session, actor=actor)[0] for actor in (manager, supervisor("demo_supervisor"))]
        for scope in scopes:
            now = review_shown(session, actor=COMMAND_LINE, scope=scope, week_start=week, today=TODAY)
            assert now.meeting is None
            assert [(one.state, one.branch_code is not None) for one in now.figures.decided] == [
                (DecisionState.DONE, False),
                (DecisionState.OPEN, True),
                (DecisionState.OVERDUE, False),
            ]
            before = week - timedelta(weeks=1)
            held = review_shown(session, actor=COMMAND_LINE, scope=scope, week_start=before, today=TODAY)
            assert held.meeting.is_closed
            assert held.corrections == ()  # the figures kept are those of that week
            assert held.figures.data_to == before + timedelta(days=6)
            assert {one.state for one in held.figures.decisions} == {DecisionState.OPEN}
        decided = [
            one for one in open_actions(session, actor=COMMAND_LINE, today=TODAY) if one.action_key == DECISION_ACTION
        ]
        assert [one.owner for one in decided] == ["demo_supervisor"] * 2


def test_the_statement_of_the_last_month_differs_by_a_policy_that_was_booked_late(made):
    with reading(sqlite_url(made[0])) as session:
        october = Span(PeriodKind.MONTH, date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 31))
        scope = ReviewScope(ScopeKind.REGION, "安禾东区分公司")
        seen = narrowed(COMMAND_LINE, scope)
        cards = kpi_cards(
            session,
            actor=COMMAND_LINE,
            seen=seen,
            span=october,
            kpis=("policies_per_branch", "scale_premium"),
            today=TODAY,
            scope=scope,
        )
        policies, premium = (reconciliation(card) for card in cards)
        assert policies.difference == -1
        assert 0 < -premium.share < 0.05
        assert "1 件" in cards[0].official_source
