"""Import files for tests: written as text, imported with the plain defaults."""

from datetime import date
from pathlib import Path

from core.facts import COMMAND_LINE
from db.imports.run import import_files, preview_files
from db.imports.sources import files_below
from db.imports.workbooks import COMMAND_LINE_LIMITS

TODAY = date(2026, 11, 22)
BRANCHES = (
    "branch_code,branch_name,bank,region,city,cooperation_start,supervisor,status,status_since,size_tier\n"
    "00123,人民路支行,青禾银行,浙江分公司/杭州中支,杭州,2024-01-01,li,active,,A\n"
    "00456,解放路支行,青禾银行,浙江分公司/宁波中支,宁波,2024-01-01,wang,active,,B\n"
)
STAFF = (
    "staff_code,branch_code,staff_name,role,joined_on,left_on\n"
    "0001,00123,甲,wealth_manager,2024-01-01,\n"
    "0002,00456,乙,teller,2024-01-01,2026-06-30\n"
)
CONTACTS = (
    "contact_date,branch_code,staff_code,role,method,supervisor,minutes,topic,note,contact_ref\n"
    "2026-11-16,00123,0001,,visit,li,30,产品,聊了新品,C1\n"
    "2026-11-17,00123,,teller,phone,li,,,,\n"
)
POLICIES = (
    "policy_ref,issued_on,branch_code,staff_code,product,payment_mode,premium,customer_tier,status,cancelled_on\n"
    'P0001,2026-11-16,00123,0001,年金,regular,"1,234.50",mass,,\n'
    "P0002,2026-11-17,00123,,终身寿,single,50000,,cancelled,2026-11-18\n"
)


def write(folder: Path, encoding: str = "utf-8", **texts: str) -> Path:
    """Write files named like the datasets."""
    folder.mkdir(exist_ok=True)
    for name, words in texts.items():
        (folder / f"{name}.csv").write_bytes(words.encode(encoding))
    return folder


def network(folder: Path) -> Path:
    """Write the two branches and their people."""
    return write(folder, branches=BRANCHES, staff=STAFF)


def imported(store: str, *paths: Path, actor=COMMAND_LINE, today=TODAY, **more):
    """Import files or folders; return the report."""
    files, ignored = files_below(list(paths))
    report = import_files(store, files, actor=actor, today=today, **more)
    report.ignored_files = ignored
    return report


def previewed(store: str, *paths: Path, actor=COMMAND_LINE, language="en", limits=COMMAND_LINE_LIMITS):
    """Return the piles of files or folders."""
    return preview_files(store, files_below(list(paths))[0], actor=actor, today=TODAY, language=language, limits=limits)


def counts(report):
    """Return inserted, updated, unchanged, rejected."""
    total = report.counts
    return total.inserted, total.updated, total.unchanged, total.rejected


def errors(report):
    """Return row, column, value and English message of each error."""
    return [(each.row, each.column, each.value, each.remark.said("en")) for each in report.errors]


def places(report):
    """Return row and column of each error."""
    return [(each.row, each.column) for each in report.errors]
