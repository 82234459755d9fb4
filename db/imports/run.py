"""The import as a whole: check everything, then store it in one transaction or not at all.

Command line and Import page share these two verbs: `preview_files` stores nothing and shows the four
piles; `import_files` checks again and stores.
"""

import errno
import functools
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.facts import Actor, RestatementCause, SuggestionState, UserRole
from core.language import Language
from db.access import require_role
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.engine import data_version, is_sample, reading, writing
from db.imports.bulk import indexes_built_once, widen_cache, without_collecting
from db.imports.comparison import TABLES, Compared, compared
from db.imports.datasets import Dataset, column_names
from db.imports.messages import DISK_FULL, SAMPLE_STORE, STORE_BUSY, ImportRefusedError, NotStoredError, Remark
from db.imports.planning import Plan, Progress, as_written, plan_import, working_folder
from db.imports.rejects import reject_tables, reject_workbook, write_reject_csv
from db.imports.report import Counts, Report
from db.imports.sources import ImportFile
from db.imports.storing import Storing, Touched
from db.imports.trail import record_changed_contacts
from db.imports.workbooks import COMMAND_LINE_LIMITS, UPLOAD_LIMITS, Limits
from db.models import ImportBatchRow, PolicyRow, SuggestionRow
from db.rollups import rebuild_rollups, write_alone
from db.stage_shown import Cause

IMPORTERS = (UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR)
SHOWN_ROWS = 200
"""Rows of each pile that a preview lists; the counts cover all."""
DECIDE_STAGES = (Dataset.BRANCHES, Dataset.STAFF, Dataset.POLICIES, Dataset.STATUSES)


@dataclass
class Piles:
    """A preview: what storing would do. Lists hold the first rows of each dataset only.

    `new` and `unchanged_keys` map a dataset to rows; a changed row is (dataset, row, key, column, old, new).
    """

    report: Report
    new: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    changed: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)
    rejects_csv: dict[str, bytes] = field(default_factory=dict)
    rejects_xlsx: bytes | None = None


def import_files(
    url: str,
    files: Sequence[ImportFile],
    *,
    actor: Actor,
    today: date,
    kind: Dataset | None = None,
    limits: Limits = COMMAND_LINE_LIMITS,
    dry_run: bool = False,
    partial: Path | None = None,
    is_partial: bool = False,
    is_for_sample: bool = False,
    language: Language = "en",
    progress: Progress | None = None,
    key: str | None = None,
) -> Report:
    """Check the files and store all of their rows, or none.

    Args:
        url: the store.
        files: what to import, as one set.
        actor: who imports; only rows of branches in scope are taken.
        today: the day in Shanghai.
        kind: what the files hold, where their names do not say it.
        limits: sizes that are accepted.
        dry_run: count what would be stored, store nothing.
        partial: store the good rows and write the rejected ones to this file.
        is_partial: store the good rows; the rejected ones stand in the report only.
        is_for_sample: the store holds the sample city and these are its rows.
        language: of the reasons in the file of rejected rows.
        progress: told the rows checked so far; never called inside the transaction.
        key: drawn with the form; a second submit with it stores nothing and gives the first report's counts.

    Returns:
        The report; `is_stored` tells whether anything was stored, `is_storable` whether it would be.

    Raises:
        NotAllowedError: the role cannot import.
        ImportRefusedError: the store holds the sample city, or no file can be imported.
        NotStoredError: the store could not take the rows; nothing was stored.
    """
    require_role(actor, *IMPORTERS)
    takes_part = is_partial or partial is not None
    check = functools.partial(plan_import, files=list(files), actor=actor, today=today, kind=kind, limits=limits)
    with storing_errors(), without_collecting(), working_folder() as folder:
        with reading(url) as session:
            if is_sample(session) and not is_for_sample and not dry_run:
                raise ImportRefusedError(Remark(SAMPLE_STORE))
            plan = check(session, folder=folder, progress=progress)
            if dry_run and (plan.is_clean or takes_part):
                _count_piles(session, plan, None)
        if partial is not None:
            write_rejects(plan, files, partial, language)
        plan.report.is_storable = (plan.is_clean or takes_part) and _has_something(plan)
        if dry_run or not plan.report.is_storable:
            return plan.report
        with writing(url) as session:
            write_alone(session)
            first = first_result(session, key=key, actor=actor) if key else None
            if first is not None:
                return _first_report(plan.report, first)
            if data_version(session) != plan.data_version:
                plan = check(session, folder=_fresh(folder))
                if partial is not None:
                    write_rejects(plan, files, partial, language)
                if not (plan.is_clean or takes_part):
                    return plan.report
            _store(session, plan, actor=actor, today=today)
            if key:
                keep_result(session, key=key, actor=actor, result=_result(plan.report))
        return plan.report


def preview_files(
    url: str,
    files: Sequence[ImportFile],
    *,
    actor: Actor,
    today: date,
    language: Language,
    limits: Limits = UPLOAD_LIMITS,
    progress: Progress | None = None,
) -> Piles:
    """Check the files and say what storing them would do; nothing is stored.

    Raises:
        NotAllowedError: the role cannot import.
    """
    require_role(actor, *IMPORTERS)
    with without_collecting(), working_folder() as folder, reading(url) as session:
        plan = plan_import(
            session, list(files), actor=actor, today=today, folder=folder, limits=limits, progress=progress
        )
        piles = Piles(plan.report)
        _count_piles(session, plan, piles)
        if plan.rejects.count:
            tables = reject_tables(plan.rejects, plan.sources.sheets, language)
            for dataset, (titles, rows) in tables.items():
                path = folder / f"rejected.{dataset.value}.csv"
                write_reject_csv(path, titles, rows)
                piles.rejects_csv[dataset.value] = path.read_bytes()
            piles.rejects_xlsx = reject_workbook(tables)
        return piles


def write_rejects(plan: Plan, files: Sequence[ImportFile], path: Path, language: Language) -> None:
    """Write the rejected rows: one CSV a dataset, the first under the given name, or one workbook.

    Files of an earlier import under these names, which would look like those of this one, are taken
    away, but none that is imported.
    """
    tables = reject_tables(plan.rejects, plan.sources.sheets, language)
    written: list[Path] = []
    named = [path]
    if path.suffix.lower() == ".xlsx":
        if tables:
            path.write_bytes(reject_workbook(tables))
            written.append(path)
    else:
        named += [_beside(path, dataset) for dataset in Dataset]
        for dataset, (titles, rows) in tables.items():
            target = path if not written else _beside(path, dataset)
            write_reject_csv(target, titles, rows)
            written.append(target)
    imported = {file.path.resolve() for file in files}
    for old in named:
        if old not in written and old.resolve() not in imported:
            old.unlink(missing_ok=True)
    plan.report.rejected_files = [str(each) for each in written]


def _beside(path: Path, dataset: Dataset) -> Path:
    return path.with_name(f"{path.stem}.{dataset.value}{path.suffix}")


def _fresh(folder: Path) -> Path:
    again = folder / "again"
    again.mkdir()
    return again


def _has_something(plan: Plan) -> bool:
    """Tell whether there is anything to store; files with a header and no rows are fine."""
    return plan.is_clean or any(spool.kept for spool in plan.spools.values())


def _count_piles(session: Session, plan: Plan, piles: Piles | None) -> None:
    for dataset, spool in plan.spools.items():
        names = column_names(dataset)
        for chunk in spool.chunks():
            sheet = plan.sources.sheets[chunk.sheet]
            result = compared(session, dataset, chunk, sheet.present)
            _add_counts(plan.report, sheet.file, dataset, result)
            if piles is None:
                continue
            listed = piles.new.setdefault(dataset.value, [])
            for at in result.new[: max(SHOWN_ROWS - len(listed), 0)]:
                listed.append(
                    {name: as_written(name, column[at]) for name, column in zip(names, chunk.columns, strict=True)}
                )
            for change in result.changed[: max(SHOWN_ROWS - len(piles.changed), 0)]:
                shown_key = (
                    chunk.columns[0][change.place]
                    if dataset is not Dataset.CONTACTS
                    else chunk.columns[-1][change.place]
                )
                for column, (old, new) in change.columns.items():
                    shown = as_written(column, old), as_written(column, new)
                    piles.changed.append((dataset.value, chunk.rows[change.place], shown_key, column, *shown))


def _add_counts(report: Report, file: str, dataset: Dataset, result: Compared) -> None:
    for counts in (report.of(file).counts, report.counts_by_dataset.setdefault(dataset.value, Counts())):
        counts.inserted += len(result.new)
        counts.updated += len(result.changed)
        counts.unchanged += result.unchanged


def _store(session: Session, plan: Plan, *, actor: Actor, today: date) -> None:
    widen_cache(session)
    batch = ImportBatchRow(
        imported_at=utc_now(),
        imported_by=account_of(actor),
        source_names=", ".join(plan.report.files),
        digest=plan.sources.digest,
        counts={},
    )
    session.add(batch)
    session.flush()
    storing = Storing(session, batch_id=batch.id, today=today)
    for dataset, spool in plan.spools.items():
        with indexes_built_once(session, cast("Table", TABLES[dataset].__table__), rows=spool.kept):
            for chunk in spool.chunks():
                sheet = plan.sources.sheets[chunk.sheet]
                result = storing.store(dataset, chunk, sheet.present)
                _add_counts(plan.report, sheet.file, dataset, result)
    storing.finish()
    sum_touched(session, storing.touched)
    if any(storing.touched.rows[dataset] for dataset in DECIDE_STAGES):
        from db.stage_history import recompute_stages  # brings pandas along, which contacts alone spare

        cause = Cause(RestatementCause.IMPORT, import_batch_id=batch.id, user_id=account_of(actor))
        recompute_stages(session, as_of=today, cause=cause)
    if session.scalar(select(SuggestionRow.id).where(SuggestionRow.state == SuggestionState.TAKEN).limit(1)):
        from db.action_upkeep import renew_actions  # brings pandas along

        renew_actions(session, as_of=today)
    plan.report.is_stored = True
    plan.report.import_batch_id = batch.id
    counts = {name: vars(part).copy() for name, part in plan.report.counts_by_dataset.items()}
    batch.counts = {**counts, "rejected": plan.report.counts.rejected}
    record_changed_contacts(session, actor=actor, import_batch_id=batch.id)
    record_audit(
        session,
        actor=actor,
        action="import",
        subject="import_batch",
        subject_id=batch.id,
        after={"files": batch.source_names, **vars(plan.report.counts)},
    )


def sum_touched(session: Session, touched: Touched) -> None:
    """Bring the weekly sums up to the changed rows; all policies anew where most of them are new."""
    rebuild_rollups(
        session,
        branch_ids=touched.branches[Dataset.CONTACTS],
        weeks=touched.weeks[Dataset.CONTACTS],
        staff_ids=touched.people,
        policies=False,
    )
    if touched.rows[Dataset.POLICIES]:
        everything = touched.rows[Dataset.POLICIES] * 3 > session.query(PolicyRow.id).count()
        rebuild_rollups(
            session,
            branch_ids=None if everything else touched.branches[Dataset.POLICIES],
            weeks=None if everything else touched.weeks[Dataset.POLICIES],
            contacts=False,
        )


@contextmanager
def storing_errors() -> Iterator[None]:
    """Say in plain words why the store could not take the rows."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        words = str(getattr(error, "orig", error)).lower()
        if "full" in words or "disk i/o" in words or "no space" in words:
            raise NotStoredError(Remark(DISK_FULL)) from error
        if "locked" in words or "timeout" in words:
            raise NotStoredError(Remark(STORE_BUSY)) from error
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NotStoredError(Remark(DISK_FULL)) from error
        raise


def _result(report: Report) -> dict[str, Any]:
    return {"import_batch_id": report.import_batch_id, **vars(report.counts)}


def _first_report(report: Report, first: dict[str, Any]) -> Report:
    """Return the report of a second submit: what the first one stored."""
    report.is_stored = True
    report.import_batch_id = first.get("import_batch_id")
    part = next(iter(report.files.values()))
    for each in report.files.values():
        each.counts = Counts(rejected=each.counts.rejected)
    part.counts = Counts(**{name: first.get(name, 0) for name in vars(Counts())})
    return report
