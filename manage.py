"""The use cases from the command line. Exit status: 0 done, 1 refused (nothing stored), 2 wrong usage.

Messages for people go to standard error; files named by `--out` and `--json` are for programs.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.command_line import command_line

DONE, REFUSED, WRONG_USAGE = 0, 1, 2


def today() -> date:
    """Return today's date in Shanghai; everything below takes it as an argument."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def say(message: str) -> None:
    """Tell a person something."""
    print(message, file=sys.stderr)


def upgrade(_arguments: argparse.Namespace) -> int:
    """Bring the schema to the newest version."""
    from db.store_check import prepare_store, shown, stores_to_upgrade

    for url in stores_to_upgrade():
        prepare_store(url)
        say(f"the store at {shown(url)} has the newest schema")
    return DONE


def import_(arguments: argparse.Namespace) -> int:
    """Import files or a folder, into the company's own store where `DATABASE_URL` names none."""
    from core.facts import COMMAND_LINE
    from db.engine import StoreError
    from db.imports.datasets import Dataset
    from db.imports.messages import ImportRefusedError
    from db.imports.report import Report, report_lines
    from db.imports.run import import_files
    from db.imports.sources import ImportFile, files_below
    from db.imports.target import import_target

    files: list[ImportFile] = []
    try:
        files, ignored = files_below(arguments.paths)
        with import_target() as target:
            report = import_files(
                target.url,
                files,
                actor=COMMAND_LINE,
                today=today(),
                kind=Dataset(arguments.kind) if arguments.kind else None,
                dry_run=arguments.dry_run,
                partial=arguments.partial,
            )
            target.is_used = report.is_stored
        report.ignored_files = ignored
    except (ImportRefusedError, StoreError) as error:
        report = Report(reason=str(error))
    fault = report.write(arguments.json) if arguments.json else None
    for line in [*report_lines(report), *([fault] if fault else [])]:
        say(line)
    if report.is_stored:
        return DONE
    if report.reason:
        return REFUSED if files else WRONG_USAGE
    say("nothing was stored" + (" (dry run)" if arguments.dry_run else ""))
    return DONE if arguments.dry_run and report.is_storable else REFUSED


def classify(arguments: argparse.Namespace) -> int:
    """Write the stage of every branch."""
    from core.calendar import last_complete_week
    from core.reports.program_files import write_ready_csv
    from core.stages.lines import CLASSIFIED
    from db.engine import reading, store_url
    from db.stage_facts import last_week
    from db.stage_history import classified_rows
    from db.store_check import check_content

    check_content(store_url())
    with reading() as session:
        week = last_complete_week(arguments.as_of) if arguments.as_of else last_week(session, as_of=today())
        rows = classified_rows(session, week_start=week, with_history=arguments.history) if week else ()
        write_ready_csv(arguments.out, CLASSIFIED, rows)
    return DONE


def cadence(arguments: argparse.Namespace) -> int:
    """Write contacts against targets for one week."""
    from core.cadence.weeks import FILE_COLUMNS, file_rows
    from core.calendar import provisional_years, week_start_of
    from core.facts import COMMAND_LINE
    from core.reports.program_files import write_program_csv
    from db.cadence import FutureWeekError, cadence_weeks
    from db.engine import reading, store_url
    from db.store_check import check_content

    check_content(store_url())
    week = week_start_of(arguments.week)
    with reading() as session:
        try:
            weeks = cadence_weeks(session, actor=COMMAND_LINE, first_week=week, last_week=week, today=today())
        except FutureWeekError as error:
            say(str(error))
            return WRONG_USAGE
    for year in provisional_years([week, week + timedelta(days=6)]):
        say(f"no statutory calendar of {year} is known yet: Monday to Friday without its fixed holidays are counted")
    write_program_csv(arguments.out, FILE_COLUMNS, file_rows(weeks))
    return DONE


def kpis(arguments: argparse.Namespace) -> int:
    """Write the KPIs of a period."""
    from core.facts import COMMAND_LINE
    from core.kpis.table import FILE_COLUMNS, file_rows
    from core.reports.program_files import write_program_csv
    from db.engine import reading, store_url
    from db.kpis import kpis_by
    from db.store_check import check_content

    first, last = arguments.first, arguments.last
    if last < first:
        say(f"--to {last} is before --from {first}")
        return WRONG_USAGE
    check_content(store_url())
    by = ["all"] if arguments.by is None else [arguments.by, "all"]
    with reading() as session:
        tables = kpis_by(session, actor=COMMAND_LINE, start=first, end=last, by=by, today=today())
    rows = [row for table in tables for row in file_rows(table, start=first, end=last)]
    write_program_csv(arguments.out, FILE_COLUMNS, rows)
    return DONE


def pack(arguments: argparse.Namespace) -> int:
    """Make the weekly pack, keep it in the archive and write its files."""
    from db.access import NotAllowedError
    from db.pack_folder import FutureReviewError, write_packs

    try:
        write_packs(arguments, today=today(), say=say)
    except (NotAllowedError, FutureReviewError) as error:
        say(str(error))
        return WRONG_USAGE
    except OSError as error:
        say(f"{arguments.out} cannot be written: {error.strerror}")
        return REFUSED
    return DONE


def fit(arguments: argparse.Namespace) -> int:
    """Re-estimate the numbers of the stage engine from the own store; store them only on request and where better."""
    import json

    from core.calendar import week_start_of
    from core.stages.fit_report import TooLittleDataError
    from core.stages.rule_check import RulesRefusedError, checked_start
    from db.engine import store_url
    from db.stage_fit import fit_store, keep_fit
    from db.store_check import check_content

    valid_from = arguments.valid_from or week_start_of(today()) + timedelta(weeks=1)
    try:
        checked_start(valid_from, "fit", today())
    except RulesRefusedError as error:
        say(str(error))
        return WRONG_USAGE
    check_content(store_url())
    try:
        found = fit_store(
            valid_from=valid_from,
            today=today(),
            share=arguments.hold_out,
            rounds=arguments.rounds,
            is_kept=arguments.store,
            progress=lambda number: say(f"round {number} of {arguments.rounds}"),
        )
    except (RulesRefusedError, TooLittleDataError) as error:
        say(str(error))
        return REFUSED
    for line in found.lines():
        say(line)
    keeps = arguments.store and found.is_better
    if keeps:
        keep_fit(found, valid_from=valid_from, today=today())
    if arguments.json:
        report = found.as_json(valid_from=valid_from, is_stored=keeps)
        arguments.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if keeps:
        say(f"stored: holds from {valid_from} on; earlier weeks keep their rules")
    elif arguments.store:
        say("not stored: the new numbers do not explain the branches held out better")
        return REFUSED
    else:
        say("nothing was stored; add --store to keep the numbers" if found.is_better else "nothing was stored")
    return DONE


def generate(arguments: argparse.Namespace) -> int:
    """Write synthetic import files."""
    from core.calendar import last_sunday_before
    from core.sample.files import write_city
    from core.sample.plan import CityPlan

    try:
        until = arguments.until or last_sunday_before(today())
        plan = CityPlan(arguments.branches, arguments.weeks, arguments.seed, until)
    except ValueError as error:
        say(str(error))
        return WRONG_USAGE
    try:
        rows = write_city(plan, arguments.folder)
    except OSError as error:
        say(f"{arguments.folder} cannot be written: {error.strerror}")
        return REFUSED
    say(f"until {until}: " + ", ".join(f"{name} {count:,} rows" for name, count in rows.items()))
    return DONE


def init(arguments: argparse.Namespace) -> int:
    """Make a new store."""
    from core.sample.steps import each_step_once
    from db.sample import init_store
    from db.store_check import shown

    tell = each_step_once("en", say)
    say(f"the store is {shown(init_store(is_empty=arguments.empty, today=today(), progress=tell))}")
    return DONE


def user(arguments: argparse.Namespace) -> int:
    """Add, disable, list accounts, set a password."""
    from core.accounts import AccountError
    from db.engine import store_url
    from db.store_check import check_store

    url = store_url()
    check_store(url)
    try:
        return _USER_VERBS[arguments.verb](url, arguments)
    except (AccountError, LookupError) as error:
        say(str(error).strip('"'))
        return REFUSED


def _add_user(url: str, arguments: argparse.Namespace) -> int:
    from core.facts import COMMAND_LINE, UserRole
    from db import users
    from db.engine import writing

    password_hash = _new_password(arguments.name)
    if password_hash is None:
        return REFUSED
    bounds = {"region_path": arguments.region, "branch_code": arguments.branch}
    with writing(url) as session:
        users.create_user(
            session,
            actor=COMMAND_LINE,
            username=arguments.name,
            display_name=arguments.name,
            role=UserRole(arguments.role),
            password_hash=password_hash,
            is_one_time=arguments.one_time,
            **bounds,
        )
        if not users.bound_is_known(session, actor=COMMAND_LINE, **bounds):
            say("that region or branch is not in the store yet: the account sees nothing until it is imported")
    say(f"{arguments.name}: {arguments.role}")
    return DONE


def _disable_user(url: str, arguments: argparse.Namespace) -> int:
    from core.facts import COMMAND_LINE
    from db import users
    from db.engine import writing

    with writing(url) as session:
        user_id, version = users.user_id_of(session, actor=COMMAND_LINE, username=arguments.name)
        users.set_active(session, actor=COMMAND_LINE, user_id=user_id, version=version, is_active=False)
    say(f"{arguments.name}: disabled, all sessions ended")
    return DONE


def _set_password(url: str, arguments: argparse.Namespace) -> int:
    from core.facts import COMMAND_LINE
    from db import users
    from db.engine import reading, writing

    with reading(url) as session:
        user_id, version = users.user_id_of(session, actor=COMMAND_LINE, username=arguments.name)
    password_hash = _new_password(arguments.name)
    if password_hash is None:
        return REFUSED
    with writing(url) as session:
        users.reset_password(
            session,
            actor=COMMAND_LINE,
            user_id=user_id,
            version=version,
            password_hash=password_hash,
            is_one_time=arguments.one_time,
        )
    say(f"{arguments.name}: new password, all sessions ended")
    return DONE


def _list_users(url: str, _arguments: argparse.Namespace) -> int:
    from core.facts import COMMAND_LINE
    from db import users
    from db.engine import reading

    with reading(url) as session:
        for account in users.accounts(session, actor=COMMAND_LINE):
            state = "active" if account.is_active else "disabled"
            print(account.username, account.role, account.region_path or account.branch_code or "-", state, sep="\t")
    return DONE


_USER_VERBS = {"add": _add_user, "disable": _disable_user, "password": _set_password, "list": _list_users}


def _new_password(username: str) -> str | None:
    """Read a new password and return its hash, None where it breaks a rule."""
    from core.passwords import hash_of, password_fault, password_fault_words

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            say("the two passwords differ")
            return None
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    fault = password_fault(password, username=username)
    if fault:
        say(password_fault_words("en", fault))
        return None
    return hash_of(password)


def backup(arguments: argparse.Namespace) -> int:
    """Write a consistent copy of the store."""
    from db.backup import back_up
    from db.engine import store_url

    rows = back_up(store_url(), arguments.file).rows
    say(f"{arguments.file}: {sum(rows.values()):,} rows in {len(rows)} tables, proved")
    return DONE


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the store."""
    from db.backup import restore as put_back
    from db.engine import store_url

    done = put_back(store_url(), arguments.file)
    say(f"restored the backup of {done.backup.made_at:%Y-%m-%d %H:%M} UTC; everybody has to sign in again")
    say(f"what stood there before is kept in {done.replaced}" if done.replaced else "nothing stood there before")
    return DONE


RUNS = {
    "upgrade": upgrade,
    "import": import_,
    "classify": classify,
    "cadence": cadence,
    "kpis": kpis,
    "pack": pack,
    "fit": fit,
    "generate": generate,
    "init": init,
    "user": user,
    "backup": backup,
    "restore": restore,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    from db.engine import StoreError

    arguments = command_line().parse_args(words)
    try:
        status = RUNS[arguments.command](arguments)
    except StoreError as error:
        say(str(error))
        return REFUSED
    return status


if __name__ == "__main__":
    sys.exit(main())
