"""Arguments of the command line: days, numbers, and files to write, read from words."""

import argparse
import os
from datetime import date
from pathlib import Path

from core.facts import FIRST_DAY, LAST_DAY


def day(words: str) -> date:
    """Read a day such as 2026-01-05.

    Raises:
        ArgumentTypeError: it is no day, or none that data can be of.
    """
    try:
        found = date.fromisoformat(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{words!r} is not a day; write it as 2026-01-05") from error
    if not FIRST_DAY <= found <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"{words} is too far away; days from {FIRST_DAY} to {LAST_DAY} are accepted")
    return found


def share(words: str) -> float:
    """Read a share such as 0.25.

    Raises:
        ArgumentTypeError: it is no number above 0 and below 1.
    """
    try:
        number = float(words)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{words!r} is not a share; write a number above 0 and below 1, such as 0.25")
    return number


def count(words: str) -> int:
    """Read a whole number from 1 on.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not words.isascii() or not words.isdigit() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"{words!r} is not a number from 1 on")
    return int(words)


def file_to_write(words: str) -> Path:
    """Read the name of a file that can be written, before any work is done for it.

    Raises:
        ArgumentTypeError: its folder does not exist, it is a folder itself, or it may not be written.
    """
    path = Path(words)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{words} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {path.parent} does not exist; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{words} may not be written; name another file")
    return path
