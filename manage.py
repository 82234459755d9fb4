"""The use cases from the command line. Exit status: 0 done, 1 refused (nothing stored), 2 wrong usage.

Messages for people go to standard error; files named by `--out` and `--json` are for programs.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from core.arguments import count, day, file_to_write, share

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


def fit(arguments: argparse.Namespace) -> int:
    """Re-estimate the numbers of the stage engine from the own store; store them only on request and where better."""
    import json

    from core.calendar import week_start_of
    from core.facts import COMMAND_LINE
    from core.stages.fit_report import TooLittleDataError
    from core.stages.fit_report import fit as fit_numbers
    from core.stages.rule_check import RulesRefusedError, checked_start
    from db.engine import reading, store_url, writing
    from db.stage_facts import fit_facts
    from db.stage_rules import add_stage_rules, refuse_taken_monday
    from db.store_check import check_content

    valid_from = arguments.valid_from or week_start_of(today()) + timedelta(weeks=1)
    try:
        checked_start(valid_from, "fit", today())
    except RulesRefusedError as error:
        say(str(error))
        return WRONG_USAGE
    check_content(store_url())
    try:
        with reading() as session:
            if arguments.store:
                refuse_taken_monday(session, valid_from=valid_from)
            sample, limits = fit_facts(session, as_of=today(), valid_from=valid_from)
        found = fit_numbers(
            sample,
            limits,
            share=arguments.hold_out,
            rounds=arguments.rounds,
            progress=lambda number: say(f"round {number} of {arguments.rounds}"),
        )
    except (RulesRefusedError, TooLittleDataError) as error:
        say(str(error))
        return REFUSED
    for line in found.lines():
        say(line)
    stores = arguments.store and found.is_better
    if stores:
        with writing() as session:
            add_stage_rules(
                session,
                actor=COMMAND_LINE,
                values=found.values,
                valid_from=valid_from,
                note=found.note,
                shown_state=None,
                today=today(),
                write_key=secrets.token_urlsafe(16),
            )
    if arguments.json:
        report = found.as_json(valid_from=valid_from, is_stored=stores)
        arguments.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if stores:
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


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="manage.py", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)

    one = commands.add_parser("upgrade", help="bring the schema to the newest version")
    one.set_defaults(run=upgrade)

    one = commands.add_parser("import", help="import files or a folder")
    one.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    one.add_argument("--kind", choices=["branches", "staff", "contacts", "policies", "statuses"])
    one.add_argument("--dry-run", action="store_true")
    one.add_argument("--partial", type=file_to_write, metavar="REJECTED.csv")
    one.add_argument("--json", type=file_to_write, metavar="REPORT.json")
    one.set_defaults(run=import_)

    one = commands.add_parser("classify", help="write the stage of every branch")
    one.add_argument("--as-of", type=day)
    one.add_argument("--history", action="store_true")
    one.add_argument("--out", type=file_to_write, required=True)
    one.set_defaults(run=classify)

    one = commands.add_parser("cadence", help="write contacts against targets for one week")
    one.add_argument("--week", type=day, required=True)
    one.add_argument("--out", type=file_to_write, required=True)
    one.set_defaults(run=cadence)

    one = commands.add_parser("kpis", help="write the KPIs of a period")
    one.add_argument("--from", dest="first", type=day, required=True)
    one.add_argument("--to", dest="last", type=day, required=True)
    one.add_argument("--by", choices=["branch", "region", "bank", "supervisor"])
    one.add_argument("--out", type=file_to_write, required=True)
    one.set_defaults(run=kpis)

    one = commands.add_parser("fit", help="re-estimate the numbers of the stage engine from the store")
    one.add_argument("--hold-out", type=share, default=0.25, metavar="SHARE", help="of branches; left out, 0.25")
    one.add_argument("--rounds", type=count, default=12, metavar="N", help="left out, 12")
    one.add_argument("--store", action="store_true", help="keep the numbers where they explain others better")
    one.add_argument("--valid-from", type=day, metavar="DATE", help="a Monday; left out, the next one")
    one.add_argument("--json", type=file_to_write, metavar="REPORT.json")
    one.set_defaults(run=fit)

    one = commands.add_parser("generate", help="write synthetic import files")
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--branches", type=int, required=True)
    one.add_argument("--weeks", type=int, required=True)
    one.add_argument("--seed", type=int, required=True)
    one.add_argument("--until", type=day, help="last day; left out, the last Sunday before today")
    one.set_defaults(run=generate)

    one = commands.add_parser("init", help="make and fill a new store")
    one.add_argument("--empty", action="store_true", help="without sample data and demo accounts")
    one.set_defaults(run=init)

    accounts = commands.add_parser("user", help="accounts").add_subparsers(dest="verb", required=True)
    one = accounts.add_parser("add")
    one.add_argument("name")
    one.add_argument("--role", required=True, choices=["admin", "manager", "supervisor", "branch_head"])
    one.add_argument("--region", metavar="PATH")
    one.add_argument("--branch", metavar="CODE")
    one.add_argument("--one-time", action="store_true", help="the password must be changed at the first sign-in")
    one.set_defaults(run=user)
    one = accounts.add_parser("disable")
    one.add_argument("name")
    one.set_defaults(run=user)
    one = accounts.add_parser("password")
    one.add_argument("name")
    one.add_argument("--one-time", action="store_true", help="the password must be changed at the next sign-in")
    one.set_defaults(run=user)
    accounts.add_parser("list").set_defaults(run=user)

    one = commands.add_parser("backup", help="write a consistent copy of the store")
    one.add_argument("file", type=Path)
    one.set_defaults(run=backup)
    one = commands.add_parser("restore", help="put a backup in the place of the store")
    one.add_argument("file", type=Path)
    one.set_defaults(run=restore)
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    from db.engine import StoreError

    arguments = command_line().parse_args(words)
    try:
        status: int = arguments.run(arguments)
    except StoreError as error:
        say(str(error))
        return REFUSED
    return status


if __name__ == "__main__":
    sys.exit(main())
