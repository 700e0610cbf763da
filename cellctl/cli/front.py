"""What `cellctl` says before anything heavy is loaded: its version, and the list of commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from cellctl import __version__
from cellctl.cli import COMMANDS, SUMMARY
from cellctl.cli.points import installed_commands, summary

HELP = frozenset({"--help", "-h"})
VERSION = "--version"
WIDTH = 100
EXAMPLES = (
    ("cellctl new cell line-3", "write a first cell, with comments"),
    ("cellctl check line-3/cell.yaml --simulated", "every mistake, with file, line and column"),
    ("cellctl run configs/coater.yaml --lockstep --for 10min", "a simulated coater, in virtual time"),
)


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
    groups = {**COMMANDS, "of other packages": others}
    width = max(len(name) for commands in groups.values() for name in commands)
    lines = [SUMMARY, "", "Usage: cellctl COMMAND [OPTIONS]", ""]
    for title, commands in groups.items():
        if commands:
            lines += [f"{title}:", *(line for item in commands.items() for line in _entry(*item, width)), ""]
    lines += ["examples:"]
    for command, purpose in EXAMPLES:
        lines += [f"  {command}", f"      {purpose}"]
    lines += [
        "",
        "`cellctl COMMAND --help` explains one of them; `cellctl --version` says the version.",
        "With `--lang zh-CN`, or LANG=zh_CN.UTF-8, messages are in Chinese.",
    ]
    return "\n".join(lines) + "\n"


def _entry(name: str, text: str, width: int) -> Iterator[str]:
    """`  name   text`, wrapped under itself."""
    line = f"  {name:{width}} "
    for word in text.replace("`", "").split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = " " * (width + 3)
        line += f" {word}"
    yield line
