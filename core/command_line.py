"""The commands of manage.py and their arguments."""

import argparse
from pathlib import Path

from core.arguments import count, day, file_to_write, share


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="manage.py", description="The use cases from the command line.")
    commands = parser.add_subparsers(dest="command", required=True)

    commands.add_parser("upgrade", help="bring the schema to the newest version")

    one = commands.add_parser("import", help="import files or a folder")
    one.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    one.add_argument("--kind", choices=["branches", "staff", "contacts", "policies", "statuses"])
    one.add_argument("--dry-run", action="store_true")
    one.add_argument("--partial", type=file_to_write, metavar="REJECTED.csv")
    one.add_argument("--json", type=file_to_write, metavar="REPORT.json")

    one = commands.add_parser("classify", help="write the stage of every branch")
    one.add_argument("--as-of", type=day)
    one.add_argument("--history", action="store_true")
    one.add_argument("--out", type=file_to_write, required=True)

    one = commands.add_parser("cadence", help="write contacts against targets for one week")
    one.add_argument("--week", type=day, required=True)
    one.add_argument("--out", type=file_to_write, required=True)

    one = commands.add_parser("kpis", help="write the KPIs of a period")
    one.add_argument("--from", dest="first", type=day, required=True)
    one.add_argument("--to", dest="last", type=day, required=True)
    one.add_argument("--by", choices=["branch", "region", "bank", "supervisor"])
    one.add_argument("--out", type=file_to_write, required=True)

    one = commands.add_parser("pack", help="make the weekly pack: slides, workbook, PDF and digest")
    one.add_argument("--week", type=day, required=True, help="any day of the week")
    one.add_argument("--scope", required=True, metavar="REGION", help="a region path, or all")
    one.add_argument("--out", type=Path, required=True, metavar="DIR")
    one.add_argument("--language", choices=["en", "zh"], help="left out, both")
    one.add_argument("--names", action="store_true", help="persons by their names; left out, by rank and number")

    one = commands.add_parser("fit", help="re-estimate the numbers of the stage engine from the store")
    one.add_argument("--hold-out", type=share, default=0.25, metavar="SHARE", help="of branches; left out, 0.25")
    one.add_argument("--rounds", type=count, default=12, metavar="N", help="left out, 12")
    one.add_argument("--store", action="store_true", help="keep the numbers where they explain others better")
    one.add_argument("--valid-from", type=day, metavar="DATE", help="a Monday; left out, the next one")
    one.add_argument("--json", type=file_to_write, metavar="REPORT.json")

    one = commands.add_parser("generate", help="write synthetic import files")
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--branches", type=int, required=True)
    one.add_argument("--weeks", type=int, required=True)
    one.add_argument("--seed", type=int, required=True)
    one.add_argument("--until", type=day, help="last day; left out, the last Sunday before today")

    one = commands.add_parser("init", help="make and fill a new store")
    one.add_argument("--empty", action="store_true", help="without sample data and demo accounts")

    accounts = commands.add_parser("user", help="accounts").add_subparsers(dest="verb", required=True)
    one = accounts.add_parser("add")
    one.add_argument("name")
    one.add_argument("--role", required=True, choices=["admin", "manager", "supervisor", "branch_head"])
    one.add_argument("--region", metavar="PATH")
    one.add_argument("--branch", metavar="CODE")
    one.add_argument("--one-time", action="store_true", help="the password must be changed at the first sign-in")
    one = accounts.add_parser("disable")
    one.add_argument("name")
    one = accounts.add_parser("password")
    one.add_argument("name")
    one.add_argument("--one-time", action="store_true", help="the password must be changed at the next sign-in")
    accounts.add_parser("list")

    one = commands.add_parser("backup", help="write a consistent copy of the store")
    one.add_argument("file", type=Path)
    one = commands.add_parser("restore", help="put a backup in the place of the store")
    one.add_argument("file", type=Path)
    return parser
