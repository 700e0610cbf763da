"""`--lang`, the locale, and `cellctl explain`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cellctl.cli import COMMANDS
from cellctl.cli.explain import explain
from cellctl.cli.front import overview
from cellctl.cli.language import confirm, said, say, take_option
from cellctl.errors import ConfigError
from cellctl.texts.choice import VARIABLE
from cellctl.texts.explanation import explanations

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """No test depends on the language of the machine."""
    for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "zh-CN", "check", "cell.yaml"],
        ["check", "--lang=zh-CN", "cell.yaml"],
        ["check", "cell.yaml", "--lang", "zh-CN"],
    ],
)
def test_the_option_stands_anywhere(arguments):
    """Before or after the command; the command does not see it."""
    assert take_option(arguments) == ["check", "cell.yaml"]
    assert os.environ[VARIABLE] == "zh-CN"


def test_what_stands_behind_two_dashes_is_not_ours():
    """As everywhere."""
    assert take_option(["run", "--", "--lang", "x"]) == ["run", "--", "--lang", "x"]
    assert os.environ[VARIABLE] == ""


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["--lang"], ["--lang="]])
def test_a_language_without_texts_is_refused(arguments):
    """Also one that was forgotten."""
    take_option(arguments)
    with pytest.raises(ConfigError, match="CELL-1014"):
        confirm()


def test_without_option_every_locale_is_accepted(monkeypatch):
    """A French machine speaks English rather than nothing."""
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    confirm()
    assert say("{count} mistakes", count=2) == "2 mistakes"


def test_an_error_is_said_in_the_readers_language(monkeypatch):
    """The catalogue is asked for each template."""
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    error = ConfigError("CELL-1010", "{path}: unknown key", do="remove it", path="loops.a")
    assert said(error) == "CELL-1010: loops.a：未知的键; 处理: 删除它"


def test_the_list_of_commands_is_in_the_readers_language(monkeypatch):
    """Also before anything is loaded; names of commands stay."""
    monkeypatch.setenv(VARIABLE, "zh-CN")
    shown = overview()
    assert "  check          在运行之前检查单元的配置。" in shown
    assert all(name in shown for commands in COMMANDS.values() for name in commands)


@pytest.mark.parametrize("written", ["CELL-1003", "cell-1003", "1003", " 1003 "])
def test_a_code_is_explained_however_it_is_written(written, capsys):
    """Title, meaning, cause, remedy and example are shown."""
    explain(written)
    shown = capsys.readouterr().out
    assert all(part in shown for part in ("CELL-1003", "What it means", "Usual cause", "What to do", "Wrong", "Right"))


def test_an_explanation_is_in_the_readers_language(capsys, monkeypatch):
    """Also its headings."""
    monkeypatch.setenv(VARIABLE, "zh-CN")
    explain("1003")
    shown = capsys.readouterr().out
    assert "含义" in shown
    assert explanations("zh-CN")["CELL-1003"].title in shown


def test_all_codes_are_listed(capsys):
    """One line each, in order."""
    explain()
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("CELL-")]
    assert listed == list(explanations("en"))


@pytest.mark.parametrize(("written", "near"), [("1049", "CELL-1047"), ("CELL-10O3", "CELL-"), ("9" * 30, "CELL-")])
def test_an_unknown_code_names_those_beside_it(written, near):
    """Whatever was typed."""
    with pytest.raises(ConfigError, match="CELL-1015") as caught:
        explain(written)
    assert near in caught.value.nearest


@pytest.mark.parametrize(
    ("settings", "options", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, [], "loops：应为映射（键: 值），实际为 7"),
        ({"LANG": "C.UTF-8"}, ["--lang", "zh-CN"], "loops：应为映射（键: 值），实际为 7"),
        ({"LANG": "zh_CN.UTF-8"}, ["--lang", "en"], "loops: expected a mapping (key: value), got 7"),
    ],
)
def test_check_speaks_the_readers_language(tmp_path, settings, options, expected):
    """End to end: a broken cell, its place, its code and its mistake, and status 2."""
    cell = tmp_path / "broken.yaml"
    cell.write_text("version: 2\ncell: {id: c1}\ndevices: {}\nloops: 7\n", encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", VARIABLE))}
    done = subprocess.run(
        [sys.executable, "-m", "cellctl", *options, "check", str(cell)],
        env=environment | settings, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert f"{cell}:4:8: CELL-1012: {expected}" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize(
    "command", [["explain", "CELL-1012"], ["check", str(CONFIGS / "coater-full.yaml")], ["--help"]]
)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_terminal_without_the_characters_is_no_reason_to_stop(command, language):
    """What it cannot print, it shows as a number; the status is that of the command."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", VARIABLE: language}
    done = subprocess.run(
        [sys.executable, "-m", "cellctl", *command], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert done.stdout
