"""Checking a sheet chunk by chunk, column by column, each distinct cell read once.

Good rows go to the spool as canonical text, bad rows with their reasons to the rejects, errors and
warnings to the report. The order of columns is that of the dataset.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from core.facts import PolicyStatus, UserRole
from db.imports.comparison import Stored, natural_keys
from db.imports.datasets import CODE_KINDS, COLUMNS, ROLE_WORDS, Column, Dataset, column_names
from db.imports.keys import key_digests
from db.imports.messages import (
    BEFORE_COOPERATION,
    CANCELLED_IN_FORCE,
    END_BEFORE_START,
    FILE_REFUSED,
    IDENTITY,
    NO_ACCOUNT,
    NOT_YOUR_NAME,
    NOT_YOURS,
    OTHER_BRANCH,
    OUT_OF_POST,
    ROLE_DIFFERS,
    ROLE_MISSING,
    ROW_WIDTH,
    UNKNOWN_STAFF,
    Remark,
)
from db.imports.plain_columns import plain_column
from db.imports.references import NOBODY, OPEN_END, OPEN_START, References, StaffFact
from db.imports.rejects import Rejects, as_entered
from db.imports.report import Finding, Report
from db.imports.sources import Sheet
from db.imports.spool import Spool, SpooledChunk
from db.imports.values import Cell, CellReader, Read, Reading, reader_of, shown

MEMO_SIZE = 100_000
ACCEPTED_ROLES = Column("role", "岗位", "enum", words=ROLE_WORDS).accepted

Problem = tuple[str, Cell, Remark]
StoredRows = Callable[[SpooledChunk], dict[Any, Stored]]


@dataclass
class Rows:
    """One chunk under check: canonical columns, the cells they came from, problems by place."""

    numbers: Sequence[int]
    cells: list[list[Cell]]
    values: dict[str, Sequence[str]] = field(default_factory=dict)
    problems: dict[int, list[Problem]] = field(default_factory=dict)

    def flag(self, place: int, column: str, cell: Cell, remark: Remark) -> None:
        """Note a problem of one cell."""
        self.problems.setdefault(place, []).append((column, cell, remark))


class DatasetCheck:
    """The check of all sheets of one dataset; keeps what was read of each distinct cell."""

    def __init__(
        self,
        dataset: Dataset,
        *,
        known: References,
        today: date,
        report: Report,
        spool: Spool,
        rejects: Rejects,
        stored: StoredRows,
    ) -> None:
        """Prepare one reader a column; `stored` finds the stored rows with the keys of a chunk."""
        self.dataset = dataset
        self.known = known
        self.report = report
        self.spool = spool
        self.rejects = rejects
        self.stored = stored
        reading = Reading(today)
        self._readers: dict[str, CellReader] = {column.name: reader_of(column, reading) for column in COLUMNS[dataset]}
        self._memos: dict[str, dict[Cell, Read]] = {column.name: {} for column in COLUMNS[dataset]}
        self._branch_problems: dict[str, Remark | None] = {}
        self._supervisors_told: set[tuple[str, str]] = set()
        self._refused_files_told: set[tuple[str, str | None, str]] = set()

    def take(self, number: int, sheet: Sheet, numbers: Sequence[int], rows: list[list[Cell]]) -> None:
        """Check one chunk of the sheet; `number` is the sheet's place in the import."""
        chunk = self._even_rows(number, sheet, numbers, as_entered(sheet, rows))
        if not chunk.cells:
            return
        self._read_columns(sheet, chunk)
        if chunk.problems and _drop_blank_rows(chunk, set(sheet.header.places.values())):
            chunk.problems.clear()
            if not chunk.cells:
                return
            self._read_columns(sheet, chunk)
        _CROSS_CHECKS[self.dataset](self, sheet, chunk)
        if chunk.problems:
            self._set_aside(number, sheet, chunk)
        if chunk.cells:
            self._warn(sheet, chunk)
            columns = [chunk.values[name] for name in column_names(self.dataset)]
            keys = key_digests(self.dataset, columns)
            contents = np.array(list(map(hash, zip(*columns, strict=True))), dtype=np.int64)  # for this process only
            self.spool.append(number, chunk.numbers, keys, contents, columns)

    def _even_rows(self, number: int, sheet: Sheet, numbers: Sequence[int], rows: list[list[Cell]]) -> Rows:
        width = sheet.header.width
        if set(map(len, rows)) == {width}:
            return Rows(numbers, rows)
        even = Rows([], [])
        kept: list[int] = []
        for row_number, cells in zip(numbers, rows, strict=True):
            if not cells:
                continue
            if sheet.csv is not None and (len(cells) < width or any(cells[width:])):
                remark = Remark(ROW_WIDTH, {"cells": len(cells), "columns": width})
                padded = (cells + [""] * width)[:width]
                self._reject(number, sheet, row_number, padded, [("", str(cells[0]), remark)])
                continue
            kept.append(row_number)
            even.cells.append((cells + [""] * width)[:width])
        even.numbers = kept
        return even

    def _read_columns(self, sheet: Sheet, chunk: Rows) -> None:
        by_place = list(zip(*chunk.cells, strict=True))
        for column in COLUMNS[self.dataset]:
            place = sheet.header.places.get(column.name)
            if place is None:
                chunk.values[column.name] = [column.default] * len(chunk.cells)
                continue
            cells = by_place[place]
            plain = plain_column(column, cells)
            if plain is not None:
                chunk.values[column.name] = plain
                continue
            chunk.values[column.name] = self._read_column(column, cells, chunk)

    def _read_column(self, column: Column, cells: Sequence[Cell], chunk: Rows) -> Sequence[str]:
        memo = self._memos[column.name]
        distinct = set(cells)
        if len(memo) > MEMO_SIZE:
            memo.clear()
        reader = self._readers[column.name]
        has_bad = False
        for cell in distinct:
            read = memo.get(cell)
            if read is None:
                read = memo[cell] = reader(cell)
            has_bad = has_bad or isinstance(read, Remark)
        values = list(map(memo.__getitem__, cells))
        if not has_bad:
            return values  # type: ignore[return-value]  # no remark is among them
        good: list[str] = []
        for place, read in enumerate(values):
            if isinstance(read, Remark):
                chunk.flag(place, column.name, cells[place], read)
                good.append("")
            else:
                good.append(read)
        return good

    def check_branches(self, chunk: Rows) -> None:
        """Flag rows of branches that are not known to the actor."""
        codes = chunk.values["branch_code"]
        told = self._branch_problems
        for code in set(codes):
            if code and code not in told:
                told[code] = self.known.branch_problem(code)
        if any(told.get(code) for code in set(codes)):
            for place, code in enumerate(codes):
                remark = told.get(code)
                if remark is not None:
                    chunk.flag(place, "branch_code", code, remark)

    def check_people(self, chunk: Rows) -> list[StaffFact]:
        """Flag codes of nobody at the branch; return the person of each row, NOBODY where none is given."""
        codes, branches = chunk.values["staff_code"], chunk.values["branch_code"]
        people = [self.known.staff.get(code, NOBODY) for code in codes]
        unknown = set(codes).difference(self.known.staff)
        unknown.discard("")
        if not unknown and not self.known.refused_staff:
            own = [fact[1] or branch for fact, branch in zip(people, branches, strict=True)]
            if own == list(branches):
                return people
        facts = [self.known.person(code, branch) for code, branch in zip(codes, branches, strict=True)]
        moved = self._moved_since(chunk, facts)
        for place, (code, branch, fact) in enumerate(zip(codes, branches, facts, strict=True)):
            if place in moved:
                people[place] = moved[place]
            elif isinstance(fact, Remark):
                if branch not in self.known.refused_branches and not self._is_unchecked(branch):
                    chunk.flag(place, "staff_code", code, fact)
                people[place] = NOBODY
        return people

    def _moved_since(self, chunk: Rows, facts: Sequence[StaffFact | Remark]) -> dict[int, StaffFact]:
        """Return who belonged to the branch when the row was first imported: a later move changes no history."""
        doubts = {OTHER_BRANCH} if self.known.sees_all else {OTHER_BRANCH, UNKNOWN_STAFF}
        places = [at for at, fact in enumerate(facts) if isinstance(fact, Remark) and fact.source in doubts]
        if not places:
            return {}
        names = column_names(self.dataset)
        columns: list[Sequence[str]] = [[chunk.values[name][at] for at in places] for name in names]
        rows = SpooledChunk(0, 0, places, key_digests(self.dataset, columns).tolist(), columns)
        stored = self.stored(rows)
        branch, code = (columns[names.index(name)] for name in ("branch_code", "staff_code"))
        moved: dict[int, StaffFact] = {}
        for at, (place, key) in enumerate(zip(places, natural_keys(self.dataset, rows), strict=True)):
            found = dict(zip(names, stored[key].values, strict=True)) if key in stored else {}
            if (found.get("branch_code"), found.get("staff_code")) == (branch[at], code[at]):
                person = self.known.staff.get(code[at])
                role = person.role if person else found.get("role", "")
                moved[place] = StaffFact(code[at], branch[at], role, OPEN_START, OPEN_END)
        return moved

    def _is_unchecked(self, branch_code: str) -> bool:
        problem = self._branch_problems.get(branch_code)
        return problem is not None and problem.source == FILE_REFUSED

    def check_order(self, chunk: Rows, start: str, end: str) -> None:
        """Flag rows whose end lies before their start."""
        for place, (first, last) in enumerate(zip(chunk.values[start], chunk.values[end], strict=True)):
            if first and last and last < first:
                chunk.flag(place, end, last, Remark(END_BEFORE_START, {"start": first}))

    def warn(self, sheet: Sheet, row: int, column: str, value: str, remark: Remark) -> None:
        """Add a warning to the report."""
        self.report.add_warning(Finding(sheet.file, sheet.sheet, row, column, shown(value, is_code=True), remark))

    def _warn(self, sheet: Sheet, chunk: Rows) -> None:
        if "supervisor" in chunk.values:
            names = list(chunk.values["supervisor"])
            for place, name in sorted((names.index(name), name) for name in set(names) - self.known.usernames):
                if name and (sheet.file, name) not in self._supervisors_told:
                    self._supervisors_told.add((sheet.file, name))
                    self.warn(sheet, chunk.numbers[place], "supervisor", name, Remark(NO_ACCOUNT))
        day_column = {Dataset.CONTACTS: "contact_date", Dataset.POLICIES: "issued_on"}.get(self.dataset)
        if day_column is None:
            return
        starts = self.known.branches
        days, codes = chunk.values[day_column], chunk.values["branch_code"]
        for place in [at for at, (day, code) in enumerate(zip(days, codes, strict=True)) if day < starts[code]]:
            remark = Remark(BEFORE_COOPERATION, {"start": starts[codes[place]]})
            self.warn(sheet, chunk.numbers[place], day_column, days[place], remark)

    def _set_aside(self, number: int, sheet: Sheet, chunk: Rows) -> None:
        for place in sorted(chunk.problems):
            self._reject(number, sheet, chunk.numbers[place], chunk.cells[place], chunk.problems[place])
            for column, refused in (
                ("branch_code", self.known.refused_branches if self.dataset is Dataset.BRANCHES else None),
                ("staff_code", self.known.refused_staff if self.dataset is Dataset.STAFF else None),
            ):
                if refused is not None and chunk.values[column][place]:
                    refused.add(chunk.values[column][place])
        bad = chunk.problems.keys()
        _keep(chunk, [place for place in range(len(chunk.cells)) if place not in bad])

    def _reject(self, number: int, sheet: Sheet, row: int, cells: list[Cell], problems: list[Problem]) -> None:
        kinds = {column.name: column.kind for column in COLUMNS[self.dataset]}
        for column, cell, remark in problems:
            if remark.source == FILE_REFUSED:
                told = (sheet.file, sheet.sheet, column)
                if told in self._refused_files_told:
                    continue
                self._refused_files_told.add(told)
            value = shown(cell, is_code=kinds.get(column) in CODE_KINDS and remark.source != IDENTITY)
            self.report.add_error(Finding(sheet.file, sheet.sheet, row, column or None, value, remark))
        self.report.of(sheet.file).counts.rejected += 1
        self.rejects.add(number, row, cells, [(column, remark) for column, _, remark in problems])


def _drop_blank_rows(chunk: Rows, used: set[int]) -> bool:
    """Take out rows without anything in them; a blank under a merged cell is something in a column that is used."""
    blank = {
        place
        for place in chunk.problems
        if not any(_is_filled(cell, is_used=at in used) for at, cell in enumerate(chunk.cells[place]))
    }
    if blank:
        _keep(chunk, [place for place in range(len(chunk.cells)) if place not in blank])
    return bool(blank)


def _is_filled(cell: Cell, *, is_used: bool) -> bool:
    if isinstance(cell, str):
        return bool(cell.strip())
    return is_used or cell[0] not in {"f", "m"}


def _keep(chunk: Rows, places: list[int]) -> None:
    chunk.numbers = [chunk.numbers[place] for place in places]
    chunk.cells = [chunk.cells[place] for place in places]
    chunk.values = {name: [values[place] for place in places] for name, values in chunk.values.items()}
    chunk.problems = {}


def _check_branches(check: DatasetCheck, sheet: Sheet, chunk: Rows) -> None:
    values = chunk.values
    says_supervisor = "supervisor" in sheet.present
    rows = zip(values["branch_code"], values["region"], values["supervisor"], strict=True)
    for place, (code, region, supervisor) in enumerate(rows):
        named = supervisor if says_supervisor else None
        remark = check.known.new_branch_problem(code, region, named) if code and region else None
        if remark is not None:
            chunk.flag(place, "branch_code", code, remark)


def _check_staff(check: DatasetCheck, _sheet: Sheet, chunk: Rows) -> None:
    check.check_branches(chunk)
    check.check_order(chunk, "joined_on", "left_on")
    if check.known.hidden_staff:
        for place, code in enumerate(chunk.values["staff_code"]):
            if code in check.known.hidden_staff:
                chunk.flag(place, "staff_code", code, Remark(NOT_YOURS))


def _check_contacts(check: DatasetCheck, sheet: Sheet, chunk: Rows) -> None:
    check.check_branches(chunk)
    people = check.check_people(chunk)
    named = chunk.values["role"]
    roles = [fact.role or role for fact, role in zip(people, named, strict=True)]
    if not all(roles):
        staff = chunk.values["staff_code"]
        for place, role in enumerate(roles):
            flagged = any(column in {"role", "staff_code"} for column, _, _ in chunk.problems.get(place, ()))
            if not role and not staff[place] and not flagged:
                chunk.flag(place, "role", "", Remark(ROLE_MISSING, {"accepted": ACCEPTED_ROLES}))
    actor = check.known.actor
    if actor.role is UserRole.SUPERVISOR:
        for place, name in enumerate(chunk.values["supervisor"]):
            if name and name != actor.username:
                chunk.flag(place, "supervisor", name, Remark(NOT_YOUR_NAME, {"username": actor.username}))
    for place, (fact, role) in enumerate(zip(people, named, strict=True)):
        if role and fact.role and role != fact.role and place not in chunk.problems:
            remark = Remark(ROLE_DIFFERS, {"role": fact.role})
            check.warn(sheet, chunk.numbers[place], "role", role, remark)
    chunk.values["role"] = roles
    _warn_out_of_post(check, sheet, chunk, people, "contact_date")


def _check_policies(check: DatasetCheck, sheet: Sheet, chunk: Rows) -> None:
    check.check_branches(chunk)
    people = check.check_people(chunk)
    check.check_order(chunk, "issued_on", "cancelled_on")
    for place, (status, day) in enumerate(zip(chunk.values["status"], chunk.values["cancelled_on"], strict=True)):
        if day and status == PolicyStatus.IN_FORCE:
            chunk.flag(place, "cancelled_on", day, Remark(CANCELLED_IN_FORCE))
    _warn_out_of_post(check, sheet, chunk, people, "issued_on")


def _warn_out_of_post(check: DatasetCheck, sheet: Sheet, chunk: Rows, people: list[StaffFact], day_column: str) -> None:
    days = chunk.values[day_column]
    outside = [at for at, (fact, day) in enumerate(zip(people, days, strict=True)) if not fact[3] <= day <= fact[4]]
    for place in outside:
        if place not in chunk.problems:
            check.warn(sheet, chunk.numbers[place], day_column, days[place], Remark(OUT_OF_POST))


def _check_statuses(check: DatasetCheck, _sheet: Sheet, chunk: Rows) -> None:
    check.check_branches(chunk)
    check.check_order(chunk, "from", "to")


_CROSS_CHECKS: dict[Dataset, Callable[[DatasetCheck, Sheet, Rows], None]] = {
    Dataset.BRANCHES: _check_branches,
    Dataset.STAFF: _check_staff,
    Dataset.CONTACTS: _check_contacts,
    Dataset.POLICIES: _check_policies,
    Dataset.STATUSES: _check_statuses,
}
