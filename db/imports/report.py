"""What became of an import: counts, errors and warnings for each file, for people and programs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.language import Language, text
from db.imports.messages import Remark

TOLD = 50
"""Errors that are told in words; the rest stands in the report file."""
CAP = 1_000
"""Errors, and warnings, that a report lists; the totals count all."""


@dataclass(frozen=True)
class Finding:
    """One error or warning. `row` as the spreadsheet numbers it; `value` masked and cut."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    value: str
    remark: Remark

    def as_row(self, language: Language) -> dict[str, Any]:
        """Return the finding as the report writes it."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.remark.said(language),
        }


@dataclass
class Counts:
    """Rows of a file. Accepted = inserted + updated + unchanged once stored; equal repeats count once."""

    accepted: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def add(self, other: "Counts") -> None:
        """Add the rows of another file."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class FileReport:
    """What became of one file."""

    file: str
    datasets: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    errors: list[Finding] = field(default_factory=list)
    errors_total: int = 0
    warnings: list[Finding] = field(default_factory=list)
    warnings_total: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    ignored_sheets: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What became of a file set. `earlier` says when the same bytes were imported and by whom.

    `is_storable` tells whether a real run would store something, `rejected_files` where the rows
    that were left out are written, `reason` why no row was looked at.
    """

    files: dict[str, FileReport] = field(default_factory=dict)
    ignored_files: list[str] = field(default_factory=list)
    earlier: tuple[datetime, str] | None = None
    rejected_files: list[str] = field(default_factory=list)
    is_storable: bool = False
    is_stored: bool = False
    reason: str | None = None
    import_batch_id: int | None = None
    counts_by_dataset: dict[str, Counts] = field(default_factory=dict)

    def of(self, file: str) -> FileReport:
        """Return the part of one file."""
        return self.files.setdefault(file, FileReport(file))

    def add_error(self, finding: Finding) -> None:
        """Count an error and list it while there is room."""
        part = self.of(finding.file)
        if self.errors_total < CAP:
            part.errors.append(finding)
        part.errors_total += 1

    def add_warning(self, finding: Finding) -> None:
        """Count a warning and list it while there is room."""
        part = self.of(finding.file)
        if self.warnings_total < CAP:
            part.warnings.append(finding)
        part.warnings_total += 1

    @property
    def errors_total(self) -> int:
        """Return how many errors there are in all."""
        return sum(part.errors_total for part in self.files.values())

    @property
    def warnings_total(self) -> int:
        """Return how many warnings there are in all."""
        return sum(part.warnings_total for part in self.files.values())

    @property
    def errors(self) -> list[Finding]:
        """Return the listed errors of all files."""
        return [finding for part in self.files.values() for finding in part.errors]

    @property
    def warnings(self) -> list[Finding]:
        """Return the listed warnings of all files."""
        return [finding for part in self.files.values() for finding in part.warnings]

    @property
    def counts(self) -> Counts:
        """Return the rows of all files together."""
        total = Counts()
        for part in self.files.values():
            total.add(part.counts)
        return total

    def as_json(self, language: Language = "en") -> dict[str, Any]:
        """Return the machine-readable report of the command line."""
        return {
            "stored": self.is_stored,
            "reason": self.reason,
            "import_batch": self.import_batch_id,
            **vars(self.counts),
            "errors_total": self.errors_total,
            "warnings_total": self.warnings_total,
            "errors": _rows(self.errors, language),
            "warnings": _rows(self.warnings, language),
            "ignored_files": self.ignored_files,
            "rejected_files": self.rejected_files,
            "already_imported": None
            if self.earlier is None
            else {"at": self.earlier[0].isoformat(), "by": self.earlier[1]},
            "files": [
                {
                    "file": part.file,
                    "datasets": part.datasets,
                    **vars(part.counts),
                    "errors": _rows(part.errors, language),
                    "errors_total": part.errors_total,
                    "warnings": _rows(part.warnings, language),
                    "warnings_total": part.warnings_total,
                    "ignored_columns": part.ignored_columns,
                    "ignored_sheets": part.ignored_sheets,
                }
                for part in self.files.values()
            ],
        }

    def write(self, path: Path) -> str | None:
        """Write the machine-readable report; return why it cannot be written, None where it was."""
        try:
            path.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            return f"{path} cannot be written: {error.strerror}"
        return None


def _rows(findings: Iterable[Finding], language: Language) -> list[dict[str, Any]]:
    return [finding.as_row(language) for finding in findings]


def report_lines(report: Report, language: Language = "en") -> list[str]:
    """Return what to tell a person at the command line, errors first."""
    if report.reason:
        return [report.reason]
    lines = [_finding_line(finding, language) for finding in report.errors[:TOLD]]
    if report.errors_total > TOLD:
        lines.append(text(language, "{count} errors in all; --json writes the first 1,000", count=report.errors_total))
    lines += [_finding_line(finding, language) for finding in report.warnings[:TOLD]]
    if report.warnings_total > TOLD:
        lines.append(text(language, "{count} warnings in all", count=report.warnings_total))
    for part in report.files.values():
        if part.ignored_columns:
            names = ", ".join(part.ignored_columns)
            lines.append(text(language, "{file}: columns ignored: {names}", file=part.file, names=names))
    if report.ignored_files:
        lines.append(text(language, "files ignored: {names}", names=", ".join(report.ignored_files)))
    if report.rejected_files:
        lines.append(text(language, "rejected rows are written to {names}", names=", ".join(report.rejected_files)))
    if report.earlier is not None:
        at, who = report.earlier
        lines.append(text(language, "already imported on {day} by {who}", day=f"{at:%Y-%m-%d %H:%M} UTC", who=who))
    counts = report.counts
    lines.append(
        text(
            language,
            "{accepted} rows good ({inserted} new, {updated} changed, {unchanged} unchanged), {rejected} rejected",
            **vars(counts),
        )
    )
    return lines


def _finding_line(finding: Finding, language: Language) -> str:
    place = [finding.file, finding.sheet, finding.row and f"row {finding.row}", finding.column]
    shown = f" {finding.value!r}" if finding.value else ""
    return f"{', '.join(str(part) for part in place if part)}:{shown} {finding.remark.said(language)}"
