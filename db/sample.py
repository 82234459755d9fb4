"""The sample store: an invented city, imported by the code every import takes, with its demo accounts.

It is made in a private folder beside its place and moved there at the end, so that a start that
was killed leaves nothing half made and two starts at once do no harm. Demo accounts are made in
this one file only; a store that `DATABASE_URL` names gets the city without them.
"""

import os
import tempfile
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import COMMAND_LINE, Actor, UserRole
from core.passwords import hash_of
from core.sample.files import FILE_NAMES, write_city
from core.sample.plan import CityPlan, names
from core.sample.steps import SampleStep
from db import engine
from db.engine import SAMPLE, StoreError, engine_of, reading, sqlite_url, writing
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.models import BranchRow, OrgUnitRow, StoreFactRow
from db.sample_diagnoses import leave_diagnoses
from db.sample_handover import change_a_head
from db.sample_plans import leave_plans
from db.sample_reviews import hold_reviews
from db.sample_traces import leave_traces
from db.store_check import is_empty_file, prepare_store, shown
from db.table_copy import has_rows
from db.users import create_user

SAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "sample_data"
DEMO_PASSWORD = "branch-demo-2026"  # noqa: S105  # shown on the sign-in page of the sample store, opens nothing else
Progress = Callable[[float, SampleStep], None]
"""Told the share done, 0 to 1, and the step that is under way."""

CHECKED_SHARE = 0.5
STORED_SHARE = 0.9


def city_plan(*, until: date | None = None) -> CityPlan:
    """Return the plan of the sample city up to a day; without one as the files in `sample_data/` have it."""
    arguments = tomllib.loads((SAMPLE_FOLDER / "city.toml").read_text(encoding="utf-8"))
    return CityPlan(**(arguments | ({"until": until} if until else {})))


def write_sample_files(folder: Path = SAMPLE_FOLDER) -> dict[str, int]:
    """Write the import files of `sample_data/` anew and return the rows of each."""
    return write_city(city_plan(), folder)


def make_sample_store(path: Path, *, today: date, progress: Progress | None = None) -> None:
    """Make the sample store with its demo accounts, where there is none yet.

    Raises:
        StoreError: the place cannot be written.
    """
    if not is_empty_file(path):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".branch-coach-", dir=path.parent)
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be written: {error.strerror}") from error
    with folder as place:
        made = Path(place) / path.name
        url = sqlite_url(made)
        try:
            prepare_store(url)
            fill_with_sample(url, today=today, progress=progress)
            _tell(progress, STORED_SHARE, SampleStep.ACCOUNTS)
            change_a_head(url, today=today)
            with writing(url) as session:
                actors = _make_demo_accounts(session)
                supervisor, manager = actors[UserRole.SUPERVISOR], actors[UserRole.MANAGER]
                leave_traces(session, supervisor=supervisor, today=today)
                leave_plans(session, supervisor=supervisor, manager=manager, today=today)
                hold_reviews(session, supervisor=supervisor, manager=manager, today=today)
                leave_diagnoses(session, supervisor=supervisor, manager=manager, today=today)
        finally:
            engine_of(url).dispose()
        _move_into_place(made, path)
    _tell(progress, 1.0, SampleStep.ACCOUNTS)


def init_store(*, is_empty: bool, today: date, progress: Progress | None = None) -> str:
    """Make a new store and return its URL.

    Where `DATABASE_URL` names one: the sample city without demo accounts, or nothing. Where it does
    not: the sample's own file with its demo accounts, or the company's file without anything.

    Raises:
        StoreError: there is a store already.
    """
    url = engine.configured_url()
    if url:
        prepare_store(url)
        with reading(url) as session:
            if has_rows(session):
                raise StoreError(f"the store at {shown(url)} holds data already; it was left as it is")
        if not is_empty:
            fill_with_sample(url, today=today, progress=progress)
        return url
    path = engine.COMPANY_FILE if is_empty else engine.SAMPLE_FILE
    if not is_empty_file(path):
        raise StoreError(f"there is a store at {path} already; it was left as it is")
    if is_empty:
        prepare_store(sqlite_url(path))
    else:
        make_sample_store(path, today=today, progress=progress)
    return sqlite_url(path)


def fill_with_sample(url: str, *, today: date, progress: Progress | None = None) -> None:
    """Fill an empty, migrated store with the sample city up to yesterday and mark it as sample.

    Raises:
        StoreError: the store holds something already.
    """
    _tell(progress, 0.0, SampleStep.DRAW)
    with writing(url) as session:
        if has_rows(session):
            raise StoreError(f"the store at {shown(url)} holds data already; sample data go into an empty store only")
        session.merge(StoreFactRow(key=SAMPLE, value=1))
    with tempfile.TemporaryDirectory() as place:
        rows = write_city(city_plan(until=today - timedelta(days=1)), Path(place))
        total = sum(rows.values())
        _tell(progress, 0.05, SampleStep.CHECK)

        def checked(count: int) -> None:
            share = min(1.0, count / total)
            step = SampleStep.CHECK if share < 1 else SampleStep.STORE
            _tell(progress, 0.05 + (CHECKED_SHARE - 0.05) * share, step)

        files = [ImportFile(name, Path(place) / name) for name in FILE_NAMES]
        report = import_files(
            url, files, actor=COMMAND_LINE, today=today, is_for_sample=True, progress=checked if progress else None
        )
    if not report.is_stored:
        raise StoreError("the sample city was refused by the import; this is a fault of the program")


def _make_demo_accounts(session: Session) -> dict[UserRole, Actor]:
    """Make one account for each role: a region, its first supervisor's branches, one of these."""
    rows = names()["demo"]["accounts"]
    lead = next(row["username"] for row in rows if row["role"] == UserRole.SUPERVISOR)
    own = session.execute(
        select(BranchRow.branch_code, OrgUnitRow.path)
        .join(OrgUnitRow, OrgUnitRow.id == BranchRow.org_unit_id)
        .where(BranchRow.supervisor == lead)
        .order_by(BranchRow.branch_code)
    ).all()
    branch_code, region = own[0]
    password_hash = hash_of(DEMO_PASSWORD)
    actors = {}
    for row in rows:
        role = UserRole(row["role"])
        made = create_user(
            session,
            actor=COMMAND_LINE,
            username=row["username"],
            display_name=row["display_name"],
            role=role,
            password_hash=password_hash,
            is_one_time=False,
            region_path=region.split("/")[0] if role is UserRole.MANAGER else None,
            branch_code=branch_code if role is UserRole.BRANCH_HEAD else None,
            is_demo=True,
        )
        actors[role] = Actor(
            made.user_id,
            row["username"],
            row["display_name"],
            role,
            region_path=region.split("/")[0] if role is UserRole.MANAGER else None,
        )
    return actors


def _move_into_place(made: Path, path: Path) -> None:
    """Give the finished store its name unless another start was faster."""
    if path.exists() and path.stat().st_size == 0:
        path.unlink()
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a disk without hard links
        if not path.exists():
            made.rename(path)


def _tell(progress: Progress | None, share: float, step: SampleStep) -> None:
    if progress is not None:
        progress(share, step)
