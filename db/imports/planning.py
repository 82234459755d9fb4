"""Checking a whole file set: what would be stored, what is refused and why. Nothing is stored here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import COMMAND_LINE, Actor
from db.engine import data_version
from db.imports.checking import DatasetCheck
from db.imports.comparison import natural_keys, stored_rows
from db.imports.datasets import KEY_COLUMN, Dataset, column_names, dataset_named
from db.imports.intervals import overlapping_rows
from db.imports.messages import (
    HIDDEN_ROWS,
    HIDDEN_SHEET,
    NOT_YOURS,
    OVERLAP,
    PRIVATE_COLUMN,
    SAME_KEY,
    FileRefusedError,
    Remark,
)
from db.imports.references import OPEN_END, OPEN_START, References, StaffFact, references
from db.imports.rejects import Rejects
from db.imports.report import Counts, Finding, Report
from db.imports.sources import ImportFile, Sheet, Sources, open_sources
from db.imports.spool import Spool
from db.imports.values import Cell, shown
from db.imports.workbooks import Limits
from db.models import ImportBatchRow, UserRow

_EXPLAINED = 50_000
"""Conflicts whose rows are looked up in one pass over the spool."""

Progress = Callable[[int], None]
"""Told how many rows have been checked so far."""


@dataclass
class Plan:
    """The checked rows of a file set, on disk for as long as the plan is open."""

    sources: Sources
    report: Report
    rejects: Rejects
    folder: Path
    data_version: int
    spools: dict[Dataset, Spool] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Tell whether every row of every file is good."""
        return self.report.errors_total == 0


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a folder for the time of one import; only its owner can read it."""
    with TemporaryDirectory(prefix="branch-coach-") as folder:
        yield Path(folder)


def plan_import(
    session: Session,
    files: list[ImportFile],
    *,
    actor: Actor,
    today: date,
    folder: Path,
    limits: Limits,
    kind: Dataset | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Check every row of the files against the contract and the store.

    Args:
        session: any session; nothing is written.
        files: what to import.
        actor: whose branches bound what may come in.
        today: no contact and no policy may be dated later.
        folder: where checked rows wait.
        limits: sizes that are accepted.
        kind: what the files hold, where their names do not say it.
        progress: told the rows checked so far.
    """
    sources = open_sources(files, folder=folder, limits=limits, kind=kind)
    report = Report()
    for file in files:
        report.of(file.name)
    report.earlier = _earlier_import(session, sources.digest)
    plan = Plan(sources, report, Rejects(folder), folder, data_version(session))
    for name, error in sources.refused:
        report.add_error(_finding(name, error))
    for name, sheet in sources.ignored_sheets:
        report.of(name).ignored_sheets.append(sheet)
    known = references(session, actor=actor)
    for name, _ in sources.refused:
        refused = kind or dataset_named(Path(name).stem)
        if refused is not None:
            known.refused_files.setdefault(refused, name)
    checked = 0

    def count(rows: int) -> None:
        nonlocal checked
        checked += rows
        if progress:
            progress(checked)

    for dataset in Dataset:
        numbered = [(at, sheet) for at, sheet in enumerate(sources.sheets) if sheet.dataset is dataset]
        if numbered:
            plan.spools[dataset] = _check_dataset(
                session, plan, dataset, numbered, known=known, today=today, count=count
            )
    return plan


def _earlier_import(session: Session, digest: str) -> tuple[datetime, str] | None:
    row = session.execute(
        select(ImportBatchRow.imported_at, UserRow.display_name)
        .outerjoin(UserRow, UserRow.id == ImportBatchRow.imported_by)
        .where(ImportBatchRow.digest == digest, ImportBatchRow.undone_at.is_(None))
        .order_by(ImportBatchRow.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1] or COMMAND_LINE.display_name)


def _finding(name: str, error: FileRefusedError) -> Finding:
    return Finding(name, error.sheet, error.row, error.column, "", error.remark)


def _check_dataset(
    session: Session,
    plan: Plan,
    dataset: Dataset,
    numbered: list[tuple[int, Sheet]],
    *,
    known: References,
    today: date,
    count: Progress,
) -> Spool:
    spool = Spool(plan.folder, dataset.value)
    check = DatasetCheck(
        dataset,
        known=known,
        today=today,
        report=plan.report,
        spool=spool,
        rejects=plan.rejects,
        stored=partial(stored_rows, session, dataset),
    )
    for at, sheet in numbered:
        if not (_take_header(plan.report, sheet) and _take_rows(plan.report, check, at, sheet, count)):
            known.refused_files.setdefault(dataset, sheet.file)
    refused = {
        Dataset.BRANCHES: known.refused_branches,
        Dataset.STAFF: known.refused_staff,
    }.get(dataset, set())
    _settle_repeats(plan, dataset, spool, refused)
    if not known.sees_all:
        _refuse_foreign(session, plan, dataset, spool, known)
    for at, rows in spool.kept_by_sheet().items():
        plan.report.of(plan.sources.sheets[at].file).counts.accepted += rows
        plan.report.counts_by_dataset.setdefault(dataset.value, Counts()).accepted += rows
    if dataset in {Dataset.BRANCHES, Dataset.STAFF}:
        for chunk in spool.chunks():
            _learn(known, dataset, chunk.columns)
    return spool


def _take_header(report: Report, sheet: Sheet) -> bool:
    """Put what the header says into the report; tell whether rows can be read."""
    part = report.of(sheet.file)
    if sheet.dataset.value not in part.datasets:
        part.datasets.append(sheet.dataset.value)
    header = sheet.header
    part.ignored_columns.extend(title for title in (*header.ignored, *header.private))
    for title in header.private:
        report.add_warning(Finding(sheet.file, sheet.sheet, header.row, title, "", Remark(PRIVATE_COLUMN)))
    if sheet.workbook is not None and sheet.workbook.is_hidden:
        report.add_warning(Finding(sheet.file, sheet.sheet, None, None, "", Remark(HIDDEN_SHEET)))
    if sheet.workbook is not None and sheet.workbook.hidden_rows:
        remark = Remark(HIDDEN_ROWS, {"count": sheet.workbook.hidden_rows})
        report.add_warning(Finding(sheet.file, sheet.sheet, None, None, "", remark))
    for column, value, remark in header.problems:
        report.add_error(Finding(sheet.file, sheet.sheet, header.row, column, shown(value), remark))
    return not header.problems


def _take_rows(report: Report, check: DatasetCheck, at: int, sheet: Sheet, count: Progress) -> bool:
    """Check the rows; tell whether all could be read."""
    try:
        for numbers, rows in sheet.chunks():
            check.take(at, sheet, numbers, rows)
            count(len(rows))
    except FileRefusedError as error:
        report.add_error(Finding(sheet.file, sheet.sheet, error.row, error.column, "", error.remark))
        return False
    return True


def _settle_repeats(plan: Plan, dataset: Dataset, spool: Spool, refused: set[str]) -> None:
    """Refuse rows that share a key and differ; warn of intervals of one branch that overlap. Each names its rival."""
    same_key = Remark(SAME_KEY, {"key": KEY_COLUMN[dataset]})
    for row, column, key, told in _named_rivals(plan, spool, spool.settle_repeats(), same_key):
        _refuse(plan, row, column, key, told)
        refused.add(key)
    if dataset is Dataset.STATUSES:
        for (at, number, _), column, key, told in _named_rivals(plan, spool, overlapping_rows(spool), Remark(OVERLAP)):
            sheet = plan.sources.sheets[at]
            plan.report.add_warning(Finding(sheet.file, sheet.sheet, number, column, shown(key, is_code=True), told))


def _named_rivals(
    plan: Plan, spool: Spool, conflicts: list[tuple[int, int]], remark: Remark
) -> Iterator[tuple[tuple[int, int, list[str]], str, str, Remark]]:
    """Give each row of a conflict with its key column, its key, and the remark that names its rival."""
    for first in range(0, len(conflicts), _EXPLAINED):
        pairs = conflicts[first : first + _EXPLAINED]
        rows = spool.rows_at([place for pair in pairs for place in pair])
        for place, rival in pairs:
            dataset = plan.sources.sheets[rows[place][0]].dataset
            key_column = KEY_COLUMN[dataset]
            key = rows[place][2][column_names(dataset).index(key_column)]
            rival_sheet, rival_row, _ = rows[rival]
            file = plan.sources.sheets[rival_sheet].file
            told = replace(remark, values={**remark.values, "row": rival_row, "file": file})
            yield rows[place], key_column, key, told


def _refuse_foreign(session: Session, plan: Plan, dataset: Dataset, spool: Spool, known: References) -> None:
    """Refuse rows whose key is stored at a branch the actor may not see."""
    for chunk in spool.chunks():
        stored = stored_rows(session, dataset, chunk)
        foreign = {key for key, row in stored.items() if row.branch_code not in known.branches}
        if not foreign:
            continue
        keys = natural_keys(dataset, chunk)
        places = [at for at, key in enumerate(keys) if key in foreign]
        key_column = KEY_COLUMN[dataset]
        key_place = column_names(dataset).index(key_column)
        firsts = _places_in_spool(spool, chunk.first, [chunk.rows[at] for at in places])
        for at in places:
            cells = [column[at] for column in chunk.columns]
            _refuse(plan, (chunk.sheet, chunk.rows[at], cells), key_column, cells[key_place], Remark(NOT_YOURS))
        spool.skip(np.asarray(firsts, dtype=np.int64))


def _places_in_spool(spool: Spool, first: int, rows: list[int]) -> list[int]:
    """Return the places of rows of one chunk, which may have been thinned since."""
    wanted = set(rows)
    for chunk in spool.chunks(with_skipped=True):
        if chunk.first == first:
            return [first + at for at, row in enumerate(chunk.rows) if row in wanted]
    return []


def _refuse(plan: Plan, row: tuple[int, int, list[str]], column: str, value: str, remark: Remark) -> None:
    number, row_number, values = row
    sheet = plan.sources.sheets[number]
    plan.report.add_error(Finding(sheet.file, sheet.sheet, row_number, column, shown(value, is_code=True), remark))
    plan.report.of(sheet.file).counts.rejected += 1
    by_place = {
        sheet.header.places[name]: as_written(name, words)
        for name, words in zip(column_names(sheet.dataset), values, strict=True)
        if name in sheet.header.places
    }
    cells: list[Cell] = [by_place.get(place, "") for place in range(sheet.header.width)]
    plan.rejects.add(number, row_number, cells, [(column, remark)])


def as_written(name: str, words: str) -> str:
    """Return canonical text as a file writes it: money in yuan again."""
    return f"{Decimal(words) / 100:.2f}" if name == "premium" and words else words


def _learn(known: References, dataset: Dataset, columns: list[Sequence[str]]) -> None:
    if dataset is Dataset.BRANCHES:
        known.learn_branches(zip(columns[0], columns[5], strict=True))
    elif dataset is Dataset.STAFF:
        known.learn_staff(
            StaffFact(code, branch, role, joined or OPEN_START, left or OPEN_END)
            for code, branch, _name, role, joined, left in zip(*columns, strict=True)
        )
