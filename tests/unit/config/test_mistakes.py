"""Seeded mistakes: whole cells with something wrong, and what the check says of them, word for word.

Each folder of tests/golden/mistakes holds a cell, its tag table, and `expected.txt`, written from the file: the
line and column are those at which an engineer would look.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cellctl.config.source.input_path import DATA_VARIABLE
from cellctl.texts.choice import VARIABLE

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "mistakes"
BASE = GOLDEN / "base"
CASES = sorted(path for path in GOLDEN.iterdir() if path != BASE)
LINE = re.compile(r"(cell\.yaml|tags\.csv):\d+:\d+: CELL-1\d{3}: .+; do: .+")


CHILD = """
import contextlib, io, json, os, sys, traceback
from cellctl.cli.app import run_app
found = {}
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.argv = ["cellctl", "check", "cell.yaml"]
    status, said = 0, io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try: run_app()
        except SystemExit as end: status = end.code
        except Exception: traceback.print_exc()
    found[folder] = status, said.getvalue()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[int, str]]:
    """Folder → status and messages of `cellctl check cell.yaml` in it, as the command line gives them."""
    folders = [str(path) for path in (BASE, *CASES)]
    environment = {name: value for name, value in os.environ.items() if name != DATA_VARIABLE} | {VARIABLE: "en"}
    done = subprocess.run([sys.executable, "-c", CHILD, *folders], env=environment, capture_output=True, check=True)
    return {
        folder: (status, text.replace(f"{folder}/", "")) for folder, (status, text) in json.loads(done.stdout).items()
    }


def test_there_are_sixty():
    """So many kinds of mistakes are seeded at least."""
    assert len(CASES) >= 60


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_the_check_says_what_is_expected(folder, said):
    """Every mistake of the file and no other, in order, with the words that help; the status is that of bad input."""
    assert said[str(folder)] == (2, (folder / "expected.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_what_is_expected_follows_the_grammar(folder):
    """Line, column, code, reason and remedy in each line, and their number at the end."""
    *lines, count = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert count == (f"{len(lines)} mistakes" if len(lines) > 1 else "1 mistake")
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_the_cell_without_a_mistake_is_sound(said):
    """The negative control: what every case was made from."""
    assert said[str(BASE)] == (0, "")


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_case_differs_from_the_sound_cell(folder):
    """Something was changed, in the cell or in its table."""
    assert any((folder / name).read_bytes() != (BASE / name).read_bytes() for name in ("cell.yaml", "tags.csv"))
