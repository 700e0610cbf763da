"""Types a page's shell blocks into one shell, word for word, and compares what comes out.

`python tests/docs/session.py DIR PAGE…` does it in DIR and says where it departs; exit status 1 then.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # also when it is run by itself

from tests.docs.pages import blocks

BESIDE = "another terminal"
END = "__END_OF_FILE__"


class Departed(Exception):  # an outcome, not an error of ours
    """What was typed did not do what the page says."""


def run(pages, folder, environment=None, timeout_s=600):
    """Type the blocks of `pages` in order into one shell in `folder`; raises Departed at the first that departs."""
    typed = [block for page in pages for block in blocks(page) if _is_typed(block) and not block.is_exempt]
    outputs = Path(folder) / ".session"
    outputs.mkdir(parents=True)
    script = "\n".join(["set -e", *(_step(number, block, outputs) for number, block in enumerate(typed)), "exit 0"])
    with (outputs / "shell.log").open("w") as log:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=folder, env=(environment or dict(os.environ)), stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            shell.wait(timeout_s)
        finally:
            _end(shell)
    _compare(typed, outputs, (outputs / "shell.log").read_text())


def _is_typed(block):
    return block.language == "sh" or (block.title and block.language != "text") or block.language == "text"


def _step(number, block, outputs):
    """One block as a piece of the script; its output and its exit status go into files."""
    if block.language == "text":
        return ":"
    if block.language != "sh":
        folder = os.path.dirname(block.title) or "."  # noqa: PTH120  # a path of the shell, not of ours
        write = f"mkdir -p '{folder}'\ncat > '{block.title}' <<'{END}'\n{block.text}{END}"
        return f"{write}\necho 0 > '{outputs / str(number)}.status'"
    out, status = outputs / f"{number}.out", outputs / f"{number}.status"
    if block.title == BESIDE:
        return f"( {block.text}\n) > '{out}' 2>&1 &\necho 0 > '{status}'\nsleep 3"
    if block.status:
        return f"set +e\n{{ {block.text}\n}} > '{out}' 2>&1\necho $? > '{status}'\nset -e"
    return f"{{ {block.text}\n}} > '{out}' 2>&1\necho $? > '{status}'"


def _compare(typed, outputs, log):
    said = ""
    for number, block in enumerate(typed):
        if block.language == "text":
            _expect(block, said)
            continue
        out, status = outputs / f"{number}.out", outputs / f"{number}.status"
        said = out.read_text() if out.exists() else ""
        found = status.read_text().strip() if status.exists() else "not reached, or it failed"
        if found != str(block.status):
            raise Departed(
                f"{block.place}: exit status {found}, expected {block.status}\n{block.text}\n"
                f"{said[-3000:]}\n{log[-2000:]}"
            )


def _expect(block, said):
    """Every line of the block comes out, in this order; `…` stands for anything."""
    position = 0
    plain = " ".join(said.split())
    for line in filter(None, map(str.strip, block.text.splitlines())):
        pattern = r".*?".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        found = re.search(pattern, plain[position:])
        if found is None:
            raise Departed(f"{block.place}: this line did not come out:\n  {line}\nbut this did:\n{said[-3000:]}")
        position += found.start() + 1


def _end(shell):
    """Whatever still runs in the session ends with it."""
    for number in (15, 9):
        try:
            os.killpg(shell.pid, number)
        except ProcessLookupError:
            return
        try:
            shell.wait(5)
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    try:
        run([Path(page) for page in sys.argv[2:]], sys.argv[1])
    except Departed as error:
        sys.exit(str(error))
    print("the pages do what they say")
