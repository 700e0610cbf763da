"""What `cellctl` says before anything heavy is loaded: its version, and the list of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from cellctl import __version__
from cellctl.cli import COMMANDS, SUMMARY
from cellctl.cli.language import current, translate
from cellctl.cli.points import installed_commands, summary
from cellctl.texts.choice import ENGLISH

HELP = frozenset({"--help", "-h"})
VERSION = "--version"
WIDTH = 100
EXAMPLES = (
    ("cellctl new cell line-3", "write a first cell, with comments"),
    ("cellctl check line-3/cell.yaml --simulated", "every mistake, with file, line and column"),
    ("cellctl run configs/coater.yaml --lockstep --for 10min", "a simulated coater, in virtual time"),
)
FIRST = ("demo", "sim")
"""Commands of the simulator, which stand at the top where it is installed: one looks before one configures."""
TRY = "try it"
USAGE, OTHERS, EXAMPLE_TITLE = "Usage: cellctl COMMAND [OPTIONS]", "of other packages", "examples"
MORE = (
    "`cellctl COMMAND --help` explains one of them; `cellctl --version` says the version.",
    "With `--lang zh-CN`, or LANG=zh_CN.UTF-8, messages are in Chinese.",
)


def spoken() -> set[str]:
    """Every sentence of the overview, for those who translate it."""
    lines = {text for commands in COMMANDS.values() for text in commands.values()}
    return {SUMMARY, USAGE, TRY, OTHERS, EXAMPLE_TITLE, *MORE, *COMMANDS, *lines, *(purpose for _, purpose in EXAMPLES)}


def answer(arguments: list[str]) -> bool:
    """Answer a bare `cellctl`, its `--help` and its `--version`; False for everything else."""
    if not arguments or (set(arguments) <= HELP):
        sys.stdout.write(overview())
    elif arguments == [VERSION]:
        sys.stdout.write(f"{__version__}\n")
    else:
        return False
    return True


def overview() -> str:
    """The root help: groups of commands, those of other packages, examples."""
    others = {name: summary(found) for name, found in installed_commands().items()}
    words = _words()
    first = {name: others.pop(name) for name in FIRST if name in others}
    groups = {TRY: first, **COMMANDS, OTHERS: others}
    width = max(len(name) for commands in groups.values() for name in commands)
    lines = [words(SUMMARY), "", words(USAGE), ""]
    for title, commands in groups.items():
        if commands:
            lines.append(f"{words(title)}:")
            lines += [line for name, text in commands.items() for line in _entry(name, words(text), width)] + [""]
    lines.append(f"{words(EXAMPLE_TITLE)}:")
    for command, purpose in EXAMPLES:
        lines += [f"  {command}", f"      {words(purpose)}"]
    lines += ["", *map(words, MORE)]
    return "\n".join(lines) + "\n"


def _words() -> Callable[[str], str]:
    """English → the reader's language; English itself needs no catalogue."""
    return str if current() == ENGLISH else translate()


def _entry(name: str, text: str, width: int) -> Iterator[str]:
    """`  name   text`, wrapped under itself."""
    line = f"  {name:{width}} "
    for word in text.replace("`", "").split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = " " * (width + 3)
        line += f" {word}"
    yield line
